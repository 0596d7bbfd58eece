"""The least chance of one deprivation's end, or coming, at which a household changes its state.

Where each of so many ends with chance τ, those needed end where τ passes the order statistic of as
many uniform numbers: of the twelve there are always three to spare for who must end some, and ten
for whom some must come. That statistic follows a beta law (David and Nagaraja 2003,
doi:10.1002/0471722162); its quantile at a household's luck is the household's critical value.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from povsim.effects.homes import Counts, Floats
from povsim.population import BITS, POOR_FROM

END = POOR_FROM
"""Second parameter where deprivations must end: of those lacked, two may stay."""
ARRIVE = BITS - POOR_FROM + 1
"""Second parameter where they must come: of those not lacked, nine may stay away."""
MOST = BITS - POOR_FROM + 1
"""Most that a household needs: from twelve to two."""
FINE = 4096
COARSE = np.linspace(0.0, 1.0, 257) ** 2


def critical(needed: Counts, luck: Floats, spare: int) -> Floats:
    """The critical values of households that need so many, by their luck; infinite for none."""
    values = np.full(needed.shape, np.inf)
    table, grid = _quantiles(spare), np.linspace(0.0, 1.0, FINE + 1)
    for number in range(1, MOST + 1):
        rows = needed == number
        values[rows] = np.interp(luck[rows], grid, table[number])
    return values


def to_bar(share: Floats, needed: Counts, spare: int) -> Floats:
    """The chance of one (draw,) at which a share of those at risk (draw, place) move.

    `needed` is negative where nobody is at risk, nought where one moves anyway.
    """
    kinds = np.stack([(needed == number).sum(axis=1) for number in range(MOST + 1)], axis=1)
    at_risk = np.maximum(kinds.sum(axis=1), 1)
    reached = kinds @ _distributions(spare) / at_risk[:, None]
    after = np.clip((reached < share[:, None]).sum(axis=1), 1, len(COARSE) - 1)
    rows = np.arange(len(share))
    low, high = reached[rows, after - 1], reached[rows, after]
    part = np.where(high > low, (share - low) / np.where(high > low, high - low, 1.0), 0.0)
    step = COARSE[after] - COARSE[after - 1]
    return np.asarray(COARSE[after - 1] + np.clip(part, 0.0, 1.0) * step)


def same(share: Floats) -> Floats:
    """Where critical values are chances themselves."""
    return share


@cache
def _quantiles(spare: int) -> Floats:
    """Critical values by needed number and luck."""
    from scipy.special import betaincinv

    luck = np.linspace(0.0, 1.0, FINE + 1)
    needed = np.arange(1, MOST + 1)[:, None]
    return np.vstack([np.zeros_like(luck), betaincinv(needed, spare, luck)])


@cache
def _distributions(spare: int) -> Floats:
    """The share that moves, by needed number and chance of one; who needs none moves."""
    from scipy.special import betainc

    needed = np.arange(1, MOST + 1)[:, None]
    return np.vstack([np.ones_like(COARSE), betainc(needed, spare, COARSE)])
