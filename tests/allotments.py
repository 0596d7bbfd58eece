"""Small things to share out: up to three units and lines, gains known beforehand, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from povsim import effects
from povsim.allocation import Agenda, Classes, Gains, Packages, Purse
from povsim.allocation.columns import Columns, columns_of
from povsim.effects import Budget, Line
from povsim.scenarios import NOTHING

YEAR = 2025
MILLION = 1_000_000
CAPITAL, RECURRENT = "capital", "recurrent"


def line(name: str, million: float, **other: object) -> Line:
    """A line of some millions a household, recurrent unless said, that anybody may have."""
    plain = {
        "unit_cost": million * MILLION,
        "take_up": 1.0,
        "capacity": 0,
        "lag": 0,
        "works": False,
    }
    plain |= {"households_a_work": 1, "grace": None, "budget": Budget.RECURRENT, "id": name}
    return replace(effects.lines()[0], **(plain | other))  # type: ignore[arg-type]


def classes(units: int, rows: Sequence[tuple[int, int, int, float]]) -> Classes:
    """Poor households: unit, number lacked, lines (bits), households."""
    unit, number, lines, households = (np.array(each) for each in zip(*rows, strict=True))
    none = np.zeros(len(rows), dtype=np.int64)
    names = tuple("abc"[:units])
    return Classes(
        names, unit, none, none, number, lines, none + (number % 2), none, households.astype(float)
    )


def gains(
    population: Classes,
    lines: Sequence[Line],
    seed: int = 0,
    *,
    draws: int = 8,
    years: int = 1,
    most: int = 2,
) -> Gains:
    """Gains at random, by package, kind, unit and draw."""
    packages = Packages.of(lines, [each.id for each in lines], most)
    keys = np.stack([population.state, population.labour, population.number], axis=1)
    kinds = np.unique(keys, axis=0)
    shape = (years, len(packages), len(kinds), len(population.units), draws)
    rng = np.random.default_rng(seed)
    out = rng.uniform(0.01, 0.6, shape)
    stay = np.ones((years, years, *shape[2:]))
    certain = np.ones(shape[2:4])
    listed = {
        (year, later, at): certain
        for later in range(years)
        for year in range(later)
        for at in range(len(packages))
    }
    return Gains(packages, kinds, 0, out, out * rng.uniform(0.2, 0.5, shape), stay, listed)


def agenda(
    population: Classes, lines: Sequence[Line], *, years: int = 1, **other: object
) -> Agenda:
    """Nothing is paid today; as many can be reached as there are, up to a line's capacity."""
    units = len(population.units)
    reach = np.zeros((len(lines), units, years))
    for at, each in enumerate(lines):
        able = np.bincount(population.unit, population.households * population.may(at), units)
        reach[at] = np.minimum(np.floor(able), each.capacity or np.inf)[:, None]
    plain: dict[str, object] = {
        "units": population.units,
        "lines": lines,
        "years": tuple(range(YEAR, YEAR + years)),
        "by": YEAR + years - 1,
        "current": NOTHING,
        "households": np.full(units, 100.0),
        "poor": np.full(units, 20.0),
        "credit": np.zeros(units),
        "credit_by_draw": np.zeros(8),
        "targets": np.full(units, np.nan),
        "reach": reach,
    }
    return Agenda(**(plain | other))  # type: ignore[arg-type]


def purse(million: float, budget: str | None = None, **other: object) -> Purse:
    """Millions for the first year."""
    kind = None if budget is None else Budget(budget)
    plain: dict[str, object] = {"name": budget or "money", "vnd": {YEAR: round(million * MILLION)}}
    return Purse(**(plain | {"budget": kind} | other))  # type: ignore[arg-type]


def columns(population: Classes, made: Gains) -> Columns:
    return columns_of(population, made)
