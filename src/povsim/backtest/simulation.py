"""Panels with known hazards: a world in which households move as they do in the forms F2 and F3.

What a model of movements is tried on, since no published panel has gross flows of small areas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from povsim.trajectory import Counts, Floats, Movements, Panel, paths
from povsim.trajectory.exposures import COHORTS, DESTINATIONS, Source
from povsim.trajectory.movements import CELLS, LEAVING
from povsim.vocabulary import Flow, State

HAZARDS: Mapping[Source, tuple[float, ...]] = {
    Source.POOR: (0.13, 0.165, 0.013),
    Source.NEAR_POOR: (0.03, 0.25, 0.01),
    Source.RECENTLY_ESCAPED: (0.02, 0.012),
    Source.NOT_POOR: (0.005, 0.01),
    Source.ARRIVALS: (0.002, 0.001),
}
"""Shares a year in the order of `DESTINATIONS`, about those of Kon Tum in 2022: 30.8 % of the poor
left, 1.9 % of the near-poor fell, .5 % of the others became poor."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What is true of a simulated district; standard deviations are on the logit.

    `poor` share of households at the first review, `near_poor` and `escaped` (in each of the years
    before) of the others; `hazards` at the mean; `unit_sd` of units about them, for good;
    `year_sd` of a year's shock to all units; `drift_sd` of what stays of it; `dispersion` the
    correlation of households of a unit and year; `structural` share of the poor that cannot leave
    by themselves.
    """

    units: int = 7
    households: tuple[int, int] = (300, 2500)
    poor: float = 0.25
    near_poor: float = 0.12
    escaped: float = 0.06
    hazards: Mapping[Source, tuple[float, ...]] = field(default_factory=lambda: HAZARDS)
    unit_sd: float = 0.25
    year_sd: float = 0.20
    drift_sd: float = 0.05
    dispersion: float = 0.005
    structural: float = 0.138
    growth: float = 0.0125


@dataclass(frozen=True, eq=False)
class Lived:
    """What became of a world: its reviews, its movements, and the poor that cannot work.

    `structural` is (unit, year) at the panel's reviews; movements start a year after the first.
    """

    panel: Panel
    movements: Movements
    structural: Floats

    def until(self, year: int) -> Lived:
        """As it was known at the review of a year."""
        seen = [t for t, each in enumerate(self.panel.years) if each <= year]
        moved = [t for t, each in enumerate(self.movements.years) if each <= year]
        stocks = (self.panel.households, self.panel.poor, self.panel.near_poor)
        counts = {cell: each[:, moved] for cell, each in self.movements.counts.items()}
        years = (tuple(y for y in p.years if y <= year) for p in (self.panel, self.movements))
        reviews, flows = years
        return Lived(
            Panel(self.panel.units, reviews, *(each[:, seen] for each in stocks)),
            Movements(self.movements.units, flows, counts),
            self.structural[:, seen],
        )


def live(world: World, years: int, seed: int, first: int = 2021) -> Lived:
    """Households of a world over so many reviews, the first one of the year `first`."""
    dice = np.random.default_rng(seed)
    logits = {s: _logits(world, s, years, dice) for s in Source}
    now = _start(world, dice)
    stocks, moves = [now], []
    for year in range(1, years):
        moved = {s: _moved(world, now, s, logits[s][:, :, year], dice) for s in Source}
        gone = dice.binomial(now.structural, paths.share(logits[Source.POOR][2, :, year]))
        now = _next(world, now, moved, gone, dice)
        stocks.append(now)
        moves.append(_cells(moved, gone))
    names = tuple(f"unit {i}" for i in range(world.units))
    panel = Panel(
        names,
        tuple(range(first, first + years)),
        np.stack([each.households for each in stocks], axis=1),
        np.stack([each.poor + each.structural for each in stocks], axis=1),
        np.stack([each.near_poor for each in stocks], axis=1),
    )
    counted = {c: np.stack([m[c] for m in moves], axis=1).astype(float) for c in CELLS}
    movements = Movements(names, panel.years[1:], counted)
    return Lived(panel, movements, np.stack([s.structural for s in stocks], axis=1).astype(float))


@dataclass(frozen=True, eq=False)
class _Stocks:
    """Households (unit,) at a review; `cohorts` (unit, COHORTS) escaped lately."""

    households: Counts
    poor: Counts
    structural: Counts
    near_poor: Counts
    cohorts: Counts


def _start(world: World, dice: np.random.Generator) -> _Stocks:
    households = dice.integers(*world.households, world.units)
    share = paths.share(np.log(world.poor / (1 - world.poor)) + dice.normal(0, 0.4, world.units))
    poor = dice.binomial(households, share)
    structural = dice.binomial(poor, world.structural)
    near_poor = dice.binomial(households - poor, world.near_poor)
    others = (households - poor - near_poor)[:, None]
    cohorts = dice.binomial(others, world.escaped, (world.units, COHORTS))
    return _Stocks(households, poor - structural, structural, near_poor, cohorts)


def _logits(world: World, source: Source, span: int, dice: np.random.Generator) -> Floats:
    """Logits against staying (destination, unit, year)."""
    shares = np.array(world.hazards[source])
    level = np.log(shares / (1 - shares.sum()))
    shape = (len(shares), world.units, span)
    own = dice.normal(0, world.unit_sd, shape[:2])[..., None]
    steps = dice.normal(0, world.drift_sd, (shape[0], 1, span)).cumsum(axis=2)
    shocks = dice.normal(0, world.year_sd, (shape[0], 1, span))
    return np.asarray(level[:, None, None] + own + steps + shocks)


def _moved(
    world: World, now: _Stocks, source: Source, logits: Floats, dice: np.random.Generator
) -> Counts:
    """Households that move (destination, unit); of the recently escaped by cohort too."""
    raw = np.exp(np.concatenate([logits, np.zeros((1, logits.shape[1]))])).T
    shares = raw / raw.sum(axis=1, keepdims=True)
    if world.dispersion:
        gammas = dice.standard_gamma(shares * (1 / world.dispersion - 1)) + 1e-12
        shares = gammas / gammas.sum(axis=1, keepdims=True)
    others = now.households - now.poor - now.structural - now.near_poor
    at_risk = {
        Source.POOR: now.poor,
        Source.NEAR_POOR: now.near_poor,
        Source.RECENTLY_ESCAPED: now.cohorts,
        Source.NOT_POOR: others - now.cohorts.sum(axis=1),
        Source.ARRIVALS: now.households,
    }[source]
    shares = shares[:, None] if at_risk.ndim > 1 else shares
    return np.asarray(np.moveaxis(dice.multinomial(at_risk, shares), -1, 0)[:-1])


def _next(
    world: World,
    now: _Stocks,
    moved: Mapping[Source, Counts],
    gone: Counts,
    dice: np.random.Generator,
) -> _Stocks:
    cells = _cells(moved, gone)
    change = {
        state: sum(_sign(s, flow) * cells[s, flow] for s, flow in CELLS if s is state)
        for state in (State.POOR, State.NEAR_POOR)
    }
    poor = now.poor + change[State.POOR] + gone  # the structural poor that are gone are not these
    near_poor = now.near_poor + change[State.NEAR_POOR]
    left = now.structural - gone
    relapsed = moved[Source.RECENTLY_ESCAPED].sum(axis=0)
    kept = (now.cohorts - relapsed)[:, : COHORTS - 1]
    escaped = moved[Source.POOR][1] + moved[Source.NEAR_POOR][1]
    grown = now.households * (1 + world.growth + dice.normal(0, 0.01, world.units))
    listed = poor + left + near_poor
    cohorts = np.column_stack([escaped, kept])
    whole = np.maximum(np.rint(grown).astype(np.int64), listed + cohorts.sum(axis=1))
    return _Stocks(whole, poor, left, near_poor, cohorts)


def _sign(state: State, flow: Flow) -> int:
    return -1 if flow in LEAVING[state] else 1


def _cells(moved: Mapping[Source, Counts], gone: Counts) -> dict[tuple[State, Flow], Counts]:
    """The cells of F2 and F3 (unit,); what leaves one state for the other stands in both forms."""
    cells: dict[tuple[State, Flow], Counts] = {}
    for source, names in DESTINATIONS.items():
        for cell, counts in zip(names.values(), moved[source], strict=True):
            cells[cell] = counts.sum(axis=1) if counts.ndim > 1 else counts
    cells[State.POOR, Flow.OTHER_DECREASE] = cells[State.POOR, Flow.OTHER_DECREASE] + gone
    down = cells[State.NEAR_POOR, Flow.FELL_TO_POOR]
    up = cells[State.POOR, Flow.ESCAPED_TO_NEAR_POOR]
    return cells | {
        (State.POOR, Flow.NEAR_POOR_TO_POOR): down,
        (State.NEAR_POOR, Flow.POOR_TO_NEAR_POOR): up,
    }
