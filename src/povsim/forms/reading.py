"""Official workbooks in: which form a sheet is, where its cells stand, what each cell says."""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from povsim.findings import Finding, Place, Severity, errors, masked
from povsim.forms.description import Form, forms
from povsim.units import folded

SAMPLE_MARK = "SỐ LIỆU MẪU"
"""Stands in the head of every sample sheet; a release made of such sheets is a sample."""

TOTAL_NAMES = ("tong", "cong", "toan huyen", "toan xa")
"""How the label of a total row begins, folded; no unit's name begins so (a test says it)."""
LINE_NAMES = {"ho": "households", "nhan khau": "persons", "khau": "persons"}
NAMED_LIST = "danh sach chi tiet"
FIRST_COLUMNS = {"A", "B"}
LARGEST_COUNT = 100_000_000
"""About the people of the whole country: no unit has more, so a larger figure is a slip."""
LARGEST_SHEET = 5_000_000
"""Cells; a reader lays a sheet out whole, and one stray cell far away makes billions of them."""


@dataclass(frozen=True)
class Row:
    """One line of a form: whose, what it counts, its counts and printed percentages by item.

    An item that was left blank is absent: missing is not zero.
    """

    name: str
    line: str
    number: int
    counts: dict[str, int]
    shares: dict[str, tuple[float, int]]
    """Printed percentage and the decimals it was printed with."""

    @property
    def is_total(self) -> bool:
        return is_total(self.name)


@dataclass(frozen=True)
class FormSheet:
    """One sheet recognised as a form.

    `columns` maps items to spreadsheet columns (0-based); `name_column` is the one coded B.
    """

    form: Form
    file: str
    sheet: str
    year: int
    sample: bool
    columns: dict[str, int]
    name_column: int
    rows: tuple[Row, ...]
    unit_code: str = ""

    def place(self, row: Row, item: str | None = None) -> Place:
        """Where a row, or one of its cells, stands; with no item, the name's cell."""
        column = self.name_column if item is None else self.columns[item]
        return Place(self.file, self.sheet, address(row.number, column))


@dataclass
class Reading:
    """What one file gave: its form sheets, and everything wrong with it."""

    file: str
    sheets: list[FormSheet] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def tell(self, rule: str, place: Place, note: bool = False, **values: object) -> None:
        """Record a finding."""
        severity = Severity.NOTE if note else Severity.ERROR
        self.findings.append(Finding(rule, place, severity, dict(values)))


def is_total(label: str) -> bool:
    """Whether a row's label is that of a total.

    >>> is_total("Tổng cộng:"), is_total("Toàn huyện"), is_total("Tân Lập")
    (True, True, False)
    """
    return folded(label).startswith(TOTAL_NAMES)


def address(row: int, column: int) -> str:
    """A spreadsheet address from 0-based numbers.

    >>> address(7, 1), address(0, 26)
    ('B8', 'AA1')
    """
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def read(path: Path, name: str | None = None) -> Reading:
    """Read one workbook; never raises for what is wrong inside it.

    `name` is what findings call the file; its own name unless said. Returns the sheets that are
    forms, and findings for the file, its sheets and its cells.
    """
    reading = Reading(name or path.name)
    for sheet, cells in _sheets(path, reading):
        _read_sheet(reading, sheet, cells)
    if not any(sheet.rows for sheet in reading.sheets) and not errors(reading.findings):
        reading.tell("no_form_in_file", Place(reading.file), forms=", ".join(forms()))
    return reading


