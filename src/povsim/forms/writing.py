"""Official workbooks out: the same descriptions, as sheets with merged headings and code row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from povsim.forms.description import Column, Form, forms

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet

HEADING_ROWS = 3
FIRST_HEADING = 6
CODE_ROW = FIRST_HEADING + HEADING_ROWS
WIDTHS = {"A": 6, "B": 20}
COUNT_WIDTH = 12
HEIGHTS = (34, 34, 62, 32)
"""Points of the heading rows and the code row: room for the longest heading in a narrow column."""
LINE_LABELS = {"households": "Hộ", "persons": "Nhân khẩu"}


@dataclass(frozen=True)
class Line:
    """One row to write: whose, what it counts, its counts by item (absent stays blank)."""

    name: str
    line: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Head:
    """What stands above every table: who reports, for which review, and a mark if any."""

    place: str
    year: int
    mark: str = ""


def write(
    path: Path,
    head: Head,
    sheets: Mapping[str, Sequence[Line]],
    notes: Mapping[str, str],
    made: datetime,
) -> None:
    """Write one workbook, a sheet a form; percentages are computed from the counts.

    `sheets` maps form ids to their lines, `notes` to a remark below the table. `made` is the
    time the file says it was made: the same content gives the same file.
    """
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for form_id, lines in sheets.items():
        sheet = workbook.create_sheet(form_id)
        _write_sheet(sheet, forms()[form_id], head, lines, notes.get(form_id, ""))
    workbook.properties.creator = "povsim"
    workbook.properties.created = made
    path.write_bytes(_timeless(workbook, made))


def _timeless(workbook: Workbook, made: datetime) -> bytes:
    """The workbook's bytes with `made` for every time that saving stamps into them."""
    saved, stable = BytesIO(), BytesIO()
    workbook.save(saved)
    stamp = f"{made:%Y-%m-%dT%H:%M:%SZ}".encode()
    with ZipFile(saved) as source, ZipFile(stable, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = re.sub(rb"(?<=W3CDTF\">)[^<]+", stamp, source.read(name))
            entry = ZipInfo(name, made.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, content)
    return stable.getvalue()


def _write_sheet(
    sheet: Worksheet, form: Form, head: Head, lines: Sequence[Line], note: str
) -> None:
    _write_head(sheet, form, head)
    _write_headings(sheet, form)
    for offset, line in enumerate(lines):
        _write_line(sheet, form, CODE_ROW + 1 + offset, line, offset // len(form.lines) + 1)
    if note:
        sheet.cell(CODE_ROW + len(lines) + 2, 1, note).font = _font(italic=True)
    sheet.freeze_panes = sheet.cell(CODE_ROW + 1, _first_column(form))
    _lay_out(sheet, form)


def _lay_out(sheet: Worksheet, form: Form) -> None:
    """Columns and headings that show their whole text, and one page's width on paper."""
    from openpyxl.utils import get_column_letter

    for number in range(1, _first_column(form) + len(form.columns)):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = WIDTHS.get(letter, COUNT_WIDTH)
    for row, height in enumerate(HEIGHTS, FIRST_HEADING):
        sheet.row_dimensions[row].height = height
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _first_column(form: Form) -> int:
    """STT, name, and for two-line forms the column that says what the line counts."""
    return 4 if len(form.lines) > 1 else 3


def _write_head(sheet: Worksheet, form: Form, head: Head) -> None:
    sheet["A1"] = head.place
    sheet["A2"] = f"Mẫu số {form.id.removeprefix('F')}"
    sheet["A3"] = form.title
    sheet["A4"] = f"Năm {head.year}"
    sheet["A5"] = head.mark
    for row in ("A1", "A2", "A4"):
        sheet[row].font = _font()
    sheet["A3"].font = _font(bold=True, size=13)
    sheet["A5"].font = _font(bold=True, color="B00020")


def _write_headings(sheet: Worksheet, form: Form) -> None:
    fixed = [("STT", "A"), ("Xã, thị trấn", "B")]
    fixed += [("Phân tổ", "C")] if len(form.lines) > 1 else []
    for number, (label, code) in enumerate(fixed, 1):
        _heading_cell(sheet, FIRST_HEADING, number, label, rows=HEADING_ROWS)
        _heading_cell(sheet, CODE_ROW, number, code)
    for level in range(HEADING_ROWS):
        _write_level(sheet, form.columns, level, _first_column(form))
    for number, column in enumerate(form.columns, _first_column(form)):
        printed = int(column.code) if column.code.isdigit() else column.code
        _heading_cell(sheet, CODE_ROW, number, printed)


def _write_level(sheet: Worksheet, columns: Sequence[Column], level: int, first: int) -> None:
    """One heading row: equal neighbours merge across, an empty level merges with the one above."""
    start = 0
    while start < len(columns):
        path = columns[start].heading[: level + 1]
        stop = start + 1
        while stop < len(columns) and columns[stop].heading[: level + 1] == path:
            stop += 1
        if path[-1]:
            below = columns[start].heading[level + 1 :]
            rows = 1 + (len(below) if not any(below) else 0)
            _heading_cell(sheet, FIRST_HEADING + level, first + start, path[-1], rows, stop - start)
        start = stop


def _heading_cell(
    sheet: Worksheet, row: int, column: int, label: str | int, rows: int = 1, columns: int = 1
) -> None:
    from openpyxl.styles import Alignment

    cell = sheet.cell(row, column, label)
    _frame(cell, bold=True)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    if rows > 1 or columns > 1:
        sheet.merge_cells(None, row, column, row + rows - 1, column + columns - 1)


def _frame(cell: Cell, bold: bool = False) -> None:
    from openpyxl.styles import Border, Side

    thin = Side(style="thin")
    cell.font = _font(bold=bold)
    cell.border = Border(thin, thin, thin, thin)


def _font(**style: Any) -> Font:
    """The face of official papers, whatever the style."""
    from openpyxl.styles import Font

    return Font(name="Times New Roman", **style)


def _write_line(sheet: Worksheet, form: Form, row: int, line: Line, number: int) -> None:
    first = _first_column(form)
    for position in range(1, first + len(form.columns)):
        _frame(sheet.cell(row, position))
    if line.line == form.lines[0]:
        sheet.cell(row, 1, number)
        sheet.cell(row, 2, line.name)
    if first == 4:
        sheet.cell(row, 3, LINE_LABELS[line.line])
    for position, column in enumerate(form.columns, first):
        value = _value(column, line.counts)
        if value is not None:
            cell = sheet.cell(row, position, value)
            cell.number_format = "0.00" if column.share else "#,##0"


def _value(column: Column, counts: Mapping[str, int]) -> int | float | None:
    if column.share is None:
        return counts.get(column.item)
    part, whole = (counts.get(item) for item in column.share)
    if part is None or not whole:
        return None
    return round(part / whole * 100, 2)
