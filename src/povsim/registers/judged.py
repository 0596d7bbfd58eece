"""A register held against the standard of its review: who may be in which state, and lack what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povsim import poverty
from povsim.poverty import lacking
from povsim.poverty.answers import Answer, answered
from povsim.poverty.indicators import MEMBERS
from povsim.registers.counting import Amount
from povsim.registers.tables import Register
from povsim.vocabulary import Among, State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from povsim.poverty.thresholds import Asked

ALL = "all"
AVERAGE_LIVING = "average_living"
"""On form F1 those of them alone who live of agriculture, forestry, fishery or salt."""


@dataclass(frozen=True, eq=False)
class Judged:
    """The households of a review, with what is known of each; rows as in the register."""

    register: Register
    review: int
    states: pd.DataFrame
    held: lacking.Register
    known: dict[str, Answer] = field(default_factory=dict)
    """Answers that were asked for already: most forms ask for the same."""

    @property
    def households(self) -> pd.DataFrame:
        return self.register.households

    @property
    def members(self) -> pd.DataFrame:
        return self.register.members

    @property
    def home(self) -> NDArray[np.intp]:
        """The place of each member's household."""
        return self.held.home

    @cached_property
    def units(self) -> tuple[NDArray[np.intp], list[str]]:
        """The place of each household's unit, and the units, by code."""
        code, names = pd.factorize(self.households["unit"], sort=True)
        return code, [str(name) for name in names]

    @cached_property
    def size(self) -> Amount:
        """The persons of each household; where nobody counted them, those listed or more."""
        listed = np.bincount(self.home, minlength=len(self.households))
        persons = self.households["persons"]
        unknown = persons.isna().to_numpy(bool)
        counted = persons.to_numpy(np.int64, na_value=0)
        number = np.where(unknown, np.maximum(listed, 1), counted)
        return Amount(number, number, unknown, np.zeros(len(number), bool))

    @cached_property
    def unlisted(self) -> Amount:
        """The persons of each household that are no rows of `members`."""
        listed = np.bincount(self.home, minlength=len(self.households))
        number = np.maximum(self.size.low - listed, 0)
        least = np.where(self.size.endless, 0, number)
        return Amount(least, number, self.size.endless, self.size.bottomless)

    def says(self, column: str) -> Answer:
        """An answer of the households."""
        return self._once(f"says {column}", lambda: answered(self.households[column]))

    def lacks(self, indicator: Asked) -> Answer:
        """Whether each household lacks an indicator."""
        return self._once(f"lacks {indicator}", lambda: self.held.lacks(indicator))

    def members_lack(self, indicator: Asked) -> Answer | None:
        """Whether each member is one that makes the household lack it; None where no one is."""
        threshold = self.held.thresholds[indicator]
        rule = MEMBERS.get(threshold.rule)
        return rule(self.members, threshold.values) if rule else None

    def _once(self, name: str, make: Callable[[], Answer]) -> Answer:
        if name not in self.known:
            self.known[name] = make()
        return self.known[name]

    def are(self, lot: str) -> Answer:
        """Whether each household is of a state, of average living (F1's), or anything at all."""
        return self._once(f"are {lot}", lambda: self._are(lot))

    def _are(self, lot: str) -> Answer:
        if lot == ALL:
            everyone = np.ones(len(self.households), bool)
            return Answer(everyone, everyone)
        if lot != AVERAGE_LIVING:
            return answered(self.states[lot])
        if Among.AVERAGE_LIVING_FARMING in self.states:
            return answered(self.states[Among.AVERAGE_LIVING_FARMING])
        # The scoring sheets do not tell average living from better.
        maybe = (self.are(State.NOT_POOR) & self.says("farms")).may
        return Answer(np.zeros(len(maybe), bool), maybe)


def judge(register: Register, review: int) -> Judged:
    """The register held against the standard that the review of a year was made under.

    Raises:
        Refusal: as `poverty.classify` and `poverty.by_scores`.
    """
    houses, members = register.households, register.members
    held = lacking.read(houses, members, review)
    if register.scores is None:
        states = poverty.classify(houses, members, review)
    else:
        states = poverty.by_scores(register.scores, review)
    return Judged(register, review, states, held)
