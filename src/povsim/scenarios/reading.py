"""A scenario from its file: every fault told at once, at its place, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from povsim.effects import Line, Targeting
from povsim.findings import Finding, Place, Refusal
from povsim.scenarios.bounds import Bounds, Fault, content_of, extra, most, unit_faults, year_faults
from povsim.scenarios.offers import packages_faults, parsed
from povsim.scenarios.scenario import Item, Offer, Scenario
from povsim.vocabulary import Origin

TOP = (
    "name",
    "origin",
    "source",
    "start",
    "targeting",
    "targeting_of",
    "registered",
    "spend",
    "packages",
)
ENTRY = ("line", "unit", "fund", "million_vnd")
NEEDED = ("line", "unit", "million_vnd")
DEAREST = 1e9
"""Millions of đồng: more than that for one line, unit and year is a slip of the unit of money."""


def read(path: Path, bounds: Bounds) -> Scenario:
    """The scenario of a TOML file.

    Raises:
        Refusal: `scenario_unreadable`, or all at once `scenario_field`, `scenario_extra` (a field
            that nobody reads), `scenario_start`, `scenario_targeting`, `scenario_registered`,
            `scenario_line`, `scenario_unit`, `scenario_fund`, `scenario_year`,
            `scenario_before_start`, `scenario_money`, `scenario_twice`, `scenario_capacity`,
            `scenario_nobody`, `scenario_offer`, `scenario_offer_unpaid`.
    """
    return of_content(
        content_of(path, "scenario_unreadable", ("spend", "packages")), bounds, path.name
    )


def of_content(content: Mapping[str, Any], bounds: Bounds, name: str) -> Scenario:
    """The scenario of what a file called `name` holds."""
    reading = _Reading(content, bounds, name)
    for at, entry in enumerate(content.get("spend", ()), 1):
        reading.entry(at, entry)
    for at, entry in enumerate(content.get("packages", ()), 1):
        reading.packages(at, entry)
    reading.whole()
    if reading.faults:
        raise Refusal(reading.faults)
    return Scenario(
        content["name"],
        Origin(content["origin"]),
        content["source"],
        reading.start,
        reading.amounts,
        Targeting(content.get("targeting", Targeting.EVEN)),
        {line: Targeting(rule) for line, rule in content.get("targeting_of", {}).items()},
        content.get("registered", 0.0),
        reading.offers,
    )


@dataclass
class _Reading:
    """Faults found so far, and the sums of entries without one."""

    content: Mapping[str, Any]
    bounds: Bounds
    name: str
    faults: list[Finding] = field(default_factory=list)
    amounts: dict[Item, int] = field(default_factory=dict)
    at: dict[tuple[str, str, int], int] = field(default_factory=dict)
    offers: dict[tuple[str, int], tuple[Offer, ...]] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """The year from which the scenario holds: the plan's first unless said."""
        start = self.content.get("start", self.bounds.years[0])
        return start if start in self.bounds.years else self.bounds.years[0]

    def entry(self, at: int, entry: Mapping[str, Any]) -> None:
        """Take an entry's sums, or its faults."""
        found = list(_faults(entry, self.bounds, self.start))
        self._fault(found, "[[spend]]", str(at))
        for item, money in () if found else _amounts(entry, self.bounds):
            if item in self.amounts:
                told = {"line": item.line, "unit": entry["unit"], "year": item.year}
                self._fault([("scenario_twice", dict(told))], "[[spend]]", str(at))
            self.amounts[item] = money
            self.at[item.line, item.unit, item.year] = at

    def packages(self, at: int, entry: Mapping[str, Any]) -> None:
        """Take the offers of a unit and year, or their faults."""
        found = list(packages_faults(entry, self.bounds, self.start))
        self._fault(found, "[[packages]]", str(at))
        if found:
            return
        unit, year = self.bounds.units[entry["unit"]], entry["year"]
        offers = tuple(parsed(told) for told in entry["order"])
        if (unit, year) in self.offers:
            told = {"line": "[[packages]]", "unit": entry["unit"], "year": year}
            self._fault([("scenario_twice", dict(told))], "[[packages]]", str(at))
        self.offers[unit, year] = offers
        paid = {
            item.line for item, money in self.amounts.items() if money and _is(item, unit, year)
        }
        for line in sorted({line for offer in offers for line in offer.lines} - paid):
            told = {"line": line, "unit": self.bounds.names[unit], "year": year}
            self._fault([("scenario_offer_unpaid", dict(told))], "[[packages]]", str(at))

    def whole(self) -> None:
        """What is wrong with the file beside its entries, and with sums of several funds."""
        self._fault(list(_top(self.content, self.bounds)))
        totals = Scenario("", Origin.SAMPLE, "", 0, self.amounts)
        for (name, unit, year), at in self.at.items():
            line = self.bounds.line(name)
            assert line is not None, "its entry had no fault"
            money = totals.money(name, unit, year)
            faults = list(_reach(line, unit, year, money, self.bounds))
            self._fault(faults, "[[spend]]", str(at))

    def _fault(self, faults: list[Fault], sheet: str = "", cell: str = "") -> None:
        place = Place(self.name, sheet, cell)
        self.faults += [Finding(rule, place, values=dict(told)) for rule, told in faults]


