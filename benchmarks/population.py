"""What it costs to rebuild the households behind the forms.

Run as `python benchmarks/population.py`. The sample's Kon Rẫy; then its units' counts of four
years, drawn again and again for 10,600 units, each size in a process of its own. Every count of
every unit is compared with the households made before a time is told.
"""

from __future__ import annotations

import resource
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from keeping import keep

from povsim.population import Margins, rebuild
from povsim.study import newest_release

YEARS = (2021, 2022, 2023, 2024)
NATION = 10_600
COUNTS = ("households", "persons", "lacking", "members", "member_persons", "causes")
ROUNDS = 5


def district() -> Margins:
    return Margins.of_forms(newest_release().facts, YEARS[-1])


def nation(units: int) -> Margins:
    facts = newest_release().facts
    years = [Margins.of_forms(facts, year) for year in YEARS]
    drawn = np.random.default_rng(1).integers(0, len(YEARS) * len(years[0].units), units)
    counts = (
        np.concatenate([getattr(each, name) for each in years], axis=1) for name in COUNTS[:-1]
    )
    names = tuple(f"unit {at:05}" for at in range(units))
    causes = np.concatenate([each.causes for each in years])[drawn]
    return Margins(names, *(every[:, drawn] for every in counts), causes)


def measured(margins: Margins, rounds: int) -> tuple[int, float, float]:
    """Households made, median seconds, and the peak memory of this process in GiB."""
    seconds = []
    for seed in range(rounds):
        start = perf_counter()
        made = rebuild(margins, tilt=0.04, seed=seed)
        seconds.append(perf_counter() - start)
        found = made.margins()
        for name in COUNTS:
            np.testing.assert_array_equal(getattr(found, name), getattr(margins, name))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return len(made.mask), median(seconds), peak


def of_district() -> tuple[int, float, float]:
    return measured(district(), ROUNDS)


def of_nation() -> tuple[int, float, float]:
    return measured(nation(NATION), 3)


def apart(call: Any) -> Any:
    """A call in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(call).result()


def told() -> list[str]:
    lines = [
        "poor and near-poor households from F1, F4, F6, F8, F10; every count of every unit is met"
    ]
    for name, call in (("Kon Rẫy, 7 units", of_district), (f"{NATION:,} units", of_nation)):
        households, seconds, peak = apart(call)
        lines.append(f"{name:18} {households:9,} households  {seconds:7.3f} s  peak {peak:.2f} GiB")
    return lines


if __name__ == "__main__":
    keep("population", told())
