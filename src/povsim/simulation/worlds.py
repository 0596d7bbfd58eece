"""The world that all scenarios share, and what a scenario does in it, on the same luck.

The trend already holds what is spent today. So the current plan sets the bars of every year: with
it, as many move as the projection's draws say. Other scenarios are lived under the same bars and
the same luck; the current plan changes nothing itself, to the household.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, product
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from povsim.effects import Line
from povsim.effects.living.arrays import OFFER, Bars, Policy, Records, Tally, Told
from povsim.effects.living.coding import BY_CHANCE, EXACTLY, FIXED
from povsim.effects.stage import Span, Stage, empty_bars, empty_tally, run, stage
from povsim.effects.targeting import CODES
from povsim.parallel import cores, spread
from povsim.population import LISTED, Population
from povsim.scenarios import Scenario
from povsim.trajectory import Histories

PIECES = 4
"""Parts of the units for each processor, so that none waits long for another."""
Arrays = TypeVar("Arrays", Bars, Tally, Told)


@dataclass(frozen=True, eq=False)
class World:
    """Households, histories, lines, the current plan and the luck.

    `populations` are the same counts put together by other tilts; draws take them in turn. With
    `exactly` false bars lie at the chances: the same law, but not the projection's very draws.
    `executor` is where units are lived; threads on all processors unless said.
    """

    populations: Sequence[Population]
    histories: Histories
    lines: Sequence[Line]
    current: Scenario
    last_planned: int
    seed: int
    exactly: bool = True
    executor: Executor | None = None

    @property
    def units(self) -> tuple[str, ...]:
        return self.histories.projection.units

    @property
    def years(self) -> tuple[int, ...]:
        return self.histories.projection.years

    @property
    def draws(self) -> int:
        return int(self.histories.projection.households.shape[-1])

    @cached_property
    def stage(self) -> Stage:
        """The arrays of everything but a scenario."""
        return stage(self.populations, self.histories, self.lines, seed=self.seed)

    def of_draws(self, draws: int) -> World:
        """The world of its first draws: the same in all of them."""
        return replace(self, histories=self.histories.first(draws))

    def sizes(self, line: str) -> NDArray[np.float64]:
        """θ (draw,) of a line: one for all units, years and scenarios."""
        names = [each.id for each in self.lines]
        return np.asarray(self.stage.sizes[names.index(line)])

    @cached_property
    def base(self) -> tuple[Bars, Tally]:
        """The bars that the current plan sets, and what is counted under it."""
        mode = EXACTLY if self.exactly else BY_CHANCE
        return self.lived(self.policy(self.current), empty_bars(self.stage), mode)

    def tally(self, scenario: Scenario) -> Tally:
        """What is counted under a scenario."""
        bars, base = self.base
        policy = self.policy(scenario)
        if _same(policy, self.policy(self.current)):
            return base
        return self.lived(policy, bars, FIXED)[1]

    def lived(self, policy: Policy, bars: Bars, mode: int) -> tuple[Bars, Tally]:
        """All units lived; the bars are filled where the mode sets them."""
        tally = empty_tally(self.stage)
        spans = _spans(self.stage)
        tasks = [_Task(self.stage, policy, bars, tally, mode, span) for span in spans]
        done = spread(_live, [task.own() for task in tasks], self.executor)
        for (first, after), (set_bars, counted) in zip(spans, done, strict=True):
            _put(bars, set_bars, slice(first, after))
            _put(tally, counted, slice(first, after))
        return bars, tally

    def policy(self, scenario: Scenario) -> Policy:
        """A scenario in arrays.

        Before its start, and before the first year that is lived, the current plan's money is
        spent; after the plan's last year that of the current plan's last year, in every scenario.
        """
        early = self.stage.early
        years = range(self.years[0] - early, self.years[-1] + 1)
        money = np.zeros((len(self.units), len(self.lines), len(years)), dtype=np.int64)
        rule = np.zeros((len(self.lines), len(years)), dtype=np.int8)
        unit_at = {unit: at for at, unit in enumerate(self.units)}
        line_at = {line.id: at for at, line in enumerate(self.lines)}
        for t, (plan, year) in enumerate(self._held(scenario, year) for year in years):
            rule[:, t] = [CODES[plan.rule(line.id)] for line in self.lines]
            for (line, unit), sum_of in plan.of_year(year).items():
                if unit in unit_at:
                    money[unit_at[unit], line_at[line], t] = sum_of
        offers, offered = self._offers(scenario, years)
        return Policy(money, rule, float(scenario.registered), early, offers, offered)

    def _offers(self, scenario: Scenario, years: range) -> tuple[Records, NDArray[np.int64]]:
        """All offers, and between which of them those of a unit and year are (unit, year, 2)."""
        bits = {line.id: 1 << at for at, line in enumerate(self.lines)}
        rows: list[tuple[int, int, int, int]] = []
        offered = np.zeros((len(self.units), len(years), 2), dtype=np.int64)
        for u, (t, year) in product(range(len(self.units)), enumerate(years)):
            plan, of_year = self._held(scenario, year)
            first = len(rows)
            for offer in plan.offers.get((self.units[u], of_year), ()):
                labour = -1 if offer.without_labour is None else int(offer.without_labour)
                package = sum(bits[line] for line in offer.lines)
                rows.append((package, LISTED.index(offer.state), offer.lacking, labour))
            offered[u, t] = first, len(rows)
        return np.array(rows, OFFER), offered

    def _held(self, scenario: Scenario, year: int) -> tuple[Scenario, int]:
        """Which plan holds in a year, and the year of it whose money is spent."""
        if year > self.last_planned:
            return self.current, self.last_planned
        if year < max(scenario.start, self.years[0]):
            return self.current, year
        return scenario, year


@dataclass(frozen=True, eq=False)
class _Task:
    """Some units to be lived; `own` leaves out what other units need."""

    stage: Stage
    policy: Policy
    bars: Bars
    tally: Tally
    mode: int
    span: Span

    def own(self) -> _Task:
        part = slice(*self.span)
        people = self.stage.people._replace(units=self.stage.people.units[part])
        stage = replace(
            self.stage,
            units=self.stage.units[part],
            people=people,
            told=_part(self.stage.told, part),
        )
        policy = self.policy._replace(
            money=self.policy.money[part], offered=self.policy.offered[part]
        )
        bars, tally = _part(self.bars, part), _part(self.tally, part)
        return _Task(stage, policy, bars, tally, self.mode, (0, len(stage.units)))


def _live(task: _Task) -> tuple[Bars, Tally]:
    run(task.stage, task.policy, task.bars, mode=task.mode, tally=task.tally)
    return task.bars, task.tally


def _part(arrays: Arrays, part: slice) -> Arrays:
    """Some units of arrays by unit: the same memory."""
    pieces: Any = (array[part] for array in arrays)
    return type(arrays)(*pieces)


def _put(arrays: Arrays, parts: Arrays, part: slice) -> None:
    pairs: Any = zip(arrays, parts, strict=True)
    for whole, piece in pairs:
        if not np.shares_memory(whole, piece):  # lived in another process
            whole[part] = piece


def _spans(stage: Stage) -> list[Span]:
    """Runs of units of about as many households, some for each processor."""
    units = stage.people.units
    weight = (units["listed"] + units["out"].sum(axis=1) + 1).cumsum()
    pieces = min(PIECES * cores(), len(units))
    ends = np.searchsorted(weight, weight[-1] * np.arange(1, pieces + 1) / pieces) + 1
    ends = [0, *np.unique(np.minimum(ends, len(units))).tolist()]
    return list(pairwise(ends))


def _same(one: Policy, other: Policy) -> bool:
    arrays: Any = zip(one, other, strict=True)
    return all(np.array_equal(mine, theirs) for mine, theirs in arrays)
