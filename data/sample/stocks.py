"""The district's counts, shared among its communes so that they add up exactly."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from assumptions import given

from povsim import published
from povsim.streams import stream

FIGURES = Path(__file__).parents[1] / "published" / "figures.csv"
YEARS = range(2021, 2026)
DISTRICT = "614"
STATES = ("poor", "near_poor")

Counts = dict[str, int]


def district(seed: int) -> dict[int, dict[str, Counts]]:
    """Households, poor and near-poor of the seven old units, by year and code."""
    return {year: _shared_out(seed, year) for year in YEARS}


def _shared_out(seed: int, year: int) -> dict[str, Counts]:
    weights = {code: _weights(seed, code, year) for code in given.share}
    parts = {
        item: apportioned(total(item, year), {code: w[item] for code, w in weights.items()})
        for item in ("households", *STATES)
    }
    return {code: {item: parts[item][code] for item in parts} for code in given.share}


def _weights(seed: int, code: str, year: int) -> dict[str, float]:
    """A unit's weight in the district's households, poor and near-poor of a year."""
    age = year - YEARS[0]
    share = given.share[code] * np.exp(given.growth[code] * age)
    luck, poverty = {}, given.poverty[code]
    for state in STATES:
        # Two deviations at most: a sample shows good and bad years, not disasters.
        dice = stream(seed, "sample-rate", code, state)
        steps = np.clip(dice.standard_normal((len(YEARS), 2)), -2, 2)
        luck[state] = given.walk * steps[: age + 1, 0].sum() + given.passing * steps[age, 1]
    poor = share * poverty * np.exp(luck["poor"])
    near = share * poverty**given.near_poor_power * np.exp((luck["poor"] + luck["near_poor"]) / 2)
    return {"households": float(share), "poor": float(poor), "near_poor": float(near)}


def total(item: str, year: int) -> int:
    """The district's count: the published one where there is one, else the assumption."""
    found = published.count(printed(), item, str(year))
    return getattr(given, item)[year] if found is None else found


@cache
def printed(group: str = "") -> pd.DataFrame:
    """The district's printed figures, of all households or of one group."""
    figures = published.figures(FIGURES)
    return figures[(figures["area_code"] == DISTRICT) & (figures["group"] == group)]


def dtts(seed: int) -> Counts:
    """DTTS among the poor of each unit at the end of 2021, adding up to the published count."""
    poor = {code: counts["poor"] for code, counts in _shared_out(seed, YEARS[0]).items()}
    whole = published.count(printed("dtts"), "poor", str(YEARS[0]))
    weights = {code: count * (1 - given.dtts[code]) for code, count in poor.items()}
    others = apportioned(sum(poor.values()) - (whole or 0), weights)
    return {code: poor[code] - others[code] for code in poor}


def all_dtts(year: int) -> int:
    """DTTS among all households of the district: the published count, else the assumption."""
    found = published.count(printed("dtts"), "households", str(year))
    return given.households_dtts[year] if found is None else found


def quota(year: int) -> int:
    """Poor households left at most: as assumed, else the plan's path from the printed rate."""
    if year in given.quota:
        return given.quota[year]
    table = printed()
    start = table[(table["indicator"] == "poor_rate") & (table["period"] == str(YEARS[0]))]
    percent = start["value"].item() - given.path_fall * (year - YEARS[0])
    return round(percent / 100 * total("households", year))


def apportioned(whole: int, weights: dict[str, float]) -> Counts:
    """Whole numbers in proportion to weights that add up exactly (largest remainders)."""
    exact = {key: whole * weight / sum(weights.values()) for key, weight in weights.items()}
    counts = {key: int(value) for key, value in exact.items()}
    by_rest = sorted(exact, key=lambda key: (counts[key] - exact[key], key))
    for key in by_rest[: whole - sum(counts.values())]:
        counts[key] += 1
    return counts


def capped(
    whole: int, weights: dict[str, float], most: Counts, least: Counts | None = None
) -> Counts:
    """The same where nobody takes more than there is room for, or fewer than must find room: the
    others share the rest."""
    counts = apportioned(whole, weights)
    least = least or dict.fromkeys(weights, 0)
    pinned = {key: most[key] for key in counts if counts[key] > most[key]} or {
        key: least[key] for key in counts if counts[key] < least[key]
    }
    if not pinned:
        return counts
    others = {key: weight for key, weight in weights.items() if key not in pinned}
    return pinned | capped(whole - sum(pinned.values()), others, most, least)
