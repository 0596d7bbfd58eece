"""A programme's answer as a scenario: money by line, unit and year, and packages in an order.

What each class gets is not written down: at the prices of lines in a unit every household has a
package that is worth most to it, and the order of worth serves nearly the same (a test tells how
nearly). So no scenario tells of single households.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.agenda import Agenda
from povsim.allocation.books import money_of
from povsim.allocation.columns import Columns
from povsim.allocation.rules import Budgets
from povsim.population import LISTED
from povsim.scenarios import Item, Offer
from povsim.vocabulary import State

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
USED = 1e-6
Key = tuple[int, int, int, int]
"""State, labour, number, package."""


def items(agenda: Agenda, budget: Budgets, served: Counts, paid: Counts) -> dict[Item, int]:
    """Đồng by item: each purse's fund pays for units in their order, until its share is spent."""
    amounts: dict[Item, int] = {}
    money, left = money_of(agenda, served), paid.copy()
    for line, unit, year in np.argwhere(money > 0):
        needed = int(money[line, unit, year])
        for p, purse in enumerate(budget):
            part = min(needed, int(left[p, line, year]))
            if part:
                names = agenda.lines[line].id, agenda.units[unit], agenda.years[year]
                item = Item(*names, purse.fund)
                amounts[item] = amounts.get(item, 0) + part
                needed, left[p, line, year] = needed - part, left[p, line, year] - part
    return amounts


def offers(
    agenda: Agenda, columns: Columns, amounts: Floats, worth: Floats, served: Counts
) -> dict[tuple[str, int], tuple[Offer, ...]]:
    """Packages in the order of their worth, by unit and year.

    Those that somebody of the district gets, where every line of theirs has money.
    """
    keys = _keys(columns)
    used = np.isin(keys, np.unique(keys[amounts > USED]))
    paid = served.transpose(1, 2, 0)[columns.unit, columns.year] > 0
    funded = (paid | ~columns.members).all(axis=1)
    chosen = np.flatnonzero(used & funded & (worth > 0.0))
    order = chosen[np.argsort(-worth[chosen], kind="stable")]
    found: dict[tuple[str, int], dict[Offer, None]] = {}
    _, first, alike = np.unique(keys[order], return_index=True, return_inverse=True)
    known = [_offer(columns, int(order[at])) for at in first]
    for at, key in zip(order, alike.ravel(), strict=True):
        place = agenda.units[columns.unit[at]], agenda.years[columns.year[at]]
        found.setdefault(place, {})[known[key]] = None
    return {place: tuple(found[place]) for place in sorted(found)}


def _keys(columns: Columns) -> Counts:
    """One number for kind and package."""
    return columns.kind * len(columns.gains.packages) + columns.package


def _offer(columns: Columns, at: int) -> Offer:
    klass, classes = columns.klass[at], columns.classes
    state = LISTED[classes.state[klass]]
    lines = tuple(line.id for line in columns.gains.packages.of_package(int(columns.package[at])))
    labour = bool(classes.labour[klass]) if state is State.POOR else None
    return Offer(state, int(classes.number[klass]), labour, lines)
