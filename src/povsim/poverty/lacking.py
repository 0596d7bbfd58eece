"""What each household lacks: the twelve indicators, yes, no or not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povsim.poverty.answers import Answer, answered, at_most, below, per_household
from povsim.poverty.register import JUDGED, checked, homes
from povsim.poverty.thresholds import Threshold, thresholds
from povsim.vocabulary import Indicator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from povsim.poverty.answers import Places

UNKNOWN_SIZE = 2**40
"""Stands for the number of members where nobody counted them: there may be ever more."""


def deprivations(households: pd.DataFrame, members: pd.DataFrame, review: int) -> pd.DataFrame:
    """What each household lacks at the review of a year.

    Args:
        households, members: tables of the register (`register.contract`); ages at the review.
        review: the year, which decides the standard.

    Returns:
        `household, unit` and a nullable boolean column an indicator, rows as in `households`;
        missing where the answers that are missing might decide. Each column is judged by itself:
        two may hang on one unknown age, so not every combination need be possible.

    Raises:
        Refusal: what is wrong with the tables; no thresholds of that year's standard on file.
    """
    return read(households, members, review).lacking()


def read(households: pd.DataFrame, members: pd.DataFrame, review: int) -> Register:
    """The tables checked, with what they are held against.

    Raises:
        Refusal: as `deprivations` says.
    """
    known = thresholds(review)
    houses = checked("households", households, JUDGED["households"])
    people = checked("members", members, JUDGED["members"])
    return Register(houses, people, homes(houses, people), known)


def masks(lacking: pd.DataFrame) -> pd.DataFrame:
    """The deprivations as bits, the first indicator lowest.

    Returns:
        `household, sure, may` (uint16): what it surely lacks, and what it may lack.

    >>> nothing = dict.fromkeys(map(str, Indicator), [False])
    >>> table = pd.DataFrame({"household": ["h1"]} | nothing | {"job": [True], "water": [None]})
    >>> masks(table)[["sure", "may"]].values.tolist()
    [[1, 257]]
    """
    both = {"sure": False, "may": True}
    found = {name: _bits(lacking, unanswered) for name, unanswered in both.items()}
    return pd.DataFrame({"household": lacking["household"]} | found)


def _bits(lacking: pd.DataFrame, unanswered: bool) -> NDArray[np.uint16]:
    bits = np.zeros(len(lacking), np.uint16)
    for place, indicator in enumerate(Indicator):
        flags = lacking[str(indicator)].astype("boolean").to_numpy(bool, na_value=unanswered)
        bits |= flags.astype(np.uint16) << np.uint16(place)
    return bits


def numbers(lacking: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The fewest and the most indicators that each household may lack."""
    flags = lacking[list(map(str, Indicator))]
    fewest = sum(flags[name].to_numpy(bool, na_value=False).astype(np.int64) for name in flags)
    most = sum(flags[name].to_numpy(bool, na_value=True).astype(np.int64) for name in flags)
    return np.asarray(fewest), np.asarray(most)


