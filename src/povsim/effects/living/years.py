"""Units lived through all years, draw by draw, and what is counted of them."""

from __future__ import annotations

import numpy as np

from povsim.effects.living.arrays import HOME, Bars, Given, Ints, Roll, Spot, Tally, Trace
from povsim.effects.living.coding import (
    ALL,
    AND_CELL,
    CELL_OF,
    ENTRANT_CELLS,
    ENTRANT_EVENTS,
    EXACTLY,
    FALL,
    FALL_NEAR,
    FIXED,
    FROM,
    GONE,
    NEAR_POOR,
    RELAPSE,
)
from povsim.effects.living.compiled import compiled
from povsim.effects.living.moving import move
from povsim.effects.living.serving import aid, end, serve
from povsim.effects.living.settling import begin, enter, hold, open_unit, settle
from povsim.population import BITS

EVENTS = len(FROM)


@compiled
def live(
    given: Given,
    units: tuple[int, int],
    draws: tuple[int, int],
    bars: Bars,
    tally: Tally,
    trace: Trace,
) -> None:
    """Live the years of some units in some draws: from the first to before the second."""
    found = np.zeros(EVENTS, np.int32)
    for u in range(units[0], units[1]):
        roll = _roll(given, u, draws, bars)
        for d in range(draws[0], draws[1]):
            key = given.people.units[u].key
            open_unit(roll, given.people, Spot(u, 0, given.first, d, key))
            for t in range(bars.bar.shape[1]):
                spot = Spot(u, t, given.first + t, d, key)
                _live_year(given, roll, spot, found, bars, tally, trace)


@compiled
def _roll(given: Given, u: int, draws: tuple[int, int], bars: Bars) -> Roll:
    """Room for the households of a unit in its fullest draw."""
    unit, lines = given.people.units[u], len(given.lines)
    size = unit.listed + unit.out.sum() + _room(given, u, draws, bars)
    return Roll(
        np.zeros(size, HOME),
        np.zeros((ALL, size), np.int32),
        np.zeros(ALL + 1, np.int64),
        np.zeros((lines, size), np.int8),
        np.zeros((lines, size), np.float64),
        np.zeros((lines, size), np.int32),
        np.zeros(lines, np.int64),
        np.zeros(lines, np.int64),
        np.zeros(lines, np.int64),
        np.zeros(size, np.int64),
        np.zeros((2, size), np.int32),
        np.zeros((2, BITS + 2), np.int64),
        np.zeros(size, np.int32),
        np.zeros(size, np.float64),
        np.zeros(size, np.float64),
    )


@compiled
def _room(given: Given, u: int, draws: tuple[int, int], bars: Bars) -> int:
    """The most that come from outside in any draw."""
    most = 0
    for d in range(draws[0], draws[1]):
        count = 0
        for t in range(bars.bar.shape[1]):
            if given.mode == FIXED:
                count += bars.entrants[u, t, d].sum()
            else:
                count += given.told.arrived[u, t, d].sum()
                for event in range(RELAPSE, EVENTS):
                    count += given.told.moving[u, t, d, event]
        most = max(most, count)
    return most


@compiled
def _live_year(
    given: Given, roll: Roll, spot: Spot, found: Ints, bars: Bars, tally: Tally, trace: Trace
) -> None:
    """Serve, end, move, settle; then count."""
    at, lines, purposes = (spot.unit, spot.t, spot.draw), given.lines, given.purposes
    look = (spot.t, spot.draw) if trace.critical.size else (0, 0)
    served, able = tally.served[at], tally.able[at]
    begin(roll)
    serve(
        roll,
        lines,
        given.policy,
        spot,
        purposes,
        served,
        able,
        trace.served[look],
    )
    end(roll, lines, tally.ended[at])
    aid(roll, lines, given.sizes, spot)
    move(
        roll,
        lines,
        given.laws,
        purposes,
        spot,
        given.mode,
        given.told.chance[at],
        given.told.moving[at],
        bars.bar[at],
        found,
        trace.critical[look],
    )
    settle(roll, given.people, purposes, spot)
    hold(roll, lines)
    entrants = bars.entrants[at]
    if given.mode != FIXED:
        _set_entrants(given.mode, given.told.moving[at], given.told.arrived[at], found, entrants)
    enter(roll, given.people, purposes, spot, entrants)
    _count_flows(found, entrants, tally.flows[at])
    _count_stands(roll, tally.stands[at], tally.lacking[at])
    if trace.critical.size:
        size = roll.sizes[ALL]
        trace.homes[look][:size] = roll.homes[:size]
        trace.strength[look][:, :size] = roll.strong[:, :size]


@compiled
def _set_entrants(mode: int, count: Ints, arrived: Ints, found: Ints, entrants: Ints) -> None:
    """What the draw counts beyond the households there are comes from outside.

    By chance alone none of the recently escaped does.
    """
    for listed in range(2):
        for k in range(2):
            event = ENTRANT_EVENTS[listed, k]
            known = mode == EXACTLY or event in (FALL, FALL_NEAR)
            entrants[listed, k] = max(count[event] - found[event], 0) if known else 0
        entrants[listed, 2] = arrived[listed]


@compiled
def _count_flows(found: Ints, entrants: Ints, flows: Ints) -> None:
    flows[:] = 0
    for event in range(EVENTS):
        flows[CELL_OF[event]] += found[event]
        if AND_CELL[event] >= 0:
            flows[AND_CELL[event]] += found[event]
    for listed in range(2):
        for k in range(3):
            flows[ENTRANT_CELLS[listed, k]] += entrants[listed, k]


@compiled
def _count_stands(roll: Roll, stands: Ints, lacking: Ints) -> None:
    stands[:] = 0
    lacking[:] = 0
    homes = roll.homes
    for place in range(roll.sizes[ALL]):
        home = homes[place]
        if home.stand != GONE:
            stands[home.stand] += 1
            if home.stand <= NEAR_POOR:
                for bit in range(BITS):
                    lacking[home.stand, bit] += home.mask >> bit & 1