def _sheets(path: Path, reading: Reading) -> Iterator[tuple[str, list[list[Any]]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    place = Place(reading.file)
    try:
        if path.stat().st_size == 0:
            reading.tell("file_empty", place)
            return
        if stray := _stray_cell(path):
            reading.tell("sheet_too_large", Place(reading.file, "", stray), cell=stray)
            return
        workbook = CalamineWorkbook.from_path(str(path))
        for name in workbook.sheet_names:
            yield name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except OSError as error:
        reading.tell("file_not_read", place, reason=error.strerror or type(error).__name__)
    except CalamineError as error:
        reading.tell("file_unreadable", place, reason=type(error).__name__)


def _stray_cell(path: Path) -> str:
    """The filled cell of an .xlsx too far out for its sheet to be laid out, or nothing."""
    try:
        with zipfile.ZipFile(path) as parts:
            names = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
            return next(filter(None, (_far_cell(parts.read(name)) for name in names)), "")
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError):
        return ""  # no .xlsx, or a damaged one: the reader says so


def _far_cell(sheet: bytes) -> str:
    for letters, row in re.findall(rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*(?<!/)>', sheet):
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        if not 0 < column * int(row) <= LARGEST_SHEET:
            return f"{letters.decode()}{row.decode()}"
    return ""


def _read_sheet(reading: Reading, sheet: str, cells: list[list[Any]]) -> None:
    place = Place(reading.file, sheet)
    code_row = _code_row(cells)
    head = [str(c) for row in cells[: len(cells) if code_row is None else code_row] for c in row]
    if any(NAMED_LIST in folded(text) for text in [*head, sheet]):
        reading.tell("named_list", place)
        return
    form = _recognised(sheet, head)
    if form is None:
        reading.tell("sheet_ignored", place, note=True)
    elif code_row is None:
        reading.tell("code_row_missing", place, form=form.id, codes="A, B, 1, 2, 3 …")
    else:
        _read_form(reading, form, sheet, cells, code_row)


def _recognised(sheet: str, head: list[str]) -> Form | None:
    by_name = {folded(name): form for form in forms().values() for name in form.sheet_names}
    # "F2 (2)" is how a spreadsheet names a copy; it is still form F2, and reported as a duplicate.
    named = by_name.get(re.sub(r"\s*\(\d+\)$", "", folded(sheet)))
    if named:
        return named
    titles = {folded(form.title): form for form in forms().values()}
    return next((titles[folded(text)] for text in head if folded(text) in titles), None)


def _code_row(cells: list[list[Any]]) -> int | None:
    for number, row in enumerate(cells):
        codes = [_code(cell) for cell in row]
        if set(codes) >= FIRST_COLUMNS and "1" in codes:
            return number
    return None


def _code(cell: object) -> str:
    return _written(cell).partition("=")[0].strip()


def _written(cell: object) -> str:
    """A cell as text; a code typed as a number keeps its digits (`23485`, not `23485.0`)."""
    whole = isinstance(cell, float) and cell.is_integer()
    return f"{cell:.0f}" if whole else str(cell).strip()


def _read_form(
    reading: Reading, form: Form, sheet: str, cells: list[list[Any]], code_row: int
) -> None:
    place = Place(reading.file, sheet)
    head = [str(cell) for row in cells[:code_row] for cell in row if cell]
    codes = {_code(cell): number for number, cell in enumerate(cells[code_row]) if cell != ""}
    columns = {c.item: codes[c.key] for c in form.columns if c.key in codes}
    missing = [column.key for column in form.columns if column.key not in codes]
    if missing:
        where = Place(reading.file, sheet, address(code_row, 0))
        reading.tell("column_missing", where, form=form.id, columns=", ".join(missing))
    year = _year(head)
    if year is None:
        reading.tell("year_missing", place, form=form.id)
    if missing or year is None:
        return
    sample = any(SAMPLE_MARK in unicodedata.normalize("NFC", text).upper() for text in head)
    code = _unit_code(head)
    found = FormSheet(form, reading.file, sheet, year, sample, columns, codes["B"], (), code)
    rows = tuple(_rows(reading, found, cells, code_row, codes.get("C")))
    reading.sheets.append(replace(found, rows=rows))


def _unit_code(head: list[str]) -> str:
    """The code that the head gives the reporting unit, or nothing: `(mã đơn vị 23479)`."""
    texts = (unicodedata.normalize("NFC", text) for text in head)
    found = (re.search(r"\bmã (?:đơn vị|xã)\W{0,3}(\d{5})\b", text, re.I) for text in texts)
    return next((match[1] for match in found if match), "")


def _year(head: list[str]) -> int | None:
    """The review year: a cell that says only "Năm 2024", else the first year that is no date's."""
    texts = [unicodedata.normalize("NFC", text).strip() for text in head]
    alone = (re.fullmatch(r"năm\s+(20\d\d)", text, re.I) for text in texts)
    dateless = (re.sub(r"tháng\s+\d+\s+năm\s+\d+", "", text, flags=re.I) for text in texts)
    within = (re.search(r"\bnăm\s+(20\d\d)\b", text, re.I) for text in dateless)
    return next((int(match[1]) for match in chain(alone, within) if match), None)


def _rows(
    reading: Reading,
    sheet: FormSheet,
    cells: list[list[Any]],
    code_row: int,
    line_column: int | None,
) -> Iterator[Row]:
    name = ""
    for number, row in enumerate(cells[code_row + 1 :], code_row + 1):
        written = _name(row, sheet.name_column)
        line = _line(sheet.form, row, line_column)
        filled = [c for c in sheet.columns.values() if c < len(row) and row[c] != ""]
        if not filled and not (line_column is not None and line):
            continue  # a blank line or a note below the table
        told = written or (line if line_column is not None else "")
        if not told and _only_words(row):
            continue  # a place and date, or a signature, below the table
        name = written or ("" if line == sheet.form.lines[0] else name)
        if not line:
            place = Place(sheet.file, sheet.sheet, address(number, line_column or 0))
            reading.tell("line_unknown", place, form=sheet.form.id)
            continue
        yield _row(reading, sheet, row, number, name, line)


def _only_words(row: list[Any]) -> bool:
    """Whether no cell is a number, nor text that is one but for its letters."""
    return all(isinstance(cell, str) and not re.fullmatch(r"[\d.,%\s]+", cell) for cell in row)


def _name(row: list[Any], column: int) -> str:
    """Whose row it is; the label of a total often starts in the column before."""
    name, before = _written(row[column]), _written(row[max(column - 1, 0)])
    return before if not name and is_total(before) else name


def _line(form: Form, row: list[Any], line_column: int | None) -> str:
    if len(form.lines) == 1:
        return form.lines[0]
    if line_column is None or line_column >= len(row):
        return ""
    return LINE_NAMES.get(folded(str(row[line_column])), "")


def _row(
    reading: Reading, sheet: FormSheet, row: list[Any], number: int, name: str, line: str
) -> Row:
    counts: dict[str, int] = {}
    shares: dict[str, tuple[float, int]] = {}
    for column in sheet.form.columns:
        position = sheet.columns[column.item]
        cell = row[position] if position < len(row) else ""
        place = Place(sheet.file, sheet.sheet, address(number, position))
        if cell == "" or cell is None:
            continue
        if column.share:
            share = _share(reading, place, cell)
            shares |= {} if share is None else {column.item: share}
        else:
            count = _count(reading, place, cell)
            counts |= {} if count is None else {column.item: count}
    return Row(name, line, number, counts, shares)


def _count(reading: Reading, place: Place, cell: object) -> int | None:
    """A whole number, or None with a finding."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        reading.tell("number_is_text", place, value=masked(cell))
        return None
    if isinstance(cell, str):
        return _typed_count(reading, place, cell.strip())
    if not abs(cell) <= LARGEST_COUNT:  # infinite and "not a number" too
        reading.tell("number_too_large", place, value=f"{cell:g}")
        return None
    if not float(cell).is_integer():
        guess = round(cell * 1000)
        reading.tell("number_not_whole", place, value=f"{cell:g}", guess=guess)
        return None
    return int(cell)


def _typed_count(reading: Reading, place: Place, written: str) -> int | None:
    """A number typed as text: `1.834` is 1834 in Vietnamese; the reading is told as a note."""
    if not re.fullmatch(r"-?\d+|-?\d{1,3}(\.\d{3})+", written):
        reading.tell("number_is_text", place, value=masked(written))
        return None
    count = int(written.replace(".", ""))
    if abs(count) > LARGEST_COUNT:
        reading.tell("number_too_large", place, value=written)
        return None
    reading.tell("number_typed_as_text", place, note=True, value=written, count=count)
    return count


def _share(reading: Reading, place: Place, cell: object) -> tuple[float, int] | None:
    """A printed percentage with its decimals, or None with a finding."""
    written = str(cell).strip().removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", written):
        reading.tell("number_is_text", place, value=masked(cell))
        return None
    # A number cell does not tell how it is shown: 24.9 was typed with one decimal, 25 with one or
    # two. Formula results carry many and are held to two.
    decimals = len(written.partition("e")[0].partition(".")[2])
    least = 0 if isinstance(cell, str) else 1
    return float(written), min(max(decimals, least), 2)
