"""From a register to the forms: every flow, every form, every fault of a file.

The tables are the manual: what is said of made-up households, and what the forms then hold.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from decree_cases import COMMUNE, MEMBER, NEW_TOWN, TOWN
from register_cases import counted, held, house, tables, write_csv, write_parquet
from typer.testing import CliRunner

from povsim import forms, intake, poverty, registers
from povsim.commands import app
from povsim.findings import Refusal, Severity
from povsim.plan import Plan
from povsim.registers import files

LINES = ("households", "persons")
FLOW_FORMS = {"F2": "poor", "F3": "near_poor"}

# --- Flows: forms F2 and F3 -----------------------------------------------------------------------

FLOWS = [  # then, now (a dash: in no register), what is said of its past, on F2, on F3
    ("poor", "poor", {}, "", ""),
    ("poor", "near_poor", {}, "escaped_to_near_poor", "poor_to_near_poor"),
    ("poor", "not_poor", {}, "escaped_above", ""),
    ("poor", "-", {}, "other_decrease", ""),
    ("near_poor", "near_poor", {}, "", ""),
    ("near_poor", "poor", {}, "near_poor_to_poor", "fell_to_poor"),
    ("near_poor", "not_poor", {}, "", "escaped_above"),
    ("near_poor", "-", {}, "", "other_decrease"),
    ("not_poor", "poor", {}, "newly_poor", ""),
    ("not_poor", "poor", {"was_listed": True}, "relapsed", ""),
    ("not_poor", "poor", {"left_list": 2022}, "relapsed", ""),
    ("not_poor", "near_poor", {}, "", "newly_near_poor"),
    ("not_poor", "near_poor", {"was_listed": True}, "", "relapsed"),
    ("not_poor", "not_poor", {"was_listed": True}, "", ""),
    ("-", "poor", {}, "other_increase", ""),
    ("-", "poor", {"was_listed": True}, "other_increase", ""),
    ("-", "near_poor", {}, "", "other_increase"),
    ("-", "not_poor", {}, "", ""),
]
SOMEBODY = house("not_poor", {"household": "other-1"})
"""Stays as it is, so that a register is never empty."""


def reviewed(state: str, said: dict[str, object] | None = None, persons: int = 4):
    rows = [] if state == "-" else [house(state, said, [MEMBER] * persons)]
    return held([SOMEBODY, *rows])


def moves(cells, form: str, line: str) -> dict[str, int]:
    """The movements of a form that are not nought; the closing is what they add up to."""
    column = forms.forms()[form].column("closing")
    own = {item: cells[form, line, item] for item in forms.forms()[form].by_item}
    assert all(low == high for low, high in own.values())
    found = {item: low for item, (low, _) in own.items()}
    assert found["closing"] == sum(sign * found[item] for sign, item in column.equals)
    assert found["closing"] == cells["F1", "households", f"{forms_state(form, line)}"][0]
    return {i: n for i, n in found.items() if n and i not in ("opening", "closing")}


def forms_state(form: str, line: str) -> str:
    return FLOW_FORMS[form] + ("_persons" if line == "persons" else "")


@pytest.mark.parametrize(("then", "now", "past", "f2", "f3"), FLOWS)
def test_where_a_household_went(then, now, past, f2, f3):
    cells = counted(reviewed(now, past), 2024, reviewed(then))
    for form, item in (("F2", f2), ("F3", f3)):
        assert moves(cells, form, "households") == ({item: 1} if item else {})
        assert moves(cells, form, "persons") == ({item: 4} if item else {})
        opening = 1 if then == FLOW_FORMS[form] else 0
        assert cells[form, "households", "opening"] == (opening, opening)


SIZES = [  # then, persons, now, persons; what F2 and F3 say of the persons
    ("poor", 4, "poor", 5, {"other_increase": 1}, {}),
    ("poor", 4, "poor", 3, {"other_decrease": 1}, {}),
    ("poor", 4, "not_poor", 5, {"escaped_above": 4}, {}),
    ("not_poor", 4, "poor", 5, {"newly_poor": 5}, {}),
    (
        *("poor", 4, "near_poor", 6),
        {"escaped_to_near_poor": 4},
        {"poor_to_near_poor": 4, "other_increase": 2},
    ),
    (
        *("near_poor", 4, "poor", 3),
        {"near_poor_to_poor": 4, "other_decrease": 1},
        {"fell_to_poor": 4},
    ),
]


@pytest.mark.parametrize(("then", "was", "now", "became", "f2", "f3"), SIZES)
def test_persons_who_came_and_went_within_a_household(then, was, now, became, f2, f3):
    cells = counted(reviewed(now, persons=became), 2024, reviewed(then, persons=was))
    assert (moves(cells, "F2", "persons"), moves(cells, "F3", "persons")) == (f2, f3)


def test_a_household_that_moved_is_one_gone_and_one_come():
    there = house("poor", {"unit": TOWN, "household": "h9"})
    here = house("poor", {"unit": COMMUNE, "household": "h9"})
    now, before = held([SOMEBODY, here]), held([SOMEBODY, there])
    assert moves(counted(now, 2024, before, TOWN), "F2", "households") == {"other_decrease": 1}
    assert moves(counted(now, 2024, before, COMMUNE), "F2", "households") == {"other_increase": 1}


def test_units_that_merged_carry_their_households_over():
    before = held([house("poor", {"unit": TOWN}), house("poor", {"unit": "23491@2021-01-01"})])
    now = held([house("poor", {"unit": NEW_TOWN}), house("near_poor", {"unit": NEW_TOWN})])
    cells = counted(now, 2025, before)
    assert cells["F2", "households", "opening"] == (2, 2)
    assert moves(cells, "F2", "households") == {"escaped_to_near_poor": 1}


@pytest.mark.parametrize(("review", "before"), [(2024, None), (2021, reviewed("poor"))])
def test_flows_stay_blank_without_a_review_before_or_in_a_standards_first(review, before):
    cells = counted(reviewed("poor"), review, before if review == 2024 else None)
    assert {cells[f, line, "closing"] for f in FLOW_FORMS for line in LINES} == {(None, None)}


def test_a_past_that_nobody_told_leaves_relapsed_and_new_open():
    now = reviewed("poor", {"was_listed": None})
    cells = counted(now, 2024, reviewed("not_poor"))
    assert cells["F2", "households", "relapsed"] == cells["F2", "households", "newly_poor"]
    assert cells["F2", "households", "relapsed"] == (0, 1)
    assert cells["F2", "persons", "closing"] == (4, 4)


# --- The other forms ------------------------------------------------------------------------------

CHILD = MEMBER | {"can_work": False, "has_job": None, "for_wages": None}
FAMILY = [
    MEMBER,
    MEMBER,
    CHILD | {"age": 5, "stunted_or_underweight": True, "insured": False},
    CHILD | {"age": 15, "insured": False, "at_right_level": False},
]
BABY = CHILD | {"age": 0, "insured": False, "at_right_level": None}
ROWS = [
    house("poor", {"people": "xo_dang", "no_labour": True, "lack_land": True}, FAMILY),
    house("poor", {"people": "thai", "merit": True, "illness": True, "lack_land": True}),
    house("near_poor", {"female_head": True, "floor_area_m2": 31.0}, [*FAMILY[:2], BABY, BABY]),
    house("not_poor", {"farms": True, "income_vnd": 1_500_001}, [MEMBER] * 3),
    house("not_poor", {"farms": True}, [MEMBER] * 2),
]
CELLS = [  # form, item, households (or the line it has), persons on forms with two lines
    ("F1", "households", 5),
    ("F1", "persons", 17),
    ("F1", "poor", 2),
    ("F1", "poor_persons", 8),
    ("F1", "near_poor", 1),
    ("F1", "near_poor_persons", 4),
    ("F4", "households", 2),
    ("F4", "water", 2),
    ("F4", "toilet", 2),
    ("F4", "devices", 2),
    ("F4", "nutrition", 1),
    ("F4", "health_insurance", 1),
    ("F4", "child_schooling", 1),
    ("F4", "job", 0),
    ("F4", "deprivations", 9),
    ("F5", "households", 2),
    ("F6", "households", 1),
    ("F6", "housing_area", 1),
    ("F7", "households", 1),
    ("F8", "poor", 2, 8),
    ("F8", "poor_dtts", 2, 8),
    ("F8", "poor_no_labour", 1, 4),
    ("F8", "poor_merit", 1, 4),
    ("F8", "poor_other", -2, -8),
    ("F8", "near_poor_other", 1, 4),
    ("F9", "poor", 2),
    ("F9", "poor_xo_dang", 1),
    ("F9", "poor_persons_xo_dang", 4),
    ("F9", "poor_thai", 1),
    ("F9", "poor_other", 0),
    ("F9", "near_poor_kinh", 1),
    ("F9", "near_poor_persons_kinh", 4),
    ("F10", "lack_land", 2),
    ("F10", "illness", 1),
    ("F10", "other_cause", 0),
    ("F11", "poor_children", 2),
    ("F11", "poor_children_nutrition", 1),
    ("F11", "poor_children_insurance", 1),  # aged 6 to 15
    ("F11", "poor_children_schooling", 1),
    ("F11", "near_poor_children", 2),
    ("F11", "near_poor_children_insurance", 0),
    ("F11", "near_poor_children_schooling", 0),
    ("F12", "households_kinh", 3),
    ("F12", "households_dtts", 2),
    ("F12", "households_local", 1),
    ("F12", "persons_kinh", 9),
    ("F12", "poor_local", 1),
    ("F12", "poor_persons_local", 4),
    ("F12", "poor_merit", 1),
    ("F12", "poor_female_head", 0),
    ("F13", "near_poor_female_head", 1),
    ("F13", "near_poor_kinh", 1),
    ("F13", "persons", 17),
]


@pytest.fixture(scope="module")
def small():
    return counted(held(ROWS), 2024)


@pytest.mark.parametrize(("form", "item", "number", "persons"), [(*c, None)[:4] for c in CELLS])
def test_a_cell(small, form, item, number, persons):
    first = forms.forms()[form].lines[0]
    assert small[form, first, item] == (number, number)
    if persons is not None:
        assert small[form, "persons", item] == (persons, persons)


def test_every_counted_column_of_every_form_is_there(small):
    expected = {
        (form.id, line, column.item)
        for form in forms.review_forms()
        for line in form.lines
        for column in form.counts
    }
    assert set(small) == expected


OPEN = [  # what is said of one poor household of four, form, line, item, low, high
    ({"income_vnd": None}, "F1", "households", "poor", 0, 1),
    ({"income_vnd": None}, "F1", "households", "near_poor", 0, 0),
    ({"income_vnd": None}, "F4", "households", "water", 0, 1),
    ({"income_vnd": None}, "F8", "persons", "poor_other", 0, 4),
    ({"safe_water": None}, "F1", "households", "poor", 0, 1),
    ({"safe_water": None}, "F1", "households", "near_poor", 0, 1),
    ({"safe_water": None}, "F6", "households", "water", 0, 1),
    ({"uses_internet": None}, "F1", "households", "poor", 1, 1),
    ({"uses_internet": None}, "F4", "households", "telecoms", 0, 1),
    ({"uses_internet": None}, "F4", "households", "deprivations", 3, 4),
    ({"people": None}, "F9", "households", "poor_kinh", 0, 1),
    ({"people": None}, "F9", "households", "poor", 1, 1),
    ({"people": None}, "F8", "households", "poor_other", 0, 1),
    ({"merit": None, "people": "thai"}, "F8", "persons", "poor_other", -4, 0),
    ({"lack_land": None}, "F10", "households", "lack_land", 0, 1),
    ({"persons": 6}, "F11", "persons", "poor_children", 0, 2),  # two are not listed
    ({"persons": 6}, "F11", "persons", "poor_children_nutrition", 0, 2),
    ({"persons": None}, "F1", "households", "persons", 4, None),
    ({"persons": None}, "F1", "households", "poor_persons", 4, None),
    ({"persons": None}, "F11", "persons", "poor_children", 0, None),
    ({"persons": None, "people": "thai", "merit": True}, "F8", "persons", "poor_other", None, -4),
]


@pytest.mark.parametrize(("said", "form", "line", "item", "low", "high"), OPEN)
def test_an_answer_that_is_missing_leaves_a_range(said, form, line, item, low, high):
    assert counted(held([house("poor", said)]), 2024)[form, line, item] == (low, high)


# --- Scoring sheets -------------------------------------------------------------------------------

SHEETS = pd.DataFrame({"household": ["h1", "h2"], "unit": COMMUNE, "b1": [140, 140], "b2": [30, 0]})


def test_the_sheets_decide_the_states_and_the_members_the_rest():
    own = registers.of_tables(**tables([house("near_poor", {}, FAMILY)] * 1), scores=SHEETS[:1])
    cells = counted(own, 2024)
    assert cells["F1", "households", "poor"] == (1, 1)
    assert cells["F11", "persons", "poor_children"] == (2, 2)


def test_sheets_alone_give_the_households_and_leave_the_rest_open(tmp_path):
    write_csv(tmp_path, {"scores": SHEETS})
    cells = counted(registers.read(tmp_path, 2024), 2024)
    assert cells["F1", "households", "poor"] == cells["F1", "households", "near_poor"] == (1, 1)
    assert cells["F1", "households", "persons"] == (2, None)
    assert cells["F4", "households", "water"] == (0, 1)


# --- Whom to ask again ----------------------------------------------------------------------------

ASK = [  # what is said, of the first member; the states it may be in; what to ask
    ({"income_vnd": None}, {}, "poor not_poor", "income_vnd"),
    ({"safe_water": None}, {}, "poor near_poor", "safe_water"),
    ({"safe_water": None, "uses_internet": False}, {}, "", ""),
    ({"safe_water": None}, {"has_contract": None}, "poor near_poor", "safe_water"),
    (
        {"safe_water": None},
        {"insured": None, "stunted_or_underweight": None},  # of forty years: no child
        "poor near_poor",
        "members.insured safe_water",
    ),
    ({"persons": 5, "safe_water": True}, {}, "poor near_poor", "members"),
    ({"durable_wall": None, "durable_roof": False}, {}, "", ""),
]


@pytest.mark.parametrize(("said", "member", "may_be", "columns"), ASK)
def test_what_to_ask_of_a_household_that_is_not_decided(said, member, may_be, columns):
    own = held([house("poor", said, [MEMBER | member, *[MEMBER] * 3])])
    found = registers.open_answers(own, 2024)
    expected = [["h1", COMMUNE, may_be, set(columns.split())]] if may_be else []
    rows = found.assign(columns=found["columns"].str.split().map(set)).to_numpy().tolist()
    assert rows == expected


def test_what_to_ask_where_the_sheets_decide():
    own = registers.of_tables(scores=SHEETS.assign(b1=[None, 140]))
    assert registers.open_answers(own, 2024).to_numpy().tolist() == [
        ["h1", COMMUNE, "poor not_poor", "b1"]
    ]


# --- Reading files --------------------------------------------------------------------------------

WRITTEN = [  # column, as it is written in a .csv, as it is read
    ("safe_water", "true", True),
    ("safe_water", "1", True),
    ("safe_water", "Có", True),
    ("safe_water", "yes", True),
    ("safe_water", "X", True),
    ("safe_water", "FALSE", False),
    ("safe_water", "0", False),
    ("safe_water", "không", False),
    ("safe_water", "no", False),
    ("safe_water", "", None),
    ("safe_water", " ", None),
    ("floor_area_m2", "42,5", 42.5),
    ("floor_area_m2", "42.5", 42.5),
    ("floor_area_m2", "", None),
    ("persons", "7", 7),
    ("persons", "7.0", 7),
    ("persons", "", None),
    ("people", "Xơ Đăng", "xo_dang"),
    ("people", "ba_na", "ba_na"),
    ("people", "", None),
    ("unit", "23482", COMMUNE),
    ("unit", COMMUNE, COMMUNE),
]


def with_cell(folder: Path, table: str, column: str, written: str, separator: str = ";") -> Path:
    """A good register of three households, but for one cell of the second (line 3)."""
    found = tables([house("poor"), house("near_poor"), house("not_poor")])
    found[table].loc[1, column] = written
    return write_csv(folder, found, separator)


@pytest.mark.parametrize(("column", "written", "expected"), WRITTEN)
def test_how_an_answer_may_be_written(tmp_path, column, written, expected):
    own = registers.read(with_cell(tmp_path, "households", column, written), 2024)
    found = own.households[column][1]
    assert pd.isna(found) if expected is None else found == expected


FAULTS = [  # table, column, cell, rule that the finding names
    ("households", "safe_water", "maybe", "true/false"),
    ("households", "persons", "4,5", "whole number"),
    ("households", "persons", "0", "within its bounds"),
    ("households", "income_vnd", "1.500.000", "thousands"),
    ("households", "income_vnd", "1 500 000", "thousands"),
    ("households", "floor_area_m2", "1.200", "thousands"),
    ("households", "floor_area_m2", "rộng", "fraction"),
    ("households", "floor_area_m2", "-1", "within its bounds"),
    ("households", "people", "kinhh", "people of form F9"),
    ("households", "unit", "99999", "a commune of 2024-12-31"),
    ("households", "unit", NEW_TOWN, "a commune of 2024-12-31"),
    ("households", "unit", "", "not empty"),
    ("households", "household", "", "not empty"),
    ("households", "household", "h1", "each household once"),
    ("households", "household", "bre", "pseudonymous"),
    ("households", "household", "h 2", "pseudonymous"),
    ("households", "persons", "2", "members listed"),
    ("households", "left_list", "22", "within its bounds"),
    ("members", "age", "131", "within its bounds"),
    ("members", "age", "-1", "within its bounds"),
    ("members", "household", "h77", "stands in the table of households"),
]


def refused(folder: Path, review: int = 2024) -> list:
    with pytest.raises(Refusal) as refusal:
        registers.read(folder, review)
    return list(refusal.value.findings)


@pytest.mark.parametrize(("table", "column", "cell", "rule"), FAULTS)
def test_a_cell_that_breaks_a_rule_is_told_with_its_line(tmp_path, table, column, cell, rule):
    told = refused(with_cell(tmp_path, table, column, cell))
    fits = [f for f in told if f.rule == "register_rows" and rule in f.what("en")]
    assert len(fits) == 1, [f.line("en") for f in told]
    finding = fits[0]
    assert finding.place.file == f"{table}.csv"
    assert (finding.values["table"], finding.values["column"]) == (table, column)
    assert "3" in str(finding.values["lines"]).split(", ")
    assert not any(letter in finding.what("en") for letter in ("maybe", "rộng", "kinhh", "bre)"))


def test_every_fault_is_told_at_once_and_long_lists_are_cut(tmp_path):
    found = tables([house("poor")] * 9)
    found["households"]["safe_water"] = "?"
    found["households"].loc[3, "persons"] = "1.000"
    found["members"].loc[[0, 5], "age"] = 200
    told = {
        (f.values["table"], f.values["column"]): (f.values["rows"], f.values["lines"])
        for f in refused(write_csv(tmp_path, found))
    }
    assert told == {
        ("households", "safe_water"): (9, "2, 3, 4, 5, 6 …"),
        ("households", "persons"): (1, "5"),
        ("members", "age"): (2, "2, 7"),
    }


def content(folder: Path, name: str, change) -> None:
    path = folder / name
    path.write_bytes(change(path.read_bytes()))


def both_kinds(folder: Path) -> None:
    write_parquet(folder, tables([house("poor")]))


OLD = "Hé nghÌo, cËn nghÌo, tæng sè hé d©n c­, nh©n khÈu, x·, thÞ trÊn, huyÖn\n"
SPOILED = {  # what is done to the folder: the finding, and a word of it
    "no table": (lambda f: [p.unlink() for p in f.iterdir()], "register_none", "households"),
    "no members": (lambda f: (f / "members.csv").unlink(), "register_table_missing", "members"),
    "both kinds": (both_kinds, "register_table_twice", "members"),
    "empty": (lambda f: content(f, "members.csv", lambda _: b""), "register_file_empty", ""),
    "headings alone": (
        lambda f: content(f, "households.csv", lambda b: b.splitlines()[0]),
        "register_file_empty",
        "",
    ),
    "a workbook": (
        lambda f: content(f, "members.csv", lambda _: b"PK\x03\x04"),
        "register_file_foreign",
        "XLSX",
    ),
    "some text": (
        lambda f: content(f, "members.csv", lambda _: b"hello\nworld"),
        "register_file_foreign",
        "CSV",
    ),
    "UTF-16": (
        lambda f: content(f, "members.csv", lambda b: b.decode().encode("utf-16")),
        "register_file_foreign",
        "UTF-16",
    ),
    "TCVN3": (
        lambda f: content(f, "members.csv", lambda b: b + OLD.encode("latin-1") * 3),
        "register_encoding",
        "TCVN3",
    ),
    "a short line": (
        lambda f: content(f, "members.csv", lambda b: b + b"h1,40\n"),
        "register_width",
        "14",
    ),
    "a quotation that never ends": (
        lambda f: content(f, "members.csv", lambda b: b.replace(b"h2", b'"h2', 1)),
        "register_line_break",
        "",
    ),
    "a strange column": (
        lambda f: content(f, "members.csv", lambda b: b.replace(b"insured", b"insurred", 1)),
        "register_columns_odd",
        "9",
    ),
    "a needed column missing": (
        lambda f: content(f, "members.csv", lambda b: b.replace(b"age,", b"ages,", 1)),
        "register_columns_missing",
        "age",
    ),
}


@pytest.mark.parametrize(("spoil", "rule", "word"), SPOILED.values(), ids=SPOILED.keys())
def test_a_folder_that_is_no_register(tmp_path, spoil, rule, word):
    write_csv(tmp_path, tables([house("poor"), house("near_poor"), house("not_poor")]))
    spoil(tmp_path)
    told = {finding.rule: finding for finding in refused(tmp_path)}
    assert rule in told, [f.line("en") for f in told.values()]
    assert all(word in told[rule].line(lang) for lang in ("vi", "en"))


@pytest.mark.parametrize("cut", [1, 50, 1000])
def test_a_parquet_file_cut_short(tmp_path, cut):
    write_parquet(tmp_path, tables([house("poor")] * 3))
    content(tmp_path, "members.parquet", lambda whole: whole[:-cut])
    assert [finding.rule for finding in refused(tmp_path)] == ["register_file_broken"]


def test_a_question_that_nobody_asked_is_a_note_and_stays_open(tmp_path):
    found = tables([house("poor")])
    found["households"] = found["households"].drop(columns=["merit", "farms"])
    own = registers.read(write_csv(tmp_path, found), 2024)
    assert [(n.rule, n.severity) for n in own.notes] == [("register_columns_absent", Severity.NOTE)]
    assert counted(own, 2024)["F12", "households", "poor_merit"] == (0, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_way_of_writing_gives_the_same(tmp_path, separator, encoding):
    found = tables(ROWS)
    one = registers.read(write_csv(tmp_path / "c", found, separator, encoding), 2024)
    content(tmp_path / "c", "members.csv", lambda b: b.replace(b"\n", b"\r\n") + b"\r\n\r\n")
    two = registers.read([tmp_path / "c" / f"{name}.csv" for name in found], 2024)
    three = registers.read(write_parquet(tmp_path / "p", found), 2024)
    for other in (two, three, held(ROWS)):
        pd.testing.assert_frame_equal(one.households, other.households)
        pd.testing.assert_frame_equal(one.members, other.members)


def test_a_folder_that_is_not_there(tmp_path):
    assert [finding.rule for finding in refused(tmp_path / "nowhere")] == ["register_none"]


def test_numbers_of_the_first_few_lines():
    assert files.first_of([3, 3, 2]) == "2, 3"


@pytest.mark.parametrize("page", ["so-ho.md", "household-register.md"])
def test_the_page_tells_every_column(page, workspace):
    told = (workspace / "docs" / page).read_text("utf-8")
    columns = {c for table in files.TABLES for c in poverty.contract(table).columns}
    assert {column for column in columns if f"`{column}`" not in told} == set()


# --- Workbooks and the command --------------------------------------------------------------------


def test_a_cell_that_is_not_decided_stays_blank(tmp_path):
    table = registers.aggregate(held([house("poor", {"merit": None})]), 2024)
    (path,) = registers.workbooks(table, 2024, tmp_path)
    read = {sheet.form.id: sheet for sheet in forms.read(path).sheets}
    (row,) = read["F12"].rows
    assert row.counts["poor"] == 1
    assert "poor_merit" not in row.counts
    assert not read["F12"].sample
    assert (read["F1"].unit_code, read["F1"].year) == ("23482", 2024)


def command(*words: object):
    return CliRunner().invoke(app, ["register", *map(str, words)])


def test_the_command_tells_counts_and_writes_workbooks(tmp_path):
    rows = [house("poor"), house("poor", {"safe_water": None}), house("not_poor")]
    folder = write_csv(tmp_path / "r", tables(rows))
    words = [folder, "--year", 2024, "--out", tmp_path / "o", "--open", tmp_path / "ask.csv"]
    ran = command(*words)
    assert ran.exit_code == 0, ran.output
    assert "3 hộ, 1–2 hộ nghèo, 0–1 hộ cận nghèo; chưa xác định được 1 hộ" in ran.output
    assert "Đã ghi 1 tệp biểu" in ran.output
    assert "0 tệp ghi đè" in ran.output
    assert "F2, F3 để trống" in ran.output
    asked = (tmp_path / "ask.csv").read_text("utf-8-sig").splitlines()
    assert asked == ["household,unit,may_be,columns", f"h2,{COMMUNE},poor near_poor,safe_water"]
    again = command(*words, "--sample", "--lang", "en")
    assert "1 of them over an older file" in again.output
    assert "over the older file" in again.output
    assert "(SAMPLE FIGURES)" in again.output
    assert all(s.sample for s in forms.read(tmp_path / "o" / "23482.xlsx").sheets)


def test_faults_of_both_registers_are_told_at_once(tmp_path):
    now = with_cell(tmp_path / "now", "households", "persons", "?")
    then = with_cell(tmp_path / "then", "households", "persons", "?")
    ran = command(now, "--year", 2024, "--before", then, "--out", tmp_path / "o")
    assert isinstance(ran.exception, Refusal)
    assert [f.place.file for f in ran.exception.findings] == [
        "households.csv",
        "--before › households.csv",
    ]
    assert not (tmp_path / "o").exists()


# --- The sample: both doors, one truth ------------------------------------------------------------


def written(path: Path) -> dict[tuple[str, str], dict[str, int]]:
    sheets = forms.read(path).sheets
    return {(sheet.form.id, row.line): row.counts for sheet in sheets for row in sheet.rows}


@pytest.fixture(scope="module")
def delivered(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbooks of every review of the sample, made from its register."""
    folder, before = tmp_path_factory.mktemp("delivered"), None
    for year in range(2021, 2026):
        own = registers.read(sample / "register" / str(year), year)
        assert own.sample
        table = registers.aggregate(own, year, before)
        registers.workbooks(table, year, folder / str(year), sample=own.sample)
        before = own
    return folder


@pytest.mark.parametrize("year", range(2021, 2026))
def test_the_sample_register_gives_the_sample_workbooks(delivered, sample, year):
    made = sorted((delivered / str(year)).glob("*.xlsx"))
    assert [path.name for path in made] == sorted(p.name for p in (sample / str(year)).iterdir())
    for path in made:
        assert written(path) == written(sample / str(year) / path.name), path.name


def test_the_intake_takes_them(delivered, plan: Plan):
    checked = intake.check(sorted(delivered.glob("*/*.xlsx")), plan, None)
    assert [f.line("en") for f in checked.findings if f.severity is Severity.ERROR] == []


def test_a_register_of_the_older_standard_is_judged_by_its_ten_indicators(tmp_path):
    said = [{"income_vnd": 700_000}, {"income_vnd": 1_000_000}, {"income_vnd": 1_000_001}]
    folder = write_csv(tmp_path, tables([house("not_poor", own) for own in said]))
    table = registers.aggregate(registers.read(folder, 2019), 2019)
    cells = table[table["form"] == "F1"].set_index("item")["low"]
    assert cells[["households", "poor", "near_poor"]].tolist() == [3, 1, 1]
