"""Which scenario to choose: classes of households × packages, under named rules, by HiGHS.

A proposer never marks its own work: `simulation` judges what is proposed here, `study` calls both.
"""

from povsim.allocation.agenda import Agenda
from povsim.allocation.books import Books, Held
from povsim.allocation.classes import Classes, classes_of
from povsim.allocation.conflicts import Impossible
from povsim.allocation.gains import Gains, Packages, gains_of
from povsim.allocation.objectives import Caution
from povsim.allocation.proposing import Proposal, propose
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
    "Limit",
    "NoUnitWorse",
    "Objective",
    "Packages",
    "Proposal",
    "Purse",
    "Reach",
    "Rule",
    "Rules",
    "Status",
    "classes_of",
    "gains_of",
    "propose",
]
