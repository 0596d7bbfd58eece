"""Whole households from a programme's answer: rounded down, then filled up as far as money goes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.books import Books, money_of, paying
from povsim.allocation.problem import Problem
from povsim.allocation.rules import EntitlementsFirst, Limit
from povsim.allocation.solver import Solved

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
WHOLE = 1e-4
"""So near a whole number an answer is one."""
TRIES = 400
Key = tuple[int, int, int]


def whole_households(problem: Problem, solved: Solved) -> Counts:
    """Households served (line, unit, year), whole: within purses and ceilings, floors kept.

    Whoever is left over by rounding down is served in the order of the fractions, then others as
    far as money goes; then floors that are missed get households, from where no floor needs them.
    """
    exact = problem.households(solved)
    served = np.floor(exact + WHOLE).astype(np.int64)
    for key in sorted(_keys(exact - served > WHOLE), key=lambda key: served[key] - exact[key]):
        _added(problem, served, key, _ceilings(problem))
    _fill(problem, solved, served, exact)
    for floor in _floors(problem):
        _lift(problem, served, floor)
    return served


def _fill(problem: Problem, solved: Solved, served: Counts, exact: Floats) -> None:
    """What rounding left of money that is worth something goes to more households of the lines
    that are bought anyway, the dearest that can still be paid first."""
    agenda, idle = problem.agenda, problem.idle(solved)
    worth = [purse for purse in problem.budget if purse.name not in idle]
    bought = [
        key
        for key in _keys(exact > WHOLE)
        if any(purse.pays(agenda.lines[key[0]]) for purse in worth)
        and not agenda.lines[key[0]].works
    ]
    bought.sort(key=lambda key: -agenda.lines[key[0]].unit_cost)
    for key in bought:
        _added(problem, served, key, _ceilings(problem))


def _keys(where: NDArray[np.bool_]) -> list[Key]:
    return [(int(line), int(unit), int(year)) for line, unit, year in np.argwhere(where)]


def _ceilings(problem: Problem) -> list[Limit]:
    return [rule for rule in problem.rules if isinstance(rule, Limit) and rule.most is not None]


def _floors(problem: Problem) -> list[Limit]:
    """Floors of money that can be kept by households alone."""
    limits = [rule for rule in problem.rules if isinstance(rule, Limit)]
    return [rule for rule in limits if rule.least is not None and not (rule.share or rule.group)]


def _books(problem: Problem, served: Counts) -> Books:
    agenda = problem.agenda
    none = np.zeros(len(agenda.units))
    return Books(agenda, problem.budget, served, none)


def _added(problem: Problem, served: Counts, key: Key, ceilings: list[Limit]) -> bool:
    """Serve one more, if reach, purses and ceilings let."""
    if served[key] + 1 > problem.agenda.reach[key]:
        return False
    served[key] += 1
    money = money_of(problem.agenda, served)
    fits = paying(problem.agenda, problem.budget, money) is not None
    if fits and ceilings:
        fits = all(each.holds for each in _books(problem, served).against(ceilings) if each.asked)
    if not fits:
        served[key] -= 1
    return fits


def _lift(problem: Problem, served: Counts, floor: Limit) -> None:
    """Serve more where a floor asks for it, one household at a time, cheapest first."""
    agenda, mine = problem.agenda, _books(problem, served).counted(floor) > 0
    works = np.array([line.works for line in agenda.lines])[:, None, None]
    inside = _keys(mine & ~works & (agenda.reach >= 1))
    outside = _keys(~mine & ~works & (served > 0))
    inside.sort(key=lambda key: agenda.lines[key[0]].unit_cost)
    for _ in range(TRIES):
        if not _short(problem, served, floor, mine):
            return
        if any(_added(problem, served, key, _ceilings(problem)) for key in inside):
            continue
        if not _traded(problem, served, inside, outside):
            return


def _short(problem: Problem, served: Counts, floor: Limit, mine: NDArray[np.bool_]) -> bool:
    """Whether a floor has less money than it asks for."""
    return float(money_of(problem.agenda, served)[mine].sum()) < (floor.least or 0.0)


def _traded(problem: Problem, served: Counts, inside: list[Key], outside: list[Key]) -> bool:
    """One household fewer where no floor and no law needs it, so that one more can be served where
    a floor asks."""
    first = [rule for rule in problem.rules if isinstance(rule, EntitlementsFirst)]
    entitled = [any(rule.of(line) for rule in first) for line in problem.agenda.lines]
    books = _books(problem, served)
    floors = [(floor, books.counted(floor) > 0) for floor in _floors(problem)]
    for key in outside:
        if served[key] == 0 or entitled[key[0]]:
            continue
        needed = [each for each in floors if each[1][key]]
        kept = [not _short(problem, served, *each) for each in needed]
        served[key] -= 1
        breaks = any(
            was and _short(problem, served, *each) for was, each in zip(kept, needed, strict=True)
        )
        if not breaks and any(
            _added(problem, served, other, _ceilings(problem)) for other in inside
        ):
            return True
        served[key] += 1
    return False
