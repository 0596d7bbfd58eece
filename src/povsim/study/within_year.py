"""Within a year: the last December figure, who came and went since, the forecast for December."""

from __future__ import annotations

import numpy as np
import pandas as pd

from povsim import forms, rules
from povsim.findings import refuse
from povsim.plan import DISTRICT
from povsim.study.outlooks import Outlook
from povsim.trajectory import STATES, Projection, attainment
from povsim.trajectory.movements import ENTERING, LEAVING
from povsim.units import Unit
from povsim.vocabulary import Period, State

COLUMNS = [
    "area",
    "december",
    "december_rate",
    "opening",
    "left",
    "entered",
    "reported",
    "low",
    "median",
    "high",
    "median_rate",
    "quota",
    "chance",
    "error",
    "found",
]


def periods(view: Outlook) -> list[Period]:
    """The reports within the year after the outlook's review that the release holds."""
    table = forms.movements(view.release.facts)
    held = sorted({Period.parse(written) for written in table["period"]})
    return [period for period in held if period.year == view.next_year]


def units_on(period: Period, view: Outlook) -> list[Unit]:
    """The plan's units on the last day of a period."""
    return view.plan.units_on(period.end)


def within_year(
    view: Outlook, period: Period | None = None, state: State = State.POOR
) -> pd.DataFrame:
    """Three columns that must not be added up: December's review, the year's moves, the forecast.

    Moves within a year are what communes reported so far; most are decided at the December review
    only. So they do not touch the forecast, which rests on reviews.

    Args:
        view: an outlook of the review before.
        period: a report within the year; the last one there is unless said.
        state: poor or near-poor.

    Returns:
        A row an area, the district first, on the units of the period's last day; households but
        for the shares `december_rate`, `median_rate` and `chance`: the last review (`december`),
        what the report starts from (`opening`), who `left` and `entered` since January, what that
        makes (`reported`); the forecast for December (`low`, `high`: 80 %), the year's `quota` of
        poor households with its `chance` and Monte-Carlo `error`; and what December `found`, once
        it is known. Missing reports stay missing, also in the district's sum.

    Raises:
        Refusal: `within_year_none`: no report of the year after.
        ValueError: a state that no form counts moves of.
    """
    if state not in LEAVING:
        raise ValueError(f"moves of {state} are in no form")
    held = periods(view)
    period = period or (held[-1] if held else None)
    if period not in held or period is None or view.projection is None:
        told = ", ".join(map(str, held)) or "–"
        raise refuse("within_year_none", year=view.year + 1, periods=told)
    made = view.projection.on(period.end)
    table = pd.DataFrame(index=[str(unit.id) for unit in units_on(period, view)])
    table["december"] = _stock(view, view.year, period, state)
    households = _stock(view, view.year, period, None)
    table = table.join(_moves(view, period, state))
    table["reported"] = table["opening"] - table["left"] + table["entered"]
    table["quota"] = _quotas(view, period) if state is State.POOR else np.nan
    table = pd.concat([table.sum(skipna=False).to_frame(DISTRICT).T, table])
    total = pd.concat([pd.Series({DISTRICT: households.sum(skipna=False)}), households])
    table["december_rate"] = table["december"] / total
    table["found"] = _found(view, period, state).reindex(table.index)
    return (
        table.join(_forecast(made, table["quota"], state))
        .rename_axis("area")
        .reset_index()[COLUMNS]
    )


def _stock(view: Outlook, year: int, period: Period, state: State | None) -> pd.Series[float]:
    """Households of a state (all unless said) at a December review, by unit of the period."""
    table = forms.stocks(view.release.facts)
    table = table[table["period"] == str(Period(year))]
    rows = rules.units().carry(table, period.end)
    rows = rows if state is None else rows[rows["state"] == str(state)]
    return rows.groupby("unit")["households"].sum(min_count=1).astype(float)


def _found(view: Outlook, period: Period, state: State) -> pd.Series[float]:
    """The year's December review by unit and for the district, as far as it is known.

    A unit that merged after the period has no review of its own: it stays missing.
    """
    table = forms.stocks(view.release.facts)
    rows = table[(table["period"] == str(Period(period.year))) & (table["state"] == str(state))]
    counts = rows.set_index("unit")["households"].astype(float)
    units = view.plan.units_on(Period(period.year).end)
    counts[DISTRICT] = counts.reindex([str(unit.id) for unit in units]).sum(skipna=False)
    return counts


def _moves(view: Outlook, period: Period, state: State) -> pd.DataFrame:
    """`opening`, `left` and `entered` by unit of the period."""
    table = forms.movements(view.release.facts)
    rows = table[(table["period"] == str(period)) & (table["state"] == str(state))]
    rows = rules.units().carry(rows, period.end)
    wide = rows.pivot(index="unit", columns="flow", values="households").astype(float)
    left, entered = ([str(flow) for flow in flows[state]] for flows in (LEAVING, ENTERING))
    wide = wide.reindex(columns=["opening", *left, *entered])
    sums = {"left": wide[left].sum(axis=1, skipna=False)}
    sums["entered"] = wide[entered].sum(axis=1, skipna=False)
    return pd.DataFrame({"opening": wide["opening"], **sums})


def _quotas(view: Outlook, period: Period) -> pd.Series[float]:
    quotas = view.plan.quotas_on(period.end)
    found = {q.area: q.value for q in quotas if q.year == period.year}
    return pd.Series(found, dtype=float)


def _forecast(made: Projection, quota: pd.Series[float], state: State) -> pd.DataFrame:
    """Quantiles of the first December ahead and the chance of a quota, by area."""
    counts = made.households[:, :, 0]
    drawn = dict(zip(made.units, counts[STATES.index(state)], strict=True))
    totals = dict(zip(made.units, counts.sum(axis=0), strict=True))
    drawn[DISTRICT], totals[DISTRICT] = sum(drawn.values()), sum(totals.values())
    rows = {}
    for area in quota.index:
        low, median, high = np.quantile(drawn[area], (0.1, 0.5, 0.9))
        rate = float(np.median(drawn[area] / totals[area]))
        chance = attainment(drawn[area], quota[area]) if quota[area] == quota[area] else None
        told = (chance.value, chance.error) if chance else (np.nan, np.nan)
        rows[area] = (low, median, high, rate, *told)
    columns = ["low", "median", "high", "median_rate", "chance", "error"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)
