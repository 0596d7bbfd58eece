"""What a sheet tells beside its values: hidden rows and columns, formulas without a value, size."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

from povsim.findings import Place, Refusal, refuse

LARGEST_SHEET = 5_000_000
"""Cells; a reader lays a sheet out whole, and one stray cell far away makes billions of them."""

Cell = tuple[int, int]
"""Row and column, 0-based."""


def address(row: int, column: int) -> str:
    """A spreadsheet address from 0-based numbers.

    >>> address(7, 1), address(0, 26)
    ('B8', 'AA1')
    """
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


@dataclass
class Marks:
    """What one sheet tells beside its values; all numbers 0-based.

    Hidden rows and columns come as ranges, for files hide a million empty ones at once.
    """

    rows: list[range] = field(default_factory=list)
    columns: list[range] = field(default_factory=list)
    unsaved: set[Cell] = field(default_factory=set)
    errors: dict[Cell, str] = field(default_factory=dict)
    height: int = 0
    width: int = 0

    def fill(self, row: int, column: int, height: int = 1, width: int = 1) -> None:
        """Reach out to a cell, or a block of equal cells, that holds something.

        Raises:
            Refusal: `sheet_too_large`, if the sheet grows too large to be laid out.
        """
        self.height = max(self.height, row + height)
        self.width = max(self.width, column + width)
        if not (row >= 0 <= column and self.height * self.width <= LARGEST_SHEET):
            raise too_large(row + height - 1, column + width - 1)

    def fault(self, row: int, column: int, text: str, height: int = 1, width: int = 1) -> None:
        """Keep the text of an error (`#REF!`), which readers leave blank."""
        block = product(range(row, row + height), range(column, column + width))
        self.errors |= dict.fromkeys(block, text)


def too_large(row: int, column: int) -> Refusal:
    """The refusal of a sheet for the cell that stands too far out."""
    cell = address(row, column)
    return refuse("sheet_too_large", Place(cell=cell), cell=cell)
