"""Every target of a plan in one table, with the rules of thumb that others would judge it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from povsim.backtest import METHODS, Window
from povsim.findings import Refusal
from povsim.plan import DISTRICT, Target, TargetKind
from povsim.study.aims import Aim, Span, rate_asked
from povsim.study.outlooks import Outlook
from povsim.study.parts import judged_group, targeted_groups
from povsim.trajectory import Floats
from povsim.vocabulary import Group, State

RULES = ("un_escap", "cagr")
"""Official rules of extrapolation, shown for reference: the time-weighted line of UN-ESCAP's
Anticipated Progress Index, and the compound yearly change. Neither is our forecast."""
TOLERANCE = 1e-12
COLUMNS = {
    "area": "object",
    "group": "object",
    "year": "Int64",
    "kind": "object",
    "value": "float64",
    "rate": "float64",
    "met": "boolean",
    "chance": "float64",
    "error": "float64",
    "standing": "object",
    "gap": "float64",
    "pace_needed": "float64",
    "pace_drawn": "float64",
    "waiting_low": "float64",
    "waiting": "float64",
    "waiting_high": "float64",
    "floored": "boolean",
    **dict.fromkeys(RULES, "float64"),
    **{f"{rule}_meets": "boolean" for rule in RULES},
}


def references(view: Outlook) -> pd.DataFrame:
    """What each rule makes of the counted rates in the years ahead: area, year, rule, rate.

    Each area goes by its own past reviews; empty when the plan is over.
    """
    areas, ahead = (DISTRICT, *view.areas), view.ahead
    everyone, poor = (
        np.array([[float(view.households(a, y, state)) for y in view.years] for a in areas])
        for state in (None, State.POOR)
    )
    steps = tuple(year - view.year for year in ahead)
    seen = Window(areas, tuple(view.years), everyone, poor, steps, draws=1, seed=0)
    rows = [
        (area, year, rule, float(rate))
        for rule in RULES
        if ahead
        for area, rates in zip(areas, _drawn(rule, seen), strict=True)
        for year, rate in zip(ahead, rates, strict=True)
    ]
    return pd.DataFrame(rows, columns=["area", "year", "rule", "rate"])


def _drawn(rule: str, seen: Window) -> Floats:
    """Rates (area, year) that a rule gives."""
    rates = METHODS[rule](seen)
    assert rates is not None, rule
    return np.asarray(rates[..., 0])


def targets(view: Outlook) -> pd.DataFrame:
    """Every yearly target of the district, its units and groups, and all years of a kind together.

    Returns:
        A row a target (`COLUMNS`): `group` missing where all households are meant, `value` as the
        plan has it (share or households), `rate` the share that meets it, `met` for past years,
        `chance` and `error` (Monte-Carlo) for years ahead, `standing` by the plan's thresholds,
        `gap` (share), paces (shares a year), years to the rate (`waiting`, 10, 50, 90 %; infinite
        where never), `floored` where nought cut the target short; by each rule the rate it gives
        and whether that would do (a fall is then the rule's own, from its own year before). A row
        without a year is all years of the kind in one draw, nought for good where a past year
        missed. Where F8 does not tell a group whole, its targets stand with nothing beside them.
    """
    known = references(view)
    keys = known[["area", "year", "rule"]].itertuples(index=False, name=None)
    rules: dict[Any, float] = dict(zip(keys, known["rate"], strict=True))
    rows = []
    for area in (DISTRICT, *view.areas):
        rows += [_of_aim(view, area, aim, rules) for aim in view.aims(area)]
        rows += [_of_span(view, area, span) for span in view.spans(area)]
    for group, own in targeted_groups(view).items():
        rows += [{**row, "group": str(group)} for row in _of_group(view, group, own)]
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS)).astype(COLUMNS)


def _of_group(view: Outlook, group: Group, own: list[Target]) -> Iterator[dict[str, object]]:
    """Rules for all households say nothing of a group."""
    try:
        aims, span = judged_group(view, group)
    except Refusal:
        yield from (_of_target(DISTRICT, target) for target in own)
        yield {"area": DISTRICT, "kind": str(own[0].kind)}
    else:
        yield from (_of_aim(view, DISTRICT, aim, {}) for aim in aims)
        yield _of_span(view, DISTRICT, span)


def _of_target(area: str, target: Target) -> dict[str, object]:
    kind = str(target.kind)
    return {"area": area, "year": target.year, "kind": kind, "value": target.value}


def _of_aim(view: Outlook, area: str, aim: Aim, rules: Mapping[Any, float]) -> dict[str, object]:
    row = _of_target(area, aim.target) | {
        "rate": aim.rate,
        "met": aim.met,
        "chance": aim.chance,
        "error": aim.error,
        "standing": _standing(view, aim.chance),
        "gap": aim.gap,
        "pace_needed": aim.pace_needed,
        "pace_drawn": aim.pace_drawn,
        "floored": aim.floored,
    }
    if aim.waiting:
        row |= dict(zip(("waiting_low", "waiting", "waiting_high"), aim.waiting, strict=True))
    for rule in RULES:
        rate = rules.get((area, aim.target.year, rule))
        if rate is not None:
            asked = _asked(view, area, aim, rules.get((area, aim.target.year - 1, rule)))
            row |= {rule: rate, f"{rule}_meets": rate <= asked + TOLERANCE}
    return row


def _asked(view: Outlook, area: str, aim: Aim, before: float | None) -> float:
    """The rate that meets a target by a rule's rate of the year before, or the last review's.

    A quota is out of the households that our draws expect (`aim.rate`): rules tell only rates.
    """
    if aim.target.kind is not TargetKind.POINTS_A_YEAR:
        return aim.rate
    before = view.rate(area, view.year) if before is None else before
    return rate_asked(aim.target, before, view.households(area, view.year))


def _of_span(view: Outlook, area: str, span: Span) -> dict[str, object]:
    return {
        "area": area,
        "kind": str(span.kind),
        "met": span.met,
        "chance": span.chance,
        "error": span.error,
        "standing": _standing(view, span.chance),
    }


def _standing(view: Outlook, chance: float | None) -> str | None:
    return None if chance is None else str(view.plan.standing(chance))
