"""From a draft to a plan on file: every wrong input told at once, nothing overwritten."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from povsim import breaks, rules, workspace
from povsim import plan as plans
from povsim.findings import Finding, Place, Refusal, refuse
from povsim.plan import Plan, TargetKind
from povsim.planning import filed, listed, written
from povsim.units import Break, Kind, Unit, UnitId

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")  # a file system takes 255 bytes, ending included
SHARED_KINDS = (TargetKind.POINTS_A_YEAR, TargetKind.PATH, TargetKind.LEVEL)
"""Targets of a new plan; quotas of households go into its CSV file, unit by unit."""
QUOTAS_HEAD = "unit_code,valid_from,period,kind,value,origin\n"


@dataclass(frozen=True)
class Draft:
    """What somebody wants a new plan to be; nothing of it is checked yet.

    `units` are codes or names on `valid_on` (the first of January of the first year unless said);
    `units_file` is a CSV of units not on file. `place` and `code` name the district, or the cluster
    where there is none; left out, they come from the units. Targets are written `points_a_year=4`,
    `level=5`, `path=4:24.86` (fall a year : rate at the base), in per cent.
    """

    name: str
    first_year: int
    last_year: int
    units: tuple[str, ...] = ()
    units_file: Path | None = None
    base_review: int | None = None
    valid_on: date | None = None
    title: str = ""
    place: str = ""
    code: str = ""
    targets: tuple[str, ...] = ()

    @property
    def base(self) -> int:
        """The review that gives the opening stock."""
        return self.first_year - 1 if self.base_review is None else self.base_review

    @property
    def day(self) -> date:
        """The day whose units the plan means."""
        return self.valid_on or date(self.first_year, 1, 1)


@dataclass(frozen=True)
class Made:
    """A plan just made: the files, the plan as it loads, where its series will break."""

    plan: Plan
    files: tuple[Path, ...]
    breaks: tuple[Break, ...]


@dataclass(frozen=True)
class Wanted:
    """A draft that was found right: its units, and those of them that are new on file."""

    draft: Draft
    units: tuple[Unit, ...]
    added: tuple[Unit, ...]
    targets: tuple[written.TargetLine, ...]
    standard: rules.Standard
    district: Unit | None
    breaks: tuple[Break, ...]


def new(draft: Draft) -> Made:
    """Write a plan, its quota table and, where units came with it, their file.

    Raises:
        Refusal: everything that is wrong with the draft; nothing was written then.
    """
    _refuse_unprintable(draft)
    files = _Files(workspace.home() / "data", draft)
    wanted = _checked(draft, files)
    contents = {
        files.plan: written.plan(wanted),
        files.quotas: QUOTAS_HEAD,
        **({files.units: listed.as_toml(wanted.added)} if wanted.added else {}),
    }
    return Made(_loaded(draft.name, contents), tuple(contents), wanted.breaks)


def _loaded(name: str, contents: Mapping[Path, str]) -> Plan:
    """The files as the plan that they make; a plan that does not load is no plan."""
    filed.write(contents)
    rules.forget_own()
    try:
        return plans.load(name)
    except BaseException:  # whatever ends it, an interrupt too: no half of a plan stays behind
        filed.remove(contents)
        rules.forget_own()
        raise


def _refuse_unprintable(draft: Draft) -> None:
    """Broken characters can neither be kept nor be shown, in whatever else is wrong."""
    told = {
        "NAME": draft.name,
        "--title": draft.title,
        "--place": draft.place,
        "--code": draft.code,
        "--units": str(draft.units_file or ""),
        "--unit": "".join(draft.units),
        "--target": "".join(draft.targets),
    }
    broken = [name for name, words in told.items() if _is_broken(words)]
    if broken:
        raise refuse("plan_new_characters", fields=", ".join(broken))


def _is_broken(words: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in words)


class _Files:
    def __init__(self, data: Path, draft: Draft) -> None:
        self.plan = data / "plans" / f"{draft.name}.toml"
        self.quotas = data / "plans" / f"{draft.name}-targets.csv"
        self.units = data / "units" / f"{draft.name}.toml"

    def taken(self, with_units: bool) -> list[Path]:
        wanted = [self.plan, self.quotas, *([self.units] if with_units else [])]
        # Unlike Path.exists it takes a path that cannot be looked at for one that is not there.
        return [path for path in wanted if os.path.exists(path)]


# --- Checks ---------------------------------------------------------------------------------------


def _checked(draft: Draft, files: _Files) -> Wanted:
    findings = [*_name_problems(draft, files), *_year_problems(draft)]
    added = listed.read(draft.units_file, draft.base, findings) if draft.units_file else ()
    chosen = (*_chosen(draft, findings), *added)
    findings += _unit_problems(draft, chosen)
    targets = tuple(_targets(draft, findings))
    findings += _target_problems(targets)
    units = tuple(sorted(chosen, key=lambda unit: unit.id))
    findings += _code_problems(draft, units)
    place = _place(chosen, added)
    standard = _standard(draft, place, findings)
    if findings or standard is None:
        raise Refusal(findings)
    district = _district(units, draft.day)
    found = _breaks(draft, [unit for unit in units if unit not in added], place)
    return Wanted(draft, units, tuple(added), targets, standard, district, found)


def _breaks(draft: Draft, held: list[Unit], place: UnitId | None) -> tuple[Break, ...]:
    """Where the plan's series will break; new units, on no file yet, break with standards only."""
    if held:
        return breaks.of_units(held, draft.base, draft.last_year)
    return tuple(breaks.of_standards(place, draft.base, draft.last_year))


