"""The world of a plan's scenarios: its units' households, their years ahead, what is spent."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np

from povsim import effects, scenarios, workspace
from povsim.effects import Line
from povsim.findings import Finding, Refusal, refuse
from povsim.i18n import Word
from povsim.population import (
    GROUPS,
    LISTED,
    Margins,
    Population,
    of_register,
    rebuild,
    tilts,
)
from povsim.registers import Register
from povsim.scenarios import NOTHING, Bounds, Scenario
from povsim.simulation import World
from povsim.study.outlooks import Outlook, movements_of, structural_of
from povsim.trajectory import (
    Histories,
    Model,
    Panel,
    fit_flows,
    histories,
    histories_behind,
)
from povsim.vocabulary import Indicator, State

TILTS = 20
"""So many ways to put households together behind the same counts; draws take them in turn."""
WORLD_DRAWS = 1000
DEFAULT_FOLDER = "own"
"""Of a plan that names no current scenario."""


def world(
    outlook: Outlook,
    *,
    register: Register | None = None,
    draws: int = WORLD_DRAWS,
    tilts_drawn: int = TILTS,
    until: int | None = None,
) -> World:
    """The households of an outlook's units from its review on, past the plan's last year.

    They are the register's where one is given, else put together behind the forms' counts. Where
    the forecast rests on counts alone, who moves is assumed (`trajectory.histories_behind`).

    Raises:
        Refusal: `horizon_past`; `world_register` where a register's counts are not F1's; faults
            of the lines, of the current spending, and of the forms' margins.
    """
    populations = (
        _rebuilt(outlook, tilts_drawn) if register is None else [_registered(outlook, register)]
    )
    return World(
        populations,
        _histories(outlook, draws, until),
        effects.lines(),
        current(outlook),
        outlook.plan.last_year,
        outlook.seed,
    )


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


def _histories(outlook: Outlook, draws: int, until: int | None) -> Histories:
    """The years ahead with their movements: the flow model's, or those behind the counts.

    The flow model's go on until the slowest line that is paid in the plan's last year shows, unless
    said until when; those behind counts end with the plan.
    """
    forecast, planned = outlook.forecast, outlook.plan.last_year
    if forecast is None:
        raise refuse("horizon_past", until=planned, origin=outlook.year)
    until = until or planned + max((line.lag for line in effects.lines()), default=0)
    if forecast.used is Model.STOCK:
        last = {area: _counted(outlook, area) for area in forecast.projection.units}
        return histories_behind(forecast.projection.first(draws), last, seed=outlook.seed)
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


def current(outlook: Outlook) -> Scenario:
    """The plan as it is, by its file; nothing is spent where it names none.

    Raises:
        Refusal: as `scenarios.read`.
    """
    path = outlook.plan.current_scenario
    return NOTHING if path is None else scenarios.read(path, bounds(outlook))


def scenario_folder(outlook: Outlook) -> Path:
    """Where the scenarios of a plan lie: beside its current one."""
    path = outlook.plan.current_scenario
    return path.parent if path else workspace.home() / "data" / "scenarios" / DEFAULT_FOLDER


def scenario_files(outlook: Outlook) -> list[Path]:
    """The scenarios on file beside the current one, by name."""
    folder, current = scenario_folder(outlook), outlook.plan.current_scenario
    return [path for path in sorted(folder.glob("*.toml")) if path != current]


def bounds(outlook: Outlook) -> Bounds:
    """What scenarios of an outlook's plan are checked against."""
    plan, lines = outlook.plan, effects.lines()
    return Bounds(
        lines,
        {unit.id.code: str(unit.id) for unit in outlook.units},
        {str(unit.id): unit.name for unit in outlook.units},
        range(plan.first_year, plan.last_year + 1),
        _nobody(outlook, lines),
    )


def _nobody(outlook: Outlook, lines: Sequence[Line]) -> frozenset[tuple[str, str]]:
    """Lines and units where the forms of the review count no household that may have the line."""
    margins = Margins.of_forms(outlook.release.facts, outlook.year)
    return frozenset(
        (line.id, unit)
        for u, unit in enumerate(margins.units)
        for line in lines
        if not line.recent and not _may(line, margins, u)
    )


def _may(line: Line, margins: Margins, u: int) -> bool:
    """Whether any list that a line is for has households that lack its indicator, of its groups."""
    indicator = None if line.indicator is None else list(Indicator).index(line.indicator)
    groups = [GROUPS.index(group) for group in line.groups if group in GROUPS]
    for s, state in enumerate(LISTED):
        able = [margins.households[s, u] if state in line.states else 0]
        able += [] if indicator is None else [margins.lacking[s, u, indicator]]
        able += [margins.members[s, u, groups].sum()] if line.groups else []
        if min(able) > 0:
            return True
    return False
