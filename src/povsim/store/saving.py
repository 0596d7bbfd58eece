"""New submissions in: what says nothing new is left out, the rest makes one release."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

import pandas as pd
import sqlalchemy as sa

from povsim.findings import refuse
from povsim.store.cells import checksum_of, checksum_of_all, lines_of
from povsim.store.records import (
    FACT_COLUMNS,
    OFFICIAL,
    PRELIMINARY,
    Confirmation,
    Document,
    Submission,
)
from povsim.store.schema import (
    ACCEPTANCE,
    CONFIRMATION,
    DOCUMENT,
    LINE,
    RELEASE,
    SOURCE,
    SUBMISSION,
)
from povsim.store.views import accepted, last_number
from povsim.vocabulary import Origin, checked

T = TypeVar("T")

FASTEST = 1
"""zlib's level."""
BATCH = 64
"""How many submissions are at hand at once."""


@dataclass(frozen=True)
class Said:
    """A submission as it will be kept; its lines are packed, a province sends hundreds."""

    unit: str
    period: str
    origin: Origin
    files: tuple[tuple[str, str], ...]
    checksum: str
    packed: bytes

    @property
    def key(self) -> tuple[str, str]:
        return self.unit, self.period

    @property
    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Form, line and text of each line."""
        for line in zlib.decompress(self.packed).decode().splitlines():
            form, name, text = line.split("\t")
            yield form, name, text


@dataclass(frozen=True)
class Kept:
    """A submission of the same unit and period that the store has already."""

    id: int
    status: str
    origin: str
    checksum: str


def said(submissions: Iterable[Submission]) -> list[Said]:
    """Submissions held against their contract.

    Raises:
        pandera.errors.SchemaErrors: facts break their contract.
    """
    found = []
    for batch in _batches(submissions):
        checked("facts", pd.concat([s.facts[FACT_COLUMNS] for s in batch], ignore_index=True))
        found += [_said(submission) for submission in batch]
    return found


def _batches(each: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(each)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _said(submission: Submission) -> Said:
    files = ((submission.file, submission.sha256), *submission.also)
    lines = lines_of(submission.facts)
    told = "\n".join("\t".join((*key, text)) for key, text in lines.items())
    packed = zlib.compress(told.encode(), FASTEST)
    key = submission.unit, submission.period
    return Said(*key, submission.origin, files, checksum_of(lines), packed)


def save(
    connection: sa.Connection,
    submissions: Sequence[Said],
    sender: str,
    status: str,
    name: str | None,
    confirmations: Sequence[Confirmation],
    received: datetime | None = None,
) -> int:
    """Add what is new as one release; returns its number, or the newest one's if nothing is new."""
    if name is not None and (not name.strip() or name.isdecimal()):
        raise refuse(
            "release_name_bad", name=name
        )  # a number is how releases without one are called
    last = last_number(connection)
    earlier = {each.key: _kept(connection, each.key) for each in submissions}
    new = [each for each in submissions if not _is_known(each, status, earlier[each.key])]
    if not new and last is not None:
        return last
    number = (last or 0) + 1
    held = _held(connection, last)
    takes = {each.key: _takes(status, held.get(each.key)) for each in new}
    first = _next(connection, SUBMISSION.c.id)
    ids = {each.key: first + count for count, each in enumerate(new)}
    now = datetime.now(UTC)
    shown = held | {each.key: _as_kept(each, ids, status) for each in new if takes[each.key]}
    _insert_release(connection, number, name or str(number), sender, now, shown)
    came = received or now
    _insert_submissions(connection, new, ids, number, sender, status, came, held, takes)
    _insert_lines(connection, new, ids)
    _insert_acceptances(connection, number, [(k, ids[k]) for k, taken in takes.items() if taken])
    _insert_confirmations(connection, number, confirmations)
    return number


def _kept(connection: sa.Connection, key: tuple[str, str]) -> list[Kept]:
    """What the store has of a unit and period, newest first."""
    c = SUBMISSION.c
    query = sa.select(c.id, c.status, c.origin, c.checksum).order_by(c.id.desc())
    rows = connection.execute(query.where(c.unit == key[0], c.period == key[1]))
    return [Kept(*row) for row in rows]


def _is_known(each: Said, status: str, earlier: Iterable[Kept]) -> bool:
    """Whether the last word of that status was the same."""
    last = next((kept for kept in earlier if kept.status == status), None)
    same = (each.checksum, str(each.origin))
    return last is not None and (last.checksum, last.origin) == same


def _held(connection: sa.Connection, number: int | None) -> dict[tuple[str, str], Kept]:
    """What the newest release shows."""
    if number is None:
        return {}
    c = SUBMISSION.c
    columns = [c.unit, c.period, c.id, c.status, c.origin, c.checksum]
    rows = connection.execute(accepted(number, columns))
    return {(unit, period): Kept(*kept) for unit, period, *kept in rows}


