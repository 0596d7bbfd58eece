"""The sample's households: drawn one by one, so that every margin of a form can really occur."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from assumptions import given

from povsim.streams import stream
from povsim.units import Unit
from povsim.vocabulary import Group, Indicator

GROUPS = [str(Group.DTTS), str(Group.NO_LABOUR), str(Group.MERIT)]
LARGEST = 12
RULE = 3
"""A poor household lacks as many as this, a near-poor one fewer (Nghị định 07/2021/NĐ-CP)."""


@dataclass(frozen=True)
class Households:
    """Households of one unit and state, one a row: `persons` (n,), `groups` (n, 3) and
    `lacking` (n, 12) as flags."""

    persons: np.ndarray
    groups: np.ndarray
    lacking: np.ndarray

    def __len__(self) -> int:
        return len(self.persons)

    def rows(self, chosen: np.ndarray) -> Households:
        """Some of them, by number."""
        return Households(self.persons[chosen], self.groups[chosen], self.lacking[chosen])


def together(parts: Iterable[Households]) -> Households:
    """Several lots as one."""
    columns = zip(*((part.persons, part.groups, part.lacking) for part in parts), strict=True)
    return Households(*(np.concatenate(column) for column in columns))


@dataclass(frozen=True)
class Place:
    """What sets a unit's households apart; `lacking` scales the twelve chances."""

    size: float
    dtts: float
    lacking: np.ndarray


def place(seed: int, parts: list[Unit]) -> Place:
    """The traits of a unit made of these old ones: their mean, weighted by households."""
    weights = [given.share[part.id.code] for part in parts]
    size, dtts = (
        float(np.average([trait[part.id.code] for part in parts], weights=weights))
        for trait in (given.unit_size, given.dtts)
    )
    dice = [stream(seed, "sample-lacking", part.id) for part in parts]
    factors = [np.exp(given.unit_lacking * d.standard_normal(len(Indicator))) for d in dice]
    return Place(size, dtts, np.average(factors, axis=0, weights=weights))


def drawn(where: Place, state: str, count: int, year: int, dice: np.random.Generator) -> Households:
    """So many households that enter a state this year."""
    chances = [where.dtts, given.no_labour[state], given.merit]
    groups = dice.random((count, len(GROUPS))) < chances
    mean = np.where(groups[:, 1], given.size_no_labour, given.size[state] * where.size)
    persons = np.clip(1 + dice.poisson(mean - 1), 1, LARGEST)
    return Households(persons, groups, lacking(where, state, count, year, dice))


def lacking(
    where: Place, state: str, count: int, year: int, dice: np.random.Generator
) -> np.ndarray:
    """What so many households lack: drawn freely, kept where the rule of their state holds."""
    profile = np.array([given.lacking[str(indicator)] for indicator in Indicator])
    scale = 1.0 if state == "poor" else given.near_poor_lacking
    chances = np.clip(profile * where.lacking * scale * given.improvement ** (year - 2021), 0, 0.97)
    found = np.empty((0, len(Indicator)), dtype=bool)
    while len(found) < count:
        more = dice.random((3 * count + 9, len(Indicator))) < chances
        many = more.sum(axis=1) >= RULE
        found = np.concatenate([found, more[many if state == "poor" else ~many]])
    return found[:count]


def changed(
    where: Place, state: str, moved: Households, year: int, dice: np.random.Generator
) -> Households:
    """The same households in another state: what they lack follows that state's rule."""
    return Households(moved.persons, moved.groups, lacking(where, state, len(moved), year, dice))


def eased(state: str, staying: Households, dice: np.random.Generator) -> Households:
    """A year of works: a few lacks are made good; a household still poor keeps three or more."""
    left = staying.lacking & (dice.random(staying.lacking.shape) < given.improvement)
    if state == "poor":
        short = left.sum(axis=1) < RULE
        left[short] = staying.lacking[short]
    return Households(staying.persons, staying.groups, left)


def parted(
    stock: Households, leaving: dict[str, int], dice: np.random.Generator
) -> dict[str, Households]:
    """A stock split at random into those leaving, by name of the movement, and `staying`.

    Households without labour capacity leave later: the first of exponential clocks of two speeds.
    """
    speed = np.where(stock.groups[:, 1], given.no_labour_leaving, 1.0)
    order = np.argsort(dice.exponential(size=len(stock)) / speed, kind="stable")
    lots = np.split(order, np.cumsum(list(leaving.values())))
    return {name: stock.rows(lot) for name, lot in zip([*leaving, "staying"], lots, strict=True)}
