"""What a planner asks: where units stand, where they are heading, how likely their targets are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povsim import breaks, forms, published, rules, workspace
from povsim import plan as plans
from povsim.findings import refuse
from povsim.plan import DISTRICT, Plan, Target, TargetKind
from povsim.study.aims import Aim, Course, Draws, Span, judge, judge_all
from povsim.trajectory import (
    LEVELS,
    Forecast,
    LastYearCheck,
    Movements,
    Panel,
    Projection,
    forecast,
    last_year_check,
)
from povsim.trajectory.movements import LEAVING
from povsim.units import Break, Unit
from povsim.vocabulary import Group, Period, State

if TYPE_CHECKING:
    from povsim.store import Release

DRAWS = 4000
"""Enough that a chance has a Monte-Carlo error under one point: whole per cents can be shown."""


@dataclass(frozen=True)
class Outlook:
    """Where a plan's units stand at the review of `year`, and draws of where they are heading.

    `stocks` is the long table on the units of that day; `forecast` is None when the plan's last
    year is behind; `check` is None where the series is too short to leave a year out. `seed` keys
    whatever else is drawn of it.
    """

    plan: Plan
    release: Release
    year: int
    units: tuple[Unit, ...]
    stocks: pd.DataFrame
    forecast: Forecast | None
    check: LastYearCheck | None
    seed: int

    @property
    def projection(self) -> Projection | None:
        """Draws by the model that is used, or None when the plan is over."""
        return self.forecast.projection if self.forecast else None

    @property
    def areas(self) -> list[str]:
        """Printed identities of the units, by code."""
        return [str(unit.id) for unit in self.units]

    def name(self, area: str) -> str:
        """What a unit or the district is called."""
        return self.plan.district if area == DISTRICT else rules.units()[area].name

    def find(self, name: str) -> str:
        """The printed identity of a unit by a spelling of its name, or its code.

        Raises:
            Refusal: no unit of that day fits, or more than one.
        """
        day = Period(self.year).end
        return str(rules.units().find(name, day, among=self.units).id)

    def households(self, area: str, year: int, state: State | None = None) -> int:
        """Counted households of a unit or the district at a past review; all states unless said.

        Raises:
            KeyError: the release holds no such count.
        """
        rows = self.stocks[self.stocks["period"] == str(Period(year))]
        rows = rows if area == DISTRICT else rows[rows["unit"] == area]
        rows = rows if state is None else rows[rows["state"] == str(state)]
        if rows.empty:
            raise KeyError((area, year))
        return int(rows["households"].sum())

    def rate(self, area: str, year: int, state: State = State.POOR) -> float:
        """The counted rate of a state at a past review, a share."""
        return self.households(area, year, state) / self.households(area, year)

    @property
    def years(self) -> list[int]:
        """The reviews behind, from the plan's base review."""
        return [int(period) for period in sorted(self.stocks["period"].unique())]

    @property
    def last_shown(self) -> int:
        """The last year that anything is said about: projected, or reviewed when all is past."""
        return self.plan.last_year if self.projection else self.year

    def breaks(self, area: str = DISTRICT) -> tuple[Break, ...]:
        """Where the series of an area changes its meaning, from the base review to `last_shown`."""
        if area == DISTRICT:
            return self.plan.breaks(self.last_shown)
        return breaks.of_unit(area, self.plan.base_review, self.last_shown)

    @property
    def ahead(self) -> tuple[int, ...]:
        """The years that are projected; none when the plan is over."""
        return self.projection.years if self.projection else ()

    @property
    def next_year(self) -> int | None:
        """The first year to come, or None when the plan is over."""
        return self.projection.years[0] if self.projection else None

    def history(self, state: State = State.POOR) -> pd.DataFrame:
        """Counted rates: area, year, rate (share); the district first."""
        rows = [
            (area, year, self.rate(area, year, state))
            for area in (DISTRICT, *self.areas)
            for year in self.years
        ]
        return pd.DataFrame(rows, columns=["area", "year", "rate"])

    def bands(self, state: State = State.POOR) -> pd.DataFrame:
        """Projected rates: area, year, level (quantile), rate (share)."""
        projection = self._projection()
        rows = [
            (area, year, level, value)
            for area in (DISTRICT, *self.areas)
            for year, draws in zip(projection.years, self._draws(area, state), strict=True)
            for level, value in zip(LEVELS, np.quantile(draws, LEVELS), strict=True)
        ]
        return pd.DataFrame(rows, columns=["area", "year", "level", "rate"])

    def quantile(self, area: str, year: int, level: float, state: State = State.POOR) -> float:
        """One quantile of the projected rate of an area at a year, a share."""
        draws = self._draws(area, state)[self._projection().years.index(year)]
        return float(np.quantile(draws, level))

    def aims(self, area: str) -> list[Aim]:
        """Every target of a unit or the district, by year and kind, with result or chance."""
        years = range(self.plan.first_year, self.plan.last_year + 1)
        course = self.course(area)
        return [judge(course, target) for year in years for target in self._targets(area, year)]

    def spans(self, area: str) -> list[Span]:
        """The targets of a unit or the district over all years of the plan together, by kind."""
        course, years = self.course(area), range(self.plan.first_year, self.plan.last_year + 1)
        targets = [target for year in years for target in self._targets(area, year)]
        kinds = sorted({target.kind for target in targets}, key=list(TargetKind).index)
        return [judge_all(course, [t for t in targets if t.kind is kind]) for kind in kinds]

    def course(self, area: str) -> Course:
        """The poverty rate of a unit or the district, as counted and as drawn."""
        counted = {year: self.rate(area, year) for year in self.years}
        households = {year: self.households(area, year) for year in self.years}
        if self.projection is None:
            return Course(counted, households)
        rates, totals = self._draws(area, State.POOR), self._total_draws(area)
        return Course(counted, households, self.projection.years, rates, totals)

    def aim(self, area: str, year: int, kind: TargetKind | None = None) -> Aim | None:
        """The aim of an area for a year; of the first kind there is, unless one is named."""
        found = [a for a in self.aims(area) if a.target.year == year]
        return next((a for a in found if kind is None or a.target.kind is kind), None)

    def ranked(self, year: int) -> list[tuple[str, Aim]]:
        """Units with their quota's aim for a year, least likely first, then by rate."""
        pairs = [(area, self.aim(area, year, TargetKind.HOUSEHOLDS)) for area in self.areas]
        known = [(area, aim) for area, aim in pairs if aim is not None]
        return sorted(known, key=lambda pair: (_hope(pair[1]), -self.rate(pair[0], self.year)))

    def movements(self, year: int) -> pd.DataFrame:
        """Households that left and entered poverty in a year by F2: unit, left, entered."""
        flows = forms.flows(self.release.facts)
        rows = self.carried(flows[flows["state"] == str(State.POOR)], year)
        side = (
            rows["flow"]
            .isin([str(flow) for flow in LEAVING[State.POOR]])
            .map({True: "left", False: "entered"})
        )
        table = rows.assign(side=side).pivot_table(
            index="unit", columns="side", values="households", aggfunc="sum"
        )
        return table.reindex(columns=["left", "entered"]).reset_index()

    def leading_aims(self, area: str) -> list[Aim]:
        """One aim a year: the plan's own points a year for the district, the quota for a unit."""
        kind = TargetKind.POINTS_A_YEAR if area == DISTRICT else TargetKind.HOUSEHOLDS
        return [aim for aim in self.aims(area) if aim.target.kind is kind]

    def trajectory_tables(self, area: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """What a trajectory chart shows of an area: counted rates, projected bands, targets."""
        history = self.history()
        bands = self.bands() if self.projection else pd.DataFrame(columns=["area", "year"])
        targets = [(aim.target.year, aim.rate) for aim in self.leading_aims(area)]
        return (
            history[history["area"] == area],
            bands[bands["area"] == area],
            pd.DataFrame(targets, columns=["year", "rate"]),
        )

    def rates_by_unit(self) -> pd.DataFrame:
        """Counted poverty rates in per cent, a row an area and a column a year, to be read."""
        wide = self.history().pivot(index="area", columns="year", values="rate") * 100
        return wide.rename(index=self.name).rename_axis(index=None, columns=None).round(2)

    def ranking_rates(self, year: int) -> pd.DataFrame:
        """What a ranking chart shows: unit, now, low, median, high (80 %), target; shares."""
        rows = [
            (
                self.name(area),
                self.rate(area, self.year),
                *(self.quantile(area, year, level) for level in (0.1, 0.5, 0.9)),
                aim.rate,
            )
            for area, aim in self.ranked(year)
        ]
        return pd.DataFrame(rows, columns=["unit", "now", "low", "median", "high", "target"])

    def quantiles(self) -> pd.DataFrame:
        """Every projected quantile: area, year, level, rate (share), state, name, origin."""
        tables = [
            self.bands(state).assign(state=str(state)) for state in (State.POOR, State.NEAR_POOR)
        ]
        table = pd.concat(tables, ignore_index=True)
        names = [self.name(area) for area in table["area"]]
        return table.assign(name=names, origin=str(self.release.origin))

    def published_series(self) -> pd.DataFrame:
        """The district's printed figures under the plan's standard, with source and status."""
        table = published.figures(self.plan.published_figures)
        return published.series(table, self.plan.district_code, self.plan.standard)

    def carried(self, table: pd.DataFrame, year: int) -> pd.DataFrame:
        """One year's rows of a long table of counts, on the units of the outlook."""
        rows = table[table["period"] == str(Period(year))]
        return rules.units().carry(rows, Period(self.year).end)

    def _targets(self, area: str, year: int) -> list[Target]:
        """By kind. Quotas of units that merged add up; their rates do not, and end with them."""
        own = self.plan.targets_of(area, year)
        if area == DISTRICT:
            return own
        rates = [target for target in own if target.kind is not TargetKind.HOUSEHOLDS]
        quotas = self.plan.quotas_on(Period(self.year).end)
        return rates + [quota for quota in quotas if quota.area == area and quota.year == year]

    def _projection(self) -> Projection:
        if self.projection is None:
            raise refuse("horizon_past", until=self.plan.last_year, origin=self.year)
        return self.projection

    def _draws(self, area: str, state: State) -> Draws:
        return self._projection().rate(state, None if area == DISTRICT else area)

    def _total_draws(self, area: str) -> Draws:
        projection = self._projection()
        every = projection.households.sum(axis=0)
        chosen = range(len(projection.units)) if area == DISTRICT else [self.areas.index(area)]
        return np.asarray(every[chosen].sum(axis=0), dtype=np.float64)


def _hope(aim: Aim) -> float:
    return float(aim.met or 0) if aim.chance is None else aim.chance


def outlook(
    plan: Plan | None = None,
    release: Release | None = None,
    year: int | None = None,
    *,
    reference: Panel | None = None,
    plan_like_weight: float | None = None,
    draws: int = DRAWS,
    seed: int = 2025,
) -> Outlook:
    """Where the plan's units stand at the review of a year, projected to the plan's last year.

    Defaults: the Kon Rẫy plan, the newest release of the default store, and the last review
    before the plan's last year under the plan's standard. Merged units carry their predecessors'
    exact sums. The forecast rests on movements (F2, F3) where they can carry it, else on counts.
    `reference` is a wider panel (the province's) and `plan_like_weight` an assumption in place of
    what the series says (`trajectory.forecast`).

    Raises:
        Refusal: empty store, a year without data, too short a series, a review made under another
            standard than the plan's base review.
    """
    plan = plan or plans.load()
    release = (release or newest_release()).of(plan.kin())
    held = [y for y in plan.complete(release.reviews) if plan.base_review <= y <= plan.last_year]
    alike = [period.year for period in _periods(plan, plan.last_year - 1)]
    year = year or max((y for y in held if y in alike), default=plan.base_review)
    if year not in held:
        raise refuse("report_year", year=year, years=", ".join(map(str, held)))
    breaks.refuse_across(plan.units[0].id, plan.base_review, year)
    missing = [str(y) for y in range(plan.base_review, year) if y not in held]
    if missing:
        raise refuse("panel_incomplete", missing=", ".join(missing))
    stocks = _stocks(plan, release, year)
    units = tuple(plan.units_on(Period(year).end))
    panel = Panel.from_stocks(stocks)
    if year >= plan.last_year:
        check = last_year_check(panel, plan_like_weight=plan_like_weight, draws=draws, seed=seed)
        return Outlook(plan, release, year, units, stocks, None, check, seed)
    made = forecast(
        panel,
        plan.last_year,
        movements=movements_of(release, panel),
        structural=structural_of(release, panel),
        reference=reference,
        plan_like_weight=plan_like_weight,
        draws=draws,
        seed=seed,
    )
    return Outlook(plan, release, year, units, stocks, made, made.check, seed)


def movements_of(release: Release, panel: Panel) -> Movements | None:
    """Who moved between the panel's reviews (F2, F3), on its units; None where no form says."""
    table = _on_units(forms.flows(release.facts), panel)
    table = table[table["period"] > str(panel.years[0])]
    return Movements.from_flows(table) if len(table) else None


def structural_of(release: Release, panel: Panel) -> Draws | None:
    """Poor households without labour capacity (F8) at the panel's reviews (unit, year)."""
    table = _on_units(forms.groups(release.facts), panel)
    chosen = (table["state"] == str(State.POOR)) & (table["group"] == str(Group.NO_LABOUR))
    wide = table[chosen].pivot(index="unit", columns="period", values="households")
    counts = wide.reindex(index=list(panel.units), columns=[str(y) for y in panel.years])
    known = counts.to_numpy(dtype=float, na_value=np.nan)
    return None if np.isnan(known).any() else known


def _on_units(table: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """A long table at the panel's reviews, on its units."""
    rows = table[table["period"].isin([str(year) for year in panel.years])]
    carried = rules.units().carry(rows, Period(panel.years[-1]).end)
    return carried[carried["unit"].isin(panel.units)]


def _stocks(plan: Plan, release: Release, year: int) -> pd.DataFrame:
    """Stocks up to a review, on its units, all of one standard."""
    stocks = forms.stocks(release.facts)
    wanted = [str(period) for period in _periods(plan, year)]
    return rules.units().carry(stocks[stocks["period"].isin(wanted)], date(year, 12, 31))


def _periods(plan: Plan, year: int) -> Iterator[Period]:
    """The reviews from the base up to a year that were made under the plan's standard."""
    for review in range(plan.base_review, year + 1):
        if rules.standard_for(review, plan.units[0].id).id == plan.standard:
            yield Period(review)


def newest_release(url: str | None = None) -> Release:
    """The newest release of a store; of the default store unless said.

    Raises:
        Refusal: the store is empty or cannot be opened.
    """
    from povsim.store import Store, shown

    url = url or workspace.store_url()
    release = Store(url).latest()
    if release is None:
        raise refuse("store_empty", store=shown(url))
    return release
