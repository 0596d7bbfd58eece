"""A Plan: its units, years, targets and issuers; a file that checks itself, never code."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pandas as pd

from povsim import breaks, rules, workspace
from povsim.findings import Finding, Place, Refusal, all_of, refuse
from povsim.units import Break, Unit, UnitId
from povsim.vocabulary import Group, Origin, Standing

DEFAULT_PLAN = "kon-ray-2021-2025"
KNOWN_ERRORS = "../known-errors.toml"
"""Where known errors of the sources are declared, from the plan, unless the plan says otherwise."""
DISTRICT = "district"
"""The area of a target or a result that is the sum of all units of the plan."""


class TargetKind(StrEnum):
    """How a target is meant; the plan's 6.6 can be read in more than one way."""

    POINTS_A_YEAR = "points_a_year"
    PATH = "path"
    LEVEL = "level"
    HOUSEHOLDS = "households"


@dataclass(frozen=True)
class Target:
    """A target of one area at one year-end review.

    `value` is a share (fall a year for POINTS_A_YEAR, ceiling for PATH and LEVEL) or a count of
    poor households at most (HOUSEHOLDS). `floored` says that zero cut the path short; `group` is
    empty where all households are meant.
    """

    area: str
    year: int
    kind: TargetKind
    value: float
    origin: Origin
    source: str
    floored: bool = False
    group: Group | None = None


@dataclass(frozen=True)
class Issuer:
    """Who signs the plan's reports over some days, and to whom they go."""

    valid_from: date
    valid_to: date | None
    authority: tuple[str, ...]
    named: str
    number: str
    place: str
    signer: tuple[str, ...]
    recipients: tuple[str, ...]
    verified: bool


@dataclass(frozen=True)
class Plan:
    """One plan of one district or cluster of communes: where, when, towards what, who reports.

    `group_targets` are the district's for groups (F8); `published_figures` is None where nobody has
    printed any, `current_scenario` where no file says what is spent today.
    """

    name: str
    district: str
    district_code: str
    first_year: int
    last_year: int
    base_review: int
    standard: str
    units: tuple[Unit, ...]
    targets: tuple[Target, ...]
    group_targets: tuple[Target, ...]
    on_track: float
    off_track: float
    issuers: tuple[Issuer, ...]
    published_figures: Path | None
    current_scenario: Path | None
    known_errors: Path
    checksum: str

    def units_on(self, day: date) -> list[Unit]:
        """The units that hold the plan's households on a day, by code."""
        units = rules.units()
        holders = {units.at(unit.id, day).id for unit in self.units}
        return [units[identity] for identity in sorted(holders)]

    def kin(self) -> set[str]:
        """The plan's units, what they were before, and what became of them; printed identities."""
        return set(map(str, rules.units().kin(unit.id for unit in self.units)))

    def expected(self, year: int) -> list[Unit]:
        """The units that owe a review of that year."""
        return self.units_on(date(year, 12, 31))

    def complete(self, reviews: Collection[tuple[str, str]]) -> list[int]:
        """The years of which every unit sent its review, among (unit, period) that are known."""
        known = set(reviews)
        years = sorted({int(period) for _, period in known if period.isdecimal()})
        years = [year for year in years if year >= self.base_review]
        return [y for y in years if all((str(u.id), str(y)) in known for u in self.expected(y))]

    def breaks(self, last: int | None = None) -> tuple[Break, ...]:
        """Where the series of the plan change their meaning, from its base review to a review
        (the plan's last unless said), by day.
        """
        return breaks.of_units(self.units, self.base_review, last or self.last_year)

    def issuer_on(self, day: date) -> Issuer:
        """Who issues the plan's report on a day.

        Raises:
            Refusal: the plan names nobody for that day.
        """
        for issuer in self.issuers:
            if issuer.valid_from <= day and (issuer.valid_to is None or day <= issuer.valid_to):
                return issuer
        raise refuse("issuer_unknown", day=day)

    def targets_of(self, area: str, year: int) -> list[Target]:
        """The targets of a unit (printed identity) or of the district for a year, by kind."""
        found = [t for t in self.targets if t.area == area and t.year == year]
        return sorted(found, key=lambda target: list(TargetKind).index(target.kind))

    def quotas_on(self, day: date) -> tuple[Target, ...]:
        """Household quotas on the units of `day`: quotas of merged units add up exactly."""
        quotas: dict[tuple[str, int], list[Target]] = {}
        for target in self.targets:
            if target.kind is TargetKind.HOUSEHOLDS and target.area != DISTRICT:
                holder = str(rules.units().at(target.area, day).id)
                quotas.setdefault((holder, target.year), []).append(target)
        return tuple(_sum(area, year, parts) for (area, year), parts in quotas.items())

    def standing(self, chance: float) -> Standing:
        """What a chance of meeting the target is called, by the plan's thresholds."""
        if chance >= self.on_track:
            return Standing.ON_TRACK
        return Standing.AT_RISK if chance >= self.off_track else Standing.OFF_TRACK


