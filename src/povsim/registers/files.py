"""The files of a register and their cells as they lie there: one raw table a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim.findings import Finding, Place, Refusal, refuse
from povsim.forms.lettering import lettering_of
from povsim.i18n import Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

TABLES = ("households", "members", "scores")
KINDS = (".csv", ".parquet")
SEPARATORS = (";", ",", "\t")
PARQUET = b"PAR1"
BEGINNINGS = {
    b"PK": "XLSX, ODS, ZIP",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"%PDF": "PDF",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    PARQUET: "Parquet",
}
"""What a file is whose bytes begin so."""
UNKNOWN = Word("register_cell.unknown")
OLD_LETTERS = ("TCVN3", "VNI")


@dataclass(frozen=True, eq=False)
class Raw:
    """One table as it came: headings as written, a column of cells each, the line of each row.

    Cells of a .csv are texts; those of a .parquet have types. `remarks` are the texts that a
    .parquet carries beside its cells. `separator` is empty where no sign parts the cells.
    """

    table: str
    file: str
    headings: tuple[str, ...]
    cells: tuple[pd.Series[Any], ...]
    lines: NDArray[np.int64]
    separator: str = ""
    remarks: tuple[str, ...] = ()


def found(given: Path | Sequence[Path]) -> dict[str, Path]:
    """The file of each table: of a folder, or of the files named.

    Raises:
        Refusal: every fault at once. No table at all, one table twice (.csv and .parquet), or
            neither `scores` nor both of `households` and `members`.
    """
    places = [given] if isinstance(given, Path) else list(given)
    paths = [path for place in places for path in _within(place)]
    tables = {table: [p for p in paths if p.stem.lower() == table] for table in TABLES}
    findings = [
        Finding("register_table_twice", Place(fits[0].name), values={"table": table})
        for table, fits in tables.items()
        if len(fits) > 1
    ]
    missing = [table for table in ("households", "members") if not tables[table]]
    if not any(tables.values()):
        findings.append(Finding("register_none"))
    elif missing and not tables["scores"]:
        values: dict[str, object] = {"tables": ", ".join(missing)}
        findings.append(Finding("register_table_missing", values=values))
    if findings:
        raise Refusal(findings)
    return {table: fits[0] for table, fits in tables.items() if fits}


def _within(place: Path) -> Iterator[Path]:
    """The files of a place that are called after a table; others are not even opened."""
    paths = sorted(place.iterdir()) if place.is_dir() else [place]
    for path in paths:
        if path.suffix.lower() in KINDS and path.stem.lower() in TABLES and path.is_file():
            yield path


def raw(table: str, path: Path) -> Raw:
    """The table of one file.

    Raises:
        Refusal: what the bytes are, where they are no such table; lines of another width.
    """
    content = path.read_bytes()
    if not content.strip():
        raise refuse("register_file_empty", Place(path.name))
    read = _of_parquet if path.suffix.lower() == ".parquet" else _of_csv
    found = read(table, path.name, content)
    if table != "members" and not len(found.lines):
        raise refuse("register_file_empty", Place(path.name))
    return found


# --- Parquet --------------------------------------------------------------------------------------


def _of_parquet(table: str, file: str, content: bytes) -> Raw:
    """Every column of the file, whatever its metadata says of an index."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not content.startswith(PARQUET):
        raise _foreign(file, content, "Parquet")
    try:
        source = pq.ParquetFile(BytesIO(content))
        columns = source.read()
    except (pa.ArrowException, OSError, ValueError):
        # The exception's words might quote the file.
        raise refuse("register_file_broken", Place(file)) from None
    return Raw(
        table,
        file,
        tuple(columns.column_names),
        tuple(_pandas(columns.column(n)) for n in range(columns.num_columns)),
        np.arange(1, columns.num_rows + 1),
        remarks=tuple(_remarks(source)),
    )


