"""The stock model's constants chosen without the panel that they are tried on.

Run as `python benchmarks/constants.py`. Every setting of a grid forecasts all areas of every panel
by the back-test's protocol. For each panel the setting is taken that has the least CRPS on the
others, each counting once; the figures told are those of the panel left out. Beside them stand the
constants that are shipped, which were fixed with all panels in view.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from multiprocessing import get_context

import numpy as np
import pandas as pd
from backtest import panels
from keeping import keep

from povsim import backtest
from povsim.backtest import METHODS, Backtest, Window
from povsim.backtest.protocol import Task
from povsim.trajectory import Floats, Panel, Priors, fit, project

SHIPPED = Priors()
GRID = {
    "damping": ((18.0, 2.0), (18.0, 4.5), SHIPPED.damping),
    "year_sd": (0.05, SHIPPED.year_sd),
    "persistence": (
        (1.0, 5.0),
        (3.0, 15.0),
        (SHIPPED.persistence_scale, SHIPPED.persistence_weight),
    ),
}
SHOWN = ("mae_ratio", "crps_ratio", "cov80", "cov95", "ece")
LEFT_OUT = "left out"


def settings() -> dict[str, Priors]:
    """Every setting by the words that tell it."""
    return {
        f"falls kept {damping[0] / sum(damping):.2f}, year sd {year_sd}, repeating × {scale:g} "
        f"beside {weight:g} pairs": Priors(
            damping=damping,
            year_sd=year_sd,
            persistence_scale=scale,
            persistence_weight=weight,
        )
        for damping, year_sd, (scale, weight) in product(*GRID.values())
    }


def forecast(window: Window, priors: Priors) -> Floats:
    """The stock model's draws of the rates (area, horizon, draw) under some constants."""
    total, poor = np.rint(window.population), np.rint(window.poor)
    panel = Panel(window.areas, window.years, total, np.minimum(poor, total), np.zeros_like(total))
    until = window.origin + window.ahead[-1]
    made = project(fit(panel, priors=priors), until, draws=window.draws, seed=window.seed)
    counts = made.households[:, :, [h - 1 for h in window.ahead]]
    return np.asarray(counts[0] / counts.sum(axis=0))


def of_all(tasks: Iterable[Task]) -> list[Task]:
    """The tasks of all areas together."""
    return [task for task in tasks if task.group == "all"]


def tried() -> list[Backtest]:
    """Every setting on every panel, beside the two methods that others are measured by."""
    methods = {name: METHODS[name] for name in ("last_value", "quasi_binomial")}
    methods |= {name: partial(forecast, priors=priors) for name, priors in settings().items()}
    made = []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for path in panels():
            series = backtest.read(path)
            found = backtest.backtest(series, methods=methods, watch=of_all, run=pool.map)
            made.append(found)
            print(f"{series.name} is done", flush=True)
    return made


def figures(made: Backtest) -> pd.DataFrame:
    """Metrics by method."""
    table = made.table()
    return table.pivot(index="method", columns="metric", values="value")[list(SHOWN)]


def best(made: list[Backtest]) -> dict[str, str]:
    """Of every panel the setting that did best on the others."""
    crps = pd.DataFrame({each.name: figures(each)["crps_ratio"] for each in made})
    crps = crps.loc[list(settings())]
    return {name: str(crps.drop(columns=name).mean(axis=1).idxmin()) for name in crps}


def only(made: Backtest, setting: str) -> Backtest:
    """A panel with one setting, under one name, beside those it is measured by."""
    kept = made.cells[made.cells["method"].isin([setting, "last_value", "quasi_binomial"])]
    return Backtest(made.name, kept.replace({"method": {setting: LEFT_OUT}}), made.seed)


def told() -> list[str]:
    made = tried()
    choice = best(made)
    left = [only(each, choice[each.name]) for each in made]
    lines = ["constants with the least CRPS on the other panels; figures of the panel left out"]
    lines.append(f"{'':36}" + "".join(f"{name:>12}" for name in SHOWN))
    for each, whole in zip(left, made, strict=True):
        lines += [f"{each.name}: {choice[each.name]}"]
        lines.append(_line("  " + LEFT_OUT, figures(each).loc[LEFT_OUT]))
        lines.append(_line("  as shipped", figures(whole).loc[_shipped()]))
    if len(left) > 1:
        lines.append("pooled: mean of panels, each counting once; ece of all forecasts")
        for words, name, parts in (("left out", LEFT_OUT, left), ("as shipped", _shipped(), made)):
            table = backtest.pooled(parts)
            row = table[table["method"] == name].set_index("metric")["value"]
            lines.append(_line("  " + words, row))
    return lines


def _shipped() -> str:
    return next(name for name, priors in settings().items() if priors == SHIPPED)


def _line(name: str, row: pd.Series) -> str:
    return f"{name:36}" + "".join(f"{row[metric]:12.3f}" for metric in SHOWN)


if __name__ == "__main__":
    keep("constants", told())
