"""What is wrong in a workbook as it is filled: a sheet of rules, and a sign at every cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from povsim.findings import Severity
from povsim.forms import manual, styles
from povsim.forms.catalogue import forms
from povsim.forms.description import Cell
from povsim.forms.filling import Check
from povsim.forms.headings import CHECK_SHEET
from povsim.forms.numbers import LARGEST_COUNT
from povsim.forms.writing import address_of, font, frame, reference
from povsim.i18n import Lang, text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FIRST_ROW = 4
HEADINGS = ("number", "form", "rule", "left", "right", "verdict")
WIDTHS = {"A": 6, "B": 8, "C": 96, "D": 12, "E": 12, "F": 16}
CHARACTERS = 122
"""Letters that the column of rules holds in one line."""
LINE_HEIGHT = 15


# --- The sheet of rules ----------------------------------------------------------------------


def write_checks(sheet: Worksheet, checks: Sequence[Check], lang: Lang) -> None:
    """Every rule that typing can break, its two sides as they stand, and the verdict."""
    sheet["A1"] = text("checks.title", lang)
    sheet["A1"].font = font(bold=True, size=14)
    for column, name in enumerate(HEADINGS, 1):
        cell = sheet.cell(FIRST_ROW - 1, column, text(f"checks.{name}", lang))
        frame(cell, bold=True)
        styles.place(cell)
    for row, check in enumerate(checks, FIRST_ROW):
        _write_check(sheet, row, check, lang)
    _lay_out(sheet, FIRST_ROW + len(checks) - 1, lang)


def _write_check(sheet: Worksheet, row: int, check: Check, lang: Lang) -> None:
    said = manual.in_words(check, lang)
    left, right = _side(check.left, check.times), _side(check.right, check.right_times)
    verdict = _verdict(row, check, lang)
    values = (row - FIRST_ROW + 1, check.form, said, left, right, verdict)
    for column, value in enumerate(values, 1):
        cell = sheet.cell(row, column, value)
        frame(cell)
        styles.place(cell, "left" if column == 3 else "center")
        cell.number_format = "#,##0"
    sheet.row_dimensions[row].height = LINE_HEIGHT * (1 + len(said) // CHARACTERS)


def _side(terms: Sequence[Cell | int], times: int) -> str:
    """One side of a rule; blank while a part of it is."""
    places = ",".join(map(reference, terms))
    factor = f"{times}*" if times != 1 else ""
    return f'=IF(COUNT({places})={len(terms)},{factor}SUM({places}),"")'


def _verdict(row: int, check: Check, lang: Lang) -> str:
    holds = f"D{row}{'=' if check.equal else '<='}E{row}"
    judged = f'IF({holds},"{text("checks.right_word", lang)}","{_word(check, lang)}")'
    return f'=IF(COUNT(D{row},E{row})=2,{judged},"{text("checks.waiting", lang)}")'


def _word(check: Check, lang: Lang) -> str:
    """What a broken rule is called."""
    doubt = check.severity is Severity.DOUBT
    return text("checks.doubt" if doubt else "checks.wrong", lang)


def _lay_out(sheet: Worksheet, last: int, lang: Lang) -> None:
    for letter, width in WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{FIRST_ROW}"
    colours = {"wrong": styles.RED, "doubt": styles.ORANGE, "right_word": styles.GREEN}
    for key, colour in colours.items():
        word = text(f"checks.{key}", lang)
        styles.colour_word(sheet, f"F{FIRST_ROW}:F{last}", f"F{FIRST_ROW}", word, colour)
    styles.set_page(sheet)
    sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"


# --- The sign at a cell ----------------------------------------------------------------------


def sign_of(cell: Cell, typed: bool, checks: Sequence[Check], lang: Lang) -> str:
    """A formula for the first thing wrong with a cell: `≠ F1.3`, `> F4.1`; "?" before a doubt.

    `typed`: somebody types the cell, so it may hold anything.
    """
    formula = '""'
    for condition, told in reversed(
        [*_by_itself(cell, typed, lang), *_by_rules(cell, checks, lang)]
    ):
        formula = f'IF({condition},"{told}",{formula})'
    return f"={formula}"


def _by_itself(cell: Cell, typed: bool, lang: Lang) -> Iterator[tuple[str, str]]:
    """Pasting passes by the data validation; a computed rest may fall below nought."""
    place = address_of(cell)
    if typed:
        odd = f"OR({place}<0,{place}>{LARGEST_COUNT},{place}<>INT({place}))"
        yield f"IF(ISNUMBER({place}),{odd},LEN({place})>0)", text("checks.no_count", lang)
    elif not forms()[cell.form].column(cell.item).balance:
        yield f"IF(ISNUMBER({place}),{place}<0,FALSE)", "< 0"


def _by_rules(cell: Cell, checks: Sequence[Check], lang: Lang) -> list[tuple[str, str]]:
    """Whether each rule is broken, as the sheet of rules says; errors come before doubts."""
    found = [(row, check) for row, check in enumerate(checks, FIRST_ROW) if cell in check.cells]
    found.sort(key=lambda pair: pair[1].severity is Severity.DOUBT)
    return [
        (f"'{CHECK_SHEET}'!$F${row}=\"{_word(check, lang)}\"", _sign(cell, check))
        for row, check in found
    ]


def _sign(cell: Cell, check: Check) -> str:
    """How a cell, or the sum or multiple it is part of, stands to the other side of a rule."""
    sides = [(check.left, check.times, ">"), (check.right, check.right_times, "<")]
    (own, times, sign), (other, other_times, _) = sides if cell in check.left else sides[::-1]
    cells = [term for term in other if isinstance(term, Cell)]
    shown = manual.added(cells, other_times) if cells else ", ".join(map(str, other))
    part = "Σ " if len(own) > 1 else f"{times}× " if times != 1 else ""
    doubt = "? " if check.severity is Severity.DOUBT else ""
    return f"{doubt}{part}{'≠' if check.equal else sign} {shown}"
