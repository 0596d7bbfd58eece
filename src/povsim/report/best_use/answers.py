"""Answers to a planner's questions, each in two sentences that the program writes."""

from __future__ import annotations

from povsim import allocation, scenarios, study
from povsim.allocation import Impossible
from povsim.findings import refuse
from povsim.report.best_use.asking import CAUTION, ask, fewer_poor, known
from povsim.report.document import Paragraph
from povsim.report.prospects import mark
from povsim.report.sections import LANG
from povsim.simulation import run
from povsim.study import Bundled, Judged, Outlook
from povsim.wording import (
    best,
    bound,
    chance_of_all,
    equity,
    floored,
    impossible,
    more_money,
    safety,
)


def answer(view: Outlook, found: Judged | Impossible) -> Paragraph:
    """What the best plan does, and where the money goes."""
    if isinstance(found, Impossible):
        return Paragraph(impossible(found, LANG))
    even = run(found.ground.world, study.even_split(found.ground, found.proposal.budget))
    return Paragraph(best(found, fewer_poor(found.ground, even), LANG) + mark(view))


def bound_answer(view: Outlook, judged: Judged) -> Paragraph:
    """How far any plan could go, and how much of the promise the judge found."""
    return Paragraph(bound(judged, LANG) + mark(view))


def floor_answer(
    view: Outlook, free: Judged, kept: Judged | Impossible, million_vnd: float
) -> Paragraph:
    """What a floor for every unit changes."""
    if isinstance(kept, Impossible):
        return Paragraph(impossible(kept, LANG))
    return Paragraph(floored(view, free, kept, million_vnd * 1e6, LANG) + mark(view))


def safety_answer(view: Outlook, bold: Judged, safe: Judged) -> Paragraph:
    """What the cautious plan gives up, and what it keeps."""
    return Paragraph(safety(bold, safe, CAUTION.tail, LANG) + mark(view))


def equity_answer(view: Outlook, judged: Judged) -> Paragraph:
    """What must be given up for the unit that gains least."""
    points = allocation.efficiency_against_equity(judged.proposal)
    return Paragraph(equity(points, LANG) + mark(view))


def more_answer(view: Outlook, judged: Judged, million_vnd: float) -> Paragraph:
    """What a sum more buys, by the purse that gets it."""
    budget, sum_of = judged.proposal.budget, round(million_vnd * 1e6)
    with_more = {
        purse.name: known(
            ask(judged.ground, [p.with_more(sum_of) if p is purse else p for p in budget])
        )
        for purse in budget
    }
    return Paragraph(more_money(judged, with_more, sum_of, LANG) + mark(view))


def chance_answer(view: Outlook, bundled: Bundled, chance: float) -> Paragraph:
    """The least money for a chance of all targets, or that no budget has it."""
    year = bundled.ground.agenda.by
    told = chance_of_all(view, bundled.likeliest(), bundled.cheapest(chance), chance, year, LANG)
    return Paragraph(told + mark(view))


def saved(view: Outlook, judged: Judged, name: str) -> Paragraph:
    """Write the plan's scenario beside the others of the plan's; nothing without a name.

    Raises:
        Refusal: `scenario_exists`.
    """
    if not name:
        return Paragraph("Chưa lưu: ghi tên tệp vào save_as ở ô tham số rồi chạy lại.")
    path = study.scenario_folder(view) / f"{name}.toml"
    if path.exists():
        raise refuse("scenario_exists", path=path.name)
    scenarios.save(judged.proposal.scenario, study.bounds(view), path)
    return Paragraph(f"Đã lưu phương án {path.name}.")
