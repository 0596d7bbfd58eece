"""Forms: what is written is what is read, wherever the table stands on its sheet."""

import unicodedata
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from pandera.errors import SchemaErrors

from povsim import forms
from povsim.findings import errors
from povsim.forms import Head, Line, is_total
from povsim.forms.reading import address
from povsim.vocabulary import Flow, Group, Indicator, Period, checked

MADE = datetime(2025, 1, 1)
HEAD = Head("Huyện Kon Rẫy", 2024, forms.SAMPLE_MARK)
NAMES = ["Đăk Kôi", "Đăk Rve"]


def write(folder: Path, sheets: dict[str, list[Line]], **notes: str) -> Path:
    path = folder / "biểu.xlsx"
    head = replace(HEAD, through=10) if "TX" in sheets else HEAD
    forms.write(path, head, sheets, notes, MADE)
    return path


def filled(form: str, names: list[str] = NAMES, start: int = 1) -> list[Line]:
    """A form with another number in every cell."""
    found = forms.forms()[form]
    numbers = iter(range(start, 100_000))
    return [
        Line(name, line, {column.item: next(numbers) for column in found.counts})
        for name in names
        for line in found.lines
    ]


def lines(sheet: forms.FormSheet) -> list[Line]:
    return [Line(row.name, row.line, row.counts) for row in sheet.rows]


def move(path: Path, rows: int = 0, columns: int = 0) -> None:
    """Insert rows above and columns before every table."""
    workbook = load_workbook(path)
    for page in workbook:
        for merged in list(page.merged_cells.ranges):
            page.unmerge_cells(str(merged))
        page.insert_rows(4, rows) if rows else None
        page.insert_cols(1, columns) if columns else None
    workbook.save(path)


# --- Written and read ------------------------------------------------------------------------

COUNT = st.integers(0, 10**7) | st.none()


@pytest.mark.parametrize("form", forms.forms())
@settings(max_examples=10)
@given(data=st.data())
def test_what_is_written_is_what_is_read(form, data, tmp_path_factory):
    found = forms.forms()[form]
    written = [
        Line(name, line, {item: count for item, count in counts.items() if count is not None})
        for name in NAMES
        for line in found.lines
        for counts in [data.draw(st.fixed_dictionaries({c.item: COUNT for c in found.counts}))]
    ]
    assume(any(line.counts for line in written))
    reading = forms.read(write(tmp_path_factory.mktemp("forms"), {form: written}))
    assert reading.findings == []
    (sheet,) = reading.sheets
    kept = written if len(found.lines) > 1 else [line for line in written if line.counts]
    assert lines(sheet) == kept
    assert (sheet.form.id, sheet.year, sheet.sample) == (form, 2024, True)
    assert sheet.period == Period(2024, 10 if form == "TX" else 12)


def test_printed_rates_are_those_of_the_counts(tmp_path):
    counts = {"households": 7378, "persons": 0, "poor": 1834, "poor_persons": 0}
    (sheet,) = forms.read(write(tmp_path, {"F1": [Line("Đăk Kôi", "households", counts)]})).sheets
    assert sheet.rows[0].shares == {"poor_share": (24.86, 2)}  # no rate of nobody, nor of a blank


def test_the_same_content_gives_the_same_bytes(tmp_path):
    sheets = {form: filled(form) for form in forms.forms()}
    assert write(tmp_path, sheets).read_bytes() == write(tmp_path, sheets).read_bytes()


def test_two_rows_a_unit_share_one_name(tmp_path):
    path = write(tmp_path, {"F2": filled("F2")})
    page = load_workbook(path)["F2"]
    assert [page[f"B{row}"].value for row in range(10, 14)] == ["Đăk Kôi", None, "Đăk Rve", None]
    (sheet,) = forms.read(path).sheets
    assert [(row.name, row.line, row.number) for row in sheet.rows] == [
        ("Đăk Kôi", "households", 9),
        ("Đăk Kôi", "persons", 10),
        ("Đăk Rve", "households", 11),
        ("Đăk Rve", "persons", 12),
    ]


# --- Wherever it stands ----------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (1, 0), (7, 0), (0, 1), (3, 2)])
@pytest.mark.parametrize("form", ["F1", "F2"])
def test_the_code_row_is_found_wherever_it_stands(form, rows, columns, tmp_path):
    path = write(tmp_path, {form: filled(form)})
    move(path, rows, columns)
    reading = forms.read(path)
    assert reading.findings == []
    (sheet,) = reading.sheets
    assert lines(sheet) == filled(form)
    first = sheet.rows[0]
    assert sheet.place(first).cell == f"{get_column_letter(2 + columns)}{10 + rows}"
    assert sheet.place(first, sheet.form.columns[0].item).cell == (
        f"{get_column_letter((4 if form == 'F2' else 3) + columns)}{10 + rows}"
    )


