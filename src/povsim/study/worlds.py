"""The world of a plan's scenarios: its units' households, their years ahead, what is spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from povsim import effects
from povsim.effects.spending import Spending, read
from povsim.findings import Finding, Refusal, refuse
from povsim.i18n import Word
from povsim.population import (
    LISTED,
    Counts,
    Margins,
    Population,
    of_register,
    rebuild,
    tilts,
)
from povsim.registers import Register
from povsim.simulation import World, Year
from povsim.study.outlooks import Outlook, movements_of, structural_of
from povsim.trajectory import (
    Floats,
    Histories,
    Model,
    Panel,
    fit_flows,
    histories,
    histories_behind,
)
from povsim.vocabulary import Indicator, Origin, State

TILTS = 20
"""So many ways to put households together behind the same counts; draws take them in turn."""
WORLD_DRAWS = 1000
NOTHING = Spending("", Origin.SAMPLE, "", {})


def world(
    outlook: Outlook,
    *,
    register: Register | None = None,
    draws: int = WORLD_DRAWS,
    tilts_drawn: int = TILTS,
) -> World:
    """The households of an outlook's units from its review to the plan's last year.

    They are the register's where one is given, else put together behind the forms' counts. Where
    the forecast rests on counts alone, who moves is assumed (`trajectory.histories_behind`).

    Raises:
        Refusal: `horizon_past`; `world_register` where a register's counts are not F1's; faults
            of the lines, of the current spending, and of the forms' margins.
    """
    populations = (
        _rebuilt(outlook, tilts_drawn) if register is None else [_registered(outlook, register)]
    )
    lived, spent = _histories(outlook, draws), current_spending(outlook)
    return World(populations, lived, effects.lines(), spent, outlook.seed)


def _rebuilt(outlook: Outlook, number: int) -> list[Population]:
    """The households behind the forms, each time with another tilt."""
    margins = Margins.of_forms(outlook.release.facts, outlook.year)
    drawn = tilts(number, outlook.seed)
    return [rebuild(margins, tilt=float(tilt), seed=outlook.seed) for tilt in drawn]


def _registered(outlook: Outlook, register: Register) -> Population:
    """The register's households, as many as the forecast starts from."""
    known = of_register(register, outlook.year)
    faults = []
    for (s, state), area in product(enumerate(LISTED), outlook.areas):
        of_unit = known.unit == known.units.index(area) if area in known.units else False
        found = int(np.sum(of_unit & (known.state == s)))
        if found != (counted := outlook.households(area, outlook.year, state)):
            told = {"found": found, "unit": outlook.name(area), "counted": counted}
            values = told | {"state": Word(f"state.{state}")}
            faults.append(Finding("world_register", values=values))
    if faults:
        raise Refusal(faults)
    return known


def _histories(outlook: Outlook, draws: int) -> Histories:
    """The years ahead with their movements: the flow model's, or those behind the counts."""
    forecast, until = outlook.forecast, outlook.plan.last_year
    if forecast is None:
        raise refuse("horizon_past", until=until, origin=outlook.year)
    if forecast.used is Model.STOCK:
        chosen = forecast.projection.households[..., :draws]
        last = {area: _counted(outlook, area) for area in forecast.projection.units}
        projection = replace(forecast.projection, households=chosen)
        return histories_behind(projection, last, seed=outlook.seed)
    panel = Panel.from_stocks(outlook.stocks)
    movements = movements_of(outlook.release, panel)
    assert movements is not None, "movements carry the forecast"
    model = fit_flows(panel, movements, structural=structural_of(outlook.release, panel))
    check = forecast.checks[Model.FLOWS]
    widening = check.widening if check else 1.0
    return histories(model, until, draws=draws, seed=outlook.seed, widening=widening)


def _counted(outlook: Outlook, area: str) -> tuple[int, int, int]:
    year = outlook.year
    poor, near = (outlook.households(area, year, s) for s in (State.POOR, State.NEAR_POOR))
    return poor, near, outlook.households(area, year)


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
