"""What each official form holds: lines, columns, identities; read from the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from povsim import rules


@dataclass(frozen=True)
class Column:
    """One column of a form.

    `code` as printed (`4=3/1*100`), `item` the word used in tables, `heading` its three levels.
    `share` holds the items (part, whole) of a printed percentage; `equals` the signed items that
    this column must add up to.
    """

    code: str
    item: str
    heading: tuple[str, str, str]
    share: tuple[str, str] | None = None
    equals: tuple[tuple[int, str], ...] = ()

    @property
    def key(self) -> str:
        """The number that names the column, without its formula.

        >>> Column("4=3/1*100", "poor_share", ("", "", "")).key
        '4'
        """
        return self.code.partition("=")[0].strip()


@dataclass(frozen=True)
class Form:
    """One official form; `table` is the long table its cells belong to."""

    id: str
    title: str
    sheet_names: tuple[str, ...]
    lines: tuple[str, ...]
    table: str
    state: str
    flows_within_standard: bool
    columns: tuple[Column, ...]

    def column(self, item: str) -> Column:
        """The column that holds an item."""
        return next(column for column in self.columns if column.item == item)

    @property
    def counts(self) -> tuple[Column, ...]:
        """The columns that are counted; printed percentages are only checked."""
        return tuple(column for column in self.columns if column.share is None)


@dataclass(frozen=True)
class Cell:
    """An address that survives layout: form, item, line."""

    form: str
    item: str
    line: str = "households"


@dataclass(frozen=True)
class Agreement:
    """Two cells of one unit that must be equal; `right` stands `years_back` reviews earlier."""

    left: Cell
    right: Cell
    years_back: int = 0


@dataclass(frozen=True)
class Bound:
    """Within one row, sum(parts) × times never exceeds whole × whole_times."""

    form: str
    parts: tuple[str, ...]
    whole: str
    times: int = 1
    whole_times: int = 1


@cache
def forms() -> dict[str, Form]:
    """Every form on file, by id (`F1`).

    >>> forms()["F2"].column("closing").key
    '9'
    """
    return {entry["id"]: _form(entry) for entry in rules.load("forms")["form"]}


@cache
def agreements() -> tuple[Agreement, ...]:
    """What the forms must agree on, within a review and with the one before."""
    return tuple(
        Agreement(Cell(**entry["left"]), Cell(**entry["right"]), entry.get("years_back", 0))
        for entry in rules.load("forms")["agreement"]
    )


@cache
def bounds() -> tuple[Bound, ...]:
    """What can never exceed what, within one row."""
    return tuple(bound for entry in rules.load("forms")["bound"] for bound in _bounds(entry))


def _bounds(entry: dict[str, Any]) -> Iterator[Bound]:
    rest = {key: entry[key] for key in ("times", "whole_times") if key in entry}
    for parts in [[item] for item in entry.get("each", [])] or [entry["parts"]]:
        yield Bound(entry["form"], tuple(parts), entry["whole"], **rest)


def _form(entry: dict[str, Any]) -> Form:
    items = {column["code"].partition("=")[0]: column["item"] for column in entry["columns"]}
    return Form(
        id=entry["id"],
        title=entry["title"],
        sheet_names=tuple(entry["sheet_names"]),
        lines=tuple(entry["lines"]),
        table=entry["table"],
        state=entry.get("state", ""),
        flows_within_standard=entry.get("flows_within_standard", False),
        columns=tuple(_column(column, items) for column in entry["columns"]),
    )


def _column(entry: dict[str, Any], items: dict[str, str]) -> Column:
    share = entry.get("share")
    return Column(
        code=entry["code"],
        item=entry["item"],
        heading=tuple(entry["heading"]),
        share=(items[share[0]], items[share[1]]) if share else None,
        equals=tuple(_signed(term, items) for term in entry.get("equals", [])),
    )


def _signed(term: str, items: dict[str, str]) -> tuple[int, str]:
    return (-1 if term.startswith("-") else 1, items[term.lstrip("-")])
