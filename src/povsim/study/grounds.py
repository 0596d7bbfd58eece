"""The ground that proposals are made from: a world's classes of households, and what is asked.

What packages would bring is told under the world's own bars, and so is what the current plan
brings: gains are against it, on the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from povsim.allocation import Agenda, Classes, Gains, Packages, classes_of, gains_of
from povsim.effects import Kind, reached
from povsim.plan import TargetKind
from povsim.population import BITS
from povsim.simulation import Outcome, World, run
from povsim.study.outlooks import Outlook
from povsim.trajectory import Floats

DRAWS = 200
"""Of the world's draws, those that proposals are made with; all of them judge."""
MANY = 0.2
"""Of those that may have a line: where fewer wait for it already, they are not told apart."""
RATES = (TargetKind.LEVEL, TargetKind.PATH)


@dataclass(frozen=True, eq=False)
class Ground:
    """What proposals are made from: a world, what is to be decided, who could get what."""

    world: World
    agenda: Agenda
    population: Classes
    effects: Gains

    @cached_property
    def base(self) -> Outcome:
        """The current plan, lived."""
        return run(self.world)

    @property
    def at(self) -> int:
        """The number of the year at whose end results are measured."""
        return self.world.years.index(self.agenda.by)


def ground(
    view: Outlook,
    world: World,
    *,
    lines: Sequence[str] | None = None,
    by: int | None = None,
    draws: int = DRAWS,
) -> Ground:
    """The ground of a world for the years that its plan leaves.

    Args:
        lines: those that may be paid; all unless said.
        by: the year at whose end results are measured; the world's last unless said, when all
            that is paid for has shown.
        draws: so many of the world's draws are used to propose.
    """
    years = tuple(year for year in world.years if year <= world.last_planned)
    by, paid = by or world.years[-1], lines or [line.id for line in world.lines]
    bars, tally = world.base
    chosen = sum(1 << at for at, line in enumerate(world.lines) if line.id in paid)
    everybody = classes_of(world.stage, bars, len(years))
    population = _not_waiting(world, everybody).having(chosen)
    packages = Packages.of(world.lines, paid)
    effects = gains_of(
        population,
        packages,
        bars,
        {line.id: world.sizes(line.id) for line in world.lines},
        planned=len(years),
        by=world.years.index(by),
        kept=_kept(world, population, len(years)),
        draws=min(draws, world.draws),
    )
    credit = _credit(world, population, effects)
    at = world.years.index(by)
    agenda = Agenda(
        world.units,
        world.lines,
        years,
        by,
        world.current,
        np.asarray(run(world).households[:, at].mean(axis=-1)),
        tally.stands[:, at, :, 0].mean(axis=-1),
        credit.mean(axis=-1),
        credit.sum(axis=0),
        _targets(view, world, by),
        _reach(world, population, effects),
    )
    return Ground(world, agenda, population, effects)


def _able(world: World, population: Classes, year: int, effects: Gains | None = None) -> Floats:
    """Listed households (line, unit) that may have a line at a year's opening, as expected."""
    able = np.zeros((len(world.lines), len(world.units)))
    listed, number = population.since <= year, population.households.copy()
    if effects is not None:
        kind = effects.kind_of(population)
        for since in range(year):
            own = population.since == since
            number[own] *= effects.stays(since, year)[kind[own], population.unit[own]]
    for line in range(len(world.lines)):
        own = listed & population.may(line)
        able[line] = np.bincount(population.unit[own], number[own], able.shape[1])
    return able


def _reach(world: World, population: Classes, effects: Gains) -> Floats:
    """Households (line, unit, year) that a line can serve."""
    take_up = np.array([line.take_up for line in world.lines])[:, None]
    capacity = np.array([line.capacity or np.inf for line in world.lines])[:, None]
    by_year = [_able(world, population, year, effects) for year in range(effects.years)]
    reach = [np.minimum(np.floor(take_up * able + 1e-9), capacity) for able in by_year]
    return np.stack(reach, axis=-1)


def _waiting(world: World, population: Classes) -> Floats:
    """Households (line, unit) that wait already for what an earlier year's money paid."""
    policy, able = world.policy(world.current), _able(world, population, 0)
    left = able.copy()
    for at, line in enumerate(world.lines):
        for year in range(policy.early - line.lag, policy.early):
            for unit, money in enumerate(policy.money[:, at, year]):
                left[at, unit] -= reached(line, np.floor(left[at, unit]), float(money))
    return able - left


def _not_waiting(world: World, population: Classes) -> Classes:
    """Where many wait already for a line, those may not have it again."""
    share = _waiting(world, population) / np.maximum(_able(world, population, 0), 1e-9)
    for at, line in enumerate(world.lines):
        many = np.where(share[at] >= MANY, share[at], 0.0)
        if line.kind is Kind.INDICATOR and many.any():
            population = population.without(at, many)
    return population


def _kept(world: World, population: Classes, planned: int) -> Mapping[str, Floats]:
    """By entitlement the chance (unit,) that whoever holds it is paid anew after the plan: by as
    much as the current plan's last money goes round, if all held it that come."""
    able, served = _able(world, population, 0), world.base[1].served.sum(axis=-1)
    kept = {}
    for at, line in enumerate(world.lines):
        if line.entitlement:
            after = served[:, planned:, :, at]
            paid = after.mean(axis=(1, 2)) if after.size else np.zeros(len(world.units))
            kept[line.id] = np.clip(paid / np.maximum(line.take_up * able[at], 1.0), 0.0, 1.0)
    return kept


def _credit(world: World, population: Classes, effects: Gains) -> Floats:
    """By how many (unit, draw) the current plan lowers the poor, as a proposal is counted.

    Whoever it serves is known by the number lacked; among those, all that may have the line alike.
    """
    served = world.base[1].served[:, :, : effects.draws].mean(axis=2)  # (unit, year, line, depth)
    kind, packages = effects.kind_of(population), effects.packages
    credit = np.zeros((len(world.units), effects.draws))
    for package in np.flatnonzero(packages.members.sum(axis=1) == 1):
        line = int(np.flatnonzero(packages.members[package])[0])
        for unit, number in np.ndindex(len(world.units), BITS + 1):
            own = (population.unit == unit) & (population.number == number)
            own &= population.may(line) & (population.since == 0)
            if not own.any():
                continue
            share = population.households[own] / population.households[own].sum()
            for year in range(effects.years):
                gain = effects.out[year, package][kind[own], unit]
                credit[unit] += served[unit, year, line, number] * (share @ gain)
    return credit


def _targets(view: Outlook, world: World, by: int) -> Floats:
    """The poor (unit,) at most by the plan's targets for the end of a year; NaN where none is."""
    households = run(world).households[:, world.years.index(by)].mean(axis=-1)
    found = np.full(len(world.units), np.nan)
    for u, unit in enumerate(world.units):
        asked = [
            target.value if target.kind is TargetKind.HOUSEHOLDS else target.value * households[u]
            for target in view.plan.targets_of(unit, by)
            if target.kind in (TargetKind.HOUSEHOLDS, *RATES) and target.group is None
        ]
        found[u] = min(asked, default=np.nan)
    return found
