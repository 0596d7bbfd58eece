"""Health of a forecast: what a careful reader would check first, each with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from povsim import forms
from povsim.findings import Finding, Severity
from povsim.plan import DISTRICT
from povsim.study.outlooks import Outlook
from povsim.trajectory import OUTSIDE_LIMIT
from povsim.units import BreakKind
from povsim.vocabulary import Origin, Period, State

FEWEST_REVIEWS = 3
FEW_POOR = 30
"""Poor households under which a unit's rate hangs on a handful of families."""
JUMP = 0.10
"""More households than this coming or going in a year are no growth."""
APART = 4.0
"""Robust standard deviations of units' yearly changes beyond which one is looked into."""
LEAST_SPREAD = 0.12
"""That deviation at least, on the logit: small areas move by .05 to .14 a year beside sampling."""
NEAR_NOUGHT = 0.01
"""A rate under which bands lean on the floor."""
DOUBTFUL_FLOWS = frozenset({"flows_open", "flows_unlike", "movements_apart"})
"""What is wrong with movements, where others are only too few or net."""


class Mark(StrEnum):
    """What a check says of the forecast, from good to bad."""

    PASS = "pass"
    REVIEW = "review"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; the finding's texts say what was seen and what to do."""

    mark: Mark
    finding: Finding


def health(view: Outlook) -> tuple[Check, ...]:
    """Every check of an outlook, in the order a reader would ask."""
    return tuple(check(view) for check in CHECKS)


def verdict(checks: Sequence[Check]) -> Mark:
    """The worst mark of all."""
    return max((check.mark for check in checks), key=list(Mark).index, default=Mark.PASS)


def _told(mark: Mark, rule: str, **values: object) -> Check:
    return Check(mark, Finding(rule, severity=Severity.NOTE, values=values))


def _length(view: Outlook) -> Check:
    reviews = len(view.years)
    if reviews < FEWEST_REVIEWS:
        return _told(Mark.REVIEW, "reviews_few", reviews=reviews, enough=FEWEST_REVIEWS)
    return _told(Mark.PASS, "reviews_enough", reviews=reviews)


def _last_review(view: Outlook) -> Check:
    """The forecast without the last review, held against it."""
    check = view.check
    if check is None:
        return _told(Mark.REVIEW, "last_review_untried", year=view.year)
    values = {"year": check.year, "outside": round(100 * check.outside)}
    if check.outside > OUTSIDE_LIMIT:
        return _told(Mark.FAIL, "last_review_units", **values)
    if not check.trusted:
        return _told(Mark.REVIEW, "last_review_district", year=check.year)
    return _told(Mark.PASS, "last_review_held", **values)


def _movements(view: Outlook) -> Check:
    if view.forecast is None:
        return _told(Mark.PASS, "plan_over", year=view.plan.last_year)
    verdict = view.forecast.verdict
    if verdict.usable:
        return Check(Mark.PASS, verdict.reasons[0])
    bad = [reason for reason in verdict.reasons if reason.rule in DOUBTFUL_FLOWS]
    return Check(Mark.FAIL, bad[0]) if bad else Check(Mark.REVIEW, verdict.reasons[0])


def _opening(view: Outlook) -> Check:
    """Reports within the year ahead start from the last review."""
    table = forms.movements(view.release.facts)
    rows = table[(table["flow"] == "opening") & (table["state"] == str(State.POOR))]
    starts = rows[rows["period"].map(Period.parse).map(lambda period: period.year) == view.year + 1]
    if starts.empty:
        return _told(Mark.PASS, "opening_unknown", year=view.year + 1)
    # Each period tells of the whole district, on its own units.
    sums = starts.groupby("period")["households"].sum()
    poor = view.households(DISTRICT, view.year, State.POOR)
    apart = [f"{period}: {opening}" for period, opening in sums.items() if opening != poor]
    if apart:
        return _told(
            Mark.REVIEW, "opening_differs", year=view.year, poor=poor, told="; ".join(apart)
        )
    return _told(Mark.PASS, "opening_same", year=view.year, poor=poor)


