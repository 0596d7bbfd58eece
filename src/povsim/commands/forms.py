"""Forms in and out: read and save them, make the workbook a unit fills, write their manual."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from povsim import plan as plans
from povsim import workspace
from povsim.commands.options import DAYS, EARLIEST, Language, Lingua, PlanName, lang_of
from povsim.i18n import Lang, text
from povsim.plan import DEFAULT_PLAN
from povsim.workspace import CLOCK


class Status(StrEnum):
    """How final the figures of a delivery are."""

    PRELIMINARY = "preliminary"
    OFFICIAL = "official"


def ingest(
    files: Annotated[list[Path], typer.Argument(help="Tệp biểu rà soát · review workbooks")],
    sender: Annotated[str, typer.Option(help="Ai nộp · who sends")] = "povsim",
    status: Annotated[Status, typer.Option(help="Sơ bộ, chính thức")] = Status.OFFICIAL,
    findings: Annotated[
        Path | None,
        typer.Option(help="Ghi lỗi thành chú thích trên bản sao (.xlsx) · findings on a copy"),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(help="Trả lời nghi vấn: MÃ=LÝ DO · answer a doubt: CODE=REASON"),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Tên bản số liệu · name of the release")] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Các xã còn lại gửi sau · other units follow")
    ] = False,
    received: Annotated[
        datetime | None,
        typer.Option(formats=DAYS, help="Ngày nhận, nếu trước hôm nay · day it came"),
    ] = None,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Nạp biểu rà soát: đúng thì lưu, sai thì nêu hết lỗi · read, check and save review forms."""
    from povsim import intake
    from povsim.store import Store
    from povsim.wording import release_kind

    lang = lang_of(language)
    store = Store(workspace.store_url())
    before = store.latest()
    receipt = intake.ingest(
        files,
        plans.load(plan),
        store,
        sender=sender,
        status=str(status),
        answers=dict(_answer(written, lang) for written in answer or []),
        watch=lambda paths: _watched(paths, lang),
        back=findings,
        lang=lang,
        name=name,
        received_at=received and _past(received, lang),
        partial=partial,
    )
    release = receipt.release
    told = "cli.unchanged" if before and before.number == release.number else "cli.saved"
    units, periods = store.brought(release.number)
    about = {"units": units, "periods": ", ".join(periods), "kind": release_kind(release, lang)}
    typer.echo(text(told, lang, number=release.number, **about))
    for finding in receipt.notes:
        typer.echo(finding.line(lang))
    if findings is not None and receipt.notes:
        typer.echo(text("cli.findings_written", lang, path=findings))


def _past(day: datetime, lang: Lang) -> datetime:
    """A day as the office's clock has it; nothing came in the future."""
    if not EARLIEST <= day <= datetime.now(CLOCK).replace(tzinfo=None):
        raise typer.BadParameter(text("cli.received_never", lang, day=f"{day:%d/%m/%Y}"))
    return day.replace(tzinfo=CLOCK)


FEW = 5
"""So few files are read before a progress bar could be seen."""


def _watched(files: Sequence[Path], lang: Lang) -> Iterator[Path]:
    """The files one by one, with a bar on the error stream where there are many."""
    if len(files) <= FEW:
        yield from files
        return
    label = text("cli.reading", lang)
    with typer.progressbar(files, label=label, show_pos=True, file=sys.stderr) as bar:
        yield from bar


def _answer(written: str, lang: Lang) -> tuple[str, str]:
    code, _, reason = written.partition("=")
    if not code.strip() or not reason.strip():
        raise typer.BadParameter(text("cli.bad_answer", lang, answer=written))
    return code.strip().upper(), reason.strip()


def template(
    unit: Annotated[str, typer.Argument(help="Mã hoặc tên xã · code or name of the unit")],
    year: Annotated[int, typer.Argument(help="Năm rà soát · year of the review")],
    through: Annotated[
        int | None,
        typer.Option(min=1, max=11, help="Biểu trong năm, hết tháng này · within the year"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Tệp ghi ra · file")] = None,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Tạo tệp biểu để xã điền: khóa công thức, báo đỏ ô sai · make the workbook a unit fills."""
    from povsim.intake import blank
    from povsim.store import Store
    from povsim.vocabulary import Period

    lang, period, chosen = lang_of(language), Period(year, through or 12), plans.load(plan)
    found = blank.unit_of(unit, period, chosen)
    path = out or workspace.home() / "output" / "templates" / f"{found.id.code}-{period}.xlsx"
    release = Store(workspace.store_url()).latest()
    made = blank.write_blank(path, found, period, chosen, release, lang)
    typer.echo(text("cli.written", lang, path=path))
    if made.opens:
        told = "cli.template_known" if made.known else "cli.template_open"
        typer.echo(text(told, lang, number=made.release))


def manual(
    out: Annotated[Path | None, typer.Option(help="Tệp ghi ra · file")] = None,
    language: Lingua = Language.VI,
) -> None:
    """Viết trang hướng dẫn các biểu (Markdown) · write the page on the forms."""
    from povsim.forms.manual import page

    written = page(lang_of(language))
    if out is None:
        typer.echo(written, nl=False)
        return
    out.write_text(written, "utf-8")
    typer.echo(text("cli.written", lang_of(language), path=out))
