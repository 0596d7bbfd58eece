"""The household register of every review: the households that the forms count, one a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import households as people
import members
import numpy as np
import pandas as pd
import rest
import traits
from assumptions import given
from households import Households
from members import LUCK, Rows, luck
from rest import Found, Made, identity
from reviews import Review
from stocks import STATES, YEARS, Counts

from povsim import rules
from povsim.poverty import contract
from povsim.streams import stream
from povsim.units import Unit
from povsim.vocabulary import Indicator, State

MARK = "SỐ LIỆU MẪU do máy sinh ra, không phải hộ có thật (invented households, none of them real)"
TABLES = ("households", "members")
STEP = 1_000
"""Incomes are told to the thousand đồng."""
SMALL = {"persons": "Int8", "income_vnd": "Int32", "floor_area_m2": "Int16", "left_list": "Int16"}
"""Types that hold the figures in little room; the contract widens them again."""


@dataclass(frozen=True)
class Lot:
    """The households of one unit at one review, with the state of each."""

    unit: Unit
    year: int
    review: Review
    every: Households
    state: np.ndarray
    keys: np.ndarray
    numbers: np.ndarray

    def of(self, *states: str) -> np.ndarray:
        """Where the state is one of these."""
        return np.isin(self.state, states)


def registers(
    seed: int,
    made: Made,
    population: Mapping[tuple[int, str], Counts],
    units: Mapping[int, list[Unit]],
) -> Iterator[tuple[int, dict[str, pd.DataFrame]]]:
    """Year and the two tables of each review; `units` are those of each year's end."""
    found = rest.everyone(seed, made, population)
    past, returning = _no_past(), _returning(made)
    for year in YEARS:
        lots = [_lot(seed, unit, year, made, found) for unit in units[year]]
        past = _with_review(past, lots, returning)
        houses = pd.concat([_households(seed, lot) for lot in lots], ignore_index=True)
        persons = pd.concat([_members(lot) for lot in lots], ignore_index=True)
        yield year, _tables(houses, persons, past, year)


def _lot(seed: int, unit: Unit, year: int, made: Made, found: Found) -> Lot:
    review = made[year, unit.id.code]
    parts = {**review.stock, str(State.NOT_POOR): found[year, unit.id.code]}
    every = people.together(parts.values())
    state = np.repeat(list(parts), [len(part) for part in parts.values()])
    keys = pseudonyms(seed, every)
    numbers = np.array([_numbers(seed, key) for key in keys]).reshape(len(keys), len(LUCK))
    return Lot(unit, year, review, every, state, keys, numbers)


def pseudonyms(seed: int, lot: Households) -> np.ndarray:
    """A household's key: a digest of what it was drawn with, so that it keeps it and none knows."""
    salt = str(seed).encode()
    digests = (blake2b(fates.tobytes(), digest_size=5, salt=salt) for fates in lot.fates)
    return np.array([f"M0{digest.hexdigest()}" for digest in digests], dtype=object)


@lru_cache(maxsize=20_000)  # one seed's households
def _numbers(seed: int, key: str) -> np.ndarray:
    return stream(seed, "sample-register", "household", key).random(len(LUCK))


# --- Households -----------------------------------------------------------------------------------


def _households(seed: int, lot: Lot) -> pd.DataFrame:
    """The answers of each household, but for its past."""
    every = lot.every
    average = _average_living(lot)
    farms = average | (luck(lot.numbers, "farm") < _by_state(lot, given.farms))
    columns = {
        "household": lot.keys,
        "unit": str(lot.unit.id),
        "persons": every.persons,
        "income_vnd": _incomes(seed, lot, average, farms),
        **_house(lot),
        "people": np.array(traits.PEOPLES)[traits.people(every)],
        "farms": farms,
        "no_labour": every.flag("no_labour"),
        "merit": every.flag("merit"),
        "female_head": traits.female_head(every),
        **_causes(lot),
    }
    return pd.DataFrame(columns)


