"""The door to HiGHS: a model that grows by columns and rows and is solved again from where it was.

Of the two doors (`highspy`, `scipy.optimize`) this one: it starts anew from the last basis, which
column generation and prices by re-solving live on (measured in `benchmarks/allocation.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
INFINITY = float("inf")
Entries: TypeAlias = Sequence[tuple[Counts, Floats]]


DUAL, PRIMAL = 1, 4
"""HiGHS's numbers of its simplex methods."""


NO_ANSWER = 1e29
"""HiGHS's value where it has none."""
LARGE = 20_000
"""Rows beyond which the interior point is faster; its answer lies within, not at a corner."""


class Status(StrEnum):
    """How a solve ended; `LIMIT` with an answer that may not be the best."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    LIMIT = "limit"


@dataclass(frozen=True, eq=False)
class Solved:
    """An answer: its value (lower is better), each variable's, each row's price; `bound` no answer
    is better than. Without variables where time ended before any answer was found."""

    status: Status
    value: float
    bound: float
    at: Floats
    prices: Floats


@cache
def _greet() -> None:
    """HiGHS greets on the standard output where it is first made: let nobody read that."""
    import highspy

    made: Any = highspy.Highs
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        made()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


class Model:
    """A linear programme to be minimised, whole numbers where asked."""

    def __init__(self) -> None:
        import highspy

        _greet()
        made: Any = highspy.Highs
        self._kinds, self._highs = highspy, made()
        self._highs.setOptionValue("output_flag", False)
        self.columns = self.rows = 0
        self.costs = np.zeros(0)
        self.whole: list[int] = []

    def rows_of(self, low: Any, high: Any) -> Counts:
        """New empty rows between bounds, their numbers."""
        low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
        none = np.zeros(0, dtype=np.int32)
        starts = np.zeros(len(low), dtype=np.int32)
        low, high = np.array(low), np.array(high)
        self._highs.addRows(len(low), low, high, 0, starts, none, np.zeros(0))
        self.rows += len(low)
        return np.arange(self.rows - len(low), self.rows)

    def row(self, low: float, high: float, columns: Any, factors: Any) -> int:
        """A new row of some variables, its number."""
        columns = np.asarray(columns, dtype=np.int32)
        self._highs.addRow(low, high, len(columns), columns, np.asarray(factors, dtype=float))
        self.rows += 1
        return self.rows - 1

    def variables(
        self, cost: Floats, low: Any, high: Any, entries: Entries = (), *, whole: bool = False
    ) -> Counts:
        """New variables, their numbers; each of `entries` is a row and factor for each of them."""
        count = len(cost)
        rows = np.concatenate([row for row, _ in entries]) if entries else np.zeros(0, np.int64)
        factors = np.concatenate([each for _, each in entries]) if entries else np.zeros(0)
        places = np.tile(np.arange(count), len(entries))
        return self.columns_of(count, rows, places, factors, cost, low, high, whole=whole)

    def columns_of(
        self,
        count: int,
        rows: Counts,
        places: Counts,
        factors: Floats,
        cost: Any = 0.0,
        low: Any = 0.0,
        high: Any = INFINITY,
        *,
        whole: bool = False,
    ) -> Counts:
        """New variables from the rows, places (which variable) and factors of their entries."""
        order = np.lexsort((rows, places))
        starts = np.searchsorted(places[order], np.arange(count))
        costs, lows, highs = (np.full(count, each, dtype=float) for each in (cost, low, high))
        of_rows, of_factors = rows[order].astype(np.int32), np.asarray(factors[order], float)
        starts = starts.astype(np.int32)
        self._highs.addCols(count, costs, lows, highs, len(of_rows), starts, of_rows, of_factors)
        numbers = np.arange(self.columns, self.columns + count)
        self.columns += count
        self.costs = np.concatenate([self.costs, costs])
        if whole:
            self.whole += numbers.tolist()
        return numbers

    def cost(self, columns: Any, costs: Any) -> None:
        """Change what variables cost."""
        columns, costs = np.asarray(columns, dtype=np.int32), np.asarray(costs, dtype=float)
        self.costs[columns] = costs
        self._highs.changeColsCost(len(columns), columns, costs)

    @contextmanager
    def aimed_as_before(self) -> Iterator[None]:
        """Whatever costs are changed meanwhile are as they were afterwards."""
        costs = self.costs.copy()
        try:
            yield
        finally:
            self.cost(np.arange(len(costs)), costs)

    def bound_row(self, row: int, low: float, high: float) -> None:
        """Change a row's bounds."""
        self._highs.changeRowBounds(int(row), low, high)

    def bound(self, columns: Any, low: Any, high: Any) -> None:
        """Change variables' bounds."""
        columns = np.asarray(columns, dtype=np.int32)
        self._highs.changeColsBounds(
            len(columns), columns, np.asarray(low, dtype=float), np.asarray(high, dtype=float)
        )

    def solve(
        self,
        *,
        whole: bool = False,
        seconds: float = INFINITY,
        gap: float = 0.0,
        primal: bool = False,
    ) -> Solved:
        """The best answer; variables that must be whole are so only where asked here.

        `primal` is the faster way where only costs have changed since the last answer.
        """
        strategy = PRIMAL if primal else DUAL
        self._highs.setOptionValue("simplex_strategy", strategy)
        if self.rows > LARGE and not whole:
            self._highs.setOptionValue("solver", "ipm")
            self._highs.setOptionValue("run_crossover", "off")
        kinds = self._kinds
        for number in self.whole:
            kind = kinds.HighsVarType.kInteger if whole else kinds.HighsVarType.kContinuous
            self._highs.changeColIntegrality(number, kind)
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + seconds)
        self._highs.setOptionValue("mip_rel_gap", gap)
        self._highs.run()
        if not self._is_answered():  # it lost its way from where it was: once more from nowhere
            self._highs.clearSolver()
            self._highs.setOptionValue("simplex_strategy", DUAL)
            self._highs.run()
        return self._solved(whole and bool(self.whole))

    def _is_answered(self) -> bool:
        """Whether the last run ended with an answer, or in that there is none."""
        statuses = self._kinds.HighsModelStatus
        return self._highs.getModelStatus() in (
            statuses.kOptimal,
            statuses.kInfeasible,
            statuses.kUnboundedOrInfeasible,
            statuses.kTimeLimit,
        )

    def _solved(self, whole: bool) -> Solved:
        status, info = self._highs.getModelStatus(), self._highs.getInfo()
        answer, kinds = self._highs.getSolution(), self._kinds
        at, value = np.array(answer.col_value), float(info.objective_function_value)
        prices = np.array(answer.row_dual)
        if status == kinds.HighsModelStatus.kOptimal:
            bound = float(info.mip_dual_bound) if whole else value
            return Solved(Status.OPTIMAL, value, bound, at, prices)
        if status in (
            kinds.HighsModelStatus.kInfeasible,
            kinds.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            return Solved(Status.INFEASIBLE, INFINITY, INFINITY, at, prices)
        if whole and status == kinds.HighsModelStatus.kTimeLimit:
            found = at if np.isfinite(value) and abs(value) < NO_ANSWER else np.zeros(0)
            return Solved(Status.LIMIT, value, float(info.mip_dual_bound), found, prices)
        raise RuntimeError(f"HiGHS ended with {self._highs.modelStatusToString(status)}")
