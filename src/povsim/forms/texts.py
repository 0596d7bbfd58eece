"""Text files in: their letters, what separates their cells, their rows."""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections import Counter
from io import StringIO
from itertools import islice

from povsim.findings import refuse
from povsim.forms.lettering import lettering_of

SEPARATORS = ("\t", ";", ",")
SAMPLE, LOOK = 50, 100_000
"""Rows, and letters at most, that show what separates the cells."""
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")


def rows_of(content: bytes) -> list[list[str]]:
    """The rows of a .csv, a tab or a semicolon separated text; every cell is text.

    Raises:
        Refusal: `file_not_spreadsheet` if nothing separates cells.
        csv.Error: a quotation that never ends.
    """
    text = decoded(content)
    return list(csv.reader(StringIO(text, newline=""), delimiter=_separator(text)))


def decoded(content: bytes) -> str:
    """Text in Unicode, or in a Vietnamese code page; letters of old fonts come as Latin-1.

    `lettering` takes those from there.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        western = content.decode("latin-1")
    try:
        windows = unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeDecodeError:
        return western
    return western if lettering_of(western) in ("TCVN3", "VNI") else windows


def _separator(text: str) -> str:
    """What cuts most rows into the same number of cells; csv's own sniffer takes letters too."""
    best = max(SEPARATORS, key=lambda separator: _evenness(text[:LOOK], separator))
    if _evenness(text[:LOOK], best) == (0, 0) or CONTROLS.search(text):
        raise refuse("file_not_spreadsheet", kind="TXT")
    return best


def _evenness(text: str, separator: str) -> tuple[int, int]:
    """How many rows of the sample have the commonest width above one, and that width."""
    rows = islice(csv.reader(StringIO(text, newline=""), delimiter=separator), SAMPLE)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(((rows, width) for width, rows in widths.items()), default=(0, 0))
