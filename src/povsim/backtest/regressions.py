"""The regressions that are commonly used: each area by itself, or all of them with random effects.

All are statsmodels'; here they only get their data and give draws.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from povsim.backtest.protocol import Window
from povsim.streams import stream
from povsim.trajectory import Floats

SMOOTHING, TREND, DAMPING = 0.8, 0.2, 0.9
"""Fixed parameters of damped exponential smoothing: three to five points cannot tell them."""


def un_escap(window: Window) -> Floats:
    """A straight line in time with weights that grow with it, as the Anticipated Progress Index
    of UN-ESCAP extrapolates (time-weighted linear regression); a rule, without uncertainty.
    """
    from statsmodels.regression.linear_model import WLS

    design, future = _designs(window)
    weights = np.arange(1, len(design) + 1) / len(design)
    lines = WLS(window.rates.T, design, weights=weights).fit().params
    return np.asarray(np.clip((future @ lines).T, 0.0, 1.0))[..., None]


def quasi_binomial(window: Window) -> Floats:
    """A logit line for each area by itself, its scale from Pearson's χ² (at least 1)."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    design, future = _designs(window)
    dice = stream(window.seed, "backtest-glm", window.origin, len(design))
    counts = np.stack([window.poor + 0.5, window.population - window.poor + 0.5], axis=-1)
    free = len(design) - 2
    draws = np.empty((len(counts), len(future), window.draws))
    with _quiet():
        for area, count in enumerate(counts):
            fitted = GLM(count, design, family=Binomial()).fit(scale=1.0)
            scale = max(float(np.square(fitted.resid_pearson).sum()) / free, 1.0)
            size = float(count[-1].sum())
            draws[area] = _drawn(fitted, future, scale, size, dice, window.draws)
    return draws


def _drawn(
    fitted: Any, future: Floats, scale: float, size: float, dice: np.random.Generator, draws: int
) -> Floats:
    """Draws (horizon, draw): the line's own error, and an over-dispersed count about it."""
    params, covariance = np.asarray(fitted.params), np.asarray(fitted.cov_params()) * scale
    lines = dice.multivariate_normal(
        params, covariance, draws, method="cholesky", check_valid="ignore"
    )
    share = 1 / (1 + np.exp(-np.clip(future @ lines.T, -30, 30)))
    noise = np.sqrt(scale * share * (1 - share) / size) * dice.standard_normal(share.shape)
    return np.clip(share + noise, 0.0, 1.0)


def mixed_lm(window: Window) -> Floats:
    """One linear mixed model on the logit for all areas: random level and slope by area."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    design, future = _designs(window)
    logits = np.log((window.poor + 0.5) / (window.population - window.poor + 0.5))
    groups = np.repeat(np.arange(len(logits)), len(design))
    stacked = np.tile(design, (len(logits), 1))
    dice = stream(window.seed, "backtest-mixed", window.origin, len(design))
    with _quiet():
        fitted = MixedLM(logits.ravel(), stacked, groups, exog_re=stacked).fit(reml=True)
    effects = np.array([fitted.random_effects[g].to_numpy() for g in range(len(logits))])
    centre = (fitted.fe_params + effects) @ future.T
    between = np.einsum("hi,ij,hj->h", future, np.asarray(fitted.cov_re), future)
    spread = np.sqrt(fitted.scale + np.maximum(between, 0) / len(design))[:, None]
    noise = dice.standard_normal((*centre.shape, window.draws))
    return np.asarray(1 / (1 + np.exp(-(centre[..., None] + spread * noise))))


def smoothing(window: Window) -> Floats:
    """Damped exponential smoothing of each area's rate (Gardner and McKenzie 1985)."""
    from statsmodels.tsa.holtwinters import Holt

    fixed = {"smoothing_level": SMOOTHING, "smoothing_trend": TREND, "damping_trend": DAMPING}
    steps = max(window.ahead)
    made = np.empty((len(window.areas), len(window.ahead)))
    with _quiet():
        for area, rates in enumerate(window.rates):
            start = {"initial_level": rates[0], "initial_trend": rates[1] - rates[0]}
            model = Holt(rates, damped_trend=True, initialization_method="known", **start)
            path = model.fit(optimized=False, **fixed).forecast(steps)
            made[area] = [path[h - 1] for h in window.ahead]
    return np.clip(made, 0.0, 1.0)[..., None]


def _designs(window: Window) -> tuple[Floats, Floats]:
    """A constant and the years from the origin: of the points, and of the years ahead."""
    times = np.array(window.years, dtype=float) - window.origin
    ahead = np.array(window.ahead, dtype=float)
    return _line(times), _line(ahead)


def _line(times: Floats) -> Floats:
    return np.column_stack([np.ones_like(times), times])


@contextmanager
def _quiet() -> Iterator[None]:
    """Short series make these warn at every fit."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
