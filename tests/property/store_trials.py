"""Hard times for a store, each in processes of its own: kills at random moments, many at once.

`python store_trials.py kill URL ROUNDS SEED` and `python store_trials.py crowd URL` print what
they saw as JSON. They are processes because a kill is one, and because a store that is open in a
process must not be open in its forks.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from povsim import intake, plan, workspace
from povsim.store import FACT_COLUMNS, OFFICIAL, Sent, Store, Submission
from povsim.store.cells import checksum_of, checksum_of_all
from povsim.store.schema import ACCEPTANCE, LINE, RELEASE, SOURCE, SUBMISSION
from povsim.store.views import accepted
from povsim.vocabulary import Origin

YEARS = range(2021, 2025)
UNITS = 7
WRITERS, READERS, SAVES = 4, 8, 12
MADE_UP = "100"
"""How the codes of units begin that only these trials have."""

# --- Is everything whole? ------------------------------------------------------------------------


def faults(url: str) -> list[str]:
    """What is not whole in a store: half a submission, half a release, a figure gone wrong."""
    store = Store(url)
    with store._engine.connect() as connection:
        found = [*_bad_file(connection), *_bad_submissions(connection), *_bad_releases(connection)]
    store._engine.dispose()
    return found


def _bad_file(connection: sa.Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    verdict = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    return [] if verdict == "ok" else [f"file: {verdict}"]


def _bad_submissions(connection: sa.Connection) -> list[str]:
    lines: dict[int, dict[tuple[str, str], str]] = {}
    for submission, form, line, cells in connection.execute(sa.select(LINE)):
        lines.setdefault(submission, {})[form, line] = cells
    rows = connection.execute(sa.select(SUBMISSION.c.id, SUBMISSION.c.checksum)).all()
    wrong = [f"submission {n}" for n, told in rows if checksum_of(lines.pop(n, {})) != told]
    return wrong + [f"lines of nobody: {n}" for n in lines]


def _bad_releases(connection: sa.Connection) -> list[str]:
    c = SUBMISSION.c
    found = []
    for number, told in connection.execute(sa.select(RELEASE.c.number, RELEASE.c.checksum)).all():
        rows = connection.execute(accepted(number, [c.unit, c.period, c.checksum])).all()
        if checksum_of_all(tuple(row) for row in rows) != told:
            found.append(f"release {number}")
        brought = sa.select(sa.func.count()).where(ACCEPTANCE.c.release == number)
        if not connection.scalar(brought):
            found.append(f"release {number} is empty")
    return found


# --- Killed at random moments --------------------------------------------------------------------


def kill(url: str, rounds: int, seed: int) -> dict[str, object]:
    """Ingest the sample a year at a time, each time killed somewhere, and look at what is left."""
    moments = random.Random(seed)
    books = [sorted((workspace.home() / "data" / "sample" / str(y)).glob("*.xlsx")) for y in YEARS]
    usual = _length(partial(_ingest, _place(url, 0), books[0]))
    whole, place = 0, 0
    wrong: list[str] = []
    for number in range(rounds):
        target = _place(url, place)
        held = _count(target)
        work = partial(_ingest, target, books[held // UNITS])
        _killed_after(work, moments.uniform(0, usual))
        wrong += [f"round {number}: {fault}" for fault in faults(target)]
        now = _count(target)
        if now not in (held, held + UNITS):
            wrong.append(f"round {number}: {held} submissions before, {now} after")
        whole += now > held
        if now == UNITS * len(YEARS):
            place = place + 1
            _emptied(target)
    return {"rounds": rounds, "whole": whole, "wrong": wrong, "usual": round(usual, 3)}


def _place(url: str, number: int) -> str:
    """Where the next store is: another file, or the same database, emptied."""
    return f"{url}{number}.sqlite" if url.startswith("sqlite") else url


def _ingest(url: str, books: list[Path]) -> None:
    intake.ingest(books, plan.load(), Store(url), sender="huyện")


def _length(call: Callable[[], None]) -> float:
    start = time.monotonic()
    child = _forked(call)
    os.waitpid(child, 0)
    return (time.monotonic() - start) * 1.2


def _killed_after(call: Callable[[], None], seconds: float) -> None:
    child = _forked(call)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _forked(call: Callable[[], object]) -> int:
    with warnings.catch_warnings():
        # Arrow's threads, which pandas brings, are made anew in the child by Arrow's own handlers.
        warnings.filterwarnings("ignore", ".*multi-threaded.*", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            call()
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
        os._exit(0)
    return child


def _count(url: str) -> int:
    store = Store(url)
    number = len(store.sent())
    store._engine.dispose()
    return number


def _emptied(url: str) -> None:
    if url.startswith("sqlite"):
        return
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in (ACCEPTANCE, SOURCE, LINE, SUBMISSION, RELEASE):
            connection.exec_driver_sql(f"TRUNCATE {table.name} CASCADE")
    engine.dispose()


# --- Many at once --------------------------------------------------------------------------------


def crowd(url: str) -> dict[str, object]:
    """Four processes that ingest and save while eight read, on a store that none has made yet."""
    writers = [_forked(partial(_write, url, number)) for number in range(WRITERS)]
    readers = [_forked(partial(_read_on, url)) for _ in range(READERS)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in writers]
    for child in readers:
        os.kill(child, signal.SIGTERM)
    codes += [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in readers]
    store = Store(url)
    told: dict[str, object] = {"codes": codes, "releases": len(store.releases())}
    told |= {"wrong": faults(url), "sample": len(_sample_of(store))}
    store._engine.dispose()
    return told


def _sample_of(store: Store) -> list[Sent]:
    return [sent for sent in store.sent() if sent.unit < MADE_UP or sent.unit > f"{MADE_UP}~"]


def _write(url: str, writer: int) -> None:
    store = Store(url)
    for turn in range(len(YEARS)):  # each begins with another year
        year = YEARS[(writer + turn) % len(YEARS)]
        books = sorted((workspace.home() / "data" / "sample" / str(year)).glob("*.xlsx"))
        intake.ingest(books, plan.load(), store, sender=f"writer {writer}")
    for number in range(SAVES):
        store.save(
            [_made_up(writer, number), _made_up(writer + 50, number)], f"w{writer}", OFFICIAL
        )


def _made_up(writer: int, number: int) -> Submission:
    key = (f"{10000 + writer}@2021-01-01", str(2021 + number % 4))
    rows = [
        (*key, f"F{form}", "households", f"item{n}", number) for form in range(9) for n in range(20)
    ]
    facts = pd.DataFrame(rows, columns=FACT_COLUMNS).astype({"value": "Int64"})
    return Submission(*key, "made-up.xlsx", "0" * 64, Origin.SAMPLE, facts)


def _read_on(url: str) -> None:
    """Read until told to stop; a release is whole, and never an older one than before."""
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    store, last = Store(url), 0
    for _ in count():
        release = store.latest()
        if release is not None:
            cells = release.facts.groupby(["unit", "period"]).size()
            made_up = cells[[unit.startswith(MADE_UP) for unit, _ in cells.index]]
            assert set(made_up) <= {180}, made_up
            assert release.number >= last
            last = release.number
        if stopped and last:
            return


if __name__ == "__main__":
    what, url, *rest = sys.argv[1:]
    told = crowd(url) if what == "crowd" else kill(url, *map(int, rest))
    sys.stdout.write(json.dumps(told))
