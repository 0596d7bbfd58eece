"""Sender, status and forerunner with each submission; releases that say only what they change.

A release used to list all its submissions, and every cell had a row of its own: neither could
hold a province. What each release shows, and its checksum, stay what they were.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

AT_ONCE = 5_000
NEW = ("release", "submission", "source", "line", "acceptance", "confirmation")
MOVED = ("release", "submission", "confirmation")
"""Tables whose new form bears the name of the old one."""


def upgrade() -> None:
    old = sa.MetaData()
    for name in MOVED:
        op.rename_table(name, f"old_{name}")
        if op.get_bind().dialect.name == "postgresql":  # there, an index keeps its name
            op.execute(f"ALTER INDEX {name}_pkey RENAME TO old_{name}_pkey")
    op.drop_index("ix_submission_unit", "old_submission")
    op.drop_index("ix_confirmation_code", "old_confirmation")
    names = [*(f"old_{name}" for name in MOVED), "fact", "release_submission"]
    old.reflect(op.get_bind(), only=names)
    _create()
    new = sa.MetaData()
    new.reflect(op.get_bind(), only=NEW)
    _move(op.get_bind(), old.tables, new.tables)
    for name in ("fact", "release_submission", "old_confirmation", "old_submission", "old_release"):
        op.drop_table(name)


def _create() -> None:
    op.create_table(
        "release",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("period", sa.String, nullable=False),
        sa.Column("release", sa.Integer, sa.ForeignKey("release.number"), nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("supersedes", sa.Integer, sa.ForeignKey("submission.id")),
    )
    op.create_index("submission_of", "submission", ["unit", "period"])
    op.create_table(
        "source",
        sa.Column("submission", sa.Integer, sa.ForeignKey("submission.id"), primary_key=True),
        sa.Column("file", sa.String, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "line",
        sa.Column("submission", sa.Integer, sa.ForeignKey("submission.id"), primary_key=True),
        sa.Column("form", sa.String, primary_key=True),
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("cells", sa.Text, nullable=False),
    )
    op.create_table(
        "acceptance",
        sa.Column("unit", sa.String, primary_key=True),
        sa.Column("period", sa.String, primary_key=True),
        sa.Column("release", sa.Integer, sa.ForeignKey("release.number"), primary_key=True),
        sa.Column("submission", sa.Integer, sa.ForeignKey("submission.id"), nullable=False),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("release", sa.Integer, sa.ForeignKey("release.number"), nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("doubt", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("duty", sa.String, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("organisation", sa.String, nullable=False),
        sa.Column("received", sa.Date, nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )


# --- Rows ----------------------------------------------------------------------------------------

Tables = Any  # sa.FacadeDict[str, sa.Table], which has no public name


def _move(bind: sa.Connection, old: Tables, new: Tables) -> None:
    release, submission = old["old_release"], old["old_submission"]
    releases = bind.execute(sa.select(release).order_by(release.c.number)).mappings().all()
    sent = {row["id"]: row for row in bind.execute(sa.select(submission)).mappings()}
    shown = _shown(bind, old["release_submission"])
    origins = {n: "sample" if _any_sample(sent, ids) else "official" for n, ids in shown.items()}
    rows = ({**r, "name": str(r["number"]), "origin": origins[r["number"]]} for r in releases)
    _insert(bind, new["release"], rows)
    checksums = {number: _checksum(texts) for number, texts in _lines(bind, old["fact"])}
    accepted = list(_accepted(releases, shown, sent))
    submissions = _submissions(releases, sent, checksums, accepted)
    _insert(bind, new["submission"], submissions)
    names = ("file", "sha256")
    sources = ({"submission": n, **{k: row[k] for k in names}} for n, row in sent.items())
    _insert(bind, new["source"], sources)
    _insert(bind, new["acceptance"], accepted)
    _insert(bind, new["line"], _line_rows(_lines(bind, old["fact"])))
    confirmation = old["old_confirmation"]
    kept = bind.execute(sa.select(confirmation).order_by(confirmation.c.id)).mappings()
    _insert(bind, new["confirmation"], (dict(row) for row in kept))


def _shown(bind: sa.Connection, table: sa.Table) -> dict[int, set[int]]:
    """The submissions that each release listed."""
    shown: dict[int, set[int]] = {}
    for release, submission in bind.execute(sa.select(table.c.release, table.c.submission)):
        shown.setdefault(release, set()).add(submission)
    return shown


def _any_sample(sent: dict[int, Any], ids: Iterable[int]) -> bool:
    return any(sent[identity]["origin"] == "sample" for identity in ids)


def _accepted(
    releases: Iterable[Any], shown: dict[int, set[int]], sent: dict[int, Any]
) -> Iterator[dict[str, Any]]:
    """What each release changed of the one before it."""
    before: set[int] = set()
    for release in releases:
        number = release["number"]
        for identity in sorted(shown[number] - before):
            row = sent[identity]
            key = {"unit": row["unit"], "period": row["period"]}
            yield {**key, "release": number, "submission": identity}
        before = shown[number]


def _submissions(
    releases: Iterable[Any],
    sent: dict[int, Any],
    checksums: dict[int, str],
    accepted: list[dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    """Each submission with its release's sender and status: it had none of its own."""
    of_release = {release["number"]: release for release in releases}
    place: dict[tuple[str, str], int] = {}
    for each in sorted(accepted, key=lambda each: each["submission"]):
        key, identity = (each["unit"], each["period"]), each["submission"]
        release = of_release[each["release"]]
        yield {
            **{k: v for k, v in sent[identity].items() if k not in ("file", "sha256")},
            "release": each["release"],
            "sender": release["sender"],
            "status": release["status"],
            "checksum": checksums.get(identity, hashlib.sha256(b"").hexdigest()),
            "supersedes": place.get(key),
        }
        place[key] = identity


Texts = dict[tuple[str, str], str]


def _lines(bind: sa.Connection, fact: sa.Table) -> Iterator[tuple[int, Texts]]:
    """Each submission with the cells of its lines, a line as one text."""
    order = (fact.c.submission, fact.c.form, fact.c.line, fact.c.item)
    rows = bind.execute(sa.select(*order, fact.c.value).order_by(*order))
    for submission, cells in groupby(rows, key=lambda row: row[0]):
        lines: dict[tuple[str, str], dict[str, int]] = {}
        for _, form, line, item, value in cells:
            lines.setdefault((form, line), {})[item] = value
        texts = {
            key: json.dumps(c, sort_keys=True, separators=(",", ":")) for key, c in lines.items()
        }
        yield submission, texts


def _checksum(texts: Texts) -> str:
    told = "\n".join(f"{form} {line} {text}" for (form, line), text in sorted(texts.items()))
    return hashlib.sha256(told.encode()).hexdigest()


def _line_rows(lines: Iterable[tuple[int, Texts]]) -> Iterator[dict[str, Any]]:
    for submission, texts in lines:
        for (form, line), text in texts.items():
            yield {"submission": submission, "form": form, "line": line, "cells": text}


def _insert(bind: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    rest = iter(rows)
    while part := list(islice(rest, AT_ONCE)):
        bind.execute(sa.insert(table), part)
