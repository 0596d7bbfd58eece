"""The store in hard times: killed in the middle, many writers and readers at once, a full disk."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from povsim import intake
from povsim.findings import Refusal
from povsim.store import Release, Store, Submission

TRIALS = Path(__file__).with_name("store_trials.py")
KILLS = int(os.environ.get("POVSIM_KILLS", "10"))


def tried(what: str, url: str, *rest: object) -> dict[str, object]:
    command = [sys.executable, str(TRIALS), what, url, *map(str, rest)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_a_kill_at_any_moment_leaves_whole_submissions_only(new_url):
    url = new_url.removesuffix(".sqlite")
    told = tried("kill", url, KILLS, 2024)
    assert told["wrong"] == []
    assert told["rounds"] == KILLS
    if KILLS >= 50:  # the kills came neither all too early nor all too late
        assert 0.05 < told["whole"] / KILLS < 0.95


def test_four_write_while_eight_read_and_nobody_meets_a_lock(new_url):
    told = tried("crowd", new_url)
    assert told["codes"] == [0] * 12
    assert told["wrong"] == []
    assert told["sample"] == 28
    assert told["releases"] >= 4 * 12


# --- A full disk ---------------------------------------------------------------------------------


@pytest.fixture
def on_small_disk(small_disk: Path) -> Store:
    """A store on a disk of 2 MB."""
    return Store(f"sqlite:///{small_disk}/povsim.sqlite")


@pytest.fixture
def few_pages(store: Store) -> Store:
    """A store that SQLite itself holds to 500 kB: the same error, where no disk can be mounted."""
    store._engine.dispose()

    @sa.event.listens_for(store._engine, "connect")
    def narrow(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 120")

    return store


@pytest.mark.parametrize("kind", ["on_small_disk", "few_pages"])
def test_a_full_disk_loses_nothing_and_is_told(kind, request, sample, plan):
    store: Store = request.getfixturevalue(kind)
    intake.ingest(sorted((sample / "2021").glob("*.xlsx")), plan, store, sender="huyện")
    with pytest.raises(Refusal) as refusal:
        fill(store)
    assert [finding.rule for finding in refusal.value.findings] == ["store_full"]
    assert "đầy" in refusal.value.text("vi")
    again = Store(store.url)
    numbers = [summary.number for summary in again.releases()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 2
    first, last = again.release(1).facts, again.release(len(numbers)).facts
    assert (last["value"] - first["value"]).unique().tolist() == [len(numbers) - 1]


def fill(store: Store) -> None:
    """Save until nothing more goes in."""
    for turn in range(1, 99):
        store.save(changed(store.release(1), turn), "huyện", "official")


def changed(release: Release, turn: int) -> list[Submission]:
    """The same units' figures, each a little larger."""
    facts = release.facts.assign(value=release.facts["value"] + turn)
    return [
        Submission(unit, period, "x.xlsx", "0" * 64, release.origin, own.reset_index(drop=True))
        for (unit, period), own in facts.groupby(["unit", "period"])
    ]
