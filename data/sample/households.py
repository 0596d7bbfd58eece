"""The sample's households: drawn one by one, so that every margin of a form can really occur."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from assumptions import given
from possible import mended

from povsim.streams import stream
from povsim.units import Unit
from povsim.vocabulary import LOCAL_PEOPLES, Group, Indicator, People

GROUPS = [str(Group.DTTS), str(Group.NO_LABOUR), str(Group.MERIT)]
LOCAL = tuple(people for people in People if people in LOCAL_PEOPLES)
"""The peoples native to the place (tại chỗ)."""
MINORITIES = tuple(people for people in People if people is not People.KINH)
LARGEST = 12
RULE = 3
"""A poor household lacks as many as this, a near-poor one fewer (Nghị định 07/2021/NĐ-CP)."""
FATES = ("female", "children", "causes", "nutrition", "insurance", "schooling", *given.causes)
"""What an even number each, thrown once for a household, decides."""


@dataclass(frozen=True)
class Households:
    """Households of one unit and state, one a row.

    `persons` (n,), `groups` (n, 3) and `lacking` (n, 12) as flags. `home` (n,) is the code of the
    unit of 2021 that it lives in, `minority` (n,) its people if it is DTTS. `fates` (n, 14) are
    even numbers: its other traits follow from them, so it keeps them in whatever state it is.
    """

    persons: np.ndarray
    groups: np.ndarray
    lacking: np.ndarray
    home: np.ndarray
    minority: np.ndarray
    fates: np.ndarray

    def __len__(self) -> int:
        return len(self.persons)

    def rows(self, chosen: np.ndarray) -> Households:
        """Some of them, by number."""
        return Households(*(getattr(self, column.name)[chosen] for column in fields(self)))

    def flag(self, group: str) -> np.ndarray:
        """Whether each belongs to a group of form F8."""
        return self.groups[:, GROUPS.index(group)]

    def lacks(self, indicator: Indicator) -> np.ndarray:
        """Whether each lacks one of the twelve."""
        return self.lacking[:, list(Indicator).index(indicator)]

    def fate(self, name: str) -> np.ndarray:
        """The even number that decides a trait."""
        return self.fates[:, FATES.index(name)]


def together(parts: Iterable[Households]) -> Households:
    """Several lots as one."""
    lots = list(parts)
    names = [column.name for column in fields(Households)]
    return Households(*(np.concatenate([getattr(lot, name) for lot in lots]) for name in names))


@dataclass(frozen=True)
class Place:
    """What sets a unit's households apart.

    `dtts` is of the poor and near-poor, `all_dtts` of all; `lacking` scales the twelve chances,
    `homes` weighs the old units that make it up, `minorities` the peoples among its DTTS.
    """

    size: float
    dtts: float
    all_dtts: float
    lacking: np.ndarray
    homes: Mapping[str, float]
    minorities: np.ndarray


def place(seed: int, parts: list[Unit]) -> Place:
    """The traits of a unit made of these old ones: their mean, weighted by households."""
    homes = {part.id.code: given.share[part.id.code] for part in parts}
    weights = list(homes.values())
    size, dtts, all_dtts = (
        float(np.average([trait[code] for code in homes], weights=weights))
        for trait in (given.unit_size, given.dtts, given.all_dtts)
    )
    dice = [stream(seed, "sample-lacking", part.id) for part in parts]
    factors = [np.exp(given.unit_lacking * d.standard_normal(len(Indicator))) for d in dice]
    mixes = [minorities(given.xo_dang[code], given.ba_na[code]) for code in homes]
    lacking_scale, mix = (np.average(rows, axis=0, weights=weights) for rows in (factors, mixes))
    return Place(size, dtts, all_dtts, lacking_scale, homes, mix)


def minorities(xo_dang: float, ba_na: float) -> np.ndarray:
    """The shares of all peoples among DTTS households, given those of the two largest."""
    shares = {"xo_dang": xo_dang, "ba_na": ba_na}
    rest = 1 - xo_dang - ba_na
    return np.array(
        [shares.get(name, rest * given.other_peoples.get(name, 0)) for name in MINORITIES]
    )


def drawn(
    where: Place,
    state: str,
    count: int,
    year: int,
    dice: np.random.Generator,
    fates: np.random.Generator,
) -> Households:
    """So many households that enter a state this year.

    Two streams: later traits come from `fates`, so that they never move what `dice` gave before.
    """
    chances = [where.dtts, given.no_labour[state], given.merit]
    groups = dice.random((count, len(GROUPS))) < chances
    mean = np.where(groups[:, 1], given.size_no_labour, given.size[state] * where.size)
    persons = np.clip(1 + dice.poisson(mean - 1), 1, LARGEST)
    lacks = mended(lacking(where, state, count, year, dice), persons, groups[:, 1])
    home = np.array(list(where.homes))[picked(list(where.homes.values()), fates.random(count))]
    minority = picked(where.minorities, fates.random(count))
    return Households(persons, groups, lacks, home, minority, fates.random((count, len(FATES))))


def picked(weights: Iterable[float], fate: np.ndarray) -> np.ndarray:
    """For every even number the entry that it falls on, entries as wide as their weights."""
    steps = np.cumsum(np.array(list(weights)))
    return np.searchsorted(steps[:-1] / steps[-1], fate, side="right")


def lacking(
    where: Place, state: str, count: int, year: int, dice: np.random.Generator
) -> np.ndarray:
    """What so many households lack: drawn freely, kept where the rule of their state holds."""
    chances = chances_of_lacking(where, 1.0 if state == "poor" else given.near_poor_lacking, year)
    found = np.empty((0, len(Indicator)), dtype=bool)
    while len(found) < count:
        more = dice.random((3 * count + 9, len(Indicator))) < chances
        many = more.sum(axis=1) >= RULE
        found = np.concatenate([found, more[many if state == "poor" else ~many]])
    return found[:count]


def chances_of_lacking(where: Place, scale: float, year: int) -> np.ndarray:
    """The chance of each of the twelve (12,), before any rule."""
    profile = np.array([given.lacking[str(indicator)] for indicator in Indicator])
    return np.clip(profile * where.lacking * scale * given.improvement ** (year - 2021), 0, 0.97)


def changed(
    where: Place, state: str, moved: Households, year: int, dice: np.random.Generator
) -> Households:
    """The same households in another state: what they lack follows that state's rule."""
    lacks = lacking(where, state, len(moved), year, dice)
    return replace(moved, lacking=mended(lacks, moved.persons, moved.flag("no_labour")))


def eased(state: str, staying: Households, dice: np.random.Generator) -> Households:
    """A year of works: a few lacks are made good; a household still poor keeps three or more."""
    left = staying.lacking & (dice.random(staying.lacking.shape) < given.improvement)
    if state == "poor":
        short = left.sum(axis=1) < RULE
        left[short] = staying.lacking[short]
    return replace(staying, lacking=left)


def parted(
    stock: Households, leaving: dict[str, int], dice: np.random.Generator
) -> dict[str, Households]:
    """A stock split at random into those leaving, by name of the movement, and `staying`.

    Households without labour capacity leave later: the first of exponential clocks of two speeds.
    """
    speed = np.where(stock.flag("no_labour"), given.no_labour_leaving, 1.0)
    order = np.argsort(dice.exponential(size=len(stock)) / speed, kind="stable")
    lots = np.split(order, np.cumsum(list(leaving.values())))
    return {name: stock.rows(lot) for name, lot in zip([*leaving, "staying"], lots, strict=True)}
