"""Who moves in a year: whoever's critical value lies under the bar that a draw sets for all.

A poor household has a low income and lacks three indicators or more. It escapes above by income;
it escapes to near-poor where what it lacks falls under three. A near-poor household escapes by
income, and becomes poor where a deprivation comes. Whoever left the lists relapses by income: into
poverty with three or more, else among the near-poor.
"""

from __future__ import annotations

import numpy as np

from povsim.effects.homes import NO_LABOUR
from povsim.effects.living.arrays import Floats, Ints, Laws, Records, Roll, Spot
from povsim.effects.living.coding import (
    EXACTLY,
    FALL,
    FALL_NEAR,
    FIXED,
    FROM,
    IMPROVE,
    LEFT,
    MOST_SHIFT,
    NEAR_LEFT,
    NEAR_RISE,
    NUMBER,
    POOR,
    RELAPSE_NEAR,
    RISE,
    STAYED,
    STRUCTURAL_GONE,
    THREE,
    WORSEN,
)
from povsim.effects.living.compiled import compiled
from povsim.effects.living.luck import keyed, uniform
from povsim.effects.living.selecting import lowest
from povsim.effects.living.serving import lacked

EVENTS = len(FROM)
LEAVING = (STRUCTURAL_GONE, LEFT, NEAR_LEFT)
SAME_LUCK = (LEFT, RELAPSE_NEAR, FALL_NEAR)
"""Events that go by the luck of the event before."""


@compiled
def move(
    roll: Roll,
    lines: Records,
    laws: Laws,
    purposes: Records,
    spot: Spot,
    mode: int,
    chance: Floats,
    count: Ints,
    bars: Floats,
    found: Ints,
    critical: Floats,
) -> None:
    """Decide every event in its order; lines relieve once it is known who improves.

    `chance` and `count` (event,) are what a draw says; `bars` (event,) are read, or set where the
    mode says so; `found` counts who moved; `critical` (event, place) keeps values if it has room.
    """
    leave = keyed(purposes.leave, spot.key, spot.year, spot.draw)
    income = keyed(purposes.income, spot.key, spot.year, spot.draw)
    luck = keyed(purposes.deprivations, spot.key, spot.year, spot.draw)
    for event in range(EVENTS):
        key = leave if event in LEAVING else luck if event in (IMPROVE, WORSEN) else income
        at_risk = _values(roll, lines, laws, event, key)
        if mode != FIXED:
            bar = chance[event]
            if event in (IMPROVE, WORSEN):
                bar = _of_one(roll, laws, event, at_risk, bar)
            if mode == EXACTLY:
                bar = _exact(roll, event, at_risk, bar, min(count[event], at_risk))
            bars[event] = bar
        for k in range(at_risk if critical.size else 0):
            critical[event, roll.called[k]] = roll.spare[k]
        found[event] = _moved(roll, event, at_risk, bars[event])
        if event == IMPROVE:
            _relieve(roll, lines, min(bars[event], 0.0))


@compiled
def _moved(roll: Roll, event: int, at_risk: int, bar: float) -> int:
    homes, called, spare, count = roll.homes, roll.called, roll.spare, 0
    for k in range(at_risk):
        if spare[k] < bar:
            homes[called[k]].moved = event
            count += 1
    return count


@compiled
def _values(roll: Roll, lines: Records, laws: Laws, event: int, key: np.uint64) -> int:
    """Who is at risk of an event, none having taken it yet, in `called`, and critical values in
    `spare`; how many they are.
    """
    homes, called, spare, members = roll.homes, roll.called, roll.spare, roll.members[FROM[event]]
    count, end, arrive, strong = 0, laws.end, laws.arrive, roll.strong
    again = event in SAME_LUCK
    for k in range(roll.sizes[FROM[event]]):
        place = members[k]
        home = homes[place]
        if home.moved != STAYED:
            continue
        if not again:
            home.luck = uniform(key, home.household)
        luck = home.luck
        if event == IMPROVE:
            value = _improving(home, place, lines, strong, end)
        elif event == WORSEN:
            value = _worsening(home, arrive)
        elif event in LEAVING:
            value = luck + _later(home, event)
        else:
            shift = min(home.shift, MOST_SHIFT)
            shift = shift if event in (RISE, NEAR_RISE) else -shift
            value = lifted(luck, shift) + _later(home, event)
        called[count], spare[count] = place, value
        count += 1
    return count


@compiled
def structural(home: Records) -> bool:
    """The poor without labour capacity: they leave only by what is built or given."""
    return home.stand == POOR and home.groups & NO_LABOUR != 0


@compiled
def _later(home: Records, event: int) -> float:
    """One for those that come only where a draw moves more than all others.

    Those without labour capacity where the poor go or rise; after the lists, those whose number of
    deprivations speaks for the other list.
    """
    if event == STRUCTURAL_GONE:
        return 0.0 if structural(home) else 1.0
    if event in (LEFT, RISE):
        return 1.0 if structural(home) else 0.0
    if event in (NEAR_LEFT, NEAR_RISE) or home.mask < 0:
        return 0.0
    to_near_poor = event in (RELAPSE_NEAR, FALL_NEAR)
    return 1.0 if (lacked(home) >= THREE) == to_near_poor else 0.0


