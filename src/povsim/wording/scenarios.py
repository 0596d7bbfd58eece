"""Scenarios side by side in words: what each brings and changes, what it leaves, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from povsim.i18n import Lang, number, percent, text
from povsim.population import POOR_FROM
from povsim.simulation import Outcome
from povsim.study import Change, Outlook, under
from povsim.wording.outlooks import area_name, chance, kind_name

MILLIONS = ("spent", "unspent")
SHARES = {"rate": 2, "intensity": 1, "adjusted": 3, "worst": 2, "creaming": 0}
"""Measures that are shares, with their decimals in per cent."""
TOLD = (
    "poor",
    "rate",
    "near_poor",
    "adjusted",
    "intensity",
    "creaming",
    "worst",
    "served",
    "spent",
    "unspent",
    "cliffs",
)
"""What is told of scenarios: rate, depth and creaming always together."""
FEWEST = 0.05
"""Households: fewer on average are not told."""
LEAST = 0.5
"""Millions of đồng: less than that left is not worth a sentence."""


def measured(measure: str, value: float, lang: Lang) -> str:
    """A measure's value: households, millions of đồng, or per cent."""
    if measure in SHARES:
        return percent(value, lang, SHARES[measure])
    return number(value / 1e6 if measure in MILLIONS else value, lang)


def changed(measure: str, row: pd.Series, lang: Lang) -> str:
    """A change with its band, points of per cent where the measure is a share.

    Nothing where it is the same in every draw.
    """
    ends = (row["change"], row["change_low"], row["change_high"])
    if not any(ends):
        return text("simulate.same", lang)
    scale, digits = (100.0, SHARES[measure]) if measure in SHARES else (1.0, 1)
    if measure in MILLIONS:
        scale, digits = 1e-6, 0
    told, low, high = (signed(end * scale, lang, digits) for end in ends)
    return text("simulate.change", lang, change=told, low=low, high=high)


def assumption(row: pd.Series, name: str, lang: Lang) -> str:
    """A row of `study.tornado`: what the poor change by at the ends of a line's number."""
    scale, digits = {"unit_cost": (1e-6, 1), "take_up": (100, 0)}.get(row["kind"], (1, 2))
    told = {end: number(row[end] * scale, lang, digits) for end in ("low", "high")}
    told |= {name: signed(-row[name], lang, 1) for name in ("answer_low", "answer_high")}
    kind = text(f"assumption.{row['kind']}", lang)
    return text("simulate.why", lang, line=name, kind=kind, **told)


def signed(value: float, lang: Lang, digits: int) -> str:
    """A change with its sign; nought has none."""
    rounded = round(value, digits)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{number(abs(rounded), lang, digits)}"


def side_by_side(
    table: pd.DataFrame, area: str, year: int, lang: Lang
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Of each measure its name, and by scenario the value and the change against the first."""
    here = table[(table["area"] == area) & (table["year"] == year)]
    for measure in TOLD:
        rows = here[here["measure"] == measure]
        cells = [
            (measured(measure, row["mean"], lang), changed(measure, row, lang))
            for _, row in rows.iterrows()
        ]
        yield text(f"measure.{measure}", lang), cells


def left_over(outcome: Outcome, lang: Lang) -> Iterator[str]:
    """What stays of the money over the plan's years ahead, by line and why."""
    planned = [t for t, y in enumerate(outcome.years) if y <= outcome.world.last_planned]
    why = outcome.unspent_why()
    for at, line in enumerate(outcome.world.lines):
        for reason, left in why.items():
            millions = left[at][:, planned].sum(axis=(0, 1)).mean() / 1e6
            if millions >= LEAST:
                because = text(f"unspent.{reason}", lang, capacity=line.capacity)
                told = {"line": line.name(lang), "millions": number(millions, lang)}
                yield text("simulate.left", lang, because=because, **told)


def to_whom(change: Change, lang: Lang) -> str:
    """Whom the more that is spent serves, by how much they lack; nothing where nobody more is."""
    groups: dict[str, list[int | None]] = {
        "at_threshold": [POOR_FROM],
        "deeper": [d for d in change.by_depth if d is not None and d > POOR_FROM],
        "near_poor": [d for d in change.by_depth if d is not None and d < POOR_FROM],
        "recent": [None],
    }
    told = []
    for name, depths in groups.items():
        count = float(np.sum([change.by_depth[depth] for depth in depths], axis=0).mean())
        if abs(count) >= FEWEST:
            told.append(text(f"served.{name}", lang, count=signed(count, lang, 1)))
    return text("simulate.to_whom", lang, groups=", ".join(told)) if told else ""


def worst_off(view: Outlook, outcome: Outcome, year: int, lang: Lang) -> str:
    """Which unit is the poorest at a year's end, and in how many draws."""
    units, rates = outcome.worst_off()
    t = outcome.years.index(year)
    counts = np.bincount(units[t], minlength=len(outcome.units))
    worst = int(counts.argmax())
    return text(
        "simulate.worst",
        lang,
        year=year,
        unit=view.name(outcome.units[worst]),
        share=percent(counts[worst] / counts.sum(), lang, 0),
        rate=percent(float(rates[t].mean()), lang, 1),
    )


def chance_rows(
    view: Outlook, outcomes: Sequence[Outcome], areas: Sequence[str], lang: Lang
) -> Iterator[tuple[str, ...]]:
    """Every target ahead: area, year, what is asked, and its chance under each scenario."""
    seen = [under(view, outcome) for outcome in outcomes]
    for area in areas:
        for aims in zip(*(each.aims(area) for each in seen), strict=True):
            if aims[0].chance is not None:
                asked = kind_name(aims[0], lang)
                told = [chance(aim, lang) for aim in aims]
                yield area_name(view, area, lang), str(aims[0].target.year), asked, *told
