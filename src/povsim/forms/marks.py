"""What a sheet tells beside its values: hidden rows and columns, formulas without a value, size."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

from povsim.findings import Place, Refusal, refuse

LARGEST_SHEET = 500_000
"""Cells; a reader lays a sheet out whole, and one stray cell far away makes billions of them."""


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
    unsaved: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    height: int = 0
    width: int = 0

    def fill(self, row: int, column: int, height: int = 1, width: int = 1) -> None:
        """Reach out to a cell, or a block of equal cells, that holds something.

        Raises:
            Refusal: `sheet_too_large`, before anybody lays the sheet out.
        """
        self.height = max(self.height, row + height)
        self.width = max(self.width, column + width)
        if row < 0 or column < 0 or self.height * self.width > LARGEST_SHEET:
            raise too_large(row + height - 1, column + width - 1)

    def fault(self, text: str, row: int, column: int, height: int = 1, width: int = 1) -> None:
        """Keep the text of an error (`#REF!`), which the reader leaves blank."""
        block = product(range(row, row + height), range(column, column + width))
        self.errors |= dict.fromkeys(block, text)


def too_large(row: int, column: int) -> Refusal:
    """The refusal of a sheet for the cell that stands too far out."""
    cell = address(max(row, 0), max(column, 0))
    return refuse("sheet_too_large", Place(cell=cell), cell=cell)
