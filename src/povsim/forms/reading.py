"""Official workbooks in: which form a table is, where its cells stand, what each cell says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from povsim.findings import Finding, Place, Refusal, Severity, errors
from povsim.forms import headings
from povsim.forms.catalogue import forms
from povsim.forms.description import Form, key_of
from povsim.forms.lettering import Lettering, unicode_of
from povsim.forms.marks import address
from povsim.forms.numbers import LARGEST_COUNT, Slip, count_of, share_of
from povsim.forms.opening import Sheet, opened
from povsim.forms.people import lists_people, masked_sheet_name
from povsim.units import folded
from povsim.vocabulary import Period

TOTAL_NAMES = ("tong", "cong", "toan huyen", "toan xa", "toan tinh")
"""How the label of a total row begins, folded; no unit's name begins so (a test says it)."""
LINE_NAMES = {"ho": "households", "nhan khau": "persons", "khau": "persons"}
ANSWER_COLUMNS = ("Mã nghi vấn", "Lý do, nếu đúng là vậy")
"""Where the list of findings has a doubt's code, and the sender's answer to it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a form: whose, what it counts, its counts and printed percentages by item.

    An item that was left blank is absent: missing is not zero. `faulty` holds the items whose
    cell says something that is no number; a finding tells it.
    """

    name: str
    line: str
    number: int
    counts: dict[str, int]
    shares: dict[str, tuple[float, int]]
    """Printed percentage and the decimals it was printed with."""
    faulty: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a code row puts the columns of a form (0-based), and the columns that it lacks."""

    columns: dict[str, int]
    counted: tuple[tuple[str, int], ...]
    printed: tuple[tuple[str, int], ...]
    name: int
    line: int | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormSheet:
    """One table recognised as a form; a form over several sheets is several of these."""

    form: Form
    file: str
    sheet: str
    period: Period
    sample: bool
    layout: Layout
    code_row: int
    unit_code: str
    rows: list[Row]

    @property
    def year(self) -> int:
        return self.period.year

    def place(self, row: Row, item: str | None = None) -> Place:
        """Where a row, or one of its cells, stands; with no item, the name's cell."""
        column = self.layout.name if item is None else self.layout.columns[item]
        return Place(self.file, self.sheet, address(row.number, column))


@dataclass
class Reading:
    """What one file gave: its form sheets, everything wrong with it, and answers to doubts."""

    file: str
    sheets: list[FormSheet] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    def tell(self, rule: str, place: Place, note: bool = False, **values: object) -> None:
        """Record a finding."""
        severity = Severity.NOTE if note else Severity.ERROR
        self.findings.append(Finding(rule, place, severity, dict(values)))


@dataclass(frozen=True, slots=True)
class Table:
    """A stretch of a sheet: the rows above its code row, the code row, the rows below."""

    start: int
    code_row: int
    stop: int


def is_total(label: str) -> bool:
    """Whether a row's label is that of a total.

    >>> is_total("Tổng cộng:"), is_total("Toàn huyện"), is_total("Tân Lập")
    (True, True, False)
    """
    return folded(label).startswith(TOTAL_NAMES)


def read(path: Path, name: str | None = None) -> Reading:
    """Read one file; never raises for what is wrong with it.

    `name` is what findings call the file; its own name unless said. Returns the tables that are
    forms, and findings for the file, its sheets and its cells.
    """
    called = name or path.name
    try:
        content = path.read_bytes()
    except OSError as error:
        reading = Reading(called)
        reading.tell("file_not_read", Place(called), reason=error.strerror or type(error).__name__)
        return reading
    return read_content(content, called)


