"""Targets judged: results of past years, chances of years ahead, paces and waiting times.

Nothing here knows of plans or stores: an area's course (a unit's, the district's, a group's) and a
target go in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
import numpy.typing as npt

from povsim.plan import Target, TargetKind
from povsim.trajectory import attainment

Draws = npt.NDArray[np.float64]

NEVER = inf
"""Years to a target that the drawn pace never reaches."""
ROUNDING = 1e-9
"""Less than this over a whole year is arithmetic, not another year."""


@dataclass(frozen=True, eq=False)
class Course:
    """One area's poverty rate: `counted` at past reviews, `rates` (year, draw) at `years` ahead.

    Rates are shares; `households` and `totals` are all households, counted and drawn. `years`
    follow the last review one by one, and are empty where nothing is projected.

    Raises:
        ValueError: other years, or missing rates: what is unknown is neither met nor missed.
    """

    counted: Mapping[int, float]
    households: Mapping[int, int]
    years: tuple[int, ...] = ()
    rates: Draws = field(default_factory=lambda: np.empty((0, 0)))
    totals: Draws = field(default_factory=lambda: np.empty((0, 0)))

    def __post_init__(self) -> None:
        if self.years != tuple(range(self.origin + 1, self.origin + 1 + len(self.years))):
            raise ValueError(f"years {self.years} do not follow the last review, {self.origin}")
        if not (np.isfinite([*self.counted.values()]).all() and np.isfinite(self.rates).all()):
            raise ValueError("a course has no missing rates")

    @property
    def origin(self) -> int:
        """The last review."""
        return max(self.counted)

    @property
    def last(self) -> float:
        """The rate at the last review."""
        return self.counted[self.origin]


@dataclass(frozen=True)
class Aim:
    """One target with what is known of it: a result where the year is past, else a chance.

    `rate` is the poverty rate that meets the target (share), `gap` what is still to fall from
    the last review (share, never below zero). `met` is None for years to come; `chance`, `error`
    (Monte-Carlo), the paces (shares a year) and `waiting` (years from the last review until the
    rate is reached: the 10, 50 and 90 % quantiles, NEVER where the pace leads nowhere) are None
    for years past. `floored` says that zero cut the target short: nobody falls below it.
    """

    target: Target
    rate: float
    gap: float
    met: bool | None
    chance: float | None
    error: float | None
    pace_needed: float | None
    pace_drawn: float | None
    waiting: tuple[float, float, float] | None
    floored: bool


@dataclass(frozen=True)
class Span:
    """All targets of one kind over the plan's years: met together, or not.

    `missed` are past years that missed; with one of them `chance` is nought for good. `chance` is
    None where every year is past: then `met` is the result.
    """

    kind: TargetKind
    missed: tuple[int, ...]
    met: bool | None
    chance: float | None
    error: float | None


def judge(course: Course, target: Target) -> Aim:
    """What is known of a target: a result, or the share of draws that meet it.

    Raises:
        ValueError: a year, or for a fall the year before it, that was neither counted nor drawn.
    """
    return _result(course, target) if _is_past(course, target) else _hope(course, target)


def judge_all(course: Course, targets: Sequence[Target]) -> Span:
    """Whether every target of a kind is met, each in its year and all in the same draw.

    Raises:
        ValueError: no targets, or of more than one kind; years as in `judge`.
    """
    kinds = {target.kind for target in targets}
    if len(kinds) != 1:
        raise ValueError(f"targets of one kind are judged together, not {sorted(kinds)}")
    past = [target for target in targets if _is_past(course, target)]
    missed = tuple(target.year for target in past if not _result(course, target).met)
    ahead = [target for target in targets if not _is_past(course, target)]
    if not ahead:
        return Span(kinds.pop(), missed, not missed, None, None)
    if missed:
        return Span(kinds.pop(), missed, False, 0.0, 0.0)
    at = [course.years.index(target.year) for target in ahead]
    needed = np.stack([_needed(course, target) for target in ahead])
    chance = attainment(course.rates[at], needed)
    return Span(kinds.pop(), missed, None, chance.value, chance.error)


def waiting(course: Course, level: float) -> tuple[float, float, float]:
    """Years from the last review until a rate is at or under a level, by draw: 10, 50, 90 %.

    Within the horizon the first review that finds it so; beyond, the draw's mean pace goes on.
    """
    ahead = np.array(course.years) - course.origin
    if course.last <= level:
        return 0.0, 0.0, 0.0
    reached = course.rates <= level
    first = np.where(reached.any(axis=0), ahead[reached.argmax(axis=0)], NEVER)
    end, span = course.rates[-1], float(ahead[-1])
    pace = (course.last - end) / span
    with np.errstate(divide="ignore", invalid="ignore"):
        later = np.where(pace > 0, np.ceil(span + (end - level) / pace - ROUNDING), NEVER)
    years = np.where(np.isfinite(first), first, later)
    # No interpolation: between a year and never there is nothing.
    low, middle, high = np.quantile(years, (0.1, 0.5, 0.9), method="inverted_cdf")
    return float(low), float(middle), float(high)


def rate_asked(target: Target, before: float, households: float) -> float:
    """The rate that meets a target for whoever expects a rate the year before, and a total."""
    return float(_rate(target, np.array([before]), np.array([households]))[0])


def _is_past(course: Course, target: Target) -> bool:
    """Whether a target's year is counted; else it must be drawn."""
    known, falls = {*course.counted, *course.years}, target.kind is TargetKind.POINTS_A_YEAR
    unknown = {target.year, target.year - 1 if falls else target.year} - known
    if unknown:
        told = ", ".join(map(str, sorted(unknown)))
        raise ValueError(f"{target.kind} of {target.year}: {told} neither counted nor drawn")
    return target.year <= course.origin


