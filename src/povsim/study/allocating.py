"""The best use of a budget: proposed from what is expected, judged as households live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from povsim import allocation
from povsim.allocation import Budgets, Caution, Impossible, Objective, Proposal, Reach, Rules
from povsim.findings import refuse
from povsim.scenarios import Item, Scenario
from povsim.simulation import Outcome, run
from povsim.study.grounds import Ground
from povsim.trajectory import Counts, Floats
from povsim.vocabulary import Origin


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


def about_targets(rules: Rules, objective: Objective) -> bool:
    """Whether what is asked needs targets for the year that is measured."""
    aims = (Objective.LEAST_SHORTFALL, Objective.MOST_TARGETS)
    return objective in aims or any(isinstance(rule, Reach) for rule in rules)


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
    """The best scenario for a budget, judged on all draws of the world.

    Raises:
        Refusal: `budget_unpaid` where no purse holds money for a year that the plan has left;
            `targets_none` where targets are asked for and no unit has one for the year measured.
    """
    agenda, years = ground.agenda, ground.agenda.years
    if not any(year in purse.vnd for purse in budget for year in years):
        raise refuse("budget_unpaid", first=years[0], last=years[-1])
    if about_targets(rules, objective) and np.isnan(agenda.targets).all():
        raise refuse("targets_none", year=agenda.by)
    made = allocation.propose(
        agenda,
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
