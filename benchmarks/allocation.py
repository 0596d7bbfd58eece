"""What proposals cost: Kon Rẫy for one year and five, frontiers, caution, bundles, 700 units; doors
to the solver; and other ways to search beside ours, by their gap to our bound.

Run as `python benchmarks/allocation.py`; POVSIM_PEERS names the interpreter of an environment with
`peers.txt`, without which atomica is left out. Ten lines (as `scenarios.py`), packages of up to
three, all classes of the sample's register. Rounds take turns; medians are told.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from keeping import keep
from scenarios import PAID, YEARS
from scipy.optimize import differential_evolution, linprog, minimize
from scipy.sparse import csc_matrix

from povsim import groups, study
from povsim.allocation import Caution, Purse, efficiency_against_equity, rate_against_depth
from povsim.allocation.columns import Columns, columns_of
from povsim.allocation.objectives import be_cautious, weigh
from povsim.allocation.problem import Problem
from povsim.allocation.solver import INFINITY, Model
from povsim.effects import Budget
from povsim.study import Ground

ROUNDS = 5
MILLIARD = 1_000_000_000
CAPITAL, RECURRENT = 6 * MILLIARD, 4 * MILLIARD
COPIES = 100
SEARCH_SECONDS = 30.0
Floats = np.ndarray


def ground(years: int, draws: int = 200) -> Ground:
    view = study.outlook(year=2024, draws=draws)
    register = groups.on_file("data/sample/register", view.year)
    until = max(view.year + years, view.plan.last_year + 2)  # until all that is paid has shown
    world = study.world(view, register=register, draws=draws, until=until)
    world = replace(world, last_planned=view.year + years)
    return study.ground(view, world, lines=PAID)


def purses(made: Ground, share: float = 1.0) -> list[Purse]:
    years = made.agenda.years
    return [
        Purse("capital", dict.fromkeys(years, int(CAPITAL * share)), Budget.CAPITAL),
        Purse("recurrent", dict.fromkeys(years, int(RECURRENT * share)), Budget.RECURRENT),
    ]


def solved(made: Ground, columns: Columns, budget: list[Purse]) -> tuple[Problem, float, float]:
    problem = Problem(made.agenda, columns, budget, [])
    weigh(problem, out=1.0)
    found, bound = problem.settled()
    return problem, -found.value, -bound


def timed(call: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    """Median seconds, and what the last call gave."""
    seconds, found = [], None
    for _ in range(rounds):
        start = perf_counter()
        found = call()
        seconds.append(perf_counter() - start)
    return median(seconds), found


def of_kon_ray() -> Iterator[str]:
    for years, asked in ((1, 0.1), (YEARS, 1.0)):
        made = ground(years)
        columns = columns_of(made.population, made.effects)
        seconds, (problem, value, bound) = timed(lambda: solved(made, columns, purses(made)))  # noqa: B023
        yield (
            f"  {years} year(s): {len(made.population)} classes, {len(columns)} columns of which "
            f"{len(problem.made)} made: {seconds:.3f} s (asked {asked:g}), gap to the bound "
            f"{(bound - value) / value:.1e}"
        )
        if years == 1:
            yield from _of_one_year(made, columns)


def _of_one_year(made: Ground, columns: Columns) -> Iterator[str]:
    budget = purses(made)
    judged = study.propose(made, budget)
    for name, frontier in (
        ("rate against depth", rate_against_depth),
        ("efficiency against equity", efficiency_against_equity),
    ):
        seconds, points = timed(lambda: frontier(judged.proposal), 3)  # noqa: B023
        yield f"  frontier {name}, {len(points)} points: {seconds:.2f} s (asked 2)"

    def cautious() -> None:
        problem = Problem(made.agenda, columns, budget, [])
        be_cautious(problem, Caution(), made.agenda.credit_by_draw)

    seconds, _ = timed(cautious, 3)
    yield f"  mean and CVaR, {made.effects.draws} draws: {seconds:.2f} s (asked 2)"


def of_bundles() -> Iterator[str]:
    view = study.outlook(year=2024, draws=200)
    register = groups.on_file("data/sample/register", view.year)
    near, fresh = study.targets_ground(view, register)
    _ = fresh.base
    seconds, made = timed(lambda: study.bundled(near, fresh, purses(near)), 3)
    choosing, likely = timed(made.likeliest, 3)
    plans = f"{len(made.plans)} plans, up to {len(made.own)} that differ in a unit"
    yield (
        f"  targets by bundles: {plans}, lived on {near.world.draws} draws {seconds:.1f} s, chosen "
        f"and judged on {fresh.draws} fresh draws {choosing:.1f} s (asked 10); promised "
        f"{likely.promised:.3f}, fresh {likely.chance:.3f} ± {likely.error:.3f}"
    )


def doors() -> Iterator[str]:
    """The same programme through scipy with all columns, and through highspy cold and warm."""
    made = ground(1)
    columns, budget = columns_of(made.population, made.effects), purses(made)
    warm, (_, value, _) = timed(lambda: solved(made, columns, budget))
    rows = _rows(made, columns, budget)

    def scipy() -> float:
        return -float(linprog(-columns.out, A_ub=rows[0], b_ub=rows[1], method="highs").fun)

    def cold() -> float:
        whole = Problem(made.agenda, columns, budget, [])
        weigh(whole, out=1.0)
        whole.add(np.arange(len(columns)))
        return -whole.model.solve().value

    (by_scipy, scipy_value), (by_cold, cold_value) = timed(scipy, 3), timed(cold, 3)
    assert abs(scipy_value - value) < 0.01 * value
    told = {
        "highspy, columns made as prices ask, warm": (warm, value),
        "highspy, all columns at once": (by_cold, cold_value),
        "scipy.optimize.linprog, all columns at once": (by_scipy, scipy_value),
    }
    for name, (seconds, worth_of) in told.items():
        yield f"  {name:<43} {seconds:.3f} s   {seconds / warm:.1f}   {worth_of:.3f}"


def _rows(made: Ground, columns: Columns, budget: list[Purse]) -> tuple[csc_matrix, Floats]:
    """Class, reach and purse rows of all columns."""
    count, units = len(made.population), len(made.agenda.units)
    parts = [(columns.klass, np.arange(len(columns)), np.ones(len(columns)))]
    paid = [np.zeros(len(columns)) for _ in budget]
    for line, _, at, share in columns.served:
        parts.append((count + line * units + columns.unit[at], at, share))
        for purse, money in zip(budget, paid, strict=True):
            if purse.pays(made.agenda.lines[line]):
                money[at] += made.agenda.lines[line].unit_cost * share / 1e6
    last = count + len(made.agenda.lines) * units
    for p, money in enumerate(paid):
        parts.append((np.full(len(columns), last + p), np.arange(len(columns)), money))
    row, column, value = (np.concatenate(each) for each in zip(*parts, strict=True))
    matrix = csc_matrix((value, (row, column)), shape=(last + len(budget), len(columns)))
    sums = [purse.total / 1e6 for purse in budget]
    reach = made.agenda.reach[:, :, 0].ravel()
    return matrix, np.concatenate([made.population.households, np.minimum(reach, 1e6), sums])


def nation() -> Iterator[str]:
    """Kon Rẫy a hundred times, each unit with gains of its own."""
    small = ground(1)
    rng, units = np.random.default_rng(0), len(small.agenda.units)
    classes, gains, agenda = small.population, small.effects, small.agenda
    names = tuple(f"{unit}-{copy}" for copy in range(COPIES) for unit in agenda.units)
    tiled = {
        name: np.tile(getattr(classes, name), COPIES)
        for name in ("state", "labour", "number", "lines", "groups", "since", "households")
    }
    shift = np.repeat(np.arange(COPIES) * units, len(classes))
    unit = np.tile(classes.unit, COPIES) + shift
    large = replace(classes, units=names, unit=unit, **tiled)

    def spread(values: Floats) -> Floats:
        mean = np.tile(values.mean(axis=-1, keepdims=True), (1, 1, 1, COPIES, 1))
        return mean * rng.uniform(0.8, 1.2, (1, 1, 1, mean.shape[3], 1))

    stay = np.ones((1, 1, len(gains.kinds), len(names), 1))
    effects = replace(gains, out=spread(gains.out), lacked=spread(gains.lacked), stay=stay)
    per_unit = {
        name: np.tile(getattr(agenda, name), COPIES)
        for name in ("households", "poor", "credit", "targets")
    }
    reach = np.tile(agenda.reach, (1, COPIES, 1))
    wide = replace(small, agenda=replace(agenda, units=names, reach=reach, **per_unit))
    columns = columns_of(large, effects)
    budget = purses(wide, 0.8 * COPIES)
    seconds, (problem, value, bound) = timed(lambda: solved(wide, columns, budget), 1)
    yield (
        f"  {len(names)} units, {len(large)} classes, {len(columns)} columns of which "
        f"{len(problem.made)} made: {seconds:.1f} s (asked 20), gap to the bound "
        f"{(bound - value) / value:.1e}"
    )


# Other ways to search


def shared() -> dict[str, Any]:
    """Money by line and unit, one line a household, gains that add up: a problem all can take."""
    made = ground(1)
    packages, classes = made.effects.packages, made.population
    kind, poor = made.effects.kind_of(classes), (classes.state == 0) & (classes.since == 0)
    gain, reach = [], []
    for package in np.flatnonzero(packages.members.sum(axis=1) == 1):
        line = int(np.flatnonzero(packages.members[package])[0])
        mean = made.effects.out[0, package].mean(axis=-1)
        row, most = [], []
        for unit in range(len(made.agenda.units)):
            own = poor & classes.may(line) & (classes.unit == unit)
            there = float(classes.households[poor & (classes.unit == unit)].sum())
            share = classes.households[own] / max(classes.households[own].sum(), 1e-9)
            row.append(float(share @ mean[kind[own], unit]))
            most.append(float(np.floor(min(0.09 * there, classes.households[own].sum()))))
        gain.append(row)
        reach.append(most)
    lines = [line for line in made.agenda.lines if line.id in PAID]
    return {
        "poor": [float(classes.households[poor & (classes.unit == u)].sum()) for u in range(7)],
        "cost": [line.unit_cost / 1e6 for line in lines],
        "reach": reach,
        "gain": gain,
        "budget": 1500.0,
        "seconds": SEARCH_SECONDS,
        "method": "asd",
    }


def worth(asked: dict[str, Any], money: Floats) -> float:
    """Households out for millions by line and unit."""
    served = np.minimum(money / np.array(asked["cost"])[:, None], np.array(asked["reach"]))
    return float((served * np.array(asked["gain"])).sum())


def ours(asked: dict[str, Any]) -> Floats:
    """By linear programme."""
    cost, gain = np.array(asked["cost"]), np.array(asked["gain"])
    value = (gain / cost[:, None]).ravel()
    most = (np.array(asked["reach"]) * cost[:, None]).ravel()
    model = Model()
    columns = model.variables(-value, 0.0, most)
    model.row(-INFINITY, asked["budget"], columns, np.ones(len(columns)))
    return np.asarray(model.solve().at.reshape(gain.shape))


def by_slsqp(asked: dict[str, Any]) -> Floats:
    shape = np.array(asked["gain"]).shape
    most = (np.array(asked["reach"]) * np.array(asked["cost"])[:, None]).ravel()
    start = np.minimum(most, asked["budget"] / most.size)
    rest = {"type": "ineq", "fun": lambda money: asked["budget"] - money.sum()}
    found = minimize(
        lambda money: -worth(asked, money.reshape(shape)),
        start,
        bounds=[(0.0, high) for high in most],
        constraints=[rest],
        method="SLSQP",
        options={"maxiter": 500},
    )
    return np.asarray(found.x.reshape(shape))


def by_evolution(asked: dict[str, Any]) -> Floats:
    shape = np.array(asked["gain"]).shape
    most = (np.array(asked["reach"]) * np.array(asked["cost"])[:, None]).ravel()
    until = perf_counter() + SEARCH_SECONDS

    def within(money: Floats) -> Floats:
        return money * min(1.0, asked["budget"] / max(money.sum(), 1e-9))

    found = differential_evolution(
        lambda money: -worth(asked, within(money).reshape(shape)),
        [(0.0, max(high, 1e-9)) for high in most],
        seed=1,
        maxiter=100_000,
        tol=1e-8,
        callback=lambda *_: perf_counter() > until,
    )
    return within(found.x).reshape(shape)


def by_atomica(asked: dict[str, Any]) -> tuple[Floats, float] | None:
    if not (python := os.environ.get("POVSIM_PEERS")):
        return None
    script = Path(__file__).with_name("allocating_peer.py")
    ran = subprocess.run(
        [python, script], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    found = json.loads(ran.stdout.splitlines()[-1])
    return np.array(found["money"]), float(found["seconds"])


def others() -> Iterator[str]:
    asked = shared()
    seconds, money = timed(lambda: ours(asked))
    bound = worth(asked, money)
    yield f"  linear programme        {seconds:.4f} s   1   {bound:.3f} households, the bound"
    searches = {"SLSQP": by_slsqp, "differential evolution": by_evolution}
    for name, search in searches.items():
        spent, found = timed(lambda: search(asked), 1)  # noqa: B023
        yield _told(name, spent, seconds, worth(asked, found), bound)
    if (peer := by_atomica(asked)) is not None:
        yield _told("atomica (asd)", peer[1], seconds, worth(asked, peer[0]), bound)


def _told(name: str, spent: float, seconds: float, value: float, bound: float) -> str:
    gap = 100 * (bound - value) / bound
    return f"  {name:<23} {spent:.4f} s   {spent / seconds:,.0f}   {value:.3f}, {gap:.2f} % below"


def on_packages() -> Iterator[str]:
    """The whole problem searched by money of each line and unit, packages chosen within."""
    made = ground(1)
    columns, budget = columns_of(made.population, made.effects), purses(made)
    seconds, (_, bound, _) = timed(lambda: solved(made, columns, budget))
    problem, _, _ = solved(made, columns, budget)
    lines = [at for at, line in enumerate(made.agenda.lines) if line.id in PAID]
    costs = np.array([made.agenda.lines[at].unit_cost / 1e6 for at in lines])[:, None]
    reach = np.minimum(made.agenda.reach[lines, :, 0], 1e3)
    most = (reach * costs).ravel()
    yield f"  ours                    {seconds:.2f} s   1   {bound:.2f} households"

    def value(money: Floats) -> float:
        served = made.agenda.reach.copy()
        served[lines, :, 0] = money.reshape(reach.shape) / costs
        problem.hold_served(served)
        return problem.settled()[0].value

    until = perf_counter() + SEARCH_SECONDS

    def stop(*_: Any) -> bool:
        if perf_counter() > until:
            raise StopIteration
        return False

    start, best = perf_counter(), [0.0]

    def kept(money: Floats) -> float:
        found = value(np.clip(money, 0.0, most))
        best[0] = min(best[0], found)
        return found

    minimize(kept, most * 0.3, bounds=[(0.0, m) for m in most], method="SLSQP", callback=stop)
    yield _told("SLSQP", perf_counter() - start, seconds, -best[0], bound)
    until, start, best[0] = perf_counter() + SEARCH_SECONDS, perf_counter(), 0.0
    differential_evolution(
        kept, [(0.0, max(m, 1e-9)) for m in most], seed=1, popsize=2, polish=False, callback=stop
    )
    yield _told("differential evolution", perf_counter() - start, seconds, -best[0], bound)


def main() -> None:
    lines = ["Kon Rẫy, ten lines, packages of up to three"]
    lines += [*of_kon_ray(), *of_bundles()]
    lines += ["", "Doors to HiGHS, one year: seconds, ratio, value", *doors()]
    lines += ["", "A province", *nation()]
    lines += ["", "A problem that others can take (70 sums): seconds, ratio, households", *others()]
    lines += [
        "",
        "Our own problem, searched by 70 sums: seconds, ratio, households",
        *on_packages(),
    ]
    keep("allocation", lines)


if __name__ == "__main__":
    main()
