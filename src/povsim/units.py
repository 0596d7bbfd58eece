"""Communes, towns and what lies above and below them: identity is (code, valid from), names are
aliases; parents, area types and hardship are dated, mergers only add up.

Codes were re-used with another meaning on 2025-07-01, so a code alone names nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

import pandas as pd

from povsim.findings import Finding, Refusal, all_of, refuse
from povsim.i18n import Joined, Word

OFFICES = ("ubnd ", "uy ban nhan dan ")
PREFIXES = ("thi tran ", "xa ", "tt ", "x ", "p ")
WARD = unicodedata.normalize("NFD", "phường ")
"""Cut off only where it is written with its marks: Phương Trung and Phượng Cách are names."""
COUNTS = ("households", "persons", "value")
"""The columns of a long table that are counted; every other one is a key."""
NUMBERED_KEYS = frozenset({"period", "year"})
"""Keys that may be numbers; any other column of numbers would be a count that nobody adds up."""

T = TypeVar("T")


class Kind(StrEnum):
    """What a unit is; communes, towns and wards fill the official forms."""

    VILLAGE = "village"
    COMMUNE = "commune"
    TOWN = "town"
    WARD = "ward"
    DISTRICT = "district"
    PROVINCE = "province"


COMMUNES = frozenset({Kind.COMMUNE, Kind.TOWN, Kind.WARD})
"""The kinds of one level that a form, a plan and a table mean by "unit" unless they say more."""


class AreaType(StrEnum):
    """Which of a standard's two income lines holds in a unit."""

    RURAL = "rural"
    URBAN = "urban"


class Hardship(StrEnum):
    """Where a unit stands on the lists of hardship of the ethnic minority and mountain area.

    A commune is of zone 1, 2 or 3, and one of zone 3 is đặc biệt khó khăn (ĐBKK); a village is on
    the list of ĐBKK villages or not. OFF_LIST says that it is on no list, or has left it.
    """

    ZONE_1 = "zone_1"
    ZONE_2 = "zone_2"
    ZONE_3 = "zone_3"
    HARD_VILLAGE = "hard_village"
    OFF_LIST = "off_list"

    @property
    def is_hard(self) -> bool:
        """Whether the unit is đặc biệt khó khăn."""
        return self in (Hardship.ZONE_3, Hardship.HARD_VILLAGE)


class BreakKind(StrEnum):
    """What changes under a series of figures: the line, the borders, the standard itself."""

    AREA_TYPE = "area_type"
    BOUNDARY = "boundary"
    STANDARD = "standard"


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
class Dated(Generic[T]):
    """What held of a unit from one day to another (None: still), who says so, whether an office
    has confirmed it.
    """

    value: T
    valid_from: date
    valid_to: date | None = None
    source: str = ""
    verified: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether it held on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Unit:
    """One unit over the days it existed.

    `names` holds the official spelling first, then others seen in real files. `area_type` holds
    from the first day (None where the kind has none), unless one of `area_types` says otherwise;
    of several dated facts of one day the last one on file counts, so that a workspace can correct
    what povsim ships. `successor` is the unit that took it in whole; None while it stands, or
    where nobody did.
    """

    id: UnitId
    names: tuple[str, ...]
    kind: Kind
    area_type: AreaType | None
    valid_to: date | None = None
    successor: UnitId | None = None
    parents: tuple[Dated[UnitId], ...] = ()
    area_types: tuple[Dated[AreaType], ...] = ()
    hardships: tuple[Dated[Hardship], ...] = ()
    verified: bool = False

    @property
    def name(self) -> str:
        return self.names[0]

    def stands_on(self, day: date) -> bool:
        """Whether the unit existed on that day."""
        return self.id.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def area_type_on(self, day: date) -> AreaType | None:
        """Which income line held in the unit on that day."""
        held = _held(self.area_types, day)
        return held.value if held else self.area_type

    def hardship_on(self, day: date) -> Dated[Hardship] | None:
        """Its status of hardship on that day, with the source; None where nothing is on file."""
        return _held(self.hardships, day)

    def parent_on(self, day: date) -> UnitId | None:
        """The unit directly above it on that day."""
        held = _held(self.parents, day)
        return held.value if held else None


