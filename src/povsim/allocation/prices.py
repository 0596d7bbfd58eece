"""What a rule costs and what more money brings; which plans are nearly as good.

Every price is the programme solved again with a little more or less, whole works as proposed: a
dual tells the same only for the very next household.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.problem import BREACH, MILLION, NONE, SLIGHT, Named, Problem
from povsim.allocation.proposing import Proposal
from povsim.allocation.rules import Limit
from povsim.allocation.solver import INFINITY

Floats = NDArray[np.float64]
STEP = 100_000_000
"""Đồng more of which a price tells."""
NEARLY = 0.01
"""How much of the value a plan may lose to be nearly as good."""


class Kind(StrEnum):
    """What a price is of: a purse's next money, money for one unit, a floor or ceiling moved by a
    step, a rule left out as a whole, one more household that a unit could serve with a line."""

    PURSE = "purse"
    UNIT = "unit"
    LIMIT = "limit"
    RULE = "rule"
    CAPACITY = "capacity"


@dataclass(frozen=True)
class Price:
    """By how much the objective betters (households out, where those count) with a step of đồng;
    nought for a rule that is left out and for a capacity, which is a `line`'s in the unit named."""

    kind: Kind
    name: str
    step: float
    better: float
    line: str = ""


def prices(proposal: Proposal) -> list[Price]:
    """The price of every purse, rule and unit, the dearest first."""
    problem = proposal.problem
    before = problem.settled()[0].value
    found = [*_of_capacities(problem), *_of_rules(problem, before), *_of_units(problem, before)]
    problem.settled()
    return sorted(found, key=lambda price: -price.better)


def _of_rules(problem: Problem, before: float) -> Iterator[Price]:
    purses = {purse.name for purse in problem.budget}
    limits = {rule.name for rule in problem.rules if isinstance(rule, Limit) and not rule.share}
    for name in dict.fromkeys(each.rule for each in problem.named):
        moves = name in purses | limits
        kind = Kind.PURSE if name in purses else Kind.LIMIT if moves else Kind.RULE
        mine = [each for each in problem.named if each.rule == name]
        with _moved(problem, mine, STEP / MILLION if moves else INFINITY):
            better = before - problem.settled()[0].value
        yield Price(kind, name, STEP if moves else 0.0, better)


def _of_capacities(problem: Problem) -> Iterator[Price]:
    """What one more household is worth where a unit can serve no more; by the dual of its row."""
    agenda, priced = problem.agenda, problem.settled()[0].prices
    for (line, unit, year), row in problem.reach_rows():
        full = agenda.reach[line, unit, year] == agenda.lines[line].capacity
        if full and priced[row] < -SLIGHT:
            name = agenda.units[unit]
            yield Price(Kind.CAPACITY, name, 0.0, -float(priced[row]), agenda.lines[line].id)


@contextmanager
def _moved(problem: Problem, rows: list[Named], step: float) -> Iterator[None]:
    """Rows eased by a step, and as they were afterwards."""
    for each in rows:
        high = min(each.high + step, each.most) if np.isfinite(each.low) else each.high + step
        problem.model.bound_row(each.row, each.low - step, high)
    try:
        yield
    finally:
        for each in rows:
            problem.model.bound_row(each.row, each.low, each.high)


def _of_units(problem: Problem, before: float) -> Iterator[Price]:
    """Money that one unit gets on top of what it has, whoever pays."""
    solved, _ = problem.settled()
    purses = {purse.name for purse in problem.budget}
    payers = [each.row for each in problem.named if each.rule in purses]
    for u, unit in enumerate(problem.agenda.units):
        bought = problem.money[:, u][problem.money[:, u] != NONE]
        has = float(solved.at[bought].sum())
        gift = problem.model.variables(np.zeros(len(payers)), 0.0, STEP / MILLION, _each(payers))
        given = problem.model.row(-INFINITY, STEP / MILLION, gift, np.ones(len(gift)))
        kept = problem.model.row(
            has, INFINITY, [*bought, *gift], [1.0] * len(bought) + [-1.0] * len(gift)
        )
        yield Price(Kind.UNIT, unit, STEP, before - problem.settled()[0].value)
        problem.model.bound(gift, np.zeros(len(gift)), np.zeros(len(gift)))
        problem.model.bound_row(kept, -INFINITY, INFINITY)
        problem.model.bound_row(given, -INFINITY, INFINITY)


def _each(rows: list[int]) -> list[tuple[NDArray[np.int64], Floats]]:
    """One entry of −1 a row, each in a variable of its own."""
    return [(np.array(rows, dtype=np.int64), -np.ones(len(rows)))]


# Nearly as good


@dataclass(frozen=True)
class Range:
    """Đồng of a line (all units) or a unit (all lines) in plans that are nearly as good."""

    line: str
    unit: str
    least: float
    most: float
    chosen: float


def nearly_as_good(proposal: Proposal, share: float = NEARLY) -> list[Range]:
    """How far money can move from line to line, and unit to unit, at a loss of a share of the gain.

    What no such plan goes below never changes between them.
    """
    problem, model = proposal.problem, proposal.problem.model
    solved, _ = problem.settled()
    costs = model.costs.copy()
    free = np.flatnonzero(costs != 0.0)
    edge = solved.value + share * abs(solved.value)
    row = model.row(-INFINITY, edge, free, costs[free])
    found = []
    with model.aimed_as_before():
        for line, unit, money in _parts(problem):
            least, most = (_end(problem, money, costs, sign) for sign in (1.0, -1.0))
            chosen = float(solved.at[money].sum()) * MILLION
            found.append(Range(line, unit, least, most, chosen))
    model.bound_row(row, -INFINITY, INFINITY)
    return found


def _end(problem: Problem, money: NDArray[np.int64], costs: Floats, sign: float) -> float:
    """The least (or most) đồng that some lines or units can have."""
    asked = np.where(costs == BREACH, BREACH, 0.0)
    asked[money] = sign
    problem.model.cost(np.arange(len(costs)), asked)
    return float(problem.model.solve(primal=True).at[money].sum()) * MILLION


def _parts(problem: Problem) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
    for at, line in enumerate(problem.agenda.lines):
        bought = problem.money[at][problem.money[at] != NONE]
        if len(bought):
            yield line.id, "", bought
    for u, unit in enumerate(problem.agenda.units):
        yield "", unit, problem.money[:, u][problem.money[:, u] != NONE]
