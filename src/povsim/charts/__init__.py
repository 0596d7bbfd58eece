"""Tables to charts, and charts to pictures: one theme, offline, bilingual."""

from povsim.charts.drawing import Frame, deprivations, ranking, trajectory

__all__ = ["Frame", "deprivations", "ranking", "trajectory"]
