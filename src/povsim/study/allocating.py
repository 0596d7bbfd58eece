"""The best use of a budget: proposed from what is expected, judged by simulation.

The ground is the world's: classes of its households, what packages would bring them under its bars,
what the current plan brings. The judge lives the proposal's scenario household by household.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from povsim import allocation
from povsim.allocation import (
    Agenda,
    Budgets,
    Caution,
    Classes,
    Gains,
    Impossible,
    Objective,
    Packages,
    Proposal,
    Rules,
    classes_of,
    gains_of,
)
from povsim.allocation.bundles import Bundles, Choice, cheapest, likeliest
from povsim.allocation.priced import Priced, at_prices
from povsim.effects import Kind, reached
from povsim.plan import TargetKind
from povsim.population import BITS
from povsim.scenarios import Item, Offer, Scenario
from povsim.simulation import Outcome, World, run
from povsim.study.outlooks import Outlook
from povsim.trajectory import Counts, Floats
from povsim.vocabulary import Origin

DRAWS = 200
"""Of the world's draws, those that proposals are made with; all of them judge."""
ASKED_MORE = 0.01
"""By how much more is asked of a choice that fresh draws do not confirm."""
MANY = 0.2
"""Of those that may have a line: where fewer wait for it already, they are not told apart."""
Flags = NDArray[np.bool_]
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


# Proposing and judging


@dataclass(frozen=True, eq=False)
class Judged:
    """A proposal, and what its scenario does as households live, beside the current plan."""

    ground: Ground
    proposal: Proposal
    outcome: Outcome

    @property
    def fewer(self) -> Counts:
        """Fewer poor households (unit, draw) than under the current plan, when measured."""
        base, at = self.ground.base, self.ground.at
        return np.asarray(base.poor[:, at] - self.outcome.poor[:, at])

    @property
    def shallower(self) -> Floats:
        """Lower M0 of households (draw,) of the district."""
        at = self.ground.at
        before, after = (
            each.measures()["adjusted"][at] for each in (self.ground.base, self.outcome)
        )
        return np.asarray(before - after)

    @property
    def optimism(self) -> float:
        """Households out that the proposal promises beyond what the judge finds."""
        return float(self.proposal.change.sum() - self.fewer.sum(axis=0).mean())

    @property
    def better(self) -> float:
        """The share of draws in which fewer are poor than under the current plan."""
        return float((self.fewer.sum(axis=0) > 0).mean())


def propose(
    ground: Ground,
    budget: Budgets,
    rules: Rules = (),
    objective: Objective = Objective.MOST_OUT,
    *,
    caution: Caution | None = None,
    name: str = "",
    source: str = "",
) -> Judged | Impossible:
    """The best scenario for a budget, judged on all draws of the world."""
    made = allocation.propose(
        ground.agenda,
        ground.population,
        ground.effects,
        budget,
        rules,
        objective,
        caution=caution,
        name=name,
        source=source,
    )
    if isinstance(made, Impossible):
        return made
    return Judged(ground, made, run(ground.world, made.scenario))


# The chance of all targets


