"""The stock model fitted to a panel: a local level for each unit and a damped drift for all.

The stock model needs counts only. Each unit has a local level on the logit scale, all units share
a damped drift and the shocks of a year, and the drift is trusted as far as its own error allows:
a unit's own slope does not persist, so none is extrapolated. Nothing is fitted across a change of
standard: the panel holds the reviews of one standard only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from povsim.trajectory.panel import Floats, Panel


@dataclass(frozen=True, kw_only=True)
class Priors:
    """What is believed before the panel speaks, why, and how many observations it weighs.

    Standard deviations (`sd`) are a year's, on the logit scale; those of growth are in logs.
    """

    # Weight of the newest year in a unit's level: .7 to .9 measured on series of small areas.
    smoothing: float = 0.8
    # A few units over a few years hold some twenty pairs of changes: too few to move it far.
    smoothing_weight: float = 150.0
    # Pairs of changes that repeat nothing, beside those seen: seven units over four reviews show
    # fourteen. And how many times over what is seen counts, since noise hides most of it: a sixth
    # is as good as all. Fixed on panels; benchmarks/constants.py leaves each out.
    persistence_weight: float = 30.0
    persistence_scale: float = 6.0
    # The most that a plan's line weighs: smooth series of units that no plan moved went along one
    # too, until a year came that stopped them.
    plan_like_most: float = 0.8
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
    # Beta law of the share of the pace kept each year (mean .72): falls slow down. At .9 errors
    # are as large, but chances of a target are off by two fifths more.
    damping: tuple[float, float] = (18.0, 7.0)
    # What is good for the poor is half as good for the near-poor: movers go from one to the other.
    near_poor_correlation: float = 0.5
    # Households grow 1 to 1.5 % a year here; sd of that belief and of a year; sd of a unit's own.
    growth: float = 0.0125
    growth_sd: float = 0.01
    growth_unit_sd: float = 0.02


@dataclass(frozen=True)
class Drift:
    """The common pace of all units, logits a year, and how far it is trusted.

    `trust` is K = b²/(b² + v) with `pace` b and `variance` v (shrinkage of an estimate towards
    nought by its own error: Thompson 1968). What is extrapolated is K·b, with variance K·v.
    Where a wider panel is known, its own K·b is the `reference`: only the deviation from it is
    the units' own, and `reference_variance` comes in beside theirs.
    """

    pace: float
    variance: float
    trust: float
    reference: float = 0.0
    reference_variance: float = 0.0

    @property
    def expected(self) -> float:
        """What is extrapolated, logits a year before damping."""
        return self.reference + self.trust * (self.pace - self.reference)

    @property
    def error(self) -> float:
        """Its variance."""
        return self.reference_variance + self.trust * self.variance


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
    persistence: float


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


def fit(
    panel: Panel, *, reference: Panel | None = None, priors: Priors | None = None
) -> StockModel:
    """Fit the stock model to a panel in closed form.

    `reference` is a wider panel of the same standard (the province's units, these or not among
    them): a few units can hardly tell their own drift, so they take its, and half of what is
    trusted of their own deviation from it.

    The near-poor are a share of the households that are not poor, so that shares never pass one.

    >>> households, poor = [[500] * 3, [300] * 3], [[100, 80, 60], [60, 45, 30]]
    >>> panel = Panel(("a", "b"), (2021, 2022, 2023), households, poor, [[40] * 3, [30] * 3])
    >>> model = fit(panel)
    >>> round(model.poor.drift.pace, 2), round(model.poor.drift.trust, 2)
    (-0.35, 0.98)
    """
    priors = priors or Priors()
    poor, near_poor = _trends(panel, priors)
    if reference is not None:
        wide = _trends(reference, priors)
        poor, near_poor = (
            replace(own, drift=_referred(own.drift, other.drift))
            for own, other in zip((poor, near_poor), wide, strict=True)
        )
    return StockModel(panel, poor, near_poor, fit_growth(panel, priors), priors)


def _trends(panel: Panel, priors: Priors) -> tuple[Trend, Trend]:
    not_poor = panel.households - panel.poor
    return (
        fit_share(panel.poor, panel.households, panel.years, priors),
        fit_share(panel.near_poor, not_poor, panel.years, priors),
    )


def _referred(own: Drift, wide: Drift) -> Drift:
    """The drift of a few units about that of many; their deviation is trusted by half."""
    base = wide.trust * wide.pace
    deviation = (own.pace - base) ** 2
    trust = deviation / (deviation + own.variance) / 2
    return Drift(own.pace, own.variance, trust, base, wide.trust * wide.variance)


def fit_share(counts: Floats, trials: Floats, years: Sequence[int], priors: Priors) -> Trend:
    """The trend of a share: `counts` among `trials`, both (unit, year), over increasing years."""
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
    moments = _moments(own, sampling, gaps, priors)
    gain = _gain(_smoothing(*moments, priors), unit_variance, sampling)
    year_sd = priors.year_sd if len(gaps) > 1 else priors.two_years_sd
    year_variance = _year_variance(common, gaps, year_sd, priors)
    error = (year_variance + _mean_error(own, gaps, weight)) / gaps.sum()
    drift = _drift((logits[:, -1] - logits[:, 0]) / gaps.sum(), error, len(gaps), priors)
    freedom = priors.year_weight + len(gaps) - 1
    level = common[-1] + _level(own, gain, gaps)
    persistence = _persistence(*moments, priors)
    return Trend(
        level, gain, sampling[:, -1], unit_variance, year_variance, drift, freedom, persistence
    )


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


def _moments(
    own: Floats, sampling: Floats, gaps: Floats, priors: Priors
) -> tuple[float, float, float]:
    """Of units' own yearly changes: mean product with the next, mean square, pairs of changes.

    All nought where no unit has a change of its own.
    """
    weight = _information(sampling, priors)
    changes = np.diff(own) / np.sqrt(gaps)
    pairs = np.sqrt(weight[:, 1:] * weight[:, :-1])
    square = float((weight * changes**2).sum() / weight.sum())
    if not pairs.sum() or not square or len(own) == 1:
        return 0.0, 0.0, 0.0
    product = (pairs * changes[:, 1:] * changes[:, :-1]).sum() / pairs.sum()
    return float(product), square, float(pairs.sum())


def _smoothing(product: float, square: float, pairs: float, priors: Priors) -> float:
    """The pooled weight α = 1 − θ of exponential smoothing, shrunk to its prior.

    Changes of a local level are a moving average of order one with lag-1 autocorrelation
    ρ = −θ/(1+θ²) (Muth 1960, doi:10.1080/01621459.1960.10482064); ρ is cut to [−.5, 0].
    """
    if not pairs:
        return priors.smoothing
    rho = float(np.clip(-product / square, 1e-9, 0.5))
    theta = (1 - np.sqrt(1 - 4 * rho**2)) / (2 * rho)
    prior = priors.smoothing_weight
    return float((pairs * (1 - theta) + prior * priors.smoothing) / (pairs + prior))


def _persistence(product: float, square: float, pairs: float, priors: Priors) -> float:
    """How far units' own changes repeat themselves: their lag-1 autocorrelation, from 0 to 1.

    Shrunk to nought as if some pairs more had been seen, of the same size, half the usual one at
    least, and without any: what few units show by chance, or by changes too small to matter,
    leads nowhere.
    """
    size = max(square, (priors.unit_sd / 2) ** 2)
    shrunk = pairs * product / (pairs * square + priors.persistence_weight * size)
    return float(np.clip(priors.persistence_scale * shrunk, 0.0, 1.0))


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


def fit_growth(panel: Panel, priors: Priors) -> Growth:
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
