"""Every method through every task, and the ratios that compare them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from povsim.backtest import scores
from povsim.backtest.methods import CLASSIC, METHODS, NAIVE, Method
from povsim.backtest.protocol import Task, tasks
from povsim.backtest.series import Series
from povsim.streams import stream
from povsim.trajectory import Floats

DRAWS = 500
LEVELS = (0.025, 0.975)
RESAMPLED = 1000
COLUMNS = ["panel", "group", "method", "metric", "value", "low", "high"]

Watch = Callable[[Iterable[Task]], Iterable[Task]]
"""Hands the tasks on one by one, so that somebody can watch the progress."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """Sums of scores: a row a group, method, origin, window and horizon (`scores.KEPT`)."""

    name: str
    cells: pd.DataFrame
    seed: int

    def table(self) -> pd.DataFrame:
        """Every metric with its 95 % interval, origins resampled as blocks.

        Returns:
            Long: `panel, group, method, metric, value, low, high`. `mae_ratio` is to the error of
            `last_value`, `crps_ratio` to that of `quasi_binomial`, on the same origins. A metric
            for which a method has no draws is left out; one origin alone gives no interval.
        """
        parts = [self._of_group(str(g), cells) for g, cells in self.cells.groupby("group")]
        return pd.concat(parts, ignore_index=True)[COLUMNS]

    def _of_group(self, group: str, cells: pd.DataFrame) -> pd.DataFrame:
        wide = cells.groupby(["method", "origin"])[scores.KEPT].sum(min_count=1)
        methods, origins = (sorted(set(wide.index.get_level_values(i))) for i in (0, 1))
        rows = wide.reindex(pd.MultiIndex.from_product([methods, origins]))
        kept = rows.to_numpy().reshape(len(methods), len(origins), -1)
        found = scores.metrics(np.einsum("so,mok->smk", self._blocks(group, len(origins)), kept))
        found |= _ratios(found, methods)
        tables = [_told(name, values, methods) for name, values in found.items()]
        return pd.concat(tables, ignore_index=True).assign(panel=self.name, group=group)

    def _blocks(self, group: str, origins: int) -> Floats:
        """How often each origin is taken: once each at first, then resampled."""
        dice = stream(self.seed, "backtest-blocks", self.name, group)
        drawn = dice.multinomial(origins, np.full(origins, 1 / origins), RESAMPLED)
        return np.vstack([np.ones(origins), drawn]).astype(float)

    def reliability(self, method: str, group: str) -> pd.DataFrame:
        """Told chance against what happened, and the PIT, by tenth."""
        mine = (self.cells["method"] == method) & (self.cells["group"] == group)
        return scores.reliability(self.cells.loc[mine, scores.KEPT].sum(skipna=False))


def _ratios(found: Mapping[str, Floats], methods: list[str]) -> dict[str, Floats]:
    """Errors over the naive one's, whole forecasts over the classic one's, (sample, method)."""
    wanted = {"mae_ratio": ("mae", NAIVE), "rmse_ratio": ("rmse", NAIVE)}
    wanted |= {"crps_ratio": ("crps", CLASSIC)}
    return {
        name: found[metric] / found[metric][:, [methods.index(peer)]]
        for name, (metric, peer) in wanted.items()
        if peer in methods
    }


def _told(metric: str, values: Floats, methods: list[str]) -> pd.DataFrame:
    known = ~np.isnan(values[0])
    names = [name for name, kept in zip(methods, known, strict=True) if kept]
    table = pd.DataFrame({"method": names, "metric": metric, "value": values[0, known]})
    spread = values[1:, known]
    alone = not len(spread) or not np.ptp(spread, axis=0).any()
    low, high = (np.nan, np.nan) if alone else np.nanquantile(spread, LEVELS, axis=0)
    return table.assign(low=low, high=high)


def backtest(
    series: Series,
    *,
    reference: Series | None = None,
    methods: Mapping[str, Method] = METHODS,
    draws: int = DRAWS,
    seed: int = 2025,
    watch: Watch = iter,
) -> Backtest:
    """Every method on the protocol's origins, windows and horizons of a series.

    `reference` is a wider series (a province's) whose drift a method may use where it covers the
    same years. The same seed gives the same figures.
    """
    made = list(tasks(series, draws=draws, seed=seed, reference=reference))
    rows = [row for task in watch(made) for row in _rows(task, methods)]
    keys = ["group", "method", "origin", "window", "horizon"]
    summed = pd.DataFrame(rows).groupby(keys, as_index=False)[scores.KEPT].sum(min_count=1)
    return Backtest(series.name, summed, seed)


def _rows(task: Task, methods: Mapping[str, Method]) -> list[dict[str, object]]:
    window, last = task.window, task.window.rates[:, -1]
    rows: list[dict[str, object]] = []
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
