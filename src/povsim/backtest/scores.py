"""Proper scores of forecasts given as draws, kept as sums so that origins can be resampled.

MAE, RMSE; CRPS of an ensemble (Gneiting and Raftery 2007, doi:10.1198/016214506000001437);
coverage of central bands; Brier score, calibration error and reliability of the chance of a
target; PIT (Dawid 1984).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim.trajectory import Floats

BINS = 10
TARGET = 0.9
"""The target that chances are given for: this share of the last rate, a year."""
BANDS = {"cov80": (0.1, 0.9), "cov95": (0.025, 0.975)}
SUMS = ["n", "absolute", "squared", "crps", *BANDS, "brier"]
WHAT = ("chance", "met", "count", "pit")
BINNED = [f"{what}{b}" for what in WHAT for b in range(BINS)]
KEPT = [*SUMS, *BINNED]


def sums(draws: Floats, truth: Floats, target: Floats) -> dict[str, float]:
    """Sums over areas of what every score needs.

    Args:
        draws: (area, draw) rates; one draw is a forecast without uncertainty.
        truth, target: (area,) the rate that came, and the one that had to be reached.

    Returns:
        By name; coverage, chances and PIT are NaN where there is one draw only.
    """
    middle, mean = np.median(draws, axis=1), draws.mean(axis=1)
    found = {
        "n": float(len(truth)),
        "absolute": float(np.abs(middle - truth).sum()),
        "squared": float(np.square(mean - truth).sum()),
        "crps": float(crps(draws, truth).sum()),
    }
    if draws.shape[1] == 1:
        return found | dict.fromkeys([*BANDS, "brier", *BINNED], np.nan)
    for name, levels in BANDS.items():
        low, high = np.quantile(draws, levels, axis=1)
        found[name] = float(((low <= truth) & (truth <= high)).sum())
    chance, met = (draws <= target[:, None]).mean(axis=1), truth <= target
    found["brier"] = float(np.square(chance - met).sum())
    return found | _binned(chance, met, (draws <= truth[:, None]).mean(axis=1))


def crps(draws: Floats, truth: Floats) -> Floats:
    """E|X − y| − ½E|X − X′| of each area's draws, (area,).

    >>> crps(np.array([[0.2, 0.4]]), np.array([0.3])).round(3).tolist()
    [0.05]
    """
    ordered = np.sort(draws, axis=1)
    size = ordered.shape[1]
    rank = (2 * np.arange(1, size + 1) - size - 1) / size**2
    return np.asarray(np.abs(ordered - truth[:, None]).mean(axis=1) - ordered @ rank)


def _binned(chance: Floats, met: NDArray[np.bool_], pit: Floats) -> dict[str, float]:
    at = _bins(chance)
    rows = {
        "chance": np.bincount(at, chance, BINS),
        "met": np.bincount(at, met, BINS),
        "count": np.bincount(at, minlength=BINS),
        "pit": np.bincount(_bins(pit), minlength=BINS),
    }
    return {f"{name}{b}": float(row[b]) for name, row in rows.items() for b in range(BINS)}


def _bins(share: Floats) -> NDArray[np.intp]:
    return np.minimum((share * BINS).astype(np.intp), BINS - 1)


def metrics(total: Floats) -> dict[str, Floats]:
    """Scores from sums of the columns KEPT in the last axis, by name; NaN where there are none."""
    part = _parts(total)
    n = part["n"]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "mae": part["absolute"] / n,
            "rmse": np.sqrt(part["squared"] / n),
            "crps": part["crps"] / n,
            **{name: part[name] / n for name in BANDS},
            "brier": part["brier"] / n,
        }
    return found | calibration(total)


def calibration(total: Floats) -> dict[str, Floats]:
    """What came of the chances told, from the same sums: `ece`, and by tenth `chance_0 …` (told),
    `met_0 …` (what came), `count_0 …`; `pit_0 …` is the share of the truths.
    """
    part, n = _parts(total), _parts(total)["n"]
    apart = sum(np.abs(part[f"chance{b}"] - part[f"met{b}"]) for b in range(BINS))
    with np.errstate(invalid="ignore", divide="ignore"):
        # Mean distance of the chances told from what happened, tenth by tenth.
        found = {"ece": np.asarray(apart) / n}
        for b in range(BINS):
            count = part[f"count{b}"]
            found |= {f"{name}_{b}": part[f"{name}{b}"] / count for name in ("chance", "met")}
            found |= {f"count_{b}": count, f"pit_{b}": part[f"pit{b}"] / n}
    return found


def _parts(total: Floats) -> dict[str, Floats]:
    return dict(zip(KEPT, np.moveaxis(total, -1, 0), strict=True))


def reliability(total: pd.Series[float]) -> pd.DataFrame:
    """Told chance and what happened by tenth: `bin, chance, met, count`, and the PIT's `pit`."""
    row = {w: np.array([total[f"{w}{b}"] for b in range(BINS)]) for w in WHAT}
    with np.errstate(invalid="ignore", divide="ignore"):
        told = {w: row[w] / row["count"] for w in ("chance", "met")}
        pit = row["pit"] / row["pit"].sum()
    return pd.DataFrame({"bin": range(BINS), **told, "count": row["count"], "pit": pit})
