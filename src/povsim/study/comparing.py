"""Scenarios side by side: what each brings, and what it changes on the very same draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from povsim.findings import refuse
from povsim.plan import DISTRICT
from povsim.population import POOR_FROM
from povsim.scenarios import Item, Scenario
from povsim.simulation import Outcome, World, run
from povsim.study.outlooks import Outlook
from povsim.trajectory import Floats
from povsim.vocabulary import Indicator

BAND = (0.1, 0.9)
"""Of the central band beside each mean: 80 of a hundred draws."""
COLUMNS = ("scenario", "area", "year", "measure", "mean", "low", "high")
CHANGED = ("change", "change_low", "change_high")

Measure = Callable[[Outcome, list[int]], Floats]
"""Draws (year, draw) of some units together."""


def _sum(name: str) -> Measure:
    return lambda outcome, units: np.asarray(getattr(outcome, name)[units].sum(axis=0), float)


def _money(name: str) -> Measure:
    return lambda outcome, units: np.asarray(
        getattr(outcome, name)[:, units].sum(axis=(0, 1)), float
    )


def _so_far(money: Measure) -> Measure:
    """The sum of the plan's years up to each: after it all scenarios spend alike."""

    def measure(outcome: Outcome, units: list[int]) -> Floats:
        planned = np.array(outcome.years) <= outcome.world.last_planned
        return np.asarray((money(outcome, units) * planned[:, None]).cumsum(axis=0))

    return measure


def _per(count: Measure, all_of: Measure) -> Measure:
    return lambda outcome, units: count(outcome, units) / np.maximum(all_of(outcome, units), 1.0)


def _lacked(outcome: Outcome, units: list[int]) -> Floats:
    lacked = outcome.tally.lacking[units, :, :, 0].sum(axis=(0, -1))
    return np.asarray(lacked / len(Indicator))


def _threshold(outcome: Outcome, units: list[int]) -> Floats:
    return np.asarray(outcome.at_threshold()[units].sum(axis=0))


def _worst(outcome: Outcome, units: list[int]) -> Floats:
    return np.asarray(outcome.headcount[units].max(axis=0))


MEASURES: Mapping[str, Measure] = {
    "poor": _sum("poor"),
    "near_poor": _sum("near_poor"),
    "recently_escaped": _sum("recently_escaped"),
    "not_poor": _sum("not_poor"),
    "rate": _per(_sum("poor"), _sum("households")),
    "intensity": _per(_lacked, _sum("poor")),
    "adjusted": _per(_lacked, _sum("households")),
    "worst": _worst,
    "served": _so_far(_money("reached")),
    "spent": _so_far(_money("spent")),
    "unspent": _so_far(_money("unspent")),
    "creaming": _per(_so_far(_threshold), _so_far(_money("spent"))),
    "cliffs": lambda outcome, units: np.asarray(outcome.cliffs()[units].sum(axis=0), float),
}
"""What is told of units together: households by state; the rate, A and M0 of households; the rate
of the poorest unit; of the plan's years so far households served, đồng spent and left, the share of
money that went to households that lack just three; entitlements that ended in the year because a
household left poverty."""


def compare(
    world: World, others: Sequence[Scenario], *, areas: Sequence[str] | None = None
) -> pd.DataFrame:
    """The current plan and other scenarios side by side.

    Returns:
        A row a scenario, area (the district first), year and measure (MEASURES): `mean`, `low` and
        `high` (80 of a hundred draws), and the `change` against the current plan with a band of its
        own, on the same draws.
    """
    return contrasted([run(world), *(run(world, other) for other in others)], areas)


def contrasted(outcomes: Sequence[Outcome], areas: Sequence[str] | None = None) -> pd.DataFrame:
    """As `compare`, of outcomes in hand: the first is the one that others are held against."""
    base = outcomes[0]
    rows = [
        row
        for outcome in outcomes
        for area in (areas or [DISTRICT, *base.units])
        for row in _rows(base, outcome, area)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, *CHANGED])


