"""The flow model fitted to movements: hazards on the logit scale, from each state to the others.

η_ikt = μ_kt + a_ik: a level common to all units with a pace (`trends`), and each unit's own part.
Households of a unit and year are Dirichlet-multinomial about it, with one overdispersion for each
source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from povsim.findings import refuse
from povsim.trajectory.exposures import DESTINATIONS, Exposure, Source, exposures
from povsim.trajectory.fitting import Growth, fit_growth
from povsim.trajectory.flow_priors import FlowPriors
from povsim.trajectory.hazards import pooled_hazards, slopes
from povsim.trajectory.movements import Movements
from povsim.trajectory.panel import Floats, Panel
from povsim.trajectory.trends import Trends, fit_trends

ROUGH = 1.0
"""Expected movers at which a cell weighs half in Pearson's χ², which is wild below that."""


@dataclass(frozen=True, eq=False)
class Scatter:
    """How counts of one source lie about what all units share.

    `expected` movers (destination, unit, year) at the year's common hazard; `dispersion` ρ and
    the variance `factor` beside a multinomial's.
    """

    expected: Floats
    dispersion: float
    factor: float


@dataclass(frozen=True, eq=False)
class Hazards:
    """How hazards from one source lie about what all units share: K destinations, I units.

    `own` (K, I) the units' deviations with `own_variance` (K, I); `unit_variance` (K,) their
    spread; `dispersion` ρ the correlation of households of a unit and year (variance factor
    1+(n−1)ρ).
    """

    own: Floats
    own_variance: Floats
    unit_variance: Floats
    dispersion: float


@dataclass(frozen=True, eq=False)
class FlowModel:
    """The fitted model; its parts hold the units in the order of their names (`exposure.units`).

    `trends` are the levels and paces that all units share; `year_variance` of the yearly shock
    common to all units, with `freedom` degrees of freedom;
    `regression` is the table of `pooled_hazards` where covariates were given.
    """

    panel: Panel
    exposure: Exposure
    trends: Trends
    hazards: dict[Source, Hazards]
    year_variance: float
    freedom: float
    growth: Growth
    priors: FlowPriors
    structural_known: bool
    regression: pd.DataFrame | None = None


def fit_flows(
    panel: Panel,
    movements: Movements,
    *,
    structural: ArrayLike | None = None,
    covariates: pd.DataFrame | None = None,
    priors: FlowPriors | None = None,
) -> FlowModel:
    """Fit the flow model in closed form; with covariates, about their regression lines.

    `structural` are the poor households without labour capacity (F8), in the order of the
    panel's units: (unit,) at the last review, taken for all years, or (unit, year) at the
    panel's reviews. Where it is absent a share of the first poor stands in, an assumption.
    `covariates` has a row a unit (`pooled_hazards`).

    Units are taken in the order of their names, so that no sum hangs on the order given.

    Raises:
        Refusal: `movements_apart` (units or years that do not match), `structural_impossible`.
        ValueError: shapes that do not fit.
    """
    priors = priors or FlowPriors()
    order = np.argsort(panel.units)
    stuck = _structural(panel, structural, priors)[order]
    sorted_panel = _reordered(panel, order)
    exposure = exposures(sorted_panel, movements, _at_openings(stuck, panel, movements))
    regression = None if covariates is None else pooled_hazards(exposure, covariates)
    lines = _lines(exposure, covariates, regression)
    scatters = {s: _scatter(exposure, s, lines[s], priors) for s in Source}
    year_variance, freedom = _year_variance(exposure, scatters, priors)
    seen = {s: _yearly(exposure, s, scatters[s].factor) for s in Source}
    trends = fit_trends(seen, year_variance, priors)
    hazards = {s: _hazards(exposure, s, lines[s], scatters[s], priors) for s in Source}
    growth = fit_growth(sorted_panel, priors.growth)
    known = structural is not None
    return FlowModel(
        panel, exposure, trends, hazards, year_variance, freedom, growth, priors, known, regression
    )


