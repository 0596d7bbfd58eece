"""Tables to charts, and charts to pictures: one theme, offline, bilingual."""

from povsim.charts.drawing import Frame, deprivations, ranking, trajectory
from povsim.charts.heatmap import deprivation_map

__all__ = ["Frame", "deprivation_map", "deprivations", "ranking", "trajectory"]
