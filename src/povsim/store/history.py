"""What a figure was before: every submission of a unit's review, and what each one changed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from povsim.store.records import Change, Summary, Version
from povsim.store.schema import ACCEPTANCE, LINE, RELEASE, SOURCE, SUBMISSION
from povsim.vocabulary import Origin

Cells = dict[tuple[str, str, str], int]
"""Counts of one submission by form, line and item."""


def versions(connection: sa.Connection, unit: str, period: str) -> list[Version]:
    """Every submission of a unit and period, oldest first."""
    here = (SUBMISSION.c.unit == unit, SUBMISSION.c.period == period)
    rows = connection.execute(sa.select(SUBMISSION).where(*here).order_by(SUBMISSION.c.id)).all()
    there = (ACCEPTANCE.c.unit == unit, ACCEPTANCE.c.period == period)
    accepted = set(connection.scalars(sa.select(ACCEPTANCE.c.submission).where(*there)))
    found: list[Version] = []
    said: dict[int | None, Cells] = {None: {}}
    shown: int | None = None
    for row in rows:
        said[row.id] = _cells(connection, row.id)
        # Against what it replaced; one kept beside, against what was shown when it came.
        before = said[row.supersedes or shown]
        changes = tuple(_changes(before, said[row.id])) if found else ()
        found.append(_version(row, _files(connection, row.id), row.id in accepted, changes))
        shown = row.id if row.id in accepted else shown
    return found


def _version(
    row: sa.Row[tuple[object, ...]],
    files: tuple[tuple[str, str], ...],
    accepted: bool,
    changes: tuple[Change, ...],
) -> Version:
    return Version(
        submission=row.id,
        release=row.release,
        received=row.received,
        sender=row.sender,
        status=row.status,
        origin=Origin(row.origin),
        files=files,
        accepted=accepted,
        supersedes=row.supersedes,
        changes=changes,
    )


def _files(connection: sa.Connection, submission: int) -> tuple[tuple[str, str], ...]:
    rows = connection.execute(
        sa.select(SOURCE.c.file, SOURCE.c.sha256)
        .where(SOURCE.c.submission == submission)
        .order_by(SOURCE.c.file)
    )
    return tuple((file, sha256) for file, sha256 in rows)


def _cells(connection: sa.Connection, submission: int) -> Cells:
    columns = (LINE.c.form, LINE.c.line, LINE.c.cells)
    rows = connection.execute(sa.select(*columns).where(LINE.c.submission == submission))
    return {
        (form, line, item): count
        for form, line, cells in rows
        for item, count in json.loads(cells).items()
    }


def _changes(before: Cells, after: Cells) -> Iterator[Change]:
    for cell in sorted({*before, *after}):
        if before.get(cell) != after.get(cell):
            yield Change(*cell, before.get(cell), after.get(cell))


def summaries(connection: sa.Connection) -> list[Summary]:
    """Every release, oldest first, with what it brought."""
    c = SUBMISSION.c
    brought: dict[int, list[tuple[str, str]]] = {}
    query = sa.select(c.release, c.unit, c.period).order_by(c.period, c.unit)
    for number, unit, period in connection.execute(query):
        brought.setdefault(number, []).append((unit, period))
    rows = connection.execute(sa.select(RELEASE).order_by(RELEASE.c.number))
    return [_summary(row, brought.get(row.number, [])) for row in rows]


def _summary(row: sa.Row[tuple[object, ...]], brought: list[tuple[str, str]]) -> Summary:
    return Summary(
        number=row.number,
        name=row.name,
        created=row.created,
        sender=row.sender,
        status=row.status,
        origin=Origin(row.origin),
        units=len({unit for unit, _ in brought}),
        periods=tuple(dict.fromkeys(period for _, period in brought)),
    )
