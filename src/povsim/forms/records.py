"""What the records of an .xlsb tell of sheets that their reader does not."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from povsim.forms.marks import Marks
from povsim.forms.markup import relations
from povsim.forms.packages import part_of

ROW, BLANK, ERROR, FORMULA_ERROR = 0, 1, 3, 11
"""Kinds of records; a cell's are those from blank to the formula that gives an error."""
COLUMNS, SHEET = 60, 156
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def marks_of_xlsb(parts: dict[str, bytes]) -> dict[int, Marks]:
    """Marks by the sheet's number in the workbook."""
    targets = relations(parts, "xl/_rels/workbook.bin.rels")
    names = [targets.get(code, "") for code in _sheets(part_of(parts, "xl/workbook.bin"))]
    return {number: _marks(part_of(parts, name)) for number, name in enumerate(names)}


def _sheets(workbook: bytes) -> Iterator[str]:
    """The codes that a workbook calls its sheets by."""
    for kind, body in _records(workbook):
        if kind == SHEET:
            length = struct.unpack_from("<I", body, 8)[0]
            yield body[12 : 12 + 2 * length].decode("utf-16-le")


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of each record; both kind and length are numbers of 7 bits a byte."""
    place = 0
    while place < len(part):
        kind, place = _number(part, place, 2)
        length, place = _number(part, place, 4)
        yield kind, part[place : place + length]
        place += length


def _number(part: bytes, place: int, most: int) -> tuple[int, int]:
    """A number of `most` bytes or fewer, and the place after it."""
    number = 0
    for shift in range(0, 7 * most, 7):
        byte, place = part[place], place + 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    return number, place


def _marks(sheet: bytes) -> Marks:
    marks, row = Marks(), 0
    for kind, body in _records(sheet):
        if kind == ROW:
            row = struct.unpack_from("<I", body)[0]
            if body[11] & 0x10:
                marks.rows.append(range(row, row + 1))
        elif BLANK < kind <= FORMULA_ERROR:
            column = struct.unpack_from("<I", body)[0]
            marks.fill(row, column)
            if kind in (ERROR, FORMULA_ERROR):
                marks.fault(ERRORS.get(body[8], "#N/A"), row, column)
        elif kind == COLUMNS:
            first, last = struct.unpack_from("<II", body)
            if body[16] & 1:
                marks.columns.append(range(first, last + 1))
    return marks
