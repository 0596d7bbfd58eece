"""The first sheet of a workbook to fill: who fills it, by when, how, and by which rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from povsim.forms import manual, styles
from povsim.forms.description import Form
from povsim.forms.writing import font, frame
from povsim.i18n import Lang, text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

WIDTHS = {"A": 7, "B": 108, "C": 42}
CHARACTERS = 136
"""Letters that column B holds in one line."""
LINE_HEIGHT = 16


@dataclass(frozen=True)
class Guide:
    """What the guide speaks of: whose forms, of which time, and which of them are due.

    `checked`: there is a sheet of rules. `opens`: forms say again what the review before found,
    known from the release `release` or not (None). `statuses` say how far each form is.
    """

    place: str
    span: str
    mark: str
    whole_year: bool
    checked: bool
    opens: bool
    forms: Sequence[Form]
    due: Sequence[Form]
    release: int | None
    statuses: Mapping[str, str]
    lang: Lang


class _Pen:
    """Writes one row after the other."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.row = 0

    def write(self, *values: str, framed: bool = False) -> int:
        """One row from column A; returns its number."""
        self.row += 1
        for column, value in enumerate(values, 1):
            cell = self.sheet.cell(self.row, column, value)
            styles.place(cell, "left" if column == 2 else "center")
            if framed:
                frame(cell)
            cell.font = font(size=12)
        longest = max(len(values[1]) if len(values) > 1 else 0, 1)
        self.sheet.row_dimensions[self.row].height = LINE_HEIGHT * -(-longest // CHARACTERS)
        return self.row

    def head(self, words: str) -> None:
        """A heading, with a row of air above."""
        self.row += 2
        cell = self.sheet.cell(self.row, 1, words)
        cell.font = font(bold=True, size=12)


def write_guide(sheet: Worksheet, guide: Guide) -> None:
    """Fill the sheet; every text comes from the catalogue or from the forms' descriptions."""
    pen = _Pen(sheet)
    _write_title(pen, guide)
    for number, key in enumerate(_steps(guide), 1):
        pen.write(str(number), _step(key, guide))
    _write_forms(pen, guide)
    _write_rules(pen, guide)
    for letter, width in WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    styles.set_page(sheet)


def _write_title(pen: _Pen, guide: Guide) -> None:
    lines = [text("guide.title", guide.lang), f"{guide.place} – {guide.span}", guide.mark]
    for row, (words, size) in enumerate(zip(lines, (15, 13, 13), strict=True), 1):
        cell = pen.sheet.cell(row, 1, words or None)
        cell.font = font(bold=True, size=size, color="B00020" if row == 3 else "000000")
    pen.row = 4


def _steps(guide: Guide) -> Iterator[str]:
    """The keys of what is to be known, in the order it is needed."""
    yield "who"
    yield "when_review" if guide.whole_year else "when_within_year"
    yield "colours"
    if guide.whole_year:
        yield "order"
    yield "numbers"
    if guide.opens:
        yield "opening_open" if guide.release is None else "opening_known"
    if guide.checked:
        yield "checks"
    yield from ("layout", "privacy", "send")
    if not all(form.verified for form in guide.forms):
        yield "unverified"


def _step(key: str, guide: Guide) -> str:
    unverified = ", ".join(form.id for form in guide.forms if not form.verified)
    return text(
        f"guide.{key}", guide.lang, place=guide.place, release=guide.release, forms=unverified
    )


def _write_forms(pen: _Pen, guide: Guide) -> None:
    """What each form holds and how far it is; and whether the figures are final."""
    pen.head(text("guide.forms", guide.lang))
    for form in guide.forms:
        row = pen.write(form.id, _about(form, guide), guide.statuses[form.id], framed=True)
        styles.colour_status(pen.sheet, f"C{row}", guide.lang)
    row = pen.write("", text("guide.standing", guide.lang), "", framed=True)
    cell = pen.sheet.cell(row, 3)
    styles.open_to_type(cell)
    styles.colour_where(pen.sheet, f"C{row}", f"ISBLANK(C{row})", styles.YELLOW)
    styles.offer(pen.sheet, [f"C{row}"], _standings(guide.lang), guide.lang)


def _standings(lang: Lang) -> list[str]:
    return [text(f"release_status.{status}", lang) for status in ("preliminary", "official")]


def _about(form: Form, guide: Guide) -> str:
    """What a form holds, and what it counts where that is not households alone."""
    lines = ", ".join(manual.line_name(line, guide.lang) for line in form.lines)
    return f"{manual.holds(form, guide.lang)} ({lines})"


def _write_rules(pen: _Pen, guide: Guide) -> None:
    pen.head(text("guide.rules", guide.lang))
    for form in guide.due:
        for rule in _rules(form, guide):
            pen.write(form.id, rule)


def _rules(form: Form, guide: Guide) -> Iterable[str]:
    yield from manual.rules_within(form, guide.lang)
    yield from manual.rules_with_others(form, guide.lang)
    yield from manual.rules_with_last_year(form, guide.lang)
    yield from manual.rules_within_year(form, guide.lang)
