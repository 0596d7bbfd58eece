"""The same figures as other files: other formats, old lettering, other layouts of the sheets."""

from __future__ import annotations

import csv
import importlib
import io
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from povsim import forms
from povsim.forms.lettering import TCVN3, VNI
from povsim.forms.writing import CODE_ROW, LINE_LABELS, first_column
from povsim.vocabulary import Period

SCRIPTS = Path(__file__).parents[2] / "data" / "sample"

Key = tuple[str, Period, str, str, str]
"""Unit's name, period, form, line, item."""


@dataclass(frozen=True)
class Province:
    """A made-up province: its workbooks, and every count and share that they were made of."""

    books: tuple[Path, ...]
    counts: dict[Key, int]
    shares: dict[Key, float]


@cache
def script(name: str) -> ModuleType:
    """A script that makes data; its neighbours are found as when it is run."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(SCRIPTS))


def province(folder: Path, units: int, years: Iterable[int]) -> Province:
    """A province's workbooks, as `data/sample/province.py` makes them."""
    maker = script("province")
    books, counts, shares = [], {}, {}
    for year, unit, sheets in maker.reviews(maker.communes(units), years):
        period = Period(year)
        books.append(maker.sheets.write(folder, period, unit, maker.NAME.upper(), sheets))
        own = {
            (unit.name, period, form, line.line, item): count
            for form, lines in sheets.items()
            for line in lines
            for item, count in line.counts.items()
        }
        counts |= own
        shares |= dict(_shares(own, unit.name, period))
    return Province(tuple(books), counts, shares)


def _shares(counts: dict[Key, int], unit: str, period: Period) -> Iterator[tuple[Key, float]]:
    """The percentages that belong beside the counts."""
    for form, line, column in _share_columns():
        part, whole = (
            counts.get((unit, period, cell.form, cell.line, cell.item)) for cell in column.share
        )
        if part is not None and whole:
            yield (unit, period, form, line, column.item), round(part / whole * 100, 2)


def _share_columns() -> Iterator[tuple[str, str, Any]]:
    for form in forms.forms().values():
        yield from ((form.id, line, column) for column in form.shares for line in form.lines)


# --- Workbooks written anew ----------------------------------------------------------------------


def office(books: Sequence[Path], folder: Path, kind: str) -> list[Path]:
    """The workbooks as LibreOffice saves them; `kind` is xls or ods."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed here")
    for year, own in _by_folder(books).items():
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        command += ["--convert-to", kind, "--outdir", str(folder / year), *map(str, own)]
        subprocess.run(command, check=True, capture_output=True, timeout=900)
    made = [folder / book.parent.name / f"{book.stem}.{kind}" for book in books]
    if not any(path.exists() for path in made):
        pytest.skip("LibreOffice is installed without its spreadsheets (libreoffice-calc-nogui)")
    return made


def _by_folder(books: Sequence[Path]) -> dict[str, list[Path]]:
    """Two years' workbooks of one unit share a name, so a call converts one year."""
    years: dict[str, list[Path]] = {}
    for book in books:
        years.setdefault(book.parent.name, []).append(book)
    return years


def rewritten(
    books: Sequence[Path], folder: Path, work: Callable[[Workbook], Workbook | None]
) -> list[Path]:
    """Copies that `work` changed, or made anew."""
    made = []
    for book in books:
        workbook = load_workbook(book)
        made.append(folder / book.parent.name / book.name)
        made[-1].parent.mkdir(parents=True, exist_ok=True)
        (work(workbook) or workbook).save(made[-1])
    return made


def texts(change: Callable[[str], str]) -> Callable[[Workbook], None]:
    """Every text cell changed."""

    def work(workbook: Workbook) -> None:
        for cell in (cell for page in workbook for row in page.iter_rows() for cell in row):
            if isinstance(cell.value, str):
                cell.value = change(cell.value)

    return work


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


# --- Text files ----------------------------------------------------------------------------------


def csvs(books: Sequence[Path], folder: Path, encode: Callable[[str], bytes]) -> list[Path]:
    """A file a sheet, as a Vietnamese Excel exports it: semicolons, decimal comma, dots."""
    made = []
    for book in books:
        for page in load_workbook(book):
            lines = io.StringIO(newline="")
            rows = ([_shown(cell) for cell in row] for row in page.iter_rows())
            csv.writer(lines, delimiter=";").writerows(rows)
            made.append(folder / book.parent.name / f"{book.stem} {page.title}.csv")
            made[-1].parent.mkdir(parents=True, exist_ok=True)
            made[-1].write_bytes(encode(lines.getvalue()))
    return made


def _shown(cell: Any) -> str:
    if cell.value is None or isinstance(cell.value, str):
        return cell.value or ""
    if cell.number_format == "General":
        return str(cell.value)
    written = f"{cell.value:,.2f}" if cell.number_format == "0.00" else f"{cell.value:,}"
    return written.translate(str.maketrans(",.", ".,"))


def utf8(text: str) -> bytes:
    return text.encode("utf-8-sig")


def cp1258(text: str) -> bytes:
    """Windows' own Vietnamese: tones stand apart where the page has no letter."""
    return "".join(map(_with_tone_apart, text)).encode("cp1258")


def _with_tone_apart(letter: str) -> str:
    try:
        letter.encode("cp1258")
    except UnicodeEncodeError:
        marks = decomposed(letter)
        tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
        bare = "".join(mark for mark in marks if mark not in tones)
        return unicodedata.normalize("NFC", bare) + "".join(tones)
    return letter


