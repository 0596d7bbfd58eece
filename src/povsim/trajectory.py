"""How households move between states, pooled over units, as draws; the chance of a target.

The stock model needs counts only. Each unit has a local level on the logit scale, all units share
a damped drift and the shocks of a year, and the drift is trusted as far as its own error allows:
a unit's own slope does not persist, so none is extrapolated. Nothing is fitted across a change of
standard: the panel holds the reviews of one standard only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from povsim.findings import Finding, Refusal, refuse
from povsim.streams import stream
from povsim.vocabulary import State

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

STATES = tuple(State)
"""The order of the first axis of a projection: poor, near-poor, not poor."""

DISTRICT = "district"
"""The name of the sum of all units in tables."""

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
BANDS = {0.5: (0.25, 0.75), 0.8: (0.1, 0.9), 0.95: (0.025, 0.975)}


@dataclass(frozen=True, kw_only=True)
class Priors:
    """What is believed before the panel speaks, why, and how many observations it weighs.

    Standard deviations (`sd`) are a year's, on the logit scale; those of growth are in logs.
    """

    # Weight of the newest year in a unit's level: .7 to .9 measured on series of small areas.
    smoothing: float = 0.8
    # A few units over a few years hold some twenty pairs of changes: too few to move it far.
    smoothing_weight: float = 150.0
    # Sampling variance of a change at which it weighs a quarter (twenty poor households at both
    # ends; the weight is (c/(c + variance))²): a hamlet must not lead.
    informative: float = 0.1
    # Share of units cut at each end of the drift: one of seven, so that no unit alone makes it.
    trimmed: float = 0.2
    # The year's shock to all units: .03 to .07 measured, .10 in Vietnam's provinces; and the
    # weight that leaves a short panel the tails of a Student law with four to seven degrees.
    year_sd: float = 0.06
    year_weight: float = 4.0
    # The same, and the drift's own prior, where two reviews show one single change.
    two_years_sd: float = 0.10
    # A unit's own unforeseen change beyond sampling: .05 to .14 measured; weight: 7 units × 3.
    unit_sd: float = 0.08
    unit_weight: float = 20.0
    # Beta law of the share of the pace kept each year (mean .9): falls slow down.
    damping: tuple[float, float] = (18.0, 2.0)
    # What is good for the poor is half as good for the near-poor: movers go from one to the other.
    near_poor_correlation: float = 0.5
    # Households grow 1 to 1.5 % a year here; sd of that belief and of a year; sd of a unit's own.
    growth: float = 0.0125
    growth_sd: float = 0.01
    growth_unit_sd: float = 0.02


@dataclass(frozen=True, eq=False)
class Panel:
    """Counts of I units at T yearly reviews made under one standard.

    `years` increase and may have gaps; the arrays are (unit, year) and become read-only.

    Raises:
        Refusal: every fault at once. `panel_too_short` (under two years), `panel_incomplete`
            (missing counts), `panel_impossible` (negative, no household, parts above the whole).
        ValueError: labels repeated or unordered, or arrays of another shape.
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    households: Floats
    poor: Floats
    near_poor: Floats

    def __post_init__(self) -> None:
        for name in ("households", "poor", "near_poor"):
            counts = np.array(getattr(self, name), dtype=float)
            if counts.shape != (len(self.units), len(self.years)):
                raise ValueError(f"{name}: shape {counts.shape} is not units by years")
            counts.setflags(write=False)
            object.__setattr__(self, name, counts)
        if len(set(self.units)) < len(self.units) or list(self.years) != sorted(set(self.years)):
            raise ValueError("units must be unique, years unique and increasing")
        if faults := list(self._faults()):
            raise Refusal(faults)

    @classmethod
    def from_stocks(cls, stocks: pd.DataFrame) -> Panel:
        """The yearly rows of a long table of contract `stocks`; half-years are left aside.

        Raises:
            Refusal: as the panel itself; a missing row or count is named by unit and year.
        """
        yearly = stocks[stocks["period"].str.fullmatch(r"\d{4}")]
        units, periods = (sorted(set(yearly[key])) for key in ("unit", "period"))
        wide = yearly.pivot(index=["unit", "period"], columns="state", values="households")
        rows = pd.MultiIndex.from_tuples(list(product(units, periods)), names=wide.index.names)
        whole = wide.reindex(index=rows, columns=[str(state) for state in STATES])
        counts = whole.to_numpy(dtype=float, na_value=np.nan).reshape(len(units), len(periods), 3)
        years = tuple(int(period) for period in periods)
        return cls(tuple(units), years, counts.sum(axis=2), counts[..., 0], counts[..., 1])

    def _faults(self) -> Iterator[Finding]:
        known = np.isfinite(self.households + self.poor + self.near_poor)
        parts = (self.poor < 0) | (self.near_poor < 0)
        over = (self.poor + self.near_poor > self.households) | (self.households < 1)
        if len(self.years) < 2 or not self.units:
            yield Finding("panel_too_short", values={"years": len(self.years)})
        if not known.all():
            yield Finding("panel_incomplete", values={"missing": self._cells(~known)})
        if (known & (parts | over)).any():
            yield Finding("panel_impossible", values={"cells": self._cells(known & (parts | over))})

    def _cells(self, marked: NDArray[np.bool_]) -> str:
        return ", ".join(f"{self.units[i]} {self.years[t]}" for i, t in np.argwhere(marked))


