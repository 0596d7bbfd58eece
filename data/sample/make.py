"""Make the sample: official-form workbooks of the units, adding up to the published figures.

Run as `python data/sample/make.py`. Seeded: the same files every time.
Commune figures are NOT real; every sheet says "SỐ LIỆU MẪU".
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the script's own neighbours, also when a test loads it

import households as people
from assumptions import SEED, given, table
from households import GROUPS, Households, Place

from povsim import forms, published, rules
from povsim.streams import stream
from povsim.units import Unit
from povsim.vocabulary import Group, Indicator, Period

MADE = datetime(2026, 1, 1)
YEARS = range(2021, 2026)
DISTRICT = "614"
STATES = ("poor", "near_poor")
FLOW_FORMS = {"F2": "poor", "F3": "near_poor"}
LACK_FORMS = {"F4": "poor", "F6": "near_poor"}
MARK = f"{forms.SAMPLE_MARK} – không phải số liệu chính thức"
NO_FLOWS = (
    "Không lập: năm 2021 là kỳ rà soát đầu tiên theo chuẩn nghèo đa chiều giai đoạn 2022-2025, "
    "không có kỳ trước cùng chuẩn để so sánh."
)

Counts = dict[str, int]
Moves = dict[str, Households]


@dataclass(frozen=True)
class Review:
    """One unit's review: F1's counts, the households of each state, and who moved since the last.

    `moves` maps a state to the households of every column of its flow form; empty in 2021.
    """

    counts: Counts
    stock: dict[str, Households]
    moves: dict[str, Moves]


# --- The district's counts, shared among the communes ------------------------------------------


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
    printed = published.count(_printed(), item, str(year))
    return getattr(given, item)[year] if printed is None else printed


@cache
def _printed(group: str = "") -> pd.DataFrame:
    figures = published.figures(HERE.parent / "published" / "figures.csv")
    return figures[(figures["area_code"] == DISTRICT) & (figures["group"] == group)]


def apportioned(whole: int, weights: dict[str, float]) -> Counts:
    """Whole numbers in proportion to weights that add up exactly (largest remainders)."""
    exact = {key: whole * weight / sum(weights.values()) for key, weight in weights.items()}
    counts = {key: int(value) for key, value in exact.items()}
    by_rest = sorted(exact, key=lambda key: (counts[key] - exact[key], key))
    for key in by_rest[: whole - sum(counts.values())]:
        counts[key] += 1
    return counts


# --- A year of a unit ---------------------------------------------------------------------------


def reviews(seed: int) -> dict[tuple[int, str], Review]:
    """Every review of every unit; 2025 on the three new units, which hold the seven's households."""
    made: dict[tuple[int, str], Review] = {}
    for year, parts_counts in district(seed).items():
        for unit in rules.units().on(Period(year).end):
            parts = predecessors(unit)
            counts = [parts_counts[part.id.code] for part in parts]
            closing = {item: sum(count[item] for count in counts) for item in counts[0]}
            lived = [part if year == unit.id.valid_from.year > YEARS[0] else unit for part in parts]
            before = [made[year - 1, old.id.code] for old in lived] if year > YEARS[0] else []
            where = people.place(seed, parts)
            dice = stream(seed, "sample-review", unit.id, year)
            made[year, unit.id.code] = (
                _next(where, before, closing, year, dice)
                if before
                else _first(where, closing, _dtts_of_2021(seed)[unit.id.code], dice)
            )
    return made


def predecessors(unit: Unit) -> list[Unit]:
    """The old units that a unit is made of; itself before the merger."""
    registry = rules.units()
    old = registry.on(Period(YEARS[0]).end)
    return [part for part in old if registry.at(part.id, unit.id.valid_from) == unit]


@cache
def _dtts_of_2021(seed: int) -> Counts:
    """DTTS among the poor of each unit at the end of 2021, adding up to the published count."""
    poor = {code: counts["poor"] for code, counts in district(seed)[2021].items()}
    printed = published.count(_printed("dtts"), "poor", "2021")
    weights = {code: count * (1 - given.dtts[code]) for code, count in poor.items()}
    others = apportioned(sum(poor.values()) - (printed or 0), weights)
    return {code: poor[code] - others[code] for code in poor}


def _first(where: Place, closing: Counts, dtts: int, dice: np.random.Generator) -> Review:
    stock = {state: people.drawn(where, state, closing[state], 2021, dice) for state in STATES}
    stock["poor"].groups[:, GROUPS.index("dtts")] = np.arange(closing["poor"]) < dtts
    return Review(_f1(where, closing, stock, dice), stock, {})


def _next(
    where: Place, before: list[Review], closing: Counts, year: int, dice: np.random.Generator
) -> Review:
    stock = {state: people.together(part.stock[state] for part in before) for state in STATES}
    opening = {item: sum(part.counts[item] for part in before) for item in closing}
    moves = _moved(where, stock, planned(opening, closing, dice), year, dice)
    stock = {state: moves[state]["closing"] for state in STATES}
    return Review(_f1(where, closing, stock, dice), stock, moves)


