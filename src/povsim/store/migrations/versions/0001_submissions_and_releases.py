"""Submissions, their cells one a row, and releases that list their submissions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit", sa.String, nullable=False, index=True),
        sa.Column("period", sa.String, nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "fact",
        sa.Column("submission", sa.Integer, sa.ForeignKey("submission.id"), primary_key=True),
        sa.Column("form", sa.String, primary_key=True),
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("item", sa.String, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "release",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
    )
    op.create_table(
        "release_submission",
        sa.Column("release", sa.Integer, sa.ForeignKey("release.number"), primary_key=True),
        sa.Column("submission", sa.Integer, sa.ForeignKey("submission.id"), primary_key=True),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("release", sa.Integer, sa.ForeignKey("release.number"), nullable=False),
        sa.Column("code", sa.String, nullable=False, index=True),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("doubt", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )
