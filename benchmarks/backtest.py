"""How good the forecasts are on real panels, against the methods that are commonly used.

Run as `python benchmarks/backtest.py [panel …]`: CSV files, else all in $POVSIM_PANELS or in
../shared/panels. A table a panel; every metric with its interval goes to the CSV beside it. With
every method and all areas it takes half an hour.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import pandas as pd
from keeping import FOLDER, keep

from povsim import backtest
from povsim.commands.backtest import lines

HOME = Path(__file__).parents[1]


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
    told, tables = [], []
    for path in panels():
        series = backtest.read(path)
        tables.append(backtest.backtest(series).table())
        span = f"{series.years[0]}-{series.years[-1]}"
        told += [f"{series.name}: {len(series.areas):,} areas, {span}", *lines(tables[-1], "en")]
        print("\n".join(told), flush=True)
    whole = pd.concat(tables, ignore_index=True)
    whole.round(5).to_csv(FOLDER / f"{date.today()}-backtest.csv", index=False)
    keep("backtest", told)


if __name__ == "__main__":
    main()
