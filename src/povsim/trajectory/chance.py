"""The chance of meeting a target, as the share of draws that do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Chance:
    """A share of draws and its Monte-Carlo standard error, both 0 to 1."""

    value: float
    error: float


def attainment(draws_of_rate: ArrayLike, target: ArrayLike) -> Chance:
    """The chance that a rate is at or below its target: the share of draws where it is.

    `draws_of_rate` is (draw,), with one target or one a draw; or (year, draw), with one target
    or one a year, and then every year must meet its own. The error is √(p(1−p)/n) at
    p = (k+1)/(n+2) (Laplace), so that never or always in n draws is not without error.

    Raises:
        ValueError: no draws, missing values, or shapes that do not fit.

    >>> attainment([0.1, 0.2, 0.3, 0.4], 0.3).value
    0.75
    >>> attainment([[0.2, 0.4], [0.1, 0.1]], [0.3, 0.2]).value
    0.5
    """
    rates, targets = np.asarray(draws_of_rate, dtype=float), np.asarray(target, dtype=float)
    if not rates.size or np.isnan(rates).any() or np.isnan(targets).any():
        raise ValueError("a chance needs draws and targets without missing values")
    targets = targets[:, None] if rates.ndim == 2 and targets.ndim == 1 else targets
    met = (rates <= np.broadcast_to(targets, rates.shape)).reshape(-1, rates.shape[-1]).all(axis=0)
    share = (met.sum() + 1) / (met.size + 2)
    return Chance(float(met.mean()), float(np.sqrt(share * (1 - share) / met.size)))
