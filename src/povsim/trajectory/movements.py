"""Counts of households that moved in each year, every cell of F2 and F3, checked before any use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim.findings import Finding, Refusal
from povsim.trajectory.panel import Floats, labelled
from povsim.vocabulary import Flow, State

LEAVING = {
    State.POOR: (Flow.ESCAPED_TO_NEAR_POOR, Flow.ESCAPED_ABOVE, Flow.OTHER_DECREASE),
    State.NEAR_POOR: (Flow.FELL_TO_POOR, Flow.ESCAPED_ABOVE, Flow.OTHER_DECREASE),
}
ENTERING = {
    State.POOR: (Flow.NEAR_POOR_TO_POOR, Flow.RELAPSED, Flow.NEWLY_POOR, Flow.OTHER_INCREASE),
    State.NEAR_POOR: (
        Flow.POOR_TO_NEAR_POOR,
        Flow.RELAPSED,
        Flow.NEWLY_NEAR_POOR,
        Flow.OTHER_INCREASE,
    ),
}
Cell = tuple[State, Flow]
CELLS: tuple[Cell, ...] = tuple(
    (state, flow) for state in LEAVING for flow in (*LEAVING[state], *ENTERING[state])
)
"""The fourteen movements of F2 (poor) and F3 (near-poor), in the order of the forms' columns."""


@dataclass(frozen=True, eq=False)
class Movements:
    """Households that moved, of I units in T years that follow one another.

    `counts` has an array (unit, year) for every cell of `CELLS`; year t's moves lead from the
    review of t−1 to that of t. The arrays become read-only.

    Raises:
        Refusal: every fault at once. `movements_none` (no unit or year), `movements_gap` (a year
            is missing between others), `movements_incomplete` (missing counts: missing is not
            zero), `movements_impossible` (negative counts).
        ValueError: labels repeated or unordered, another set of cells, arrays of another shape.
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    counts: Mapping[Cell, Floats]

    def __post_init__(self) -> None:
        if set(self.counts) != set(CELLS):
            raise ValueError(f"cells that do not fit: {sorted(set(self.counts) ^ set(CELLS))}")
        held = {c: labelled(self.counts[c], str(c), self.units, self.years) for c in CELLS}
        object.__setattr__(self, "counts", MappingProxyType(held))
        if faults := list(self._faults()):
            raise Refusal(faults)

    @classmethod
    def from_flows(cls, table: pd.DataFrame) -> Movements:
        """The yearly rows of a long table of contract `flows`; months are left aside.

        Raises:
            Refusal: as the movements themselves; a missing row or count is named by unit and year.
        """
        yearly = table[table["period"].str.fullmatch(r"\d{4}")]
        units, periods = (sorted(set(yearly[key])) for key in ("unit", "period"))
        wide = yearly.pivot(
            index=["unit", "period"], columns=["state", "flow"], values="households"
        )
        rows = pd.MultiIndex.from_tuples(list(product(units, periods)), names=wide.index.names)
        wide = wide.reindex(index=rows)
        names = {cell: (str(cell[0]), str(cell[1])) for cell in CELLS}
        whole = {cell: wide.get(name) for cell, name in names.items()}
        shape = (len(units), len(periods))
        counts = {cell: _array(column, shape) for cell, column in whole.items()}
        return cls(tuple(units), tuple(int(period) for period in periods), counts)

    def leaving(self, state: State) -> Floats:
        """Households (unit, year) that left a state."""
        return self._sum(state, LEAVING[state])

    def entering(self, state: State) -> Floats:
        """Households (unit, year) that came into a state."""
        return self._sum(state, ENTERING[state])

    def escaped(self) -> Floats:
        """Households (unit, year) that left poverty for above the near-poor line."""
        return self.counts[State.POOR, Flow.ESCAPED_ABOVE]

    def without_last(self) -> Movements:
        """The movements as they were known a year earlier.

        Raises:
            Refusal: `movements_none`.
        """
        counts = {cell: array[:, :-1] for cell, array in self.counts.items()}
        return Movements(self.units, self.years[:-1], counts)

    def ordered(self, units: tuple[str, ...]) -> Movements:
        """The same movements with the units in another order, joined by name.

        Raises:
            Refusal: `movements_apart`, where the units are not the same.
        """
        if set(units) != set(self.units):
            apart = ", ".join(sorted(set(units) ^ set(self.units)))
            raise Refusal([Finding("movements_apart", values={"apart": apart})])
        rows = [self.units.index(unit) for unit in units]
        return Movements(units, self.years, {c: a[rows] for c, a in self.counts.items()})

    def _sum(self, state: State, flows: tuple[Flow, ...]) -> Floats:
        return np.asarray(np.sum([self.counts[state, flow] for flow in flows], axis=0))

    def _faults(self) -> Iterator[Finding]:
        every = np.stack([self.counts[cell] for cell in CELLS])
        if not self.units or not self.years:
            yield Finding("movements_none")
            return
        if skipped := sorted(set(range(self.years[0], self.years[-1])) - set(self.years)):
            yield Finding("movements_gap", values={"years": ", ".join(map(str, skipped))})
        missing = np.asarray(np.isnan(every).any(axis=0))
        if missing.any():
            yield Finding("movements_incomplete", values={"missing": named(self, missing)})
        wrong = np.asarray((every < 0).any(axis=0) | np.isinf(every).any(axis=0))
        if wrong.any():
            yield Finding("movements_impossible", values={"cells": named(self, wrong)})


def named(movements: Movements, marked: NDArray[np.bool_]) -> str:
    """Marked cells (unit, year) as words: `unit year, unit year`."""
    return ", ".join(f"{movements.units[i]} {movements.years[t]}" for i, t in np.argwhere(marked))


def _array(column: pd.Series | None, shape: tuple[int, int]) -> Floats:
    if column is None:
        return np.full(shape, np.nan)
    return column.to_numpy(dtype=float, na_value=np.nan).reshape(shape)
