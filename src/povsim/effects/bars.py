"""Who moves: whoever's critical value lies under the bar that a draw sets for all.

Every household has, for each thing that can happen to it in a year, a critical value: the least
chance at which it happens. The bar is the chance that the year brings to a unit in a draw. Bars are
set once, so that as many move as the projection's draw says; what a scenario changes are critical
values alone, so that households it does not touch fare the same to the last one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import numpy as np

from povsim.effects.homes import Counts, Flags, Floats
from povsim.trajectory import Moves, Source
from povsim.vocabulary import Flow, State

Scale = Callable[[Floats], Floats]
"""From the share that should move (draw,) to the bar."""
Cell = tuple[State, Flow]
Counted = Mapping[Cell, Counts]
"""Households (draw,) by cells of F2 and F3."""

EVENTS: dict[str, tuple[Source, int]] = {
    "gone": (Source.POOR, 2),
    "rise": (Source.POOR, 1),
    "improve": (Source.POOR, 0),
    "near_gone": (Source.NEAR_POOR, 2),
    "near_rise": (Source.NEAR_POOR, 1),
    "worsen": (Source.NEAR_POOR, 0),
    "relapse": (Source.RECENTLY_ESCAPED, 0),
    "relapse_near": (Source.RECENTLY_ESCAPED, 1),
    "fall": (Source.NOT_POOR, 0),
    "fall_near": (Source.NOT_POOR, 1),
}
"""What can happen to a household, and the movement that counts it; those of one source in the order
in which they are decided, each among whom the one before left."""
FROM_OUTSIDE = ("fall", "fall_near")
"""Events of which most households at risk are not known one by one."""
ENTERING: dict[Cell, str] = {
    (State.POOR, Flow.RELAPSED): "relapse",
    (State.POOR, Flow.NEWLY_POOR): "fall",
    (State.NEAR_POOR, Flow.RELAPSED): "relapse_near",
    (State.NEAR_POOR, Flow.NEWLY_NEAR_POOR): "fall_near",
}
ARRIVING: dict[Cell, int] = {
    (State.POOR, Flow.OTHER_INCREASE): 0,
    (State.NEAR_POOR, Flow.OTHER_INCREASE): 1,
}


class Bars(ABC):
    """The bars of one unit and year."""

    @abstractmethod
    def moved(self, event: str, critical: Floats, scale: Scale) -> Flags:
        """Who moves (draw, place); a critical value is infinite where nobody is at risk."""

    @abstractmethod
    def bar(self, event: str) -> Floats:
        """The bar (draw,) of an event that was decided."""

    @abstractmethod
    def entrants(self) -> Counted:
        """Who comes to the lists from outside the households of the unit, all events decided."""


class Fixed(Bars):
    """Bars that are set, for scenarios to be judged by."""

    def __init__(self, bars: Mapping[str, Floats], entrants: Counted) -> None:
        self._bars, self._entrants = bars, entrants

    def moved(self, event: str, critical: Floats, scale: Scale) -> Flags:
        del scale  # the bar is set
        return np.asarray(critical < self._bars[event][:, None])

    def bar(self, event: str) -> Floats:
        return self._bars[event]

    def entrants(self) -> Counted:
        return self._entrants


class Setting(Bars):
    """Sets the bars to what a projection's draws say of one unit and year.

    As many households move as each draw says, the bar lying as near to its chance as that allows.
    With `exactly` false the bar lies at the chance, and as many move as come: the same law, not the
    same draws. What the draw counts beyond the households there are comes from outside.
    """

    def __init__(self, moves: Moves, *, exactly: bool = True) -> None:
        self._moves, self._exactly = moves, exactly
        self._chances = chances(moves)
        self._bars: dict[str, Floats] = {}
        self._found: dict[str, Counts] = {}

    def moved(self, event: str, critical: Floats, scale: Scale) -> Flags:
        bar = scale(self._chances[event])
        if self._exactly:
            bar = np.clip(bar, *between(critical, self._wanted(event, critical)))
        moved = critical < bar[:, None]
        self._bars[event], self._found[event] = bar, moved.sum(axis=1)
        return np.asarray(moved)

    def _wanted(self, event: str, critical: Floats) -> Counts:
        count = self._count(event)
        if event in FROM_OUTSIDE:
            count = np.minimum(count, (critical < self._chances[event][:, None]).sum(axis=1))
        return count

    def _count(self, event: str) -> Counts:
        if event == "structural_gone":
            return self._moves.structural_gone
        source, k = EVENTS[event]
        return np.asarray(self._moves.counts[source][k])

    def bar(self, event: str) -> Floats:
        return self._bars[event]

    def entrants(self) -> Counted:
        short = {cell: self._short(event) for cell, event in ENTERING.items()}
        arrived = self._moves.counts[Source.ARRIVALS]
        return short | {cell: arrived[k] for cell, k in ARRIVING.items()}

    def _short(self, event: str) -> Counts:
        """Beyond the households there are; by chance alone none of the recently escaped is."""
        short = np.maximum(self._count(event) - self._found[event], 0)
        return short if self._exactly or event in FROM_OUTSIDE else np.zeros_like(short)

    def fixed(self) -> Fixed:
        """The bars as they were set."""
        return Fixed(self._bars, self.entrants())


class Watching(Bars):
    """Other bars, with everybody's critical values kept to be told."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self.critical: dict[str, Floats] = {}

    def moved(self, event: str, critical: Floats, scale: Scale) -> Flags:
        self.critical[event] = critical
        return self._bars.moved(event, critical, scale)

    def bar(self, event: str) -> Floats:
        return self._bars.bar(event)

    def entrants(self) -> Counted:
        return self._bars.entrants()


def chances(moves: Moves) -> dict[str, Floats]:
    """The chance (draw,) of each event for whoever no event before it took."""
    found = {"structural_gone": moves.shares[Source.POOR][2]}
    left: dict[Source, Floats] = {}
    for event, (source, k) in EVENTS.items():
        share = moves.shares[source][k]
        rest = left.get(source, np.ones_like(share))
        found[event] = np.clip(share / np.maximum(rest, 1e-12), 0.0, 1.0)
        left[source] = rest - share
    return found


def between(critical: Floats, count: Counts) -> tuple[Floats, Floats]:
    """The least and the highest bar (draw,) under which `count` households lie, or all at risk."""
    count = np.minimum(count, np.isfinite(critical).sum(axis=1))
    most = int(min(count.max(initial=0) + 1, critical.shape[1]))
    if not most:
        return np.full(len(count), -np.inf), np.full(len(count), np.inf)
    inside = np.sort(np.partition(critical, most - 1, axis=1)[:, :most], axis=1)
    padded = np.pad(inside, ((0, 0), (1, 1)), constant_values=((0, 0), (-np.inf, np.inf)))
    rows = np.arange(len(count))
    return np.nextafter(padded[rows, count], np.inf), padded[rows, count + 1]
