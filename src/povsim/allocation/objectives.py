"""What a programme minimises, written in the sums of a problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.problem import NONE, Problem
from povsim.allocation.rules import Objective
from povsim.allocation.solver import INFINITY, Solved

Floats = NDArray[np.float64]
TIE = 1e-4
"""Weight of households out where the objective leaves a choice."""
CUTS = 60
EXACT = 1e-3
"""Households by which the mean of the worst draws may be overrated."""


@dataclass(frozen=True)
class Caution:
    """`weight` of the mean of the worst `tail` of draws against the mean of all (CVaR; Rockafellar
    and Uryasev 2000, doi:10.21314/JOR.2000.038)."""

    weight: float = 0.5
    tail: float = 0.1


def set_objective(problem: Problem, objective: Objective) -> None:
    """Have the problem minimise it; CAUTIOUS and MOST_OUT alike begin with the mean."""
    if objective is Objective.LEAST_DEPTH:
        weigh(problem, out=TIE, depth=1.0)
    elif objective is Objective.LEAST_SHORTFALL:
        weigh(problem, out=TIE)
        _least_shortfall(problem)
    elif objective is Objective.MOST_TARGETS:
        weigh(problem, out=TIE)
        _most_targets(problem)
    elif objective is Objective.LEAST_COST:
        weigh(problem, out=TIE, money=1.0)
    else:
        weigh(problem, out=1.0)


def weigh(problem: Problem, *, out: float = 0.0, depth: float = 0.0, money: float = 0.0) -> None:
    """Minimise a weighted sum of poor households, indicators they lack, and millions of đồng."""
    count = len(problem.agenda.units)
    problem.model.cost(problem.out, np.full(count, -out))
    problem.model.cost(problem.lacked, np.full(count, -depth))
    bought = problem.money[problem.money != NONE]
    problem.model.cost(bought, np.full(len(bought), money))


def _least_shortfall(problem: Problem) -> None:
    """The largest gap between a unit's rate and its target's, in points."""
    agenda, model = problem.agenda, problem.model
    (largest,) = model.variables(np.ones(1), -INFINITY, INFINITY)
    for u in np.flatnonzero(np.isfinite(agenda.targets)):
        point = 100.0 / agenda.households[u]
        gap = (agenda.untreated[u] - agenda.targets[u]) * point
        model.row(float(gap), INFINITY, [largest, problem.out[u]], [1.0, point])


def _most_targets(problem: Problem) -> None:
    """Units whose expected poor are no more than their target's."""
    agenda, model = problem.agenda, problem.model
    for u in np.flatnonzero(np.isfinite(agenda.targets)):
        (met,) = model.variables(-np.ones(1), 0.0, 1.0, whole=True)
        needed = float(agenda.untreated[u] - agenda.targets[u])
        least = min(needed, 0.0)
        model.row(least, INFINITY, [problem.out[u], met], [1.0, least - needed])


def be_cautious(problem: Problem, caution: Caution, base: Floats) -> tuple[Solved, float]:
    """The best of mean and worst draws against the current plan's `base` (draw,), by cuts.

    The mean of the worst draws is the least of all weighted means of which none weighs more than
    1 / (tail · draws): each cut is one of those, the one that the last answer fares worst under.
    """
    model, draws = problem.model, problem.columns.gains.draws
    weigh(problem, out=1.0 - caution.weight)
    (worst,) = model.variables(
        -np.full(1, caution.weight), -INFINITY, float(problem.columns.classes.households.sum())
    )
    solved, bound = problem.settled()
    for _ in range(CUTS):
        change = by_draw(problem, problem.amounts(solved)) - base
        weights = worst_weights(change, caution.tail)
        if solved.at[worst] <= change @ weights + EXACT:
            break
        mean = problem.functional(problem.columns.by_draws(weights))
        model.row(float(base @ weights), INFINITY, [mean, worst], [1.0, -1.0])
        solved, bound = problem.settled()
    assert len(base) == draws, "one base a draw"
    return solved, bound


def by_draw(problem: Problem, amounts: Floats) -> Floats:
    """Households out (draw,) against nothing, of so many households (column,)."""
    columns, gains = problem.columns, problem.columns.gains
    total = np.zeros(gains.draws)
    used = np.flatnonzero(amounts)
    since = columns.classes.since[columns.klass]
    for first, year in {(int(since[j]), int(columns.year[j])) for j in used}:
        own = used[(since[used] == first) & (columns.year[used] == year)]
        stay = gains.stay[first, year][columns.kind[own], columns.unit[own]]
        brought = gains.out[year, columns.package[own], columns.kind[own], columns.unit[own]]
        total += amounts[own] @ (brought * stay)
    return total


def worst_weights(change: Floats, tail: float) -> Floats:
    """Weights (draw,) of the worst draws that make up so much of all: their mean is the CVaR."""
    most, order = 1.0 / (tail * len(change)), np.argsort(change, kind="stable")
    weights = np.zeros(len(change))
    left = 1.0
    for draw in order:
        weights[draw] = min(most, left)
        left -= weights[draw]
        if left <= 0:
            break
    return weights
