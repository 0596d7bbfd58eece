"""Which answers are still open, so that somebody can go and ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povsim.poverty.indicators import ASKED
from povsim.registers.cells import TEXT
from povsim.registers.judged import Judged, judge
from povsim.registers.tables import Register
from povsim.vocabulary import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from povsim.poverty.thresholds import Asked

    Flags = NDArray[np.bool_]
    Open = tuple[str, Flags]

COLUMNS = ["household", "unit", "may_be", "columns"]
UNLISTED = "members"
"""Persons of whom the register says nothing at all."""


def open_answers(register: Register, review: int) -> pd.DataFrame:
    """The households whose state is not decided, and what to ask so that it is.

    Returns:
        `household, unit, may_be, columns`, by unit and key: the states it may be in, and the
        columns that hold no answer and bear on it, each apart by a blank. `members.age` is asked
        of a member, `members` alone means persons that are not listed. With all of them answered
        the state is decided; some of them may do.

    Raises:
        Refusal: as `aggregate`.
    """
    return of_judged(judge(register, review))


def of_judged(now: Judged) -> pd.DataFrame:
    """The same of a register that is judged already."""
    undecided = now.states["state"].isna().to_numpy(bool)
    table = now.households.loc[undecided, ["household", "unit"]].assign(
        may_be=_joined([(s, now.are(s).may) for s in map(str, State)], undecided),
        columns=_joined(list(_asked(now)), undecided),
    )
    return table.sort_values(["unit", "household"], ignore_index=True)[COLUMNS].astype(TEXT)


def _joined(named: list[Open], rows: Flags) -> list[str]:
    """The names that hold of each of some rows."""
    held = np.array([flags[rows] for _, flags in named]).T
    return [" ".join(n for (n, _), here in zip(named, row, strict=True) if here) for row in held]


def _asked(now: Judged) -> Iterator[Open]:
    """Every column, and of which households it is open and bears on the state."""
    if now.register.scores is not None:
        yield from (_blank(now.register.scores, name) for name in ("b1", "b2"))
        return
    yield _blank(now.households, "income_vnd")
    asked: dict[str, Flags] = {}
    for indicator in now.held.thresholds:
        for name, flags in _of_indicator(now, indicator):
            asked[name] = asked.get(name, np.zeros_like(flags)) | flags
    yield from asked.items()


def _blank(table: pd.DataFrame, name: str) -> Open:
    return name, table[name].isna().to_numpy(bool)


def _of_indicator(now: Judged, indicator: Asked) -> Iterator[Open]:
    """What is open of an indicator, in the households that nobody knows to lack it or not."""
    answer = now.lacks(indicator)
    undecided = answer.may & ~answer.sure
    names = ASKED[now.held.thresholds[indicator].rule]
    of_members = [name for name in names if name in now.members]
    for name in (name for name in names if name in now.households):
        yield name, undecided & now.households[name].isna().to_numpy(bool)
    if of_members:
        yield UNLISTED, undecided & ((now.unlisted.high > 0) | now.unlisted.endless)
        bearing = _bearing(now, indicator)
        for name in of_members:
            blank = bearing & now.members[name].isna().to_numpy(bool)
            counted = np.bincount(now.home[blank], minlength=len(undecided))
            yield f"members.{name}", undecided & (counted > 0)


def _bearing(now: Judged, indicator: Asked) -> Flags:
    """The members whose own answer is open; of dependants, any may be."""
    found = now.members_lack(indicator)
    return np.ones(len(now.members), bool) if found is None else found.may & ~found.sure
