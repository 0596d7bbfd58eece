"""What an official form holds: lines, columns, and the rules its cells keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from povsim.findings import Severity


@dataclass(frozen=True)
class Cell:
    """An address that survives layout: form, item, line."""

    form: str
    item: str
    line: str = "households"

    @cached_property
    def row(self) -> tuple[str, str]:
        """Where it stands on a sheet: form and line."""
        return self.form, self.line


@dataclass(frozen=True)
class Column:
    """One column of a form.

    `code` as printed (`4=3/1*100`), `item` the word used in tables, `heading` its three levels.
    `share` holds the cells (part, whole) of a printed percentage; `equals` the signed items that
    this column must add up to; `balance` says that it may fall below nought.
    """

    code: str
    item: str
    heading: tuple[str, str, str]
    share: tuple[Cell, Cell] | None = None
    equals: tuple[tuple[int, str], ...] = ()
    balance: bool = False

    @property
    def key(self) -> str:
        """The number that names the column, without its formula.

        >>> Column("4=3/1*100", "poor_share", ("", "", "")).key
        '4'
        """
        return key_of(self.code)


@dataclass(frozen=True)
class Agreement:
    """`left` equals the sum of `right`, of the same unit, `years_back` reviews earlier."""

    left: Cell
    right: tuple[Cell, ...]
    years_back: int = 0


@dataclass(frozen=True)
class Bound:
    """sum(parts) × times never exceeds sum(whole) × whole_times, of one unit and review."""

    parts: tuple[Cell, ...]
    whole: tuple[Cell, ...]
    times: int = 1
    whole_times: int = 1
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class Form:
    """One form; `holds` says in each language what it is about, `table` is the long table
    its cells belong to, `due` when it is owed.

    `part_of_year` pairs a cell counted within the year with the December cell it is part of.
    """

    id: str
    number: str
    title: str
    also_titled: tuple[str, ...]
    official: bool
    due: str
    holds: Mapping[str, str]
    lines: tuple[str, ...]
    table: str
    state: str
    flows_within_standard: bool
    columns: tuple[Column, ...]
    agreements: tuple[Agreement, ...]
    bounds: tuple[Bound, ...]
    part_of_year: tuple[tuple[Cell, Cell], ...]
    article: str
    verified: bool

    @cached_property
    def by_item(self) -> Mapping[str, Column]:
        """The columns by the word used in tables."""
        return {column.item: column for column in self.columns}

    def column(self, item: str) -> Column:
        """The column that holds an item.

        Raises:
            KeyError: the form has no such item.
        """
        return self.by_item[item]

    @cached_property
    def counts(self) -> tuple[Column, ...]:
        """The columns that are counted; printed percentages are only checked."""
        return tuple(column for column in self.columns if column.share is None)

    @cached_property
    def shares(self) -> tuple[Column, ...]:
        """The columns that hold printed percentages."""
        return tuple(column for column in self.columns if column.share is not None)

    @cached_property
    def own_shares(self) -> tuple[tuple[str, tuple[Cell, Cell]], ...]:
        """Percentages of this form's own counts: the item, its part and its whole."""
        return tuple((item, cells) for item, cells in self._shares if self._owns(cells))

    @cached_property
    def sister_shares(self) -> tuple[tuple[str, tuple[Cell, Cell]], ...]:
        """Percentages of counts that stand on another form."""
        return tuple((item, cells) for item, cells in self._shares if not self._owns(cells))

    @property
    def _shares(self) -> Iterator[tuple[str, tuple[Cell, Cell]]]:
        return ((column.item, column.share) for column in self.columns if column.share)

    def _owns(self, cells: tuple[Cell, Cell]) -> bool:
        return all(cell.form == self.id for cell in cells)

    @cached_property
    def sums(self) -> tuple[Column, ...]:
        """The columns that others must add up to."""
        return tuple(column for column in self.columns if column.equals)

    @property
    def titles(self) -> tuple[str, ...]:
        """The title as printed, and others seen in real files."""
        return (self.title, *self.also_titled)

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """What a sheet of this form may be called."""
        names = (f"{word} {self.number}" for word in ("Mẫu", "Biểu", "Mẫu số", "Biểu số"))
        return (self.id, *names)


def key_of(code: str) -> str:
    """The number that names a column: no formula, and `1.0` is 1 as a spreadsheet has it.

    >>> key_of("9=1-2-3"), key_of("1.0"), key_of("1.2.10")
    ('9', '1', '1.2.10')
    """
    key = code.partition("=")[0].strip()
    return key.removesuffix(".0") if key.count(".") == 1 else key