@dataclass(frozen=True, eq=False)
class Likely:
    """A scenario chosen from bundles, the chance that all units are at their targets as it was
    chosen by, a bound over the bundles, and the chance on draws that the choice never saw.

    `each` (unit,) are the units' own chances there; `error` is the Monte-Carlo error (one standard
    deviation) of `chance`; `cost` đồng by purse.
    """

    scenario: Scenario
    promised: float
    bound: float
    chance: float
    error: float
    each: Floats
    cost: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Bundled:
    """Plans at many prices lived in a world, and a world of fresh draws to judge by."""

    ground: Ground
    fresh: World
    budget: Budgets
    plans: Sequence[Priced]
    bundles: Bundles

    def likeliest(self, budget: Budgets | None = None) -> Likely:
        """The best chance that all targets are met, for a budget or for any money at all."""
        most = None if budget is None else np.array([purse.total for purse in budget])
        return self._judged(likeliest(self.bundles, most))

    def cheapest(self, chance: float) -> Likely | None:
        """The least money with that chance on draws it never saw; None where no budget has it.

        A choice is the luckiest of many on the draws it was made by, so more is asked there until
        the fresh draws agree.
        """
        asked = chance
        while (choice := cheapest(self.bundles, asked)) is not None:
            found = self._judged(choice)
            if found.chance >= chance:
                return found
            asked = max(asked, choice.chance) + ASKED_MORE
            if asked > 1.0:
                break
        return None

    def _judged(self, choice: Choice) -> Likely:
        scenario = self._joined(choice.chosen)
        met = _met(self.ground, self.fresh, scenario)
        every = met.all(axis=0)
        names = [purse.name for purse in self.budget]
        return Likely(
            scenario,
            choice.chance,
            choice.bound,
            float(every.mean()),
            float(np.sqrt(max(every.mean() * (1 - every.mean()), 1 / every.size) / every.size)),
            met.mean(axis=1),
            dict(zip(names, map(int, choice.cost), strict=True)),
        )

    def _joined(self, chosen: Counts) -> Scenario:
        """One scenario of each unit's own plan."""
        amounts, offers = dict[Item, int](), dict[tuple[str, int], tuple[Offer, ...]]()
        for unit, at in zip(self.ground.world.units, chosen, strict=True):
            plan = self.plans[at].scenario
            amounts |= {item: money for item, money in plan.amounts.items() if item.unit == unit}
            offers |= {key: offered for key, offered in plan.offers.items() if key[0] == unit}
        return replace(self.plans[0].scenario, amounts=amounts, offers=offers)


def bundled(ground: Ground, fresh: World, budget: Budgets, rules: Rules = ()) -> Bundled:
    """Some hundreds of plans by unit, each lived on the ground's draws.

    Args:
        ground: measured at the end of the year of the targets.
        fresh: a world of other draws (2,000 or more) to the end of that year.
        budget: the purses that money is counted by.
    """
    agenda = ground.agenda
    made = at_prices(agenda, ground.population, ground.effects, budget, rules)
    plans = list(made)
    met = np.stack([_met(ground, ground.world, plan.scenario) for plan in plans])
    return Bundled(ground, fresh, budget, plans, Bundles(np.stack([p.cost for p in plans]), met))


def _met(ground: Ground, world: World, scenario: Scenario) -> Flags:
    """Whether each unit is at its target (unit, draw); one without a target is."""
    poor = run(world, scenario).poor[:, world.years.index(ground.agenda.by)]
    targets = ground.agenda.targets[:, None]
    return np.asarray(np.isnan(targets) | (poor <= targets))


# Beside other plans


def even_split(ground: Ground, budget: Budgets) -> Scenario:
    """The budget shared alike: each purse over its lines, units and years by what all who would
    come would cost, whoever comes first."""
    agenda, amounts = ground.agenda, dict[Item, int]()
    unit_costs = np.array([line.unit_cost / line.households_a_work for line in agenda.lines])
    demand = agenda.reach * unit_costs[:, None, None]
    for purse in budget:
        pays = np.array([purse.pays(line) for line in agenda.lines])
        for t, year in enumerate(agenda.years):
            wanted = demand[:, :, t] * pays[:, None]
            share = min(purse.vnd.get(year, 0) / max(wanted.sum(), 1.0), 1.0)
            for line, unit in np.argwhere(wanted > 0):
                item = Item(agenda.lines[line].id, agenda.units[unit], year, purse.fund)
                amounts[item] = amounts.get(item, 0) + int(wanted[line, unit] * share)
    return Scenario("", Origin.SAMPLE, "", agenda.years[0], amounts)


def regret(outcomes: Mapping[str, Outcome], at: int) -> Mapping[str, Floats]:
    """By plan, how many more are poor (draw,) than under the best of the plans in that draw."""
    poor = {name: each.poor[:, at].sum(axis=0) for name, each in outcomes.items()}
    least = np.min(list(poor.values()), axis=0)
    return {name: np.asarray(each - least, dtype=float) for name, each in poor.items()}
