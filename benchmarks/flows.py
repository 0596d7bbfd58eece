"""How good the flow model is where the truth is known, beside the stock model on the same panels.

Run as `python benchmarks/flows.py [panels]`. Simulated districts of seven communes; forecasts of
the communes' rates of the poor one to four years ahead. One line a world: what differs from the
first, both models' mean absolute errors and how often their bands held the truth. Worlds of the
first kind move as the flow model believes, by hazards that a unit's households share; those of
the second are lived household by household, each with chances of its own. The stock model uses
counts alone, without the plan's path; the last columns of errors are against the model as the
forecast takes it, with the path where the series asks for one, and against the one first designed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
from families import Families
from keeping import keep

from povsim.backtest.simulation import HAZARDS, Lived, World, live
from povsim.trajectory import (
    Movements,
    Panel,
    Priors,
    Projection,
    check_flows,
    fit,
    fit_flows,
    project,
    project_flows,
)
from povsim.trajectory.exposures import Source

PANELS = 200
FIRST, AHEAD = 2021, 4
DRAWS = 500


Life = Callable[[int, int], Lived]


def of(world: World, *, rest: int = 0) -> Life:
    """The life of a world, seen after so many years of it."""
    return partial(_lived, world, rest)


def _lived(world: World, rest: int, years: int, seed: int) -> Lived:
    whole = live(world, years + rest, seed, FIRST - rest)
    panel, moves = whole.panel, whole.movements
    counts = (panel.households, panel.poor, panel.near_poor)
    later = Panel(panel.units, panel.years[rest:], *(each[:, rest:] for each in counts))
    cells = {cell: each[:, rest:] for cell, each in moves.counts.items()}
    moved = Movements(moves.units, moves.years[rest:], cells)
    return Lived(later, moved, whole.structural[:, rest:])


@dataclass(frozen=True)
class Trial:
    """A life, how many reviews are known, and whether the poor that cannot work are counted."""

    name: str
    life: Life
    reviews: int = 4
    counted: bool = True


FASTER = {**HAZARDS, Source.POOR: (0.16, 0.24, 0.013)}
TRIALS = (
    Trial("hazards about Kon Tum's, four reviews", of(World())),
    Trial("three reviews", of(World()), reviews=3),
    Trial("five reviews", of(World()), reviews=5),
    Trial("no labour capacity not counted", of(World()), counted=False),
    Trial("calm years (sd .1, no drift)", of(World(year_sd=0.1, drift_sd=0.0))),
    Trial("wild years (sd .3)", of(World(year_sd=0.3))),
    Trial("hazards that drift (sd .12 a year)", of(World(drift_sd=0.12))),
    Trial("units alike (sd .1)", of(World(unit_sd=0.1))),
    Trial("units far apart (sd .5)", of(World(unit_sd=0.5))),
    Trial("households that move alone", of(World(dispersion=0.0))),
    Trial("households that move together (.02)", of(World(dispersion=0.02))),
    Trial("two in five of the poor escape", of(World(hazards=FASTER))),
    Trial("15 % poor at first", of(World(poor=0.15))),
    Trial("40 % poor at first", of(World(poor=0.40))),
    Trial("after five years of it, near its rest", of(World(), rest=5)),
    Trial("hamlets of 50 to 200 households", of(World(households=(50, 200)))),
    Trial("households one by one", Families().lived),
    Trial(". three reviews", Families().lived, reviews=3),
    Trial(". unlike each other (sd 1.2)", Families(ability=1.2).lived),
    Trial(". communes with years of their own", Families(unit_year_sd=0.25).lived),
    Trial(". rising sooner every year (+.1)", Families(trend=0.1).lived),
    Trial(". rising later every year (-.1)", Families(trend=-0.1).lived),
    Trial(". taken off by quota (15 % of first)", Families(quota=0.15).lived),
)
MODELS = ("flows", "stock", "stock with the plan's path", "stock as first designed")
DESIGNED = Priors(damping=(18.0, 2.0), year_sd=0.06)
"""The stock model whose falls slow down by a tenth a year, without the plan's path: what the flow
model was first held against.
"""


def scored(trial: Trial, seed: int) -> np.ndarray:
    """Of one panel (model, score, horizon): absolute error, inside 80 %, inside 95 %."""
    lived = trial.life(trial.reviews + AHEAD, seed)
    seen = lived.until(FIRST + trial.reviews - 1)
    verdict = check_flows(seen.panel, seen.movements)
    if not verdict.usable:
        raise RuntimeError(f"{trial.name}, seed {seed}: {verdict.codes}")
    truth = (lived.panel.poor / lived.panel.households)[:, -AHEAD:]
    return np.stack([_score(made, truth) for made in _forecasts(trial, seen)])


def _forecasts(trial: Trial, seen: Lived) -> tuple[Projection, ...]:
    until = seen.panel.years[-1] + AHEAD
    structural = seen.structural if trial.counted else None
    flows, stock = fit_flows(seen.panel, seen.movements, structural=structural), fit(seen.panel)
    return (
        project_flows(flows, until, draws=DRAWS, seed=1),
        project(stock, until, draws=DRAWS, seed=1, plan_like_weight=0.0),
        project(stock, until, draws=DRAWS, seed=1),
        project(fit(seen.panel, priors=DESIGNED), until, draws=DRAWS, seed=1, plan_like_weight=0.0),
    )


def _score(made: Projection, truth: np.ndarray) -> np.ndarray:
    rates = made.households[0] / made.households.sum(axis=0)
    least, low, middle, high, most = np.quantile(rates, (0.025, 0.1, 0.5, 0.9, 0.975), axis=-1)
    inside = (low <= truth) & (truth <= high), (least <= truth) & (truth <= most)
    return np.stack([np.abs(middle - truth), *inside]).mean(axis=1)


def measured(panels: int) -> dict[str, np.ndarray]:
    """Of each trial the mean (model, score, horizon) over panels."""
    means = {}
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for trial in TRIALS:
            each = list(pool.map(partial(scored, trial), range(panels), chunksize=10))
            means[trial.name] = np.mean(each, axis=0)
            print(_errors(trial.name, means[trial.name]), flush=True)
    return means


def told(panels: int) -> list[str]:
    means = measured(panels)
    means["mean of all worlds"] = np.mean(list(means.values()), axis=0)
    return [
        f"{panels} simulated districts of 7 communes a line, {DRAWS} draws, years ahead 1 to 4; "
        "flow model, and stock model without the plan's path",
        "Mean absolute error in points; ratios of the flow model's to the stock model's, the last "
        "two to the stock model with the plan's path, and as first designed (falls slow by .9)",
        f"{'':39}{'flow':24}{'stock':24}{'ratio':24}{'2-4':7}{'path':7}designed",
        *(_errors(name, mean) for name, mean in means.items()),
        "Share of truths inside the bands",
        f"{'':39}{'flow 80 %':30}{'flow 95 %':11}{'stock 80 %':30}stock 95 %",
        *(_bands(name, mean) for name, mean in means.items()),
    ]


def _errors(name: str, mean: np.ndarray) -> str:
    flow, stock, *others = mean[:, 0]
    points = [" ".join(f"{100 * value:5.2f}" for value in model) for model in (flow, stock)]
    ratios = " ".join(f"{value:5.2f}" for value in flow / stock)
    later = "  ".join(f"{flow[1:].mean() / other[1:].mean():5.3f}" for other in (stock, *others))
    return f"{name:38}{points[0]} {points[1]} {ratios}  {later}"


def _bands(name: str, mean: np.ndarray) -> str:
    parts = []
    for _, narrow, wide in mean[:2]:
        by_year = " ".join(f"{value:.2f}" for value in narrow)
        parts.append(f"{narrow.mean():.3f} ({by_year})  {wide.mean():.3f}")
    return f"{name:38} {parts[0]}      {parts[1]}"


if __name__ == "__main__":
    keep("flows", told(int(sys.argv[1]) if len(sys.argv) > 1 else PANELS))