def _reordered(panel: Panel, order: Any) -> Panel:
    counts = (panel.households[order], panel.poor[order], panel.near_poor[order])
    return Panel(tuple(panel.units[i] for i in order), panel.years, *counts)


def _structural(panel: Panel, given: ArrayLike | None, priors: FlowPriors) -> Floats:
    """Structural poor (unit, year) at the panel's reviews; those of the last stand for all."""
    if given is None:
        given = _believed(panel.poor, priors)
    counts = np.asarray(given, dtype=float)
    if counts.ndim == 1:
        counts = np.repeat(counts[:, None], len(panel.years), axis=1)
    if counts.shape != panel.poor.shape:
        raise ValueError(f"structural: shape {counts.shape} is not units, or units by years")
    wrong = ~np.isfinite(counts).all(axis=1) | (counts < 0).any(axis=1)
    if wrong.any():
        cells = ", ".join(unit for unit, bad in zip(panel.units, wrong, strict=True) if bad)
        raise refuse("structural_impossible", cells=cells)
    return np.asarray(np.minimum(np.rint(counts), panel.poor))


def _believed(poor: Floats, priors: FlowPriors) -> Floats:
    """Structural poor (unit, year) that are believed in where nobody counted them."""
    return np.minimum(priors.structural * poor[:, :1], priors.structural_most * poor)


def _at_openings(structural: Floats, panel: Panel, movements: Movements) -> Floats:
    """The columns of the openings of the movements' years that are known, and of the last."""
    before = {year: t for t, year in enumerate(panel.years)}
    columns = [before.get(year - 1, -1) for year in movements.years]
    return structural[:, [*columns, -1]]


def _lines(
    exposure: Exposure, covariates: pd.DataFrame | None, regression: pd.DataFrame | None
) -> dict[Source, Floats]:
    """What covariates add to the logits: (destination, unit) for each source."""
    sizes = [len(names) for names in DESTINATIONS.values()]
    if regression is None:
        return {s: np.zeros((k, len(exposure.units))) for s, k in zip(Source, sizes, strict=True)}
    added = np.split(slopes(regression, covariates, exposure), np.cumsum(sizes)[:-1])
    return dict(zip(Source, added, strict=True))


def _yearly(exposure: Exposure, source: Source, factor: float) -> tuple[Floats, Floats]:
    """Logits (destination, year) of all units together, and the variances of their counts.

    Working responses about the mean share of all years (Breslow and Clayton 1993,
    doi:10.1080/01621459.1993.10594284). They are linear in the counts: logs of few movers that
    scatter widely would lie too low on average, and variances at each year's own count would give
    years with many movers more weight. Half a mover and half a stayer keep them finite.
    """
    moved, stayed = exposure.moved[source].sum(axis=1), exposure.stayed[source].sum(axis=0)
    both = moved + stayed
    part = both / np.maximum(both.sum(axis=1, keepdims=True), 1.0)
    share = (moved.sum(axis=1, keepdims=True) + 0.5) / (both.sum(axis=1, keepdims=True) + 1)
    mean, spare = share * (both + part), (1 - share) * (both + part)
    beyond = (moved + part / 2 - mean) / np.maximum(mean * (1 - share), 1e-9)
    return np.log(share / (1 - share)) + beyond, factor * (1 / (mean + 1) + 1 / (spare + 1))


def _year_variance(
    exposure: Exposure, scatters: Mapping[Source, Scatter], priors: FlowPriors
) -> tuple[float, float]:
    """Variance of a year's common shock, net of counts and drift, pooled over movements.

    Half the squared change of a logit is its year variance plus half of both counts', of the
    drift's and of the pace's. A change weighs by how much of it is no sampling.
    """
    lasting = priors.drift_sd**2 + priors.pace_sd**2
    total, weight = priors.year_weight * priors.year_sd**2, priors.year_weight
    for source in Source:
        logits, counted = _yearly(exposure, source, scatters[source].factor)
        sampling = (counted[:, 1:] + counted[:, :-1] + lasting) / 2
        information = np.square(priors.year_sd**2 / (priors.year_sd**2 + sampling))
        excess = np.diff(logits, axis=1) ** 2 / 2 - sampling
        total += float((information * excess).sum())
        weight += float(information.sum())
    least = priors.year_sd**2 * priors.year_weight / weight / 2
    return max(total / weight, least), weight


