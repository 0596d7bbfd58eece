"""Whom a line's money reaches: coverage saturates, works are whole, what is left is not spent."""

from __future__ import annotations

import numpy as np

from povsim.effects.homes import Counts, Flags, Floats, Homes, lowest
from povsim.effects.lines import Line
from povsim.population import GROUPS
from povsim.streams import Grid
from povsim.vocabulary import Cause, State


def eligible(line: Line, homes: Homes) -> Flags:
    """Households (draw, place) that may have a line: by state, group, cause, and what they lack.

    A household that names no cause in any register or form is not ruled out by its cause: who of
    them comes is in `take_up`. What an entitlement holds up counts as lacked, since it would be.
    """
    may = homes.poor & (State.POOR in line.states)
    may |= homes.near_poor & (State.NEAR_POOR in line.states)
    may |= homes.recent & line.recent
    if line.groups:
        may &= (homes.groups & _bits(line.groups, GROUPS)) > 0
    if line.causes:
        may &= (homes.causes < 0) | ((homes.causes & _bits(line.causes, tuple(Cause))) > 0)
    if line.bit:
        may &= homes.known & (((homes.mask | homes.held) & line.bit) > 0)
    return np.asarray(may)


def _bits(chosen: frozenset[str], order: tuple[str, ...]) -> int:
    return sum(1 << order.index(each) for each in chosen if each in order)


def reached(line: Line, eligible: Counts, money: float) -> Counts:
    """Households (draw,) that a line serves for money (đồng) in a unit and year.

    No more than come when asked, than the unit can serve, than the money pays for. Works are whole:
    one too dear for what is left is not begun, and each serves at most its households.
    """
    willing = np.floor(line.take_up * np.asarray(eligible)).astype(np.int64)
    most = np.minimum(willing, line.capacity) if line.capacity else willing
    return np.asarray(np.minimum(most, int(money // line.unit_cost) * line.households_a_work))


def cost(line: Line, households: Counts) -> Floats:
    """What serving so many households costs, đồng: of works, whole ones."""
    works = -(-np.asarray(households) // line.households_a_work)
    return np.asarray(works * line.unit_cost, dtype=np.float64)


def served(
    line: Line, homes: Homes, money: float, *, seed: int, year: int, closed: Flags | None = None
) -> Flags:
    """The households (draw, place) that a line serves in a year, by chance among the eligible.

    What is held up already is renewed first. More money adds households and takes none away: the
    order is the same for every sum. `closed` are those that wait for the line since an earlier
    year.
    """
    may = eligible(line, homes)
    if closed is not None:
        may &= ~closed
    quota = reached(line, may.sum(axis=1), money)
    if not quota.any():
        return np.zeros_like(may)
    keys = Grid(seed, "served", line.id, homes.unit, year)(*homes.keys)
    keys = keys - ((homes.held & line.bit) > 0)
    return np.asarray(may & (lowest(np.where(may, keys, np.inf), quota)))
