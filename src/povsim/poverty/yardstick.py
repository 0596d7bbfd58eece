"""What counts, how much, and from which share of it on a household is poor (Alkire-Foster)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from povsim.findings import Finding, Refusal

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TOLERANCE = 1e-9
"""Three times 1/12 must reach a cutoff of 1/4, in whatever order a machine adds them."""
MOST_BITS = 16
"""Indicators that a mask can hold."""


@dataclass(frozen=True)
class Yardstick:
    """Indicators with their weights and dimensions, and the poverty cutoff k.

    A household's score is c = Σ w_j g0_j, the weighted share of what it lacks; it is poor when
    c ≥ k. With k at the smallest weight that is the union (lacks anything), with k = 1 the
    intersection (lacks everything that weighs).
    Source: Alkire & Foster (2011), J. Public Economics 95, sections 3 and 4.

    Raises:
        Refusal: every fault at once. `af_shape` (as many weights and dimensions as indicators),
            `af_weight_negative`, `af_weights_sum` (not 1), `af_cutoff_outside` (not in (0, 1]),
            `af_indicator_twice`.

    >>> ours = Yardstick.nested({"work": ["job", "dependants"], "health": ["insurance"]}, 0.5)
    >>> ours.weights, ours.dimensions
    ((0.25, 0.25, 0.5), ('work', 'work', 'health'))
    >>> ours.union().cutoff, ours.intersection().cutoff
    (0.25, 1.0)
    """

    indicators: tuple[str, ...]
    weights: tuple[float, ...]
    cutoff: float
    dimensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.dimensions:
            object.__setattr__(self, "dimensions", self.indicators)
        faults = list(_faults(self))
        if faults:
            raise Refusal(faults)

    @classmethod
    def equal(cls, indicators: Sequence[str], cutoff: float) -> Yardstick:
        """Every indicator weighs the same and is a dimension of its own."""
        names = tuple(str(name) for name in indicators)
        return cls(names, (1 / max(len(names), 1),) * len(names), cutoff)

    @classmethod
    def nested(cls, dimensions: Mapping[str, Sequence[str]], cutoff: float) -> Yardstick:
        """Dimensions weigh the same, and so do the indicators within each: the global MPI's way."""
        rows = [
            (str(name), 1 / len(dimensions) / len(members), str(dimension))
            for dimension, members in dimensions.items()
            for name in members
        ]
        names, weights, belongs = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(names, weights, cutoff, belongs)

    def at(self, cutoff: float) -> Yardstick:
        """The same weights under another cutoff."""
        return replace(self, cutoff=cutoff)

    def union(self) -> Yardstick:
        """Poor is who lacks anything that weighs."""
        return self.at(min(weight for weight in self.weights if weight > 0))

    def intersection(self) -> Yardstick:
        """Poor is who lacks everything that weighs."""
        return self.at(1.0)

    @property
    def vector(self) -> Floats:
        """The weights, shape (d,)."""
        return np.array(self.weights)

    def scores(self, deprived: Flags) -> Floats:
        """Deprivation scores c = g0 w of households; (n, d) flags to shape (n,).

        >>> Yardstick.equal("abcd", 0.5).scores(np.array([[1, 0, 0, 1]], bool)).tolist()
        [0.5]
        """
        return np.asarray(deprived @ self.vector, np.float64)

    def poor(self, scores: Floats) -> Flags:
        """Who is poor: c ≥ k, shape (n,)."""
        return scores >= self.cutoff - TOLERANCE

    def every_mask(self) -> Flags:
        """What each mask says, shape (2^d, d): indicator j is bit j, the first the lowest.

        >>> Yardstick.equal("ab", 1).every_mask().astype(int).tolist()
        [[0, 0], [1, 0], [0, 1], [1, 1]]
        """
        size = len(self.indicators)
        bits: Flags = (np.arange(1 << size)[:, None] >> np.arange(size)) & 1 == 1
        return bits


def _faults(yardstick: Yardstick) -> Iterator[Finding]:
    yield from _faults_of_shape(yardstick)
    yield from _faults_of_weights(yardstick)
    if not TOLERANCE < yardstick.cutoff <= 1:
        yield Finding("af_cutoff_outside", values={"value": f"{yardstick.cutoff:g}"})


def _faults_of_shape(yardstick: Yardstick) -> Iterator[Finding]:
    names = yardstick.indicators
    for what, held in (("weights", yardstick.weights), ("dimensions", yardstick.dimensions)):
        if len(held) != len(names):
            values = {"what": what, "value": len(held), "expected": len(names)}
            yield Finding("af_shape", values=values)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield Finding("af_indicator_twice", values={"indicators": ", ".join(twice)})


def _faults_of_weights(yardstick: Yardstick) -> Iterator[Finding]:
    # A weight beyond the last indicator is told already, by the shape.
    for name, weight in zip(yardstick.indicators, yardstick.weights, strict=False):
        if not (isfinite(weight) and weight >= 0):
            yield Finding("af_weight_negative", values={"indicator": name, "value": f"{weight:g}"})
    total = sum(yardstick.weights)
    # Half, so that who lacks everything still reaches a cutoff of 1.
    if not abs(total - 1) <= TOLERANCE / 2:
        yield Finding("af_weights_sum", values={"value": f"{total:g}"})
