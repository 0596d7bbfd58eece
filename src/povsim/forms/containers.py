"""What the containers of workbooks tell beyond their cells: kind, size, locks, what is hidden."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

LARGEST_SHEET = 5_000_000
"""Cells; a reader lays a sheet out whole, and one stray cell far away makes billions of them."""
LARGEST_PACKAGE = 300_000_000
"""Bytes once unpacked; a review's workbook has some hundred thousand."""
LAST_COLUMN = 16384
TEXTS = "xl/sharedStrings.xml"
HEAD = 2000
"""Bytes in which a part's first element stands."""

SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
IN_ZIP = {"word/": "Word", "ppt/": "PowerPoint", "xl/": "xlsb", "content.xml": "OpenDocument"}
IN_OLE = {"WordDocument": "Word", "PowerPoint Document": "PowerPoint"}

# References up to ZZ999 are ordinary; whatever else stands there is looked at one by one.
UNUSUAL = re.compile(rb'<(?:\w+:)?(?:c|row)\b(?! r="[A-Z]{0,2}\d{1,3}")')
CELL_REFERENCE = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\sr\s*=\s*["']\s*([A-Za-z]+)(\d+)""")
ROW_REFERENCE = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\sr\s*=\s*["']\s*(\d+)""")
PROMISED = re.compile(rb"""[cC]ount\s*=\s*["']\s*(\d+)""")
UNSAVED = re.compile(
    rb'<c r="([A-Z]+)(\d+)"(?![^>]* t=)[^>]*><f\b[^>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)


class Unreadable(Exception):
    """A container that does not hold together."""


class TooLarge(Exception):
    """A sheet or package too large to lay out: which sheet, and what makes it so."""

    def __init__(self, sheet: str, extent: str) -> None:
        super().__init__(extent)
        self.sheet, self.extent = sheet, extent


@dataclass(frozen=True)
class Extras:
    """What a sheet's cells do not show; rows and columns from 0."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    unsaved: frozenset[tuple[int, int]] = frozenset()


NOTHING = Extras()


def is_cut_short(content: bytes) -> bool:
    """Whether a container's end is missing: a zip's directory, or an OLE file's last sector."""
    if content.startswith(b"PK"):
        return b"PK\x05\x06" not in content
    return len(content) % 512 != 0


# --- Zip -----------------------------------------------------------------------------------------


def kind_of_zip(package: zipfile.ZipFile) -> str:
    """`xlsx`, `ods`, `locked`, or what else a zip holds.

    Raises:
        Unreadable: it is damaged.
    """
    names = package.namelist()
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names and SPREADSHEET in _text(package, "mimetype"):
        locked = "encryption-data" in _text(package, "META-INF/manifest.xml")
        return "locked" if locked else "ods"
    found = (kind for mark, kind in IN_ZIP.items() if any(name.startswith(mark) for name in names))
    return next(found, "zip")


def unpacked(content: bytes) -> zipfile.ZipFile:
    """The parts of a zip, to be read one by one.

    Raises:
        Unreadable: it is damaged.
        TooLarge: it would unpack to more than any workbook.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(type(error).__name__) from error
    if sum(entry.file_size for entry in package.infolist()) > LARGEST_PACKAGE:
        raise TooLarge("", f"> {LARGEST_PACKAGE // 10**6} MB")
    return package


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    """One part; never more than it says it holds, so that nothing swells on the way."""
    try:
        return package.read(name)
    except KeyError as error:
        raise Unreadable(f"KeyError {name}") from error
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise Unreadable(type(error).__name__) from error


def _text(package: zipfile.ZipFile, name: str) -> str:
    return _read(package, name).decode("utf-8", "replace") if name in package.namelist() else ""


def _xml(content: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Unreadable(type(error).__name__) from error


# --- .xlsx ---------------------------------------------------------------------------------------


def extras_of_xlsx(package: zipfile.ZipFile) -> dict[str, Extras]:
    """What the sheets of an .xlsx hide, by sheet name; an ordinary one is only glanced at.

    Raises:
        TooLarge: a cell stands too far out.
        Unreadable: a part is damaged.
    """
    if TEXTS in package.namelist():
        _refuse_promise(_read(package, TEXTS)[:HEAD])
    found = {
        name: extras
        for name in package.namelist()
        if name.startswith("xl/worksheets/") and name.endswith(".xml")
        if (extras := _xlsx_extras(_read(package, name)))
    }
    return _by_sheet_name(package, found) if found else {}


def _refuse_promise(head: bytes) -> None:
    """The reader makes room for as many texts as their table says it holds."""
    for count in PROMISED.findall(head):
        if int(count[:20]) > LARGEST_SHEET:
            raise TooLarge("", count.decode()[:20])


def _xlsx_extras(xml: bytes) -> Extras | None:
    if UNUSUAL.search(xml):
        _refuse_far_cells(xml)
    unsaved = UNSAVED.findall(xml) if b"<f" in xml else []
    hidden = b"hidden=" in xml
    if not hidden and not unsaved:
        return None
    return Extras(
        frozenset(_hidden_rows(xml)) if hidden else frozenset(),
        frozenset(_hidden_columns(xml)) if hidden else frozenset(),
        frozenset((int(row) - 1, column_number(letters) - 1) for letters, row in unsaved),
    )


def _refuse_far_cells(xml: bytes) -> None:
    """Told by the reference, since a reader lays out whatever lies before it."""
    for letters, row in CELL_REFERENCE.findall(xml):
        if not 0 < column_number(letters) * int(row[:12]) <= LARGEST_SHEET:
            raise TooLarge("", f"{letters.decode()}{row.decode()}"[:20])
    for row in ROW_REFERENCE.findall(xml):
        if int(row[:12]) > LARGEST_SHEET:
            raise TooLarge("", row.decode()[:20])


def column_number(letters: bytes) -> int:
    """The number of a column from 1.

    >>> column_number(b"A"), column_number(b"AA")
    (1, 27)
    """
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number


def _hidden_rows(xml: bytes) -> Iterator[int]:
    for row in re.findall(rb"<row\b[^>]*>", xml):
        number = re.search(rb'\br="(\d{1,7})"', row)
        if number and re.search(rb'\bhidden="(?:1|true)"', row):
            yield int(number[1]) - 1


def _hidden_columns(xml: bytes) -> Iterator[int]:
    for column in re.findall(rb"<col\b[^>]*>", xml):
        first, last = (re.search(rb'\b%s="(\d{1,5})"' % end, column) for end in (b"min", b"max"))
        if first and last and re.search(rb'\bhidden="(?:1|true)"', column):
            yield from range(int(first[1]) - 1, min(int(last[1]), LAST_COLUMN))


def _by_sheet_name(package: zipfile.ZipFile, found: dict[str, Extras]) -> dict[str, Extras]:
    """What the parts hide under the names that their sheets bear in the workbook."""
    relations = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _xml(_read(package, "xl/_rels/workbook.xml.rels"))
    }
    named: dict[str, Extras] = {}
    for sheet in _xml(_read(package, "xl/workbook.xml")).iter():
        target = relations.get(sheet.get(RELATION)) or ""
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in found:
            named[sheet.get("name", "")] = found[part]
    return named


# --- .ods ----------------------------------------------------------------------------------------


def extras_of_ods(package: zipfile.ZipFile) -> dict[str, Extras]:
    """What the sheets of an .ods hide, by sheet name.

    Raises:
        TooLarge: a filled cell stands too far out.
        Unreadable: the content is damaged.
    """
    tables = _xml(_read(package, "content.xml")).iter(f"{TABLE}table")
    return {table.get(f"{TABLE}name", ""): _ods_extras(table) for table in tables}


def _ods_extras(table: ElementTree.Element) -> Extras:
    hidden: set[int] = set()
    unsaved: set[tuple[int, int]] = set()
    row = width = 0
    for line in table.iter(f"{TABLE}table-row"):
        count, (filled, formulas) = _repeated(line, "rows"), _ods_row(line)
        width = max(width, filled)
        if filled and (row + count) * width > LARGEST_SHEET:
            raise TooLarge(table.get(f"{TABLE}name", ""), f"{row + count} × {width}")
        if filled and line.get(f"{TABLE}visibility", "visible") != "visible":
            hidden |= set(range(row, row + count))
        unsaved |= {(row, column) for column in formulas}
        row += count
    # An empty text is stored like no result at all: told only where no formula has a result.
    unsaved = set() if _computed(table) else unsaved
    return Extras(frozenset(hidden), frozenset(_ods_hidden_columns(table)), frozenset(unsaved))


def _computed(table: ElementTree.Element) -> bool:
    cells = table.iter(f"{TABLE}table-cell")
    return any(c.get(f"{TABLE}formula") and c.get(f"{OFFICE}value-type") for c in cells)


def _ods_row(line: ElementTree.Element) -> tuple[int, list[int]]:
    """How far a row is filled, and which of its formulas were stored without a result."""
    column = filled = 0
    formulas: list[int] = []
    for cell in line:
        formula, kind = cell.get(f"{TABLE}formula"), cell.get(f"{OFFICE}value-type")
        if formula and kind is None:
            formulas.append(column)
        count = _repeated(cell, "columns")
        if formula or kind or len(cell):
            filled = column + count
        column += count
    return filled, formulas


def _repeated(node: ElementTree.Element, what: str) -> int:
    written = node.get(f"{TABLE}number-{what}-repeated", "1")
    if not re.fullmatch(r"\d{1,12}", written):
        raise Unreadable("ValueError")
    return max(int(written), 1)


def _ods_hidden_columns(table: ElementTree.Element) -> Iterator[int]:
    column = 0
    for node in table.iter(f"{TABLE}table-column"):
        count = _repeated(node, "columns")
        if node.get(f"{TABLE}visibility", "visible") != "visible":
            yield from range(column, min(column + count, LAST_COLUMN))
        column += count


# --- .xls ----------------------------------------------------------------------------------------


def kind_of_ole(content: bytes) -> str:
    """`xls`, `locked`, or what else an OLE file holds."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "locked"
    found = (kind for mark, kind in IN_OLE.items() if mark.encode("utf-16-le") in content)
    return next(found, "xls")


def extras_of_xls(content: bytes) -> dict[str, Extras]:
    """What the sheets of an .xls hide, by sheet name; nothing where that cannot be known.

    Raises:
        TooLarge: a sheet is larger than a review can be.
    """
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, logfile=io.StringIO()
        )
    except Exception:  # whatever a damaged file does to it: the reader of the cells names it
        return {}
    return {sheet.name: _xls_extras(sheet) for sheet in book.sheets()}


def _xls_extras(sheet: Any) -> Extras:
    if sheet.nrows * sheet.ncols > LARGEST_SHEET:
        raise TooLarge(sheet.name, f"{sheet.nrows} × {sheet.ncols}")
    rows = frozenset(n for n, row in sheet.rowinfo_map.items() if row.hidden and n < sheet.nrows)
    columns = frozenset(n for n, column in sheet.colinfo_map.items() if column.hidden)
    return Extras(rows, columns)
