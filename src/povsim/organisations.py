"""Who acts, reports and receives, by date: agencies, unions, blocs, committees, and successors.

Organisations hold no households; a commune's People's Committee is tied to its unit and bears the
unit's printed identity. What the plan does not print is not verified, and says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from povsim import rules
from povsim.findings import Finding, Place, Refusal, refuse
from povsim.i18n import Joined, Word
from povsim.rules.files import own
from povsim.units import COMMUNES, Unit, UnitId, Units, folded

T = TypeVar("T")


class Kind(StrEnum):
    """What an organisation is; blocs are the clusters and blocs of emulation (cụm, khối)."""

    AGENCY = "agency"
    FRONT = "front"
    UNION = "union"
    BANK = "bank"
    ENTERPRISE = "enterprise"
    BLOC = "bloc"
    COMMUNE = "commune"
    COMMITTEE = "committee"
    COUNCIL = "council"


class Level(StrEnum):
    """How high an organisation stands."""

    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"


class Work(StrEnum):
    """A part of an organisation's work that one successor may take over without the rest."""

    POVERTY = "poverty"
    EMULATION = "emulation"
    LABOUR = "labour"


@dataclass(frozen=True)
class Succession:
    """Who took over from an organisation; `work` empty: everything."""

    to: str
    work: tuple[Work, ...] = ()

    def covers(self, work: Work | None) -> bool:
        """Whether that part of the work went there (None asks for the whole)."""
        return not self.work or work in self.work


@dataclass(frozen=True)
class Organisation:
    """One organisation over the days it existed.

    `reports_through` names the kinds that report for it; such a one owes no report of its own.
    `verified`: the plan prints it, or an office has confirmed it. `unit`: whose People's
    Committee it is, None for every other kind.
    """

    id: str
    name: str
    kind: Kind
    level: Level
    valid_from: date
    valid_to: date | None
    successors: tuple[Succession, ...]
    verified: bool
    source: str
    aliases: tuple[str, ...] = ()
    reports_through: tuple[Kind, ...] = ()
    unit: UnitId | None = None

    @property
    def short_name(self) -> str:
        """The name in a list of its kind: a commune's without "UBND xã"."""
        return self.aliases[1] if self.unit else self.name

    def stands_on(self, day: date) -> bool:
        """Whether it existed on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Role:
    """Who does a thing from a day on: organisations and the work they do it by; the first leads."""

    id: str
    valid_from: date
    holders: tuple[tuple[str, Work], ...]
    verified: bool
    source: str


class Organisations:
    """The organisations and roles of one district, asked by identity, name, role and day.

    Iterating gives them as the rules list them, the communes' People's Committees last, by code.
    """

    def __init__(self, organisations: Iterable[Organisation], roles: Iterable[Role]) -> None:
        self._by_id = {organisation.id: organisation for organisation in organisations}
        self._roles = sorted(roles, key=lambda role: role.valid_from, reverse=True)

    def __iter__(self) -> Iterator[Organisation]:
        return iter(self._by_id.values())

    def __getitem__(self, identity: str) -> Organisation:
        if identity not in self._by_id:
            known = ", ".join(o.id for o in self if o.unit is None)
            raise refuse("organisation_unknown", organisation=identity, known=known)
        return self._by_id[identity]

    def on(self, day: date) -> list[Organisation]:
        """The organisations that stood on a day."""
        return [organisation for organisation in self if organisation.stands_on(day)]

    def called(self, written: str) -> list[Organisation]:
        """Whoever an identity, a name or a unit's code has ever meant, on any day."""
        known = self._by_id.get(written.strip())
        return [known] if known else [o for o in self if folded(written) in _names(o)]

    def find(self, written: str, day: date, among: Collection[str] | None = None) -> Organisation:
        """The organisation that an identity, a name or a unit's code meant on a day.

        A name that nobody bore on that day may be that of one that has ended. `among` (printed
        identities of units, as a plan's) decides where communes of other plans share the name.

        Raises:
            Refusal: none fits, or more than one does.
        """
        called = self.called(written)
        fits = [o for o in called if o.stands_on(day)] or called
        if len(fits) > 1 and among is not None:
            fits = [o for o in fits if o.unit is None or str(o.unit) in among] or fits
        if len(fits) != 1:
            rule = "organisation_ambiguous" if fits else "organisation_name_unknown"
            told = ", ".join(f"{o.name} ({o.id})" for o in fits or self.on(day))
            raise refuse(rule, name=written, organisations=told)
        return fits[0]

    def at(self, identity: str, day: date, work: Work | str | None = None) -> Organisation:
        """The organisation that does this one's work on `day`, following successors.

        `work` chooses among several that took parts.

        Raises:
            Refusal: it did not exist yet; its work went to several and `work` does not say which;
                or nobody is on file who took it over.
        """
        organisation = self[identity]
        while not organisation.stands_on(day):
            if day < organisation.valid_from:
                started, name = organisation.valid_from, organisation.name
                raise refuse("organisation_not_yet", organisation=name, day=day, started=started)
            organisation = self._heir(organisation, None if work is None else Work(work))
        return organisation

    def _heir(self, organisation: Organisation, work: Work | None) -> Organisation:
        heirs = [s for s in organisation.successors if s.covers(work)]
        if len(heirs) == 1:
            return self[heirs[0].to]
        name, ended = organisation.name, organisation.valid_to
        if heirs or (work is None and organisation.successors):
            taken = [(self[s.to].name, _works(s.work)) for s in organisation.successors]
            told = (Joined((heir, " (", part, ")")) for heir, part in taken)
            parts = Joined(tuple(told), "; ")
            raise refuse("organisation_divided", organisation=name, ended=ended, parts=parts)
        missing = _works((work,) if work else ())
        raise refuse("organisation_without_heir", organisation=name, ended=ended, work=missing)

    def holding(self, role: str, day: date) -> tuple[Organisation, ...]:
        """Who held a role on a day, the one that leads first; successors are followed.

        Raises:
            Refusal: no such role, or nobody held it on that day.
        """
        # One that took over from two holders holds the role once.
        holders = [self.at(identity, day, work) for identity, work in self.role(role, day).holders]
        return tuple(dict.fromkeys(holders))

    def role(self, role: str, day: date) -> Role:
        """A role as it is told for a day, before successors are followed.

        Raises:
            Refusal: no such role, or nobody held it on that day.
        """
        told = [each for each in self._roles if each.id == role]
        if not told:
            known = ", ".join(sorted({each.id for each in self._roles}))
            raise refuse("role_unknown", role=role, known=known)
        held = next((each for each in told if each.valid_from <= day), None)
        if held is None:
            raise refuse("role_not_held", role=role, day=day)
        return held

    def roles(self) -> list[Role]:
        """Every role as it is told, the latest first."""
        return list(self._roles)


