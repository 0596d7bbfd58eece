"""The nouns of the field and the contracts of every table that crosses a module."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

PERIOD = r"(\d{4})(?:-(H1|M0[1-57-9]|M1[01]))?"
"""A period as it is printed; June's is H1."""


@dataclass(frozen=True, order=True)
class Period:
    """A review year, or the part of it up to the end of a month: `2024`, `2024-H1`, `2024-M10`.

    >>> Period.parse("2024-H1"), str(Period(2024)), str(Period(2024, 10))
    (Period(year=2024, through=6), '2024', '2024-M10')
    """

    year: int
    through: int = 12

    @classmethod
    def parse(cls, written: str) -> Period:
        """Read the one printed form of a period.

        Raises:
            ValueError: anything but `2024`, `2024-H1` or `2024-M10`.
        """
        match = re.fullmatch(PERIOD, written)
        if not match:
            raise ValueError(f"period {written!r}: write it as 2024, 2024-H1 or 2024-M10")
        part = match[2] or ""
        return cls(int(match[1]), 6 if part == "H1" else int(part.removeprefix("M") or 12))

    def __str__(self) -> str:
        if self.through == 12:
            return str(self.year)
        return f"{self.year}-H1" if self.through == 6 else f"{self.year}-M{self.through:02d}"

    @property
    def whole(self) -> bool:
        """Whether it is the year-end review, not a part of the year."""
        return self.through == 12

    @property
    def end(self) -> date:
        """The last day of the period; units and standards are asked for on this day."""
        return _last_day(self.year, self.through)


@cache
def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


class State(StrEnum):
    """Where a household stands under the standard (the review's states)."""

    POOR = "poor"
    NEAR_POOR = "near_poor"
    NOT_POOR = "not_poor"


class Among(StrEnum):
    """Kinds of households among those that are not poor; they overlap."""

    RECENTLY_ESCAPED = "recently_escaped"
    AVERAGE_LIVING = "average_living"
    AVERAGE_LIVING_FARMING = "average_living_farming"


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


class FormerIndicator(StrEnum):
    """What QĐ 59/2015/QĐ-TTg asked for and Decree 07/2021/NĐ-CP does not."""

    HEALTH_CARE = "health_care"


class Group(StrEnum):
    """The groups of form F8; they overlap, so OTHER can be negative."""

    DTTS = "dtts"
    NO_LABOUR = "no_labour"
    MERIT = "merit"
    OTHER = "other"


class People(StrEnum):
    """The peoples of form F9, by the head of the household; all but the Kinh are DTTS."""

    KINH = "kinh"
    XO_DANG = "xo_dang"
    BA_NA = "ba_na"
    GIA_RAI = "gia_rai"
    GIE_TRIENG = "gie_trieng"
    BRAU = "brau"
    RO_MAM = "ro_mam"
    THAI = "thai"
    MUONG = "muong"
    OTHER = "other"


LOCAL_PEOPLES = frozenset(
    {
        People.XO_DANG,
        People.BA_NA,
        People.GIA_RAI,
        People.GIE_TRIENG,
        People.BRAU,
        People.RO_MAM,
    }
)
"""The peoples native to the province (tại chỗ), of forms F12 and F13."""


class Cause(StrEnum):
    """The causes of poverty of form F10; a household may name several."""

    LACK_LAND = "lack_land"
    LACK_CAPITAL = "lack_capital"
    LACK_LABOUR = "lack_labour"
    LACK_TOOLS = "lack_tools"
    LACK_KNOWLEDGE = "lack_knowledge"
    LACK_SKILLS = "lack_skills"
    ILLNESS = "illness"
    OTHER_CAUSE = "other_cause"


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

    Tables: `facts` (form cells; F1 to F13 and TX), `stocks`, `flows`, `deprivations`, `groups`.
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
        "period": pa.Column(str, pa.Check.str_matches(f"^{PERIOD}$")),
    }
    state = {"state": members(State)}
    both = {"households": counts(), "persons": counts()}
    tables: dict[str, dict[str, pa.Column]] = {
        "facts": {
            "form": pa.Column(str, pa.Check.str_matches(r"^[A-Z]+\d*$")),
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
