"""The Word file's own furniture: styles, page, grids, ruled tables, rules and fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from povsim.report import page
from povsim.report.inline import runs
from povsim.report.page import A4

if TYPE_CHECKING:
    from docx.document import Document as WordFile
    from docx.shared import Length
    from docx.styles.style import ParagraphStyle
    from docx.table import Table, _Cell, _Row
    from docx.text.paragraph import Paragraph

TYPEFACE = "Times New Roman"
FACES = ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs")
WORD_VERSION = "15"
"""Of Word 2013 and later; without it Word opens the file in compatibility mode."""
BODY, SUBJECT, CAPTION, PICTURE = "Body Text", "Subtitle", "Caption", "Hình"
CELL, NOTE, NOTICE = "Ô bảng", "Ghi chú", "Lưu ý"
OWN_STYLES = (PICTURE, CELL, NOTE, NOTICE)
HEADER_SHADE = "F0F0F0"
NOTICE_PADDING = 7


@dataclass(frozen=True)
class Line:
    """A line of plain text in one style."""

    text: str
    points: float
    bold: bool = False
    italic: bool = False


def mm(value: float) -> Length:
    """A length in millimetres as Word's own."""
    from docx.shared import Mm

    return Mm(value)


def points(value: float) -> Length:
    """A length in points as Word's own."""
    from docx.shared import Pt

    return Pt(value)


def empty_file(locale: str) -> WordFile:
    """A file without content: the decree's page, our styles, the page number at the top."""
    from docx import Document

    word = Document()
    _page(word)
    _language(word, locale)
    _styles(word)
    _page_number(word)
    _modern(word)
    _drop_thumbnail(word)
    return word


def marked(paragraph: Paragraph, text: str, *, slanted: bool = False) -> None:
    """Add a line of markdown to a paragraph; in a slanted one, what stands out is upright."""
    for each in runs(text):
        run = paragraph.add_run(each.text)
        run.bold = each.bold or None
        run.italic = (not slanted) if each.italic else None


def spacer(word: WordFile) -> None:
    """A small empty paragraph: Word would join two tables that nothing keeps apart."""
    layout = word.add_paragraph(style=CELL).paragraph_format
    layout.space_before = layout.space_after = points(0)
    layout.line_spacing = points(10)


def no_distance(inline: Any) -> None:
    """Let a picture use the whole line; some programs keep a distance where none is given."""
    for side in ("distT", "distB", "distL", "distR"):
        inline.set(side, "0")


def grid(
    word: WordFile, rows: int, widths: Sequence[float], before: float = 0
) -> list[tuple[_Cell, ...]]:
    """A table without borders, as cells by row; its rows stay whole. Widths in millimetres."""
    table = word.add_table(rows, len(widths))
    _set_widths(table, widths)
    _margins(table, 0)
    for row in table.rows:
        _property(row._tr.get_or_add_trPr(), "w:cantSplit")
    for cell in table.rows[0].cells:
        cell.paragraphs[0].paragraph_format.space_before = points(before)
    return [tuple(row.cells) for row in table.rows]


def fill(
    cell: _Cell, lines: Sequence[Line], *, align: str = "center", rule: float = 0, width: float = 0
) -> None:
    """Write lines into a cell of a grid; `rule` is the length of the rule below.

    It is a part of the last line's length; `width` is the width of the cell in millimetres.
    """
    paragraph = cell.paragraphs[0]
    for number, line in enumerate(lines):
        paragraph = paragraph if number == 0 else cell.add_paragraph()
        paragraph.style = CELL
        paragraph.alignment = _alignment(align)
        paragraph.paragraph_format.space_after = points(0)
        _write(paragraph, line)
    if rule:
        length = min(page.text_mm(lines[-1].text, lines[-1].points), width) * rule
        _rule_below(cell, (width - length) / 2)


def ruled_table(word: WordFile, rows: int, widths: Sequence[float], title: str) -> Table:
    """A table with borders, centred, named for those who cannot see it."""
    table: Table = word.add_table(rows, len(widths), style="Table Grid")
    _set_widths(table, widths)
    _margins(table, A4.cell_mm)
    _property(table._tbl.tblPr, "w:tblCaption", val=title)
    return table


