"""Masks of twelve deprivations for every household, with each count met to the household.

Households are drawn from the law of their group (`law`), then bits change until the counts are
exact. The near-poor, who lack two at most, are the mirror image: what they do not lack is drawn,
ten at least.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from povsim.population.law import BITS, Counts, Floats, Law, chances

Bits = NDArray[np.bool_]
ROUNDS = 200
STEP = 0.6180339887498949
"""The golden ratio's part, by which a key is turned for its next use."""


def draw(law: Law, lacking: Counts, group: Counts, least: Counts, keys: Floats) -> Bits:
    """What each household lacks (household, 12), with the counts `lacking` (G, 12) met exactly.

    Args:
        group: (household,) the group of each, from 0, in order.
        least: (G,) the fewest that a household lacks.
        keys: (household, 24) random numbers of each household, 0 to 1.
    """
    bits = _drawn(chances(law), group, keys[:, :BITS])
    _exact(bits, lacking, group, least, keys[:, BITS:])
    return bits


def _drawn(chance: Floats, group: Counts, keys: Floats) -> Bits:
    bits = np.empty(keys.shape, dtype=bool)
    number = np.zeros(len(keys), dtype=np.int64)
    for j in range(BITS):
        bits[:, j] = keys[:, j] < chance[group, j, number]
        number += bits[:, j]
    return bits


def _exact(bits: Bits, lacking: Counts, group: Counts, least: Counts, keys: Floats) -> None:
    """Change bits until every count is met, no household falling under the least.

    Too many are taken from households that can spare one, too few given to any that lacks none of
    it yet. Where nobody can spare, a household changes one indicator for another; where that needs
    another too few, one is made by a household that can spare.
    """
    number = bits.sum(axis=1)
    for again in range(ROUNDS):
        turn = again * STEP
        over = _over(bits, lacking, group)
        if not over.any():
            return
        for j in map(int, np.flatnonzero((over > 0).any(axis=0))):
            spare = bits[:, j] & (number > least[group])
            _set(bits, number, j, False, chosen(spare, over[:, j], group, keys[:, j], turn))
        over = _over(bits, lacking, group)
        _exchange(bits, over, group, keys, turn)
        _detour(bits, over, group, keys, turn, by=again % BITS)
        over = _over(bits, lacking, group)
        short = np.where((over > 0).any(axis=1, keepdims=True), 0, -over)
        for j in map(int, np.flatnonzero((short > 0).any(axis=0))):
            _set(bits, number, j, True, chosen(~bits[:, j], short[:, j], group, keys[:, j], turn))
        _make_room(bits, number, over, group, least, keys, turn)
    raise RuntimeError("counts that no households have")  # pragma: no cover


def _over(bits: Bits, lacking: Counts, group: Counts) -> Counts:
    """By how many households each indicator's count is too high (G, 12)."""
    seen = [np.bincount(group, bits[:, j], len(lacking)) for j in range(BITS)]
    return np.stack(seen, axis=1).astype(np.int64) - lacking


def _set(bits: Bits, number: Counts, j: int, value: bool, rows: Counts) -> None:
    bits[rows, j] = value
    number[rows] += 1 if value else -1


def _exchange(bits: Bits, over: Counts, group: Counts, keys: Floats, turn: float) -> None:
    """One indicator for another within a household, where one is in excess and the other short."""
    for j in np.flatnonzero((over > 0).any(axis=0)):
        for k in np.flatnonzero((over < 0).any(axis=0)):
            want = np.minimum(over[:, j], -over[:, k])
            if (want > 0).any():
                rows = chosen(bits[:, j] & ~bits[:, k], want, group, keys[:, j], turn)
                bits[rows, j], bits[rows, k] = False, True
                moved = np.bincount(group[rows], minlength=len(over))
                over[:, j] -= moved
                over[:, k] += moved


def _detour(bits: Bits, over: Counts, group: Counts, keys: Floats, turn: float, *, by: int) -> None:
    """One household a group changes what is in excess for a third indicator: whoever has that one
    may yet change it for what is short.
    """
    stuck = (over > 0).any(axis=1) & (over < 0).any(axis=1) & (over[:, by] == 0)
    for j in np.flatnonzero((over[stuck] > 0).any(axis=0)):
        want = (stuck & (over[:, j] > 0)).astype(np.int64)
        rows = chosen(bits[:, j] & ~bits[:, by], want, group, keys[:, j], turn)
        bits[rows, j], bits[rows, by] = False, True
        stuck = stuck & ~np.isin(np.arange(len(over)), group[rows])


def _make_room(
    bits: Bits,
    number: Counts,
    over: Counts,
    group: Counts,
    least: Counts,
    keys: Floats,
    turn: float,
) -> None:
    """Where all that is wrong is an excess nobody can spare: others give something up instead."""
    want = np.where((over < 0).any(axis=1), 0, np.maximum(over, 0).sum(axis=1))
    for j in range(BITS):
        if not (want > 0).any():
            return
        spare = bits[:, j] & (number > least[group]) & (over[group, j] <= 0)
        rows = chosen(spare, want, group, keys[:, j], turn)
        _set(bits, number, j, False, rows)
        want = want - np.bincount(group[rows], minlength=len(want))


def chosen(able: Bits, want: Counts, group: Counts, key: Floats, turn: float = 0.0) -> Counts:
    """So many of the able households of each group, those whose turned key is lowest."""
    rows = np.flatnonzero(able & (want[group] > 0))
    order = np.lexsort(((key[rows] + turn) % 1.0, group[rows]))
    rows = rows[order]
    first = np.searchsorted(group[rows], group[rows])
    rank = np.arange(len(rows)) - first
    return np.asarray(rows[rank < want[group[rows]]])
