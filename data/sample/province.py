"""A made-up province of any size, by the sample's own machinery: for tests and benchmarks.

Nothing here is real and none of it is kept: `write` lays out a whole workspace (units, a plan,
workbooks) in a folder of your own, and every sheet says "SỐ LIỆU MẪU".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import sheets
from assumptions import SEED, given
from households import Place, minorities
from reviews import Dice, Review, first, following, populations
from sheets import Sheets
from stocks import Counts, apportioned

from povsim.streams import stream
from povsim.units import Unit, UnitId
from povsim.vocabulary import Indicator, Period

NAME = "Tỉnh Mẫu"
CODE = "90"
FIRST_CODE = 90001
BASE = 2021
"""The first review of the standard: every course starts here, whatever years are asked for."""
START = date(BASE, 1, 1)
FALL = 0.8
"""What the plan asks of every unit: poor households left at most, times those of a year before."""
FIGURES = (
    "area,area_code,level,as_of,period,standard,indicator,group,value,unit,status,basis,source\n"
)
"""The head of a table of published figures: nobody printed any of this province."""
BEFORE = ("Đăk", "Ia", "Kon", "Măng", "Ngọc", "Ya", "Plei", "Chư", "Tân", "Phú", "Hòa")
WORDS = """
Hlin Mrơi Sút Hin Blơn Rơi Nga Cham Tia Glăn Drơ Hlăk Krem Mrai Pơi Srao Bring Yên Lợi Thạnh Hảo Mỹ
Quý Vinh Thuận Khê Lâm Giang Hưng Trung Điền Minh Nhơn Phong Thắng Cường Khánh Đạt Uy Xuân Hiệp
Nghĩa Lưu Chánh Bảo Viên Sang Dương Tài Nhuận Cát Kỳ Ân
"""
AFTER = tuple(WORDS.split())
SIDES = ("", " Đông", " Tây", " Nam", " Bắc", " Thượng", " Hạ")

made_up = SimpleNamespace(
    households=(900, 0.4),  # median and log sd of a unit's households at the base
    growth=(0.010, 0.006),  # mean and sd a year
    poor=(0.16, 0.6),  # median and log sd of the share that is poor at the base
    poorest=(0.02, 0.50),  # between which it stays at the base
    pace=(0.08, 0.38),  # between which poverty falls, log a year: slow units and fast ones
    year=(0.4, 1.6),  # times the pace: between a bad year and a good one
    near_poor=(0.35, 0.7),  # near-poor share = factor × poor share to this power
    dtts=(0.8, 0.5),  # shape of the share of DTTS among all households: near all or near none
    dtts_poor=0.35,  # Kinh are so many times as common among the poor as among all
    size=0.06,  # log sd of a unit's household size against the sample's
    town=12,  # every so manieth unit is a town
)
"""Invented: wide enough to hold units of every kind, narrow enough to be plausible."""


# --- Its units ----------------------------------------------------------------------------------


def communes(count: int) -> list[Unit]:
    """Communes and towns 90001, 90002 …, each with a name of its own.

    Raises:
        ValueError: more than there are names for.
    """
    names = len(BEFORE) * len(AFTER) * len(SIDES)
    if count > names:
        raise ValueError(f"{count} units, but names for {names} only")
    return [_unit(number) for number in range(count)]


def _unit(number: int) -> Unit:
    # 11 and 53 have no common factor: their pairs repeat only when all have been had.
    lap = number // (len(BEFORE) * len(AFTER))
    name = f"{BEFORE[number % len(BEFORE)]} {AFTER[number % len(AFTER)]}{SIDES[lap]}"
    town = number % made_up.town == 0
    identity = UnitId(str(FIRST_CODE + number), START)
    kind, area = ("town", "urban") if town else ("commune", "rural")
    return Unit(id=identity, names=(name,), kind=kind, area_type=area)


def place(unit: Unit, seed: int) -> Place:
    """What sets a unit's households apart."""
    dice = stream(seed, "province-place", unit.id)
    all_dtts = float(dice.beta(*made_up.dtts))
    xo_dang, ba_na, _ = dice.dirichlet((1, 1, 0.5))
    return Place(
        size=float(np.exp(made_up.size * dice.standard_normal())),
        dtts=1 - made_up.dtts_poor * (1 - all_dtts),
        all_dtts=all_dtts,
        lacking=np.exp(given.unit_lacking * dice.standard_normal(len(Indicator))),
        homes={unit.id.code: 1.0},
        minorities=minorities(xo_dang, ba_na),
    )


# --- Their courses ------------------------------------------------------------------------------


def course(unit: Unit, last: int, seed: int) -> dict[int, Counts]:
    """Households, poor and near-poor of a unit, from the base review to the last year."""
    dice = stream(seed, "province-course", unit.id)
    median, spread = made_up.households
    base = median * np.exp(spread * _luck(dice))
    growth = made_up.growth[0] + made_up.growth[1] * _luck(dice)
    share = np.clip(made_up.poor[0] * np.exp(made_up.poor[1] * _luck(dice)), *made_up.poorest)
    pace = dice.uniform(*made_up.pace)
    counts: dict[int, Counts] = {}
    for year in range(BASE, last + 1):
        counts[year] = _counts(round(base * (1 + growth) ** (year - BASE)), share)
        share *= np.exp(-pace * dice.uniform(*made_up.year))
    return counts


