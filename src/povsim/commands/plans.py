"""New plans as files: `povsim plan new`."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from povsim.commands.options import Language, Lingua, lang_of
from povsim.i18n import text

app = typer.Typer(help="Lập kế hoạch mới thành tệp · make a new plan", no_args_is_help=True)


@app.callback()
def plan() -> None:
    """Lập kế hoạch mới thành tệp · make a new plan."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Tên tệp: chữ thường, số, gạch nối · file name")],
    first: Annotated[int, typer.Option("--from", min=2000, max=2100, help="Năm đầu · first year")],
    last: Annotated[int, typer.Option("--to", min=2000, max=2100, help="Năm cuối · last year")],
    base: Annotated[
        int | None,
        typer.Option(min=2000, max=2100, help="Kỳ rà soát đầu kỳ; mặc định năm trước · base"),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(help="Mã hoặc tên xã đã có trong danh mục; lặp lại được · unit on file"),
    ] = None,
    units: Annotated[
        Path | None,
        typer.Option(help="CSV đơn vị mới: code,name,kind,area_type[,aliases][,valid_from]"),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Mã hiểu theo ngày này · codes mean that day's"),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="points_a_year=4 · level=5 · path=4:24.86 (%)"),
    ] = None,
    title: Annotated[str, typer.Option(help="Tên kế hoạch · title")] = "",
    place: Annotated[str, typer.Option(help="Huyện hoặc cụm xã · district or cluster")] = "",
    code: Annotated[str, typer.Option(help="Mã huyện hoặc cụm · its code")] = "",
    language: Lingua = Language.VI,
) -> None:
    """Lập tệp kế hoạch mới cùng tệp chỉ tiêu, không sửa mã nguồn · a new plan, no code touched."""
    from povsim import breaks, planning

    lang = lang_of(language)
    made = planning.new(
        planning.Draft(
            name=name,
            first_year=first,
            last_year=last,
            units=tuple(unit or ()),
            units_file=units,
            base_review=base,
            valid_on=on.date() if on else None,
            title=title,
            place=place,
            code=code,
            targets=tuple(target or ()),
        )
    )
    for path in made.files:
        typer.echo(text("cli.written", lang, path=path))
    for found in made.breaks:
        typer.echo(text("cli.plan_breaks", lang, sentence=breaks.sentence(found, lang)))
    units_told = ", ".join(f"{u.name} ({u.id.code})" for u in made.plan.units)
    typer.echo(text("cli.plan_made", lang, name=name, units=units_told))
    for folder in _lacking(made.plan.district_code):
        example = files("povsim.rules") / f"{folder}.toml"
        values = {"district": made.plan.district_code, "folder": folder, "example": example}
        typer.echo(text("cli.plan_due_lacks", lang, **values))


def _lacking(district: str) -> list[str]:
    """The rules of who owes what and when that are on no file yet for a district."""
    from povsim.findings import Refusal
    from povsim.organisations import district_rules

    lacking = []
    for folder in ("organisations", "calendar"):
        try:
            district_rules(folder, district)
        except Refusal:
            lacking.append(folder)
    return lacking
