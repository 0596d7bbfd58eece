"""Households of one unit followed through the years: where each stands, what it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from povsim.population import GROUPS
from povsim.vocabulary import Group

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Small = NDArray[np.int16]
Flags = NDArray[np.bool_]

NO_LABOUR = 1 << GROUPS.index(Group.NO_LABOUR)


class Stand(IntEnum):
    """Where a household stands; `OUT_1` left the lists at the last review."""

    POOR = 0
    NEAR_POOR = 1
    OUT_1 = 2
    OUT_2 = 3
    OUT_3 = 4
    OUT = 5
    GONE = 6


@dataclass(frozen=True, eq=False)
class Homes:
    """Households of a unit, all (draw, place): a row a draw, a place a household.

    `household` are numbers that a household keeps; `mask` has a bit an indicator lacked, −1 where
    no form tells; `held` the bits that an entitlement holds up, so that they are not lacked while
    it lasts. Empty places are GONE.
    """

    household: Counts
    stand: NDArray[np.int8]
    mask: Small
    held: Small
    groups: Small
    causes: Small

    @property
    def poor(self) -> Flags:
        return np.asarray(self.stand == Stand.POOR)

    @property
    def near_poor(self) -> Flags:
        return np.asarray(self.stand == Stand.NEAR_POOR)

    @property
    def recent(self) -> Flags:
        """Those that left the lists within three years."""
        return np.asarray((self.stand >= Stand.OUT_1) & (self.stand <= Stand.OUT_3))

    @property
    def known(self) -> Flags:
        """Those of which it is known what they lack."""
        return np.asarray(self.mask >= 0)

    @property
    def structural(self) -> Flags:
        """The poor without labour capacity: they leave only by what is built or given."""
        return np.asarray(self.poor & ((self.groups & NO_LABOUR) > 0))

    @property
    def number(self) -> Counts:
        """How many indicators each lacks (draw, place); nought where it is unknown."""
        return np.where(self.known, np.bitwise_count(np.maximum(self.mask, 0)), 0).astype(np.int64)
