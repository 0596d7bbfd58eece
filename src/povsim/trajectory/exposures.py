"""Who could have moved: households at risk of each movement, by unit and year."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from povsim.findings import refuse
from povsim.trajectory.identity import before_and_after
from povsim.trajectory.movements import Movements
from povsim.trajectory.panel import Floats, Panel
from povsim.vocabulary import Flow, State

COHORTS = 3
"""Years after leaving the lists within which a household is recently escaped."""


class Source(StrEnum):
    """Where households move from; arrivals come from outside (other increase)."""

    POOR = "poor"
    NEAR_POOR = "near_poor"
    RECENTLY_ESCAPED = "recently_escaped"
    NOT_POOR = "not_poor"
    ARRIVALS = "arrivals"


DESTINATIONS: dict[Source, dict[str, tuple[State, Flow]]] = {
    Source.POOR: {
        "near_poor": (State.POOR, Flow.ESCAPED_TO_NEAR_POOR),
        "above": (State.POOR, Flow.ESCAPED_ABOVE),
        "gone": (State.POOR, Flow.OTHER_DECREASE),
    },
    Source.NEAR_POOR: {
        "poor": (State.NEAR_POOR, Flow.FELL_TO_POOR),
        "above": (State.NEAR_POOR, Flow.ESCAPED_ABOVE),
        "gone": (State.NEAR_POOR, Flow.OTHER_DECREASE),
    },
    Source.RECENTLY_ESCAPED: {
        "poor": (State.POOR, Flow.RELAPSED),
        "near_poor": (State.NEAR_POOR, Flow.RELAPSED),
    },
    Source.NOT_POOR: {
        "poor": (State.POOR, Flow.NEWLY_POOR),
        "near_poor": (State.NEAR_POOR, Flow.NEWLY_NEAR_POOR),
    },
    Source.ARRIVALS: {
        "poor": (State.POOR, Flow.OTHER_INCREASE),
        "near_poor": (State.NEAR_POOR, Flow.OTHER_INCREASE),
    },
}
"""The destinations of each source beside staying, and the cell of the forms that counts them."""


@dataclass(frozen=True, eq=False)
class Exposure:
    """Households that moved and that stayed, by source, of I units in T years.

    `moved` (destination, unit, year) in the order of `DESTINATIONS`, `stayed` (unit, year);
    `cohorts` (unit, COHORTS) those who left the lists one, two, three reviews ago and are still
    out at the last one; `structural` (unit,) the poor that cannot work.
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    moved: dict[Source, Floats]
    stayed: dict[Source, Floats]
    cohorts: Floats
    structural: Floats


def exposures(panel: Panel, movements: Movements, structural: Floats) -> Exposure:
    """Households at risk of every movement.

    Of the poor, those without labour capacity (`structural`: (unit, year) at the openings and
    the last review) are not at risk of escaping; they are gone as often as the others. The
    recently escaped before the first year of flows are not counted anywhere: those years are
    filled with the unit's mean yearly exits, so relapses have a rough exposure from the first year
    on. Arrivals are set against all households. Units are joined by name, in the panel's order.

    Raises:
        Refusal: `movements_apart`, where units or years do not match.
    """
    _refuse_apart(panel, movements)
    movements = movements.ordered(panel.units)
    recent, cohorts = _recent(movements)
    at_risk = _at_risk(panel, movements, structural[:, :-1], recent)
    moved = _moved(movements)
    gone = list(DESTINATIONS[Source.POOR]).index("gone")
    opening, _ = before_and_after(panel, movements, panel.poor)
    moved[Source.POOR][gone] *= at_risk[Source.POOR] / np.maximum(opening, 1.0)
    stayed = {s: np.maximum(at_risk[s] - moved[s].sum(axis=0), 0.0) for s in Source}
    room = (panel.households - panel.poor - panel.near_poor)[:, -1]
    stuck = np.minimum(structural[:, -1], panel.poor[:, -1])
    return Exposure(panel.units, movements.years, moved, stayed, _within(cohorts, room), stuck)


def _moved(movements: Movements) -> dict[Source, Floats]:
    return {
        source: np.stack([movements.counts[cell] for cell in cells.values()])
        for source, cells in DESTINATIONS.items()
    }


def _at_risk(
    panel: Panel, movements: Movements, structural: Floats, recent: Floats
) -> dict[Source, Floats]:
    """Households (unit, year) that could have moved, at the opening of each year."""
    poor, near_poor, households = (
        before_and_after(panel, movements, counts)[0]
        for counts in (panel.poor, panel.near_poor, panel.households)
    )
    # No more can have escaped lately than are not poor.
    recent = np.minimum(recent, households - poor - near_poor)
    return {
        Source.POOR: poor - np.minimum(structural, poor),
        Source.NEAR_POOR: near_poor,
        Source.RECENTLY_ESCAPED: recent,
        Source.NOT_POOR: households - poor - near_poor - recent,
        Source.ARRIVALS: households,
    }


def _refuse_apart(panel: Panel, movements: Movements) -> None:
    needed = {*movements.years, *(year - 1 for year in movements.years)}
    years = needed - set(panel.years) | ({panel.years[-1]} - set(movements.years))
    units = set(panel.units) ^ set(movements.units)
    if units or years:
        raise refuse("movements_apart", apart=", ".join([*sorted(units), *map(str, sorted(years))]))


def _recent(movements: Movements) -> tuple[Floats, Floats]:
    """The recently escaped at each opening (unit, year), and the last cohorts (unit, COHORTS).

    Relapses are taken from cohorts in proportion to their size.
    """
    left = movements.escaped() + movements.counts[State.NEAR_POOR, Flow.ESCAPED_ABOVE]
    relapsed = movements.counts[State.POOR, Flow.RELAPSED]
    relapsed = relapsed + movements.counts[State.NEAR_POOR, Flow.RELAPSED]
    cohorts = np.repeat(left.mean(axis=1)[:, None], COHORTS, axis=1)
    opening = np.empty_like(left)
    for t in range(left.shape[1]):
        opening[:, t] = cohorts.sum(axis=1)
        kept = 1 - np.minimum(relapsed[:, t] / np.maximum(opening[:, t], 1.0), 1.0)
        cohorts = np.column_stack([left[:, t], (cohorts * kept[:, None])[:, :-1]])
    return opening, cohorts


def _within(cohorts: Floats, room: Floats) -> Floats:
    """Whole cohorts that fit among the not poor."""
    scale = np.minimum(1.0, room / np.maximum(cohorts.sum(axis=1), 1.0))
    return np.asarray(np.floor(cohorts * scale[:, None]))
