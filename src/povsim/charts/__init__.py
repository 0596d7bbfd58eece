"""Tables to charts, and charts to pictures: one theme, offline, bilingual."""

from povsim.charts.backtests import (
    PICTURES,
    coverage,
    errors,
    horizons,
    method_name,
    pit,
    reliability,
)
from povsim.charts.drawing import Frame, deprivations, ranking, trajectory
from povsim.charts.frontiers import frontier
from povsim.charts.heatmap import deprivation_map

__all__ = [
    "PICTURES",
    "Frame",
    "coverage",
    "deprivation_map",
    "deprivations",
    "errors",
    "frontier",
    "horizons",
    "method_name",
    "pit",
    "ranking",
    "reliability",
    "trajectory",
]
