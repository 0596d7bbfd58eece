"""What must be given up for what: the best plans between two aims."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.objectives import TIE, weigh
from povsim.allocation.problem import SLIGHT
from povsim.allocation.proposing import Proposal
from povsim.allocation.solver import INFINITY, Solved

Floats = NDArray[np.float64]
POINTS = 20
FIRST = 1e3
"""Weight of the unit that gains least, before all else."""


@dataclass(frozen=True)
class Point:
    """A best plan between two aims: fewer poor in all, indicators fewer that the poor lack (as
    households that lack all twelve), and by what share the poor fall at least in any unit, all
    against the current plan but for the depth, which is against nothing paid."""

    out: float
    depth: float
    least_fall: float


def rate_against_depth(proposal: Proposal, points: int = POINTS) -> list[Point]:
    """From most households out to the least that the poor lack."""
    problem, found = proposal.problem, []
    with problem.model.aimed_as_before():
        for weight in np.linspace(0.0, 1.0, points):
            weigh(problem, out=max(1.0 - weight, TIE), depth=max(weight, TIE))
            found.append(_point(proposal, problem.settled()[0]))
    return found


def efficiency_against_equity(proposal: Proposal, points: int = POINTS) -> list[Point]:
    """From most households out to the unit that gains least gaining most.

    A unit's fall is its fewer poor as a share of its poor under the current plan.
    """
    problem, agenda, model = proposal.problem, proposal.agenda, proposal.problem.model
    (least,) = model.variables(np.zeros(1), -INFINITY, INFINITY)
    rows = [
        model.row(float(agenda.credit[u]), INFINITY, [out, least], [1.0, -agenda.poor[u]])
        for u, out in enumerate(problem.out)
    ]
    with model.aimed_as_before():
        weigh(problem, out=TIE)
        model.cost([least], [-FIRST])
        most = float(problem.settled()[0].at[least])
        weigh(problem, out=1.0)
        model.cost([least], [0.0])
        lowest = float(_falls(proposal, problem.settled()[0]).min())
        found = []
        for level in np.linspace(lowest, most, points):
            model.bound([least], [level - SLIGHT], [INFINITY])
            found.append(_point(proposal, problem.settled()[0]))
    model.bound([least], [-INFINITY], [INFINITY])
    for row in rows:
        model.bound_row(row, -INFINITY, INFINITY)
    return found


def _falls(proposal: Proposal, solved: Solved) -> Floats:
    agenda = proposal.agenda
    return np.asarray((solved.at[proposal.problem.out] - agenda.credit) / agenda.poor)


def _point(proposal: Proposal, solved: Solved) -> Point:
    problem, credit = proposal.problem, float(proposal.agenda.credit.sum())
    out, depth = (float(solved.at[each].sum()) for each in (problem.out, problem.lacked))
    return Point(out - credit, depth, float(_falls(proposal, solved).min()))
