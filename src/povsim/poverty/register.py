"""The household register: the tables of answers, their contracts, and what they must not hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim.findings import Finding, Refusal
from povsim.i18n import Word
from povsim.poverty.soundness import BOUNDS, UNIT, are_pseudonyms, keeps
from povsim.vocabulary import Cause, People

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandera.pandas import DataFrameSchema

SCORES = ("household", "unit", "b1", "b2")


@cache
def contract(table: str) -> DataFrameSchema:
    """The columns of a table of the register; all answers are nullable: missing is not zero.

    `households`: a row each; `persons` counts its members, `income_vnd` is đồng a person and month,
    `uses_internet` and `uses_telephone` say it of any member, `hears_loudspeakers` is of those of
    commune or village; `people` is the head's; `farms` lives of agriculture, forestry, fishery or
    salt; `no_labour` is without labour capacity, `merit` has a member of merit (người có công);
    `was_listed` was poor or near-poor at some review before the last, `left_list` in which year's
    review it left the lists.
    `members`: a row each, no key of its own; `can_work` is of working age, able and willing,
    `for_wages` has a wage job, `on_benefit` is elderly or disabled on a monthly social benefit;
    `untreated_illness` was so ill or hurt as to stay in bed and be cared for, or to stop work or
    school, and not examined or treated.
    `scores`: the sheets B1 (income) and B2 (10 points a deprivation) of a household.
    """
    import pandera.pandas as pa

    tens = pa.Check(lambda points: points % 10 == 0, error="tens")

    def numbers(kind: Any, *names: str) -> dict[str, pa.Column]:
        made = {}
        for name in names:
            low, high = BOUNDS.get(name, (None, None))
            checks = [] if low is None else [pa.Check.ge(low, error="range")]
            checks += [] if high is None else [pa.Check.le(high, error="range")]
            checks += [tens] if name == "b2" else []
            made[name] = pa.Column(kind, checks, nullable=True, coerce=True)
        return made

    def yes_no(*names: str) -> dict[str, pa.Column]:
        return {name: pa.Column(pd.BooleanDtype(), nullable=True, coerce=True) for name in names}

    integer, decimal = pd.Int64Dtype(), pd.Float64Dtype()
    pseudonym = pa.Check(are_pseudonyms, error="key")
    identity = pa.Check(lambda units: units.str.fullmatch(UNIT), error="unit")
    household = pa.Column(str, pseudonym, coerce=True)
    key = {
        "household": pa.Column(str, pseudonym, unique=True, coerce=True),
        "unit": pa.Column(str, identity, coerce=True),
    }
    tables: dict[str, dict[str, pa.Column]] = {
        "households": key
        | numbers(integer, "persons", "income_vnd")
        | yes_no("durable_wall", "durable_frame", "durable_roof")
        | numbers(decimal, "floor_area_m2")
        | yes_no("safe_water", "hygienic_toilet", "uses_internet", "has_devices")
        | yes_no("uses_telephone", "has_tv_radio_computer", "hears_loudspeakers")
        | {"people": pa.Column(str, pa.Check.isin(list(People), error="people"), nullable=True)}
        | yes_no("farms", "no_labour", "merit", "female_head", "was_listed")
        | numbers(integer, "left_list")
        | yes_no(*Cause),
        "members": {"household": household}
        | numbers(integer, "age")
        | yes_no("can_work", "has_job", "for_wages", "has_contract", "on_benefit")
        | yes_no("stunted_or_underweight", "insured", "schooled_for_age", "at_right_level")
        | yes_no("untreated_illness", "finished_lower_secondary", "at_school"),
        "scores": key | numbers(integer, "b1", "b2"),
    }
    return pa.DataFrameSchema(tables[table])


def checked(
    table: str, frame: pd.DataFrame, wanted: Collection[str], welcome: Collection[str] = ()
) -> pd.DataFrame:
    """The wanted columns of a table with their types, and the welcome ones that it has, rows as
    they came. Columns that are typed well already stay as they are.

    Raises:
        Refusal: wanted columns that are missing or columns that are not the register's, and every
            broken rule with the number of rows, never a value: it might be somebody's name.
    """
    from pandera.errors import SchemaErrors

    schema = contract(table)
    given = list(map(str, frame.columns))
    _refuse_columns(table, given, list(schema.columns), wanted)
    kept = [
        name for name in schema.columns if name in wanted or (name in welcome and name in given)
    ]
    schema = schema.select_columns(kept)
    plain = frame[kept].reset_index(drop=True)
    if keeps(schema, plain):
        return plain
    try:
        return schema.validate(plain, lazy=True)
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
    home = places(households["household"], members["household"])
    strays = home < 0
    listed = np.bincount(home[~strays] if strays.any() else home, minlength=len(households))
    persons = households["persons"].to_numpy(np.float64, na_value=np.inf)
    findings = [
        Finding(rule, values={"rows": int(rows)})
        for rule, rows in (
            ("register_no_household", strays.sum()),
            ("register_too_many_members", (listed > persons).sum()),
        )
        if rows
    ]
    if findings:
        raise Refusal(findings)
    return home


def places(keys: pd.Series[Any], sought: pd.Series[Any]) -> NDArray[np.intp]:
    """The row of each sought key among the keys, -1 where there is none.

    Of Categoricals each category is looked up once. A whole number is the key of its digits.
    """
    if isinstance(sought.dtype, pd.CategoricalDtype):
        names = pd.Series(sought.cat.categories)
        return np.append(places(keys, names), -1)[sought.cat.codes.to_numpy()]
    if isinstance(keys.dtype, pd.CategoricalDtype):
        at = np.full(len(keys.cat.categories) + 1, -1, np.intp)
        at[keys.cat.codes.to_numpy()] = np.arange(len(keys))
        return at[places(pd.Series(keys.cat.categories), sought)]
    if keys.dtype.kind != sought.dtype.kind:
        keys, sought = keys.astype(str), sought.astype(str)
    if keys.dtype.kind == "O" and len(sought) > len(keys):
        # Texts are looked up slowly, and members of a household all name the same.
        code, once = pd.factorize(sought)
        return _looked_up(keys, once)[code]
    return _looked_up(keys, sought)


def _looked_up(keys: Any, sought: Any) -> NDArray[np.intp]:
    found: NDArray[np.intp] = pd.Index(keys).get_indexer(pd.Index(sought))
    return found
