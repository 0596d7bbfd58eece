"""A delivery at a glance: what stands of each unit and form, what is wrong, what is missing."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

import pandas as pd

from povsim import forms, rules
from povsim.findings import Finding, Refusal, Severity, by_severity
from povsim.forms.headings import form_named
from povsim.intake.cells import Cells, successor
from povsim.intake.checks.completeness import due, lacking
from povsim.intake.delivery import Delivery, Entry
from povsim.plan import Plan
from povsim.store import Release
from povsim.units import Unit
from povsim.vocabulary import Period

WITHIN_YEAR = "TX"
"""The form of a part of the year."""

ABSENCES = {"unit_missing", "form_missing"}
"""Findings that tell of what is not there; the cell itself says so."""


class Mark(StrEnum):
    """What stands of one form of one unit; an error is only of a form that was sent."""

    OK = "ok"
    ERROR = "error"
    DOUBT = "doubt"
    MISSING = "missing"
    HELD = "held"


class Owner(NamedTuple):
    """Whose a finding is: a unit's printed identity, a time, and a form or, if empty, all."""

    unit: str
    period: Period
    form: str


class Owners:
    """Tells whose a finding is, by the row it stands on, else by its sheet, else by its file."""

    def __init__(self, delivery: Delivery) -> None:
        self._at: dict[tuple[str, ...], dict[Owner, None]] = {}
        for entry in delivery.entries:
            self._enter(entry)

    def _enter(self, entry: Entry) -> None:
        unit, period = entry.review
        for sheet, row in entry.parts:
            file, name = sheet.file, sheet.sheet
            owner = Owner(unit, period, entry.form.id)
            for key in ((file, name), (file, name, str(row.number + 1))):
                self._at.setdefault(key, {})[owner] = None
            self._at.setdefault((file,), {})[owner._replace(form="")] = None

    def of(self, finding: Finding) -> list[Owner]:
        """The owners of a finding; none where it is of the whole delivery, or of nobody known."""
        narrowed = _narrowed(self._placed(finding) or _named(finding), finding)
        listed = str(finding.values.get("forms", "")) if finding.rule == "form_missing" else ""
        lacking_forms = listed.split(", ") if listed else []
        return [o._replace(form=form) for o in narrowed for form in lacking_forms] or narrowed

    def _placed(self, finding: Finding) -> list[Owner]:
        place = finding.place
        row = "".join(re.findall(r"\d+$", place.cell))
        for key in ((place.file, place.sheet, row), (place.file, place.sheet)):
            if key in self._at:
                return list(self._at[key])
        form = form_named(place.sheet) if place.sheet else ""
        return [owner._replace(form=form) for owner in self._at.get((place.file,), ())]


def _narrowed(owners: list[Owner], finding: Finding) -> list[Owner]:
    """Only the unit and year that the finding itself names, where it names one of them."""
    name, year = finding.values.get("unit"), finding.values.get("year")
    same_unit = [o for o in owners if rules.units()[o.unit].name == name] or owners
    return [o for o in same_unit if o.period.year == year] or same_unit


def _named(finding: Finding) -> list[Owner]:
    """The unit and year that a finding names without any place."""
    name, year = finding.values.get("unit"), finding.values.get("year")
    if not isinstance(name, str) or not isinstance(year, int):
        return []
    try:
        unit = rules.units().find(name, Period(year).end)
    except Refusal:
        return []
    return [Owner(str(unit.id), Period(year), "")]


def years(delivery: Delivery) -> list[int]:
    """The years that a delivery touches, by its reviews and by parts of a year, ascending."""
    return sorted({period.year for _, period in delivery.reviews})


