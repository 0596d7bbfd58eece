"""When a household lacks an indicator: each rule of the standards, and the columns it asks.

A rule is named after its indicator; an older standard that asks otherwise under the same name
names another rule (`rule` in the rules file). Figures come from the rules files alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from povsim.poverty.answers import Answer, answered, at_most, below

if TYPE_CHECKING:
    import pandas as pd

    Figures = Mapping[str, int]
    Rule = Callable[[pd.DataFrame, Figures], Answer]

DURABLE = ("durable_wall", "durable_frame", "durable_roof")
ASKED: Mapping[str, tuple[str, ...]] = {
    "job": ("can_work", "has_job", "for_wages", "has_contract"),
    "dependants": ("age", "on_benefit", "persons"),
    "nutrition": ("age", "stunted_or_underweight"),
    "health_insurance": ("age", "insured"),
    "adult_schooling": ("age", "schooled_for_age"),
    "child_schooling": ("age", "at_right_level"),
    "housing_quality": DURABLE,
    "housing_area": ("floor_area_m2", "persons"),
    "water": ("safe_water",),
    "toilet": ("hygienic_toilet",),
    "telecoms": ("uses_internet",),
    "devices": ("has_devices",),
    "untreated_illness": ("untreated_illness",),
    "without_lower_secondary": ("age", "finished_lower_secondary", "at_school"),
    "child_not_at_school": ("age", "at_school"),
    "neither_telephone_nor_internet": ("uses_telephone", "uses_internet"),
    "neither_set_nor_loudspeakers": ("has_tv_radio_computer", "hears_loudspeakers"),
}
"""The columns of the register that each rule asks, of the household or of its members."""


# --- Asked of each member -------------------------------------------------------------------------


def _without_job(members: pd.DataFrame, _: Figures) -> Answer:
    no_job = ~answered(members["has_job"])
    no_contract = answered(members["for_wages"]) & ~answered(members["has_contract"])
    return answered(members["can_work"]) & (no_job | no_contract)


def _malnourished(members: pd.DataFrame, figures: Figures) -> Answer:
    child = below(members["age"], figures["child_under"])
    return child & answered(members["stunted_or_underweight"])


def _uninsured(members: pd.DataFrame, figures: Figures) -> Answer:
    return ~below(members["age"], figures["age_from"]) & ~answered(members["insured"])


def _unschooled_adult(members: pd.DataFrame, figures: Figures) -> Answer:
    return _of_age(members, figures) & ~answered(members["schooled_for_age"])


def _unschooled_child(members: pd.DataFrame, figures: Figures) -> Answer:
    return _child(members, figures) & ~answered(members["at_right_level"])


def _untreated(members: pd.DataFrame, _: Figures) -> Answer:
    return answered(members["untreated_illness"])


def _without_lower_secondary(members: pd.DataFrame, figures: Figures) -> Answer:
    unfinished = ~answered(members["finished_lower_secondary"])
    return _of_age(members, figures) & unfinished & ~answered(members["at_school"])


def _child_not_at_school(members: pd.DataFrame, figures: Figures) -> Answer:
    return _child(members, figures) & ~answered(members["at_school"])


def _of_age(members: pd.DataFrame, figures: Figures) -> Answer:
    age = members["age"]
    return ~below(age, figures["age_from"]) & at_most(age, figures["age_through"])


def _child(members: pd.DataFrame, figures: Figures) -> Answer:
    age = members["age"]
    return ~below(age, figures["age_from"]) & below(age, figures["age_under"])


MEMBERS: Mapping[str, Rule] = {
    "job": _without_job,
    "nutrition": _malnourished,
    "health_insurance": _uninsured,
    "adult_schooling": _unschooled_adult,
    "child_schooling": _unschooled_child,
    "untreated_illness": _untreated,
    "without_lower_secondary": _without_lower_secondary,
    "child_not_at_school": _child_not_at_school,
}
"""A household lacks these when any of its members does; the answer has a row a member."""


# --- Asked of the household -----------------------------------------------------------------------


def _not_solid(households: pd.DataFrame, figures: Figures) -> Answer:
    parts = [~answered(households[name]) for name in DURABLE]
    sure = np.sum([part.sure for part in parts], axis=0)
    may = np.sum([part.may for part in parts], axis=0)
    limit = figures["not_durable_from"]
    return Answer(sure >= limit, may >= limit)


def _has_none(*columns: str) -> Rule:
    """The rule that a household lacks what none of some columns says it has."""

    def rule(households: pd.DataFrame, _: Figures) -> Answer:
        first, *others = (~answered(households[name]) for name in columns)
        for other in others:
            first &= other
        return first

    return rule


HOUSEHOLDS: Mapping[str, Rule] = {
    "housing_quality": _not_solid,
    **{
        name: _has_none(*ASKED[name])
        for name in (
            *("water", "toilet", "telecoms", "devices"),
            *("neither_telephone_nor_internet", "neither_set_nor_loudspeakers"),
        )
    },
}
"""Rules that hang on the household's own answers alone."""
