"""The least chance of one deprivation's end, or coming, at which a household changes its state.

Where each of so many ends with chance τ, those needed end where τ passes the order statistic of as
many uniform numbers: of the twelve there are always three to spare for who must end some, and ten
for whom some must come. That statistic follows a beta law (David and Nagaraja 2003,
doi:10.1002/0471722162); its quantile at a household's luck is the household's critical value.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from povsim.population import BITS, POOR_FROM

Floats = NDArray[np.float64]

END = POOR_FROM
"""Second parameter where deprivations must end: of those lacked, two may stay."""
ARRIVE = BITS - POOR_FROM + 1
"""Second parameter where they must come: of those not lacked, nine may stay away."""
MOST = BITS - POOR_FROM + 1
"""Most that a household needs: from twelve to two."""
FINE = 4096
COARSE = np.linspace(0.0, 1.0, 257) ** 2
"""Chances at which `distributions` are known."""


@cache
def quantiles(spare: int) -> Floats:
    """Critical values by needed number and luck: (MOST + 1, FINE + 1), luck evenly from 0 to 1."""
    from scipy.special import betaincinv

    luck = np.linspace(0.0, 1.0, FINE + 1)
    needed = np.arange(1, MOST + 1)[:, None]
    return np.vstack([np.zeros_like(luck), betaincinv(needed, spare, luck)])


@cache
def distributions(spare: int) -> Floats:
    """The share that moves, by needed number and chance of one (COARSE); who needs none moves."""
    from scipy.special import betainc

    needed = np.arange(1, MOST + 1)[:, None]
    return np.vstack([np.ones_like(COARSE), betainc(needed, spare, COARSE)])