@dataclass(frozen=True)
class Register:
    """The checked tables with the thresholds they are held against; `home` as `homes` gives it."""

    households: pd.DataFrame
    members: pd.DataFrame
    home: Places
    thresholds: Mapping[Indicator, Threshold]

    def lacking(self) -> pd.DataFrame:
        """What each household lacks, as `deprivations` gives it."""
        columns = {str(name): self.lacks(name).column() for name in self.thresholds}
        return self.households[["household", "unit"]].assign(**columns)

    def lacks(self, indicator: Indicator) -> Answer:
        """Whether each household lacks an indicator."""
        if indicator in MEMBERS:
            return self._any(MEMBERS[indicator](self.members, self._figures(indicator)))
        if indicator is Indicator.DEPENDANTS:
            return self._dependants()
        if indicator is Indicator.HOUSING_AREA:
            return self._crowded()
        if indicator is Indicator.HOUSING_QUALITY:
            return self._not_solid()
        return ~answered(self.households[HAS[indicator]])

    def _figures(self, indicator: Indicator) -> Mapping[str, int]:
        return self.thresholds[indicator].values

    def _count(self, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        return per_household(rows, self.home, len(self.households))

    @cached_property
    def _size(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Members listed, and the fewest and the most there may be."""
        listed = self._count(np.ones(len(self.members), bool))
        persons = self.households["persons"]
        fewest = np.where(persons.isna(), np.maximum(listed, 1), persons.fillna(0).astype(int))
        most = np.where(persons.isna(), UNKNOWN_SIZE, fewest)
        return listed, fewest, most

    def _any(self, of_members: Answer) -> Answer:
        """Whether it is so of any member; of one who is not listed, it may be."""
        listed, _, most = self._size
        may = (self._count(of_members.may) > 0) | (listed < most)
        return Answer(self._count(of_members.sure) > 0, may)

    def _dependants(self) -> Answer:
        figures = self._figures(Indicator.DEPENDANTS)
        dependant = below(self.members["age"], figures["child_under"])
        dependant |= answered(self.members["on_benefit"])
        listed, _, most = self._size
        part = figures["more_than_percent"]
        sure, may = self._count(dependant.sure), self._count(dependant.may) + most - listed
        return Answer(100 * sure > part * most, 100 * may > part * most)

    def _crowded(self) -> Answer:
        """Whether the floor is short of so many m² for each member."""
        need = self._figures(Indicator.HOUSING_AREA)["under_m2_per_person"]
        _, fewest, most = self._size
        area = self.households["floor_area_m2"]
        return Answer(below(area, need * fewest).sure, below(area, need * most).may)

    def _not_solid(self) -> Answer:
        limit = self._figures(Indicator.HOUSING_QUALITY)["not_durable_from"]
        parts = [~answered(self.households[f"durable_{name}"]) for name in PARTS]
        sure = np.sum([part.sure for part in parts], axis=0)
        may = np.sum([part.may for part in parts], axis=0)
        return Answer(sure >= limit, may >= limit)


# --- Indicators that hang on each member ----------------------------------------------------------


def _without_job(members: pd.DataFrame, _: Mapping[str, int]) -> Answer:
    no_job = ~answered(members["has_job"])
    no_contract = answered(members["for_wages"]) & ~answered(members["has_contract"])
    return answered(members["can_work"]) & (no_job | no_contract)


def _malnourished(members: pd.DataFrame, figures: Mapping[str, int]) -> Answer:
    child = below(members["age"], figures["child_under"])
    return child & answered(members["stunted_or_underweight"])


def _uninsured(members: pd.DataFrame, figures: Mapping[str, int]) -> Answer:
    return ~below(members["age"], figures["age_from"]) & ~answered(members["insured"])


def _unschooled_adult(members: pd.DataFrame, figures: Mapping[str, int]) -> Answer:
    age = members["age"]
    adult = ~below(age, figures["age_from"]) & at_most(age, figures["age_through"])
    return adult & ~answered(members["schooled_for_age"])


def _unschooled_child(members: pd.DataFrame, figures: Mapping[str, int]) -> Answer:
    age = members["age"]
    child = ~below(age, figures["age_from"]) & below(age, figures["age_under"])
    return child & ~answered(members["at_right_level"])


MEMBERS = {
    Indicator.JOB: _without_job,
    Indicator.NUTRITION: _malnourished,
    Indicator.HEALTH_INSURANCE: _uninsured,
    Indicator.ADULT_SCHOOLING: _unschooled_adult,
    Indicator.CHILD_SCHOOLING: _unschooled_child,
}
HAS = {
    Indicator.WATER: "safe_water",
    Indicator.TOILET: "hygienic_toilet",
    Indicator.TELECOMS: "uses_internet",
    Indicator.DEVICES: "has_devices",
}
PARTS = ("wall", "frame", "roof")