def _names(organisation: Organisation) -> set[str]:
    return {folded(name) for name in (organisation.name, *organisation.aliases)}


def _works(work: tuple[Work, ...]) -> Joined:
    """Parts of the work in words; none named means the whole."""
    return Joined(tuple(Word(f"work.{part}") for part in work or ("all",)), ", ")


# --- Reading ----------------------------------------------------------------------------------


def load(district: str) -> Organisations:
    """The organisations of a district (its code): povsim's own and the workspace's.

    An entry of `data/organisations/*.toml` with an `id` on file replaces the keys it gives; a new
    `id` adds an organisation. A role is replaced by `id` and `valid_from`.

    Raises:
        Refusal: nothing is on file for the district, or every rule that the files break.
    """
    return _load(district_rules("organisations", district), rules.units())


@dataclass(frozen=True, eq=False)
class RulesFile:
    """One rules file of a district, read: its name and what it says."""

    name: str
    content: Mapping[str, Any]


def district_rules(name: str, district: str) -> tuple[RulesFile, ...]:
    """The rules `name` that say they are of a district: povsim's own, then the workspace's.

    Raises:
        Refusal: a file cannot be read, or none is of that district.
    """
    return _district_rules(name, district, tuple((path, _stamp(path)) for path in own(name)))


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0  # told where it is read


@lru_cache(maxsize=32)  # a changed file is read again
def _district_rules(
    name: str, district: str, paths: tuple[tuple[Path, int], ...]
) -> tuple[RulesFile, ...]:
    files = [RulesFile(f"{name}.toml", rules.load(name)), *(_read(path) for path, _ in paths)]
    kept = tuple(file for file in files if file.content.get("district") == district)
    if not kept:
        rules_of = Word(f"district_rules.{name}")
        raise refuse("district_rules_missing", district=district, folder=name, rules=rules_of)
    return kept


