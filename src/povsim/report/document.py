"""What a report says, block by block; how it looks is the writers' matter.

A block is the value of a notebook cell: JupyterLab shows it, the executed notebook keeps it as
JSON, and every file of the report is written from the same blocks.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, get_args

from povsim.i18n import LANGS, Lang
from povsim.report.inline import plain

if TYPE_CHECKING:
    from nbformat import NotebookNode

MIME = "application/vnd.povsim.block+json"
HEADING_LEVELS = (1, 2, 3)
Align = Literal["left", "right", "center"]
Json = dict[str, Any]
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, how its cells stand, its share of the width."""

    name: str
    align: Align = "left"
    weight: float = 1.0


@dataclass(frozen=True)
class Block:
    """One part of a document. Texts are kept in Unicode NFC, sequences as tuples.

    Raises:
        ValueError: a field is empty, out of range, or holds what no writer can carry.
    """

    marked: ClassVar[tuple[str, ...]] = ()
    """The fields whose text may hold **bold** and *italic*."""
    needed: ClassVar[tuple[str, ...]] = ()
    """The fields that may not be empty."""

    def __post_init__(self) -> None:
        for name in (each.name for each in fields(self)):
            object.__setattr__(self, name, _settled(getattr(self, name)))
        for name in self.needed:
            if not getattr(self, name):
                raise ValueError(f"{self.type}: `{name}` is empty; give it a value")
        for name in self.marked:
            for text in _texts(getattr(self, name)):
                plain(text)
        self._check()

    def _check(self) -> None:
        """Refuse what only this kind of block can get wrong."""

    @property
    def type(self) -> str:
        """The name of this kind of block in JSON."""
        return type(self).__name__.lower()

    def to_json(self) -> Json:
        """The block as JSON values: its type and its fields."""
        found: Json = json.loads(json.dumps({"type": self.type, **asdict(self)}))
        return found

    def _repr_mimebundle_(self, **_: object) -> Json:
        from povsim.report.html import fragment

        label = plain(next(_texts(getattr(self, self.needed[0])), ""))
        return {
            "text/plain": f"{self.type}: {label}",
            "text/html": fragment(self),
            MIME: self.to_json(),
        }


@dataclass(frozen=True)
class Letterhead(Block):
    """The head of an administrative paper: who writes, under what number, about what.

    `authority` is one string a line; runs of spaces in `number` stay open for the pen.
    """

    authority: tuple[str, ...]
    number: str
    place: str
    year: int
    kind: str
    subject: str
    needed = ("subject", "authority", "number", "place", "kind")


@dataclass(frozen=True)
class Heading(Block):
    """A heading of level 1 to 3; the author writes its number (`I.`, `1.`, `a)`)."""

    text: str
    level: int = 1
    needed = ("text",)
    marked = ("text",)

    def _check(self) -> None:
        if self.level not in HEADING_LEVELS:
            raise ValueError(f"heading {self.text!r}: level {self.level}; use 1, 2 or 3")


@dataclass(frozen=True)
class Paragraph(Block):
    """A paragraph of markdown text with **bold** and *italic*."""

    text: str
    needed = ("text",)
    marked = ("text",)


@dataclass(frozen=True)
class Bullets(Block):
    """A list of markdown lines, each printed with a dash as official papers do."""

    items: tuple[str, ...]
    needed = ("items",)
    marked = ("items",)


