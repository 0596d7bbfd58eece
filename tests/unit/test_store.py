"""The store: releases that never change, saved whole or not at all, known by what they say."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pandas as pd
import pandera.errors
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.findings import Refusal
from povsim.store import (
    FACT_COLUMNS,
    OFFICIAL,
    PRELIMINARY,
    Change,
    Document,
    Release,
    Store,
    Submission,
    saving,
)
from povsim.store.cells import checksum_of_all, lines_of
from povsim.store.engine import writing
from povsim.vocabulary import Origin
from povsim.workspace import CLOCK

UNITS = ["23479@2021-01-01", "23482@2021-01-01", "23485@2021-01-01"]


def submission(unit: int, year: int = 2024, poor: int = 5, origin=Origin.SAMPLE) -> Submission:
    key = (UNITS[unit], str(year))
    rows = [(*key, "F1", "households", item, n) for item, n in (("households", 99), ("poor", poor))]
    facts = pd.DataFrame(rows, columns=FACT_COLUMNS).astype({"value": "Int64"})
    return Submission(*key, f"{unit}.xlsx", "0" * 64, origin, facts)


def dump(store: Store) -> list[str]:
    """Everything in the database, a row a line."""
    found = sa.MetaData()
    found.reflect(store._engine)
    with store._engine.connect() as connection:
        return [
            f"{table.name} {tuple(row)}"
            for table in found.sorted_tables
            for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
        ]


def poor(release: Release) -> dict[str, int]:
    cells = release.facts[release.facts["item"] == "poor"]
    return {f"{unit[:5]} {year}": n for unit, year, *_, n in cells.itertuples(index=False)}


def save(store: Store, *submissions: Submission, status: str = OFFICIAL) -> Release:
    return store.save(submissions, "huyện", status)


@pytest.fixture
def store(new_url: str) -> Iterator[Store]:
    """An empty store, in each database."""
    store = Store(new_url)
    yield store
    store._engine.dispose()


def test_a_new_store_is_empty(store):
    assert store.latest() is None


def test_the_file_is_in_write_ahead_mode(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/povsim.sqlite")
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


@pytest.mark.parametrize("number", [0, 2, -1, 10**20])
def test_an_unknown_release_is_refused(store, number):
    save(store, submission(0))
    with pytest.raises(Refusal) as refusal:
        store.release(number)
    assert [finding.rule for finding in refusal.value.findings] == ["release_unknown"]
    assert str(number) in refusal.value.text("vi")


STEPS = ["_insert_release", "_insert_submissions", "_insert_acceptances", "_insert_confirmations"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("earlier", [False, True], ids=["empty", "after a release"])
def test_a_fault_in_the_middle_leaves_the_store_as_it_was(store, monkeypatch, step, earlier):
    if earlier:
        save(store, submission(0))
    before, written = dump(store), getattr(saving, step)

    def fails_once_written(*arguments):
        written(*arguments)
        raise RuntimeError("power cut")

    monkeypatch.setattr(saving, step, fails_once_written)
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
    with writing(store._engine) as writer:
        saving.save(writer, saving.said([submission(1)]), "huyện", OFFICIAL, None, ())
        assert poor(Store(store.url).latest()) == {"23479 2024": 5}
    assert poor(store.latest()) == {"23479 2024": 5, "23482 2024": 5}


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
    sent = [(unit, str(year), f"{unit}{year}") for unit in UNITS for year in (2023, 2024)]
    assert checksum_of_all(sent[number] for number in order) == checksum_of_all(sent)


@pytest.mark.parametrize("other", [submission(0, poor=6), submission(0, 2023), submission(1)])
def test_the_checksum_depends_on_every_cell(tmp_path, other):
    one, two = (Store(f"sqlite:///{tmp_path}/{n}.sqlite") for n in range(2))
    assert save(one, submission(0)).checksum != save(two, other).checksum


def test_equal_figures_have_one_checksum_whatever_brought_them(tmp_path):
    one, two = (Store(f"sqlite:///{tmp_path}/{n}.sqlite") for n in range(2))
    save(one, submission(0), submission(1, poor=8))
    again = save(one, submission(1))
    assert (
        save(two, replace(submission(1), file="b.xlsx"), submission(0)).checksum == again.checksum
    )


def test_a_blank_count_is_not_kept_as_nought(store):
    sent = submission(0)
    sent.facts.loc[1, "value"] = pd.NA
    assert lines_of(sent.facts) == {("F1", "households"): '{"households":99}'}
    assert poor(save(store, sent)) == {}


def test_facts_that_break_their_contract_are_not_saved(store):
    before, sent = dump(store), submission(0)
    sent.facts.loc[1, "line"] = "villages"
    with pytest.raises(pandera.errors.SchemaErrors):
        save(store, sent)
    assert dump(store) == before


# --- How final -----------------------------------------------------------------------------------


def test_an_official_figure_takes_the_place_of_a_preliminary_one(store):
    first = save(store, submission(0, poor=776), status=PRELIMINARY)
    second = save(store, submission(0, poor=797))
    assert (first.status, second.status) == (PRELIMINARY, OFFICIAL)
    assert [poor(release)["23479 2024"] for release in (first, second)] == [776, 797]


def test_a_preliminary_figure_stands_beside_the_official_one(store):
    save(store, submission(0, poor=797))
    later = save(store, submission(0, poor=776), status=PRELIMINARY)
    assert poor(later) == {"23479 2024": 797}
    assert later.status == OFFICIAL
    assert store.statuses() == {(UNITS[0], "2024"): OFFICIAL}
    official, beside = store.history(UNITS[0], "2024")
    assert (official.accepted, official.status) == (True, OFFICIAL)
    assert (beside.accepted, beside.status, beside.supersedes) == (False, PRELIMINARY, None)
    assert beside.changes == (Change("F1", "households", "poor", 797, 776),)


def test_one_preliminary_figure_makes_a_release_preliminary(store):
    save(store, submission(0))
    assert save(store, submission(1), status=PRELIMINARY).status == PRELIMINARY
    assert save(store, submission(1)).status == OFFICIAL


@pytest.mark.parametrize("status", [PRELIMINARY, OFFICIAL])
def test_the_same_again_says_nothing_whatever_came_between(store, status):
    save(store, submission(0, poor=776), status=PRELIMINARY)
    save(store, submission(0, poor=797))
    before = dump(store)
    number = {PRELIMINARY: 776, OFFICIAL: 797}[status]
    assert save(store, submission(0, poor=number), status=status).number == 2
    assert dump(store) == before


def test_a_figure_may_go_back_to_what_it_was(store):
    for poor_now in (5, 6, 5):
        release = save(store, submission(0, poor=poor_now))
    assert (release.number, poor(release)) == (3, {"23479 2024": 5})
    assert [v.supersedes for v in store.history(UNITS[0], "2024")] == [None, 1, 2]


# --- Asked later ---------------------------------------------------------------------------------


def test_who_changed_what_and_when(store):
    store.save([submission(0, poor=5), submission(1)], "Phòng A", OFFICIAL)
    store.save([submission(0, poor=7)], "Xã B", OFFICIAL)
    first, second = store.history(UNITS[0], "2024")
    assert (first.sender, first.release, first.changes) == ("Phòng A", 1, ())
    assert (second.sender, second.release, second.supersedes) == ("Xã B", 2, first.submission)
    assert second.changes == (Change("F1", "households", "poor", 5, 7),)
    assert first.received <= second.received <= datetime.now(UTC)
    assert store.history(UNITS[2], "2024") == []


def test_a_cell_that_comes_or_goes_is_a_change(store):
    sent = submission(0)
    save(store, replace(sent, facts=sent.facts.head(1)))
    save(store, sent)
    save(store, replace(sent, facts=sent.facts.tail(1)))
    _, second, third = store.history(UNITS[0], "2024")
    assert second.changes == (Change("F1", "households", "poor", None, 5),)
    assert third.changes == (Change("F1", "households", "households", 99, None),)


def test_what_changed_is_told_against_what_was_replaced(store):
    save(store, submission(0, poor=100))
    save(store, submission(0, poor=120), status=PRELIMINARY)
    save(store, submission(0, poor=120))
    _, beside, official = store.history(UNITS[0], "2024")
    assert [(c.before, c.after) for c in beside.changes] == [(100, 120)]
    assert [(c.before, c.after) for c in official.changes] == [(100, 120)]


def test_every_file_of_a_review_is_kept(store):
    sent = replace(submission(0), also=(("f2.xlsx", "1" * 64),))
    save(store, sent)
    (version,) = store.history(UNITS[0], "2024")
    assert version.files == (("0.xlsx", "0" * 64), ("f2.xlsx", "1" * 64))


def test_a_day_is_that_of_the_office_whatever_the_machine_says(store, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    late = datetime(2024, 12, 15, 0, 30, tzinfo=CLOCK)  # still the 14th in UTC
    store.save([submission(0)], "x", OFFICIAL, received=late)
    assert [sent.received for sent in Store(store.url).sent()] == [date(2024, 12, 15)]
    (version,) = store.history(UNITS[0], "2024")
    assert (version.received, version.received.utcoffset()) == (late, timedelta(0))
    monkeypatch.undo()
    time.tzset()


def test_a_moment_without_a_zone_is_refused(store):
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        store.as_of(datetime(2024, 12, 15))


@pytest.mark.parametrize("name", ["2024", "", "  "])
def test_a_name_is_no_number_and_not_blank(store, name):
    with pytest.raises(Refusal) as refusal:
        store.save([submission(0)], "x", OFFICIAL, name=name)
    assert [finding.rule for finding in refusal.value.findings] == ["release_name_bad"]


def test_a_writer_does_not_wait_for_ever(new_url, monkeypatch):
    monkeypatch.setattr("povsim.store.engine.PATIENCE", 1)
    store = Store(new_url)
    with writing(store._engine), pytest.raises(Refusal) as refusal:
        save(Store(store.url), submission(0))
    assert [finding.rule for finding in refusal.value.findings] == ["store_busy"]


def test_what_was_known_at_a_moment(store):
    start = datetime.now(UTC)
    first = save(store, submission(0))
    second = save(store, submission(0, poor=6))
    moments = [start, first.created, second.created, second.created + timedelta(days=9)]
    found = [store.as_of(moment) for moment in moments]
    assert [release and release.number for release in found] == [None, 1, 2, 2]


def test_a_release_is_known_by_its_name(store):
    store.save([submission(0)], "huyện", OFFICIAL, name="báo cáo 2024")
    assert store.release("báo cáo 2024").number == 1
    save(store, submission(1))
    assert store.release("2").number == 2
    with pytest.raises(Refusal) as refusal:
        store.save([submission(2)], "huyện", OFFICIAL, name="báo cáo 2024")
    assert [finding.rule for finding in refusal.value.findings] == ["release_name_taken"]
    assert store.latest().number == 2


def test_releases_say_what_they_brought(store):
    save(store, submission(0), submission(1), submission(0, 2023))
    save(store, submission(2), status=PRELIMINARY)
    brought = [(s.number, s.units, s.periods, s.status) for s in store.releases()]
    assert brought == [(1, 2, ("2023", "2024"), OFFICIAL), (2, 1, ("2024",), PRELIMINARY)]


def test_a_page_asks_for_its_units_only(store):
    release = save(store, submission(0), submission(1), submission(2))
    own = release.facts_of(UNITS[:2])
    assert sorted(own["unit"].unique()) == UNITS[:2]
    assert own.equals(release.facts[release.facts["unit"].isin(UNITS[:2])].reset_index(drop=True))
    assert release.of(UNITS[:2]).facts.equals(own)
    assert set(release.of(UNITS[:2]).facts_of(UNITS[1:])["unit"]) == {UNITS[1]}
    many = [*UNITS[:1], *(f"{code:05}@2021-01-01" for code in range(900))]
    assert sorted(release.facts_of(many)["unit"].unique()) == UNITS[:1]


def test_documents_are_kept_once(store):
    document = Document("movement", 2024, "phu-nu", date(2024, 6, 3), "A", "bc.pdf", "0" * 64)
    later = replace(document, received=date(2024, 6, 20))
    assert [store.record(each) for each in (document, document, later)] == [True, False, True]
    assert store.documents() == [document, later]


def test_a_wrong_record_is_withdrawn_and_may_come_again(store):
    document = Document("movement", 2024, "phu-nu", date(2024, 6, 3), "A", "bc.pdf", "0" * 64)
    other = replace(document, year=2023)
    for each in (document, other):
        store.record(each)
    assert store.withdraw("movement", 2024, "phu-nu") == [document]
    assert store.documents() == [other]
    assert store.withdraw("movement", 2024, "phu-nu") == []
    assert store.record(document)
    assert store.documents() == [other, document]
    assert len([row for row in dump(store) if row.startswith("document ")]) == 4


def test_what_was_sent_says_nothing_of_the_figures(store):
    save(store, submission(0), status=PRELIMINARY)
    (sent,) = store.sent()
    assert (sent.unit, sent.period, sent.status) == (UNITS[0], "2024", PRELIMINARY)
    assert abs(sent.received - datetime.now(CLOCK).date()) <= timedelta(days=1)  # midnight
    assert sent.origin is Origin.SAMPLE


def test_no_number_is_lost_on_the_way(store):
    assert poor(save(store, submission(0, poor=2**40))) == {"23479 2024": 2**40}
