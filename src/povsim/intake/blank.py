"""The workbook a unit is given to fill: what the store knows stands in it, the rest is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from povsim import forms, rules
from povsim.findings import refuse
from povsim.forms.description import Cell
from povsim.forms.filling import openings
from povsim.forms.template import Blank, write
from povsim.i18n import Lang, text
from povsim.intake.cells import Cells
from povsim.intake.delivery import Delivery
from povsim.plan import Plan
from povsim.store import Release
from povsim.units import Unit
from povsim.vocabulary import Origin, Period

KINDS = {"town": "THỊ TRẤN", "ward": "PHƯỜNG"}
"""What a unit is called in the head of its forms; any other is a commune."""


def unit_of(written: str, period: Period, plan: Plan) -> Unit:
    """The unit of the plan that a code or a name means at the end of a period.

    Raises:
        Refusal: no such unit, or the unit or the year is not of the plan.
    """
    if not plan.base_review <= period.year <= plan.last_year:
        years = f"{plan.base_review}-{plan.last_year}"
        raise refuse("template_year", year=period.year, years=years)
    expected = plan.units_on(period.end)
    unit = rules.units().find(written, period.end, among=expected)
    if unit not in expected:
        listed = ", ".join(f"{other.name} ({other.id.code})" for other in expected)
        raise refuse("template_unit", unit=unit.name, units=listed)
    return unit


def write_blank(
    path: Path, unit: Unit, period: Period, plan: Plan, current: Release | None, lang: Lang = "vi"
) -> Blank:
    """Write a unit's workbook for a review or a part of the year; returns what it was made of.

    Counts of the review before and what was reported within the year come from the newest
    release. The same content gives the same file.

    Raises:
        Refusal: none of its forms is due.
    """
    blank = blank_for(unit, period, plan, current, lang)
    if not blank.due:
        listed = ", ".join(form.id for form in blank.forms)
        standard = rules.standard_for(period.year).name
        raise refuse("template_not_due", forms=listed, year=period.year, standard=standard)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, blank, datetime(period.year, 1, 1))
    return blank


def blank_for(
    unit: Unit, period: Period, plan: Plan, current: Release | None, lang: Lang = "vi"
) -> Blank:
    """What a unit's workbook is made of."""
    cells = Cells(Delivery(), current, plan)
    return Blank(
        unit=unit.name,
        head=forms.Head(_place(unit, plan), period.year, _mark(current, lang), period.through),
        known=dict(_known(cells, unit, period)),
        counted=dict(_counted(cells, unit, period)) if period.whole else {},
        release=current.number if current else None,
        lang=lang,
    )


def _place(unit: Unit, plan: Plan) -> str:
    """Who reports, with the code that the reader holds against the row's name."""
    kind = KINDS.get(unit.kind, "XÃ")
    # Units that ended with the districts on 2025-07-01 belonged to one.
    district = f", HUYỆN {plan.district.upper()}" if unit.valid_to else ""
    return f"UBND {kind} {unit.name.upper()}{district} (mã đơn vị {unit.id.code})"


def _mark(current: Release | None, lang: Lang) -> str:
    """A workbook that holds sample figures is a sample when it comes back."""
    if current is None or current.origin is not Origin.SAMPLE:
        return ""
    return f"{forms.SAMPLE_MARK} – {text('template.not_official', lang)}"


def _known(cells: Cells, unit: Unit, period: Period) -> Iterator[tuple[Cell, int]]:
    """What the review before found, for the cells that say it again."""
    before = cells.earlier((str(unit.id), period), Period(period.year - 1))
    for form in forms.forms().values():
        for cell, was in openings(form).items():
            count = cells.sum(before, was)
            if count is not None:
                yield cell, count


def _counted(cells: Cells, unit: Unit, period: Period) -> Iterator[tuple[Cell, int]]:
    """What was last reported within the year, for the cells of the review that it is part of."""
    for form in forms.forms().values():
        for part, whole in form.part_of_year:
            count = _last_reported(cells, unit, period, part)
            if count is not None:
                yield whole, count


def _last_reported(cells: Cells, unit: Unit, period: Period, part: Cell) -> int | None:
    parts = (Period(period.year, month) for month in range(11, 0, -1))
    counts = (cells.sum(cells.earlier((str(unit.id), period), month), [part]) for month in parts)
    return next((count for count in counts if count is not None), None)
