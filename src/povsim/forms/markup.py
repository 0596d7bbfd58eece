"""What the XML of .xlsx and .ods tells of sheets that their reader does not."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree
from xml.parsers import expat

from povsim.forms.marks import Marks
from povsim.forms.packages import damaged, part_of

PLACE = re.compile(rb'r\s*=(?!(?<=<c r=)"[A-Z]{1,2}\d{1,3}"|(?<=<row r=)"\d{1,3}")')
"""The place of a cell or row (`r`), if told otherwise than commonly and once (the reader takes the
last), or beyond the first 702 columns, 999 rows."""
UNPLACED = re.compile(rb"[<:](?:c|row)\b(?! r=)")
ROOM = 16_384
"""Bytes; cells that tell no place follow each other, and so few of them do not get far."""
PROMISE = re.compile(rb"""uniqueCount\s*=\s*["']\+?(\d+)""")
"""How many texts a workbook says it has: the reader asks for the memory at once."""
UNSAVED = re.compile(rb"f\b[^<>]*>(?=\s*<(?!v>[^<]))")
"""A formula that ends (`</f>`, `<f si="0"/>`) and no value follows."""

Said = dict[str, str]
Start = Callable[[str, Said], None]


def _parser(start: Start) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _no_entities
    return parser


def _no_entities(*_: object) -> None:
    raise damaged("DOCTYPE")  # no workbook has one; entities in it can grow without end


# --- .xlsx ---------------------------------------------------------------------------------------


def marks_of_xlsx(parts: dict[str, bytes]) -> dict[int, Marks]:
    """Marks by the sheet's number in the workbook; a sheet with nothing to tell has none.

    Only a sheet that a quick look finds unusual is walked: that costs as much as reading it.
    """
    if any(map(_promises_too_much, parts.values())):
        raise damaged("uniqueCount")
    unusual = {name: part for name, part in parts.items() if not _is_ordinary(part)}
    marked = {name.lower(): _Worksheet(part).marks for name, part in unusual.items()}
    names = _sheet_parts(parts) if marked else []
    return {number: marked[name] for number, name in enumerate(names) if name in marked}


def _promises_too_much(part: bytes) -> bool:
    """Whether a part says that it has more texts than bytes; any part may be the one of texts."""
    told = PROMISE.findall(part) if b"uniqueCount" in part else []
    return any(len(count) > 9 or int(count) > len(part) for count in told)


def _is_ordinary(part: bytes) -> bool:
    # Cheapest first: a single byte is looked for thirty times as fast as a word.
    begin = part.find(b"sheetData")
    body = part[begin : part.rfind(b"sheetData")]
    return begin < 0 or not (
        PLACE.search(body)
        or (len(body) > ROOM and UNPLACED.search(body))
        or (b"hidden" in part and (b'hidden="1"' in part or b'hidden="true"' in part))
        or (b"#" in body and b't="e"' in body)
        or (b"f" in body and UNSAVED.search(body))
    )


def _sheet_parts(parts: dict[str, bytes]) -> list[str]:
    """The names of the parts that hold the sheets, in the order of the workbook."""
    targets = relations(parts, "xl/_rels/workbook.xml.rels")
    sheets = (element for element in _elements(parts, "xl/workbook.xml") if _is(element, "sheet"))
    return [targets.get(value, "") for sheet in sheets for value in _references(sheet)]


def relations(parts: dict[str, bytes], name: str) -> dict[str, str]:
    """Names of parts, in small letters, by the code that a workbook calls them by."""
    found = {}
    for element in _elements(parts, name):
        target = element.get("Target", "")
        path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        found[element.get("Id", "")] = path.lower()
    return found


def _elements(parts: dict[str, bytes], name: str) -> Iterator[ElementTree.Element]:
    yield from ElementTree.fromstring(part_of(parts, name)).iter()


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name


def _references(element: ElementTree.Element) -> Iterator[str]:
    return (value for key, value in element.items() if key.endswith("}id"))


