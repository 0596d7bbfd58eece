"""Make the sample: official-form workbooks of the units, adding up to the published figures, and
the register of the households that they count.

Run as `python data/sample/make.py`. Seeded: the same files every time.
Commune figures are NOT real; every sheet says "SỐ LIỆU MẪU".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import households as people
import pandas as pd
import register
import rest
import sheets
from assumptions import SEED, given, table
from moves import of_homes, recorded
from reviews import Dice, Review, first, following, populations, sums
from sheets import Sheets
from stocks import DISTRICT, YEARS, Counts, all_dtts, apportioned, district, dtts, quota

from povsim import rules
from povsim.streams import stream
from povsim.units import Unit
from povsim.vocabulary import Period

HERE = Path(__file__).parent
REVIEWS = [Period(year) for year in YEARS]
PARTS = [Period(2024, 6), Period(2024, 10), Period(2025, 6), Period(2025, 10)]
"""Parts of a year whose entries and exits are reported; in June 2025 still by the old units."""

Made = dict[tuple[int, str], Review]
"""Every review, by year and code."""


def reviews(seed: int) -> Made:
    """Every review of every unit; 2025 on the three new units, made of the seven's households."""
    made: Made = {}
    for year, counts in district(seed).items():
        for unit in _units(Period(year).end):
            identity = (unit.id, year)
            dice = Dice(*(stream(seed, p, *identity) for p in ("sample-review", "sample-fates")))
            parts = _held(unit, YEARS[0])
            closing = sums([counts[part.id.code] for part in parts])
            where = people.place(seed, parts)
            if year == YEARS[0]:
                review = first(where, closing, dtts(seed)[unit.id.code], dice)
            else:
                before = [made[year - 1, old.id.code] for old in _held(unit, year - 1)]
                review = following(where, before, closing, year, dice)
            made[year, unit.id.code] = review
    return made


def _units(day: date) -> list[Unit]:
    """The district's units of a day; a workspace may know others."""
    return [unit for unit in rules.units().on(day) if unit.id.code in given.share]


def _held(unit: Unit, year: int) -> list[Unit]:
    """The units of a year's end whose households a unit holds: itself, or those merged into it."""
    registry, day = rules.units(), unit.id.valid_from
    return [
        old
        for old in _units(Period(year).end)
        if old == unit or (old.id.valid_from < day and registry.at(old.id, day) == unit)
    ]


# --- Onto the forms -----------------------------------------------------------------------------


def workbooks(seed: int = SEED) -> Iterator[tuple[Period, Unit, Sheets]]:
    """Period, unit and sheets of every workbook: the reviews, then the parts of years."""
    made = reviews(seed)
    population = everybody(made)
    for period in REVIEWS:
        for unit in _units(period.end):
            key = (period.year, unit.id.code)
            yield period, unit, sheets.sheets(unit, made[key], population[key])
    for period in PARTS:
        yield from _part_of_year(made, period, seed)


def everybody(made: Made) -> dict[tuple[int, str], Counts]:
    """What F12 and F13 say of the whole population, by year and code."""
    found: dict[tuple[int, str], Counts] = {}
    for year in YEARS:
        own = {code: review for (y, code), review in made.items() if y == year}
        bound = {code: rest.bound(made, year, code) for code in own}
        counts = populations(own, all_dtts(year), bound)
        found |= {(year, code): count for code, count in counts.items()}
    return found


def _part_of_year(made: Made, period: Period, seed: int) -> Iterator[tuple[Period, Unit, Sheets]]:
    """A year's movements are known on the units of its end: each unit takes those of its homes."""
    for unit in _units(period.end):
        holder = rules.units().at(unit.id, Period(period.year).end)
        moves = made[period.year, holder.id.code].moves
        so_far = recorded(moves, period.through, seed, holder.id, period.year)
        homes = [part.id.code for part in _held(unit, YEARS[0])]
        yield period, unit, sheets.movements(unit, of_homes(so_far, homes))


# --- The household register ----------------------------------------------------------------------


def registers(seed: int = SEED) -> Iterator[tuple[int, dict[str, pd.DataFrame]]]:
    """Year and tables, `households` and `members`, of each review: what the forms count."""
    made = reviews(seed)
    units = {period.year: _units(period.end) for period in REVIEWS}
    yield from register.registers(seed, made, everybody(made), units)


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


def write_all(folder: Path, seed: int = SEED) -> None:
    """Write every workbook, the register and the quotas."""
    for period, unit, lines in workbooks(seed):
        within = "HUYỆN KON RẪY" if unit.valid_to else ""
        sheets.write(folder, period, unit, within, lines)
    for year, tables in registers(seed):
        register.write(folder / "register", year, tables)
    quotas(seed).to_csv(folder / "unit-targets.csv", index=False, lineterminator="\n")


def refresh(readme: Path) -> None:
    """Put the table of assumptions at the end of the README."""
    head, _, _ = readme.read_text("utf-8").partition("| name | value |")
    readme.write_text(head + table(), "utf-8")


if __name__ == "__main__":
    write_all(HERE)
    refresh(HERE / "README.md")
