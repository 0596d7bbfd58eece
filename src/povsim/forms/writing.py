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

from povsim.forms.catalogue import forms
from povsim.forms.description import Cell, Column, Form

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell as SheetCell
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet

HEADING_ROWS = 3
FIRST_HEADING = 6
CODE_ROW = FIRST_HEADING + HEADING_ROWS
WIDTHS = {"A": 6, "B": 20}
COUNT_WIDTH = 12
HEIGHTS = (34, 34, 62, 32)
"""Points of the heading rows and the code row: room for the longest heading in a narrow column."""
Counted = Mapping[tuple[str, Cell], int]
"""Counts by whose they are and their address."""
LINE_LABELS = {"households": "Hộ", "persons": "Nhân khẩu"}


@dataclass(frozen=True)
class Line:
    """One row to write: whose, what it counts, its counts by item (absent stays blank)."""

    name: str
    line: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Head:
    """What stands above every table: who reports, for which year (or its months up to `through`),
    and a mark if any."""

    place: str
    year: int
    mark: str = ""
    through: int = 12

    @property
    def span(self) -> str:
        """The time the figures are of, as the head says it.

        >>> Head("", 2024).span, Head("", 2024, through=10).span
        ('Năm 2024', '10 tháng đầu năm 2024')
        """
        if self.through == 12:
            return f"Năm {self.year}"
        return f"{self.through} tháng đầu năm {self.year}"


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
    counted = _counted(sheets)
    for form_id, lines in sheets.items():
        sheet = workbook.create_sheet(form_id)
        write_sheet(sheet, forms()[form_id], head, lines, notes.get(form_id, ""), counted)
    workbook.properties.creator = "povsim"
    workbook.properties.created = made
    path.write_bytes(timeless(workbook, made))


def _counted(sheets: Mapping[str, Sequence[Line]]) -> Counted:
    """The count that stands in a cell of any form, by whose it is."""
    return {
        (line.name, Cell(form, item, line.line)): count
        for form, lines in sheets.items()
        for line in lines
        for item, count in line.counts.items()
    }


def timeless(workbook: Workbook, made: datetime) -> bytes:
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


def write_sheet(
    sheet: Worksheet, form: Form, head: Head, lines: Sequence[Line], note: str, counted: Counted
) -> None:
    _write_head(sheet, form, head)
    _write_headings(sheet, form)
    for offset, line in enumerate(lines):
        number = offset // len(form.lines) + 1
        _write_line(sheet, form, CODE_ROW + 1 + offset, line, number, counted)
    if note:
        sheet.cell(CODE_ROW + len(lines) + 2, 1, note).font = font(italic=True)
    sheet.freeze_panes = sheet.cell(CODE_ROW + 1, first_column(form))
    _lay_out(sheet, form)


def _lay_out(sheet: Worksheet, form: Form) -> None:
    """Columns and headings that show their whole text, and one page's width on paper."""
    from openpyxl.utils import get_column_letter

    for number in range(1, first_column(form) + len(form.columns)):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = WIDTHS.get(letter, COUNT_WIDTH)
    for row, height in enumerate(HEIGHTS, FIRST_HEADING):
        sheet.row_dimensions[row].height = height
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def first_column(form: Form) -> int:
    """STT, name, and for two-line forms the column that says what the line counts."""
    return 4 if len(form.lines) > 1 else 3


def address_of(cell: Cell, below: int = 0) -> str:
    """Where a cell of the first unit stands on its form's sheet, or so many rows below it.

    >>> address_of(Cell("F1", "poor")), address_of(Cell("F2", "opening", "persons"))
    ('E10', 'D11')
    """
    from openpyxl.utils import get_column_letter

    form = forms()[cell.form]
    column = first_column(form) + form.columns.index(form.column(cell.item))
    return f"{get_column_letter(column)}{CODE_ROW + 1 + form.lines.index(cell.line) + below}"


def reference(cell: Cell | int, home: str = "") -> str:
    """A cell as a formula on the sheet `home` names it; a number as itself.

    Names are quoted: `F1` alone is a cell.
    """
    if isinstance(cell, int):
        return str(cell)
    return address_of(cell) if cell.form == home else f"'{cell.form}'!{address_of(cell)}"


def _write_head(sheet: Worksheet, form: Form, head: Head) -> None:
    sheet["A1"] = head.place
    sheet["A2"] = f"Mẫu số {form.number}" if form.official else "Mẫu của povsim"
    sheet["A3"] = form.title
    sheet["A4"] = head.span
    sheet["A5"] = head.mark
    for row in ("A1", "A2", "A4"):
        sheet[row].font = font()
    sheet["A3"].font = font(bold=True, size=13)
    sheet["A5"].font = font(bold=True, color="B00020")


def _write_headings(sheet: Worksheet, form: Form) -> None:
    fixed = [("STT", "A"), ("Xã, thị trấn", "B")]
    fixed += [("Phân tổ", "C")] if len(form.lines) > 1 else []
    for number, (label, code) in enumerate(fixed, 1):
        _heading_cell(sheet, FIRST_HEADING, number, label, rows=HEADING_ROWS)
        _heading_cell(sheet, CODE_ROW, number, code)
    for level in range(HEADING_ROWS):
        _write_level(sheet, form.columns, level, first_column(form))
    for number, column in enumerate(form.columns, first_column(form)):
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
    frame(cell, bold=True)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    if rows > 1 or columns > 1:
        sheet.merge_cells(None, row, column, row + rows - 1, column + columns - 1)


def frame(cell: SheetCell, bold: bool = False) -> None:
    from openpyxl.styles import Border, Side

    thin = Side(style="thin")
    cell.font = font(bold=bold)
    cell.border = Border(thin, thin, thin, thin)


def font(**style: Any) -> Font:
    """The face of official papers, whatever the style."""
    from openpyxl.styles import Font

    return Font(name="Times New Roman", **style)


def _write_line(
    sheet: Worksheet, form: Form, row: int, line: Line, number: int, counted: Counted
) -> None:
    first = first_column(form)
    for position in range(1, first + len(form.columns)):
        frame(sheet.cell(row, position))
    if line.line == form.lines[0]:
        sheet.cell(row, 1, number)
        sheet.cell(row, 2, line.name)
    if first == 4:
        sheet.cell(row, 3, LINE_LABELS[line.line])
    for position, column in enumerate(form.columns, first):
        value = _value(column, line, counted)
        if value is not None:
            cell = sheet.cell(row, position, value)
            cell.number_format = "0.00" if column.share else "#,##0"


def _value(column: Column, line: Line, counted: Counted) -> int | float | None:
    if column.share is None:
        return line.counts.get(column.item)
    part, whole = (counted.get((line.name, cell)) for cell in column.share)
    if part is None or not whole:
        return None
    return round(part / whole * 100, 2)