def _by_state(lot: Lot, values: Mapping[str, float]) -> np.ndarray:
    return np.array([values[state] for state in lot.state])


def _average_living(lot: Lot) -> np.ndarray:
    """Which of those not poor are the farming families of average living that F1 counts."""
    counts, flags = lot.review.counts, lot.of("not_poor")
    persons, rank = lot.every.persons[flags], luck(lot.numbers, "farm")[flags]
    own = (counts["average_living"], counts["average_living_persons"])
    flags[flags] = rest.average_living(persons, rank, *own)
    return flags


def _incomes(seed: int, lot: Lot, average: np.ndarray, farms: np.ndarray) -> np.ndarray:
    """Đồng a person and month: at or below the line of the place, within average living, above."""
    line = rules.income_line(lot.year, lot.unit.id).vnd_a_month
    edge = round(line * given.average_living_edge)
    dice = stream(seed, "sample-register", "income", lot.unit.id, lot.year)
    fate = dice.random(len(lot.every))
    tail = -np.log1p(-fate) * given.income_above
    cases = {
        "poor": line * _between(given.income["poor"], fate),
        "near_poor": line * _between(given.income["near_poor"], fate),
        "average": line + STEP + fate * (edge - line - STEP),
        "farming": edge + STEP + edge * tail,
        "other": line + STEP + line * tail,
    }
    poor, near = (lot.state == state for state in STATES)
    exact = np.select([poor, near, average, farms], list(cases.values())[:-1], cases["other"])
    return STEP * np.floor(exact / STEP).astype(int)


def _between(ends: tuple[float, float], fate: np.ndarray) -> np.ndarray:
    return ends[0] + fate * (ends[1] - ends[0])


def _house(lot: Lot) -> dict[str, np.ndarray]:
    """Dwelling, water, toilet, information: as the household lacks them or not."""
    every = lot.every
    has = {
        "safe_water": Indicator.WATER,
        "hygienic_toilet": Indicator.TOILET,
        "uses_internet": Indicator.TELECOMS,
        "has_devices": Indicator.DEVICES,
    }
    return {
        **_structure(lot),
        "floor_area_m2": _floor(lot),
        **{name: ~every.lacks(indicator) for name, indicator in has.items()},
    }


def _structure(lot: Lot) -> dict[str, np.ndarray]:
    """Two of wall, frame and roof not durable, or all three; else one of them at most."""
    odd = np.floor(luck(lot.numbers, "structure") * 3).astype(int)
    other = luck(lot.numbers, "one_bad")
    lacked = lot.every.lacks(Indicator.HOUSING_QUALITY)
    durable = {}
    for number, part in enumerate(("wall", "frame", "roof")):
        one_good = (odd == number) & (other >= given.none_durable)
        one_bad = (odd == number) & (other < given.one_not_durable)
        durable[f"durable_{part}"] = np.where(lacked, one_good, ~one_bad)
    return durable


def _floor(lot: Lot) -> np.ndarray:
    """Whole m²: under eight a person where that is lacked, else eight and more."""
    fate, persons = luck(lot.numbers, "floor"), lot.every.persons
    crowded = np.floor(persons * _between(given.floor["lacking"], fate))
    roomy = np.ceil(persons * _between(given.floor["not_lacking"], fate**2))
    return np.where(lot.every.lacks(Indicator.HOUSING_AREA), crowded, roomy).astype(int)


def _causes(lot: Lot) -> dict[str, pd.arrays.BooleanArray]:
    """Asked of the poor alone."""
    named, poor = traits.causes(lot.every), lot.of("poor")
    return {
        cause: members.asked(named[:, number], poor) for number, cause in enumerate(traits.CAUSES)
    }


def _members(lot: Lot) -> pd.DataFrame:
    rows = members.table(Rows(lot.every, lot.numbers, lot.year))
    rows.insert(0, "household", lot.keys[rows.pop("home")])
    return rows


