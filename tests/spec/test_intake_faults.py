"""The clerk's mistakes: what each one is called, where it is told, and that nothing is saved.

The tables below are the manual: a good delivery (the sample of 2021-2024), how it is spoiled, and
the one finding that must come of it. `also` lists what cannot be helped: another fact that the
same slip makes true.
"""

import re
import shutil
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet
from spoiling import FIRST, Spoil, Told, change, drop, files, fill, lines_of, one_more, put, seen

from povsim import forms, intake
from povsim.findings import Refusal, Severity
from povsim.forms import Head, Line
from povsim.forms.reading import is_total
from povsim.plan import Plan
from povsim.rules import units as known_units
from povsim.store import Store
from povsim.store.schema import SCHEMA
from povsim.vocabulary import Origin

NAMES = ("A Brê", "Y Hlan", "Đinh Thị Nga")
LIST = "DANH SÁCH CHI TIẾT HỘ NGHÈO"


@dataclass(frozen=True)
class Fault:
    """One mistake: how it is made, the finding it must give, and what it entails."""

    name: str
    spoil: Spoil
    told: Told
    also: tuple[Told, ...] = ()


# --- How a delivery is spoiled ---------------------------------------------------------------


def no_code_row(file: str, sheet: str) -> Spoil:
    return change(file, lambda workbook: workbook[sheet].delete_rows(9))


def copy_sheet(file: str, sheet: str) -> Spoil:
    def work(workbook: Workbook) -> None:
        workbook.copy_worksheet(workbook[sheet]).title = f"{sheet} (2)"

    return change(file, work)


def repeat_rows(file: str, sheet: str) -> Spoil:
    """The unit once more, below."""

    def work(workbook: Workbook) -> None:
        page = workbook[sheet]
        for row in [[cell.value for cell in row] for row in page.iter_rows(min_row=FIRST)]:
            page.append(row)

    return change(file, work)


def add_sheet(file: str, title: str, *rows: list[Any]) -> Spoil:
    def work(workbook: Workbook) -> None:
        page = workbook.create_sheet(title)
        for row in rows:
            page.append(row)

    return change(file, work)


def few_deprivations(file: str) -> Spoil:
    """Households lacking fewer than three each, the total still right."""

    def work(workbook: Workbook) -> None:
        page = workbook["F4"]
        cells = [page.cell(FIRST, column) for column in range(5, 17)]
        wanted = 3 * page["C10"].value - 1
        while (left := sum(cell.value for cell in cells) - wanted) > 0:
            cell = max(cells, key=lambda cell: cell.value)
            cell.value -= min(left, cell.value)
        page["D10"] = wanted

    return change(file, work)


def more_than_all(file: str) -> Spoil:
    """One household fewer than the poor, the near-poor and the average-living; no rates printed."""

    def work(workbook: Workbook) -> None:
        page: Worksheet = workbook["F1"]
        page["C10"] = page["E10"].value + page["G10"].value + page["I10"].value - 1
        page["F10"] = page["H10"] = page["J10"] = None

    return change(file, work)


def unmarked(file: str) -> Spoil:
    def work(workbook: Workbook) -> None:
        for page in workbook:
            page["A5"] = None

    return change(file, work)


def with_dots(count: int) -> str:
    return f"{count:,}".replace(",", ".")


def decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


# --- The tables ------------------------------------------------------------------------------

