"""Where are we heading: the projection on the screen, the yearly report as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from povsim import plan as plans
from povsim import workspace
from povsim.commands.options import Language, Lingua, PlanName, lang_of
from povsim.i18n import text
from povsim.plan import DEFAULT_PLAN, DISTRICT
from povsim.units import BreakKind


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

    lang = lang_of(language)
    outlook = study.outlook(plans.load(plan), year=origin, draws=draws, seed=seed)
    if wording.is_sample(outlook):
        typer.echo(text("sample.notice", lang))
    for area in (DISTRICT, *outlook.areas):
        typer.echo("\n".join(wording.area_lines(outlook, area, lang)))
    for told in wording.break_sentences(outlook, lang, kinds=tuple(BreakKind)):
        typer.echo(told)
    typer.echo(wording.check_sentence(outlook, lang))
    typer.echo(wording.model_sentence(outlook, lang))
    typer.echo(wording.about_chance(outlook, lang))
    if csv is not None:
        outlook.quantiles().to_csv(csv, index=False)
        typer.echo(text("cli.written", lang, path=csv))


def report(
    year: Annotated[int, typer.Argument(help="Năm báo cáo · year")],
    out: Annotated[Path | None, typer.Option(help="Thư mục ghi · folder")] = None,
    release: Annotated[
        str | None, typer.Option(help="Số hoặc tên bản số liệu · number or name of a release")
    ] = None,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Lập báo cáo năm: HTML, DOCX, PDF và bản kê · make the yearly report and its manifest."""
    from povsim import report as reports

    folder = out or workspace.home() / "output" / "reports"
    wanted = int(release) if release and release.isdecimal() else release
    made = reports.yearly(year, folder, release=wanted, plan=plan)
    for path in made.files:
        typer.echo(text("cli.written", lang_of(language), path=path))
