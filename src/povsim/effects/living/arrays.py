"""What compiled code takes and gives: records of households, units, lines, and arrays of them.

Records keep what belongs together side by side in memory, and few arrays go from hand to hand.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Ints = NDArray[np.int32]
Bytes = NDArray[np.int8]
Keys = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Records: TypeAlias = Any
"""An array of records, or one of them, whose fields are attributes in compiled code."""

UNIT = np.dtype(
    [("start", "i8"), ("listed", "i8"), ("poor", "i8"), ("out", "i8", (3,)), ("key", "u8")],
    align=True,
)
"""A unit: its first row, how many rows are on the lists, the first of them poor; how many left the
lists at the last three reviews; the key of its luck."""

ROW = np.dtype([("mask", "i2"), ("groups", "i2"), ("causes", "i2")])
"""A household of the last review, by (turn, row): draw d takes turn d modulo their number."""

LINE = np.dtype(
    [
        ("take_up", "f8"),
        ("unit_cost", "f8"),
        ("capacity", "i8"),
        ("a_work", "i8"),
        ("lag", "i8"),
        ("grace", "i8"),
        ("served", "u8"),
        ("relieved", "u8"),
        ("bit", "i2"),
        ("states", "i2"),
        ("groups", "i2"),
        ("causes", "i2"),
        ("income", "?"),
    ],
    align=True,
)
"""A programme line (see `effects.Line`); `states` has a bit for the poor, the near-poor, the
recently escaped; `grace` −1 where nothing ends; keys of who is served and of who is relieved."""

HOME = np.dtype(
    [
        ("household", "i8"),
        ("luck", "f8"),
        ("shift", "f8"),
        ("mask", "i2"),
        ("held", "i2"),
        ("groups", "i2"),
        ("causes", "i2"),
        ("fresh", "i2"),
        ("sure", "i2"),
        ("relieved", "i2"),
        ("stand", "i1"),
        ("moved", "i1"),
    ],
    align=True,
)
"""A household while it is lived: its number, where it stands, bits it lacks (−1 unknown), that
entitlements hold up, that were newly paid for, that lines are sure to relieve, that they did; the
event that took it; its luck with the event in hand; the shift of its income."""

OFFER = np.dtype([("lines", "i8"), ("standing", "i1"), ("number", "i1"), ("labour", "i1")])
"""A package of lines (a bit each) for households of a list that lack so many indicators; with
labour capacity 0, without it 1, either of them −1."""

PURPOSES = np.dtype(
    [
        (name, "u8")
        for name in (
            "income",
            "leave",
            "deprivations",
            "ended",
            "come",
            "registered",
            "offered",
            "entrants",
            "near_entrants",
        )
    ]
)
"""Keys of what a household's luck is for."""


class People(NamedTuple):
    """All units and their households at the last review; `pool` points to rows of all poor, and
    from `first_near` on of all near-poor, for units that have none: never empty."""

    units: Records
    rows: Records
    pool: Counts
    first_near: int


class Policy(NamedTuple):
    """Đồng by (unit, line, year) and the rule of targeting by (line, year).

    Years begin `early` before the first that is lived, for money whose effect shows only then.
    `registered` is the share of households that registered to leave poverty. Of `offers`, those
    between the two of `offered` (unit, year, 2) come first, in their order.
    """

    money: Counts
    rule: Bytes
    registered: float
    early: int
    offers: Records
    offered: Counts


class Told(NamedTuple):
    """What a projection's draws say: the chance of each event and how many move, (unit, year, draw,
    event), and who arrives (unit, year, draw, list)."""

    chance: Floats
    moving: Ints
    arrived: Ints


class Bars(NamedTuple):
    """Bars (unit, year, draw, event) and entrants (unit, year, draw, list, cell)."""

    bar: Floats
    entrants: Ints


class Laws(NamedTuple):
    """Tables of `critical`: quantiles (needed, luck) and distributions (needed, chance) of who must
    lose deprivations, and of whom they must come to; `chance` those of the distributions."""

    end: Floats
    end_reached: Floats
    arrive: Floats
    arrive_reached: Floats
    chance: Floats


class Tally(NamedTuple):
    """What is counted, (unit, year, draw, …): households by stand; who lacks each indicator, by
    list; cells of F2 and F3; by line the served by how many they lack, who may have it, and whose
    entitlement ended, on a list or past its grace."""

    stands: Ints
    lacking: Ints
    flows: Ints
    served: Ints
    able: Ints
    ended: Ints


class Trace(NamedTuple):
    """Every household of one unit (year, draw, place), with critical values by event, and by line
    who was served and how far inside its effect it lay; empty arrays where nobody looks."""

    homes: Records
    critical: Floats
    served: Flags
    strength: Floats


class Given(NamedTuple):
    """All that is the same for every unit; `sizes` (line, draw) is θ, `first` the first year."""

    people: People
    lines: Records
    sizes: Floats
    purposes: Records
    laws: Laws
    policy: Policy
    told: Told
    first: int
    mode: int


class Roll(NamedTuple):
    """One draw's households of a unit while they are lived.

    `members` (standing, …) are the places of the poor, the near-poor, the recently escaped and
    those out for longer, `sizes` how many each are, and last the places in use. By line, `due`
    (line, place) is the year in which it shows for a household (−1 none), `strong` how far inside
    its effect a household lies (infinite where it is not relieved), `queue` the places that wait
    for it or see it this year, `queued` how many; `given` how many an offer gave it to this year,
    `room` how many more it can be given to; `may` (place,) a bit a line that a household may have;
    `ordered` (list, …) the places of the poor and the near-poor by how many they lack, `starts`
    (list, number) where each number begins. `called`, `spare`, `sorted` are for passing use.
    """

    homes: Records
    members: Ints
    sizes: Counts
    due: Bytes
    strong: Floats
    queue: Ints
    queued: Counts
    given: Counts
    room: Counts
    may: Counts
    ordered: Ints
    starts: Counts
    called: Ints
    spare: Floats
    sorted: Floats


class Spot(NamedTuple):
    """Which unit, year (by number and by the calendar) and draw; `key` is the unit's."""

    unit: int
    t: int
    year: int
    draw: int
    key: np.uint64
