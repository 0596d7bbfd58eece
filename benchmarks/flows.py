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

import numpy as np
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
from povsim.trajectory.exposures import COHORTS, DESTINATIONS, Source
from povsim.trajectory.movements import CELLS
from povsim.vocabulary import Flow, State

PANELS = 200
FIRST, AHEAD = 2021, 4
DRAWS = 500


@dataclass(frozen=True, kw_only=True)
class Families:
    """A district lived household by household; standard deviations are on the logit.

    `ability` spread of households' own chances, for good: who can leave leaves first. `unit_sd`
    of communes for good, `year_sd` of a year for all, `unit_year_sd` of a commune's year; `trend`
    by which chances to rise grow each year. With `quota` each commune takes that share of its
    first poor off the list each year, whatever their chances.
    """

    ability: float = 0.7
    unit_sd: float = 0.25
    year_sd: float = 0.20
    unit_year_sd: float = 0.10
    trend: float = 0.0
    quota: float = 0.0
    poor: float = 0.25
    near_poor: float = 0.09
    structural: float = 0.138
    born: float = 0.018
    units: int = 7
    households: tuple[int, int] = (300, 2500)

    def lived(self, years: int, seed: int) -> Lived:
        dice = np.random.default_rng(seed)
        village, stocks, moves = Village(self, dice), [], []
        stocks.append(village.counted())
        for year in range(1, years):
            moves.append(village.year(year))
            stocks.append(village.counted())
        names, reviews = tuple(f"unit {i}" for i in range(self.units)), range(FIRST, FIRST + years)
        households, poor, near_poor, stuck = np.array(stocks, dtype=float).transpose(1, 2, 0)
        counts = {cell: np.stack([moved[cell] for moved in moves], axis=1) for cell in CELLS}
        movements = Movements(names, tuple(reviews)[1:], counts)
        return Lived(Panel(names, tuple(reviews), households, poor, near_poor), movements, stuck)


POOR, NEAR, OUT, GONE = range(4)
NEVER = 99
PLACES = {"poor": POOR, "near_poor": NEAR, "above": OUT, "gone": GONE}
RELAPSE = np.array([4.0, 3.0, 2.0])
"""Odds to fall back in the first, second and third year after leaving, beside the others'."""


