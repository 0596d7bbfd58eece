"""A programme line as data: what it costs, whom it may reach, how well it works.

No number of a line is official: every effect is an assumption with a spread of its own that holds
the chance of none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from povsim.streams import stream
from povsim.vocabulary import Cause, Group, Indicator, State

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """What a line acts on: one deprivation, or the chance to escape by income."""

    INDICATOR = "indicator"
    INCOME = "income"


class Budget(StrEnum):
    """Which money pays for a line; one kind cannot stand in for the other."""

    CAPITAL = "capital"
    RECURRENT = "recurrent"


class Law(StrEnum):
    """How an effect is spread, once there is one."""

    BETA = "beta"
    NORMAL = "normal"
    LOGNORMAL = "lognormal"


@dataclass(frozen=True)
class Effect:
    """With chance `none` nought, else `law` with its own `mean` and `sd`.

    A share of the treated for an indicator (beta), log-odds a year for income; a normal may do
    harm and is never cut, for that would pay weak evidence.
    """

    none: float
    mean: float
    sd: float
    law: Law

    @property
    def expected(self) -> float:
        """Its mean with the chance of none."""
        return (1 - self.none) * self.mean

    def draw(self, line: str, draws: int, seed: int) -> Floats:
        """θ (draw,): the same numbers for every scenario of a seed."""
        dice = stream(seed, "effect", line)
        works = dice.random(draws) >= self.none
        return np.where(works, self._of(stream(seed, "effect size", line), draws), 0.0)

    def _of(self, dice: np.random.Generator, draws: int) -> Floats:
        if not self.sd:
            return np.full(draws, self.mean)
        if self.law is Law.NORMAL:
            return self.mean + self.sd * dice.standard_normal(draws)
        if self.law is Law.LOGNORMAL:
            spread = log(1 + (self.sd / self.mean) ** 2)
            return np.exp(log(self.mean) - spread / 2 + sqrt(spread) * dice.standard_normal(draws))
        weight = self.mean * (1 - self.mean) / self.sd**2 - 1
        return dice.beta(self.mean * weight, (1 - self.mean) * weight, draws)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One programme line. Money in đồng, `take_up` a share, `lag` and `grace` years.

    `unit_cost` is a household's, or a whole work's for `households_a_work` of them, all or nothing.
    `capacity` households a unit and year, nought where there is no limit. `grace` is None where
    nothing ends with poverty. `sources` says what a number rests on (`source`), `evidence` what is
    known of the effect.
    """

    id: str
    names: Mapping[str, str]
    kind: Kind
    indicator: Indicator | None
    unit_cost: float
    works: bool
    households_a_work: int
    budget: Budget
    funds: tuple[str, ...]
    states: frozenset[State]
    recent: bool
    groups: frozenset[Group]
    causes: frozenset[Cause]
    take_up: float
    capacity: int
    lag: int
    effect: Effect
    grace: int | None
    grade: str
    evidence: str
    sources: Mapping[str, str]
    verified: bool

    def name(self, lang: str) -> str:
        """What it is called in a language; its id where it has no name."""
        return self.names.get(lang, self.id)

    def source(self, field: str) -> str:
        """What a number rests on: its own source, else that of all."""
        return self.sources.get(field, self.sources["all"])

    @property
    def bit(self) -> int:
        """The bit of its indicator in a mask of deprivations; nought for income."""
        return 0 if self.indicator is None else 1 << list(Indicator).index(self.indicator)

    @property
    def entitlement(self) -> bool:
        """Whether it must be given anew every year and ends with poverty."""
        return self.grace is not None
