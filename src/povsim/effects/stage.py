"""The stage of all scenarios in arrays: households, lines, luck, what the projection's draws say.

Everything here is the same for all scenarios of a seed; `run` lives the years of some units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from povsim.effects.critical import ARRIVE, COARSE, END, distributions, quantiles
from povsim.effects.lines import Kind, Line
from povsim.effects.living.arrays import (
    HOME,
    LINE,
    PURPOSES,
    ROW,
    UNIT,
    Bars,
    Given,
    Laws,
    People,
    Policy,
    Records,
    Tally,
    Told,
    Trace,
)
from povsim.effects.living.coding import (
    CELLS,
    DEPTHS,
    ENTRANT_CELLS,
    EVENTS,
    FIXED,
    GONE,
    STANDS,
    UNKNOWN,
)
from povsim.findings import refuse
from povsim.population import BITS, GROUPS, LISTED, POOR_FROM, Population
from povsim.streams import key
from povsim.trajectory import Histories, Moves, Source
from povsim.vocabulary import Cause

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Span = tuple[int, int]
"""Numbers from the first to before the second."""
UNLIKE_ANY = np.array([((1 << POOR_FROM) - 1, 0, UNKNOWN), (0, 0, UNKNOWN)], ROW)
"""A poor and a near-poor household of which nothing else is known."""
RECENT = 4
"""The bit of the recently escaped among the states that may have a line."""


@dataclass(frozen=True, eq=False)
class Stage:
    """What `run` needs beside a policy."""

    units: tuple[str, ...]
    years: tuple[int, ...]
    draws: int
    people: People
    lines: Records
    sizes: Floats
    told: Told
    purposes: Records
    laws: Laws

    @property
    def early(self) -> int:
        """Years before the first whose money may show only in it."""
        return int(self.lines["lag"].max(initial=0))


def stage(
    populations: Sequence[Population], histories: Histories, lines: Sequence[Line], *, seed: int
) -> Stage:
    """The stage of some units' histories.

    `populations` are the same counts put together by other tilts; draws take them in turn.

    Raises:
        Refusal: `unit_unknown`.
    """
    projection = histories.projection
    draws = int(projection.households.shape[-1])
    return Stage(
        projection.units,
        projection.years,
        draws,
        _people(populations, projection.units, histories.cohorts, seed),
        _lines(lines, seed),
        _sizes(lines, draws, seed),
        _told([histories.moves[unit] for unit in projection.units]),
        _purposes(seed),
        _laws(),
    )


def _people(
    populations: Sequence[Population],
    units: tuple[str, ...],
    cohorts: Mapping[str, Counts],
    seed: int,
) -> People:
    turns = [_rows(population, units) for population in populations]
    unit, state, _ = turns[0]
    poor, near = (np.flatnonzero(state == s) for s in range(len(LISTED)))
    # Where nobody at all is on a list, whoever comes to it is like one of the rows added last.
    pools = [each if len(each) else [len(state) + s] for s, each in enumerate((poor, near))]
    made = np.zeros(len(units), UNIT)
    made["listed"] = np.bincount(unit, minlength=len(units))
    made["start"] = made["listed"].cumsum() - made["listed"]
    made["poor"] = np.bincount(unit[poor], minlength=len(units))
    made["out"] = [cohorts[each] for each in units]
    made["key"] = [key(seed, "unit", each) for each in units]
    rows = np.stack([np.concatenate([row, UNLIKE_ANY]) for *_, row in turns])
    return People(made, rows, np.concatenate(pools).astype(np.int64), len(pools[0]))


def _rows(population: Population, units: tuple[str, ...]) -> tuple[Counts, Counts, Records]:
    """Unit and state by number, and the records of households: by unit, the poor first."""
    at = _places(population, units)
    order = np.lexsort((population.state, at))
    order = order[at[order] < len(units)]
    rows = np.zeros(len(order), ROW)
    for name in ROW.names or ():
        rows[name] = getattr(population, name)[order]
    return at[order], population.state[order], rows


def _places(population: Population, units: tuple[str, ...]) -> np.ndarray:
    """Of each household the number of its unit; past the last where that is not among them."""
    for unit in units:
        if unit not in population.units:
            raise refuse("unit_unknown", unit=unit, known=", ".join(population.units))
    number = {unit: at for at, unit in enumerate(units)}
    known = np.array([number.get(unit, len(units)) for unit in population.units], dtype=np.int64)
    return known[population.unit]


def _lines(lines: Sequence[Line], seed: int) -> Records:
    made = np.zeros(len(lines), LINE)
    for at, line in enumerate(lines):
        made[at] = (
            line.take_up,
            line.unit_cost,
            line.capacity,
            line.households_a_work,
            line.lag,
            -1 if line.grace is None else line.grace,
            key(seed, "served", line.id),
            key(seed, "relieved", line.id),
            line.bit,
            _states(line),
            _bits(line.groups, GROUPS),
            _bits(line.causes, tuple(Cause)),
            line.kind is Kind.INCOME,
        )
    return made


def _sizes(lines: Sequence[Line], draws: int, seed: int) -> Floats:
    """θ (line, draw): one for all units, years and scenarios."""
    drawn = [line.effect.draw(line.id, draws, seed) for line in lines]
    return np.array(drawn, dtype=np.float64).reshape(len(lines), draws)


def _states(line: Line) -> int:
    listed = sum(1 << s for s, state in enumerate(LISTED) if state in line.states)
    return listed | (RECENT if line.recent else 0)


def _bits(chosen: frozenset[str], order: tuple[str, ...]) -> int:
    return sum(1 << order.index(each) for each in chosen if each in order)


def _told(moves: Sequence[Sequence[Moves]]) -> Told:
    chances = [[_of_events(chances_of(year)) for year in unit] for unit in moves]
    counts = [[_of_events(_counts(year)) for year in unit] for unit in moves]
    arrived = [[year.counts[Source.ARRIVALS].T for year in unit] for unit in moves]
    return Told(
        np.array(chances, dtype=np.float64),
        np.array(counts, dtype=np.int32),
        np.array(arrived, dtype=np.int32),
    )


def _of_events(by_event: Mapping[str, np.ndarray]) -> np.ndarray:
    """(draw, event) in the order of EVENTS."""
    return np.stack([by_event[event] for event in EVENTS], axis=-1)


def _counts(moves: Moves) -> dict[str, np.ndarray]:
    counts = {event: moves.counts[source][k] for event, (source, k) in EVENTS.items()}
    return counts | {"structural_gone": moves.structural_gone}


def chances_of(moves: Moves) -> dict[str, np.ndarray]:
    """The chance (draw,) of each event for whoever no event before it took.

    Those without labour capacity go with the same chance as the other poor, and nobody before them.
    """
    found: dict[str, np.ndarray] = {}
    left: dict[Source, np.ndarray] = {}
    for event, (source, k) in EVENTS.items():
        share = moves.shares[source][k]
        rest = left.get(source, np.ones_like(share))
        found[event] = np.clip(share / np.maximum(rest, 1e-12), 0.0, 1.0)
        if event != "structural_gone":
            left[source] = rest - share
    return found


def _purposes(seed: int) -> Records:
    made = np.zeros(1, PURPOSES)
    made[0] = tuple(key(seed, name) for name in PURPOSES.names or ())
    return made[0]


def _laws() -> Laws:
    return Laws(
        quantiles(END), distributions(END), quantiles(ARRIVE), distributions(ARRIVE), COARSE
    )


# Running


def empty_bars(stage: Stage) -> Bars:
    shape = (len(stage.units), len(stage.years), stage.draws)
    cells = (*shape, *ENTRANT_CELLS.shape)
    return Bars(np.zeros((*shape, len(EVENTS))), np.zeros(cells, dtype=np.int32))


def empty_tally(stage: Stage) -> Tally:
    shape, lines = (len(stage.units), len(stage.years), stage.draws), len(stage.lines)
    ends = ((STANDS,), (len(LISTED), BITS), (len(CELLS),), (lines, DEPTHS), (lines,), (lines, 2))
    return Tally(*(np.zeros((*shape, *end), dtype=np.int32) for end in ends))


def empty_trace(stage: Stage, places: int = 0) -> Trace:
    """Room for so many households of one unit in each draw; without them nobody looks."""
    years, draws = (len(stage.years), stage.draws) if places else (1, 1)
    homes = np.zeros((years, draws, places), HOME)
    homes["stand"] = GONE
    lines = (years, draws, len(stage.lines), places)
    critical = np.full((years, draws, len(EVENTS), places), np.inf)
    return Trace(homes, critical, np.zeros(lines, dtype=np.bool_), np.full(lines, np.inf))


def run(
    stage: Stage,
    policy: Policy,
    bars: Bars,
    *,
    mode: int = FIXED,
    units: Span | None = None,
    draws: Span | None = None,
    tally: Tally | None = None,
    traced: Trace | None = None,
) -> Tally:
    """Live the years of some units and draws under a policy; arrays are filled in place.

    With `mode` FIXED the bars are read, otherwise they are set.
    """
    from povsim.effects.living.years import live  # numba is loaded where households live

    given = Given(
        stage.people,
        stage.lines,
        stage.sizes,
        stage.purposes,
        stage.laws,
        policy,
        stage.told,
        stage.years[0],
        mode,
    )
    tally = tally or empty_tally(stage)
    live(
        given,
        units or (0, len(stage.units)),
        draws or (0, stage.draws),
        bars,
        tally,
        traced or empty_trace(stage),
    )
    return tally