def _sum(area: str, year: int, parts: list[Target]) -> Target:
    total = sum(part.value for part in parts)
    return Target(area, year, TargetKind.HOUSEHOLDS, total, parts[0].origin, parts[0].source)


def load(name: str = DEFAULT_PLAN) -> Plan:
    """A plan by its file name in `data/plans`, checked.

    Raises:
        Refusal: no such plan, or every rule the file breaks.
    """
    path = workspace.home() / "data" / "plans" / f"{name}.toml"
    if not path.is_file():
        known = sorted(other.stem for other in path.parent.glob("*.toml"))
        raise refuse("plan_unknown", plan=name, known=", ".join(known))
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        plan = _plan(content, path)
        findings = list(_problems(plan, path.name))
    except KeyError as error:
        raise refuse("plan_field_missing", Place(path.name), field=error.args[0]) from error
    except (OSError, ValueError, TypeError) as error:  # TOML's own error is a ValueError
        raise refuse("plan_unreadable", Place(path.name), reason=str(error)) from error
    if findings:
        raise Refusal(findings)
    return plan


def _plan(content: dict[str, Any], path: Path) -> Plan:
    figures, spending = content.get("published_figures"), content.get("current_scenario")
    entries = content.get("target", ())
    targets = [t for e in entries if "group" not in e for t in _district_targets(e)]
    quotas = path.parent / content["unit_targets"]
    return Plan(
        name=content["name"],
        district=content["district"],
        district_code=content["district_code"],
        first_year=content["first_year"],
        last_year=content["last_year"],
        base_review=content["base_review"],
        standard=content["standard"],
        units=_units(content["units"], content["units_valid_on"]),
        targets=(*targets, *_unit_targets(quotas, content["district_code"])),
        group_targets=tuple(t for e in entries if "group" in e for t in _group_targets(e)),
        on_track=content["status"]["on_track"],
        off_track=content["status"]["off_track"],
        issuers=tuple(_issuer(entry) for entry in content["issuer"]),
        published_figures=(path.parent / figures).resolve() if figures else None,
        current_scenario=(path.parent / spending).resolve() if spending else None,
        known_errors=(path.parent / content.get("known_errors", KNOWN_ERRORS)).resolve(),
        checksum=hashlib.sha256(path.read_bytes() + quotas.read_bytes()).hexdigest(),
    )


def _units(codes: list[str], day: date) -> tuple[Unit, ...]:
    """The units that codes meant on a day; every one that means none is told."""
    known = rules.units()
    return tuple(all_of(lambda code: known.find(code, day), codes))


def _district_targets(entry: dict[str, Any]) -> Iterator[Target]:
    """One entry of the plan as a target a year; a path falls from its base, never below zero."""
    kind = TargetKind(entry["kind"])
    for count, year in enumerate(entry["years"], 1):
        value, floored = entry["value"], False
        if kind is TargetKind.PATH:
            value = entry["base"] - entry["value"] * count
            floored, value = value < 0, max(value, 0.0)
        share = value if kind is TargetKind.HOUSEHOLDS else value / 100
        yield Target(DISTRICT, year, kind, share, Origin(entry["origin"]), entry["source"], floored)


