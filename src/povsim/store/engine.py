"""A database opened for a store: its settings, its one writer at a time, its faults in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from povsim.findings import Refusal, refuse

PATIENCE = 60
"""Seconds that one writer waits for another; readers never wait."""
WRITERS = 0x706F7673
"""The advisory lock of PostgreSQL that the writers of all stores of a database share."""

SQLITE_FAULTS = {
    "SQLITE_FULL": "store_full",
    "SQLITE_CORRUPT": "store_damaged",
    "SQLITE_NOTADB": "store_damaged",
    "SQLITE_READONLY": "store_unwritable",
    "SQLITE_CANTOPEN": "store_unwritable",
    "SQLITE_PERM": "store_unwritable",
    "SQLITE_BUSY": "store_busy",
}
POSTGRES_FAULTS = {"53100": "store_full", "42501": "store_unwritable", "55P03": "store_busy"}


def engine_of(url: str) -> sa.Engine:
    """An engine for a store's URL; the folder of an embedded store is made.

    Raises:
        Refusal: the URL is none, or its driver is not installed.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _embedded(parsed)
        return sa.create_engine(parsed, pool_pre_ping=True)
    except (sa.exc.ArgumentError, ModuleNotFoundError, ValueError, TypeError) as error:
        raise refuse("store_url", url=shown(url), reason=str(error)) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise refuse("store_unwritable", store=shown(url), reason=reason) from error


def shown(url: str) -> str:
    """A URL as a message may show it: without its password."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except (sa.exc.ArgumentError, ValueError, TypeError):
        return url.rpartition("@")[2]


def _embedded(url: sa.URL) -> sa.Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": PATIENCE})
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    # WAL: readers never wait for a writer, and a crash leaves whole transactions only.
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_mode")
    if cursor.fetchone() != ("wal",):
        _turn_to_wal(cursor)
    cursor.close()


def _turn_to_wal(cursor: sa.engine.interfaces.DBAPICursor) -> None:
    # The one step for which SQLite does not wait: two processes may meet on a new store.
    end = time.monotonic() + PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except Exception as error:
            busy = getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
            if not busy or time.monotonic() > end:
                raise
            time.sleep(0.02)


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection to read from.

    Raises:
        Refusal: the database cannot be reached, or is damaged.
    """
    with _told(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """The only writer: what it writes is there whole once it ends well, and not at all otherwise.

    Raises:
        Refusal: the disk is full, or the database cannot be written.
    """
    with _told(engine), engine.begin() as connection:
        lock(connection)
        yield connection


def lock(connection: sa.Connection) -> None:
    """Wait until no other writer is left: the second must see what the first one wrote."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS)))


@contextmanager
def _told(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _refusal(engine, error) from error


def _refusal(engine: sa.Engine, error: sa.exc.DBAPIError) -> Refusal:
    name = getattr(error.orig, "sqlite_errorname", "")
    rule = next((rule for start, rule in SQLITE_FAULTS.items() if name.startswith(start)), "")
    rule = rule or POSTGRES_FAULTS.get(getattr(error.orig, "sqlstate", None) or "", "")
    store = engine.url.render_as_string(hide_password=True)
    reason = " ".join(str(error.orig).split())
    return refuse(rule or "store_unreachable", store=store, reason=reason)