def row(cells: _Row, lines: Sequence[Line], aligns: Sequence[str], heading: bool = False) -> None:
    """Write one row of a ruled table, never split; a heading row repeats on every page."""
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT

    _property(cells._tr.get_or_add_trPr(), "w:cantSplit")
    if heading:
        _property(cells._tr.get_or_add_trPr(), "w:tblHeader")
    for cell, line, align in zip(cells.cells, lines, aligns, strict=True):
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.style = CELL
        paragraph.alignment = _alignment(align)
        _write(paragraph, line)
        if heading:
            _shade(cell)


def keep_rows(table: Table, *, whole: bool, below: bool) -> None:
    """Hold the rows together: all of them, or the heading and the first two, and the last two."""
    last = len(table.rows) - 1
    for number, each in enumerate(table.rows):
        near_an_edge = number in (0, 1) or number == last - 1
        kept = below if number == last else whole or near_an_edge
        for cell in each.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = kept


def rule(paragraph: Paragraph, indent: float) -> None:
    """Make an empty paragraph a horizontal rule, so many millimetres in from both sides."""
    from docx.enum.text import WD_LINE_SPACING

    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = mm(indent)
    layout.first_line_indent = mm(0)
    layout.space_before, layout.space_after = points(2), points(0)
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    layout.line_spacing = points(4)
    _borders(paragraph._p.get_or_add_pPr(), ("top",), "1")


def _rule_below(cell: _Cell, indent: float) -> None:
    paragraph = cell.add_paragraph(style=CELL)
    rule(paragraph, indent)


def _write(paragraph: Paragraph, line: Line) -> None:
    run = paragraph.add_run(line.text)
    run.font.size = points(line.points)
    run.bold, run.italic = line.bold or None, line.italic or None


def _alignment(align: str) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    return getattr(WD_ALIGN_PARAGRAPH, align.upper())


def _page(word: WordFile) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = mm(A4.width_mm), mm(A4.height_mm)
    section.top_margin, section.bottom_margin = mm(A4.top_mm), mm(A4.bottom_mm)
    section.left_margin, section.right_margin = mm(A4.left_mm), mm(A4.right_mm)
    section.header_distance = section.footer_distance = mm(A4.page_number_mm)
    section.gutter = mm(0)
    section.different_first_page_header_footer = True


def _styles(word: WordFile) -> None:
    from docx.enum.style import WD_STYLE_TYPE

    for name in OWN_STYLES:
        word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = word.styles["Normal"]
    _style(word, "Normal", A4.body_pt)
    _style(word, BODY, A4.body_pt, align="justify", indent=A4.indent_mm)
    for level in (1, 2, 3):
        name = f"Heading {level}"
        _style(word, name, A4.body_pt, True, level == 3, "left", indent=A4.indent_mm, kept=True)
        word.styles[name].paragraph_format.space_before = points(10 if level == 1 else 4)
    _style(word, SUBJECT, A4.subject_pt, True, align="center", after=0, kept=True)
    _style(word, CAPTION, A4.table_title_pt, True, align="center", kept=True)
    word.styles[CAPTION].paragraph_format.space_before = points(A4.gap_pt)
    _style(word, PICTURE, A4.body_pt, align="center", lines=1, kept=True)
    word.styles[PICTURE].paragraph_format.space_before = points(A4.gap_pt)
    _style(word, CELL, 12, lines=1, after=2)
    word.styles[CELL].paragraph_format.space_before = points(2)
    _style(word, NOTE, A4.note_pt, italic=True, lines=1, after=10)
    word.styles[NOTE].paragraph_format.space_before = points(3)
    _style(word, NOTICE, A4.note_pt, after=12)
    word.styles[NOTICE].paragraph_format.left_indent = points(NOTICE_PADDING)
    word.styles[NOTICE].paragraph_format.right_indent = points(NOTICE_PADDING)
    _borders(
        word.styles[NOTICE].element.get_or_add_pPr(),
        ("top", "left", "bottom", "right"),
        str(NOTICE_PADDING),
    )
    _style(word, "Header", A4.page_number_pt, align="center", after=0, lines=1)


