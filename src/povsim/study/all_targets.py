"""The chance that all units are at their targets at once, and the least money for it.

Each unit chooses one of some hundreds of plans that were lived beforehand; what is chosen is judged
on draws that the choice never saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from povsim.allocation import Budgets, Rules
from povsim.allocation.bundles import Bundles, Choice, cheapest, likeliest
from povsim.allocation.priced import Priced, at_prices
from povsim.findings import refuse
from povsim.registers import Register
from povsim.scenarios import Item, Offer, Scenario
from povsim.simulation import World, run
from povsim.study.grounds import Ground, ground
from povsim.study.outlooks import Outlook, outlook
from povsim.study.worlds import world
from povsim.trajectory import Counts, Floats

Flags = NDArray[np.bool_]
TRIED_ON, FRESH = 160, 2000
"""Draws that plans are tried on, and those that judge what was chosen."""
ASKED_MORE = 0.01
"""By how much more is asked of a choice that fresh draws do not confirm."""


@dataclass(frozen=True, eq=False)
class Likely:
    """A scenario chosen from bundles, the chance that all units are at their targets as it was
    chosen by, a bound over the bundles (of the chance, or of millions for a chance asked), and the
    chance on draws that the choice never saw.

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
    """Plans at many prices lived in a world, and a world of fresh draws to judge by; `own` (bundle,
    unit) are the numbers of the plans that a unit's bundles are of."""

    ground: Ground
    fresh: World
    budget: Budgets
    plans: Sequence[Priced]
    own: Counts
    bundles: Bundles

    def likeliest(self) -> Likely:
        """The best chance that all targets are met, for any money at all."""
        found = likeliest(self.bundles, None)
        assert found is not None, "any money will do"
        return self._judged(found)

    def within(self, budget: Budgets) -> Likely | None:
        """The best chance for a budget; None where no plan that was tried costs so little."""
        found = likeliest(self.bundles, np.array([purse.total for purse in budget]))
        return None if found is None else self._judged(found)

    def cheapest(self, chance: float) -> Likely | None:
        """The least money with that chance on draws it never saw; None where no budget has it.

        A choice is the luckiest of many on the draws it was made by, so more is asked there until
        the fresh draws agree; the first that they confirm is told, which leans a little to luck.
        """
        asked, bound = chance, None
        while (choice := cheapest(self.bundles, asked)) is not None:
            found, bound = self._judged(choice), choice.bound if bound is None else bound
            if found.chance >= chance:
                return replace(found, bound=bound)
            asked = max(asked, choice.chance) + ASKED_MORE
            if asked > 1.0:
                break
        return None

    def _judged(self, choice: Choice) -> Likely:
        units = np.arange(len(self.ground.world.units))
        scenario = _joined(self.plans, self.fresh, self.own[choice.chosen, units])
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


def targets_ground(
    view: Outlook, register: Register | None = None, *, draws: int = TRIED_ON, fresh: int = FRESH
) -> tuple[Ground, World]:
    """The ground of the targets of the plan's last year, and a world of fresh draws to judge by.

    Raises:
        Refusal: `targets_none` where no unit has a target for that year.
    """
    last = view.plan.last_year
    near = world(view, register=register, draws=draws, until=last)
    made = ground(view, near, by=last)
    if np.isnan(made.agenda.targets).all():
        raise refuse("targets_none", year=last)
    other = outlook(view.plan, view.release, view.year, draws=fresh, seed=view.seed + 1)
    return made, world(other, register=register, draws=fresh, until=last)


def bundled(made: Ground, fresh: World, budget: Budgets, rules: Rules = ()) -> Bundled:
    """Some hundreds of plans by unit, each lived on the ground's draws.

    Args:
        made: the ground, measured at the end of the year of the targets; fresh: a world of other
            draws to the end of that year (`targets_ground` has both).
        budget: the purses that money is counted by.
    """
    plans = list(at_prices(made.agenda, made.population, made.effects, budget, rules))
    own = _own(plans, made.world.units)
    units = np.arange(len(made.world.units))
    met = np.stack([_met(made, made.world, _joined(plans, made.world, row)) for row in own])
    costs = np.stack([plan.cost for plan in plans])
    return Bundled(made, fresh, budget, plans, own, Bundles(costs[own, units], met))


def _own(plans: Sequence[Priced], units: Sequence[str]) -> Counts:
    """The plans (bundle, unit) by number that differ in a unit; its first again where it has fewer
    than others. Units do not touch each other, so one run lives a bundle of each."""
    money = [_money(plan.scenario) for plan in plans]
    distinct = [
        list({each.get(unit, ()): at for at, each in reversed([*enumerate(money)])}.values())
        for unit in units
    ]
    most = max(map(len, distinct))
    return np.array([sorted(each) + [0] * (most - len(each)) for each in distinct]).T


def _money(scenario: Scenario) -> dict[str, tuple[tuple[Item, int], ...]]:
    """The items of each unit."""
    by_unit: dict[str, list[tuple[Item, int]]] = {}
    for item, money in sorted(scenario.amounts.items()):
        by_unit.setdefault(item.unit, []).append((item, money))
    return {unit: tuple(items) for unit, items in by_unit.items()}


def _joined(plans: Sequence[Priced], lived_in: World, chosen: Counts) -> Scenario:
    """One scenario of each unit's own plan (unit,)."""
    amounts, offers = dict[Item, int](), dict[tuple[str, int], tuple[Offer, ...]]()
    for unit, at in zip(lived_in.units, chosen, strict=True):
        plan = plans[at].scenario
        amounts |= {item: money for item, money in plan.amounts.items() if item.unit == unit}
        offers |= {key: offered for key, offered in plan.offers.items() if key[0] == unit}
    return replace(plans[0].scenario, amounts=amounts, offers=offers)


def _met(made: Ground, lived_in: World, scenario: Scenario) -> Flags:
    """Whether each unit is at its target (unit, draw); one without a target is."""
    poor = run(lived_in, scenario).poor[:, lived_in.years.index(made.agenda.by)]
    targets = made.agenda.targets[:, None]
    return np.asarray(np.isnan(targets) | (poor <= targets))
