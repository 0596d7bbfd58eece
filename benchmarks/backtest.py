"""How good the forecasts are on real panels, against the methods that are commonly used.

Run as `python benchmarks/backtest.py [panel …]`: CSV files, else all in $POVSIM_PANELS or in
../shared/panels. A table a panel, and one of all panels together; every metric with its interval
goes to the CSV beside it. The tasks are shared among all cores, which changes no figure. With every
method and all areas it takes half an hour on one core.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
from keeping import FOLDER, keep

from povsim import backtest
from povsim.commands.backtest import lines

HOME = Path(__file__).parents[1]
POOLED = "pooled: mean of {} panels, each counting once; the chance is off by that of all forecasts"


def panels() -> list[Path]:
    """The files named, else those of the folder of panels."""
    if len(sys.argv) > 1:
        return [Path(name) for name in sys.argv[1:]]
    folder = Path(os.environ.get("POVSIM_PANELS", HOME.parent / "shared" / "panels"))
    found = sorted(folder.glob("*.csv*"))
    if not found:
        sys.exit("no panels: set POVSIM_PANELS to a folder of CSV files (area_id, year, …)")
    return found


def main() -> None:
    told, made = [], []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for path in panels():
            series = backtest.read(path)
            made.append(backtest.backtest(series, run=pool.map))
            span = f"{series.years[0]}-{series.years[-1]}"
            head = f"{series.name}: {len(series.areas):,} areas, {span}"
            told += [head, *lines(made[-1].table(), "en")]
            print(head, "is done", flush=True)
    tables = [each.table() for each in made]
    if len(made) > 1:
        tables.append(backtest.pooled(made))
        told += [POOLED.format(len(made)), *lines(tables[-1], "en")]
    whole = pd.concat(tables, ignore_index=True)
    whole.round(5).to_csv(FOLDER / f"{date.today()}-backtest.csv", index=False)
    keep("backtest", told)


if __name__ == "__main__":
    main()
