"""The shared problem of `allocation.py` in atomica, in an environment of its own.

Reads JSON from standard input: units' poor, by line what a household costs, by line and unit how
many can be served and how much it adds to the chance to leave poverty, the budget, seconds to
search. Prints JSON: đồng (millions) by line and unit, and the seconds of the search alone.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import atomica as at
import numpy as np
import openpyxl

NOW, END = 2025.0, 2026.0
BASE = 0.05
SHEETS: dict[str, list[list[Any]]] = {
    "Databook Pages": [
        ["Datasheet Code Name", "Datasheet Title"],
        ["stocks", "Stocks"],
        ["chances", "Chances"],
    ],
    "Compartments": [
        ["Code Name", "Display Name", "Is Source", "Is Sink", "Is Junction", "Databook Page"],
        ["poor", "Poor", "n", "n", "n", "stocks"],
        ["out", "Out", "n", "n", "n", "stocks"],
    ],
    "Transitions": [[None, "poor", "out"], ["poor", None, "rise"], ["out", None, None]],
    "Parameters": [
        ["Code Name", "Display Name", "Format", "Databook Page", "Targetable", "Default Value"],
        ["rise", "Chance to rise", "Probability", "chances", "y", BASE],
    ],
}


def framework() -> at.ProjectFramework:
    """The poor leave with a chance that programmes raise."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in SHEETS.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "framework.xlsx"
        book.save(path)
        return at.ProjectFramework(path)


def project(asked: dict[str, Any]) -> at.Project:
    made, units = framework(), len(asked["poor"])
    pops = {f"unit{u}": f"Unit {u}" for u in range(units)}
    data = at.ProjectData.new(made, np.array([NOW]), pops=pops, transfers=0)
    for u, poor in enumerate(asked["poor"]):
        for name, value in (("poor", poor), ("out", 0.0), ("rise", BASE)):
            data.tdve[name].ts[f"unit{u}"].insert(NOW, value)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.xlsx"
        data.save(path)
        return at.Project(
            framework=made, databook=path, sim_start=NOW, sim_end=END, sim_dt=1.0, do_run=False
        )


def programmes(made: at.Project, asked: dict[str, Any]) -> at.ProgramSet:
    """A programme a line and unit: additive, up to what can be served."""
    names = [
        (line, unit) for line in range(len(asked["cost"])) for unit in range(len(asked["poor"]))
    ]
    progs = {f"line{line}unit{unit}": f"Line {line} unit {unit}" for line, unit in names}
    progset = at.ProgramSet.new(tvec=np.array([NOW]), progs=progs, project=made)
    start = asked["budget"] / len(names)
    for line, unit in names:
        prog, pop = progset.programs[f"line{line}unit{unit}"], f"unit{unit}"
        prog.target_pops, prog.target_comps = [pop], ["poor"]
        prog.unit_cost = at.TimeSeries(NOW, asked["cost"][line], units="$/person (one-off)")
        prog.capacity_constraint = at.TimeSeries(NOW, asked["reach"][line][unit], units="people")
        prog.spend_data = at.TimeSeries(NOW, start, units="$/year")
    for unit in range(len(asked["poor"])):
        effects = {
            f"line{line}unit{unit}": BASE + asked["gain"][line][unit]
            for line in range(len(asked["cost"]))
        }
        progset.covouts["rise", f"unit{unit}"] = at.programs.Covout(
            par="rise",
            pop=f"unit{unit}",
            cov_interaction="additive",
            imp_interaction=None,
            uncertainty=0.0,
            baseline=BASE,
            progs=effects,
        )
    return progset


def main() -> None:
    asked = json.load(sys.stdin)
    logging.disable(logging.CRITICAL)
    made = project(asked)
    progset = programmes(made, asked)
    instructions = at.ProgramInstructions(start_year=NOW, alloc=progset)
    adjustments = []
    for name in progset.programs:
        line, unit = name.removeprefix("line").split("unit")
        most = asked["cost"][int(line)] * asked["reach"][int(line)][int(unit)]
        adjustments.append(
            at.SpendingAdjustment(
                name,
                NOW,
                "abs",
                0.0,
                most,
                initial=min(most, asked["budget"] / len(progset.programs)),
            )
        )
    optimization = at.Optimization(
        name="best",
        adjustments=adjustments,
        measurables=[at.MaximizeMeasurable("out", END)],
        constraints=at.TotalSpendConstraint(total_spend=asked["budget"], t=NOW),
        maxtime=asked["seconds"],
        maxiters=100_000,
        method=asked["method"],
    )
    start = perf_counter()
    found = at.optimize(made, optimization, made.parsets[0], progset, instructions)
    seconds = perf_counter() - start
    money = [
        [float(found.alloc[f"line{line}unit{unit}"].get(NOW)) for unit in range(len(asked["poor"]))]
        for line in range(len(asked["cost"]))
    ]
    print(json.dumps({"money": money, "seconds": seconds}))


if __name__ == "__main__":
    main()
