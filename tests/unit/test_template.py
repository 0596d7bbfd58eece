"""Workbooks to fill: typed and locked, filled and read back, wrong and red."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.formula.translate import Translator
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from povsim import forms
from povsim.findings import Refusal, Severity
from povsim.forms import Cell, Head
from povsim.forms.filling import cells_of, followed, openings
from povsim.forms.headings import CHECK_SHEET, GUIDE_SHEET
from povsim.forms.styles import ORANGE, RED, YELLOW
from povsim.forms.template import Blank, status_address, write
from povsim.forms.writing import address_of
from povsim.i18n import catalogue
from povsim.intake import check
from povsim.intake.blank import blank_for, unit_of, write_blank
from povsim.plan import Plan
from povsim.store import FACT_COLUMNS, Store, Submission
from povsim.vocabulary import Origin, Period

pytestmark = pytest.mark.xdist_group("template")

MADE = datetime(2024, 1, 1)
SIZE = 4
"""Persons a household, wherever the fillings below do not say otherwise."""

Counts = dict[Cell, int]
Fill = Callable[[Random, Counts], Counts]


def blank(year: int = 2024, through: int = 12, known: Counts | None = None) -> Blank:
    head = Head("UBND XÃ ĐĂK TƠ LUNG (mã đơn vị 23485)", year, "", through)
    return Blank("Đăk Tơ Lung", head, known or {}, {}, 3 if known else None)


def known(poor: int, near_poor: int) -> Counts:
    """Opening counts of F2, F3 and TX."""
    found = {}
    for form in forms.forms().values():
        for cell, (was,) in openings(form).items():
            households = near_poor if was.item.startswith("near_poor") else poor
            found[cell] = households * (SIZE if cell.line == "persons" else 1)
    return found


def saved(folder: Path, made_of: Blank, name: str = "biểu.xlsx") -> Path:
    path = folder / name
    write(path, made_of, MADE)
    return path


def own_columns(form: forms.Form) -> list[Cell]:
    return cells_of(form, form.columns)


# --- The workbook as it is sent --------------------------------------------------------------


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    folder = tmp_path_factory.mktemp("blank")
    return load_workbook(saved(folder, blank(known=known(120, 80))))


def whole_number_cells(sheet: Worksheet) -> set[str]:
    rules_of = [r for r in sheet.data_validations.dataValidation if r.type == "whole"]
    return {cell for rule in rules_of for cell in _cells_in(sheet, str(rule.sqref))}


def _cells_in(sheet: Worksheet, ranges: str) -> Iterator[str]:
    for one in ranges.split():
        left, top, right, bottom = range_boundaries(one)
        for row in sheet.iter_rows(top, bottom, left, right):
            yield from (cell.coordinate for cell in row)


def test_the_sheets_stand_in_order(review: Workbook) -> None:
    ids = [form.id for form in forms.review_forms()]
    assert review.sheetnames == [GUIDE_SHEET, *ids, CHECK_SHEET]


def test_open_cells_are_typed_counts_and_nothing_else(review: Workbook) -> None:
    for form in forms.review_forms():
        sheet = review[form.id]
        unlocked = {c.coordinate for row in sheet for c in row if not c.protection.locked}
        typed = {
            address_of(cell)
            for cell in cells_of(form, form.counts)
            if cell not in followed() and cell not in openings(form)
        }
        assert unlocked == typed
        assert whole_number_cells(sheet) == typed
        assert all(sheet[cell].value is None for cell in typed)


def test_every_other_cell_of_a_form_is_a_formula_or_known(review: Workbook) -> None:
    for form in forms.review_forms():
        for cell in own_columns(form):
            value = review[form.id][address_of(cell)].value
            if cell in openings(form):
                assert value == known(120, 80)[cell]
            elif cell in followed() or form.column(cell.item).share:
                assert str(value).startswith("=")


def test_each_figure_is_typed_once() -> None:
    for rule in forms.agreements():
        if rule.years_back == 0 and len(rule.right) == 1:
            assert {rule.left, *rule.right} & set(followed())


def test_no_formula_waits_for_itself() -> None:
    def depth(cell: Cell, above: tuple[Cell, ...] = ()) -> int:
        assert cell not in above, cell
        parts = (other for _, other in followed().get(cell, ()))
        return 1 + max((depth(part, (*above, cell)) for part in parts), default=0)

    assert max(map(depth, followed())) > 2


def test_sheets_are_locked_without_a_password(review: Workbook) -> None:
    for sheet in review:
        assert sheet.protection.sheet
        assert sheet.protection.password is None


def test_what_is_typed_wrongly_is_answered_in_vietnamese(review: Workbook) -> None:
    for sheet in review:
        for rule in sheet.data_validations.dataValidation:
            assert rule.showErrorMessage
            assert 0 < len(rule.errorTitle) <= 32
            assert 0 < len(rule.error) <= 225
            assert rule.error in catalogue("vi").values()
            assert len(rule.formula1) <= 255


def test_words_are_chosen_from_lists(review: Workbook, tmp_path: Path) -> None:
    assert lists(review["F2"]) == {"B10": '"Đăk Tơ Lung"', "C10": LINES, "C11": LINES}
    (choice,) = lists(review[GUIDE_SHEET])
    assert not review[GUIDE_SHEET][choice].protection.locked
    within = load_workbook(saved(tmp_path, blank(through=10)))["TX"]
    assert not within["A4"].protection.locked
    assert within["A4"].value in lists(within)["A4"]


LINES = '"Hộ,Nhân khẩu"'


def lists(sheet: Worksheet) -> dict[str, str]:
    """The choices by cell."""
    chosen = (rule for rule in sheet.data_validations.dataValidation if rule.type == "list")
    return {cell: r.formula1 for r in chosen for cell in _cells_in(sheet, str(r.sqref))}


def test_pages_are_a4_on_their_side_with_their_headings(review: Workbook) -> None:
    for sheet in review:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    for form in forms.review_forms():
        sheet = review[form.id]
        assert sheet.freeze_panes == ("D10" if len(form.lines) > 1 else "C10")
        assert sheet.print_title_rows == "$6:$9"
        assert sheet["B10"].font.name == "Times New Roman"


def test_a_first_review_has_its_flow_forms_but_nothing_to_fill(tmp_path: Path) -> None:
    workbook = load_workbook(saved(tmp_path, blank(2021)))
    for id in ("F2", "F3"):
        sheet = workbook[id]
        assert whole_number_cells(sheet) == set()
        assert all(cell.protection.locked for row in sheet for cell in row)
        assert all(sheet[address_of(c)].value is None for c in own_columns(forms.forms()[id]))
        assert "Không lập: năm 2021" in str(sheet["A14"].value)
    assert whole_number_cells(workbook["F4"])


def test_the_guide_speaks_of_every_form_and_of_nobody(review: Workbook) -> None:
    told = "\n".join(str(c.value) for row in review[GUIDE_SHEET] for c in row if c.value)
    for form in forms.review_forms():
        assert form.holds["vi"] in told
        assert f"='{form.id}'!{status_address(form)}" in told
    for words in ("14 tháng 12", "13/2023/NĐ-CP", "povsim ingest", "không phải 0", "Chưa xác nhận"):
        assert words in told


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    one = saved(tmp_path, blank(known=known(1, 2)), "a.xlsx").read_bytes()
    assert one == saved(tmp_path, blank(known=known(1, 2)), "b.xlsx").read_bytes()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_sheet_of_rules_tells_each_once(tmp_path: Path, lang: str) -> None:
    sheet = load_workbook(saved(tmp_path, replace(blank(), lang=lang)))[CHECK_SHEET]
    said = [sheet.cell(row, 3).value for row in range(4, sheet.max_row + 1)]
    assert len(said) == len(set(said)) > 100


# --- Filled, computed, read back -------------------------------------------------------------


def coherent(dice: Random, opening: Counts) -> Counts:
    """Counts that keep every rule: from few households of each kind, in all the forms."""
    counts: Counts = {}

    def put(form: str, line: str = "households", **items: int) -> None:
        counts.update({Cell(form, item, line): count for item, count in items.items()})

    def put_both(form: str, **items: int) -> None:
        put(form, **items)
        put(form, "persons", **{item: count * SIZE for item, count in items.items()})

    start = {
        form: opening.get(Cell(form, "opening"), dice.randint(40, 90)) for form in ("F2", "F3")
    }
    down, up, out, new = (dice.randint(0, 12) for _ in range(4))
    put_both("F2", opening=start["F2"], escaped_to_near_poor=down, escaped_above=out)
    put_both("F2", other_decrease=1, near_poor_to_poor=up, relapsed=2, newly_poor=new)
    put_both("F2", other_increase=0)
    put_both("F3", opening=start["F3"], escaped_above=out, other_decrease=2, relapsed=0)
    put_both("F3", newly_near_poor=new, other_increase=1)
    poor = start["F2"] - down - out - 1 + up + 2 + new
    near = start["F3"] - up - out - 2 + down + new + 1
    total = poor + near + 500
    put("F1", households=total, poor=poor, near_poor=near, average_living=200)
    put("F1", persons=total * SIZE, poor_persons=poor * SIZE, near_poor_persons=near * SIZE)
    put("F1", average_living_persons=200 * SIZE)
    lacks = [column.item for column in forms.forms()["F4"].counts[2:]]
    put("F4", **{item: poor if n < 3 else dice.randint(0, poor) for n, item in enumerate(lacks)})
    put("F6", **{item: near // 2 if n < 4 else 0 for n, item in enumerate(lacks)})
    kinh, peoples = 3, [c.item.removeprefix("poor_") for c in forms.forms()["F9"].columns[1:11]]
    for state, size in (("poor", poor), ("near_poor", near)):
        shares = dict.fromkeys(peoples, 0) | {"kinh": kinh, "xo_dang": size - kinh}
        put("F9", **{f"{state}_{people}": count for people, count in shares.items()})
        put("F9", **{f"{state}_persons_{people}": n * SIZE for people, n in shares.items()})
        groups = {"dtts": size - kinh, "no_labour": size // 3, "merit": size // 5}
        put_both("F8", **{f"{state}_{group}": count for group, count in groups.items()})
        lacking = {"nutrition": size, "insurance": dice.randint(0, size), "schooling": size}
        put("F11", "persons", **{f"{state}_children": 2 * size})
        put("F11", "persons", **{f"{state}_children_{lack}": n for lack, n in lacking.items()})
        form = "F12" if state == "poor" else "F13"
        put(form, households_kinh=100, households_dtts=total - 100, households_local=total - 200)
        put(form, persons_kinh=100 * SIZE, persons_dtts=(total - 100) * SIZE)
        put(form, persons_local=(total - 200) * SIZE)
        put(form, **{f"{state}_local": size - kinh - 5, f"{state}_female_head": size // 4})
        put(form, **{f"{state}_persons_kinh": kinh * SIZE})
        put(form, **{f"{state}_persons_dtts": (size - kinh) * SIZE})
        put(form, **{f"{state}_persons_local": (size - kinh - 5) * SIZE})
    put("F10", **{column.item: dice.randint(0, poor) for column in forms.forms()["F10"].columns})
    put("F10", lack_land=poor)
    for column in forms.forms()["TX"].counts:
        put_both("TX", **{column.item: dice.randint(60, 90) if "opening" in column.item else 2})
    return counts


def incoherent(dice: Random, _: Counts) -> Counts:
    """Any counts, small ones often, so that rules hold and break by turns."""
    cells = (cell for form in forms.forms().values() for cell in cells_of(form, form.counts))
    return {cell: dice.choice([0, 1, 7, dice.randint(0, 400), 10**6]) for cell in cells}


def patchy(dice: Random, opening: Counts) -> Counts:
    """Coherent but for a few cells, some of them left blank."""
    counts = coherent(dice, opening)
    for cell in dice.sample(sorted(counts, key=str), 40):
        if dice.random() < 0.5:
            del counts[cell]
        else:
            counts[cell] = max(counts[cell] + dice.choice([-2, 3]), 0)
    return counts


def nothing(dice: Random, opening: Counts) -> Counts:
    """Noughts all over: no rate of nobody."""
    return dict.fromkeys(incoherent(dice, opening), 0)


def untouched(*_: object) -> Counts:
    """Nothing typed."""
    return {}


@dataclass(frozen=True)
class Filling:
    """A workbook as somebody sends it: what was typed, and where it was saved."""

    made_of: Blank
    typed: Counts
    path: Path
    right: bool
    """Whether it was filled so that nothing is wrong."""

    @cached_property
    def workbook(self) -> Workbook:
        return load_workbook(self.path, data_only=True)

    @cached_property
    def reading(self) -> forms.Reading:
        return forms.read(self.path)

    @cached_property
    def counts(self) -> Counts:
        """What a reader finds."""
        return {
            Cell(sheet.form.id, item, row.line): count
            for sheet in self.reading.sheets
            for row in sheet.rows
            for item, count in row.counts.items()
        }

    @cached_property
    def expected(self) -> Counts:
        """What the cells must hold, by our own arithmetic."""
        held = self.typed | {c: n for c, n in self.made_of.known.items() if self.is_due(c)}
        while new := dict(self._derived(held)):
            held |= new
        return held

    @property
    def period(self) -> Period:
        return Period(self.made_of.head.year, self.made_of.head.through)

    def is_due(self, cell: Cell) -> bool:
        return forms.forms()[cell.form] in self.made_of.due

    def _derived(self, held: Counts) -> Iterator[tuple[Cell, int]]:
        """Totals of known parts, and cells that must say what a known one says."""
        for form in self.made_of.due:
            for cell in cells_of(form, form.sums):
                terms = form.column(cell.item).equals
                parts = [(sign, held.get(replace(cell, item=item))) for sign, item in terms]
                if cell not in held and all(n is not None for _, n in parts):
                    yield cell, sum(sign * n for sign, n in parts if n is not None)
            for rule in form.agreements:
                if rule.years_back == 0 and len(rule.right) == 1:
                    yield from self._repeated(rule.left, rule.right[0], held)

    def _repeated(self, one: Cell, two: Cell, held: Counts) -> Iterator[tuple[Cell, int]]:
        for cell, other in ((one, two), (two, one)):
            column = forms.forms()[cell.form].column(cell.item)
            typed = self.made_of.is_typed(cell)
            if cell not in held and other in held and not typed and not column.equals:
                yield cell, held[other]

    def broken(self) -> dict[Cell, Severity]:
        """The cells that a broken rule concerns, by our own arithmetic; errors before doubts."""
        found: dict[Cell, Severity] = {
            cell: Severity.ERROR
            for cell, count in self.expected.items()
            if count < 0 and not forms.forms()[cell.form].column(cell.item).balance
        }
        for cells, severity in self._broken_rules():
            for cell in cells:
                if found.get(cell) is not Severity.ERROR:
                    found[cell] = severity
        return found

    def _broken_rules(self) -> Iterator[tuple[tuple[Cell, ...], Severity]]:
        for form in self.made_of.due:
            for rule in form.agreements:
                cells = (rule.left, *rule.right)
                known_now = rule.years_back == 0 and self._all_known(cells)
                if known_now and self.expected[rule.left] != self._sum(rule.right):
                    yield cells, Severity.ERROR
            for bound in form.bounds:
                cells = (*bound.parts, *bound.whole)
                left, right = bound.times, bound.whole_times
                known_now = self._all_known(cells)
                if known_now and self._sum(bound.parts) * left > self._sum(bound.whole) * right:
                    yield cells, bound.severity

    def _all_known(self, cells: tuple[Cell, ...]) -> bool:
        return all(cell in self.expected for cell in cells)

    def _sum(self, cells: tuple[Cell, ...]) -> int:
        return sum(self.expected[cell] for cell in cells)

    def sign(self, cell: Cell) -> str:
        """What the workbook says is wrong with a cell."""
        below = len(forms.forms()[cell.form].lines)
        return self.workbook[cell.form][address_of(cell, below)].value or ""

    @cached_property
    def conditions(self) -> Workbook:
        """The same workbook, computed with the conditions of its colours as cells of their own."""
        return load_workbook(_beside(self.path), data_only=True)

    def colour(self, cell: Cell) -> str:
        """The colour that the first condition to hold gives to a cell."""
        sheet = self.conditions[cell.form]
        holds = (sheet[address_of(cell)].offset(FAR * n).value for n in range(1, 4))
        return next((c for c, held in zip(COLOURS, holds, strict=True) if held), "")


COLOURS, FAR = (RED, ORANGE, YELLOW), 100
"""Colours in their order, and how many rows below its cell each condition is computed."""


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}-conditions.xlsx")


def _lay_out_conditions(workbook: Workbook) -> None:
    """Every condition of a form's colours as a formula of its own, so that it is computed."""
    for sheet in (sheet for sheet in workbook if sheet.title in forms.forms()):
        for condition in sheet.conditional_formatting:
            places = list(_cells_in(sheet, str(condition.sqref)))
            for rule in condition.rules:
                colour = rule.dxf.fill.bgColor.rgb[-6:]
                for place in places if colour in COLOURS else ():
                    if sheet[place].row > 9:
                        formula = Translator(f"={rule.formula[0]}", places[0])
                        below = FAR * (COLOURS.index(colour) + 1)
                        sheet[place].offset(below).value = formula.translate_formula(place)


