"""The store: releases that never change, saved whole or not at all, known by what they say."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import store as stores
from povsim.findings import Refusal
from povsim.store import FACT_COLUMNS, Store, Submission, checksum_of, merged
from povsim.vocabulary import Origin

UNITS = ["23479@2021-01-01", "23482@2021-01-01", "23485@2021-01-01"]


def submission(unit: int, year: int = 2024, poor: int = 5, origin=Origin.SAMPLE) -> Submission:
    key = (UNITS[unit], str(year))
    rows = [(*key, "F1", "households", item, n) for item, n in (("households", 99), ("poor", poor))]
    facts = pd.DataFrame(rows, columns=FACT_COLUMNS).astype({"value": "Int64"})
    return Submission(*key, f"{unit}.xlsx", "0" * 64, origin, facts)


def dump(store: Store) -> list[str]:
    """Everything in the file, as SQL."""
    with sqlite3.connect(store.url.removeprefix("sqlite:///")) as connection:
        return list(connection.iterdump())


def poor(release: stores.Release) -> dict[str, int]:
    cells = release.facts[release.facts["item"] == "poor"]
    return {f"{unit[:5]} {year}": n for unit, year, *_, n in cells.itertuples(index=False)}


def save(store: Store, *submissions: Submission) -> stores.Release:
    return store.save(submissions, "huyện", "official")


def test_a_new_store_is_empty(store):
    assert store.latest() is None


def test_the_file_is_in_write_ahead_mode(store):
    with sqlite3.connect(store.url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_folder_of_a_new_store_is_made(tmp_path):
    assert Store(f"sqlite:///{tmp_path}/a/b/c.sqlite").latest() is None
    assert (tmp_path / "a/b/c.sqlite").is_file()


def test_a_release_gives_back_what_was_saved(store):
    saved = store.save([submission(1), submission(0, 2023)], "Nguyễn Thị B", "preliminary")
    assert (saved.number, saved.sender, saved.status) == (1, "Nguyễn Thị B", "preliminary")
    assert saved.origin is Origin.SAMPLE
    assert saved.years == [2023, 2024]
    assert saved.created.tzinfo is not None
    assert poor(saved) == {"23479 2023": 5, "23482 2024": 5}
    assert saved.facts["value"].dtype == "Int64"
    again = Store(store.url).release(1)
    assert again.facts.equals(saved.facts)
    assert (again.checksum, again.created) == (saved.checksum, saved.created)


def test_numbers_go_up_and_earlier_releases_stay(store):
    first = save(store, submission(0), submission(1))
    second = save(store, submission(1, poor=7))
    third = save(store, submission(2))
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert poor(store.release(1)) == {"23479 2024": 5, "23482 2024": 5}
    assert poor(store.release(2)) == {"23479 2024": 5, "23482 2024": 7}
    assert poor(store.latest()) == {"23479 2024": 5, "23482 2024": 7, "23485 2024": 5}


def test_a_review_sent_again_replaces_the_earlier_one_whole(store):
    save(store, submission(0), submission(0, 2023))
    shorter = submission(0)
    shorter = Submission(**{**vars(shorter), "facts": shorter.facts.head(1)})
    facts = save(store, shorter).facts
    assert facts.groupby("period").size().to_dict() == {"2023": 2, "2024": 1}


def test_saying_the_same_again_makes_no_release(store):
    save(store, submission(0), submission(1))
    before = dump(store)
    assert save(store, submission(1)).number == 1
    assert dump(store) == before


@pytest.mark.parametrize("number", [0, 2, -1])
def test_an_unknown_release_is_refused(store, number):
    save(store, submission(0))
    with pytest.raises(Refusal) as refusal:
        store.release(number)
    assert [finding.rule for finding in refusal.value.findings] == ["release_unknown"]
    assert str(number) in refusal.value.text("vi")


@pytest.mark.parametrize("step", ["_insert_submission", "_insert_release"])
@pytest.mark.parametrize("earlier", [False, True], ids=["empty", "after a release"])
def test_a_fault_in_the_middle_leaves_the_store_as_it_was(store, monkeypatch, step, earlier):
    if earlier:
        save(store, submission(0))
    before, written = dump(store), getattr(stores, step)

    def fails_once_written(*arguments):
        written(*arguments)
        raise RuntimeError("power cut")

    monkeypatch.setattr(stores, step, fails_once_written)
    with pytest.raises(RuntimeError):
        save(store, submission(1), submission(2))
    monkeypatch.undo()
    assert dump(store) == before
    assert save(store, submission(1)).number == 1 + earlier


def test_two_senders_at_once_do_not_write_over_each_other(store):
    start = Barrier(3)

    def send(unit: int) -> None:
        own = Store(store.url)
        start.wait()
        save(own, submission(unit))

    with ThreadPoolExecutor(3) as senders:
        list(senders.map(send, range(3)))
    assert store.latest().number == 3
    assert len(poor(store.latest())) == 3


def test_a_reader_sees_whole_releases_while_a_writer_is_busy(store):
    save(store, submission(0))
    with store._engine.begin() as writer:
        stores._lock(writer)
        stores._insert_submission(writer, submission(1))
        assert poor(Store(store.url).latest()) == {"23479 2024": 5}


@pytest.mark.parametrize(
    ("origins", "origin"),
    [
        ([Origin.SAMPLE, Origin.SAMPLE], Origin.SAMPLE),
        ([Origin.SAMPLE, Origin.OFFICIAL], Origin.SAMPLE),
        ([Origin.OFFICIAL, Origin.OFFICIAL], Origin.OFFICIAL),
    ],
)
def test_a_release_that_holds_any_sample_is_a_sample(store, origins, origin):
    sent = [submission(number, origin=origin) for number, origin in enumerate(origins)]
    assert save(store, *sent).origin is origin


@settings(max_examples=20)
@given(order=st.permutations(range(6)))
def test_the_checksum_does_not_depend_on_the_order_of_files(order):
    sent = [submission(unit, year) for unit in range(3) for year in (2023, 2024)]
    facts = merged(None, [sent[number] for number in order])
    assert checksum_of(facts) == checksum_of(merged(None, sent))


@pytest.mark.parametrize("other", [submission(0, poor=6), submission(0, 2023), submission(1)])
def test_the_checksum_depends_on_every_cell(other):
    assert checksum_of(merged(None, [other])) != checksum_of(merged(None, [submission(0)]))


def test_no_number_is_lost_on_the_way(store):
    assert poor(save(store, submission(0, poor=2**40))) == {"23479 2024": 2**40}
