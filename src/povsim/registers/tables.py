"""A register checked whole: both doors lead through here to one truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim import rules
from povsim.findings import Finding, Place, Refusal, Severity
from povsim.forms import SAMPLE_MARK
from povsim.i18n import MISSING, Word
from povsim.poverty import contract, lacking
from povsim.poverty.indicators import ASKED
from povsim.registers import cells, files, personal
from povsim.registers.files import Raw, first_of
from povsim.units import COMMUNES

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEEDED = {
    "households": ("household", "unit", "persons", "income_vnd"),
    "members": ("household", "age"),
    "scores": ("household", "unit", "b1", "b2"),
}
"""Columns without which a table says nothing; any other that is absent nobody was asked."""
KEYS = ("household", "unit")


@dataclass(frozen=True, eq=False)
class Register:
    """The register of one review, every column of the contract present, rows as they came.

    `scores` has a row a household, in the same order, where the states come from the scoring
    sheets; None where they come from income and answers. `notes` were told while reading.
    """

    households: pd.DataFrame
    members: pd.DataFrame
    scores: pd.DataFrame | None = None
    sample: bool = False
    notes: tuple[Finding, ...] = ()


def read(given: Path | Sequence[Path], review: int) -> Register:
    """The register of a review, from a folder or from its files.

    Args:
        given: a folder with `households` and `members`, or `scores` with either or none of them,
            each as .csv or .parquet; or those files.
        review: the year; units are those of its last day.

    Raises:
        Refusal: every fault at once, with the numbers of the first rows; but where a table looks
            like holding names or numbers of people, that alone, before anything else is done.

    Nothing that a cell says is told, but for figures.
    """
    paths = files.found(given)
    raws, findings = _raws(paths)
    signs = [sign for raw in raws for sign in personal.signs(raw)]
    if signs:
        raise Refusal(signs)
    tables: dict[str, pd.DataFrame] = {}
    for raw in raws:
        tables[raw.table], told = _table(raw, review)
        findings += told
    if len(tables) == len(paths):
        findings += list(_apart(tables, {raw.table: raw for raw in raws}))
    faults = [finding for finding in findings if finding.severity is Severity.ERROR]
    if faults:
        raise Refusal(findings)
    sample = any(SAMPLE_MARK in remark for raw in raws for remark in raw.remarks)
    return _joined(tables, sample, tuple(findings))


def of_tables(
    households: pd.DataFrame | None = None,
    members: pd.DataFrame | None = None,
    scores: pd.DataFrame | None = None,
) -> Register:
    """The register of tables that are in memory and keep the contract already."""
    given = {"households": households, "members": members, "scores": scores}
    tables = {name: _whole(name, table) for name, table in given.items() if table is not None}
    return _joined(tables, sample=False, notes=())


def _raws(paths: dict[str, Path]) -> tuple[list[Raw], list[Finding]]:
    raws: list[Raw] = []
    findings: list[Finding] = []
    for table, path in paths.items():
        try:
            raws.append(files.raw(table, path))
        except Refusal as refusal:
            findings += refusal.findings
    return raws, findings


# --- One table ------------------------------------------------------------------------------------


def _table(raw: Raw, review: int) -> tuple[pd.DataFrame, list[Finding]]:
    """A table with its types, and what is wrong with it."""
    findings = list(_columns(raw, review))
    columns: dict[str, pd.Series[Any]] = {}
    for name, column in contract(raw.table).columns.items():
        if raw.headings.count(name) == 1:
            found = raw.cells[raw.headings.index(name)]
            made = cells.typed(found, _dtype(column), name, raw.separator)
            columns[name] = made.column
            for broken, rows in made.faults.items():
                rule = Word(f"register_cell.{broken}")
                findings.append(_rows(raw, name, rule, rows, made.shown[broken]))
    table = pd.DataFrame(columns, index=range(len(raw.lines)))
    if "unit" in table:
        table["unit"], unknown = _on_day(table["unit"], review)
        rule = Word("register_cell.unit_day", day=date(review, 12, 31))
        findings += _where(raw, "unit", rule, unknown)
    table = _whole(raw.table, table)
    present = [name for name in table if name in columns]
    findings += list(_breaches(raw, table[present]))
    return table, findings


def _dtype(column: Any) -> object:
    return getattr(column.dtype, "type", column.dtype)


def _columns(raw: Raw, review: int) -> Iterator[Finding]:
    """Columns that are missing, twice or strange; a strange one is told by its place alone."""
    known = list(contract(raw.table).columns)
    place = Place(raw.file)
    missing = [name for name in NEEDED[raw.table] if name not in raw.headings]
    if missing:
        values: dict[str, object] = {"table": raw.table, "columns": ", ".join(missing)}
        yield Finding("register_columns_missing", place, values=values)
    # What only another standard asks for is not missed.
    others = {name for names in ASKED.values() for name in names}
    others -= set(chain.from_iterable(lacking.columns(review).values()))
    absent = [name for name in known if name not in {*raw.headings, *missing, *others}]
    if absent:
        values = {"table": raw.table, "columns": ", ".join(absent)}
        yield Finding("register_columns_absent", place, Severity.NOTE, values=values)
    odd = [
        number
        for number, name in enumerate(raw.headings, 1)
        if name not in known or raw.headings.count(name) > 1
    ]
    if odd:
        values = {
            "table": raw.table,
            "numbers": ", ".join(map(str, odd)),
            "known": ", ".join(known),
        }
        yield Finding("register_columns_odd", place, values=values)


def _whole(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Every column of the contract; an absent one is an answer that nobody gave."""
    made = {}
    for column, told in contract(name).columns.items():
        dtype = cells.dtype_of(_dtype(told))
        found = table[column] if column in table else pd.Series(pd.NA, index=table.index)
        made[column] = found.astype(dtype).reset_index(drop=True)
    return pd.DataFrame(made)


