"""The `povsim` command: parses, calls, prints."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from povsim import plan as plans
from povsim import workspace
from povsim.findings import Refusal, Severity
from povsim.i18n import Lang, text
from povsim.plan import DEFAULT_PLAN, DISTRICT

app = typer.Typer(
    name="povsim",
    help="Theo dõi và mô phỏng giảm nghèo · Monitoring and simulation of poverty reduction.",
    no_args_is_help=True,
    add_completion=False,
)


class Language(StrEnum):
    """The languages that the command speaks."""

    VI = "vi"
    EN = "en"


class Status(StrEnum):
    """How final the figures of a delivery are."""

    PRELIMINARY = "preliminary"
    OFFICIAL = "official"


PlanName = Annotated[str, typer.Option("--plan", help="Kế hoạch trong data/plans · plan name")]
Lingua = Annotated[Language, typer.Option("--lang", help="Ngôn ngữ · language")]


@app.command()
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
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Nạp biểu rà soát: đúng thì lưu, sai thì nêu hết lỗi · read, check and save review forms."""
    from povsim import intake
    from povsim.store import Store
    from povsim.wording import release_kind

    lang = _lang(language)
    store = Store(workspace.store_url())
    before = store.latest()
    receipt = intake.ingest(
        files,
        plans.load(plan),
        store,
        sender=sender,
        status=str(status),
        answers=dict(_answer(written, lang) for written in answer or []),
        watch=partial(_watched, lang=lang),
        back=findings,
        lang=lang,
    )
    release = receipt.release
    told = "cli.unchanged" if before and before.number == release.number else "cli.saved"
    typer.echo(
        text(
            told,
            lang,
            number=release.number,
            units=release.facts["unit"].nunique(),
            years=f"{release.years[0]}-{release.years[-1]}",
            kind=release_kind(release, lang),
        )
    )
    for finding in receipt.notes:
        typer.echo(finding.line(lang))
    if findings is not None and receipt.notes:
        typer.echo(text("cli.findings_written", lang, path=findings))


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


@app.command()
def project(
    origin: Annotated[
        int | None,
        typer.Option("--from", help="Năm rà soát cuối dùng để dự báo · last review used"),
    ] = None,
    draws: Annotated[int, typer.Option(min=100, help="Số lượt mô phỏng · draws")] = 4000,
    seed: Annotated[int, typer.Option(help="Số gieo · seed")] = 2025,
    csv: Annotated[Path | None, typer.Option(help="Ghi các phân vị ra CSV · quantiles")] = None,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Dự báo đến hết kỳ kế hoạch, khả năng đạt từng mục tiêu · project rates and chances."""
    from povsim import study, wording

    lang = _lang(language)
    outlook = study.outlook(plans.load(plan), year=origin, draws=draws, seed=seed)
    if wording.is_sample(outlook):
        typer.echo(text("sample.notice", lang))
    for area in (DISTRICT, *outlook.areas):
        typer.echo("\n".join(wording.area_lines(outlook, area, lang)))
    typer.echo(wording.check_sentence(outlook, lang))
    typer.echo(wording.about_chance(outlook, lang))
    if csv is not None:
        outlook.quantiles().to_csv(csv, index=False)
        typer.echo(text("cli.written", lang, path=csv))


@app.command()
def report(
    year: Annotated[int, typer.Argument(help="Năm báo cáo · year")],
    out: Annotated[Path | None, typer.Option(help="Thư mục ghi · folder")] = None,
    release: Annotated[int | None, typer.Option(help="Bản số liệu số · release number")] = None,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Lập báo cáo năm: HTML, DOCX, PDF và bản kê · make the yearly report and its manifest."""
    from povsim import report as reports

    folder = out or workspace.home() / "output" / "reports"
    made = reports.yearly(year, folder, release=release, plan=plan)
    for path in made.files:
        typer.echo(text("cli.written", _lang(language), path=path))


@app.command()
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

    lang, period, chosen = _lang(language), Period(year, through or 12), plans.load(plan)
    found = blank.unit_of(unit, period, chosen)
    path = out or workspace.home() / "output" / "templates" / f"{found.id.code}-{period}.xlsx"
    release = Store(workspace.store_url()).latest()
    made = blank.write_blank(path, found, period, chosen, release, lang)
    typer.echo(text("cli.written", lang, path=path))
    if made.opens:
        told = "cli.template_known" if made.known else "cli.template_open"
        typer.echo(text(told, lang, number=made.release))


@app.command()
def manual(
    out: Annotated[Path | None, typer.Option(help="Tệp ghi ra · file")] = None,
    language: Lingua = Language.VI,
) -> None:
    """Viết trang hướng dẫn các biểu (Markdown) · write the page on the forms."""
    from povsim.forms.manual import page

    written = page(_lang(language))
    if out is None:
        typer.echo(written, nl=False)
        return
    out.write_text(written, "utf-8")
    typer.echo(text("cli.written", _lang(language), path=out))


def _lang(language: Language) -> Lang:
    return "vi" if language is Language.VI else "en"


def run() -> None:
    """Run the command; a refusal is told in the reader's language, never as a traceback."""
    try:
        app()
    except Refusal as refusal:
        lang: Lang = "en" if {"en", "--lang=en"} & set(sys.argv[1:]) else "vi"
        told = Counter(finding.severity for finding in refusal.findings)
        counts = {f"{severity}s": told[severity] for severity in Severity}
        typer.echo(text("cli.refused", lang, **counts), err=True)
        typer.echo(refusal.text(lang), err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    run()
