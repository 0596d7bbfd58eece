"""A proposal in words: what it does, what rules cost, what cannot be; two sentences an answer.

Figures are the judge's where there is one, and said to be the programme's own where not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from povsim.allocation import Held, Impossible, Kind, Point, Price, Proposal, Purse
from povsim.allocation.conflicts import CAPACITY
from povsim.allocation.objectives import worst_weights
from povsim.i18n import Lang, number, percent, text
from povsim.study import Judged, Likely, Outlook
from povsim.trajectory import Floats
from povsim.wording.scenarios import signed

LINES_TOLD = 3
BAND = (0.1, 0.9)
LITTLE = 0.5
"""Households: so little, and no more likely than not, is told as no change."""
SAME = 0.05
"""Households: a smaller difference is told as none."""


def best(judged: Judged, even: Floats, lang: Lang) -> str:
    """What the best plan does beside the current plan and an even split (`even` (draw,) fewer
    poor), and where the money goes."""
    proposal = judged.proposal
    told = {
        "budget": purses(proposal.budget, lang),
        "spent": _millions(_spent(proposal), lang),
        "by": proposal.agenda.by,
        "fewer": fewer(judged.fewer.sum(axis=0), lang),
        "even": few(float(even.mean()), lang),
    }
    first = text("allocate.best", lang, goal=goal(proposal, lang), **told)
    return f"{first} {_where(proposal, lang)}"


def bound(judged: Judged, lang: Lang) -> str:
    """What the programme promised, how far any plan could go, and what the judge found."""
    proposal = judged.proposal
    return text(
        "allocate.bound",
        lang,
        promised=few(float(proposal.change.sum()), lang),
        gap=percent(max(proposal.gap, 0.0), lang, 1),
        judged=few(float(judged.fewer.sum(axis=0).mean()), lang),
        optimism=plain(judged.optimism, lang, 1),
        better=percent(judged.better, lang, 0),
    )


def goal(proposal: Proposal, lang: Lang) -> str:
    return text(f"objective.{proposal.objective}", lang)


def purses(budget: Sequence[Purse], lang: Lang) -> str:
    """The purses with their millions."""
    parts = [f"{_millions(purse.total, lang)} ({purse.name})" for purse in budget]
    return " + ".join(parts)


def fewer(draws: Floats, lang: Lang) -> str:
    """Households fewer, or more, with the central 80 of a hundred draws."""
    mean = float(draws.mean())
    ends = np.quantile(draws if mean >= 0 else -draws, BAND)
    low, high = (plain(float(end), lang, 0) for end in ends)
    told = {"mean": plain(abs(mean), lang, 1), "low": low, "high": high}
    return text("allocate.fewer" if mean >= 0 else "allocate.worse", lang, **told)


def band(draws: Floats, lang: Lang) -> str:
    """A mean with the central 80 of a hundred draws."""
    low, high = (plain(float(end), lang, 0) for end in np.quantile(draws, BAND))
    told = {"mean": plain(float(draws.mean()), lang, 1), "low": low, "high": high}
    return text("allocate.band", lang, **told)


def few(mean: float, lang: Lang) -> str:
    """Households fewer, or more, on average."""
    key = "allocate.few" if mean >= 0 else "allocate.many"
    return text(key, lang, mean=plain(abs(mean), lang, 1))


def plain(value: float, lang: Lang, digits: int) -> str:
    """A number with a sign only where it is below nought."""
    return signed(value, lang, digits).removeprefix("+")


def _spent(proposal: Proposal) -> int:
    return proposal.scenario.total


def _where(proposal: Proposal, lang: Lang) -> str:
    """The lines with most money."""
    totals: dict[str, int] = {}
    for item, money in proposal.scenario.amounts.items():
        totals[item.line] = totals.get(item.line, 0) + money
    if not totals:
        return text("allocate.nothing", lang)
    chosen = sorted(totals, key=lambda line: -totals[line])[:LINES_TOLD]
    named = [(proposal.agenda.line(line).name(lang), totals[line]) for line in chosen]
    lines = "; ".join(f"{name} ({_millions(money, lang)})" for name, money in named)
    return text("allocate.where", lang, lines=lines, left=_left(proposal, lang))


def _left(proposal: Proposal, lang: Lang) -> str:
    """What is not allocated: the remainder of whole households, or money that would help nobody."""
    left = {name: money for name, money in proposal.left.items() if money}
    if not left:
        return ""
    why = {name: "idle" if name in proposal.idle else "remainder" for name in left}
    parts = "; ".join(
        f"{name} {_millions(money, lang)} ({text(f'not_allocated.{why[name]}', lang)})"
        for name, money in left.items()
    )
    return text("allocate.left", lang, left=parts)


def _millions(vnd: float, lang: Lang) -> str:
    return text("allocate.millions", lang, millions=number(vnd / 1e6, lang))


def floored(view: Outlook, free: Judged, kept: Judged, floor_vnd: float, lang: Lang) -> str:
    """What a floor for every unit changes, and which units have more by it."""
    before, after = (each.fewer.sum(axis=0) for each in (free, kept))
    told = {
        "floor": _millions(floor_vnd, lang),
        "fewer": fewer(after, lang),
        "less": _difference(float(before.mean() - after.mean()), lang),
    }
    lifted = list(_lifted(view, free, kept, floor_vnd, lang))
    second = text("allocate.lifted", lang, units="; ".join(lifted))
    if not lifted:
        second = text("allocate.none_lifted", lang)
    return f"{text('allocate.floored', lang, **told)} {second}"


def _difference(less: float, lang: Lang) -> str:
    """How many fewer or more households leave poverty than without a rule."""
    if abs(less) < SAME:
        return text("allocate.as_many", lang)
    key = "allocate.less" if less > 0 else "allocate.more"
    return text(key, lang, count=number(abs(less), lang, 1))


def _lifted(
    view: Outlook, free: Judged, kept: Judged, floor_vnd: float, lang: Lang
) -> Iterator[str]:
    for unit in free.proposal.agenda.units:
        before, after = (_of_unit(each.proposal, unit) for each in (free, kept))
        if before < floor_vnd:
            yield f"{view.name(unit)} ({signed((after - before) / 1e6, lang, 0)})"


def _of_unit(proposal: Proposal, unit: str) -> int:
    return sum(m for item, m in proposal.scenario.amounts.items() if item.unit == unit)


def safety(bold: Judged, safe: Judged, tail: float, lang: Lang) -> str:
    """What the cautious plan gives up on average, and what it keeps where draws are bad."""
    draws = [each.fewer.sum(axis=0) for each in (bold, safe)]
    means = [float(each.mean()) for each in draws]
    bad = [float(each @ worst_weights(each, tail)) for each in draws]
    told = {
        "a": plain(means[0], lang, 1),
        "b": plain(means[1], lang, 1),
        "price": plain(means[0] - means[1], lang, 1),
        "share": percent(tail, lang, 0),
        "bad_a": plain(bad[0], lang, 1),
        "bad_b": plain(bad[1], lang, 1),
    }
    return f"{text('allocate.safety', lang, **told)} {text('allocate.safety_bad', lang, **told)}"


def equity(points: Sequence[Point], lang: Lang) -> str:
    """What must be given up for the unit that gains least to gain as much as it can."""
    first, last = points[0], points[-1]
    told = {
        "least": percent(first.least_fall, lang, 1),
        "most": percent(last.least_fall, lang, 1),
        "before": number(first.out, lang, 1),
        "after": number(last.out, lang, 1),
        "cost": number(max(first.out - last.out, 0.0), lang, 1),
    }
    return f"{text('allocate.equity', lang, **told)} {text('allocate.equity_cost', lang, **told)}"


def more_money(judged: Judged, with_more: Mapping[str, Judged], vnd: float, lang: Lang) -> str:
    """What a sum more buys, by the purse that gets it; the best of them first."""
    gains = {
        name: other.fewer.sum(axis=0) - judged.fewer.sum(axis=0)
        for name, other in with_more.items()
    }
    told = []
    for name in sorted(gains, key=lambda name: -gains[name].mean()):
        low, high = np.quantile(gains[name], BAND)
        little = abs(gains[name].mean()) < LITTLE and low <= 0 <= high
        key = "allocate.as_before" if little else "allocate.one_more"
        values = {"sum": _millions(vnd, lang), "purse": name, "fewer": fewer(gains[name], lang)}
        told.append(text(key, lang, **values))
    return " ".join(told)


def chance_of_all(
    view: Outlook, best_of_all: Likely, least: Likely | None, asked: float, year: int, lang: Lang
) -> str:
    """The least money for a chance that all units are at their targets, or that none has it."""
    found = least or best_of_all
    told = {
        "asked": percent(asked, lang, 0),
        "year": year,
        "units": len(found.each),
        "chance": percent(found.chance, lang, 0),
        "error": number(100 * found.error, lang, 1),
        "bound": _millions(found.bound * 1e6, lang) if least else percent(found.bound, lang, 0),
        "money": _millions(sum(found.cost.values()), lang),
    }
    weakest = int(np.argmin(found.each))
    unit = view.name(list(view.areas)[weakest]) if len(view.areas) == len(found.each) else ""
    which = {"unit": unit, "own": percent(float(found.each[weakest]), lang, 0)}
    first = text("allocate.enough" if least else "allocate.never", lang, **told)
    return f"{first} {text('allocate.weakest', lang, **which)}"


def impossible(found: Impossible, lang: Lang) -> str:
    """Which rules cannot hold together, and the nearest budget that could."""
    named = {CAPACITY: text("allocate.capacity", lang)}
    rules = "; ".join(named.get(rule, f"“{rule}”") for rule in found.rules)
    key = "allocate.impossible_one" if len(found.rules) == 1 else "allocate.impossible"
    first = text(key, lang, rules=rules)
    if found.more is None:
        return f"{first} {text('allocate.no_money', lang)}"
    sums = "; ".join(f"{name}: {_millions(money, lang)}" for name, money in found.more.items())
    return f"{first} {text('allocate.nearest', lang, sums=sums)}"


def price(view: Outlook, proposal: Proposal, priced: Price, lang: Lang) -> str:
    """A price in words."""
    better = text(
        f"price.{proposal.objective}", lang, better=number(max(priced.better, 0.0), lang, 2)
    )
    of_unit = priced.kind in (Kind.UNIT, Kind.CAPACITY)
    name = view.name(priced.name) if of_unit else priced.name
    told = {"sum": _millions(priced.step, lang), "name": name, "better": better}
    if priced.line:
        told["line"] = proposal.agenda.line(priced.line).name(lang)
    return text(f"priced.{priced.kind}", lang, **told)


def held(view: Outlook, proposal: Proposal, check: Held, lang: Lang) -> tuple[str, str, str, str]:
    """A rule, what it asks, what there is, and whether it holds."""
    names = {line.id: line.name(lang) for line in proposal.agenda.lines}
    names |= {unit: view.name(unit) for unit in proposal.agenda.units}
    where = " ".join(names.get(word, word) for word in check.where.split())
    name = f"{check.rule}: {where}" if where else check.rule
    asked, found = (_amount(check, each, lang) for each in (check.asked, check.found))
    return name, asked, found, text("allocate.holds" if check.holds else "allocate.broken", lang)


def _amount(check: Held, amount: float, lang: Lang) -> str:
    if check.share:
        return percent(amount, lang, 1)
    if check.people:
        return text("allocate.households", lang, count=number(amount, lang, 1))
    return _millions(amount, lang)
