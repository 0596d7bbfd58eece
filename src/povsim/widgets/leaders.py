"""The leaders' page: where the district stands, its units ranked, each one's trajectory."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import Any

import ipywidgets as ipw
import traitlets

from povsim import charts
from povsim.charts.pictures import svg
from povsim.i18n import Lang, number, percent, text
from povsim.plan import DISTRICT
from povsim.study import Aim, Outlook, outlook
from povsim.units import BreakKind
from povsim.vocabulary import State
from povsim.widgets.pieces import html, safely
from povsim.wording import (
    about_chance,
    area_name,
    break_sentences,
    check_sentence,
    fate,
    interval,
    is_sample,
    kind_name,
    model_sentence,
    printed_rates,
    provenance,
)

SIZES = {"wide": (620, 330), "narrow": (340, 290)}
"""Two pictures of every chart; the page's style shows the one that fits the screen."""


class Selection(traitlets.HasTraits):
    """What the reader looks at: a unit's printed identity, or the district."""

    area = traitlets.Unicode(DISTRICT)


class Overview:
    """The leaders' page: headline, units ranked, and the trajectory of the one chosen."""

    def __init__(self, known: Outlook, lang: Lang = "vi") -> None:
        self.outlook = known
        self.lang = lang
        self.selection = Selection()
        self._pictures: dict[str, str] = {}
        self._chart = ipw.HTML()
        self._buttons = {area: self._button(area) for area in (DISTRICT, *self._ranking())}
        self.selection.observe(self._show, "area")
        self._show()

    def view(self) -> ipw.Widget:
        """The page as one widget."""
        title = text("page.ranking", self.lang, year=self._year)
        rows = [self._row(area) for area in self._buttons]
        key = text("page.ranking_key", self.lang, now=self.outlook.year, year=self._year)
        heading = f"<h2>{escape(title)}</h2><p class='pv-key'>{escape(key)}</p>"
        ranking = ipw.VBox([html(heading), *rows])
        body = ipw.Box([ranking, self._chart])
        ranking.add_class("pv-ranking")
        self._chart.add_class("pv-chart")
        body.add_class("pv-body")
        page = ipw.VBox([html(self._head()), html(self._headline()), body, html(self._foot())])
        page.add_class("pv-page")
        return page

    @property
    def _year(self) -> int:
        """The year whose targets are shown: the next one, or the last when the plan is over."""
        return self.outlook.next_year or self.outlook.year

    def _ranking(self) -> list[str]:
        return [area for area, _ in self.outlook.ranked(self._year)]

    def _aim(self, area: str) -> Aim | None:
        aims = {aim.target.year: aim for aim in self.outlook.leading_aims(area)}
        return aims.get(self._year)

    def _button(self, area: str) -> ipw.Button:
        name = area_name(self.outlook, area, self.lang)
        button = ipw.Button(description=name, tooltip=text("page.choose", self.lang))
        button.add_class("pv-unit")
        button.on_click(lambda _: setattr(self.selection, "area", area))
        return button

    def _row(self, area: str) -> ipw.Widget:
        row = ipw.HBox([self._buttons[area], html(self._facts(area))])
        row.add_class("pv-row")
        return row

    def _facts(self, area: str) -> str:
        aim = self._aim(area)
        rate = percent(self.outlook.rate(area, self.outlook.year), self.lang)
        if aim is None:
            return f"<span class='pv-rate'>{rate}</span>"
        return (
            f"<span class='pv-rate'>{rate}</span>"
            f"<span class='pv-target'>→ {percent(aim.rate, self.lang)}</span>"
            f"<span class='pv-chance'>{escape(fate(aim, self.lang))}</span>{self._chip(aim)}"
        )

    def _chip(self, aim: Aim) -> str:
        if aim.chance is None:
            return ""
        standing = self.outlook.plan.standing(aim.chance)
        return (
            f"<span class='pv-chip pv-{standing}'>{text(f'standing.{standing}', self.lang)}</span>"
        )

    def _head(self) -> str:
        known, lang = self.outlook, self.lang
        title = text("page.title", lang, district=known.plan.district)
        until = known.plan.last_year
        as_of = text("page.as_of", lang, year=known.year, until=until)
        notice = escape(text("sample.notice", lang))
        badge = f"<p class='pv-notice'>{notice}</p>" if is_sample(known) else ""
        style = (files("povsim") / "overview.css").read_text("utf-8")
        return (
            f"<style>{style}</style><h1>{escape(title)}</h1>"
            f"<p class='pv-as-of'>{escape(as_of)}</p>{badge}"
        )

    def _headline(self) -> str:
        known, lang = self.outlook, self.lang
        cards = [
            (
                text("page.rate_now", lang, year=known.year),
                self._rate(State.POOR),
                self._printed("poor_rate"),
            ),
            (
                text("page.near_rate_now", lang, year=known.year),
                self._rate(State.NEAR_POOR),
                self._printed("near_poor_rate"),
            ),
        ]
        aim = self._aim(DISTRICT)
        if aim is not None:
            target, gap = percent(aim.rate, lang), number(aim.gap * 100, lang, 2)
            chip = self._chip(aim)
            kind = kind_name(aim, lang)
            cards += [
                (text("page.target_next", lang, year=self._year), target, escape(kind)),
                (text("page.gap", lang), text("page.points", lang, value=gap), ""),
                (text("page.chance", lang, year=self._year), escape(fate(aim, lang)), chip),
            ]
        told = "".join(_card(*card) for card in cards)
        return f"<div class='pv-cards'>{told}</div>{self._published()}"

    def _rate(self, state: State) -> str:
        return percent(self.outlook.rate(DISTRICT, self.outlook.year, state), self.lang)

    def _printed(self, indicator: str) -> str:
        """The last printed figure under our own, so that neither is taken for the other."""
        year = self.outlook.year
        rates = [r for r in printed_rates(self.outlook, self.lang, indicator) if r.year == year]
        if not rates:
            return ""
        last = rates[-1]
        values = {"value": last.value, "moment": last.moment, "status": last.status}
        return escape(text("page.printed", self.lang, **values))

    def _published(self) -> str:
        """The district's printed rates with source and status, apart from the sample."""
        title = text("page.published_title", self.lang, district=self.outlook.plan.district)
        rows = "".join(
            f"<tr><td>{escape(rate.moment)}</td><td class='pv-number'>{rate.value}</td>"
            f"<td>{escape(rate.status)}</td><td>{escape(rate.source)}</td></tr>"
            for rate in printed_rates(self.outlook, self.lang)
        )
        names = ("period", "poor_rate", "status", "source")
        heads = "".join(f"<th scope='col'>{text(f'table.{n}', self.lang)}</th>" for n in names)
        return (
            f"<details class='pv-published' open><summary>{escape(title)}</summary><div>"
            f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"
        )

    def _show(self, _: object = None) -> None:
        area = self.selection.area
        if area not in self._pictures:
            self._pictures[area] = self._picture(area) + self._sentences(area)
        self._chart.value = self._pictures[area]
        for each, button in self._buttons.items():
            button.button_style = "primary" if each == area else ""

    def _picture(self, area: str) -> str:
        unit = area_name(self.outlook, area, self.lang)
        title = text("page.trajectory", self.lang, unit=unit)
        tables = self.outlook.trajectory_tables(area)
        told = ""
        for size, (width, height) in SIZES.items():
            frame = charts.Frame(title, self.lang, is_sample(self.outlook), width, height)
            drawn = svg(charts.trajectory(*tables, frame).to_dict(), self.lang)
            label = escape(title, quote=True)
            told += f"<div class='pv-{size}' role='img' aria-label='{label}'>{drawn}</div>"
        return told

    def _sentences(self, area: str) -> str:
        known, lang = self.outlook, self.lang
        lines = [
            f"{aim.target.year}, {kind_name(aim, lang)}: <b>{escape(fate(aim, lang))}</b>"
            for aim in known.aims(area)
            if aim.target.year >= known.year
        ]
        if known.next_year is not None:
            near = interval(known, area, known.next_year, State.NEAR_POOR, lang)
            lines.append(text("page.near_poor_forecast", lang, year=known.next_year, **near))
        lines += [escape(told) for told in break_sentences(known, lang, area, tuple(BreakKind))]
        return "<ul class='pv-aims'>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"

    def _foot(self) -> str:
        known, lang = self.outlook, self.lang
        lines = [
            *break_sentences(known, lang),
            check_sentence(known, lang),
            model_sentence(known, lang),
            about_chance(known, lang),
            text("page.floor", lang),
            provenance(known, lang),
        ]
        return "<footer>" + "".join(f"<p>{escape(line)}</p>" for line in lines) + "</footer>"


def overview(lang: Lang = "vi", **choices: Any) -> ipw.Widget:
    """The leaders' page of the default plan and store, or a sentence that says what is wrong.

    `choices` go to the outlook (plan, release, year, draws, seed).
    """
    return safely(lambda: Overview(outlook(**choices), lang).view(), lang)


def _card(label: str, value: str, below: str) -> str:
    return (
        f"<div class='pv-card'><span class='pv-label'>{escape(label)}</span>"
        f"<span class='pv-value'>{value}</span><span class='pv-below'>{below}</span></div>"
    )
