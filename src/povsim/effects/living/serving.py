"""Whom a line's money reaches, what that does, and what ends because nobody paid anew."""

from __future__ import annotations

import numpy as np

from povsim.effects.coverage import reached_by
from povsim.effects.homes import NO_LABOUR
from povsim.effects.living.arrays import Flags, Floats, Ints, Policy, Records, Roll, Spot
from povsim.effects.living.coding import (
    ALL,
    DTTS,
    NOT_KNOWN,
    NUMBER,
    OF_NEAR_POOR,
    OF_POOR,
    OF_RECENT,
    OUT_1,
    POOR,
    THREE,
)
from povsim.effects.living.compiled import compiled
from povsim.effects.living.luck import keyed, uniform
from povsim.effects.living.selecting import lowest
from povsim.effects.targeting import CODES, Targeting

RENEWED = 1000.0
"""Whoever holds an entitlement comes before anybody new."""
DEEPEST, NEAREST, DTTS_FIRST, REGISTERED = (
    CODES[rule]
    for rule in (Targeting.DEEPEST, Targeting.NEAREST, Targeting.DTTS, Targeting.REGISTERED)
)
reached = compiled(reached_by)


@compiled
def lacked(home: Records) -> int:
    """How many indicators a household lacks; nought where it is unknown."""
    return NUMBER[max(home.mask, 0)]


@compiled
def eligible(line: Records, home: Records) -> bool:
    """Whether a household of the states that a line is for may have it: by group, cause, and what
    it lacks.

    One that names no cause in any register or form is not ruled out by its cause: who of them
    comes is in `take_up`. What an entitlement holds up counts as lacked, since it would be.
    """
    if line.bit and (home.mask < 0 or (home.mask | home.held) & line.bit == 0):
        return False
    if line.groups and home.groups & line.groups == 0:
        return False
    return line.causes == 0 or home.causes < 0 or home.causes & line.causes != 0


@compiled
def rank(home: Records, rule: int, key: np.uint64, registered: float) -> float:
    """Who comes first under a rule: the lowest; among equals chance decides.

    The near-poor come after the poor where depth rules, whose depth is unknown last of all.
    """
    if rule == DTTS_FIRST:
        return 0.0 if home.groups & DTTS else 1.0
    if rule == REGISTERED:
        return 0.0 if uniform(key, home.household) < registered else 1.0
    if rule not in (DEEPEST, NEAREST):
        return 0.0
    if home.mask < 0:
        return 50.0
    number = lacked(home)
    later = 0.0 if home.stand == POOR else 20.0
    return later + (abs(number - THREE) if rule == NEAREST else -number)


@compiled
def serve(
    roll: Roll,
    lines: Records,
    policy: Policy,
    spot: Spot,
    purposes: Records,
    served: Ints,
    able: Ints,
    seen: Flags,
) -> None:
    """Serve households from this year's money.

    In the first year that of years before serves, too, where it shows only now: whom it served then
    is not known. Then packages are offered, then each line goes by its rule. `served` (line, depth)
    and `able` (line,) count those of this year's money, `seen` (line, place) keeps them if it has
    room.
    """
    roll.given[:] = 0
    for number in range(len(lines)):
        _forget(roll, number, spot.t)
        for paid in range(-lines[number].lag if spot.t == 0 else 0, 0):
            _pay(roll, lines[number], number, policy, spot, paid, purposes.registered)
    first, after = policy.offered[spot.unit, spot.t + policy.early]
    if after > first:
        offer(roll, lines, policy, spot, keyed(purposes.offered, spot.key, spot.year, spot.draw))
    for number in range(len(lines)):
        before = roll.queued[number] - roll.given[number]
        count = _pay(roll, lines[number], number, policy, spot, spot.t, purposes.registered)
        if policy.money[spot.unit, number, spot.t + policy.early] > 0:
            able[number] = count
            _count(roll, number, before, served[number])
            for k in range(before, roll.queued[number] if seen.size else before):
                seen[number, roll.queue[number, k]] = True


@compiled
def _pay(
    roll: Roll,
    line: Records,
    number: int,
    policy: Policy,
    spot: Spot,
    paid: int,
    registered: np.uint64,
) -> int:
    """Serve households from the money of one year, by the line's rule; how many may have it.

    Whom this year's offers gave it to already are counted in what money can serve.
    """
    money = policy.money[spot.unit, number, paid + policy.early]
    if money <= 0:
        return 0
    rule, given = policy.rule[number, paid + policy.early], roll.given[number]
    key = keyed(line.served, spot.key, spot.year + paid - spot.t, spot.draw)
    listed = keyed(registered, spot.key, 0, 0)
    count = _call(roll, line, number, spot.t, rule, key, listed, policy.registered)
    able = count + given
    quota = reached(able, money, line.take_up, line.capacity, line.unit_cost, line.a_work) - given
    if quota > 0:
        _take(roll, line, number, paid, count, _last(roll, count, int(quota)))
    return able


