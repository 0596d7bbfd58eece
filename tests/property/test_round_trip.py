"""What is written is read: every count and share of a made-up province, in every kind of file."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import copies
import pytest
from copies import Key, Province, csvs, office, rewritten, texts

from povsim import forms, intake
from povsim.findings import Severity
from povsim.forms import Reading
from povsim.plan import Plan

SMALL, WHOLE = (2, (2023,)), (100, range(2021, 2025))
Make = Callable[[Sequence[Path], Path], list[Path]]


@dataclass(frozen=True)
class Kind:
    """One way to keep the figures: how its files are made, and the notes that they deserve."""

    name: str
    make: Make
    notes: frozenset[str] = field(default=frozenset())


def kind(name: str, make: Make, *notes: str) -> Kind:
    return Kind(name, make, frozenset(notes))


def each(work: Callable) -> Make:
    return lambda books, folder: rewritten(books, folder, work)


FORMATS = (
    kind("xlsx", lambda books, _: list(books)),
    kind("xlsx of LibreOffice", partial(office, kind="xlsx")),
    kind("xls", partial(office, kind="xls")),
    kind("ods", partial(office, kind="ods")),
    kind("csv", partial(csvs, encode=copies.utf8)),
    kind("csv, Windows-1258", partial(csvs, encode=copies.cp1258)),
    kind("csv, TCVN3", partial(csvs, encode=copies.tcvn3), "text_legacy"),
)

LAYOUTS = (
    kind("TCVN3", each(texts(copies.to_tcvn3)), "text_legacy"),
    kind("VNI", each(texts(copies.to_vni)), "text_legacy"),
    kind("separate marks", each(texts(copies.decomposed))),
    kind("all forms on one sheet", each(copies.stacked)),
    kind("a form on two sheets", each(copies.side_by_side)),
    kind("units below each other", copies.per_district),
    kind("lines in two files", copies.lines_apart),
    kind("hidden row and column", each(copies.hidden), "row_hidden", "column_hidden"),
    kind("notes below", each(copies.with_notes)),
    kind("signatures below", each(copies.signed)),
    kind("name over two lines", each(copies.merged_names)),
    kind("headings not merged", each(copies.without_merges)),
    kind("shifted", each(copies.moved)),
)


def names(kinds: Sequence[Kind]) -> list[str]:
    return [one.name for one in kinds]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Province:
    return copies.province(tmp_path_factory.mktemp("small"), *SMALL)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Province:
    return copies.province(tmp_path_factory.mktemp("whole"), *WHOLE)


@pytest.mark.parametrize("kept", [*FORMATS, *LAYOUTS], ids=names([*FORMATS, *LAYOUTS]))
def test_a_small_province_comes_back_as_it_went(kept: Kind, small: Province, tmp_path: Path):
    _hold(kept, small, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kept", FORMATS, ids=names(FORMATS))
def test_a_whole_province_comes_back_as_it_went(kept: Kind, whole: Province, tmp_path: Path):
    _hold(kept, whole, tmp_path)


def _hold(kept: Kind, province: Province, folder: Path) -> None:
    readings = [forms.read(path) for path in kept.make(province.books, folder)]
    findings = [finding for reading in readings for finding in reading.findings]
    assert {f.rule for f in findings} == kept.notes, [f.line("en") for f in findings[:5]]
    assert all(finding.severity is Severity.NOTE for finding in findings)
    assert told(readings, counts_of) == province.counts
    assert told(readings, shares_of) == province.shares


def told(readings: Sequence[Reading], values: Callable) -> dict[Key, float]:
    """Every value by its key; none is told twice."""
    found = [
        ((unicodedata.normalize("NFC", row.name), s.period, s.form.id, row.line, item), value)
        for reading in readings
        for s in reading.sheets
        for row in s.rows
        for item, value in values(row)
    ]
    by_key = dict(found)
    assert len(by_key) == len(found)
    return by_key


def counts_of(row: forms.Row) -> list[tuple[str, int]]:
    return list(row.counts.items())


def shares_of(row: forms.Row) -> list[tuple[str, float]]:
    return [(item, percentage) for item, (percentage, _) in row.shares.items()]


APART = [one for one in LAYOUTS if one.name in ("a form on two sheets", "lines in two files")]


@pytest.mark.parametrize("kept", APART, ids=names(APART))
def test_what_comes_in_parts_is_checked_as_one(
    kept: Kind, sample: Path, plan: Plan, tmp_path: Path
):
    books = sorted(sample.glob("2023/*.xlsx"))
    parts = intake.check(kept.make(books, tmp_path), plan, None)
    assert parts.findings == []
    assert entered(parts) == entered(intake.check(books, plan, None))


def entered(delivery: intake.Delivery) -> dict[tuple, dict[str, int]]:
    return {(*e.review, e.form.id, e.line): e.counts for e in delivery.entries}
