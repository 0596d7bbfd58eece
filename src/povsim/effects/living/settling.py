"""What each lacks once it moved, who comes new, and what entitlements hold up from then on.

Which deprivations ended or came is chance. Whoever enters a list lacks what somebody of that list
lacked at the last review.
"""

from __future__ import annotations

import numpy as np

from povsim.effects.homes import NO_LABOUR
from povsim.effects.living.arrays import Floats, Ints, People, Records, Roll, Spot
from povsim.effects.living.coding import (
    A_YEAR,
    ALL,
    ENTERED_AT,
    ESCAPED_AT,
    FALL,
    FALL_NEAR,
    IMPROVE,
    LANDING,
    NEAR_POOR,
    OUT,
    OUT_1,
    POOR,
    RELAPSE,
    RELAPSE_NEAR,
    STANDING,
    STAYED,
    THREE,
    UNKNOWN,
    WORSEN,
)
from povsim.effects.living.compiled import compiled
from povsim.effects.living.luck import keyed, uniform
from povsim.effects.living.serving import lacked
from povsim.population import BITS

RETURNING = (RELAPSE, RELAPSE_NEAR, FALL, FALL_NEAR)


@compiled
def begin(roll: Roll) -> None:
    """Open a year: who stands where, and nothing happened yet."""
    homes, members, sizes = roll.homes, roll.members, roll.sizes
    sizes[:ALL] = 0
    for place in range(sizes[ALL]):
        home = homes[place]
        home.moved, home.fresh, home.relieved = STAYED, 0, 0
        home.shift, home.sure = 0.0, 0
        standing = STANDING[home.stand]
        if standing < ALL:
            members[standing, sizes[standing]] = place
            sizes[standing] += 1


@compiled
def settle(roll: Roll, people: People, purposes: Records, spot: Spot) -> None:
    """Put everybody where its event leaves it, with what it lacks there."""
    ended = keyed(purposes.ended, spot.key, spot.year, spot.draw)
    come = keyed(purposes.come, spot.key, spot.year, spot.draw)
    homes, rows = roll.homes, people.rows[spot.draw % len(people.rows)]
    for place in range(roll.sizes[ALL]):
        home = homes[place]
        if home.moved == STAYED:
            _stay(home, ended)
            continue
        home.stand = LANDING[home.moved]
        if home.moved == IMPROVE:
            _fewer(home, ended)
        elif home.moved == WORSEN:
            _more(home, come)
        elif home.moved in RETURNING and _misfits(home):
            key = keyed(_entrants(purposes, home.stand), spot.key, spot.year, spot.draw)
            luck = uniform(key, home.household)
            home.mask = rows[_drawn(people, spot, luck, home.stand)].mask
        if home.mask > 0:
            home.held &= ~home.mask


@compiled
def _misfits(home: Records) -> bool:
    """Who came back to a list with what its rule does not allow, or nobody knows."""
    return home.mask < 0 or (lacked(home) >= THREE) != (home.stand == POOR)


@compiled
def _stay(home: Records, ended: np.uint64) -> None:
    """Those that are out are so a year longer; a near-poor household keeps under three."""
    if OUT_1 <= home.stand < OUT:
        home.stand += 1
    elif home.stand == NEAR_POOR:
        _fewer(home, ended)


@compiled
def _fewer(home: Records, key: np.uint64) -> None:
    """End as many deprivations as bring a household under three."""
    while lacked(home) >= THREE:
        home.mask ^= _one_of(home.mask, home.household, key)


@compiled
def _more(home: Records, key: np.uint64) -> None:
    """Let come what makes three."""
    while lacked(home) < THREE:
        others = ~home.mask & ((1 << BITS) - 1)
        home.mask ^= _one_of(others, home.household, key)


@compiled
def _one_of(mask: int, household: int, key: np.uint64) -> int:
    """The bit of a mask whose luck is lowest."""
    best, chosen = 2.0, 0
    for bit in range(BITS):
        if mask >> bit & 1:
            value = uniform(key, (household << 4) + bit)
            if value < best:
                best, chosen = value, 1 << bit
    return chosen


@compiled
def _drawn(people: People, spot: Spot, luck: float, listed: int) -> int:
    """The row of somebody of a list: of the unit, or of any where it had none there."""
    unit = people.units[spot.unit]
    first, after = unit.start, unit.start + unit.poor
    if listed == NEAR_POOR:
        first, after = after, unit.start + unit.listed
    if after > first:
        return first + int(luck * (after - first))
    first, after = 0, people.first_near
    if listed == NEAR_POOR:
        first, after = after, len(people.pool)
    return people.pool[first + int(luck * (after - first))]


@compiled
def enter(roll: Roll, people: People, purposes: Records, spot: Spot, entrants: Ints) -> None:
    """Let households come from outside: `entrants` (list, cell) of them."""
    homes, sizes, rows = roll.homes, roll.sizes, people.rows[spot.draw % len(people.rows)]
    for listed in (POOR, NEAR_POOR):
        first = ENTERED_AT + (2 * (spot.year % 1000) + listed) * A_YEAR
        key = keyed(_entrants(purposes, listed), spot.key, spot.year, spot.draw)
        for number in range(entrants[listed].sum()):
            home = homes[sizes[ALL]]
            sizes[ALL] += 1
            _open(home, first + number, listed)
            source = rows[_drawn(people, spot, uniform(key, home.household), listed)]
            home.mask, home.causes = source.mask, source.causes
            home.groups = source.groups & ~NO_LABOUR


@compiled
def _entrants(purposes: Records, listed: int) -> np.uint64:
    return purposes.entrants if listed == POOR else purposes.near_entrants


@compiled
def open_unit(roll: Roll, people: People, spot: Spot) -> None:
    """The households of a unit at the last review; those that had left, of unknown deprivations."""
    unit, rows = people.units[spot.unit], people.rows[spot.draw % len(people.rows)]
    homes, sizes = roll.homes, roll.sizes
    for number in range(unit.listed):
        row, home = rows[unit.start + number], homes[number]
        _open(home, number, POOR if number < unit.poor else NEAR_POOR)
        home.mask, home.groups, home.causes = row.mask, row.groups, row.causes
    size = unit.listed
    for cohort in range(len(unit.out)):
        for _ in range(unit.out[cohort]):
            home = homes[size]
            _open(home, ESCAPED_AT + size - unit.listed, OUT_1 + cohort)
            home.mask, home.groups, home.causes = UNKNOWN, 0, UNKNOWN
            size += 1
    sizes[ALL] = size
    roll.due[:] = -1
    roll.strong[:] = np.inf
    roll.queued[:] = 0


@compiled
def _open(home: Records, household: int, stand: int) -> None:
    """A household for which nothing is held up."""
    home.household, home.stand, home.held, home.relieved = household, stand, 0, 0


@compiled
def hold(roll: Roll, lines: Records) -> None:
    """What entitlements relieved is held up while they last; what is built holds by itself."""
    homes, strong = roll.homes, roll.strong
    for number in range(len(lines)):
        queue = roll.queue[number]
        for k in range(roll.queued[number] if lines[number].grace >= 0 else 0):
            home = homes[queue[k]]
            if strong[number, queue[k]] < np.inf:
                built = _built(strong, queue[k], lines)
                home.held |= home.relieved & lines[number].bit & ~built & ~home.mask


@compiled
def _built(strong: Floats, place: int, lines: Records) -> int:
    """The bits that lines without an end relieve a household of."""
    bits = 0
    for number in range(len(lines)):
        if lines[number].grace < 0 and strong[number, place] < np.inf:
            bits |= lines[number].bit
    return bits
