"""Single households followed through a scenario, for those who want to see why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from povsim.effects import Homes
from povsim.effects.homes import Flags, Floats, Small
from povsim.effects.living.arrays import HOME, Records
from povsim.effects.living.coding import ESCAPED_AT, EVENTS, FIXED, OUT_1, UNKNOWN
from povsim.effects.stage import empty_bars, empty_tally, empty_trace, run
from povsim.scenarios import Scenario
from povsim.simulation.worlds import World

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Followed:
    """One year of one unit: everybody after it, and what happened to each (draw, place).

    `relieved` are bits that lines ended; `critical` and `bars` the critical values and bars (draw,)
    by event; by line `served` whom this year's money reached, `strength` how far inside its effect
    a household lies, `able` how many may have it (draw,).
    """

    year: int
    homes: Homes
    relieved: Small
    critical: Mapping[str, Floats]
    bars: Mapping[str, Floats]
    served: Mapping[str, Flags]
    strength: Mapping[str, Floats]
    able: Mapping[str, Counts]


def follow(world: World, unit: str, scenario: Scenario | None = None) -> list[Followed]:
    """The years of one unit under a scenario, household by household: as `simulation.run`.

    Arrays of (event, draw, place) for every year: for one unit and some hundred draws.
    """
    stage, bars, u = world.stage, world.base[0], world.units.index(unit)
    own = stage.people.units[u]
    room = int(own["listed"] + own["out"].sum() + bars.entrants[u].sum(axis=(0, 2, 3)).max())
    trace, tally = empty_trace(stage, room), empty_tally(stage)
    policy = world.policy(scenario or world.current)
    read = empty_bars(stage)
    read.bar[:], read.entrants[:] = bars.bar, bars.entrants
    run(stage, policy, read, mode=FIXED, units=(u, u + 1), tally=tally, traced=trace)
    names = [line.id for line in world.lines]
    return [
        Followed(
            year,
            _homes(trace.homes[t]),
            trace.homes["relieved"][t],
            {event: trace.critical[t, :, at] for at, event in enumerate(EVENTS)},
            {event: bars.bar[u, t, :, at] for at, event in enumerate(EVENTS)},
            {name: trace.served[t, :, at] for at, name in enumerate(names)},
            {name: trace.strength[t, :, at] for at, name in enumerate(names)},
            {name: tally.able[u, t, :, at].astype(np.int64) for at, name in enumerate(names)},
        )
        for t, year in enumerate(world.years)
    ]


def opening(world: World, unit: str) -> Homes:
    """The households of a unit at the last review."""
    people, own = world.stage.people, world.stage.people.units[world.units.index(unit)]
    rows = people.rows[:, own["start"] : own["start"] + own["listed"]]
    turns = rows[np.arange(world.draws) % len(rows)]
    made = np.zeros((world.draws, int(own["listed"] + own["out"].sum())), HOME)
    listed, escaped = made[:, : own["listed"]], made[:, own["listed"] :]
    for name in ("mask", "groups", "causes"):
        listed[name] = turns[name]
    listed["household"] = np.arange(own["listed"])
    listed["stand"] = np.arange(own["listed"]) >= own["poor"]
    escaped["mask"] = escaped["causes"] = UNKNOWN
    escaped["household"] = ESCAPED_AT + np.arange(escaped.shape[1])
    escaped["stand"] = np.repeat(np.arange(len(own["out"])) + OUT_1, own["out"])
    return _homes(made)


def _homes(records: Records) -> Homes:
    names = ("household", "stand", "mask", "held", "groups", "causes")
    return Homes(*(records[name] for name in names))
