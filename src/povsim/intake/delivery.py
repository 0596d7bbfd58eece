"""Files read together: what each unit says on each form, and everything wrong so far."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from povsim import forms, rules
from povsim.findings import Finding, Place, Refusal, Severity, masked
from povsim.forms import Form, FormSheet, Layout, Row
from povsim.intake.shelf import Shelf
from povsim.plan import Plan
from povsim.units import Unit, UnitId, Units, folded
from povsim.vocabulary import Origin, Period

Review = tuple[str, Period]
"""A unit's printed identity, and the time its forms are of."""

DUES = ("review", "within_year")

Watch = Callable[[Sequence[Path]], Iterable[Path]]
"""Hands the files on one by one, so that somebody can watch the progress."""


@dataclass(slots=True)
class Entry:
    """What one unit says on one line of one form, from one sheet or from several parts of it."""

    unit: Unit
    form: Form
    period: Period
    line: str
    parts: list[tuple[FormSheet, Row]]
    counts: dict[str, int]
    shares: dict[str, tuple[float, int]]
    faulty: frozenset[str]

    @property
    def sheet(self) -> FormSheet:
        """The sheet that speaks for it; the first of several parts."""
        return self.parts[0][0]

    @property
    def review(self) -> Review:
        return str(self.unit.id), self.period

    @property
    def origin(self) -> Origin:
        return Origin.SAMPLE if self.sheet.sample else Origin.OFFICIAL

    def place(self, item: str | None = None) -> Place:
        """Where the row, or one of its cells, stands."""
        holds = ((s, r) for s, r in self.parts if item is None or item in s.layout.columns)
        sheet, row = next(holds, self.parts[0])
        return sheet.place(row, item)

    def join(self, sheet: FormSheet, row: Row) -> bool:
        """Take in another part of the same line; False where it says a column again."""
        taken = {item for part, _ in self.parts for item in part.layout.columns}
        if taken & sheet.layout.columns.keys():
            return False
        self.parts.append((sheet, row))
        self.counts, self.shares = self.counts | row.counts, self.shares | row.shares
        self.faulty |= row.faulty
        return True


Lines = dict[tuple[str, str], Entry]
"""The entries of one review by form and line."""


def _shelf() -> Shelf[Review, Lines]:
    return Shelf(shared=(Form, Layout, Unit))


@dataclass
class Delivery:
    """Files read and checked together: the entries that stand, and every finding.

    `reviews` holds the entries by unit and time, then by form and line (a shelf: entries that
    are changed must be put back); `totals` the rows that add units up, by sheet; `digests`
    SHA-256 and `paths` of each file by the name that findings call it; `answers` what senders
    wrote beside doubts, by code.
    """

    reviews: Shelf[Review, Lines] = field(default_factory=_shelf)
    totals: list[tuple[FormSheet, Row]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def tell(
        self, rule: str, place: Place, severity: Severity = Severity.ERROR, **values: object
    ) -> None:
        """Record a finding."""
        self.findings.append(Finding(rule, place, severity, values))

    @property
    def entries(self) -> Iterator[Entry]:
        """Every entry, a review after the other."""
        return (entry for forms_held in self.reviews.values() for entry in forms_held.values())

    @property
    def years(self) -> list[int]:
        """The year-end reviews that the delivery brings, ascending."""
        return sorted({period.year for _, period in self.reviews if period.whole})

    @property
    def is_sample(self) -> bool:
        """Whether any of its figures is of the sample."""
        return any(entry.origin is Origin.SAMPLE for entry in self.entries)

    def file_of(self, review: Review) -> str:
        """The file that brought a review, or nothing where none did."""
        entries = self.reviews.get(review, {})
        return next((entry.sheet.file for entry in entries.values()), "")


def read(files: Sequence[Path], plan: Plan, watch: Watch = iter) -> Delivery:
    """Read files into a delivery; what is wrong with them becomes findings, never an exception."""
    delivery = Delivery()
    names = Counter(path.name for path in files)
    seen: dict[str, str] = {}
    for path in watch(files):
        # Two years' workbooks of one unit share a name: their folders tell them apart.
        name = path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}"
        delivery.paths[name] = path
        content = _content(delivery, path, name, seen)
        if content is not None:
            _take(delivery, forms.read_content(content, name), plan)
    return delivery


def _content(delivery: Delivery, path: Path, name: str, seen: dict[str, str]) -> bytes | None:
    """The bytes of a file that has not come before."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        delivery.tell("file_not_read", Place(name), reason=reason)
        return None
    digest = hashlib.sha256(content).hexdigest()
    if content and digest in seen:
        delivery.tell("file_twice", Place(name), Severity.NOTE, twin=seen[digest])
        return None
    seen[digest], delivery.digests[name] = name, digest
    return content


def _take(delivery: Delivery, reading: forms.Reading, plan: Plan) -> None:
    delivery.findings += reading.findings
    delivery.answers |= reading.answers
    usual = {due: _usual_year(s for s in reading.sheets if s.form.due == due) for due in DUES}
    known = rules.units()
    for sheet in reading.sheets:
        if not plan.base_review <= sheet.year <= plan.last_year:
            years = f"{plan.base_review}-{plan.last_year}"
            delivery.tell("year_outside_plan", _place(sheet), year=sheet.year, years=years)
        elif sheet.year != usual[sheet.form.due]:
            others = usual[sheet.form.due]
            delivery.tell("year_differs", _place(sheet), year=sheet.year, others=others)
        else:
            _take_rows(delivery, sheet, plan, known)


def _place(sheet: FormSheet) -> Place:
    return Place(sheet.file, sheet.sheet)


def _usual_year(sheets: Iterable[FormSheet]) -> int | None:
    """The review year most sheets of a file name."""
    years = Counter(sheet.year for sheet in sheets)
    return years.most_common(1)[0][0] if years else None


def _take_rows(delivery: Delivery, sheet: FormSheet, plan: Plan, known: Units) -> None:
    first: dict[str, Row] = {}
    for row in sheet.rows:
        first.setdefault(row.name, row)
    sums = {name for name in first if _adds_up(name, plan)}
    named = [row for name, row in first.items() if name not in sums]
    units = _units(delivery, sheet, named, plan, known)
    told: set[UnitId] = set()
    # An entry that stands among others has its own row, and takes none of theirs to the shelf.
    bare = sheet if len(named) == 1 else replace(sheet, rows=[])
    for row in sheet.rows:
        if row.name in sums:
            delivery.totals.append((sheet, row))
            continue
        unit = units.get(row.name)
        if unit is None or _enter(delivery, bare, row, unit) or unit.id in told:
            continue
        told.add(unit.id)
        delivery.tell("unit_twice", sheet.place(row), form=sheet.form.id, unit=unit.name)
        if _came_before(delivery, bare, unit):
            return  # the rest of a copied sheet would only repeat this


def _adds_up(name: str, plan: Plan) -> bool:
    """A row of the whole district, by the label of a total or by the district's name."""
    district = folded(plan.district)
    return forms.is_total(name) or folded(name) in (district, f"huyen {district}")


def _enter(delivery: Delivery, sheet: FormSheet, row: Row, unit: Unit) -> bool:
    """Put a row where it belongs; False where something stands there already."""
    review, key = (str(unit.id), sheet.period), (sheet.form.id, row.line)
    held = delivery.reviews.get(review, {})
    if key not in held:
        parts = [(sheet, row)]
        held[key] = Entry(
            unit, sheet.form, sheet.period, row.line, parts, row.counts, row.shares, row.faulty
        )
    elif not held[key].join(sheet, row):
        return False
    delivery.reviews[review] = held
    return True


def _came_before(delivery: Delivery, sheet: FormSheet, unit: Unit) -> bool:
    """Whether what stands there came with another sheet."""
    held = delivery.reviews[str(unit.id), sheet.period]
    return any(e.sheet != sheet for (form, _), e in held.items() if form == sheet.form.id)


def _units(
    delivery: Delivery, sheet: FormSheet, rows: Sequence[Row], plan: Plan, known: Units
) -> dict[str, Unit]:
    """The units that rows name, by that name; one that names none, or two, is told."""
    found: dict[str, Unit] = {}
    for row in rows:
        try:
            found[row.name] = _named(row.name, sheet.period.end, plan, known)
        except Refusal as refusal:
            finding = refusal.findings[0]
            # What stands in the name column may be a person's name: the clerk has the cell.
            values = finding.values | {"name": masked(row.name)}
            delivery.findings.append(replace(finding, place=sheet.place(row), values=values))
        else:
            _check_name(delivery, sheet, row, found[row.name], alone=len(rows) == 1)
    return found


def _named(written: str, day: date, plan: Plan, known: Units) -> Unit:
    """The unit of a name; where districts share one (many have a Tân Lập), the plan's own."""
    try:
        return known.find(written, day)
    except Refusal as refusal:
        if refusal.findings[0].rule != "unit_ambiguous":
            raise
        return known.find(written, day, among=plan.units_on(day))


def _check_name(delivery: Delivery, sheet: FormSheet, row: Row, unit: Unit, alone: bool) -> None:
    """How the name is written, and whether the code in the head is the same unit's.

    A commune's own sheet names one unit; a district's names many under the sender's code.
    """
    if not unicodedata.is_normalized("NFC", row.name):
        delivery.tell("name_decomposed", sheet.place(row), Severity.NOTE, unit=unit.name)
    if alone and sheet.unit_code not in ("", unit.id.code):
        code, own = sheet.unit_code, unit.id.code
        delivery.tell("unit_code_differs", sheet.place(row), code=code, unit=unit.name, own=own)
