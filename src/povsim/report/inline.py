"""Bold and italic inside a line of text: the little markdown a paper needs, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

STYLES = {"strong": "bold", "em": "italic"}
CONSTRUCTS = {
    "blockquote": "a quotation (write Notice(...) in a code cell)",
    "bullet_list": "a list inside a list",
    "code_block": "a code block (an indent of four spaces makes one)",
    "code_inline": "code",
    "fence": "a code block",
    "hardbreak": "a forced line break (start a new paragraph)",
    "hr": "a horizontal line",
    "html_block": "HTML",
    "html_inline": "HTML",
    "image": "an image (write Figure(...) in a code cell)",
    "link": "a link (write the address as text)",
    "ordered_list": "a numbered list (write `1\\.` or a heading)",
    "reference": "a link definition (write the address as text)",
    "s": "struck-out text",
    "table": "a table (write Table(...) in a code cell)",
}
"""What no writer carries, in words, with what to write instead."""


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False


@cache
def parser() -> MarkdownIt:
    """CommonMark, with tables and strike-through known so that they can be refused."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


@cache
def runs(text: str) -> tuple[Run, ...]:
    """The runs of one line of markdown, neighbours of one style joined.

    Raises:
        ValueError: the text holds a construct the writers cannot carry (link, image, code, HTML).

    >>> [run.text for run in runs("còn **1.834** hộ") if run.bold]
    ['1.834']
    """
    found: list[Run] = []
    depth = {"bold": 0, "italic": 0}
    for token in parser().parseInline(text)[0].children or []:
        style = STYLES.get(token.type.rpartition("_")[0])
        if style:
            depth[style] += token.nesting
        else:
            _append(found, Run(_letters(token), bool(depth["bold"]), bool(depth["italic"])))
    return tuple(found)


def plain(text: str) -> str:
    """The text without its marks.

    >>> plain("còn **1.834** hộ")
    'còn 1.834 hộ'
    """
    return "".join(run.text for run in runs(text))


def refusal(construct: str) -> str:
    """The sentence that names a construct no writer carries."""
    name = construct.removesuffix("_open")
    return f"{CONSTRUCTS.get(name, name)} cannot be carried into the report's files"


def _letters(token: Token) -> str:
    if token.type == "text":
        return token.content
    if token.type == "softbreak":
        return " "
    raise ValueError(refusal(token.type))


def _append(found: list[Run], run: Run) -> None:
    last = found[-1] if found else None
    if last and (last.bold, last.italic) == (run.bold, run.italic):
        found[-1] = Run(last.text + run.text, run.bold, run.italic)
    elif run.text:
        found.append(run)
