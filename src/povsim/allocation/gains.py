"""What packages of lines are expected to bring to households of a kind, draw by draw.

A package is a set of lines that a household gets in one year; entitlements in it are paid anew
while the household stays on a list. Gains are against getting nothing, on the same draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.classes import POOR, Classes
from povsim.effects import Line
from povsim.effects.expected import Values, Year, help_of, opened, staying
from povsim.effects.living.arrays import Bars
from povsim.population import BITS
from povsim.vocabulary import Indicator

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
MOST_LINES = 3
"""Lines in a package at most: a fourth changes little and the packages double."""


@dataclass(frozen=True, eq=False)
class Packages:
    """Sets of lines: `members` (package, line) says which are in it."""

    lines: tuple[Line, ...]
    members: NDArray[np.bool_]

    @classmethod
    def of(cls, lines: Sequence[Line], paid: Sequence[str], most: int = MOST_LINES) -> Packages:
        """All sets of up to `most` lines among those that are paid."""
        numbers = [at for at, line in enumerate(lines) if line.id in paid]
        sets = [each for size in range(1, most + 1) for each in combinations(numbers, size)]
        members = np.zeros((len(sets), len(lines)), dtype=np.bool_)
        for at, each in enumerate(sets):
            members[at, list(each)] = True
        return cls(tuple(lines), members)

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def bits(self) -> Counts:
        """A bit a line (package,)."""
        return np.asarray((self.members << np.arange(len(self.lines))).sum(axis=1))

    def held(self, at: int) -> tuple[str, ...]:
        """Its entitlements, held only while they are paid."""
        return tuple(line.id for line in self.of_package(at) if line.entitlement)

    def of_package(self, at: int) -> list[Line]:
        return [self.lines[number] for number in np.flatnonzero(self.members[at])]


@dataclass(frozen=True, eq=False)
class Gains:
    """By kind of household (state, labour, number lacked) and package, what a year of it brings.

    `out` and `lacked` (year, package, kind, unit, draw): by how much the chance to be poor at the
    end of `by` falls, and the number of indicators lacked as a poor household; `stay` (since, year,
    kind, unit, draw) the chance to stand at a year's opening as at an earlier one; `listed` (year,
    later year, package, kind, unit) the chance to be on a list later, for entitlements.
    """

    packages: Packages
    kinds: Counts
    by: int
    out: Floats
    lacked: Floats
    stay: Floats
    listed: Mapping[tuple[int, int, int], Floats]

    @property
    def years(self) -> int:
        return int(self.out.shape[0])

    @property
    def draws(self) -> int:
        return int(self.out.shape[-1])

    def kind_of(self, classes: Classes) -> Counts:
        """The number of the kind of each class."""
        own = _kind_keys(classes)
        return np.searchsorted(_code(self.kinds), _code(own))

    def mean(self, gains: Floats, since: int, year: int, weights: Floats | None = None) -> Floats:
        """Gains (package, kind, unit) of who is listed since and served in a year, if it stays."""
        weights = np.full(self.draws, 1.0 / self.draws) if weights is None else weights
        if since == year:
            return np.asarray(gains[year] @ weights)
        kept = self.stay[since, year] * weights
        return np.asarray(np.einsum("pkud,kud->pku", gains[year], kept))

    def stays(self, since: int, year: int) -> Floats:
        """The mean chance (kind, unit) to stand as before."""
        return np.asarray(self.stay[since, year].mean(axis=-1))


def _kind_keys(classes: Classes) -> Counts:
    return np.stack([classes.state, classes.labour, classes.number], axis=1)


def _code(kinds: Counts) -> Counts:
    """One number a kind, in the order of their keys."""
    return np.asarray((kinds[:, 0] * 2 + kinds[:, 1]) * (BITS + 1) + kinds[:, 2])


@dataclass(frozen=True, eq=False)
class _Backwards:
    """Values from the end of `by` back to any opening, under the bars of some draws."""

    years: Sequence[Year]
    lines: Sequence[Line]
    sizes: Mapping[str, Floats]
    planned: int
    kept: Mapping[str, Floats]
    places: int

    def untreated(
        self, weight: Floats, near: float, until: int, paid: Sequence[str]
    ) -> list[Values]:
        """Values at each opening up to the end of year number `until`, where nobody gets more."""
        values = [Values.measured(weight, len(paid), self.places, near)]
        for t in reversed(range(until)):
            values.insert(0, opened(values[0], self.years[t], self._kept(t, paid)))
        return values

    def treated(self, package: Sequence[Line], year: int, after: Sequence[Values]) -> Values:
        """Values at the opening of the year in which a package is paid."""
        until, lag = len(after) - 1, max(line.lag for line in package)
        end = min(year + lag + 1, until)
        paid = [line.id for line in package if line.entitlement]
        value = after[end]
        for t in reversed(range(year, end)):
            help_ = help_of(package, self.sizes, t - year)
            value = opened(value, self.years[t], self._kept(t, paid) if t > year else 1.0, help_)
        return value

    def _kept(self, t: int, paid: Sequence[str]) -> Floats | float:
        """The chance (place,) that what is held is paid anew: surely while the plan lasts."""
        if t < self.planned or not paid:
            return 1.0
        return np.asarray(np.min([self.kept[line] for line in paid], axis=0))


def gains_of(
    classes: Classes,
    packages: Packages,
    bars: Bars,
    sizes: Mapping[str, Floats],
    *,
    planned: int,
    by: int,
    kept: Mapping[str, Floats],
    draws: int,
) -> Gains:
    """The gains of packages paid in each of the first `planned` years.

    Args:
        sizes: θ (draw,) by line.
        by: the number of the year at whose end is measured.
        kept: by entitlement, the chance (unit,) that it is paid anew after the plan's last year.
        draws: so many of the first draws are used.
    """
    units, bar = len(bars.bar), bars.bar[:, :, :draws]
    places = units * draws
    back = _Backwards(
        [
            Year(_in_short(np.moveaxis(bar[:, t], -1, 0)).reshape(-1, places))
            for t in range(bar.shape[1])
        ],
        packages.lines,
        {line: _in_short(np.tile(size[:draws], units)) for line, size in sizes.items()},
        planned,
        {line: _in_short(np.repeat(chance, draws)) for line, chance in kept.items()},
        places,
    )
    kinds = np.unique(_kind_keys(classes), axis=0)
    shape, number = (len(kinds), units, draws), np.arange(kinds[:, 2].max() + 1, dtype=np.float32)
    weights = (np.ones_like(number), number / np.float32(len(Indicator)))
    asked = list(product(weights, range(planned)))
    made = [_gain(back, packages, weight, year, by + 1, kinds, shape) for weight, year in asked]
    out, lacked = np.stack(made[:planned]), np.stack(made[planned:])
    return Gains(
        packages,
        kinds,
        by,
        out,
        lacked,
        _stay(back, kinds, shape, planned),
        dict(_listed(back, packages, kinds, shape, planned)),
    )


def _in_short(values: Floats) -> Floats:
    """In half the memory: chances need no more than seven digits."""
    return values.astype(np.float32)


def _gain(
    back: _Backwards,
    packages: Packages,
    weight: Floats,
    year: int,
    until: int,
    kinds: Counts,
    shape: tuple[int, int, int],
) -> Floats:
    """What each package lowers (package, kind, unit, draw) of what is measured."""
    nothing = _of_kinds(back.untreated(weight, 0.0, until, ())[year], kinds, shape)
    after = _after(back, packages, weight, 0.0, until)

    def gain(at: int) -> Floats:
        values = back.treated(packages.of_package(at), year, after[packages.held(at)])
        return (nothing - _of_kinds(values, kinds, shape)).astype(np.float32)

    return np.stack([gain(at) for at in range(len(packages))])


def _after(
    back: _Backwards, packages: Packages, weight: Floats, near: float, until: int
) -> dict[tuple[str, ...], list[Values]]:
    """Values at each opening by the entitlements that a package may hold."""
    held = dict.fromkeys(packages.held(at) for at in range(len(packages)))
    return {each: back.untreated(weight, near, until, each) for each in held}


def _of_kinds(values: Values, kinds: Counts, shape: tuple[int, int, int]) -> Floats:
    """(kind, unit, draw)."""
    found = [
        (values.poor if state == POOR else values.near)[labour, number, 0]
        for state, labour, number in kinds
    ]
    return np.stack(found).reshape(shape)


def _stay(back: _Backwards, kinds: Counts, shape: tuple[int, int, int], planned: int) -> Floats:
    stay = np.ones((planned, planned, *shape))
    for year in range(1, planned):
        kept = _of_kinds(staying(back.years[year - 1]), kinds, shape)
        for since in range(year):
            stay[since, year] = stay[since, year - 1] * kept
    return stay


def _listed(
    back: _Backwards,
    packages: Packages,
    kinds: Counts,
    shape: tuple[int, int, int],
    planned: int,
) -> Iterator[tuple[tuple[int, int, int], Floats]]:
    """By year, later year and package with an entitlement: the chance (kind, unit) to be listed."""
    listed = np.ones(kinds[:, 2].max() + 1, dtype=np.float32)
    for later in range(1, planned):
        after = _after(back, packages, listed, 1.0, later)
        for year, at in product(range(later), range(len(packages))):
            if held := packages.held(at):
                values = back.treated(packages.of_package(at), year, after[held])
                yield (year, later, at), _of_kinds(values, kinds, shape).mean(axis=-1)
