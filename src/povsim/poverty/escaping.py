"""Who left the lists of the poor not long ago, by the register and by the review before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim import rules
from povsim.findings import Finding, Refusal
from povsim.i18n import Word
from povsim.poverty.answers import Answer, answered, unanswered
from povsim.poverty.register import places
from povsim.vocabulary import State

if TYPE_CHECKING:
    Before = pd.Series[Any] | pd.DataFrame
    """The states at the review before: a Series of states by household key, or a table as
    `classify` gives it, or one with `state`, with a column or index `household`."""

MONTHS_A_REVIEW = 12
REGISTERED = ("was_listed", "left_list")
"""What the register says of a household's past."""


def recently_escaped(
    households: pd.DataFrame, review: int, not_poor: Answer, before: Before | None = None
) -> Answer:
    """Who is not poor now and left the lists at most so many months ago (`rules`).

    Who left is told by `left_list`, this review's year too; where it is blank, a household that
    was never listed did not, and one that was may have. Who left at this very review follows from
    the states `before` as well, where they are given.

    Raises:
        Refusal: states before that are none, or of a household twice.
    """
    left = _left(households, review)
    if before is not None:
        left |= _listed(before, households["household"])
    return not_poor & left


def _left(households: pd.DataFrame, review: int) -> Answer:
    rows = len(households)
    listed = answered(households["was_listed"]) if "was_listed" in households else unanswered(rows)
    year = np.full(rows, np.nan)
    if "left_list" in households:
        year = households["left_list"].to_numpy(np.float64, na_value=np.nan)
    months = MONTHS_A_REVIEW * (review - year)
    # A year still to come is of a register made later: at this review it had not left so yet.
    recent = (months >= 0) & (months <= rules.recently_escaped().months)
    return Answer(recent, recent | (np.isnan(year) & listed.may))


def _listed(before: Before, sought: pd.Series[Any]) -> Answer:
    """Who was on a list at the review before; open for a household that it did not hold."""
    keys, off = _states(before)
    if not keys.is_unique or keys.isna().any():
        raise _breach("household", "unique", int(keys.duplicated().sum() + keys.isna().sum()))
    row = places(keys, sought)
    return ~Answer(np.append(off.sure, False)[row], np.append(off.may, True)[row])


def _states(before: Before) -> tuple[pd.Series[Any], Answer]:
    """The keys of the review before, and who was on no list."""
    if isinstance(before, pd.Series):
        return pd.Series(before.index), _off(before)
    keys = before["household"] if "household" in before else pd.Series(before.index)
    not_poor = str(State.NOT_POOR)
    off = answered(before[not_poor]) if not_poor in before else _off(before["state"])
    return keys.reset_index(drop=True), off


def _off(states: pd.Series[Any]) -> Answer:
    unknown = states.isna().to_numpy(bool)
    strange = ~(states.isin(list(map(str, State))).to_numpy(bool) | unknown)
    if strange.any():
        raise _breach("state", "state", int(strange.sum()))
    off = states.isin([str(State.NOT_POOR)]).to_numpy(bool)
    return Answer(off, off | unknown)


def _breach(column: str, rule: str, rows: int) -> Refusal:
    values: dict[str, object] = {"table": "before", "column": column, "rows": rows}
    return Refusal([Finding("register_breach", values=values | {"rule": Word(f"register.{rule}")})])