TEN = (
    Fault(
        "text in a number cell",
        put("2022/23479.xlsx", "F1", E10="A Brê 12"),
        Told("number_is_text", "2022/23479.xlsx", "F1", "E10"),
    ),
    Fault(
        "wrong year in the title of one sheet",
        put("2022/23482.xlsx", "F3", A4="Năm 2023"),
        Told("year_differs", "2022/23482.xlsx", "F3"),
    ),
    Fault(
        "name typed with separate marks",
        put("2022/23485.xlsx", "F1", B10=decomposed),
        Told("name_decomposed", "2022/23485.xlsx", "F1", "B10"),
    ),
    Fault(
        "1.834 typed as text",
        put("2022/23491.xlsx", "F1", D10=with_dots),
        Told("number_typed_as_text", "2022/23491.xlsx", "F1", "D10"),
    ),
    Fault(
        "a closing stock that does not add up",
        put("2023/23479.xlsx", "F2", L10=one_more),
        Told("identity_broken", "2023/23479.xlsx", "F2", "L10"),
        also=(Told("forms_disagree", "2023/23479.xlsx", "F2", "L10"),),
    ),
    Fault(
        "a rate that contradicts its counts",
        put("2023/23482.xlsx", "F1", F10=lambda rate: rate + 0.01),
        Told("share_contradicts", "2023/23482.xlsx", "F1", "F10"),
    ),
    Fault("a missing unit", drop("2023/23491.xlsx"), Told("unit_missing")),
    Fault(
        "a sheet copied within the file",
        copy_sheet("2024/23479.xlsx", "F2"),
        Told("unit_twice", "2024/23479.xlsx", "F2 (2)", "B10"),
    ),
    Fault(
        "no row of column codes",
        no_code_row("2024/23482.xlsx", "F1"),
        Told("code_row_missing", "2024/23482.xlsx", "F1"),
    ),
    Fault(
        "an empty file",
        fill("2024/23491.xlsx", lambda _: b""),
        Told("file_empty", "2024/23491.xlsx"),
        also=(Told("unit_missing"),),
    ),
)

NOTES = {"name_decomposed", "number_typed_as_text", "sheet_ignored"}
"""What can be understood all the same: it is told, and kept."""

DOUBTS = {"jump", "net_escapes", "bunching", "months_exceed_year"}
"""What can be, but seldom is: it waits for somebody to say why it is so."""

FILE = "2023/23485.xlsx"
HERE = Told("", FILE)


def told(rule: str, sheet: str = "", cell: str = "") -> Told:
    return replace(HERE, rule=rule, sheet=sheet, cell=cell)


