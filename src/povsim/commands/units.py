"""Which units there were on a day, of what kind, under whom, on which income line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from povsim import plan as plans
from povsim import rules
from povsim.commands.options import DAYS, Language, Lingua, PlanName, lang_of
from povsim.findings import Refusal
from povsim.i18n import Lang, number, text
from povsim.plan import DEFAULT_PLAN
from povsim.units import Kind, Unit
from povsim.workspace import CLOCK


def units(
    on: Annotated[
        datetime | None, typer.Option(formats=DAYS, help="Vào ngày nào; mặc định hôm nay · day")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Cả các xã ngoài kế hoạch · not only the plan's")
    ] = False,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Các xã, thị trấn vào một ngày: thuộc đâu, khu vực, chuẩn thu nhập, ĐBKK · units on a day."""
    lang, day = lang_of(language), (on or datetime.now(CLOCK)).date()
    known = rules.units()
    shown = known.on(day) if everything else plans.load(plan).units_on(day)
    typer.echo(text("cli.units_head", lang, day=f"{day:%d/%m/%Y}", count=len(shown)))
    for unit in shown:
        above = [known.above(unit.id, day, kind) for kind in (Kind.DISTRICT, Kind.PROVINCE)]
        typer.echo(
            text(
                "cli.units_line",
                lang,
                unit=_named(unit, lang),
                code=unit.id,
                above=", ".join(_named(each, lang) for each in above if each) or "–",
                area=text(f"area_type.{unit.area_type_on(day)}", lang),
                line=_line(unit, day, lang),
            )
        )
        typer.echo(f"    {_hardship(unit, day, lang)}")


def _named(unit: Unit, lang: Lang) -> str:
    name = text(f"unit_kind.{unit.kind}", lang, name=unit.name)
    return name if unit.verified else f"{name}*"


def _line(unit: Unit, day: date, lang: Lang) -> str:
    """The monthly income under which a person's household may be poor; a dash where none is on
    file.
    """
    area = unit.area_type_on(day)
    try:
        line = None if area is None else rules.standard_for(day.year, unit.id).line(area)
    except Refusal:
        line = None
    return number(None if line is None else line.vnd_a_month, lang)


def _hardship(unit: Unit, day: date, lang: Lang) -> str:
    held = unit.hardship_on(day)
    if held is None:
        return text("hardship.none", lang)
    told = text(f"hardship.{held.value}", lang)
    return f"{told} ({held.source}){'' if held.verified else '*'}"
