"""Yes, no, or not known: what follows from answers of which some are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Places = NDArray[np.intp]


@dataclass(frozen=True)
class Answer:
    """One question over many rows: where it is surely so, and where it may be.

    `may` holds wherever `sure` does; between them lie the rows that nobody has answered. `&`, `|`
    and `~` are Kleene's: a missing answer stays missing only where it decides.
    """

    sure: Flags
    may: Flags

    def __and__(self, other: Answer) -> Answer:
        return Answer(self.sure & other.sure, self.may & other.may)

    def __or__(self, other: Answer) -> Answer:
        return Answer(self.sure | other.sure, self.may | other.may)

    def __invert__(self) -> Answer:
        return Answer(~self.may, ~self.sure)

    def column(self) -> pd.arrays.BooleanArray:
        """As a nullable column: True, False, missing.

        >>> Answer(np.array([True, False, False]), np.array([True, False, True])).column().tolist()
        [True, False, <NA>]
        """
        return pd.arrays.BooleanArray(self.sure.copy(), self.sure ^ self.may)


def known(flags: Flags) -> Answer:
    """What is known of every row."""
    return Answer(flags, flags)


def unanswered(rows: int) -> Answer:
    """What nobody was asked."""
    return Answer(np.zeros(rows, bool), np.ones(rows, bool))


def answered(column: pd.Series[Any]) -> Answer:
    """A column of yes and no, plain or nullable."""
    return _where(column.to_numpy(bool, na_value=False), column)


def at_most(column: pd.Series[Any], limit: Any) -> Answer:
    """Whether figures are at or below a limit (a number, or an array of one a row)."""
    return _where(_figures(column) <= limit, column)


def below(column: pd.Series[Any], limit: Any) -> Answer:
    """Whether figures are below a limit."""
    return _where(_figures(column) < limit, column)


def _figures(column: pd.Series[Any]) -> NDArray[Any]:
    """The bare figures, each missing one as 0: pandas' own comparisons cost several times more."""
    plain: Any = getattr(column.dtype, "numpy_dtype", column.dtype)
    if column.dtype == object:
        return column.to_numpy(float, na_value=np.nan)
    return column.to_numpy(plain, na_value=0)


def _where(yes: Flags, column: pd.Series[Any]) -> Answer:
    """Yes where it is answered so; may be so where nothing is answered."""
    unknown = column.isna().to_numpy(bool)
    if not unknown.any():
        return known(yes)
    return Answer(yes & ~unknown, yes | unknown)


def per_household(rows: Flags, home: Places, households: int) -> NDArray[np.int64]:
    """How many flagged rows of members each household has; `home` is its place by row."""
    # Summing all rows, most of them 0, is faster than picking those that are flagged first.
    return np.bincount(home, weights=rows, minlength=households).astype(np.int64)
