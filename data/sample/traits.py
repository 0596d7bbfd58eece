"""What follows from a household's fates: its people, its causes of poverty, its children."""

from __future__ import annotations

import numpy as np
from assumptions import given
from households import FATES, LOCAL, MINORITIES, Households, picked
from possible import bounds_of_children

from povsim.vocabulary import Indicator

PEOPLES = ("kinh", *MINORITIES)
CAUSES = tuple(given.causes)


def people(lot: Households) -> np.ndarray:
    """The number in PEOPLES of each head's people (n,)."""
    return np.where(lot.flag("dtts"), 1 + lot.minority, 0)


def blocks(lot: Households) -> dict[str, np.ndarray]:
    """Who is Kinh, who DTTS, and who of them native to the place: flags (n,) by name."""
    dtts = lot.flag("dtts")
    return {"kinh": ~dtts, "dtts": dtts, "local": dtts & (lot.minority < len(LOCAL))}


def female_head(lot: Households) -> np.ndarray:
    """Where the head is a woman."""
    return lot.fate("female") < given.female_head


def causes(lot: Households) -> np.ndarray:
    """Why each household is poor: one to three flags a household (n, 8).

    The first of exponential clocks, faster for weightier causes; "no labour" comes first in
    households without labour capacity and never in others.
    """
    own = [FATES.index(cause) for cause in CAUSES]
    clocks = -np.log1p(-lot.fates[:, own]) / list(given.causes.values())
    labour = CAUSES.index("lack_labour")
    clocks[:, labour] = np.where(lot.flag("no_labour"), 0, np.inf)
    many = 1 + picked(given.cause_count.values(), lot.fate("causes"))
    return clocks.argsort(axis=1).argsort(axis=1) < many[:, None]


def children(lot: Households) -> dict[str, np.ndarray]:
    """Each household's children, and how many of them lack what F11 asks for: counts (n,).

    `all` is none to all but one of its persons, within what its dependants allow; at least one
    where the household is counted as lacking what only a child can lack.
    """
    undernourished = lot.lacks(Indicator.NUTRITION)
    unschooled = lot.lacks(Indicator.CHILD_SCHOOLING)
    born = np.floor(lot.fate("children") * lot.persons).astype(int)
    dependants = lot.lacks(Indicator.DEPENDANTS)
    fewest, most = bounds_of_children(lot.persons, lot.flag("no_labour"), dependants)
    total = np.maximum(np.clip(born, fewest, most), undernourished | unschooled)
    uninsured = np.floor(lot.fate("insurance") * (total + 1)).astype(int)
    return {
        "all": total,
        "nutrition": _some(undernourished, lot.fate("nutrition"), total),
        "insurance": np.where(lot.lacks(Indicator.HEALTH_INSURANCE), uninsured, 0),
        "schooling": _some(unschooled, lot.fate("schooling"), total),
    }


def _some(lacking: np.ndarray, fate: np.ndarray, total: np.ndarray) -> np.ndarray:
    """One to all of the children of a lacking household, none of the others'."""
    return np.where(lacking, 1 + np.floor(fate * total).astype(int), 0)
