"""A budget and its rules from a file: every fault told at once, at its place, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from povsim.allocation.rules import (
    EntitlementsFirst,
    Limit,
    NoUnitWorse,
    Objective,
    Purse,
    Reach,
    Rule,
)
from povsim.effects import Budget
from povsim.findings import Finding, Place, Refusal
from povsim.population import GROUPS
from povsim.scenarios import Bounds
from povsim.scenarios.bounds import Fault, content_of, extra, year_faults
from povsim.vocabulary import Group

TOP = ("name", "source", "objective", "purse", "limit", "rule")
PURSE = ("name", "budget", "fund", "carried", "million_vnd")
LIMIT = (
    "name",
    "least_million_vnd",
    "most_million_vnd",
    "least_share",
    "most_share",
    "each_unit",
    "units",
    "lines",
    "years",
    "budget",
    "group",
)
KINDS = {
    "entitlements_first": ("name", "kind", "lines"),
    "no_unit_worse": ("name", "kind"),
    "reach_targets": ("name", "kind", "units"),
}
"""Fields of each kind of rule."""
EDGES = LIMIT[1:5]
DEAREST = 1e9
"""Millions of đồng: more is a slip of the unit of money."""


@dataclass(frozen=True)
class Question:
    """What is asked of a budget: its purses, the rules, what is best."""

    name: str
    source: str
    budget: tuple[Purse, ...]
    rules: tuple[Rule, ...]
    objective: Objective


def read(path: Path, bounds: Bounds) -> Question:
    """The question of a TOML file.

    Raises:
        Refusal: `budget_unreadable`, or all at once `scenario_field`, `scenario_extra`,
            `scenario_line`, `scenario_unit`, `scenario_year`, `scenario_money`, `budget_kind`,
            `budget_fund`, `budget_none`, `budget_twice`, `budget_objective`, `budget_limit`,
            `budget_rule`, `budget_entitlement`, `budget_group`.
    """
    content = content_of(path, "budget_unreadable", ("purse", "limit", "rule"))
    faults = [
        Finding(rule, Place(path.name, sheet, str(at or "")), values=dict(told))
        for sheet, at, (rule, told) in _faults(content, bounds)
    ]
    if faults:
        raise Refusal(faults)
    return Question(
        content["name"],
        content["source"],
        tuple(_purse(entry) for entry in content["purse"]),
        tuple(_rules(content, bounds)),
        Objective(content.get("objective", Objective.MOST_OUT)),
    )


# Faults


def _faults(content: Mapping[str, Any], bounds: Bounds) -> Iterator[tuple[str, int, Fault]]:
    for fault in _top(content):
        yield "", 0, fault
    of_entry = {"purse": _of_purse, "limit": _of_limit, "rule": _of_rule}
    for sheet, faults in of_entry.items():
        for at, entry in enumerate(content.get(sheet, ()), 1):
            for fault in faults(entry, bounds):
                yield f"[[{sheet}]]", at, fault


def _top(content: Mapping[str, Any]) -> Iterator[Fault]:
    yield from extra(content, TOP)
    for name in ("name", "source"):
        if not isinstance(content.get(name), str) or not content[name]:
            yield "scenario_field", {"field": name}
    if not content.get("purse"):
        yield "budget_none", {}
    if content.get("objective", Objective.MOST_OUT) not in list(Objective):
        yield "budget_objective", {"value": content["objective"], "known": ", ".join(Objective)}
    entries = [entry for sheet in ("purse", "limit", "rule") for entry in content.get(sheet, ())]
    names = [entry.get("name") for entry in entries]
    for name in sorted({str(name) for name in names if name and names.count(name) > 1}):
        yield "budget_twice", {"value": name}


def _of_purse(entry: Mapping[str, Any], bounds: Bounds) -> Iterator[Fault]:
    yield from extra(entry, PURSE)
    yield from _named(entry)
    yield from _kind(entry)
    funds = sorted({fund for line in bounds.lines for fund in line.funds})
    fund, kind = entry.get("fund", ""), entry.get("budget")
    pays = [line for line in bounds.lines if fund in ("", *line.funds)]
    if not any(kind in (None, line.budget) for line in pays) and kind in (None, *Budget):
        yield "budget_fund", {"value": fund, "known": "; ".join(funds)}
    if not isinstance(entry.get("carried", False), bool):
        yield "scenario_field", {"field": "carried"}
    by_year = entry.get("million_vnd")
    if not isinstance(by_year, Mapping) or not by_year:
        yield "scenario_field", {"field": "million_vnd"}
        return
    for year, money in by_year.items():
        yield from year_faults(int(year) if year.isdecimal() else year, bounds, bounds.years[0])
        yield from _money(money, year)


def _of_limit(entry: Mapping[str, Any], bounds: Bounds) -> Iterator[Fault]:
    yield from extra(entry, LIMIT)
    yield from _named(entry)
    yield from _kind(entry)
    yield from _chosen(entry, bounds)
    if not isinstance(entry.get("each_unit", False), bool):
        yield "scenario_field", {"field": "each_unit"}
    if entry.get("group") not in (None, *GROUPS):
        yield "budget_group", {"value": entry["group"], "known": ", ".join(GROUPS)}
    given = [name for name in EDGES if name in entry]
    kinds = {name.split("_", 1)[1] for name in given}
    numbers = all(_number(entry[name]) for name in given)
    shares = [entry[name] for name in given if name.endswith("share")]
    if len(kinds) != 1 or not numbers or any(not 0 <= share <= 1 for share in shares):
        yield "budget_limit", {"name": entry.get("name", "")}
        return
    edges = [entry[name] for name in given]
    if len(edges) == 2 and edges[0] > edges[1]:
        yield "budget_limit", {"name": entry.get("name", "")}
    for name in given:
        if name.endswith("vnd"):
            yield from _money(entry[name], name)


def _of_rule(entry: Mapping[str, Any], bounds: Bounds) -> Iterator[Fault]:
    yield from _named(entry)
    kind = entry.get("kind", "")
    if kind not in list(KINDS):
        yield "budget_rule", {"value": kind, "known": ", ".join(KINDS)}
        return
    yield from extra(entry, KINDS[kind])
    yield from _chosen(entry, bounds)
    lines = [bounds.line(name) for name in entry.get("lines", ())]
    for line in lines:
        if line is not None and not line.entitlement:
            known = ", ".join(each.id for each in bounds.lines if each.entitlement)
            yield "budget_entitlement", {"value": line.id, "known": known}


def _named(entry: Mapping[str, Any]) -> Iterator[Fault]:
    if not isinstance(entry.get("name"), str) or not entry["name"]:
        yield "scenario_field", {"field": "name"}


def _kind(entry: Mapping[str, Any]) -> Iterator[Fault]:
    if entry.get("budget") not in (None, *Budget):
        yield "budget_kind", {"value": entry["budget"], "known": ", ".join(Budget)}


def _chosen(entry: Mapping[str, Any], bounds: Bounds) -> Iterator[Fault]:
    """Lists of units, lines and years."""
    for name in ("units", "lines", "years"):
        if not isinstance(entry.get(name, []), list):
            yield "scenario_field", {"field": name}
            return
    for unit in entry.get("units", ()):
        if unit not in list(bounds.units):
            yield "scenario_unit", {"value": unit, "known": bounds.known_units}
    for line in entry.get("lines", ()):
        if bounds.line(line) is None:
            yield "scenario_line", {"value": line, "known": bounds.known_lines}
    for year in entry.get("years", ()):
        yield from year_faults(year, bounds, bounds.years[0])


def _money(money: object, year: str) -> Iterator[Fault]:
    if not _number(money) or not 0 <= money < DEAREST:  # type: ignore[operator]
        yield "scenario_money", {"value": money, "year": year}


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# What has no fault


def _purse(entry: Mapping[str, Any]) -> Purse:
    return Purse(
        entry["name"],
        {int(year): round(money * 1e6) for year, money in entry["million_vnd"].items()},
        Budget(entry["budget"]) if "budget" in entry else None,
        entry.get("fund", ""),
        entry.get("carried", False),
    )


def _rules(content: Mapping[str, Any], bounds: Bounds) -> Iterator[Rule]:
    for entry in content.get("limit", ()):
        yield from _limits(entry, bounds)
    for entry in content.get("rule", ()):
        name, units = entry["name"], frozenset(bounds.units[u] for u in entry.get("units", ()))
        made: Mapping[str, Rule] = {
            "entitlements_first": EntitlementsFirst(name, frozenset(entry.get("lines", ()))),
            "no_unit_worse": NoUnitWorse(name),
            "reach_targets": Reach(name, units),
        }
        yield made[entry["kind"]]


def _limits(entry: Mapping[str, Any], bounds: Bounds) -> Iterator[Limit]:
    """One limit, or one for each unit."""
    share = any(name in entry for name in EDGES[2:])
    least, most = EDGES[2:] if share else EDGES[:2]
    scale = 1.0 if share else 1e6
    units = [bounds.units[unit] for unit in entry.get("units", bounds.units)]
    each = entry.get("each_unit", False)
    for group in [[unit] for unit in units] if each else [units if "units" in entry else []]:
        yield Limit(
            f"{entry['name']}: {bounds.names[group[0]]}" if each else entry["name"],
            entry[least] * scale if least in entry else None,
            entry[most] * scale if most in entry else None,
            share,
            frozenset(entry.get("lines", ())),
            frozenset(group),
            frozenset(entry.get("years", ())),
            Budget(entry["budget"]) if "budget" in entry else None,
            Group(entry["group"]) if "group" in entry else None,
        )
