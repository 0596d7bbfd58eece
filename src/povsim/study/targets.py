"""Every target of a plan in one table, with the rules of thumb that others would judge it by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from povsim.backtest import METHODS, Window
from povsim.plan import DISTRICT
from povsim.study.aims import Aim, Span
from povsim.study.outlooks import Outlook
from povsim.study.parts import group_aims
from povsim.trajectory import Floats
from povsim.vocabulary import State

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
        and whether that would do. A row without a year is all years of the kind in one draw,
        nought for good where a past year missed.
    """
    known = references(view)
    keys = known[["area", "year", "rule"]].itertuples(index=False, name=None)
    rules: dict[Any, float] = dict(zip(keys, known["rate"], strict=True))
    rows = []
    for area in (DISTRICT, *view.areas):
        rows += [_of_aim(view, area, aim, rules) for aim in view.aims(area)]
        rows += [_of_span(view, area, span) for span in view.spans(area)]
    for group, aims, span in group_aims(view):
        told = [_of_aim(view, DISTRICT, aim, {}) for aim in aims]
        rows += [{**row, "group": str(group)} for row in (*told, _of_span(view, DISTRICT, span))]
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS)).astype(COLUMNS)


def _of_aim(view: Outlook, area: str, aim: Aim, rules: Mapping[Any, float]) -> dict[str, object]:
    target = aim.target
    row: dict[str, object] = {
        "area": area,
        "year": target.year,
        "kind": str(target.kind),
        "value": target.value,
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
        rate = rules.get((area, target.year, rule))
        if rate is not None:
            row |= {rule: rate, f"{rule}_meets": rate <= aim.rate + TOLERANCE}
    return row


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
