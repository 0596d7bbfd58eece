"""What the poor of each group lack: a household register crossed with the twelve indicators.

The forms count groups (F8, F9) and indicators (F4), but never one by the other; only the register
does. Groups overlap: a household counts in each that it belongs to. Small cells are hidden here,
before anybody sees the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim import poverty, registers, suppression, workspace
from povsim.registers import Register
from povsim.vocabulary import Group, People, State

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

ALL = "all"
FEMALE_HEAD = "female_head"
OTHER_PEOPLES = "other_peoples"
LARGE = 30
"""A people with fewer poor households than this is told with the other peoples."""
READABLE = 2 * suppression.FEWEST
"""Of a group with fewer poor households every cell but none and all would be hidden: all are."""


def on_file(folder: str, review: int) -> Register | None:
    """The register of a review in a folder of the workspace, or None where there is none.

    Args:
        folder: from the workspace's home; holds a folder a year (`registers.read`).
        review: the year.

    Raises:
        Refusal: every fault of the register.
    """
    place = workspace.home() / folder / str(review)
    return registers.read(place, review) if place.is_dir() else None


def lacking_by_group(households: pd.DataFrame, members: pd.DataFrame, review: int) -> pd.DataFrame:
    """What the poor of each group lack, from tables of the register (`poverty.contract`).

    Returns and raises as `of_register`.
    """
    return of_register(registers.of_tables(households, members), review)


def of_register(register: Register, review: int) -> pd.DataFrame:
    """What the poor of each group lack, with small cells hidden.

    A household is poor where it surely is, by answers or by scoring sheets, and in a group where
    it is surely that. Of each indicator those count that have an answer. The table is for a whole
    district: a part's table beside the whole's would tell the rest (`suppression`).

    Args:
        register: the households of a district at the review of a year.
        review: that year.

    Returns:
        Long, groups and indicators in their order: `group` (`all`, of F8, `female_head`, peoples),
        `poor` (households of the group, missing where hidden), `indicator`, `dimension`,
        `households` (those of them with an answer), `lacking`, `share` (all three missing where
        hidden) and `hidden`.

    Raises:
        Refusal: what is wrong with the tables; no standard or thresholds of that year on file.
    """
    poor, lacks = _poor(register, review)
    groups = _groups(poor)
    counted = [_counted(flags, lacks) for flags in groups.values()]
    names = tuple(map(str, lacks.columns))
    parts = (np.stack(part) for part in zip(*counted, strict=True))
    dimensions = [known.dimension for known in poverty.thresholds(review).values()]
    return _Crossing(tuple(groups), names, *parts).told(dimensions)


def _poor(register: Register, review: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of the surely poor, and what each lacks (nullable flags, a column an indicator)."""
    states = registers.judge(register, review).states
    surely = states[str(State.POOR)].fillna(False).to_numpy(bool)
    lacking = poverty.deprivations(register.households, register.members, review)
    names = list(map(str, poverty.thresholds(review)))
    chosen = lacking.loc[surely, names].astype("boolean")
    return register.households[surely], chosen


# --- Who belongs to what --------------------------------------------------------------------------


def _groups(poor: pd.DataFrame) -> dict[str, Flags]:
    """Every group with its flags: the whole, DTTS and the peoples, then the others."""
    people = poor["people"].astype("object")
    peoples = _peoples(people)
    dtts = (people.notna() & (people != People.KINH)).to_numpy(bool)
    others = (Group.NO_LABOUR, Group.MERIT, FEMALE_HEAD)
    answered = {str(name): poor[name].fillna(False).to_numpy(bool) for name in others}
    return {ALL: np.ones(len(poor), bool), str(Group.DTTS): dtts} | peoples | answered


