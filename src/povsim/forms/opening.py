"""Files in: any spreadsheet as sheets of cells; what is wrong with the file is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from io import BytesIO, StringIO
from itertools import chain
from pathlib import PurePath
from typing import Any

from povsim.findings import Place, Refusal, refuse
from povsim.forms import markup, packages, records, texts
from povsim.forms.marks import LARGEST_SHEET, Marks, too_large

Cells = list[list[Any]]


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows of cells from A1, and what the cells do not show; all numbers 0-based.

    A cell is "" where empty, else text, a number, a truth value, a date or a time; an error is
    its text (`#REF!`). Rows are equally long. `unsaved` holds the (row, column) of formulas that
    were stored without a value, some perhaps beyond `cells`. `text_only`: the file knows no
    numbers, so text in a number's place is no slip.
    """

    name: str
    cells: Cells
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    unsaved: frozenset[tuple[int, int]] = frozenset()
    text_only: bool = False


def opened(content: bytes, name: str) -> list[Sheet]:
    """The sheets of an .xlsx, .xlsm, .xlsb, .xls, .ods or .csv, told by its bytes, not its name.

    `name` is what the finding calls the file, and a .csv its only sheet.

    Raises:
        Refusal: with one finding: the file is empty, damaged, cut short, locked, too large, or
            no spreadsheet.
    """
    try:
        return _guarded(lambda: _sheets(content, PurePath(name).stem))
    except Refusal as refusal:
        (finding,) = refusal.findings
        raise Refusal([replace(finding, place=Place(name, "", finding.place.cell))]) from None


def _guarded(read: Callable[[], list[Sheet]]) -> list[Sheet]:
    """What is read, or a refusal, whatever happens on bytes that nobody has foreseen."""
    try:
        return read()
    except (Refusal, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # Not only `Exception`: where calamine gives up it panics, and pyo3's panic is none.
        kind = type(error)
        if kind.__name__ == "PasswordError":
            raise refuse("file_password") from None
        reason = f"{kind.__module__}.{kind.__name__}".removeprefix("builtins.")
        raise packages.damaged(reason) from None


def _sheets(content: bytes, stem: str) -> list[Sheet]:
    if not content:
        raise refuse("file_empty")
    kind = packages.kind_of(content)
    if kind == "locked":
        raise refuse("file_password")
    if kind == "zip":
        return _of_package(content)
    packages.weighed(len(content))
    if kind == "xls":
        return _of_xls(content)
    if kind == "text":
        return [Sheet(stem, _laid_out(texts.rows_of(content)), text_only=True)]
    if kind == "OLE" and packages.is_cut_short(content):
        raise refuse("file_truncated")  # what it was stood in the part that is missing
    raise refuse("file_not_spreadsheet", kind=kind)


def _laid_out(rows: Cells) -> Cells:
    """Rows cut after their last filled cell, then filled up to the longest."""
    filled = [max((n for n, cell in enumerate(row, 1) if cell != ""), default=0) for row in rows]
    height = max((number for number, length in enumerate(filled, 1) if length), default=0)
    width = max(filled, default=0)
    if height * width > LARGEST_SHEET:
        raise too_large(height - 1, width - 1)
    return [[*row[:width], *[""] * (width - len(row))] for row in rows[:height]]


# --- Packages: .xlsx, .xlsb, .ods ----------------------------------------------------------------


def _of_package(content: bytes) -> list[Sheet]:
    parts = packages.unpacked(content)
    kind = packages.kind_of_package(parts)
    tellers: dict[str, Callable[[dict[str, bytes]], dict[int, Marks]]] = {
        "xlsx": markup.marks_of_xlsx,
        "xlsb": records.marks_of_xlsb,
        "ods": markup.marks_of_ods,
    }
    if kind not in tellers:
        raise refuse("file_not_spreadsheet", kind=kind)
    # First, because a sheet that is too large to be laid out ends the whole process.
    marks = tellers[kind](parts)
    return _read(packages.plain(parts), marks)


def _read(content: bytes, marks: dict[int, Marks]) -> list[Sheet]:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    sheets, size = [], 0
    for number, about in enumerate(workbook.sheets_metadata):
        page = workbook.get_sheet_by_index(number)
        row, column = page.end or (-1, -1)
        size += (row + 1) * (column + 1)
        if size > LARGEST_SHEET:
            raise too_large(row, column)
        cells = page.to_python(skip_empty_area=False)
        hidden = about.visible != SheetVisibleEnum.Visible
        sheets.append(_sheet(about.name, cells, hidden, marks.get(number)))
    return sheets


def _sheet(name: str, cells: Cells, hidden: bool, marks: Marks | None) -> Sheet:
    if marks is None:
        return Sheet(name, cells, hidden)
    height, width = len(cells), len(cells[0]) if cells else 0
    for (row, column), text in marks.errors.items():
        if row < height and column < width and cells[row][column] == "":
            cells[row][column] = text
    rows, columns = _within(marks.rows, height), _within(marks.columns, width)
    return Sheet(name, cells, hidden, rows, columns, frozenset(marks.unsaved))


def _within(hidden: Iterable[range], count: int) -> frozenset[int]:
    """The numbers in some ranges, but for those beyond the sheet's cells."""
    clipped = (range(numbers.start, min(numbers.stop, count)) for numbers in hidden)
    return frozenset(chain.from_iterable(clipped))


# --- .xls ----------------------------------------------------------------------------------------


def _of_xls(content: bytes) -> list[Sheet]:
    try:
        return _guarded(lambda: _read_xls(content))
    except Refusal as refusal:
        if refusal.findings[0].rule == "file_unreadable" and packages.is_cut_short(content):
            raise refuse("file_truncated") from None
        raise


def _read_xls(content: bytes) -> list[Sheet]:
    # Not by calamine: one damaged byte (an .xls has no checksums) makes it ask for so much memory
    # that the process ends. xlrd lays out no more than the file holds, and tells what is hidden.
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, ragged_rows=True, logfile=StringIO()
        )
    except xlrd.XLRDError as error:
        raise refuse("file_password") if "encrypted" in str(error) else error from None
    return [_sheet_of_xls(page, book.datemode) for page in book.sheets()]


def _sheet_of_xls(page: Any, datemode: int) -> Sheet:
    rows = [
        [
            _cell_of_xls(*cell, datemode)
            for cell in zip(page.row_types(n), page.row_values(n), strict=True)
        ]
        for n in range(page.nrows)
    ]
    cells = _laid_out(rows)
    hidden_rows = [range(n, n + 1) for n, about in page.rowinfo_map.items() if about.hidden]
    hidden_columns = [range(n, n + 1) for n, about in page.colinfo_map.items() if about.hidden]
    return _sheet(page.name, cells, page.visibility != 0, Marks(hidden_rows, hidden_columns))


def _cell_of_xls(kind: int, value: Any, datemode: int) -> Any:
    import xlrd

    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(value, "#N/A")
    return _moment(value, datemode) if kind == xlrd.XL_CELL_DATE else value


def _moment(days: float, datemode: int) -> Any:
    """A date, a time of day (under one day), or both; a number where no calendar has the day."""
    from xlrd.xldate import XLDateError, xldate_as_datetime

    try:
        moment = xldate_as_datetime(days, datemode)
    except (XLDateError, OverflowError, ValueError):
        return days
    if days < 1:
        return moment.time()
    return moment.date() if days == int(days) else moment