# --- Their past -----------------------------------------------------------------------------------


def _no_past() -> pd.DataFrame:
    return pd.DataFrame({"first": [], "left": [], "listed": []}, dtype=float)


def _returning(made: Made) -> dict[float, bool]:
    """Of each household that comes onto the lists from among the others, whether it comes back."""
    found: dict[float, bool] = {}
    for review in made.values():
        for state, moves in review.moves.items():
            for name in rest.ENTERING[state]:
                found |= dict.fromkeys(identity(moves[name]), name == "relapsed")
    return found


def _with_review(
    past: pd.DataFrame, lots: list[Lot], returning: Mapping[float, bool]
) -> pd.DataFrame:
    """By household: `first` year on the lists, the year that it last `left` them, whether it is
    `listed` now; of those seen for the first time, what the years before 2021 were."""
    year = lots[0].year
    now = pd.concat([_first_seen(lot, returning) for lot in lots])
    known = past.reindex(now.index)
    now["first"] = known["first"].fillna(now["first"])
    now["first"] = now["first"].fillna(now["listed"].map({True: year, False: None}).astype(float))
    left = known["left"].fillna(now["left"])
    leaves = (known["listed"] == 1) & ~now["listed"]
    now["left"] = left.mask(leaves, year).mask(now["listed"])
    return now.astype(float)


def _first_seen(lot: Lot, returning: Mapping[float, bool]) -> pd.DataFrame:
    """What the past of each household is, if it was in no register before."""
    listed, at_start = lot.of(*STATES), lot.year == YEARS[0]
    chance = luck(lot.numbers, "history") < _by_state(lot, given.listed_before)
    own = zip(identity(lot.every), chance & at_start, strict=True)
    before = np.array([returning.get(who, drawn) for who, drawn in own], dtype=bool)
    if not at_start:
        before &= ~listed
    first, last = given.left_before
    since = first + np.floor(luck(lot.numbers, "since") * (last - first + 1))
    columns = {
        "first": np.where(before, first - 1, np.nan),
        "left": np.where(before & ~listed, since, np.nan),
        "listed": listed,
    }
    return pd.DataFrame(columns, index=lot.keys)


# --- Tables and files -----------------------------------------------------------------------------


def _tables(
    houses: pd.DataFrame, persons: pd.DataFrame, past: pd.DataFrame, year: int
) -> dict[str, pd.DataFrame]:
    """Both tables as the contract has them, by unit and key; the past as of this review."""
    own = past.loc[houses["household"]]
    houses["was_listed"] = (own["first"] <= year - 2).to_numpy()
    houses["left_list"] = own["left"].to_numpy()
    houses = houses.sort_values(["unit", "household"], ignore_index=True)
    order = pd.Series(houses.index, index=houses["household"])
    persons = persons.loc[persons["household"].map(order).sort_values(kind="stable").index]
    found = {"households": houses, "members": persons.reset_index(drop=True)}
    return {name: _small(name, table) for name, table in found.items()}


def _small(name: str, table: pd.DataFrame) -> pd.DataFrame:
    columns = [column for column in contract(name).columns if column in table]
    types = {c: "boolean" for c in columns if table[c].dtype == bool}
    types |= {c: kind for c, kind in SMALL.items() if c in columns}
    types |= {c: "Int8" for c in ("age",) if c in columns}
    return table[columns].astype(types)


def write(folder: Path, year: int, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write `<year>/households.parquet` and `members.parquet`, which say what they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    (folder / str(year)).mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        found = pa.Table.from_pandas(table, preserve_index=False)
        told = {**(found.schema.metadata or {}), b"povsim": MARK.encode()}
        path = folder / str(year) / f"{name}.parquet"
        pq.write_table(found.replace_schema_metadata(told), path, compression="zstd")
