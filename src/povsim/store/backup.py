"""A whole store as one file, whatever database it lives in, and back again into an empty one."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from povsim.findings import Place, refuse
from povsim.store.engine import engine_of, reading, shown, writing
from povsim.store.migrations import brought_up
from povsim.store.schema import SCHEMA

AT_ONCE = 5_000
"""Rows that are in memory at one time while they are copied."""


def back_up(engine: sa.Engine, path: Path) -> None:
    """Write a store, as it is at this moment, to a file that is a store itself.

    Raises:
        Refusal: the file is there already, or cannot be written.
    """
    if path.exists():
        raise refuse("backup_exists", Place(path.name))
    try:
        _written_whole(path, lambda part: _copy_out(engine, part))
    except (OSError, sqlite3.Error) as error:
        raise refuse("backup_unwritable", Place(path.name), reason=str(error)) from error


def _written_whole(path: Path, write: Callable[[Path], None]) -> None:
    """A half-written copy never bears the name of a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        write(part)
        _hold_together(part, path.name)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _copy_out(engine: sa.Engine, path: Path) -> None:
    if engine.dialect.name != "sqlite":
        _copy(engine, f"sqlite:///{path}")
    else:
        with closing(sqlite3.connect(path)) as copy, reading(engine) as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            source.backup(copy)  # by SQLite itself: it takes in the write-ahead log
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it


def _hold_together(path: Path, name: str) -> None:
    """Ask SQLite whether a file is sound; `name` is what the finding calls it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise refuse("backup_damaged", Place(name), reason=str(error)) from error
    if verdict != "ok":
        raise refuse("backup_damaged", Place(name), reason=verdict)


def restore(path: Path, url: str) -> None:
    """Fill an empty store from a backup, of this version or an earlier one.

    Raises:
        Refusal: there is no such file, it is damaged or no backup, or the store is not empty.
    """
    if not path.is_file():
        raise refuse("backup_missing", Place(path.name))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "backup.sqlite"
        _copy_in(path, copy)
        source = engine_of(f"sqlite:///{copy}")
        if not sa.inspect(source).has_table("release"):
            raise refuse("backup_foreign", Place(path.name))
        brought_up(source)
        _copy(source, url)
        source.dispose()


def _copy_in(path: Path, copy: Path) -> None:
    """A sound copy of a backup; of a store in use, with what its write-ahead log holds."""
    try:
        with (
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.DatabaseError as error:
        raise refuse("backup_damaged", Place(path.name), reason=str(error)) from error
    _hold_together(copy, path.name)


def _copy(source: sa.Engine, url: str) -> None:
    """Copy all rows into the store at a URL, which must be empty."""
    target = engine_of(url)
    brought_up(target)
    with reading(source) as out, writing(target) as into:
        for table in SCHEMA.sorted_tables:
            if into.execute(sa.select(table).limit(1)).first() is not None:
                raise refuse("restore_not_empty", store=shown(url))
        if source.dialect.name != "sqlite":  # one moment for all tables, whoever writes meanwhile
            out.execution_options(isolation_level="REPEATABLE READ")
        for table in SCHEMA.sorted_tables:
            rows = out.execution_options(stream_results=True).execute(_in_order(table)).mappings()
            for part in rows.partitions(AT_ONCE):
                into.execute(sa.insert(table), [dict(row) for row in part])
    target.dispose()


def _in_order(table: sa.Table) -> sa.Select[tuple[object, ...]]:
    # A submission may stand in the place of an earlier one, which must be there first.
    return sa.select(table).order_by(*table.primary_key.columns)
