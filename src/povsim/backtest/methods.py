"""The methods that are compared: ours, the naive ones, and the official rules.

Every method is a function of a window; any other of the same signature can be added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from povsim.backtest import regressions
from povsim.backtest.protocol import Window
from povsim.findings import refuse
from povsim.streams import stream
from povsim.trajectory import Floats, Panel, fit, last_year_check, project

Method = Callable[[Window], "Floats | None"]
"""From a window to draws of the rates (area, horizon, draw): one draw where nothing is unsure,
None where the method has nothing to go by."""

LEAST_RATE = 1e-6
"""Below any rate of a count: where a rate is nought its relative change has no meaning."""


def last_value(window: Window) -> Floats:
    """No change."""
    return np.repeat(window.rates[:, -1:, None], len(window.ahead), axis=1)


def linear(window: Window) -> Floats:
    """Each area's own straight line through its points (least squares), kept within 0 and 1.

    Its draws are the textbook's: Student's, with the line's own error.
    """
    times, future = np.array(window.years, dtype=float), window.origin + np.array(window.ahead)
    middle, rates = times.mean(), window.rates
    spread = np.square(times - middle).sum()
    slope = (rates * (times - middle)).sum(axis=1) / spread
    level = rates.mean(axis=1)
    left = rates - level[:, None] - slope[:, None] * (times - middle)
    free = len(times) - 2
    scale = np.sqrt(np.square(left).sum(axis=1) / free)[:, None]
    error = scale * np.sqrt(1 + 1 / len(times) + np.square(future - middle) / spread)
    dice = stream(window.seed, "backtest-linear", window.origin, len(times))
    noise = dice.standard_t(free, (*error.shape, window.draws))
    centre = level[:, None] + slope[:, None] * (future - middle)
    return np.asarray(np.clip(centre[..., None] + error[..., None] * noise, 0.0, 1.0))


def cagr(window: Window) -> Floats:
    """The compound yearly change from the first to the last point goes on."""
    rates = np.maximum(window.rates, LEAST_RATE)
    years = window.years[-1] - window.years[0]
    pace = (rates[:, -1] / rates[:, 0]) ** (1 / years)
    ahead = np.array(window.ahead)
    return np.asarray(np.clip(rates[:, -1:] * pace[:, None] ** ahead, 0.0, 1.0))[..., None]


def povsim(window: Window) -> Floats:
    """The stock model of `trajectory` as reports use it: with as much of the plan-like path as
    the window shows, and wider where it missed the window's own last point.
    """
    check = last_year_check(_panel(window), draws=window.draws, seed=window.seed)
    return _projected(window, widening=check.widening if check else 1.0)


def povsim_alone(window: Window) -> Floats:
    """The stock model without the plan-like path."""
    return _projected(window, weight=0.0)


def povsim_reference(window: Window) -> Floats | None:
    """The same with the drift of a wider panel; nothing where none is known."""
    if window.reference is None:
        return None
    return _projected(window, reference=_panel(window.reference))


def _projected(
    window: Window,
    *,
    weight: float | None = None,
    widening: float = 1.0,
    reference: Panel | None = None,
) -> Floats:
    made = project(
        fit(_panel(window), reference=reference),
        window.origin + window.ahead[-1],
        draws=window.draws,
        seed=window.seed,
        plan_like_weight=weight,
        widening=widening,
    )
    chosen = [h - 1 for h in window.ahead]
    poor, *_ = made.households[:, :, chosen]
    return np.asarray(poor / made.households[:, :, chosen].sum(axis=0))


def _panel(window: Window) -> Panel:
    """The window as whole counts; nobody tells its near-poor."""
    total, poor = np.rint(window.population), np.rint(window.poor)
    counts = (total, np.minimum(poor, total), np.zeros_like(total))
    return Panel(window.areas, window.years, *counts)


def chosen(names: Sequence[str] | None) -> dict[str, Method]:
    """Methods by name, and the two that others are measured by; all of them unless said.

    Raises:
        Refusal: `backtest_method_unknown`.
    """
    wanted = list(METHODS) if not names else [*names, *PEERS]
    unknown = [name for name in wanted if name not in METHODS]
    if unknown:
        known = ", ".join(METHODS)
        raise refuse("backtest_method_unknown", method=", ".join(unknown), known=known)
    return {name: METHODS[name] for name in METHODS if name in wanted}


NAIVE, CLASSIC = PEERS = ("last_value", "quasi_binomial")
"""Whose error, and whose whole forecast, the others are measured by."""
METHODS: Mapping[str, Method] = {
    "povsim": povsim,
    "povsim_alone": povsim_alone,
    "povsim_reference": povsim_reference,
    "last_value": last_value,
    "linear": linear,
    "cagr": cagr,
    "un_escap": regressions.un_escap,
    "quasi_binomial": regressions.quasi_binomial,
    "mixed_lm": regressions.mixed_lm,
    "smoothing": regressions.smoothing,
}
