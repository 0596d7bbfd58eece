"""Findings given back: as comments on a copy of the sender's own file, and as one list of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from povsim.findings import Finding, Refusal, Severity, by_severity, masked
from povsim.forms import ANSWER_COLUMNS, FINDINGS_SHEET, SAMPLE_MARK
from povsim.forms.opening import Sheet, opened
from povsim.forms.people import lists_people
from povsim.i18n import Lang, text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

COLOURS = {Severity.ERROR: "F8CBAD", Severity.DOUBT: "FFE699", Severity.NOTE: "DDEBF7"}
HIDDEN_VALUES = {"number_is_text", "unit_name_unknown", "unit_ambiguous"}
"""Findings whose cell may hold a person's name: the copy masks it, the sender has the original."""

COLUMNS = (
    ("severity", 11),
    ("file", 22),
    ("sheet", 14),
    ("cell", 8),
    ("value", 14),
    ("rule", 20),
    ("what", 52),
    ("next", 42),
    ("code", 11),
    ("reason", 32),
    ("other_what", 50),
    ("other_next", 40),
)
"""The columns of the list and their widths; what is wrong stands there in both languages."""


LINE_HEIGHT = 15
PRINTED = 10
"""Columns on paper: what the other language says stays on the screen."""


def write(
    path: Path,
    files: dict[str, Path],
    findings: Sequence[Finding],
    lang: Lang,
    sample: bool = False,
) -> list[Path]:
    """Write findings as workbooks; returns the files written.

    Of one file: `path` is its copy with comments, the list of findings as first sheet. Of
    several: `path` is the list, and each file with findings has its copy beside it. `files`
    holds the paths by the names that findings call them; `sample` says that their figures are of
    the sample. Nothing of a list of people is copied.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    found = by_severity(findings)
    if len(files) == 1:
        ((name, source),) = files.items()
        return [_write_copy(path, source, name, found, lang, sample)]
    made = [_write(path, _list_only(found, lang, sample))]
    for name, source in files.items():
        own = [finding for finding in found if finding.place.file == name]
        if own:
            beside = path.with_name(f"{path.stem}-{name.replace('/', '-')}").with_suffix(".xlsx")
            made.append(_write_copy(beside, source, name, own, lang, sample))
    return made


def _write_copy(
    path: Path, source: Path, name: str, findings: Sequence[Finding], lang: Lang, sample: bool
) -> Path:
    workbook = _copied(source, name)
    _mark(workbook, name, findings, lang)
    _write_list(workbook.create_sheet(FINDINGS_SHEET, 0), findings, lang, sample)
    workbook.active = 0
    return _write(path, workbook)


def _write(path: Path, workbook: Workbook) -> Path:
    saved = BytesIO()
    workbook.save(saved)
    path.write_bytes(saved.getvalue())  # whole or not at all: saving never stops half-way
    return path


def _list_only(findings: Sequence[Finding], lang: Lang, sample: bool) -> Workbook:
    workbook = _empty()
    _write_list(workbook.create_sheet(FINDINGS_SHEET), findings, lang, sample)
    return workbook


def _empty() -> Workbook:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.creator = "povsim"
    return workbook


# --- The copy ------------------------------------------------------------------------------------


def _copied(source: Path, name: str) -> Workbook:
    """The sender's workbook to write on; an empty one where nothing of it can be shown."""
    try:
        content = source.read_bytes()
        sheets = opened(content, name)
    except (OSError, Refusal):
        return _empty()
    shown = [sheet for sheet in sheets if not lists_people(sheet.name, sheet.cells)]
    whole = len(shown) == len(sheets)
    workbook = (_loaded(content) if whole else None) or _rebuilt(shown)
    for title in [t for t in workbook.sheetnames if t == FINDINGS_SHEET]:
        workbook.remove(workbook[title])  # the list of an earlier round
    return workbook


def _loaded(content: bytes) -> Workbook | None:
    """An .xlsx with its looks, without its author; None where it cannot be taken over."""
    from openpyxl import load_workbook
    from openpyxl.packaging.core import DocumentProperties

    if not content.startswith(b"PK"):
        return None
    try:
        workbook = load_workbook(BytesIO(content), keep_links=False)
        workbook.save(BytesIO())
    except Exception:  # any format it does not know: the cells are rebuilt plainly instead
        return None
    workbook.properties = DocumentProperties(creator="povsim")
    return workbook


