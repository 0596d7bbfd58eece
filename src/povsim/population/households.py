"""The households behind the counts of the forms: masks of deprivations, groups and sizes.

Known are the counts of every unit and state: households, persons (F1), those that lack each
indicator (F4, F6), those of each group and their persons (F8), and the rule of the standard. Which
household lacks which, and who belongs to what, is drawn: independent given the counts, but for the
tilt. Households that are neither poor nor near-poor have no known deprivations and are not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from povsim import poverty, registers
from povsim.findings import Finding, Refusal
from povsim.i18n import Word
from povsim.population import masks, sizes
from povsim.population.law import BITS, Counts, Floats, fit
from povsim.population.margins import GROUPS, LISTED, POOR_FROM, Margins
from povsim.registers import Register
from povsim.streams import Streams, stream
from povsim.vocabulary import Cause, Indicator, People, State

KEYS = 2 * BITS + len(GROUPS)
TRIES = 50
"""So often members are chosen anew where sizes cannot be right."""
UNASKED = -1
"""The causes of a household that nobody asked for them."""
BLOCK = 400_000
"""Households that are made at once: some hundreds of megabytes."""


@dataclass(frozen=True, eq=False)
class Population:
    """Households of the lists, one an entry, in the order of state and unit.

    `unit` and `state` point into `units` and LISTED; `mask` has a bit an indicator (the order of
    `Indicator`), `groups` a bit a group of GROUPS, `causes` a bit a `Cause`, or −1 where nobody
    asked; `persons` at least one. `tilt` is λ (`law`).
    """

    units: tuple[str, ...]
    unit: Counts
    state: Counts
    mask: Counts
    groups: Counts
    causes: Counts
    persons: Counts
    tilt: float

    @property
    def number(self) -> Counts:
        """How many indicators each household lacks."""
        return np.bitwise_count(self.mask).astype(np.int64)

    def margins(self) -> Margins:
        """The counts of these households."""
        at = self.state * len(self.units) + self.unit
        shape = (len(LISTED), len(self.units))

        def total(weight: Counts | None = None) -> Counts:
            return np.bincount(at, weight, np.prod(shape)).astype(np.int64).reshape(shape)

        bits = [(self.mask >> j) & 1 for j in range(BITS)]
        flags = [(self.groups >> k) & 1 for k in range(len(GROUPS))]
        return Margins(
            self.units,
            total(),
            total(self.persons),
            np.stack([total(bit) for bit in bits], axis=-1),
            np.stack([total(flag) for flag in flags], axis=-1),
            np.stack([total(flag * self.persons) for flag in flags], axis=-1),
            self._causes(total),
        )

    def _causes(self, total: Callable[[Counts], Counts]) -> Counts | None:
        """Poor households by cause, None where nobody was asked."""
        poor = LISTED.index(State.POOR)
        if (self.causes[self.state == poor] == UNASKED).any():
            return None
        bits = [(self.causes >> c) & 1 for c in range(len(Cause))]
        return np.stack([total(bit)[poor] for bit in bits], axis=-1)

    def at_threshold(self) -> float:
        """The share of the poor that lack exactly three: one fewer, and they are poor no more."""
        poor = self.number[self.state == LISTED.index(State.POOR)]
        return float((poor == POOR_FROM).mean()) if len(poor) else 0.0


def rebuild(margins: Margins, *, tilt: float = 0.0, seed: int) -> Population:
    """Households that have the margins, every one of them exactly.

    Raises:
        Refusal: as `Margins.check`; `margins_sizes` where no sizes give every group its persons.
    """
    margins.check()
    parts = [_made(margins, s, part, tilt, seed) for s, part in _blocks(margins)]
    unit, state, mask, groups, persons = (
        np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True)
    )
    causes = _causes(margins, unit, state, seed)
    return Population(margins.units, unit, state, mask, groups, causes, persons, tilt)


def _blocks(margins: Margins) -> Iterator[tuple[int, slice]]:
    """States and runs of units of no more than BLOCK households, but one unit at least."""
    for s in range(len(LISTED)):
        first, held = 0, 0
        for at, count in enumerate(margins.households[s]):
            if held and held + count > BLOCK:
                yield s, slice(first, at)
                first, held = at, 0
            held += int(count)
        yield s, slice(first, len(margins.units))


def _made(margins: Margins, s: int, part: slice, tilt: float, seed: int) -> tuple[Counts, ...]:
    """Columns of a Population: unit, state, mask, groups, persons."""
    streams, households = Streams(seed), margins.households[s, part]
    some = np.flatnonzero(households)
    counts = households[some]
    names = [margins.units[part][at] for at in some]
    keys = [
        streams("population", n, LISTED[s]).random((c, KEYS))
        for n, c in zip(names, counts, strict=True)
    ]
    drawn = np.concatenate([np.empty((0, KEYS)), *keys])
    group = np.repeat(np.arange(len(some)), counts)
    mask = _masks(margins.lacking[s, part][some], counts, group, LISTED[s], tilt, drawn)
    flags, placed = _placed(
        margins, s, np.arange(part.start, part.stop)[some], group, drawn[:, 2 * BITS :]
    )
    persons = _persons(names, LISTED[s], group, flags, placed, streams)
    unit = np.repeat(np.arange(part.start, part.stop)[some], counts)
    return unit, np.full(len(unit), s), mask, flags, persons


def _masks(
    lacking: Counts, households: Counts, group: Counts, state: State, tilt: float, keys: Floats
) -> Counts:
    """The near-poor are the mirror: of the twelve they have ten at least."""
    mirrored = state is State.NEAR_POOR
    counts = households[:, None] - lacking if mirrored else lacking
    least = np.full(len(households), BITS - POOR_FROM + 1 if mirrored else POOR_FROM)
    law = fit(counts, households, least, tilt)
    bits = masks.draw(law, counts, group, least, keys[:, : 2 * BITS])
    return np.asarray((bits ^ mirrored) @ (1 << np.arange(BITS)), dtype=np.int64)


def _placed(
    margins: Margins, s: int, units: Counts, group: Counts, keys: Floats
) -> tuple[Counts, Counts]:
    """Who belongs to what (household,), and the persons of each cell of groups (unit, 8).

    Any households of the unit are members, apart from what they lack (an assumption). Where no
    sizes would give every group its persons, others are: who is in two groups at once matters.
    """
    members = margins.members[s, units]
    extra = (margins.persons - margins.households)[s, units]
    own = margins.member_persons[s, units] - members
    flags = np.zeros(len(group), dtype=np.int64)
    placed = np.zeros((len(units), sizes.CELLS), dtype=np.int64)
    open_ = np.ones(len(units), dtype=bool)
    for again in range(TRIES):
        rows = open_[group]
        flags[rows] = 0
        for k in range(len(GROUPS)):
            want = np.where(open_, members[:, k], 0)
            flags[masks.chosen(rows, want, group, keys[:, k], again * masks.STEP)] |= 1 << k
        cells = np.bincount(group * sizes.CELLS + flags, minlength=placed.size).reshape(
            placed.shape
        )
        placed[open_], wrong = sizes.extras(cells[open_], extra[open_], own[open_])
        open_[open_] = wrong.any(axis=1)
        if not open_.any():
            return flags, placed
    told = ", ".join(margins.units[at] for at in units[open_])
    raise Refusal(
        [Finding("margins_sizes", values={"state": Word(f"state.{LISTED[s]}"), "units": told})]
    )


def _persons(
    names: list[str], state: State, group: Counts, flags: Counts, placed: Counts, streams: Streams
) -> Counts:
    """Persons (household,): one each, and those of its cell shared out by chance."""
    cell = group * sizes.CELLS + flags
    order = np.argsort(cell, kind="stable")
    counts = np.bincount(cell, minlength=placed.size)
    ends = counts.cumsum()
    persons = np.ones(len(group), dtype=np.int64)
    for at in np.flatnonzero(placed.ravel()):
        rows = order[ends[at] - counts[at] : ends[at]]
        dice = streams("sizes", names[at // sizes.CELLS], state, at % sizes.CELLS)
        persons[rows] += dice.multinomial(placed.flat[at], np.full(len(rows), 1 / len(rows)))
    return persons


def _causes(margins: Margins, unit: Counts, state: Counts, seed: int) -> Counts:
    """Causes (household,): those of the poor are met exactly, each poor household has one at least
    where there are enough; nobody asks the near-poor.
    """
    causes = np.full(len(unit), UNASKED, dtype=np.int64)
    if margins.causes is None:
        return causes
    streams, poor = Streams(seed), np.flatnonzero(state == LISTED.index(State.POOR))
    ends = np.searchsorted(unit[poor], np.arange(len(margins.units) + 1))
    for at, name in enumerate(margins.units):
        rows = poor[ends[at] : ends[at + 1]]
        keys = streams("causes", name).random((len(rows), margins.causes.shape[1]))
        causes[rows] = _shared_out(margins.causes[at], keys)
    return causes


def _shared_out(counts: Counts, keys: Floats) -> Counts:
    """Causes of the households of a unit, by chance; whoever has none takes one of several."""
    named = keys.argsort(axis=0).argsort(axis=0) < counts
    for row in np.flatnonzero(~named.any(axis=1)):
        several = np.flatnonzero(named.sum(axis=1) > 1)
        if not len(several):
            break
        giver = several[0]
        cause = int(np.flatnonzero(named[giver])[0])
        named[giver, cause], named[row, cause] = False, True
    return np.asarray(named @ (1 << np.arange(len(counts))), dtype=np.int64)


TILT, TILT_SD = 0.04, 0.07


def tilts(draws: int, seed: int) -> Floats:
    """λ (draw,) of as many populations: normal, so that results show what independence hides.

    At four and a half deprivations a household they leave 21 to 35 % of the poor at the threshold
    in nine cases of ten, where independence says 25 %; no form tells more.
    """
    return np.asarray(TILT + TILT_SD * stream(seed, "population/tilt").standard_normal(draws))


def of_register(register: Register, review: int) -> Population:
    """The households that surely are poor or near-poor, with what they surely lack.

    An indicator without an answer counts as not lacked, a group without one as not belonged to.

    Raises:
        Refusal: as `registers.judge`.
    """
    judged = registers.judge(register, review)
    lacks = poverty.deprivations(register.households, register.members, review)
    table = register.households
    bits = lacks[[str(indicator) for indicator in Indicator]].fillna(False).to_numpy(bool)
    mask = bits @ (1 << np.arange(BITS))
    people = table["people"].astype("object")
    dtts = (people.notna() & (people != People.KINH)).to_numpy(bool)
    answered = [table[str(group)].fillna(False).to_numpy(bool) for group in GROUPS[1:]]
    flags = np.stack([dtts, *answered], axis=1) @ (1 << np.arange(len(GROUPS)))
    unit, names = judged.units
    rows = [
        np.flatnonzero(judged.states[str(state)].fillna(False).to_numpy(bool)) for state in LISTED
    ]
    state = np.repeat(np.arange(len(LISTED)), [len(part) for part in rows])
    at = np.concatenate(rows)
    persons = np.asarray(judged.size.low[at], dtype=np.int64)
    asked = [table[str(cause)].fillna(False).to_numpy(bool) for cause in Cause]
    causes = np.stack(asked, axis=1) @ (1 << np.arange(len(Cause)))
    columns = (state, mask[at], flags[at], causes[at], persons)
    return Population(tuple(names), unit[at], *columns, np.nan)
