"""The nouns of the field and the contracts of every table that crosses a module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Literal

import pandas as pd

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema


@dataclass(frozen=True, order=True)
class Period:
    """A review year, or its first half: `2024`, `2024-H1`.

    >>> Period.parse("2024-H1"), str(Period(2024))
    (Period(year=2024, half=1), '2024')
    """

    year: int
    half: Literal[1] | None = None

    @classmethod
    def parse(cls, written: str) -> Period:
        """Read the one printed form of a period.

        Raises:
            ValueError: anything but `2024` or `2024-H1`.
        """
        match = re.fullmatch(r"(\d{4})(-H1)?", written)
        if not match:
            raise ValueError(f"period {written!r}: write it as 2024 or 2024-H1")
        return cls(int(match[1]), 1 if match[2] else None)

    def __str__(self) -> str:
        return f"{self.year}-H1" if self.half else str(self.year)

    @property
    def end(self) -> date:
        """The last day of the period; units and standards are asked for on this day."""
        return date(self.year, 6, 30) if self.half else date(self.year, 12, 31)


class State(StrEnum):
    """Where a household stands under the standard (the review's states)."""

    POOR = "poor"
    NEAR_POOR = "near_poor"
    NOT_POOR = "not_poor"


class Indicator(StrEnum):
    """The twelve deprivations of Decree 07/2021/NĐ-CP, in the order of the forms."""

    JOB = "job"
    DEPENDANTS = "dependants"
    NUTRITION = "nutrition"
    HEALTH_INSURANCE = "health_insurance"
    ADULT_SCHOOLING = "adult_schooling"
    CHILD_SCHOOLING = "child_schooling"
    HOUSING_QUALITY = "housing_quality"
    HOUSING_AREA = "housing_area"
    WATER = "water"
    TOILET = "toilet"
    TELECOMS = "telecoms"
    DEVICES = "devices"


class Group(StrEnum):
    """The groups of form F8; they overlap, so OTHER can be negative."""

    DTTS = "dtts"
    NO_LABOUR = "no_labour"
    MERIT = "merit"
    OTHER = "other"


class Flow(StrEnum):
    """Movements of forms F2 and F3 within a year; the closing adds them up by `SIGN`."""

    ESCAPED_TO_NEAR_POOR = "escaped_to_near_poor"
    POOR_TO_NEAR_POOR = "poor_to_near_poor"
    FELL_TO_POOR = "fell_to_poor"
    NEAR_POOR_TO_POOR = "near_poor_to_poor"
    ESCAPED_ABOVE = "escaped_above"
    OTHER_DECREASE = "other_decrease"
    RELAPSED = "relapsed"
    NEWLY_POOR = "newly_poor"
    NEWLY_NEAR_POOR = "newly_near_poor"
    OTHER_INCREASE = "other_increase"


class Origin(StrEnum):
    """Whose figure it is: an office's own, somebody's published one, or our seeded sample."""

    OFFICIAL = "official"
    PUBLISHED = "published"
    SAMPLE = "sample"


class Standing(StrEnum):
    """How far a unit is from its target, by the chance of meeting it (thresholds in the plan)."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"


@cache
def contract(table: str) -> DataFrameSchema:
    """The column contract of a long table: names, types, ranges, unique keys.

    Tables: `facts` (form cells), `stocks`, `flows`, `deprivations`, `groups`.
    Counts are nullable integers: missing is not zero.
    """
    import pandera.pandas as pa

    def members(kind: type[StrEnum]) -> pa.Column:
        return pa.Column(str, pa.Check.isin([str(member) for member in kind]))

    def counts(minimum: int | None = 0) -> pa.Column:
        checks = [] if minimum is None else [pa.Check.ge(minimum)]
        return pa.Column(pd.Int64Dtype(), checks, nullable=True)

    key = {
        "unit": pa.Column(str, pa.Check.str_matches(r"^\d{5}@\d{4}-\d{2}-\d{2}$")),
        "period": pa.Column(str, pa.Check.str_matches(r"^\d{4}(-H1)?$")),
    }
    state = {"state": members(State)}
    both = {"households": counts(), "persons": counts()}
    tables: dict[str, dict[str, pa.Column]] = {
        "facts": {
            "form": pa.Column(str, pa.Check.str_matches(r"^F\d+$")),
            "line": pa.Column(str, pa.Check.isin(["households", "persons"])),
            "item": pa.Column(str),
            "value": counts(None),
        },
        "stocks": state | both,
        "flows": state | {"flow": members(Flow)} | both,
        "deprivations": state | {"indicator": members(Indicator), "households": counts()},
        "groups": state
        | {"group": members(Group), "households": counts(None), "persons": counts(None)},
    }
    columns = key | tables[table]
    unique = [name for name in columns if name not in ("value", "households", "persons")]
    return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=unique)


def checked(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame sorted by its keys and held against its contract.

    Raises:
        pandera.errors.SchemaErrors: every breach at once.
    """
    schema = contract(table)
    keys = [name for name in schema.columns if name not in ("value", "households", "persons")]
    ordered = frame[list(schema.columns)].sort_values(keys, ignore_index=True)
    return schema.validate(ordered, lazy=True)
