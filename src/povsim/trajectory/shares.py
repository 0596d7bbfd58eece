"""Parts of a state in the years ahead: groups among the poor, households that lack an indicator.

Each part's share follows a trend as the state's own rate does, and its count is drawn from the
state's count in the same draw: a part is never more than the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from povsim.findings import refuse
from povsim.plan import DISTRICT
from povsim.trajectory import paths
from povsim.trajectory.dice import Dice
from povsim.trajectory.fitting import Priors, Trend, fit_share
from povsim.trajectory.panel import STATES, Counts, Floats
from povsim.trajectory.projection import LEVELS, Projection
from povsim.vocabulary import State


@dataclass(frozen=True, eq=False)
class Shares:
    """Draws of the parts of a state: `households` (part, unit, year, draw), `whole` the state's.

    Parts may overlap; what they share is not known.
    """

    state: State
    parts: tuple[str, ...]
    units: tuple[str, ...]
    years: tuple[int, ...]
    households: Counts
    whole: Counts

    def count(self, part: str, unit: str | None = None) -> Counts:
        """Draws (year, draw) of a part's households in a unit, or in all of them.

        Raises:
            KeyError: no such part or unit.
        """
        if part not in self.parts:
            raise KeyError(part)
        return np.asarray(self.households[self.parts.index(part), self._at(unit)].sum(axis=0))

    def share(self, part: str, unit: str | None = None) -> Floats:
        """Draws (year, draw) of a part's share of the state; nought where nobody is in it."""
        whole = self.whole[self._at(unit)].sum(axis=0)
        return np.asarray(self.count(part, unit) / np.maximum(whole, 1))

    def quantiles(self, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
        """Quantiles of households and share: part, unit (the district first), year, level."""
        rows = [
            pd.DataFrame(
                {
                    "part": part,
                    "unit": unit or DISTRICT,
                    "year": np.repeat(self.years, len(levels)),
                    "level": list(levels) * len(self.years),
                    "households": np.quantile(self.count(part, unit), levels, axis=1).T.ravel(),
                    "share": np.quantile(self.share(part, unit), levels, axis=1).T.ravel(),
                }
            )
            for part in self.parts
            for unit in (None, *self.units)
        ]
        return pd.concat(rows, ignore_index=True)

    def _at(self, unit: str | None) -> list[int]:
        if unit is None:
            return list(range(len(self.units)))
        if unit not in self.units:
            raise KeyError(unit)
        return [self.units.index(unit)]


def project_shares(
    counts: Mapping[str, Floats],
    whole: Floats,
    years: Sequence[int],
    projection: Projection,
    state: State,
    *,
    seed: int,
    priors: Priors | None = None,
) -> Shares:
    """Draw the parts of a state in every draw of a projection.

    Every part has its own level in each unit, a damped drift and yearly shocks of its own that
    all units share; parts move independently given the state (an assumption).

    Args:
        counts: of each part, (unit, year) in the order of the projection's units.
        whole: the state's households, the same shape.
        years: increasing, the last one the projection's origin.
        state: which state of the projection the parts are of.
        seed: as of the projection.

    Raises:
        Refusal: `shares_short` (under two years, or not up to the origin), `shares_impossible`
            (missing, negative, or more than the whole).
        ValueError: arrays of another shape.
    """
    priors = priors or Priors()
    _refuse_faults(counts, whole, years, projection)
    state_counts = projection.households[STATES.index(state)]
    dice = Dice(seed, projection.years, state_counts.shape[-1])
    fallen = paths.damped(priors.damping, dice)
    drawn = np.empty((len(counts), *state_counts.shape), dtype=np.int64)
    for out, (part, seen) in zip(drawn, counts.items(), strict=True):
        purpose = f"{state} {part}"
        trend = fit_share(np.asarray(seen, dtype=float), np.asarray(whole, float), years, priors)
        shares = _path(trend, purpose, fallen, dice, projection.units)
        dice.binomial(purpose, projection.units, state_counts, shares, out=out)
    return Shares(state, tuple(counts), projection.units, projection.years, drawn, state_counts)


def _path(trend: Trend, purpose: str, fallen: Floats, dice: Dice, units: tuple[str, ...]) -> Floats:
    drift, years = dice.common(f"{purpose} drift"), dice.yearly(f"{purpose} year")
    common = paths.common(trend, fallen, drift, years, paths.spread(trend.freedom, dice))
    own = paths.own(trend, purpose, dice, units)
    return paths.share(paths.centre(trend, fallen) + common + own)


def _refuse_faults(
    counts: Mapping[str, Floats], whole: Floats, years: Sequence[int], projection: Projection
) -> None:
    shape = (len(projection.units), len(years))
    if any(np.shape(part) != shape for part in (whole, *counts.values())):
        raise ValueError(f"parts and whole: shapes are not units by years, {shape}")
    if len(years) < 2 or years[-1] != projection.origin:
        told = ", ".join(map(str, years)) or "–"
        raise refuse("shares_short", years=told, origin=projection.origin)
    for part, seen in counts.items():
        fits = np.isfinite(seen) & np.isfinite(whole) & (seen >= 0) & (seen <= whole)
        if not fits.all():
            cells = [f"{projection.units[i]} {years[t]}" for i, t in np.argwhere(~fits)]
            raise refuse("shares_impossible", part=part, cells=", ".join(cells))
