"""Who is poor: a standard applied to households, where a missing answer leaves the state open.

And how poor: Alkire-Foster's H, A and M0 of the same deprivations, with their decompositions.
"""

from povsim.poverty.changes import Change, change, change_by_group, change_by_indicator
from povsim.poverty.counting import Bounds, Tally, bounds, tally
from povsim.poverty.lacking import columns, deprivations, masks, masks_of
from povsim.poverty.measures import (
    Headline,
    by_bound,
    by_dimension,
    by_group,
    by_indicator,
    headline,
)
from povsim.poverty.register import contract
from povsim.poverty.states import Classification, by_scores, classification, classify, counts
from povsim.poverty.thresholds import ScoreLine, Threshold, score_line, thresholds
from povsim.poverty.yardstick import Yardstick

__all__ = [
    "Bounds",
    "Change",
    "Classification",
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
    "classification",
    "classify",
    "columns",
    "contract",
    "counts",
    "deprivations",
    "headline",
    "masks",
    "masks_of",
    "score_line",
    "tally",
    "thresholds",
]
