"""What can be bought for households: the programme lines, every number an assumption."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from povsim.commands.options import Language, Lingua, lang_of
from povsim.i18n import Lang, number, percent, text

if TYPE_CHECKING:
    from povsim.effects import Line


def lines(language: Lingua = Language.VI) -> None:
    """Các dòng chương trình và giả định của chúng · programme lines and what they assume."""
    from povsim import effects

    lang = lang_of(language)
    typer.echo(text("lines.assumed", lang))
    for line in effects.lines():
        typer.echo(f"{line.name(lang)} ({line.id}): {_told(line, lang)}")
        typer.echo(f"    {' '.join(filter(None, (line.source('effect'), line.evidence)))}")


def _told(line: Line, lang: Lang) -> str:
    effect = line.effect
    sizes = [
        number(value, lang, 2) if line.indicator is None else percent(value, lang, 0)
        for value in (effect.mean, effect.sd)
    ]
    return text(
        "lines.income" if line.indicator is None else "lines.indicator",
        lang,
        cost=number(line.unit_cost / 1e6, lang, 1),
        per=text("lines.work" if line.works else "lines.household", lang),
        budget=text("lines.capital" if line.budget == "capital" else "lines.recurrent", lang),
        take_up=percent(line.take_up, lang, 0),
        mean=sizes[0],
        sd=sizes[1],
        none=percent(effect.none, lang, 0),
        lag=line.lag,
        grade=line.grade,
    )