def edited(path: Path, sheet: str, **cells: object) -> forms.Reading:
    workbook = load_workbook(path)
    for cell, value in cells.items():
        workbook[sheet][cell] = value
    workbook.save(path)
    return forms.read(path)


def test_notes_and_signatures_below_the_table_are_not_rows(tmp_path):
    path = write(tmp_path, {"F1": filled("F1"), "F2": filled("F2")}, F1="Ghi chú: không.")
    reading = edited(path, "F1", B14="Người lập biểu", B15="(ký)")
    assert reading.findings == []
    assert [lines(sheet) for sheet in reading.sheets] == [filled("F1"), filled("F2")]


@pytest.mark.parametrize(
    ("cell", "label"), [("B12", "Tổng cộng"), ("A12", "TỔNG SỐ"), ("B12", "Cộng")]
)
def test_a_total_is_a_total_in_either_column(tmp_path, cell, label):
    path = write(tmp_path, {"F1": filled("F1", [*NAMES, ""])})
    reading = edited(path, "F1", A12=None) and edited(path, "F1", **{cell: label})
    assert [is_total(row.name) for row in reading.sheets[0].rows] == [False, False, True]


def test_a_name_goes_down_to_the_second_row_of_its_unit_only(tmp_path):
    reading = edited(write(tmp_path, {"F1": filled("F1"), "F2": filled("F2")}), "F1", B11=None)
    names = [[row.name for row in sheet.rows] for sheet in reading.sheets]
    assert names == [["Đăk Kôi", ""], ["Đăk Kôi", "Đăk Kôi", "Đăk Rve", "Đăk Rve"]]


@pytest.mark.parametrize("mark", ["SỐ LIỆU MẪU – không chính thức", "số liệu mẫu", "So lieu mau"])
def test_a_sample_is_known_by_its_mark(tmp_path, mark):
    path = write(tmp_path, {"F1": filled("F1")})
    for typed in (mark, unicodedata.normalize("NFD", mark)):
        (sheet,) = edited(path, "F1", A5=typed).sheets
        assert sheet.sample is (mark != "So lieu mau")


@pytest.mark.parametrize(
    "cells", [{}, {"A2": None, "A3": None, "B9": None}], ids=["no row", "no form"]
)
def test_a_file_without_a_figure_says_so(tmp_path, cells):
    path = write(tmp_path, {"F1": []})
    if cells:
        workbook = load_workbook(path)
        workbook["F1"].title = "Sheet1"
        workbook.save(path)
    reading = edited(path, "Sheet1" if cells else "F1", **cells)
    assert [finding.rule for finding in errors(reading.findings)] == ["no_form_in_file"]
    assert str(errors(reading.findings)[0].place) == "biểu.xlsx"


def test_a_code_typed_as_a_number_keeps_its_digits(tmp_path):
    reading = edited(write(tmp_path, {"F1": filled("F1")}), "F1", B10=23482)
    assert reading.sheets[0].rows[0].name == "23482"


@pytest.mark.parametrize("name", ["F2", "Mẫu 2", "BIỂU 2", "mau 2", "F2 (2)", "Sheet1"])
def test_a_form_is_known_by_its_sheet_or_by_its_title(tmp_path, name):
    path = write(tmp_path, {"F2": filled("F2")})
    workbook = load_workbook(path)
    workbook["F2"].title = name
    workbook[name]["A3"] = "Tổng hợp diễn biến hộ nghèo" if name == "Sheet1" else None
    workbook.save(path)
    (sheet,) = forms.read(path).sheets
    assert (sheet.form.id, sheet.sheet) == ("F2", name)


TYPED = [  # cell, count, rule
    ("1.834", 1834, "number_typed_as_text"),
    (" 7 ", 7, "number_typed_as_text"),
    ("1.834.000", 1834000, "number_typed_as_text"),
    ("1.83", None, "number_is_text"),
    ("1,834", None, "number_is_text"),
    ("12 hộ", None, "number_is_text"),
    (1.834, None, "number_not_whole"),
    (5.0, 5, None),
    (0, 0, None),
    (None, None, None),
]


@pytest.mark.parametrize(("typed", "count", "rule"), TYPED)
def test_what_a_number_cell_may_hold(tmp_path, typed, count, rule):
    reading = edited(write(tmp_path, {"F1": filled("F1")}), "F1", D10=typed)
    assert reading.sheets[0].rows[0].counts.get("persons") == count
    told = [(finding.rule, finding.place.cell) for finding in reading.findings]
    assert told == ([] if rule is None else [(rule, "D10")])


