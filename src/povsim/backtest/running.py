"""Every method through every task of a series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd

from povsim.backtest import scores
from povsim.backtest.methods import METHODS, Method
from povsim.backtest.protocol import WINDOWS, Task, tasks
from povsim.backtest.results import Backtest
from povsim.backtest.series import Series
from povsim.findings import refuse

DRAWS = 500

Watch = Callable[[Iterable[Task]], Iterable[Task]]
"""Hands the tasks on one by one, so that somebody can watch the progress."""
Row = dict[str, object]


class Runner(Protocol):
    """Runs a function on every task, in their order: `map`, or that of a pool of processes."""

    def __call__(
        self, function: Callable[[Task], list[Row]], tasks: Iterable[Task], /
    ) -> Iterable[list[Row]]: ...


def backtest(
    series: Series,
    *,
    reference: Series | None = None,
    methods: Mapping[str, Method] = METHODS,
    draws: int = DRAWS,
    seed: int = 2025,
    watch: Watch = iter,
    run: Runner = map,
) -> Backtest:
    """Every method on the protocol's origins, windows and horizons of a series.

    `reference` is a wider series (a province's) whose drift a method may use where it covers the
    same years. The same seed gives the same figures, whoever runs the tasks.

    Raises:
        Refusal: `series_no_window`: too many gaps.
    """
    made = list(tasks(series, draws=draws, seed=seed, reference=reference))
    each = run(partial(_rows, methods=methods), watch(made))
    rows = [row for rows in each for row in rows]
    if not rows:
        raise refuse("series_no_window", least=min(WINDOWS))
    keys = ["group", "method", "origin", "window", "horizon"]
    summed = pd.DataFrame(rows).groupby(keys, as_index=False)[scores.KEPT].sum(min_count=1)
    return Backtest(series.name, summed, seed)


def _rows(task: Task, methods: Mapping[str, Method]) -> list[Row]:
    window, last = task.window, task.window.rates[:, -1]
    rows: list[Row] = []
    for name, method in methods.items():
        draws = method(window)
        if draws is None:
            continue
        for place, horizon in enumerate(window.ahead):
            known = np.isfinite(task.truth[:, place])
            target = last[known] * scores.TARGET**horizon
            found = scores.sums(draws[known, place], task.truth[known, place], target)
            key = {"origin": window.origin, "window": len(window.years), "horizon": horizon}
            rows.append({"group": task.group, "method": name, **key, **found})
    return rows
