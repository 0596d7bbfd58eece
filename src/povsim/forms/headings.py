"""What stands above a table: which form it is, of which time, whose, and whether it is a sample."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from povsim.forms.catalogue import forms
from povsim.units import folded
from povsim.vocabulary import Period

SAMPLE_MARK = "SỐ LIỆU MẪU"
"""Stands in the head of every sample sheet; a release made of such sheets is a sample."""

GUIDE_SHEET, CHECK_SHEET, FINDINGS_SHEET = OUR_SHEETS = ("Hướng dẫn", "Kiểm tra", "Phát hiện")
"""Sheets that povsim itself puts into a workbook: a template's guide and checks, findings."""

REVIEW_DAY = 10
"""From here in December a date in the head names the review that ends on the 14th."""


@dataclass(frozen=True)
class Heard:
    """What one text of a head says; empty where it says nothing of the kind."""

    title: str = ""
    number: str = ""
    months: Period | None = None
    year: int | None = None
    sure: bool = False
    sample: bool = False
    unit_code: str = ""


@dataclass(frozen=True)
class Head:
    """What a head says as a whole; `form` is empty and `period` None where it does not say."""

    form: str
    period: Period | None
    sample: bool
    unit_code: str


def heard_in(rows: Iterable[list[Any]]) -> Head:
    """What the texts and dates of a head say together."""
    told = [found for row in rows for found in _row(tuple(row))]
    titles = [h.title for h in told if h.title] or [h.number for h in told if h.number]
    codes = [h.unit_code for h in told if h.unit_code]
    return Head(
        form=titles[0] if titles else "",
        period=_period(told),
        sample=any(h.sample for h in told),
        unit_code=codes[0] if codes else "",
    )


@lru_cache(maxsize=1024)  # rows of headings repeat from file to file; the bound keeps memory flat
def _row(cells: tuple[Any, ...]) -> tuple[Heard, ...]:
    return tuple(found for cell in cells if cell and (found := _cell(cell)) is not None)


def form_named(sheet: str) -> str:
    """The form that a sheet's name stands for, or nothing; `F2 (2)` is a copy of F2."""
    return _names().get(re.sub(r"\s*\(\d+\)$", "", folded(sheet)), "")


def _cell(cell: object) -> Heard | None:
    if isinstance(cell, str):
        return heard(cell)
    if isinstance(cell, date) and (cell.month, cell.day) >= (12, REVIEW_DAY):
        return Heard(year=cell.year)
    return None


@lru_cache(maxsize=1024)
def heard(text: str) -> Heard | None:
    """What one text says, or None."""
    composed = unicodedata.normalize("NFC", text).strip()
    year, sure = _year(composed)
    found = Heard(
        title=_title(folded(composed)),
        number=_number(composed),
        months=_months(composed),
        year=year,
        sure=sure,
        sample=SAMPLE_MARK in composed.upper(),
        unit_code=_unit_code(composed),
    )
    return None if found == Heard() else found


def _period(told: list[Heard]) -> Period | None:
    """A cell that says only "Năm 2024", else months of a year, else any year that is no date's."""
    years = [h for h in told if h.year is not None]
    sure = next((h.year for h in years if h.sure), None)
    months = next((h.months for h in told if h.months), None)
    if months is not None and sure in (None, months.year):
        return months
    found = sure or next((h.year for h in years), None)
    return Period(found) if found else None


def _year(text: str) -> tuple[int | None, bool]:
    """The year that a text names, and whether it names nothing else."""
    alone = re.fullmatch(r"năm\s*:?\s*(20\d\d)", text, re.I)
    if alone:
        return int(alone[1]), True
    dateless = re.sub(r"(?:ngày\s+\d+\s+)?tháng\s+\d+\s+năm\s+\d+", "", text, flags=re.I)
    within = re.search(r"\bnăm\s+(20\d\d)\b", dateless, re.I)
    closing = re.search(r"\b(?:1\d|2\d|3[01])[/.-]12[/.-](20\d\d)\b", text)
    found = within or closing
    return (int(found[1]), False) if found else (None, False)


def _months(text: str) -> Period | None:
    """`10 tháng đầu năm 2024` as the part of the year it is."""
    match = re.search(r"\b(\d{1,2}) tháng (?:đầu )?năm (20\d\d)\b", text, re.I)
    if not match or not 1 <= int(match[1]) <= 11 or re.search(r"ngày\s+\d+ tháng", text, re.I):
        return None
    return Period(int(match[2]), int(match[1]))


def _unit_code(text: str) -> str:
    """The code that a head gives the reporting unit: `(mã đơn vị 23479)`."""
    match = re.search(r"\bmã (?:đơn vị|xã)\W{0,3}(\d{5})\b", text, re.I)
    return match[1] if match else ""


def _title(text: str) -> str:
    """The form whose title stands in a text; the longest, where one title holds another."""
    found = [(len(title), form) for title, form in _titles().items() if title in text]
    return max(found)[1] if found else ""


def _number(text: str) -> str:
    match = re.match(r"(?:mẫu|biểu)(?: số)?[ .:]*0?(\d{1,2}|TX)\b", text, re.I)
    form = f"F{match[1]}" if match else ""
    return form if form in forms() else ""


@cache
def _titles() -> dict[str, str]:
    return {folded(title): id for id, form in forms().items() for title in form.titles}


@cache
def _names() -> dict[str, str]:
    return {folded(name): id for id, form in forms().items() for name in form.sheet_names}
