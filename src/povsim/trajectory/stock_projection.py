"""Draws of where households will stand in the years ahead, from the stock model.

Units are drawn in blocks, side by side on the cores there are: numbers are keyed by unit and year,
so that neither changes one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from povsim.findings import refuse
from povsim.trajectory import paths, plan_like
from povsim.trajectory.dice import Dice
from povsim.trajectory.fitting import StockModel
from povsim.trajectory.panel import Counts, Floats
from povsim.trajectory.projection import Projection

BLOCK = 250_000
"""Draws of one kind, over units and years, that are worked on at once: some megabytes an array."""


def project(
    model: StockModel,
    until: int,
    *,
    draws: int = 4000,
    seed: int,
    plan_like_weight: float | None = None,
    widening: float = 1.0,
) -> Projection:
    """Draw every unit's households in each state from the year after the last review to `until`.

    Administered rates tend to fall by quota, in a straight line of points, so such a path is
    averaged with the model's for the poor, draw by draw. Its weight is what the series says of it
    (`plan_like.weight`); `plan_like_weight` (0 to 1) puts an assumption in its place and 0
    switches the path off. Once the line is at nought it only scales the model's path down. Quotas
    are set for the poor, so the near-poor follow the model alone.

    `widening` multiplies all deviations on the logit scale, where last year showed that bands
    were too narrow.

    The year's count is a binomial draw at the drawn share; the sampling in the last review's
    count is normal on the logit. So each half of the 2/(Np(1−p)) between two counts comes in
    once, and small counts stay whole and within bounds.

    Raises:
        Refusal: `horizon_past`, `draws_few` (none).
        ValueError: a weight outside 0 to 1, a widening that is not positive.

    >>> from povsim.trajectory import Panel, fit
    >>> from povsim.vocabulary import State
    >>> households, poor = [[500] * 3, [300] * 3], [[100, 80, 60], [60, 45, 30]]
    >>> panel = Panel(("a", "b"), (2021, 2022, 2023), households, poor, [[40] * 3, [30] * 3])
    >>> projection = project(fit(panel), 2025, draws=1000, seed=1)
    >>> projection.households.shape
    (3, 2, 2, 1000)
    >>> projection.rate(State.POOR).mean(axis=1).round(2)
    array([0.09, 0.07])
    """
    origin = model.panel.years[-1]
    if until <= origin:
        raise refuse("horizon_past", until=until, origin=origin)
    if draws < 1:
        raise refuse("draws_few", minimum=1, draws=draws)
    weight = plan_like.weight(model) if plan_like_weight is None else plan_like_weight
    if not 0 <= weight <= 1:
        raise ValueError(f"plan_like_weight {weight}: give a share between 0 and 1")
    if not widening > 0:
        raise ValueError(f"widening {widening}: give a positive factor")
    dice = Dice(seed, tuple(range(origin + 1, until + 1)), draws)
    counts = _drawn(model, _common(model, dice, widening), dice, weight)
    assumptions = _assumptions(model, weight, widening)
    return Projection(model.panel.units, dice.years, origin, counts, assumptions)


def _assumptions(model: StockModel, weight: float, widening: float) -> dict[str, float]:
    priors = model.priors
    return {
        "plan_like_weight": weight,
        "plan_like_points": plan_like.points(model.panel),
        "damping": priors.damping[0] / sum(priors.damping),
        "trust": model.poor.drift.trust,
        "reference_drift": model.poor.drift.reference,
        "near_poor_correlation": priors.near_poor_correlation,
        "households_growth": model.growth.rate,
        "widening": widening,
    }


@dataclass(frozen=True, eq=False)
class _Common:
    """What all units share: (year, draw).

    `growth` in logs; `damped` and the common deviations of `poor` and `near_poor` as of `paths`;
    `widening` multiplies these and units' own.
    """

    growth: Floats
    damped: Floats
    poor: Floats
    near_poor: Floats
    widening: float


def _common(model: StockModel, dice: Dice, widening: float) -> _Common:
    """The common shocks of the near-poor go with the poor's."""
    priors = model.priors
    damped = paths.damped(priors.damping, dice)
    drift, years = dice.common("drift"), dice.yearly("year")
    share = priors.near_poor_correlation
    apart = np.sqrt(1 - share**2)
    near_drift = share * drift + apart * dice.common("near drift")
    near_years = share * years + apart * dice.yearly("near year")
    wild = paths.spread(model.poor.freedom, dice)
    return _Common(
        _common_growth(model, dice),
        damped,
        paths.common(model.poor, damped, drift, years, wild),
        paths.common(model.near_poor, damped, near_drift, near_years, wild),
        widening,
    )


def _common_growth(model: StockModel, dice: Dice) -> Floats:
    growth, ahead = model.growth, np.arange(1, len(dice.years) + 1)[:, None]
    rate = growth.rate + np.sqrt(growth.variance) * dice.common("growth")
    shocks = np.sqrt(growth.year_variance) * dice.yearly("growth year").cumsum(axis=0)
    return np.asarray(rate * ahead + shocks)


def _drawn(model: StockModel, common: _Common, dice: Dice, weight: float) -> Counts:
    """Households (state, unit, year, draw)."""
    units = len(model.panel.units)
    counts = np.empty((3, units, len(dice.years), dice.draws), dtype=np.int64)

    def fill(part: slice) -> None:
        _fill(counts[:, part], model, part, common, dice.alone(), weight)

    parts = list(_parts(units, len(dice.years) * dice.draws))
    with ThreadPoolExecutor(min(len(parts), os.cpu_count() or 1)) as pool:
        list(pool.map(fill, parts))
    return counts


def _parts(units: int, size: int) -> Iterator[slice]:
    step = max(1, BLOCK // size)
    for first in range(0, units, step):
        yield slice(first, min(first + step, units))


def _fill(
    counts: Counts, model: StockModel, part: slice, common: _Common, dice: Dice, weight: float
) -> None:
    """Households (state, unit, year, draw) of some units, into `counts`."""
    units = model.panel.units[part]
    poor, near_poor, others = counts
    total = _totals(model, part, common, dice.own_yearly("growth unit", units))
    own = paths.own(model.poor, "poor", dice, units, part)
    deviation = common.widening * (common.poor + own)
    shares = paths.share(paths.centre(model.poor, common.damped, part) + deviation)
    if weight:
        level, ahead = model.poor.level[part], np.arange(1.0, len(dice.years) + 1)
        straight = plan_like.line(model.panel, level, ahead, deviation)
        shares = (1 - weight) * shares + weight * straight
    dice.binomial("poor", units, total, shares, out=poor)
    own = paths.own(model.near_poor, "near_poor", dice, units, part)
    deviation = common.widening * (common.near_poor + own)
    shares = paths.share(paths.centre(model.near_poor, common.damped, part) + deviation)
    dice.binomial("near_poor", units, total - poor, shares, out=near_poor)
    np.subtract(total - poor, near_poor, out=others)


def _totals(model: StockModel, part: slice, common: _Common, grown: Floats) -> Counts:
    """Households (unit, year, draw): log-normal growth, at least one household a unit."""
    own = np.sqrt(model.growth.unit_variance) * grown.cumsum(axis=1)
    logs = np.log(model.panel.households[part, -1])[:, None, None] + common.growth + own
    return np.asarray(np.maximum(np.rint(np.exp(logs)), 1), dtype=np.int64)
