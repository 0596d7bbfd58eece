"""The persons of each household: so many of such ages and answers that it lacks what it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import traits
from assumptions import given
from households import LARGEST, Households

from povsim.vocabulary import Indicator

LUCK = (
    *(f"{kind}{place}" for kind in ("age", "body", "work") for place in range(LARGEST)),
    *("benefit", "jobless", "history", "since", "farm", "floor", "structure", "one_bad"),
)
"""What an even number each, a household's own for all years, decides in the register alone."""


def luck(numbers: np.ndarray, name: str) -> np.ndarray:
    """One column of the even numbers (n,) of households (n, len(LUCK))."""
    return numbers[:, LUCK.index(name)]


@dataclass(frozen=True)
class Rows:
    """A row for each member: `home` numbers its household, `place` it within that household.

    Grown-ups come first: those who can work, then those on a benefit; the children are last.
    """

    lot: Households
    numbers: np.ndarray
    year: int

    # --- By household -----------------------------------------------------------------------------

    @cached_property
    def children(self) -> dict[str, np.ndarray]:
        return traits.children(self.lot)

    @cached_property
    def grown_ups(self) -> np.ndarray:
        return self.lot.persons - self.children["all"]

    @cached_property
    def able(self) -> np.ndarray:
        """Where somebody can work."""
        return ~self.lot.flag("no_labour")

    @cached_property
    def on_benefit(self) -> np.ndarray:
        """How many have a social benefit: as many as make dependants more than half, where that is
        lacked; else one at most, where half are not passed."""
        half, children = self.lot.persons // 2, self.children["all"]
        room = np.minimum(half - children, self.grown_ups - self.able)
        some = luck(self.numbers, "benefit") < given.on_benefit
        needed = np.maximum(half + 1 - children, 0)
        lacked = self.lot.lacks(Indicator.DEPENDANTS)
        return np.where(lacked, needed, np.minimum(some, np.maximum(room, 0)))

    @cached_property
    def young_place(self) -> np.ndarray:
        """Who of the grown-ups is without schooling, where that is lacked: not the head."""
        return np.where(self.grown_ups - self.on_benefit > 1, 1, 0)

    @cached_property
    def jobless_place(self) -> np.ndarray:
        """Who is without a job, where that is lacked."""
        second = luck(self.numbers, "jobless") < 0.5
        return np.where((self.grown_ups - self.on_benefit > 1) & second, 1, 0)

    # --- By member --------------------------------------------------------------------------------

    @cached_property
    def home(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.lot)), self.lot.persons)

    @cached_property
    def place(self) -> np.ndarray:
        first = np.cumsum(self.lot.persons) - self.lot.persons
        return np.arange(len(self.home)) - first[self.home]

    @cached_property
    def grown_up(self) -> np.ndarray:
        return self.place < self.grown_ups[self.home]

    @cached_property
    def supported(self) -> np.ndarray:
        """Who has a social benefit."""
        return self.grown_up & (self.place >= (self.grown_ups - self.on_benefit)[self.home])

    @cached_property
    def unschooled(self) -> np.ndarray:
        """Grown-ups without the schooling of their age."""
        lacked = self.lot.lacks(Indicator.ADULT_SCHOOLING)[self.home]
        return self.grown_up & lacked & (self.place == self.young_place[self.home])

    @cached_property
    def jobless(self) -> np.ndarray:
        """Grown-ups without a job, or without a contract."""
        lacked = self.lot.lacks(Indicator.JOB)[self.home]
        return self.grown_up & lacked & (self.place == self.jobless_place[self.home])

    def odds(self, kind: str) -> np.ndarray:
        """An even number each (m,)."""
        return self.numbers[self.home, LUCK.index(f"{kind}0") + self.place]

    def first_children(self, lacking: str) -> np.ndarray:
        """As many of the first children as lack something."""
        number = self.place - self.grown_ups[self.home]
        return ~self.grown_up & (number < self.children[lacking][self.home])

    def last_children(self, lacking: str) -> np.ndarray:
        """As many of the last children."""
        left = self.lot.persons[self.home] - self.place
        return ~self.grown_up & (left <= self.children[lacking][self.home])

    # --- Ages -------------------------------------------------------------------------------------

    @cached_property
    def age(self) -> np.ndarray:
        """Every year one more; whoever outgrows the ages of a place makes room for a younger one,
        as a household's persons and children are as many as before."""
        grown = self._aged(*self._grown_up_ages())
        head = grown[self.place == 0][self.home]
        youngest = np.select(
            [self.first_children("insurance"), self.first_children("schooling")], [6, 3], 0
        )
        child = self._aged(youngest, np.minimum(head - 16, 15))
        return np.where(self.grown_up, grown, child)

    def _grown_up_ages(self) -> tuple[np.ndarray, np.ndarray]:
        body, parent = self.odds("body"), (self.children["all"] > 0)[self.home]
        cases = [
            (self.unschooled & (self.place == 0) & parent, "young_parent"),
            (self.unschooled, "young"),
            (self.supported & (body < given.disabled), "disabled"),
            (self.supported, "old"),
            (~self.able[self.home], "weak"),
            (self.place < 2, "working"),
            (body < given.grown_children, "grown_child"),
        ]
        when = [case for case, _ in cases]
        return tuple(
            np.select(when, [given.ages[name][end] for _, name in cases], given.ages["elder"][end])
            for end in (0, 1)
        )

    def _aged(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        width = high - low + 1
        start = np.floor(self.odds("age") * width).astype(int)
        return low + (start + self.year - 2021) % width


def table(rows: Rows) -> pd.DataFrame:
    """The answers of each member, and `home`; blank where a question does not concern its age."""
    age, work = rows.age, rows.odds("work")
    pupil, adult = (age >= 3) & (age < 16), (age >= 16) & (age <= 30)
    can_work = _can_work(rows)
    no_job = rows.jobless & (work < given.without_job)
    no_contract = rows.jobless & ~no_job
    waged = can_work & ~no_job & (no_contract | (work < given.for_wages))
    return pd.DataFrame(
        {
            "home": rows.home,
            "age": age,
            "can_work": pd.array(can_work, dtype="boolean"),
            "has_job": asked(~no_job, can_work),
            "for_wages": asked(waged, can_work & ~no_job),
            "has_contract": asked(~no_contract, waged),
            "on_benefit": pd.array(rows.supported, dtype="boolean"),
            "stunted_or_underweight": asked(rows.last_children("nutrition"), age < 16),
            "insured": pd.array(~_uninsured(rows), dtype="boolean"),
            "schooled_for_age": asked(~rows.unschooled, adult),
            "at_right_level": asked(~rows.first_children("schooling"), pupil),
        }
    )


def asked(answer: np.ndarray, whom: np.ndarray) -> pd.arrays.BooleanArray:
    """Yes or no of those whom it concerns, blank of the others."""
    return pd.arrays.BooleanArray(answer & whom, ~whom)


def _can_work(rows: Rows) -> np.ndarray:
    """The able of working age; of the youngest, who are at school, only the head and partner."""
    youngest = np.where(rows.place < 2, 16, 18)
    of_age = (rows.age >= youngest) & (rows.age <= given.ages["working"][1])
    return rows.grown_up & of_age & ~rows.supported & rows.able[rows.home]


def _uninsured(rows: Rows) -> np.ndarray:
    """The children counted, and the head where it would be nobody else, or by chance."""
    lacked = rows.lot.lacks(Indicator.HEALTH_INSURANCE)[rows.home]
    nobody = (rows.children["insurance"] == 0)[rows.home]
    head = (rows.place == 0) & lacked & (nobody | (rows.odds("body") < 0.5))
    return head | rows.first_children("insurance")
