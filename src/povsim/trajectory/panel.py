"""Counts of poor and near-poor households by unit and year, checked before any use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from povsim.findings import Finding, Refusal
from povsim.vocabulary import State

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

STATES = tuple(State)
"""The order of the first axis of a projection: poor, near-poor, not poor."""


def labelled(counts: ArrayLike, name: str, units: Sequence[str], years: Sequence[int]) -> Floats:
    """Counts (unit, year) of their own, read-only, that fit their labels.

    Raises:
        ValueError: labels repeated or unordered, or an array of another shape.
    """
    if len(set(units)) < len(units) or list(years) != sorted(set(years)):
        raise ValueError("units must be unique, years unique and increasing")
    held = np.array(counts, dtype=float)
    if held.shape != (len(units), len(years)):
        raise ValueError(f"{name}: shape {held.shape} is not units by years")
    held.setflags(write=False)
    return held


@dataclass(frozen=True, eq=False)
class Panel:
    """Counts of I units at T yearly reviews made under one standard.

    `years` increase and may have gaps; the arrays are (unit, year) and become read-only.

    Raises:
        Refusal: every fault at once. `panel_too_short` (under two years), `panel_incomplete`
            (missing counts), `panel_impossible` (negative, no household, parts above the whole).
        ValueError: labels repeated or unordered, or arrays of another shape.
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    households: Floats
    poor: Floats
    near_poor: Floats

    def __post_init__(self) -> None:
        for name in ("households", "poor", "near_poor"):
            object.__setattr__(
                self, name, labelled(getattr(self, name), name, self.units, self.years)
            )
        if faults := list(self._faults()):
            raise Refusal(faults)

    @classmethod
    def from_stocks(cls, stocks: pd.DataFrame) -> Panel:
        """The yearly rows of a long table of contract `stocks`; half-years are left aside.

        Raises:
            Refusal: as the panel itself; a missing row or count is named by unit and year.
        """
        yearly = stocks[stocks["period"].str.fullmatch(r"\d{4}")]
        units, periods = (sorted(set(yearly[key])) for key in ("unit", "period"))
        wide = yearly.pivot(index=["unit", "period"], columns="state", values="households")
        rows = pd.MultiIndex.from_tuples(list(product(units, periods)), names=wide.index.names)
        whole = wide.reindex(index=rows, columns=[str(state) for state in STATES])
        counts = whole.to_numpy(dtype=float, na_value=np.nan).reshape(len(units), len(periods), 3)
        years = tuple(int(period) for period in periods)
        return cls(tuple(units), years, counts.sum(axis=2), counts[..., 0], counts[..., 1])

    def without_last(self) -> Panel:
        """The panel as it was before its last review.

        Raises:
            Refusal: `panel_too_short`.
        """
        counts = (self.households[:, :-1], self.poor[:, :-1], self.near_poor[:, :-1])
        return Panel(self.units, self.years[:-1], *counts)

    def _faults(self) -> Iterator[Finding]:
        known = np.isfinite(self.households + self.poor + self.near_poor)
        parts = (self.poor < 0) | (self.near_poor < 0)
        over = (self.poor + self.near_poor > self.households) | (self.households < 1)
        if len(self.years) < 2 or not self.units:
            yield Finding("panel_too_short", values={"years": len(self.years)})
        if not known.all():
            yield Finding("panel_incomplete", values={"missing": self._cells(~known)})
        if (known & (parts | over)).any():
            yield Finding("panel_impossible", values={"cells": self._cells(known & (parts | over))})

    def _cells(self, marked: NDArray[np.bool_]) -> str:
        return ", ".join(f"{self.units[i]} {self.years[t]}" for i, t in np.argwhere(marked))
