"""Broken files of every sort, and a worker that takes them in under watch.

A case is a name and bytes. `Worker` holds it against the one promise of intake: a release, or a
refusal that says what is wrong in both languages and leaves the store as it was.
"""

from __future__ import annotations

import codecs
import os
import re
import resource
import shutil
import tempfile
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell

CASES = int(os.environ.get("POVSIM_FUZZ", "60"))
"""Cases of a whole campaign; the everyday run has few and the same, a campaign new ones."""
LONGEST = 10.0
"""Seconds that a file may take: a form takes some hundredths."""
MEMORY = 4 * 2**30
YEAR = 2022


@dataclass(frozen=True)
class Case:
    """A file as it is sent; `back`: the findings are wanted on a copy too."""

    name: str
    content: bytes
    back: bool = False

    def __repr__(self) -> str:
        return f"Case({self.name!r}, {len(self.content)} bytes, back={self.back})"


# --- Anything typed anywhere ---------------------------------------------------------------------

WORDS = (
    "A", "B", "C", "1", "2.1", "1.1.1", "9=1-2-3", "Hộ", "Nhân khẩu", "Tổng cộng", "Năm 2022",
    "Năm 2099", "10 tháng đầu năm 2022", "Mẫu số 1", "Mẫu số 99", "SỐ LIỆU MẪU", "Đăk Hlin",
    "(mã đơn vị 90001)", "(mã đơn vị 23479)", "#REF!", "-", "…", "1.834", "1 834", "1,5", "24,86 %",
    "٣", "１２", "-5", "1e400", "nan", "∞", "=1+1", "=A1:XFD1048576", "{x}", "%(x)s", "Họ và tên",
    "DANH SÁCH HỘ NGHÈO", "He\u0301", "\u202e12", "ÀÁÂÃ±µ·¸", "Mã nghi vấn", "Phát hiện",
    "\ufeff", " ",
)  # fmt: skip
LETTERS = st.characters(min_codepoint=32, exclude_categories=["Cs"])
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.integers(-5, 3000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.text(LETTERS, max_size=8),
    st.sampled_from(WORDS),
)
PLACES = st.tuples(st.integers(1, 14), st.integers(1, 18))


class Typist:
    """Types into one open workbook, saves it, and takes back what was typed."""

    def __init__(self, book: Path) -> None:
        self._workbook = load_workbook(book)

    def typed(self, sheet: str, cells: dict[tuple[int, int], Any]) -> bytes:
        page = self._workbook[sheet]
        before = {at: page.cell(*at).value for at in cells}
        _type(page, cells)
        try:
            return _saved(self._workbook)
        finally:
            _type(page, before)

    @property
    def sheets(self) -> list[str]:
        return self._workbook.sheetnames


def _type(page: Any, cells: dict[tuple[int, int], Any]) -> None:
    for at, value in cells.items():
        cell = page.cell(*at)
        if isinstance(cell, MergedCell):
            continue
        clean = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
        try:
            cell.value = clean
        except (ValueError, OverflowError):
            cell.value = str(clean)


def _saved(workbook: Workbook) -> bytes:
    saved = BytesIO()
    workbook.save(saved)
    return saved.getvalue()


@st.composite
def typed(draw: st.DrawFn, typist: Typist) -> Case:
    """A good workbook, with anything typed anywhere in one sheet."""
    sheet = draw(st.sampled_from(typist.sheets))
    cells = draw(st.dictionaries(PLACES, ANYTHING, min_size=1, max_size=20))
    try:
        content = typist.typed(sheet, cells)
    except (ValueError, OverflowError):  # a date that no workbook can hold
        content = typist.typed(sheet, {at: str(value) for at, value in cells.items()})
    return Case(BOOK, content, draw(RARELY))


@st.composite
def tables(draw: st.DrawFn) -> Case:
    """A text file of anything, in any code page."""
    row = st.lists(st.one_of(st.sampled_from(WORDS), ANYTHING), max_size=12)
    rows = draw(st.lists(row, max_size=12))
    delimiter = draw(st.sampled_from([",", ";", "\t"]))
    text = "\n".join(delimiter.join("" if c is None else str(c) for c in row) for row in rows)
    page = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1258", "cp1252"]))
    return Case("90001.csv", text.encode(page, errors="replace"), draw(RARELY))


RARELY = st.integers(0, 9).map(lambda number: number == 9)

# --- Bytes broken --------------------------------------------------------------------------------


