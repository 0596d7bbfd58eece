"""How many indicators the poor lack: what the forms leave open, and what a register tells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from povsim import suppression
from povsim.population import LISTED, POOR_FROM, Counts, Margins, Population, rebuild, tilts
from povsim.study.outlooks import Outlook
from povsim.vocabulary import Indicator, State

POPULATIONS = 60
"""As many as leave the ends of an 80 % range of shares steady to half a point."""
NUMBERS = np.arange(POOR_FROM, len(Indicator) + 1)


def depth(
    view: Outlook, known: Population | None = None, populations: int = POPULATIONS
) -> pd.DataFrame:
    """Poor households of the district by how many of the twelve indicators they lack.

    The forms tell how many lack each indicator, and that the poor lack three at least; who lacks
    which together they do not. Households are rebuilt so that all counts hold, each time with
    another tilt: where the range is wide the forms leave much open.

    Args:
        view: whose last review is asked.
        known: the households of that review by a register, where there is one.
        populations: how often households are rebuilt.

    Returns:
        `number` lacked, from three on; the last row has all from its number on (`and_more`), so
        that it tells of no few households. `low`, `median`, `high` (80 %) of the households, and
        `counted` by the register; missing without one, or where a count would tell of a few.

    Raises:
        Refusal: counts that no households have, or missing ones (`population.Margins`).
    """
    margins = Margins.of_forms(view.release.facts, view.year)
    drawn = np.stack(
        [
            by_number(rebuild(margins, tilt=float(tilt), seed=view.seed + at))
            for at, tilt in enumerate(tilts(populations, view.seed))
        ]
    )
    told = np.median(drawn, axis=0) if known is None else by_number(known)
    last = _last(told)
    low, median, high = np.quantile(_pooled(drawn, last), (0.1, 0.5, 0.9), axis=0)
    counted = np.full(last + 1, np.nan) if known is None else _pooled(told[None], last)[0]
    if suppression.is_small(counted).any():
        counted = np.full(last + 1, np.nan)
    table = {"number": NUMBERS[: last + 1], "and_more": np.arange(last + 1) == last}
    return pd.DataFrame(table | {"low": low, "median": median, "high": high, "counted": counted})


def by_number(households: Population) -> Counts:
    """Poor households that lack three, four … twelve indicators."""
    poor = households.number[households.state == LISTED.index(State.POOR)]
    return np.bincount(poor, minlength=len(Indicator) + 1)[POOR_FROM:]


def _last(told: Counts) -> int:
    """The last place from which on there are enough households to tell of; the first at least."""
    enough = np.flatnonzero(told[::-1].cumsum()[::-1] >= suppression.FEWEST)
    return int(enough.max(initial=0))


def _pooled(counts: Counts, last: int) -> Counts:
    """Counts (…, number) with all from `last` on as one."""
    return np.concatenate([counts[:, :last], counts[:, last:].sum(axis=1, keepdims=True)], axis=1)