def _held(facts: tuple[Dated[T], ...], day: date) -> Dated[T] | None:
    return next((fact for fact in reversed(facts) if fact.holds_on(day)), None)


@dataclass(frozen=True)
class Break:
    """A day on which a series of figures changes its meaning, though it may go on in numbers.

    `day` is the first day of the new meaning; `unit` the unit whose series it is (None: every
    unit). `values` are what a sentence about it needs, all but the words of a language.
    """

    kind: BreakKind
    day: date
    unit: UnitId | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=8192)  # the same headings and names come in every file
def folded(name: str) -> str:
    """A name without case, marks and unit word, for comparing spellings.

    >>> folded("Xã Đắk Tờ Re") == folded("ĐĂK TƠ RE")
    True
    >>> folded("UBND phường Lê Lợi"), folded("Xã Phương Trung")
    ('le loi', 'phuong trung')
    """
    # ð is the Icelandic letter that looks like đ in capitals and stands in many old files.
    same = name.casefold().replace("đ", "d").replace("ð", "d")
    bare = unicodedata.normalize("NFD", same)
    words = "".join(c for c in bare if not unicodedata.combining(c)).replace(".", " ").split()
    plain = " ".join(words)
    for office in OFFICES:
        plain = plain.removeprefix(office)
    if plain.startswith("phuong ") and WARD in bare:
        return plain.removeprefix("phuong ")
    for prefix in PREFIXES:
        if plain.startswith(prefix):
            return plain.removeprefix(prefix)
    return plain


