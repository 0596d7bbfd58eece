"""Releases with provenance in one embedded SQLite file: who sent what, when, under which status.

A submission is one unit's forms of one review as a file gave them. A release is an immutable
choice of submissions: the newest of each unit and review. Nothing is ever changed or deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from povsim.findings import refuse
from povsim.vocabulary import Origin, Period, checked

SCHEMA = sa.MetaData()

SUBMISSION = sa.Table(
    "submission",
    SCHEMA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("unit", sa.String, nullable=False, index=True),
    sa.Column("period", sa.String, nullable=False),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("origin", sa.String, nullable=False),
    sa.Column("received", sa.DateTime(timezone=True), nullable=False),
)
FACT = sa.Table(
    "fact",
    SCHEMA,
    sa.Column("submission", sa.ForeignKey("submission.id"), primary_key=True),
    sa.Column("form", sa.String, primary_key=True),
    sa.Column("line", sa.String, primary_key=True),
    sa.Column("item", sa.String, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
RELEASE = sa.Table(
    "release",
    SCHEMA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sender", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("checksum", sa.String(64), nullable=False),
)
RELEASE_SUBMISSION = sa.Table(
    "release_submission",
    SCHEMA,
    sa.Column("release", sa.ForeignKey("release.number"), primary_key=True),
    sa.Column("submission", sa.ForeignKey("submission.id"), primary_key=True),
)
CONFIRMATION = sa.Table(
    "confirmation",
    SCHEMA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("release", sa.ForeignKey("release.number"), nullable=False),
    sa.Column("code", sa.String, nullable=False, index=True),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("doubt", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
)

CELL_COLUMNS = ["form", "line", "item", "value"]
FACT_COLUMNS = ["unit", "period", *CELL_COLUMNS]


@dataclass(frozen=True)
class Submission:
    """One unit's forms of one review, as one file gave them; `facts` follow their contract."""

    unit: str
    period: str
    file: str
    sha256: str
    origin: Origin
    facts: pd.DataFrame


@dataclass(frozen=True)
class Confirmation:
    """A recorded "yes, it is so": the doubt by its code, rule and sentence, and the reason."""

    code: str
    rule: str
    doubt: str
    reason: str


@dataclass(frozen=True)
class Release:
    """An immutable view of accepted submissions: its number, provenance and cells.

    `checksum` is SHA-256 over the cells, so equal data is recognised whatever files brought it.
    """

    number: int
    created: datetime
    sender: str
    status: str
    origin: Origin
    checksum: str
    facts: pd.DataFrame

    @property
    def years(self) -> list[int]:
        """The review years the release holds, ascending."""
        periods = map(Period.parse, self.facts["period"].unique())
        return sorted(period.year for period in periods if period.whole)


class Store:
    """The embedded store at a SQLAlchemy URL, made on first use.

    >>> import tempfile
    >>> Store(f"sqlite:///{tempfile.mkdtemp()}/store.sqlite").latest() is None
    True
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)
        SCHEMA.create_all(self._engine)

    def latest(self) -> Release | None:
        """The newest release, or None in an empty store."""
        with self._engine.connect() as connection:
            number = _last_number(connection)
            return None if number is None else self._read(connection, number)

    def release(self, number: int) -> Release:
        """A release by its number.

        Raises:
            Refusal: the store has no such release.
        """
        with self._engine.connect() as connection:
            return self._read(connection, number)

    def confirmations(self) -> list[Confirmation]:
        """Every doubt that was answered, oldest first."""
        columns = [CONFIRMATION.c[name] for name in ("code", "rule", "doubt", "reason")]
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(*columns).order_by(CONFIRMATION.c.id))
            return [Confirmation(*row) for row in rows]

    def save(
        self,
        submissions: Sequence[Submission],
        sender: str,
        status: str,
        confirmations: Sequence[Confirmation] = (),
    ) -> Release:
        """Save submissions and the release they make with what was there, all or nothing.

        `confirmations` are the doubts answered on the way, kept with the release. Returns the
        newest release unchanged where the cells say nothing new.
        """
        with self._engine.begin() as connection:
            _lock(connection)
            last = _last_number(connection)
            current = None if last is None else self._read(connection, last)
            facts = merged(current.facts if current else None, submissions)
            checksum = checksum_of(facts)
            if current and (current.checksum, current.status) == (checksum, status):
                return current
            kept = _submission_ids(connection, last)
            kept |= {(s.unit, s.period): _insert_submission(connection, s) for s in submissions}
            number = _insert_release(connection, kept.values(), sender, status, checksum)
            _insert_confirmations(connection, number, confirmations)
            return self._read(connection, number)

    def _read(self, connection: sa.Connection, number: int) -> Release:
        row = connection.execute(sa.select(RELEASE).where(RELEASE.c.number == number)).one_or_none()
        if row is None:
            raise refuse("release_unknown", number=number, store=self.url)
        return Release(
            number=row.number,
            created=row.created.replace(tzinfo=UTC),
            sender=row.sender,
            status=row.status,
            origin=_origin(connection, number),
            checksum=row.checksum,
            facts=_facts(connection, number),
        )


def merged(old: pd.DataFrame | None, submissions: Sequence[Submission]) -> pd.DataFrame:
    """The cells a release would hold: a submission replaces its unit's review whole."""
    new = [submission.facts[FACT_COLUMNS] for submission in submissions]
    if old is not None:
        replaced = {(submission.unit, submission.period) for submission in submissions}
        keys = zip(old["unit"], old["period"], strict=True)
        new.insert(0, old[[key not in replaced for key in keys]])
    return checked("facts", pd.concat(new, ignore_index=True))


