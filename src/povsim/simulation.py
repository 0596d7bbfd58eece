"""What a programme's money does to the households of each unit, year by year and draw by draw.

The trend already holds what is spent today. So the current spending sets the bars of every year:
with it, as many move as the projection's draws say. Other spending is lived under the same bars and
the same luck; the current one changes nothing, to the household.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from povsim.effects import Aid, Bars, Homes, Line, Lived, Pool, Serving, Setting, cost, live, served
from povsim.effects.bars import Watching
from povsim.effects.entitlements import ended, holding
from povsim.effects.homes import Counts, Floats
from povsim.effects.spending import Spending
from povsim.population import POOR_FROM, Population
from povsim.trajectory import Histories


@dataclass(frozen=True, eq=False)
class Year:
    """One year of one unit: who moved, and by line (draw,) whom its money reached and what it cost.

    `at_threshold` are the poor among the served that lack just three: one fewer, and they are poor
    no more.
    """

    unit: str
    year: int
    lived: Lived
    served: Mapping[str, Counts]
    at_threshold: Mapping[str, Counts]
    spent: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class World:
    """What all scenarios share: households, histories, lines, the current spending and the luck.

    `populations` are the same counts put together by other tilts; draws take them in turn.
    """

    populations: Sequence[Population]
    histories: Histories
    lines: Sequence[Line]
    current: Spending
    seed: int
    _known: dict[str, tuple[list[Year], list[Bars]]] = field(
        default_factory=dict, init=False, repr=False
    )

    def lived(self, unit: str, spending: Spending | None = None) -> list[Year]:
        """The years of a unit under some spending; under the current one unless said."""
        if spending is None:
            return self._base(unit)[0]
        return list(self._years(unit, spending, self._base(unit)[1]))

    def watched(self, unit: str, spending: Spending) -> tuple[list[Year], list[Watching]]:
        """As `lived`, with the critical values of every household and event."""
        watching = [Watching(bars) for bars in self._base(unit)[1]]
        return list(self._years(unit, spending, watching)), watching

    def opening(self, unit: str) -> Homes:
        """The households of a unit at the last review."""
        return Homes.at_origin(unit, self.populations, self.histories.cohorts[unit], self.draws)

    def _base(self, unit: str) -> tuple[list[Year], list[Bars]]:
        """The years of a unit under the current spending, and the bars that these set."""
        if unit not in self._known:
            setting = [Setting(moves) for moves in self.histories.moves[unit]]
            years = list(self._years(unit, self.current, setting))
            self._known[unit] = (years, [each.fixed() for each in setting])
        return self._known[unit]

    @cached_property
    def sizes(self) -> dict[str, Floats]:
        """θ (draw,) of every line: one for all units, years and scenarios."""
        return {line.id: line.effect.draw(line.id, self.draws, self.seed) for line in self.lines}

    @property
    def draws(self) -> int:
        return int(self.histories.projection.households.shape[-1])

    def _years(self, unit: str, spending: Spending, bars: Sequence[Bars]) -> Iterator[Year]:
        years, homes = self.histories.projection.years, self.opening(unit)
        pool, waiting = Pool.of(self.populations, unit), list[Serving]()
        for year, bar in zip(years, bars, strict=True):
            new = list(self._servings(homes, spending, year, waiting=waiting))
            told = _told([each for each in new if each.year == year], homes)
            homes = ended(homes, self.lines, new)
            waiting += new
            aid = Aid.of(waiting, self.sizes, homes, year, seed=self.seed)
            lived = live(homes, aid, bar, pool, seed=self.seed, year=year)
            lived = replace(lived, homes=holding(lived, aid))
            homes, places = lived.homes, lived.homes.stand.shape[1]
            yield Year(unit, year, lived, *told)
            waiting = [each.wide(places) for each in waiting if each.shows > year]

    def _servings(
        self, homes: Homes, spending: Spending, year: int, *, waiting: Sequence[Serving]
    ) -> Iterator[Serving]:
        """Whom this year's money serves: nobody who waits for the line already.

        In the first year that of years before serves, too, where it shows only now: whom it served
        then is not known.
        """
        first = self.histories.projection.years[0]
        for line in self.lines:
            closed = np.zeros(homes.stand.shape, dtype=bool)
            for each in waiting:
                if each.line.id == line.id:
                    closed |= each.rows
            for paid in range(first - line.lag if year == first else year, year + 1):
                if money := spending.money(line.id, homes.unit, paid):
                    rows = served(line, homes, money, seed=self.seed, year=paid, closed=closed)
                    closed = closed | rows
                    yield Serving(line, paid, rows)


def _told(
    servings: Sequence[Serving], homes: Homes
) -> tuple[dict[str, Counts], dict[str, Counts], dict[str, Floats]]:
    """Households served, those of them at the threshold, and đồng (draw,) by line."""
    near = homes.poor & (homes.number == POOR_FROM)
    reached: dict[str, Counts] = {}
    threshold: dict[str, Counts] = {}
    spent: dict[str, Floats] = {}
    for serving in servings:
        name, number = serving.line.id, serving.rows.sum(axis=1)
        reached[name] = reached.get(name, 0) + number
        threshold[name] = threshold.get(name, 0) + (serving.rows & near).sum(axis=1)
        spent[name] = spent.get(name, 0.0) + cost(serving.line, number)
    return reached, threshold, spent
