"""Plans at prices of money: what each unit would buy if money cost so much, no purse counted.

No purse ties units to each other then, so one answer holds a plan of every unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.agenda import Agenda
from povsim.allocation.books import money_of
from povsim.allocation.classes import Classes
from povsim.allocation.columns import columns_of
from povsim.allocation.gains import Gains
from povsim.allocation.objectives import weigh
from povsim.allocation.problem import NONE, Problem
from povsim.allocation.rounding import whole_households
from povsim.allocation.rules import Budgets, Rules
from povsim.allocation.ruling import posed
from povsim.allocation.written import items, offers
from povsim.scenarios import Offer, Scenario
from povsim.vocabulary import Origin

Counts = NDArray[np.int64]
Order: TypeAlias = dict[tuple[str, int], tuple[Offer, ...]]
PRICES = (0.0, *np.geomspace(3e-4, 0.3, 17).tolist())
"""Households out that a million đồng must bring, from whatever helps to what little does."""
BOUNDLESS = 10**15
"""Đồng that no plan could spend."""


@dataclass(frozen=True, eq=False)
class Priced:
    """A scenario of all units, and đồng (unit, purse) of it."""

    scenario: Scenario
    cost: Counts


def at_prices(
    plan: Agenda, population: Classes, effects: Gains, budget: Budgets, rules: Rules
) -> Iterator[Priced]:
    """Plans at each price of each purse's money, all pairs of them; rules hold, no purse does.

    A plan that two pairs of prices give is told once; where no rule asks for more, the first is to
    pay nothing.
    """
    free = [replace(purse, vnd=dict.fromkeys(plan.years, BOUNDLESS)) for purse in budget]
    problem = posed(plan, columns_of(population, effects), free, rules)
    weigh(problem, out=1.0)
    known = set[bytes]()
    if not rules:
        nothing = np.zeros(plan.reach.shape, dtype=np.int64)
        known.add(nothing.tobytes())
        yield _priced(problem, nothing, {})
    for prices in product(PRICES, repeat=len(free)):
        _ask(problem, prices)
        solved, _ = problem.settled()
        served = whole_households(problem, solved)
        if served.tobytes() not in known:
            known.add(served.tobytes())
            amounts, worth = problem.amounts(solved), problem.worth(solved.prices)
            order = offers(plan, problem.columns, amounts, worth, served)
            yield _priced(problem, served, order)


def _payers(problem: Problem) -> list[int | None]:
    """The purse that pays for each line, the first that may."""
    return [
        next((p for p, purse in enumerate(problem.budget) if purse.pays(line)), None)
        for line in problem.agenda.lines
    ]


def _ask(problem: Problem, prices: Sequence[float]) -> None:
    """Have each purse's money cost so much."""
    for line, purse in enumerate(_payers(problem)):
        bought = problem.money[line][problem.money[line] != NONE]
        if purse is not None:
            problem.model.cost(bought, np.full(len(bought), prices[purse]))


def _priced(problem: Problem, served: Counts, order: Order) -> Priced:
    """The scenario of households served, and what it takes from each purse."""
    plan, money = problem.agenda, money_of(problem.agenda, served)
    paid = np.zeros((len(problem.budget), *money.shape), dtype=np.int64)
    for line, purse in enumerate(_payers(problem)):
        if purse is not None:
            paid[purse, line] = money[line]
    amounts = items(plan, problem.budget, served, paid.sum(axis=2))
    made = Scenario("", Origin.SAMPLE, "", plan.years[0], amounts, offers=order)
    return Priced(made, paid.sum(axis=(1, 3)).T)
