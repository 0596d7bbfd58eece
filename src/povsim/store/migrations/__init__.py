"""From any earlier store to the tables of today: one migration a file, by Alembic.

A store is brought up when it is opened, all the way or not at all.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from povsim.findings import refuse
from povsim.store.engine import reading, writing
from povsim.store.schema import VERSION

FIRST = "0001"
"""What a store is that was made before versions were written down."""


def brought_up(engine: sa.Engine) -> None:
    """Make the tables of a new store, or migrate those of an old one.

    Raises:
        Refusal: the store was made by a newer povsim.
    """
    with reading(engine) as connection:
        if _version(connection) == VERSION:
            return
    with writing(engine) as connection:
        found = _version(connection)  # again: another process may have been first
        if not found:
            _refuse_foreign(connection)
        if found != VERSION:
            _migrate(connection, found)


def _version(connection: sa.Connection) -> str:
    """The migration that a store is at; nothing where it is new."""
    inspector = sa.inspect(connection)
    if inspector.has_table("alembic_version"):
        found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return found or ""
    return FIRST if inspector.has_table("release") else ""


def _refuse_foreign(connection: sa.Connection) -> None:
    tables = sa.inspect(connection).get_table_names()
    if tables:
        store = connection.engine.url.render_as_string(hide_password=True)
        raise refuse("store_foreign", store=store, tables=", ".join(sorted(tables)[:5]))


def _migrate(connection: sa.Connection, found: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    if found and found not in known:
        store = connection.engine.url.render_as_string(hide_password=True)
        raise refuse("store_newer", store=store, version=found, known=VERSION)
    if found == FIRST:
        command.stamp(config, FIRST)
    command.upgrade(config, "head")