def read_content(content: bytes, name: str) -> Reading:
    """Read a file from its bytes; a list of people in it refuses the file whole."""
    reading = Reading(name)
    try:
        sheets = opened(content, name)
    except Refusal as refusal:
        reading.findings += refusal.findings
        return reading
    in_unicode = [_in_unicode(sheet) for sheet in sheets]
    lists = [sheet for sheet, _ in in_unicode if lists_people(sheet.name, sheet.cells)]
    for sheet in lists:
        reading.tell("named_list", Place(name, masked_sheet_name(sheet.name)))
    for sheet, lettering in in_unicode if not lists else []:
        _read_sheet(reading, sheet, lettering)
    _hold_parts_together(reading)
    if not any(sheet.rows for sheet in reading.sheets) and not (
        errors(reading.findings) or reading.answers
    ):
        reading.tell("no_form_in_file", Place(name), forms=", ".join(forms()))
    return reading


# --- A sheet -------------------------------------------------------------------------------------


def _in_unicode(sheet: Sheet) -> tuple[Sheet, Lettering]:
    cells, lettering = unicode_of(sheet.cells)
    return (replace(sheet, cells=cells) if lettering else sheet), lettering


def _read_sheet(reading: Reading, sheet: Sheet, lettering: Lettering) -> None:
    if sheet.name == headings.FINDINGS_SHEET:
        reading.answers |= dict(_answers(sheet.cells))
    if sheet.name in headings.OUR_SHEETS:
        return
    if lettering == "unknown":
        reading.tell("text_unknown", Place(reading.file, sheet.name))
        return
    if lettering:
        place = Place(reading.file, sheet.name)
        reading.tell("text_legacy", place, note=True, kind=lettering)
    tables = list(_tables(sheet.cells))
    if not tables:
        _tell_no_table(reading, sheet)
    for table in tables:
        _read_table(reading, sheet, table, alone=len(tables) == 1)


def _answers(cells: list[list[Any]]) -> Iterator[tuple[str, str]]:
    """The reasons that a sender wrote beside doubts, by their codes."""
    head, *rows = cells or [[]]
    if all(column in head for column in ANSWER_COLUMNS):
        code, reason = (head.index(column) for column in ANSWER_COLUMNS)
        yield from ((str(row[code]), str(row[reason])) for row in rows if row[code] and row[reason])


def _tell_no_table(reading: Reading, sheet: Sheet) -> None:
    place = Place(reading.file, sheet.name)
    form = headings.heard_in(sheet.cells).form
    form = headings.form_named(sheet.name) or form
    if form:
        reading.tell("code_row_missing", place, form=form, codes="A, B, 1, 2, 3 …")
    elif sheet.cells and not sheet.hidden:
        reading.tell("sheet_ignored", place, note=True, forms=", ".join(forms()))


def _tables(cells: list[list[Any]]) -> Iterator[Table]:
    """The tables of a sheet, one below the other; each begins with the head of its code row."""
    code_rows = [number for number, row in enumerate(cells) if _is_code_row(row)] or [
        number for number, row in enumerate(cells) if _is_code_row(list(map(_written, row)))
    ]
    starts = [0, *(_head_start(cells, *pair) for pair in pairwise(code_rows))]
    stops = [*starts[1:], len(cells)]
    for start, code_row, stop in zip(starts, code_rows, stops, strict=False):
        yield Table(start, code_row, stop)


def _is_code_row(row: list[Any]) -> bool:
    """A row of column codes begins with A and B and goes on to 1 (or a later page's first code)."""
    if "A" not in row or "B" not in row:
        return False
    if 1.0 in row or "1" in row:  # mostly
        return True
    return any(re.fullmatch(r"\d+(\.\d+)*", _code(cell)) for cell in row)


def _head_start(cells: list[list[Any]], above: int, code_row: int) -> int:
    """Where the head of a lower table begins: at its title, else just above its headings."""
    for number in range(above + 1, code_row):
        if headings.heard_in([cells[number]]).form:
            return number
    return max(above + 1, code_row - 3)


def _code(cell: object) -> str:
    return key_of(_written(cell))