def _f1(
    where: Place, closing: Counts, stock: dict[str, Households], dice: np.random.Generator
) -> Counts:
    """All of F1: whoever is not poor makes up the unit's persons."""
    persons = {f"{state}_persons": int(stock[state].persons.sum()) for state in STATES}
    others = closing["households"] - closing["poor"] - closing["near_poor"]
    size = given.size["all"] * where.size * np.exp(0.003 * dice.standard_normal())
    # Where nearly all are poor the rest may be few: two a household at the very least.
    rest = max(round(closing["households"] * size) - sum(persons.values()), 2 * others)
    farming = round(others * given.average_living * np.exp(0.04 * dice.standard_normal()))
    return {
        **closing,
        **persons,
        "persons": rest + sum(persons.values()),
        "average_living": farming,
        "average_living_persons": round(rest * farming / others) if others else 0,
    }


# --- A year's movements -------------------------------------------------------------------------


def planned(opening: Counts, closing: Counts, dice: np.random.Generator) -> dict[str, Counts]:
    """How many households make each movement: small flows are drawn, escapes are what is left."""
    poor, near = opening["poor"], opening["near_poor"]
    others = opening["households"] - poor - near
    fell = min(dice.poisson(near * given.near_poor_to_poor), near, closing["poor"])
    gone = min(dice.poisson(poor * given.other), poor)
    means = {
        "newly_poor": others * given.newly_poor,
        "relapsed": poor * given.relapsed,
        "other_increase": poor * given.other,
    }
    arrived = _arrivals(means, closing["poor"] - fell, poor - gone, dice)
    escaped = poor - gone + fell + sum(arrived.values()) - closing["poor"]
    fallen = {
        "fell_to_poor": fell,
        "other_decrease": min(dice.poisson(near * given.other), near - fell),
    }
    below = _planned_near(near - sum(fallen.values()), others, closing["near_poor"], escaped, dice)
    to_near = below.pop("poor_to_near_poor")
    leaving = {
        "escaped_to_near_poor": to_near,
        "escaped_above": escaped - to_near,
        "other_decrease": gone,
    }
    return {"poor": leaving | arrived, "near_poor": fallen | below}


def _planned_near(
    staying: int, others: int, closing: int, escaped: int, dice: np.random.Generator
) -> Counts:
    """The near-poor's other movements, given how many escaped poverty, so that both forms close."""
    means = {
        "newly_near_poor": others * given.newly_near_poor,
        "relapsed": staying * given.relapsed,
        "other_increase": staying * given.other,
    }
    arrived = _arrivals(means, closing, staying + escaped, dice)
    room = closing - sum(arrived.values())
    chance = given.to_near_poor + given.to_near_poor_sd * dice.standard_normal()
    wanted = dice.binomial(escaped, min(max(chance, 0), 1))
    to_near = min(max(wanted, room - staying, 0), escaped, room)
    return {"escaped_above": staying + to_near - room, "poor_to_near_poor": to_near, **arrived}


def _arrivals(
    means: dict[str, float], room: int, staying: int, dice: np.random.Generator
) -> Counts:
    """Who comes from outside; the first kind fills the stock up where those staying cannot."""
    counts = {name: int(dice.poisson(mean)) for name, mean in means.items()}
    first, *rest = counts
    counts[first] = max(counts[first], room - staying - sum(counts[name] for name in rest))
    for name in counts:
        counts[name] = min(counts[name], room)
        room -= counts[name]
    return counts


LEAVING = {
    "poor": ("escaped_to_near_poor", "escaped_above", "other_decrease"),
    "near_poor": ("fell_to_poor", "escaped_above", "other_decrease"),
}
ENTERING = {
    "poor": ("relapsed", "newly_poor", "other_increase"),
    "near_poor": ("relapsed", "newly_near_poor", "other_increase"),
}


def _moved(
    where: Place,
    stock: dict[str, Households],
    plan: dict[str, Counts],
    year: int,
    dice: np.random.Generator,
) -> dict[str, Moves]:
    """The very households behind every movement, so that persons follow households."""
    moves: dict[str, Moves] = {}
    for state in STATES:
        leaving = {name: plan[state][name] for name in LEAVING[state]}
        moves[state] = {"opening": stock[state]} | people.parted(stock[state], leaving, dice)
        for name in ENTERING[state]:
            moves[state][name] = people.drawn(where, state, plan[state][name], year, dice)
    poor, near = moves["poor"], moves["near_poor"]
    poor["near_poor_to_poor"] = people.changed(where, "poor", near["fell_to_poor"], year, dice)
    near["poor_to_near_poor"] = people.changed(
        where, "near_poor", poor["escaped_to_near_poor"], year, dice
    )
    for state, crossing in (("poor", "near_poor_to_poor"), ("near_poor", "poor_to_near_poor")):
        staying = people.eased(state, moves[state].pop("staying"), dice)
        came = [moves[state][name] for name in (crossing, *ENTERING[state])]
        moves[state]["closing"] = people.together([staying, *came])
    return moves


