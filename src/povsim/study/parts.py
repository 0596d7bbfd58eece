"""Parts of the poor and the near-poor: groups (F8) and indicators (F4, F6), counted and drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from povsim import forms
from povsim.findings import refuse
from povsim.plan import DISTRICT, Target
from povsim.study.aims import Aim, Course, Span, judge, judge_all
from povsim.study.outlooks import Outlook
from povsim.trajectory import Floats, Shares, project_shares
from povsim.vocabulary import Group, Indicator, State

GROUPS = (Group.DTTS, Group.NO_LABOUR, Group.MERIT)
"""Those that are counted; the rest of F8 follows from them, and can be negative."""


def groups(view: Outlook, state: State = State.POOR) -> Shares:
    """Draws of the households of each group in a state; groups overlap.

    Raises:
        Refusal: `horizon_past` (the plan is over), `shares_short`, `shares_impossible`.
    """
    return _drawn(view, forms.groups(view.release.facts), "group", [str(g) for g in GROUPS], state)


def indicators(view: Outlook, state: State = State.POOR) -> Shares:
    """Draws of the households of a state that lack each of the twelve indicators.

    Raises:
        Refusal: as `groups`.
    """
    table = forms.deprivations(view.release.facts)
    return _drawn(view, table, "indicator", [str(each) for each in Indicator], state)


def outlook_of_parts(view: Outlook, drawn: Shares) -> pd.DataFrame:
    """The district's parts, counted at past reviews and drawn ahead.

    Returns:
        `part`, `year`, `households` and `share` of the state (medians for years ahead), `low` and
        `high` of the households and `share_low`, `share_high` (80 %; missing for past years).
    """
    counted = _counted_table(view, drawn)
    ahead = drawn.quantiles((0.1, 0.5, 0.9)).query("unit == @DISTRICT")
    wide = ahead.pivot(index=["part", "year"], columns="level", values=["households", "share"])
    names: dict[Any, str] = {
        ("households", 0.1): "low",
        ("households", 0.5): "households",
        ("households", 0.9): "high",
        ("share", 0.1): "share_low",
        ("share", 0.5): "share",
        ("share", 0.9): "share_high",
    }
    wide = wide.set_axis([names[column] for column in wide.columns], axis=1)
    table = pd.concat([counted, wide.reset_index()], ignore_index=True)
    order = {part: place for place, part in enumerate(drawn.parts)}
    table = table.sort_values(
        ["part", "year"], key=lambda column: column.map(order) if column.name == "part" else column
    )
    columns = ["part", "year", "households", "low", "high", "share", "share_low", "share_high"]
    return table[columns].reset_index(drop=True)


def group_course(view: Outlook, group: Group) -> Course:
    """The poor of a group among all households of the district: no form tells the whole group.

    Raises:
        Refusal: `shares_impossible` where F8 lacks the group in a unit at a review, too many of
            the poor are in it, or fewer than none.
    """
    table, part = forms.groups(view.release.facts), str(group)
    counts = _counts(view, table, "group", part, State.POOR)
    _refuse_missing(view, part, counts)
    households = {year: view.households(DISTRICT, year) for year in view.years}
    poor = dict(zip(view.years, counts.sum(axis=0), strict=True))
    counted = {year: float(poor[year]) / households[year] for year in view.years}
    if view.projection is None:
        return Course(counted, households)
    totals = view.projection.households.sum(axis=(0, 1)).astype(float)
    rates = _drawn(view, table, "group", [part], State.POOR).count(part) / totals
    return Course(counted, households, view.projection.years, rates, totals)


def group_aims(view: Outlook) -> list[tuple[Group, list[Aim], Span]]:
    """Every group that the plan has targets for: its years judged, and all of them together.

    Raises:
        Refusal: as `group_course`, of the first group that is not counted whole.
    """
    return [(group, *judged_group(view, group)) for group in targeted_groups(view)]


def targeted_groups(view: Outlook) -> dict[Group, list[Target]]:
    """The groups that the plan has targets for, with these by year."""
    found: dict[Group, list[Target]] = {}
    for target in sorted(view.plan.group_targets, key=lambda target: target.year):
        if target.group:
            found.setdefault(target.group, []).append(target)
    return {group: found[group] for group in Group if group in found}


def judged_group(view: Outlook, group: Group) -> tuple[list[Aim], Span]:
    """The targets of a group, each and all together, by its own counts and draws.

    Raises:
        KeyError: the plan has no target for the group.
        Refusal: as `group_course`.
    """
    targets, course = targeted_groups(view)[group], group_course(view, group)
    return [judge(course, target) for target in targets], judge_all(course, targets)


def _drawn(view: Outlook, table: pd.DataFrame, key: str, parts: list[str], state: State) -> Shares:
    if view.projection is None:
        raise refuse("horizon_past", until=view.plan.last_year, origin=view.year)
    counts = {part: _counts(view, table, key, part, state) for part in parts}
    whole = np.array(
        [[float(view.households(area, y, state)) for y in view.years] for area in view.areas]
    )
    return project_shares(counts, whole, view.years, view.projection, state, seed=view.seed)


def _counts(view: Outlook, table: pd.DataFrame, key: str, part: str, state: State) -> Floats:
    """Households (unit, year) of a part of a state, on the outlook's units; NaN where unknown."""
    rows = table[(table["state"] == str(state)) & (table[key] == part)]
    years = [view.carried(rows, year) for year in view.years]
    wide = pd.concat(years).pivot(index="unit", columns="period", values="households")
    wide = wide.reindex(index=view.areas, columns=[str(year) for year in view.years])
    return np.asarray(wide.to_numpy(dtype=float, na_value=np.nan))


def _refuse_missing(view: Outlook, part: str, counts: Floats) -> None:
    cells = [f"{view.areas[i]} {view.years[t]}" for i, t in np.argwhere(np.isnan(counts))]
    if cells:
        raise refuse("shares_impossible", part=part, cells=", ".join(cells))


def _counted_table(view: Outlook, drawn: Shares) -> pd.DataFrame:
    chosen = (
        (forms.groups(view.release.facts), "group")
        if drawn.parts[0] in set(map(str, Group))
        else (forms.deprivations(view.release.facts), "indicator")
    )
    rows = []
    for part in drawn.parts:
        counts = _counts(view, *chosen, part, drawn.state).sum(axis=0)
        whole = [view.households(DISTRICT, year, drawn.state) for year in view.years]
        for year, count, of in zip(view.years, counts, whole, strict=True):
            rows.append((part, year, count, count / of if of else np.nan))
    return pd.DataFrame(rows, columns=["part", "year", "households", "share"])
