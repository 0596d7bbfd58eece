"""Every count known while a delivery is checked: the delivered ones, and what the store holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from povsim import rules
from povsim.findings import Place
from povsim.forms import Cell
from povsim.intake.delivery import Delivery, Entry, Review
from povsim.plan import Plan
from povsim.store import Release
from povsim.vocabulary import Period

Counts = Mapping[tuple[str, str], Mapping[str, int]]
"""Counts of one review by form and line, then by item."""

AT_HAND = 64
"""Of how many reviews the counts stand ready; those of the others are packed."""

Held = dict[Review, dict[tuple[str, str], dict[str, int]]]
"""Counts by unit and time, then as above."""


class Cells:
    """Counts by unit, time and address; a review that is sent again hides the one in the store.

    Delivered counts know their place, counts of the store do not. Of the store, only the plan's
    units are looked at: it may hold a whole province.
    """

    def __init__(self, delivery: Delivery, current: Release | None, plan: Plan) -> None:
        self._delivery = delivery
        self._current = current and current.of(plan.kin())
        self._earlier: dict[tuple[Review, Period], list[Review]] = {}
        self.counts = lru_cache(AT_HAND)(self._counts_of)

    @cached_property
    def _held(self) -> Held:
        held: Held = {}
        if self._current is None:
            return held
        periods = {p: Period.parse(p) for p in self._current.facts["period"].unique()}
        for unit, period, form, line, item, value in self._current.facts.itertuples(index=False):
            review = held.setdefault((unit, periods[period]), {})
            review.setdefault((form, line), {})[item] = int(value)
        for sent in self._delivery.reviews:
            held.pop(sent, None)
        return held

    def reviews(self) -> set[Review]:
        """Every review known, delivered or held."""
        return {*self._delivery.reviews, *self._held}

    @cached_property
    def times(self) -> list[Period]:
        """Every time that something is known of, oldest first."""
        return sorted({period for _, period in self.reviews()})

    def held(self, review: Review) -> bool:
        """Whether the store holds a review that the delivery does not bring again."""
        return review in self._held

    def lines(self, review: Review) -> Iterable[tuple[str, str]]:
        """The forms and lines known of a review."""
        sent = self._delivery.reviews
        return sent[review] if review in sent else self._held.get(review, ())

    def entry(self, review: Review, cell: Cell) -> Entry | None:
        """The delivered line that a cell stands on."""
        return self._delivery.reviews.get(review, {}).get(cell.row)

    def _counts_of(self, review: Review) -> Counts:
        """All counts of one review, delivered or held."""
        sent = self._delivery.reviews.get(review)
        if sent is None:
            return self._held.get(review, {})
        return {row: entry.counts for row, entry in sent.items()}

    def value(self, review: Review, cell: Cell) -> int | None:
        """The count in a cell, or None where nobody gave one."""
        return count_in(self.counts(review), cell)

    def place(self, review: Review, cell: Cell) -> Place | None:
        """Where a delivered cell stands."""
        entry = self.entry(review, cell)
        return entry.place(cell.item) if entry and cell.item in entry.counts else None

    def earlier(self, review: Review, before: Period) -> list[Review]:
        """The reviews at an earlier time of a unit and of every unit that was merged into it."""
        if (review, before) not in self._earlier:
            unit, period = review
            parts = rules.units().parts(unit, period.end, before.end)
            self._earlier[review, before] = [(str(part.id), before) for part in parts]
        return self._earlier[review, before]

    def sum(self, reviews: Iterable[Review], cells: Sequence[Cell]) -> int | None:
        """The sum over cells and reviews, or None where one of them is not known."""
        whole: int | None = None
        for review in reviews:
            part = sum_in(self.counts(review), cells)
            if part is None:
                return None
            whole = part + (whole or 0)
        return whole

    def each(self, reviews: Iterable[Review], cells: Sequence[Cell]) -> list[list[int | None]]:
        """For every cell its count in every review, each review looked at once."""
        found = [[count_in(self.counts(review), cell) for cell in cells] for review in reviews]
        return [list(counts) for counts in zip(*found, strict=True)] or [[] for _ in cells]


def count_in(counts: Counts, cell: Cell) -> int | None:
    """The count in a cell of one review, or None where nobody gave one."""
    line = counts.get(cell.row)
    return line.get(cell.item) if line else None


def sum_in(counts: Counts, cells: Sequence[Cell]) -> int | None:
    """The sum over cells of one review, or None where one of them is not known."""
    total = 0
    try:
        for cell in cells:
            total += counts[cell.row][cell.item]
    except KeyError:
        return None
    return total


def successor(unit: str, period: Period) -> str:
    """The unit that holds this unit's households at the end of a later period."""
    return str(rules.units().at(unit, period.end).id)
