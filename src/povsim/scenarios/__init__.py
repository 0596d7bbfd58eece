"""What could be done with money: scenarios as files that check themselves, and their difference.

A scenario says what is spent by line, unit, year and fund, and who comes first. The current plan is
one too; others are compared with it (`simulation`).
"""

from povsim.scenarios.bounds import Bounds, most
from povsim.scenarios.difference import difference
from povsim.scenarios.reading import read
from povsim.scenarios.scenario import NOTHING, Item, Offer, Scenario
from povsim.scenarios.writing import save, written

__all__ = [
    "NOTHING",
    "Bounds",
    "Item",
    "Offer",
    "Scenario",
    "difference",
    "most",
    "read",
    "save",
    "written",
]
