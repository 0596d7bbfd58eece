"""Figures that can be, but seldom are: jumps, net-looking escapes, bunching below the line.

Every finding here is a doubt: somebody who knows may say why it is so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from povsim import rules
from povsim.findings import Severity
from povsim.forms import Cell
from povsim.intake.cells import Cells, successor
from povsim.intake.checks.agreement import column_name
from povsim.intake.delivery import Delivery, Review
from povsim.vocabulary import Period

HOUSEHOLDS = Cell("F1", "households")
GROWING = (HOUSEHOLDS, Cell("F1", "persons"))
RATES = (Cell("F1", "poor"), Cell("F1", "near_poor"))
ESCAPES = (Cell("F2", "escaped_to_near_poor"), Cell("F2", "escaped_above"))
ENTRIES = tuple(
    Cell("F2", item) for item in ("near_poor_to_poor", "relapsed", "newly_poor", "other_increase")
)
MONTHS = (Cell("TX", "poor_escaped_to_near_poor"), Cell("TX", "poor_escaped_above"))
TO_SD = 1.4826
"""A normal's standard deviation over its median absolute deviation."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a count moved from one review to the next, on the scale that suits it."""

    review: Review
    cell: Cell
    before: int
    after: int
    size: float
    noise: float


def check(delivery: Delivery, cells: Cells) -> None:
    """Doubt what history, or its own shape, makes unlikely."""
    _check_jumps(delivery, cells)
    for review in sorted(r for r in delivery.reviews if r[1].whole):
        _check_net(delivery, cells, review)
        _check_bunching(delivery, cells, review)


# --- Jumps ---------------------------------------------------------------------------------------


def _check_jumps(delivery: Delivery, cells: Cells) -> None:
    limits = rules.load("checks")["jump"]
    touched = _touched(delivery, cells)
    changes = _changes(cells) if touched else {}
    for cell, history in changes.items():
        floor = limits["growth_floor" if cell in GROWING else "rate_floor"]
        usual, spread = _usual([c.size for c in history], floor, limits["reviews"])
        for change in (each for each in history if each.review in touched):
            far = abs(change.size - usual) > limits["times"] * math.hypot(spread, change.noise)
            if far and abs(change.after - change.before) >= limits["least"]:
                _tell_jump(delivery, cells, change)


def _changes(cells: Cells) -> dict[Cell, list[Change]]:
    """Every change known of the cells that may jump, by unit and time."""
    changes: dict[Cell, list[Change]] = {cell: [] for cell in (*GROWING, *RATES)}
    for review in sorted(cells.reviews()):
        for cell, history in changes.items():
            change = _change(cells, review, cell)
            if change is not None:
                history.append(change)
    return changes


def _touched(delivery: Delivery, cells: Cells) -> set[Review]:
    """Reviews at the end of a change: delivered ones, and held ones that follow them."""
    sent = {r for r in delivery.reviews if r[1].whole}
    following = {(successor(u, Period(p.year + 1)), Period(p.year + 1)) for u, p in sent}
    return sent | {review for review in following if cells.held(review)}


def _change(cells: Cells, review: Review, cell: Cell) -> Change | None:
    """From the review a year before, made under the same standard, to this one."""
    period = review[1]
    if not period.whole or Period(period.year - 1) not in cells.times:
        return None
    if not _same_standard(period.year - 1, period.year):
        return None
    earlier = cells.earlier(review, Period(period.year - 1))
    before, after = cells.sum(earlier, [cell]), cells.value(review, cell)
    if before is None or after is None:
        return None
    if cell in GROWING:
        return Change(review, cell, before, after, math.log((after + 1) / (before + 1)), 0.0)
    wholes = cells.sum(earlier, [HOUSEHOLDS]), cells.value(review, HOUSEHOLDS)
    if not all(wholes):
        return None
    (old, old_noise), (new, new_noise) = (
        _log_odds(count, whole or 0) for count, whole in zip((before, after), wholes, strict=True)
    )
    return Change(review, cell, before, after, new - old, math.hypot(old_noise, new_noise))


