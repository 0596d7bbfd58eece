"""How fast a nation's households are decomposed, against plain pandas and the memory itself.

Run as `python benchmarks/poverty.py [households]`. Random 12-bit masks in 10,600 units (the
communes before the mergers of 2025), unsorted; H, A, M0, headcounts and contributions of every
unit. Both must find the same figures, then take turns. Wall time, medians; the bound is copying
the same bytes once.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from keeping import keep

from povsim.poverty.counting import tally
from povsim.poverty.measures import by_group, by_indicator
from povsim.poverty.yardstick import Yardstick
from povsim.vocabulary import Indicator

HOUSEHOLDS = 27_000_000
UNITS = 10_600
ROUNDS = 5
OURS = Yardstick.equal([str(name) for name in Indicator], 3 / 12)


def made(households: int) -> tuple[np.ndarray, pd.Categorical]:
    """Masks and units: eight bytes a household, six of them read by the decomposition."""
    rng = np.random.default_rng(1)
    masks = rng.integers(0, 1 << len(OURS.indicators), households, np.uint16)
    units = rng.integers(0, UNITS, households, np.int32)
    return masks, pd.Categorical.from_codes(units, categories=pd.RangeIndex(UNITS))


def decomposed(masks: np.ndarray, units: pd.Categorical) -> tuple[pd.DataFrame, pd.DataFrame]:
    counted = tally(OURS, masks, groups=units)
    return by_group(counted), by_indicator(counted)


def in_pandas(masks: np.ndarray, units: pd.Categorical) -> pd.DataFrame:
    """The same as most would write it: a column an indicator, a groupby, means."""
    names, weight = list(OURS.indicators), 1 / 12
    frame = pd.DataFrame({name: (masks >> j) & 1 for j, name in enumerate(names)})
    score = frame[names].sum(axis=1) * weight
    frame["h"] = score >= OURS.cutoff - 1e-9
    frame["m0"] = score.where(frame["h"], 0.0)
    for name in names:
        frame[f"censored_{name}"] = frame[name] * frame["h"]
    table = frame.groupby(units, observed=False).mean()
    table["a"] = table["m0"] / table["h"]
    for name in names:
        table[f"part_{name}"] = weight * table[f"censored_{name}"] / table["m0"]
    return table


def seconds(call: Callable[[], Any]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def turns(calls: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Median seconds by name; all take turns, the first round is not counted."""
    rounds = [{name: seconds(call) for name, call in calls.items()} for _ in range(ROUNDS + 1)]
    return {name: median(taken[name] for taken in rounds[1:]) for name in calls}


def peak() -> float:
    """The most memory this process has held, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def agree(masks: np.ndarray, units: pd.Categorical) -> None:
    """Both must find the same before either is timed."""
    groups, indicators = decomposed(masks, units)
    theirs = in_pandas(masks, units)
    np.testing.assert_allclose(groups[["h", "a", "m0"]], theirs[["h", "a", "m0"]])
    parts = theirs[[f"part_{name}" for name in OURS.indicators]].to_numpy().ravel()
    np.testing.assert_allclose(indicators["contribution"], parts)


def told(households: int) -> list[str]:
    masks, units = made(households)
    before = peak()
    decomposed(masks, units)
    ours_held = peak()  # before pandas takes its own
    agree(masks, units)
    took = turns(
        {
            "ours": lambda: decomposed(masks, units),
            "pandas": lambda: in_pandas(masks, units),
            "copy": lambda: (np.copy(masks), np.copy(units.codes)),
        }
    )
    rows = {name: f"{households / taken / 1e6:7.1f}" for name, taken in took.items()}
    return [
        f"{households:,} households, 12 indicators, {UNITS:,} units, one process; wall time, "
        f"medians of {ROUNDS} rounds; both give the same figures",
        f"masks decomposed by unit  {took['ours']:6.2f} s  {rows['ours']} million rows/s  "
        f"peak {ours_held:.2f} GB, {before:.2f} GB of it data and libraries",
        f"plain pandas groupby      {took['pandas']:6.2f} s  {rows['pandas']} million rows/s  "
        f"peak {peak():.2f} GB",
        f"copying the same bytes    {took['copy']:6.2f} s  {rows['copy']} million rows/s",
        f"pandas takes {took['pandas'] / took['ours']:.1f} × ours; "
        f"ours takes {took['ours'] / took['copy']:.0f} × the bound of the memory",
    ]


if __name__ == "__main__":
    keep("poverty", told(int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS))
