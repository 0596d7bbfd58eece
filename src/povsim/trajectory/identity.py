"""Whether movements can carry a forecast: they balance, the forms agree, and they are gross.

Published escapes are sometimes the mere difference of two stocks: then hardly anybody comes in,
and hazards taken from them would be too low on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from povsim.findings import Finding, Severity
from povsim.trajectory.movements import Movements, named
from povsim.trajectory.panel import Floats, Panel
from povsim.vocabulary import Flow, State

RESIDUAL = 0.02
"""Most of a stock that a year's movements may leave unexplained."""
LEAST_INFLOW = 0.005
"""Least share of the stock that comes in within a year where movements are gross."""
FEWEST_YEARS = 2


@dataclass(frozen=True)
class Verdict:
    """Whether the flow model may be used, and why in findings that both languages can tell.

    `rule` of a reason is its code, `values` its figures. Usable movements have one reason too,
    `flows_used`, a note.
    """

    usable: bool
    reasons: tuple[Finding, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons."""
        return tuple(reason.rule for reason in self.reasons)


def check_flows(panel: Panel, movements: Movements) -> Verdict:
    """Hold movements against the stocks they should explain; every reason at once.

    P_t = P_{t−1} − leaving + entering within 2 % of P_{t−1}, for both states; F2.2 = F3.5 and
    F2.5 = F3.2; inflow at least .5 % of the stock over all years; two years at least, with the
    stocks before and after.
    """
    if apart := _apart(panel, movements):
        return _refused([apart])
    movements = movements.ordered(panel.units)
    found = [*_short(movements), *_open(panel, movements), *_unlike(movements)]
    found += _net(panel, movements)
    if found:
        return _refused(found)
    years = len(movements.years)
    return Verdict(True, (Finding("flows_used", values={"years": years}, severity=Severity.NOTE),))


def before_and_after(panel: Panel, movements: Movements, counts: Floats) -> tuple[Floats, Floats]:
    """Stocks (unit, year) at the reviews that open and close each year of movements."""
    at = [panel.years.index(year) for year in movements.years]
    opening = [panel.years.index(year - 1) for year in movements.years]
    return counts[:, opening], counts[:, at]


def _refused(found: list[Finding]) -> Verdict:
    return Verdict(False, tuple(found))


def _note(rule: str, **values: object) -> Finding:
    return Finding(rule, values=values, severity=Severity.NOTE)


def _apart(panel: Panel, movements: Movements) -> Finding | None:
    """Units or years that stocks and movements do not share; movements must reach the end."""
    units = set(panel.units) ^ set(movements.units)
    needed = {*movements.years, *(year - 1 for year in movements.years), panel.years[-1]}
    years = (needed - set(panel.years)) | ({panel.years[-1]} - set(movements.years))
    apart = ", ".join([*sorted(units), *map(str, sorted(years))])
    return _note("movements_apart", apart=apart) if apart else None


def _short(movements: Movements) -> Iterator[Finding]:
    if len(movements.years) < FEWEST_YEARS:
        yield _note("flows_short", years=len(movements.years), minimum=FEWEST_YEARS)


def _open(panel: Panel, movements: Movements) -> Iterator[Finding]:
    """Cells that movements do not explain, each with how many households too many or too few."""
    cells: dict[tuple[int, int], float] = {}
    for state, counts in ((State.POOR, panel.poor), (State.NEAR_POOR, panel.near_poor)):
        before, after = before_and_after(panel, movements, counts)
        gap = after - (before - movements.leaving(state) + movements.entering(state))
        # Whole households: less than one is no gap, however small the stock.
        wide = np.abs(gap) > np.maximum(RESIDUAL * before, 0.5)
        wide |= movements.leaving(state) > before
        cells |= {(int(i), int(t)): float(gap[i, t]) for i, t in np.argwhere(wide)}
    if cells:
        told = [
            f"{movements.units[i]} {movements.years[t]} ({gap:+.0f})"
            for (i, t), gap in sorted(cells.items())
        ]
        yield _note("flows_open", cells=", ".join(told))


def _unlike(movements: Movements) -> Iterator[Finding]:
    counts = movements.counts
    down = counts[State.POOR, Flow.NEAR_POOR_TO_POOR] != counts[State.NEAR_POOR, Flow.FELL_TO_POOR]
    up_here = counts[State.POOR, Flow.ESCAPED_TO_NEAR_POOR]
    unlike = down | (up_here != counts[State.NEAR_POOR, Flow.POOR_TO_NEAR_POOR])
    if unlike.any():
        yield _note("flows_unlike", cells=named(movements, unlike))


def _net(panel: Panel, movements: Movements) -> Iterator[Finding]:
    before, _ = before_and_after(panel, movements, panel.poor)
    entered, poor = int(movements.entering(State.POOR).sum()), int(before.sum())
    if entered < LEAST_INFLOW * poor:
        yield _note("flows_net", entered=entered, poor=poor)
