"""Communes and towns: identity is (code, valid from), names are aliases, mergers are dated.

Codes were re-used with another meaning on 2025-07-01, so a code alone names nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import pandas as pd

from povsim.findings import refuse

PREFIXES = ("thi tran", "xa", "tt", "x")


@dataclass(frozen=True, order=True)
class UnitId:
    """The identity of a unit, printed as `23485@2025-07-01`.

    >>> UnitId.parse("23485@2025-07-01").code
    '23485'
    """

    code: str
    valid_from: date

    @classmethod
    def parse(cls, written: str) -> UnitId:
        """Read the printed form back."""
        code, _, start = written.partition("@")
        return cls(code, date.fromisoformat(start))

    def __str__(self) -> str:
        return self._printed

    def __hash__(self) -> int:
        return hash(self.code)  # asked for at every count; few units share a code

    @cached_property
    def _printed(self) -> str:
        return f"{self.code}@{self.valid_from.isoformat()}"


@dataclass(frozen=True)
class Unit:
    """One commune or town over the days it existed.

    `names` holds the official spelling first, then others seen in real files.
    `successor` is the unit that took it in whole; None while it stands.
    """

    id: UnitId
    names: tuple[str, ...]
    kind: str
    area_type: str
    valid_to: date | None = None
    successor: UnitId | None = None

    @property
    def name(self) -> str:
        return self.names[0]

    def stands_on(self, day: date) -> bool:
        """Whether the unit existed on that day."""
        return self.id.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@lru_cache(maxsize=8192)  # the same headings and names come in every file
def folded(name: str) -> str:
    """A name without case, marks and unit word, for comparing spellings.

    >>> folded("Xã Đắk Tờ Re") == folded("ĐĂK TƠ RE")
    True
    """
    # ð is the Icelandic letter that looks like đ in capitals and stands in many old files.
    same = name.casefold().replace("đ", "d").replace("ð", "d")
    bare = unicodedata.normalize("NFD", same)
    words = "".join(c for c in bare if not unicodedata.combining(c)).replace(".", " ").split()
    plain = " ".join(words)
    for prefix in PREFIXES:
        if plain.startswith(prefix + " "):
            return plain.removeprefix(prefix + " ")
    return plain


class Units:
    """All units known, asked by identity, by name on a day, or for their successors."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_id = {unit.id: unit for unit in units}
        self._standing: dict[date, list[Unit]] = {}
        self._called: dict[date, dict[str, list[Unit]]] = {}
        self._parts: dict[tuple[date, date], dict[UnitId, list[Unit]]] = {}

    def __getitem__(self, identity: UnitId | str) -> Unit:
        key = UnitId.parse(identity) if isinstance(identity, str) else identity
        if key not in self._by_id:
            raise refuse("unit_unknown", unit=str(identity), known=_listed(self._by_id.values()))
        return self._by_id[key]

    def on(self, day: date) -> list[Unit]:
        """The units that stood on a day, by code."""
        if day not in self._standing:
            standing = (unit for unit in self._by_id.values() if unit.stands_on(day))
            self._standing[day] = sorted(standing, key=lambda unit: unit.id)
        return list(self._standing[day])

    def _by_name(self, day: date) -> dict[str, list[Unit]]:
        """The units of a day by every code and folded name they are known by."""
        if day not in self._called:
            called: dict[str, list[Unit]] = {}
            for unit in self.on(day):
                for name in {unit.id.code, *map(folded, unit.names)}:
                    called.setdefault(name, []).append(unit)
            self._called[day] = called
        return self._called[day]

    def find(self, written: str, day: date) -> Unit:
        """The unit that a code or a name meant on that day.

        Raises:
            Refusal: no unit fits, or more than one does (both are shown).
        """
        called = self._by_name(day)
        fits = called.get(written.strip()) or called.get(folded(written)) or []
        if len(fits) != 1:
            rule = "unit_ambiguous" if fits else "unit_name_unknown"
            raise refuse(rule, name=written, units=_listed(fits or self.on(day)))
        return fits[0]

    def at(self, identity: UnitId | str, day: date) -> Unit:
        """The unit that holds this unit's households on `day`, following whole mergers.

        Raises:
            Refusal: `day` is before the unit existed; a merger cannot be undone.
        """
        unit = self[identity]
        while not unit.stands_on(day):
            if unit.successor is None or day < unit.id.valid_from:
                raise refuse("unit_not_divisible", unit=unit.name, day=day.isoformat())
            unit = self[unit.successor]
        return unit

    def parts(self, identity: UnitId | str, day: date, before: date) -> list[Unit]:
        """The units of an earlier day whose households this unit of `day` holds, by code."""
        if (day, before) not in self._parts:
            held: dict[UnitId, list[Unit]] = {}
            for unit in self.on(before):
                held.setdefault(self.at(unit.id, day).id, []).append(unit)
            self._parts[day, before] = held
        return self._parts[day, before].get(self[identity].id, [])

    def carry(self, table: pd.DataFrame, day: date) -> pd.DataFrame:
        """A long table of counts on the units of `day`: counts of merged units add up.

        Any column but `households`, `persons` and `value` is a key. Missing stays missing:
        a sum with a missing part is missing.
        """
        counts = [name for name in ("households", "persons", "value") if name in table]
        keys = [name for name in table if name not in counts]
        moves = {key: str(self.at(key, day).id) for key in table["unit"].unique()}
        moved = table.assign(unit=table["unit"].map(moves))
        grouped = moved.groupby(keys, as_index=False, sort=True)
        total = grouped[counts].sum()
        parts = moved.set_index(keys)[counts].isna().groupby(level=keys, sort=True).any()
        total[counts] = total[counts].mask(parts.to_numpy())
        return total[list(table.columns)]

    def names(self, identities: Iterable[str]) -> Mapping[str, str]:
        """Printed identity → official name."""
        return {identity: self[identity].name for identity in identities}


def _listed(units: Iterable[Unit]) -> str:
    return ", ".join(f"{unit.name} ({unit.id.code})" for unit in sorted(units, key=lambda u: u.id))
