"""One plan a unit from some hundreds that were lived beforehand: the chance of all targets at once.

Chances do not add up as gains do, so units choose among whole plans whose draws are known (a
programme on the draws themselves; its bound is one over these bundles, not over all plans).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.problem import MILLION
from povsim.allocation.solver import INFINITY, Model, Status

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
SECONDS, GAP = 4.0, 5e-3
CHEAP = 1e-7
"""Chance that a million is taken to be worth: among equals the cheaper."""


@dataclass(frozen=True, eq=False)
class Bundles:
    """`cost` đồng (bundle, unit, purse) and `met` (bundle, unit, draw): whether the unit is at its
    target."""

    cost: Counts
    met: Flags


@dataclass(frozen=True, eq=False)
class Choice:
    """A bundle (unit,) for each unit; the chance that all are at their targets, the same over
    units one by one (unit,), đồng by purse, and a bound over these bundles."""

    chosen: Counts
    chance: float
    each: Floats
    cost: Counts
    bound: float


def likeliest(bundles: Bundles, purses: Counts | None) -> Choice | None:
    """The bundles with the best chance that all targets are met, within đồng by purse; None where
    no bundles cost so little."""
    model, pick, met = _model(bundles)
    draws = bundles.met.shape[2]
    model.cost(met, np.full(draws, -1.0 / draws))
    costs = _million(bundles)
    for p, most in enumerate(purses if purses is not None else ()):
        model.row(-INFINITY, most / MILLION, pick.ravel(), costs[..., p].ravel())
    model.cost(pick.ravel(), (costs.sum(axis=-1) * CHEAP).ravel())
    solved = model.solve(whole=True, seconds=SECONDS, gap=GAP)
    if solved.status is Status.INFEASIBLE:
        return None
    choice = _choice(bundles, solved.at[pick], 0.0)
    # What money counts for among equals is too little to be told, but not nought.
    return replace(choice, bound=min(max(-solved.bound, choice.chance), 1.0))


def cheapest(bundles: Bundles, chance: float) -> Choice | None:
    """The least money with which all targets are met with a chance; None where no bundles do."""
    model, pick, met = _model(bundles)
    draws = bundles.met.shape[2]
    model.row(float(np.ceil(chance * draws - 1e-9)), INFINITY, met, np.ones(draws))
    model.cost(pick.ravel(), _million(bundles).sum(axis=-1).ravel())
    solved = model.solve(whole=True, seconds=SECONDS, gap=GAP)
    if solved.status is Status.INFEASIBLE:
        return None
    return _choice(bundles, solved.at[pick], solved.bound)


def _million(bundles: Bundles) -> Floats:
    return np.asarray(bundles.cost / MILLION)


def _model(bundles: Bundles) -> tuple[Model, Counts, Counts]:
    """Which bundle each unit takes (bundle, unit), and in which draws all are at their targets."""
    model, (count, units, draws) = Model(), bundles.met.shape
    useful = _undominated(bundles)
    most = useful.astype(float).ravel()
    pick = model.variables(np.zeros(count * units), 0.0, most, whole=True).reshape(count, units)
    met = model.variables(np.zeros(draws), 0.0, 1.0)
    for unit in range(units):
        model.row(1.0, 1.0, pick[:, unit], np.ones(count))
        for draw in range(draws):
            some = np.flatnonzero(bundles.met[:, unit, draw] & useful[:, unit])
            columns = [met[draw], *pick[some, unit]]
            model.row(-INFINITY, 0.0, columns, [1.0] + [-1.0] * len(some))
    return model, pick, met


def _undominated(bundles: Bundles) -> Flags:
    """Bundles (bundle, unit) that no other of the unit equals in every draw for as little money."""
    count, units, _ = bundles.met.shape
    useful = np.ones((count, units), dtype=np.bool_)
    for unit in range(units):
        met, cost = bundles.met[:, unit].astype(np.float32), bundles.cost[:, unit]
        covers = (met @ met.T) >= met.sum(axis=1)  # [a, b]: a is met wherever b is
        cheaper = (cost[:, None] <= cost[None]).all(axis=-1)
        better = covers & cheaper
        ties = better & better.T & (np.arange(count)[:, None] > np.arange(count)[None])
        useful[:, unit] = ~(better & ~ties & ~np.eye(count, dtype=np.bool_)).any(axis=0)
    return useful


def _choice(bundles: Bundles, pick: Floats, bound: float) -> Choice:
    chosen = pick.argmax(axis=0)
    units = np.arange(len(chosen))
    met, cost = bundles.met[chosen, units], bundles.cost[chosen, units].sum(axis=0)
    return Choice(chosen, float(met.all(axis=0).mean()), met.mean(axis=1), cost, bound)
