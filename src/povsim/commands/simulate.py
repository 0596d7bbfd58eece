"""What would it take: scenarios lived beside the current plan, on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated

import typer

from povsim import plan as plans
from povsim.commands.options import Language, Lingua, PlanName, lang_of
from povsim.findings import all_of
from povsim.i18n import Lang, number, percent, text
from povsim.plan import DEFAULT_PLAN, DISTRICT

if TYPE_CHECKING:
    import pandas as pd

    from povsim.scenarios import Bounds, Scenario
    from povsim.simulation import Outcome, World
    from povsim.study import Outlook


LEAST, MOST = 0.05, 8
"""Assumptions that move the poor by less are not told; nor more of them."""
SELDOM = 0.01
"""Draws in which another scenario would be chosen: fewer are chance."""


def simulate(
    scenarios: Annotated[list[Path], typer.Argument(help="Các tệp kịch bản TOML · scenario files")],
    origin: Annotated[
        int | None, typer.Option("--from", help="Năm rà soát cuối · last review used")
    ] = None,
    draws: Annotated[int, typer.Option(min=20, help="Số lượt mô phỏng · draws")] = 1000,
    seed: Annotated[int, typer.Option(help="Số gieo · seed")] = 2025,
    unit: Annotated[str | None, typer.Option(help="Chỉ một xã · one unit only")] = None,
    why: Annotated[
        bool, typer.Option("--why", help="Kết luận phụ thuộc giả định nào · sensitivity")
    ] = False,
    csv: Annotated[Path | None, typer.Option(help="Ghi bảng so sánh ra CSV · the table")] = None,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """So các kịch bản với kế hoạch hiện nay · scenarios beside the current plan."""
    from povsim import study, wording
    from povsim.scenarios import read
    from povsim.simulation import run

    lang = lang_of(language)
    view = study.outlook(plans.load(plan), year=origin, draws=draws, seed=seed)
    bounds = study.bounds(view)
    chosen = all_of(lambda path: read(path, bounds), scenarios)
    world = study.world(view, draws=draws)
    area = DISTRICT if unit is None else view.find(unit)
    outcomes = [run(world, scenario) for scenario in (None, *chosen)]
    table = study.contrasted(outcomes)
    if wording.is_sample(view):
        typer.echo(text("sample.notice", lang))
    typer.echo(text("simulate.about", lang, draws=draws, last=world.last_planned))
    typer.echo("\n".join(_told(view, bounds, outcomes, table, area, lang)))
    if why:
        typer.echo("\n".join(_why(world, chosen, outcomes, lang)))
    if csv is not None:
        table.to_csv(csv, index=False)
        typer.echo(text("cli.written", lang, path=csv))


def _told(
    view: Outlook,
    bounds: Bounds,
    outcomes: Sequence[Outcome],
    table: pd.DataFrame,
    area: str,
    lang: Lang,
) -> Iterator[str]:
    """Everything about some scenarios, the current plan first, called A."""
    yield from _scenarios(bounds, outcomes, lang)
    world = outcomes[0].world
    for year in sorted({world.last_planned, world.years[-1]} & set(world.years)):
        yield from _year(view, outcomes, table, area, year, lang)
    yield from _left(outcomes, lang)
    yield from _chances(view, outcomes, lang)


def _letters(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, Outcome]]:
    return zip(ascii_uppercase, outcomes, strict=False)


def _scenarios(bounds: Bounds, outcomes: Sequence[Outcome], lang: Lang) -> Iterator[str]:
    from povsim import scenarios

    base = outcomes[0].scenario
    yield "\n" + text("simulate.scenarios", lang)
    for letter, outcome in _letters(outcomes):
        told = outcome.scenario.name
        if outcome is outcomes[0]:
            yield f"  {letter}  {told}"
            continue
        yield f"  {letter}  {told}, {text('simulate.against', lang)}"
        sentences = scenarios.difference(base, outcome.scenario, bounds, lang)
        yield from (f"     - {sentence}" for sentence in sentences)


def _year(
    view: Outlook,
    outcomes: Sequence[Outcome],
    table: pd.DataFrame,
    area: str,
    year: int,
    lang: Lang,
) -> Iterator[str]:
    from povsim import wording

    name = wording.area_name(view, area, lang)
    yield "\n" + text("simulate.area", lang, area=name, year=year)
    for measure, cells in wording.side_by_side(table, area, year, lang):
        yield f"  {measure}"
        for (letter, outcome), (value, change) in zip(_letters(outcomes), cells, strict=True):
            yield f"    {letter} {value:>10}" + ("" if outcome is outcomes[0] else f"   {change}")
    for letter, outcome in _letters(outcomes):
        yield f"  {letter}: {wording.worst_off(view, outcome, year, lang)}"


def _left(outcomes: Sequence[Outcome], lang: Lang) -> Iterator[str]:
    from povsim import wording

    for letter, outcome in _letters(outcomes):
        if left := list(wording.left_over(outcome, lang)):
            yield "\n" + text("simulate.left_title", lang, letter=letter)
            yield from (f"  - {sentence}" for sentence in left)


def _chances(view: Outlook, outcomes: Sequence[Outcome], lang: Lang) -> Iterator[str]:
    from povsim import wording

    letters = " | ".join(letter for letter, _ in _letters(outcomes))
    yield "\n" + text("simulate.chances", lang, letters=letters)
    rows = wording.chance_rows(view, outcomes, [DISTRICT, *view.areas], lang)
    for where, when, asked, *chances in rows:
        yield f"  {where} {when}, {asked}: {' | '.join(chances)}"


def _why(
    world: World, chosen: Sequence[Scenario], outcomes: Sequence[Outcome], lang: Lang
) -> Iterator[str]:
    """The tornado of each scenario, and what knowing would be worth."""
    from povsim import study, wording

    lines = {line.id: line.name(lang) for line in world.lines}
    for scenario in chosen:
        yield f"\n{scenario.name}. " + text("simulate.why_title", lang, year=world.years[-1])
        moving = study.tornado(world, scenario).query("swing >= @LEAST").head(MOST)
        for _, row in moving.iterrows():
            yield "  - " + wording.assumption(row, lines[row["line"]], lang)
    yield "\n" + text("simulate.worth_title", lang)
    worth = study.value_of_information(outcomes).query("changes >= @SELDOM")
    for _, row in worth.iterrows():
        told = {"fewer": number(row["fewer_poor"], lang, 2), "error": number(row["error"], lang, 2)}
        share = percent(row["changes"], lang, 0)
        yield "  - " + text("simulate.worth", lang, line=lines[row["line"]], changes=share, **told)
    if worth.empty:
        poor = [outcome.poor[:, -1].sum(axis=0).mean() for outcome in outcomes]
        best = ascii_uppercase[poor.index(min(poor))]
        yield "  " + text("simulate.worth_none", lang, letter=best)
