"""A plan in whole households and đồng, held against every rule by arithmetic of its own.

What a solver says is not taken for granted: counts, sums and rules are worked out anew here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from povsim.allocation.agenda import Agenda
from povsim.allocation.rules import (
    Budgets,
    EntitlementsFirst,
    Limit,
    NoUnitWorse,
    Purse,
    Reach,
    Rule,
    Rules,
)
from povsim.allocation.solver import INFINITY, Model, Status
from povsim.vocabulary import Group

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
ROUNDING = 0.5
"""Households by which a rule about people may be missed: nobody is served by halves. A rule about
shares may be missed by what one household (or work) costs."""


@dataclass(frozen=True)
class Held:
    """A rule, where it bites, what it asks, what there is, and whether that holds.

    Money is in đồng, people in households; `share` where both are shares.
    """

    rule: str
    where: str
    asked: float
    found: float
    holds: bool
    people: bool = False
    share: bool = False


@dataclass(frozen=True, eq=False)
class Books:
    """`served` households (line, unit, year), whole; `out` (unit,) fewer poor, `to_group`
    by group the share (line, unit, year) of the served that are of it."""

    agenda: Agenda
    budget: Budgets
    served: Counts
    out: Floats
    to_group: Mapping[Group, Floats] = field(default_factory=dict)

    @property
    def money(self) -> Counts:
        """Đồng (line, unit, year): of works, whole ones."""
        return money_of(self.agenda, self.served)

    def against(self, rules: Rules) -> list[Held]:
        """Every rule, and every purse, by what it asks and what there is."""
        found = list(self._purses()) + list(self._reach())
        for rule in rules:
            found += self._held(rule)
        return found

    def _purses(self) -> Iterator[Held]:
        paid = paying(self.agenda, self.budget, self.money)
        for p, purse in enumerate(self.budget):
            spent = self._spent(purse) if paid is None else int(paid[p].sum())
            yield Held(purse.name, "", purse.total, spent, paid is not None)

    def _spent(self, purse: Purse) -> int:
        lines = [at for at, line in enumerate(self.agenda.lines) if purse.pays(line)]
        return int(self.money[lines].sum())

    def _reach(self) -> Iterator[Held]:
        over = self.served > self.agenda.reach + ROUNDING
        for line, unit, year in np.argwhere(over):
            where = f"{self.agenda.lines[line].id} {self.agenda.units[unit]}"
            asked, served = self.agenda.reach[line, unit, year], self.served[line, unit, year]
            yield Held("reach", where, float(asked), float(served), False, people=True)

    def _held(self, rule: Rule) -> list[Held]:
        if isinstance(rule, Limit):
            return self._limit(rule)
        if isinstance(rule, EntitlementsFirst):
            return self._entitled(rule)
        units = enumerate(self.agenda.units)
        credit, targets = self.agenda.credit, self.agenda.targets
        if isinstance(rule, NoUnitWorse):
            return [self._out(rule, unit, credit[u], self.out[u]) for u, unit in units]
        asked = [(u, unit) for u, unit in units if rule.of(unit) and np.isfinite(targets[u])]
        needed = self.agenda.untreated - targets
        return [self._out(rule, unit, needed[u], self.out[u]) for u, unit in asked]

    def _out(self, rule: NoUnitWorse | Reach, unit: str, asked: float, found: float) -> Held:
        holds = bool(found >= asked - ROUNDING)
        return Held(rule.name, unit, float(asked), float(found), holds, people=True)

    def _limit(self, rule: Limit) -> list[Held]:
        money = self.money * self.counted(rule)
        share = 1.0 if rule.group is None else self.to_group[rule.group]
        found = float((money * share).sum())
        total = max(float(self.money.sum()), 1.0)
        one = max(line.unit_cost for line in self.agenda.lines)
        if rule.share:
            found /= total
        made = []
        for asked, sign in ((rule.least, 1), (rule.most, -1)):
            if asked is not None:
                short = sign * (asked - found) * (total if rule.share else 1.0)
                holds = short <= (one if rule.share else 0.5)
                made.append(Held(rule.name, "", asked, found, bool(holds), share=rule.share))
        return made

    def counted(self, rule: Limit) -> Counts:
        """1 (line, unit, year) where a limit counts money."""
        agenda = self.agenda
        return np.array(
            [
                [[rule.of(line, unit, year) for year in agenda.years] for unit in agenda.units]
                for line in agenda.lines
            ],
            dtype=np.int64,
        )

    def _entitled(self, rule: EntitlementsFirst) -> list[Held]:
        entitled = [at for at, line in enumerate(self.agenda.lines) if rule.of(line)]
        made = []
        for at in entitled:
            asked, found = self.agenda.reach[at].sum(), self.served[at].sum()
            short = (self.served[at] < self.agenda.reach[at] - ROUNDING).any()
            name = self.agenda.lines[at].id
            made.append(Held(rule.name, name, float(asked), float(found), not short, people=True))
        return made


def money_of(agenda: Agenda, served: Counts) -> Counts:
    """Đồng (line, unit, year) that serving so many costs; of works, whole ones."""
    works = np.array([line.households_a_work for line in agenda.lines])[:, None, None]
    costs = np.array([round(line.unit_cost) for line in agenda.lines])[:, None, None]
    return np.asarray(-(-served // works) * costs)


def paying(agenda: Agenda, budget: Budgets, money: Counts) -> Counts | None:
    """Đồng (purse, line, year) that each purse pays; None where they cannot pay for all.

    Sums in whole đồng have an answer in whole đồng: the rows are those of a network.
    """
    paid = np.zeros((len(budget), len(agenda.lines), len(agenda.years)), dtype=np.int64)
    needed = money.sum(axis=1)
    payers = np.array([[purse.pays(line) for line in agenda.lines] for purse in budget])
    if (payers.sum(axis=0) <= 1).all():
        for p in range(len(budget)):
            paid[p] = needed * payers[p][:, None]
        unpaid = needed[~payers.any(axis=0)].sum()
        return None if unpaid or _over(agenda, budget, paid) else paid
    return _shared(agenda, budget, payers, needed)


def _over(agenda: Agenda, budget: Budgets, paid: Counts) -> bool:
    for p, purse in enumerate(budget):
        for year in agenda.years:
            years = purse.until(year)
            spent = sum(paid[p, :, t].sum() for t, each in enumerate(agenda.years) if each in years)
            if spent > sum(purse.vnd.get(each, 0) for each in years):
                return True
    return False


def _shared(
    agenda: Agenda, budget: Budgets, payers: NDArray[np.bool_], needed: Counts
) -> Counts | None:
    """As `paying`, where several purses may pay for a line."""
    model, shape = Model(), (len(budget), *needed.shape)
    number = np.arange(np.prod(shape)).reshape(shape)
    most = np.where(payers[:, :, None], float(needed.sum()), 0.0) * np.ones(shape)
    model.variables(np.zeros(number.size), 0.0, most.ravel())
    for line, year in np.ndindex(*needed.shape):
        sum_of = float(needed[line, year])
        model.row(sum_of, sum_of, number[:, line, year], np.ones(len(budget)))
    for p, purse in enumerate(budget):
        for year in agenda.years:
            years = purse.until(year)
            spent = number[p][
                :, [t for t, each in enumerate(agenda.years) if each in years]
            ].ravel()
            held = float(sum(purse.vnd.get(each, 0) for each in years))
            model.row(-INFINITY, held, spent, np.ones(len(spent)))
    solved = model.solve()
    if solved.status is not Status.OPTIMAL:
        return None
    return np.rint(solved.at).astype(np.int64).reshape(shape)