@st.composite
def broken(draw: st.DrawFn, books: dict[str, bytes]) -> Case:
    """A good file with bytes flipped, cut, put in or repeated."""
    name = draw(st.sampled_from(sorted(books)))
    content = bytearray(books[name])
    for _ in range(draw(st.integers(1, 4))):
        draw(st.sampled_from((_flip, _cut, _insert, _repeat, _shorten)))(draw, content)
    return Case(name, bytes(content), draw(RARELY))


def _flip(draw: st.DrawFn, content: bytearray) -> None:
    for at in draw(st.lists(_at(content), max_size=8)) if content else ():
        content[at] ^= draw(st.integers(1, 255))


def _cut(draw: st.DrawFn, content: bytearray) -> None:
    start = draw(_at(content))
    del content[start : start + draw(st.integers(1, 2000))]


def _insert(draw: st.DrawFn, content: bytearray) -> None:
    at = draw(_at(content))
    content[at:at] = draw(st.binary(min_size=1, max_size=40))


def _repeat(draw: st.DrawFn, content: bytearray) -> None:
    start, length = draw(_at(content)), draw(st.integers(1, 2000))
    at = draw(_at(content))
    content[at:at] = content[start : start + length] * draw(st.integers(1, 20))


def _shorten(draw: st.DrawFn, content: bytearray) -> None:
    del content[draw(_at(content)) :]


def _at(content: bytes | bytearray | str) -> st.SearchStrategy[int]:
    return st.integers(0, max(len(content) - 1, 0))


# --- Parts of a package broken -------------------------------------------------------------------

NUMBERS = (
    "0", "-1", "1", "7", "1e308", "1e999", "-0", "NaN", "INF", "99999999999999999999", "1048576",
    "1048577", "16384", "16385", "2147483648", "4294967296", "0.1", "1,5", "", "A", "2958466",
)  # fmt: skip
REFERENCES = (
    "XFD1048576", "XFE1", "A0", "A1048577", "AAAAAAA1", "A99999999999", "1A", "", "A1:XFD1048576",
    "A1:A1", "B2:A1", "$A$1", "R1C1", "#REF!",
)  # fmt: skip
VALUES = (*NUMBERS, *REFERENCES, "s", "b", "e", "str", "inlineStr", "d", "n", "x", "true", "hidden",
    "veryHidden", "1899-12-30", "9999-12-31T25:61:61", "PT1H", "PT99999999999H", "percentage",
    "float", "date", "time", "void", "rId1", "rId99", "../../../etc/passwd", "xl/workbook.xml",
)  # fmt: skip
MARKUP = (
    "<", ">", "&", "&x;", "&#0;", "&#x110000;", "&lt;", "]]>", "<![CDATA[", "<!--", "<?x?>",
    '<!DOCTYPE a [<!ENTITY x "xx">]>', "<c/>", '<c r="XFD1048576"><v>1</v></c>', "<v/>", "<v>1</v>",
    '<row r="1048576"/>', "</row>", "<sheetData/>", "<mergeCell ref='A1:XFD1048576'/>",
    "\0", "\ufffe",
    "<f>1+1</f>", '<f t="shared" si="99"/>', '<f t="shared" ref="A1:XFD9" si="0">A1</f>',
)  # fmt: skip
REPEATS = ("1048576", "16384", "2147483647", "4294967295", "-1", "0", "99999999999", "x")


@st.composite
def packages(draw: st.DrawFn, books: dict[str, bytes]) -> Case:
    """A good package with the text of its parts, or its parts, broken."""
    name = draw(st.sampled_from([name for name in sorted(books) if _is_package(books[name])]))
    with zipfile.ZipFile(BytesIO(books[name])) as package:
        parts = [(part, package.read(part)) for part in package.namelist()]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(_chosen(parts))
        draw(st.sampled_from((_edit, _edit, _edit, _edit, _recode, _reshuffle)))(draw, parts, at)
    return Case(name, _packed(parts), draw(RARELY))


Parts = list[tuple[str, bytes]]


def _is_package(content: bytes) -> bool:
    return content.startswith(b"PK")


def _chosen(parts: Parts) -> st.SearchStrategy[int]:
    """Any part, but mostly those that hold cells or say where these are."""
    telling = [n for n, (part, _) in enumerate(parts) if re.search("sheet|content|workbook", part)]
    return st.one_of(st.sampled_from(telling or [0]), st.integers(0, len(parts) - 1))


def _packed(parts: Parts) -> bytes:
    import warnings

    packed = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        warnings.simplefilter("ignore")  # two parts of one name are what we want
        for name, content in parts:
            package.writestr(name, content)
    return packed.getvalue()


