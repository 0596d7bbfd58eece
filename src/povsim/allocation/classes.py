"""Classes of households that fare alike: where they live, what they lack, what they may have.

Of the listed at the last review, and of those that are expected to come to a list later on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from povsim.effects.homes import NO_LABOUR
from povsim.effects.living.arrays import Bars
from povsim.effects.living.coding import NUMBER
from povsim.effects.stage import Stage
from povsim.population import GROUPS, LISTED
from povsim.vocabulary import Group

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
POOR, NEAR_POOR = range(len(LISTED))
ALL_GROUPS = (1 << len(GROUPS)) - 1
FIELDS = ("unit", "state", "labour", "number", "lines", "groups", "since")


@dataclass(frozen=True, eq=False)
class Classes:
    """Arrays (class,): `unit` by number; `state` POOR or NEAR_POOR; `labour` 1 for the poor without
    labour capacity; `number` of indicators lacked; `lines` a bit a line that they may have;
    `groups` a bit a group of GROUPS (F8); `since` the year (from nought) from whose opening on they
    are listed; `households` how many, expected.
    """

    units: tuple[str, ...]
    unit: Counts
    state: Counts
    labour: Counts
    number: Counts
    lines: Counts
    groups: Counts
    since: Counts
    households: Floats

    def __len__(self) -> int:
        return len(self.unit)

    def may(self, line: int) -> Flags:
        """Who may have a line, by its number."""
        return np.asarray(self.lines >> line & 1, dtype=np.bool_)

    def of_group(self, group: Group) -> Flags:
        """Who is of a group of form F8."""
        return np.asarray(self.groups >> GROUPS.index(group) & 1, dtype=np.bool_)

    def having(self, lines: int) -> Classes:
        """With the lines (bits) left out of sight that nobody pays for; alike again are merged."""
        keys = _keys(self)
        keys[:, FIELDS.index("lines")] &= lines
        return _merged(self.units, keys, self.households)

    def without(self, line: int, share: Floats) -> Classes:
        """Where a share (unit,) of those that may have a line have it already: they may not."""
        mine = self.may(line) & (self.since == 0) & (share[self.unit] > 0)
        waiting = self.households * share[self.unit] * mine
        others = _keys(self)
        others[:, FIELDS.index("lines")] &= ~(1 << line)
        keys = np.concatenate([_keys(self), others[mine]])
        return _merged(self.units, keys, np.concatenate([self.households - waiting, waiting[mine]]))


def classes_of(stage: Stage, bars: Bars, years: int) -> Classes:
    """The classes of a stage over so many years of a plan.

    Where the households were put together more than once, a class has the mean of them.
    """
    turns = len(stage.people.rows)
    parts = [part for turn in range(turns) for part in _listed(stage, turn)]
    listed = _merged(stage.units, np.concatenate(parts), np.full(sum(map(len, parts)), 1.0 / turns))
    coming = [_coming(listed, bars, year) for year in range(1, years)]
    keys = np.concatenate([_keys(each) for each in (listed, *coming)])
    return _merged(
        stage.units, keys, np.concatenate([each.households for each in (listed, *coming)])
    )


def _keys(classes: Classes) -> Counts:
    return np.stack([getattr(classes, name) for name in FIELDS], axis=1)


def _merged(units: tuple[str, ...], keys: Counts, households: Floats) -> Classes:
    alike, which = np.unique(keys, axis=0, return_inverse=True)
    total = np.bincount(which.ravel(), households, len(alike)).astype(np.float64)
    columns = dict(zip(FIELDS, alike.T, strict=True))
    return Classes(units, **columns, households=total)


def _listed(stage: Stage, turn: int) -> Iterator[Counts]:
    """The keys (household, field) of each unit's listed households."""
    for u, unit in enumerate(stage.people.units):
        rows = stage.people.rows[turn, unit["start"] : unit["start"] + unit["listed"]]
        state = (np.arange(len(rows)) >= unit["poor"]).astype(np.int64)
        mask, groups = rows["mask"].astype(np.int64), rows["groups"].astype(np.int64)
        lines = np.zeros(len(rows), dtype=np.int64)
        for at, line in enumerate(stage.lines):
            lines |= _may(line, state, mask, groups, rows["causes"]).astype(np.int64) << at
        labour = ((groups & NO_LABOUR) > 0) & (state == POOR)
        none = np.zeros(len(rows), dtype=np.int64)
        columns = (none + u, state, labour, NUMBER[mask], lines, groups & ALL_GROUPS, none)
        yield np.stack([np.asarray(each, dtype=np.int64) for each in columns], axis=1)


def _may(line: np.void, state: Counts, mask: Counts, groups: Counts, causes: Counts) -> Flags:
    """Whether households may have a line; one that names no cause is not ruled out by it."""
    able = (int(line["states"]) >> state & 1) > 0
    if line["bit"]:
        able &= (mask & int(line["bit"])) > 0
    if line["groups"]:
        able &= (groups & int(line["groups"])) > 0
    if line["causes"]:
        able &= (causes < 0) | ((causes & int(line["causes"])) > 0)
    return np.asarray(able)


def _coming(listed: Classes, bars: Bars, year: int) -> Classes:
    """Who is expected to come to the lists in the year before: like those that are there."""
    entrants = bars.entrants[:, year - 1].sum(axis=-1).mean(axis=1)  # (unit, list)
    there = np.zeros_like(entrants)
    np.add.at(there, (listed.unit, listed.state), listed.households)
    share = entrants / np.maximum(there, 1e-9)
    keys = _keys(listed)
    keys[:, FIELDS.index("since")] = year
    keys[:, FIELDS.index("labour")] = 0
    keys[:, FIELDS.index("groups")] &= ~NO_LABOUR
    return _merged(listed.units, keys, listed.households * share[listed.unit, listed.state])
