"""The report as a Word file that an office can correct by hand, number, sign and send."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from povsim.charts import pictures
from povsim.i18n import Lang
from povsim.report import docx_parts as parts
from povsim.report import page
from povsim.report.document import (
    Block,
    Bullets,
    Document,
    Figure,
    Heading,
    Letterhead,
    Notice,
    Paragraph,
    Signature,
    Table,
)
from povsim.report.docx_parts import CAPTION, NOTE, Line
from povsim.report.page import A4, WORDS

if TYPE_CHECKING:
    from docx.document import Document as WordFile


def write(document: Document, path: Path, *, title: str, made: datetime | None = None) -> None:
    """Write the document as an A4 Word file, dated `made` (else now)."""
    word = parts.empty_file(WORDS[document.language].locale)
    for block in document.blocks:
        if isinstance(block, Signature):
            _keep_last(word)
        _add(word, block, document.language)
    _describe(word, document, title, made or datetime.now(UTC))
    word.save(str(path))


def _add(word: WordFile, block: Block, language: Lang) -> None:
    if isinstance(block, Letterhead):
        _letterhead(word, block, language)
    elif isinstance(block, Heading):
        parts.marked(word.add_paragraph(style=f"Heading {block.level}"), block.text)
    elif isinstance(block, Paragraph):
        parts.marked(word.add_paragraph(style=parts.BODY), block.text)
    elif isinstance(block, Bullets):
        _bullets(word, block)
    elif isinstance(block, Notice):
        parts.marked(word.add_paragraph(style=parts.NOTICE), block.text)
    elif isinstance(block, Table):
        _table(word, block)
    elif isinstance(block, Figure):
        _figure(word, block, language)
    elif isinstance(block, Signature):
        _signature(word, block, language)
    else:
        raise TypeError(f"no Word form for a block of type {block.type!r}")


def _letterhead(word: WordFile, head: Letterhead, language: Lang) -> None:
    widths = (A4.authority_mm, A4.text_mm - A4.authority_mm)
    (left, right), (number, date) = parts.grid(word, 2, widths)
    words = WORDS[language]
    authority = [Line(line, A4.authority_pt, bold=True) for line in head.authority]
    nation = Line(words.nation, A4.nation_pt, bold=True)
    motto = Line(words.motto, A4.motto_pt, bold=True)
    parts.fill(left, authority, rule=A4.short_rule, width=widths[0])
    parts.fill(right, [nation, motto], rule=1, width=widths[1])
    parts.fill(number, [Line(page.blanks(head.number), A4.number_pt)])
    day = page.date_line(head.place, head.year, language)
    parts.fill(date, [Line(day, A4.date_pt, italic=True)])
    _subject(word, head)


def _subject(word: WordFile, head: Letterhead) -> None:
    kind = word.add_paragraph(style=parts.SUBJECT)
    kind.paragraph_format.space_before = parts.points(18)
    kind.add_run(head.kind)
    word.add_paragraph(style=parts.SUBJECT).add_run(head.subject)
    length = min(page.text_mm(head.subject, A4.subject_pt), A4.text_mm) * A4.short_rule
    rule = word.add_paragraph()
    parts.rule(rule, (A4.text_mm - length) / 2)
    rule.paragraph_format.space_after = parts.points(14)


def _bullets(word: WordFile, bullets: Bullets) -> None:
    for item in bullets.items:
        paragraph = word.add_paragraph(style=parts.BODY)
        paragraph.add_run("- ")
        parts.marked(paragraph, item)


def _table(word: WordFile, table: Table) -> None:
    word.add_paragraph(style=CAPTION).add_run(table.title)
    weights = [column.weight for column in table.columns]
    widths = [A4.text_mm * weight / sum(weights) for weight in weights]
    made = parts.ruled_table(word, 1 + len(table.rows), widths, table.title)
    points = page.table_pt(len(table.columns))
    names = [Line(column.name, points, bold=True) for column in table.columns]
    parts.row(made.rows[0], names, ["center"] * len(names), heading=True)
    aligns = [column.align for column in table.columns]
    for number, cells in enumerate(table.rows):
        bold = number in table.emphasis
        parts.row(made.rows[number + 1], [Line(cell, points, bold) for cell in cells], aligns)
    parts.keep_rows(made, whole=len(table.rows) <= page.KEPT_ROWS, below=bool(table.note))
    if table.note:
        _note(word, table.note)
    else:
        parts.spacer(word)


def _figure(word: WordFile, figure: Figure, language: Lang) -> None:
    drawn = pictures.svg(figure.spec, language)
    width, height = pictures.fitted_mm(drawn, A4.text_mm, A4.picture_mm)
    paragraph = word.add_paragraph(style=parts.PICTURE)
    image = BytesIO(pictures.png(drawn))
    shape = paragraph.add_run().add_picture(image, parts.mm(width), parts.mm(height))
    properties = shape._inline.docPr  # python-docx gives no other way to the words of a picture
    properties.set("descr", figure.alt)
    properties.set("name", figure.title)
    parts.no_distance(shape._inline)
    caption = word.add_paragraph(style=CAPTION)
    caption.add_run(figure.title)
    caption.paragraph_format.space_before = parts.points(0)
    caption.paragraph_format.keep_with_next = bool(figure.note)
    if figure.note:
        caption.paragraph_format.space_after = parts.points(0)
        _note(word, figure.note)


def _note(word: WordFile, note: str) -> None:
    parts.marked(word.add_paragraph(style=NOTE), note, slanted=True)


def _signature(word: WordFile, signature: Signature, language: Lang) -> None:
    widths = (A4.text_mm / 2, A4.text_mm / 2)
    ((left, right),) = parts.grid(word, 1, widths, before=12)
    title = Line(WORDS[language].recipients, A4.recipients_title_pt, bold=True, italic=True)
    lines = page.recipient_lines(signature.recipients)
    recipients = [title, *(Line(line, A4.recipients_pt) for line in lines)]
    parts.fill(left, recipients, align="left")
    parts.fill(right, [Line(line, A4.signer_pt, bold=True) for line in signature.authority])
    right.paragraphs[-1].paragraph_format.space_after = parts.points(A4.signing_room_pt)


def _keep_last(word: WordFile) -> None:
    """The last words of the text go with the signature, so that it never stands alone."""
    for paragraph in word.paragraphs[-1:]:
        paragraph.paragraph_format.keep_with_next = True


def _describe(word: WordFile, document: Document, title: str, made: datetime) -> None:
    core = word.core_properties
    heads = [block for block in document.blocks if isinstance(block, Letterhead)]
    author = " ".join(heads[0].authority) if heads else ""
    core.title, core.author, core.last_modified_by = title, author, author
    core.language = WORDS[document.language].locale
    core.comments, core.keywords, core.subject, core.category = "", "", "", ""
    core.created = core.modified = _utc(made)
    core.revision = 1


def _utc(made: datetime) -> datetime:
    return made.astimezone(UTC).replace(tzinfo=None) if made.tzinfo else made
