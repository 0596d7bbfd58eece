"""The workbook that a unit fills: each figure typed once, the rest locked, what is wrong in red."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from povsim import rules
from povsim.forms import styles
from povsim.forms.catalogue import forms
from povsim.forms.description import Cell, Column, Form
from povsim.forms.filling import Check, Terms, cells_of, checks, followed, is_due, openings
from povsim.forms.guide import Guide, write_guide
from povsim.forms.headings import CHECK_SHEET, GUIDE_SHEET
from povsim.forms.numbers import LARGEST_COUNT
from povsim.forms.verdicts import sign_of, write_checks
from povsim.forms.writing import (
    CODE_ROW,
    FIRST_HEADING,
    LINE_LABELS,
    Head,
    Line,
    address_of,
    first_column,
    font,
    reference,
    timeless,
    write_sheet,
)
from povsim.i18n import Lang, text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SPAN_CELL = "A4"
WIDE = 24
"""A form of more columns is printed two pages wide, or nobody could read it."""
SIGN_HEIGHT = 26
STATUS_WIDTH = 5
"""Columns that the status of a form needs."""


@dataclass(frozen=True)
class Blank:
    """What a workbook is made of before anybody fills it.

    `known`: counts of the review before, for the cells that repeat them. `counted`: what was
    reported within the year, for the cells that hold it. Both come from the release `release`.
    """

    unit: str
    head: Head
    known: Mapping[Cell, int]
    counted: Mapping[Cell, int]
    release: int | None
    lang: Lang = "vi"

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms of a review, or of a part of the year."""
        due = "review" if self.head.through == 12 else "within_year"
        return tuple(form for form in forms().values() if form.due == due)

    @cached_property
    def due(self) -> tuple[Form, ...]:
        """Those that are to be filled: a standard's first review has no flows."""
        return tuple(form for form in self.forms if is_due(form, self.head.year))

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """What can be wrong, form by form."""
        ids = [form.id for form in self.due]
        counted = [
            Check(cell.form, (count,), (cell,), equal=False)
            for cell, count in self.counted.items()
            if cell.form in ids
        ]
        return tuple(sorted([*checks(ids), *counted], key=lambda check: ids.index(check.form)))

    @property
    def opens(self) -> bool:
        """Whether any form says again what the review before found."""
        return any(openings(form) for form in self.due)

    def known_on(self, form: Form, line: str) -> dict[str, int]:
        """What is known of a form's line, by item."""
        known = self.known.items() if form in self.due else ()
        return {cell.item: n for cell, n in known if (cell.form, cell.line) == (form.id, line)}

    def is_typed(self, cell: Cell) -> bool:
        """Whether somebody has to type the count of a cell."""
        return cell not in followed() and cell not in self.known

    def typed(self, form: Form) -> list[Cell]:
        """The cells of a form that somebody has to type."""
        return [cell for cell in cells_of(form, form.counts) if self.is_typed(cell)]


def write(path: Path, blank: Blank, made: datetime) -> None:
    """Write a workbook to fill; the same content gives the same file."""
    from openpyxl import Workbook
    from openpyxl.workbook.properties import CalcProperties

    workbook = Workbook()
    workbook.worksheets[0].title = GUIDE_SHEET
    for form in blank.forms:
        _write_form(workbook.create_sheet(form.id), form, blank)
    if blank.checks:
        write_checks(workbook.create_sheet(CHECK_SHEET), blank.checks, blank.lang)
    write_guide(workbook.worksheets[0], _guide(blank))
    for sheet in workbook.worksheets:
        _protect(sheet)
    workbook.calculation = CalcProperties(fullCalcOnLoad=True)
    workbook.properties.creator = "povsim"
    workbook.properties.created = made
    path.write_bytes(timeless(workbook, made))


def _guide(blank: Blank) -> Guide:
    return Guide(
        place=blank.head.place,
        span=blank.head.span,
        mark=blank.head.mark,
        whole_year=blank.head.through == 12,
        checked=bool(blank.checks),
        opens=blank.opens,
        forms=blank.forms,
        due=blank.due,
        release=blank.release if blank.known else None,
        statuses={form.id: _status_shown(form, blank) for form in blank.forms},
        lang=blank.lang,
    )