def _on_day(units: pd.Series[Any], review: int) -> tuple[pd.Series[Any], NDArray[np.bool_]]:
    """Units by identity, of those of the review's last day; and where it is none of them."""
    day, known = date(review, 12, 31), rules.units()
    earlier = (u for u in known if u.kind in COMMUNES and rules.day_on_file(u.id, day) != day)
    standing = {str(unit.id): str(unit.id) for unit in (*known.on(day), *earlier)}
    standing |= {identity[:5]: identity for identity in standing}
    found = units.map(standing).astype(cells.TEXT)
    unknown = (units.notna() & found.isna()).to_numpy(bool)
    return found, unknown


# --- Rules of the contract ------------------------------------------------------------------------


def _breaches(raw: Raw, table: pd.DataFrame) -> Iterator[Finding]:
    """Every rule of the contract that rows break; keys and units that are blank too."""
    from pandera.errors import SchemaErrors

    keyed = [name for name in KEYS if name in table]
    for name in keyed:
        yield from _where(raw, name, Word("register.blank"), _is_blank(raw, name))
    schema = contract(raw.table).select_columns(list(table.columns))
    full = table.dropna(subset=keyed).astype(dict.fromkeys(keyed, str))
    try:
        schema.validate(full, lazy=True)
    except SchemaErrors as error:
        yield from _broken(raw, table, error.failure_cases)


def _is_blank(raw: Raw, name: str) -> NDArray[np.bool_]:
    """Where nothing was written; a unit that nobody knows is told otherwise."""
    given = raw.cells[raw.headings.index(name)]
    return (given.isna() | (given.astype(str).str.strip() == "")).to_numpy(bool)


def _broken(raw: Raw, table: pd.DataFrame, cases: pd.DataFrame) -> Iterator[Finding]:
    kinds = [cases["column"].astype(str), cases["check"].astype(str).map(_kind)]
    for key, rows in cases.groupby(kinds, sort=True):
        column, kind = map(str, key)
        places = rows["index"].dropna().astype(int).unique()
        figures = pd.api.types.is_numeric_dtype(table[column].dtype)
        value = cells.shown(table[column].iloc[int(places[0])]) if figures else MISSING
        yield _rows(raw, column, Word(f"register.{kind}"), places, value)


def _kind(check: str) -> str:
    if check in ("key", "unit", "range", "tens", "people"):
        return check
    return "unique" if "unique" in check else "type"


def _rows(raw: Raw, column: str, rule: Word, rows: NDArray[Any], value: str = MISSING) -> Finding:
    """A rule that rows of a column break: how many, and the first of their lines in the file."""
    values: dict[str, object] = {
        "table": raw.table,
        "column": column,
        "rule": rule,
        "rows": len(rows),
        "lines": first_of(raw.lines[np.asarray(rows, int)]),
        "value": value,
    }
    return Finding("register_rows", Place(raw.file), values=values)


# --- Tables against each other --------------------------------------------------------------------


def _apart(tables: dict[str, pd.DataFrame], raws: dict[str, Raw]) -> Iterator[Finding]:
    """Members of nobody, more of them than persons; sheets of nobody, or of another unit."""
    houses = tables.get("households", tables.get("scores"))
    assert houses is not None  # `files.found` has seen to it
    keys = pd.Index(houses["household"])
    if not keys.is_unique:
        return  # told already
    if "members" in tables:
        home = keys.get_indexer(pd.Index(tables["members"]["household"]))
        named = tables["members"]["household"].notna().to_numpy(bool)
        yield from _where(
            raws["members"], "household", Word("register_cell.no_household"), named & (home < 0)
        )
        if "households" in tables:
            listed = np.bincount(home[home >= 0], minlength=len(houses))
            persons = houses["persons"].to_numpy(np.int64, na_value=np.iinfo(np.int64).max)
            yield from _where(
                raws["households"], "persons", Word("register_cell.too_few"), listed > persons
            )
    if {"scores", "households"} <= tables.keys():
        scores = tables["scores"]
        place = keys.get_indexer(pd.Index(scores["household"]))
        named = scores["household"].notna().to_numpy(bool)
        yield from _where(
            raws["scores"], "household", Word("register_cell.no_household"), named & (place < 0)
        )
        here, there = scores["unit"], houses["unit"].iloc[place].reset_index(drop=True)
        other = (here.notna() & there.notna() & (here != there)).to_numpy(bool, na_value=False)
        yield from _where(
            raws["scores"], "unit", Word("register_cell.other_unit"), (place >= 0) & other
        )


def _where(raw: Raw, column: str, rule: Word, broken: NDArray[np.bool_]) -> Iterator[Finding]:
    if broken.any():
        yield _rows(raw, column, rule, np.flatnonzero(broken))


def _joined(tables: dict[str, pd.DataFrame], sample: bool, notes: tuple[Finding, ...]) -> Register:
    """Households of their own or of the sheets; sheets in the order of the households."""
    scores = tables.get("scores")
    houses = tables.get("households")
    if houses is None:
        assert scores is not None
        houses = _whole("households", scores[list(KEYS)])
    members = tables.get("members")
    if members is None:
        members = _whole("members", pd.DataFrame({"household": pd.Series([], dtype=str)}))
    if scores is not None:
        points = scores.set_index("household")[["b1", "b2"]].reindex(houses["household"])
        scores = houses[list(KEYS)].assign(b1=points["b1"].array, b2=points["b2"].array)
    return Register(houses, members, scores, sample, notes)
