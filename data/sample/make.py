"""Make the sample: official-form workbooks of the units, adding up to the published figures.

Run as `python data/sample/make.py`. Seeded: the same files every time.
Commune figures are NOT real; every sheet says "SỐ LIỆU MẪU".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import households as people
import numpy as np
import pandas as pd
from assumptions import SEED, given, table
from households import GROUPS, Households, Place
from moves import Moves, moved, planned
from stocks import DISTRICT, STATES, YEARS, Counts, apportioned, district, dtts, quota

from povsim import forms, rules
from povsim.streams import stream
from povsim.units import Unit
from povsim.vocabulary import Group, Indicator, Period

HERE = Path(__file__).parent
MADE = datetime(2026, 1, 1)
FLOW_FORMS = {"F2": "poor", "F3": "near_poor"}
LACK_FORMS = {"F4": "poor", "F6": "near_poor"}
MARK = f"{forms.SAMPLE_MARK} – không phải số liệu chính thức"
NO_FLOWS = (
    "Không lập: năm 2021 là kỳ rà soát đầu tiên theo chuẩn nghèo đa chiều giai đoạn 2022-2025, "
    "không có kỳ trước cùng chuẩn để so sánh."
)


@dataclass(frozen=True)
class Review:
    """One unit's review: F1's counts, the households of each state, and who moved since the last.

    `moves` maps a state to the households of every column of its flow form; empty in 2021.
    """

    counts: Counts
    stock: dict[str, Households]
    moves: dict[str, Moves]


# --- The reviews --------------------------------------------------------------------------------


def reviews(seed: int) -> dict[tuple[int, str], Review]:
    """Every review of every unit; 2025 on the three new units, made of the seven's households."""
    made: dict[tuple[int, str], Review] = {}
    for year, counts in district(seed).items():
        for unit in rules.units().on(Period(year).end):
            dice = stream(seed, "sample-review", unit.id, year)
            parts = _held(unit, YEARS[0])
            closing = _sum([counts[part.id.code] for part in parts])
            where = people.place(seed, parts)
            if year == YEARS[0]:
                review = _first(where, closing, dtts(seed)[unit.id.code], dice)
            else:
                before = [made[year - 1, old.id.code] for old in _held(unit, year - 1)]
                review = _next(where, before, closing, year, dice)
            made[year, unit.id.code] = review
    return made


def _held(unit: Unit, year: int) -> list[Unit]:
    """The units of a year's end whose households a unit holds: itself, or those merged into it."""
    registry, day = rules.units(), unit.id.valid_from
    return [
        old
        for old in registry.on(Period(year).end)
        if old == unit or (old.id.valid_from < day and registry.at(old.id, day) == unit)
    ]


def _sum(counts: list[Counts]) -> Counts:
    return {item: sum(count[item] for count in counts) for item in counts[0]}


def _first(where: Place, closing: Counts, dtts_poor: int, dice: np.random.Generator) -> Review:
    stock = {state: people.drawn(where, state, closing[state], 2021, dice) for state in STATES}
    stock["poor"].groups[:, GROUPS.index("dtts")] = np.arange(closing["poor"]) < dtts_poor
    return Review(_f1(where, closing, stock, dice), stock, {})


def _next(
    where: Place, before: list[Review], closing: Counts, year: int, dice: np.random.Generator
) -> Review:
    stock = {state: people.together(part.stock[state] for part in before) for state in STATES}
    opening = _sum([part.counts for part in before])
    moves = moved(where, stock, planned(opening, closing, dice), year, dice)
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
        values = {DISTRICT: quota(year), **apportioned(quota(year), base)}
        rows += [(code, year, value) for code, value in values.items()]
    columns = pd.DataFrame(rows, columns=["unit_code", "period", "value"])
    filled = columns.assign(valid_from="2021-01-01", kind="households", origin="sample")
    return filled[["unit_code", "valid_from", "period", "kind", "value", "origin"]]


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