def _top(content: Mapping[str, Any], bounds: Bounds) -> Iterator[Fault]:
    for name in ("name", "source"):
        if not isinstance(content.get(name), str) or not content[name]:
            yield "scenario_field", {"field": name}
    if content.get("origin") not in list(Origin):
        yield "scenario_field", {"field": "origin"}
    yield from extra(content, TOP)
    start = content.get("start", bounds.years[0])
    if type(start) is not int or start not in bounds.years:
        told = {"value": start, "first": bounds.years[0], "last": bounds.years[-1]}
        yield "scenario_start", dict(told)
    yield from _targeting(content, bounds)


def _targeting(content: Mapping[str, Any], bounds: Bounds) -> Iterator[Fault]:
    of_line = content.get("targeting_of", {})
    if not isinstance(of_line, Mapping):
        yield "scenario_field", {"field": "targeting_of"}
        return
    rules = [content.get("targeting", Targeting.EVEN), *of_line.values()]
    for rule in rules:
        if rule not in list(Targeting):
            yield "scenario_targeting", {"value": rule, "known": ", ".join(Targeting)}
    for line in of_line:
        if bounds.line(line) is None:
            yield "scenario_line", {"value": line, "known": bounds.known_lines}
    share = content.get("registered", 0.0)
    number = isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 1
    if not number or (Targeting.REGISTERED in rules and not share):
        yield "scenario_registered", {"value": share}


def _faults(entry: Mapping[str, Any], bounds: Bounds, start: int) -> Iterator[Fault]:
    """What is wrong with an entry: a line, a unit's code, a fund, and millions of đồng by year."""
    yield from extra(entry, ENTRY)
    for name in NEEDED:
        if name not in entry:
            yield "scenario_field", {"field": name}
    line = bounds.line(entry.get("line"))
    if "line" in entry and line is None:
        yield "scenario_line", {"value": entry["line"], "known": bounds.known_lines}
    yield from unit_faults(entry, bounds)
    if line and entry.get("fund", "") not in ("", *line.funds):
        told = {"value": entry["fund"], "line": line.id, "known": "; ".join(line.funds)}
        yield "scenario_fund", dict(told)
    by_year = entry.get("million_vnd", {})
    if not isinstance(by_year, Mapping):
        yield "scenario_field", {"field": "million_vnd"}
        return
    for year, money in by_year.items():
        yield from _sum(year, money, bounds, start)


def _sum(year: str, money: object, bounds: Bounds, start: int) -> Iterator[Fault]:
    yield from year_faults(int(year) if year.isdecimal() else year, bounds, start)
    number = isinstance(money, int | float) and not isinstance(money, bool)
    if not number or not 0 <= money < DEAREST:  # type: ignore[operator]
        yield "scenario_money", {"value": money, "year": year}


def _is(item: Item, unit: str, year: int) -> bool:
    return (item.unit, item.year) == (unit, year)


def _reach(line: Line, unit: str, year: int, money: int, bounds: Bounds) -> Iterator[Fault]:
    """Money that cannot be spent, whatever households there are."""
    told: dict[str, object] = {"line": line.id, "unit": bounds.names[unit], "year": year}
    limit = most(line)
    if limit and money > limit:
        values = {"money": money / 1e6, "most": limit / 1e6, "capacity": line.capacity}
        yield "scenario_capacity", told | dict(values)
    if money and (line.id, unit) in bounds.nobody:
        yield "scenario_nobody", told


def _amounts(entry: Mapping[str, Any], bounds: Bounds) -> Iterator[tuple[Item, int]]:
    unit, fund = bounds.units[entry["unit"]], entry.get("fund", "")
    for year, money in entry["million_vnd"].items():
        yield Item(entry["line"], unit, int(year), fund), round(money * 1_000_000)