@compiled
def offer(roll: Roll, lines: Records, policy: Policy, spot: Spot, key: np.uint64) -> None:
    """Give packages in the order of a unit's offers, as far as the money of all their lines goes.

    Whoever holds an entitlement has it renewed first; chance decides among those that an offer is
    for.
    """
    _open_room(roll, lines, policy, spot)
    homes, may, called, spare = roll.homes, roll.may, roll.called, roll.spare
    for number in range(len(lines)):
        if lines[number].grace >= 0 and roll.room[number] > 0:
            count, bit = 0, lines[number].bit
            for standing in (OF_POOR, OF_NEAR_POOR):
                for k in range(roll.sizes[standing]):
                    place = roll.members[standing, k]
                    if homes[place].held & bit and may[place] >> number & 1:
                        called[count], spare[count] = place, uniform(key, homes[place].household)
                        count += 1
            _give(roll, lines, 1 << number, spot.t, count, False)
    first, after = policy.offered[spot.unit, spot.t + policy.early]
    for at in range(first, after):
        package, standing = policy.offers[at].lines, policy.offers[at].standing
        asked, labour, count = policy.offers[at].number, policy.offers[at].labour, 0
        if _room(roll, lines, package) <= 0:
            continue
        for k in range(roll.starts[standing, asked], roll.starts[standing, asked + 1]):
            place = roll.ordered[standing, k]
            if may[place] & package == package:
                unable = int(homes[place].groups & NO_LABOUR != 0)
                if labour in (-1, unable):
                    called[count], spare[count] = place, uniform(key, homes[place].household)
                    count += 1
        _give(roll, lines, package, spot.t, count, True)


@compiled
def _open_room(roll: Roll, lines: Records, policy: Policy, spot: Spot) -> None:
    """Which lines each household may have, and how many each line's money can serve."""
    homes, may = roll.homes, roll.may
    may[: roll.sizes[ALL]] = 0
    for number in range(len(lines)):
        line, able = lines[number], 0
        for standing in (OF_POOR, OF_NEAR_POOR, OF_RECENT):
            for k in range(roll.sizes[standing] if line.states >> standing & 1 else 0):
                place = roll.members[standing, k]
                if roll.due[number, place] < spot.t and eligible(line, homes[place]):
                    may[place] |= 1 << number
                    able += 1
        money = policy.money[spot.unit, number, spot.t + policy.early]
        terms = (line.take_up, line.capacity, line.unit_cost, line.a_work)
        roll.room[number] = int(reached(able, money, *terms)) if money > 0 else 0
    for standing in (OF_POOR, OF_NEAR_POOR):
        _order(roll, standing)


@compiled
def _order(roll: Roll, standing: int) -> None:
    """Put a list's households in the order of how many they lack."""
    starts, homes, members = roll.starts[standing], roll.homes, roll.members[standing]
    starts[:] = 0
    for k in range(roll.sizes[standing]):
        starts[lacked(homes[members[k]]) + 1] += 1
    for number in range(1, len(starts)):
        starts[number] += starts[number - 1]
    for k in range(roll.sizes[standing]):
        number = lacked(homes[members[k]])
        roll.ordered[standing, starts[number]] = members[k]
        starts[number] += 1
    for number in range(len(starts) - 1, 0, -1):
        starts[number] = starts[number - 1]
    starts[0] = 0


@compiled
def _room(roll: Roll, lines: Records, package: int) -> int:
    """How many households the money of all lines of a package can still serve."""
    room = 1 << 30
    for number in range(len(lines)):
        if package >> number & 1:
            room = min(room, int(roll.room[number]))
    return room


@compiled
def _give(roll: Roll, lines: Records, package: int, t: int, count: int, only: bool) -> None:
    """Give a package to those called, as many as there is room for, the lowest luck first; where
    `only`, they are offered no other this year."""
    room = min(_room(roll, lines, package), count)
    if room <= 0:
        return
    last = _last(roll, count, room)
    for k in range(count):
        if roll.spare[k] > last:
            continue
        place = roll.called[k]
        roll.may[place] = 0 if only else roll.may[place] & ~package
        for number in range(len(lines)):
            if package >> number & 1:
                roll.due[number, place] = t + lines[number].lag
                roll.homes[place].fresh |= lines[number].bit
                roll.queue[number, roll.queued[number]] = place
                roll.queued[number] += 1
                roll.given[number] += 1
                roll.room[number] -= 1


