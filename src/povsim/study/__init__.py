"""What a planner asks: where units stand, where they are heading, how likely their targets are."""

from povsim.study.aims import NEVER, Aim, Course, Span, judge, judge_all
from povsim.study.deprivations import deprivation_shares, deprivations_by_area, measures
from povsim.study.outlooks import DRAWS, Outlook, newest_release, outlook
from povsim.study.targets import references, targets

__all__ = [
    "DRAWS",
    "NEVER",
    "Aim",
    "Course",
    "Outlook",
    "Span",
    "deprivation_shares",
    "deprivations_by_area",
    "judge",
    "judge_all",
    "measures",
    "newest_release",
    "outlook",
    "references",
    "targets",
]
