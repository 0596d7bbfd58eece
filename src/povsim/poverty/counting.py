"""Households counted once, by group: all that the measures of Alkire and Foster need of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim.findings import refuse
from povsim.poverty.yardstick import MOST_BITS, Flags, Floats, Yardstick

EVERYBODY = "all"
"""The one group of a population that was given none."""
CELLS_AT_ONCE = 1 << 22
"""Counts turned into measures at a time: 32 MB, whatever the number of groups."""
CELLS_A_HOUSEHOLD = 8
"""A table of counts with more cells than this for each household costs more than it saves."""


@dataclass(frozen=True, eq=False)
class Tally:
    """Weighted counts of G groups and d indicators under one yardstick.

    `population` and `poor` are (G,); `deprived` and `deprived_poor` are (G, d): households that
    lack indicator j, and those of them that are poor (the censored ones).
    A group without households stays, with measures that are missing.

    Raises:
        Refusal: `af_empty` where no household is counted at all.
    """

    yardstick: Yardstick
    groups: tuple[Any, ...]
    population: Floats
    poor: Floats
    deprived: Floats
    deprived_poor: Floats

    def __post_init__(self) -> None:
        if not self.population.sum() > 0:
            raise refuse("af_empty")

    def total(self) -> Tally:
        """All groups as one."""
        parts = (self.population, self.poor, self.deprived, self.deprived_poor)
        return Tally(self.yardstick, (EVERYBODY,), *(part.sum(0, keepdims=True) for part in parts))


@dataclass(frozen=True, eq=False)
class Bounds:
    """The same households with everything unknown taken as not lacking (low) and lacking (high).

    H, M0 and the headcounts of indicators never fall when a deprivation is added, so every way
    to fill the gaps lies between the two. The intensity A may move either way: it has no bound.
    """

    low: Tally
    high: Tally


def tally(
    yardstick: Yardstick,
    deprived: pd.DataFrame | NDArray[Any],
    *,
    groups: Any = None,
    weights: Any = None,
) -> Tally:
    """Count households by group under a yardstick; nothing may be missing.

    Args:
        yardstick: indicators, weights and cutoff.
        deprived: g0 as (n, d) flags (a DataFrame is joined by its column names), or (n,) masks,
            unsigned integers in which bit j is indicator j. Masks are counted in one pass.
        groups: (n,) labels, which come out sorted, or a pandas Categorical (fastest), whose
            categories come out in their order, those without households too.
        weights: (n,) sampling weights or household sizes, not negative; 1 each if not given.

    Raises:
        Refusal: `af_shape`, `af_indicators_differ`, `af_unknown` (use `bounds`),
            `af_mask_outside`, `af_group_missing`, `af_household_weight`, `af_empty`.

    >>> ours = Yardstick.equal(["a", "b"], 0.5)
    >>> counted = tally(ours, np.array([[1, 1], [1, 0], [0, 0]], bool))
    >>> counted.poor.tolist(), counted.deprived_poor.tolist()
    ([2.0], [[2.0, 1.0]])
    >>> tally(ours, np.array([3, 1, 0], np.uint16)).poor.tolist()
    [2.0]
    """
    flags, unknown = _read(yardstick, deprived)
    if unknown is not None:
        raise refuse("af_unknown", value=int(unknown.sum()))
    return _counted(yardstick, flags, groups, weights)


def bounds(
    yardstick: Yardstick,
    deprived: pd.DataFrame | NDArray[Any],
    unknown: pd.DataFrame | NDArray[Any] | None = None,
    *,
    groups: Any = None,
    weights: Any = None,
) -> Bounds:
    """Count households of whom something is unknown, from both sides; none is dropped.

    Args:
        yardstick: indicators, weights and cutoff.
        deprived: as for `tally`; a missing cell (NaN, None, NA) of a table is unknown.
        unknown: flags or masks of the same shape, of what was not answered; what `deprived` says
            there is not looked at.
        groups: as for `tally`.
        weights: as for `tally`.

    Raises:
        Refusal: as `tally`, but for `af_unknown`.

    >>> made = bounds(Yardstick.equal(["a", "b"], 1), np.array([[1, np.nan], [0, np.nan]]))
    >>> made.low.poor.tolist(), made.high.poor.tolist()
    ([0.0], [1.0])
    """
    flags, gaps = _read(yardstick, deprived)
    if unknown is not None:
        told, untold = _read(yardstick, unknown)
        _fits("unknown", told.shape, flags.shape)
        # The wider of two kinds of masks, lest turning the narrower round lose its upper bits.
        told = told.astype(np.result_type(told, flags))
        gaps = told if gaps is None else gaps | told
        gaps = gaps if untold is None else gaps | untold
    gaps = np.zeros_like(flags) if gaps is None else gaps
    sides = (flags & ~gaps, flags | gaps)
    return Bounds(*(_counted(yardstick, side, groups, weights) for side in sides))


def _counted(yardstick: Yardstick, flags: NDArray[Any], groups: Any, weights: Any) -> Tally:
    codes, labels = _grouped(groups, len(flags))
    weighing = _weighing(weights, len(flags))
    count = _from_masks if flags.ndim == 1 else _from_matrix
    return Tally(yardstick, labels, *count(yardstick, flags, codes, len(labels), weighing))


def _from_matrix(
    yardstick: Yardstick, flags: Flags, codes: NDArray[Any], size: int, weights: Floats | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """The four counts straight from the (n, d) flags."""
    weighing = np.ones(len(flags)) if weights is None else weights
    poor = yardstick.poor(yardstick.scores(flags))

    def added(which: Flags) -> Floats:
        return np.bincount(codes, which * weighing, size).astype(np.float64, copy=False)

    def by_indicator(table: Flags) -> Floats:
        return np.array([added(column) for column in table.T]).reshape(-1, size).T

    everybody = np.ones(len(flags), bool)
    return added(everybody), added(poor), by_indicator(flags), by_indicator(_of(poor, flags))


def _of(poor: Flags, flags: Flags) -> Flags:
    return flags & poor[:, None]


def _from_masks(
    yardstick: Yardstick,
    masks: NDArray[Any],
    codes: NDArray[Any],
    size: int,
    weights: Floats | None,
) -> tuple[Floats, Floats, Floats, Floats]:
    """The same from masks: households per group and mask first, then 2^d masks, not n rows."""
    flags, width = yardstick.every_mask(), 1 << len(yardstick.indicators)
    if size * width > CELLS_A_HOUSEHOLD * len(masks):
        return _from_matrix(yardstick, flags[masks], codes, size, weights)
    keys = codes.astype(np.int64) if size > 1 else np.zeros(len(masks), np.int64)
    keys *= width
    keys += masks
    counts = np.bincount(keys, weights, size * width).reshape(size, width)
    del keys  # eight bytes a household that the products below need no more
    poor = yardstick.poor(yardstick.scores(flags))
    said = np.column_stack([np.ones(width), poor, flags, _of(poor, flags)]).astype(np.float64)
    found = _products(counts, said)
    last = 2 + flags.shape[1]
    return found[:, 0], found[:, 1], found[:, 2:last], found[:, last:]


def _products(counts: NDArray[Any], said: Floats) -> Floats:
    """counts @ said, some groups at a time: whole numbers would be copied as floats at once."""
    step = max(1, CELLS_AT_ONCE // counts.shape[1])
    starts = range(0, len(counts), step)
    return np.concatenate([counts[at : at + step].astype(np.float64) @ said for at in starts])


def _read(
    yardstick: Yardstick, given: pd.DataFrame | NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Flags or masks that fit the yardstick, and which flags are unknown, None where none is."""
    table = _joined(yardstick, given) if isinstance(given, pd.DataFrame) else np.asarray(given)
    if table.ndim == 1:
        return _masks(yardstick, table), None
    _fits("deprived", table.shape, (*table.shape[:1], len(yardstick.indicators)))
    if table.dtype == bool:
        return table, None
    gaps = np.asarray(pd.isna(table), bool)
    flags = np.where(gaps, False, table)
    strange = flags[~np.isin(flags, (0, 1))]
    if strange.size:
        raise refuse("af_not_a_flag", value=str(strange[0]))
    return flags.astype(bool), gaps if gaps.any() else None