def _peoples(people: pd.Series[Any]) -> dict[str, Flags]:
    """The Kinh, each large people from the largest down, and the others as one.

    The others may not be so few that their number is hidden: the next people joins them.
    """
    sizes = people[people.notna() & (people != People.KINH)].value_counts().sort_index()
    sizes = sizes.sort_values(ascending=False, kind="stable")
    large = [str(name) for name in sizes.index if sizes[name] >= LARGE and name != People.OTHER]
    while large and suppression.is_small(sizes.sum() - sizes[large].sum()):
        large.pop()
    rest = [name for name in sizes.index if name not in large]
    alone = {name: (people == name).to_numpy(bool) for name in (str(People.KINH), *large)}
    together = {OTHER_PEOPLES: people.isin(rest).to_numpy(bool)} if rest else {}
    return alone | together


# --- What is counted, and what of it is told ------------------------------------------------------


def _counted(flags: Flags, lacks: pd.DataFrame) -> tuple[int, Counts, Counts]:
    """Households of a group; of those with an answer (J,), and those that lack it (J,)."""
    own = lacks[flags]
    answered = own.notna().sum().to_numpy(np.int64)
    return int(flags.sum()), answered, own.fillna(False).sum().to_numpy(np.int64)


@dataclass(frozen=True, eq=False)
class _Crossing:
    """Counts of G groups, the whole first: `poor` (G,), `answered` and `lacking` (G, J)."""

    groups: tuple[str, ...]
    indicators: tuple[str, ...]
    poor: Counts
    answered: Counts
    lacking: Counts

    def told(self, dimensions: list[str]) -> pd.DataFrame:
        """The long table, without what may not be told."""
        few, size = self._few(), len(self.indicators)
        hides = self._hides() | (few | self._unreadable())[:, None]
        share = self.lacking / np.where(self.answered > 0, self.answered, np.nan)
        return pd.DataFrame(
            {
                "group": np.repeat(self.groups, size),
                "poor": _masked(self.poor, few).repeat(size),
                "indicator": list(self.indicators) * len(self.groups),
                "dimension": dimensions * len(self.groups),
                "households": _masked(self.answered.ravel(), hides.ravel()),
                "lacking": _masked(self.lacking.ravel(), hides.ravel()),
                "share": np.where(hides, np.nan, share).ravel(),
                "hidden": hides.ravel(),
            }
        )

    @property
    def _peoples(self) -> list[int]:
        """Rows that add up to the whole, but for households whose people nobody noted."""
        names = {*map(str, People), OTHER_PEOPLES}
        return [row for row, name in enumerate(self.groups) if name in names]

    def _few(self) -> Flags:
        """Groups whose very number is hidden: small, or the rest is; never one people alone.

        The number of all stays: it is F1's.
        """
        few = suppression.is_small(self.poor) | suppression.is_small(self.poor[0] - self.poor)
        peoples = self._peoples
        if few[peoples].sum() == 1:
            rest = [row for row in peoples if not few[row]]
            few[min(rest, key=lambda row: self.poor[row])] = True
        few[0] = False
        return few

    def _unreadable(self) -> Flags:
        rows = (self.poor > 0) & (self.poor < READABLE)
        rows[0] = False
        return rows

    def _hides(self) -> Flags:
        """Small cells and those that protect them (G, J); the whole is F4's and stays.

        DTTS are all but the Kinh: with F4 each of the two tells the other.
        """
        hides = np.zeros(self.lacking.shape, bool)
        for row in range(1, len(self.groups)):
            if row not in self._peoples:
                hides[row] = self._hidden_of([row])[0]
        hides[self._peoples] = self._hidden_of(self._peoples)
        hides[self._row(Group.DTTS)] |= hides[self._row(People.KINH)]
        return hides

    def _hidden_of(self, rows: list[int]) -> Flags:
        """What is hidden of groups that do not overlap, with the rest of the whole beside them."""
        yes, answered = (
            np.vstack([counts[rows], counts[:1] - counts[rows].sum(0, keepdims=True)])
            for counts in (self.lacking, self.answered)
        )
        return suppression.hidden(yes, answered)[: len(rows)]

    def _row(self, name: str) -> int:
        return self.groups.index(str(name))


def _masked(counts: Counts, hides: Flags) -> pd.arrays.IntegerArray:
    """Counts with the hidden ones missing; under its mask too the column holds nothing of them."""
    return pd.arrays.IntegerArray(np.where(hides, 0, counts), hides.copy())