def tcvn3(text: str) -> bytes:
    codes = to_tcvn3(text).replace("–", "\x96")  # a dash stands where Windows has it
    return codes.encode("latin-1")


def to_tcvn3(text: str) -> str:
    """As typed for .VnTime; capitals it lacks are small letters of a font of capitals."""
    codes = {letter: code for code, letter in TCVN3.items()}
    return "".join(codes.get(c) or codes.get(c.lower()) or c for c in text)


def to_vni(text: str) -> str:
    codes = {letter: code for code, letter in VNI.items()}
    return "".join(codes.get(letter, letter) for letter in text)


# --- Layouts -------------------------------------------------------------------------------------


def stacked(workbook: Workbook) -> Workbook:
    """Every form on one sheet, one below the other."""
    whole = Workbook()
    below = whole.active
    for page in workbook:
        start = below.max_row + 1
        for row in page.iter_rows(values_only=True):
            below.append(row)
        for merged in page.merged_cells.ranges:
            merged.shift(row_shift=below.max_row - page.max_row)
            below.merge_cells(merged.coord)
        below.cell(start + page.max_row + 1, 1, "Người lập biểu")
    return whole


def side_by_side(workbook: Workbook) -> None:
    """F9 on two sheets: the poor on one, the near-poor on the other."""
    copy = workbook.copy_worksheet(workbook["F9"])
    copy.title = "F9 (2)"
    for page, part in ((workbook["F9"], "1"), (copy, "2")):
        _keep_columns(page, part)


def _keep_columns(page: Worksheet, part: str) -> None:
    for merged in list(page.merged_cells.ranges):
        page.unmerge_cells(merged.coord)
    for number in range(page.max_column, 2, -1):
        if not str(page.cell(CODE_ROW, number).value).startswith(part):
            page.delete_cols(number)


def hidden(workbook: Workbook) -> None:
    """A data row and a column of F1 hidden."""
    page = workbook["F1"]
    page.row_dimensions[CODE_ROW + 1].hidden = True
    page.column_dimensions[get_column_letter(first_column(forms.forms()["F1"]) + 3)].hidden = True


def with_notes(workbook: Workbook) -> None:
    """What stands below a table: a remark, a place and date, a signature."""
    for page in workbook:
        last = page.max_row
        page.cell(last + 2, 1, "Ghi chú: số liệu tính đến ngày 14 tháng 12")
        page.cell(last + 4, page.max_column, "Tỉnh Mẫu, ngày 15 tháng 12 năm 2023")
        page.cell(last + 5, page.max_column, "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH")
        page.cell(last + 7, 2, "Người lập biểu")


def signed(workbook: Workbook) -> None:
    """Two signatures on one row, the left one below the names."""
    for page in workbook:
        page.cell(page.max_row + 2, page.max_column, "CHỦ TỊCH")
        page.cell(page.max_row, 2, "Người lập biểu")


def merged_names(workbook: Workbook) -> None:
    """Each unit's name merged over its two lines."""
    for page in workbook:
        if page.cell(CODE_ROW, 3).value == "C":
            page.merge_cells(None, CODE_ROW + 1, 2, CODE_ROW + 2, 2)


def moved(workbook: Workbook) -> None:
    """Empty rows above and an empty column before everything."""
    for page in workbook:
        merged = [(area, area.coord) for area in page.merged_cells.ranges]
        for area, coord in merged:
            page.unmerge_cells(coord)
            area.shift(col_shift=1, row_shift=2)
        page.move_range(page.calculate_dimension(), rows=2, cols=1)
        for area, _ in merged:
            page.merge_cells(area.coord)


def per_district(books: Sequence[Path], folder: Path) -> list[Path]:
    """All units of a year in one workbook, a form's lines one below the other."""
    return [_together(own, folder / year) for year, own in _by_folder(books).items()]


def _together(books: Sequence[Path], folder: Path) -> Path:
    first, *others = [load_workbook(book) for book in books]
    for page in first:
        for other in others:
            rows = other[page.title].iter_rows(min_row=CODE_ROW + 1, values_only=True)
            for row in rows:
                page.append(row)
    folder.mkdir(parents=True, exist_ok=True)
    first.save(folder / "huyện.xlsx")
    return folder / "huyện.xlsx"


def lines_apart(books: Sequence[Path], folder: Path) -> list[Path]:
    """The households of every form in one file, the persons in another."""
    made = rewritten(books, folder / "households", _without(LINE_LABELS["persons"]))
    return made + rewritten(books, folder / "persons", _without(LINE_LABELS["households"]))


def _without(label: str) -> Callable[[Workbook], None]:
    def work(workbook: Workbook) -> None:
        for page in workbook:
            if page.cell(CODE_ROW, 3).value == "C":
                _drop_line(page, label)
            elif label == LINE_LABELS["households"]:
                workbook.remove(page)

    return work


def _drop_line(page: Worksheet, label: str) -> None:
    """The line goes; what is left still says whose it is."""
    name = page.cell(CODE_ROW + 1, 2).value
    for number in range(page.max_row, CODE_ROW, -1):
        if page.cell(number, 3).value == label:
            page.delete_rows(number)
    page.cell(CODE_ROW + 1, 2, name)


def without_merges(workbook: Workbook) -> None:
    """Headings repeated in every cell that they were merged over."""
    for page in workbook:
        for area in list(page.merged_cells.ranges):
            label = page.cell(area.min_row, area.min_col).value
            page.unmerge_cells(area.coord)
            for row, column in area.cells:
                page.cell(row, column, label)
