"""How fast trajectories are fitted and drawn, beside regressions that are commonly used.

Run as `python benchmarks/trajectory.py`. Random panels of four reviews; fit and draws of four
years ahead by the stock model. Every size has a process of its own, which tells its peak memory.
The regressions (statsmodels: one mixed model for all units, a GLM for each) take turns with ours
on the same panel and give as many draws of the poor alone, where ours gives every state.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from keeping import keep

from povsim.backtest import METHODS, Window
from povsim.trajectory import Panel, fit, project

YEARS = (2021, 2022, 2023, 2024)
AHEAD = (1, 2, 3, 4)
SIZES = ((7, 2000, "a district"), (700, 2000, "700 communes"), (10_600, 500, "a nation"))
SAME = (700, 500, "700 communes")
"""As many draws as the nation's, to compare the time a unit takes."""
ROUNDS = 5
PEERS = {"mixed_lm": "MixedLM", "quasi_binomial": "GLM a unit"}


def panel(units: int) -> Panel:
    """Communes of 300 to 3,000 households, a quarter of them poor and falling by a fifth a year."""
    rng = np.random.default_rng(1)
    households = np.repeat(rng.integers(300, 3000, (units, 1)), len(YEARS), axis=1)
    share = 0.25 * 0.8 ** np.arange(len(YEARS)) * np.exp(rng.normal(0, 0.3, (units, 1)))
    poor = rng.binomial(households, np.minimum(share, 0.9))
    near_poor = rng.binomial(households - poor, 0.1)
    names = tuple(f"unit {i}" for i in range(units))
    return Panel(names, YEARS, households, poor, near_poor)


def ours(data: Panel, draws: int) -> Any:
    return project(fit(data), YEARS[-1] + AHEAD[-1], draws=draws, seed=1)


def seconds(call: Callable[[], Any]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def measured(units: int, draws: int) -> tuple[float, float, float]:
    """Median seconds of a fit, of fit and draws, and the peak memory of this process in GiB."""
    data = panel(units)
    ours(data, draws)
    fits = median(seconds(lambda: fit(data)) for _ in range(ROUNDS))
    whole = median(seconds(lambda: ours(data, draws)) for _ in range(ROUNDS))
    return fits, whole, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def beside(units: int, draws: int) -> dict[str, float]:
    """Median seconds of ours and of the regressions, in turns on the same panel."""
    data = panel(units)
    window = Window(data.units, YEARS, data.households, data.poor, AHEAD, draws, 1)
    calls: dict[str, Callable[[], Any]] = {"povsim": lambda: ours(data, draws)}
    calls |= {name: (lambda name=name: METHODS[name](window)) for name in PEERS}
    rounds = [{name: seconds(call) for name, call in calls.items()} for _ in range(3)]
    return {name: median(taken[name] for taken in rounds) for name in calls}


def apart(call: Callable[..., Any], *values: int) -> Any:
    """A call in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(call, *values).result()


def told() -> list[str]:
    lines = [f"fit and draws of {len(AHEAD)} years, {len(YEARS)} reviews; medians of {ROUNDS}"]
    a_unit = {}
    for units, draws, name in (*SIZES, SAME):
        fits, whole, peak = apart(measured, units, draws)
        a_unit[units, draws] = whole / units
        lines.append(
            f"{name:13} {units:6,} units × {draws:5,} draws  {whole * 1e3:8.1f} ms, "
            f"{fits * 1e3:.1f} of it the fit; peak {peak:.2f} GiB"
        )
    ratio = a_unit[SIZES[-1][:2]] / a_unit[SAME[:2]]
    lines.append(f"time a unit at 10,600 over that at 700, {SAME[1]} draws each: {ratio:.2f}")
    for units, draws, name in SIZES[:2]:
        took = apart(beside, units, draws)
        peers = [
            f"{peer} {took[key]:.2f} s, {took[key] / took['povsim']:.0f} × ours"
            for key, peer in PEERS.items()
        ]
        lines.append(f"{name}, {draws:,} draws: ours {took['povsim']:.3f} s; {'; '.join(peers)}")
    return lines


if __name__ == "__main__":
    keep("trajectory", told())
