"""How good the flow model is where the truth is known, beside the stock model on the same panels.

Run as `python benchmarks/flows.py [panels]`. Simulated districts of seven communes; forecasts of
the communes' rates of the poor one to four years ahead. One line a world: what differs from the
first, both models' mean absolute errors and how often their bands held the truth.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from keeping import keep

from povsim.backtest.simulation import Lived, World, live
from povsim.trajectory import Projection, check_flows, fit, fit_flows, project, project_flows

PANELS = 200
FIRST, AHEAD = 2021, 4
DRAWS = 500


@dataclass(frozen=True)
class Trial:
    """A world, how many reviews are known, and whether the poor that cannot work are counted."""

    name: str
    world: World
    reviews: int = 4
    counted: bool = True


TRIALS = (
    Trial("hazards about Kon Tum's, four reviews", World()),
    Trial("three reviews", World(), reviews=3),
    Trial("six reviews", World(), reviews=6),
    Trial("no labour capacity not counted", World(), counted=False),
    Trial("calm years (sd .1, no drift)", World(year_sd=0.1, drift_sd=0.0)),
    Trial("wild years (sd .3)", World(year_sd=0.3)),
    Trial("hazards that drift (sd .12 a year)", World(drift_sd=0.12)),
    Trial("units far apart (sd .5)", World(unit_sd=0.5)),
    Trial("households that move together (.02)", World(dispersion=0.02)),
    Trial("15 % poor at first", World(poor=0.15)),
    Trial("40 % poor at first", World(poor=0.40)),
    Trial("hamlets of 50 to 200 households", World(households=(50, 200))),
)


def scored(trial: Trial, seed: int) -> np.ndarray:
    """Of one panel (model, score, horizon): absolute error, inside 80 %, inside 95 %."""
    lived = live(trial.world, trial.reviews + AHEAD, seed, FIRST)
    seen = lived.until(FIRST + trial.reviews - 1)
    if not check_flows(seen.panel, seen.movements).usable:
        raise RuntimeError(f"{trial.name}, seed {seed}: movements that do not balance")
    truth = (lived.panel.poor / lived.panel.households)[:, -AHEAD:]
    return np.stack([_score(made, truth) for made in _forecasts(trial, seen)])


def _forecasts(trial: Trial, seen: Lived) -> tuple[Projection, Projection]:
    until = seen.panel.years[-1] + AHEAD
    structural = seen.structural if trial.counted else None
    flows = fit_flows(seen.panel, seen.movements, structural=structural)
    return (
        project_flows(flows, until, draws=DRAWS, seed=1),
        project(fit(seen.panel), until, draws=DRAWS, seed=1),
    )


def _score(made: Projection, truth: np.ndarray) -> np.ndarray:
    rates = made.households[0] / made.households.sum(axis=0)
    least, low, middle, high, most = np.quantile(rates, (0.025, 0.1, 0.5, 0.9, 0.975), axis=-1)
    inside = (low <= truth) & (truth <= high), (least <= truth) & (truth <= most)
    return np.stack([np.abs(middle - truth), *inside]).mean(axis=1)


def told(panels: int) -> list[str]:
    lines = [
        f"{panels} simulated districts of 7 communes a line, {DRAWS} draws; MAE in points, "
        "years ahead 1 to 4; ratio of the flow model's to the stock model's",
        f"{'':36} {'flow MAE':23} {'stock MAE':23} {'ratio':23} 2-4   "
        "flow cov80 (1 4) cov95   stock cov80 (4)",
    ]
    with ProcessPoolExecutor() as pool:
        for trial in TRIALS:
            mean = np.mean(list(pool.map(partial(scored, trial), range(panels))), axis=0)
            lines.append(_line(trial.name, *mean))
            print(lines[-1], flush=True)
    return lines


def _line(name: str, flow: np.ndarray, stock: np.ndarray) -> str:
    points = [" ".join(f"{100 * value:5.2f}" for value in model[0]) for model in (flow, stock)]
    ratios = " ".join(f"{value:5.2f}" for value in flow[0] / stock[0])
    later = flow[0, 1:].sum() / stock[0, 1:].sum()
    covers = f"{flow[1].mean():.3f} ({flow[1, 0]:.2f} {flow[1, -1]:.2f})  {flow[2].mean():.3f}"
    held = f"{stock[1].mean():.3f} ({stock[1, -1]:.2f})"
    return f"{name:36} {points[0]} {points[1]} {ratios} {later:.2f}   {covers}   {held}"


if __name__ == "__main__":
    keep("flows", told(int(sys.argv[1]) if len(sys.argv) > 1 else PANELS))
