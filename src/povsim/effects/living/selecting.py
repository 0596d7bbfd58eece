"""The k-th lowest of some numbers (quickselect; Hoare 1961, doi:10.1145/366622.366647).

Written here because numpy's, as numba compiles it, copies and took four to ten times as long for
the some hundred households of a commune, which was most of a scenario's time.
"""

from __future__ import annotations

from povsim.effects.living.arrays import Floats
from povsim.effects.living.compiled import compiled


@compiled
def lowest(values: Floats, k: int) -> float:
    """The value of which k others are lower; the numbers are put in another order.

    Every step is the same for low and high numbers: a processor that guesses which comes next
    would be wrong every other time.
    """
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high) // 2
        pivot = values[middle]
        values[middle], values[high] = values[high], pivot
        after = low
        for at in range(low, high):
            value = values[at]
            values[at] = values[after]
            values[after] = value
            after += value < pivot
        values[high], values[after] = values[after], pivot
        if after == k:
            break
        low, high = (low, after - 1) if k < after else (after + 1, high)
    return values[k]