MORE = (
    # in a cell
    Fault(
        "1.834 typed as a number", put(FILE, "F1", D10=1.834), told("number_not_whole", "F1", "D10")
    ),
    Fault("a date", put(FILE, "F1", D10=datetime(2023, 4, 5)), told("number_is_date", "F1", "D10")),
    Fault("TRUE", put(FILE, "F1", D10=True), told("number_is_text", "F1", "D10")),
    Fault("a rate in words", put(FILE, "F1", F10="cao"), told("number_is_text", "F1", "F10")),
    Fault("a key held down", put(FILE, "F1", D10=1e30), told("number_too_large", "F1", "D10")),
    Fault(
        "the same, as text", put(FILE, "F1", D10="9" * 20), told("number_too_large", "F1", "D10")
    ),
    Fault("a broken formula", put(FILE, "F4", E10="#REF!"), told("formula_error", "F4", "E10")),
    Fault("a blank", put(FILE, "F4", E10=None), told("number_missing", "F4", "E10")),
    Fault(
        "a row left blank",
        put(FILE, "F2", **dict.fromkeys(f"{column}11" for column in "DEFGHIJKL")),
        told("number_missing", "F2", "D11"),
    ),
    Fault(
        "a row of dashes",
        put(FILE, "F2", **{f"{column}11": "-" for column in "DEFGHIJKL"}),
        told("number_is_text", "F2", "D11"),
        also=tuple(told("number_is_text", "F2", f"{column}11") for column in "EFGHIJKL"),
    ),
    Fault("below zero", put(FILE, "F1", I10=-1, J10=None), told("number_negative", "F1", "I10")),
    Fault("unknown unit", put(FILE, "F1", B10="Đăk Hà"), told("unit_name_unknown", "F1", "B10")),
    Fault(
        "another unit's code in the head",
        put(FILE, "F2", A1="UBND XÃ ĐĂK KÔI (mã đơn vị 23482)"),
        told("unit_code_differs", "F2", "B10"),
    ),
    Fault(
        "told once, not a line",
        put(FILE, "F2", B10="Đăk Hà"),
        told("unit_name_unknown", "F2", "B10"),
    ),
    Fault(
        "separate marks, told once, not a line",
        put(FILE, "F2", B10=decomposed),
        told("name_decomposed", "F2", "B10"),
    ),
    Fault("no name", put(FILE, "F1", B10=None), told("unit_name_unknown", "F1", "B10")),
    Fault("a line of neither kind", put(FILE, "F2", C10="Nóc"), told("line_unknown", "F2", "C10")),
    Fault(
        "in words, where a published sum is known",
        put("2021/23485.xlsx", "F1", E10="?"),
        Told("number_is_text", "2021/23485.xlsx", "F1", "E10"),
    ),
    # in a row, between forms, between years
    Fault(
        "F3 does not receive what F2 gives",
        put(FILE, "F3", H10=one_more, G10=one_more),
        told("forms_disagree", "F2", "E10"),
    ),
    Fault(
        "opens otherwise than the year before closed",
        put(FILE, "F2", D10=one_more, G10=one_more),
        told("forms_disagree", "F2", "D10"),
    ),
    Fault(
        "poor + near-poor > all",
        more_than_all(FILE),
        told("bound_broken", "F1", "E10"),
        also=(
            told("forms_disagree", "F12", "C10"),
            told("forms_disagree", "F13", "C10"),
            told("jump", "F1", "C10"),
            Told("jump", "2024/23485.xlsx", "F1", "C10"),
        ),
    ),
    Fault(
        "poor, but lacking too little",
        few_deprivations(FILE),
        told("bound_broken", "F4", "C10"),
        also=tuple(told("share_contradicts", "F5", f"{c}10") for c in "JM"),
    ),
    Fault("a row twice", repeat_rows(FILE, "F1"), told("unit_twice", "F1", "B11")),
    Fault("a unit's two rows twice", repeat_rows(FILE, "F2"), told("unit_twice", "F2", "B12")),
    # a sheet, a file
    Fault(
        "another unit's code in the head",
        put(FILE, "F1", A1="UBND XÃ ĐĂK TƠ LUNG (mã đơn vị 23482)"),
        told("unit_code_differs", "F1", "B10"),
    ),
    Fault("a column code deleted", put(FILE, "F1", I9=None), told("column_missing", "F1", "A9")),
    Fault("a year no plan knows", put(FILE, "F3", A4="Năm 2019"), told("year_outside_plan", "F3")),
    Fault("no year", put(FILE, "F3", A4=None), told("year_missing", "F3")),
    Fault(
        "a sheet deleted", change(FILE, lambda book: book.remove(book["F8"])), told("form_missing")
    ),
    Fault(
        "a list of people, by its name",
        add_sheet(FILE, LIST, *([n] for n in NAMES)),
        told("named_list", LIST),
        also=(Told("unit_missing"),),
    ),
    Fault(
        "a list of people, by its title",
        add_sheet(FILE, "Sheet1", [LIST.title()], ["A", "B", 1], *([1, n, 5] for n in NAMES)),
        told("named_list", "Sheet1"),
        also=(Told("unit_missing"),),
    ),
    Fault(
        "a sheet of something else",
        add_sheet(FILE, "Ghi chú", ["x"]),
        told("sheet_ignored", "Ghi chú"),
    ),
    Fault("an official file among sample files", unmarked(FILE), told("origins_mixed", "F1")),
    Fault(
        "a stray space at the far end of a sheet",
        put(FILE, "F1", XFD400=" "),
        told("sheet_too_large", "", "XFD400"),
        also=(Told("unit_missing"),),
    ),
    Fault(
        "text called .xlsx",
        fill(FILE, lambda _: "Số hộ nghèo: 5".encode()),
        told("file_not_spreadsheet"),
        also=(Told("unit_missing"),),
    ),
    Fault(
        "a damaged file",
        fill(FILE, lambda content: content.replace(b"xl/workbook.xml", b"xl/workbork.xml")),
        told("file_not_spreadsheet"),
        also=(Told("unit_missing"),),
    ),
    Fault(
        "a file with a damaged part",
        fill(FILE, lambda content: content[:3000] + bytes(400) + content[3400:]),
        told("file_unreadable"),
        also=(Told("unit_missing"),),
    ),
    Fault(
        "a file cut short",
        fill(FILE, lambda content: content[: len(content) // 2]),
        told("file_truncated"),
        also=(Told("unit_missing"),),
    ),
)


# --- One mistake, one finding ----------------------------------------------------------------


@pytest.mark.parametrize("fault", [*TEN, *MORE], ids=lambda fault: fault.name)
def test_one_mistake_is_told_once_where_it_stands(fault: Fault, folder: Path, plan: Plan):
    fault.spoil(folder)
    findings = intake.check(files(folder), plan, None).findings
    assert seen(findings) == sorted([fault.told, *fault.also])
    for finding in findings:
        assert (finding.severity is Severity.NOTE) is (finding.rule in NOTES)
        assert (finding.severity is Severity.DOUBT) is (finding.rule in DOUBTS)
        for lang in ("vi", "en"):
            assert finding.what(lang).strip()
            assert finding.next_step(lang).strip()
            assert not re.search(r"[{}]", finding.line(lang))
            assert not any(name in finding.line(lang) for name in NAMES)


def test_letters_typed_into_a_number_cell_are_hidden(folder: Path, plan: Plan):
    TEN[0].spoil(folder)
    (finding,) = intake.check(files(folder), plan, None).findings
    assert "• ••• 12" in finding.what("vi")


def test_what_a_number_with_a_dot_may_mean(folder: Path, plan: Plan):
    put(FILE, "F1", D10=1.83)(folder)
    (finding,) = intake.check(files(folder), plan, None).findings
    assert {"1.83", "1830"} <= set(re.findall(r"[\d.]*\d", finding.what("en")))


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_a_rate_is_right_at_the_decimals_it_is_printed_with(
    decimals: int, folder: Path, plan: Plan
):
    def work(workbook: Workbook) -> None:
        page = workbook["F1"]
        rate = page["E10"].value / page["C10"].value * 100
        page["F10"] = f"{rate:.{decimals}f} %".replace(".", ",")

    change(FILE, work)(folder)
    assert intake.check(files(folder), plan, None).findings == []


def test_flows_of_the_first_review_are_blank_or_whole(folder: Path, plan: Plan):
    put("2021/23485.xlsx", "F2", D10=5)(folder)
    findings = intake.check(files(folder), plan, None).findings
    told = [Told("number_missing", "2021/23485.xlsx", "F2", f"{c}10") for c in "EFGHIJKL"]
    assert seen(findings) == told


def test_a_missing_unit_is_named_with_its_code_and_year(folder: Path, plan: Plan):
    drop("2023/23491.xlsx")(folder)
    (finding,) = intake.check(files(folder), plan, None).findings
    for lang in ("vi", "en"):
        assert all(word in finding.what(lang) for word in ("Đăk Pne", "23491", "2023"))


@pytest.mark.parametrize("path", ["2023/nowhere.xlsx", "2023"], ids=["missing", "a folder"])
def test_a_path_that_holds_no_file(path: str, folder: Path, plan: Plan):
    findings = intake.check([*files(folder), folder / path], plan, None).findings
    assert seen(findings) == [Told("file_not_read", Path(path).name)]


def test_the_same_file_twice_is_read_once(folder: Path, plan: Plan, store: Store):
    shutil.copy(folder / FILE, folder / "2023" / "bản sao.xlsx")
    receipt = intake.ingest(files(folder), plan, store, sender="huyện")
    assert [note.rule for note in receipt.notes] == ["file_twice"]


def test_two_empty_files_are_both_told(tmp_path: Path, plan: Plan):
    empty = [tmp_path / name for name in ("a.xlsx", "b.xlsx")]
    for path in empty:
        path.touch()
    findings = intake.check(empty, plan, None).findings
    assert seen(findings) == [Told("file_empty", "a.xlsx"), Told("file_empty", "b.xlsx")]


@pytest.mark.parametrize(
    "sheets", [(), ("Sheet1",), ("F1", "F2")], ids=["no file", "other", "blank"]
)
def test_a_delivery_without_a_single_figure_is_refused(
    sheets: tuple[str, ...], tmp_path: Path, plan: Plan, store: Store
):
    made = [tmp_path / "x.xlsx"] if sheets else []
    for path in made:
        head = Head("Xã", 2024)
        forms.write(path, head, {"F1": [], "F2": []}, {}, datetime(2025, 1, 1))
        if sheets == ("Sheet1",):
            change("x.xlsx", lambda book: [book.remove(book["F1"]), rename(book["F2"])])(tmp_path)
    with pytest.raises(Refusal) as refusal:
        intake.ingest(made, plan, store, sender="xã")
    assert [f.rule for f in refusal.value.findings if f.severity is Severity.ERROR] == [
        "no_form_in_file"
    ]


def rename(page: Worksheet) -> None:
    page.title = "Sheet1"
    page["A3"] = "Báo cáo"


# --- All or nothing --------------------------------------------------------------------------


def tables(store: Store) -> dict[str, list[Any]]:
    """Everything the store holds."""
    with sa.create_engine(store.url).connect() as connection:
        return {
            name: sorted(connection.execute(sa.select(table)).all())
            for name, table in SCHEMA.tables.items()
        }


@pytest.mark.parametrize("earlier", [False, True], ids=["empty store", "a release before"])
def test_ten_mistakes_in_one_delivery_are_all_told_and_nothing_is_saved(
    earlier: bool, folder: Path, plan: Plan, request: pytest.FixtureRequest
):
    store: Store = request.getfixturevalue("held" if earlier else "store")
    before = tables(store)
    for fault in TEN:
        fault.spoil(folder)
    with pytest.raises(Refusal) as refusal:
        intake.ingest(files(folder), plan, store, sender="huyện")
    expected = [one for fault in TEN for one in (fault.told, *fault.also)]
    if earlier:  # the release before holds the two units' reviews: the others may be corrected
        expected = [one for one in expected if one.rule != "unit_missing"]
    assert seen(refusal.value.findings) == sorted(expected)
    order = [finding.severity for finding in refusal.value.findings]
    assert order == sorted(order)  # errors first, then notes
    assert tables(store) == before
    assert (store.latest() is None) is not earlier
    assert any(before.values()) is earlier


# --- A good delivery, and the next -----------------------------------------------------------


def district(sample: Path, year: int, into: Path, total: bool = True) -> Path:
    """All units of a year in one workbook, with a row of totals."""
    units = [lines_of(path) for path in sorted(sample.glob(f"{year}/*.xlsx"))]
    due = [form.id for form in forms.review_forms()]
    sheets = {form: [line for unit in units for line in unit[form]] for form in due}
    for form, lines in sheets.items():
        sums = [_sum(lines, kind) for kind in forms.forms()[form].lines]
        sheets[form] = [*lines, *sums] if total else lines
    path = into / f"huyện {year}.xlsx"
    forms.write(
        path,
        Head("HUYỆN KON RẪY (mã đơn vị 23485)", year, forms.SAMPLE_MARK),
        sheets,
        {},
        datetime(2025, 1, 1),
    )
    return path


def _sum(lines: list[Line], kind: str) -> Line:
    rows = [line.counts for line in lines if line.line == kind]
    return Line("Tổng cộng", kind, {item: sum(row[item] for row in rows) for item in rows[0]})


def test_what_is_only_noted_is_kept(folder: Path, plan: Plan, held: Store):
    noted = [fault for fault in TEN if fault.told.rule in NOTES]
    for fault in noted:
        fault.spoil(folder)
    receipt = intake.ingest(files(folder), plan, held, sender="huyện")
    assert seen(receipt.notes) == sorted(fault.told for fault in noted)
    assert receipt.release.number == 1  # the same figures as before


def test_the_good_delivery_makes_one_release(folder: Path, plan: Plan, store: Store):
    receipt = intake.ingest(files(folder), plan, store, sender="huyện")
    release, facts = receipt.release, receipt.release.facts
    assert receipt.notes == ()
    assert (release.number, release.years, release.origin) == (
        1,
        [2021, 2022, 2023, 2024],
        Origin.SAMPLE,
    )
    assert facts.groupby("period")["unit"].nunique().tolist() == [7, 7, 7, 7]


def test_sending_it_again_changes_nothing(folder: Path, plan: Plan, held: Store):
    before = tables(held)
    assert intake.ingest(files(folder), plan, held, sender="ai khác").release.number == 1
    assert tables(held) == before


def test_the_year_of_the_merger_stands_on_the_seven_units_before(
    sample: Path, plan: Plan, held: Store
):
    receipt = intake.ingest(sorted(sample.glob("2025/*.xlsx")), plan, held, sender="huyện")
    assert receipt.notes == ()
    facts = receipt.release.facts
    assert facts.groupby("period")["unit"].nunique().tolist() == [7, 7, 7, 7, 3]


def test_a_merged_unit_opens_with_the_sum_of_its_parts(
    folder: Path, sample: Path, plan: Plan, held: Store
):
    shutil.copytree(sample / "2025", folder / "2025")
    put("2025/23485.xlsx", "F2", D10=one_more, G10=one_more)(folder)
    findings = intake.check(sorted(folder.glob("2025/*.xlsx")), plan, held.latest()).findings
    assert seen(findings) == [Told("forms_disagree", "23485.xlsx", "F2", "D10")]


@pytest.mark.parametrize("year", [2021, 2024])
def test_a_corrected_workbook_makes_a_new_release_and_leaves_the_old_one(
    year: int, folder: Path, plan: Plan, held: Store
):
    old = held.release(1)
    file = f"{year}/23485.xlsx"
    put(file, "F1", I10=one_more, J10=None)(folder)
    new = intake.ingest([folder / file], plan, held, sender="Đăk Tơ Lung").release
    assert new.number == 2
    assert held.release(1).facts.equals(old.facts)
    assert held.release(1) != new
    changed = new.facts[new.facts["value"] != old.facts["value"]]
    assert changed[["unit", "period", "item"]].to_numpy().tolist() == [
        ["23485@2021-01-01", str(year), "average_living"]
    ]


def test_a_corrected_closing_stock_must_still_be_the_next_opening_stock(
    folder: Path, plan: Plan, held: Store
):
    file = "2021/23485.xlsx"
    put(file, "F1", M10=one_more, N10=None)(folder)
    put(file, "F8", I11=one_more, J11=one_more)(folder)
    put(file, "F9", AJ10=one_more)(folder)  # persons of a near-poor Xơ Đăng household
    put(file, "F13", R10=one_more, T10=one_more)(folder)
    findings = intake.check([folder / file], plan, held.latest()).findings
    assert seen(findings) == [Told("forms_disagree", "23485.xlsx", "F1", "M10")]


def test_a_workbook_sent_again_is_not_held_against_the_cells_it_replaces(
    folder: Path, plan: Plan, held: Store
):
    file = "2024/23485.xlsx"
    put(file, "F2", J10=one_more, L10=one_more)(folder)  # right, were F1 there to confirm it
    put(file, "F1", A4=None)(folder)
    findings = intake.check([folder / file], plan, held.latest()).findings
    assert seen(findings) == [Told("year_missing", "23485.xlsx", "F1")]


def test_a_workbook_sent_again_must_be_whole(folder: Path, plan: Plan, held: Store):
    change(FILE, lambda book: book.remove(book["F8"]))(folder)
    findings = intake.check([folder / FILE], plan, held.latest()).findings
    assert seen(findings) == [Told("form_missing", "23485.xlsx")]


def test_sample_figures_and_official_ones_share_no_store(folder: Path, plan: Plan, held: Store):
    unmarked(FILE)(folder)
    findings = intake.check([folder / FILE], plan, held.latest()).findings
    assert seen(findings) == [Told("origin_differs", "23485.xlsx")]


def test_an_official_delivery_makes_an_official_release(folder: Path, plan: Plan, store: Store):
    sent = sorted(folder.glob("2024/*.xlsx"))
    for path in sent:
        unmarked(path.name)(path.parent)
    assert intake.ingest(sent, plan, store, sender="huyện").release.origin is Origin.OFFICIAL


# --- One workbook for the district -----------------------------------------------------------


def test_one_workbook_of_the_district_says_what_seven_say(sample: Path, tmp_path: Path, plan: Plan):
    whole = intake.check([district(sample, 2023, tmp_path)], plan, None)
    seven = intake.check(sorted(sample.glob("2023/*.xlsx")), plan, None)
    assert whole.findings == seven.findings == []
    assert values(whole) == values(seven)


def values(delivery: intake.Delivery) -> set[tuple[Any, ...]]:
    return {
        (entry.unit.id, entry.period, entry.form.id, entry.line, *cell)
        for entry in delivery.entries
        for cell in entry.counts.items()
    }


@pytest.mark.parametrize(
    ("sheet", "cell"),
    [("F1", "E17"), ("F2", "L24"), ("F2", "L25")],
    ids=["F1", "households", "persons"],
)
def test_a_total_must_be_the_sum_of_its_units(
    sheet: str, cell: str, sample: Path, tmp_path: Path, plan: Plan
):
    name = district(sample, 2023, tmp_path).name
    put(name, sheet, **{cell: one_more})(tmp_path)
    findings = intake.check([tmp_path / name], plan, None).findings
    assert seen(findings) == [Told("total_differs", name, sheet, cell)]


def test_a_copied_sheet_of_many_units_is_told_once(sample: Path, tmp_path: Path, plan: Plan):
    name = district(sample, 2023, tmp_path).name
    copy_sheet(name, "F1")(tmp_path)
    findings = intake.check([tmp_path / name], plan, None).findings
    assert seen(findings) == [Told("unit_twice", name, "F1 (2)", "B10")]


def test_units_that_do_not_add_up_to_the_published_figure_are_doubted(folder: Path, plan: Plan):
    put("2021/23485.xlsx", "F1", C10=one_more, F10=None, H10=None, J10=None)(folder)
    for form in ("F12", "F13"):
        put("2021/23485.xlsx", form, C10=one_more, D10=one_more, V10=None)(folder)
    (doubt,) = intake.check(files(folder), plan, None).findings
    assert (doubt.rule, doubt.severity) == ("published_differs", Severity.DOUBT)
    assert "7379" in doubt.what("en")


# --- Whatever else ---------------------------------------------------------------------------

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn"]), max_size=8),
    st.sampled_from(["#REF!", "1.834.000", "-5", "A", "B", "Tổng cộng", "Năm 2099", "Hộ"]),
)


@settings(max_examples=25)
@given(
    sheet=st.sampled_from([form.id for form in forms.review_forms()]),
    cells=st.dictionaries(st.tuples(st.integers(3, 12), st.integers(1, 16)), ANYTHING, min_size=1),
)
def test_nothing_typed_into_a_sheet_stops_the_check(
    sheet: str,
    cells: dict[tuple[int, int], Any],
    sample: Path,
    plan: Plan,
    tmp_path_factory: pytest.TempPathFactory,
):
    workbook = load_workbook(sample / FILE)
    for (row, column), value in cells.items():
        if not isinstance(workbook[sheet].cell(row, column), MergedCell):
            workbook[sheet].cell(row, column, value)
    path = tmp_path_factory.mktemp("typed") / "23485.xlsx"
    workbook.save(path)
    for finding in intake.check([path], plan, None).findings:
        assert finding.line("vi")
        assert finding.line("en")


@pytest.mark.parametrize(
    "harmless",
    [
        put(FILE, "F1", J13="Kon Rẫy, ngày 15 tháng 12 năm 2023", K14="TM. UBND XÃ"),
        put(FILE, "F1", A2="Kon Rẫy, ngày 15 tháng 1 năm 2024"),
        put(FILE, "F2", H14="Người lập biểu"),
    ],
    ids=["a signature below", "a date above", "a signature below two lines"],
)
def test_what_surrounds_the_table_is_no_data(harmless: Spoil, folder: Path, plan: Plan):
    harmless(folder)
    assert intake.check(files(folder), plan, None).findings == []


def test_a_percent_cell_holds_the_fraction(folder: Path, plan: Plan):
    def work(workbook: Workbook) -> None:
        page = workbook["F1"]
        page["F10"] = page["E10"].value / page["C10"].value

    change(FILE, work)(folder)
    assert intake.check(files(folder), plan, None).findings == []


def test_a_form_without_its_persons_line_is_missing(folder: Path, plan: Plan):
    put(FILE, "F8", **{f"{column}11": None for column in "CDEFGHIJKLM"})(folder)
    rules = [finding.rule for finding in intake.check(files(folder), plan, None).findings]
    assert rules == ["form_missing"]


def test_no_unit_is_called_like_a_total():
    names = [name for unit in known_units()._by_id.values() for name in unit.names]
    assert [name for name in names if is_total(name)] == []
