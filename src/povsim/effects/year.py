"""One year of a unit's households: who moves where and why, as the forms F2 and F3 count it.

A poor household has a low income and lacks three indicators or more. It escapes above by income;
it escapes to near-poor where what it lacks falls under three. A near-poor household escapes by
income, and becomes poor where a deprivation comes. Whoever left the lists relapses by income: into
poverty with three or more, else among the near-poor. Others come new, with what they lack drawn
from the poor (or near-poor) of their unit.

Assumed is that whatever a household lacks ends with the same chance; that what comes to those who
stay poor makes up for what goes, but for what lines relieve; and that the poor without labour
capacity leave by lines alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from povsim.effects.bars import Bars, Cell, Counted
from povsim.effects.critical import ARRIVE, END, critical, same, to_bar
from povsim.effects.homes import (
    A_YEAR,
    ENTERED_AT,
    NO_LABOUR,
    UNKNOWN,
    Counts,
    Flags,
    Floats,
    Homes,
    Small,
    Stand,
)
from povsim.effects.working import Aid
from povsim.population import BITS, LISTED, POOR_FROM, Population
from povsim.streams import Grid
from povsim.vocabulary import Flow, State

COUNTED_BY: dict[Cell, tuple[str, ...]] = {
    (State.POOR, Flow.ESCAPED_TO_NEAR_POOR): ("improve",),
    (State.POOR, Flow.ESCAPED_ABOVE): ("rise",),
    (State.POOR, Flow.OTHER_DECREASE): ("gone", "structural_gone"),
    (State.POOR, Flow.NEAR_POOR_TO_POOR): ("worsen",),
    (State.POOR, Flow.RELAPSED): ("relapse",),
    (State.POOR, Flow.NEWLY_POOR): ("fall",),
    (State.POOR, Flow.OTHER_INCREASE): (),
    (State.NEAR_POOR, Flow.FELL_TO_POOR): ("worsen",),
    (State.NEAR_POOR, Flow.ESCAPED_ABOVE): ("near_rise",),
    (State.NEAR_POOR, Flow.OTHER_DECREASE): ("near_gone",),
    (State.NEAR_POOR, Flow.POOR_TO_NEAR_POOR): ("improve",),
    (State.NEAR_POOR, Flow.RELAPSED): ("relapse_near",),
    (State.NEAR_POOR, Flow.NEWLY_NEAR_POOR): ("fall_near",),
    (State.NEAR_POOR, Flow.OTHER_INCREASE): (),
}
"""The cells of F2 and F3, and the events that they count."""
LANDING: dict[Stand, tuple[str, ...]] = {
    Stand.GONE: ("gone", "structural_gone", "near_gone"),
    Stand.OUT_1: ("rise", "near_rise"),
    Stand.NEAR_POOR: ("improve", "relapse_near", "fall_near"),
    Stand.POOR: ("worsen", "relapse", "fall"),
}
"""Where an event leaves a household."""
AGEING = {Stand.OUT_3: Stand.OUT, Stand.OUT_2: Stand.OUT_3, Stand.OUT_1: Stand.OUT_2}


@dataclass(frozen=True, eq=False)
class Pool:
    """What entrants are drawn from, by state: for each turn of draws rows of mask, groups, causes.

    Draw d takes turn d modulo their number, as `Homes.at_origin`.
    """

    rows: Mapping[State, tuple[Small, ...]]

    @classmethod
    def of(cls, populations: Sequence[Population], unit: str) -> Pool:
        """The listed households of a unit; of all units where it has none in a state."""
        return cls(
            {
                state: tuple(_rows(population, unit, s) for population in populations)
                for s, state in enumerate(LISTED)
            }
        )


@dataclass(frozen=True, eq=False)
class Lived:
    """A year lived: the households after it, and who moved.

    `cells` (draw,) are those of F2 and F3; `relieved` (draw, place) the bits that lines ended.
    """

    homes: Homes
    cells: Counted
    relieved: Small


def live(homes: Homes, aid: Aid, bars: Bars, pool: Pool, *, seed: int, year: int) -> Lived:
    """Live one year under some aid: the same bars and luck for every scenario of a seed."""
    fate = _Fate(homes, aid, bars, seed, year)
    nobody = np.zeros(homes.draws, dtype=np.int64)
    cells = {
        cell: sum((fate.moved[event].sum(axis=1) for event in events), nobody)
        for cell, events in COUNTED_BY.items()
    }
    after = _aged(fate.settled(pool), fate.moved)
    entrants = bars.entrants()
    come = _come(homes, entrants, pool, seed, year)
    total = {cell: count + entrants.get(cell, 0) for cell, count in cells.items()}
    return Lived(after.joined(come), total, fate.relieved)


def _rows(population: Population, unit: str, state: int) -> Small:
    """Mask, groups and causes (row, 3) of the households of a state."""
    of_state = population.state == state
    own = of_state & (population.unit == population.units.index(unit))
    rows = own if own.any() else of_state
    columns = (population.mask, population.groups, population.causes)
    known = np.stack([column[rows] for column in columns], axis=1).astype(np.int16)
    # Where nobody is in the state at all: three of the twelve, or none.
    return known if len(known) else np.array([[0 if state else 7, 0, UNKNOWN]], dtype=np.int16)


class _Fate:
    """What happens to each household (draw, place), one event decided after the other."""

    def __init__(self, homes: Homes, aid: Aid, bars: Bars, seed: int, year: int) -> None:
        self.homes, self.aid, self.bars, self.seed, self.year = homes, aid, bars, seed, year
        self.moved: dict[str, Flags] = {}
        self._open = np.ones(homes.stand.shape, dtype=bool)
        income = _log_odds(self._luck("income"))
        self._poor(income)
        within = np.minimum(bars.bar("improve"), 0.0)
        self.relieved = aid.counted(homes.mask, within)
        self.mask = np.asarray(homes.mask & ~self.relieved, dtype=np.int16)
        self._near_poor(income)
        self._out(income)

    def _luck(self, purpose: str) -> Floats:
        return Grid(self.seed, purpose, self.homes.unit, self.year)(*self.homes.keys)

    def _decide(
        self,
        event: str,
        values: Floats,
        at_risk: Flags,
        scale: Callable[[Floats], Floats] = same,
    ) -> None:
        moved = self.bars.moved(event, np.where(at_risk & self._open, values, np.inf), scale)
        self.moved[event] = moved
        self._open &= ~moved

    def _poor(self, income: Floats) -> None:
        """Those without labour capacity come last: only where a draw moves more than the others."""
        homes, stuck, leave = self.homes, self.homes.structural, self._luck("leave")
        self._decide("structural_gone", leave + (homes.poor & ~stuck), homes.poor)
        self._decide("gone", leave + stuck, homes.poor)
        self._decide("near_gone", leave, homes.near_poor)
        self._decide("rise", _chance(income - self.aid.shift) + stuck, homes.poor)
        self._improve()

    def _improve(self) -> None:
        """Whoever lines relieve of enough comes first, the surest of them first of all."""
        homes, stuck = self.homes, self.homes.structural
        strengths = self.aid.strengths(homes.mask)
        surely = np.isfinite(strengths).sum(axis=0)
        needed = homes.number - (POOR_FROM - 1)
        values = critical(needed - surely, self._luck("deprivations"), END) + stuck
        at_risk = homes.poor & self._open
        by_lines = at_risk & (surely >= needed)
        rows, places = np.nonzero(by_lines)
        values[rows, places] = strengths[needed[rows, places] - 1, rows, places]
        left = np.where(at_risk & (~stuck | by_lines), needed - surely, -1)
        self._decide("improve", values, at_risk, lambda share: to_bar(share, left, END))

    def _near_poor(self, income: Floats) -> None:
        homes = self.homes
        self._decide("near_rise", _chance(income - self.aid.shift), homes.near_poor)
        lacked = np.bitwise_count(np.maximum(self.mask, 0)).astype(np.int64)
        at_risk = homes.near_poor & self._open
        needed = np.where(at_risk, np.maximum(POOR_FROM - lacked, 0), -1)
        luck = self._luck("deprivations")
        # Whom an entitlement's end leaves with three is poor, unless a draw moves fewer than those.
        values = np.where(needed > 0, critical(needed, luck, ARRIVE), luck - 1)
        self._decide("worsen", values, at_risk, lambda share: to_bar(share, needed, ARRIVE))

    def _out(self, income: Floats) -> None:
        """Those that left the lists: with three deprivations into poverty, else to the near-poor.

        The others come only where a draw moves more than those.
        """
        homes = self.homes
        many = np.bitwise_count(np.maximum(self.mask, 0)) >= POOR_FROM
        other, other_near = homes.known & ~many, homes.known & many
        for at_risk, names in (
            (homes.recent, ("relapse", "relapse_near")),
            (np.asarray(homes.stand == Stand.OUT), ("fall", "fall_near")),
        ):
            values = _chance(income + self.aid.shift)
            self._decide(names[0], values + other, at_risk)
            self._decide(names[1], values + other_near, at_risk)

    def settled(self, pool: Pool) -> Homes:
        """Where everybody stands now and what each lacks."""
        homes, mask = self.homes, self.mask.copy()
        kept = homes.near_poor & self._open & (np.bitwise_count(np.maximum(mask, 0)) >= POOR_FROM)
        fewer = self.moved["improve"] | kept
        _change(mask, fewer, homes.household, self._bits("ended"), fewer=True)
        _change(mask, self.moved["worsen"], homes.household, self._bits("come"), fewer=False)
        stand = homes.stand.copy()
        for landing, events in LANDING.items():
            for event in events:
                stand[self.moved[event]] = landing
        for state, wrong in self._misfits(mask):
            drawn = _drawn(pool, state, wrong, homes, self.seed, self.year)
            mask[wrong] = drawn[:, 0]
        return replace(homes, stand=stand, mask=mask)

    def _bits(self, purpose: str) -> Grid:
        return Grid(self.seed, purpose, self.homes.unit, self.year)

    def _misfits(self, mask: Small) -> list[tuple[State, Flags]]:
        """Who came back to a list with what its rule does not allow, or nobody knows."""
        number = np.bitwise_count(np.maximum(mask, 0))
        poor = self.moved["relapse"] | self.moved["fall"]
        near = self.moved["relapse_near"] | self.moved["fall_near"]
        return [
            (State.POOR, poor & ((mask < 0) | (number < POOR_FROM))),
            (State.NEAR_POOR, near & ((mask < 0) | (number >= POOR_FROM))),
        ]


def _change(mask: Small, rows: Flags, household: Counts, grid: Grid, *, fewer: bool) -> None:
    """End as many deprivations as bring a household under three, or let come what makes three.

    Which ones is chance. `mask` is changed in place.
    """
    draw, place = np.nonzero(rows)
    was = mask[draw, place].astype(np.int64)
    has = ((was[:, None] >> np.arange(BITS)) & 1).astype(bool)
    lacked = has.sum(axis=1)
    count = lacked - (POOR_FROM - 1) if fewer else POOR_FROM - lacked
    keys = grid(draw[:, None], (household[place, None] << 4) + np.arange(BITS))
    keys = np.where(has if fewer else ~has, keys, np.inf)
    chosen = keys.argsort(axis=1).argsort(axis=1) < count[:, None]
    mask[draw, place] = (has ^ chosen) @ (1 << np.arange(BITS))


def _aged(homes: Homes, moved: Mapping[str, Flags]) -> Homes:
    """Those that were out already are out a year longer."""
    stand = homes.stand.copy()
    new = moved["rise"] | moved["near_rise"]
    for before, after in AGEING.items():
        stand[(homes.stand == before) & ~new] = after
    return replace(homes, stand=stand)


def _come(homes: Homes, entrants: Counted, pool: Pool, seed: int, year: int) -> Homes:
    """The households that come from outside: those of a draw first, the other places empty."""
    parts = []
    for s, state in enumerate(LISTED):
        counts = [count for (to, _), count in entrants.items() if to is state]
        number = np.asarray(np.sum(counts, axis=0, dtype=np.int64))
        places = np.arange(number.max(initial=0))
        here = places < number[:, None]
        first = ENTERED_AT + 2 * A_YEAR * (year % 1000) + s * A_YEAR
        stand = np.where(here, s, Stand.GONE).astype(np.int8)
        empty = np.full(here.shape, UNKNOWN, dtype=np.int16)
        made = Homes(homes.unit, first + places, stand, empty, empty * 0, empty * 0, empty)
        drawn = _drawn(pool, state, here, made, seed, year)
        columns = [empty.copy() for _ in range(3)]
        for column, values in zip(columns, drawn.T, strict=True):
            column[here] = values
        groups = np.where(here, columns[1] & ~NO_LABOUR, 0).astype(np.int16)
        parts.append(replace(made, mask=columns[0], groups=groups, causes=columns[2]))
    return parts[0].joined(parts[1])


def _drawn(pool: Pool, state: State, rows: Flags, homes: Homes, seed: int, year: int) -> Small:
    """Mask, groups and causes (row, 3) of households of the pool, for the marked ones in order."""
    draw, place = np.nonzero(rows)
    luck = Grid(seed, "entrants", homes.unit, year, state)(draw, homes.household[place])
    turns = pool.rows[state]
    drawn = np.empty((len(draw), 3), dtype=np.int16)
    for turn, known in enumerate(turns):
        mine = draw % len(turns) == turn
        drawn[mine] = known[(luck[mine] * len(known)).astype(np.int64)]
    return drawn


def _log_odds(chance: Floats) -> Floats:
    return np.asarray(np.log(chance) - np.log1p(-chance))


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))