def _read(path: Path) -> RulesFile:
    try:
        return RulesFile(path.name, tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:  # TOML's own error is a ValueError
        raise refuse("rules_unreadable", Place(path.name), reason=str(error)) from error


def merged_entries(
    files: Iterable[RulesFile], table: str, *key: str, head: tuple[str, ...] = ()
) -> list[tuple[str, dict[str, Any]]]:
    """The entries of a table in some files, each with the file it stands in; a later file replaces
    the keys it gives of an entry with the same `key`. What a file says at its `head` holds for
    each of its entries.

    Raises:
        Refusal: an entry without its key.
    """
    found: dict[tuple[object, ...], tuple[str, dict[str, Any]]] = {}
    for file in files:
        said = {name: file.content[name] for name in head if name in file.content}
        for entry in file.content.get(table, ()):
            with reading(file.name, entry):
                identity = tuple(entry[name] for name in key)
            found[identity] = (file.name, found.get(identity, ("", {}))[1] | said | entry)
    return list(found.values())


@contextmanager
def reading(file: str, entry: Mapping[str, Any]) -> Iterator[None]:
    """What an entry of a rules file lacks or has wrong is refused with its file and name."""
    place, name = Place(file), str(entry.get("id", "?"))
    try:
        yield
    except KeyError as error:
        raise refuse("rules_entry_lacks", place, entry=name, field=error.args[0]) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise refuse("rules_entry_bad", place, entry=name, reason=str(error)) from error


@lru_cache(maxsize=16)
def _load(files: tuple[RulesFile, ...], units: Units) -> Organisations:
    told = read_all(_organisation, merged_entries(files, "organisation", "id"))
    roles = read_all(_role, merged_entries(files, "role", "id", "valid_from"))
    wording = _committee_names(files)
    told += [_committee(unit, wording) for unit in units if unit.kind in COMMUNES]
    findings = list(_problems(told, roles))
    if findings:
        raise Refusal(findings)
    return Organisations(told, roles)


def read_all(
    made: Callable[[dict[str, Any]], T], entries: Iterable[tuple[str, dict[str, Any]]]
) -> list[T]:
    """Every entry of (file, entry) as `made` makes it.

    Raises:
        Refusal: all the entries that are not whole.
    """
    found, findings = list[T](), list[Finding]()
    for file, entry in entries:
        try:
            with reading(file, entry):
                found.append(made(entry))
        except Refusal as refusal:
            findings += refusal.findings
    if findings:
        raise Refusal(findings)
    return found


def _organisation(entry: dict[str, Any]) -> Organisation:
    return Organisation(
        id=entry["id"],
        name=entry["name"],
        kind=Kind(entry["kind"]),
        level=Level(entry["level"]),
        valid_from=_day(entry["valid_from"]),
        valid_to=_day(entry["valid_to"]) if "valid_to" in entry else None,
        successors=tuple(
            Succession(heir["to"], tuple(map(Work, heir.get("work", ()))))
            for heir in entry.get("successors", ())
        ),
        verified=entry["verified"],
        source=entry["source"],
        aliases=tuple(entry.get("aliases", ())),
        reports_through=tuple(map(Kind, entry.get("reports_through", ()))),
    )


def _day(value: object) -> date:
    if type(value) is not date:
        raise TypeError(f"{value!r}: write a date as 2025-07-01")
    return value


def _role(entry: dict[str, Any]) -> Role:
    holders = tuple((holder["id"], Work(holder["work"])) for holder in entry["holders"])
    start = _day(entry["valid_from"])
    return Role(entry["id"], start, holders, entry["verified"], entry["source"])


def _committee_names(files: Iterable[RulesFile]) -> Mapping[str, Any]:
    """How a commune's, a town's and a ward's People's Committee is called, and called also."""
    wording: dict[str, Any] = dict(rules.load("organisations")["communes"])
    for file in files:
        wording |= file.content.get("communes", {})
    return wording


def _committee(unit: Unit, wording: Mapping[str, Any]) -> Organisation:
    """The People's Committee of a unit, known by the unit's identity, code and names."""
    also = (called.format(name=name) for called in wording["also"] for name in unit.names)
    return Organisation(
        id=str(unit.id),
        name=wording[unit.kind].format(name=unit.name),
        kind=Kind.COMMUNE,
        level=Level.COMMUNE,
        valid_from=unit.id.valid_from,
        valid_to=unit.valid_to,
        successors=(Succession(str(unit.successor)),) if unit.successor else (),
        verified=unit.verified,
        source=wording["source"],
        aliases=(unit.id.code, *unit.names, *also),
        unit=unit.id,
    )


def _problems(told: list[Organisation], roles: Iterable[Role]) -> Iterator[Finding]:
    """Every name that nobody bears, and every successor that was not there to take over."""
    known = {organisation.id: organisation for organisation in told}
    for organisation in told:
        for heir in organisation.successors:
            yield from _heir_problems(organisation, known.get(heir.to), heir.to)
    for role in roles:
        for identity, _ in role.holders:
            if identity not in known:
                values: dict[str, object] = {"role": role.id, "holder": identity}
                yield Finding("role_holder_unknown", values=values)


def _heir_problems(
    organisation: Organisation, heir: Organisation | None, named: str
) -> Iterator[Finding]:
    # The heir stands on the day after the end: so following always moves on, and ends.
    after = organisation.valid_to and organisation.valid_to + timedelta(days=1)
    if heir is None or after is None or not heir.stands_on(after):
        values: dict[str, object] = {"organisation": organisation.name, "successor": named}
        yield Finding("successor_absent", values=values | {"day": after or "–"})
