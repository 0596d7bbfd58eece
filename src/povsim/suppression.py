"""Small cells hidden, and enough others that no hidden one can be worked out from what is printed.

The table: R parts that together are the whole (a group and the rest, or all peoples), by J
questions that each household answers with yes or no. Whoever looks at it is taken to know

- how many households each part has, and how many of the whole say yes to each question: the forms
  print them (F8 and F9, F4);
- how many yeses each part gives over all questions, for its mean or its M0 tells;
- every cell that is shown, and the share printed in it, which with the size gives the count.

So a cell is small where any of the four counts that it stands for is: yes and no in the part, yes
and no in the rest. With the margins known, each of the four gives the other three.

A small cell is protected by a rectangle of hidden cells: two parts by two questions, whose counts
can rise and fall together by the same number while all margins stay. Each such table is a possible
truth, so all four corners stay open by as much as the rectangle has room. This is the hypercube
method: Repsilber (1994), "Preservation of confidentiality in aggregated data", Second
International Seminar on Statistical Confidentiality, Luxembourg; Giessing & Repsilber (2002),
"Tools and strategies to protect multiple tables with the GHQUAR cell suppression engine".

Not covered: two tables of which one counts a part of the other's households (a commune's beside
the district's), whose difference is a third; show one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEWEST = 5
"""Fewer households than this are not told of; and as many values must stay possible."""


def is_small(counts: Any) -> Flags:
    """Whether counts are of a few households, from 1 to 4; none at all tells of nobody.

    >>> is_small([0, 1, 4, 5]).tolist()
    [False, True, True, False]
    """
    found = np.asarray(counts)
    return np.asarray((found > 0) & (found < FEWEST), np.bool_)


def hidden(yes: Any, households: Any) -> Flags:
    """Which cells of a table may not be shown.

    Args:
        yes: (R, J) households of each part that say yes to each question.
        households: (R, J) those that answer it, or (R, 1) where all do.

    Returns:
        (R, J): True for small cells and for those hidden to protect them. A small cell can then
        have `FEWEST` different values or more; where the margins leave less room than that, as
        many as the roomiest rectangle has; a cell hidden to protect it, two or more. Where a small
        cell has no rectangle, the whole table is hidden; where the margins alone tell a count,
        hiding others would not help, and none is.

    Raises:
        ValueError: another shape, or more that say yes than answer.

    >>> hidden([[2, 20, 9], [30, 25, 40]], [[40], [60]]).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0]]
    >>> hidden([[12, 20, 9], [30, 25, 40]], [[40], [60]]).any()
    np.False_
    """
    table = _table(yes, households)
    found = table.small()
    for part, question in _by_count(found, table.yes):
        if table.room[part, question] > 0:
            _protect(table, found, part, question)
    return found


@dataclass(frozen=True, eq=False)
class _Table:
    """Counts (R, J) with the bounds that the margins alone set for each cell.

    Of a part of G households in a whole of N, of which D say yes, at least G + D - N do, and at
    most the lesser of G and D (Fréchet).
    """

    yes: Counts
    households: Counts

    @property
    def totals(self) -> Counts:
        return np.asarray(self.yes.sum(0, keepdims=True))

    @property
    def population(self) -> Counts:
        return np.asarray(self.households.sum(0, keepdims=True))

    @property
    def up(self) -> Counts:
        """How far each count can rise."""
        return np.asarray(np.minimum(self.households, self.totals) - self.yes)

    @property
    def down(self) -> Counts:
        """How far each count can fall."""
        least = np.maximum(0, self.households + self.totals - self.population)
        return np.asarray(self.yes - least)

    @property
    def room(self) -> Counts:
        return self.up + self.down

    def small(self) -> Flags:
        no, others = self.households - self.yes, self.totals - self.yes
        neither = self.population - self.totals - no
        return is_small(self.yes) | is_small(no) | is_small(others) | is_small(neither)


def _table(yes: Any, households: Any) -> _Table:
    counts = np.asarray(yes, np.int64)
    sizes = np.asarray(households, np.int64)
    if counts.ndim != 2 or sizes.shape not in (counts.shape, (len(counts), 1)):
        raise ValueError(f"yes {counts.shape} and households {sizes.shape}: (R, J), or (R, 1)")
    sizes = np.broadcast_to(sizes, counts.shape)
    if (counts < 0).any() or (counts > sizes).any():
        raise ValueError("more households say yes than answer, or fewer than none")
    return _Table(counts, sizes)


def _by_count(cells: Flags, counts: Counts) -> list[tuple[int, int]]:
    """The flagged cells, smallest counts first, so that a table is always hidden the same way."""
    places = [(int(part), int(question)) for part, question in np.argwhere(cells)]
    return sorted(places, key=lambda place: (counts[place], place))


def _protect(table: _Table, found: Flags, part: int, question: int) -> None:
    """Hide the cheapest rectangle that leaves the cell open enough; else the widest there is."""
    width = _widths(table, part, question)
    wanted = min(FEWEST - 1, int(table.room[part, question]), int(width.max()))
    if wanted <= 0:
        found[:] = True
        return
    shown = (~found).astype(np.int64)
    # A rectangle of cells that are hidden anyway costs nothing; then the fewest households go.
    cells = shown[:, [question]] + shown[[part], :] + shown
    lost = (shown * table.yes)[:, [question]] + (shown * table.yes)[[part], :] + shown * table.yes
    cost = np.where(width >= wanted, cells * (table.yes.sum() + 1) + lost, np.iinfo(np.int64).max)
    other, second = np.unravel_index(int(cost.argmin()), cost.shape)
    found[np.ix_([part, int(other)], [question, int(second)])] = True


def _widths(table: _Table, part: int, question: int) -> Counts:
    """How far the cell can move, up and down together, with each opposite corner (R, J).

    A cell of its own part or question is no corner: -1.
    """
    rise = _moves(table.up, table.down, part, question)
    fall = _moves(table.down, table.up, part, question)
    width = rise + fall
    width[part, :] = -1
    width[:, question] = -1
    return width


def _moves(there: Counts, back: Counts, part: int, question: int) -> Counts:
    """The cell and its opposite corner go there, the two others back, all by the same number."""
    ours = np.minimum(there[part, question], there)
    return np.asarray(np.minimum(ours, np.minimum(back[:, [question]], back[[part], :])))
