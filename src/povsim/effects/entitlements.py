"""Entitlements: what is given anew every year, and ends some time after poverty does.

Where it ends, what it held up is lacked again: such a cliff is lived, not smoothed away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from povsim.effects.homes import Counts, Flags, Homes, Small, Stand
from povsim.effects.lines import Line
from povsim.effects.working import Aid, Serving
from povsim.effects.year import Lived


def goes_on(line: Line, years_out: Counts) -> Flags:
    """Whether an entitlement holds so many years after a household left the lists, nought being
    still on them. Where it has no end of its own (`grace` None) what was built stays.
    """
    if line.grace is None:
        return np.ones(np.shape(years_out), dtype=bool)
    return np.asarray(np.asarray(years_out) <= line.grace)


def ended(homes: Homes, lines: Iterable[Line], paid: Sequence[Serving]) -> Homes:
    """The households once what nobody paid anew, and what outlived its grace, has ended.

    Whoever is on a list must be served again; whoever left keeps it for its grace.
    """
    mask, held = homes.mask.copy(), homes.held.copy()
    years_out = np.maximum(homes.stand - (Stand.OUT_1 - 1), 0)
    for line in lines:
        if line.grace is None or not line.bit:
            continue
        kept = goes_on(line, years_out) & (years_out > 0)
        for serving in paid:
            if serving.line.bit == line.bit:
                kept |= serving.rows
        lost = ((held & line.bit) > 0) & ~kept
        mask[lost] |= line.bit
        held[lost] &= ~line.bit
    return replace(homes, mask=mask, held=held)


def holding(lived: Lived, aid: Aid) -> Homes:
    """The households of a lived year with what entitlements hold up since then."""
    homes = lived.homes
    given: Small = np.zeros_like(lived.relieved)
    for line, strong in aid.reliefs:
        bit = np.int16(line.bit if line.entitlement else 0)
        given |= np.where(np.isfinite(strong), lived.relieved & bit, np.int16(0))
    for line, strong in aid.reliefs:
        if not line.entitlement:  # what is built holds without being given anew
            given &= np.where(np.isfinite(strong), np.int16(~line.bit), np.int16(-1))
    places = homes.held.shape[1] - given.shape[1]
    given = np.pad(given, ((0, 0), (0, places)))  # who came this year was served by none
    held = np.asarray((homes.held | given) & ~homes.mask, dtype=np.int16)
    return replace(homes, held=held)
