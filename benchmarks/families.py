"""Districts lived household by household, each with chances of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from povsim.backtest.simulation import HAZARDS, Lived
from povsim.trajectory import Movements, Panel
from povsim.trajectory.exposures import COHORTS, DESTINATIONS, Source
from povsim.trajectory.movements import CELLS
from povsim.vocabulary import Flow, State

FIRST = 2021


@dataclass(frozen=True, kw_only=True)
class Families:
    """A district lived household by household; standard deviations are on the logit.

    `ability` spread of households' own chances, for good: who can leave leaves first. `unit_sd`
    of communes for good, `year_sd` of a year for all, `unit_year_sd` of a commune's year; `trend`
    by which chances to rise grow each year. With `quota` each commune takes that share of its
    first poor off the list each year, whatever their chances.
    """

    ability: float = 0.7
    unit_sd: float = 0.25
    year_sd: float = 0.20
    unit_year_sd: float = 0.10
    trend: float = 0.0
    quota: float = 0.0
    poor: float = 0.25
    near_poor: float = 0.09
    structural: float = 0.138
    born: float = 0.018
    units: int = 7
    households: tuple[int, int] = (300, 2500)

    def lived(self, years: int, seed: int) -> Lived:
        dice = np.random.default_rng(seed)
        village, stocks, moves = Village(self, dice), [], []
        stocks.append(village.counted())
        for year in range(1, years):
            moves.append(village.year(year))
            stocks.append(village.counted())
        names, reviews = tuple(f"unit {i}" for i in range(self.units)), range(FIRST, FIRST + years)
        households, poor, near_poor, stuck = np.array(stocks, dtype=float).transpose(1, 2, 0)
        counts = {cell: np.stack([moved[cell] for moved in moves], axis=1) for cell in CELLS}
        movements = Movements(names, tuple(reviews)[1:], counts)
        return Lived(Panel(names, tuple(reviews), households, poor, near_poor), movements, stuck)


POOR, NEAR, OUT, GONE = range(4)
NEVER = 99
PLACES = {"poor": POOR, "near_poor": NEAR, "above": OUT, "gone": GONE}
RELAPSE = np.array([4.0, 3.0, 2.0])
"""Odds to fall back in the first, second and third year after leaving, beside the others'."""


