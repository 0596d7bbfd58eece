"""Small registers made up by hand, as tables and as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from decree_cases import GOOD, MEMBER, Row, register

from povsim import registers
from povsim.poverty import contract
from povsim.registers import Register
from povsim.vocabulary import Cause

STATES: dict[str, Row] = {
    "poor": {"income_vnd": 0, "safe_water": False, "hygienic_toilet": False, "has_devices": False},
    "near_poor": {"income_vnd": 0},
    "not_poor": {"income_vnd": 9_000_000},
}
"""What is said of a household of each state, but for what lacks nothing."""
ASKED: Row = {
    "people": "kinh",
    "farms": False,
    "no_labour": False,
    "merit": False,
    "female_head": False,
    "was_listed": False,
    "left_list": None,
    **dict.fromkeys(map(str, Cause), False),
}
House = tuple[Row, Sequence[Row]]


def house(state: str, said: Row | None = None, members: Sequence[Row] | None = None) -> House:
    """A household of a state with its members; four grown-ups unless it is said."""
    rows = [MEMBER] * 4 if members is None else members
    plain = {name: told for name, told in GOOD.items() if name != "household"}
    return {**plain, "persons": max(1, len(rows)), **ASKED, **STATES[state], **(said or {})}, rows


def tables(rows: Sequence[House]) -> dict[str, pd.DataFrame]:
    """Both tables of the register, with every column of the contract."""
    houses, members = register(rows)
    if not len(houses):
        houses = pd.DataFrame(columns=[*GOOD, *ASKED])
    found = {"households": houses, "members": members}
    return {
        name: table[[c for c in contract(name).columns if c in table]]
        for name, table in found.items()
    }


def held(rows: Sequence[House]) -> Register:
    """The register of them."""
    return registers.of_tables(**tables(rows))


def counted(
    now: Register, review: int, before: Register | None = None, unit: str | None = None
) -> dict[tuple[str, str, str], tuple[int | None, int | None]]:
    """Low and high by form, line and item; of one unit where there are several."""
    table = registers.aggregate(now, review, before)
    chosen = table if unit is None else table[table["unit"] == unit]
    return {
        (row.form, row.line, row.item): (
            None if pd.isna(row.low) else int(row.low),
            None if pd.isna(row.high) else int(row.high),
        )
        for row in chosen.itertuples()
    }


def write_csv(
    folder: Path, found: Mapping[str, pd.DataFrame], separator: str = ",", encoding: str = "utf-8"
) -> Path:
    """The tables as .csv, yes and no as true and false."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in found.items():
        table.map(_written).to_csv(
            folder / f"{name}.csv", sep=separator, index=False, encoding=encoding
        )
    return folder


def _written(cell: object) -> object:
    return str(cell).lower() if isinstance(cell, bool) else cell


def write_parquet(folder: Path, found: Mapping[str, pd.DataFrame]) -> Path:
    """The tables as .parquet, typed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in found.items():
        whole = registers.of_tables(**{name: table}) if name != "members" else None
        kept = getattr(whole, name) if whole else typed_members(table)
        kept.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def typed_members(table: pd.DataFrame) -> pd.DataFrame:
    nobody = pd.DataFrame({"household": [], "unit": []}, dtype=str)
    return registers.of_tables(households=nobody, members=table).members