@compiled
def _forget(roll: Roll, number: int, t: int) -> None:
    """Whoever saw a line in earlier years waits for it no more."""
    queue, due, strong, kept = roll.queue[number], roll.due[number], roll.strong[number], 0
    for k in range(roll.queued[number]):
        place = queue[k]
        if due[place] < t:
            strong[place] = np.inf
        else:
            queue[kept] = place
            kept += 1
    roll.queued[number] = kept


@compiled
def _call(
    roll: Roll,
    line: Records,
    number: int,
    t: int,
    rule: int,
    key: np.uint64,
    listed: np.uint64,
    registered: float,
) -> int:
    """The order of all who may be served: their places in `called`, values in `spare`; the lowest
    first. Nobody who waits for the line already.

    The order is the same for every sum, so more money adds households and takes none away.
    """
    homes, due, called, spare, count = roll.homes, roll.due[number], roll.called, roll.spare, 0
    for standing in (OF_POOR, OF_NEAR_POOR, OF_RECENT):
        if not line.states >> standing & 1:
            continue
        members = roll.members[standing]
        for k in range(roll.sizes[standing]):
            place = members[k]
            home = homes[place]
            if due[place] < t and eligible(line, home):
                value = uniform(key, home.household)
                if rule:
                    value += rank(home, rule, listed, registered)
                if home.held & line.bit:
                    value -= RENEWED
                called[count], spare[count] = place, value
                count += 1
    return count


@compiled
def _last(roll: Roll, count: int, quota: int) -> float:
    """The value of the last that is served: any where all are."""
    if quota >= count:
        return RENEWED
    roll.sorted[:count] = roll.spare[:count]
    return lowest(roll.sorted[:count], quota - 1)


@compiled
def _take(roll: Roll, line: Records, number: int, paid: int, count: int, last: float) -> None:
    """Those whose turn comes no later than the last that money serves."""
    homes, due, queue, size = roll.homes, roll.due[number], roll.queue[number], roll.queued[number]
    called, spare = roll.called, roll.spare
    for k in range(count):
        if spare[k] <= last:
            place = called[k]
            due[place] = paid + line.lag
            homes[place].fresh |= line.bit
            queue[size] = place
            size += 1
    roll.queued[number] = size


@compiled
def _count(roll: Roll, number: int, before: int, served: Ints) -> None:
    """Count the served of a line, last in its queue, by how many they lack.

    Whom an entitlement's end leaves with three is near-poor until the review: counted with two.
    """
    homes, queue = roll.homes, roll.queue[number]
    for k in range(before, roll.queued[number]):
        home = homes[queue[k]]
        depth = lacked(home)
        if home.mask < 0:
            depth = NOT_KNOWN
        elif home.stand != POOR:
            depth = min(depth, THREE - 1)
        served[depth] += 1


@compiled
def end(roll: Roll, lines: Records, ended: Ints) -> None:
    """End what nobody paid anew and what outlived its grace: it is lacked again.

    Whoever is on a list must be served again; whoever left keeps it for its grace. `ended` (line,
    on a list or past its grace) counts them.
    """
    homes = roll.homes
    for place in range(roll.sizes[ALL]):
        home = homes[place]
        if home.held == 0:
            continue
        years_out = max(home.stand - (OUT_1 - 1), 0)
        for number in range(len(lines)):
            bit, grace = lines[number].bit, lines[number].grace
            kept = home.fresh & bit != 0 or 0 < years_out <= grace
            if grace >= 0 and home.held & bit and not kept:
                home.mask |= bit
                home.held &= ~bit
                ended[number, int(years_out > 0)] += 1


@compiled
def aid(roll: Roll, lines: Records, sizes: Floats, spot: Spot) -> None:
    """What lines do this year: how far inside each line's effect a household lies, −1 the surest,
    nought the last that is relieved, infinite whoever is not; and the shift of its income.

    The luck of a household with a line and year is the same in every scenario.
    """
    homes = roll.homes
    for number in range(len(lines)):
        line, theta = lines[number], sizes[number, spot.draw]
        luck = keyed(line.relieved, spot.key, spot.year - line.lag, spot.draw)
        due, strong, queue = roll.due[number], roll.strong[number], roll.queue[number]
        for k in range(roll.queued[number]):
            place = queue[k]
            if due[place] == spot.t:
                home = homes[place]
                if line.income:
                    home.shift += theta
                    continue
                value = uniform(luck, home.household)
                if value < theta:
                    strong[place] = value / theta - 1.0
                    home.sure |= line.bit
