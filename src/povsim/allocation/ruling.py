"""Rules as rows of a problem, each under its name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.agenda import Agenda
from povsim.allocation.columns import Columns
from povsim.allocation.problem import MILLION, NONE, SLIGHT, Named, Problem
from povsim.allocation.rules import (
    Budgets,
    EntitlementsFirst,
    Limit,
    NoUnitWorse,
    Reach,
    Rule,
    Rules,
)
from povsim.allocation.solver import INFINITY
from povsim.vocabulary import Group

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
ONE = np.ones(1)


def posed(agenda: Agenda, columns: Columns, budget: Budgets, rules: Rules) -> Problem:
    """The problem of an agenda with all its rules."""
    problem = Problem(agenda, columns, budget, rules)
    for rule in rules:
        _write(problem, rule)
    return problem


def _write(problem: Problem, rule: Rule) -> None:
    if isinstance(rule, Limit):
        _limit(problem, rule)
    elif isinstance(rule, EntitlementsFirst):
        _entitled(problem, rule)
    elif isinstance(rule, NoUnitWorse):
        for u, credit in enumerate(problem.agenda.credit):
            problem.name(rule.name, float(credit), INFINITY, problem.out[[u]], ONE)
    else:
        _at_target(problem, rule)


def _entitled(problem: Problem, rule: EntitlementsFirst) -> None:
    """No fewer are served than can be reached."""
    for key, row in problem.reach_rows():
        if rule.of(problem.agenda.lines[key[0]]):
            reach = float(problem.agenda.reach[key])
            problem.model.bound_row(row, reach - SLIGHT, reach)
            problem.slacken(Named(rule.name, row, reach - SLIGHT, reach, most=reach))


def _at_target(problem: Problem, rule: Reach) -> None:
    agenda = problem.agenda
    for u in np.flatnonzero(np.isfinite(agenda.targets)):
        if rule.of(agenda.units[u]):
            needed = float(agenda.untreated[u] - agenda.targets[u])
            problem.name(rule.name, needed, INFINITY, problem.out[[u]], ONE)


def _limit(problem: Problem, rule: Limit) -> None:
    """Millions no fewer than a floor, no more than a ceiling; of shares, all money is held against
    them in the same row."""
    for bound, low, high in ((rule.least, 0.0, INFINITY), (rule.most, -INFINITY, 0.0)):
        if bound is None:
            continue
        columns, factors = _money(problem, rule)
        if rule.share:
            every = problem.money[problem.money != NONE]
            columns = np.concatenate([columns, every])
            factors = np.concatenate([factors, np.full(len(every), -bound)])
            problem.name(rule.name, low, high, *_summed(columns, factors))
        else:
            edge = bound / MILLION
            problem.name(rule.name, low + edge, high + edge, columns, factors)


def _money(problem: Problem, rule: Limit) -> tuple[Counts, Floats]:
    """The variables whose sum a limit is about."""
    if rule.group is not None:
        spent = _to_group(problem, rule, rule.group)
        return np.array([problem.functional(spent)]), ONE
    counted = [
        int(at)
        for key, at in np.ndenumerate(problem.money)
        if at != NONE and _counts(problem, rule, key)
    ]
    return np.array(counted, dtype=np.int64), np.ones(len(counted))


def _counts(problem: Problem, rule: Limit, key: tuple[int, ...]) -> bool:
    agenda, (line, unit, year) = problem.agenda, key
    return rule.of(agenda.lines[line], agenda.units[unit], agenda.years[year])


def _to_group(problem: Problem, rule: Limit, group: Group) -> Floats:
    """Millions a household of a column's class costs, of a group only; a work's cost is shared by
    those that it can serve."""
    columns, spent = problem.columns, np.zeros(len(problem.columns))
    mine, units = columns.classes.of_group(group)[columns.klass], range(len(problem.agenda.units))
    for line, year, at, share in problem.served:
        of_line = problem.agenda.lines[line]
        each = of_line.unit_cost / of_line.households_a_work / MILLION
        counted = np.array([_counts(problem, rule, (line, unit, year)) for unit in units])
        spent[at] += each * share * mine[at] * counted[columns.unit[at]]
    return spent


def _summed(columns: Counts, factors: Floats) -> tuple[Counts, Floats]:
    """A variable named twice in a row has the sum of its factors."""
    alike, which = np.unique(columns, return_inverse=True)
    return alike, np.bincount(which, factors).astype(np.float64)
