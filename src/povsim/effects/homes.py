"""The households of one unit in every draw: where each stands, what it lacks, what holds it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from povsim.findings import refuse
from povsim.population import GROUPS, Population
from povsim.vocabulary import Group

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Small = NDArray[np.int16]
Flags = NDArray[np.bool_]

UNKNOWN = -1
"""The mask of a household whose deprivations no form tells; causes that none names."""
NO_LABOUR = 1 << GROUPS.index(Group.NO_LABOUR)
ESCAPED_AT = 1 << 20
ENTERED_AT = 1 << 21
"""Numbers of households: the listed of the origin from nought, those escaped by then, entrants."""
A_YEAR = 1 << 16


class Stand(IntEnum):
    """Where a household stands; `OUT_1` left the lists at the last review."""

    POOR = 0
    NEAR_POOR = 1
    OUT_1 = 2
    OUT_2 = 3
    OUT_3 = 4
    OUT = 5
    GONE = 6


RECENT = (Stand.OUT_1, Stand.OUT_2, Stand.OUT_3)


@dataclass(frozen=True, eq=False)
class Homes:
    """Households of a unit: a row a draw, a place a household.

    `household` (place,) are numbers that a household keeps; `stand`, `mask`, `held`, `groups`,
    `causes` are (draw, place). `mask` has a bit an indicator lacked; `held` the bits that an
    entitlement holds up, so that they are not lacked while it lasts; `entered` says a draw holds
    the household at all.
    """

    unit: str
    household: Counts
    stand: NDArray[np.int8]
    mask: Small
    held: Small
    groups: Small
    causes: Small

    @property
    def draws(self) -> int:
        return len(self.stand)

    @property
    def keys(self) -> tuple[Counts, Counts]:
        """Draw and household, to ask a `Grid` with."""
        return np.arange(self.draws)[:, None], self.household

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

    @classmethod
    def at_origin(
        cls, unit: str, populations: Sequence[Population], cohorts: Counts, draws: int
    ) -> Homes:
        """The households of the last review; draws take the populations in turn.

        Args:
            populations: the same counts, put together by other tilts.
            cohorts: (3,) the recently escaped by years since they left, of unknown deprivations.
        """
        parts = [_listed(population, unit) for population in populations]
        stand = np.concatenate([parts[0][0], np.repeat(RECENT, cohorts)]).astype(np.int8)
        listed, out = len(parts[0][0]), int(cohorts.sum())
        turn = np.arange(draws) % len(parts)

        def column(at: int, unknown: int) -> Small:
            rows = np.stack([part[at] for part in parts])
            whole = np.pad(rows, ((0, 0), (0, out)), constant_values=unknown)
            return np.asarray(whole[turn], dtype=np.int16)

        household = np.concatenate([np.arange(listed), ESCAPED_AT + np.arange(out)])
        mask = column(1, UNKNOWN)
        return cls(
            unit,
            household,
            np.tile(stand, (draws, 1)),
            mask,
            np.zeros_like(mask),
            column(2, 0),
            column(3, UNKNOWN),
        )

    def joined(self, other: Homes) -> Homes:
        """These and other households, side by side."""
        names = ("household", "stand", "mask", "held", "groups", "causes")
        pairs = [(getattr(self, name), getattr(other, name)) for name in names]
        return Homes(self.unit, *(np.concatenate(pair, axis=-1) for pair in pairs))


def _listed(population: Population, unit: str) -> tuple[Counts, Counts, Counts, Counts]:
    """State, mask, groups and causes of the households of one unit, the poor first."""
    if unit not in population.units:
        raise refuse("unit_unknown", unit=unit, known=", ".join(population.units))
    rows = np.flatnonzero(population.unit == population.units.index(unit))
    columns = (population.state, population.mask, population.groups, population.causes)
    state, mask, groups, causes = (column[rows] for column in columns)
    return state, mask, groups, causes


def lowest(keys: Floats, count: Counts) -> Flags:
    """The `count` (draw,) lowest of each row of keys, or all that are finite."""
    most = int(min(count.max(initial=0), keys.shape[1]))
    if not most:
        return np.zeros(keys.shape, dtype=bool)
    inside = np.sort(np.partition(keys, most - 1, axis=1)[:, :most], axis=1)
    bar = inside[np.arange(len(keys)), np.clip(count, 1, most) - 1]
    return np.asarray((keys <= bar[:, None]) & np.isfinite(keys) & (count > 0)[:, None])
