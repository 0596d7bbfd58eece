"""Pooled hazards with covariates of the units: quasi-binomial regressions by statsmodels.

Each movement is set against staying, which estimates the baseline-category logits of the
multinomial one by one (Begg and Gray 1984, doi:10.1093/biomet/71.1.11).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from povsim.trajectory.exposures import DESTINATIONS, Exposure, Source
from povsim.trajectory.panel import Floats

INTERCEPT = "intercept"
COLUMNS = [
    "source",
    "destination",
    "term",
    "coefficient",
    "standard_error",
    "odds_ratio",
    "lower",
    "upper",
    "scale",
]


def pooled_hazards(
    exposure: Exposure, covariates: pd.DataFrame | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """Every movement regressed on the units' covariates, all units and years together.

    logit(moved / (moved + stayed)) = intercept + covariates, quasi-binomial: variances times
    Pearson's χ²/df, at least 1. `covariates` has a row a unit and numbers in its columns; they
    are measured from their mean over units, so that the intercept is the mean unit's.

    Returns:
        source, destination, term, coefficient (logits), standard_error, odds_ratio and its
        interval (lower, upper at `level`; normal), scale. Movements nobody made, and with
        covariates those that are all or nothing, have missing figures: no regression exists.

    Raises:
        ValueError: covariates that do not fit the units, or are missing.
    """
    design = _design(exposure, covariates)
    tables = [
        _table(_fitted(exposure, source, k, design), design, (source, name), level)
        for source, names in DESTINATIONS.items()
        for k, name in enumerate(names)
    ]
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def slopes(table: pd.DataFrame, covariates: pd.DataFrame | None, exposure: Exposure) -> Floats:
    """What covariates add to each movement's logit: (movement, unit), nought where unknown."""
    design = _design(exposure, covariates).drop(columns=INTERCEPT)
    pairs = [(str(s), name) for s, names in DESTINATIONS.items() for name in names]
    wide = table.pivot(index=["source", "destination"], columns="term", values="coefficient")
    known = wide.reindex(index=pd.MultiIndex.from_tuples(pairs), columns=design.columns)
    return np.asarray(known.fillna(0.0).to_numpy(dtype=float) @ design.to_numpy().T)


def _design(exposure: Exposure, covariates: pd.DataFrame | None) -> pd.DataFrame:
    """Intercept and centred covariates, a row a unit."""
    given = pd.DataFrame(index=list(exposure.units)) if covariates is None else covariates
    if set(given.index) != set(exposure.units) or not given.index.is_unique:
        raise ValueError("covariates need one row for each unit, and no other")
    rows = given.loc[list(exposure.units)].astype(float)
    if not np.isfinite(rows.to_numpy()).all():
        raise ValueError("covariates are missing for some units")
    centred = rows - rows.mean()
    centred.insert(0, INTERCEPT, 1.0)
    return centred


def _fitted(exposure: Exposure, source: Source, k: int, design: pd.DataFrame) -> Any:
    """The regression of one movement, or None where the counts cannot carry one."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    moved, stayed = exposure.moved[source][k].ravel(), exposure.stayed[source].ravel()
    rows = design.to_numpy().repeat(len(exposure.years), axis=0)
    some = moved + stayed > 0
    rank = np.linalg.matrix_rank(rows[some]) if some.any() else 0
    if not moved.sum() or not stayed.sum() or rank < rows.shape[1]:
        return None
    counts = np.column_stack([moved, stayed])[some]
    first = GLM(counts, rows[some], family=Binomial()).fit()
    free = max(int(some.sum()) - rows.shape[1], 1)
    scale = max(float(np.square(first.resid_pearson).sum()) / free, 1.0)
    return GLM(counts, rows[some], family=Binomial()).fit(scale=scale)


def _table(
    fitted: Any, design: pd.DataFrame, names: tuple[Source, str], level: float
) -> pd.DataFrame:
    from statistics import NormalDist

    terms = list(design.columns)
    missing = np.full(len(terms), np.nan)
    coefficient = missing if fitted is None else np.asarray(fitted.params)
    error = missing if fitted is None else np.asarray(fitted.bse)
    reach = NormalDist().inv_cdf(0.5 + level / 2) * error
    return pd.DataFrame(
        {
            "source": str(names[0]),
            "destination": names[1],
            "term": terms,
            "coefficient": coefficient,
            "standard_error": error,
            "odds_ratio": np.exp(coefficient),
            "lower": np.exp(coefficient - reach),
            "upper": np.exp(coefficient + reach),
            "scale": np.nan if fitted is None else float(fitted.scale),
        }
    )