def _edit(draw: st.DrawFn, parts: Parts, at: int) -> None:
    name, content = parts[at]
    text = content.decode("utf-8", errors="replace")
    for _ in range(draw(st.integers(1, 5))):
        edit = draw(st.sampled_from(EDITS))
        text = edit(draw, text)
    parts[at] = (name, text.encode("utf-8", errors="replace"))


def _replace(pattern: str, choice: tuple[str, ...]) -> Callable[[st.DrawFn, str], str]:
    """Replaces one match's last group, or all of it, by one of the choices."""

    def edit(draw: st.DrawFn, text: str) -> str:
        found = list(re.finditer(pattern, text))
        if not found:
            return text
        match = found[draw(st.integers(0, len(found) - 1))]
        start, stop = match.span(match.re.groups)
        return text[:start] + draw(st.sampled_from(choice)) + text[stop:]

    return edit


def _add_markup(draw: st.DrawFn, text: str) -> str:
    at, times = draw(_at(text)), draw(st.sampled_from((1, 1, 300)))
    return text[:at] + draw(st.sampled_from(MARKUP)) * times + text[at:]


def _repeat_tags(draw: st.DrawFn, text: str) -> str:
    """A stretch between two tags, many times over."""
    tags = [match.start() for match in re.finditer("<", text)]
    if len(tags) < 2:
        return text
    first = draw(st.integers(0, len(tags) - 2))
    start, stop = tags[first], tags[min(first + draw(st.integers(1, 30)), len(tags) - 1)]
    times = draw(st.sampled_from((2, 3, 50, 2000)))
    return text[:stop] + text[start:stop] * times + text[stop:]


def _repeat_cells(draw: st.DrawFn, text: str) -> str:
    """OpenDocument says how often a cell or a row comes again."""
    kind = draw(st.sampled_from(("columns", "rows")))
    tag = "table-cell" if kind == "columns" else "table-row"
    times = draw(st.sampled_from(REPEATS))
    found = list(re.finditer(f"<table:{tag}", text))
    if not found:
        return text
    at = found[draw(st.integers(0, len(found) - 1))].end()
    return text[:at] + f' table:number-{kind}-repeated="{times}"' + text[at:]


EDITS = (
    _replace(r'\b[\w:-]+="([^"]*)"', VALUES),
    _replace(r'\br="([^"]*)"', REFERENCES),
    _replace(r'\bref="([^"]*)"', REFERENCES),
    _replace(r'\bt="([^"]*)"', VALUES),
    _replace(r'\bs="([^"]*)"', NUMBERS),
    _replace(r"<v>([^<]*)</v>", (*VALUES, *WORDS)),
    _replace(r">([^<]+)<", (*VALUES, *WORDS)),
    _replace(r"\d+", NUMBERS),
    _replace(r"<[^>]*>", ("",)),
    _replace(r"</?([\w:]+)", ("c", "row", "sheet", "x", "table:table", "")),
    _replace(r'number-(?:rows|columns)-repeated="(\d+)"', REPEATS),
    _repeat_cells,
    _repeat_tags,
    _add_markup,
    lambda draw, text: text[: draw(_at(text))],
)


def _recode(draw: st.DrawFn, parts: Parts, at: int) -> None:
    """Another encoding than the part says, or one it says rightly that nobody uses."""
    name, content = parts[at]
    text = content.decode("utf-8", errors="replace")
    page = draw(st.sampled_from(("utf-16", "latin-1", "cp1258", "utf-7", "utf-32")))
    if draw(st.booleans()):
        text = re.sub(r'encoding="[^"]*"', f'encoding="{page}"', text, count=1)
    start = codecs.BOM_UTF8 if draw(st.booleans()) else b""
    parts[at] = (name, start + text.encode(page, errors="replace"))


def _reshuffle(draw: st.DrawFn, parts: Parts, at: int) -> None:
    """A part twice, gone, empty, under another's name, or with another's content."""
    (name, content), other = parts[at], parts[draw(st.integers(0, len(parts) - 1))]
    changed: list[Parts] = [
        [(name, content), (name, content)],
        [(name, content), (name, other[1])],
        [],
        [(name, b"")],
        [(name.upper(), content)],
        [(name.replace("/", "\\"), content)],
        [(other[0], content)],
        [(name, other[1])],
        [("../" + name, content)],
    ]
    parts[at : at + 1] = draw(st.sampled_from(changed))
    if not parts:
        parts.append((name, b""))


