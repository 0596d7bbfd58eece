"""The `povsim` command: parses, calls, prints."""

from __future__ import annotations

import getpass
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from povsim.findings import Refusal, Severity
from povsim.i18n import Lang, number, percent, text

app = typer.Typer(
    name="povsim",
    help="Theo dõi và mô phỏng giảm nghèo · Monitoring and simulation of poverty reduction.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Language(StrEnum):
    """The languages that the command speaks."""

    VI = "vi"
    EN = "en"


class Status(StrEnum):
    """How final the figures are: sơ bộ or chính thức."""

    PRELIMINARY = "preliminary"
    OFFICIAL = "official"


Lingua = Annotated[Language, typer.Option("--lang", help="vi | en")]
PlanName = Annotated[str, typer.Option("--plan", help="Tên kế hoạch trong data/plans.")]
DEFAULT_PLAN = "kon-ray-2021-2025"


def lang_of(language: Language) -> Lang:
    return "vi" if language is Language.VI else "en"


@app.command()
def ingest(
    files: Annotated[list[Path], typer.Argument(help="Tệp biểu rà soát (.xlsx, .xls, .ods).")],
    sender: Annotated[str, typer.Option(help="Ai nộp.")] = "",
    status: Annotated[Status, typer.Option(help="sơ bộ | chính thức")] = Status.OFFICIAL,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Nạp các biểu rà soát: đúng thì lưu thành một bản số liệu, sai thì nêu hết lỗi, không lưu gì."""
    from povsim import intake, plans
    from povsim.store import Store

    lang = lang_of(language)
    receipt = intake.ingest(
        files,
        plans.load(plan),
        Store(plans.store_url()),
        sender=sender or os.environ.get("USER") or getpass.getuser(),
        status=str(status),
    )
    release = receipt.release
    key = "cli.saved" if receipt.saved else "cli.unchanged"
    years = f"{release.years[0]}-{release.years[-1]}"
    origin = text(f"origin.{release.origin}", lang)
    named = text(f"release_status.{release.status}", lang)
    units = release.facts["unit"].nunique()
    values = {"number": release.number, "years": years, "origin": origin, "status": named}
    typer.echo(text(key, lang, units=units, **values))
    if receipt.notes:
        typer.echo(text("cli.notes", lang, notes=len(receipt.notes)))
        for finding in receipt.notes:
            typer.echo("  " + finding.line(lang))
