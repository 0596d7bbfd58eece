"""What a delivery lacks: units, forms, lines; and sample figures among official ones."""

from __future__ import annotations

from collections import Counter

from povsim import forms
from povsim.findings import Place, Severity, errors
from povsim.forms import Form
from povsim.intake.cells import Cells
from povsim.intake.checks.rows import may_be_blank
from povsim.intake.delivery import Delivery, Review
from povsim.plan import Plan
from povsim.store import Release
from povsim.units import Unit
from povsim.vocabulary import Period


def check(
    delivery: Delivery, cells: Cells, plan: Plan, current: Release | None, partial: bool
) -> None:
    """Every unit of the plan for every year touched, every form for every review sent; a unit
    that sent nothing is no error where others follow (`partial`).
    """
    severity = Severity.NOTE if partial else Severity.ERROR
    faulty = {f.place.file for f in errors(delivery.findings) if f.place.sheet}
    for year in delivery.years:
        for unit in plan.expected(year):
            review = (str(unit.id), Period(year))
            if not any(True for _ in cells.lines(review)):
                about = {"unit": unit.name, "code": unit.id.code, "year": year}
                delivery.tell("unit_missing", Place(), severity, **about)
            elif review in delivery.reviews:
                _check_forms(delivery, cells, review, unit, faulty)
    _check_origin(delivery, current)


def due(year: int) -> list[Form]:
    """The forms that a year-end review owes."""
    return [form for form in forms.review_forms() if not may_be_blank(form, year)]


def lacking(cells: Cells, review: Review) -> list[str]:
    """The due forms of which a review lacks a line: households, or persons where it counts them."""
    held = set(cells.lines(review))
    return [
        form.id
        for form in due(review[1].year)
        if any((form.id, line) not in held for line in form.lines)
    ]


def _check_forms(
    delivery: Delivery, cells: Cells, review: Review, unit: Unit, faulty: set[str]
) -> None:
    missing = lacking(cells, review)
    file = delivery.file_of(review)
    # A form may be missing because its sheet was faulty, which stands in the findings already.
    if missing and file not in faulty:
        listed, year = ", ".join(missing), review[1].year
        delivery.tell("form_missing", Place(file), unit=unit.name, year=year, forms=listed)


def _check_origin(delivery: Delivery, current: Release | None) -> None:
    """Sample and official figures never mix in one release."""
    origins = Counter(entry.origin for entry in delivery.entries)
    if len(origins) > 1:
        rarest = min(origins, key=lambda origin: origins[origin])
        sheet = next(entry.sheet for entry in delivery.entries if entry.origin is rarest)
        delivery.tell("origins_mixed", Place(sheet.file, sheet.sheet))
    elif current is not None and origins and current.origin not in origins:
        delivery.tell("origin_differs", Place(next(delivery.entries).sheet.file))
