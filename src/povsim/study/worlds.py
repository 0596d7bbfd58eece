"""The world of a plan's scenarios: its units' households, their years ahead, what is spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from povsim import effects
from povsim.effects.spending import Spending, read
from povsim.findings import refuse
from povsim.population import Counts, Margins, rebuild, tilts
from povsim.simulation import World, Year
from povsim.study.outlooks import Outlook, movements_of, structural_of
from povsim.trajectory import Floats, Model, Panel, fit_flows, histories
from povsim.vocabulary import Indicator, Origin

TILTS = 20
"""So many ways to put households together behind the same counts; draws take them in turn."""
WORLD_DRAWS = 1000
NOTHING = Spending("", Origin.SAMPLE, "", {})


def world(outlook: Outlook, *, draws: int = WORLD_DRAWS, tilts_drawn: int = TILTS) -> World:
    """The households of an outlook's units from its review to the plan's last year.

    Raises:
        Refusal: `horizon_past`; `world_flows` where movements cannot carry the forecast; faults of
            the lines, of the current spending, and of the forms' margins.
    """
    forecast = outlook.forecast
    if forecast is None:
        raise refuse("horizon_past", until=outlook.plan.last_year, origin=outlook.year)
    if forecast.used is not Model.FLOWS:
        raise refuse("world_flows", year=outlook.year)
    panel = Panel.from_stocks(outlook.stocks)
    movements = movements_of(outlook.release, panel)
    assert movements is not None, "movements carry the forecast"
    model = fit_flows(panel, movements, structural=structural_of(outlook.release, panel))
    check = forecast.checks[Model.FLOWS]
    lived = histories(
        model,
        outlook.plan.last_year,
        draws=draws,
        seed=outlook.seed,
        widening=check.widening if check else 1.0,
    )
    margins = Margins.of_forms(outlook.release.facts, outlook.year)
    drawn = tilts(tilts_drawn, outlook.seed)
    populations = [rebuild(margins, tilt=float(tilt), seed=outlook.seed) for tilt in drawn]
    return World(populations, lived, effects.lines(), current_spending(outlook), outlook.seed)


def current_spending(outlook: Outlook) -> Spending:
    """What the plan spends today, by its file; nothing where it names none.

    Raises:
        Refusal: as `effects.spending.read`.
    """
    plan = outlook.plan
    if plan.current_spending is None:
        return NOTHING
    return read(
        plan.current_spending,
        lines=[line.id for line in effects.lines()],
        units={unit.id.code: str(unit.id) for unit in outlook.units},
        years=range(plan.first_year, plan.last_year + 1),
    )


@dataclass(frozen=True)
class Change:
    """What other spending changes in a unit and year, by draw: the other less the current (draw,).

    `lacked` is the sum of what the poor lack, over the twelve indicators and the unit's households
    (M0 of households); `served` more households, `at_threshold` those of them that lack just three.
    """

    year: int
    poor: Floats
    near_poor: Floats
    lacked: Floats
    served: Floats
    at_threshold: Floats
    spent: Floats


def more(world: World, line: str, unit: str, million_vnd: float) -> Spending:
    """The current spending and so many million đồng more for one line and unit in the first year.

    Raises:
        Refusal: `spending_line`, `spending_unit`, `spending_money` (less than nothing).
    """
    lines = [each.id for each in world.lines]
    year, units = world.histories.projection.years[0], world.histories.projection.units
    if line not in lines:
        raise refuse("spending_line", value=line, known=", ".join(lines))
    if unit not in units:
        raise refuse("spending_unit", value=unit, known=", ".join(units))
    amounts = dict(world.current.amounts)
    amounts[line, unit, year] = amounts.get((line, unit, year), 0) + round(million_vnd * 1e6)
    if amounts[line, unit, year] < 0:
        raise refuse("spending_money", value=million_vnd, year=year)
    return replace(world.current, amounts=amounts)


def changes(world: World, unit: str, spending: Spending) -> list[Change]:
    """What other spending changes in a unit, year by year, on the same draws."""
    at = world.histories.projection.units.index(unit)
    households = world.histories.projection.households[:, at].sum(axis=0)
    pairs = zip(world.lived(unit), world.lived(unit, spending), strict=True)
    return [_change(one, other, households[h]) for h, (one, other) in enumerate(pairs)]


def _change(one: Year, other: Year, households: Counts) -> Change:
    before, after = one.lived.homes, other.lived.homes
    lacked = [(homes.number * homes.poor).sum(axis=1) for homes in (before, after)]
    return Change(
        one.year,
        after.poor.sum(axis=1) - before.poor.sum(axis=1),
        after.near_poor.sum(axis=1) - before.near_poor.sum(axis=1),
        (lacked[1] - lacked[0]) / len(Indicator) / households,
        _sum(other.served) - _sum(one.served),
        _sum(other.at_threshold) - _sum(one.at_threshold),
        _sum(other.spent) - _sum(one.spent),
    )


def _sum(by_line: Mapping[str, Counts] | Mapping[str, Floats]) -> Floats:
    total = np.zeros(1)
    for each in by_line.values():
        total = total + each
    return total
