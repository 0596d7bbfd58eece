"""What a scenario does, as draws: who stands where, who moved, whom money reached, what it left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from povsim.effects import Line, cost
from povsim.effects.living.arrays import Tally
from povsim.effects.living.coding import CELLS
from povsim.population import BITS, POOR_FROM
from povsim.scenarios import Scenario
from povsim.simulation.worlds import World
from povsim.trajectory import Projection
from povsim.vocabulary import Flow, Indicator, State

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
DEPTHS: tuple[int | None, ...] = (*range(BITS + 1), None)
"""How many indicators the served lacked; None where no form tells."""


class Unspent(StrEnum):
    """Why money stays: nobody more could come, the unit could not serve more, or less is left than
    one household's (or one work's) cost."""

    NOBODY = "nobody"
    CAPACITY = "capacity"
    REMAINDER = "remainder"


@dataclass(frozen=True, eq=False)
class Outcome:
    """A scenario lived in a world; arrays are (unit, year, draw) unless said."""

    world: World
    scenario: Scenario
    tally: Tally

    @property
    def units(self) -> tuple[str, ...]:
        return self.world.units

    @property
    def years(self) -> tuple[int, ...]:
        return self.world.years

    # Who stands where

    @property
    def households(self) -> Counts:
        """All households, the same in every scenario."""
        return np.asarray(self.world.histories.projection.households.sum(axis=0))

    @property
    def poor(self) -> Counts:
        return self._stands(0, 1)

    @property
    def near_poor(self) -> Counts:
        return self._stands(1, 2)

    @property
    def recently_escaped(self) -> Counts:
        """Those that left the lists within three years: among the not poor."""
        return self._stands(2, 5)

    @property
    def not_poor(self) -> Counts:
        return self.households - self.poor - self.near_poor

    def _stands(self, first: int, after: int) -> Counts:
        return np.asarray(self.tally.stands[..., first:after].sum(axis=-1, dtype=np.int64))

    @cached_property
    def projection(self) -> Projection:
        """The draws as a projection, for targets to be judged by."""
        states = np.stack([self.poor, self.near_poor, self.not_poor])
        made = self.world.histories.projection
        return replace(made, households=states, recently_escaped=self.recently_escaped)

    def flows(self, state: State, flow: Flow) -> Counts:
        """Households that moved, by a cell of F2 (the poor) or F3 (the near-poor)."""
        return np.asarray(self.tally.flows[..., CELLS.index((state, flow))], dtype=np.int64)

    # How poor

    @property
    def headcount(self) -> Floats:
        """H of households: the share that is poor."""
        return np.asarray(self.poor / self.households)

    @property
    def intensity(self) -> Floats:
        """A: the share of the twelve indicators that the poor lack; nought where nobody is poor."""
        lacked = self.tally.lacking[..., 0, :].sum(axis=-1)
        return np.asarray(lacked / (len(Indicator) * np.maximum(self.poor, 1)))

    @property
    def adjusted(self) -> Floats:
        """M0 = H · A of households."""
        return self.headcount * self.intensity

    def lacking(self, indicator: Indicator, state: State = State.POOR) -> Counts:
        """Households of a list that lack an indicator."""
        listed = (State.POOR, State.NEAR_POOR).index(state)
        bit = list(Indicator).index(indicator)
        return np.asarray(self.tally.lacking[..., listed, bit], dtype=np.int64)

    # Money

    @cached_property
    def budget(self) -> Floats:
        """Đồng (line, unit, year), as the scenario has it."""
        policy = self.world.policy(self.scenario)
        return np.moveaxis(policy.money[..., policy.early :], 1, 0).astype(np.float64)

    @cached_property
    def reached(self) -> Counts:
        """Households served (line, unit, year, draw)."""
        return np.asarray(np.moveaxis(self.tally.served.sum(axis=-1, dtype=np.int64), -1, 0))

    def reached_by_depth(self, line: str | None = None) -> dict[int | None, Counts]:
        """Households served by how many indicators they lacked, None where no form tells.

        The near-poor lack two at most by their rule.
        """
        served = self.tally.served[..., self._chosen(line), :].sum(axis=-2, dtype=np.int64)
        return {depth: served[..., column] for column, depth in enumerate(DEPTHS)}

    @cached_property
    def spent(self) -> Floats:
        """Đồng (line, unit, year, draw): of works, whole ones."""
        pairs = zip(self.world.lines, self.reached, strict=True)
        spent = [cost(line, number) for line, number in pairs]
        return np.stack(spent) if spent else np.zeros((0, *self.poor.shape))

    @property
    def unspent(self) -> Floats:
        """Đồng (line, unit, year, draw) that stay."""
        return self.budget[..., None] - self.spent

    def unspent_why(self) -> dict[Unspent, Floats]:
        """Đồng (line, unit, year, draw) that stay, by what held them back first."""
        able = np.moveaxis(self.tally.able, -1, 0)
        terms = zip(self.world.lines, able, self.budget, strict=True)
        why = [_held_back(line, count, money) for line, count, money in terms]
        reason = np.stack(why) if why else np.zeros(self.unspent.shape, dtype=np.int64)
        return {each: np.where(reason == at, self.unspent, 0.0) for at, each in enumerate(Unspent)}

    def at_threshold(self, line: str | None = None) -> Floats:
        """Đồng (unit, year, draw) spent on poor households that lack just three indicators.

        One fewer, and they are poor no more, whatever their income: the money goes where it makes
        the rate fall.
        """
        served = np.moveaxis(self.tally.served, 3, 0)[self._chosen(line)]
        share = served[..., POOR_FROM] / np.maximum(served.sum(axis=-1), 1)
        return np.asarray((share * self.spent[self._chosen(line)]).sum(axis=0))

    def creaming(self) -> Floats:
        """The share (draw,) of all money spent that went to households at the threshold."""
        spent = self.spent.sum(axis=(0, 1, 2))
        return np.asarray(self.at_threshold().sum(axis=(0, 1)) / np.maximum(spent, 1.0))

    def _chosen(self, line: str | None) -> list[int]:
        names = [each.id for each in self.world.lines]
        return list(range(len(names))) if line is None else [names.index(line)]

    def cliffs(self, line: str | None = None) -> Counts:
        """Entitlements (unit, year, draw) that ended because a household left poverty.

        What they held up is lacked again: who escaped by them may fall back.
        """
        ended = self.tally.ended[..., self._chosen(line), 1]
        return np.asarray(ended.sum(axis=-1, dtype=np.int64))

    # The whole

    def worst_off(self) -> tuple[Counts, Floats]:
        """The unit by number, and its rate, that is poorest (year, draw)."""
        return self.headcount.argmax(axis=0), self.headcount.max(axis=0)

    def district(self, counts: Counts) -> Counts:
        """The sum of all units (year, draw)."""
        return np.asarray(counts.sum(axis=0))

    def measures(self) -> Mapping[str, Floats]:
        """Of the district, (year, draw): rate, near-poor rate, A, M0, the worst-off unit's rate."""
        households, poor = self.households.sum(axis=0), self.poor.sum(axis=0)
        lacked = self.tally.lacking[..., 0, :].sum(axis=(0, -1))
        most = len(Indicator)
        return {
            "rate": poor / households,
            "near_poor": self.near_poor.sum(axis=0) / households,
            "intensity": lacked / (most * np.maximum(poor, 1)),
            "adjusted": lacked / (most * households),
            "worst": self.worst_off()[1],
        }


def run(world: World, scenario: Scenario | None = None) -> Outcome:
    """What a scenario does in a world; the current plan unless said.

    Common random numbers: a unit that a scenario does not touch is the same in all of them, on any
    number of processes and in any order.
    """
    scenario = scenario or world.current
    return Outcome(world, scenario, world.tally(scenario))


def _held_back(line: Line, able: Counts, money: Floats) -> Counts:
    """Numbers of `Unspent` (unit, year, draw)."""
    willing = np.floor(line.take_up * able)
    paid = (money // line.unit_cost * line.households_a_work)[..., None]
    capacity = line.capacity or np.inf
    nobody, full, remainder = range(len(Unspent))
    short = np.where(capacity <= willing, full, nobody)
    return np.where(paid <= np.minimum(willing, capacity), remainder, short)
