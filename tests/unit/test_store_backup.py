"""Backup and restore: the whole store in one file, out of either database and into either."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from povsim import store as stores
from povsim.findings import Refusal
from povsim.store import Store
from povsim.store.schema import SCHEMA


@pytest.fixture
def full(sample_store: str, new_url: str, tmp_path: Path) -> Store:
    """A store that holds the sample, in each database."""
    path = tmp_path / "sample.sqlite"
    Store(sample_store).back_up(path)
    stores.restore(path, new_url)
    return Store(new_url)


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with store._engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in SCHEMA.sorted_tables
        }


def refused(call) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        call()
    return [finding.rule for finding in refusal.value.findings]


def test_a_backup_holds_everything_and_gives_it_back(full, sample_store, tmp_path):
    path, again = tmp_path / "b" / "backup.sqlite", f"sqlite:///{tmp_path}/again.sqlite"
    full.back_up(path)
    stores.restore(path, again)
    assert rows(Store(again)) == rows(Store(sample_store))
    assert Store(again).latest().facts.equals(full.latest().facts)
    assert list(path.parent.iterdir()) == [path]  # one file, nothing beside it


def test_a_restored_store_goes_on(full):
    last = full.latest()
    facts = last.facts_of([last.facts.iloc[0]["unit"]])
    facts = facts[facts["period"] == "2021"].reset_index(drop=True)
    sent = stores.Submission(
        facts.iloc[0]["unit"], "2021", "x.xlsx", "0" * 64, last.origin, facts.assign(value=1)
    )
    assert full.save([sent], "x", "official").number == last.number + 1


def test_a_backup_is_a_store_itself(full, tmp_path):
    path = tmp_path / "backup.sqlite"
    full.back_up(path)
    assert Store(f"sqlite:///{path}").latest().checksum == full.latest().checksum


def test_a_backup_of_an_older_version_is_restored(new_url):
    golden = Path(__file__).parents[1] / "golden" / "stores" / "0001.sqlite"
    before = golden.read_bytes()
    stores.restore(golden, new_url)
    assert len(Store(new_url).releases()) == 4
    assert golden.read_bytes() == before


def test_nothing_is_overwritten(full, tmp_path):
    path = tmp_path / "backup.sqlite"
    full.back_up(path)
    kept = path.read_bytes()
    assert refused(lambda: full.back_up(path)) == ["backup_exists"]
    assert path.read_bytes() == kept
    assert refused(lambda: stores.restore(path, full.url)) == ["restore_not_empty"]


def test_a_damaged_backup_is_told_and_nothing_restored(full, tmp_path):
    path, target = tmp_path / "backup.sqlite", f"sqlite:///{tmp_path}/target.sqlite"
    full.back_up(path)
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2 :] = bytes(len(broken) - len(broken) // 2)
    path.write_bytes(broken)
    assert refused(lambda: stores.restore(path, target)) == ["backup_damaged"]
    assert not (tmp_path / "target.sqlite").exists()


@pytest.mark.parametrize("content", [b"", b"povsim" * 99], ids=["empty", "text"])
def test_what_is_no_backup_is_refused(tmp_path, content):
    path = tmp_path / "no.sqlite"
    path.write_bytes(content)
    rule = refused(lambda: stores.restore(path, f"sqlite:///{tmp_path}/t.sqlite"))
    assert rule == ["backup_damaged" if content else "backup_foreign"]
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE people (name)")
    foreign = tmp_path / "other.sqlite"
    assert refused(lambda: stores.restore(foreign, f"sqlite:///{tmp_path}/t.sqlite")) == [
        "backup_foreign"
    ]
    assert refused(lambda: stores.restore(tmp_path / "gone", "sqlite://")) == ["backup_missing"]


def test_a_backup_that_fails_leaves_no_half_file(small_disk, sample_store):
    path = small_disk / "b" / "backup.sqlite"
    (small_disk / "filler").write_bytes(bytes(1_900_000))
    assert refused(lambda: Store(sample_store).back_up(path)) == ["backup_unwritable"]
    assert list(path.parent.iterdir()) == []


def test_a_backup_nowhere_is_told(sample_store):
    assert refused(lambda: Store(sample_store).back_up(Path("/proc/x.sqlite"))) == [
        "backup_unwritable"
    ]


def test_a_store_in_use_is_restored_whole(sample_store, tmp_path):
    source, target = tmp_path / "used.sqlite", f"sqlite:///{tmp_path}/target.sqlite"
    stores.restore(Path(sample_store.removeprefix("sqlite:///")), f"sqlite:///{source}")
    store = Store(f"sqlite:///{source}")
    with store._engine.connect() as reader:
        reader.exec_driver_sql(
            "SELECT 1 FROM release"
        ).fetchone()  # keeps the log from being merged
        last = store.latest()
        facts = last.facts_of(["23482@2021-01-01"]).query("period == '2021'")
        facts = facts.assign(value=7).reset_index(drop=True)
        sent = stores.Submission("23482@2021-01-01", "2021", "x", "0" * 64, last.origin, facts)
        store.save([sent], "x", "official")
        stores.restore(source, target)
    assert len(Store(target).releases()) == 2


def test_another_program_s_database_is_left_alone(tmp_path):
    path = tmp_path / "ketoan.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE ketoan (so_tien)")
    before = path.read_bytes()
    assert refused(lambda: Store(f"sqlite:///{path}")) == ["store_foreign"]
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("ketoan",)]
    assert len(path.read_bytes()) == len(before)