# --- Onto the forms -----------------------------------------------------------------------------


def sheets(unit: Unit, review: Review) -> dict[str, list[forms.Line]]:
    """The forms of one review as lines to write."""
    cells: dict[str, dict[str, Counts]] = {"F1": {"households": review.counts}}
    for form, state in FLOW_FORMS.items():
        moves = review.moves.get(state, {})
        cells[form] = {line: _counted(moves, line) for line in ("households", "persons")}
    for form, state in LACK_FORMS.items():
        cells[form] = {"households": _lacks(review.stock[state])}
    cells["F8"] = {line: _groups(review.stock, line) for line in ("households", "persons")}
    return {
        form: [forms.Line(unit.name, line, counts) for line, counts in cells[form].items()]
        for form in sorted(cells)
    }


def _counted(lots: Moves, line: str) -> Counts:
    """Each lot's households, or the persons in them."""
    return {
        n: len(lot) if line == "households" else int(lot.persons.sum()) for n, lot in lots.items()
    }


def _lacks(stock: Households) -> Counts:
    counts = {
        str(name): int(n) for name, n in zip(Indicator, stock.lacking.sum(axis=0), strict=True)
    }
    return {"households": len(stock), "deprivations": sum(counts.values()), **counts}


def _groups(stock: dict[str, Households], line: str) -> Counts:
    """F8 of one line; groups overlap, so the rest can fall below nought."""
    cells: Counts = {}
    for state, lot in stock.items():
        lots = {f"{state}_{name}": lot.rows(lot.groups[:, n]) for n, name in enumerate(GROUPS)}
        counts = _counted({state: lot} | lots, line)
        other = counts[state] - sum(counts[name] for name in lots)
        cells |= counts | {f"{state}_{Group.OTHER}": other}
    return cells


# --- Quotas -------------------------------------------------------------------------------------


def quotas(seed: int = SEED) -> pd.DataFrame:
    """Household quotas: unit_code, valid_from, period, kind, value, origin.

    Shared out once, by the poor at the end of 2021, as plans made at the start of a term are:
    every commune is asked for the same relative fall.
    """
    base = {code: float(counts["poor"]) for code, counts in district(seed)[2021].items()}
    rows: list[tuple[str, int, int]] = []
    for year in YEARS[1:]:
        whole = given.quota.get(year) or _on_path(year)
        rows += [
            (code, year, n) for code, n in ({DISTRICT: whole} | apportioned(whole, base)).items()
        ]
    columns = pd.DataFrame(rows, columns=["unit_code", "period", "value"])
    filled = columns.assign(valid_from="2021-01-01", kind="households", origin="sample")
    return filled[["unit_code", "valid_from", "period", "kind", "value", "origin"]]


def _on_path(year: int) -> int:
    """The plan's cumulative path from the published rate of 2021, in households."""
    start = _printed()[lambda t: (t["indicator"] == "poor_rate") & (t["period"] == "2021")]
    percent = start["value"].item() - given.path_fall * (year - 2021)
    return round(percent / 100 * total("households", year))


# --- Files --------------------------------------------------------------------------------------


def workbooks(seed: int = SEED) -> Iterator[tuple[int, Unit, dict[str, list[forms.Line]]]]:
    """Year, unit and sheets of every workbook."""
    made = reviews(seed)
    for year in YEARS:
        for unit in rules.units().on(Period(year).end):
            yield year, unit, sheets(unit, made[year, unit.id.code])


def write_all(folder: Path, seed: int = SEED) -> None:
    """Write every workbook and the quotas."""
    for year, unit, lines in workbooks(seed):
        path = folder / str(year) / f"{unit.id.code}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        notes = dict.fromkeys(FLOW_FORMS, NO_FLOWS) if year == YEARS[0] else {}
        forms.write(path, forms.Head(_place(unit), year, MARK), lines, notes, MADE)
    quotas(seed).to_csv(folder / "unit-targets.csv", index=False, lineterminator="\n")


def _place(unit: Unit) -> str:
    kind = "THỊ TRẤN" if unit.kind == "town" else "XÃ"
    of_district = ", HUYỆN KON RẪY" if unit.valid_to else ""
    return f"UBND {kind} {unit.name.upper()}{of_district} (mã đơn vị {unit.id.code})"


def refresh(readme: Path) -> None:
    """Put the table of assumptions at the end of the README."""
    head, _, _ = readme.read_text("utf-8").partition("| name | value |")
    readme.write_text(head + table(), "utf-8")


if __name__ == "__main__":
    write_all(HERE)
    refresh(HERE / "README.md")
