"""How long a page waits for a nation's store: 11,000 units × 10 years, in both databases.

Run as `python benchmarks/store.py [units] [years]`. The store is made of one form set a unit and
year, as large as the sample's; a unit's page asks for all years of one unit, a district's for
those of 16 units (11,000 communes in some 700 districts). Wall time, medians; the targets are
50 ms and 200 ms. PostgreSQL is measured where Debian's server is installed.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from keeping import keep

from povsim import intake, plan, workspace
from povsim.store import Store, Submission
from povsim.store.cells import checksum_of, checksum_of_all, lines_of
from povsim.store.engine import writing
from povsim.store.schema import ACCEPTANCE, LINE, RELEASE, SUBMISSION
from povsim.vocabulary import Origin

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from postgres_server import BINARIES, new_database, postgres_server

UNITS, YEARS, DISTRICT = 11_000, 10, 16
ROUNDS = 30
TARGETS = {"a unit's page": 50, "a district's page": 200}
AT_ONCE = 20_000

Row = dict[str, Any]


def unit(number: int) -> str:
    return f"{number:05}@2021-01-01"


def lines() -> dict[tuple[str, str], str]:
    """The lines of one review of the sample, all forms."""
    books = sorted((workspace.home() / "data" / "sample" / "2024").glob("*.xlsx"))
    received = intake.check(books, plan.load(), None)
    return lines_of(intake._submissions(received)[0].facts)


def filled(store: Store, units: int, years: int) -> None:
    """A release a year, each of all units."""
    cells = lines()
    told, now = checksum_of(cells), datetime.now(UTC)
    for turn in range(years):
        first, number, period = turn * units, turn + 1, str(2016 + turn)
        with writing(store._engine) as connection:
            keys = [(unit(n), str(2016 + y), told) for y in range(turn + 1) for n in range(units)]
            about = {"sender": "x", "status": "official", "origin": "sample"}
            release = {"number": number, "name": str(number), "created": now, **about}
            connection.execute(sa.insert(RELEASE), release | {"checksum": checksum_of_all(keys)})
            _insert(connection, SUBMISSION, _submissions(units, first, number, period, told, now))
            _insert(connection, LINE, _lines(units, first, cells))
            _insert(connection, ACCEPTANCE, _acceptances(units, first, number, period))


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterator[Row]) -> None:
    while part := list(islice(rows, AT_ONCE)):
        connection.execute(sa.insert(table), part)


def _submissions(
    units: int, first: int, release: int, period: str, checksum: str, now: datetime
) -> Iterator[Row]:
    for n in range(units):
        yield {
            "id": first + n + 1,
            "unit": unit(n),
            "period": period,
            "release": release,
            "sender": "x",
            "received": now,
            "status": "official",
            "origin": "sample",
            "checksum": checksum,
            "supersedes": None,
        }


def _lines(units: int, first: int, cells: dict[tuple[str, str], str]) -> Iterator[Row]:
    for n in range(units):
        for (form, line), text in cells.items():
            yield {"submission": first + n + 1, "form": form, "line": line, "cells": text}


def _acceptances(units: int, first: int, release: int, period: str) -> Iterator[Row]:
    for n in range(units):
        yield {"unit": unit(n), "period": period, "release": release, "submission": first + n + 1}


def pages(store: Store, units: int) -> dict[str, Callable[[], Any]]:
    """What is timed, by name; every round asks for other units."""
    chance = random.Random(2025)

    def some(count: int) -> list[str]:
        start = chance.randrange(units - count)
        return [unit(n) for n in range(start, start + count)]

    def asked(count: int) -> Any:
        release = store.latest()
        assert release is not None
        return release.facts_of(some(count))

    whole = store.release(1).facts_of([unit(0)])

    def changed() -> Submission:
        facts = whole.assign(value=whole["value"] + chance.randrange(10**6))
        key = (unit(chance.randrange(units)), "2016")
        facts = facts.assign(unit=key[0], period=key[1])
        return Submission(*key, "x.xlsx", "0" * 64, Origin.SAMPLE, facts)

    return {
        "a unit's page": lambda: asked(1),
        "a district's page": lambda: asked(DISTRICT),
        "the history of a review": lambda: store.history(some(1)[0], "2020"),
        "opening the store": lambda: Store(store.url).latest(),
        "saving one more review": lambda: store.save([changed()], "x", "official"),
    }


def measured(name: str, url: str, units: int, years: int) -> list[str]:
    store = Store(url)
    start = perf_counter()
    filled(store, units, years)
    made = perf_counter() - start
    told = [f"{name}: {units * years:,} reviews of {len(lines())} lines, made in {made:.0f} s"]
    return told + [_told(page, _times(call)) for page, call in pages(store, units).items()]


def _times(call: Callable[[], Any]) -> list[float]:
    """Milliseconds of each round."""
    times = []
    for _ in range(ROUNDS):
        begin = perf_counter()
        call()
        times.append((perf_counter() - begin) * 1000)
    return times


def _told(page: str, times: list[float]) -> str:
    took, target = median(times), TARGETS.get(page)
    verdict = "" if target is None else f", target {target}: "
    verdict += "" if target is None else "met" if took <= target else "NOT met"
    return f"  {page:<24}{took:8.1f} ms (worst {max(times):.1f}){verdict}"


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": f"sqlite:///{folder}/store.sqlite"}
        if not BINARIES:
            yield found
            return
        with postgres_server() as url:
            yield found | {"PostgreSQL": new_database(url)}


if __name__ == "__main__":
    units, years = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (UNITS, YEARS)
    with databases() as found:
        results = [measured(name, url, units, years) for name, url in found.items()]
    keep("store", [line for told in results for line in told])
