"""Who is poor and who near-poor: the decree's two questions, with what is not known kept open.

And among those that are neither: who escaped recently, and whose living is average.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim.poverty import edges
from povsim.poverty.answers import Answer, answered, at_most, unanswered
from povsim.poverty.escaping import REGISTERED, recently_escaped
from povsim.poverty.lacking import Register, Sizes, read
from povsim.poverty.register import SCORES, checked
from povsim.vocabulary import Among, State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from povsim.poverty.escaping import Before

    Bits = NDArray[np.uint16]
    Answers = Mapping[str, Answer]

FURTHER = ("farms", *REGISTERED)
"""Columns that decide nothing about who is poor, and are asked where a register has them."""
PERSONS = ("fewest_persons", "most_persons")


@dataclass(frozen=True, eq=False)
class Classification:
    """The households of a review, a row each: what `classify` tells, as plain arrays, without
    nullable columns and words, for registers of a province or a nation.

    `sure` and `may` are the deprivations as bits (`masks`); `answers` is by the name of each state
    (`State`) and of each kind of household among the not poor (`Among`).
    """

    household: pd.Series[Any]
    unit: pd.Series[Any]
    sure: Bits
    may: Bits
    sizes: Sizes
    answers: Answers

    def table(self) -> pd.DataFrame:
        """As `classify` gives it."""
        size = self.sizes
        most = pd.arrays.IntegerArray(np.where(size.counted, size.most, 0), ~size.counted)
        table = pd.DataFrame(
            {
                "household": self.household,
                "unit": self.unit,
                "fewest": np.bitwise_count(self.sure).astype(np.int8),
                "most": np.bitwise_count(self.may).astype(np.int8),
                "fewest_persons": size.fewest,
                "most_persons": most,
            }
        )
        return _with_states(table, self.answers)

    def counts(self) -> pd.DataFrame:
        """As `counts` of the table."""
        most = np.where(self.sizes.counted, self.sizes.most, np.nan)
        return _counted(self.unit, self.answers, self.sizes.fewest, most)


def classify(
    households: pd.DataFrame, members: pd.DataFrame, review: int, before: Before | None = None
) -> pd.DataFrame:
    """The state of each household at the review of a year, by income and deprivations.

    Poor: income at or below the line of its place and lacking three indicators or more; near-poor:
    at or below and lacking fewer (Nghị định 07/2021/NĐ-CP, Điều 3). Under QĐ 59/2015/QĐ-TTg a lower
    line makes poor alone. The lines are the area type's, or the province's own.

    Args:
        households, members: tables of the register (`register.contract`); `columns` tells which of
            them the standard asks for. `farms`, `was_listed` and `left_list` are used where given.
        review: the year of the review.
        before: the states at the review before, by household key: a Series of `State`s, or a table
            as this function gives it; for those that left the lists at this very review.

    Returns:
        `household, unit` as they came, `fewest, most` (indicators it may lack), `fewest_persons`,
        `most_persons` (missing where nobody counted them), then the states `poor, near_poor,
        not_poor`: True surely, False surely not, missing where it may be; and `state`, missing
        unless known. Then, of the same kind, who is among the not poor: `recently_escaped`
        (without `before`: by the register alone), `average_living` (open where no edge is on file),
        and `average_living_farming`, of them who lives of agriculture, forestry, fishery or salt.
        What may be holds every completion of the answers.

    Raises:
        Refusal: what is wrong with the tables; a unit, line or threshold that is not on file.
    """
    return classification(households, members, review, before).table()


def classification(
    households: pd.DataFrame, members: pd.DataFrame, review: int, before: Before | None = None
) -> Classification:
    """The same as `classify`, kept small: the way for millions of households.

    It is fast where columns are typed well: yes and no as bool or boolean, figures as Int8 to Int64
    or floats, `unit` as a Categorical, `household` as whole numbers or a Categorical, in both
    tables. The same checks are made of all registers.

    Raises:
        Refusal: as `classify`.
    """
    register = read(households, members, review, FURTHER)
    sure, may = register.masks()
    houses = register.households
    answers = _answers(register, sure, may, review)
    escaped = recently_escaped(houses, review, answers[State.NOT_POOR], before)
    answers |= {str(Among.RECENTLY_ESCAPED): escaped}
    ordered = {str(name): answers[name] for name in (*State, *Among)}
    return Classification(houses["household"], houses["unit"], sure, may, register.sizes, ordered)


def _answers(register: Register, sure: Bits, may: Bits, review: int) -> dict[str, Answer]:
    """Whether each household is in a state, and whether its living is average."""
    houses = register.households
    edge, income = edges.of_income(houses["unit"], review), houses["income_vnd"]
    low, alone = edge.is_low(income), edge.is_poor_alone(income)
    many = Answer(np.bitwise_count(sure) >= edge.many, np.bitwise_count(may) >= edge.many)
    average = edge.is_average(income)
    farms = answered(houses["farms"]) if "farms" in houses else unanswered(len(houses))
    return {
        **_states(low, many, alone),
        str(Among.AVERAGE_LIVING): average,
        str(Among.AVERAGE_LIVING_FARMING): average & farms,
    }


def by_scores(scores: pd.DataFrame, review: int) -> pd.DataFrame:
    """The state of each household by its scoring sheets B1 and B2.

    Args:
        scores: table `scores` of the register (`register.contract`).
        review: the year of the review.

    Returns:
        `household, unit` and the states as `classify` gives them; the sheets tell nobody's size or
        past, nor average living from better.

    Raises:
        Refusal: what is wrong with the table; no sheet on file for that year, or for the line
            that a province has set for itself.
    """
    table = checked("scores", scores, SCORES)
    edge = edges.of_scores(table["unit"], review)
    many = ~at_most(table["b2"], edge.many - 1)
    return _with_states(table[["household", "unit"]], _states(edge.is_low(table["b1"]), many))


def _states(low: Answer, many: Answer, alone: Answer | None = None) -> dict[str, Answer]:
    poor, near = low & many, low & ~many
    if alone is not None:
        poor, near = poor | alone, near & ~alone
    return {str(State.POOR): poor, str(State.NEAR_POOR): near, str(State.NOT_POOR): ~low}


def _with_states(table: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    names = list(map(str, State))
    code = np.full(len(table), len(names), np.int8)
    for place, name in enumerate(names):
        code[answers[name].sure] = place
    found: dict[str, Any] = {name: answers[name].column() for name in names}
    found["state"] = pd.array([*names, None], dtype=pd.StringDtype())[code]
    found |= {name: answer.column() for name, answer in answers.items() if name not in names}
    return table.assign(**found)


# --- Counts ---------------------------------------------------------------------------------------


def counts(states: pd.DataFrame) -> pd.DataFrame:
    """Households and persons by unit and state: how many surely are in it, and how many may be.

    Args:
        states: as `classify` or `by_scores` gives them.

    Returns:
        `unit, state, sure, may, persons_sure, persons_may`, sorted by unit; states in the decree's
        order, then who is among the not poor (`Among`) where the table tells. The true number lies
        between the two. Of a household that nobody counted there are the members listed or more,
        one at least: no number of persons is the highest, and `persons_may` is missing where such
        a household may be in the state. Both are missing where sizes are not told at all.
    """
    names = [str(name) for name in (*State, *Among) if str(name) in states]
    answers = {name: answered(states[name].astype("boolean")) for name in names}
    if not set(PERSONS) <= set(states):
        return _counted(states["unit"], answers)
    fewest, most = (states[name].to_numpy(np.float64, na_value=np.nan) for name in PERSONS)
    return _counted(states["unit"], answers, fewest, most)


def _counted(
    units: pd.Series[Any],
    answers: Answers,
    fewest: NDArray[Any] | None = None,
    most: NDArray[np.float64] | None = None,
) -> pd.DataFrame:
    """Sums by unit and state; of persons, NaN in `most` is no highest number."""
    code, names = pd.factorize(units)
    untold = pd.array([None] * len(names), dtype=pd.Int64Dtype())
    made = []
    for state, answer in answers.items():
        told: dict[str, Any] = {"unit": list(map(str, names)), "state": state}
        told["sure"] = np.bincount(code[answer.sure], minlength=len(names))
        told["may"] = np.bincount(code[answer.may], minlength=len(names))
        for side, rows, size in (("sure", answer.sure, fewest), ("may", answer.may, most)):
            summed = untold if size is None else _summed(code, rows, size, len(names))
            told[f"persons_{side}"] = summed
        made.append(pd.DataFrame(told))
    table = pd.concat(made, ignore_index=True)
    return table.sort_values("unit", kind="stable", ignore_index=True)


def _summed(
    code: NDArray[np.intp], rows: NDArray[np.bool_], sizes: NDArray[Any], units: int
) -> pd.Series[Any]:
    """Persons of some households by unit, missing where the size of one of them is NaN."""
    sums = np.bincount(code, np.where(rows, sizes, 0), units)
    return pd.Series(sums).astype(pd.Int64Dtype())
