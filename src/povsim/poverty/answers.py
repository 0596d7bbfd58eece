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


def answered(column: pd.Series[Any]) -> Answer:
    """A nullable column of yes and no."""
    return _where(column.to_numpy(bool, na_value=False), column)


def at_most(column: pd.Series[Any], limit: object) -> Answer:
    """Whether figures are at or below a limit (a number, or an array of one a row)."""
    return _where((column <= limit).to_numpy(bool, na_value=False), column)


def below(column: pd.Series[Any], limit: object) -> Answer:
    """Whether figures are below a limit."""
    return _where((column < limit).to_numpy(bool, na_value=False), column)


def _where(yes: Flags, column: pd.Series[Any]) -> Answer:
    """Yes where it is answered so; may be so where nothing is answered."""
    return Answer(yes, yes | column.isna().to_numpy(bool))


def per_household(rows: Flags, home: Places, households: int) -> NDArray[np.int64]:
    """How many flagged rows of members each household has; `home` is its place by row."""
    return np.bincount(home[rows], minlength=households)
