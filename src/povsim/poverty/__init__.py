"""Who is poor: a standard applied to households, where a missing answer leaves the state open.

And how poor: Alkire-Foster's H, A and M0 of the same deprivations, with their decompositions.
"""

from povsim.poverty.changes import Change, change, change_by_group, change_by_indicator
from povsim.poverty.counting import Bounds, Tally, bounds, tally
from povsim.poverty.lacking import deprivations, masks
from povsim.poverty.measures import (
    Headline,
    by_bound,
    by_dimension,
    by_group,
    by_indicator,
    headline,
)
from povsim.poverty.register import contract
from povsim.poverty.states import by_scores, classify, counts
from povsim.poverty.thresholds import ScoreLine, Threshold, score_line, thresholds
from povsim.poverty.yardstick import Yardstick

__all__ = [
    "Bounds",
    "Change",
    "Headline",
    "ScoreLine",
    "Tally",
    "Threshold",
    "Yardstick",
    "bounds",
    "by_bound",
    "by_dimension",
    "by_group",
    "by_indicator",
    "by_scores",
    "change",
    "change_by_group",
    "change_by_indicator",
    "classify",
    "contract",
    "counts",
    "deprivations",
    "headline",
    "masks",
    "score_line",
    "tally",
    "thresholds",
]
