"""What a back-test found: the metrics of every method with intervals, of one panel or of several.

Sums of scores are kept by origin; an interval comes from resampling the origins as blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from povsim.backtest import scores
from povsim.backtest.methods import CLASSIC, NAIVE
from povsim.streams import stream
from povsim.trajectory import Floats

LEVELS = (0.025, 0.975)
RESAMPLED = 1000
COLUMNS = ["panel", "group", "method", "metric", "value", "low", "high"]
POOLED = "pooled"
"""What stands in `panel` where several were taken together."""
BY_HORIZON = ("mae_ratio", "cov80")
"""The metrics that are also told for each horizon by itself."""

Found = dict[str, Floats]
"""Metrics by name, each (sample, method): as it came at first, then with origins resampled."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """Sums of scores: a row a group, method, origin, window and horizon (`scores.KEPT`)."""

    name: str
    cells: pd.DataFrame
    seed: int

    def table(self) -> pd.DataFrame:
        """Every metric with its 95 % interval, origins resampled as blocks.

        Returns:
            Long: `panel, group, method, metric, value, low, high`. A metric for which a method
            has no draws is left out; one origin alone gives no interval. The metrics are

            - `mae, rmse, crps, cov80, cov95, brier, ece` (see `scores`);
            - `mae_ratio, rmse_ratio` to the error of `last_value`, `crps_ratio` to that of
              `quasi_binomial`, on the same origins;
            - `mae_ratio_h1 … _h4, cov80_h1 … _h4`: one horizon (years ahead) by itself;
            - by tenth of the told chance, `_0` under 10 % to `_9` from 90 % on: `chance_0 …` the
              mean chance told, `met_0 …` the share that came true, `count_0 …` how many were
              told; `chance` and `met` are left out where none was;
            - `pit_0 … pit_9`: the share of truths by tenth of their own forecast; all 0.1 where
              forecasts are as unsure as they say.
        """
        tables = [_table(self.found(g), self.methods(g), self.name, g) for g in self.groups]
        return pd.concat(tables, ignore_index=True)

    @property
    def groups(self) -> list[str]:
        return sorted(set(self.cells["group"]))

    def methods(self, group: str) -> list[str]:
        """The methods that gave a forecast in a group."""
        return sorted(set(self.cells.loc[self.cells["group"] == group, "method"]))

    def found(self, group: str, methods: Sequence[str] = ()) -> Found:
        """The metrics of a group, of all its methods unless some are named."""
        methods = list(methods or self.methods(group))
        found = scores.metrics(self.totals(group, methods))
        found |= _ratios(found, methods)
        for horizon in sorted(set(self.cells.loc[self.cells["group"] == group, "horizon"])):
            ahead = scores.metrics(self.totals(group, methods, horizon))
            ahead |= _ratios(ahead, methods)
            found |= {f"{name}_h{horizon}": ahead[name] for name in BY_HORIZON if name in ahead}
        return found

    def totals(self, group: str, methods: Sequence[str], horizon: int | None = None) -> Floats:
        """Sums (sample, method, `scores.KEPT`), of one horizon where it is named."""
        cells = self.cells[self.cells["group"] == group]
        origins = sorted(set(cells["origin"]))
        asked = cells if horizon is None else cells[cells["horizon"] == horizon]
        wide = asked.groupby(["method", "origin"])[scores.KEPT].sum(min_count=1)
        rows = wide.reindex(pd.MultiIndex.from_product([methods, origins]))
        kept = rows.to_numpy(copy=True).reshape(len(methods), len(origins), -1)
        # Towards the end of a series nobody is asked for the far horizons: nothing, not missing.
        kept[:, ~np.isin(origins, asked["origin"])] = 0.0
        return np.asarray(np.einsum("so,mok->smk", self._blocks(group, len(origins)), kept))

    def _blocks(self, group: str, origins: int) -> Floats:
        """How often each origin is taken: once each at first, then resampled."""
        dice = stream(self.seed, "backtest-blocks", self.name, group)
        drawn = dice.multinomial(origins, np.full(origins, 1 / origins), RESAMPLED)
        return np.vstack([np.ones(origins), drawn]).astype(float)

    def reliability(self, method: str, group: str) -> pd.DataFrame:
        """Told chance against what happened, and the PIT, by tenth."""
        mine = (self.cells["method"] == method) & (self.cells["group"] == group)
        return scores.reliability(self.cells.loc[mine, scores.KEPT].sum(skipna=False))


def pooled(parts: Sequence[Backtest]) -> pd.DataFrame:
    """Several panels taken together, as `Backtest.table`, `panel` being `pooled`.

    Errors, ratios and coverage are means over the panels, each counting once however many areas
    it has; calibration (`ece`, the tenths, `pit`) is of all forecasts together, so the wider panel
    weighs more and what one tells too high another may tell too low. Origins are resampled within
    each panel. Only groups, methods and horizons that every panel has.
    """
    tables = []
    for group in _shared(part.groups for part in parts):
        methods = _shared(part.methods(group) for part in parts)
        each = [part.found(group, methods) for part in parts]
        found = {
            name: np.mean([one[name] for one in each], axis=0)
            for name in each[0]
            if all(name in one for one in each)
        }
        sums = np.sum([part.totals(group, methods) for part in parts], axis=0)
        tables.append(_table(found | scores.calibration(sums), methods, POOLED, group))
    return pd.concat(tables, ignore_index=True)


def _shared(names: Iterable[list[str]]) -> list[str]:
    return sorted(set.intersection(*map(set, names)))


def _ratios(found: Mapping[str, Floats], methods: list[str]) -> Found:
    """Errors over the naive one's, whole forecasts over the classic one's, (sample, method)."""
    wanted = {"mae_ratio": ("mae", NAIVE), "rmse_ratio": ("rmse", NAIVE)}
    wanted |= {"crps_ratio": ("crps", CLASSIC)}
    known = {
        name: found[m][:, [methods.index(p)]] for name, (m, p) in wanted.items() if p in methods
    }
    # To a peer without error nothing can be compared.
    peers = {name: np.where(error > 0, error, np.nan) for name, error in known.items()}
    return {name: found[wanted[name][0]] / error for name, error in peers.items()}


def _table(found: Found, methods: list[str], panel: str, group: str) -> pd.DataFrame:
    tables = [_told(name, values, methods) for name, values in found.items()]
    whole = pd.concat([each for each in tables if len(each)], ignore_index=True)
    return whole.assign(panel=panel, group=group)[COLUMNS]


def _told(metric: str, values: Floats, methods: list[str]) -> pd.DataFrame:
    known = ~np.isnan(values[0])
    names = [name for name, kept in zip(methods, known, strict=True) if kept]
    table = pd.DataFrame({"method": names, "metric": metric, "value": values[0, known]})
    spread = values[:, known]  # a resample without what is asked for says nothing of it
    alone = np.allclose(np.nanmin(spread, axis=0), np.nanmax(spread, axis=0), rtol=1e-9, atol=0)
    low, high = (np.nan, np.nan) if alone else np.nanquantile(spread[1:], LEVELS, axis=0)
    return table.assign(low=low, high=high)
