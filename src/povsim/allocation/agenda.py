"""What a plan leaves to be decided: units, lines, years, where they stand, what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from povsim.effects import Line
from povsim.scenarios import Scenario

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Agenda:
    """`years` are decided on, `by` is the year at whose end results are measured.

    Arrays (unit,): `households` all there are; `poor` the poor expected at the end of `by` under
    the current plan; `credit` by how many the current plan lowers them, against nothing, and
    `credit_by_draw` (draw,) of all units; `targets` the poor at most, NaN where a unit has none.
    `reach` (line, unit, year) how many a line can serve: as many as come, no more than the unit can
    serve.
    """

    units: tuple[str, ...]
    lines: Sequence[Line]
    years: tuple[int, ...]
    by: int
    current: Scenario
    households: Floats
    poor: Floats
    credit: Floats
    credit_by_draw: Floats
    targets: Floats
    reach: Floats

    @property
    def untreated(self) -> Floats:
        """The poor (unit,) expected at the end of `by` if nothing were paid."""
        return self.poor + self.credit

    def of_units(self, chosen: Counts) -> Agenda:
        """The same for some units (numbers)."""
        arrays = {
            name: getattr(self, name)[chosen]
            for name in ("households", "poor", "credit", "targets")
        }
        units = tuple(self.units[u] for u in chosen)
        return replace(self, units=units, reach=self.reach[:, chosen], **arrays)

    def line(self, name: str) -> Line:
        return next(line for line in self.lines if line.id == name)
