"""The units on file, povsim's own and the workspace's, made of their rules files.

A file holds any of three tables: `[[unit]]`; `[[area_type]]` and `[[hardship]]`, dated facts of a
unit that stands here or in another file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from povsim.findings import Finding, Place, Refusal
from povsim.rules.files import load, own
from povsim.units import COMMUNES, AreaType, Dated, Hardship, Kind, Unit, UnitId, Units

T = TypeVar("T")

LINED = COMMUNES | {Kind.VILLAGE}
"""Kinds whose households are held against an income line, so that they have an area type."""


@dataclass(frozen=True)
class Told:
    """What one file tells: its units, and dated facts of units by identity."""

    units: tuple[Unit, ...] = ()
    area_types: tuple[tuple[UnitId, Dated[AreaType]], ...] = ()
    hardships: tuple[tuple[UnitId, Dated[Hardship]], ...] = ()


def units() -> Units:
    """All units on file, with names, dates, parents and successors.

    Raises:
        Refusal: everything that is wrong in the workspace's files.
    """
    return _units(own("units"))


@cache
def _units(paths: tuple[Path, ...]) -> Units:
    told = [_told(load("units")), *_read(paths)]
    return registry(told)


def forget() -> None:
    """Read the workspace's units again."""
    _units.cache_clear()


def registry(told: Iterable[Told]) -> Units:
    """Units with the facts that any of the files tells of them, checked against each other.

    Raises:
        Refusal: an identity told twice, or one named that nobody has.
    """
    every = list(told)
    bare = Units(unit for file in every for unit in file.units)
    areas, hardships = _by_unit(f.area_types for f in every), _by_unit(f.hardships for f in every)
    parents = (parent.value for unit in bare for parent in unit.parents)
    heirs = (unit.successor for unit in bare if unit.successor)
    _refuse_unknown(bare, [*parents, *heirs, *areas, *hardships])
    return Units(
        replace(unit, area_types=areas.get(unit.id, ()), hardships=hardships.get(unit.id, ()))
        for unit in bare
    )


def _by_unit(
    files: Iterable[tuple[tuple[UnitId, Dated[T]], ...]],
) -> Mapping[UnitId, tuple[Dated[T], ...]]:
    found: dict[UnitId, tuple[Dated[T], ...]] = {}
    for facts in files:
        for unit, fact in facts:
            found[unit] = (*found.get(unit, ()), fact)
    return found


def _refuse_unknown(known: Units, named: Iterable[UnitId]) -> None:
    findings: list[Finding] = []
    for identity in dict.fromkeys(named):
        try:
            known[identity]
        except Refusal as refusal:
            findings += refusal.findings
    if findings:
        raise Refusal(findings)


# --- Reading --------------------------------------------------------------------------------------


def _read(paths: Iterable[Path]) -> list[Told]:
    """The workspace's files; what is wrong with any of them is told at once."""
    import tomllib

    told: list[Told] = []
    findings: list[Finding] = []
    for path in paths:
        try:
            told.append(_told(tomllib.loads(path.read_text("utf-8"))))
        except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
            reason = f"{type(error).__name__}: {error}"
            findings.append(
                Finding("units_unreadable", Place(path.name), values={"reason": reason})
            )
    if findings:
        raise Refusal(findings)
    return told


def _told(content: dict[str, Any]) -> Told:
    if not content.keys() & {"unit", "area_type", "hardship"}:
        raise KeyError("unit")
    return Told(
        tuple(_unit(entry) for entry in content.get("unit", ())),
        tuple(_fact(entry, AreaType) for entry in content.get("area_type", ())),
        tuple(_fact(entry, Hardship) for entry in content.get("hardship", ())),
    )


def _fact(entry: dict[str, Any], kind: type[T]) -> tuple[UnitId, Dated[T]]:
    """A dated fact of a unit; `kind` reads its value."""
    dated = Dated(
        kind(entry["value"]),  # type: ignore[call-arg]
        entry["valid_from"],
        entry.get("valid_to"),
        entry["source"],
        entry["verified"],
    )
    return UnitId.parse(entry["unit"]), dated


def _unit(entry: dict[str, Any]) -> Unit:
    kind, successor = Kind(entry["kind"]), entry.get("successor")
    unit = Unit(
        id=UnitId(entry["code"], entry["valid_from"]),
        names=tuple(entry["names"]),
        kind=kind,
        area_type=AreaType(entry["area_type"]) if kind in LINED else None,
        valid_to=entry.get("valid_to"),
        successor=UnitId(successor["code"], successor["valid_from"]) if successor else None,
        parents=tuple(_parents(entry)),
        verified=entry["verified"],
    )
    if not unit.names or not all(isinstance(day, date) for day in (unit.id.valid_from,)):
        raise ValueError(f"unit {unit.id.code}: names and valid_from (a date) are needed")
    return unit


def _parents(entry: dict[str, Any]) -> Iterator[Dated[UnitId]]:
    """`parent` is one identity for all the unit's days, or a list, each with days of its own."""
    given = entry.get("parent", [])
    parents: list[dict[str, Any]] = [{"unit": given}] if isinstance(given, str) else given
    for parent in parents:
        start = parent.get("valid_from", entry["valid_from"])
        end = parent.get("valid_to", entry.get("valid_to"))
        yield Dated(UnitId.parse(parent["unit"]), start, end)