def _written(cell: object) -> str:
    """A cell as text; a code typed as a number keeps its digits (`23485`, not `23485.0`)."""
    if isinstance(cell, str):
        return cell.strip()
    whole = isinstance(cell, float) and cell.is_integer()
    return f"{cell:.0f}" if whole else str(cell)


# --- A table -------------------------------------------------------------------------------------


def _read_table(reading: Reading, sheet: Sheet, table: Table, alone: bool) -> None:
    place = Place(reading.file, sheet.name)
    head = headings.heard_in(sheet.cells[table.start : table.code_row])
    named = headings.form_named(sheet.name) if alone else ""
    if named and head.form and named != head.form:
        reading.tell("form_contradicts", place, named=named, titled=head.form)
        return
    form = forms().get(named or head.form)
    if form is None:
        reading.tell("sheet_ignored", place, note=True, forms=", ".join(forms()))
        return
    period = head.period or _period_above(reading, sheet.name)
    layout = layout_of(form.id, *sheet.cells[table.code_row])
    if _usable(reading, form, place, period) and period is not None:
        found = FormSheet(
            form=form,
            file=reading.file,
            sheet=sheet.name,
            period=period,
            sample=head.sample,
            layout=layout,
            code_row=table.code_row,
            unit_code=head.unit_code,
            rows=[],
        )
        _tell_hidden(reading, found, sheet)
        found.rows.extend(_rows(reading, found, sheet, table))
        reading.sheets.append(found)


def _period_above(reading: Reading, sheet: str) -> Period | None:
    """A lower table of the same sheet takes the time from the one above it."""
    last = reading.sheets[-1] if reading.sheets else None
    return last.period if last and last.sheet == sheet else None


def _usable(reading: Reading, form: Form, place: Place, period: Period | None) -> bool:
    """Whether the table's time is one its form is made for."""
    if period is None:
        reading.tell("year_missing", place, form=form.id)
    elif period.whole != (form.due == "review"):
        rule = "period_is_part" if form.due == "review" else "period_is_year"
        reading.tell(rule, place, form=form.id, period=str(period))
    else:
        return True
    return False


# By type: a cache that took TRUE for 1 would let one odd file spoil the next good one.
@lru_cache(maxsize=512, typed=True)
def layout_of(form_id: str, *code_row: object) -> Layout:
    """Where a form's columns stand, by its row of codes."""
    form = forms()[form_id]
    codes = list(enumerate(map(_code, code_row)))
    at = {code: number for number, code in reversed(codes) if code}
    columns = {c.item: at[c.key] for c in form.columns if c.key in at}
    return Layout(
        columns=columns,
        counted=tuple((c.item, at[c.key]) for c in form.counts if c.key in at),
        printed=tuple((c.item, at[c.key]) for c in form.shares if c.key in at),
        name=at["B"],
        line=at.get("C"),
        missing=tuple(c.key for c in form.columns if c.key not in at),
    )


def _hold_parts_together(reading: Reading) -> None:
    """A form may go on over several sheets; columns that none of them has are missing."""
    for _, group in groupby(sorted(reading.sheets, key=_form_and_time), _form_and_time):
        parts = list(group)
        missing = set.intersection(*(set(part.layout.missing) for part in parts))
        if not missing:
            continue
        for part in parts:
            reading.sheets.remove(part)
        first = parts[0]
        listed = ", ".join(key for key in first.layout.missing if key in missing)
        place = Place(first.file, first.sheet, address(first.code_row, 0))
        reading.tell("column_missing", place, form=first.form.id, columns=listed)


def _form_and_time(sheet: FormSheet) -> tuple[str, Period]:
    return sheet.form.id, sheet.period


def _tell_hidden(reading: Reading, found: FormSheet, sheet: Sheet) -> None:
    """What is hidden is read all the same, and told: the sender may not know it is there."""
    if sheet.hidden:
        place = Place(found.file, found.sheet)
        reading.tell("sheet_hidden", place, note=True, form=found.form.id)
    for column in sorted(sheet.hidden_columns.intersection(found.layout.columns.values())):
        where = Place(found.file, found.sheet, address(found.code_row, column))
        reading.tell("column_hidden", where, note=True, form=found.form.id)


