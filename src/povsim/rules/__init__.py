"""Dated law and defaults: every value with its article and whether an office has verified it."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from povsim import workspace
from povsim.findings import Place, Refusal, refuse
from povsim.units import Unit, UnitId, Units

_HOME = files("povsim.rules")


@dataclass(frozen=True)
class Standard:
    """A poverty standard and the year-end reviews it holds for (`last_review` None: still)."""

    id: str
    name: str
    first_review: int
    last_review: int | None
    article: str
    verified: bool


@cache
def load(name: str) -> dict[str, Any]:
    """One rules file (`units`, `standards`) as TOML gives it."""
    return tomllib.loads((_HOME / f"{name}.toml").read_text("utf-8"))


@cache
def load_folder(name: str) -> dict[str, dict[str, Any]]:
    """Every file of a folder of rules (`forms`), by its name without the ending."""
    found = (entry for entry in (_HOME / name).iterdir() if entry.name.endswith(".toml"))
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text("utf-8")) for entry in found
    }


@cache
def checksum() -> str:
    """SHA-256 over all rules files; a report's manifest names the law it was made under."""
    found = sorted(_rule_files(_HOME), key=lambda entry: entry.name)
    return hashlib.sha256(b"\0".join(entry.read_bytes() for entry in found)).hexdigest()


def _rule_files(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _rule_files(entry)
        elif entry.name.endswith(".toml"):
            yield entry


@cache
def standard_for(review: int) -> Standard:
    """The standard that the year-end review of a year was made under.

    Raises:
        Refusal: no standard on file holds for that year.

    >>> standard_for(2021).id, standard_for(2020).id
    ('nd07-2021', 'qd59-2015')
    """
    for entry in load("standards")["standard"]:
        last = entry.get("last_review")
        if entry["first_review"] <= review and (last is None or review <= last):
            return Standard(
                entry["id"],
                entry["name"],
                entry["first_review"],
                last,
                entry["article"],
                entry["verified"],
            )
    raise refuse("standard_unknown", year=review)


def units() -> Units:
    """All units on file, with names, dates and successors: povsim's own and the workspace's."""
    return _units(_own_units(os.environ.get("POVSIM_HOME"), os.getcwd()))


@cache
def _units(own: tuple[Path, ...]) -> Units:
    entries = [*load("units")["unit"], *(entry for path in own for entry in _units_in(path))]
    return Units(_unit(entry) for entry in entries)


@cache
def _own_units(*_where_from: str | None) -> tuple[Path, ...]:
    """The unit files of the workspace (`data/units/*.toml`), where there is one; looked for once
    from each place, since every row of a form asks.
    """
    try:
        return tuple(sorted((workspace.home() / "data" / "units").glob("*.toml")))
    except Refusal:
        return ()  # asked outside a workspace: povsim's own units are all there is


def _units_in(path: Path) -> list[dict[str, Any]]:
    try:
        entries: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["unit"]
    except (KeyError, ValueError) as error:
        raise refuse("units_unreadable", Place(path.name), reason=str(error)) from error
    return entries


def _unit(entry: dict[str, Any]) -> Unit:
    successor = entry.get("successor")
    valid_to: date | None = entry.get("valid_to")
    return Unit(
        id=UnitId(entry["code"], entry["valid_from"]),
        names=tuple(entry["names"]),
        kind=entry["kind"],
        area_type=entry["area_type"],
        valid_to=valid_to,
        successor=UnitId(successor["code"], successor["valid_from"]) if successor else None,
    )
