"""What lines are expected to do to a household, draw by draw: chances in place of luck.

The same year as households live (`effects.living`), but told by chances: a household of a kind (a
list, how many indicators it lacks, labour capacity or none) is followed backwards from what is
measured, under the bars of a draw. Exact for households that lie apart; the judge of any plan made
with it is `simulation`, which knows the luck of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from povsim.effects.lines import Kind, Line
from povsim.effects.living.coding import (
    FALL,
    FALL_NEAR,
    IMPROVE,
    LEFT,
    MOST_SHIFT,
    NEAR_LEFT,
    NEAR_RISE,
    RELAPSE,
    RELAPSE_NEAR,
    RISE,
    STRUCTURAL_GONE,
    THREE,
    WORSEN,
)
from povsim.population import BITS

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
OUT_YEARS = 4
"""Out for one, two, three years, or longer."""
SHALLOW, DEEP = range(2)
"""Whoever is out: with fewer than three deprivations, or more."""


@dataclass(frozen=True, eq=False)
class Values:
    """What a household is worth at an opening, in each place (a unit and draw).

    `poor` and `near` (labour capacity or none, number lacked, entitlements held, place): whoever is
    near-poor lacks two at most, or more once its entitlements end; `out` (years out, SHALLOW or
    DEEP, place).
    """

    poor: Floats
    near: Floats
    out: Floats

    @classmethod
    def measured(cls, weight: Floats, held: int, places: int, near: float = 0.0) -> Values:
        """At the end: a poor household counts by its number lacked (`weight`, as far as any lacks),
        a near-poor one `near`, whoever left the lists nought."""
        poor = np.zeros((2, len(weight), held + 1, places), weight.dtype)
        poor[:] = weight[None, :, None, None]
        return cls(
            poor,
            np.full((2, THREE + held, held + 1, places), near, weight.dtype),
            np.zeros((OUT_YEARS, 2, places), weight.dtype),
        )


@dataclass(frozen=True, eq=False)
class Year:
    """Bars (event, place) of one year as chances."""

    bars: Floats

    def chance(self, event: int) -> Floats:
        return np.asarray(np.clip(self.bars[event], 0.0, 1.0))

    @cached_property
    def gone(self) -> Floats:
        """(labour capacity or none, place)."""
        return np.stack([self.chance(LEFT), self.chance(STRUCTURAL_GONE)])

    def rises(self, event: int, shift: Floats | float) -> Floats:
        """The chance to escape by income with shifted log-odds."""
        bar, odds = self.chance(event), np.exp(np.asarray(shift, self.bars.dtype))
        return np.asarray(bar * odds / (bar * odds + 1.0 - bar))

    @cached_property
    def ended(self) -> Floats:
        """The chance that as many deprivations end as are needed (number, place); none needed
        where lines do it all, unless a draw moves fewer than those."""
        return self._enough(IMPROVE, THREE)

    @cached_property
    def came(self) -> Floats:
        """The chance that as many come (number up to three, place)."""
        return self._enough(WORSEN, BITS - THREE + 1)[: THREE + 1]

    def _enough(self, event: int, spare: int) -> Floats:
        from scipy.special import betainc

        needed = np.arange(1, BITS + 1)[:, None]
        none = np.clip(1.0 + self.bars[event], 0.0, 1.0)
        return np.vstack([none, betainc(needed, spare, self.chance(event))]).astype(self.bars.dtype)


@dataclass(frozen=True, eq=False)
class Help:
    """What shows of a package in a year: θ (place,) of lines that last and of those that are held
    only while paid, and the shift of income."""

    lasting: Sequence[Floats] = ()
    held: Sequence[Floats] = ()
    shift: Floats | float = 0.0

    @cached_property
    def relief(self) -> Mapping[tuple[int, int], Floats | float]:
        """The chance that so many lasting and so many held deprivations end."""
        found: dict[tuple[int, int], Floats | float] = {(0, 0): 1.0}
        for step, sizes in (((1, 0), self.lasting), ((0, 1), self.held)):
            for theta in sizes:
                size, after = np.clip(theta, 0.0, 1.0), dict[tuple[int, int], Floats | float]()
                for (a, e), chance in found.items():
                    more = (a + step[0], e + step[1])
                    after[a, e] = after.get((a, e), 0.0) + chance * (1.0 - size)
                    after[more] = after.get(more, 0.0) + chance * size
                found = after
        return found


NO_HELP = Help()


def opened(after: Values, year: Year, kept: Floats | float, help_: Help = NO_HELP) -> Values:
    """The values at a year's opening from those after it.

    Whoever holds entitlements is paid anew with chance `kept` (place,), else lacks again.
    """
    poor, near = _poor(after, year, help_), _near(after, year, help_)
    lapsed = np.array(poor), np.array(near)
    for held in range(1, poor.shape[2]):
        for values, ended in zip((poor, near), lapsed, strict=True):
            number = np.minimum(np.arange(values.shape[1]) + held, values.shape[1] - 1)
            ended[:, :, held] = kept * values[:, :, held] + (1 - kept) * values[:, number, 0]
    return Values(lapsed[0], lapsed[1], _out(after, year))


def _poor(after: Values, year: Year, help_: Help) -> Floats:
    numbers, held = np.arange(THREE, after.poor.shape[1]), np.arange(after.poor.shape[2])
    risen: Floats | float = 0.0
    stayed: Floats | float = 0.0
    for (lasting, paid), chance in help_.relief.items():
        left = np.maximum(numbers - lasting - paid, 0)
        holding = np.minimum(held + paid, held[-1])
        needed = left - (THREE - 1)
        ended = year.ended[np.maximum(needed, 0)]
        lines_alone = np.where((needed <= 0)[:, None], ended, 0.0)
        improves = np.stack([ended, lines_alone])[:, :, None]
        better = after.near[:, np.minimum(left, THREE - 1)][:, :, holding]
        same = after.poor[:, np.where(left >= THREE, left, numbers)][:, :, holding]
        stayed = stayed + chance * (improves * better + (1 - improves) * same)
        risen = risen + chance * _left(after, left, holding)
    rise = np.stack([year.rises(RISE, help_.shift), np.zeros_like(year.gone[0])])[:, None, None]
    value = np.zeros_like(after.poor)
    value[:, THREE:] = (1 - year.gone)[:, None, None] * (rise * risen + (1 - rise) * stayed)
    return value


def _near(after: Values, year: Year, help_: Help) -> Floats:
    numbers, held = np.arange(after.near.shape[1]), np.arange(after.near.shape[2])
    risen: Floats | float = 0.0
    stayed: Floats | float = 0.0
    for (lasting, paid), chance in help_.relief.items():
        left = np.maximum(numbers - lasting - paid, 0)
        holding = np.minimum(held + paid, held[-1])
        falls = year.came[np.maximum(THREE - left, 0)][None, :, None]
        worse = after.poor[:, np.maximum(left, THREE)][:, :, holding]
        same = after.near[:, np.minimum(left, THREE - 1)][:, :, holding]
        stayed = stayed + chance * (falls * worse + (1 - falls) * same)
        risen = risen + chance * _left(after, left, holding)
    rise = year.rises(NEAR_RISE, help_.shift)
    return np.asarray((1 - year.chance(NEAR_LEFT)) * (rise * risen + (1 - rise) * stayed))


def _left(after: Values, left: Counts, holding: Counts) -> Floats:
    """Whoever left the lists: what entitlements held up is lacked again."""
    deep = (left[:, None] + holding >= THREE).astype(int)
    return np.asarray(after.out[0][deep])


def _out(after: Values, year: Year) -> Floats:
    value = np.empty_like(after.out)
    for years in range(OUT_YEARS):
        later = after.out[min(years + 1, OUT_YEARS - 1)]
        poor, near = (RELAPSE, RELAPSE_NEAR) if years < OUT_YEARS - 1 else (FALL, FALL_NEAR)
        back = year.chance(near), year.chance(poor)
        worth = after.near[0, THREE - 1, 0], after.poor[0, THREE, 0]
        for depth in (SHALLOW, DEEP):
            value[years, depth] = back[depth] * worth[depth] + (1 - back[depth]) * later[depth]
    return value


def help_of(lines: Sequence[Line], sizes: Mapping[str, Floats], after: int) -> Help:
    """What shows of some lines so many years after they are paid."""
    showing = [line for line in lines if line.lag == after]
    deprived = [line for line in showing if line.kind is Kind.INDICATOR]
    shift = sum(
        (sizes[line.id] for line in showing if line.kind is Kind.INCOME), np.zeros(1, np.float32)
    )
    return Help(
        [sizes[line.id] for line in deprived if not line.entitlement],
        [sizes[line.id] for line in deprived if line.entitlement],
        np.minimum(shift, MOST_SHIFT),
    )


def staying(year: Year) -> Values:
    """The chance that a listed household lives a year and lacks and stands as before."""
    gone, rise = year.gone, np.stack([year.rises(RISE, 0.0), np.zeros_like(year.gone[0])])
    numbers = np.arange(BITS + 1)
    improves = np.stack(
        [year.ended[np.maximum(numbers - (THREE - 1), 0)], np.zeros((BITS + 1, gone.shape[1]))]
    )
    poor = (1 - gone)[:, None] * (1 - rise)[:, None] * (1 - improves)
    falls = year.came[np.arange(THREE, 0, -1)]
    near = (1 - year.chance(NEAR_LEFT)) * (1 - year.rises(NEAR_RISE, 0.0)) * (1 - falls)
    return Values(poor[:, :, None], np.stack([near, near])[:, :, None], np.zeros((0, 2, 1)))
