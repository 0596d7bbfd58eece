"""Files in: every kind of spreadsheet, and a name for whatever else is sent in its place."""

from __future__ import annotations

import csv
import io
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable
from datetime import datetime
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from povsim.findings import Refusal
from povsim.forms.marks import LARGEST_SHEET
from povsim.forms.opening import Sheet, opened

ROWS = [
    ["STT", "Xã", ""],
    [1, "Đăk Kôi", 24.86],
    [2, "Tân Lập", True],
    ["", "", datetime(2024, 12, 9)],
]
OFFICE = shutil.which("soffice")


def workbook(**sheets: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    for row in ROWS:
        book.active.append([value if value != "" else None for value in row])
    book.active.title = "Biểu 1"
    for name, work in sheets.items():
        work(book)
        assert name
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def hide(book: Workbook) -> None:
    page = book.active
    page.row_dimensions[3].hidden = True
    page.column_dimensions["C"].hidden = True
    page["D2"] = "=A2+1"
    page["E2"] = '=IF(A2=1,"","x")'
    book.create_sheet("Ẩn").sheet_state = "veryHidden"
    book["Ẩn"]["A1"] = "x"


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """The workbook as LibreOffice saves it in other formats, hidden parts and all."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("office")
    (folder / "x.xlsx").write_bytes(workbook(hide=hide))

    def convert(kind: str) -> bytes:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [
            OFFICE,
            profile,
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(folder / "made"),
        ]
        subprocess.run(
            [*command, "x.xlsx"], cwd=folder, check=True, capture_output=True, timeout=120
        )
        return (folder / "made" / f"x.{kind.partition(':')[0]}").read_bytes()

    return convert


def rule(content: bytes) -> tuple[str, str]:
    with pytest.raises(Refusal) as refusal:
        opened(content, "x.xlsx")
    (finding,) = refusal.value.findings
    assert finding.place.file == "x.xlsx"
    return finding.rule, str(finding.values.get("kind", ""))


# --- What is read ----------------------------------------------------------------------------


def test_a_workbook_is_rows_of_cells_from_the_first():
    (sheet,) = opened(workbook(), "x.xlsx")
    assert sheet == Sheet(
        "Biểu 1", [["STT", "Xã", ""], *[list(map(as_read, row)) for row in ROWS[1:]]]
    )


def as_read(value: object) -> object:
    whole = isinstance(value, datetime) and not (value.hour or value.minute)
    return value.date() if whole else value


def test_what_is_hidden_and_what_was_not_saved_is_told():
    first, second = opened(workbook(hide=hide), "x.xlsx")
    assert (first.hidden, second.hidden) == (False, True)
    assert first.hidden_rows == {2}
    assert first.hidden_columns == {2}
    assert first.unsaved == {(1, 3), (1, 4)}


@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx:Calc MS Excel 2007 XML"])
def test_other_formats_say_the_same(kind: str, converted: Callable[[str], bytes]):
    first, second = opened(converted(kind), "x")
    values = [row[:3] for row in first.cells]
    assert values[:3] == ROWS[:3]
    assert first.cells[1][3] == 2  # the formula, computed by the office
    assert [*first.cells[1], ""][4] == ""
    assert first.unsaved == frozenset()  # an empty text is a result too
    assert (first.hidden, second.hidden) == (False, True)
    assert (first.hidden_rows, first.hidden_columns) == ({2}, {2})


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_text_is_read_in_any_code_page(encoding: str, delimiter: str):
    rows = [["Số", "hộ; nghèo, cận"], ["1.834", "24,86"]]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)
    (sheet,) = opened(as_bytes(written.getvalue(), encoding), "biểu/F1.csv")
    assert (sheet.name, sheet.cells, sheet.text_only) == ("F1", rows, True)


def as_bytes(text: str, encoding: str) -> bytes:
    """Windows' Vietnamese code page types the marks of tones apart."""
    if encoding != "cp1258":
        return text.encode(encoding)
    apart = {"ố": "ô\u0301", "ộ": "ô\u0323", "è": "e\u0300", "ậ": "â\u0323"}
    return "".join(apart.get(letter, letter) for letter in text).encode(encoding)


def test_short_rows_of_text_are_filled_up():
    (sheet,) = opened(b"a;b;c\n1;2\n3\n", "x.csv")
    assert sheet.cells == [["a", "b", "c"], ["1", "2", ""], ["3", "", ""]]


# --- What is not -----------------------------------------------------------------------------


def zipped(**parts: str) -> bytes:
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return saved.getvalue()


def compound(*streams: str) -> bytes:
    """The smallest compound (OLE) file with these empty streams: header, table, directory."""
    free, end, own = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    head = struct.pack("<8s16xHHHHH6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    table = struct.pack("<128I", own, end, *[free] * 126)
    entries = [_entry("Root Entry", 5, 1 if streams else free)]
    entries += [
        _entry(name, 2, free, n + 2 if n + 1 < len(streams) else free)
        for n, name in enumerate(streams)
    ]
    directory = b"".join(entries).ljust(512, b"\0")
    return head.ljust(512, b"\xff") + table + directory


def _entry(name: str, kind: int, child: int, right: int = 0xFFFFFFFF) -> bytes:
    told = name.encode("utf-16-le")
    fields = (told, len(told) + 2, kind, 1, 0xFFFFFFFF, right, child, 0xFFFFFFFE, 0)
    return struct.pack("<64sHBBIII36xIQ", *fields)


MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
OTHERS = {
    "empty": (b"", "file_empty", ""),
    "PDF": (b"%PDF-1.7 ...", "file_not_spreadsheet", "PDF"),
    "picture": (b"\xff\xd8\xff\xe0 ...", "file_not_spreadsheet", "JPEG"),
    "web page": (b"<html><table>...", "file_not_spreadsheet", "HTML"),
    "XML of 2003": (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
        "file_not_spreadsheet",
        "XML Spreadsheet 2003",
    ),
    "words": ("Số hộ nghèo: 5".encode(), "file_not_spreadsheet", "TXT"),
    "bytes": (b"\x00\x01\x02\x03" * 99, "file_not_spreadsheet", "00 01 02 03"),
    "Word": (zipped(word__document_xml="x"), "file_not_spreadsheet", "Word"),
    "zip": (zipped(anything="x"), "file_not_spreadsheet", "ZIP"),
    "old Word": (compound("WordDocument"), "file_not_spreadsheet", "Word"),
    "locked .xlsx": (compound("EncryptionInfo", "EncryptedPackage"), "file_password", ""),
    "locked .ods": (
        zipped(
            mimetype=MIMETYPE, content_xml="?", **{"META-INF__manifest_xml": "<encryption-data/>"}
        ),
        "file_password",
        "",
    ),
    "damaged .xls": (compound("Workbook"), "file_unreadable", ""),
    "cut .xlsx": (workbook()[:-200], "file_truncated", ""),
}


@pytest.mark.parametrize(("content", "told", "kind"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_no_workbook_is_called_by_its_name(content: bytes, told: str, kind: str):
    assert rule(content) == (told, kind)


FAR = [
    b'<c r="XFD400"><v>1</v></c>',
    b"<c r='ABC9999'><v>1</v></c>",
    b'<c  r="A99999999"><v>1</v></c>',
]


HIDDEN_FAR = [  # what the reader takes for a place, each of which would end the process
    b'<c r="B1" r="XFD1048576"><v>1</v></c>',
    b'<c r="B1"\tr="XFD1048576"><v>1</v></c>',
    b'<c r="B1"r="XFD1048576"><v>1</v></c>',
    b"<c r=\"B1\" s='0' r='XFD1048576'><v>1</v></c>",
    b'<x:c r="XFD1048576"><v>1</v></x:c>',
    b"<c/>" * 5000 + b"<c><v>1</v></c></row>" + b"<row/>" * 50_000 + b"<row><c><v>1</v></c>",
]
PROMISES = [
    b'<sst uniqueCount="4294967295">',
    b"<!--" + b" " * 5000 + b"--><sst count=\"1\" uniqueCount = '4294967295'>",
]


@pytest.mark.parametrize("cell", HIDDEN_FAR, ids=range(len(HIDDEN_FAR)))
def test_a_place_told_in_an_uncommon_way_is_looked_at(cell: bytes):
    content = edited(workbook(), "xl/worksheets/sheet1.xml", b"</row>", cell + b"</row>")
    assert rule(content)[0] in ("sheet_too_large", "file_unreadable")


@pytest.mark.parametrize("name", ["xl/sharedStrings.xml", "XL/SharedStrings.xml"])
@pytest.mark.parametrize("promise", PROMISES, ids=range(len(PROMISES)))
def test_no_memory_is_taken_for_texts_that_are_only_promised(name: str, promise: bytes):
    saved = io.BytesIO(workbook())
    with zipfile.ZipFile(saved, "a") as package:
        package.writestr(name, promise + b"<si><t>x</t></si></sst>")
    assert rule(saved.getvalue()) == ("file_unreadable", "")


@pytest.mark.parametrize("cell", FAR)
def test_a_stray_cell_far_out_is_refused_before_it_fills_the_memory(cell: bytes):
    content = edited(workbook(), "xl/worksheets/sheet1.xml", b"</row>", cell + b"</row>")
    assert rule(content)[0] == "sheet_too_large"


def test_a_tall_sheet_is_no_stray_cell():
    assert LARGEST_SHEET > 5000 * 3
    cell = b'<row r="5000"><c r="B5000"><v>7</v></c></row></sheetData>'
    content = edited(workbook(), "xl/worksheets/sheet1.xml", b"</sheetData>", cell)
    (sheet,) = opened(content, "x")
    assert sheet.cells[4999][1] == 7


def edited(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    saved = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(saved, "w") as target:
        for name in source.namelist():
            told = source.read(name)
            target.writestr(name, told.replace(old, new, 1) if name == part else told)
    return saved.getvalue()


def test_an_xls_cut_short_is_told(converted: Callable[[str], bytes]):
    assert rule(converted("xls")[:-1500]) == ("file_truncated", "")


def test_a_far_cell_of_an_ods_is_refused(converted: Callable[[str], bytes]):
    wide = b'<table:table-cell table:number-columns-repeated="9000000" office:value-type="float"'
    content = edited(
        converted("ods"), "content.xml", b'<table:table-cell office:value-type="float"', wide
    )
    assert rule(content)[0] == "sheet_too_large"


def test_a_zip_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("povsim.forms.packages.LARGEST_FILE", 1000)
    assert rule(workbook())[0] == "file_too_large"


# --- .xlsb, which no program at hand writes: its records, put together ---------------------------


def record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return head + bytes([len(body)]) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def line(number: int, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBBB", number, 0, 300, 0, 16 if hidden else 0, 0))


def binary(*rows: bytes) -> bytes:
    about = record(131) + record(153, bytes(12)) + record(143)
    sheet = record(156, struct.pack("<II", 1, 1) + wide("rId1") + wide("Ẩn"))
    columns = record(60, struct.pack("<4IH", 2, 5, 0, 0, 1))
    cells = record(145) + b"".join(rows) + record(146)
    relation = '<R><Relationship Id="rId1" Type="/worksheet" Target="worksheets/sheet1.bin"/></R>'
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as package:
        package.writestr("xl/_rels/workbook.bin.rels", relation)
        package.writestr("xl/workbook.bin", about + sheet + record(144) + record(132))
        dimension = record(148, bytes(16))
        package.writestr("xl/worksheets/sheet1.bin", record(129) + dimension + columns + cells)
    return saved.getvalue()


def count(column: int, value: float) -> bytes:
    return record(5, struct.pack("<IId", column, 0, value))


def test_an_xlsb_says_the_same():
    name = record(6, struct.pack("<II", 0, 0) + wide("Hộ"))
    fault = record(3, struct.pack("<IIB", 2, 0, 0x17))
    (sheet,) = opened(binary(line(0), name, count(1, 2.5), fault, line(1, True), count(1, 3)), "x")
    assert (sheet.name, sheet.hidden) == ("Ẩn", True)
    assert sheet.cells == [["Hộ", 2.5, "#REF!"], ["", 3.0, ""]]
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1}, {2})


def test_a_far_cell_of_an_xlsb_is_refused():
    far = binary(line(0), count(0, 1), line(1_048_575), count(16_383, 1))
    assert rule(far) == ("sheet_too_large", "")


# --- Bytes at random -----------------------------------------------------------------------------


def open_document() -> bytes:
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names)
    cell = '<table:table-cell office:value-type="float" office:value="7" {}/>'
    cells = cell.format('table:number-columns-repeated="3"') + cell.format("")
    rows = f'<table:table-row table:number-rows-repeated="2">{cells}</table:table-row>' * 3
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as package:
        package.writestr("mimetype", MIMETYPE)
        package.writestr("META-INF/manifest.xml", "<manifest/>")
        package.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="F1">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return saved.getvalue()


def test_what_an_ods_repeats_is_read_so_often():
    (sheet,) = opened(open_document(), "x")
    assert sheet.cells == [[7.0] * 4] * 6


GOOD = {  # made once: their bytes hold the time
    "xlsx": workbook(),
    "xlsb": binary(line(0), count(0, 1), line(1), count(2, 3)),
    "ods": open_document(),
    "csv": "Xã;Số hộ nghèo\nĐăk Kôi;12\n".encode() * 9,
}


@pytest.mark.parametrize("kind", GOOD)
@settings(max_examples=60)
@given(data=st.data())
def test_bytes_changed_at_random_give_sheets_or_a_refusal(kind: str, data: st.DataObject):
    content = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    start = perf_counter()
    try:
        assert all(isinstance(sheet, Sheet) for sheet in opened(bytes(content), "x"))
    except Refusal as refusal:
        told = refusal.text("vi")
        assert "x" in told
    assert perf_counter() - start < 5
