"""The counted forms as official workbooks, one a unit, for `povsim ingest`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from povsim import forms, rules
from povsim.forms.filling import is_due
from povsim.units import Kind, Unit

KINDS = {Kind.TOWN: "THỊ TRẤN", Kind.WARD: "PHƯỜNG"}
"""What a unit is called in the head of its forms; any other is a commune."""
MARK = f"{forms.SAMPLE_MARK} – không phải số liệu chính thức"
NO_FLOWS = (
    "Không lập: năm {year} là kỳ rà soát đầu tiên theo {standard}, không có kỳ trước cùng chuẩn "
    "để so sánh."
)
NO_BEFORE = "Chưa lập: chưa có sổ hộ của kỳ rà soát năm {year} để so sánh."


def workbooks(table: pd.DataFrame, review: int, folder: Path, sample: bool = False) -> list[Path]:
    """Write the workbook of each unit as `<code>.xlsx`; the same table gives the same files.

    A cell that the register does not decide stays blank: a blank is no nought, and the intake
    tells it.

    Args:
        table: as `aggregate` gives it.
        review: the year of the review.
        folder: where the files go; made where there is none, files of those names replaced.
        sample: whether every sheet bears the mark of sample figures.

    Returns:
        The files, by unit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    exact = table[(table["low"] == table["high"]).fillna(False)]
    counted = {
        tuple(map(str, key)): dict(zip(rows["item"], map(int, rows["low"]), strict=True))
        for key, rows in exact.groupby(["unit", "form", "line"])
    }
    notes = _notes(table, review)
    made = []
    for identity in table["unit"].unique():
        unit = rules.units()[str(identity)]
        head = forms.Head(_place(unit, review), review, MARK if sample else "")
        path = folder / f"{unit.id.code}.xlsx"
        forms.write(path, head, _sheets(unit, counted), notes, datetime(review, 12, 31))
        made.append(path)
    return made


def _sheets(
    unit: Unit, counted: Mapping[tuple[str, ...], dict[str, int]]
) -> dict[str, list[forms.Line]]:
    return {
        form.id: [
            forms.Line(unit.name, line, counted.get((str(unit.id), form.id, line), {}))
            for line in form.lines
        ]
        for form in forms.review_forms()
    }


def _notes(table: pd.DataFrame, review: int) -> dict[str, str]:
    """Why a form is not made, below it."""
    made = set(table["form"][table["high"].notna()])
    standard = rules.standard_for(review).name
    return {
        form.id: NO_BEFORE.format(year=review - 1)
        if is_due(form, review)
        else NO_FLOWS.format(year=review, standard=standard)
        for form in forms.review_forms()
        if form.id not in made
    }


def _place(unit: Unit, review: int) -> str:
    """Who reports, with the code that the reader holds against the row's name."""
    day = date(review, 12, 31)
    kind = KINDS.get(unit.kind, "XÃ")
    district = rules.units().above(unit.id, day, Kind.DISTRICT)
    within = f", HUYỆN {district.name.upper()}" if district else ""
    return f"UBND {kind} {unit.name.upper()}{within} (mã đơn vị {unit.id.code})"