# --- Small files that unpack to large ones -------------------------------------------------------

BOOK = "90001.xlsx"
FIRST_SHEET = "xl/worksheets/sheet1.xml"
SST = "xl/sharedStrings.xml"
FAR = "XFD1048576"
DATA = 'office:value-type="float" office:value="1"'
LAUGHS = '<!ENTITY l0 "x">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
)

BOMBS: dict[str, tuple[str, str, str, str]] = {
    "a far cell": (BOOK, FIRST_SHEET, "</row>", f'<c r="{FAR}"><v>1</v></c></row>'),
    "in small letters": (BOOK, FIRST_SHEET, "</row>", '<c r="xfd1048576"><v>1</v></c></row>'),
    "in single quotes": (BOOK, FIRST_SHEET, "</row>", f"<c r='{FAR}'><v>1</v></c></row>"),
    "spaced": (BOOK, FIRST_SHEET, "</row>", f'<c  s="0"\n r = "{FAR}"><v>1</v></c></row>'),
    "prefixed": (BOOK, FIRST_SHEET, "</row>", f'<x:c r="{FAR}"><v>1</v></x:c></row>'),
    "after a bracket": (BOOK, FIRST_SHEET, "</row>", f'<c q=">" r="{FAR}"><v>1</v></c></row>'),
    "told twice": (BOOK, FIRST_SHEET, "</row>", f'<c r="A1" r="{FAR}"><v>1</v></c></row>'),
    "two cells far apart": (BOOK, FIRST_SHEET, "</row>", (
        '<c r="ZZ9"><v>1</v></c></row><row r="99999"><c r="A99999"><v>1</v></c></row>'
    )),
    "a far row": (BOOK, FIRST_SHEET, '<row r="9"', '<row r="1048576"'),
    "a row with no cells' places": (BOOK, FIRST_SHEET, '<row r="9"', '<row r="4294967295"'),
    "a large dimension": (BOOK, FIRST_SHEET, '<dimension ref="A1', f'<dimension ref="{FAR}:A1'),
    "a backward dimension": (BOOK, FIRST_SHEET, '<dimension ref="A1', f'<dimension ref="{FAR}'),
    "a large merge": (BOOK, FIRST_SHEET, '<mergeCell ref="A', f'<mergeCell ref="A1:{FAR}" x="'),
    "many texts told": ("office.xlsx", SST, ' uniqueCount="', ' uniqueCount="4294967295" x="'),
    "entities": ("office.xlsx", SST, "<sst", f'<!DOCTYPE a [{LAUGHS}]><sst a="&l9;"'),
    "many rows": ("90001.ods", "content.xml", "<table:table-row", (
        f'<table:table-row table:number-rows-repeated="1048000"><table:table-cell {DATA}/>'
        "</table:table-row><table:table-row"
    )),
    "many columns": ("90001.ods", "content.xml", "</table:table-row>", (
        f'<table:table-cell table:number-columns-repeated="16384" {DATA}/></table:table-row>'
    )),
    "many of both": ("90001.ods", "content.xml", "<table:table-row", (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        f'table:number-columns-repeated="16384" {DATA}/></table:table-row><table:table-row'
    )),
    "more than any": ("90001.ods", "content.xml", "<table:table-row", (
        '<table:table-row table:number-rows-repeated="4294967295"><table:table-cell '
        f'table:number-columns-repeated="4294967295" {DATA}/></table:table-row><table:table-row'
    )),
    "laughs": ("90001.ods", "content.xml", "<office:document-content", (
        f'<!DOCTYPE a [{LAUGHS}]><office:document-content a="&l9;"'
    )),
}  # fmt: skip
"""Where a few letters ask for billions of cells: the file, its part, what is replaced."""


def bomb(name: str, books: dict[str, bytes]) -> Case:
    """A bomb by its name; `books` has the file that it is made of."""
    book, part, old, new = BOMBS[name]
    with zipfile.ZipFile(BytesIO(books[book])) as package:
        parts = [(entry, package.read(entry)) for entry in package.namelist()]
    text = dict(parts)[part].decode()
    changed = text.replace(old, new, 1).encode()
    return Case(book, _packed([(n, changed if n == part else c) for n, c in parts]))


