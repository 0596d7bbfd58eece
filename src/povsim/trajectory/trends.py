"""The levels and paces of hazards that all units share, fitted together.

A good year is good for the poor and the near-poor alike, and what pushes families up pushes both:
the movements up share part of a year's shock, and may share a pace. Two accounts of the years
stand side by side, each as likely as the years make it. In one every pace is near nought: families
keep moving as they did, and the fall slows by itself as fewer are left who can leave. In the other
families are pushed up faster, or held back more, every year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from povsim.trajectory.exposures import DESTINATIONS, Source
from povsim.trajectory.flow_priors import FlowPriors
from povsim.trajectory.panel import Floats

MOVEMENTS = tuple((source, name) for source, names in DESTINATIONS.items() for name in names)
"""Every movement by its source and destination; M in shapes."""
UP = ((Source.POOR, "near_poor"), (Source.POOR, "above"), (Source.NEAR_POOR, "above"))
UPWARDS = np.array([float(movement in UP) for movement in MOVEMENTS])
"""One where a movement leads up, nought elsewhere (M,)."""


@dataclass(frozen=True, eq=False)
class Account:
    """One account of the years: how likely it is, and the normal law of levels and paces in it.

    `pushed` where it holds that families are pushed; `mean` (2M,) levels, then paces; `error`
    (2M, 2M) their covariance.
    """

    pushed: bool
    weight: float
    mean: Floats
    error: Floats


@dataclass(frozen=True, eq=False)
class Trends:
    """Levels (logits against staying at the last year) and paces a year, as accounts have them."""

    accounts: tuple[Account, ...]

    @property
    def level(self) -> Floats:
        """Mean levels (M,)."""
        return self._mean[: len(MOVEMENTS)]

    @property
    def pace(self) -> Floats:
        """Mean paces (M,)."""
        return self._mean[len(MOVEMENTS) :]

    @property
    def pushed(self) -> float:
        """The chance that families are pushed up or held back, 0 to 1."""
        return sum(account.weight for account in self.accounts if account.pushed)

    @property
    def push(self) -> float:
        """The mean pace of the movements up, logits a year."""
        return float(UPWARDS @ self.pace / UPWARDS.sum())

    def of(self, source: Source) -> tuple[Floats, Floats]:
        """Mean levels and paces (destination,) of the movements from a source."""
        rows = [m for m, (each, _) in enumerate(MOVEMENTS) if each is source]
        return self.level[rows], self.pace[rows]

    def deviations(self, normal: Floats, uniform: Floats) -> Floats:
        """What draws deviate from the means (2M, draw), levels first.

        `normal` (2M, draw) standard; `uniform` (draw,) on 0 to 1 says which account a draw keeps.
        """
        ends = np.cumsum([account.weight for account in self.accounts])
        which = np.searchsorted(ends[:-1], uniform, side="right")
        drawn = [
            (account.mean - self._mean)[:, None] + np.linalg.cholesky(account.error) @ normal
            for account in self.accounts
        ]
        return np.asarray(np.choose(which, drawn))

    @property
    def _mean(self) -> Floats:
        return np.asarray(sum(account.weight * account.mean for account in self.accounts))


def fit_trends(
    seen: Mapping[Source, tuple[Floats, Floats]], year_variance: float, priors: FlowPriors
) -> Trends:
    """Levels at the last year and paces of all movements.

    `seen` are the logits of each source (destination, year) and the variances of their counts.

    Generalised least squares with beliefs about paces (a local linear trend: Harvey 1989, chapter
    4), under each account, weighed by how likely the years are under it (Kass and Raftery 1995,
    doi:10.1080/01621459.1995.10476572). A level moves by `drift_sd` a year beside its pace, and
    is seen through the year's shock and its counts.
    """
    logits, counted = (np.concatenate(each) for each in zip(*seen.values(), strict=True))
    design = _design(logits.shape[1])
    weighed = design.T @ np.linalg.inv(_noise(counted, year_variance, priors))
    start, firm = _start(priors)
    information = weighed @ design + np.diag(firm)
    told = weighed @ logits.ravel() + firm * start
    believed = ((False, 1 - priors.pushed), (True, priors.pushed))
    laws = [_fitted(information, told, _belief(pushed, priors)) for pushed, _ in believed]
    evidence = np.array([evidence for evidence, *_ in laws])
    odds = np.array([weight for _, weight in believed]) * np.exp(evidence - evidence.max())
    weights = (odds / odds.sum()).tolist()
    accounts = zip(believed, weights, laws, strict=True)
    return Trends(tuple(Account(pushed, w, m, e) for (pushed, _), w, (_, m, e) in accounts))


def _design(years: int) -> Floats:
    """What levels and paces have to do with each logit: (M·years, 2M)."""
    ago = np.arange(years)[::-1, None].astype(float)
    each = np.eye(len(MOVEMENTS))
    return np.hstack([np.kron(each, np.ones_like(ago)), np.kron(each, -ago)])


def _noise(counted: Floats, year_variance: float, priors: FlowPriors) -> Floats:
    """Covariance (M·years, M·years) of logits about their lines."""
    years = counted.shape[1]
    ago = np.arange(years)[::-1].astype(float)
    steps = priors.drift_sd**2 * np.minimum(ago[:, None], ago)
    each = np.eye(len(MOVEMENTS))
    alike = each + priors.together * (np.outer(UPWARDS, UPWARDS) - np.diag(UPWARDS))
    shocks = year_variance * np.kron(alike, np.eye(years))
    return np.asarray(np.kron(each, steps) + shocks + np.diag(counted.ravel()))


def _start(priors: FlowPriors) -> tuple[Floats, Floats]:
    """What is believed of levels and paces apart from any push, and how firmly (1/variance).

    Only of those who escaped lately: few are seen to fall back.
    """
    rare = np.array([source is Source.RECENTLY_ESCAPED for source, _ in MOVEMENTS], dtype=float)
    none = np.zeros(len(MOVEMENTS))
    start, firm = np.log(priors.relapse / 2) * rare, rare / priors.relapse_sd**2
    return np.concatenate([start, none]), np.concatenate([firm, none])


def _belief(pushed: bool, priors: FlowPriors) -> Floats:
    """Inverse covariance of paces (M, M): each one's own, and any push that those up share."""
    covariance = priors.pace_sd**2 * np.eye(len(MOVEMENTS))
    if pushed:
        covariance += priors.push_sd**2 * np.outer(UPWARDS, UPWARDS)
    return np.asarray(np.linalg.inv(covariance))


def _fitted(information: Floats, told: Floats, belief: Floats) -> tuple[float, Floats, Floats]:
    """Log evidence of the years, but for what accounts have in common; mean and covariance."""
    half = len(belief)
    whole = information.copy()
    whole[half:, half:] += belief
    error = np.asarray(np.linalg.inv(whole), dtype=float)
    mean = error @ told
    sizes = [np.linalg.slogdet(each)[1] for each in (belief, whole)]
    return float(sizes[0] - sizes[1] + told @ mean) / 2, mean, error
