"""A Scenario: what is spent on what, where, when and from which fund, and who comes first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from povsim.effects import Targeting
from povsim.findings import Finding, Refusal
from povsim.vocabulary import Origin, State


@dataclass(frozen=True, order=True)
class Item:
    """What a sum is for: a line, a unit (printed identity), a year, and the fund that pays.

    `fund` is empty where the line's first fund pays.
    """

    line: str
    unit: str
    year: int
    fund: str = ""


@dataclass(frozen=True, order=True)
class Offer:
    """Lines that a household of a list gets together, if it lacks so many indicators.

    `without_labour` is None where labour capacity does not matter.
    """

    state: State
    lacking: int
    without_labour: bool | None
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Scenario:
    """Đồng by item; nought where nothing is said.

    From `start` on the scenario holds; before it the current plan does. `offers` of a unit and year
    come first, in their order: each serves all households that it is for, as far as the money of
    its lines goes. What is left goes by rule: `targeting` says who comes first, of all lines but
    those that `by_line` names; `registered` is the share of households that are taken to have
    registered to leave poverty.
    """

    name: str
    origin: Origin
    source: str
    start: int
    amounts: Mapping[Item, int]
    targeting: Targeting = Targeting.EVEN
    by_line: Mapping[str, Targeting] = field(default_factory=dict)
    registered: float = 0.0
    offers: Mapping[tuple[str, int], tuple[Offer, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What no scenario can be, whoever makes it; `reading` knows what a plan's cannot.

        Raises:
            Refusal: `scenario_money` (below nought), `scenario_registered`, all at once.
        """
        faults = [
            Finding("scenario_money", values={"value": money / 1e6, "year": item.year})
            for item, money in self.amounts.items()
            if money < 0
        ]
        rules = (self.targeting, *self.by_line.values())
        needed = Targeting.REGISTERED in rules
        if not 0 <= self.registered <= 1 or (needed and not self.registered):
            faults.append(Finding("scenario_registered", values={"value": self.registered}))
        if faults:
            raise Refusal(faults)

    def money(self, line: str, unit: str, year: int) -> int:
        """Đồng of one line in one unit and year, from all funds."""
        return self._by_year.get(year, {}).get((line, unit), 0)

    def of_year(self, year: int) -> Mapping[tuple[str, str], int]:
        """Đồng of a year by line and unit, from all funds."""
        return self._by_year.get(year, {})

    @cached_property
    def _by_year(self) -> dict[int, dict[tuple[str, str], int]]:
        totals: dict[int, dict[tuple[str, str], int]] = {}
        for item, money in self.amounts.items():
            of_year = totals.setdefault(item.year, {})
            key = (item.line, item.unit)
            of_year[key] = of_year.get(key, 0) + money
        return totals

    def rule(self, line: str) -> Targeting:
        """Who comes first with a line."""
        return self.by_line.get(line, self.targeting)

    @property
    def total(self) -> int:
        """Đồng of all items."""
        return sum(self.amounts.values())

    def with_money(self, line: str, unit: str, year: int, money: int) -> Scenario:
        """The same with so many đồng in all for a line, unit and year; its funds keep their shares.

        What is left over by rounding goes to the last of them.
        """
        amounts = dict(self.amounts)
        items = [
            each for each in amounts if (each.line, each.unit, each.year) == (line, unit, year)
        ]
        before, left = self.money(line, unit, year), money
        for item in items:
            amounts[item] = amounts[item] * money // before if before else 0
            left -= amounts[item]
        last = items[-1] if items else Item(line, unit, year)
        amounts[last] = amounts.get(last, 0) + left
        return replace(self, amounts=amounts)

    def with_more(self, item: Item, money: int) -> Scenario:
        """The same with so many đồng more for an item, or fewer; never below nought."""
        amounts = dict(self.amounts)
        amounts[item] = max(amounts.get(item, 0) + money, 0)
        return replace(self, amounts=amounts)


NOTHING = Scenario("", Origin.SAMPLE, "", 0, {})
"""A plan that names no current scenario spends nothing that is known."""
