"""All that could be done: a class of households gets a package in a year; a column each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.classes import FIELDS, Classes
from povsim.allocation.gains import Gains

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
NEGLIGIBLE = 1e-4
"""A package of several lines that brings less than this to a household is left out."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Arrays (column,): class, package, year by number; `stay` the share of the class that still
    stands as it did; `out` and `lacked` what a household of the class brings."""

    classes: Classes
    gains: Gains
    klass: Counts
    package: Counts
    year: Counts
    stay: Floats
    out: Floats
    lacked: Floats

    def __len__(self) -> int:
        return len(self.klass)

    @cached_property
    def unit(self) -> Counts:
        return np.asarray(self.classes.unit[self.klass])

    @cached_property
    def kind(self) -> Counts:
        return self.gains.kind_of(self.classes)[self.klass]

    @cached_property
    def members(self) -> NDArray[np.bool_]:
        """(column, line): what its package holds."""
        return self.gains.packages.members[self.package]

    @cached_property
    def served(self) -> list[tuple[int, int, Counts, Floats]]:
        """By line and year: the columns that have households served, and how many for each."""
        found = []
        entitlements = [line.entitlement for line in self.gains.packages.lines]
        for line in np.flatnonzero(self.gains.packages.members.any(axis=0)):
            for year in range(self.gains.years):
                now = self.members[:, line] & (self.year == year)
                share = np.where(now, self.stay, 0.0)
                for before in range(year if entitlements[line] else 0):
                    then = np.flatnonzero(self.members[:, line] & (self.year == before))
                    share[then] = self.stay[then] * self._listed(then, before, year)
                at = np.flatnonzero(share)
                found.append((int(line), year, at, share[at]))
        return found

    def _listed(self, at: Counts, before: int, year: int) -> Floats:
        kind, unit = self.kind[at], self.unit[at]
        listed = np.empty(len(at))
        for package in np.unique(self.package[at]):
            own = self.package[at] == package
            chance = self.gains.listed[before, year, int(package)]
            listed[own] = chance[kind[own], unit[own]]
        return listed

    def of_units(self, chosen: Counts) -> Columns:
        """Those of some units (numbers in order)."""
        mine = np.isin(self.classes.unit, chosen)
        units = tuple(self.classes.units[u] for u in chosen)
        arrays = {name: getattr(self.classes, name)[mine] for name in (*FIELDS, "households")}
        arrays["unit"] = np.searchsorted(chosen, arrays["unit"])
        gains = replace(
            self.gains,
            out=self.gains.out[:, :, :, chosen],
            lacked=self.gains.lacked[:, :, :, chosen],
            stay=self.gains.stay[:, :, :, chosen],
            listed={key: chance[:, chosen] for key, chance in self.gains.listed.items()},
        )
        return columns_of(Classes(units, **arrays), gains)

    def by_draws(self, weights: Floats) -> Floats:
        """What a household brings (column,) as draws are weighted (draw,)."""
        return _looked_up(self, self.gains.out, weights)


def columns_of(classes: Classes, gains: Gains) -> Columns:
    """Every package that a class may have, in every year in which it is listed."""
    bits, members = gains.packages.bits, gains.packages.members
    parts = []
    for year in range(gains.years):
        listed = np.flatnonzero(classes.since <= year)
        may = (classes.lines[listed, None] & bits) == bits
        klass, package = np.nonzero(may)
        parts.append(np.stack([listed[klass], package, np.full(len(klass), year)]))
    klass, package, year = np.concatenate(parts, axis=1)
    made = Columns(classes, gains, klass, package, year, *[np.ones(len(klass))] * 3)
    stay = np.ones(len(klass))
    since = classes.since[klass]
    for first, later in {(int(s), int(y)) for s, y in zip(since, year, strict=True) if s < y}:
        own = (since == first) & (year == later)
        stay[own] = gains.stays(first, later)[made.kind[own], made.unit[own]]
    out, lacked = (_looked_up(made, each) for each in (gains.out, gains.lacked))
    keep = (np.maximum(out, lacked) > NEGLIGIBLE) | (members.sum(axis=1)[package] == 1)
    arrays = (klass, package, year, stay, out, lacked)
    return Columns(classes, gains, *(each[keep] for each in arrays))


def _looked_up(columns: Columns, gains: Floats, weights: Floats | None = None) -> Floats:
    """What each column's household brings, by the means of gains."""
    since, found = columns.classes.since[columns.klass], np.empty(len(columns))
    for first in np.unique(since):
        for year in range(int(first), columns.gains.years):
            own = np.flatnonzero((since == first) & (columns.year == year))
            table = columns.gains.mean(gains, int(first), year, weights)
            found[own] = table[columns.package[own], columns.kind[own], columns.unit[own]]
    return found