def checksum_of(facts: pd.DataFrame) -> str:
    """SHA-256 over the cells in key order."""
    return hashlib.sha256(facts.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(url)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": 30})
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    # WAL: readers never wait for a writer, and a crash leaves whole transactions only.
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _lock(connection: sa.Connection) -> None:
    # Two senders at once: the second must see the first one's release, not write over it.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _last_number(connection: sa.Connection) -> int | None:
    number: int | None = connection.scalar(sa.select(sa.func.max(RELEASE.c.number)))
    return number


def _of_release(columns: Sequence[sa.ColumnElement[object]], number: int | None) -> sa.Select:  # type: ignore[type-arg]
    part = RELEASE_SUBMISSION
    joined = SUBMISSION.join(part, part.c.submission == SUBMISSION.c.id)
    return sa.select(*columns).select_from(joined).where(part.c.release == number)


def _submission_ids(connection: sa.Connection, number: int | None) -> dict[tuple[str, str], int]:
    columns = [SUBMISSION.c.unit, SUBMISSION.c.period, SUBMISSION.c.id]
    rows = connection.execute(_of_release(columns, number))
    return {(row.unit, row.period): row.id for row in rows}


def _origin(connection: sa.Connection, number: int) -> Origin:
    """A release that holds any sample is a sample."""
    origins = connection.scalars(_of_release([SUBMISSION.c.origin], number)).all()
    return Origin.SAMPLE if Origin.SAMPLE in origins else Origin.OFFICIAL


def _facts(connection: sa.Connection, number: int) -> pd.DataFrame:
    columns = [SUBMISSION.c.unit, SUBMISSION.c.period, *(FACT.c[name] for name in CELL_COLUMNS)]
    query = _of_release(columns, number).join(FACT, FACT.c.submission == SUBMISSION.c.id)
    frame = pd.DataFrame(connection.execute(query).all(), columns=FACT_COLUMNS)
    words = dict.fromkeys(FACT_COLUMNS[:-1], "str")
    return checked("facts", frame.astype(words | {"value": "Int64"}))


def _insert_submission(connection: sa.Connection, submission: Submission) -> int:
    row = connection.execute(
        sa.insert(SUBMISSION).values(
            unit=submission.unit,
            period=submission.period,
            file=submission.file,
            sha256=submission.sha256,
            origin=str(submission.origin),
            received=datetime.now(UTC),
        )
    )
    assert row.inserted_primary_key is not None
    number = int(row.inserted_primary_key[0])
    cells = submission.facts[CELL_COLUMNS].to_dict("records")
    rows = [{"submission": number, **{str(k): v for k, v in cell.items()}} for cell in cells]
    connection.execute(sa.insert(FACT), rows)
    return number


def _insert_release(
    connection: sa.Connection, submissions: Collection[int], sender: str, status: str, checksum: str
) -> int:
    number = (_last_number(connection) or 0) + 1
    connection.execute(
        sa.insert(RELEASE).values(
            number=number,
            created=datetime.now(UTC),
            sender=sender,
            status=status,
            checksum=checksum,
        )
    )
    rows = [{"release": number, "submission": identity} for identity in submissions]
    connection.execute(sa.insert(RELEASE_SUBMISSION), rows)
    return number


def _insert_confirmations(
    connection: sa.Connection, release: int, confirmations: Sequence[Confirmation]
) -> None:
    rows = [{"release": release, **asdict(confirmation)} for confirmation in confirmations]
    if rows:
        connection.execute(sa.insert(CONFIRMATION), rows)
