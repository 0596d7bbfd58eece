"""Dated law and defaults: every value with its article and whether an office has verified it."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from povsim.findings import refuse
from povsim.units import Unit, UnitId, Units

FILES = ("forms", "standards", "units")


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
    """One rules file (`units`, `standards`, `forms`) as TOML gives it."""
    return tomllib.loads((files("povsim.rules") / f"{name}.toml").read_text("utf-8"))


@cache
def checksum() -> str:
    """SHA-256 over all rules files; a report's manifest names the law it was made under."""
    parts = [(files("povsim.rules") / f"{name}.toml").read_bytes() for name in FILES]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


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


@cache
def units() -> Units:
    """All units on file, with names, dates and successors."""
    return Units(_unit(entry) for entry in load("units")["unit"])


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
