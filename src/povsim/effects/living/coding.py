"""Numbers that stand for words in compiled code."""

from __future__ import annotations

import numpy as np

from povsim.effects.homes import Stand
from povsim.population import BITS, GROUPS, POOR_FROM
from povsim.trajectory import Source
from povsim.vocabulary import Flow, Group, State

POOR, NEAR_POOR, OUT_1, OUT_2, OUT_3, OUT, GONE = map(int, Stand)
"""Where a household stands."""
STANDS = 6
"""All but those that are gone are counted."""
UNKNOWN = -1
"""A mask of deprivations that no form tells; causes that none names."""
THREE = POOR_FROM
"""A poor household lacks so many or more, a near-poor one fewer."""
MOST_SHIFT = 0.8
"""Log-odds of escaping by income that all lines together may give a household."""
DTTS = 1 << GROUPS.index(Group.DTTS)
NUMBER = np.bitwise_count(np.arange(1 << BITS)).astype(np.int64)
"""How many indicators a mask has."""
DEPTHS = BITS + 2
NOT_KNOWN = BITS + 1
"""Columns of the served: by the number lacked, the last where it is unknown."""

ESCAPED_AT = 1 << 20
ENTERED_AT = 1 << 21
A_YEAR = 1 << 16
"""Numbers of households: the listed of the origin from nought, those escaped by then, entrants."""

EVENTS: dict[str, tuple[Source, int]] = {
    "structural_gone": (Source.POOR, 2),
    "gone": (Source.POOR, 2),
    "rise": (Source.POOR, 1),
    "improve": (Source.POOR, 0),
    "near_gone": (Source.NEAR_POOR, 2),
    "near_rise": (Source.NEAR_POOR, 1),
    "worsen": (Source.NEAR_POOR, 0),
    "relapse": (Source.RECENTLY_ESCAPED, 0),
    "relapse_near": (Source.RECENTLY_ESCAPED, 1),
    "fall": (Source.NOT_POOR, 0),
    "fall_near": (Source.NOT_POOR, 1),
}
"""What can happen to a household in a year, in the order in which it is decided, each among whom
those before left; and the movement that counts it."""
(
    STRUCTURAL_GONE,
    LEFT,
    RISE,
    IMPROVE,
    NEAR_LEFT,
    NEAR_RISE,
    WORSEN,
    RELAPSE,
    RELAPSE_NEAR,
    FALL,
    FALL_NEAR,
) = range(len(EVENTS))
STAYED = -1
EXACTLY, BY_CHANCE, FIXED = range(3)
"""Bars are set to a draw's counts, or at its chances; or they are given."""
LANDING = np.array(
    [GONE, GONE, OUT_1, NEAR_POOR, GONE, OUT_1, POOR, POOR, NEAR_POOR, POOR, NEAR_POOR]
)
"""Where an event leaves a household."""
OF_POOR, OF_NEAR_POOR, OF_RECENT, OF_OUT, ALL = range(5)
"""Members of a unit by where they stand at a year's opening."""
FROM = np.array(
    [
        OF_POOR,
        OF_POOR,
        OF_POOR,
        OF_POOR,
        OF_NEAR_POOR,
        OF_NEAR_POOR,
        OF_NEAR_POOR,
        OF_RECENT,
        OF_RECENT,
        OF_OUT,
        OF_OUT,
    ]
)
"""Whom an event can happen to."""
STANDING = np.array([OF_POOR, OF_NEAR_POOR, OF_RECENT, OF_RECENT, OF_RECENT, OF_OUT, ALL])
"""Among which members a household is by where it stands."""

CELLS: tuple[tuple[State, Flow], ...] = tuple(
    (state, flow)
    for state, flows in (
        (
            State.POOR,
            (
                Flow.ESCAPED_TO_NEAR_POOR,
                Flow.ESCAPED_ABOVE,
                Flow.OTHER_DECREASE,
                Flow.NEAR_POOR_TO_POOR,
                Flow.RELAPSED,
                Flow.NEWLY_POOR,
                Flow.OTHER_INCREASE,
            ),
        ),
        (
            State.NEAR_POOR,
            (
                Flow.FELL_TO_POOR,
                Flow.ESCAPED_ABOVE,
                Flow.OTHER_DECREASE,
                Flow.POOR_TO_NEAR_POOR,
                Flow.RELAPSED,
                Flow.NEWLY_NEAR_POOR,
                Flow.OTHER_INCREASE,
            ),
        ),
    )
    for flow in flows
)
"""The cells of F2 and F3."""
CELL_OF = np.array([2, 2, 1, 0, 9, 8, 3, 4, 11, 5, 12])
"""The cell that counts an event; moves between the lists are counted in a second one."""
AND_CELL = np.array([-1, -1, -1, 10, -1, -1, 7, -1, -1, -1, -1])
ENTRANT_CELLS = np.array([[4, 5, 6], [11, 12, 13]])
"""Cells through which households come from outside, by list: relapsed, new, other."""
ENTRANT_EVENTS = np.array([[RELAPSE, FALL], [RELAPSE_NEAR, FALL_NEAR]])