@dataclass(frozen=True)
class Drift:
    """The common pace of all units, logits a year, and how far it is trusted.

    `trust` is K = b²/(b² + v) with `pace` b and `variance` v (shrinkage of an estimate towards
    nought by its own error: Thompson 1968). What is extrapolated is K·b, with variance K·v.
    """

    pace: float
    variance: float
    trust: float


@dataclass(frozen=True, eq=False)
class Trend:
    """One share (poor among all, or near-poor among the not poor) as a local level with drift.

    `level` (I,) logits at the last year; `gain` (I,) weight of the newest year in it;
    `sampling` (I,) variance of the last logit as a count; `unit_variance` of a unit's own yearly
    change net of sampling; `year_variance` of the shock common to all; `freedom` degrees of
    freedom of the Student law. Exponential smoothing with damped trend (Harvey 1989; Gardner and
    McKenzie 1985, doi:10.1287/mnsc.31.10.1237).
    """

    level: Floats
    gain: Floats
    sampling: Floats
    unit_variance: float
    year_variance: float
    drift: Drift
    freedom: float


@dataclass(frozen=True)
class Growth:
    """Households a year, in logs: common `rate` with its `variance`, and yearly shocks."""

    rate: float
    variance: float
    year_variance: float
    unit_variance: float


@dataclass(frozen=True, eq=False)
class StockModel:
    """The fitted model: trends of the poor and the near-poor, growth of households."""

    panel: Panel
    poor: Trend
    near_poor: Trend
    growth: Growth
    priors: Priors


def fit(panel: Panel, *, priors: Priors | None = None) -> StockModel:
    """Fit the stock model to a panel in closed form.

    The near-poor are a share of the households that are not poor, so that shares never pass one.

    >>> households, poor = [[500] * 3, [300] * 3], [[100, 80, 60], [60, 45, 30]]
    >>> panel = Panel(("a", "b"), (2021, 2022, 2023), households, poor, [[40] * 3, [30] * 3])
    >>> model = fit(panel)
    >>> round(model.poor.drift.pace, 2), round(model.poor.drift.trust, 2)
    (-0.35, 0.98)
    """
    priors = priors or Priors()
    poor = _trend(panel.poor, panel.households, panel.years, priors)
    near_poor = _trend(panel.near_poor, panel.households - panel.poor, panel.years, priors)
    return StockModel(panel, poor, near_poor, _growth(panel, priors), priors)


def _trend(counts: Floats, trials: Floats, years: Sequence[int], priors: Priors) -> Trend:
    # Empirical logit and its variance, finite at 0 and 100 % where 1/(Np(1−p)) is not, and the
    # same for large counts (Gart and Zweifel 1967, doi:10.1093/biomet/54.1-2.181).
    logits = np.log((counts + 0.5) / (trials - counts + 0.5))
    sampling = 1 / (counts + 1) + 1 / (trials - counts + 1)
    gaps = np.diff(np.array(years, dtype=float))
    weight = _information(sampling, priors).mean(axis=1)
    weight /= weight.sum()
    common = weight @ logits
    own = logits - common
    unit_variance = _unit_variance(own, sampling, gaps, priors)
    gain = _gain(_smoothing(own, sampling, gaps, priors), unit_variance, sampling)
    year_sd = priors.year_sd if len(gaps) > 1 else priors.two_years_sd
    year_variance = _year_variance(common, gaps, year_sd, priors)
    error = (year_variance + _mean_error(own, gaps, weight)) / gaps.sum()
    drift = _drift((logits[:, -1] - logits[:, 0]) / gaps.sum(), error, len(gaps), priors)
    freedom = priors.year_weight + len(gaps) - 1
    level = common[-1] + _level(own, gain, gaps)
    return Trend(level, gain, sampling[:, -1], unit_variance, year_variance, drift, freedom)