class _Worksheet:
    """Walks one worksheet; a cell or row that tells no place follows the one before."""

    def __init__(self, xml: bytes) -> None:
        self.marks = Marks()
        self.row = self.column = 0
        self.cell = (0, 0)
        self.kind = self.value = self.inside = ""
        self.holds: set[str] = set()
        parser = _parser(self.start)
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.Parse(xml, True)

    def start(self, tag: str, said: Said) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                self.row = int(said["r"]) - 1 if "r" in said else self.row
                self._hide(self.marks.rows, said, self.row, self.row)
            case "col":
                first, last = int(said.get("min", 1)), int(said.get("max", 1))
                self._hide(self.marks.columns, said, first - 1, last - 1)
            case "c":
                self._open_cell(said)
            case "v" | "f" | "is" as part:
                self.holds.add(part)
                self.inside = part

    def _hide(self, hidden: list[range], said: Said, first: int, last: int) -> None:
        if said.get("hidden") in ("1", "true"):
            hidden.append(range(first, last + 1))

    def _open_cell(self, said: Said) -> None:
        self.cell = _position(said["r"]) if "r" in said else (self.row, self.column)
        self.column = self.cell[1] + 1
        self.kind, self.value = said.get("t", ""), ""
        self.holds = set()

    def end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                self.row, self.column = self.row + 1, 0
            case "c":
                self._close_cell()
            case "v" | "f" | "is":
                self.inside = ""

    def _close_cell(self) -> None:
        if self.holds:
            self.marks.fill(*self.cell)
        if self.kind == "e" and self.value:
            self.marks.fault(self.value, *self.cell)
        # A formula may well give an empty text (`str`): that is a value.
        if "f" in self.holds and not self.value and self.kind != "str":
            self.marks.unsaved.add(self.cell)

    def text(self, written: str) -> None:
        if self.inside == "v":
            self.value += written


def _position(reference: str) -> tuple[int, int]:
    found = re.fullmatch(r"([A-Za-z]+)([0-9]+)", reference)
    if found is None:
        raise damaged(f"r: {len(reference)}")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


# --- .ods ----------------------------------------------------------------------------------------


def marks_of_ods(parts: dict[str, bytes]) -> dict[int, Marks]:
    """Marks by the sheet's number in the workbook.

    Every sheet is walked: only that tells whether what it repeats so often is blank.
    """
    return dict(enumerate(_Content(parts.get("content.xml", b"")).sheets))


class _Content:
    """Walks the sheets of a document: rows and cells that are alike stand once, with a count."""

    def __init__(self, xml: bytes) -> None:
        self.sheets: list[Marks] = []
        self.row = self.column = self.rows = self.columns = 0
        parser = _parser(self.start)
        if b'"error"' in xml:  # texts are of no other interest, and slow to walk
            parser.CharacterDataHandler = self.text
        self.faulty = False
        parser.Parse(xml, True)

    def start(self, tag: str, said: Said) -> None:
        match tag:
            case "table:table-cell" | "table:covered-table-cell":
                self._cell(said)
            case "text:p" if self.sheets:  # a formula may well give an empty text
                self.sheets[-1].unsaved.discard((self.row, self.column))
            case "table:table-row":
                self.row, self.column, self.columns = self.row + self.rows, 0, 0
                self.rows = int(said.get("table:number-rows-repeated", 1))
                self._hide(said, self.sheets[-1].rows, self.row, self.rows)
            case "table:table-column":
                self.column += self.columns
                self.columns = int(said.get("table:number-columns-repeated", 1))
                self._hide(said, self.sheets[-1].columns, self.column, self.columns)
            case "table:table":
                self.sheets.append(Marks())
                self.row = self.column = self.rows = self.columns = 0

    def _hide(self, said: Said, hidden: list[range], first: int, count: int) -> None:
        if said.get("table:visibility", "visible") != "visible":  # "collapse" or "filter"
            hidden.append(range(first, first + count))

    def _cell(self, said: Said) -> None:
        self.column += self.columns
        self.columns = int(said.get("table:number-columns-repeated", 1))
        self.faulty = said.get("calcext:value-type") == "error"
        for key in said:
            if key.startswith("office:"):
                self.sheets[-1].fill(self.row, self.column, self.rows, self.columns)
                return
        if "table:formula" in said:
            self.sheets[-1].unsaved.add((self.row, self.column))

    def text(self, written: str) -> None:
        if self.faulty and written.startswith(("#", "Err:")):
            self.sheets[-1].fault(written, self.row, self.column, self.rows, self.columns)
