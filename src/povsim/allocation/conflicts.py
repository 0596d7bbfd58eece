"""Rules that cannot hold together: the fewest of them, and the nearest budget that could.

Every rule can be broken at a cost (`problem`), so a set of rules holds where nothing needs to be
broken. The smallest set that does not is found from its mirror image: any such set has one of each
group of rules whose loss would let the others hold (Liffiton and Sakallah 2008,
doi:10.1007/s10817-007-9084-z).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from povsim.allocation.objectives import weigh
from povsim.allocation.problem import BREACH, Problem
from povsim.allocation.solver import INFINITY

CAPACITY = "capacity"
"""The name, among the rules, of what units can do and how many come."""
HELD = 1e-4
"""Households or millions of đồng by which a rule may be missed by rounding."""


@dataclass(frozen=True)
class Impossible:
    """Rules (and CAPACITY) that cannot hold together, the fewest by name; and how many đồng more
    each purse would need for all rules to hold (None where no sum would do)."""

    rules: tuple[str, ...]
    more: Mapping[str, int] | None


def conflict(problem: Problem) -> Impossible:
    """Why a problem has no answer."""
    weigh(problem)
    return Impossible(_smallest(problem), _nearest(problem))


def _names(problem: Problem) -> list[str]:
    return [*dict.fromkeys(each.rule for each in problem.named), CAPACITY]


def _broken(problem: Problem, rules: Iterable[str]) -> set[str]:
    """Which of some rules are broken where as little as possible is; no other rule counts."""
    kept = set(rules)
    _bound(problem, kept)
    solved, _ = problem.settled()
    slack = {each.rule: 0.0 for each in problem.named}
    for each in problem.named:
        slack[each.rule] += solved.at[each.slack]
    return {rule for rule, broken in slack.items() if rule in kept and broken > HELD}


def _bound(problem: Problem, kept: Collection[str]) -> None:
    """Put the rows of the rules that are kept between their bounds, and free the others."""
    capacity = CAPACITY in kept
    for key, row in problem.reach_rows():
        most = float(problem.agenda.reach[key]) if capacity else INFINITY
        problem.model.bound_row(row, -INFINITY, most)
    for each in problem.named:
        holds, lifted = each.rule in kept, np.isfinite(each.most)
        low, high = (each.low, each.high) if holds else (-INFINITY, each.most)
        problem.model.bound_row(each.row, low, high if capacity or not lifted else INFINITY)


def _smallest(problem: Problem) -> tuple[str, ...]:
    """The fewest rules that cannot hold together."""
    names, corrections = _names(problem), list[set[str]]()
    while True:
        candidate = _hitting(names, corrections)
        if _broken(problem, candidate):
            return tuple(candidate)
        corrections.append(set(names) - _grown(problem, names, candidate))


def _grown(problem: Problem, names: Sequence[str], held: Iterable[str]) -> set[str]:
    """A set of rules that hold together, to which no other can be added."""
    grown = set(held)
    for name in names:
        if name not in grown and not _broken(problem, grown | {name}):
            grown.add(name)
    return grown


def _hitting(names: Sequence[str], groups: Sequence[set[str]]) -> list[str]:
    """The fewest names that have one of each group."""
    for size in range(len(names) + 1):
        for chosen in combinations(names, size):
            if all(group.intersection(chosen) for group in groups):
                return list(chosen)
    return list(names)


def _nearest(problem: Problem) -> Mapping[str, int] | None:
    """Đồng more by purse that let all rules hold, as few as possible in all."""
    purses = {purse.name for purse in problem.budget}
    of_purse = [each for each in problem.named if each.rule in purses]
    others = [each for each in problem.named if each.rule not in purses]
    _bound(problem, _names(problem))
    problem.model.cost([each.slack for each in of_purse], np.ones(len(of_purse)))
    solved, _ = problem.settled()
    problem.model.cost([each.slack for each in of_purse], np.full(len(of_purse), BREACH))
    if sum(solved.at[each.slack] for each in others) > HELD:
        return None
    more: dict[str, int] = {}
    for each in of_purse:
        more[each.rule] = (
            more.get(each.rule, 0) + int(np.ceil(solved.at[each.slack] - HELD)) * 1_000_000
        )
    return {name: money for name, money in more.items() if money}