def _same_standard(one: int, other: int) -> bool:
    standards = rules.load("standards")["standard"]
    first = min(entry["first_review"] for entry in standards)
    return one >= first and rules.standard_for(one).id == rules.standard_for(other).id


def _log_odds(count: int, whole: int) -> tuple[float, float]:
    """The log-odds of a rate and their sampling error; half a household keeps nought finite."""
    poor, others = max(count, 0) + 0.5, max(whole - count, 0) + 0.5
    return math.log(poor / others), math.sqrt(1 / poor + 1 / others)


def _usual(sizes: Sequence[float], floor: float, least: int) -> tuple[float, float]:
    """The usual change and its spread; a short history has no say."""
    if len(sizes) < least:
        return 0.0, floor
    middle = median(sizes)
    return middle, max(TO_SD * median(abs(size - middle) for size in sizes), floor)


def _tell_jump(delivery: Delivery, cells: Cells, change: Change) -> None:
    entry = cells.entry(change.review, change.cell)
    earlier = cells.earlier(change.review, Period(change.review[1].year - 1))
    entries = [entry, *(cells.entry(review, change.cell) for review in earlier)]
    found = next((e for e in entries if e is not None), None)
    if found is not None:
        delivery.tell(
            "jump",
            found.place(change.cell.item),
            Severity.DOUBT,
            unit=rules.units()[change.review[0]].name,
            column=column_name(change.cell),
            year=change.review[1].year,
            value=change.after,
            before=change.before,
        )


# --- The shape of escapes ------------------------------------------------------------------------


def _check_net(delivery: Delivery, cells: Cells, review: Review) -> None:
    opening = cells.value(review, Cell("F2", "opening"))
    closing = cells.value(review, Cell("F2", "closing"))
    out, entered = cells.sum([review], ESCAPES), cells.sum([review], ENTRIES)
    if None in (opening, closing, out, entered):
        return
    if entered == 0 and looks_net(opening or 0, out or 0, closing or 0):
        _tell_shape(delivery, cells, review, "net_escapes", opening=opening, value=out)


def looks_net(opening: int, escaped: int, closing: int) -> bool:
    """Whether escapes are what the stock fell by, though some must have entered it meanwhile."""
    limits: dict[str, Any] = rules.load("checks")["net"]
    unseen = math.exp(-limits["entry_rate"] * opening)
    near = abs(escaped - (opening - closing)) <= limits["near"] * escaped
    return escaped > 0 and near and unseen < limits["chance"]


def _check_bunching(delivery: Delivery, cells: Cells, review: Review) -> None:
    """Escapes to near-poor against all, in the part of the year that the months do not cover."""
    limits = rules.load("checks")["bunching"]
    year = [cells.value(review, cell) for cell in ESCAPES]
    if None in year:
        return
    months = _months(cells, review)
    late = [(whole or 0) - (part or 0) for whole, part in zip(year, months, strict=True)]
    near, all_late = late[0], sum(late)
    if min(late) < 0 or all_late < limits["least"] or near / all_late < limits["share"]:
        return
    before = months[0] / sum(months) if sum(months) else 0.0
    if near / all_late - before >= limits["rise"]:
        _tell_shape(delivery, cells, review, "bunching", value=near, escaped=all_late)


def _months(cells: Cells, review: Review) -> tuple[int, int]:
    """Escapes up to the last month reported within the year; nought where none was."""
    year = review[1].year
    times = [time for time in cells.times if time.year == year and not time.whole]
    for time in reversed(times):
        counts = [cells.sum(cells.earlier(review, time), [cell]) for cell in MONTHS]
        if None not in counts:
            return counts[0] or 0, counts[1] or 0
    return 0, 0


def _tell_shape(
    delivery: Delivery, cells: Cells, review: Review, rule: str, **values: object
) -> None:
    entry = cells.entry(review, ESCAPES[0])
    if entry is not None:
        place = entry.place(ESCAPES[0].item)
        named = {"unit": entry.unit.name, "year": review[1].year}
        delivery.tell(rule, place, Severity.DOUBT, **named, **values)
