"""The page of a Vietnamese administrative paper, one set of measures for every writer.

Source: Annex I of Decree 30/2020/NĐ-CP of 5 March 2020 (Phụ lục I, "Thể thức, kỹ thuật trình bày
văn bản hành chính và bản sao văn bản"). Where the annex gives a range, the value lies inside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from povsim.i18n import Lang

MM_PER_POINT = 25.4 / 72
NARROW_TABLE = 7
"""Columns up to which a table keeps the larger type."""
KEPT_ROWS = 14
"""Rows up to which a table stays on one page; a longer one breaks between rows."""


@dataclass(frozen=True)
class Page:
    """Lengths in millimetres (`_mm`), type sizes in points (`_pt`), spacing in lines."""

    width_mm: float = 210
    height_mm: float = 297
    top_mm: float = 20
    bottom_mm: float = 20
    left_mm: float = 30
    right_mm: float = 15
    page_number_mm: float = 10
    authority_mm: float = 64
    indent_mm: float = 10
    picture_mm: float = 190
    cell_mm: float = 1.2
    gap_pt: float = 6
    line_spacing: float = 1.15
    font_line: float = 1.149
    authority_pt: float = 13
    number_pt: float = 13
    nation_pt: float = 13
    motto_pt: float = 14
    date_pt: float = 14
    subject_pt: float = 14
    body_pt: float = 14
    page_number_pt: float = 14
    signer_pt: float = 14
    signing_room_pt: float = 84
    recipients_title_pt: float = 12
    recipients_pt: float = 11
    table_title_pt: float = 13
    note_pt: float = 12
    rule_pt: float = 0.75
    short_rule: float = 0.4

    @property
    def text_mm(self) -> float:
        """The width between the margins."""
        return self.width_mm - self.left_mm - self.right_mm


A4 = Page()


@dataclass(frozen=True)
class Words:
    """What the paper says by itself, in one language."""

    locale: str
    nation: str
    motto: str
    date: str
    recipients: str


WORDS: dict[Lang, Words] = {
    "vi": Words(
        locale="vi-VN",
        nation="CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        motto="Độc lập - Tự do - Hạnh phúc",
        date="{place}, ngày     tháng     năm {year}",
        recipients="Nơi nhận:",
    ),
    "en": Words(
        locale="en-GB",
        nation="SOCIALIST REPUBLIC OF VIET NAM",
        motto="Independence - Freedom - Happiness",
        date="{place},                {year}",
        recipients="Recipients:",
    ),
}


def blanks(text: str) -> str:
    """A text whose runs of spaces, left to be filled by hand, no program may close up.

    >>> blanks("Số:   /BC-UBND").count(chr(0xA0))
    3
    """
    return re.sub(" {2,}", lambda run: "\N{NO-BREAK SPACE}" * len(run[0]), text)


def date_line(place: str, year: int, language: Lang) -> str:
    """The place and date, day and month left open for the pen."""
    return blanks(WORDS[language].date.format(place=place, year=year))


def recipient_lines(recipients: Sequence[str]) -> tuple[str, ...]:
    """The lines below "Nơi nhận": a dash before, a semicolon after, a full stop at the end.

    >>> recipient_lines(["Thường trực Huyện ủy (b/c)", "Lưu: VT"])
    ('- Thường trực Huyện ủy (b/c);', '- Lưu: VT.')
    """
    bare = [recipient.strip().removeprefix("-").strip(" ;.") for recipient in recipients]
    ends = [";"] * (len(bare) - 1) + ["."]
    return tuple(f"- {line}{end}" for line, end in zip(bare, ends, strict=True))


def table_pt(columns: int) -> float:
    """The type size of a table: smaller where the columns are many."""
    return 12 if columns <= NARROW_TABLE else 11


def text_mm(text: str, points: float) -> float:
    """About how wide a bold line in the serif face prints; within a tenth of the true width.

    Word draws no rule "as long as the text", so the writer has to know the length.
    """
    return sum(map(_advance, text)) * points * MM_PER_POINT


def _advance(letter: str) -> float:
    if letter.isupper():
        return 0.72
    return 0.26 if not letter.isalnum() else 0.5