def _style(
    word: WordFile,
    name: str,
    size: float,
    bold: bool = False,
    italic: bool = False,
    align: str = "left",
    *,
    indent: float = 0,
    after: float = A4.gap_pt,
    lines: float = A4.line_spacing,
    kept: bool = False,
) -> None:
    from docx.shared import RGBColor

    style: ParagraphStyle = word.styles[name]
    _typeface(style.element.get_or_add_rPr())
    style.font.size, style.font.bold, style.font.italic = points(size), bold, italic
    style.font.color.rgb = RGBColor(0, 0, 0)
    layout = style.paragraph_format
    layout.alignment, layout.first_line_indent = _alignment(align), mm(indent)
    layout.space_before, layout.space_after = points(0), points(after)
    layout.line_spacing, layout.keep_with_next = lines, kept
    layout.widow_control = True


def _typeface(properties: Any) -> None:
    """Set the face for every script; the template's theme faces would win otherwise."""
    from docx.oxml.ns import qn

    faces = properties.get_or_add_rFonts()
    faces.attrib.clear()
    for script in FACES:
        faces.set(qn(script), TYPEFACE)
    for name in ("w:spacing", "w:kern", "w:szCs", "w:bCs", "w:iCs"):
        for found in properties.findall(qn(name)):
            properties.remove(found)


def _language(word: WordFile, locale: str) -> None:
    from docx.oxml.ns import qn

    defaults = word.styles.element.find(".//" + qn("w:rPrDefault")).find(qn("w:rPr"))
    _typeface(defaults)
    for language in word.styles.element.iter(qn("w:lang")):
        for script in ("w:val", "w:eastAsia"):
            language.set(qn(script), locale)
    for theme in word.settings.element.findall(qn("w:themeFontLang")):
        theme.set(qn("w:val"), locale)


def _page_number(word: WordFile) -> None:
    """The field that Word fills; the first page has a header of its own, left empty."""
    section = word.sections[0]
    section.first_page_header.is_linked_to_previous = False
    run = section.header.paragraphs[0].add_run()
    run.font.size = points(A4.page_number_pt)
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            _property(run._r, "w:instrText").text = "PAGE"
        _property(run._r, "w:fldChar", fldCharType=kind)


def _modern(word: WordFile) -> None:
    """Say which Word the file is for."""
    from docx.oxml.ns import qn

    settings = word.settings.element
    compat = settings.find(qn("w:compat"))
    compat = _property(settings, "w:compat") if compat is None else compat
    _property(
        compat,
        "w:compatSetting",
        name="compatibilityMode",
        uri="http://schemas.microsoft.com/office/word",
        val=WORD_VERSION,
    )


def _drop_thumbnail(word: WordFile) -> None:
    """The template's picture of an empty page is none of ours."""
    package = word.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[key]


def _set_widths(table: Table, widths: Sequence[float]) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT

    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = mm(width)
    for each in table.rows:
        for cell, width in zip(each.cells, widths, strict=True):
            cell.width = mm(width)


def _margins(table: Table, width: float) -> None:
    margins = _property(table._tbl.tblPr, "w:tblCellMar")
    for side in ("left", "right"):
        _property(margins, f"w:{side}", w=str(round(width * 1440 / 25.4)), type="dxa")


def _shade(cell: _Cell) -> None:
    _property(cell._tc.get_or_add_tcPr(), "w:shd", val="clear", color="auto", fill=HEADER_SHADE)


def _borders(properties: Any, sides: Sequence[str], space: str) -> None:
    borders = _property(properties, "w:pBdr")
    width = str(round(A4.rule_pt * 8))
    for side in sides:
        _property(borders, f"w:{side}", val="single", sz=width, space=space, color="000000")


def _property(parent: Any, tag: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    parent.append(element)
    return element