FILLINGS = [  # year, through, what is known of the review before, how it is filled
    (2024, 12, known(70, 60), coherent),
    (2021, 12, {}, coherent),
    (2024, 12, known(70, 60), incoherent),
    (2025, 12, {}, incoherent),
    (2023, 12, known(90, 50), patchy),
    (2024, 12, known(0, 0), nothing),
    (2024, 12, {}, untouched),
    (2024, 6, known(70, 60), coherent),
    (2025, 10, {}, incoherent),
]

RIGHT = (coherent, nothing, untouched)
SAMPLES = [("Kon Braih", Period(2025)), ("Đăk Rve", Period(2022)), ("Đăk Kôi", Period(2024, 10))]
"""Reviews whose workbook is made from the store and filled with the sample's own counts."""


@pytest.fixture(scope="module")
def fillings(
    tmp_path_factory: pytest.TempPathFactory, plan: Plan, sample_store: str
) -> list[Filling]:
    """Every filling typed, and computed by one run of LibreOffice."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed here")
    folder = tmp_path_factory.mktemp("filled")
    made = []
    for number, (year, through, opening, fill) in enumerate(FILLINGS):
        counts = fill(Random(number + 7), opening)
        path = folder / f"{number}.xlsx"
        made.append(_typed(path, blank(year, through, opening), counts, fill in RIGHT))
    for unit, period in SAMPLES:
        made_of, counts = _of_sample(unit, period, plan, Store(sample_store))
        made.append(_typed(folder / f"{unit}.xlsx", made_of, counts, right=True))
    _paste(folder)
    out = folder / "computed"
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(out), *map(str, folder.glob("*.xlsx"))]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    if not out.is_dir():
        pytest.skip("LibreOffice is here without its spreadsheet (libreoffice-calc-nogui)")
    return [replace(filling, path=out / filling.path.name) for filling in made]


def _paste(folder: Path) -> None:
    path = saved(folder, blank(), "pasted.xlsx")
    workbook = load_workbook(path)
    for column, (value, _) in enumerate(PASTED, 3):
        workbook["F10"].cell(10, column).value = value
    workbook.save(path)


def _of_sample(unit: str, period: Period, plan: Plan, store: Store) -> tuple[Blank, Counts]:
    found, release = unit_of(unit, period, plan), store.latest()
    assert release is not None
    facts = release.facts
    facts = facts[(facts["unit"] == str(found.id)) & (facts["period"] == str(period))]
    counts = {
        Cell(form, item, line): int(value)
        for form, line, item, value in facts[FACT_COLUMNS[2:]].itertuples(index=False)
    }
    return blank_for(found, period, plan, release), counts


def _typed(path: Path, made_of: Blank, counts: Counts, right: bool) -> Filling:
    write(path, made_of, MADE)
    workbook = load_workbook(path)
    open_cells = {cell for form in made_of.due for cell in made_of.typed(form)}
    typed = {cell: count for cell, count in counts.items() if cell in open_cells}
    for cell, count in typed.items():
        workbook[cell.form][address_of(cell)] = count
    workbook.save(path)
    _lay_out_conditions(workbook)
    workbook.save(_beside(path))
    return Filling(made_of, typed, path, right)


NUMBERS = range(len(FILLINGS) + len(SAMPLES))


@pytest.mark.parametrize("number", NUMBERS)
def test_no_formula_fails(fillings: list[Filling], number: int) -> None:
    for sheet in fillings[number].workbook:
        failed = [c.coordinate for row in sheet for c in row if c.data_type == "e"]
        assert failed == [], sheet.title


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_typed_and_what_is_computed_come_back(fillings: list[Filling], number: int) -> None:
    filling = fillings[number]
    assert {finding.place.sheet for finding in filling.reading.findings} <= {CHECK_SHEET}
    assert [sheet.form for sheet in filling.reading.sheets] == list(filling.made_of.forms)
    assert {sheet.period for sheet in filling.reading.sheets} == {filling.period}
    assert filling.counts == filling.expected
    assert filling.typed.items() <= filling.counts.items()


@pytest.mark.parametrize("number", NUMBERS)
def test_rates_are_those_of_the_counts(fillings: list[Filling], number: int) -> None:
    filling = fillings[number]
    for form in filling.made_of.due:
        for column in form.shares:
            shown = filling.workbook[form.id][address_of(Cell(form.id, column.item))].value
            part, whole = (filling.expected.get(cell) for cell in column.share or ())
            if part is None or not whole:
                assert shown in (None, "")
            else:
                assert float(shown) == pytest.approx(part / whole * 100, abs=0.00501)


@pytest.mark.parametrize("number", NUMBERS)
def test_red_is_what_breaks_a_rule(fillings: list[Filling], number: int) -> None:
    filling, broken = fillings[number], fillings[number].broken()
    for form in filling.made_of.due:
        for cell in cells_of(form, form.counts):
            colour = {Severity.ERROR: RED, Severity.DOUBT: ORANGE}.get(broken.get(cell), "")
            if cell not in filling.expected and filling.made_of.is_typed(cell):
                colour = YELLOW
            assert filling.colour(cell) == colour, cell
            assert bool(filling.sign(cell)) == (cell in broken), cell


@pytest.mark.parametrize("number", NUMBERS)
def test_the_status_counts_what_is_wrong_and_what_is_blank(
    fillings: list[Filling], number: int
) -> None:
    filling, broken = fillings[number], fillings[number].broken()
    for form in filling.made_of.due:
        cells = cells_of(form, form.counts)
        wrong = sum(cell in broken for cell in cells)
        blanks = sum(cell not in filling.expected for cell in cells)
        told = "Đủ, khớp"
        if wrong:
            told = f"Sai hoặc cần xem lại {wrong} ô: xem dòng Kiểm tra"
        elif blanks:
            told = f"Còn {blanks} ô trống"
        assert filling.workbook[form.id][status_address(form)].value == told, form.id


SIGNS = [  # cell, what may stand below it
    (Cell("F1", "poor"), ["Σ > F1.1", "> F1.9", "≠ F2.9", "< F10.1", "? > F10.1 + … + F10.8"]),
    (Cell("F2", "closing", "persons"), ["< 0", "≠ F1.9"]),
    (Cell("F4", "households"), ["3× > F4.2", "< F4.3"]),
    (Cell("F6", "households"), ["2× < F6.2"]),
    (Cell("F9", "poor_persons_thai"), ["không phải số đếm", "Σ ≠ F1.9", "< F9.1.1.8"]),
]


@pytest.mark.parametrize(("cell", "signs"), SIGNS)
def test_signs_say_how_a_cell_stands_to_the_other_side(
    review: Workbook, cell: Cell, signs: list[str]
) -> None:
    below = len(forms.forms()[cell.form].lines)
    formula = review[cell.form][address_of(cell, below)].value
    assert [sign for sign in signs if f'"{sign}"' not in formula] == []


def test_right_counts_leave_nothing_red(fillings: list[Filling]) -> None:
    assert [bool(filling.broken()) for filling in fillings] == [not f.right for f in fillings]


def test_right_counts_are_taken_in(fillings: list[Filling], plan: Plan) -> None:
    for filling in fillings:
        if filling.right and filling.typed and any(filling.typed.values()):
            told = {finding.rule for finding in check([filling.path], plan, None).findings}
            assert told <= {"unit_missing", "sheet_ignored"}, filling.path.name


def test_the_sample_typed_into_its_workbook_is_the_sample(
    fillings: list[Filling], plan: Plan, sample_store: str
) -> None:
    for filling, (unit, period) in zip(fillings[-len(SAMPLES) :], SAMPLES, strict=True):
        _, counts = _of_sample(unit, period, plan, Store(sample_store))
        assert filling.counts == counts
        assert {sheet.sample for sheet in filling.reading.sheets} == {True}


def test_every_colour_is_seen(fillings: list[Filling]) -> None:
    cells = (
        filling.colour(cell)
        for filling in fillings
        for form in filling.made_of.due
        for cell in own_columns(form)
    )
    assert set(cells) == {*COLOURS, ""}


PASTED = [("12 hộ", True), (-3, True), (2.5, True), ("1.834", True), (2 * 10**8, True), (7, False)]
"""What passes by the data validation when it is pasted, and whether the workbook says so."""


def test_what_is_pasted_is_held_against_the_same_rule(fillings: list[Filling]) -> None:
    sheet = load_workbook(fillings[0].path.with_name("pasted.xlsx"), data_only=True)["F10"]
    told = [sheet.cell(11, column).value for column, _ in enumerate(PASTED, 3)]
    assert told == ["không phải số đếm" if wrong else None for _, wrong in PASTED]


@pytest.mark.parametrize("number", [0])
def test_rules_are_listed_with_their_sides(fillings: list[Filling], number: int) -> None:
    sheet = fillings[number].workbook[CHECK_SHEET]
    rows = [[c.value for c in row[3:6]] for row in sheet.iter_rows(min_row=4, max_col=6)]
    assert {verdict for *_, verdict in rows} == {"Đúng"}
    assert all(isinstance(side, (int, float)) for *sides, _ in rows for side in sides)


# --- What the store knows --------------------------------------------------------------------


def submission(unit: str, period: str, origin: Origin, **counts: int) -> Submission:
    """One unit's counts, told as `F1__poor=7`: form and item."""
    rows = [
        (unit, period, form, line, item, count)
        for written, count in counts.items()
        for form, _, item in [written.partition("__")]
        for line in forms.forms()[form].lines
    ]
    facts = pd.DataFrame(rows, columns=FACT_COLUMNS).astype({"value": "Int64"})
    return Submission(unit, period, "x.xlsx", "0" * 64, origin, facts)