def _luck(dice: np.random.Generator) -> float:
    return float(np.clip(dice.standard_normal(), -2, 2))


def _counts(households: int, share: float) -> Counts:
    factor, power = made_up.near_poor
    near = factor * share**power
    return {
        "households": households,
        "poor": round(households * share),
        "near_poor": round(households * near),
    }


# --- Its reviews --------------------------------------------------------------------------------


def reviews(
    units: Sequence[Unit], years: Iterable[int], seed: int = SEED
) -> Iterator[tuple[int, Unit, Sheets]]:
    """Year, unit and the lines of all thirteen forms, unit by unit; flows of 2021 are blank."""
    wanted = set(years)
    for unit in units:
        for year, review in _reviews(unit, max(wanted), seed):
            if year in wanted:
                own = {unit.id.code: review}
                dtts = round(review.where.all_dtts * review.counts["households"])
                yield year, unit, sheets.sheets(unit, review, populations(own, dtts)[unit.id.code])


def _reviews(unit: Unit, last: int, seed: int) -> Iterator[tuple[int, Review]]:
    where, review = place(unit, seed), None
    for year, closing in course(unit, last, seed).items():
        purposes = ("province-review", "province-fates")
        dice = Dice(*(stream(seed, purpose, unit.id, year) for purpose in purposes))
        if review is None:
            review = first(where, closing, None, dice)
        else:
            review = following(where, [review], closing, year, dice)
        yield year, review


# --- A workspace of its own ---------------------------------------------------------------------


def write(
    folder: Path, units: int = 100, years: Iterable[int] = range(2021, 2025), seed: int = SEED
) -> list[Path]:
    """Write a whole workspace into a folder: units, plan, published figures (none), workbooks.

    The folder can be `$POVSIM_HOME`; the plan's name is `tinh-mau`.

    Returns:
        The workbooks, `workbooks/<year>/<code>.xlsx`, by year and code.
    """
    every, reviewed = communes(units), sorted(years)
    data = folder / "data"
    _put(data / "units" / "province.toml", "\n".join(_unit_entry(unit) for unit in every))
    _put(data / "published" / "figures.csv", FIGURES)
    _put(data / "plans" / "tinh-mau.toml", _plan(every, reviewed[-1]))
    targets = _targets(every, reviewed[-1], seed)
    targets.to_csv(data / "plans" / "tinh-mau-targets.csv", index=False, lineterminator="\n")
    books = folder / "workbooks"
    return sorted(
        sheets.write(books, Period(year), unit, NAME.upper(), lines)
        for year, unit, lines in reviews(every, reviewed, seed)
    )


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _unit_entry(unit: Unit) -> str:
    return f"""[[unit]]
code = "{unit.id.code}"
valid_from = {unit.id.valid_from}
names = {_listed(unit.names)}
kind = "{unit.kind}"
area_type = "{unit.area_type}"
verified = false
"""


def _listed(words: Iterable[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)


def _plan(units: Sequence[Unit], last: int) -> str:
    return f"""# A made-up province, for tests and benchmarks.
name = "Kế hoạch giảm nghèo của {NAME} (số liệu mẫu)"
district = "{NAME}"
district_code = "{CODE}"
first_year = {BASE + 1}
last_year = {max(last, BASE + 1)}
base_review = {BASE}
standard = "nd07-2021"
units = {_listed(unit.id.code for unit in units)}
units_valid_on = {last}-12-31
published_figures = "../published/figures.csv"
unit_targets = "tinh-mau-targets.csv"

[[target]]
kind = "points_a_year"
value = 2.5
years = {list(range(BASE + 1, last + 1))}
origin = "sample"
source = "Mục tiêu mẫu"

[status]
on_track = 0.67
off_track = 0.33
verified = false
source = "Mặc định của povsim"

[[issuer]]
valid_from = {START}
authority = ["ỦY BAN NHÂN DÂN", "{NAME.upper()}"]
named = "Ủy ban nhân dân {NAME}"
number = "Số:          /BC-UBND"
place = "……………"
signer = ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]
recipients = ["Lưu: VT"]
verified = false
"""


def _targets(units: Sequence[Unit], last: int, seed: int) -> pd.DataFrame:
    """Household quotas, and their sum for the province: the same relative fall for everybody."""
    base = {unit.id.code: float(course(unit, last, seed)[BASE]["poor"]) for unit in units}
    rows: list[tuple[str, str, int, str, int, str]] = []
    for year in range(BASE + 1, last + 1):
        whole = round(sum(base.values()) * FALL ** (year - BASE))
        for code, count in {CODE: whole, **apportioned(whole, base)}.items():
            rows.append((code, str(START), year, "households", count, "sample"))
    columns = ["unit_code", "valid_from", "period", "kind", "value", "origin"]
    return pd.DataFrame(rows, columns=columns)
