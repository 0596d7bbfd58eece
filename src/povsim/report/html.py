"""The report as one HTML file that needs nothing but itself: no script, no font, no link out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from povsim.charts import pictures
from povsim.i18n import Lang
from povsim.report import page
from povsim.report.document import Block, Document, Figure, Table
from povsim.report.inline import plain, runs

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def write(document: Document, path: Path, *, title: str, made: datetime | None = None) -> None:
    """Write the document as a self-contained HTML page in UTF-8, dated `made` (else today)."""
    page_text = render(document, title=title, made=made or datetime.now(UTC))
    path.write_text(page_text, "utf-8", newline="\n")


def render(document: Document, *, title: str, made: datetime) -> str:
    """The whole page as text."""
    template = _environment().get_template("report.html.j2")
    return template.render(
        title=title, made=made, blocks=document.blocks, **_surroundings(document.language)
    )


def fragment(block: Block, language: Lang = "vi") -> str:
    """One block as JupyterLab shows it, with the style of the page."""
    template = _environment().get_template("fragment.html.j2")
    return template.render(block=block, **_surroundings(language))


def _surroundings(language: Lang) -> dict[str, Any]:
    return {"language": language, "words": page.WORDS[language], "sheet": page.A4}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(runs=runs, plain=plain, blanks=page.blanks)
    environment.globals.update(
        picture=_picture,
        date_line=page.date_line,
        recipient_lines=page.recipient_lines,
        row_heading=_row_heading,
        kept_rows=page.KEPT_ROWS,
    )
    return environment


def _picture(figure: Figure, language: Lang, number: int) -> Markup:
    """The chart as inline SVG, named by its alternative text."""
    from markupsafe import Markup, escape

    drawn = _own_names(pictures.svg(figure.spec, language), f"p{number}-")
    named = drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(figure.alt)}" ', 1)
    return Markup(named)  # the converter escapes the texts of the chart


def _own_names(drawn: str, prefix: str) -> str:
    """The names inside one SVG, numbered anew: all pictures of a page share one name space.

    The converter counts names on from picture to picture, so its own differ from run to run.
    """
    names = dict.fromkeys(re.findall(r'\sid="([^"]+)"', drawn))
    own = {name: f"{prefix}{number}" for number, name in enumerate(names)}
    pattern = r'(\sid="|url\(#|href="#)([^")]+)'
    return re.sub(pattern, lambda found: found[1] + own.get(found[2], found[2]), drawn)


def _row_heading(table: Table) -> int:
    """The column that names the rows: the first that stands left."""
    aligns = [column.align for column in table.columns]
    return aligns.index("left") if "left" in aligns else 0