def _name_problems(draft: Draft, files: _Files) -> Iterator[Finding]:
    if not NAME.fullmatch(draft.name):
        yield Finding("plan_new_name", values={"name": draft.name})
    else:
        for path in files.taken(draft.units_file is not None):
            yield Finding("plan_new_exists", values={"path": str(path)})


def _year_problems(draft: Draft) -> Iterator[Finding]:
    if not draft.base < draft.first_year <= draft.last_year:
        years = f"{draft.base} < {draft.first_year} ≤ {draft.last_year}"
        yield Finding("plan_years", values={"years": years})


def _chosen(draft: Draft, findings: list[Finding]) -> Iterator[Unit]:
    known = rules.units()
    for written_name in draft.units:
        try:
            yield known.find(written_name, draft.day)
        except Refusal as refusal:
            findings += refusal.findings


def _unit_problems(draft: Draft, units: tuple[Unit, ...]) -> Iterator[Finding]:
    if not draft.units and draft.units_file is None:
        yield Finding("plan_without_units", Place())
    for unit in dict.fromkeys(unit for unit in units if units.count(unit) > 1):
        yield Finding("plan_new_unit_twice", values={"unit": unit.name, "code": unit.id.code})
    for unit in dict.fromkeys(units):
        if unit.id.valid_from > date(max(draft.base, 1), 12, 31):
            values: dict[str, object] = {"unit": unit.name, "year": draft.base}
            yield Finding("plan_new_unit_young", values=values | {"from": unit.id.valid_from})


def _targets(draft: Draft, findings: list[Finding]) -> Iterator[written.TargetLine]:
    for told in draft.targets:
        kind, _, figure = told.partition("=")
        value, _, base = figure.partition(":")
        try:
            target = written.TargetLine(
                TargetKind(kind.strip()), _figure(value), _figure(base) if base else None
            )
            if target.kind not in SHARED_KINDS or (target.kind is TargetKind.PATH) != bool(base):
                raise ValueError(told)
        except ValueError:
            findings.append(Finding("plan_new_target", values={"target": told}))
        else:
            yield target


def _target_problems(targets: tuple[written.TargetLine, ...]) -> Iterator[Finding]:
    """Every target holds for all years, so that two of a kind contradict each other."""
    for kind, count in Counter(target.kind for target in targets).items():
        if count > 1:
            yield Finding("plan_new_target_twice", values={"kind": str(kind)})


def _code_problems(draft: Draft, units: tuple[Unit, ...]) -> Iterator[Finding]:
    """A quota's row names the whole plan by this code: a unit of the same code would be lost."""
    for unit in units:
        if unit.id.code == draft.code:
            values: dict[str, object] = {"code": unit.id.code, "unit": unit.name}
            yield Finding("plan_code_of_unit", values=values)


def _figure(text: str) -> float:
    value = float(text.replace(",", "."))
    if not 0 <= value <= 100:
        raise ValueError(text)
    return value


def _place(units: tuple[Unit, ...], added: tuple[Unit, ...]) -> UnitId | None:
    """A unit on file that says in which province the plan is: one of its own, or a parent."""
    held = [unit.id for unit in units if unit not in added]
    return next(iter([*held, *(p.value for unit in added for p in unit.parents)]), None)


def _standard(draft: Draft, place: UnitId | None, findings: list[Finding]) -> rules.Standard | None:
    try:
        return rules.standard_for(draft.base, place)
    except Refusal as refusal:
        findings += refusal.findings
        return None


def _district(units: tuple[Unit, ...], day: date) -> Unit | None:
    """The district that all units share on the plan's day, where there is one."""
    known = rules.units()
    held = {known.above(u.id, day, Kind.DISTRICT) if u in known else None for u in units}
    return held.pop() if len(held) == 1 else None
