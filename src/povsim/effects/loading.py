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
    "unit_cost": (0, 1e13),
    "households_a_work": (1, 1e6),
    "take_up": (0, 1),
    "capacity": (0, 1e7),
    "lag": (0, 10),
    "grace": (0, 10),
    "effect.none": (0, 1),
    "effect.mean": (-10, 10),
    "effect.sd": (0, 10),
}
"""Fields that are numbers, from what to what."""
WHOLE = {"households_a_work", "capacity", "lag", "grace"}
"""Numbers without a fraction."""
SHAPES: dict[str, type] = {
    "id": str,
    "name": dict,
    "kind": str,
    "indicator": str,
    "works": bool,
    "budget": str,
    "funds": list,
    "states": list,
    "recent": bool,
    "groups": list,
    "causes": list,
    "effect": dict,
    "effect.law": str,
    "grade": str,
    "evidence": str,
    "sources": dict,
}
"""How all other fields are written."""
FIELDS = (*NUMBERS, *SHAPES)
SOURCED = ("unit_cost", "take_up", "capacity", "lag", "effect")
"""Numbers that need a source, the line's own or the file's."""
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
            `line_field`, `line_shape`, `line_word`, `line_number`, `line_free`, `line_indicator`,
            `line_law`, `line_mean`, `line_spread`, `line_source`, `line_twice`.
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
    entries = _tables(content.get("line", []), name)
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


def _tables(found: object, name: str) -> list[dict[str, Any]]:
    """The [[line]] tables of a file.

    Raises:
        Refusal: `line_unreadable`, where `line` is something else.
    """
    if isinstance(found, list) and all(isinstance(each, dict) for each in found):
        return found
    raise Refusal([Finding("line_unreadable", Place(name), values={"reason": "[[line]]"})])


Fault = tuple[str, dict[str, object]]


def _faults(entry: Entry, assumed: str) -> Iterator[Fault]:
    """The rules that an entry breaks, with what their sentences need."""
    flat = _flat(entry)
    for field in REQUIRED:
        if field not in flat:
            yield "line_missing", {"field": field}
    for field in flat:
        if field not in FIELDS:
            yield "line_field", {"field": field, "known": _near(field)}
    sound = dict(flat)
    for field, shape in SHAPES.items():
        if field in flat and not isinstance(flat[field], shape):
            told = Word(f"shape.{shape.__name__}")
            yield "line_shape", {"field": field, "value": sound.pop(field), "shape": told}
    for field in WORDS:
        yield from _word_faults(field, sound)
    for field in NUMBERS:
        yield from _number_faults(field, sound)
    yield from _sense(sound)
    yield from _source_faults(sound.get("sources", {}), assumed)


def _flat(entry: Entry) -> dict[str, Any]:
    """Fields by name, those of `effect` with a point between."""
    effect = entry.get("effect")
    inner = effect if isinstance(effect, Mapping) else {}
    return {**entry, **{f"effect.{key}": value for key, value in inner.items()}}


def _near(field: str) -> str:
    """The field that was probably meant, else all of them."""
    from difflib import get_close_matches

    return ", ".join(get_close_matches(field, FIELDS, 1) or sorted(FIELDS))


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
    if not _is_number(value) or not low <= value <= high:
        yield "line_number", {"field": field, "value": value, "low": low, "high": high}
    elif field in WHOLE and value != int(value):
        yield "line_whole", {"field": field, "value": value}
    elif field == "unit_cost" and not value:
        yield "line_free", {"value": value}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sense(flat: Entry) -> Iterator[Fault]:
    """What must hold between the fields of a line."""
    is_indicator, law = flat.get("kind") == Kind.INDICATOR, flat.get("effect.law")
    if is_indicator != ("indicator" in flat):
        yield "line_indicator", {"kind": flat.get("kind", "")}
    if "grade" in flat and flat["grade"] not in list(GRADES):
        known = ", ".join(GRADES)
        yield "line_word", {"field": "grade", "value": flat["grade"], "known": known}
    if law not in list(Law):
        return  # told already
    if is_indicator and law != Law.BETA:
        yield "line_law", {"law": Word(f"law.{law}")}
    if all(_is_number(flat.get(field)) for field in ("effect.mean", "effect.sd")):
        yield from _law_faults(Law(law), flat["effect.mean"], flat["effect.sd"])


def _law_faults(law: Law, mean: float, sd: float) -> Iterator[Fault]:
    """Whether a law has this mean and spread."""
    if law is Law.NORMAL:
        return
    if mean <= 0 or (law is Law.BETA and mean >= 1):
        yield "line_mean", {"value": mean, "law": Word(f"law.{law}")}
    elif law is Law.BETA and not sd < (most := sqrt(mean * (1 - mean))):
        yield "line_spread", {"value": sd, "most": most}


def _source_faults(sources: Entry, assumed: str) -> Iterator[Fault]:
    """Every number needs a source; one of what is no number would be read by nobody."""
    for field in SOURCED:
        if not (assumed or sources.get(field)):
            yield "line_source", {"field": field}
    for field in sources:
        if field not in SOURCED:
            yield "line_field", {"field": f"sources.{field}", "known": ", ".join(SOURCED)}


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
