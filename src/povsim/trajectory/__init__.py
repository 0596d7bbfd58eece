"""How households move between states, pooled over units, as draws; the chance of a target."""

from povsim.plan import DISTRICT
from povsim.trajectory.chance import Chance, attainment
from povsim.trajectory.doubt import (
    OUTSIDE_LIMIT,
    PLAN_LIKE_WEIGHT,
    LastYearCheck,
    last_year_check,
)
from povsim.trajectory.fitting import Drift, Growth, Priors, StockModel, Trend, fit
from povsim.trajectory.panel import STATES, Floats, Panel
from povsim.trajectory.projection import BANDS, LEVELS, Counts, Model, Projection, project

__all__ = [
    "BANDS",
    "DISTRICT",
    "LEVELS",
    "OUTSIDE_LIMIT",
    "PLAN_LIKE_WEIGHT",
    "STATES",
    "Chance",
    "Counts",
    "Drift",
    "Floats",
    "Growth",
    "LastYearCheck",
    "Model",
    "Panel",
    "Priors",
    "Projection",
    "StockModel",
    "Trend",
    "attainment",
    "fit",
    "last_year_check",
    "project",
]
