"""Self-doubt: what the model, without the last review, would have said of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from povsim.trajectory.fitting import fit
from povsim.trajectory.panel import Panel
from povsim.trajectory.projection import Projection, project
from povsim.vocabulary import State

PLAN_LIKE_WEIGHT = 0.5
"""Official series fall by planned quotas: half the weight, an assumption last year can overrule."""
OUTSIDE_LIMIT = 0.15
"""More units than this outside their 95 % band, and the forecast has failed."""
FEWEST_YEARS = 3


@dataclass(frozen=True)
class LastYearCheck:
    """The last review held against the forecast made without it.

    `weight` is what the plan-like path may then carry; `low`, `median`, `high` (80 %) are the
    district's rate as the forecast of that weight had it, `found` the review's (shares).
    `trusted` says whether that forecast would have held.
    """

    year: int
    weight: float
    low: float
    median: float
    high: float
    found: float
    trusted: bool


def last_year_check(panel: Panel, *, draws: int, seed: int) -> LastYearCheck | None:
    """Forecast the last review without it, with and without the plan-like path.

    The plan-like path is an assumption; where last year contradicts it, the trend goes alone.
    None where the panel is too short to spare a review.
    """
    if len(panel.years) < FEWEST_YEARS:
        return None
    last, model = panel.years[-1], fit(panel.without_last())
    for weight in (PLAN_LIKE_WEIGHT, 0.0):
        used = project(model, last, draws=draws, seed=seed, plan_like_weight=weight)
        held = _held(used, panel)
        if held:
            break
    low, median, high = np.quantile(used.rate(State.POOR)[-1], (0.1, 0.5, 0.9))
    found = float(panel.poor[:, -1].sum() / panel.households[:, -1].sum())
    return LastYearCheck(last, weight, low, median, high, found, held)


def _held(projection: Projection, panel: Panel) -> bool:
    """Whether the last review fell where the forecast said: the district inside its 80 % band,
    and no more units outside their 95 % band than OUTSIDE_LIMIT.
    """
    district = panel.poor[:, -1].sum() / panel.households[:, -1].sum()
    low, high = np.quantile(projection.rate(State.POOR)[-1], (0.1, 0.9))
    found = panel.poor[:, -1] / panel.households[:, -1]
    counts = projection.households[:, :, -1]
    least, most = np.quantile(counts[0] / counts.sum(axis=0), (0.025, 0.975), axis=1)
    missed = (found < least) | (most < found)
    return bool(low <= district <= high and missed.mean() <= OUTSIDE_LIMIT)
