"""The tables of a store, as the newest migration leaves them.

Rows are only ever added. What a unit said stands in `submission` and, a form's line at a time, in
`line`; which submission speaks for a unit and period from which release on stands in `acceptance`.
The view of a release is, for each unit and period, the acceptance of the highest release up to it.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

VERSION = "0002"
"""The migration that this code is written for; a test holds it against the newest one."""


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC: SQLite forgets time zones, PostgreSQL answers in the session's own."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: sa.Dialect) -> datetime | None:
        """Raises ValueError for a moment without a zone: nobody knows when it is."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: sa.Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


SCHEMA = sa.MetaData()

RELEASE = sa.Table(
    "release",
    SCHEMA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("created", Moment, nullable=False),
    sa.Column("sender", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("origin", sa.String, nullable=False),
    sa.Column("checksum", sa.String(64), nullable=False),
)
SUBMISSION = sa.Table(
    "submission",
    SCHEMA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("unit", sa.String, nullable=False),
    sa.Column("period", sa.String, nullable=False),
    sa.Column("release", sa.ForeignKey("release.number"), nullable=False),
    sa.Column("sender", sa.String, nullable=False),
    sa.Column("received", Moment, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("origin", sa.String, nullable=False),
    sa.Column("checksum", sa.String(64), nullable=False),
    sa.Column("supersedes", sa.ForeignKey("submission.id")),
    sa.Index("submission_of", "unit", "period"),
)
SOURCE = sa.Table(
    "source",
    SCHEMA,
    sa.Column("submission", sa.ForeignKey("submission.id"), primary_key=True),
    sa.Column("file", sa.String, primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
)
LINE = sa.Table(
    "line",
    SCHEMA,
    sa.Column("submission", sa.ForeignKey("submission.id"), primary_key=True),
    sa.Column("form", sa.String, primary_key=True),
    sa.Column("line", sa.String, primary_key=True),
    sa.Column("cells", sa.Text, nullable=False),
)
ACCEPTANCE = sa.Table(
    "acceptance",
    SCHEMA,
    sa.Column("unit", sa.String, primary_key=True),
    sa.Column("period", sa.String, primary_key=True),
    sa.Column("release", sa.ForeignKey("release.number"), primary_key=True),
    sa.Column("submission", sa.ForeignKey("submission.id"), nullable=False),
)
CONFIRMATION = sa.Table(
    "confirmation",
    SCHEMA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("release", sa.ForeignKey("release.number"), nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("doubt", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
)
DOCUMENT = sa.Table(
    "document",
    SCHEMA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("duty", sa.String, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("organisation", sa.String, nullable=False),
    sa.Column("received", sa.Date, nullable=False),
    sa.Column("recorded", Moment, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("sender", sa.String, nullable=False),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
)
