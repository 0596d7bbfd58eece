"""What one scenario does otherwise than another, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from povsim.i18n import Lang, number, text
from povsim.scenarios.bounds import Bounds
from povsim.scenarios.scenario import Scenario

Change = tuple[str, int, int]
"""A line, a year, and how many đồng more."""


def difference(one: Scenario, other: Scenario, bounds: Bounds, lang: Lang) -> list[str]:
    """Sentences that say how the other scenario differs from the one, the largest sums first.

    Years before either holds are left out: the current plan is spent then. A line that changes by
    the same sum everywhere is told once.
    """
    years = range(max(one.start, other.start, bounds.years[0]), bounds.years[-1] + 1)
    changed = _changed(one, other, bounds, years)
    more = sum(money * len(units) for (_, _, money), units in changed.items())
    told = [_more("total", lang, more, first=years[0])] if more else []
    told += list(_sums(changed, bounds, lang))
    told += list(_rules(one, other, bounds, lang))
    return told or [text("scenario.same", lang)]


def _changed(
    one: Scenario, other: Scenario, bounds: Bounds, years: range
) -> dict[Change, list[str]]:
    """The units in which a line changes by a sum in a year."""
    changed: dict[Change, list[str]] = {}
    for line, unit, year in product(bounds.lines, bounds.units.values(), years):
        more = other.money(line.id, unit, year) - one.money(line.id, unit, year)
        if more:
            changed.setdefault((line.id, year, more), []).append(unit)
    return changed


def _sums(changed: Mapping[Change, list[str]], bounds: Bounds, lang: Lang) -> Iterator[str]:
    names = {line.id: line.name(lang) for line in bounds.lines}
    for (line_id, year, more), units in sorted(changed.items(), key=lambda each: -abs(each[0][2])):
        where = ", ".join(bounds.names[unit] for unit in units)
        if len(units) == len(bounds.units):
            where = text("scenario.everywhere", lang)
        told = {"line": names[line_id], "where": where, "year": year}
        yield _more("sum", lang, more, **told)


def _more(kind: str, lang: Lang, money: int, **told: object) -> str:
    sign = "more" if money > 0 else "less"
    millions = number(abs(money) / 1e6, lang)
    return text(f"scenario.{kind}_{sign}", lang, millions=millions, **told)


def _rules(one: Scenario, other: Scenario, bounds: Bounds, lang: Lang) -> Iterator[str]:
    def named(rule: str) -> str:
        return text(f"targeting.{rule}", lang)

    if one.targeting is not other.targeting:
        told = {"one": named(one.targeting), "other": named(other.targeting)}
        yield text("scenario.rule", lang, **told)
    for line in bounds.lines:
        before, after = one.rule(line.id), other.rule(line.id)
        if before is not after and (line.id in one.by_line or line.id in other.by_line):
            told = {"line": line.name(lang), "one": named(before), "other": named(after)}
            yield text("scenario.rule_of", lang, **told)
    if one.offers != other.offers:
        units = {unit for (unit, _), offers in other.offers.items() if offers}
        known = text("scenario.offers" if units else "scenario.no_offers", lang, units=len(units))
        yield known
    if one.registered != other.registered:
        share = number(other.registered * 100, lang)
        yield text("scenario.registered", lang, share=share)
