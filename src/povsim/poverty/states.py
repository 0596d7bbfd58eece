"""Who is poor and who near-poor: the decree's two questions, with what is not known kept open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim import rules
from povsim.findings import Finding, Refusal, refuse
from povsim.poverty.answers import Answer, at_most
from povsim.poverty.lacking import numbers, read
from povsim.poverty.register import JUDGED, checked
from povsim.poverty.thresholds import score_line, scores_unknown, thresholds
from povsim.vocabulary import State

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Edges:
    """At or below what income (đồng, or B1) is low, and from how many deprivations (or B2) on a
    household is poor."""

    income: int
    lacking: int


def classify(households: pd.DataFrame, members: pd.DataFrame, review: int) -> pd.DataFrame:
    """The state of each household at the review of a year, by income and deprivations.

    Poor: income at or below the line of its place and lacking three indicators or more; near-poor:
    at or below and lacking fewer (Nghị định 07/2021/NĐ-CP, Điều 3). The line is the area type's,
    or its province's own.

    Args:
        households, members: tables of the register (`register.contract`).
        review: the year of the review.

    Returns:
        `household, unit, fewest, most` (indicators it may lack), then `poor, near_poor, not_poor`:
        True surely, False surely not, missing where it may be; and `state`, missing unless known.
        The states that may be hold every completion of the answers.

    Raises:
        Refusal: what is wrong with the tables; a unit, line or threshold that is not on file.
    """
    register = read(households, members, review)
    lacking, income = register.lacking(), register.households["income_vnd"]
    fewest, most = numbers(lacking)
    line, needed = _by_row(lacking["unit"], review, _edges)
    table = lacking[["household", "unit"]].assign(fewest=fewest, most=most)
    return _with_states(table, at_most(income, line), Answer(fewest >= needed, most >= needed))


def by_scores(scores: pd.DataFrame, review: int) -> pd.DataFrame:
    """The state of each household by its scoring sheets B1 and B2.

    Args:
        scores: table `scores` of the register (`register.contract`).
        review: the year of the review.

    Returns:
        `household, unit` and the states as `classify` gives them.

    Raises:
        Refusal: what is wrong with the table; no sheet on file for that year, or for the line
            that a province has set for itself.
    """
    table = checked("scores", scores, JUDGED["scores"])
    b1, b2 = _by_row(table["unit"], review, _score_edges)
    many = ~at_most(table["b2"], b2 - 1)
    return _with_states(table[["household", "unit"]], at_most(table["b1"], b1), many)


def _with_states(table: pd.DataFrame, low: Answer, many: Answer) -> pd.DataFrame:
    found = {State.POOR: low & many, State.NEAR_POOR: low & ~many, State.NOT_POOR: ~low}
    state = pd.Series(pd.NA, index=table.index, dtype=pd.StringDtype())
    for name, answer in found.items():
        state = state.mask(pd.Series(answer.sure, index=table.index), str(name))
    columns: dict[str, Any] = {str(name): answer.column() for name, answer in found.items()}
    return table.assign(**columns, state=state)


def counts(states: pd.DataFrame) -> pd.DataFrame:
    """Households by unit and state: how many surely are in it, and how many may be.

    Args:
        states: as `classify` or `by_scores` gives them.

    Returns:
        `unit, state, sure, may`, sorted by unit, states in the decree's order; the true number
        lies between the two.
    """
    flags = states.set_index("unit")[[str(state) for state in State]].astype("boolean")
    both = {"sure": flags.fillna(False), "may": flags.fillna(True)}
    found = {
        name: table.astype(np.int64).groupby(level="unit").sum().stack()
        for name, table in both.items()
    }
    return pd.DataFrame(found).rename_axis(["unit", "state"]).reset_index()


# --- The edges of a place -------------------------------------------------------------------------


def _by_row(
    units: pd.Series[str], review: int, edges: Callable[[str, int], Edges]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The edges of each household, looked up once a unit; all units that have none are told."""
    code, names = pd.factorize(units)
    found: list[Edges] = []
    findings: list[Finding] = []
    for name in names:
        try:
            found.append(edges(str(name), review))
        except Refusal as refusal:
            findings += refusal.findings
    if findings:
        raise Refusal(list({finding.code: finding for finding in findings}.values()))
    income = np.array([edge.income for edge in found], np.int64)
    lacking = np.array([edge.lacking for edge in found], np.int64)
    return income[code], lacking[code]


def _edges(unit: str, review: int) -> Edges:
    """A province that counts other indicators than the nation's has no thresholds on file."""
    standard = rules.standard_for(review, unit)
    line = rules.income_line(review, unit)
    if standard.indicators != len(thresholds(review)) or standard.poor_from_deprivations is None:
        raise refuse("deprivations_unknown", standard=standard.name)
    return Edges(line.vnd_a_month, standard.poor_from_deprivations)


def _score_edges(unit: str, review: int) -> Edges:
    """The sheets are made for the nation's line; a province's own would need its own."""
    line = rules.income_line(review, unit)
    standard = rules.standard_for(review, unit)
    if standard.province is not None:
        raise scores_unknown(standard, line.area_type)
    found = score_line(review, line.area_type)
    return Edges(found.b1_at_most, found.b2_from)
