"""Worlds of one unit where nothing happens by itself, for tests of what lines do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from povsim.effects import Line
from povsim.population import GROUPS, Population
from povsim.scenarios import NOTHING, Item, Scenario
from povsim.simulation import World
from povsim.trajectory import Histories, Moves, Projection, Source
from povsim.vocabulary import Cause

UNIT = "u"
ALL_MONEY = 10**13
PLACES = {Source.POOR: 3, Source.NEAR_POOR: 3}


def crowd(places: int = 400, *, poor: float = 0.5) -> Population:
    """Listed households of one unit; the poor lack just three indicators, the near-poor two."""
    rng = np.random.default_rng(1)
    state = np.sort(rng.random(places) >= poor).astype(np.int64)
    number = np.where(state == 0, 3, 2)
    mask = np.array([(1 << rng.permutation(12)[:n]).sum() for n in number])
    groups = rng.integers(0, 1 << len(GROUPS), places)
    causes = np.where(state == 0, rng.integers(1, 1 << len(Cause), places), -1)
    unit = np.zeros(places, dtype=np.int64)
    return Population((UNIT,), unit, state, mask, groups, causes, unit + 4, 0.0)


def still(
    people: Population, years: int, draws: int, rising: int = 0, coming: int = 0
) -> Histories:
    """Nobody moves; but so many poor households rise, and so many come to each list, in the first
    year."""
    poor, near = ((people.state == s).sum() for s in (0, 1))
    households, nobody = np.full(draws, 1000), np.zeros(draws, dtype=np.int64)
    moves = []
    for year in range(years):
        counts = {s: np.zeros((PLACES.get(s, 2), draws), dtype=np.int64) for s in Source}
        shares = {s: np.zeros(count.shape) for s, count in counts.items()}
        counts[Source.POOR][1] = rising * (year == 0)
        counts[Source.ARRIVALS][:] = coming * (year == 0)
        shares[Source.POOR][1] = counts[Source.POOR][1] / max(poor, 1)
        moves.append(Moves(counts, shares, nobody, households))
    others = 1000 - poor + rising - near - 2 * coming
    listed = np.array([poor - rising + coming, near + coming, others])
    states = np.tile(listed[:, None, None, None], (1, 1, years, draws))
    made = Projection((UNIT,), tuple(range(2025, 2025 + years)), 2024, states, {})
    return Histories(made, {UNIT: tuple(moves)}, {UNIT: np.zeros(3, dtype=np.int64)})


def world(
    people: Population,
    *lines: Line,
    years: int = 1,
    draws: int = 3,
    rising: int = 0,
    coming: int = 0,
) -> World:
    """A world of one unit from 2025 on, in which today nothing is spent."""
    made = still(people, years, draws, rising, coming)
    return World([people], made, lines, NOTHING, 2024 + years, 1)


def scenario(money: Mapping[tuple[str, int], int], **other: object) -> Scenario:
    """Đồng by line and year, from 2025 on."""
    amounts = {Item(line, UNIT, year): sum_of for (line, year), sum_of in money.items()}
    return replace(NOTHING, start=2025, amounts=amounts, **other)  # type: ignore[arg-type]


def open_to_all(line: Line, **other: object) -> Line:
    """The line for everybody who may have it, with its effect in the year of the money."""
    return replace(line, take_up=1.0, capacity=0, lag=0, **other)  # type: ignore[arg-type]
