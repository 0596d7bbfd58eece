"""Money by line, unit and year: what a plan spends, from a file that checks itself.

Until a ledger of what was spent exists, the current plan's is a marked sample.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from povsim.findings import Finding, Place, Refusal, refuse
from povsim.vocabulary import Origin

Key = tuple[str, str, int]
TOP = ("name", "origin", "source", "spend")
ENTRY = ("line", "unit", "million_vnd")


@dataclass(frozen=True)
class Spending:
    """Đồng by line, unit (printed identity) and year; nought where nothing is said."""

    name: str
    origin: Origin
    source: str
    amounts: Mapping[Key, int]

    def money(self, line: str, unit: str, year: int) -> int:
        """Đồng of one line in one unit and year."""
        return self.amounts.get((line, unit, year), 0)


def read(
    path: Path, *, lines: Collection[str], units: Mapping[str, str], years: Collection[int]
) -> Spending:
    """A file of spending.

    Args:
        units: printed identities by code.

    Raises:
        Refusal: `spending_unreadable`, or all at once `spending_field`, `spending_line`,
            `spending_unit`, `spending_year`, `spending_money`, `spending_twice`,
            `spending_extra` (a field that nobody reads).
    """
    place, content = Place(path.name), _content(path)
    missing = [f for f in ("name", "source") if not content.get(f)]
    missing += ["origin"] if content.get("origin") not in list(Origin) else []
    faults = [Finding("spending_field", place, values={"field": f}) for f in missing]
    faults += [Finding(rule, place, values=dict(told)) for rule, told in _extra(content, TOP)]
    amounts: dict[Key, int] = {}
    for at, entry in enumerate(content.get("spend", ()), 1):
        where = Place(path.name, "[[spend]]", str(at))
        found = list(_faults(entry, lines, units, years))
        faults += [Finding(rule, where, values=dict(values)) for rule, values in found]
        for key, money in () if found else _amounts(entry, units):
            if key in amounts:
                told = {"line": key[0], "unit": entry["unit"], "year": key[2]}
                faults.append(Finding("spending_twice", where, values=dict(told)))
            amounts[key] = money
    if faults:
        raise Refusal(faults)
    origin = Origin(content["origin"])
    return Spending(content["name"], origin, content["source"], amounts)


Fault = tuple[str, dict[str, object]]


def _content(path: Path) -> dict[str, Any]:
    place = Place(path.name)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:  # TOML's own error is a ValueError
        raise refuse("spending_unreadable", place, reason=str(error)) from error
    entries = content.get("spend", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise refuse("spending_unreadable", place, reason="[[spend]]")
    return content


def _faults(
    entry: Mapping[str, Any],
    lines: Collection[str],
    units: Mapping[str, str],
    years: Collection[int],
) -> Iterator[Fault]:
    """What is wrong with an entry: a line, a unit's code, and millions of đồng by year."""
    yield from _extra(entry, ENTRY)
    for field in ENTRY:
        if field not in entry:
            yield "spending_field", {"field": field}
    if "line" in entry and str(entry["line"]) not in lines:
        yield "spending_line", {"value": entry["line"], "known": ", ".join(lines)}
    if "unit" in entry and entry["unit"] not in list(units):
        yield "spending_unit", {"value": entry["unit"], "known": ", ".join(units)}
    by_year = entry.get("million_vnd", {})
    if not isinstance(by_year, Mapping):
        yield "spending_field", {"field": "million_vnd"}
        return
    for year, money in by_year.items():
        if not year.isdecimal() or int(year) not in years:
            told = {"value": year, "first": min(years), "last": max(years)}
            yield "spending_year", dict(told)
        if isinstance(money, bool) or not isinstance(money, int | float) or not 0 <= money < 1e9:
            yield "spending_money", {"value": money, "year": year}


def _extra(table: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Fault]:
    """Fields that nobody would read: a typo must not spend nothing."""
    for field in table:
        if field not in known:
            yield "spending_extra", {"field": field, "known": ", ".join(known)}


def _amounts(entry: Mapping[str, Any], units: Mapping[str, str]) -> Iterator[tuple[Key, int]]:
    for year, money in entry["million_vnd"].items():
        yield (entry["line"], units[entry["unit"]], int(year)), round(money * 1_000_000)
