"""The best use of a budget, on the screen and as a scenario that `simulate` takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from povsim import plan as plans
from povsim.commands.options import Language, Lingua, PlanName, lang_of
from povsim.i18n import Lang, number, text
from povsim.plan import DEFAULT_PLAN

if TYPE_CHECKING:
    from povsim.allocation import Proposal, Question
    from povsim.study import Judged, Outlook

PRICES_TOLD = 12
WORTH_TELLING = 0.005
"""A price under this is nought on the screen."""


def allocate(
    budget: Annotated[Path, typer.Argument(help="Tệp ngân sách TOML · a budget file")],
    out: Annotated[
        Path | None, typer.Option(help="Ghi phương án ra tệp TOML · write the scenario")
    ] = None,
    origin: Annotated[
        int | None, typer.Option("--from", help="Năm rà soát cuối · last review used")
    ] = None,
    by: Annotated[
        int | None, typer.Option(help="Đo ở cuối năm nào · measured at the end of")
    ] = None,
    draws: Annotated[int, typer.Option(min=50, help="Số lượt mô phỏng · draws")] = 1000,
    seed: Annotated[int, typer.Option(help="Số gieo · seed")] = 2025,
    register: Annotated[
        str, typer.Option(help="Thư mục sổ hộ, nếu có · folder of registers, if any")
    ] = "data/sample/register",
    why: Annotated[bool, typer.Option("--why", help="Giá của tiền và quy tắc · prices")] = False,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Phân bổ ngân sách tốt nhất theo các quy tắc · the best use of a budget under rules."""
    from povsim import allocation, groups, scenarios, study, wording

    lang = lang_of(language)
    view = study.outlook(plans.load(plan), year=origin, draws=draws, seed=seed)
    bounds = study.bounds(view)
    question = allocation.read(budget, bounds)
    world = study.world(view, register=groups.on_file(register, view.year), draws=draws)
    if by is None and study.about_targets(question.rules, question.objective):
        by = view.plan.last_year
    ground = study.ground(view, world, by=by)
    if wording.is_sample(view):
        typer.echo(text("sample.notice", lang))
    told = {"name": question.name, "draws": draws, "by": ground.agenda.by}
    typer.echo(text("allocate.about", lang, **told))
    found = study.propose(
        ground,
        question.budget,
        question.rules,
        question.objective,
        name=text("allocate.named", lang, name=question.name),
        source=text("allocate.source", lang, name=question.name),
    )
    if isinstance(found, allocation.Impossible):
        typer.echo("\n" + wording.impossible(found, lang))
        raise typer.Exit(1)
    typer.echo("\n" + "\n".join(_told(view, question, found, why, lang)))
    if out is not None:
        scenarios.save(found.proposal.scenario, bounds, out)
        typer.echo("\n" + text("allocate.saved", lang, path=out))


def _told(
    view: Outlook, question: Question, judged: Judged, why: bool, lang: Lang
) -> Iterator[str]:
    from povsim import study, wording
    from povsim.simulation import run

    ground, proposal = judged.ground, judged.proposal
    even = run(ground.world, study.even_split(ground, question.budget))
    fewer = (ground.base.poor - even.poor)[:, ground.at].sum(axis=0)
    yield wording.best(judged, fewer, lang)
    yield wording.bound(judged, lang)
    yield "\n" + text("allocate.by_line", lang)
    yield from _by_line(view, proposal, lang)
    yield "\n" + text("allocate.rules", lang)
    for check in proposal.checks:
        name, asked, there, holds = wording.held(view, proposal, check, lang)
        yield f"  {name}: {asked} / {there}, {holds}"
    if why:
        yield from _why(view, proposal, lang)


def _by_line(view: Outlook, proposal: Proposal, lang: Lang) -> Iterator[str]:
    """Each line with its sums by unit, those with most money first."""
    agenda, sums = proposal.agenda, dict[str, dict[str, int]]()
    for item, money in proposal.scenario.amounts.items():
        of_line = sums.setdefault(item.line, {})
        of_line[item.unit] = of_line.get(item.unit, 0) + money
    for line, of_line in sorted(sums.items(), key=lambda each: -sum(each[1].values())):
        parts = ", ".join(_part(view, unit, money, lang) for unit, money in of_line.items())
        total = number(sum(of_line.values()) / 1e6, lang)
        yield f"  {agenda.line(line).name(lang)}: {total} ({parts})"


def _part(view: Outlook, unit: str, money: int, lang: Lang) -> str:
    return f"{view.name(unit)} {number(money / 1e6, lang)}"


def _why(view: Outlook, proposal: Proposal, lang: Lang) -> Iterator[str]:
    from povsim import allocation, wording

    yield "\n" + text("allocate.prices", lang)
    priced: Sequence[allocation.Price] = allocation.prices(proposal)
    telling = [each for each in priced if each.better >= WORTH_TELLING]
    for each in telling[:PRICES_TOLD]:
        yield f"  - {wording.price(view, proposal, each, lang)}"
    if not telling:
        yield "  " + text("allocate.no_price", lang)