class Village:
    """Households one by one: unit, place, own chance, years since they left, able to work."""

    def __init__(self, truth: Families, dice: np.random.Generator) -> None:
        self.truth, self.dice = truth, dice
        size = dice.integers(*truth.households, truth.units)
        self.unit = np.repeat(np.arange(truth.units), size)
        self.chance = dice.normal(0, truth.ability, len(self.unit))
        self.since = np.full(len(self.unit), NEVER)
        self.own = dice.normal(0, truth.unit_sd, (2, truth.units))
        worse = dice.logistic(dice.normal(0, 0.4, truth.units)[self.unit]) - self.chance
        cuts = np.quantile(worse, [1 - truth.poor, 1 - truth.poor - truth.near_poor])
        self.place = np.where(worse > cuts[0], POOR, np.where(worse > cuts[1], NEAR, OUT))
        self.stuck = (self.place == POOR) & (dice.random(len(worse)) < truth.structural)
        self.first = self._by_unit(self.place == POOR)

    def counted(self) -> list[np.ndarray]:
        """Households, poor, near-poor and the poor that cannot work (unit,)."""
        poor = self.place == POOR
        marked = (self.place != GONE, poor, self.place == NEAR, poor & self.stuck)
        return [self._by_unit(each) for each in marked]

    def year(self, year: int) -> dict[tuple[State, Flow], np.ndarray]:
        """One year lived: the cells of F2 and F3 (unit,)."""
        opening, recent = self.place.copy(), self.since < COHORTS
        self.place = self._moved(opening, recent, year)
        if self.truth.quota:
            self._taken_off(opening)
        left = (opening < OUT) & (self.place == OUT)
        self.since = np.where(left, 0, np.where(self.place == OUT, self.since + 1, NEVER))
        cells = self._cells(opening, recent)
        for name, born in self._born().items():
            cells[DESTINATIONS[Source.ARRIVALS][name]] = born
        cells[State.POOR, Flow.NEAR_POOR_TO_POOR] = cells[State.NEAR_POOR, Flow.FELL_TO_POOR]
        cells[State.NEAR_POOR, Flow.POOR_TO_NEAR_POOR] = cells[
            State.POOR, Flow.ESCAPED_TO_NEAR_POOR
        ]
        return cells

    def _moved(self, opening: np.ndarray, recent: np.ndarray, year: int) -> np.ndarray:
        """Where everyone goes: the best of logits and Gumbel noise, which is multinomial."""
        truth, dice = self.truth, self.dice
        shocks = dice.normal(0, truth.year_sd, 2)[:, None] + dice.normal(
            0, truth.unit_year_sd, (2, truth.units)
        )
        up, down = (self.own + shocks)[:, self.unit]
        up, down = up + truth.trend * year + self.chance - 2.5 * self.stuck, down - self.chance
        logits = np.full((4, len(opening)), -np.inf)
        logits[opening, np.arange(len(opening))] = 0.0
        for source, place in (
            (Source.POOR, POOR),
            (Source.NEAR_POOR, NEAR),
            (Source.NOT_POOR, OUT),
        ):
            shares, at = HAZARDS[source], opening == place
            for name, share in zip(DESTINATIONS[source], shares, strict=True):
                to = PLACES[name]
                pull = 0.0 if to == GONE else (up if to > place else down)
                level = np.log(share / (1 - sum(shares)))
                logits[to] = np.where(at, level + pull, logits[to])
        logits[:OUT, recent] += np.log(RELAPSE[self.since[recent]])
        return np.argmax(logits + dice.gumbel(size=logits.shape), axis=0)

    def _taken_off(self, opening: np.ndarray) -> None:
        """The quota instead: the ablest are taken off, half of them to the near-poor."""
        truth, dice = self.truth, self.dice
        score = np.where(self.stuck, -9.0, self.chance) + dice.gumbel(size=len(opening))
        quotas = np.rint(truth.quota * self.first * np.exp(dice.normal(0, 0.15, truth.units)))
        for unit, quota in enumerate(quotas):
            listed = np.flatnonzero((opening == POOR) & (self.unit == unit) & (self.place != GONE))
            self.place[listed] = POOR
            chosen = listed[np.argsort(-score[listed])[: int(quota)]]
            self.place[chosen] = np.where(dice.random(len(chosen)) < 0.45, NEAR, OUT)

    def _cells(
        self, opening: np.ndarray, recent: np.ndarray
    ) -> dict[tuple[State, Flow], np.ndarray]:
        out = opening == OUT
        sources = {
            Source.POOR: opening == POOR,
            Source.NEAR_POOR: opening == NEAR,
            Source.RECENTLY_ESCAPED: out & recent,
            Source.NOT_POOR: out & ~recent,
        }
        return {
            cell: self._by_unit(marked & (self.place == PLACES[name]))
            for source, marked in sources.items()
            for name, cell in DESTINATIONS[source].items()
        }

    def _born(self) -> dict[str, np.ndarray]:
        """New households of the young: one in eight poor, one in eight near-poor."""
        present = np.flatnonzero(self.place != GONE)
        parents = present[self.dice.random(len(present)) < self.truth.born]
        place = self.dice.choice([POOR, NEAR, OUT, OUT, OUT, OUT, OUT, OUT], len(parents))
        unit = self.unit[parents]
        self.unit = np.concatenate([self.unit, unit])
        self.place = np.concatenate([self.place, place])
        self.since = np.concatenate([self.since, np.full(len(parents), NEVER)])
        self.chance = np.concatenate([self.chance, self.chance[parents]])
        self.stuck = np.concatenate([self.stuck, np.zeros(len(parents), dtype=bool)])
        count = partial(np.bincount, minlength=self.truth.units)
        return {
            "poor": count(unit[place == POOR]).astype(float),
            "near_poor": count(unit[place == NEAR]).astype(float),
        }

    def _by_unit(self, marked: np.ndarray) -> np.ndarray:
        return np.bincount(self.unit[marked], minlength=self.truth.units).astype(float)