def _households(view: Outlook) -> Check:
    jumps = [
        f"{view.name(area)} {year}: {change:+.0%}"
        for area in view.areas
        for year, change in _growth(view, area)
        if abs(change) > JUMP
    ]
    if jumps:
        return _told(Mark.REVIEW, "households_jump", limit=round(100 * JUMP), told="; ".join(jumps))
    return _told(Mark.PASS, "households_steady", limit=round(100 * JUMP))


def _growth(view: Outlook, area: str) -> Iterator[tuple[int, float]]:
    for before, year in zip(view.years[:-1], view.years[1:], strict=True):
        yield year, view.households(area, year) / view.households(area, before) - 1


def _rates(view: Outlook) -> Check:
    """Units whose rate moved unlike the others', on the logit and beside sampling."""
    poor, everyone = (
        np.array([[float(view.households(a, y, s)) for y in view.years] for a in view.areas])
        for s in (State.POOR, None)
    )
    changes = np.diff(np.log((poor + 0.5) / (everyone - poor + 0.5)), axis=1)
    sampling = 1 / (poor + 1) + 1 / (everyone - poor + 1)
    own = changes - np.median(changes, axis=0)
    spread = max(1.4826 * float(np.median(np.abs(own))), LEAST_SPREAD)
    far = np.abs(own) / np.sqrt(spread**2 + sampling[:, 1:] + sampling[:, :-1]) > APART
    told = [f"{view.name(view.areas[i])} {view.years[t + 1]}" for i, t in np.argwhere(far)]
    if told:
        return _told(Mark.REVIEW, "rate_jump", told="; ".join(told))
    return _told(Mark.PASS, "rates_alike")


def _size(view: Outlook) -> Check:
    small = [
        f"{view.name(area)} ({view.households(area, view.year, State.POOR)})"
        for area in view.areas
        if view.households(area, view.year, State.POOR) < FEW_POOR
    ]
    if small:
        return _told(Mark.REVIEW, "units_small", limit=FEW_POOR, told="; ".join(small))
    return _told(Mark.PASS, "units_large", limit=FEW_POOR)


def _floor(view: Outlook) -> Check:
    low = [area for area in (DISTRICT, *view.areas) if view.rate(area, view.year) < NEAR_NOUGHT]
    if low:
        return _told(Mark.REVIEW, "rate_near_nought", told="; ".join(map(view.name, low)))
    return _told(Mark.PASS, "rate_above_nought")


def _standard(view: Outlook) -> Check:
    """Whether the years shown cross a change of what poverty means."""
    crossed = [
        found for found in view.breaks() if found.kind in (BreakKind.STANDARD, BreakKind.AREA_TYPE)
    ]
    if crossed:
        days = ", ".join(f"{found.day:%d/%m/%Y}" for found in crossed)
        return _told(Mark.REVIEW, "standard_changes", days=days)
    return _told(Mark.PASS, "standard_same", first=view.years[0], last=view.last_shown)


def _horizon(view: Outlook) -> Check:
    ahead, behind = len(view.ahead), view.years[-1] - view.years[0]
    if ahead > behind:
        return _told(Mark.REVIEW, "horizon_long", ahead=ahead, behind=behind)
    return _told(Mark.PASS, "horizon_short", ahead=ahead, behind=behind)


def _origin(view: Outlook) -> Check:
    if view.release.origin is Origin.SAMPLE:
        return _told(Mark.REVIEW, "figures_sample")
    return _told(Mark.PASS, "figures_counted")


CHECKS: tuple[Callable[[Outlook], Check], ...] = (
    _origin,
    _length,
    _last_review,
    _movements,
    _opening,
    _households,
    _rates,
    _size,
    _floor,
    _standard,
    _horizon,
)
