"""What each household lacks: the indicators of a standard, each yes, no or not known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povsim.poverty.answers import Answer, answered, below, per_household
from povsim.poverty.indicators import ASKED, HOUSEHOLDS, MEMBERS
from povsim.poverty.register import checked, contract, homes
from povsim.poverty.thresholds import Asked, Threshold, thresholds
from povsim.vocabulary import FormerIndicator, Indicator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from povsim.poverty.answers import Places

    Ints = NDArray[np.int64]
    Bits = NDArray[np.uint16]

__all__ = ["MEMBERS", "Register", "Sizes", "columns", "deprivations", "masks", "masks_of", "read"]

UNKNOWN_SIZE = 2**40
"""Stands for the number of members where nobody counted them: there may be ever more."""
ALWAYS = ("household", "unit", "persons", "income_vnd", "age")
"""Columns that every standard asks for."""


def columns(review: int) -> dict[str, tuple[str, ...]]:
    """The columns of `households` and `members` that the standard of a review asks for.

    Raises:
        Refusal: no thresholds of that year's standard on file.

    >>> set(columns(2024)["members"]) & {"insured", "at_school"}
    {'insured'}
    """
    asked = {
        *ALWAYS,
        *(name for known in thresholds(review).values() for name in ASKED[known.rule]),
    }
    tables = ("households", "members")
    return {
        table: tuple(name for name in contract(table).columns if name in asked) for table in tables
    }


def deprivations(households: pd.DataFrame, members: pd.DataFrame, review: int) -> pd.DataFrame:
    """What each household lacks at the review of a year.

    Args:
        households, members: tables of the register (`register.contract`); ages at the review. A
            standard asks for its own columns only (`columns`).
        review: the year, which decides the standard.

    Returns:
        `household, unit` and a nullable boolean column an indicator, in the order of `thresholds`,
        rows as in `households`; missing where the answers that are missing might decide. Each
        column is judged by itself: two may hang on one unknown age, so not every combination need
        be possible.

    Raises:
        Refusal: what is wrong with the tables; no thresholds of that year's standard on file.
    """
    return read(households, members, review).lacking()


def masks_of(households: pd.DataFrame, members: pd.DataFrame, review: int) -> pd.DataFrame:
    """The same as `masks` of `deprivations`, without the table between them.

    Raises:
        Refusal: as `deprivations`.
    """
    register = read(households, members, review)
    sure, may = register.masks()
    return pd.DataFrame({"household": register.households["household"], "sure": sure, "may": may})


def masks(lacking: pd.DataFrame) -> pd.DataFrame:
    """The deprivations as bits: bit j is indicator j of the standard, in the order of `thresholds`,
    so that a `Yardstick` of those indicators counts the masks as they are.

    Args:
        lacking: as `deprivations` gives it.

    Returns:
        `household, sure, may` (uint16): what it surely lacks, and what it may lack.

    >>> nothing = dict.fromkeys(map(str, Indicator), [False])
    >>> table = pd.DataFrame({"household": ["h1"]} | nothing | {"job": [True], "water": [None]})
    >>> masks(table)[["sure", "may"]].values.tolist()
    [[1, 257]]
    """
    known = {*map(str, Indicator), *map(str, FormerIndicator)}
    names = [name for name in lacking if name in known]
    answers = (answered(lacking[name].astype("boolean")) for name in names)
    sure, may = _bits(answers, len(lacking))
    return pd.DataFrame({"household": lacking["household"], "sure": sure, "may": may})


def _bits(answers: Iterable[Answer], rows: int) -> tuple[Bits, Bits]:
    """What is surely and what may be so, the first answer in the lowest bit."""
    sure, may = np.zeros(rows, np.uint16), np.zeros(rows, np.uint16)
    for place, answer in enumerate(answers):
        sure |= answer.sure.astype(np.uint16) << np.uint16(place)
        may |= answer.may.astype(np.uint16) << np.uint16(place)
    return sure, may


def read(
    households: pd.DataFrame, members: pd.DataFrame, review: int, welcome: Collection[str] = ()
) -> Register:
    """The tables checked, with what they are held against.

    Args:
        households, members, review: as for `deprivations`.
        welcome: further columns of the households, kept and checked where they are given.

    Raises:
        Refusal: as `deprivations` says.
    """
    known, asked = thresholds(review), columns(review)
    houses = checked("households", households, asked["households"], welcome)
    people = checked("members", members, asked["members"])
    return Register(houses, people, homes(houses, people), known)


@dataclass(frozen=True, eq=False)
class Sizes:
    """The persons of each household: those listed, and the fewest and the most there may be.

    Where nobody counted them there are those listed, one at least, and no highest number; `most`
    holds `UNKNOWN_SIZE` there.
    """

    listed: Ints
    fewest: Ints
    most: Ints

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Where somebody counted them."""
        return self.most < UNKNOWN_SIZE