def _scatter(exposure: Exposure, source: Source, line: Floats, priors: FlowPriors) -> Scatter:
    moved = exposure.moved[source]
    trials = moved + exposure.stayed[source]
    expected = _expected(moved, trials, line)
    return Scatter(expected, *_dispersion(moved, trials, expected, priors))


def _hazards(
    exposure: Exposure, source: Source, line: Floats, scatter: Scatter, priors: FlowPriors
) -> Hazards:
    moved = exposure.moved[source]
    trials = moved + exposure.stayed[source]
    spread, own, own_variance = _own(moved, trials, scatter.expected, scatter.factor, priors)
    return Hazards(line + own, own_variance, spread, scatter.dispersion)


def _expected(moved: Floats, trials: Floats, line: Floats) -> Floats:
    """Movers (destination, unit, year) if all units had the year's hazard on their line."""
    total, risk = moved.sum(axis=1, keepdims=True), trials.sum(axis=1, keepdims=True)
    logit = np.log((total + 0.5) / (risk - total + 0.5)) + line[:, :, None]
    raw = trials / (1 + np.exp(-logit))
    return np.asarray(raw * (total + 0.5) / (raw.sum(axis=1, keepdims=True) + 0.5))


def _dispersion(
    moved: Floats, trials: Floats, expected: Floats, priors: FlowPriors
) -> tuple[float, float]:
    """ρ and the variance factor 1 + (n̄−1)ρ, from Pearson's χ²/df about units' own hazards."""
    sums = moved.sum(axis=2, keepdims=True), expected.sum(axis=2, keepdims=True)
    mean = np.minimum(expected * (sums[0] + 0.5) / (sums[1] + 0.5), 0.98 * trials)
    weight = mean / (mean + ROUGH)
    variance = np.maximum(mean * (1 - mean / np.maximum(trials, 1.0)), 1e-9)
    units, years = moved.shape[1:]
    # Each movement has spent a mean a unit and a mean a year.
    left = (1 - 1 / units) * (1 - 1 / years)
    squares = float((weight * np.square(moved - mean) / variance).sum())
    free = float(weight.sum()) * left
    prior = priors.dispersion_weight
    factor = max((squares + prior * priors.dispersion) / (free + prior), 1.0)
    size = float((weight * trials).sum() / max(weight.sum(), 1e-9))
    return min((factor - 1) / max(size - 1, 1.0), 0.5), factor


def _own(
    moved: Floats, trials: Floats, expected: Floats, factor: float, priors: FlowPriors
) -> tuple[Floats, Floats, Floats]:
    """Units' spread (destination,), own parts (destination, unit) and their variances.

    Empirical Bayes by moments (DerSimonian and Laird 1986,
    doi:10.1016/0197-2456(86)90046-2): the part of a unit's deviation that its counts can vouch
    for. Few units cannot show a small spread, so it has a floor.
    """
    seen, mean, risk = moved.sum(axis=2), expected.sum(axis=2), trials.sum(axis=2)
    deviation = np.log((seen + 0.5) / (risk - seen + 0.5))
    deviation -= np.log((mean + 0.5) / (np.maximum(risk - mean, 0) + 0.5))
    sampling = factor * (1 / (mean + 0.5) + 1 / (np.maximum(risk - mean, 0) + 0.5))
    believed, prior = priors.unit_sd**2, priors.unit_weight
    information = np.square(believed / (believed + sampling))
    excess = (information * (deviation**2 - sampling)).sum(axis=1)
    pooled = (excess + prior * believed) / (information.sum(axis=1) + prior)
    spread = np.maximum(pooled, priors.least_unit_sd**2)
    kept = spread[:, None] / (spread[:, None] + sampling)
    return spread, kept * deviation, kept * sampling
