"""What a release shows: for each unit and period, the last submission accepted up to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from povsim.store.cells import facts_of
from povsim.store.schema import ACCEPTANCE, LINE, RELEASE, SUBMISSION

MANY = 500
"""More units than this are not asked for by name: a database takes so many and no more."""


def last_number(connection: sa.Connection) -> int | None:
    """The number of the newest release, or None in an empty store."""
    number: int | None = connection.scalar(sa.select(sa.func.max(RELEASE.c.number)))
    return number


def last_until(connection: sa.Connection, moment: datetime) -> int | None:
    """The number of the newest release made at or before a moment."""
    made = sa.select(sa.func.max(RELEASE.c.number)).where(RELEASE.c.created <= moment)
    number: int | None = connection.scalar(made)
    return number


def accepted(
    number: int, columns: Collection[sa.ColumnElement[Any]], units: Collection[str] | None = None
) -> sa.Select[Any]:
    """Columns of the submissions that a release shows; of some units only, if they are few."""
    part = ACCEPTANCE.c
    newest = sa.select(part.unit, part.period, sa.func.max(part.release).label("release"))
    newest = newest.where(part.release <= number).group_by(part.unit, part.period)
    if units is not None and len(units) <= MANY:
        newest = newest.where(part.unit.in_(sorted(units)))
    last = newest.subquery()
    here = sa.and_(*(part[name] == last.c[name] for name in ("unit", "period", "release")))
    joined = ACCEPTANCE.join(last, here).join(SUBMISSION, SUBMISSION.c.id == part.submission)
    return sa.select(*columns).select_from(joined)


def facts(
    connection: sa.Connection, number: int, units: Collection[str] | None = None
) -> pd.DataFrame:
    """The cells of a release, by unit, period, form, line and item."""
    key = (SUBMISSION.c.unit, SUBMISSION.c.period, LINE.c.form, LINE.c.line)
    query = accepted(number, [*key, LINE.c.cells], units)
    query = query.join(LINE, LINE.c.submission == SUBMISSION.c.id)
    wanted = None if units is None else set(units)
    # Sorted here: the order of letters is not the same in every database.
    rows = sorted(tuple(row) for row in connection.execute(query))
    return facts_of(row for row in rows if wanted is None or row[0] in wanted)


def brought(connection: sa.Connection, number: int) -> tuple[int, list[str]]:
    """How many units a release brought something of, and of which periods."""
    c = SUBMISSION.c
    units = sa.select(sa.func.count(c.unit.distinct())).where(c.release == number)
    periods = sa.select(c.period).distinct().where(c.release == number)
    return connection.scalar(units) or 0, sorted(connection.scalars(periods))
