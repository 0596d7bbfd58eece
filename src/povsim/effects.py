"""What a programme line does to households: whom it may reach, whom it does, how well it works.

Lines are data (`rules/programme-lines.toml`, and a workspace's own in `data/programme-lines`). No
number of them is official: every effect is an assumption with a spread of its own that holds the
chance of none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from povsim import rules
from povsim.findings import Finding, Place, Refusal
from povsim.population import GROUPS, LISTED, Counts, Population
from povsim.rules import files
from povsim.streams import stream
from povsim.vocabulary import Cause, Group, Indicator, State

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FOLDER = "programme-lines"
MOST_SHIFT = 0.8
"""Log-odds of escaping by income that all lines together may give a household."""


class Kind(StrEnum):
    """What a line acts on: one deprivation, or the chance to escape by income."""

    INDICATOR = "indicator"
    INCOME = "income"


class Budget(StrEnum):
    """Which money pays for a line; one kind cannot stand in for the other."""

    CAPITAL = "capital"
    RECURRENT = "recurrent"


class Law(StrEnum):
    """How an effect is spread, once there is one."""

    BETA = "beta"
    NORMAL = "normal"
    LOGNORMAL = "lognormal"


@dataclass(frozen=True)
class Effect:
    """With chance `none` nought, else `law` with its own `mean` and `sd`.

    A share of the treated for an indicator (beta), log-odds a year for income; a normal may do
    harm and is never cut, for that would pay weak evidence.
    """

    none: float
    mean: float
    sd: float
    law: Law

    @property
    def expected(self) -> float:
        """Its mean with the chance of none."""
        return (1 - self.none) * self.mean

    def draw(self, line: str, draws: int, seed: int) -> Floats:
        """θ (draw,): the same numbers for every scenario of a seed."""
        dice = stream(seed, "effect", line)
        works = dice.random(draws) >= self.none
        return np.where(works, self._of(stream(seed, "effect size", line), draws), 0.0)

    def _of(self, dice: np.random.Generator, draws: int) -> Floats:
        if not self.sd:
            return np.full(draws, self.mean)
        if self.law is Law.NORMAL:
            return self.mean + self.sd * dice.standard_normal(draws)
        if self.law is Law.LOGNORMAL:
            spread = log(1 + (self.sd / self.mean) ** 2)
            return np.exp(log(self.mean) - spread / 2 + sqrt(spread) * dice.standard_normal(draws))
        weight = self.mean * (1 - self.mean) / self.sd**2 - 1
        return dice.beta(self.mean * weight, (1 - self.mean) * weight, draws)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One programme line. Money in đồng, `take_up` a share, `lag` and `grace` years.

    `unit_cost` is a household's, or a whole work's for `households_a_work` of them, all or nothing.
    `capacity` households a unit and year, nought where there is no limit. `grace` is None where
    nothing ends with poverty. `sources` says what a number rests on (`source`), `evidence` what is
    known of the effect.
    """

    id: str
    kind: Kind
    indicator: Indicator | None
    unit_cost: float
    works: bool
    households_a_work: int
    budget: Budget
    funds: tuple[str, ...]
    states: frozenset[State]
    recent: bool
    groups: frozenset[Group]
    causes: frozenset[Cause]
    take_up: float
    capacity: int
    lag: int
    effect: Effect
    grace: int | None
    grade: str
    evidence: str
    sources: Mapping[str, str]
    verified: bool

    def source(self, field: str) -> str:
        """What a number rests on: its own source, else that of all."""
        return self.sources.get(field, self.sources["all"])

    def eligible(self, households: Population) -> Flags:
        """Who of the poor and near-poor may have it: by state, group, and what they lack.

        Causes are counted by form F10 and by no household, so they make no household ineligible;
        they are in `take_up`.
        """
        states = [LISTED.index(state) for state in self.states if state in LISTED]
        may = np.isin(households.state, states)
        if self.groups:
            bits = sum(1 << GROUPS.index(group) for group in self.groups if group in GROUPS)
            may &= (households.groups & bits) > 0
        if self.indicator is not None:
            may &= (households.mask & self.bit) > 0
        return np.asarray(may)

    @property
    def bit(self) -> int:
        """The bit of its indicator in a mask of deprivations; nought for income."""
        return 0 if self.indicator is None else 1 << list(Indicator).index(self.indicator)


def lines() -> tuple[Line, ...]:
    """Every line: povsim's, each replaced whole by a workspace's line of the same id, and its own.

    Raises:
        Refusal: every fault of a workspace's files at once: `line_unreadable`, `line_field`.
    """
    known = {line.id: line for line in _read(rules.load(FOLDER), "programme-lines.toml")}
    faults: list[Finding] = []
    for path in files.own(FOLDER):
        try:
            known |= {line.id: line for line in _read(_content(path), path.name)}
        except Refusal as refusal:
            faults += refusal.findings
    if faults:
        raise Refusal(faults)
    return tuple(known.values())


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:  # TOML's own error is a ValueError
        raise Refusal(
            [Finding("line_unreadable", Place(path.name), values={"reason": str(error)})]
        ) from error


def _read(content: Mapping[str, Any], name: str) -> Iterator[Line]:
    faults, made = [], []
    common = {"assumed": content.get("assumed", ""), "verified": content.get("verified", False)}
    for at, entry in enumerate(content.get("line", ()), 1):
        try:
            line = _line({**common, **entry})
            _check(line)
            made.append(line)
        except (KeyError, TypeError, ValueError) as error:
            told = {"line": entry.get("id", at), "reason": str(error)}
            faults.append(Finding("line_field", Place(name), values=told))
    if faults:
        raise Refusal(faults)
    yield from made


