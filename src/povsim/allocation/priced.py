"""Plans at prices of money: what each unit would buy if money cost so much, no purse counted.

No purse ties units to each other then, so one answer holds a plan of every unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.agenda import Agenda
from povsim.allocation.books import money_of
from povsim.allocation.classes import Classes
from povsim.allocation.columns import columns_of
from povsim.allocation.gains import Gains
from povsim.allocation.objectives import weigh
from povsim.allocation.problem import NONE
from povsim.allocation.rounding import whole_households
from povsim.allocation.rules import Budgets, Purse, Rules
from povsim.allocation.ruling import posed
from povsim.allocation.written import items, offers
from povsim.scenarios import Scenario
from povsim.vocabulary import Origin

Counts = NDArray[np.int64]
PRICES = (0.0, *np.geomspace(3e-4, 0.3, 12).tolist())
"""Households out that a million đồng must bring, from whatever helps to what little does."""
BOUNDLESS = 10**15


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
    free = [_boundless(purse, plan.years) for purse in budget]
    problem = posed(plan, columns_of(population, effects), free, rules)
    payer = [[purse.pays(line) for purse in free].index(True) for line in plan.lines]
    weigh(problem, out=1.0)
    known = set[bytes]()
    if not rules:
        yield Priced(
            Scenario("", Origin.SAMPLE, "", plan.years[0], {}),
            np.zeros((len(plan.units), len(budget)), dtype=np.int64),
        )
    for price in product(PRICES, repeat=len(free)):
        for line, purse in enumerate(payer):
            bought = problem.money[line][problem.money[line] != NONE]
            problem.model.cost(bought, np.full(len(bought), price[purse]))
        solved, _ = problem.settled()
        served = whole_households(problem, solved)
        if served.tobytes() in known:
            continue
        known.add(served.tobytes())
        worth = problem.worth(solved.prices)
        paid = np.zeros((len(free), len(plan.lines), len(plan.years)), dtype=np.int64)
        money = money_of(plan, served)
        for line, purse in enumerate(payer):
            paid[purse, line] = money[line].sum(axis=0)
        made = Scenario(
            "",
            Origin.SAMPLE,
            "",
            plan.years[0],
            items(plan, budget, served, paid),
            offers=offers(plan, problem.columns, problem.amounts(solved), worth, served),
        )
        by_purse = [
            sum(money[line].sum(axis=1) for line, payer_ in enumerate(payer) if payer_ == p)
            for p in range(len(free))
        ]
        yield Priced(made, np.stack(by_purse, axis=1))


def _boundless(purse: Purse, years: tuple[int, ...]) -> Purse:
    return Purse(purse.name, dict.fromkeys(years, BOUNDLESS), purse.budget, purse.fund)
