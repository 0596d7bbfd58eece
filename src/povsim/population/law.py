"""What households lack when only counts are known: the law that adds nothing to the counts.

Known are how many households lack each of twelve indicators, and that each household lacks at least
so many. The law of maximum entropy under both is that of independent indicators, given their number
(Jaynes 1957, doi:10.1103/PhysRev.106.620). It is one law of many: the tilt λ weighs a household by
e^(λ(number − least)²), which counts say nothing of and on which the share at the threshold hangs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

BITS = 12
NUMBERS = np.arange(BITS + 1)
SWEEPS = 100
CLOSE = 1e-4
"""Largest change of a log-odds in a sweep at which the law is taken as found."""


@dataclass(frozen=True, eq=False)
class Law:
    """The laws of G groups of households.

    `odds` (G, 12) of lacking an indicator, nought where nobody does; `sure` (G, 12) where everybody
    does; `weight` (G, 13) of the number lacked.
    """

    odds: Floats
    sure: NDArray[np.bool_]
    weight: Floats

    def numbers(self) -> Floats:
        """The chance (G, 13) that a household lacks so many."""
        raw = _shifted(_sums(self.odds), self.sure.sum(axis=1)) * self.weight
        return np.asarray(raw / raw.sum(axis=1, keepdims=True))


def fit(lacking: Counts, households: Counts, least: Counts, tilt: Floats | float) -> Law:
    """The laws with given counts, by iterative scaling of one indicator after the other.

    Args:
        lacking: (G, 12) households that lack each indicator, from none to all of them.
        households: (G,) at least one each.
        least: (G,) the fewest that a household lacks; their sum at most that of `lacking`.
        tilt: λ of every group, or (G,).
    """
    share = lacking / households[:, None]
    sure, never = share >= 1, share <= 0
    weight = np.exp(np.asarray(tilt)[..., None] * (NUMBERS - least[:, None]) ** 2)
    # Where counts allow no more than the least, every household lacks just that.
    tight = lacking.sum(axis=1) <= least * households
    open_ = (least[:, None] <= NUMBERS) & ~(tight[:, None] & (least[:, None] < NUMBERS))
    weight = np.where(open_, weight, 0.0)
    free = ~(sure | never)
    ratio = np.where(free, share / np.where(free, 1 - share, 1.0), 0.0)
    odds, left = ratio.copy(), _left(weight, sure.sum(axis=1))
    for _ in range(SWEEPS):
        before = odds.copy()
        _sweep(odds, ratio, left)
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.abs(np.log(odds / before))
        if np.nanmax(change, initial=0.0) < CLOSE:
            break
    return Law(odds, sure, weight)


def _sweep(odds: Floats, ratio: Floats, left: Floats) -> None:
    """Each indicator's odds in turn, so that its count is right given the others'."""
    after = _suffixes(odds)
    before = np.zeros_like(left)
    before[:, 0] = 1.0
    for j in range(BITS):
        others = _product(before, after[j + 1], j)
        with_it, without = (left[:, 1:] * others[:, :-1]).sum(axis=1), (left * others).sum(axis=1)
        known = (ratio[:, j] > 0) & (with_it > 0)
        odds[:, j] = np.where(known, ratio[:, j] * without / np.where(known, with_it, 1.0), 0.0)
        before[:, 1:] += odds[:, j, None] * before[:, :-1]


def _suffixes(odds: Floats) -> Floats:
    """Elementary symmetric sums of the odds from each indicator on, (13, G, 13)."""
    sums = np.zeros((BITS + 1, len(odds), BITS + 1))
    sums[BITS, :, 0] = 1.0
    for j in range(BITS - 1, -1, -1):
        sums[j] = sums[j + 1]
        sums[j, :, 1:] += odds[:, j, None] * sums[j + 1, :, :-1]
    return sums


def _sums(odds: Floats) -> Floats:
    return np.asarray(_suffixes(odds)[0])


def _product(one: Floats, other: Floats, degree: int) -> Floats:
    """Sums over two sets of indicators together; `one` holds at most `degree` of them."""
    both = np.zeros_like(one)
    for number in range(degree + 1):
        both[:, number:] += one[:, number, None] * other[:, : BITS + 1 - number]
    return both


def _left(weight: Floats, sure: Counts) -> Floats:
    """The weights by the number lacked beside those that everybody lacks; largest 1."""
    source = NUMBERS + sure[:, None]
    rows = np.arange(len(weight))[:, None]
    left = np.where(source <= BITS, weight[rows, np.minimum(source, BITS)], 0.0)
    return np.asarray(left / left.max(axis=1, keepdims=True))


def _shifted(sums: Floats, sure: Counts) -> Floats:
    """Sums by the whole number lacked."""
    source = NUMBERS - sure[:, None]
    rows = np.arange(len(sums))[:, None]
    return np.where(source >= 0, sums[rows, np.maximum(source, 0)], 0.0)


def chances(law: Law) -> Floats:
    """The chance (G, indicator, number so far) that a household lacks the next indicator.

    Indicators are drawn one after the other; the chance weighs every way to end within the law.
    """
    value = np.empty((BITS + 1, len(law.odds), BITS + 2))
    value[BITS] = np.pad(law.weight, ((0, 0), (0, 1)))
    chance = np.empty((len(law.odds), BITS, BITS + 1))
    for j in range(BITS - 1, -1, -1):
        lacks = value[j + 1][:, 1:]
        holds = value[j + 1][:, :-1]
        sure = law.sure[:, j, None]
        taken = np.where(sure, lacks, law.odds[:, j, None] * lacks)
        whole = np.where(sure, lacks, holds + taken)
        with np.errstate(invalid="ignore", divide="ignore"):
            chance[:, j] = np.where(whole > 0, taken / whole, 0.0)
        value[j] = np.pad(
            whole / np.maximum(whole.max(axis=1, keepdims=True), 1e-300), ((0, 0), (0, 1))
        )
    return chance