def _status_shown(form: Form, blank: Blank) -> str:
    if form not in blank.due:
        return text("template.no_need", blank.lang)
    return f"='{form.id}'!{status_address(form)}"


def status_address(form: Form) -> str:
    """Where a form's status stands: below the table and what is said of it, off the printed page.

    >>> status_address(forms()["F1"]), status_address(forms()["F2"])
    ('A12', 'A14')
    """
    return f"A{CODE_ROW + 1 + 2 * len(form.lines)}"


def _protect(sheet: Worksheet) -> None:
    """Locked without a password: an office can unlock it. Rows and columns may be set wider."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False


# --- A form ----------------------------------------------------------------------------------


def _write_form(sheet: Worksheet, form: Form, blank: Blank) -> None:
    lines = [Line(blank.unit, line, blank.known_on(form, line)) for line in form.lines]
    write_sheet(sheet, form, blank.head, lines, "", {})
    _lay_out(sheet, form)
    _offer_choices(sheet, form, blank)
    for cell in cells_of(form, form.columns):
        styles.fill(sheet[address_of(cell)], styles.GREY)
    if form not in blank.due:
        _say_not_due(sheet, form, blank)
        return
    _fill_formulas(sheet, form)
    _open_cells(sheet, form, blank)
    _write_signs(sheet, form, blank)
    _write_status(sheet, form, blank.lang)
    _colour(sheet, form, blank)


def _lay_out(sheet: Worksheet, form: Form) -> None:
    """The more columns, the narrower, down to what their headings need."""
    from openpyxl.utils import get_column_letter

    first, number = first_column(form), len(form.columns)
    for position in range(first, first + number):
        width = 12 if number < 20 else 10 if number <= WIDE else 8
        sheet.column_dimensions[get_column_letter(position)].width = width
    styles.set_page(sheet, pages_wide=2 if number > WIDE else 1)
    sheet.print_title_rows = f"{FIRST_HEADING}:{CODE_ROW}"
    sheet.print_title_cols = f"A:{get_column_letter(first - 1)}"
    sheet.print_area = f"A1:{address_of(cells_of(form, form.columns)[-1])}"


def _offer_choices(sheet: Worksheet, form: Form, blank: Blank) -> None:
    """Lists for the cells that hold words; locked ones keep theirs for an office that unlocks."""
    styles.offer(sheet, [f"B{CODE_ROW + 1}"], [blank.unit], blank.lang)
    if len(form.lines) > 1:
        rows = range(CODE_ROW + 1, CODE_ROW + 1 + len(form.lines))
        labels = [LINE_LABELS[line] for line in form.lines]
        styles.offer(sheet, [f"C{row}" for row in rows], labels, blank.lang)
    if blank.head.through < 12:
        spans = [Head("", blank.head.year, through=month).span for month in range(1, 12)]
        styles.offer(sheet, [SPAN_CELL], spans, blank.lang)
        styles.open_to_type(sheet[SPAN_CELL])


def _say_not_due(sheet: Worksheet, form: Form, blank: Blank) -> None:
    year = blank.head.year
    standard = rules.standard_for(year).name
    note = sheet[status_address(form)]
    note.value = text("template.not_due", blank.lang, year=year, standard=standard)
    note.font = font(italic=True)
    last = address_of(cells_of(form, form.columns)[-1], below=len(form.lines) + 1)
    sheet.print_area = f"A1:{last}"


# --- Formulas and what is typed --------------------------------------------------------------


def _fill_formulas(sheet: Worksheet, form: Form) -> None:
    for cell in cells_of(form, form.counts):
        if cell in followed():
            _put(sheet, cell, _total(followed()[cell], form.id), "#,##0")
    for column in form.shares:
        for cell in cells_of(form, [column]):
            _put(sheet, cell, _share(column, form.id), "0.00")


def _put(sheet: Worksheet, cell: Cell, formula: str, shown: str) -> None:
    sheet[address_of(cell)] = formula
    sheet[address_of(cell)].number_format = shown


def _total(terms: Terms, home: str) -> str:
    """Blank while a part is blank: missing is not zero."""
    places = [reference(cell, home) for _, cell in terms]
    signed = ("-" if sign < 0 else "+" for sign, _ in terms)
    added = "".join(map("".join, zip(signed, places, strict=True))).removeprefix("+")
    return f'=IF(COUNT({",".join(places)})={len(places)},{added},"")'


def _share(column: Column, home: str) -> str:
    part, whole = (reference(cell, home) for cell in column.share or ())
    rate = f'IF({whole}=0,"",ROUND({part}/{whole}*100,2))'
    return f'=IF(AND(ISNUMBER({part}),ISNUMBER({whole})),{rate},"")'


def _open_cells(sheet: Worksheet, form: Form, blank: Blank) -> None:
    """White, unlocked, yellow while blank, and whole numbers only."""
    from openpyxl.worksheet.datavalidation import DataValidation

    cells = [address_of(cell) for cell in blank.typed(form)]
    for cell in cells:
        styles.fill(sheet[cell], "FFFFFF")
        styles.open_to_type(sheet[cell])
        sheet[cell].number_format = "#,##0"
    count = DataValidation("whole", "0", str(LARGEST_COUNT), operator="between", allow_blank=True)
    styles.demand(sheet, count, cells, text("template.type_a_count", blank.lang), blank.lang)


# --- What is wrong ---------------------------------------------------------------------------


def _write_signs(sheet: Worksheet, form: Form, blank: Blank) -> None:
    """Below the counts, a line for each of theirs that says what is wrong."""
    for offset, line in enumerate(form.lines):
        row = CODE_ROW + 1 + len(form.lines) + offset
        sheet.cell(row, 1, _sign_label(form, line, blank.lang)).font = font(size=9, italic=True)
        sheet.row_dimensions[row].height = SIGN_HEIGHT
    for cell in cells_of(form, form.counts):
        place = sheet[_sign_address(cell)]
        place.value = sign_of(cell, blank.is_typed(cell), blank.checks, blank.lang)
        place.font = font(size=9, color="B00020")
        styles.place(place)


def _sign_label(form: Form, line: str, lang: Lang) -> str:
    label = text("template.signs", lang)
    return label if len(form.lines) == 1 else f"{label}: {LINE_LABELS[line]}"


def _sign_address(cell: Cell) -> str:
    return address_of(cell, below=len(forms()[cell.form].lines))


def _write_status(sheet: Worksheet, form: Form, lang: Lang) -> None:
    """How many cells are wrong, else how many are blank, else that all is well."""
    runs = _runs(form)
    blanks = "+".join(f"COUNTBLANK({address_of(a)}:{address_of(b)})" for a, b in runs)
    signs = [f"{_sign_address(a)}:{_sign_address(b)}" for a, b in runs]
    faults = "+".join(f"SUMPRODUCT(--(LEN({cells})>0))" for cells in signs)
    well = f'"{text("template.well", lang)}"'
    status = f"IF({blanks}>0,{_with_number('template.blanks', blanks, lang)},{well})"
    place = sheet[status_address(form)]
    place.value = f"=IF({faults}>0,{_with_number('template.faults', faults, lang)},{status})"
    place.font = font(bold=True)
    styles.colour_status(sheet, place.coordinate, lang)
    sheet.merge_cells(None, place.row, 1, place.row, STATUS_WIDTH)


def _with_number(key: str, number: str, lang: Lang) -> str:
    """A text as a formula that puts a computed number into it."""
    before, after = text(key, lang, number="\0").split("\0")
    return f'"{before}"&({number})&"{after}"'


def _runs(form: Form) -> list[tuple[Cell, Cell]]:
    """The blocks of counts between columns of percentages: first and last cell of each."""
    blocks = groupby(form.columns, key=lambda column: column.share is None)
    cells = [cells_of(form, columns) for counted, columns in blocks if counted]
    return [(block[0], block[-1]) for block in cells]


def _colour(sheet: Worksheet, form: Form, blank: Blank) -> None:
    """Red where a rule is broken, orange where it is doubtful, yellow where a count is due."""
    cells = cells_of(form, form.columns)
    whole, sign = f"{address_of(cells[0])}:{address_of(cells[-1])}", _sign_address(cells[0])
    styles.colour_where(sheet, whole, f'AND(LEN({sign})>0,LEFT({sign},1)<>"?")', styles.RED)
    styles.colour_where(sheet, whole, f'LEFT({sign},1)="?"', styles.ORANGE)
    for cell in map(address_of, blank.typed(form)):
        styles.colour_where(sheet, cell, f"ISBLANK({cell})", styles.YELLOW)