def f1(poor: int) -> dict[str, int]:
    return {
        "F1__poor": poor,
        "F1__poor_persons": 4 * poor,
        "F1__near_poor": 2 * poor,
        "F1__near_poor_persons": 8 * poor,
    }


RUONG, TO_RE, TAN_LAP = (f"{code}@2021-01-01" for code in ("23488", "23494", "23497"))


def kon_braih(plan: Plan, store: Store, period: Period) -> Blank:
    return blank_for(unit_of("Kon Braih", period, plan), period, plan, store.latest())


def test_an_empty_store_leaves_the_openings_to_type(plan: Plan, store: Store) -> None:
    made_of = kon_braih(plan, store, Period(2025))
    assert (made_of.known, made_of.counted, made_of.release, made_of.head.mark) == (
        {},
        {},
        None,
        "",
    )
    assert Cell("F2", "opening") in made_of.typed(forms.forms()["F2"])


def test_a_merged_unit_opens_with_the_sum_of_its_parts(plan: Plan, store: Store) -> None:
    sent = [
        submission(unit, "2024", Origin.OFFICIAL, **f1(poor))
        for unit, poor in ((RUONG, 10), (TO_RE, 20), (TAN_LAP, 30))
    ]
    store.save(sent[:2], "test", "official")
    assert kon_braih(plan, store, Period(2025)).known == {}, "a part is missing, so is the sum"
    store.save(sent[2:], "test", "official")
    for period in (Period(2025), Period(2025, 10)):
        found = kon_braih(plan, store, period)
        assert found.release == 2
        assert found.known[Cell("F2", "opening")] == 60
        assert found.known[Cell("F3", "opening", "persons")] == 480
        assert found.known[Cell("TX", "near_poor_opening")] == 120


