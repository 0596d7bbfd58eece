"""What files are by their bytes, what zip packages hold, and whether their end is missing."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

import deflate

from povsim.findings import Refusal, refuse

LARGEST_PART = 100_000_000
LARGEST_FILE = 300_000_000
"""Bytes once unpacked, of one part and of all; a form has some hundred thousand."""

ZIP, ZIP_ENTRY, ZIP_END = b"PK\x03\x04", b"PK\x01\x02\x14\0", b"PK\x05\x06"
UTF_8 = 0x800
"""The flag of a zip package's entry that says how its name is written."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"

OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"{\\rtf": "RTF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "GZIP",
    b"MIME-Version": "MHTML",
    ZIP_END: "ZIP",
}
"""Files that are sent in place of a workbook, by how they begin."""

PACKAGES = {"word/": "Word", "ppt/": "PowerPoint", "meta-inf/": "OpenDocument"}
STREAMS = {
    "EncryptedPackage": "locked",
    "Workbook": "xls",
    "Book": "xls",
    "WordDocument": "Word",
    "PowerPoint Document": "PowerPoint",
}
"""Streams of a compound (OLE) file, and what they make it."""

HEADER, FREE_SECTOR = 512, 0xFFFFFFFF
FIRST_TABLES = 109
"""A compound file's header has room to place so many tables of sectors."""


def damaged(reason: object) -> Refusal:
    """The refusal of a file whose bytes do not fit together."""
    return refuse("file_unreadable", reason=reason)


def kind_of(content: bytes) -> str:
    """What a file is: "zip", "xls", "locked", "text", or the name of something else."""
    if content.startswith(ZIP):
        return "zip"
    if content.startswith(OLE):
        return next((kind for name, kind in STREAMS.items() if _has_stream(content, name)), "OLE")
    other = next((kind for start, kind in OTHERS.items() if content.startswith(start)), "")
    return other or _kind_of_text(content)


def _has_stream(content: bytes, name: str) -> bool:
    # Names stand in the directory in UTF-16, followed by zeros.
    return f"{name}\0\0".encode("utf-16-le") in content


def _kind_of_text(content: bytes) -> str:
    head = content[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return "XML Spreadsheet 2003"
    if head.startswith(b"<"):
        return "XML" if head.startswith(b"<?xml") and b"<html" not in head else "HTML"
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    # Bytes that are no letters of anything are shown as they are: someone may know the kind.
    return "text" if wide or b"\0" not in content else content[:4].hex(" ")


def kind_of_package(parts: dict[str, bytes]) -> str:
    """What a zip package is: "xlsx", "xlsb", "ods", or the name of something else.

    One that looks like two of them is a "ZIP": the reader would choose another than is checked.
    """
    names = {name.lower() for name in parts}
    signs = {
        "xlsx": "xl/workbook.xml" in names,
        "xlsb": "xl/workbook.bin" in names,
        "ods": part_of(parts, "mimetype").startswith(ODS),
    }
    kinds = [kind for kind, shown in signs.items() if shown]
    others = [k for n, k in PACKAGES.items() if any(name.startswith(n) for name in names)]
    return [*kinds, *others, "ZIP"][0] if len(kinds) < 2 else "ZIP"


def part_of(parts: dict[str, bytes], name: str) -> bytes:
    """The part of that name, whether in capitals or small letters; nothing if there is none."""
    return next((part for called, part in parts.items() if called.lower() == name.lower()), b"")


def unpacked(content: bytes) -> dict[str, bytes]:
    """All parts of a zip package by name, held to their sizes and checksums.

    All, because a workbook may keep its sheets under any name, and none may be a bomb.

    Raises:
        Refusal: `file_truncated`, `file_password`, `file_too_large` or `file_unreadable`.
    """
    entries = _directory(content)
    weighed(max((e.file_size for e in entries), default=0), sum(e.file_size for e in entries))
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        raise damaged("ZIP")  # two parts of one name: nobody knows which is read
    parts = {entry.filename: _part(content, entry) for entry in entries}
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise refuse("file_password")
    return parts


def plain(parts: dict[str, bytes]) -> bytes:
    """A zip package of these parts, none of them packed.

    The reader is given this instead of the file: it sees what was checked and nothing else,
    and spares itself unpacking everything a second time.
    """
    local: list[bytes] = []
    directory: list[bytes] = []
    place = 0
    for name, part in parts.items():
        path, size = name.encode(), len(part)
        sums = (deflate.crc32(part), size, size, len(path))
        about = struct.pack("<5H3I2H", 20, UTF_8, 0, 0, 0, *sums, 0)
        local += (ZIP, about, path, part)
        directory += (ZIP_ENTRY, about, struct.pack("<3H2I", 0, 0, 0, 0, place), path)
        place += 30 + len(path) + size
    length, count = sum(map(len, directory)), len(parts)
    end = struct.pack("<4H2IH", 0, 0, count, count, length, place, 0)
    return b"".join((*local, *directory, ZIP_END, end))


def weighed(part: int, whole: int = 0) -> None:
    """Refuse what has, or unpacks to, more bytes than any form."""
    for size, limit in ((part, LARGEST_PART), (whole, LARGEST_FILE)):
        if size > limit:
            raise refuse("file_too_large", size=size // 1_000_000, limit=limit // 1_000_000)


def _directory(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return package.infolist()
    except zipfile.BadZipFile:
        if ZIP_END not in content:
            raise refuse("file_truncated") from None
        raise


def _part(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    # Not read by zipfile, which takes twice as long.
    if entry.flag_bits & 1:
        raise refuse("file_password")
    lengths = struct.unpack_from("<HH", content, entry.header_offset + 26)
    begin = entry.header_offset + 30 + sum(lengths)
    part = _inflated(content[begin : begin + entry.compress_size], entry)
    if len(part) != entry.file_size or deflate.crc32(part) != entry.CRC:
        raise damaged("CRC")
    return part


def _inflated(packed: bytes, entry: zipfile.ZipInfo) -> bytes:
    if entry.compress_type == zipfile.ZIP_STORED:
        return packed
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise damaged(f"ZIP {entry.compress_type}")
    # It stops at the size declared: the rest of a bomb is never unpacked.
    return bytes(deflate.deflate_decompress(packed, entry.file_size))


def is_cut_short(content: bytes) -> bool:
    """Whether a compound (OLE) file ends before the sectors that its own tables call used."""
    if len(content) < HEADER:
        return True
    (shift,) = struct.unpack_from("<H", content, 30)
    if shift not in (9, 12):
        return False  # no compound file has sectors of that size: not cut short but damaged
    size = 1 << shift
    placed = [n for n in struct.unpack_from(f"<{FIRST_TABLES}I", content, 76) if n != FREE_SECTOR]
    # Sector 0 stands after the header, which takes the place of one.
    if any((number + 2) * size > len(content) for number in placed):
        return True
    table = b"".join(content[(number + 1) * size :][:size] for number in placed)
    used = [n for n, (sign,) in enumerate(struct.iter_unpack("<I", table)) if sign != FREE_SECTOR]
    return bool(used) and (used[-1] + 1) * size >= len(content)