def _takes(status: str, held: Kept | None) -> bool:
    """Whether it takes the place of what is shown: a preliminary figure never an official one's."""
    return not (status == PRELIMINARY and held is not None and held.status == OFFICIAL)


def _as_kept(each: Said, ids: dict[tuple[str, str], int], status: str) -> Kept:
    return Kept(ids[each.key], status, str(each.origin), each.checksum)


def _next(connection: sa.Connection, column: sa.Column[int]) -> int:
    # Numbered here, under the writers' lock: a copy in another database keeps its numbers.
    return (connection.scalar(sa.select(sa.func.max(column))) or 0) + 1


def _insert_release(
    connection: sa.Connection,
    number: int,
    name: str,
    sender: str,
    now: datetime,
    shown: dict[tuple[str, str], Kept],
) -> None:
    """The release as a whole: preliminary, or a sample, if anything it shows is."""
    if connection.scalar(sa.select(RELEASE.c.number).where(RELEASE.c.name == name)) is not None:
        raise refuse("release_name_taken", name=name)
    preliminary = any(kept.status == PRELIMINARY for kept in shown.values())
    sample = any(kept.origin == Origin.SAMPLE for kept in shown.values())
    values = {
        "number": number,
        "name": name,
        "created": now,
        "sender": sender,
        "status": PRELIMINARY if preliminary else OFFICIAL,
        "origin": str(Origin.SAMPLE if sample else Origin.OFFICIAL),
        "checksum": checksum_of_all((*key, kept.checksum) for key, kept in shown.items()),
    }
    connection.execute(sa.insert(RELEASE), values)


def _insert_submissions(
    connection: sa.Connection,
    new: Sequence[Said],
    ids: dict[tuple[str, str], int],
    number: int,
    sender: str,
    status: str,
    received: datetime,
    held: dict[tuple[str, str], Kept],
    takes: dict[tuple[str, str], bool],
) -> None:
    rows = [
        {
            "id": ids[each.key],
            "unit": each.unit,
            "period": each.period,
            "release": number,
            "sender": sender,
            "received": received,
            "status": status,
            "origin": str(each.origin),
            "checksum": each.checksum,
            "supersedes": held[each.key].id if takes[each.key] and each.key in held else None,
        }
        for each in new
    ]
    sources = [
        {"submission": ids[each.key], "file": file, "sha256": sha256}
        for each in new
        for file, sha256 in each.files
    ]
    connection.execute(sa.insert(SUBMISSION), rows)
    connection.execute(sa.insert(SOURCE), sources)


def _insert_lines(
    connection: sa.Connection, new: Iterable[Said], ids: dict[tuple[str, str], int]
) -> None:
    for batch in _batches(new):
        rows = [
            {"submission": ids[each.key], "form": form, "line": line, "cells": text}
            for each in batch
            for form, line, text in each.lines
        ]
        if rows:
            connection.execute(sa.insert(LINE), rows)


def _insert_acceptances(
    connection: sa.Connection, number: int, accepted: Sequence[tuple[tuple[str, str], int]]
) -> None:
    rows = [
        {"unit": unit, "period": period, "release": number, "submission": identity}
        for (unit, period), identity in accepted
    ]
    if rows:
        connection.execute(sa.insert(ACCEPTANCE), rows)


def _insert_confirmations(
    connection: sa.Connection, release: int, confirmations: Sequence[Confirmation]
) -> None:
    first = _next(connection, CONFIRMATION.c.id)
    rows = [
        {"id": first + count, "release": release, **asdict(confirmation)}
        for count, confirmation in enumerate(confirmations)
    ]
    if rows:
        connection.execute(sa.insert(CONFIRMATION), rows)


def record(connection: sa.Connection, document: Document) -> bool:
    """Add a document; False where the same stands already."""
    if document in standing(connection):
        return False
    _insert_document(connection, document, withdrawn=False)
    return True


def withdraw(connection: sa.Connection, duty: str, year: int, organisation: str) -> list[Document]:
    """Say of an organisation's documents for a duty of a year that they do not count."""
    wanted = (duty, year, organisation)
    found = [d for d in standing(connection) if (d.duty, d.year, d.organisation) == wanted]
    for document in found:
        _insert_document(connection, document, withdrawn=True)
    return found


def standing(connection: sa.Connection) -> list[Document]:
    """The documents that count, in the order they were recorded."""
    columns = [DOCUMENT.c[name] for name in Document.__dataclass_fields__]
    query = sa.select(*columns, DOCUMENT.c.withdrawn).order_by(DOCUMENT.c.id)
    found: list[Document] = []
    for *fields, withdrawn in connection.execute(query):
        document = Document(*fields)
        found = [each for each in found if each != document]
        found += [] if withdrawn else [document]
    return found


def _insert_document(connection: sa.Connection, document: Document, withdrawn: bool) -> None:
    about = {"recorded": datetime.now(UTC), "withdrawn": withdrawn}
    values = {"id": _next(connection, DOCUMENT.c.id), **about, **asdict(document)}
    connection.execute(sa.insert(DOCUMENT), values)
