"""The world of a plan's scenarios: its units' households, their years ahead, what is spent."""

from __future__ import annotations

from povsim import effects
from povsim.effects.spending import Spending, read
from povsim.findings import refuse
from povsim.population import Margins, rebuild, tilts
from povsim.simulation import World
from povsim.study.outlooks import Outlook, movements_of, structural_of
from povsim.trajectory import Model, Panel, fit_flows, histories
from povsim.vocabulary import Origin

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