def _result(course: Course, target: Target) -> Aim:
    """A target of a past year: met or missed, by the counts themselves."""
    before = np.array([course.counted.get(target.year - 1, np.nan)])
    households = np.array([course.households[target.year]], dtype=np.float64)
    needed = float(_rate(target, before, households)[0])
    rate = course.counted[target.year]
    return Aim(
        target,
        needed,
        gap=max(rate - needed, 0.0),
        met=rate <= needed + 1e-12,
        chance=None,
        error=None,
        pace_needed=None,
        pace_drawn=None,
        waiting=None,
        floored=_is_floored(target, before),
    )


def _hope(course: Course, target: Target) -> Aim:
    """A target of a year to come: the share of draws that meet it."""
    rates, needed = course.rates[course.years.index(target.year)], _needed(course, target)
    chance = attainment(rates, needed)
    aimed, years = float(np.median(needed)), target.year - course.origin
    gap = max(course.last - aimed, 0.0)
    return Aim(
        target,
        aimed,
        gap,
        met=None,
        chance=chance.value,
        error=chance.error,
        pace_needed=gap / years,
        pace_drawn=float(np.median(course.last - rates)) / years,
        waiting=waiting(course, aimed),
        floored=_is_floored(target, _before(course, target)),
    )


def _needed(course: Course, target: Target) -> Draws:
    """The rate that meets a target of a year to come, in every draw."""
    totals = course.totals[course.years.index(target.year)]
    return _rate(target, _before(course, target), totals)


def _before(course: Course, target: Target) -> Draws:
    """Rates (draw,) a year before the target's."""
    position = course.years.index(target.year)
    start = np.full(course.rates.shape[1], course.last)
    return course.rates[position - 1] if position else start


def _rate(target: Target, before: Draws, households: Draws) -> Draws:
    """The rate that meets a target; a fall never asks for less than zero."""
    if target.kind is TargetKind.POINTS_A_YEAR:
        return np.maximum(before - target.value, 0.0)
    if target.kind is TargetKind.HOUSEHOLDS:
        return np.asarray(target.value / households, dtype=np.float64)
    return np.full_like(before, target.value)


def _is_floored(target: Target, before: Draws) -> bool:
    if target.kind is TargetKind.POINTS_A_YEAR:
        return bool(np.median(before) < target.value)
    return target.floored
