"""A good delivery spoiled, one slip at a time; and findings as their reader sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from povsim import forms
from povsim.findings import Finding
from povsim.forms import Line

Spoil = Callable[[Path], None]
"""Takes the folder of a delivery and spoils a file in it."""

FIRST = 10
"""The row below the code row: households; persons stand below it."""


@dataclass(frozen=True, order=True)
class Told:
    """A finding as the sender sees it: the rule, and where."""

    rule: str
    file: str = ""
    sheet: str = ""
    cell: str = ""


def change(file: str, work: Callable[[Workbook], None]) -> Spoil:
    def spoil(folder: Path) -> None:
        workbook = load_workbook(folder / file)
        work(workbook)
        workbook.save(folder / file)

    return spoil


def put(file: str, sheet: str, **cells: Any) -> Spoil:
    """Write into cells; a function gets what stood there."""

    def work(workbook: Workbook) -> None:
        page = workbook[sheet]
        for address, new in cells.items():
            page[address] = new(page[address].value) if callable(new) else new

    return change(file, work)


def drop(file: str) -> Spoil:
    return lambda folder: (folder / file).unlink()


def fill(file: str, content: Callable[[bytes], bytes]) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / file).write_bytes(content((folder / file).read_bytes()))

    return spoil


def column(form: str, item: str) -> int:
    """Where `forms.write` puts an item, from 1."""
    found = forms.forms()[form]
    first = 4 if len(found.lines) > 1 else 3
    return first + [c.item for c in found.columns].index(item)


def items(file: str, form: str, row: int = FIRST, **changes: Any) -> Spoil:
    """Write into cells by item; a function gets the row's counts by item."""

    def work(workbook: Workbook) -> None:
        page = workbook[form]
        names = [c.item for c in forms.forms()[form].columns]
        counts = {name: page.cell(row, column(form, name)).value for name in names}
        for item, new in changes.items():
            page.cell(row, column(form, item)).value = new(counts) if callable(new) else new

    return change(file, work)


def one_more(count: int) -> int:
    return count + 1


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("20*/*.xlsx"))


def seen(findings: Sequence[Finding]) -> list[Told]:
    return sorted(Told(f.rule, f.place.file, f.place.sheet, f.place.cell) for f in findings)


@cache
def lines_of(path: Path) -> dict[str, list[Line]]:
    """A workbook as `forms.write` takes it."""
    sheets = forms.read(path).sheets
    return {s.form.id: [Line(r.name, r.line, r.counts) for r in s.rows] for s in sheets}
