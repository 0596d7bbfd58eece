"""The path of a share as its trend draws it: centre and deviations on the logit scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from povsim.trajectory.dice import Dice
from povsim.trajectory.fitting import Trend
from povsim.trajectory.panel import Floats

EVERY = slice(None)


def damped(law: tuple[float, float], dice: Dice) -> Floats:
    """Σφᵏ (year, draw) over the years ahead, φ drawn from a beta law once a draw."""
    ahead = np.arange(1, len(dice.years) + 1)[:, None]
    return np.asarray(np.cumsum(dice.beta("damping", law) ** ahead, axis=0))


def spread(freedom: float, dice: Dice) -> Floats:
    """One Student factor a draw for what units share: few years hardly tell how wild they are."""
    return np.asarray(np.sqrt(freedom / dice.chisquare("spread", freedom)))


def centre(trend: Trend, fallen: Floats, part: slice = EVERY) -> Floats:
    """Logits (unit, year, draw) of some units without any shock; `fallen` as of `damped`."""
    return np.asarray(trend.level[part, None, None] + trend.drift.expected * fallen)


def common(trend: Trend, fallen: Floats, drift: Floats, years: Floats, wild: Floats) -> Floats:
    """The deviation (year, draw) that all units share.

    Before the Student factor its variance h years on is h·s² + K·v·(Σφᵏ)². `drift` (draw,) and
    `years` (year, draw) are standard normal, `wild` (draw,) as of `spread`.
    """
    uncertain = np.sqrt(trend.drift.error) * drift * fallen
    return np.asarray(wild * (uncertain + np.sqrt(trend.year_variance) * years.cumsum(axis=0)))


def own(
    trend: Trend, purpose: str, dice: Dice, units: Sequence[str], part: slice = EVERY
) -> Floats:
    """Units' own deviations (unit, year, draw): normal, since their size is known of all together.

    Innovations of a local level: all of this year's, and α of each one before it. Their variance
    h years on is q(1 + (h−1)α²) + sampling (Hyndman et al. 2008, chapter 6).
    """
    shocks = np.sqrt(trend.unit_variance) * dice.own_yearly(f"{purpose} unit", units)
    before = shocks.cumsum(axis=1) - shocks
    seen = np.sqrt(trend.sampling[part])[:, None, None] * dice.own(f"{purpose} count", units)
    return np.asarray(shocks + trend.gain[part, None, None] * before + seen)


def share(logits: Floats) -> Floats:
    """Shares of logits."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits))
