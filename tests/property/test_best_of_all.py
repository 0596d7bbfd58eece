"""On instances small enough to try everything: what the programme says is the best, and no more."""

from __future__ import annotations

from itertools import product

import numpy as np
from allotments import agenda, classes, columns, gains, line, purse
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.allocation import Caution, Objective, Proposal, propose
from povsim.allocation.objectives import be_cautious, by_draw, weigh, worst_weights
from povsim.allocation.problem import Problem
from povsim.effects import Budget

OFTEN = settings(max_examples=40, deadline=None, derandomize=True)
NEAR = 1e-6


@st.composite
def instances(draw: st.DrawFn) -> Problem:
    """Up to three units and lines, four classes of a household or two, capital and recurrent."""
    units, lines = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    costs = draw(st.lists(st.integers(2, 9), min_size=lines, max_size=lines))
    kinds = draw(st.lists(st.sampled_from(list(Budget)), min_size=lines, max_size=lines))
    capacity = draw(st.lists(st.integers(0, 2), min_size=lines, max_size=lines))
    offered = [
        line(f"line-{at}", cost, budget=kind, capacity=most)
        for at, (cost, kind, most) in enumerate(zip(costs, kinds, capacity, strict=True))
    ]
    row = st.tuples(
        st.integers(0, units - 1),
        st.integers(3, 5),
        st.integers(1, 2**lines - 1),
        st.integers(1, 2),
    )
    rows = draw(st.lists(row, min_size=1, max_size=4, unique_by=lambda each: each[:3]))
    population = classes(units, rows)
    made = gains(population, offered, draw(st.integers(0, 999)))
    budget = [purse(draw(st.integers(0, 20)), each) for each in ("capital", "recurrent")]
    return Problem(agenda(population, offered), columns(population, made), budget, [])


def every_plan(problem: Problem) -> np.ndarray:
    """All whole plans (plan, column) that keep every row, by enumeration."""
    made, plan = problem.columns, problem.agenda
    most = made.classes.households.astype(int)
    choices = [range(most[klass] + 1) for klass in made.klass]
    tried = np.array(list(product(*choices)), dtype=float)
    keep = np.ones(len(tried), dtype=bool)
    for klass, there in enumerate(most):
        keep &= tried[:, made.klass == klass].sum(axis=1) <= there
    for at in range(len(plan.lines)):
        for unit in range(len(plan.units)):
            own = made.members[:, at] & (made.unit == unit)
            keep &= tried[:, own].sum(axis=1) <= plan.reach[at, unit, 0]
    costs = np.array([each.unit_cost for each in plan.lines])
    for each in problem.budget:
        paid = np.array([each.pays(one) for one in plan.lines])
        keep &= tried @ (made.members @ (costs * paid)) <= each.total + NEAR
    return tried[keep]


def small(problem: Problem) -> bool:
    most = problem.columns.classes.households[problem.columns.klass]
    return bool(np.prod(most + 1) <= 200_000)


@OFTEN
@given(instances().filter(small))
def test_whole_plans_by_trying_all_equal_the_programme_and_never_pass_its_bound(problem):
    best = float((every_plan(problem) @ problem.columns.out).max())
    weigh(problem, out=1.0)
    problem.add(np.arange(len(problem.columns)), whole=True)
    linear = problem.model.solve()
    whole = problem.model.solve(whole=True)
    assert abs(-whole.value - best) < NEAR
    assert -linear.value >= best - NEAR
    amounts = np.floor(problem.amounts(linear) + NEAR)
    binding = int((np.abs(linear.prices) > NEAR).sum())
    lost = -linear.value - float(amounts @ problem.columns.out)
    assert lost <= binding * problem.columns.out.max() + NEAR


@OFTEN
@given(instances())
def test_columns_made_as_prices_ask_reach_what_all_columns_reach(problem):
    weigh(problem, out=1.0)
    found, bound = problem.settled()
    problem.add(np.arange(len(problem.columns)))
    every = problem.model.solve()
    assert abs(found.value - every.value) < 1e-4
    assert bound <= every.value + NEAR


@OFTEN
@given(instances().filter(small))
def test_a_proposal_lies_between_its_bound_and_what_trying_all_finds_less_a_household_a_row(
    problem,
):
    made = propose(
        problem.agenda,
        problem.columns.classes,
        problem.columns.gains,
        problem.budget,
        [],
        Objective.MOST_OUT,
    )
    assert isinstance(made, Proposal)
    best = float((every_plan(problem) @ problem.columns.out).max())
    assert -made.bound >= best - 1e-4
    assert made.feasible
    assert (made.served <= made.agenda.reach).all()
    paid = {each.name: each.total - made.left[each.name] for each in problem.budget}
    assert sum(paid.values()) == made.scenario.total
    assert min(made.left.values()) >= 0


@OFTEN
@given(instances().filter(small), st.sampled_from([0.25, 0.5]), st.sampled_from([0.2, 0.5, 1.0]))
def test_mean_and_worst_draws_by_cuts_are_never_beaten_by_a_whole_plan(problem, tail, weight):
    caution = Caution(weight, tail)
    draws = problem.columns.gains.draws
    plans = every_plan(problem)
    out = np.array([by_draw(problem, each) for each in plans])
    values = (1 - weight) * out.mean(axis=1) + weight * np.array(
        [each @ worst_weights(each, tail) for each in out]
    )
    solved, _ = be_cautious(problem, caution, np.zeros(draws))
    assert -solved.value >= values.max() - 2e-3
    own = by_draw(problem, problem.amounts(solved))
    kept = (1 - weight) * own.mean() + weight * float(own @ worst_weights(own, tail))
    assert abs(-solved.value - kept) < 2e-3