def _rows(base: Outcome, outcome: Outcome, area: str) -> Iterator[tuple[object, ...]]:
    for name, measure in MEASURES.items():
        before, after = (measure(each, units_of(each.world, area)) for each in (base, outcome))
        for t, year in enumerate(outcome.years):
            told, change = after[t], after[t] - before[t]
            yield outcome.scenario.name, area, year, name, *_band(told), *_band(change)


def _band(draws: Floats) -> tuple[float, float, float]:
    low, high = np.quantile(draws, BAND)
    return float(draws.mean()), float(low), float(high)


def units_of(world: World, area: str) -> list[int]:
    """The numbers of an area's units: one, or all of the district.

    Raises:
        Refusal: `unit_unknown`.
    """
    if area == DISTRICT:
        return list(range(len(world.units)))
    if area not in world.units:
        raise refuse("unit_unknown", unit=area, known=", ".join(world.units))
    return [world.units.index(area)]


def under(view: Outlook, outcome: Outcome) -> Outlook:
    """The outlook as it is under a scenario: its targets judged by the scenario's draws."""
    made = view.forecast
    assert made is not None, "a world has a forecast"
    return replace(view, forecast=replace(made, projections={made.used: outcome.projection}))


def chances(view: Outlook, outcome: Outcome) -> pd.DataFrame:
    """The chance of every target still ahead under a scenario: area, year, kind, chance, error."""
    seen = under(view, outcome)
    rows = [
        (area, aim.target.year, str(aim.target.kind), aim.chance, aim.error)
        for area in (DISTRICT, *view.areas)
        for aim in seen.aims(area)
        if aim.chance is not None
    ]
    return pd.DataFrame(rows, columns=["area", "year", "kind", "chance", "error"])


@dataclass(frozen=True)
class Change:
    """What a scenario changes in an area and year, by draw: the other less the current (draw,).

    `adjusted` is M0 of households; `served` more households, `at_threshold` those of them that lack
    just three; `by_depth` more served by the number lacked, None where no form tells.
    """

    year: int
    poor: Floats
    near_poor: Floats
    adjusted: Floats
    served: Floats
    at_threshold: Floats
    spent: Floats
    unspent: Floats
    by_depth: Mapping[int | None, Floats]


def changes(one: Outcome, other: Outcome, area: str = DISTRICT) -> list[Change]:
    """What the other scenario changes against the one in an area, year by year."""
    units = units_of(one.world, area)
    measures = {name: MEASURES[name] for name in ("poor", "near_poor", "adjusted")}
    measures |= {
        "served": _money("reached"),
        "spent": _money("spent"),
        "unspent": _money("unspent"),
    }
    told = {name: of(other, units) - of(one, units) for name, of in measures.items()}
    before, after = one.reached_by_depth(), other.reached_by_depth()
    depth = {d: (after[d] - before[d])[units].sum(axis=0) for d in before}
    return [
        Change(
            year,
            at_threshold=depth[POOR_FROM][t].astype(float),
            by_depth={d: draws[t].astype(float) for d, draws in depth.items()},
            **{name: draws[t] for name, draws in told.items()},
        )
        for t, year in enumerate(one.years)
    ]


def more(world: World, line: str, unit: str, million_vnd: float) -> Scenario:
    """The current plan and so many million đồng more for one line and unit in the first year.

    What cannot be spent of it is told by the outcome.

    Raises:
        Refusal: `scenario_line`, `scenario_unit`, `scenario_money` (less than nothing).
    """
    lines, year = [each.id for each in world.lines], world.years[0]
    if line not in lines:
        raise refuse("scenario_line", value=line, known=", ".join(lines))
    if unit not in world.units:
        raise refuse("scenario_unit", value=unit, known=", ".join(world.units))
    item, money = Item(line, unit, year), round(million_vnd * 1e6)
    if world.current.money(line, unit, year) + money < 0:
        raise refuse("scenario_money", value=million_vnd, year=year)
    return world.current.with_more(item, money)
