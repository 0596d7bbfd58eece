"""The household register: the tables of answers, their contracts, and what they must not hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from povsim.findings import Finding, Refusal
from povsim.i18n import Word
from povsim.vocabulary import Cause, People

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pandera.pandas import DataFrameSchema

UNIT = r"[0-9]{5}@[0-9]{4}-[0-9]{2}-[0-9]{2}"
OLDEST = 130
YEARS = (1990, 2100)
DURABLE = ("durable_wall", "durable_frame", "durable_roof")
JUDGED = {
    "households": (
        *("household", "unit", "persons", "income_vnd", *DURABLE, "floor_area_m2"),
        *("safe_water", "hygienic_toilet", "uses_internet", "has_devices"),
    ),
    "members": (
        *("household", "age", "can_work", "has_job", "for_wages", "has_contract", "on_benefit"),
        *("stunted_or_underweight", "insured", "schooled_for_age", "at_right_level"),
    ),
    "scores": ("household", "unit", "b1", "b2"),
}
"""The columns that decide a household's state; the others say whose it is, and why."""


@cache
def contract(table: str) -> DataFrameSchema:
    """The columns of a table of the register; all answers are nullable: missing is not zero.

    `households`: a row each; `persons` counts its members, `income_vnd` is đồng a person and month,
    `people` is the head's; `farms` lives of agriculture, forestry, fishery or salt; `no_labour` is
    without labour capacity, `merit` has a member of merit (người có công); `was_listed` was poor or
    near-poor at some review before the last, `left_list` in which year's review it left the lists.
    `members`: a row each, no key of its own; `can_work` is of working age, able and willing,
    `for_wages` has a wage job, `on_benefit` is elderly or disabled on a monthly social benefit.
    `scores`: the sheets B1 (income) and B2 (10 points a deprivation) of a household.
    """
    import pandera.pandas as pa

    def number(kind: Any, *checks: Any) -> pa.Column:
        return pa.Column(kind, list(checks), nullable=True, coerce=True)

    def within(low: int, high: int | None = None) -> Any:
        if high is None:
            return pa.Check.ge(low, error="range")
        return pa.Check.in_range(low, high, error="range")

    def yes_no(*names: str) -> dict[str, pa.Column]:
        return {name: pa.Column(pd.BooleanDtype(), nullable=True, coerce=True) for name in names}

    integer, decimal = pd.Int64Dtype(), pd.Float64Dtype()
    pseudonym = pa.Check(_are_pseudonyms, error="key")
    identity = pa.Check(lambda units: units.str.fullmatch(UNIT), error="unit")
    household = pa.Column(str, pseudonym, coerce=True)
    key = {
        "household": pa.Column(str, pseudonym, unique=True, coerce=True),
        "unit": pa.Column(str, identity, coerce=True),
    }
    tens = pa.Check(lambda points: points % 10 == 0, error="tens")
    tables: dict[str, dict[str, pa.Column]] = {
        "households": key
        | {"persons": number(integer, within(1)), "income_vnd": number(integer)}
        | yes_no("durable_wall", "durable_frame", "durable_roof")
        | {"floor_area_m2": number(decimal, within(0))}
        | yes_no("safe_water", "hygienic_toilet", "uses_internet", "has_devices")
        | {"people": pa.Column(str, pa.Check.isin(list(People), error="people"), nullable=True)}
        | yes_no("farms", "no_labour", "merit", "female_head", "was_listed")
        | {"left_list": number(integer, within(*YEARS))}
        | yes_no(*Cause),
        "members": {"household": household, "age": number(integer, within(0, OLDEST))}
        | yes_no("can_work", "has_job", "for_wages", "has_contract", "on_benefit")
        | yes_no("stunted_or_underweight", "insured", "schooled_for_age", "at_right_level"),
        "scores": key | {"b1": number(integer), "b2": number(integer, within(0, 120), tens)},
    }
    return pa.DataFrameSchema(tables[table])


def _are_pseudonyms(keys: pd.Series[str]) -> pd.Series[bool]:
    """No spaces, so no whole name; some digit, so no single one; and never a bare number as long
    as those of identity cards and telephones, however it is parted.
    """
    shaped = keys.str.fullmatch(r"[A-Za-z0-9._-]{1,64}") & keys.str.contains(r"[0-9]")
    return shaped & ~keys.str.fullmatch(r"[._-]*(?:[0-9][._-]*){9,12}")


def checked(table: str, frame: pd.DataFrame, wanted: Collection[str]) -> pd.DataFrame:
    """The wanted columns of a table with their types, rows as they came.

    Raises:
        Refusal: columns that are missing or not the register's, and every broken rule with the
            number of rows, never a value: it might be somebody's name.
    """
    from pandera.errors import SchemaErrors

    schema = contract(table)
    _refuse_columns(table, list(map(str, frame.columns)), list(schema.columns), wanted)
    kept = [name for name in schema.columns if name in wanted]
    schema = schema.select_columns(kept)
    try:
        return schema.validate(frame[kept].reset_index(drop=True), lazy=True)
    except SchemaErrors as error:
        raise Refusal(list(_breaches(table, error.failure_cases))) from None


def _refuse_columns(
    table: str, given: list[str], known: list[str], wanted: Collection[str]
) -> None:
    """An answer nobody gave is an empty column; a column of our own would hide a wrong name."""
    missing = [name for name in known if name in wanted and name not in given]
    strange = [name for name in dict.fromkeys(given) if name not in known or given.count(name) > 1]
    findings = []
    if missing:
        values: dict[str, object] = {"table": table, "columns": ", ".join(missing)}
        findings.append(Finding("register_columns_missing", values=values))
    if strange:
        values = {"table": table, "columns": ", ".join(strange)}
        findings.append(Finding("register_columns_strange", values=values))
    if findings:
        raise Refusal(findings)


def _breaches(table: str, cases: pd.DataFrame) -> Iterator[Finding]:
    kinds = cases["check"].astype(str).map(_kind)
    columns = cases["column"].astype(str)
    for (column, kind), rows in cases.groupby([columns, kinds], sort=True):
        values = {
            "table": table,
            "column": column,
            "rule": Word(f"register.{kind}"),
            "rows": max(1, rows["index"].nunique()),
        }
        yield Finding("register_breach", values=values)


def _kind(check: str) -> str:
    if check in ("key", "unit", "range", "tens", "people"):
        return check
    if "unique" in check:
        return "unique"
    return "blank" if check == "not_nullable" else "type"


def homes(households: pd.DataFrame, members: pd.DataFrame) -> NDArray[np.intp]:
    """The place of each member's household in the table of households.

    Raises:
        Refusal: members of no household on file, or more of them than the household counts.
    """
    import numpy as np

    home: NDArray[np.intp] = pd.Index(households["household"]).get_indexer(
        pd.Index(members["household"])
    )
    listed = np.bincount(home[home >= 0], minlength=len(households))
    persons = households["persons"].to_numpy(np.int64, na_value=np.iinfo(np.int64).max)
    findings = [
        Finding(rule, values={"rows": int(rows)})
        for rule, rows in (
            ("register_no_household", (home < 0).sum()),
            ("register_too_many_members", (listed > persons).sum()),
        )
        if rows
    ]
    if findings:
        raise Refusal(findings)
    return home
