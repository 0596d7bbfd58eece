"""The report as PDF, typeset by typst on the decree's page, with the fonts the package brings."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from povsim.charts import pictures
from povsim.i18n import Lang
from povsim.report import page
from povsim.report.document import (
    Block,
    Bullets,
    Document,
    Figure,
    Letterhead,
    Signature,
    Table,
)
from povsim.report.inline import runs

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"


def write(document: Document, path: Path, *, title: str, made: datetime | None = None) -> None:
    """Write the document as tagged PDF dated `made` (else now); the same input, the same bytes."""
    import typst

    # Content comes in as data, never as typst code, and no package is ever fetched.
    content = json.dumps(_content(document, title), ensure_ascii=False)
    typst.compile(
        TEMPLATE.read_bytes(),
        output=str(path),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"content": content},
        timestamp=_aware(made or datetime.now(UTC)).replace(microsecond=0),
    )


def _content(document: Document, title: str) -> dict[str, Any]:
    heads = [block for block in document.blocks if isinstance(block, Letterhead)]
    return {
        "title": title,
        "author": " ".join(heads[0].authority) if heads else "",
        "language": document.language,
        "region": page.WORDS[document.language].locale.partition("-")[2],
        "page": asdict(page.A4),
        "words": asdict(page.WORDS[document.language]),
        "blocks": [_block(block, document.language) for block in document.blocks],
    }


def _block(block: Block, language: Lang) -> dict[str, Any]:
    """The block's fields for the template: marked texts as runs, pictures drawn."""
    values = block.to_json()
    for name in (name for name in block.marked if name != "items"):
        values[name] = _runs(values[name])
    if isinstance(block, Bullets):
        values["items"] = [_runs(item) for item in block.items]
    elif isinstance(block, Letterhead):
        values["number"] = page.blanks(block.number)
        values["date"] = page.date_line(block.place, block.year, language)
    elif isinstance(block, Signature):
        values["lines"] = page.recipient_lines(block.recipients)
    elif isinstance(block, Table):
        values["points"] = page.table_pt(len(block.columns))
        values["whole"] = len(block.rows) <= page.KEPT_ROWS
    elif isinstance(block, Figure):
        del values["spec"]
        values |= _picture(block, language)
    return values


def _picture(figure: Figure, language: Lang) -> dict[str, Any]:
    drawn = pictures.svg(figure.spec, language)
    width, _ = pictures.fitted_mm(drawn, page.A4.text_mm, page.A4.picture_mm)
    return {"svg": drawn, "width": width}


def _runs(text: str) -> list[dict[str, Any]]:
    return [asdict(run) for run in runs(text)]


def _aware(made: datetime) -> datetime:
    """A time that says its zone, as typst wants it; without one it is UTC."""
    return (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(UTC)


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(pictures.FONTS)],
    )