def _pandas(column: Any) -> pd.Series[Any]:
    """A column with nullable types; what is neither number, answer nor text becomes one."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kinds = (
        (pa.types.is_boolean, pd.BooleanDtype()),
        (pa.types.is_integer, pd.Int64Dtype()),
        (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), pd.StringDtype()),
    )
    if pa.types.is_floating(column.type):
        return _decimals(column)
    for is_kind, dtype in kinds:
        if is_kind(column.type):
            made: pd.Series[Any] = column.to_pandas(types_mapper=lambda _, d=dtype: d)
            return made.astype(dtype)
    if pa.types.is_null(column.type):
        return pd.Series(pd.NA, index=range(len(column)), dtype=pd.StringDtype())
    words = [None if cell is None else _words(cell) for cell in column.to_pylist()]
    return pd.Series(words, dtype=pd.StringDtype())


def _words(cell: object) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def _decimals(column: Any) -> pd.Series[Any]:
    """Not a number is no answer: so older tables write a gap."""
    values = column.to_numpy(zero_copy_only=False).astype(float)
    return pd.Series(pd.arrays.FloatingArray(values, np.isnan(values)))


def _remarks(source: Any) -> Iterator[str]:
    """All words that the file says beside its cells: of the file, of the table, of each column."""
    schema = source.schema_arrow
    told = [source.metadata.metadata, schema.metadata, *(field.metadata for field in schema)]
    for notes in told:
        for name, value in (notes or {}).items():
            if name != b"ARROW:schema":  # the columns again, packed
                yield f"{name.decode('utf-8', 'replace')}\n{value.decode('utf-8', 'replace')}"
    yield str(source.metadata.created_by)


# --- CSV ------------------------------------------------------------------------------------------


def _of_csv(table: str, file: str, content: bytes) -> Raw:
    text = _decoded(file, content)
    first, _, body = text.partition("\n")
    separator = max(SEPARATORS, key=first.count)
    if not first.count(separator) or "\0" in text:
        raise _foreign(file, content, "CSV")
    headings = next(csv.reader(StringIO(first.rstrip("\r")), delimiter=separator))
    body = body.rstrip("\r\n")
    cells, lines = _rows(file, body, separator, len(headings)) if body else _no_rows(len(headings))
    filled = [n for n, name in enumerate(headings) if name.strip() or (cells[n] != "").any()]
    names = tuple(headings[n].strip() for n in filled)
    return Raw(table, file, names, tuple(cells[n] for n in filled), lines, separator)


def _decoded(file: str, content: bytes) -> str:
    """UTF-8, with or without its mark; an old lettering is named."""
    if content.startswith(tuple(BEGINNINGS)):
        raise _foreign(file, content, "CSV")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        old = lettering_of(content.decode("latin-1"))
    told = old if old in OLD_LETTERS else UNKNOWN
    raise refuse("register_encoding", Place(file), lettering=told)


def _foreign(file: str, content: bytes, expected: str) -> Refusal:
    """What the first bytes say that the file is instead."""
    kinds = (kind for start, kind in BEGINNINGS.items() if content.startswith(start))
    return refuse(
        "register_file_foreign", Place(file), expected=expected, kind=next(kinds, UNKNOWN)
    )


def _no_rows(width: int) -> tuple[list[pd.Series[Any]], NDArray[np.int64]]:
    return [pd.Series([], dtype=pd.StringDtype())] * width, np.array([], np.int64)


def _rows(
    file: str, body: str, separator: str, width: int
) -> tuple[list[pd.Series[Any]], NDArray[np.int64]]:
    """The cells by column, and the line each row stands on; blank lines are no rows."""
    content = body.encode()
    table, odd = _parsed(content, separator, width)
    last = 2 + body.count("\n")
    lines = np.setdiff1d(np.arange(2, last + 1), np.array([row + 1 for row, _ in odd], np.int64))
    findings = list(_odd_widths(file, odd, width))
    if table is None or table.num_rows != len(lines):
        findings.append(Finding("register_line_break", Place(file)))
    if findings or table is None:
        raise Refusal(findings)
    cells = [column.to_pandas().astype(pd.StringDtype()) for column in table.columns]
    blank = np.logical_and.reduce([(column == "").to_numpy(bool) for column in cells])
    return [column[~blank].reset_index(drop=True) for column in cells], lines[~blank]


def _parsed(content: bytes, separator: str, width: int) -> tuple[Any, list[tuple[int, int]]]:
    """All cells as text, and the rows of another width, by the number of the row."""
    import pyarrow as pa
    import pyarrow.csv as arrow

    odd: list[tuple[int, int]] = []

    def skip(row: Any) -> str:
        if row.actual_columns > 1 or row.text.strip():
            odd.append((row.number, row.actual_columns))
        else:
            odd.append((row.number, 0))
        return "skip"

    names = [str(number) for number in range(width)]
    try:
        table = arrow.read_csv(
            BytesIO(content),
            arrow.ReadOptions(
                use_threads=False, column_names=names, block_size=max(len(content) + 1, 1 << 16)
            ),
            arrow.ParseOptions(
                delimiter=separator, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            arrow.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowException, ValueError):
        return None, odd
    return table, odd


def _odd_widths(file: str, odd: Iterable[tuple[int, int]], width: int) -> Iterator[Finding]:
    rows = [row + 1 for row, found in odd if found]
    if rows:
        values = {"rows": len(rows), "lines": first_of(rows), "expected": width}
        yield Finding("register_width", Place(file), values=values)


FIRST = 5
"""So many line numbers are told; the count says the rest."""


def first_of(lines: Iterable[int]) -> str:
    """The first few of some lines.

    >>> first_of([9, 2, 3]), first_of(range(1, 9))
    ('2, 3, 9', '1, 2, 3, 4, 5 …')
    """
    ordered = sorted({int(line) for line in lines})
    return ", ".join(map(str, ordered[:FIRST])) + (" …" if len(ordered) > FIRST else "")