def _line(entry: Mapping[str, Any]) -> Line:
    effect = entry["effect"]
    return Line(
        id=entry["id"],
        kind=Kind(entry["kind"]),
        indicator=Indicator(entry["indicator"]) if "indicator" in entry else None,
        unit_cost=float(entry["unit_cost"]),
        works=bool(entry.get("works", False)),
        households_a_work=int(entry.get("households_a_work", 1)),
        budget=Budget(entry["budget"]),
        funds=tuple(entry["funds"]),
        states=frozenset(map(State, entry["states"])),
        recent=bool(entry.get("recent", False)),
        groups=frozenset(map(Group, entry.get("groups", ()))),
        causes=frozenset(map(Cause, entry.get("causes", ()))),
        take_up=float(entry["take_up"]),
        capacity=int(entry["capacity"]),
        lag=int(entry["lag"]),
        effect=Effect(effect["none"], effect["mean"], effect["sd"], Law(effect["law"])),
        grace=entry.get("grace"),
        grade=str(entry["grade"]),
        evidence=str(entry.get("evidence", "")),
        sources={"all": str(entry["assumed"]), **entry.get("sources", {})},
        verified=bool(entry["verified"]),
    )


def _check(line: Line) -> None:
    """The bounds that make a line's numbers mean something.

    Raises:
        ValueError: naming the field, its value and what is allowed.
    """
    effect = line.effect
    shares = {"take_up": line.take_up, "effect.none": effect.none}
    if effect.law is Law.BETA:
        shares["effect.mean"] = effect.mean
        most = effect.mean * (1 - effect.mean)
        if effect.sd**2 >= most and effect.sd:
            raise ValueError(f"effect.sd {effect.sd}: below {sqrt(most):.3f} for this mean")
    for field, value in shares.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{field} {value}: a share from 0 to 1")
    if effect.law is Law.LOGNORMAL and effect.mean <= 0:
        raise ValueError(f"effect.mean {effect.mean}: above nought for a lognormal")
    positive = {"unit_cost": line.unit_cost, "households_a_work": line.households_a_work}
    for field, value in positive.items():
        if not value > 0:
            raise ValueError(f"{field} {value}: above nought")
    for field, value in {
        "capacity": line.capacity,
        "lag": line.lag,
        "effect.sd": effect.sd,
    }.items():
        if value < 0:
            raise ValueError(f"{field} {value}: nought or more")
    if (line.kind is Kind.INDICATOR) != (line.indicator is not None):
        raise ValueError(f"indicator {line.indicator}: for kind indicator, and for no other")


# --- Whom money reaches ---------------------------------------------------------------------------


def reached(line: Line, eligible: Counts, money: Floats) -> Counts:
    """Households a year (unit,) that a line serves for money a unit (đồng).

    Coverage saturates: no more than come when asked, than a unit can serve, than money pays for.
    Works are whole: a work too dear for what is left is not begun, and serves at most its
    households.
    """
    willing = np.floor(line.take_up * eligible).astype(np.int64)
    most = np.minimum(willing, line.capacity) if line.capacity else willing
    paid = np.floor(np.asarray(money) / line.unit_cost).astype(np.int64) * line.households_a_work
    return np.asarray(np.minimum(most, paid))


def cost(line: Line, households: Counts) -> Floats:
    """What serving so many households a unit costs, đồng (unit,): of works, whole ones."""
    works = -(-np.asarray(households) // line.households_a_work)
    return np.asarray(works * line.unit_cost, dtype=np.float64)


def treated(
    line: Line, households: Population, money: Floats, *, seed: int, year: int
) -> NDArray[np.int64]:
    """The households that a line serves in a year: by chance among the eligible of each unit.

    More money adds households and takes none away: the order in a unit is the same for every sum.
    """
    may = np.flatnonzero(line.eligible(households))
    unit = households.unit[may]
    eligible = np.bincount(unit, minlength=len(households.units))
    quota = reached(line, eligible, money)
    keys = np.empty(len(may))
    for at in np.flatnonzero(eligible):
        own = unit == at
        keys[own] = stream(seed, "treated", line.id, households.units[at], year).random(own.sum())
    order = np.lexsort((keys, unit))
    rank = np.arange(len(may)) - np.searchsorted(unit[order], unit[order])
    return np.asarray(np.sort(may[order[rank < quota[unit[order]]]]))


# --- What it does ---------------------------------------------------------------------------------


def relieved(
    served: Sequence[tuple[Line, NDArray[np.int64], float]], households: Population, *, seed: int
) -> Counts:
    """Masks of deprivations after indicator lines, each with those it served and its θ.

    Lines on one deprivation work apart from each other: it stays only where all of them fail.
    """
    mask = households.mask.copy()
    for line, rows, share in served:
        if line.kind is Kind.INDICATOR:
            luck = stream(seed, "relieved", line.id).random(len(mask))
            mask[rows[luck[rows] < share]] &= ~line.bit
    return mask


def lifted(
    served: Iterable[tuple[Line, NDArray[np.int64], float]], households: Population
) -> Floats:
    """Log-odds of escaping by income that lines add to each household, MOST_SHIFT at most."""
    shift = np.zeros(len(households.mask))
    for line, rows, size in served:
        if line.kind is Kind.INCOME:
            shift[rows] += size
    return np.minimum(shift, MOST_SHIFT)


def goes_on(line: Line, years_since_poor: int) -> bool:
    """Whether an entitlement still holds so many years after a household left the list.

    Where it has no end of its own (`grace` None) what was built stays.
    """
    return line.grace is None or years_since_poor <= line.grace