def _information(sampling: Floats, priors: Priors) -> Floats:
    """What a change counts for in pooled variances, 0 to 1, by the sampling in both its ends."""
    both = sampling[:, 1:] + sampling[:, :-1]
    return np.square(priors.informative / (priors.informative + both))


def _unit_variance(own: Floats, sampling: Floats, gaps: Floats, priors: Priors) -> float:
    """Mean square of units' own yearly changes net of sampling, shrunk to its prior.

    One unit alone has no own change apart from the common one: the prior stands.
    """
    information, left = _information(sampling, priors), 1 - 1 / len(own)
    excess = np.diff(own) ** 2 - (sampling[:, 1:] + sampling[:, :-1]) * left
    total = (information * excess / gaps).sum()
    weight = information.sum() * left + priors.unit_weight
    return float((max(total, 0.0) + priors.unit_weight * priors.unit_sd**2) / weight)


def _smoothing(own: Floats, sampling: Floats, gaps: Floats, priors: Priors) -> float:
    """The pooled weight α = 1 − θ of exponential smoothing, shrunk to its prior.

    Changes of a local level are a moving average of order one with lag-1 autocorrelation
    ρ = −θ/(1+θ²) (Muth 1960, doi:10.1080/01621459.1960.10482064); ρ is cut to [−.5, 0].
    """
    weight = _information(sampling, priors)
    changes = np.diff(own) / np.sqrt(gaps)
    pairs = np.sqrt(weight[:, 1:] * weight[:, :-1])
    squares = (weight * changes**2).sum() / weight.sum()
    if not pairs.sum() or not squares or len(own) == 1:
        return priors.smoothing
    product_mean = (pairs * changes[:, 1:] * changes[:, :-1]).sum() / pairs.sum()
    rho = float(np.clip(-product_mean / squares, 1e-9, 0.5))
    theta = (1 - np.sqrt(1 - 4 * rho**2)) / (2 * rho)
    prior = priors.smoothing_weight
    return float((pairs.sum() * (1 - theta) + prior * priors.smoothing) / (pairs.sum() + prior))


def _gain(smoothing: float, unit_variance: float, sampling: Floats) -> Floats:
    """Each unit's steady-state weight of the newest year: less where counts are small.

    The pooled α splits q into noise r = q(1−α) and a level moving by α²q a year; with the unit's
    own sampling in r, its gain is (√(x²+4x) − x)/2, x = α²q/r (Harvey 1989, chapter 4).
    """
    noise = unit_variance * (1 - smoothing) + sampling.mean(axis=1)
    ratio = smoothing**2 * unit_variance / noise
    return np.asarray((np.sqrt(ratio**2 + 4 * ratio) - ratio) / 2)


def _level(own: Floats, gain: Floats, gaps: Floats) -> Floats:
    level = own[:, 0].copy()
    for step, gap in enumerate(gaps, start=1):
        # After a gap the old level is older: its weight is that of as many yearly steps.
        level += (1 - (1 - gain) ** gap) * (own[:, step] - level)
    return level


def _year_variance(common: Floats, gaps: Floats, prior_sd: float, priors: Priors) -> float:
    """Variance of a year's common shock: (ν₀σ₀² + SS)/(ν₀ + T − 2), changes weighed by gaps."""
    paces = np.diff(common) / gaps
    mean = (common[-1] - common[0]) / gaps.sum()
    squares = float((gaps * (paces - mean) ** 2).sum())
    return (priors.year_weight * prior_sd**2 + squares) / (priors.year_weight + len(gaps) - 1)


def _mean_error(own: Floats, gaps: Floats, weight: Floats) -> float:
    """Part of a year's mean change that is units' own: Σ w² times each unit's mean square."""
    squares = (np.diff(own) ** 2 / gaps).mean(axis=1)
    return float((weight**2 * squares).sum() * len(own) / max(len(own) - 1, 1))


