"""Old stores: what a release of theirs says is the same after every migration."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from povsim.findings import Refusal
from povsim.store import Release, Store, Submission, migrations
from povsim.store.engine import engine_of, writing
from povsim.store.schema import SCHEMA, VERSION

GOLDEN = Path(__file__).parents[1] / "golden" / "stores"
KEPT = sorted(path.stem for path in GOLDEN.glob("*.sqlite"))


def told(release: Release) -> dict[str, Any]:
    """What a release says, as the golden files have it."""
    cells = release.facts.to_csv(index=False, lineterminator="\n")
    return {
        "number": release.number,
        "created": release.created.isoformat(),
        "sender": release.sender,
        "status": release.status,
        "origin": str(release.origin),
        "checksum": release.checksum,
        "rows": len(release.facts),
        "cells": hashlib.sha256(cells.encode()).hexdigest(),
    }


@pytest.fixture(params=KEPT)
def golden(request: pytest.FixtureRequest, new_url: str) -> Iterator[tuple[Store, dict[str, Any]]]:
    """A store of each earlier version, brought up to this one, and what it has to say."""
    put_there(request.param, new_url)
    store = Store(new_url)
    yield store, json.loads((GOLDEN / f"{request.param}.json").read_text("utf-8"))
    store._engine.dispose()


def put_there(version: str, url: str) -> None:
    """The golden store of a version in a database: as its file, or row by row in its tables."""
    engine = engine_of(url)
    path = GOLDEN / f"{version}.sqlite"
    if engine.dialect.name == "sqlite":
        shutil.copyfile(path, sa.make_url(url).database or "")
    else:
        source = sa.create_engine(f"sqlite:///{path}")
        brought_to(engine, version)
        copied(source, engine, unversioned=version == migrations.FIRST)
    engine.dispose()


def brought_to(engine: sa.Engine, version: str) -> None:
    with writing(engine) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, version)


def copied(source: sa.Engine, target: sa.Engine, unversioned: bool) -> None:
    tables = sa.MetaData()
    tables.reflect(source)
    typed = sa.MetaData()
    typed.reflect(target)
    with source.connect() as out, target.begin() as into:
        for table in typed.sorted_tables:
            if table.name in tables.tables and table.name != "alembic_version":
                rows = out.execute(sa.select(as_typed(table))).mappings().all()
                into.execute(sa.insert(table), [in_utc(row) for row in rows])
        if unversioned:  # stores of the first version did not say so
            into.exec_driver_sql("DROP TABLE alembic_version")


def in_utc(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the zone that SQLite forgot."""
    moments = {k: v.replace(tzinfo=UTC) for k, v in row.items() if isinstance(v, datetime)}
    return {**row, **moments}


def as_typed(table: sa.Table) -> sa.TableClause:
    """A table of a file, with the types of the table that its rows go to."""
    return sa.table(table.name, *(sa.column(c.name, c.type) for c in table.columns))


def test_there_is_a_golden_store_of_every_earlier_version():
    known = ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
    assert {each.revision for each in known} - set(KEPT) == {VERSION}


def test_this_code_is_written_for_the_newest_migration():
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head() == VERSION


def test_old_releases_read_the_same(golden):
    store, wanted = golden
    releases = [store.release(each["number"]) for each in wanted["releases"]]
    assert [told(release) for release in releases] == wanted["releases"]
    assert [release.name for release in releases] == [str(r.number) for r in releases]
    assert store.latest().number == releases[-1].number
    assert [list(vars(each).values()) for each in store.confirmations()] == wanted["confirmations"]


def test_an_old_store_tells_its_history(golden):
    store, _ = golden
    versions = store.history("23482@2021-01-01", "2023")
    assert [(v.sender, v.status, v.accepted) for v in versions] == [
        ("Phòng LĐ-TB&XH", "official", True),
        ("Đăk Kôi", "preliminary", True),
    ]
    assert [(c.item, c.after - c.before) for c in versions[1].changes] == [("water", 2)]
    assert versions[1].supersedes == versions[0].submission


def test_an_old_store_takes_new_figures(golden):
    store, wanted = golden
    last = store.latest()
    facts = last.facts_of(["23479@2021-01-01"]).query("period == '2023'").reset_index(drop=True)
    facts = facts.assign(value=facts["value"] + 1)
    submission = of(facts, last)
    release = store.save([submission], "Đăk Rve", "official")
    assert release.number == wanted["releases"][-1]["number"] + 1
    assert [told(store.release(r["number"])) for r in wanted["releases"]] == wanted["releases"]


def of(facts: pd.DataFrame, last: Release) -> Submission:
    unit, period = facts.iloc[0]["unit"], facts.iloc[0]["period"]
    return Submission(unit, period, "sua.xlsx", "2" * 64, last.origin, facts)


def test_the_migrations_lead_to_the_tables_of_the_code(new_url):
    engine = Store(new_url)._engine
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SCHEMA) == []
    engine.dispose()


def test_a_migration_that_fails_leaves_the_old_store_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "old.sqlite"
    shutil.copyfile(GOLDEN / "0001.sqlite", path)
    before = dump(path)
    failing = "povsim.store.migrations._migrate"
    real = migrations._migrate

    def migrate_then_fail(*arguments: Any) -> None:
        real(*arguments)
        raise RuntimeError("power cut")

    monkeypatch.setattr(failing, migrate_then_fail)
    with pytest.raises(RuntimeError):
        Store(f"sqlite:///{path}")
    assert dump(path) == before
    monkeypatch.undo()
    assert len(Store(f"sqlite:///{path}").releases()) == 4


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return list(connection.iterdump())


def test_a_store_of_a_newer_povsim_is_left_alone(new_url):
    engine = Store(new_url)._engine
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refusal) as refusal:
        Store(new_url)
    assert [finding.rule for finding in refusal.value.findings] == ["store_newer"]
    engine.dispose()