@compiled
def lifted(luck: float, shift: float) -> float:
    """The chance at which an event happens whose log-odds are shifted: luck where they are not."""
    return luck if shift == 0.0 else luck / (luck + (1.0 - luck) * np.exp(shift))


@compiled
def _improving(home: Records, place: int, lines: Records, strong: Floats, table: Floats) -> float:
    """Whoever lines relieve of enough comes first, the surest of them first of all.

    Those without labour capacity improve by lines alone, or where a draw moves more than others.
    """
    needed, sure = lacked(home) - (THREE - 1), surely(home)
    if sure >= needed:
        return _strength(strong, place, lines, home, needed)
    return quantile(table, needed - sure, home.luck) + structural(home)


@compiled
def _worsening(home: Records, table: Floats) -> float:
    """Whom an entitlement's end leaves with three is poor, unless a draw moves fewer than those."""
    needed = THREE - lacked(home)
    return quantile(table, needed, home.luck) if needed > 0 else home.luck - 1.0


@compiled
def surely(home: Records) -> int:
    """Of how many indicators that it lacks lines relieve a household."""
    return NUMBER[home.sure & max(home.mask, 0)]


@compiled
def _strength(strong: Floats, place: int, lines: Records, home: Records, needed: int) -> float:
    """How far inside its lines' effects a household lies that they relieve of enough: the strength
    of the last that is needed, the surest coming first.

    Lines on one deprivation work apart from each other: it stays only where all of them fail.
    """
    relieved, last = 0, -np.inf
    while NUMBER[relieved] < needed:
        best, bit = np.inf, 0
        for number in range(len(lines)):
            of_line = lines[number].bit & home.mask & ~relieved
            if of_line and strong[number, place] < best:
                best, bit = strong[number, place], of_line
        relieved, last = relieved | bit, best
    return last


@compiled
def quantile(table: Floats, needed: int, luck: float) -> float:
    """A critical value by what is needed and luck, between the entries of its table."""
    fine = luck * (table.shape[1] - 1)
    below = int(fine)
    part = fine - below
    return (1.0 - part) * table[needed, below] + part * table[needed, below + 1]


@compiled
def _relieve(roll: Roll, lines: Records, within: float) -> None:
    """End the deprivations that lines relieve where strengths count to `within`."""
    homes = roll.homes
    for number in range(len(lines)):
        bit, queue, strong = lines[number].bit, roll.queue[number], roll.strong[number]
        for k in range(roll.queued[number]):
            home = homes[queue[k]]
            if home.mask > 0 and strong[queue[k]] < within:
                home.relieved |= bit & home.mask
    for number in range(len(lines)):
        queue = roll.queue[number]
        for k in range(roll.queued[number]):
            home = homes[queue[k]]
            home.mask &= ~home.relieved


# Bars, where a projection's draws set them


@compiled
def _exact(roll: Roll, event: int, at_risk: int, bar: float, wanted: int) -> float:
    """The bar nearest to another under which as many households lie as a draw moves."""
    values, found = roll.spare[:at_risk], 0
    for value in values:
        if value < bar:
            found += 1
    if event in (FALL, FALL_NEAR):  # most of those at risk are not known one by one
        wanted = min(wanted, found)
    if found == wanted:
        return bar
    roll.sorted[:at_risk] = values
    if found < wanted:
        return np.nextafter(lowest(roll.sorted[:at_risk], wanted - 1), np.inf)
    return lowest(roll.sorted[:at_risk], wanted)


@compiled
def _of_one(roll: Roll, laws: Laws, event: int, at_risk: int, share: float) -> float:
    """The chance of one deprivation's end (or coming) at which a share of those at risk move."""
    table = laws.end_reached if event == IMPROVE else laws.arrive_reached
    kinds, total = np.zeros(len(table)), 0
    homes, called = roll.homes, roll.called
    for k in range(at_risk):
        home = homes[called[k]]
        needed = THREE - lacked(home)
        if event == IMPROVE:
            needed = lacked(home) - (THREE - 1) - surely(home)
        if event == WORSEN or needed <= 0 or not structural(home):
            kinds[max(needed, 0)] += 1.0
            total += 1
    return _inverted(table, laws.chance, kinds, share * total)


@compiled
def _inverted(table: Floats, chances: Floats, kinds: Floats, moving: float) -> float:
    """The chance at which so many of the kinds (needed,) move, between the entries of a table."""
    low, high = 0, len(chances) - 1
    if moving <= _moving_at(table, kinds, low):
        return chances[low]
    while high - low > 1:
        middle = (low + high) // 2
        if _moving_at(table, kinds, middle) < moving:
            low = middle
        else:
            high = middle
    under, over = _moving_at(table, kinds, low), _moving_at(table, kinds, high)
    part = min((moving - under) / (over - under), 1.0) if over > under else 0.0
    return chances[low] + part * (chances[high] - chances[low])


@compiled
def _moving_at(table: Floats, kinds: Floats, at: int) -> float:
    total = 0.0
    for needed in range(len(kinds)):
        total += kinds[needed] * table[needed, at]
    return total