def _joined(yardstick: Yardstick, frame: pd.DataFrame) -> NDArray[Any]:
    differ = sorted({str(name) for name in frame.columns} ^ set(yardstick.indicators))
    if differ or len(frame.columns) != len(yardstick.indicators):
        raise refuse("af_indicators_differ", indicators=", ".join(differ) or "–")
    return frame.rename(columns=str)[list(yardstick.indicators)].to_numpy()


def _masks(yardstick: Yardstick, masks: NDArray[Any]) -> NDArray[Any]:
    size = len(yardstick.indicators)
    if masks.dtype.kind != "u" or size > MOST_BITS:
        raise refuse("af_mask_outside", value=str(masks.dtype), expected=f"uint{MOST_BITS}")
    if len(masks) and int(masks.max()) >> size:
        raise refuse("af_mask_outside", value=int(masks.max()), expected=f"< {1 << size}")
    return masks


def _grouped(groups: Any, households: int) -> tuple[NDArray[Any], tuple[Any, ...]]:
    """A code for each household and the labels of the codes."""
    if groups is None:
        return np.zeros(households, np.int8), (EVERYBODY,)
    made = groups.array if isinstance(groups, pd.Series) else groups
    if not isinstance(made, pd.Categorical):
        made = pd.Categorical(made)
    _fits("groups", (len(made),), (households,))
    codes = np.asarray(made.codes)
    if households and codes.min() < 0:
        raise refuse("af_group_missing", value=int((codes < 0).sum()))
    return codes, tuple(made.categories)


def _weighing(weights: Any, households: int) -> Floats | None:
    if weights is None:
        return None
    made = np.asarray(weights, np.float64)
    _fits("weights", made.shape, (households,))
    wrong = made[~(np.isfinite(made) & (made >= 0))]
    if wrong.size:
        raise refuse("af_household_weight", value=f"{wrong[0]:g}", households=wrong.size)
    return made


def _fits(what: str, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if shape != expected:
        raise refuse("af_shape", what=what, value=_sizes(shape), expected=_sizes(expected))


def _sizes(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