@dataclass(frozen=True)
class Table(Block):
    """A table of cells already formatted; `emphasis` numbers the rows in bold, from 0.

    Title and cells are plain text (an asterisk is an asterisk), the note is markdown.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    emphasis: tuple[int, ...] = ()
    needed = ("title", "columns", "rows")
    marked = ("note",)

    def _check(self) -> None:
        faults = [*self._column_faults(), *self._row_faults()]
        if faults:
            raise ValueError(f"table {self.title!r}: " + "; ".join(faults))

    def _column_faults(self) -> Iterator[str]:
        for column in self.columns:
            if column.align not in get_args(Align):
                yield f"column {column.name!r} aligns {column.align!r}; use {get_args(Align)}"
            if not column.weight > 0:
                yield f"column {column.name!r} weighs {column.weight}; give it more than 0"

    def _row_faults(self) -> Iterator[str]:
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                yield f"row {number} has {len(row)} cells for {len(self.columns)} columns"
            if not all(isinstance(cell, str) for cell in row):
                yield f"row {number} holds a value that is not text; format it first"
        for number in set(self.emphasis) - set(range(len(self.rows))):
            yield f"emphasis names row {number} of {len(self.rows)}"


@dataclass(frozen=True)
class Figure(Block):
    """A chart as a Vega-Lite spec with its data inside, and its words for who cannot see it."""

    title: str
    spec: Json = field(hash=False)
    alt: str
    note: str = ""
    needed = ("title", "spec", "alt")
    marked = ("note",)

    def _check(self) -> None:
        outside = sorted(set(_outside(self.spec)))
        if outside:
            raise ValueError(
                f"figure {self.title!r}: the chart points outside the report ({outside}); "
                "give it its data as a table and no address"
            )


@dataclass(frozen=True)
class Notice(Block):
    """A remark in a box, such as that the figures are samples."""

    text: str
    needed = ("text",)
    marked = ("text",)


@dataclass(frozen=True)
class Signature(Block):
    """The foot of an administrative paper: who receives it, in whose name it is signed.

    The signer's own name is typed by hand.
    """

    recipients: tuple[str, ...]
    authority: tuple[str, ...]
    needed = ("authority", "recipients")


KINDS: dict[str, type[Block]] = {
    kind.__name__.lower(): kind
    for kind in (
        Letterhead,
        Heading,
        Paragraph,
        Bullets,
        Table,
        Figure,
        Notice,
        Signature,
    )
}


def block_from_json(values: Json) -> Block:
    """The block that `to_json` wrote.

    Raises:
        ValueError: the type is unknown, a field is missing or unknown, or its value is refused.
    """
    given = dict(values)
    name = given.pop("type", None)
    if name not in KINDS:
        raise ValueError(f"block type {name!r} is unknown; known are {sorted(KINDS)}")
    if name == "table":
        given["columns"] = [_built(Column, column) for column in given.get("columns", ())]
    return _built(KINDS[name], given)


@dataclass(frozen=True)
class Document:
    """The blocks of a report in reading order, and the language they are written in."""

    blocks: tuple[Block, ...]
    language: Lang = "vi"

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(self.blocks))
        if self.language not in LANGS:
            raise ValueError(f"language {self.language!r} is unknown; known are {LANGS}")

    @classmethod
    def from_notebook(cls, notebook: NotebookNode, language: Lang = "vi") -> Document:
        """The document that an executed notebook tells, cell by cell.

        Raises:
            ValueError: every cell, by number, that holds what the writers cannot carry.
        """
        from povsim.report.reading import notebook_blocks

        return cls(notebook_blocks(notebook), language)

    @classmethod
    def from_json(cls, values: Json) -> Document:
        """The document that `to_json` wrote."""
        return cls(tuple(map(block_from_json, values["blocks"])), values["language"])

    def to_json(self) -> Json:
        """The document as JSON values."""
        return {"language": self.language, "blocks": [block.to_json() for block in self.blocks]}

    def content_hash(self) -> str:
        """The sha256 of all texts, tables and chart data, the same on every machine.

        Taken over JSON with sorted keys in Unicode NFC, numbers to twelve figures.

        >>> len(Document((Paragraph("Kon Rẫy"),)).content_hash())
        64
        """
        canonical = json.dumps(
            _rounded(self.to_json()), sort_keys=True, ensure_ascii=False, allow_nan=False
        )
        return sha256(unicodedata.normalize("NFC", canonical).encode()).hexdigest()


def _settled(value: Any) -> Any:
    """A value made fit to freeze: NFC, sequences as tuples, a spec as a copy in JSON values."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        return json.loads(unicodedata.normalize("NFC", written))
    if isinstance(value, list | tuple):
        return tuple(map(_settled, value))
    if isinstance(value, Column):
        return Column(_settled(value.name), value.align, float(value.weight))
    return value


def _texts(value: object) -> Iterator[str]:
    yield from [value] if isinstance(value, str) else map(str, value)  # type: ignore[call-overload]


def _outside(node: object, key: str = "") -> Iterator[str]:
    """The addresses a spec would fetch or link to; rows of data are not looked at."""
    if isinstance(node, dict) and key != "datasets":
        for name, value in node.items():
            if name in ("url", "href"):
                yield name
            yield from _outside(value, name)
    elif isinstance(node, list) and key != "values":
        for value in node:
            yield from _outside(value)


def _rounded(value: Any) -> Any:
    """Twelve figures: the last bits of a float differ between processors."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


def _built(kind: type[Kind], given: Json) -> Kind:
    try:
        return kind(**given)
    except TypeError as error:
        raise ValueError(f"{kind.__name__.lower()}: {error}") from error
