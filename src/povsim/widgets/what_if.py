"""The planner's panel for other spending: sliders by line and unit, scenarios side by side."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import ipywidgets as ipw
import traitlets

from povsim import scenarios, study, workspace
from povsim.effects import Line, Targeting
from povsim.findings import refuse
from povsim.i18n import Lang, text
from povsim.plan import DISTRICT
from povsim.scenarios import Bounds, Scenario
from povsim.simulation import Outcome, World, run
from povsim.study import Outlook
from povsim.vocabulary import Origin
from povsim.widgets.pieces import html, safely
from povsim.wording import area_name, chance_rows, is_sample, left_over, side_by_side, to_whom

FEW = 50
"""Draws of the first answer, which comes while the hand is still on the slider."""
PATIENCE = 0.4
"""Seconds without another change before all draws are lived."""
HEADROOM = 3.0
"""A slider without a limit of capacity goes to so many times today's sum."""
WORKS, HOUSEHOLDS = 3, 20
"""A slider goes to so many works or households at least."""
MILLION = 1_000_000


class Draft(traitlets.HasTraits):
    """What is tried: a scenario, those kept beside it, and where and when one looks."""

    scenario = traitlets.Instance(Scenario)
    kept = traitlets.Tuple()
    area = traitlets.Unicode()
    year = traitlets.Int()