# --- Rows ----------------------------------------------------------------------------------------


def _rows(reading: Reading, sheet: FormSheet, source: Sheet, table: Table) -> Iterator[Row]:
    name = ""
    line_column = sheet.layout.line
    for number in range(table.code_row + 1, table.stop):
        row = source.cells[number]
        written = _name(row, sheet.layout.name)
        line = _line(sheet.form, row, line_column)
        if not _holds_data(sheet, row, written, line, line_column is not None):
            continue
        name = written or ("" if line == sheet.form.lines[0] else name)
        if not line:
            place = Place(sheet.file, sheet.sheet, address(number, line_column or 0))
            reading.tell("line_unknown", place, form=sheet.form.id)
            continue
        if number in source.hidden_rows:
            place = Place(sheet.file, sheet.sheet, address(number, sheet.layout.name))
            reading.tell("row_hidden", place, note=True, form=sheet.form.id)
        yield _row(reading, sheet, source, number, name, line)


def _holds_data(sheet: FormSheet, row: list[Any], name: str, line: str, lined: bool) -> bool:
    """Whether a row is one of the table: not a blank line, a note, a date or a signature below.

    Words in most cells of a named row are slips; a few words, or nobody's, are not its business.
    """
    if lined and line:
        return True
    columns = sheet.layout.columns.values()
    filled = len([column for column in columns if row[column] != ""])
    if filled and _only_words(row):
        return bool(name) and 2 * filled > len(columns)
    return filled > 0


def _only_words(row: list[Any]) -> bool:
    """Whether no cell is a number, nor text that is one but for its letters."""
    return all(isinstance(cell, str) and not re.fullmatch(r"[\d.,%\s]+", cell) for cell in row)


def _name(row: list[Any], column: int) -> str:
    """Whose row it is; the label of a total often starts in the column before."""
    name = _written(row[column])
    if name:
        return name
    before = _written(row[max(column - 1, 0)])
    return before if before and is_total(before) else ""


def _line(form: Form, row: list[Any], line_column: int | None) -> str:
    if len(form.lines) == 1:
        return form.lines[0]
    if line_column is None:
        return ""
    return LINE_NAMES.get(folded(str(row[line_column])), "")


def _row(
    reading: Reading, sheet: FormSheet, source: Sheet, number: int, name: str, line: str
) -> Row:
    cells = source.cells[number]
    counts: dict[str, int] = {}
    shares: dict[str, tuple[float, int]] = {}
    slips: dict[str, Slip] = {}
    for item, column in sheet.layout.counted:
        cell = cells[column]
        if type(cell) is float and 0 <= cell <= LARGEST_COUNT and cell.is_integer():
            counts[item] = int(cell)  # the ordinary cell, at once
        elif cell != "":
            value, slip = count_of(cell, source.text_only)
            counts |= {} if value is None else {item: value}
            slips |= {} if slip is None else {item: slip}
    for item, column in sheet.layout.printed:
        cell = cells[column]
        if cell != "":
            share, slip = share_of(cell)
            shares |= {} if share is None else {item: share}
            slips |= {} if slip is None else {item: slip}
    slips |= _unsaved(sheet, source, number) if source.unsaved else {}
    row = Row(name, line, number, counts, shares, frozenset(slips))
    for item, slip in slips.items():
        reading.tell(slip.rule, sheet.place(row, item), slip.note, **slip.values)
    return row


def _unsaved(sheet: FormSheet, source: Sheet, number: int) -> dict[str, Slip]:
    """Formulas whose result was never saved with the file: their cells look blank."""
    at = sheet.layout.columns.items()
    return {
        item: Slip("formula_not_saved") for item, column in at if (number, column) in source.unsaved
    }