def _drift(paces: Floats, error: float, changes: int, priors: Priors) -> Drift:
    """The trimmed mean pace of units, and its trust.

    One change cannot vouch for itself: there the drift's prior N(0, σ₀²) alone sets the trust.
    """
    cut = int(priors.trimmed * len(paces))
    pace = float(np.sort(paces)[cut : len(paces) - cut].mean())
    signal = pace**2 if changes > 1 else priors.two_years_sd**2
    return Drift(pace, float(error), float(signal / (signal + error)))


def _growth(panel: Panel, priors: Priors) -> Growth:
    """Growth of the district's households, weighed against its prior by precision.

    Units' own steps weigh by their households: three that become four are no boom.
    """
    gaps = np.diff(np.array(panel.years, dtype=float))
    total = np.log(panel.households.sum(axis=0))
    steps = np.diff(np.log(panel.households) - total) ** 2 / gaps
    share = panel.households[:, 1:] / panel.households[:, 1:].sum(axis=0)
    seen = steps.size * (share * steps).sum() / len(gaps)
    prior = priors.unit_weight * priors.growth_unit_sd**2
    own = (seen + prior) / (steps.size + priors.unit_weight)
    year = _year_variance(total, gaps, priors.growth_sd, priors)
    error, belief = year / gaps.sum(), priors.growth_sd**2
    rate = (total[-1] - total[0]) / gaps.sum()
    mean = (rate * belief + priors.growth * error) / (belief + error)
    return Growth(float(mean), float(belief * error / (belief + error)), year, float(own))


@dataclass(frozen=True, eq=False)
class Projection:
    """Draws of where households will stand: counts (state, unit, year, draw), whole numbers.

    The states, in the order of `State`, sum to the projected households in every draw.
    `assumptions` names what the draws rest on beside the panel.
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    origin: int
    households: Counts
    assumptions: Mapping[str, float]

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
        return Projection(tuple(names), self.years, self.origin, counts, self.assumptions)


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
    return trend.level[:, None, None] + trend.drift.trust * trend.drift.pace * damped


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
    uncertain = np.sqrt(trend.drift.trust * trend.drift.variance) * drift * damped
    common = uncertain + np.sqrt(trend.year_variance) * years.cumsum(axis=0)
    shocks = np.sqrt(trend.unit_variance) * dice.own_yearly(f"{state} unit")
    # Innovations of a local level: all of this year's, and α of each one before it.
    own = shocks + trend.gain[:, None, None] * (shocks.cumsum(axis=1) - shocks)
    seen = np.sqrt(trend.sampling)[:, None, None] * dice.own(f"{state} count")
    return np.asarray(spread * (common + own + seen))


def _share(logits: Floats) -> Floats:
    return 0.5 + 0.5 * np.tanh(0.5 * logits)


@dataclass(frozen=True)
class Chance:
    """A share of draws and its Monte-Carlo standard error, both 0 to 1."""

    value: float
    error: float


def attainment(draws_of_rate: ArrayLike, target: ArrayLike) -> Chance:
    """The chance that a rate is at or below its target: the share of draws where it is.

    `draws_of_rate` is (draw,), with one target or one a draw; or (year, draw), with one target
    or one a year, and then every year must meet its own. The error is √(p(1−p)/n) at
    p = (k+1)/(n+2) (Laplace), so that never or always in n draws is not without error.

    Raises:
        ValueError: no draws, missing values, or shapes that do not fit.

    >>> attainment([0.1, 0.2, 0.3, 0.4], 0.3).value
    0.75
    >>> attainment([[0.2, 0.4], [0.1, 0.1]], [0.3, 0.2]).value
    0.5
    """
    rates, targets = np.asarray(draws_of_rate, dtype=float), np.asarray(target, dtype=float)
    if not rates.size or np.isnan(rates).any() or np.isnan(targets).any():
        raise ValueError("a chance needs draws and targets without missing values")
    targets = targets[:, None] if rates.ndim == 2 and targets.ndim == 1 else targets
    met = (rates <= np.broadcast_to(targets, rates.shape)).reshape(-1, rates.shape[-1]).all(axis=0)
    share = (met.sum() + 1) / (met.size + 2)
    return Chance(float(met.mean()), float(np.sqrt(share * (1 - share) / met.size)))
