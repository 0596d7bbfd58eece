"""Which scenario to choose: classes of households × packages, under named rules, by HiGHS.

A proposer never marks its own work: `simulation` judges what is proposed here, `study` calls both.
"""

from povsim.allocation.agenda import Agenda
from povsim.allocation.books import Books, Held
from povsim.allocation.classes import Classes, classes_of
from povsim.allocation.conflicts import Impossible
from povsim.allocation.frontier import Point, efficiency_against_equity, rate_against_depth
from povsim.allocation.gains import Gains, Packages, gains_of
from povsim.allocation.objectives import Caution
from povsim.allocation.prices import Kind, Price, Range, nearly_as_good, prices
from povsim.allocation.proposing import Proposal, propose
from povsim.allocation.reading import Question, read
from povsim.allocation.rules import (
    Budgets,
    EntitlementsFirst,
    Limit,
    NoUnitWorse,
    Objective,
    Purse,
    Reach,
    Rule,
    Rules,
)
from povsim.allocation.solver import Status

__all__ = [
    "Agenda",
    "Books",
    "Budgets",
    "Caution",
    "Classes",
    "EntitlementsFirst",
    "Gains",
    "Held",
    "Impossible",
    "Kind",
    "Limit",
    "NoUnitWorse",
    "Objective",
    "Packages",
    "Point",
    "Price",
    "Proposal",
    "Purse",
    "Question",
    "Range",
    "Reach",
    "Rule",
    "Rules",
    "Status",
    "classes_of",
    "efficiency_against_equity",
    "gains_of",
    "nearly_as_good",
    "prices",
    "propose",
    "rate_against_depth",
    "read",
]
