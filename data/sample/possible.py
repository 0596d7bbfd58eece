"""What a household can lack at all: chance draws some patterns that no real household can have."""

from __future__ import annotations

import numpy as np

from povsim.vocabulary import Indicator

OF_CHILDREN = (Indicator.NUTRITION, Indicator.CHILD_SCHOOLING)
"""Only a child can lack them, and no child lives alone."""
SPARE = (
    Indicator.TOILET,
    Indicator.HOUSING_QUALITY,
    Indicator.TELECOMS,
    Indicator.HOUSING_AREA,
    Indicator.WATER,
    Indicator.DEVICES,
)
"""What any household can lack, the most common first."""


def can_lack(persons: np.ndarray, no_labour: np.ndarray) -> np.ndarray:
    """Which of the twelve each household can lack: flags (n, 12).

    Nobody is out of a job where nobody can work; and where somebody can, that one is no dependant,
    so that more than half of the members are only from three persons on.
    """
    can = np.ones((len(persons), len(Indicator)), dtype=bool)
    can[:, _columns(*OF_CHILDREN)] = (persons > 1)[:, None]
    can[:, _columns(Indicator.JOB)] = ~no_labour[:, None]
    can[:, _columns(Indicator.DEPENDANTS)] = (no_labour | (persons > 2))[:, None]
    return can


def mended(lacking: np.ndarray, persons: np.ndarray, no_labour: np.ndarray) -> np.ndarray:
    """What cannot be lacked exchanged for what can: as many lacks, so the same state.

    Only a household that lacks all that any household can lack is left with fewer: six or more.
    """
    found = lacking & can_lack(persons, no_labour)
    owed = lacking.sum(axis=1) - found.sum(axis=1)
    for column in _columns(*SPARE):
        taken = (owed > 0) & ~found[:, column]
        found[:, column] |= taken
        owed = owed - taken
    return found


def bounds_of_children(
    persons: np.ndarray, no_labour: np.ndarray, dependants: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The fewest and the most children (n,), by whether a household lacks for its dependants.

    At most half of the persons where it does not; where it does, one grown-up is none, and where
    somebody can work only one dependant is old or disabled, the others are children.
    """
    half = persons // 2
    return np.where(dependants & ~no_labour, half, 0), np.where(dependants, persons - 1, half)


def _columns(*indicators: Indicator) -> list[int]:
    return [list(Indicator).index(indicator) for indicator in indicators]