def _rebuilt(sheets: Iterable[Sheet]) -> Workbook:
    """The cells as they were read, plain."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    workbook = _empty()
    for number, sheet in enumerate(sheets, 1):
        page = workbook.create_sheet(_title(sheet.name, number))
        for row in sheet.cells:
            page.append(
                [ILLEGAL_CHARACTERS_RE.sub("", c) if isinstance(c, str) else c for c in row]
            )
    return workbook


def _title(name: str, number: int) -> str:
    kept = "".join(letter for letter in name if letter not in "[]:*?/\\'" and letter.isprintable())
    return kept[:31].strip() or f"Sheet{number}"


def _mark(workbook: Workbook, name: str, findings: Sequence[Finding], lang: Lang) -> None:
    """A comment and a colour at every place told; what is told of a sheet stands at its A1."""
    told: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        place = finding.place
        if place.file == name and place.sheet in workbook.sheetnames:
            told.setdefault((place.sheet, place.cell or "A1"), []).append(finding)
    for (sheet, address), here in told.items():
        page = workbook[sheet]
        if hasattr(page, "merged_cells"):
            _mark_cell(_anchor(page, address), here, lang)


def _anchor(page: Worksheet, address: str) -> Cell | None:
    """The cell at an address; of merged cells the one that shows."""
    try:
        cell = page[address]
    except ValueError:
        return None
    for merged in page.merged_cells.ranges:
        if address in merged:
            return page.cell(merged.min_row, merged.min_col)
    return cell


def _mark_cell(cell: Cell | None, findings: Sequence[Finding], lang: Lang) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    if cell is None:
        return
    if any(finding.rule in HIDDEN_VALUES for finding in findings):
        cell.value = masked(cell.value)
    lines = [f"{f.what(lang)}\n→ {f.next_step(lang)}" for f in findings]
    cell.comment = Comment("\n\n".join(lines), "povsim", height=60 + 70 * len(lines), width=360)
    cell.fill = PatternFill("solid", fgColor=COLOURS[findings[0].severity])


# --- The list ------------------------------------------------------------------------------------


def _write_list(page: Worksheet, findings: Sequence[Finding], lang: Lang, sample: bool) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    page.append([_heading(name, lang) for name, _ in COLUMNS])
    for finding in findings:
        told = _row(finding, lang)
        page.append(told)
        page.row_dimensions[page.max_row].height = LINE_HEIGHT * _lines(told)
        page.cell(page.max_row, 1).fill = PatternFill("solid", fgColor=COLOURS[finding.severity])
    for row in page.iter_rows():
        for cell in row:
            cell.font = Font(name="Times New Roman", bold=cell.row == 1)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, (_, width) in enumerate(COLUMNS, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.freeze_panes = "A2"
    page.print_area = f"A1:{get_column_letter(PRINTED)}{page.max_row}"
    if sample:
        mark = page.cell(1, len(COLUMNS) + 1, SAMPLE_MARK)
        mark.font = Font(name="Times New Roman", bold=True, color="B00020")
        page.oddHeader.center.text = SAMPLE_MARK
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _lines(told: Sequence[Any]) -> int:
    """How many lines the longest cell of a row takes in its column."""
    widths = (width for _, width in COLUMNS)
    return max(-(-len(str(text)) // width) for text, width in zip(told, widths, strict=True)) or 1


def _heading(name: str, lang: Lang) -> str:
    """The answers' columns are called the same in both languages: they are read back by name."""
    answers = dict(zip(("code", "reason"), ANSWER_COLUMNS, strict=True))
    return answers.get(name) or text(f"findings.{name}", lang)


def _row(finding: Finding, lang: Lang) -> list[Any]:
    other: Lang = "en" if lang == "vi" else "vi"
    place, doubted = finding.place, finding.severity is Severity.DOUBT
    return [
        text(f"severity.{finding.severity}", lang),
        place.file,
        place.sheet,
        place.cell,
        finding.value,
        finding.rule,
        finding.what(lang),
        finding.next_step(lang),
        finding.code if doubted else "",
        finding.reason,
        finding.what(other),
        finding.next_step(other),
    ]