@dataclass(frozen=True, eq=False)
class Register:
    """The checked tables with the thresholds they are held against; `home` as `homes` gives it."""

    households: pd.DataFrame
    members: pd.DataFrame
    home: Places
    thresholds: Mapping[Asked, Threshold]

    def lacking(self) -> pd.DataFrame:
        """What each household lacks, as `deprivations` gives it."""
        found = {str(name): self.lacks(name).column() for name in self.thresholds}
        return self.households[["household", "unit"]].assign(**found)

    def masks(self) -> tuple[Bits, Bits]:
        """What each household surely lacks, and what it may lack, as bits (`masks`)."""
        return _bits((self.lacks(name) for name in self.thresholds), len(self.households))

    def lacks(self, indicator: Asked) -> Answer:
        """Whether each household lacks an indicator."""
        threshold = self.thresholds[indicator]
        of_members = self.of_members(indicator)
        if of_members is not None:
            return self._any(of_members)
        if threshold.rule in HOUSEHOLDS:
            return HOUSEHOLDS[threshold.rule](self.households, threshold.values)
        return {"dependants": self._dependants, "housing_area": self._crowded}[threshold.rule](
            threshold.values
        )

    def of_members(self, indicator: Asked) -> Answer | None:
        """Whether each member lacks an indicator, a row a member; None where it is not asked so."""
        threshold = self.thresholds[indicator]
        rule = MEMBERS.get(threshold.rule)
        return rule(self.members, threshold.values) if rule else None

    @cached_property
    def sizes(self) -> Sizes:
        """How many members each household has."""
        listed = self._count(np.ones(len(self.members), bool))
        persons = self.households["persons"]
        unknown = persons.isna().to_numpy(bool)
        counted = persons.to_numpy(np.int64, na_value=0)
        fewest = np.where(unknown, np.maximum(listed, 1), counted)
        return Sizes(listed, fewest, np.where(unknown, UNKNOWN_SIZE, fewest))

    def _count(self, rows: NDArray[np.bool_]) -> Ints:
        return per_household(rows, self.home, len(self.households))

    def _any(self, of_members: Answer) -> Answer:
        """Whether it is so of any member; of one who is not listed, it may be."""
        may = (self._count(of_members.may) > 0) | (self.sizes.listed < self.sizes.most)
        return Answer(self._count(of_members.sure) > 0, may)

    def _dependants(self, figures: Mapping[str, int]) -> Answer:
        """Whether the dependants are more than a part of all members."""
        dependant = below(self.members["age"], figures["child_under"])
        dependant |= answered(self.members["on_benefit"])
        most, part = self.sizes.most, figures["more_than_percent"]
        sure = self._count(dependant.sure)
        may = self._count(dependant.may) + most - self.sizes.listed
        return Answer(100 * sure > part * most, 100 * may > part * most)

    def _crowded(self, figures: Mapping[str, int]) -> Answer:
        """Whether the floor is short of so many m² for each member."""
        need, area = figures["under_m2_per_person"], self.households["floor_area_m2"]
        return Answer(
            below(area, need * self.sizes.fewest).sure, below(area, need * self.sizes.most).may
        )
