"""What changed between two counts of a population, and what it came from.

Source: Alkire et al. (2015), "Multidimensional Poverty Measurement and Analysis", Oxford
University Press, sections 9.2 and 9.3 (OPHI); the parts are Shapley's, which for two factors is
the change of one at the mean of the other (Shorrocks 2013, J. Economic Inequality 11, 99-126).
Parts always add up to the whole; they are arithmetic, not causes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan

import pandas as pd

from povsim.findings import refuse
from povsim.poverty.counting import Tally
from povsim.poverty.measures import Headline, by_group, by_indicator, headline, ratio


@dataclass(frozen=True)
class Shift:
    """A figure before and after."""

    before: float
    after: float

    @property
    def absolute(self) -> float:
        """after - before, as a share (0.01 is one point)."""
        return self.after - self.before

    @property
    def relative(self) -> float:
        """The change as a share of what was before; NaN where that was nought.

        >>> Shift(0.5, 0.25).relative
        -0.5
        """
        return self.absolute / self.before if self.before > 0 else nan


@dataclass(frozen=True)
class Change:
    """The change of H, A and M0, and M0's in two parts that add up to it.

    `by_incidence` = ΔH · mean(A), `by_intensity` = ΔA · mean(H). Where nobody was poor at one of
    the two times, A is known at the other only and is taken as that: all comes from H.
    """

    incidence: Shift
    intensity: Shift
    adjusted: Shift
    by_incidence: float
    by_intensity: float


def change(before: Tally, after: Tally) -> Change:
    """The change of the whole population; groups need not be the same.

    Raises:
        Refusal: `af_yardsticks_differ`, for then it is the measure that changed.

    >>> import numpy as np
    >>> from povsim.poverty.counting import tally
    >>> from povsim.poverty.yardstick import Yardstick
    >>> ours = Yardstick.equal("ab", 0.5)
    >>> made = change(*(tally(ours, np.array(m, np.uint16)) for m in ([3, 3, 0, 0], [3, 1, 1, 0])))
    >>> made.incidence.absolute, round(made.intensity.absolute, 3), made.adjusted.absolute
    (0.25, -0.333, 0.0)
    >>> round(made.by_incidence, 3), round(made.by_intensity, 3)
    (0.208, -0.208)
    """
    _comparable(before, after)
    one, two = headline(before), headline(after)
    incidence = Shift(one.incidence, two.incidence)
    by_incidence = incidence.absolute * _mean_intensity(one, two)
    adjusted = Shift(one.adjusted, two.adjusted)
    return Change(
        incidence=incidence,
        intensity=Shift(one.intensity, two.intensity),
        adjusted=adjusted,
        by_incidence=by_incidence,
        by_intensity=adjusted.absolute - by_incidence,
    )


def _mean_intensity(one: Headline, two: Headline) -> float:
    known = [found for found in (one.intensity, two.intensity) if not isnan(found)]
    return sum(known) / len(known) if known else 0.0


def change_by_indicator(before: Tally, after: Tally) -> pd.DataFrame:
    """What each indicator adds to the change of M0: w_j Δh_j, which sums to ΔM0.

    Returns:
        Indexed by `indicator`, whole population: `dimension`, `weight`, censored headcounts
        `before` and `after`, their `absolute` and `relative` change, and the `part` of ΔM0.

    Raises:
        Refusal: `af_yardsticks_differ`.
    """
    _comparable(before, after)
    one, two = (by_indicator(each.total()).set_index("indicator") for each in (before, after))
    moved = two["censored"] - one["censored"]
    return one[["dimension", "weight"]].assign(
        before=one["censored"],
        after=two["censored"],
        absolute=moved,
        relative=ratio(moved.to_numpy(), one["censored"].to_numpy()),
        part=one["weight"] * moved,
    )


def change_by_group(before: Tally, after: Tally) -> pd.DataFrame:
    """The change of M0 within groups, and by people living in other groups than before.

    M0 = Σ v_l M0_l, so ΔM0 = Σ_l mean(v_l) ΔM0_l (within) + Σ_l mean(M0_l) Δv_l (shift).
    A group without households at one of the two times is taken to have been as poor then as it
    is at the other, so that its coming or going is a shift.

    Returns:
        Indexed by `group`: `share_before`, `share_after`, `m0_before`, `m0_after`, `within`,
        `shift`; the last two columns sum to ΔM0.

    Raises:
        Refusal: `af_yardsticks_differ`, `af_groups_differ` (carry both to the same units first).
    """
    _comparable(before, after)
    _same_groups(before, after)
    one, two = by_group(before), by_group(after).loc[list(before.groups)]
    was, became = _known(one["m0"], two["m0"]), _known(two["m0"], one["m0"])
    return pd.DataFrame(
        {
            "share_before": one["share"],
            "share_after": two["share"],
            "m0_before": one["m0"],
            "m0_after": two["m0"],
            "within": (one["share"] + two["share"]) / 2 * (became - was),
            "shift": (was + became) / 2 * (two["share"] - one["share"]),
        }
    )


def _known(figures: pd.Series[float], others: pd.Series[float]) -> pd.Series[float]:
    # Without households at both times a group has no M0 to borrow, and adds nothing.
    return figures.fillna(others).fillna(0.0)


def _comparable(before: Tally, after: Tally) -> None:
    if before.yardstick != after.yardstick:
        raise refuse("af_yardsticks_differ")


def _same_groups(before: Tally, after: Tally) -> None:
    differ = sorted(str(label) for label in set(before.groups) ^ set(after.groups))
    if differ:
        raise refuse("af_groups_differ", groups=", ".join(differ))
