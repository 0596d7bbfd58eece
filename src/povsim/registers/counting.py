"""Counts of which some are not known: from how many surely to how many at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from povsim.poverty.answers import Answer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Amount:
    """What each row counts for: between `low` and `high`, shape (n,).

    Where `endless` there is no most, where `bottomless` no least: nobody counted the household.
    """

    low: Ints
    high: Ints
    endless: Flags
    bottomless: Flags

    @classmethod
    def exactly(cls, number: Ints) -> Amount:
        """The same at least and at most."""
        none = np.zeros(len(number), bool)
        return cls(number, number, none, none)

    @classmethod
    def ones(cls, rows: int) -> Amount:
        """One a row: the households themselves."""
        return cls.exactly(np.ones(rows, np.int64))

    def rows(self, places: NDArray[np.intp]) -> Amount:
        """The amounts of some rows."""
        return Amount(
            self.low[places], self.high[places], self.endless[places], self.bottomless[places]
        )

    def where(self, who: Answer) -> Amount:
        """What each row adds to the count of those of whom it is so.

        >>> both = Answer(np.array([True, False, False]), np.array([True, True, False]))
        >>> found = Amount.exactly(np.array([4, 5, 6])).where(both)
        >>> found.low.tolist(), found.high.tolist()
        ([4, 0, 0], [4, 5, 0])
        """
        maybe = who.may & ~who.sure
        low = np.where(who.sure, self.low, np.where(maybe, np.minimum(self.low, 0), 0))
        high = np.where(who.sure, self.high, np.where(maybe, np.maximum(self.high, 0), 0))
        return Amount(low, high, self.endless & who.may, self.bottomless & who.may)

    def times(self, fewest: Ints, most: Ints) -> Amount:
        """So many times over, at least and at most; the amount itself is not below nought."""
        return Amount(
            np.where(fewest < 0, self.high, self.low) * fewest,
            np.where(most < 0, self.low, self.high) * most,
            self.endless & (most > 0),
            self.endless & (fewest < 0),
        )

    def above(self, other: Amount) -> Amount:
        """By how much it passes the other, and nought where it does not."""
        return Amount(
            np.where(other.endless, 0, np.maximum(self.low - other.high, 0)),
            np.maximum(self.high - other.low, 0),
            self.endless,
            np.zeros(len(self.low), bool),
        )

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.low + other.low,
            self.high + other.high,
            self.endless | other.endless,
            self.bottomless | other.bottomless,
        )

    def by(self, place: NDArray[np.intp], places: int) -> Amount:
        """Added up by unit: `place` is each row's, shape (places,)."""

        def added(numbers: NDArray[np.int64] | Flags) -> Ints:
            sums: Ints = np.bincount(place, weights=numbers, minlength=places).astype(np.int64)
            return sums

        return Amount(
            added(self.low),
            added(self.high),
            added(self.endless) > 0,
            added(self.bottomless) > 0,
        )
