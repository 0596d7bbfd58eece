"""The best use of a budget, told to a planner: the plan, its price, what equity and safety cost.

Vietnamese only, as the other sections.
"""

from povsim.report.best_use.answers import (
    answer,
    bound_answer,
    chance_answer,
    equity_answer,
    floor_answer,
    more_answer,
    safety_answer,
    saved,
)
from povsim.report.best_use.asking import ask, cautious, floor, known, purses
from povsim.report.best_use.households import who_gets_what
from povsim.report.best_use.pictures import chance_curve, frontiers
from povsim.report.best_use.tables import beside, by_unit, checks, prices, ranges
from povsim.report.best_use.targets import aims_beside
from povsim.report.what_if import assumptions

__all__ = [
    "aims_beside",
    "answer",
    "ask",
    "assumptions",
    "beside",
    "bound_answer",
    "by_unit",
    "cautious",
    "chance_answer",
    "chance_curve",
    "checks",
    "equity_answer",
    "floor",
    "floor_answer",
    "frontiers",
    "known",
    "more_answer",
    "prices",
    "purses",
    "ranges",
    "safety_answer",
    "saved",
    "who_gets_what",
]
