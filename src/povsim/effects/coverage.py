"""How many a line's money reaches: coverage saturates, works are whole, the rest is not spent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from povsim.effects.lines import Line

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def reached(line: Line, eligible: Counts, money: float) -> Counts:
    """Households (draw,) that a line serves for money (đồng) in a unit and year.

    No more than come when asked, than the unit can serve, than the money pays for. Works are whole:
    one too dear for what is left is not begun, and each serves at most its households.
    """
    terms = (line.take_up, line.capacity, line.unit_cost, line.households_a_work)
    return np.asarray(reached_by(np.asarray(eligible), money, *terms), dtype=np.int64)


def reached_by(
    eligible: Any, money: Any, take_up: float, capacity: int, unit_cost: float, a_work: int
) -> Any:
    """The arithmetic of `reached`, compiled as well: of numbers or arrays."""
    willing = np.floor(take_up * eligible)
    most = np.minimum(willing, capacity) if capacity else willing
    return np.minimum(most, money // unit_cost * a_work)


def cost(line: Line, households: Counts) -> Floats:
    """What serving so many households costs, đồng: of works, whole ones."""
    works = -(-np.asarray(households) // line.households_a_work)
    return np.asarray(works * line.unit_cost, dtype=np.float64)