def _group_targets(entry: dict[str, Any]) -> Iterator[Target]:
    """Poor households of a group in the district at most, a year each."""
    kind, group = TargetKind(entry["kind"]), Group(entry["group"])
    for year, value in zip(entry["years"], entry["values"], strict=True):
        yield Target(
            DISTRICT, year, kind, value, Origin(entry["origin"]), entry["source"], group=group
        )


def _unit_targets(path: Path, district_code: str) -> Iterator[Target]:
    table = pd.read_csv(path, dtype={"unit_code": str, "valid_from": str})
    for row in table.to_dict("records"):
        unit = UnitId(row["unit_code"], date.fromisoformat(row["valid_from"]))
        area = DISTRICT if unit.code == district_code else str(unit)
        kind, origin = TargetKind(row["kind"]), Origin(row["origin"])
        yield Target(area, int(row["period"]), kind, row["value"], origin, path.name)


def _issuer(entry: dict[str, Any]) -> Issuer:
    return Issuer(
        valid_from=entry["valid_from"],
        valid_to=entry.get("valid_to"),
        authority=tuple(entry["authority"]),
        named=entry["named"],
        number=entry["number"],
        place=entry["place"],
        signer=tuple(entry["signer"]),
        recipients=tuple(entry["recipients"]),
        verified=entry["verified"],
    )


def _problems(plan: Plan, file: str) -> Iterator[Finding]:
    """Every rule a plan breaks."""
    place = Place(file)
    if not plan.base_review < plan.first_year <= plan.last_year:
        years = f"{plan.base_review} < {plan.first_year} ≤ {plan.last_year}"
        yield Finding("plan_years", place, values={"years": years})
    else:
        yield from _target_problems(plan, place)
    if not 0 <= plan.off_track < plan.on_track <= 1:
        values: dict[str, object] = {"off_track": plan.off_track, "on_track": plan.on_track}
        yield Finding("plan_thresholds", place, values=values)
    if plan.published_figures and not plan.published_figures.is_file():
        yield Finding("plan_figures_missing", place, values={"file": plan.published_figures.name})
    for target in plan.group_targets:
        if target.kind is not TargetKind.HOUSEHOLDS:
            told = {"group": str(target.group), "kind": str(target.kind), "year": target.year}
            yield Finding("plan_group_kind", place, values=dict(told))
    yield from _unit_problems(plan, place)
    yield from _quota_problems(plan, place)


def _target_problems(plan: Plan, place: Place) -> Iterator[Finding]:
    """A target of a year outside the plan would be judged by nobody."""
    years = range(plan.first_year, plan.last_year + 1)
    outside = {t.year for t in (*plan.targets, *plan.group_targets) if t.year not in years}
    for year in sorted(outside):
        values: dict[str, object] = {"year": year, "first": years[0], "last": years[-1]}
        yield Finding("plan_target_year", place, values=values)


def _unit_problems(plan: Plan, place: Place) -> Iterator[Finding]:
    """A plan has units, none of its own code (quotas would not tell them apart), and its standard
    is the one that their base review was made under.
    """
    if not plan.units:
        yield Finding("plan_without_units", place)
        return
    for unit in (unit for unit in plan.units if unit.id.code == plan.district_code):
        values: dict[str, object] = {"code": unit.id.code, "unit": unit.name}
        yield Finding("plan_code_of_unit", place, values=values)
    standard = rules.standard_for(plan.base_review, plan.units[0].id)
    if standard.id != plan.standard:
        told = {"standard": plan.standard, "year": plan.base_review, "held": standard.id}
        yield Finding("plan_standard", place, values=dict(told))


def _quota_problems(plan: Plan, place: Place) -> Iterator[Finding]:
    """The quotas of the units must add up to the district's."""
    quotas = [t for t in plan.targets if t.kind is TargetKind.HOUSEHOLDS]
    for whole in (t for t in quotas if t.area == DISTRICT):
        parts = sum(t.value for t in quotas if t.area != DISTRICT and t.year == whole.year)
        if parts != whole.value:
            values: dict[str, object] = {"year": whole.year, "sum": parts, "total": whole.value}
            yield Finding("plan_quotas", place, values=values)