def test_the_year_holds_what_was_reported_within_it(plan: Plan, store: Store) -> None:
    first = {"TX__poor_relapsed": 5, "TX__poor_newly_poor": 3}
    store.save([submission(RUONG, "2024-H1", Origin.OFFICIAL, **first)], "test", "official")
    later = {"TX__poor_relapsed": 7}
    store.save([submission(RUONG, "2024-M10", Origin.OFFICIAL, **later)], "test", "official")
    unit = unit_of("23488", Period(2024), plan)
    counted = blank_for(unit, Period(2024), plan, store.latest()).counted
    assert counted[Cell("F2", "relapsed")] == 7
    assert counted[Cell("F2", "newly_poor", "persons")] == 3
    assert blank_for(unit, Period(2024, 11), plan, store.latest()).counted == {}


def test_a_workbook_with_sample_figures_is_a_sample(
    plan: Plan, store: Store, tmp_path: Path
) -> None:
    store.save([submission(RUONG, "2023", Origin.SAMPLE, **f1(9))], "test", "official")
    unit = unit_of("Đăk Ruồng", Period(2024), plan)
    write_blank(tmp_path / "a.xlsx", unit, Period(2024), plan, store.latest())
    sheet = load_workbook(tmp_path / "a.xlsx")["F2"]
    assert forms.SAMPLE_MARK in sheet["A5"].value
    assert sheet["A1"].value == "UBND XÃ ĐĂK RUỒNG, HUYỆN KON RẪY (mã đơn vị 23488)"
    assert sheet["D10"].value == 9


