"""Who comes first where money does not reach everybody who may have a line."""

from __future__ import annotations

from enum import StrEnum


class Targeting(StrEnum):
    """A rule of order among the eligible; chance decides among equals.

    EVEN lets chance decide alone. Whoever registered to leave poverty is in no form: a share of
    households that a scenario assumes, the same in all of them.
    """

    EVEN = "even"
    DEEPEST = "deepest"
    NEAREST = "nearest"
    DTTS = "dtts"
    REGISTERED = "registered"


CODES = {rule: code for code, rule in enumerate(Targeting)}
"""Their numbers in arrays; nought is EVEN."""
