"""From an executed notebook to the blocks of a document; what cannot be carried is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from povsim.report.document import MIME, Block, Bullets, Heading, Paragraph, block_from_json
from povsim.report.inline import parser, refusal

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode
    from nbformat import NotebookNode

SHOWN = ("execute_result", "display_data")
EXCERPT = 60

Found = Iterator[Block | str]
"""Blocks, and between them, as text, what was wrong."""


def notebook_blocks(notebook: NotebookNode) -> tuple[Block, ...]:
    """The blocks of markdown cells and of the outputs of code cells, in order.

    Raises:
        ValueError: all that cannot be carried, one line each, with the number of its cell from 1.
    """
    blocks: list[Block] = []
    faults: list[str] = []
    for number, cell in enumerate(notebook.cells, start=1):
        for found in READERS.get(cell.cell_type, _raw)(cell):
            if isinstance(found, Block):
                blocks.append(found)
            else:
                faults.append(f"cell {number}: {found}")
    if faults:
        raise ValueError("\n".join(faults))
    return tuple(blocks)


def markdown_blocks(text: str) -> Found:
    """Headings, paragraphs and lists of a markdown text."""
    from markdown_it.tree import SyntaxTreeNode

    environment: dict[str, object] = {}
    tree = SyntaxTreeNode(parser().parse(text, environment))
    if environment.get("references"):
        yield refusal("reference")
    for node in tree.children:
        yield from _attempt(partial(_block, node))


def _block(node: SyntaxTreeNode) -> Block:
    if node.type == "heading":
        return Heading(_content(node), int(node.tag.removeprefix("h")))
    if node.type == "paragraph":
        return Paragraph(_content(node))
    if node.type == "bullet_list":
        return Bullets(tuple(map(_item, node.children)))
    raise ValueError(refusal(node.type))


def _item(node: SyntaxTreeNode) -> str:
    for child in node.children[1:]:
        raise ValueError(f"in a list, {refusal(child.type)}")
    if not node.children or node.children[0].type != "paragraph":
        raise ValueError("in a list, an item without text cannot be carried")
    return _content(node.children[0])


def _content(node: SyntaxTreeNode) -> str:
    return node.children[0].content if node.children else ""


def _markdown(cell: NotebookNode) -> Found:
    return markdown_blocks(cell.source)


def _code(cell: NotebookNode) -> Found:
    for output in cell.outputs:
        yield from _output(output)


def _output(output: NotebookNode) -> Found:
    if output.output_type == "stream":
        yield f"printed text ({output.name}) cannot be carried: {_excerpt(output.text)}"
    elif output.output_type == "error":
        yield f"the cell failed: {output.ename}: {_excerpt(output.evalue)}"
    elif output.output_type in SHOWN and MIME in output.data:
        yield from _attempt(partial(block_from_json, output.data[MIME]))
    else:
        kinds = ", ".join(sorted(output.get("data", {})))
        yield f"an output that is no block of the report cannot be carried ({kinds})"


def _raw(cell: NotebookNode) -> Found:
    if cell.source.strip():
        yield f"a cell of type {cell.cell_type!r} cannot be carried: {_excerpt(cell.source)}"


READERS: dict[str, Callable[[NotebookNode], Found]] = {"markdown": _markdown, "code": _code}


def _attempt(build: Callable[[], Block]) -> Found:
    try:
        yield build()
    except ValueError as error:
        yield str(error)


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[:EXCERPT] + "…"
