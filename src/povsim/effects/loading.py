"""Programme lines from their files: povsim's own and a workspace's, every fault told at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from math import sqrt
from pathlib import Path
from typing import Any

from povsim import rules
from povsim.effects.lines import Budget, Effect, Kind, Law, Line
from povsim.findings import Finding, Place, Refusal
from povsim.i18n import Word
from povsim.rules import files
from povsim.vocabulary import Cause, Group, Indicator, State

FOLDER = "programme-lines"
Entry = Mapping[str, Any]

WORDS: dict[str, type[StrEnum]] = {
    "kind": Kind,
    "indicator": Indicator,
    "budget": Budget,
    "states": State,
    "groups": Group,
    "causes": Cause,
    "effect.law": Law,
}
"""Fields that are words, or lists of words, of a vocabulary."""
NUMBERS: dict[str, tuple[float, float]] = {
    "unit_cost": (0, float("inf")),
    "households_a_work": (1, float("inf")),
    "take_up": (0, 1),
    "capacity": (0, float("inf")),
    "lag": (0, 10),
    "grace": (0, 10),
    "effect.none": (0, 1),
    "effect.mean": (-float("inf"), float("inf")),
    "effect.sd": (0, float("inf")),
}
"""Fields that are numbers, from what to what."""
OTHERS = {"id", "name", "works", "funds", "recent", "effect", "grade", "evidence", "sources"}
REQUIRED = (
    "id",
    "kind",
    "unit_cost",
    "budget",
    "funds",
    "states",
    "take_up",
    "capacity",
    "lag",
    "effect",
    "grade",
    "effect.none",
    "effect.mean",
    "effect.sd",
    "effect.law",
)
GRADES = "ABCD"


def lines() -> tuple[Line, ...]:
    """Every line: povsim's, each replaced whole by a workspace's line of the same id, and its own.

    Raises:
        Refusal: every fault of a workspace's files at once: `line_unreadable`, `line_missing`,
            `line_field`, `line_word`, `line_number`, `line_source`, `line_twice`.
    """
    known = {line.id: line for line in _read(rules.load(FOLDER), "programme-lines.toml")}
    faults: list[Finding] = []
    for path in files.own(FOLDER):
        try:
            known |= {line.id: line for line in _read(_content(path), path.name)}
        except Refusal as refusal:
            faults += refusal.findings
    if faults:
        raise Refusal(faults)
    return tuple(known.values())


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:  # TOML's own error is a ValueError
        told = {"reason": str(error)}
        raise Refusal([Finding("line_unreadable", Place(path.name), values=dict(told))]) from error


def _read(content: Entry, name: str) -> list[Line]:
    entries = [dict(entry) for entry in content.get("line", ())]
    common = {"assumed": content.get("assumed", ""), "verified": content.get("verified", False)}
    faults = [
        Finding(rule, Place(name, "[[line]]", str(entry.get("id", at))), values=values)
        for at, entry in enumerate(entries, 1)
        for rule, values in _faults(entry, str(common["assumed"]))
    ]
    ids = [str(entry.get("id")) for entry in entries]
    for twice in sorted({id for id in ids if ids.count(id) > 1 and id != "None"}):
        faults.append(Finding("line_twice", Place(name, "[[line]]", twice), values={"line": twice}))
    if faults:
        raise Refusal(faults)
    return [_line(entry, common) for entry in entries]


Fault = tuple[str, dict[str, object]]


def _faults(entry: Entry, assumed: str) -> Iterator[Fault]:
    """The rules that an entry breaks, with what their sentences need."""
    flat = _flat(entry)
    for field in REQUIRED:
        if field not in flat:
            yield "line_missing", {"field": field}
    for field in flat:
        if field not in {*WORDS, *NUMBERS, *OTHERS}:
            yield "line_field", {"field": field, "known": _near(field)}
    for field in WORDS:
        yield from _word_faults(field, flat)
    for field in NUMBERS:
        yield from _number_faults(field, flat)
    yield from _sense(flat, assumed)


def _flat(entry: Entry) -> dict[str, Any]:
    """Fields by name, those of `effect` with a point between."""
    effect = entry.get("effect")
    inner = effect if isinstance(effect, Mapping) else {}
    return {**entry, **{f"effect.{key}": value for key, value in inner.items()}}


def _near(field: str) -> str:
    """The field that was probably meant, else all of them."""
    from difflib import get_close_matches

    known = sorted({*WORDS, *NUMBERS, *OTHERS})
    return ", ".join(get_close_matches(field, known, 1) or known)


def _word_faults(field: str, flat: Entry) -> Iterator[Fault]:
    if field in flat:
        words = flat[field] if isinstance(flat[field], list) else [flat[field]]
        for word in words:
            if word not in list(WORDS[field]):
                known = ", ".join(WORDS[field])
                yield "line_word", {"field": field, "value": word, "known": known}


def _number_faults(field: str, flat: Entry) -> Iterator[Fault]:
    if field not in flat:
        return
    value, (low, high) = flat[field], NUMBERS[field]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        yield "line_number", {"field": field, "value": value, "low": low, "high": high}
    elif field == "unit_cost" and not value:
        yield "line_free", {"value": value}


def _sense(flat: Entry, assumed: str) -> Iterator[Fault]:
    """What must hold between the fields of a line."""
    if not isinstance(flat.get("name", {}), Mapping):
        yield "line_name", {"value": flat["name"]}
    if (flat.get("kind") == Kind.INDICATOR) != ("indicator" in flat):
        yield "line_indicator", {"kind": flat.get("kind", "")}
    if not (assumed or flat.get("sources", {}).get("effect")):
        yield "line_source", {}
    if str(flat.get("grade")) not in GRADES:
        yield "line_word", {"field": "grade", "value": flat.get("grade", ""), "known": "A, B, C, D"}
    try:
        most = _most_spread(Law(flat["effect.law"]), float(flat["effect.mean"]))
        if not float(flat["effect.sd"]) < most:
            yield "line_spread", {"value": flat["effect.sd"], "most": most}
    except (KeyError, TypeError, ValueError):
        return  # told already
    except ArithmeticError:
        yield "line_mean", {"value": flat["effect.mean"], "law": Word(f"law.{flat['effect.law']}")}


def _most_spread(law: Law, mean: float) -> float:
    """The spread that a law with this mean stays below.

    Raises:
        ArithmeticError: no such law has this mean.
    """
    if law is Law.NORMAL:
        return float("inf")
    if mean <= 0 or (law is Law.BETA and mean >= 1):
        raise ArithmeticError(mean)
    return sqrt(mean * (1 - mean)) if law is Law.BETA else float("inf")


def _line(entry: Entry, common: Entry) -> Line:
    effect = entry["effect"]
    return Line(
        id=entry["id"],
        names=dict(entry.get("name", {})),
        kind=Kind(entry["kind"]),
        indicator=Indicator(entry["indicator"]) if "indicator" in entry else None,
        unit_cost=float(entry["unit_cost"]),
        works=bool(entry.get("works", False)),
        households_a_work=int(entry.get("households_a_work", 1)),
        budget=Budget(entry["budget"]),
        funds=tuple(entry["funds"]),
        states=frozenset(map(State, entry["states"])),
        recent=bool(entry.get("recent", False)),
        groups=frozenset(map(Group, entry.get("groups", ()))),
        causes=frozenset(map(Cause, entry.get("causes", ()))),
        take_up=float(entry["take_up"]),
        capacity=int(entry["capacity"]),
        lag=int(entry["lag"]),
        effect=Effect(effect["none"], effect["mean"], effect["sd"], Law(effect["law"])),
        grace=entry.get("grace"),
        grade=str(entry["grade"]),
        evidence=str(entry.get("evidence", "")),
        sources={"all": str(common["assumed"]), **entry.get("sources", {})},
        verified=bool(common["verified"]),
    )
