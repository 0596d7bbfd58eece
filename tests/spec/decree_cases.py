"""Made-up households for the tables of the decree: one that lacks nothing, and what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

COMMUNE, TOWN, NEW_TOWN = "23482@2021-01-01", "23479@2021-01-01", "23479@2025-07-01"
Row = Mapping[str, object]
Tables = tuple[pd.DataFrame, pd.DataFrame]

GOOD: Row = {
    "household": "h1",
    "unit": COMMUNE,
    "persons": 4,
    "income_vnd": 0,
    "durable_wall": True,
    "durable_frame": True,
    "durable_roof": True,
    "floor_area_m2": 80.0,
    "safe_water": True,
    "hygienic_toilet": True,
    "uses_internet": True,
    "has_devices": True,
    "uses_telephone": True,
    "has_tv_radio_computer": True,
    "hears_loudspeakers": True,
}
MEMBER: Row = {
    "age": 40,
    "can_work": True,
    "has_job": True,
    "for_wages": False,
    "has_contract": False,
    "on_benefit": False,
    "stunted_or_underweight": False,
    "insured": True,
    "schooled_for_age": True,
    "at_right_level": True,
    "untreated_illness": False,
    "finished_lower_secondary": True,
    "at_school": True,
}


def household(said: Row | None = None, members: Sequence[Row] | None = None) -> Tables:
    """The two tables of one household; `persons` counts the members unless it is said."""
    rows = [MEMBER] * 4 if members is None else members
    return register([({"persons": max(1, len(rows))} | dict(said or {}), rows)])


def register(rows: Iterable[tuple[Row, Sequence[Row]]]) -> Tables:
    """The two tables of households with their members; keys h1, h2 … unless they are said."""
    houses, people = [], []
    for number, (said, members) in enumerate(rows, 1):
        house = {**GOOD, "household": f"h{number}"} | dict(said)
        houses.append(house)
        people += [{"household": house["household"]} | dict(member) for member in members]
    columns = ["household", *MEMBER]
    table = pd.DataFrame(people, columns=columns, dtype=object if people else None)
    return pd.DataFrame(houses, dtype=object), table
