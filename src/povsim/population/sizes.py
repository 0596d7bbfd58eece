"""How many live in each household: every group's persons met, in whole persons."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from povsim.population.law import Counts

GROUPS = 3
CELLS = 1 << GROUPS
"""Households by the groups they belong to: a bit a group."""
FLAGS = (np.arange(CELLS)[:, None] >> np.arange(GROUPS)) & 1
PAIRS = list(permutations(range(CELLS), 2))
MOVES = 64


def extras(cells: Counts, extra: Counts, of_groups: Counts) -> tuple[Counts, Counts]:
    """Persons beside the first of each household, by cell, so that groups and whole are right.

    Shared out by households at first; then persons move from one cell to another, whatever mends
    most, until every group has its own.

    Args:
        cells: (G, 8) households by the groups they are in.
        extra: (G,) persons beside one a household.
        of_groups: (G, 3) those of each group.

    Returns:
        Persons (G, 8), and what is still wrong (G, 3): all nought where persons could be placed.
    """
    placed = _shared(cells, extra)
    wrong = of_groups - placed @ FLAGS
    for _ in range(MOVES):
        open_ = np.flatnonzero(wrong.any(axis=1))
        if not len(open_) or not _mended(placed, wrong, cells, open_):
            break
    return placed, wrong


def _shared(cells: Counts, extra: Counts) -> Counts:
    households = np.maximum(cells.sum(axis=1), 1)
    placed = cells * extra[:, None] // households[:, None]
    rows, largest = np.arange(len(cells)), cells.argmax(axis=1)
    placed[rows, largest] += extra - placed.sum(axis=1)
    return np.asarray(placed)


def _mended(placed: Counts, wrong: Counts, cells: Counts, open_: Counts) -> bool:
    """Make the best move of each group that is open; whether any was made."""
    now, size = wrong[open_], np.abs(wrong[open_])
    gains = np.zeros((len(PAIRS), len(open_)), dtype=np.int64)
    moved = np.zeros_like(gains)
    for at, (source, target) in enumerate(PAIRS):
        change = FLAGS[target] - FLAGS[source]
        touched = change != 0
        # No further than the nearest of what the move touches.
        reach = np.where(touched, np.where(size > 0, size, 1), np.iinfo(np.int64).max).min(axis=1)
        able = np.minimum(placed[open_, source], reach) * (cells[open_, target] > 0)
        moved[at] = able
        gains[at] = (size - np.abs(now - able[:, None] * change)).sum(axis=1)
    best = gains.argmax(axis=0)
    chosen = np.arange(len(open_))[gains[best, np.arange(len(open_))] > 0]
    for at in chosen:
        source, target = PAIRS[best[at]]
        step, row = moved[best[at], at], open_[at]
        placed[row, source] -= step
        placed[row, target] += step
        wrong[row] -= step * (FLAGS[target] - FLAGS[source])
    return bool(len(chosen))
