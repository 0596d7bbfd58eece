"""Random numbers of a projection: each belongs to its purpose, unit and year, and ends in the draw.

Neither other units nor a longer horizon nor more draws change a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from povsim.streams import Streams
from povsim.trajectory.panel import Counts, Floats

FEW = 4.0
"""Standard deviation under which a binomial count is drawn exactly."""


class Dice:
    """The generators of one seed for the years ahead and so many draws.

    What is common to all units comes in pairs of opposite draws (antithetic variates: Hammersley
    and Morton 1956, doi:10.1017/S0305004100031455): a median owes nothing to the luck of a seed
    that all units would share. Of one thread: others work on with `alone()`.
    """

    def __init__(self, seed: int, years: tuple[int, ...], draws: int) -> None:
        self._seed, self.years, self.draws = seed, years, draws
        self._streams = Streams(seed)

    def alone(self) -> Dice:
        """The same numbers for another thread."""
        return Dice(self._seed, self.years, self.draws)

    def at(self, purpose: str, *identity: object) -> np.random.Generator:
        """The generator for one purpose and identity: good until the next is asked for."""
        return self._streams(f"trajectory/{purpose}", *identity)

    def common(self, purpose: str, *identity: object) -> Floats:
        """Standard normals (draw,) for all units, in opposite pairs."""
        half = self.at(purpose, *identity).standard_normal(self._pairs)
        return np.stack([half, -half], axis=1).ravel()[: self.draws]

    def yearly(self, purpose: str) -> Floats:
        """Standard normals (year, draw) for all units, in opposite pairs."""
        return np.stack([self.common(purpose, year) for year in self.years])

    def beta(self, purpose: str, law: tuple[float, float]) -> Floats:
        """Shares (draw,) for all units; one for both draws of a pair."""
        return self._paired(self.at(purpose).beta(*law, self._pairs))

    def uniform(self, purpose: str) -> Floats:
        """Shares (draw,) from 0 to 1 for all units; one for both draws of a pair."""
        return self._paired(self.at(purpose).random(self._pairs))

    def chisquare(self, purpose: str, freedom: float) -> Floats:
        """Squares (draw,) for all units; one for both draws of a pair."""
        return self._paired(self.at(purpose).chisquare(freedom, self._pairs))

    def own(self, purpose: str, units: Sequence[str]) -> Floats:
        """Standard normals (unit, 1, draw)."""
        rows = np.empty((len(units), 1, self.draws))
        for row, unit in zip(rows, units, strict=True):
            self.at(purpose, unit).standard_normal(out=row[0])
        return rows

    def own_yearly(self, purpose: str, units: Sequence[str]) -> Floats:
        """Standard normals (unit, year, draw)."""
        rows = np.empty((len(units), len(self.years), self.draws))
        for (i, unit), (h, year) in product(enumerate(units), enumerate(self.years)):
            self.at(purpose, unit, year).standard_normal(out=rows[i, h])
        return rows

    def binomial(
        self, purpose: str, units: Sequence[str], trials: Counts, share: Floats, *, out: Counts
    ) -> None:
        """Binomial counts (unit, year, draw).

        Many at once come from a normal each, skewed as the binomial is (Cornish and Fisher 1938,
        doi:10.2307/1400905): no quantile's probability is off by more than .001. Few are exact.
        """
        mean = trials * share
        sd = np.sqrt(mean * (1 - share))
        normal = self.own_yearly(purpose, units)
        counts = np.rint(mean + sd * normal + (1 - 2 * share) * (normal**2 - 1) / 6)
        np.clip(counts, 0, trials, out=out, casting="unsafe")
        few = sd < FEW
        for i, h in np.argwhere(few.any(axis=2)):
            generator, at = self.at(f"{purpose} few", units[i], self.years[h]), few[i, h]
            out[i, h, at] = generator.binomial(trials[i, h, at], share[i, h, at])

    @property
    def _pairs(self) -> int:
        return -(-self.draws // 2)

    def _paired(self, each: Floats) -> Floats:
        return np.repeat(each, 2)[: self.draws]