class Units:
    """All units known, asked by identity, by name on a day, for their successors and parents.

    Iterating gives every unit of every kind and day, by identity.

    Raises:
        Refusal: two entries claim one identity (every such pair is told).
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_id: dict[UnitId, Unit] = {}
        _refuse_twins([u for u in units if self._by_id.setdefault(u.id, u) is not u], self._by_id)
        # Identities come printed in every table: found without reading them back each time.
        self._by_printed = {str(unit.id): unit for unit in self._by_id.values()}
        self._standing: dict[tuple[date, frozenset[Kind] | None], list[Unit]] = {}
        self._called: dict[tuple[date, frozenset[Kind]], dict[str, list[Unit]]] = {}
        self._parts: dict[tuple[date, date], dict[UnitId, list[Unit]]] = {}

    def __iter__(self) -> Iterator[Unit]:
        return iter(sorted(self._by_id.values(), key=lambda unit: unit.id))

    def __getitem__(self, identity: UnitId | str) -> Unit:
        found = (
            self._by_printed.get(identity)
            if isinstance(identity, str)
            else self._by_id.get(identity)
        )
        if found is None:
            raise Refusal([self._unknown(identity)])
        return found

    def _unknown(self, identity: UnitId | str) -> Finding:
        """Why something is no identity; a bare code or name is shown with all it has meant."""
        written = str(identity)
        meant = [unit for unit in self if "@" not in written and _is_called(unit, written)]
        if meant:
            told = Joined(tuple(map(_spelled, meant)), "; ")
            return Finding("unit_code_alone", values={"written": written, "meanings": told})
        known = _listed(unit for unit in self if unit.kind in COMMUNES)
        return Finding("unit_unknown", values={"unit": written, "known": known})

    # --- On a day -----------------------------------------------------------------------------

    def on(self, day: date, kinds: Collection[Kind] | None = COMMUNES) -> list[Unit]:
        """The units that stood on a day, by code: communes and towns unless other kinds are
        named; None for every kind.
        """
        key = (day, None if kinds is None else frozenset(kinds))
        if key not in self._standing:
            wanted = (u for u in self._by_id.values() if kinds is None or u.kind in kinds)
            standing = (unit for unit in wanted if unit.stands_on(day))
            self._standing[key] = sorted(standing, key=lambda unit: unit.id)
        return list(self._standing[key])

    def _by_name(self, day: date, kinds: frozenset[Kind]) -> dict[str, list[Unit]]:
        """The units of a day by every code, identity and folded name they are known by."""
        if (day, kinds) not in self._called:
            called: dict[str, list[Unit]] = {}
            for unit in self.on(day, kinds):
                for name in {unit.id.code, str(unit.id), *map(folded, unit.names)}:
                    called.setdefault(name, []).append(unit)
            self._called[day, kinds] = called
        return self._called[day, kinds]

    def find(
        self,
        written: str,
        day: date,
        kinds: Collection[Kind] = COMMUNES,
        among: Collection[Unit] | None = None,
    ) -> Unit:
        """The unit that a code, a printed identity or a name meant on that day; of communes and
        towns unless other kinds are named, so that a village or a district never makes a form's
        name ambiguous.

        `among` (a plan's units) decides where units of other districts share the name.

        Raises:
            Refusal: no unit fits, or more than one does (all are shown).
        """
        called = self._by_name(day, frozenset(kinds))
        plain = folded(written)
        fits = called.get(written.strip()) or called.get(plain) or []
        # Without its marks the word for a ward may be one, or the head of a name.
        fits = fits or called.get(plain.removeprefix("phuong ")) or []
        if len(fits) > 1 and among is not None:
            fits = [unit for unit in fits if unit in among] or fits
        if not fits:
            standing = _listed(self.on(day, kinds)) or Word("unit.none_on", day=day)
            raise refuse("unit_name_unknown", name=written, units=standing)
        if len(fits) > 1:
            raise refuse("unit_ambiguous", name=written, units=_listed(fits))
        return fits[0]

    # --- Above and below ------------------------------------------------------------------------

    def above(self, identity: UnitId | str, day: date, kind: Kind) -> Unit | None:
        """The unit of a kind that a unit belonged to on a day, or None where none is on file.

        A unit that had ended is asked for by its holder, one not yet formed by its parts.
        """
        unit: Unit | None = self._someone(self[identity], day)
        while unit is not None and unit.kind != kind:
            parent = unit.parent_on(max(day, unit.id.valid_from))
            unit = self[parent] if parent else None
        return unit

    def _someone(self, unit: Unit, day: date) -> Unit:
        """A unit of the day that stands for this one; the first of its line where none does."""
        while day < unit.id.valid_from:
            before = self._merged_into(unit)
            if not before:
                return unit
            unit = before[0]
        return self._holder(unit, day) or unit

    def below(
        self, identity: UnitId | str, day: date, kinds: Collection[Kind] = COMMUNES
    ) -> list[Unit]:
        """The units of a day that belong to a unit, directly or through others, by code."""
        own = self[identity]
        return [unit for unit in self.on(day, kinds) if own in self._line(unit, day)]

    def _line(self, unit: Unit, day: date) -> Iterator[Unit]:
        parent = unit.parent_on(day)
        while parent is not None:
            above = self[parent]
            yield above
            parent = above.parent_on(day)

    def kin(self, identities: Iterable[UnitId | str]) -> set[UnitId]:
        """Units that share an heir with these: what their figures were before, and become later."""
        heirs = {self._heir(self[identity]) for identity in identities}
        return {unit.id for unit in self._by_id.values() if self._heir(unit) in heirs}

    def _heir(self, unit: Unit) -> UnitId:
        while unit.successor is not None:
            unit = self[unit.successor]
        return unit.id

    # --- Mergers ----------------------------------------------------------------------------------

    def at(self, identity: UnitId | str, day: date) -> Unit:
        """The unit that holds this unit's households on `day`, following whole mergers.

        Raises:
            Refusal: `day` is before the unit existed (a merger cannot be undone), or the unit
                ended and none took it in whole.
        """
        unit = self[identity]
        holder = self._holder(unit, day)
        if holder is None:
            raise Refusal([self._lost(unit, day)])
        return holder

    def _holder(self, unit: Unit, day: date) -> Unit | None:
        while not unit.stands_on(day):
            if unit.successor is None or day < unit.id.valid_from:
                return None
            unit = self[unit.successor]
        return unit

    def _lost(self, unit: Unit, day: date) -> Finding:
        """Why a unit's figures cannot be given on the units of a day."""
        while day > unit.id.valid_from and unit.successor is not None:
            unit = self[unit.successor]
        values: dict[str, object] = {"unit": unit.name, "day": day}
        if day < unit.id.valid_from:
            values["formed"] = unit.id.valid_from
            values["parts"] = _listed(self._merged_into(unit)) or "–"
            return Finding("unit_not_divisible", values=values)
        values["ended"] = unit.valid_to or "–"
        return Finding("unit_ended", values=values)

    def _merged_into(self, unit: Unit) -> list[Unit]:
        """The units that this one took in whole."""
        return [other for other in self if other.successor == unit.id]

    def parts(self, identity: UnitId | str, day: date, before: date) -> list[Unit]:
        """The units of an earlier day whose households this unit of `day` holds, by code."""
        if (day, before) not in self._parts:
            held: dict[UnitId, list[Unit]] = {}
            for unit in self.on(before, None):
                holder = self._holder(unit, day)
                if holder is not None:
                    held.setdefault(holder.id, []).append(unit)
            self._parts[day, before] = held
        return self._parts[day, before].get(self[identity].id, [])

    # --- Tables -----------------------------------------------------------------------------------

    def carry(self, table: pd.DataFrame, day: date) -> pd.DataFrame:
        """A long table of counts on the units of `day`: counts of merged units add up.

        Any column but `households`, `persons` and `value` is a key. Missing stays missing: a sum
        with a missing part, or without one of its parts, is missing.

        Raises:
            Refusal: every unit of the table that is no identity (a bare code or name has had more
                than one meaning) or cannot be had on that day; counts that overlap, or one unit
                twice under the same keys; numbers in a column that is neither count nor key.
        """
        counts = [name for name in COUNTS if name in table]
        keys = [name for name in table if name not in counts]
        _refuse_uncounted(table[keys])
        moved, sources = self._moved(table, day)
        self._refuse_repeated(table[keys], day)
        grouped = moved.groupby(keys, as_index=False, sort=True, dropna=False)
        total: pd.DataFrame = grouped[counts].sum(skipna=False)
        if len(total) < len(table) or sources["need"].gt(1).any():
            lacking = self._partial(moved[keys], sources, day).to_numpy()
            for name in counts if lacking.any() else ():
                total[name] = total[name].mask(lacking)
        return total[list(table.columns)]

    def _refuse_repeated(self, keys: pd.DataFrame, day: date) -> None:
        """One unit has one row under the same keys, whatever day it is carried to: with rows to
        spare, one that is there twice would hide one that is not there at all.
        """
        twice = keys["unit"][keys.duplicated()].unique()
        if len(twice):
            units = _listed(self[name] for name in twice)
            raise refuse("unit_counted_twice", units=units, day=day)

    def _moved(self, table: pd.DataFrame, day: date) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The table by the units of a day, and beside each row what it was counted by: since when
        and until when that unit stood, and how many such units make up the one that holds it.
        """
        written = list(table["unit"].unique())
        holders = dict(zip(written, self._holders(written, day), strict=True))
        facts = [self._source(name, holders[name], day) for name in written]
        source = pd.DataFrame(facts, columns=["since", "until", "need"], index=written)
        moves = {name: str(holder.id) for name, holder in holders.items()}
        moved = table.assign(unit=table["unit"].map(moves)).reset_index(drop=True)
        return moved, source.reindex(table["unit"]).reset_index(drop=True)

    def _holders(self, written: list[str], day: date) -> list[Unit]:
        return all_of(lambda name: self.at(name, day), written)

    def _source(self, written: str, holder: Unit, day: date) -> tuple[int, int, int]:
        unit = self[written]
        need = len(self.parts(holder.id, day, unit.id.valid_from))
        return unit.id.valid_from.toordinal(), (unit.valid_to or date.max).toordinal(), need

    def _partial(self, keys: pd.DataFrame, sources: pd.DataFrame, day: date) -> pd.Series[bool]:
        """Which sums lack one of their units altogether.

        Units that made up one holder at one time stood on a common day: the first of the youngest.
        """
        columns = list(keys)
        every = pd.concat([keys, sources], axis=1).sort_values("since", kind="stable")
        grouped = every.groupby(columns, as_index=False, sort=True, dropna=False)
        sums = grouped.agg(
            rows=("need", "size"), need=("need", "last"), since=("since", "max"),
            until=("until", "min"),
        )  # fmt: skip
        twice = sums[(sums["rows"] > sums["need"]) | (sums["until"] < sums["since"])]
        if not twice.empty:
            units = [self[name] for name in twice["unit"].unique()]
            raise refuse("unit_counted_twice", units=_listed(units), day=day)
        lacking: pd.Series[bool] = sums["rows"] < sums["need"]
        return lacking

    # --- Breaks -----------------------------------------------------------------------------------

    def breaks(self, identity: UnitId | str, first: date, last: date) -> list[Break]:
        """Where the series of all that a unit holds on `last` changes its meaning after `first`.

        A merger is told as a boundary break (whole units: its counts still add up), and as a break
        of the area type where a part had another one than the heir: the urban line ends there,
        and the measure with it. By day.
        """
        heir = self.at(identity, last)
        found = (b for unit in self._lineage(heir, first) for b in self._changes(unit, first, last))
        return sorted(found, key=lambda found: (found.day, found.kind, str(found.unit)))

    def _lineage(self, unit: Unit, first: date) -> Iterator[Unit]:
        """A unit and those that went into it, back to a day."""
        yield unit
        if first < unit.id.valid_from:
            for part in self._merged_into(unit):
                yield from self._lineage(part, first)

    def _changes(self, unit: Unit, first: date, last: date) -> Iterator[Break]:
        formed = unit.id.valid_from
        parts = self._merged_into(unit) if first < formed <= last else []
        if len(parts) > 1:
            values = {"unit": unit.name, "unit_kind": str(unit.kind), "parts": _listed(parts)}
            yield Break(BreakKind.BOUNDARY, formed, unit.id, values)
        for part in parts:
            was, now = part.area_type_on(part.valid_to or formed), unit.area_type_on(formed)
            yield from _area_break(unit, part, was, now, formed)
        for fact in unit.area_types:
            day = fact.valid_from
            if max(first, formed) < day <= last:
                before = unit.area_type_on(date.fromordinal(day.toordinal() - 1))
                yield from _area_break(unit, unit, before, unit.area_type_on(day), day)

    def names(self, identities: Iterable[str]) -> Mapping[str, str]:
        """Printed identity → official name."""
        return {identity: self[identity].name for identity in identities}


def _area_break(
    unit: Unit, part: Unit, was: AreaType | None, now: AreaType | None, day: date
) -> Iterator[Break]:
    if was is not None and now is not None and was != now:
        values = {"unit": unit.name, "part": part.name, "was": str(was), "now": str(now)}
        values |= {"unit_kind": str(unit.kind), "part_kind": str(part.kind)}
        values |= {"sure": "" if unit.verified else "unconfirmed"}
        yield Break(BreakKind.AREA_TYPE, day, unit.id, values)


def _refuse_twins(twice: list[Unit], known: Mapping[UnitId, Unit]) -> None:
    findings = [
        Finding(
            "unit_identity_twice",
            values={"identity": str(unit.id), "one": known[unit.id].name, "other": unit.name},
        )
        for unit in twice
    ]
    if findings:
        raise Refusal(findings)


def _refuse_uncounted(keys: pd.DataFrame) -> None:
    """A count under another name would part the rows of one unit instead of adding up."""
    numbered = keys.select_dtypes("number").columns.difference(list(NUMBERED_KEYS))
    if len(numbered):
        values = {"columns": ", ".join(map(str, numbered)), "counts": ", ".join(COUNTS)}
        raise Refusal([Finding("column_uncounted", values=dict(values))])


def _is_called(unit: Unit, written: str) -> bool:
    return unit.id.code == written.strip() or folded(written) in map(folded, unit.names)


def _spelled(unit: Unit) -> Joined:
    """A unit with its code, days and identity, for telling two meanings apart."""
    days: tuple[object, ...] = (unit.id.valid_from, " –")
    if unit.valid_to:
        days = (*days, " ", unit.valid_to)
    return Joined((f"{unit.name} ({unit.id.code}, ", *days, f") = {unit.id}"))


def _listed(units: Iterable[Unit]) -> str:
    return ", ".join(f"{unit.name} ({unit.id.code})" for unit in sorted(units, key=lambda u: u.id))
