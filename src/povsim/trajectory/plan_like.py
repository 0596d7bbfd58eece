"""The plan-like path: administered rates fall by quota, in a straight line of points.

Each unit falls in proportion to its own rate. How much of the path goes into a forecast is what
the series itself says of it.
"""

from __future__ import annotations

import numpy as np

from povsim.trajectory import paths
from povsim.trajectory.fitting import StockModel, fit_share
from povsim.trajectory.panel import Floats, Panel


def points(panel: Panel) -> float:
    """The fall of the district's rate a year over the panel, a share."""
    rates = panel.poor.sum(axis=0) / panel.households.sum(axis=0)
    return float(rates[0] - rates[-1]) / (panel.years[-1] - panel.years[0])


def line(panel: Panel, level: Floats, ahead: Floats, deviation: Floats) -> Floats:
    """Shares (unit, year, draw) about the units' lines; `level` (unit,) on the logit.

    `ahead` (year,) counts years from the last review. The deviations are those of a unit that
    stays at its level, in points: as a line nears nought it becomes no surer.
    """
    last = panel.poor[:, -1].sum() / panel.households[:, -1].sum()
    fallen = points(panel) * ahead[:, None] / max(last, 1e-12)
    start = level[:, None, None]
    return np.asarray(
        np.clip(paths.share(start + deviation) - paths.share(start) * fallen, 0.0, 1.0)
    )


def weight(model: StockModel) -> float:
    """The path's weight: how far units' own changes repeat themselves (`Trend.persistence`), up to
    `Priors.plan_like_most`, and nought where the last review was further from the line, as
    foretold without it, than from the trend.

    Units whose falls slow down each at its own pace repeat themselves too; their last review
    tells them from those that a quota moves; less surely of three reviews than of four.
    """
    persistence, panel = model.poor.persistence, model.panel
    if not persistence:
        return 0.0
    before, gap = panel.without_last(), panel.years[-1] - panel.years[-2]
    trend = fit_share(before.poor, before.households, before.years, model.priors)
    damping = model.priors.damping[0] / sum(model.priors.damping)
    fallen = np.full((1, 1), np.sum(damping ** np.arange(1, gap + 1)))
    alone = paths.share(paths.centre(trend, fallen))
    straight = line(before, trend.level, np.array([float(gap)]), np.zeros((1, 1)))
    followed = _missed(straight, panel) <= _missed(alone, panel)
    return min(persistence, model.priors.plan_like_most) if followed else 0.0


def _missed(shares: Floats, panel: Panel) -> float:
    """Poor households of the last review that a forecast (unit, 1, 1) put elsewhere."""
    households = panel.households[:, -1]
    return float(np.abs(shares[:, 0, 0] * households - panel.poor[:, -1]).sum())