REFUSED = [  # unit, period, rule
    ("23488", Period(2026), "template_year"),
    ("23488", Period(2025), "unit_name_unknown"),
    ("Đăk Ruồng", Period(2021, 6), "template_not_due"),
]


@pytest.mark.parametrize(("written", "period", "rule"), REFUSED)
def test_what_cannot_be_made_is_refused(
    plan: Plan, tmp_path: Path, written: str, period: Period, rule: str
) -> None:
    def make() -> None:
        write_blank(tmp_path / "a.xlsx", unit_of(written, period, plan), period, plan, None)

    with pytest.raises(Refusal) as refusal:
        make()
    assert [finding.rule for finding in refusal.value.findings] == [rule]
    assert not (tmp_path / "a.xlsx").exists()


def test_a_unit_of_another_plan_is_refused(plan: Plan) -> None:
    smaller = replace(plan, units=plan.units[:2])
    with pytest.raises(Refusal, match="không thuộc kế hoạch"):
        unit_of("Đăk Ruồng", Period(2024), smaller)


# --- The command -----------------------------------------------------------------------------


def test_the_command_says_what_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POVSIM_STORE", f"sqlite:///{tmp_path}/s.sqlite")
    command = [sys.executable, "-m", "povsim", "template", "Đăk Kôi", "2024", "--through", "6"]
    command += ["--out", str(tmp_path / "biểu" / "tx.xlsx")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert "tx.xlsx" in ran.stdout
    assert "để gõ" in ran.stdout
    assert load_workbook(tmp_path / "biểu" / "tx.xlsx").sheetnames == [GUIDE_SHEET, "TX"]
