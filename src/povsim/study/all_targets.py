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
from povsim.scenarios import Item, Offer, Scenario
from povsim.simulation import World, run
from povsim.study.grounds import Ground
from povsim.trajectory import Counts, Floats

Flags = NDArray[np.bool_]
ASKED_MORE = 0.01
"""By how much more is asked of a choice that fresh draws do not confirm."""


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
