"""What scenarios cost: Kon Rẫy beside other simulators, a million households, a nation.

Run as `python benchmarks/scenarios.py`; POVSIM_PEERS names the interpreter of an environment with
`peers.txt`, without which the peers are left out. Ours is the whole model (fifteen lines known, ten
paid in every unit and year, bars met to the household, everything counted); the peers' is the plain
job of `peers.py`, of as many households. Rounds take turns; medians are told.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from keeping import keep

from povsim import study
from povsim.effects.living.compiled import compiled
from povsim.effects.living.luck import uniform
from povsim.parallel import cores
from povsim.population import Population
from povsim.scenarios import Item, Scenario
from povsim.simulation import World, run
from povsim.trajectory import Histories, Moves, Projection
from povsim.widgets.what_if import FEW, WhatIf

ROUNDS, YEARS, DRAWS = 5, 5, 1000
PAID = (
    "housing_quality",
    "toilet",
    "health_insurance",
    "telecoms",
    "devices",
    "child_schooling",
    "livelihood",
    "credit",
    "vocational_training",
    "twinning",
)
PEERS = {"numba": 200, "starsim": 20, "pandas": 20, "vivarium": 3}
"""Draws that each peer is given a round: its time is told a draw."""
KON_RAY = 7_700


def district(draws: int) -> World:
    view = study.outlook(year=2024, draws=draws)
    made = study.world(view, draws=draws, until=view.year + YEARS)
    amounts = {
        Item(line.id, unit, year): round(line.unit_cost * 10)
        for line in made.lines
        if line.id in PAID
        for unit in made.units
        for year in range(2024, made.years[-1] + 1)
    }
    return replace(made, current=replace(made.current, amounts=amounts, start=2024))


def other(world: World) -> Scenario:
    """Half as much again for every line, unit and year."""
    amounts = {item: money * 3 // 2 for item, money in world.current.amounts.items()}
    return replace(world.current, name="more", amounts=amounts)


def timed(world: World) -> tuple[float, float]:
    """Seconds of the current plan, whose bars are set, and of another scenario."""
    fresh, scenario = replace(world), other(world)
    _ = fresh.stage
    start = perf_counter()
    run(fresh)
    middle = perf_counter()
    run(fresh, scenario)
    return middle - start, perf_counter() - middle


def peer(name: str, draws: int) -> float | None:
    """Seconds a draw of a peer on as many households; None where it is not installed."""
    if not (python := os.environ.get("POVSIM_PEERS")):
        return None
    script = Path(__file__).with_name("peers.py")
    ran = subprocess.run(
        [python, script, name, str(KON_RAY), str(draws)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(ran.stdout.splitlines()[-1])["seconds_a_draw"])


def beside_peers() -> Iterator[str]:
    world = district(DRAWS)
    households = int(world.histories.projection.households[:, :, 0, 0].sum())
    timed(world)
    ours: list[tuple[float, float]] = []
    theirs: dict[str, list[float]] = {name: [] for name in PEERS}
    for _ in range(ROUNDS):
        ours.append(timed(world))
        for name, draws in PEERS.items():
            if (seconds := peer(name, draws)) is not None:
                theirs[name].append(seconds)
    setting, living = (median(each) for each in zip(*ours, strict=True))
    yield (
        f"Kon Rẫy: {households} households, {len(world.years)} years, {DRAWS} draws, {len(PAID)} "
        f"lines paid in {len(world.units)} units, {cores()} cores"
    )
    yield f"  current plan (bars set)  {setting:.2f} s"
    yield f"  another scenario         {living:.2f} s   (asked: 1 s)"
    for name, seconds in theirs.items():
        if seconds:
            ratio = median(seconds) * DRAWS / living
            yield (
                f"  {name:<9}{median(seconds) * 1000:8.1f} ms a draw on one core: "
                f"{ratio / min(cores(), len(world.units)):6.1f} times ours core for core, "
                f"{ratio:6.1f} times on all"
            )
        else:
            yield f"  {name:<9}not measured: POVSIM_PEERS names no environment"
    yield from bounds(world, living)
    yield first_answer()


# How far from what the machine can do


@compiled
def hashed(count: int) -> float:
    total = 0.0
    for household in range(count):
        total += uniform(np.uint64(7), household)
    return total


def bounds(world: World, seconds: float) -> Iterator[str]:
    """Random numbers drawn and bytes written by the scenario, at this machine's own speed."""
    outcome = run(world, other(world))
    tally, units = outcome.tally, world.stage.people.units
    first = np.concatenate(
        [units["poor"], units["listed"] - units["poor"], units["out"].sum(axis=1)]
    )
    later = tally.stands[:, :-1].sum(axis=(0, 1, 2), dtype=np.int64)
    opening = first.reshape(3, -1).sum(axis=1) * world.draws
    poor, near = opening[0] + later[0], opening[1] + later[1]
    out = opening[2] + later[2:].sum()
    numbers = 3 * (poor + near) + out
    numbers += tally.able.sum(dtype=np.int64) + tally.served.sum(dtype=np.int64)
    hashed(1000)
    start = perf_counter()
    hashed(int(numbers))
    drawing = perf_counter() - start
    size = sum(array.nbytes for array in tally)
    block, copy = np.ones(size // 8), np.ones(size // 8)
    start = perf_counter()
    np.copyto(copy, block)
    copying = perf_counter() - start
    used = seconds * min(cores(), len(world.units))
    yield (
        f"  random numbers: {numbers / 1e6:.0f} million take {drawing:.2f} core-seconds alone, "
        f"{drawing / used:.0%} of the scenario's {used:.2f}"
    )
    yield (
        f"  memory: what is counted is {size / 2**20:.0f} MiB, copied in {copying:.3f} s, "
        f"{copying / seconds:.0%} of the scenario's {seconds:.2f} s"
    )


def first_answer() -> str:
    """What a planner waits for in the kernel after a slider is let go: the whole text."""
    view = study.outlook(year=2024, draws=DRAWS)
    panel = WhatIf(view, study.world(view, draws=DRAWS))

    async def moved() -> list[float]:
        seconds = []
        for million in range(100, 100 + 20 * ROUNDS, 20):
            start = perf_counter()
            panel.sliders["toilet"].value = million  # refined later, on the loop
            seconds.append(perf_counter() - start)
        return seconds

    told = median(asyncio.run(moved()))
    return f"  first answer of the panel, from {FEW} draws: {told:.3f} s   (asked: .3 s)"


# Many households


def tiled(households: int, draws: int) -> World:
    """Kon Rẫy's communes again and again, each with luck and history of its own."""
    base = district(DRAWS)
    times = round(households / KON_RAY)
    names = [(f"{unit}#{at}", unit, at) for at in range(times) for unit in base.units]
    return replace(
        base,
        populations=[_again(each, base.units, times) for each in base.populations[:draws]],
        histories=_histories(base.histories, names, draws),
        current=_spending(base.current, names),
    )


def _again(people: Population, units: tuple[str, ...], times: int) -> Population:
    order = np.array([units.index(unit) for unit in people.units])[people.unit]
    columns = ("state", "mask", "groups", "causes", "persons")
    shift = np.repeat(np.arange(times) * len(units), len(order))
    return Population(
        tuple(f"{unit}#{at}" for at in range(times) for unit in units),
        np.tile(order, times) + shift,
        tilt=people.tilt,
        **{name: np.tile(getattr(people, name), times) for name in columns},
    )


def _histories(known: Histories, names: list[tuple[str, str, int]], draws: int) -> Histories:
    projection, moves = known.projection, {}
    rows = []
    for name, unit, at in names:
        chosen = (np.arange(draws) + at * draws) % DRAWS
        moves[name] = tuple(_chosen(year, chosen) for year in known.moves[unit])
        rows.append(projection.households[:, projection.units.index(unit)][..., chosen])
    units, years, origin = tuple(name for name, *_ in names), projection.years, projection.origin
    made = Projection(units, years, origin, np.stack(rows, axis=1), {})
    return Histories(made, moves, {name: known.cohorts[unit] for name, unit, _ in names})


def _chosen(moves: Moves, draws: np.ndarray) -> Moves:
    def of(rows: Mapping[Any, np.ndarray]) -> dict[Any, np.ndarray]:
        return {source: each[:, draws] for source, each in rows.items()}

    return Moves(
        of(moves.counts), of(moves.shares), moves.structural_gone[draws], moves.households[draws]
    )


def _spending(current: Scenario, names: list[tuple[str, str, int]]) -> Scenario:
    by_unit: dict[str, list[tuple[Item, int]]] = {}
    for item, money in current.amounts.items():
        by_unit.setdefault(item.unit, []).append((item, money))
    amounts = {
        replace(item, unit=name): money for name, unit, _ in names for item, money in by_unit[unit]
    }
    return replace(current, amounts=amounts)


def many(households: int, draws: int, rounds: int) -> tuple[int, float, float, float]:
    """Households, median seconds of the current plan and of another scenario, peak GiB."""
    world = tiled(households, draws)
    timed(world)
    seconds = [timed(world) for _ in range(rounds)]
    setting, living = (median(each) for each in zip(*seconds, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    there = int(world.histories.projection.households[:, :, 0, 0].sum())
    return there, setting, living, peak


def alone(households: int, draws: int, rounds: int) -> tuple[int, float, float, float]:
    """The same in a process of its own, so that the peak is its own."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(many, (households, draws, rounds))


def scaled() -> Iterator[str]:
    sizes = (125_000, 250_000, 500_000, 1_000_000, 2_000_000)
    told = [alone(size, 1, ROUNDS) for size in sizes]
    for households, setting, living, peak in told:
        asked = "   (asked: .25 s)" if round(households / 1e6, 1) == 1.0 else ""
        yield (
            f"  {households / 1e6:5.2f} million, {YEARS} years, 1 draw: current plan "
            f"{setting:.3f} s, another scenario {living:.3f} s, peak {peak:.2f} GiB{asked}"
        )
    x, y = (np.log([each[at] for each in told]) for at in (0, 2))
    yield f"  seconds rise by households to the power {np.polyfit(x, y, 1)[0]:.2f}"
    households, setting, living, peak = alone(27_000_000, 5, 1)
    yield (
        f"  {households / 1e6:5.1f} million, {YEARS} years, 5 draws, one process: current plan "
        f"{setting:.1f} s, another scenario {living:.1f} s, peak {peak:.2f} GiB   (asked: 6 GiB)"
    )


def main() -> None:
    many_times = "Households of Kon Rẫy again and again, each commune with luck of its own"
    keep("scenarios", [*beside_peers(), "", many_times, *scaled()])


if __name__ == "__main__":
    main()