def status_table(
    delivery: Delivery, plan: Plan, current: Release | None, year: int
) -> pd.DataFrame:
    """What stands of each unit and form in a year, after this delivery and with the store.

    Rows: the units that owe a review of that year, by printed identity. Columns: `unit` its name;
    each form due, a `Mark`; `TX` a `Mark`, empty where none is known; `periods` the parts of the
    year that TX is known of, as printed.
    """
    cells = Cells(delivery, current, plan)
    wrong = _wrong(delivery, year)
    rows = {str(unit.id): _row(cells, wrong, unit, year) for unit in plan.expected(year)}
    columns = ["unit", *(form.id for form in due(year)), WITHIN_YEAR, "periods"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


Wrong = dict[tuple[str, str], Severity]
"""The worst that is said of a unit's form, by the unit at the year's end."""


def _wrong(delivery: Delivery, year: int) -> Wrong:
    owners, worst = Owners(delivery), Wrong()
    standing = [f for f in delivery.findings if f.severity is not Severity.NOTE]
    for finding in by_severity(standing):
        if finding.rule in ABSENCES or finding.reason:
            continue
        for unit, period, form in owners.of(finding):
            if period.year == year:
                key = successor(unit, Period(year)), form if period.whole else WITHIN_YEAR
                worst.setdefault(key, finding.severity)
    return worst


def _row(cells: Cells, wrong: Wrong, unit: Unit, year: int) -> list[str]:
    identity = str(unit.id)
    review = identity, Period(year)
    lacks = set(lacking(cells, review))
    marks = []
    for form in due(year):
        own, whole = wrong.get((identity, form.id)), wrong.get((identity, ""))
        marks.append(_mark(own, whole, form.id in lacks, cells.held(review)))
    return [unit.name, *marks, *_within_year(cells, wrong, identity, year)]


def _mark(own: Severity | None, whole: Severity | None, lacks: bool, held: bool) -> Mark:
    """A form that came but could not be read is an error, not missing."""
    if own is Severity.ERROR:
        return Mark.ERROR
    if lacks:
        return Mark.MISSING
    worst = whole if whole is Severity.ERROR else own or whole
    if worst is not None:
        return Mark(worst)
    return Mark.HELD if held else Mark.OK


def _within_year(cells: Cells, wrong: Wrong, identity: str, year: int) -> tuple[str, str]:
    """The mark and the periods of TX; units merged later in the year are seen in their heir."""
    known = [
        (unit, period)
        for unit, period in cells.reviews()
        if period.year == year and not period.whole
        if successor(unit, Period(year)) == identity
    ]
    printed = ", ".join(map(str, sorted({period for _, period in known})))
    worst = wrong.get((identity, WITHIN_YEAR))
    if not known and worst is None:
        return "", ""
    return _mark(worst, None, False, all(map(cells.held, known))), printed


def missing(delivery: Delivery, plan: Plan, current: Release | None, year: int) -> pd.DataFrame:
    """What is still missing of a year after this delivery and with the store.

    Columns: `unit` its name, `forms` a tuple of form ids, `all` whether it is every form due.
    Rows: the units that lack any, by printed identity.
    """
    table = status_table(delivery, plan, current, year)
    owed = [form.id for form in due(year)]
    gaps = table[owed] == Mark.MISSING
    lacks = [tuple(form for form in owed if gaps.at[unit, form]) for unit in table.index]
    told = pd.DataFrame({"unit": table["unit"], "forms": lacks}, index=table.index)
    told["all"] = [len(each) == len(owed) for each in lacks]
    return told[told["forms"].map(bool)]


def grouped(delivery: Delivery) -> dict[tuple[str, str], list[Finding]]:
    """Findings by unit's name and form, each once, under the first it belongs to.

    Both are empty for what is of the whole delivery; the form is empty for what is of a unit.
    A finding of several units at once (a total row) has its form and no unit.
    """
    owners = Owners(delivery)
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in by_severity(delivery.findings):
        groups.setdefault(_group(owners.of(finding)), []).append(finding)
    order = ["", *forms.forms()]
    return dict(sorted(groups.items(), key=lambda each: (each[0][0], order.index(each[0][1]))))


def _group(owners: list[Owner]) -> tuple[str, str]:
    names = {rules.units()[owner.unit].name for owner in owners}
    of_forms = {owner.form for owner in owners}
    unit = names.pop() if len(names) == 1 else ""
    return unit, of_forms.pop() if len(of_forms) == 1 else ""