class WhatIf:
    """Other spending tried by hand: a first answer from few draws, refined in place."""

    def __init__(self, view: Outlook, world: World, lang: Lang = "vi") -> None:
        self.outlook, self.world, self.lang = view, world, lang
        self.quick = world.of_draws(min(FEW, world.draws))
        self.bounds: Bounds = study.bounds(view)
        self.folder = study.scenario_folder(view)
        self.draft = Draft(
            scenario=self._opened(world.current), area=world.units[0], year=world.years[-1]
        )
        self._outcomes: dict[int, Outcome] = {}
        self._refining: asyncio.Task[None] | None = None
        self._filling = False
        self._make_fields()
        self._make_sliders()
        self._make_buttons()
        self.result, self.message = html(""), ipw.VBox()
        self.draft.observe(lambda _: self._answer())
        self._fill()
        self._show(self._lived(self.world), "whatif.refined")

    # --- What is on the panel --------------------------------------------------------------------

    def _make_fields(self) -> None:
        narrow = {"description_width": "110px"}
        units = [(self.outlook.name(unit), unit) for unit in self.world.units]
        self.unit = ipw.Dropdown(options=units, description=self._say("unit"), style=narrow)
        rules = [(text(f"targeting.{rule}", self.lang), rule) for rule in Targeting]
        self.targeting = ipw.Dropdown(
            options=rules, description=self._say("targeting"), style=narrow
        )
        self.registered = ipw.IntSlider(
            30, 1, 100, description=self._say("registered"), style=narrow, continuous_update=False
        )
        years = list(self.world.years)
        self.year = ipw.Dropdown(
            options=years, value=years[-1], description=self._say("year"), style=narrow
        )
        self.source = ipw.Dropdown(
            options=list(self._sources()), description=self._say("from"), style=narrow
        )
        self.name = ipw.Text(
            description=self._say("name"), placeholder=self._say("name_hint"), style=narrow
        )
        self.unit.observe(self._turn, "value")
        self.year.observe(lambda change: self.draft.set_trait("year", change["new"]), "value")
        self.source.observe(lambda _: self._start(), "value")
        for field in (self.targeting, self.registered):
            field.observe(lambda _: self._rule(), "value")

    def _make_sliders(self) -> None:
        self.sliders = {line.id: self._slider(line) for line in self.world.lines}

    def _slider(self, line: Line) -> ipw.FloatSlider:
        today = max(self.world.current.money(line.id, unit, self._first) for unit in self._units)
        least = (WORKS if line.works else HOUSEHOLDS) * line.unit_cost
        limit = scenarios.most(line) or max(HEADROOM * today, least)
        slider = ipw.FloatSlider(
            0.0,
            min=0.0,
            max=round(limit / MILLION, 1),
            step=line.unit_cost / MILLION if line.works else 0.1,
            description=line.name(self.lang),
            readout_format=".0f",
            continuous_update=False,
            style={"description_width": "210px"},
            layout=ipw.Layout(width="100%", max_width="560px"),
        )
        slider.observe(lambda change: self._pay(line.id, change["new"]), "value")
        return slider

    def _make_buttons(self) -> None:
        self.keep, self.reset, self.save = (
            ipw.Button(description=self._say(name)) for name in ("keep", "reset", "save")
        )
        self.keep.on_click(lambda _: self._keep())
        self.reset.on_click(lambda _: self._start())
        self.save.on_click(lambda _: self._save())
        self.save.button_style = "success"

    def view(self) -> ipw.Widget:
        """The panel as one widget."""
        style = (files("povsim.widgets") / "what_if.css").read_text("utf-8")
        about = escape(self._say("about", year=self._first))
        head = f"<style>{style}</style><h3>{escape(self._say('title'))}</h3><p>{about}</p>"
        paid = {item.line for item in self.world.current.amounts}
        used = [slider for line, slider in self.sliders.items() if line in paid]
        others = [slider for line, slider in self.sliders.items() if line not in paid]
        more = ipw.Accordion([ipw.VBox(others)], titles=(self._say("more_lines"),))
        left = ipw.VBox(
            [
                self.source,
                self.unit,
                *used,
                more,
                self.targeting,
                self.registered,
                ipw.HBox([self.keep, self.reset]),
                self.name,
                self.save,
                self.message,
            ]
        )
        right = ipw.VBox([self.year, self.result])
        body = ipw.Box([left, right])
        for part, look in ((left, "ps-hand"), (right, "ps-told"), (body, "ps-body")):
            part.add_class(look)
        panel = ipw.VBox([html(head), body])
        panel.add_class("ps-panel")
        return panel

    def _say(self, key: str, **values: object) -> str:
        return text(f"whatif.{key}", self.lang, **values)

    @property
    def _first(self) -> int:
        """The year whose money is moved."""
        return self.world.years[0]

    @property
    def _units(self) -> tuple[str, ...]:
        return self.world.units

    # --- What the planner does -------------------------------------------------------------------

    def _sources(self) -> Iterator[tuple[str, str]]:
        """What a trial can start from: the current plan, or a scenario on file."""
        yield self.world.current.name or "–", ""
        for path in study.scenario_files(self.outlook):
            yield path.stem, str(path)

    def _chosen(self) -> Scenario:
        path = self.source.value
        return scenarios.read(Path(path), self.bounds) if path else self.world.current

    def _opened(self, scenario: Scenario) -> Scenario:
        """A scenario from the first year lived on."""
        first = self.world.years[0]
        amounts = {item: money for item, money in scenario.amounts.items() if item.year >= first}
        return replace(scenario, start=first, amounts=amounts)

    def _start(self) -> None:
        """Start from the scenario chosen; one that cannot be read is told, and nothing changes."""
        self.message.children = [safely(self._started, self.lang)]

    def _started(self) -> ipw.Widget:
        self.draft.scenario = self._opened(self._chosen())
        self._fill()
        return html("")

    def _turn(self, change: dict[str, Any]) -> None:
        self.draft.area = change["new"]
        self._fill()

    def _fill(self) -> None:
        """Put the sliders where the scenario is, without taking that for a change."""
        tried, unit = self.draft.scenario, self.unit.value
        self._filling = True
        for line, slider in self.sliders.items():
            million = tried.money(line, unit, self._first) / MILLION
            slider.max = max(slider.max, million)
            slider.value = million
        self.targeting.value = tried.targeting
        self.registered.layout.display = "" if tried.targeting is Targeting.REGISTERED else "none"
        self._filling = False

    def _pay(self, line: str, million: float) -> None:
        if self._filling:
            return
        paid = (line, self.unit.value, self._first, round(million * MILLION))
        self.draft.scenario = self.draft.scenario.with_money(*paid)

    def _rule(self) -> None:
        if self._filling:
            return
        rule = self.targeting.value
        share = self.registered.value / 100 if rule is Targeting.REGISTERED else 0.0
        self.draft.scenario = replace(
            self.draft.scenario, targeting=rule, by_line={}, registered=share
        )
        self._fill()

    def _keep(self) -> None:
        number = len(self.draft.kept) + 1
        name = self.name.value or f"{self._say('trial')} {number}"
        self.draft.kept = (*self.draft.kept, replace(self.draft.scenario, name=name))

    def _save(self) -> None:
        self.message.children = [safely(self._saved, self.lang)]

    def _saved(self) -> ipw.Widget:
        name = self.name.value.strip()
        if not name:
            raise refuse("scenario_unnamed")
        path = self.folder / f"{_file_name(name)}.toml"
        home = workspace.home()
        shown = path.relative_to(home) if path.is_relative_to(home) else path
        if path.exists():
            raise refuse("scenario_exists", path=shown)
        source = self.world.current.source
        made = replace(self.draft.scenario, name=name, origin=Origin.SAMPLE, source=source)
        scenarios.save(made, self.bounds, path)
        return html(f"<p class='ps-saved'>{escape(self._say('saved', path=shown))}</p>")

    # --- What is told ----------------------------------------------------------------------------

    def _answer(self) -> None:
        """A first answer at once; all draws once the hand rests."""
        self._show(self._lived(self.quick), "whatif.quick")
        if self._refining is not None:
            self._refining.cancel()
        try:
            self._refining = asyncio.get_running_loop().create_task(self._refine())
        except RuntimeError:  # no loop to come back on: a script
            self._show(self._lived(self.world), "whatif.refined")

    async def _refine(self) -> None:
        await asyncio.sleep(PATIENCE)
        self._show(await asyncio.to_thread(self._lived, self.world), "whatif.refined")

    def _lived(self, world: World) -> list[Outcome]:
        """Today, the kept ones and the trial, each lived once."""
        wanted = [self._opened(self.world.current), *self.draft.kept, self.draft.scenario]
        return [run(world, scenario) for scenario in wanted]

    def _show(self, outcomes: Sequence[Outcome], standing: str) -> None:
        said = text(standing, self.lang, draws=outcomes[0].world.draws)
        self.result.value = self._told(outcomes, said)

    def _told(self, outcomes: Sequence[Outcome], standing: str) -> str:
        notice = text("sample.notice", self.lang) if is_sample(self.outlook) else ""
        areas = [self.draft.area, DISTRICT]
        table = study.contrasted(outcomes, areas)
        kept = [each.name for each in self.draft.kept]
        names = [self._say("today"), *kept, self._say("trial")]
        told = f"<p class='ps-notice'>{escape(notice)}</p>" if notice else ""
        told += f"<p class='ps-standing'>{escape(standing)}</p>" + self._sentences(outcomes)
        for area in areas:
            rows = side_by_side(table, area, self.draft.year, self.lang)
            told += _table(
                f"{area_name(self.outlook, area, self.lang)}, {self.draft.year}",
                [self._say("measure"), *names],
                rows,
            )
        return told + self._chances(outcomes, names)

    def _sentences(self, outcomes: Sequence[Outcome]) -> str:
        """What is tried, to whom it goes, and what cannot be spent."""
        tried = outcomes[-1]
        base = self._opened(self.world.current)
        said = scenarios.difference(base, tried.scenario, self.bounds, self.lang)
        change = study.changes(outcomes[0], tried, self.draft.area)[0]
        said += [to_whom(change, self.lang), *left_over(tried, self.lang)]
        return "<ul>" + "".join(f"<li>{escape(each)}</li>" for each in said if each) + "</ul>"

    def _chances(self, outcomes: Sequence[Outcome], names: Sequence[str]) -> str:
        rows = chance_rows(self.outlook, outcomes, [self.draft.area, DISTRICT], self.lang)
        told = [
            (f"{area} {year}, {asked}", [(chance, "") for chance in chances])
            for area, year, asked, *chances in rows
        ]
        title = self._say("chances")
        return _table(title, [self._say("measure"), *names], told)


def what_if(view: Outlook, world: World, lang: Lang = "vi") -> ipw.Widget:
    """The panel, or a sentence that says what is wrong."""
    return safely(lambda: WhatIf(view, world, lang).view(), lang)


def _table(caption: str, heads: Sequence[str], rows: Any) -> str:
    """Measures by scenario: a value each, and under it what changes."""
    head = "".join(f"<th scope='col'>{escape(each)}</th>" for each in heads)
    body = ""
    for name, cells in rows:
        told = "".join(
            f"<td>{escape(value)}"
            + (f"<small>{escape(change)}</small>" if at and change else "")
            + "</td>"
            for at, (value, change) in enumerate(cells)
        )
        body += f"<tr><th scope='row'>{escape(name)}</th>{told}</tr>"
    return (
        f"<div class='ps-wide'><table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _file_name(name: str) -> str:
    """A name in plain letters, for files."""
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")
