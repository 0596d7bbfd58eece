"""Classes × packages as a linear programme, solved by making only the columns that are worth it.

A multiple-choice knapsack: of each class so many households get a package, money is bought by line,
unit and year, purses pay. Given the prices of lines in a unit, every class knows its best package
by itself; so columns are made as prices ask for them, and what no column could better is a bound
(Dantzig and Wolfe 1960, doi:10.1287/opre.8.1.101).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.agenda import Agenda
from povsim.allocation.columns import Columns
from povsim.allocation.rules import Budgets, Purse, Rules
from povsim.allocation.solver import INFINITY, Model, Solved

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
MILLION = 1e6
"""Money is counted in millions of đồng here."""
BREACH = 1e4
"""Households out that a household's or a million's breach of a rule costs: none is worth it."""
BEST_OF_A_CLASS = 3
"""Columns that a class is given a round."""
CLOSE = 1e-5
"""Columns are made until no more than this share of the value could be won by others."""
CLOSE_ENOUGH = 1e-3
"""As much where there are many units, whose answer takes long."""
ROUNDS = 60
MANY_UNITS = 60
"""More units than that learn their first prices from half as many of them."""
FIRST = ((0.0, 2), (0.003, 1))
"""Households out a million, and how many columns a class is given first at that price."""
NONE = -1
"""Of rows and variables that there are not."""
SLIGHT = 1e-6
Key = tuple[int, int, int]
"""A line, a unit, a year by number."""


@dataclass(frozen=True)
class Named:
    """A row that a named rule makes, between bounds, with the slack that tells its breach; `most`
    holds without the rule as well."""

    rule: str
    row: int
    low: float
    high: float
    most: float = INFINITY
    slack: int = NONE


@dataclass(eq=False)
class Problem:
    """The programme of an agenda; `ruling.posed` adds the rows of its rules.

    Functionals of columns (gains, a group's money) are variables of their own, so that rules and
    objectives are written in them.
    """

    agenda: Agenda
    columns: Columns
    budget: Budgets
    rules: Rules = ()
    model: Model = field(default_factory=Model)
    named: list[Named] = field(default_factory=list)
    paid: dict[tuple[int, int, int], int] = field(default_factory=dict)
    """By purse, line and year."""

    def __post_init__(self) -> None:
        classes, shape = self.columns.classes, self.agenda.reach.shape
        self.made = np.zeros(0, dtype=np.int64)
        self._numbers = np.zeros(0, dtype=np.int64)
        self._functionals: list[tuple[Counts, Floats]] = []
        self._class_rows = self.model.rows_of(-INFINITY, classes.households)
        self.served = self.columns.served
        self.money, self.works, self._reach, self._buy, self._build = (
            np.full(shape, NONE) for _ in range(5)
        )
        for line, year, _, _ in self.served:
            self._line(line, year)
        self.out, self.lacked = map(self._by_unit, (self.columns.out, self.columns.lacked))
        self._purses()

    # Rows

    def _line(self, line: int, year: int) -> None:
        """In every unit: who can be reached, what is bought, works that are whole."""
        of_line, reach = self.agenda.lines[line], self.agenda.reach[line, :, year]
        at, one = (line, slice(None), year), np.ones(len(reach))
        self._reach[at] = self.model.rows_of(-INFINITY, reach)
        self._buy[at] = buy = self.model.rows_of(0.0, 0.0 * one)
        self.money[at] = self.model.variables(0.0 * one, 0.0, INFINITY, [(buy, one)])
        if of_line.works:
            a_work, cost = of_line.households_a_work, of_line.unit_cost / MILLION
            self._build[at] = build = self.model.rows_of(-INFINITY, 0.0 * one)
            # A work serves no more than can be reached, which a bound should know.
            entries = [(build, -np.minimum(a_work, reach)), (buy, -cost * one)]
            most = np.ceil(reach / a_work)
            self.works[at] = self.model.variables(0.0 * one, 0.0, most, entries, whole=True)

    def _by_unit(self, value: Floats) -> Counts:
        """Variables (unit,) for the sum of what columns bring."""
        none = np.zeros(len(self.agenda.units))
        rows = self.model.rows_of(0.0, none)
        free = self.model.variables(none, -INFINITY, INFINITY, [(rows, none + 1.0)])
        self._functionals.append((rows[self.columns.unit], value))
        return free

    def functional(self, value: Floats) -> int:
        """A variable for the sum of what columns bring, all units together."""
        (free,) = self.model.variables(np.zeros(1), -INFINITY, INFINITY)
        made = value[self.made]
        row = self.model.row(0.0, 0.0, [free, *self._numbers], np.concatenate([[1.0], -made]))
        self._functionals.append((np.full(len(value), row), value))
        return int(free)

    def _purses(self) -> None:
        """Each line and year is paid by the purses that may, up to what they hold."""
        for line, year, _, _ in self.served:
            payers = [
                p
                for p, purse in enumerate(self.budget)
                if purse.pays(self.agenda.lines[line]) and self._held(purse, year)
            ]
            paid = self.model.variables(np.zeros(len(payers)), 0.0, INFINITY)
            self.paid |= {(p, line, year): int(at) for p, at in zip(payers, paid, strict=True)}
            bought = self.money[line, :, year]
            factors = [1.0] * len(bought) + [-1.0] * len(payers)
            self.model.row(0.0, 0.0, [*bought, *paid], factors)
        for p, purse in enumerate(self.budget):
            for year in range(len(self.agenda.years)):
                self._purse(p, purse, year)

    def _held(self, purse: Purse, year: int) -> bool:
        return any(each in purse.vnd for each in purse.until(self.agenda.years[year]))

    def _purse(self, p: int, purse: Purse, year: int) -> None:
        years = purse.until(self.agenda.years[year])
        held = sum(purse.vnd.get(each, 0) for each in years) / MILLION
        numbers = [t for t, each in enumerate(self.agenda.years) if each in years]
        spent = [at for (p_, _, t), at in self.paid.items() if p_ == p and t in numbers]
        if spent:
            self.name(purse.name, -INFINITY, held, np.array(spent), np.ones(len(spent)))

    def name(self, rule: str, low: float, high: float, columns: Counts, factors: Floats) -> None:
        """A row of some variables that a named rule makes."""
        self.slacken(Named(rule, self.model.row(low, high, columns, factors), low, high))

    def slacken(self, row: Named) -> None:
        """A rule can be broken at a cost that no good is worth, so that a breach can be told."""
        sign = 1.0 if np.isfinite(row.low) else -1.0
        entry = [(np.array([row.row]), np.array([sign]))]
        (slack,) = self.model.variables(np.array([BREACH]), 0.0, INFINITY, entry)
        self.named.append(replace(row, slack=int(slack)))

    def reach_rows(self) -> Iterator[tuple[Key, int]]:
        """Lines, units and years that can be served, and the rows that say how many."""
        for line, unit, year in np.argwhere(self._reach != NONE):
            key = (int(line), int(unit), int(year))
            yield key, int(self._reach[key])

    # Columns

    def add(self, chosen: Counts, *, whole: bool = False) -> None:
        """Make columns; of whole households where asked."""
        chosen = np.setdiff1d(chosen, self.made)
        if not len(chosen):
            return
        numbers = self.model.columns_of(len(chosen), *self._entries(chosen), whole=whole)
        self.made = np.concatenate([self.made, chosen])
        self._numbers = np.concatenate([self._numbers, numbers])

    def _entries(self, chosen: Counts) -> tuple[Counts, Counts, Floats]:
        """Rows, places among the chosen, and factors."""
        count, units = len(chosen), self.columns.unit
        place = np.full(len(self.columns), -1)
        place[chosen] = np.arange(count)
        rows = [self._class_rows[self.columns.klass[chosen]]]
        columns, factors = [np.arange(count)], [np.ones(count)]
        for of_row, value in self._functionals:
            some = np.flatnonzero(value[chosen])
            rows.append(of_row[chosen[some]])
            columns.append(some)
            factors.append(-value[chosen[some]])
        for line, year, at, share in self.served:
            mine = place[at] >= 0
            own = at[mine]
            for table, factor in self._of_line(line, year):
                rows.append(table[units[own]])
                columns.append(place[own])
                factors.append(factor * share[mine])
        return np.concatenate(rows), np.concatenate(columns), np.concatenate(factors)

    def _of_line(self, line: int, year: int) -> list[tuple[Counts, float]]:
        """Rows (unit,) that a served household counts in, and by how much."""
        of_line, at = self.agenda.lines[line], (line, slice(None), year)
        if of_line.works:
            return [(self._reach[at], 1.0), (self._build[at], 1.0)]
        return [(self._reach[at], 1.0), (self._buy[at], -of_line.unit_cost / MILLION)]

    def worth(self, prices: Floats) -> Floats:
        """What a household of each column brings at some prices, all it uses paid for."""
        worth, units = np.zeros(len(self.columns)), self.columns.unit
        for of_row, value in self._functionals:
            worth -= prices[of_row] * value
        for line, year, at, share in self.served:
            for rows, factor in self._of_line(line, year):
                worth[at] += prices[rows][units[at]] * factor * share
        return worth

    def hold_whole(self, solved: Solved) -> None:
        """Leave what must be whole as it is in an answer."""
        whole = np.array(self.model.whole, dtype=np.int64)
        at = np.rint(solved.at[whole])
        self.model.bound(whole, at, at)

    def ease_choices(self, solved: Solved) -> None:
        """Let choices that are no works be given up, where whole households fall short of them."""
        others = np.setdiff1d(np.array(self.model.whole, dtype=np.int64), self.works)
        self.model.bound(others, np.zeros(len(others)), np.rint(solved.at[others]))

    def hold_served(self, served: Floats | Counts) -> None:
        """Serve no more than so many (line, unit, year); `agenda.reach` sets all free again."""
        lifted = {each.row: each.low for each in self.named}
        for key, row in self.reach_rows():
            most = float(served[key])
            self.model.bound_row(row, min(lifted.get(row, -INFINITY), most), most)

    # Solving

    def settled(self) -> tuple[Solved, float]:
        """The best answer that any columns give, and a bound that none is better than."""
        if not len(self.made):
            self._begin()
        classes = self.columns.classes
        for _ in range(ROUNDS):
            solved = self.model.solve()
            rent = solved.prices[self._class_rows]  # below nought where nobody of a class is left
            gain = self.worth(solved.prices) + rent[self.columns.klass]
            best, most = _best_of_each(self.columns.klass, gain, len(classes))
            bound = solved.value - float(classes.households @ np.maximum(most, 0.0))
            close = CLOSE if len(self.agenda.units) <= MANY_UNITS else CLOSE_ENOUGH
            if solved.value - bound <= close * max(abs(solved.value), 1.0):
                break
            self.add(best)
        return solved, bound

    def _begin(self) -> None:
        """First columns: the best packages of each class where money costs nothing, or a little; of
        many units, at prices that may be near."""
        klass, count = self.columns.klass, len(self.columns.classes)
        if len(self.agenda.units) > MANY_UNITS:
            self.add(_best_of_each(klass, self._as_in_some_units(), count)[0])
            return
        for price, most in FIRST:
            worth = self.columns.out - price * self._cost()
            self.add(_best_of_each(klass, worth, count, most)[0])

    def _cost(self) -> Floats:
        """Millions (column,) that a household of its class costs; a work's are shared."""
        cost = np.zeros(len(self.columns))
        for line, _, at, share in self.served:
            of_line = self.agenda.lines[line]
            cost[at] += share * of_line.unit_cost / of_line.households_a_work / MILLION
        return cost

    def _as_in_some_units(self) -> Floats:
        """What columns bring at the prices of some units with their part of the money: each unit
        has those of the one most like it."""
        count = len(self.agenda.units)
        some = np.unique(np.linspace(0, count - 1, MANY_UNITS // 2).astype(int))
        part = len(some) / count
        budget = [
            replace(purse, vnd={year: int(vnd * part) for year, vnd in purse.vnd.items()})
            for purse in self.budget
        ]
        alike = Problem(self.agenda.of_units(some), self.columns.of_units(some), budget, [])
        alike.model.cost(alike.out, np.full(len(some), -1.0))
        prices = alike.settled()[0].prices
        worth, unit = self.columns.out.copy(), self._most_like(some)[self.columns.unit]
        for line, year, at, share in self.served:
            for rows, factor in alike._of_line(line, year):
                worth[at] += prices[rows][unit[at]] * factor * share
        return worth

    def _most_like(self, some: Counts) -> Counts:
        """Which of some units (by place) each is most like (unit,), by whom lines can reach."""
        lines = sorted({line for line, *_ in self.served})
        reach = np.log1p(np.minimum(self.agenda.reach[lines], 1e6)).sum(axis=-1).T
        apart = ((reach[:, None] - reach[some][None]) ** 2).sum(axis=-1)
        return np.asarray(apart.argmin(axis=1))

    def amounts(self, solved: Solved) -> Floats:
        """Households (column,) of an answer."""
        found = np.zeros(len(self.columns))
        found[self.made] = solved.at[self._numbers]
        return found

    def breach(self, solved: Solved) -> float:
        """By how much named rules are broken in all."""
        return float(sum(solved.at[each.slack] for each in self.named))

    def idle(self, solved: Solved) -> frozenset[str]:
        """The purses whose next money would better nothing."""
        purses = {purse.name for purse in self.budget}
        priced = {each.rule for each in self.named if abs(solved.prices[each.row]) > SLIGHT}
        return frozenset(purses - priced)

    def households(self, solved: Solved) -> Floats:
        """Households served (line, unit, year) in an answer."""
        return self.served_by(self.amounts(solved))

    def served_by(self, amounts: Floats) -> Floats:
        """Households served (line, unit, year) where so many (column,) get their packages."""
        found = np.zeros(self.agenda.reach.shape)
        for line, year, at, share in self.served:
            units = self.columns.unit[at]
            number = np.bincount(units, amounts[at] * share, len(self.agenda.units))
            found[line, :, year] = number
        return found


def _best_of_each(
    klass: Counts, gain: Floats, classes: int, most: int = BEST_OF_A_CLASS
) -> tuple[Counts, Floats]:
    """The columns that gain most for each class, and what the first of them gains (class,)."""
    some = np.flatnonzero(gain > 0)
    order = some[np.lexsort((-gain[some], klass[some]))]
    first = np.searchsorted(klass[order], np.arange(classes))
    rank = np.arange(len(order)) - first[klass[order]]
    top, best = np.zeros(classes), order[rank == 0]
    top[klass[best]] = gain[best]
    return order[rank < most], top
