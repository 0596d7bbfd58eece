"""What lines do to the households they serve: what they relieve, how far they lift incomes.

Lines on one deprivation work apart from each other: it stays only where all of them fail. Shifts
of income add up to MOST_SHIFT at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from povsim.effects.homes import Flags, Floats, Homes, Small
from povsim.effects.lines import Kind, Line
from povsim.streams import Grid

MOST_SHIFT = 0.8
"""Log-odds of escaping by income that all lines together may give a household."""


@dataclass(frozen=True, eq=False)
class Serving:
    """Households (draw, place) that a line serves, from the money of one year."""

    line: Line
    year: int
    rows: Flags

    @property
    def shows(self) -> int:
        """The year in which the effect shows."""
        return self.year + self.line.lag

    def wide(self, places: int) -> Serving:
        """The same where other households have come."""
        more = places - self.rows.shape[1]
        return Serving(self.line, self.year, np.pad(self.rows, ((0, 0), (0, more))))


@dataclass(frozen=True, eq=False)
class Aid:
    """What lines do in a year, by draw and place.

    `reliefs` have, for every line on a deprivation, how far inside its effect a household lies:
    −1 the surest, nought the last that is relieved, infinite whoever is not (`strength`). `shift`
    is added to the log-odds of income.
    """

    reliefs: Sequence[tuple[Line, Floats]]
    shift: Floats

    @classmethod
    def of(
        cls,
        servings: Iterable[Serving],
        sizes: Mapping[str, Floats],
        homes: Homes,
        year: int,
        *,
        seed: int,
    ) -> Aid:
        """What those servings do that show in a year, under θ (draw,) of each line (`sizes`)."""
        servings = [serving for serving in servings if serving.shows == year]
        reliefs = [
            (s.line, strength(s, sizes[s.line.id], homes, seed=seed))
            for s in servings
            if s.line.kind is Kind.INDICATOR
        ]
        shift = np.zeros(homes.stand.shape)
        for serving in servings:
            if serving.line.kind is Kind.INCOME:
                shift += serving.rows * sizes[serving.line.id][:, None]
        return cls(reliefs, np.minimum(shift, MOST_SHIFT))

    def counted(self, mask: Small, within: Floats) -> Small:
        """The bits of `mask` (draw, place) that are relieved where strengths count to `within`."""
        bits = np.zeros(mask.shape, dtype=np.int16)
        for line, strong in self.reliefs:
            bits |= np.where(strong < within[:, None], np.int16(line.bit), np.int16(0))
        return np.asarray(bits & np.maximum(mask, 0), dtype=np.int16)

    def strengths(self, mask: Small) -> Floats:
        """Of each household the strengths on what it lacks, the surest first (bit, draw, place).

        Infinite where there is none; as many as lines may relieve at once.
        """
        by_bit: dict[int, Floats] = {}
        for line, strong in self.reliefs:
            known = by_bit.get(line.bit)
            by_bit[line.bit] = strong if known is None else np.minimum(known, strong)
        rows = [
            np.where((mask >= 0) & ((mask & bit) > 0), strong, np.inf)
            for bit, strong in by_bit.items()
        ]
        return np.sort(np.stack(rows), axis=0) if rows else np.empty((0, *mask.shape))


def strength(serving: Serving, size: Floats, homes: Homes, *, seed: int) -> Floats:
    """How far inside a line's effect each household lies (draw, place): luck over θ, less one.

    The luck of a household with a line and year is the same in every scenario.
    """
    grid = Grid(seed, "relieved", serving.line.id, homes.unit, serving.year)
    luck = grid(*homes.keys)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = luck / size[:, None] - 1
    return np.where(serving.rows & (luck < size[:, None]), inside, np.inf)
