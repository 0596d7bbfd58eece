"""Files read together: the rows that stand, each with its unit, and everything wrong so far."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from povsim import forms, rules
from povsim.findings import Finding, Place, Refusal, Severity, masked
from povsim.forms import FormSheet, Row
from povsim.plan import Plan
from povsim.units import Unit, UnitId
from povsim.vocabulary import Origin, Period


@dataclass(frozen=True)
class Entry:
    """One row of one sheet, its unit known."""

    sheet: FormSheet
    row: Row
    unit: Unit

    @property
    def period(self) -> str:
        return str(Period(self.sheet.year))

    @property
    def origin(self) -> Origin:
        return Origin.SAMPLE if self.sheet.sample else Origin.OFFICIAL

    def place(self, item: str | None = None) -> Place:
        """Where the row, or one of its cells, stands."""
        return self.sheet.place(self.row, item)


@dataclass
class Delivery:
    """Files read and checked together: the entries that stand, and every finding.

    `digests` holds SHA-256 of each file by the name that findings call it.
    """

    entries: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)

    def tell(self, rule: str, place: Place, note: bool = False, **values: object) -> None:
        """Record a finding."""
        severity = Severity.NOTE if note else Severity.ERROR
        self.findings.append(Finding(rule, place, severity, values))


def read(files: Sequence[Path], plan: Plan) -> Delivery:
    """Read files into a delivery; what is wrong with them becomes findings, never an exception."""
    delivery = Delivery()
    for path, name in _distinct(files, delivery):
        _read_file(delivery, path, name, plan)
    return delivery


def _distinct(files: Sequence[Path], delivery: Delivery) -> Iterator[tuple[Path, str]]:
    """The files once each, with the name findings call them."""
    names = Counter(path.name for path in files)
    for path in files:
        # Two years' workbooks of one unit share a name: their folders tell them apart.
        name = path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}"
        try:
            content = path.read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            delivery.tell("file_not_read", Place(name), reason=reason)
            continue
        digest = hashlib.sha256(content).hexdigest()
        twin = next((other for other, d in delivery.digests.items() if d == digest), None)
        if twin and content:
            delivery.tell("file_twice", Place(name), note=True, twin=twin)
            continue
        delivery.digests[name] = digest
        yield path, name


def _read_file(delivery: Delivery, path: Path, name: str, plan: Plan) -> None:
    reading = forms.read(path, name)
    delivery.findings += reading.findings
    year = _year_of(reading.sheets)
    for sheet in reading.sheets:
        place = Place(sheet.file, sheet.sheet)
        if not plan.base_review <= sheet.year <= plan.last_year:
            years = f"{plan.base_review}-{plan.last_year}"
            delivery.tell("year_outside_plan", place, year=sheet.year, years=years)
        elif sheet.year != year:
            delivery.tell("year_differs", place, year=sheet.year, others=year)
        else:
            _read_rows(delivery, sheet)


def _year_of(sheets: Iterable[FormSheet]) -> int | None:
    """The review year most sheets of a file name."""
    years = Counter(sheet.year for sheet in sheets)
    return years.most_common(1)[0][0] if years else None


def _read_rows(delivery: Delivery, sheet: FormSheet) -> None:
    earlier = {(e.unit.id, e.row.line) for e in delivery.entries if _same_form(e.sheet, sheet)}
    here: set[tuple[UnitId, str]] = set()
    twice: set[UnitId] = set()
    for row in (row for row in sheet.rows if not row.is_total):
        unit = _unit(delivery, sheet, row)
        if unit is None:
            continue
        if (unit.id, row.line) not in earlier | here:
            here.add((unit.id, row.line))
            delivery.entries.append(Entry(sheet, row, unit))
            continue
        if unit.id not in twice:
            twice.add(unit.id)
            delivery.tell("unit_twice", sheet.place(row), form=sheet.form.id, unit=unit.name)
        if (unit.id, row.line) in earlier:
            return  # the rest of a copied sheet would only repeat this


def _same_form(one: FormSheet, other: FormSheet) -> bool:
    return (one.form.id, one.year) == (other.form.id, other.year)


def _unit(delivery: Delivery, sheet: FormSheet, row: Row) -> Unit | None:
    try:
        unit = rules.units().find(row.name, Period(sheet.year).end)
    except Refusal as refusal:
        finding = refusal.findings[0]
        # What stands in the name column may be a person's name: the clerk has the cell.
        values = finding.values | {"name": masked(row.name)}
        finding = replace(finding, place=sheet.place(row), values=values)
        told = (f for f in delivery.findings if f.values == finding.values)
        if (sheet.file, sheet.sheet) not in [(f.place.file, f.place.sheet) for f in told]:
            delivery.findings.append(finding)  # once a sheet, however many lines bear the name
        return None
    if row.line == sheet.form.lines[0]:
        _check_name(delivery, sheet, row, unit)
    return unit


def _check_name(delivery: Delivery, sheet: FormSheet, row: Row, unit: Unit) -> None:
    """How the name is written, and whether the code in the head is the same unit's."""
    place = sheet.place(row)
    if unicodedata.normalize("NFC", row.name) != row.name:
        delivery.tell("name_decomposed", place, note=True, unit=unit.name)
    if sheet.unit_code not in ("", unit.id.code) and _speaks_for_one(sheet):
        code, own = sheet.unit_code, unit.id.code
        delivery.tell("unit_code_differs", place, code=code, unit=unit.name, own=own)


def _speaks_for_one(sheet: FormSheet) -> bool:
    """A commune's own sheet names one unit; a district's names many under the sender's code."""
    return len({row.name for row in sheet.rows if not row.is_total}) == 1
