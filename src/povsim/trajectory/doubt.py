"""Self-doubt: what the model, without the last review, would have said of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from povsim.plan import DISTRICT
from povsim.trajectory.fitting import fit
from povsim.trajectory.panel import STATES, Floats, Panel
from povsim.trajectory.projection import Model, Projection
from povsim.trajectory.stock_projection import project
from povsim.vocabulary import State

OUTSIDE_LIMIT = 0.15
"""More units than this outside their 95 % band, and the forecast has failed: bands are widened."""
FEWEST_YEARS = 3
LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)


@dataclass(frozen=True, eq=False)
class LastYearCheck:
    """The last review held against the forecast made without it.

    `areas` tells of the district (first) and every unit: area, low, median, high (80 %), found;
    rates of the poor as shares. `outside` is the share of units that fell outside their 95 % band
    and `widening` the factor that the bands then need; 1 where they held. `trusted` says whether
    the forecast would have held: the district inside its 80 % band, and not too many units
    outside theirs; `model` is the one that made it.
    """

    year: int
    model: Model
    areas: pd.DataFrame
    outside: float
    widening: float
    trusted: bool

    @property
    def low(self) -> float:
        """Where the district's 80 % band began."""
        return self._told("low")

    @property
    def median(self) -> float:
        """The middle of the district's forecast."""
        return self._told("median")

    @property
    def high(self) -> float:
        """Where the district's 80 % band ended."""
        return self._told("high")

    @property
    def found(self) -> float:
        """The district's rate at the review."""
        return self._told("found")

    def _told(self, what: str) -> float:
        return float(self.areas[what].iloc[0])


def last_year_check(
    panel: Panel,
    *,
    reference: Panel | None = None,
    plan_like_weight: float | None = None,
    draws: int,
    seed: int,
) -> LastYearCheck | None:
    """Forecast the last review without it by the stock model, and hold it against what came.

    None where the panel is too short to spare a review.
    """
    if len(panel.years) < FEWEST_YEARS:
        return None
    wider = None if reference is None else reference.without_last()
    model = fit(panel.without_last(), reference=wider)
    made = project(
        model, panel.years[-1], draws=draws, seed=seed, plan_like_weight=plan_like_weight
    )
    return held_against(made, panel)


def held_against(projection: Projection, panel: Panel) -> LastYearCheck:
    """What a projection made without the last review of a panel said of that review."""
    counts = projection.households[:, :, -1].astype(float)
    poor, households = counts[STATES.index(State.POOR)], counts.sum(axis=0)
    found, whole = panel.poor[:, -1], panel.households[:, -1]
    quantiles = np.quantile(poor / households, LEVELS, axis=1)
    outside = float(np.mean((found / whole < quantiles[0]) | (quantiles[-1] < found / whole)))
    district = np.quantile(projection.rate(State.POOR)[-1], LEVELS)
    bands = np.column_stack([district, quantiles])[1:-1]
    rates = np.concatenate([[found.sum() / whole.sum()], found / whole])
    areas = pd.DataFrame({"area": [DISTRICT, *panel.units]})
    areas[["low", "median", "high"]] = bands.T
    failed = outside > OUTSIDE_LIMIT
    reach = _reach(_logits(poor, households), _logits(found, whole)) if failed else 1.0
    held = not failed and bool(bands[0, 0] <= rates[0] <= bands[-1, 0])
    told = areas.assign(found=rates)
    return LastYearCheck(panel.years[-1], projection.model, told, outside, max(reach, 1.0), held)


def _reach(drawn: Floats, found: Floats) -> float:
    """The factor on the logit that leaves OUTSIDE_LIMIT of units outside their 95 % band."""
    low, middle, high = np.quantile(drawn, (LEVELS[0], 0.5, LEVELS[-1]), axis=1)
    side = np.where(found < middle, middle - low, high - middle)
    apart = np.abs(found - middle) / np.maximum(side, 1e-9)
    return float(np.quantile(apart, 1 - OUTSIDE_LIMIT))


def _logits(counts: Floats, trials: Floats) -> Floats:
    return np.asarray(np.log((counts + 0.5) / (trials - counts + 0.5)))
