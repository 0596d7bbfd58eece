"""One household through one year, number by number: a page of the manual, written by the model.

It follows the first household of the sample that stays poor with today's spending, and with one
sum more for a line falls under three deprivations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from povsim import study
from povsim.effects import Homes, Line, reached
from povsim.findings import refuse
from povsim.i18n import Lang, number, percent, text
from povsim.population import GROUPS, POOR_FROM
from povsim.poverty.manual import table
from povsim.scenarios import Scenario
from povsim.simulation import Followed, World, follow, opening
from povsim.study import Outlook
from povsim.vocabulary import Cause, Indicator

LINE = "toilet"
MILLION_VND = 200.0
EVENTS = ("gone", "rise", "improve")
"""What can happen to a poor household, in the order in which it is decided."""


@dataclass(frozen=True, eq=False)
class Case:
    """One household of a unit in one draw, under today's spending and under one sum more."""

    view: Outlook
    world: World
    unit: str
    more: Scenario

    @cached_property
    def line(self) -> Line:
        return next(line for line in self.world.lines if line.id == LINE)

    @cached_property
    def opening(self) -> Homes:
        return opening(self.world, self.unit)

    @cached_property
    def lived(self) -> tuple[Followed, Followed]:
        """The first year household by household, the current plan's first."""
        now, then = (follow(self.world, self.unit, each) for each in (None, self.more))
        return now[0], then[0]

    @property
    def year(self) -> int:
        return self.lived[0].year

    @cached_property
    def at(self) -> tuple[int, int]:
        """Draw and place of the household.

        Raises:
            Refusal: `case_none`.
        """
        now, then = self.lived
        places = self.opening.stand.shape[1]
        stays = now.homes.poor[:, :places] & self.opening.poor
        leaves = then.homes.near_poor[:, :places] & (self.opening.number > POOR_FROM)
        # No other line has a hand in it, so that the page has one thing to tell.
        alone = (now.relieved == 0) & (then.relieved == self.line.bit)
        found = np.argwhere(stays & leaves & alone[:, :places] & ~self.opening.structural)
        if not len(found):
            raise refuse("case_none", unit=self.unit, line=LINE)
        return int(found[0][0]), int(found[0][1])


def case(view: Outlook, world: World, unit: str) -> Case:
    """The household of the page, in a unit."""
    return Case(view, world, unit, study.more(world, LINE, unit, MILLION_VND))


def page(lang: Lang, told: Case) -> str:
    """The whole page as Markdown; the same sample and seed give the same page."""
    parts = [f"# {_say('title', lang)}", _say("about", lang), _say("sample", lang)]
    parts += [f"## {_say('household', lang)}", _household(lang, told)]
    parts += [f"## {_say('year', lang, year=told.year)}", _say("bars", lang)]
    parts += [table(_brought(lang, told))]
    parts += [f"## {_say('now', lang)}", _money(lang, told, 0)]
    parts += [_say("critical", lang), _need(lang, told)]
    parts += [table(_events(lang, told, 0)), _end(lang, told, 0)]
    millions = number(MILLION_VND, lang)
    parts += [f"## {_say('more', lang, millions=millions, line=told.line.name(lang))}"]
    parts += [_money(lang, told, 1), _luck(lang, told)]
    parts += [table(_events(lang, told, 1)), _end(lang, told, 1)]
    parts += [f"## {_say('meaning', lang)}", _say("meaning_told", lang)]
    return "\n\n".join(parts) + "\n"


def _say(name: str, lang: Lang, **values: object) -> str:
    return text(f"one_year.{name}", lang, **values)


def _household(lang: Lang, told: Case) -> str:
    draw, place = told.at
    populations = told.world.populations
    return _say(
        "household_told",
        lang,
        unit=told.view.name(told.unit),
        review=told.view.year,
        number=int(told.opening.household[draw, place]) + 1,
        draw=draw + 1,
        draws=told.world.draws,
        tilt=number(populations[draw % len(populations)].tilt, lang, 3),
        lacks=_lacks(lang, int(told.opening.mask[draw, place])),
        groups=_named(lang, int(told.opening.groups[draw, place]), GROUPS, "group_name"),
        causes=_named(lang, int(told.opening.causes[draw, place]), tuple(Cause), "cause"),
    )


def _lacks(lang: Lang, mask: int) -> str:
    named = _named(lang, mask, tuple(Indicator), "indicator")
    return _say("lacks", lang, count=mask.bit_count(), which=named)


def _named(lang: Lang, bits: int, order: Sequence[str], texts: str) -> str:
    chosen = [each for place, each in enumerate(order) if bits > 0 and (bits >> place) & 1]
    told = ", ".join(text(f"{texts}.{each}", lang) for each in chosen)
    return told.lower() if told else _say("none", lang)


def _brought(lang: Lang, told: Case) -> Iterator[Sequence[str]]:
    """What the draw brings to the unit's poor: who moves, and the bar."""
    yield [_say(name, lang) for name in ("event", "moved", "bar")]
    draw, now = told.at[0], told.lived[0]
    for event in EVENTS:
        critical, bar = now.critical[event][draw], now.bars[event][draw]
        count = int((critical < bar).sum())
        yield [_say(f"event_{event}", lang), str(count), number(bar, lang, 4)]


def _money(lang: Lang, told: Case, which: int) -> str:
    """Whom the line's money serves in the draw, and whether this household."""
    draw, place = told.at
    year, scenario = told.lived[which], (told.world.current, told.more)[which]
    able = year.able[LINE][draw]
    money = scenario.money(LINE, told.unit, told.year)
    return _say(
        "money",
        lang,
        line=told.line.name(lang),
        millions=number(money / 1e6, lang),
        cost=number(told.line.unit_cost / 1e6, lang),
        able=int(able),
        take_up=percent(told.line.take_up, lang, 0),
        served=int(reached(told.line, np.array([able]), money)[0]),
        this=_say("served" if year.served[LINE][draw, place] else "not_served", lang),
    )


def _need(lang: Lang, told: Case) -> str:
    lacked = int(told.opening.number[told.at])
    return _say("need", lang, lacked=lacked, needed=lacked - POOR_FROM + 1)


def _events(lang: Lang, told: Case, which: int) -> Iterator[Sequence[str]]:
    """Critical values of the household beside the bars."""
    yield [_say(name, lang) for name in ("event", "own", "bar", "happens")]
    draw, place = told.at
    year = told.lived[which]
    for event in EVENTS:
        own, bar = float(year.critical[event][draw, place]), year.bars[event][draw]
        happens = _say("yes" if own < bar else "no", lang)
        yield [_say(f"event_{event}", lang), number(own, lang, 4), number(bar, lang, 4), happens]


def _luck(lang: Lang, told: Case) -> str:
    """How far inside the line's effect the household lies."""
    draw, place = told.at
    size = told.world.sizes(LINE)
    inside = float(told.lived[1].strength[LINE][draw, place])
    return _say(
        "luck",
        lang,
        line=told.line.name(lang),
        size=number(size[draw], lang, 3),
        luck=number((inside + 1) * size[draw], lang, 3),
        left=int(told.opening.number[told.at]) - 1,
        needed=int(told.opening.number[told.at]) - POOR_FROM,
    )


def _end(lang: Lang, told: Case, which: int) -> str:
    homes = told.lived[which].homes
    state = "poor" if homes.poor[told.at] else "near_poor"
    return _say(
        "end",
        lang,
        year=told.year,
        state=text(f"state.{state}", lang),
        lacks=_lacks(lang, int(homes.mask[told.at])),
    )
