"""Files in: any spreadsheet as sheets of cells; what is wrong with the file as a whole is named."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from povsim.findings import Place, Refusal, refuse
from povsim.forms import containers
from povsim.forms.containers import Extras, TooLarge, Unreadable
from povsim.forms.lettering import OWN_LETTER, known_words

Cells = list[list[Any]]

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"{\\rtf": "RTF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
}
"""Files that are sent in place of a workbook, by how they begin."""

MARKUP = (b"<?xml", b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")
DELIMITERS = "\t;,"
"""In this order: a comma is a decimal sign in Vietnam before it is anything else."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows of cells from A1 ("" where empty), and what its cells do not show.

    `unsaved` holds the (row, column) of formulas stored without a result. `text_only`: the file
    knows no numbers, so text in a number's place is no slip.
    """

    name: str
    cells: Cells
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    unsaved: frozenset[tuple[int, int]] = frozenset()
    text_only: bool = False


def opened(content: bytes, name: str) -> list[Sheet]:
    """The sheets of an .xlsx, .xlsm, .xls, .ods or .csv file, told by its bytes, not its name.

    `name` is what findings call the file; a .csv's only sheet is called after it.

    Raises:
        Refusal: the file is empty, damaged, cut short, locked, too large, or something else.
    """
    place = Place(name)
    if not content:
        raise refuse("file_empty", place)
    try:
        return list(_sheets(content, place))
    except TooLarge as error:
        where = replace(place, sheet=error.sheet, cell=error.extent)
        raise refuse("sheet_too_large", where, cell=error.extent) from None
    except Unreadable as error:
        raise _unreadable(content, place, str(error)) from None


def _sheets(content: bytes, place: Place) -> Iterator[Sheet]:
    if content.startswith(ZIP):
        return _from_zip(content, place)
    if content.startswith(OLE):
        return _from_ole(content, place)
    told = (kind for beginning, kind in OTHERS.items() if content.startswith(beginning))
    kind = next(told, "") or _kind_of_text(content)
    if kind != "text":
        raise refuse("file_not_spreadsheet", place, kind=kind)
    return _from_text(content, place)


def _kind_of_text(content: bytes) -> str:
    head = content[:4096].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return "XML 2003"
    if head.startswith(MARKUP):
        return "XML" if head.startswith(b"<?xml") else "HTML"
    return "text" if _is_text(content) else "binary"


def _is_text(content: bytes) -> bool:
    return content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" not in content


def _unreadable(content: bytes, place: Place, reason: str) -> Refusal:
    """Why a file that looks like a workbook does not open: locked, cut short, or damaged."""
    if reason == "PasswordError":
        return refuse("file_password", place)
    if containers.is_cut_short(content):
        return refuse("file_truncated", place)
    return refuse("file_unreadable", place, reason=reason)


# --- Workbooks -----------------------------------------------------------------------------------


def _from_zip(content: bytes, place: Place) -> Iterator[Sheet]:
    with containers.unpacked(content) as package:
        kind = containers.kind_of_zip(package)
        if kind not in ("xlsx", "ods"):
            raise _not_one(kind, place)
        look = containers.extras_of_xlsx if kind == "xlsx" else containers.extras_of_ods
        return _with_extras(content, look(package))


def _from_ole(content: bytes, place: Place) -> Iterator[Sheet]:
    kind = containers.kind_of_ole(content)
    if kind != "xls":
        raise _not_one(kind, place)
    return _with_extras(content, containers.extras_of_xls(content))


def _not_one(kind: str, place: Place) -> Refusal:
    if kind == "locked":
        return refuse("file_password", place)
    return refuse("file_not_spreadsheet", place, kind=kind)


def _with_extras(content: bytes, extras: dict[str, Extras]) -> Iterator[Sheet]:
    for name, hidden, cells in _calamine(content):
        extra = extras.get(name, containers.NOTHING)
        yield Sheet(name, cells, hidden, extra.hidden_rows, extra.hidden_columns, extra.unsaved)


def _calamine(content: bytes) -> list[tuple[str, bool, Cells]]:
    """Every sheet's name, whether it is hidden, and its cells.

    Raises:
        Unreadable: whatever the reader stumbled over.
    """
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            (
                about.name,
                about.visible != SheetVisibleEnum.Visible,
                workbook.get_sheet_by_index(number).to_python(skip_empty_area=False),
            )
            for number, about in enumerate(workbook.sheets_metadata)
        ]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the reader's Rust is no Exception
        raise Unreadable(type(error).__name__) from error


# --- Text ----------------------------------------------------------------------------------------


def _from_text(content: bytes, place: Place) -> Iterator[Sheet]:
    text = _decoded(content)
    delimiter = _delimiter(text)
    if not delimiter:
        raise refuse("file_not_spreadsheet", place, kind="text")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(str(error)) from error
    width = max(map(len, rows), default=0)
    if width * len(rows) > containers.LARGEST_SHEET:
        raise TooLarge("", f"{len(rows)} × {width}")
    cells = [[*row, *[""] * (width - len(row))] for row in rows]
    yield Sheet(PurePath(place.file).stem, cells, text_only=True)


def _delimiter(text: str) -> str:
    """What stands in most of the lines, or nothing."""
    lines = [line for line in text.splitlines() if line.strip()]
    often = (d for d in DELIMITERS if 2 * sum(d in line for line in lines) > len(lines))
    return next(often, "") if lines else ""


def _decoded(content: bytes) -> str:
    """Text in whichever code page shows the most words of the forms; Unicode goes first."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        windows = unicodedata.normalize("NFC", content.decode("cp1258", errors="replace"))
    # Old fonts keep their letters where Western code pages do: `lettering` takes it from there.
    western = content.decode("latin-1")
    return windows if OWN_LETTER.search(windows) and known_words(windows) else western
