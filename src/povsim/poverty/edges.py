"""What a place is held against at a review: its lines, and how many deprivations are many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim import rules
from povsim.findings import Finding, Refusal, refuse
from povsim.poverty.answers import Answer, at_most, known
from povsim.poverty.thresholds import score_line, scores_unknown, thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Edges:
    """At or below what figure (đồng, or B1) income is low, and how many deprivations (or what B2)
    are many; and where there are such lines, at or below what income alone is poor, and up to
    what living is average."""

    low: int
    many: int
    alone: float = nan
    average_to: float = nan


@dataclass(frozen=True, eq=False)
class EdgesByRow:
    """The edges of each household; NaN where there is no such line, or none on file."""

    low: Floats
    many: Floats
    alone: Floats
    average_to: Floats

    def is_low(self, income: pd.Series[Any]) -> Answer:
        """Whether income is at or below the line."""
        return at_most(income, self.low)

    def is_poor_alone(self, income: pd.Series[Any]) -> Answer:
        """Whether income is so low that nothing else is asked; surely not without such a line."""
        return at_most(income, self.alone) & known(~np.isnan(self.alone))

    def is_average(self, income: pd.Series[Any]) -> Answer:
        """Whether income is above the line and living average; open where no edge is on file."""
        nobody = np.zeros(len(self.low), bool)
        not_on_file = Answer(nobody, np.isnan(self.average_to))
        return ~self.is_low(income) & (at_most(income, self.average_to) | not_on_file)


def of_income(units: pd.Series[Any], review: int) -> EdgesByRow:
    """The edges by income and deprivations.

    Raises:
        Refusal: all units that cannot be had in that year or have no line or thresholds on file.
    """
    indicators = len(thresholds(review))
    return _by_row(units, lambda unit: _of_income(unit, review, indicators))


def of_scores(units: pd.Series[Any], review: int) -> EdgesByRow:
    """The edges of the scoring sheets.

    Raises:
        Refusal: all units without a sheet, as `of_income`.
    """
    return _by_row(units, lambda unit: _of_scores(unit, review))


def _by_row(units: pd.Series[Any], edges: Callable[[str], Edges]) -> EdgesByRow:
    """Looked up once a unit; all units that have none are told."""
    code, names = pd.factorize(units)
    found: list[Edges] = []
    findings: list[Finding] = []
    for name in names:
        try:
            found.append(edges(str(name)))
        except Refusal as refusal:
            findings += refusal.findings
    if findings:
        raise Refusal(list({finding.code: finding for finding in findings}.values()))
    rows = [(edge.low, edge.many, edge.alone, edge.average_to) for edge in found]
    return EdgesByRow(*np.array(rows, np.float64).reshape(-1, 4).T[:, code])


def _of_income(unit: str, review: int, indicators: int) -> Edges:
    """A province that counts other indicators than the nation's has no thresholds on file."""
    standard = rules.standard_for(review, unit)
    line = rules.income_line(review, unit)
    if standard.indicators != indicators or standard.poor_from_deprivations is None:
        raise refuse("deprivations_unknown", standard=standard.name)
    average_to = standard.average_living_to(line.area_type)
    return Edges(
        line.vnd_a_month,
        standard.poor_from_deprivations,
        nan if line.poor_alone_vnd is None else line.poor_alone_vnd,
        nan if average_to is None else average_to,
    )


def _of_scores(unit: str, review: int) -> Edges:
    """The sheets are made for the nation's line; a province's own would need its own."""
    line = rules.income_line(review, unit)
    standard = rules.standard_for(review, unit)
    if standard.province is not None:
        raise scores_unknown(standard, line.area_type)
    found = score_line(review, line.area_type)
    return Edges(found.b1_at_most, found.b2_from)
