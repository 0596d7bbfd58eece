"""How cells of a workbook to fill look: typed and locked, blank and wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from povsim.i18n import Lang, text

if TYPE_CHECKING:
    from openpyxl.cell import Cell as SheetCell
    from openpyxl.styles import PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

GREY, YELLOW, RED, ORANGE, GREEN = "EDEDED", "FFF2B3", "F5A3A3", "FBCF9B", "C6E5C8"
STATUS_COLOURS = {"faults": RED, "blanks": YELLOW, "well": GREEN}
"""By the text that a form's status is."""


def fill(cell: SheetCell, colour: str) -> None:
    """Give a cell its ground."""
    cell.fill = _ground(colour)


def _ground(colour: str) -> PatternFill:
    from openpyxl.styles import PatternFill

    return PatternFill("solid", start_color=colour, end_color=colour)


def open_to_type(cell: SheetCell) -> None:
    """Leave a cell unlocked when its sheet is protected."""
    from openpyxl.styles import Protection

    cell.protection = Protection(locked=False)


def place(cell: SheetCell, across: str = "center") -> None:
    """Set a text in the middle of its cell, broken over lines."""
    from openpyxl.styles import Alignment

    cell.alignment = Alignment(horizontal=across, vertical="center", wrap_text=True)


def set_page(sheet: Worksheet, pages_wide: int = 1) -> None:
    """A4 on its side, as wide as so many pages, and as long as it takes."""
    from openpyxl.worksheet.page import PageMargins

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages_wide, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.6, bottom=0.6)


def colour_where(sheet: Worksheet, cells: str, condition: str, colour: str) -> None:
    """Colour cells while a condition holds; of several the first given wins.

    The condition speaks of the first cell and its own sheet only: Excel keeps conditions on other
    sheets in a part of the file that older ones do not read.
    """
    from openpyxl.formatting.rule import FormulaRule

    rule = FormulaRule(formula=[condition], fill=_ground(colour), stopIfTrue=True)
    sheet.conditional_formatting.add(cells, rule)


def colour_word(sheet: Worksheet, cells: str, first: str, word: str, colour: str) -> None:
    """Colour cells that begin with a word; `first` is the first of them."""
    colour_where(sheet, cells, f'LEFT({first},{len(word)})="{word}"', colour)


def colour_status(sheet: Worksheet, cell: str, lang: Lang) -> None:
    """Red, yellow or green, by how a form's status begins."""
    for key, colour in STATUS_COLOURS.items():
        word = text(f"template.{key}", lang, number="\0").partition("\0")[0].rstrip()
        colour_word(sheet, cell, cell, word, colour)


def offer(sheet: Worksheet, cells: Iterable[str], choices: Sequence[str], lang: Lang) -> None:
    """A list to choose from in some cells; anything else is refused."""
    from openpyxl.worksheet.datavalidation import DataValidation

    choice = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    demand(sheet, choice, cells, text("template.choose", lang), lang)


def demand(
    sheet: Worksheet, rule: DataValidation, cells: Iterable[str], error: str, lang: Lang
) -> None:
    """Hold what is typed into some cells against a rule, with a box that says what to type."""
    rule.errorTitle, rule.error = text("template.error_title", lang), error
    rule.showErrorMessage = True
    for cell in cells:
        rule.add(cell)
    if rule.sqref.ranges:
        sheet.add_data_validation(rule)
