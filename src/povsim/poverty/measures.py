"""How poor a population is: H, A and M0, and what each indicator, dimension and group adds.

Source of all formulas: Alkire & Foster (2011), "Counting and multidimensional poverty
measurement", J. Public Economics 95, 476-487; Alkire et al. (2015), "Multidimensional Poverty
Measurement and Analysis", Oxford University Press, chapter 5 (OPHI).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from povsim.poverty.counting import Bounds, Tally
from povsim.poverty.yardstick import Floats


@dataclass(frozen=True)
class Headline:
    """Three figures of one population, shares from 0 to 1.

    `incidence` H = q/n, the share of the population that is poor; `intensity` A, the mean score
    of the poor, NaN where nobody is; `adjusted` M0 = H · A, the share of all possible
    deprivations that the poor suffer.
    """

    population: float
    incidence: float
    intensity: float
    adjusted: float


def headline(counted: Tally) -> Headline:
    """H, A and M0 of all groups together.

    M0 = Σ_j w_j h_j with h_j the censored headcount ratio, H = q/n, A = M0/H.

    >>> from povsim.poverty.counting import tally
    >>> from povsim.poverty.yardstick import Yardstick
    >>> g0 = np.array([[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]], bool)
    >>> headline(tally(Yardstick.equal("abcd", 2 / 4), g0))
    Headline(population=4.0, incidence=0.5, intensity=0.75, adjusted=0.375)
    """
    row = by_group(counted.total()).iloc[0]
    return Headline(*(float(row[name]) for name in ("population", "h", "a", "m0")))


def by_group(counted: Tally) -> pd.DataFrame:
    """The measures of every group, and what it adds to the whole.

    M0 = Σ_l v_l M0_l with v_l the group's share of the population, so its contribution is
    v_l M0_l / M0 (decomposability by subgroup, section 5 of the paper).

    Returns:
        Indexed by `group`: `population`, `share` v_l, `h`, `a`, `m0`, `contribution` (sums to 1).
        A group without households has no h, a and m0; contributions are NaN where M0 is 0.
    """
    suffered = counted.deprived_poor @ counted.yardstick.vector
    return pd.DataFrame(
        {
            "population": counted.population,
            "share": counted.population / counted.population.sum(),
            "h": ratio(counted.poor, counted.population),
            "a": ratio(suffered, counted.poor),
            "m0": ratio(suffered, counted.population),
            "contribution": ratio(suffered, suffered.sum()),
        },
        index=_index(counted),
    )


def by_indicator(counted: Tally) -> pd.DataFrame:
    """What is lacked, by all and by the poor, and what each indicator adds to M0.

    Uncensored headcount ratio u_j: the share lacking j. Censored h_j: lacking j and poor.
    Contribution w_j h_j / M0, which sums to 1 in each group (dimensional breakdown; Alkire et
    al. 2015, section 5.5.3).

    Returns:
        Long, one row a `group` and `indicator`, groups and indicators in their order:
        `dimension`, `weight`, `uncensored`, `censored`, `contribution`.
    """
    ours, groups, size = counted.yardstick, len(counted.groups), len(counted.yardstick.indicators)
    heads = counted.population[:, None]
    weighed = counted.deprived_poor * ours.vector
    return pd.DataFrame(
        {
            "group": _repeated(counted.groups, size),
            "indicator": list(ours.indicators) * groups,
            "dimension": list(ours.dimensions) * groups,
            "weight": np.tile(ours.vector, groups),
            "uncensored": ratio(counted.deprived, heads).ravel(),
            "censored": ratio(counted.deprived_poor, heads).ravel(),
            "contribution": ratio(weighed, weighed.sum(1, keepdims=True)).ravel(),
        }
    )


def by_dimension(counted: Tally) -> pd.DataFrame:
    """Weight and contribution of each dimension: the sums of its indicators'.

    Returns:
        Long, one row a `group` and `dimension` in their order: `weight`, `contribution`.
    """
    table = by_indicator(counted)
    keys = ["group", "dimension"]
    # A sum that skips nothing: where M0 is 0 a contribution is missing, not nought.
    summed = table.groupby(keys, sort=False)[["weight", "contribution"]].sum(min_count=1)
    return summed.reset_index()


def by_bound(counted: Bounds) -> pd.DataFrame:
    """H and M0 of every group with all that is unknown taken as not lacking, and as lacking.

    Returns:
        Indexed by `group`: `h_low`, `h_high`, `m0_low`, `m0_high`.
    """
    low, high = by_group(counted.low), by_group(counted.high)
    columns = {
        f"{name}_{side}": table[name]
        for name in ("h", "m0")
        for side, table in (("low", low), ("high", high))
    }
    return pd.DataFrame(columns)


def ratio(part: Floats, whole: Any) -> Floats:
    """part / whole, missing where the whole is nought.

    >>> ratio(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    wholes = np.broadcast_to(np.asarray(whole, np.float64), part.shape)
    found = np.full(part.shape, np.nan)
    np.divide(part, wholes, out=found, where=wholes > 0)
    return found


def _index(counted: Tally) -> pd.Index[Any]:
    index: pd.Index[Any] = pd.Index(list(counted.groups), name="group")
    return index


def _repeated(labels: Sequence[Any], times: int) -> list[Any]:
    return [label for label in labels for _ in range(times)]
