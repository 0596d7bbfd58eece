"""What scenarios of a plan are checked against: its units, years and lines."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from povsim.effects import Line
from povsim.findings import Place, refuse

Fault = tuple[str, dict[str, object]]
"""A rule that is broken, and what is told of it."""


@dataclass(frozen=True)
class Bounds:
    """`units` are printed identities by code, `names` what they are called; `years` the plan's.

    `nobody` are pairs of line and unit where no household may have the line, as far as forms tell.
    """

    lines: Sequence[Line]
    units: Mapping[str, str]
    names: Mapping[str, str]
    years: range
    nobody: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def line(self, name: object) -> Line | None:
        return next((line for line in self.lines if line.id == name), None)

    @property
    def known_lines(self) -> str:
        return ", ".join(line.id for line in self.lines)

    @property
    def known_units(self) -> str:
        return ", ".join(f"{code} ({self.names[unit]})" for code, unit in self.units.items())


def most(line: Line) -> float:
    """The most that a line can cost a unit in a year, đồng; nought where there is no limit."""
    return -(-line.capacity // line.households_a_work) * line.unit_cost


def content_of(path: Path, rule: str, tables: Sequence[str]) -> dict[str, Any]:
    """What a TOML file holds, of whose `tables` each is a list of tables.

    Raises:
        Refusal: `rule`, with the reason.
    """
    place = Place(path.name)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:  # TOML's own error is a ValueError
        raise refuse(rule, place, reason=str(error)) from error
    for name in tables:
        entries = content.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise refuse(rule, place, reason=f"[[{name}]]")
    return content


def unit_faults(entry: Mapping[str, Any], bounds: Bounds) -> Iterator[Fault]:
    """A unit's code that the plan does not have."""
    if "unit" in entry and entry["unit"] not in list(bounds.units):
        yield "scenario_unit", {"value": entry["unit"], "known": bounds.known_units}


def year_faults(year: object, bounds: Bounds, start: int) -> Iterator[Fault]:
    """A year outside the plan, or before the scenario holds."""
    if type(year) is not int or year not in bounds.years:
        told = {"value": year, "first": bounds.years[0], "last": bounds.years[-1]}
        yield "scenario_year", dict(told)
    elif year < start:
        yield "scenario_before_start", {"year": year, "start": start}


def extra(table: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Fault]:
    """Fields that nobody would read: a typo must not spend nothing."""
    for name in table:
        if name not in known:
            yield "scenario_extra", {"field": name, "known": ", ".join(known)}