RATES = [  # cell, percentage and its decimals
    (24.86, (24.86, 2)),
    ("24,86", (24.86, 2)),
    ("24,9 %", (24.9, 1)),
    ("25%", (25.0, 0)),
    (24.857823, (24.857823, 2)),
]


@pytest.mark.parametrize(("typed", "share"), RATES)
def test_what_a_rate_cell_may_hold(tmp_path, typed, share):
    reading = edited(write(tmp_path, {"F1": filled("F1")}), "F1", F10=typed)
    assert reading.findings == []
    assert reading.sheets[0].rows[0].shares["poor_share"] == share


@given(row=st.integers(0, 2**20 - 1), column=st.integers(0, 2**14 - 1))
def test_addresses_are_those_of_a_spreadsheet(row, column):
    assert address(row, column) == f"{get_column_letter(column + 1)}{row + 1}"


# --- What the descriptions promise -----------------------------------------------------------


def test_every_name_in_a_rule_is_a_column_of_its_form():
    named = [cell for rule in forms.agreements() for cell in (rule.left, *rule.right)]
    for form in forms.forms().values():
        named += [cell for bound in form.bounds for cell in (*bound.parts, *bound.whole)]
        named += [cell for pair in form.part_of_year for cell in pair]
        named += [cell for column in form.shares for cell in column.share]
    assert len(named) > 400
    for cell in named:
        assert forms.forms()[cell.form].column(cell.item)
        assert cell.line in forms.forms()[cell.form].lines


def test_flows_and_indicators_are_the_words_of_the_vocabulary():
    columns = {id: {column.item for column in form.counts} for id, form in forms.forms().items()}
    flows = (columns["F2"] | columns["F3"]) - {"opening", "closing"}
    assert flows == set(map(str, Flow))
    for form in ("F4", "F6"):
        assert columns[form] - {"households", "deprivations"} == set(map(str, Indicator))


# --- Forms as tables -------------------------------------------------------------------------


@pytest.fixture
def facts(tmp_path: Path) -> pd.DataFrame:
    """The cells of every form, one unit, every number another."""
    due = [form.id for form in forms.review_forms()]
    made = {form: filled(form, NAMES[:1], 1000 * n) for n, form in enumerate(due, 1)}
    (stocks,) = made["F1"]
    made["F1"] = [replace(stocks, counts={**stocks.counts, "households": 90000, "persons": 90001})]
    rows = [
        ("23482@2021-01-01", "2024", sheet.form.id, row.line, item, value)
        for sheet in forms.read(write(tmp_path, made)).sheets
        for row in sheet.rows
        for item, value in row.counts.items()
    ]
    columns = ["unit", "period", "form", "line", "item", "value"]
    return checked("facts", pd.DataFrame(rows, columns=columns).astype({"value": "Int64"}))


def cell(facts: pd.DataFrame, form: str, item: str, line: str = "households") -> int:
    where = (facts["form"] == form) & (facts["item"] == item) & (facts["line"] == line)
    return int(facts[where]["value"].item())


def test_not_poor_is_the_rest(facts):
    table = forms.stocks(facts).set_index("state")
    assert table.loc["poor", "households"] == cell(facts, "F1", "poor")
    assert table["households"].sum() == cell(facts, "F1", "households")
    assert table["persons"].sum() == cell(facts, "F1", "persons")


def test_flows_keep_their_lines(facts):
    table = forms.flows(facts).set_index(["state", "flow"])
    assert len(table) == 14
    row = table.loc[("near_poor", "relapsed")]
    assert row["households"] == cell(facts, "F3", "relapsed")
    assert row["persons"] == cell(facts, "F3", "relapsed", "persons")


def test_deprivations_are_twelve_a_state(facts):
    table = forms.deprivations(facts).set_index(["state", "indicator"])
    assert len(table) == 24
    assert table.loc[("near_poor", "water"), "households"] == cell(facts, "F6", "water")


def test_groups_are_four_a_state(facts):
    table = forms.groups(facts).set_index(["state", "group"])
    assert len(table) == 2 * len(Group)
    assert table.loc[("near_poor", "merit"), "persons"] == cell(
        facts, "F8", "near_poor_merit", "persons"
    )


def test_a_blank_cell_stays_missing_in_the_tables(facts):
    less = facts[~((facts["form"] == "F2") & (facts["item"] == "relapsed"))]
    assert ("poor", "relapsed") not in forms.flows(less).set_index(["state", "flow"]).index
    one_line = facts[~((facts["form"] == "F2") & (facts["line"] == "persons"))]
    assert forms.flows(one_line).query("state == 'poor'")["persons"].isna().all()


def test_a_cell_told_twice_breaks_the_contract(facts):
    with pytest.raises(SchemaErrors):
        checked("facts", pd.concat([facts, facts.head(1)]))
