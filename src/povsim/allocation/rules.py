"""What a proposal must keep to, each rule under its own name; and what it aims at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from povsim.effects import Budget, Line
from povsim.vocabulary import Group


class Objective(StrEnum):
    """What is best: most households out of poverty, least M0, the least largest shortfall from a
    unit's target, most units at their targets, least money that brings all to them, or most
    households out with the worst draws weighing more (mean and CVaR)."""

    MOST_OUT = "most_out"
    LEAST_DEPTH = "least_depth"
    LEAST_SHORTFALL = "least_shortfall"
    MOST_TARGETS = "most_targets"
    LEAST_COST = "least_cost"
    CAUTIOUS = "cautious"


@dataclass(frozen=True)
class Purse:
    """Money to be shared out: đồng by year, for capital or recurrent lines, or of one fund.

    What a year leaves may be spent in the next where `carried`. Nothing is paid but by a purse.
    """

    name: str
    vnd: Mapping[int, int]
    budget: Budget | None = None
    fund: str = ""
    carried: bool = False

    @property
    def total(self) -> int:
        return sum(self.vnd.values())

    def pays(self, line: Line) -> bool:
        """Whether it may pay for a line."""
        return self.budget in (None, line.budget) and (not self.fund or self.fund in line.funds)

    def until(self, year: int) -> list[int]:
        """The years whose money a year's spending is held against, itself the last."""
        if not self.carried:
            return [year]
        return [each for each in sorted(self.vnd) if each <= year]

    def with_more(self, money: int) -> Purse:
        """With so many đồng more in its first year."""
        first = min(self.vnd)
        return replace(self, vnd={**self.vnd, first: self.vnd[first] + money})


@dataclass(frozen=True)
class Limit:
    """Money, đồng, of some lines, units, years, a kind of budget, or households of a group
    (F8): no less than `least` and no more than `most`; shares of all money where `share`.

    Empty fields mean all of them.
    """

    name: str
    least: float | None = None
    most: float | None = None
    share: bool = False
    lines: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()
    budget: Budget | None = None
    group: Group | None = None

    def of_line(self, line: Line) -> bool:
        """Whether a line's money counts."""
        return (not self.lines or line.id in self.lines) and self.budget in (None, line.budget)

    def of(self, line: Line, unit: str, year: int) -> bool:
        """Whether the money of a line, unit and year counts."""
        in_unit = not self.units or unit in self.units
        return self.of_line(line) and in_unit and (not self.years or year in self.years)


@dataclass(frozen=True)
class EntitlementsFirst:
    """Everybody who may have an entitlement, and comes, gets it in every year; all entitlements
    where no line is named."""

    name: str
    lines: frozenset[str] = frozenset()

    def of(self, line: Line) -> bool:
        return line.entitlement and (not self.lines or line.id in self.lines)


@dataclass(frozen=True)
class NoUnitWorse:
    """No unit has more poor households than under the current plan, as expected."""

    name: str


@dataclass(frozen=True)
class Reach:
    """Some units come to their targets, as expected; all of them where none is named."""

    name: str
    units: frozenset[str] = frozenset()

    def of(self, unit: str) -> bool:
        return not self.units or unit in self.units


Rule: TypeAlias = Limit | EntitlementsFirst | NoUnitWorse | Reach
Rules: TypeAlias = Sequence[Rule]
Budgets: TypeAlias = Sequence[Purse]