def moved_bomb(books: dict[str, bytes], folder: str) -> Case:
    """A far cell on a sheet that is kept where no program keeps one."""
    with zipfile.ZipFile(BytesIO(bomb("a far cell", books).content)) as package:
        parts = {entry: package.read(entry) for entry in package.namelist()}
    parts[f"xl/{folder}/sheet1.xml"] = parts.pop(FIRST_SHEET)
    links = "xl/_rels/workbook.xml.rels"
    parts[links] = parts[links].replace(b"worksheets/sheet1.xml", f"{folder}/sheet1.xml".encode())
    return Case(BOOK, _packed(list(parts.items())))


def swollen(books: dict[str, bytes]) -> Iterator[Case]:
    """Parts of 400 MB that pack to nothing, and a text of a million empty columns."""
    with zipfile.ZipFile(BytesIO(books[BOOK])) as package:
        parts = [(entry, package.read(entry)) for entry in package.namelist()]
    for name in (FIRST_SHEET, "xl/media/image1.png"):
        large = b"<x>" + b" " * (4 * 10**8)
        yield Case(BOOK, _packed([*((n, c) for n, c in parts if n != name), (name, large)]))
    yield Case("90001.csv", b";" * 10**6 + b"\n" * 10**5)
    yield Case("90001.csv", b"\n".join([b"A;B;1"] * 10**6))


# --- Taken in under watch ------------------------------------------------------------------------


class Worker:
    """A process that takes files in, one after the other; it is killed when one takes too long."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, str(self._home)), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.recv()  # ready: what it imports takes its time once

    def verdict(self, case: Case) -> str:
        """ "release" or "refusal" if the promise is kept, else what happened instead."""
        self._pipe.send((case.name, case.content, case.back))
        try:
            if self._pipe.poll(LONGEST):
                return str(self._pipe.recv())
            told = f"no answer within {LONGEST:g} s"
        except EOFError:
            told = "the process died"
        self.stop()
        self._start()
        return told

    def stop(self) -> None:
        self._process.kill()
        self._process.join()


@contextmanager
def worker(home: Path) -> Iterator[Worker]:
    started = Worker(home)
    try:
        yield started
    finally:
        started.stop()


def _serve(pipe: Any, home: str) -> None:
    """The worker's own loop."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["POVSIM_HOME"] = home
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a panic of the reader's Rust talks much
    from povsim import plan as plans

    with tempfile.TemporaryDirectory() as folder:
        try:
            plan = plans.load("tinh-mau")
            store = _empty_store(Path(folder))
            pipe.send("ready")
            while True:
                name, content, back = pipe.recv()
                pipe.send(_taken_in(Case(name, content, back), plan, store, Path(folder)))
        except EOFError:
            return


def _empty_store(folder: Path) -> Path:
    path = folder / "empty.sqlite"
    with _opened(path):
        return path


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A store in one file: what SQLite keeps beside it is in it when it is closed."""
    from povsim.store import Store

    store = Store(f"sqlite:///{path}")
    try:
        yield store
    finally:
        store._engine.dispose()


def _taken_in(case: Case, plan: Any, empty: Path, folder: Path) -> str:
    from povsim import intake
    from povsim.findings import Refusal

    kept, sent = folder / "store.sqlite", folder / case.name
    shutil.copyfile(empty, kept)
    before = kept.read_bytes()
    sent.write_bytes(case.content)
    back = folder / "back.xlsx" if case.back else None
    try:
        with _opened(kept) as store:
            receipt = intake.ingest([sent], plan, store, sender="ai đó", back=back)
            return _whole(receipt) or "release"
    except Refusal as refusal:
        if kept.read_bytes() != before:
            return "refused, yet something was saved"
        return _told(refusal.findings) or "refusal"
    except BaseException:
        return traceback.format_exc(limit=-12)


def _told(findings: Any) -> str:
    """What is not right with the findings of a refusal."""
    if not findings:
        return "refused without a finding"
    for finding in findings:
        for lang in ("vi", "en"):
            texts = (finding.what(lang), finding.next_step(lang))
            if not all(texts) or any(text.startswith("finding.") for text in texts):
                return f"{finding.rule} has no text in {lang}"
    return ""


def _whole(receipt: Any) -> str:
    """What is not right with a release: a review that lacks a cell of a form it owes."""
    from povsim.intake.checks.completeness import due

    facts = receipt.release.facts
    for (_, period), own in facts.groupby(["unit", "period"]):
        held = set(own[["form", "line", "item"]].itertuples(index=False, name=None))
        if not str(period).isdigit():
            continue
        for form in due(int(period)):
            owed = {(form.id, line, c.item) for line in form.lines for c in form.counts}
            if not owed <= held:
                return f"a part was saved: {form.id} of {period} lacks cells"
    return _told(receipt.notes) if receipt.notes else ""
