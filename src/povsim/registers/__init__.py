"""From a household register to the official forms: both doors lead to one truth.

A register holds pseudonymous keys only. One that looks like holding names, identity or telephone
numbers is refused whole, before anything else is done with it.
"""

from povsim.registers.aggregation import aggregate
from povsim.registers.judged import Judged, judge
from povsim.registers.questions import open_answers
from povsim.registers.tables import Register, of_tables, read
from povsim.registers.workbooks import workbooks

__all__ = [
    "Judged",
    "Register",
    "aggregate",
    "judge",
    "of_tables",
    "open_answers",
    "read",
    "workbooks",
]
