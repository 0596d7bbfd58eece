"""What a figure was before: every submission of a unit's review, and what each one changed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from povsim.store.records import Change, Summary, Version
from povsim.store.schema import ACCEPTANCE, LINE, RELEASE, SUBMISSION
from povsim.store.views import aware
from povsim.vocabulary import Origin

Cells = dict[tuple[str, str, str], int]
"""Counts of one submission by form, line and item."""


def versions(connection: sa.Connection, unit: str, period: str) -> list[Version]:
    """Every submission of a unit and period, oldest first."""
    here = (SUBMISSION.c.unit == unit, SUBMISSION.c.period == period)
    rows = connection.execute(sa.select(SUBMISSION).where(*here).order_by(SUBMISSION.c.id)).all()
    shown = (ACCEPTANCE.c.unit == unit, ACCEPTANCE.c.period == period)
    accepted = set(connection.scalars(sa.select(ACCEPTANCE.c.submission).where(*shown)))
    found: list[Version] = []
    before: Cells = {}
    for row in rows:
        after = _cells(connection, row.id)
        changes = tuple(_changes(before, after)) if found else ()
        found.append(_version(row, row.id in accepted, changes))
        before = after
    return found


def _version(
    row: sa.Row[tuple[object, ...]], accepted: bool, changes: tuple[Change, ...]
) -> Version:
    return Version(
        submission=row.id,
        release=row.release,
        received=aware(row.received),
        sender=row.sender,
        status=row.status,
        origin=Origin(row.origin),
        file=row.file,
        sha256=row.sha256,
        accepted=accepted,
        supersedes=row.supersedes,
        changes=changes,
    )


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
        created=aware(row.created),
        sender=row.sender,
        status=row.status,
        origin=Origin(row.origin),
        units=len({unit for unit, _ in brought}),
        periods=tuple(dict.fromkeys(period for _, period in brought)),
    )
