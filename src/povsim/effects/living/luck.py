"""Uniform numbers by purpose, unit, year, draw and household: any can be asked for alone.

A number is a hash of what it is for (SplitMix64; Steele, Lea and Flood 2014,
doi:10.1145/2660193.2660195), so call order never matters.
"""

from __future__ import annotations

import numpy as np

from povsim.effects.living.compiled import compiled

STRIDE = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio's part of 2⁶⁴: counters apart by it fill the circle evenly."""
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S12, S27, S30, S31 = (np.uint64(bits) for bits in (12, 27, 30, 31))
SCALE = 2.0**-52


@compiled
def mixed(counter: np.uint64) -> np.uint64:
    """SplitMix64's finalizer: every bit of a counter moves every bit of the number."""
    counter = (counter ^ (counter >> S30)) * FIRST
    counter = (counter ^ (counter >> S27)) * SECOND
    return counter ^ (counter >> S31)


@compiled
def keyed(purpose: np.uint64, unit: np.uint64, year: int, draw: int) -> np.uint64:
    """What is common to a unit's households in a year and draw."""
    place = mixed(mixed(purpose ^ unit) + np.uint64(year) * STRIDE)
    return mixed(place + np.uint64(draw) * STRIDE)


@compiled
def uniform(key: np.uint64, household: int) -> float:
    """A number between nought and one, neither of them included."""
    bits = mixed(key + np.uint64(household) * STRIDE) >> S12
    return (np.float64(bits) + 0.5) * SCALE
