"""The best scenario by a rule-bound programme, with what it is worth and why it is not better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.agenda import Agenda
from povsim.allocation.books import Books, Held, paying
from povsim.allocation.classes import Classes
from povsim.allocation.columns import columns_of
from povsim.allocation.conflicts import Impossible, conflict
from povsim.allocation.gains import Gains
from povsim.allocation.objectives import Caution, be_cautious, set_objective
from povsim.allocation.problem import BREACH, Problem
from povsim.allocation.rounding import whole_households
from povsim.allocation.rules import Budgets, Limit, Objective, Rules
from povsim.allocation.ruling import posed
from povsim.allocation.solver import Solved, Status
from povsim.allocation.written import items, offers
from povsim.scenarios import Scenario
from povsim.vocabulary import Group, Origin

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
BREACHED = 1e-3
"""Households or millions by which rules are broken: more is no slip of the solver's."""
WORKS_SECONDS, WORKS_GAP = 3.0, 5e-3
"""How long, and how near to the best, whole works are sought."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """A scenario and what is known of it before anybody judges it.

    `value` and `bound` are what the objective minimises (against nothing paid), of the plan in
    whole households and of any plan at all. `change` (unit,) are fewer poor than under the
    current plan, as expected; `served` households (line, unit, year); `amounts`
    households (column,) that get each package. `checks` are ours, not the solver's; `left` đồng by
    purse that are not allocated, `idle` the purses whose next money would better nothing. `problem`
    is the programme it came from, to be asked more.
    """

    scenario: Scenario
    problem: Problem
    objective: Objective
    status: Status
    value: float
    bound: float
    change: Floats
    served: Counts
    amounts: Floats
    checks: tuple[Held, ...]
    left: Mapping[str, int]
    idle: frozenset[str]

    @property
    def agenda(self) -> Agenda:
        return self.problem.agenda

    @property
    def budget(self) -> Budgets:
        return self.problem.budget

    @property
    def gap(self) -> float:
        """How far from the bound it may be, as a share of the value."""
        return (self.value - self.bound) / max(abs(self.value), 1e-9)

    @property
    def feasible(self) -> bool:
        """Whether every rule holds by our own arithmetic."""
        return all(each.holds for each in self.checks)


def propose(
    plan: Agenda,
    population: Classes,
    effects: Gains,
    budget: Budgets,
    rules: Rules,
    objective: Objective,
    *,
    caution: Caution | None = None,
    name: str = "",
    source: str = "",
) -> Proposal | Impossible:
    """The best way to spend a budget on classes of households, under rules.

    Args:
        plan: what is to be decided, and where it stands under the current plan.
        population: classes of households; `effects` what packages bring to them.
        budget: purses, all money there is.
        rules: each has a name by which it is priced, or told where rules cannot hold together.
        caution: how much the worst draws weigh, for CAUTIOUS.
        name, source: of the scenario.
    """
    columns = columns_of(population, effects)
    problem = posed(plan, columns, budget, rules)
    solved, bound = _solved(problem, objective, caution or Caution())
    if problem.breach(solved) > BREACHED:
        return conflict(problem)
    status = Status.OPTIMAL
    if problem.model.whole:
        sought = problem.model.solve(whole=True, seconds=WORKS_SECONDS, gap=WORKS_GAP)
        status = sought.status
        problem.hold_whole(sought if len(sought.at) else solved)
        solved, _ = problem.settled()
    worth, idle = problem.worth(solved.prices), problem.idle(solved)
    served = whole_households(problem, solved)
    problem.hold_served(served)
    problem.ease_choices(solved)
    whole, _ = problem.settled()
    problem.hold_served(plan.reach)
    found = _Found(whole, bound, status, worth, idle, served)
    return _proposal(problem, objective, found, name, source)


def _solved(problem: Problem, objective: Objective, caution: Caution) -> tuple[Solved, float]:
    if objective is Objective.CAUTIOUS:
        return be_cautious(problem, caution, problem.agenda.credit_by_draw)
    set_objective(problem, objective)
    return problem.settled()


@dataclass(frozen=True, eq=False)
class _Found:
    """An answer in whole households, and what its programme told before they were whole."""

    whole: Solved
    bound: float
    status: Status
    worth: Floats
    idle: frozenset[str]
    served: Counts


def _proposal(
    problem: Problem, objective: Objective, found: _Found, name: str, source: str
) -> Proposal:
    agenda, columns, budget = problem.agenda, problem.columns, problem.budget
    amounts, served = problem.amounts(found.whole), found.served
    out = np.bincount(columns.unit, amounts * columns.out, len(agenda.units)).astype(np.float64)
    books = Books(agenda, budget, served, out, _to_groups(problem, amounts))
    paid = paying(agenda, budget, books.money)
    assert paid is not None, "households are made whole within the purses"
    scenario = Scenario(
        name,
        Origin.SAMPLE,
        source,
        agenda.years[0],
        items(agenda, budget, served, paid),
        offers=offers(agenda, columns, amounts, found.worth, served),
    )
    return Proposal(
        scenario,
        problem,
        objective,
        found.status,
        found.whole.value - BREACH * problem.breach(found.whole),
        found.bound,
        out - agenda.credit,
        served,
        amounts,
        tuple(books.against(problem.rules)),
        {purse.name: purse.total - int(paid[p].sum()) for p, purse in enumerate(budget)},
        found.idle,
    )


def _to_groups(problem: Problem, amounts: Floats) -> dict[Group, Floats]:
    """The share (line, unit, year) of the served that are of each group that a rule is about."""
    columns, every = problem.columns, problem.served_by(amounts)
    groups = {rule.group for rule in problem.rules if isinstance(rule, Limit) and rule.group}
    found = {}
    for group in groups:
        mine = problem.served_by(amounts * columns.classes.of_group(group)[columns.klass])
        found[group] = np.divide(mine, every, out=np.zeros_like(every), where=every > 0)
    return found
