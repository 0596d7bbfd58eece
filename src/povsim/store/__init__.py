"""Releases with provenance, in one embedded file or PostgreSQL: who sent what, when, how final.

A submission is one unit's forms of one review as a file gave them. A release is an immutable
view: of each unit and review, the submission accepted last. Nothing is ever changed or deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from povsim.findings import refuse
from povsim.store import backup, history, saving, views
from povsim.store.engine import engine_of, reading, shown, writing
from povsim.store.migrations import brought_up
from povsim.store.records import (
    FACT_COLUMNS,
    OFFICIAL,
    PRELIMINARY,
    Change,
    Confirmation,
    Document,
    Release,
    Sent,
    Submission,
    Summary,
    Version,
)
from povsim.store.schema import CONFIRMATION, RELEASE, SUBMISSION
from povsim.vocabulary import Origin
from povsim.workspace import CLOCK

__all__ = [
    "FACT_COLUMNS",
    "OFFICIAL",
    "PRELIMINARY",
    "Change",
    "Confirmation",
    "Document",
    "Release",
    "Sent",
    "Store",
    "Submission",
    "Summary",
    "Version",
    "restore",
    "shown",
]

restore = backup.restore

LARGEST_NUMBER = 2**31 - 1
"""What a database's integers hold; no release bears a larger number."""


class Store:
    """The store at a SQLAlchemy URL, made on first use and brought up to this version.

    Every method raises a Refusal where the database cannot be reached, read or written.

    >>> import tempfile
    >>> Store(f"sqlite:///{tempfile.mkdtemp()}/store.sqlite").latest() is None
    True
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = engine_of(url)
        brought_up(self._engine)

    # --- Releases ----------------------------------------------------------------------------

    def latest(self) -> Release | None:
        """The newest release, or None in an empty store."""
        with reading(self._engine) as connection:
            number = views.last_number(connection)
            return None if number is None else self._release(connection, number)

    def release(self, number: int | str) -> Release:
        """A release by its number or its name.

        Raises:
            Refusal: the store has no such release.
        """
        with reading(self._engine) as connection:
            return self._release(connection, number)

    def as_of(self, moment: datetime) -> Release | None:
        """The release that was the newest at a moment; None where there was none yet.

        Raises:
            ValueError: the moment has no time zone.
        """
        with reading(self._engine) as connection:
            number = views.last_until(connection, moment)
            return None if number is None else self._release(connection, number)

    def releases(self) -> list[Summary]:
        """Every release, oldest first, with what it brought."""
        with reading(self._engine) as connection:
            return history.summaries(connection)

    def _release(self, connection: sa.Connection, wanted: int | str) -> Release:
        key = RELEASE.c.number if isinstance(wanted, int) else RELEASE.c.name
        there = isinstance(wanted, str) or 0 < wanted <= LARGEST_NUMBER
        query = sa.select(RELEASE).where(key == wanted)
        row = connection.execute(query).one_or_none() if there else None
        if row is None:
            raise refuse("release_unknown", number=wanted, store=shown(self.url))
        return Release(
            number=row.number,
            name=row.name,
            created=row.created,
            sender=row.sender,
            status=row.status,
            origin=Origin(row.origin),
            checksum=row.checksum,
            read=partial(self._facts, row.number),
        )

    def _facts(self, number: int, units: Collection[str] | None) -> pd.DataFrame:
        with reading(self._engine) as connection:
            return views.facts(connection, number, units)

    def statuses(self) -> dict[tuple[str, str], str]:
        """How final what the newest release shows is, by unit and period."""
        c = SUBMISSION.c
        with reading(self._engine) as connection:
            number = views.last_number(connection) or 0
            rows = connection.execute(views.accepted(number, [c.unit, c.period, c.status]))
            return {(unit, period): status for unit, period, status in rows}

    def brought(self, number: int) -> tuple[int, list[str]]:
        """How many units a release brought something of, and of which periods."""
        with reading(self._engine) as connection:
            return views.brought(connection, number)

    # --- What was sent -----------------------------------------------------------------------

    def save(
        self,
        submissions: Iterable[Submission],
        sender: str,
        status: str,
        confirmations: Sequence[Confirmation] = (),
        name: str | None = None,
        received: datetime | None = None,
    ) -> Release:
        """Save submissions and the release they make with what was there, all or nothing.

        `submissions` need not be there all at once. `status` is how
        final they are: an official figure stays shown when a preliminary one comes after it.
        `confirmations` are the doubts answered on the way, kept with the release; `name` is the
        release's, its number unless given; `received` when they came, now unless given. Returns
        the newest release unchanged where nothing new is said.

        Raises:
            Refusal: the name is taken, the disk is full, the store cannot be written.
            pandera.errors.SchemaErrors: facts break their contract.
        """
        told = saving.said(submissions)
        with writing(self._engine) as connection:
            number = saving.save(connection, told, sender, status, name, confirmations, received)
        return self.release(number)

    def confirmations(self) -> list[Confirmation]:
        """Every doubt that was answered, oldest first."""
        columns = [CONFIRMATION.c[name] for name in ("code", "rule", "doubt", "reason")]
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(*columns).order_by(CONFIRMATION.c.id))
            return [Confirmation(*row) for row in rows]

    def history(self, unit: str, period: str) -> list[Version]:
        """Every submission of a unit (printed identity) and period, oldest first."""
        with reading(self._engine) as connection:
            return history.versions(connection, unit, period)

    def sent(self) -> list[Sent]:
        """Which unit sent its forms of which period, when and how final; oldest first."""
        c = SUBMISSION.c
        query = sa.select(c.unit, c.period, c.received, c.status, c.origin).order_by(c.id)
        with reading(self._engine) as connection:
            rows = connection.execute(query)
            # The day it was at the office: what comes at five in the morning comes on that day.
            return [
                Sent(u, p, at.astimezone(CLOCK).date(), s, Origin(o)) for u, p, at, s, o in rows
            ]

    # --- Documents ---------------------------------------------------------------------------

    def record(self, document: Document) -> bool:
        """Keep that a report was received; False where the same was recorded before."""
        with writing(self._engine) as connection:
            return saving.record(connection, document)

    def withdraw(self, duty: str, year: int, organisation: str) -> list[Document]:
        """Keep that what was recorded of an organisation's duty in a year was wrong; returns it.

        Nothing is deleted: the record and its withdrawal both stay in the store.
        """
        with writing(self._engine) as connection:
            return saving.withdraw(connection, duty, year, organisation)

    def documents(self) -> list[Document]:
        """Every report received and not withdrawn, in the order they were recorded."""
        with reading(self._engine) as connection:
            return saving.standing(connection)

    # --- The whole ---------------------------------------------------------------------------

    def back_up(self, path: Path) -> None:
        """Write the whole store, as it is now, to one file that is a store itself.

        Raises:
            Refusal: the file is there already, or cannot be written.
        """
        backup.back_up(self._engine, path)