class Village:
    """Households one by one: unit, place, own chance, years since they left, able to work."""

    def __init__(self, truth: Families, dice: np.random.Generator) -> None:
        self.truth, self.dice = truth, dice
        size = dice.integers(*truth.households, truth.units)
        self.unit = np.repeat(np.arange(truth.units), size)
        self.chance = dice.normal(0, truth.ability, len(self.unit))
        self.since = np.full(len(self.unit), NEVER)
        self.own = dice.normal(0, truth.unit_sd, (2, truth.units))
        worse = dice.logistic(dice.normal(0, 0.4, truth.units)[self.unit]) - self.chance
        cuts = np.quantile(worse, [1 - truth.poor, 1 - truth.poor - truth.near_poor])
        self.place = np.where(worse > cuts[0], POOR, np.where(worse > cuts[1], NEAR, OUT))
        self.stuck = (self.place == POOR) & (dice.random(len(worse)) < truth.structural)
        self.first = self._by_unit(self.place == POOR)

    def counted(self) -> list[np.ndarray]:
        """Households, poor, near-poor and the poor that cannot work (unit,)."""
        poor = self.place == POOR
        marked = (self.place != GONE, poor, self.place == NEAR, poor & self.stuck)
        return [self._by_unit(each) for each in marked]

    def year(self, year: int) -> dict[tuple[State, Flow], np.ndarray]:
        """One year lived: the cells of F2 and F3 (unit,)."""
        opening, recent = self.place.copy(), self.since < COHORTS
        self.place = self._moved(opening, recent, year)
        if self.truth.quota:
            self._taken_off(opening)
        left = (opening < OUT) & (self.place == OUT)
        self.since = np.where(left, 0, np.where(self.place == OUT, self.since + 1, NEVER))
        cells = self._cells(opening, recent)
        for name, born in self._born().items():
            cells[DESTINATIONS[Source.ARRIVALS][name]] = born
        cells[State.POOR, Flow.NEAR_POOR_TO_POOR] = cells[State.NEAR_POOR, Flow.FELL_TO_POOR]
        cells[State.NEAR_POOR, Flow.POOR_TO_NEAR_POOR] = cells[
            State.POOR, Flow.ESCAPED_TO_NEAR_POOR
        ]
        return cells

    def _moved(self, opening: np.ndarray, recent: np.ndarray, year: int) -> np.ndarray:
        """Where everyone goes: the best of logits and Gumbel noise, which is multinomial."""
        truth, dice = self.truth, self.dice
        shocks = dice.normal(0, truth.year_sd, 2)[:, None] + dice.normal(
            0, truth.unit_year_sd, (2, truth.units)
        )
        up, down = (self.own + shocks)[:, self.unit]
        up, down = up + truth.trend * year + self.chance - 2.5 * self.stuck, down - self.chance
        logits = np.full((4, len(opening)), -np.inf)
        logits[opening, np.arange(len(opening))] = 0.0
        for source, place in (
            (Source.POOR, POOR),
            (Source.NEAR_POOR, NEAR),
            (Source.NOT_POOR, OUT),
        ):
            shares, at = HAZARDS[source], opening == place
            for name, share in zip(DESTINATIONS[source], shares, strict=True):
                to = PLACES[name]
                pull = 0.0 if to == GONE else (up if to > place else down)
                level = np.log(share / (1 - sum(shares)))
                logits[to] = np.where(at, level + pull, logits[to])
        logits[:OUT, recent] += np.log(RELAPSE[self.since[recent]])
        return np.argmax(logits + dice.gumbel(size=logits.shape), axis=0)

    def _taken_off(self, opening: np.ndarray) -> None:
        """The quota instead: the ablest are taken off, half of them to the near-poor."""
        truth, dice = self.truth, self.dice
        score = np.where(self.stuck, -9.0, self.chance) + dice.gumbel(size=len(opening))
        quotas = np.rint(truth.quota * self.first * np.exp(dice.normal(0, 0.15, truth.units)))
        for unit, quota in enumerate(quotas):
            listed = np.flatnonzero((opening == POOR) & (self.unit == unit) & (self.place != GONE))
            self.place[listed] = POOR
            chosen = listed[np.argsort(-score[listed])[: int(quota)]]
            self.place[chosen] = np.where(dice.random(len(chosen)) < 0.45, NEAR, OUT)

    def _cells(
        self, opening: np.ndarray, recent: np.ndarray
    ) -> dict[tuple[State, Flow], np.ndarray]:
        out = opening == OUT
        sources = {
            Source.POOR: opening == POOR,
            Source.NEAR_POOR: opening == NEAR,
            Source.RECENTLY_ESCAPED: out & recent,
            Source.NOT_POOR: out & ~recent,
        }
        return {
            cell: self._by_unit(marked & (self.place == PLACES[name]))
            for source, marked in sources.items()
            for name, cell in DESTINATIONS[source].items()
        }

    def _born(self) -> dict[str, np.ndarray]:
        """New households of the young: one in eight poor, one in eight near-poor."""
        present = np.flatnonzero(self.place != GONE)
        parents = present[self.dice.random(len(present)) < self.truth.born]
        place = self.dice.choice([POOR, NEAR, OUT, OUT, OUT, OUT, OUT, OUT], len(parents))
        unit = self.unit[parents]
        self.unit = np.concatenate([self.unit, unit])
        self.place = np.concatenate([self.place, place])
        self.since = np.concatenate([self.since, np.full(len(parents), NEVER)])
        self.chance = np.concatenate([self.chance, self.chance[parents]])
        self.stuck = np.concatenate([self.stuck, np.zeros(len(parents), dtype=bool)])
        count = partial(np.bincount, minlength=self.truth.units)
        return {
            "poor": count(unit[place == POOR]).astype(float),
            "near_poor": count(unit[place == NEAR]).astype(float),
        }

    def _by_unit(self, marked: np.ndarray) -> np.ndarray:
        return np.bincount(self.unit[marked], minlength=self.truth.units).astype(float)


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
    with ProcessPoolExecutor() as pool:
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
