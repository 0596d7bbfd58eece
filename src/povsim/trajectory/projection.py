"""Draws of where households will stand in the years ahead, from a fitted model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim.findings import refuse
from povsim.plan import DISTRICT
from povsim.streams import stream
from povsim.trajectory.fitting import StockModel, Trend
from povsim.trajectory.panel import STATES, Floats, Panel
from povsim.vocabulary import State

Counts = NDArray[np.int64]

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
BANDS = {0.5: (0.25, 0.75), 0.8: (0.1, 0.9), 0.95: (0.025, 0.975)}


class Model(StrEnum):
    """What makes the draws: counts alone, or the movements between states."""

    STOCK = "stock"
    FLOWS = "flows"


@dataclass(frozen=True, eq=False)
class Projection:
    """Draws of where households will stand: counts (state, unit, year, draw), whole numbers.

    The states, in the order of `State`, sum to the projected households in every draw.
    `assumptions` names what the draws rest on beside the panel. `recently_escaped` (unit, year,
    draw) are those among the not poor who left the lists within three years, where the model
    knows them; `model` is the one that made the draws.
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    origin: int
    households: Counts
    assumptions: Mapping[str, float]
    recently_escaped: Counts | None = None
    model: Model = Model.STOCK

    def rate(self, state: State, unit: str | None = None) -> Floats:
        """Draws (year, draw) of a state's share in a unit, or in the sum of all units.

        Raises:
            Refusal: `unit_unknown`.
        """
        if unit is not None and unit not in self.units:
            raise refuse("unit_unknown", unit=unit, known=", ".join(self.units))
        chosen = slice(None) if unit is None else [self.units.index(unit)]
        counts = self.households[:, chosen].sum(axis=1)
        return np.asarray(counts[STATES.index(state)] / counts.sum(axis=0))

    def quantiles(self, state: State, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
        """Quantiles of the rate: unit (the district first), year, level, rate."""
        areas = (None, *self.units)
        values = [np.quantile(self.rate(state, area), levels, axis=1).T for area in areas]
        names = [area or DISTRICT for area in areas]
        keys = pd.MultiIndex.from_product([names, self.years, levels])
        frame = keys.to_frame(index=False, name=["unit", "year", "level"])
        return frame.assign(rate=np.concatenate(values).ravel())

    def bands(self, state: State) -> pd.DataFrame:
        """Central bands of 50, 80 and 95 %: unit, year, band, lower, median, upper."""
        wide = self.quantiles(state).pivot(index=["unit", "year"], columns="level", values="rate")
        names = ["lower", "median", "upper"]
        parts = {band: wide[[low, 0.5, high]] for band, (low, high) in BANDS.items()}
        named = {band: part.set_axis(names, axis=1) for band, part in parts.items()}
        table = pd.concat(named, names=["band"]).reset_index()[["unit", "year", "band", *names]]
        return table.sort_values(["unit", "year", "band"], ignore_index=True)

    def merged(self, groups: Mapping[str, str]) -> Projection:
        """The projection on merged units (old unit → new), summed draw by draw: exact.

        Raises:
            ValueError: `groups` and the units do not match.
        """
        if set(groups) != set(self.units):
            raise ValueError(f"units without a match: {sorted(set(groups) ^ set(self.units))}")
        names = sorted(set(groups.values()))
        parts = [[groups[unit] == name for unit in self.units] for name in names]
        counts = np.stack([self.households[:, part].sum(axis=1) for part in parts], axis=1)
        recent = self.recently_escaped
        if recent is not None:
            recent = np.stack([recent[part].sum(axis=0) for part in parts])
        return replace(self, units=tuple(names), households=counts, recently_escaped=recent)


@dataclass(frozen=True)
class _Dice:
    """Keyed random numbers: every array ends in the draw, and units come in by their name."""

    seed: int
    units: tuple[str, ...]
    years: tuple[int, ...]
    draws: int

    def at(self, purpose: str, *identity: object) -> np.random.Generator:
        return stream(self.seed, f"trajectory/{purpose}", *identity)

    def common(self, purpose: str) -> Floats:
        return self.at(purpose).standard_normal(self.draws)

    def yearly(self, purpose: str, *identity: object) -> Floats:
        rows = [self.at(purpose, *identity, y).standard_normal(self.draws) for y in self.years]
        return np.stack(rows)

    def own(self, purpose: str) -> Floats:
        rows = [self.at(purpose, unit).standard_normal(self.draws) for unit in self.units]
        return np.stack(rows)[:, None]

    def own_yearly(self, purpose: str) -> Floats:
        return np.stack([self.yearly(purpose, unit) for unit in self.units])

    def binomial(self, purpose: str, trials: Counts, share: Floats) -> Counts:
        counts = np.empty_like(trials)
        for (i, unit), (h, year) in product(enumerate(self.units), enumerate(self.years)):
            counts[i, h] = self.at(purpose, unit, year).binomial(trials[i, h], share[i, h])
        return counts


def project(
    model: StockModel,
    until: int,
    *,
    draws: int = 4000,
    seed: int,
    plan_like_weight: float = 0.5,
) -> Projection:
    """Draw every unit's households in each state from the year after the last review to `until`.

    `plan_like_weight` (0 to 1) is an assumption: administered rates tend to fall by quota, in a
    straight line of points, so such a path is averaged with the model's for the poor, draw by
    draw; 0 switches it off. Once the line is at nought it only scales the model's path down.
    Quotas are set for the poor, so the near-poor follow the model alone.

    The year's count is a binomial draw at the drawn share; the sampling in the last review's
    count is normal on the logit. So each half of the 2/(Np(1−p)) between two counts comes in
    once, and small counts stay whole and within bounds.

    Raises:
        Refusal: `horizon_past`, `draws_few` (none).
        ValueError: a weight outside 0 to 1.

    >>> from povsim.trajectory import fit
    >>> households, poor = [[500] * 3, [300] * 3], [[100, 80, 60], [60, 45, 30]]
    >>> panel = Panel(("a", "b"), (2021, 2022, 2023), households, poor, [[40] * 3, [30] * 3])
    >>> projection = project(fit(panel), 2025, draws=1000, seed=1)
    >>> projection.households.shape
    (3, 2, 2, 1000)
    >>> projection.rate(State.POOR).mean(axis=1).round(2)
    array([0.08, 0.05])
    """
    origin = model.panel.years[-1]
    if until <= origin:
        raise refuse("horizon_past", until=until, origin=origin)
    if draws < 1:
        raise refuse("draws_few", minimum=1, draws=draws)
    if not 0 <= plan_like_weight <= 1:
        raise ValueError(f"plan_like_weight {plan_like_weight}: give a share between 0 and 1")
    dice = _Dice(seed, model.panel.units, tuple(range(origin + 1, until + 1)), draws)
    total = _totals(model, dice)
    poor = dice.binomial("poor", total, _poor_shares(model, dice, plan_like_weight))
    near_poor = dice.binomial("near_poor", total - poor, _near_poor_shares(model, dice))
    counts = np.stack([poor, near_poor, total - poor - near_poor])
    assumptions = _assumptions(model, plan_like_weight)
    return Projection(model.panel.units, dice.years, origin, counts, assumptions)


def _assumptions(model: StockModel, weight: float) -> dict[str, float]:
    priors = model.priors
    return {
        "plan_like_weight": weight,
        "plan_like_points": float(_points(model.panel)),
        "damping": priors.damping[0] / sum(priors.damping),
        "trust": model.poor.drift.trust,
        "reference_drift": model.poor.drift.reference,
        "near_poor_correlation": priors.near_poor_correlation,
        "households_growth": model.growth.rate,
    }


def _totals(model: StockModel, dice: _Dice) -> Counts:
    """Households (unit, year, draw): log-normal growth, at least one household a unit."""
    growth, ahead = model.growth, np.arange(1, len(dice.years) + 1)[:, None]
    rate = growth.rate + np.sqrt(growth.variance) * dice.common("growth")
    common = np.sqrt(growth.year_variance) * dice.yearly("growth year").cumsum(axis=0)
    own = np.sqrt(growth.unit_variance) * dice.own_yearly("growth unit").cumsum(axis=1)
    logs = np.log(model.panel.households[:, -1])[:, None, None] + rate * ahead + common + own
    return np.asarray(np.maximum(np.rint(np.exp(logs)), 1), dtype=np.int64)


def _poor_shares(model: StockModel, dice: _Dice, weight: float) -> Floats:
    trend, damped = model.poor, _damped(model, dice)
    drift, years = dice.common("drift"), dice.yearly("year")
    deviation = _deviation(trend, dice, "poor", damped, drift, years)
    shares = _share(_centre(trend, damped) + deviation)
    return (1 - weight) * shares + weight * _plan_like(model, deviation) if weight else shares


def _near_poor_shares(model: StockModel, dice: _Dice) -> Floats:
    """Shares of the near-poor among the not poor; their common shocks go with the poor's."""
    with_poor = model.priors.near_poor_correlation
    apart = np.sqrt(1 - with_poor**2)
    drift = with_poor * dice.common("drift") + apart * dice.common("near drift")
    years = with_poor * dice.yearly("year") + apart * dice.yearly("near year")
    damped = _damped(model, dice)
    deviation = _deviation(model.near_poor, dice, "near_poor", damped, drift, years)
    return _share(_centre(model.near_poor, damped) + deviation)


def _damped(model: StockModel, dice: _Dice) -> Floats:
    """Σφᵏ (year, draw) over the years ahead, φ drawn once a draw."""
    kept = dice.at("damping").beta(*model.priors.damping, dice.draws)
    return np.asarray(np.cumsum(kept ** np.arange(1, len(dice.years) + 1)[:, None], axis=0))


def _centre(trend: Trend, damped: Floats) -> Floats:
    return trend.level[:, None, None] + trend.drift.expected * damped


def _plan_like(model: StockModel, deviation: Floats) -> Floats:
    """Shares (unit, year, draw) about straight lines of points, in proportion to the units' rates.

    The deviations are those of a unit that stays at its level, in points: as a line nears nought
    it becomes no surer.
    """
    last = model.panel.poor[:, -1].sum() / model.panel.households[:, -1].sum()
    ahead = np.arange(1, deviation.shape[1] + 1)
    fallen = _points(model.panel) * ahead[:, None] / max(last, 1e-12)
    level = model.poor.level[:, None, None]
    return np.asarray(np.clip(_share(level + deviation) - _share(level) * fallen, 0.0, 1.0))


def _points(panel: Panel) -> float:
    """The fall of the district's rate a year over the panel, a share."""
    rates = panel.poor.sum(axis=0) / panel.households.sum(axis=0)
    return float(rates[0] - rates[-1]) / (panel.years[-1] - panel.years[0])


def _deviation(
    trend: Trend, dice: _Dice, state: str, damped: Floats, drift: Floats, years: Floats
) -> Floats:
    """Student deviations (unit, year, draw) from the centre, on the logit.

    Their squared scale, h years on, is q(1 + (h−1)α²) + sampling, of the unit's own, and
    h·s² + K·v·(Σφᵏ)², common to all units (Hyndman et al. 2008, chapter 6, for the first).
    One Student factor a draw: what is unsure is how wild the years are, and they are shared.
    """
    spread = np.sqrt(trend.freedom / dice.at("spread").chisquare(trend.freedom, dice.draws))
    uncertain = np.sqrt(trend.drift.error) * drift * damped
    common = uncertain + np.sqrt(trend.year_variance) * years.cumsum(axis=0)
    shocks = np.sqrt(trend.unit_variance) * dice.own_yearly(f"{state} unit")
    # Innovations of a local level: all of this year's, and α of each one before it.
    own = shocks + trend.gain[:, None, None] * (shocks.cumsum(axis=1) - shocks)
    seen = np.sqrt(trend.sampling)[:, None, None] * dice.own(f"{state} count")
    return np.asarray(spread * (common + own + seen))


def _share(logits: Floats) -> Floats:
    return 0.5 + 0.5 * np.tanh(0.5 * logits)
