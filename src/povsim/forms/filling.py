"""What a form's cells are to each other: typed once, or filled by a formula, or held in check."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from povsim import rules
from povsim.findings import Severity
from povsim.forms.catalogue import agreements, forms
from povsim.forms.description import Agreement, Bound, Cell, Column, Form

Terms = tuple[tuple[int, Cell], ...]
"""Cells that add up, each with its sign."""


@dataclass(frozen=True)
class Check:
    """A rule that typing can break: the left side is, or never exceeds, the right side.

    A side is the sum of its cells, times a factor. A number is a count that is known already.
    """

    form: str
    left: tuple[Cell | int, ...]
    right: tuple[Cell | int, ...]
    equal: bool
    times: int = 1
    right_times: int = 1
    severity: Severity = Severity.ERROR

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of both sides."""
        return tuple(term for term in (*self.left, *self.right) if isinstance(term, Cell))


@cache
def followed() -> Mapping[Cell, Terms]:
    """The counts that a formula fills, and the cells that make them up.

    A total adds up its own row. Another cell repeats those it must agree with where they stand
    before it: so each figure is typed once, and no formula waits for itself (a test says it).
    """
    found = {cell: terms for form in forms().values() for cell, terms in _totals(form)}
    for rule in agreements():
        for cell, others in _both_ways(rule):
            if cell not in found and all(_stands(other) < _stands(cell) for other in others):
                found[cell] = tuple((1, other) for other in others)
    return found


def openings(form: Form) -> dict[Cell, tuple[Cell, ...]]:
    """The cells that say again what the review before found, and where it stood there."""
    return {rule.left: rule.right for rule in form.agreements if rule.years_back == 1}


def cells_of(form: Form, columns: Iterable[Column]) -> list[Cell]:
    """The cells of some columns, line by line."""
    chosen = list(columns)
    return [Cell(form.id, column.item, line) for line in form.lines for column in chosen]


def is_due(form: Form, year: int) -> bool:
    """Whether a form is made for a year: flows compare two reviews on one standard."""
    return not form.flows_within_standard or rules.standard_for(year).first_review < year


def checks(chosen: Collection[str]) -> list[Check]:
    """The rules among some forms that no formula keeps, by form."""
    found = (check for id, form in forms().items() if id in chosen for check in _checks(form))
    return [check for check in found if all(cell.form in chosen for cell in check.cells)]


def _checks(form: Form) -> Iterator[Check]:
    for rule in form.agreements:
        if rule.years_back == 0 and not _is_kept(rule):
            yield Check(form.id, (rule.left,), rule.right, equal=True)
    yield from (_check(form, bound) for bound in form.bounds)


def _check(form: Form, bound: Bound) -> Check:
    sides = (bound.parts, bound.whole)
    return Check(form.id, *sides, False, bound.times, bound.whole_times, bound.severity)


def _is_kept(rule: Agreement) -> bool:
    """Whether one side is filled from the other, so that both are always the same."""
    return any(
        followed().get(cell) == tuple((1, other) for other in others)
        for cell, others in _both_ways(rule)
    )


def _both_ways(rule: Agreement) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
    """A cell and what it can be filled from: either of two cells that agree."""
    if rule.years_back == 0:
        yield rule.left, rule.right
        if len(rule.right) == 1:
            yield rule.right[0], (rule.left,)


def _totals(form: Form) -> Iterator[tuple[Cell, Terms]]:
    for line in form.lines:
        for column in form.sums:
            terms = tuple((sign, Cell(form.id, item, line)) for sign, item in column.equals)
            yield Cell(form.id, column.item, line), terms


@cache
def _stands(cell: Cell) -> tuple[int, int]:
    """The order in which cells are come to: sheet by sheet, column by column."""
    form = forms()[cell.form]
    return list(forms()).index(cell.form), form.columns.index(form.column(cell.item))
