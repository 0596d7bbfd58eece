"""How households move between states, pooled over units, as draws; the chance of a target."""

from povsim.plan import DISTRICT
from povsim.trajectory.behind import histories_behind
from povsim.trajectory.chance import Chance, attainment
from povsim.trajectory.choice import Forecast, forecast
from povsim.trajectory.doubt import (
    OUTSIDE_LIMIT,
    LastYearCheck,
    held_against,
    last_year_check,
)
from povsim.trajectory.exposures import Source
from povsim.trajectory.fitting import Drift, Growth, Priors, StockModel, Trend, fit
from povsim.trajectory.flow_fitting import FlowModel, fit_flows
from povsim.trajectory.flow_priors import FlowPriors
from povsim.trajectory.flow_projection import Histories, Moves, histories, project_flows
from povsim.trajectory.hazards import pooled_hazards
from povsim.trajectory.identity import Verdict, check_flows
from povsim.trajectory.movements import Movements
from povsim.trajectory.panel import STATES, Counts, Floats, Panel
from povsim.trajectory.projection import BANDS, LEVELS, Model, Projection
from povsim.trajectory.shares import Shares, project_shares
from povsim.trajectory.stock_projection import project

__all__ = [
    "BANDS",
    "DISTRICT",
    "LEVELS",
    "OUTSIDE_LIMIT",
    "STATES",
    "Chance",
    "Counts",
    "Drift",
    "Floats",
    "FlowModel",
    "FlowPriors",
    "Forecast",
    "Growth",
    "Histories",
    "LastYearCheck",
    "Model",
    "Movements",
    "Moves",
    "Panel",
    "Priors",
    "Projection",
    "Shares",
    "Source",
    "StockModel",
    "Trend",
    "Verdict",
    "attainment",
    "check_flows",
    "fit",
    "fit_flows",
    "forecast",
    "held_against",
    "histories",
    "histories_behind",
    "last_year_check",
    "pooled_hazards",
    "project",
    "project_flows",
    "project_shares",
]
