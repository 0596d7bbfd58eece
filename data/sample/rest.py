"""Households neither poor nor near-poor: who they are, so that the forms of every year add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import households as people
import numpy as np
from assumptions import given
from households import FATES, GROUPS, LARGEST, LOCAL, MINORITIES, Households, Place
from moves import ENTERING
from possible import mended
from reviews import Review, in_poverty
from stocks import STATES, Counts

from povsim.streams import stream
from povsim.vocabulary import Indicator

Made = Mapping[tuple[int, str], Review]
"""Every review, by year and code."""
Found = dict[tuple[int, str], Households]
"""The households neither poor nor near-poor, by year and code."""
OUTSIDE = "other_increase"
"""Who comes by this movement was in no household of the last review."""


def identity(lot: Households) -> np.ndarray:
    """What tells each household from all others (n,)."""
    return lot.fates[:, 0]


def block(lot: Households) -> np.ndarray:
    """Each household's block, of which F12 counts the persons (n,): 0 Kinh, 1 DTTS native to the
    place, 2 DTTS who came."""
    return np.where(lot.flag("dtts"), np.where(lot.minority < len(LOCAL), 1, 2), 0)


# --- Who must be among them -----------------------------------------------------------------------


def bound(made: Made, year: int, code: str) -> Households:
    """Who left the lists at this review, and who comes onto them at the next."""
    lots = [left(made[year, code]), *coming(made, made[year, code].where, year + 1)]
    return people.together(lots)


def left(review: Review) -> Households:
    """The households that rose above both lines at a review."""
    lots = [moves["escaped_above"] for moves in review.moves.values()]
    return people.together([*lots, _nobody(review)])


def coming(made: Made, where: Place, year: int) -> list[Households]:
    """The households of a place that come onto the lists at a review, from among the others."""
    reviews = [review for (y, _), review in made.items() if y == year and review.moves]
    lots = [
        review.moves[state][name]
        for review in reviews
        for state in STATES
        for name in ENTERING[state]
        if name != OUTSIDE
    ]
    return [lot.rows(np.isin(lot.home, list(where.homes))) for lot in lots]


def _nobody(review: Review) -> Households:
    return review.stock["poor"].rows(np.empty(0, dtype=int))


# --- Year after year ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidates:
    """Households in the order in which they find room; the first have it by right.

    `held` counts those who must be there and keep their size; `known` also those whom a later
    year needs.
    """

    lot: Households
    held: int
    known: int


def everyone(seed: int, made: Made, population: Mapping[tuple[int, str], Counts]) -> Found:
    """The others of every unit and year: as F12 counts the population, less its poor."""
    found: Found = {}
    for (year, code), review in made.items():
        dice = stream(seed, "sample-register", "rest", code, year)
        before = people.together([_nobody(review), *_before(made, found, year, review)])
        candidates = _candidates(seed, made, (year, code), before, dice)
        needed = _needed(review, population[year, code])
        lot = _filled(review.where, candidates, needed, year, dice)
        lacks = mended(lot.lacking, lot.persons, lot.flag("no_labour"))
        found[year, code] = replace(lot, lacking=lacks)
    return found


def _before(made: Made, found: Found, year: int, review: Review) -> Iterator[Households]:
    """The others of the year before, of the unit or of those merged into it."""
    for (earlier, code), lot in found.items():
        if earlier == year - 1 and set(made[earlier, code].where.homes) <= set(review.where.homes):
            yield lot


def _needed(review: Review, population: Counts) -> np.ndarray:
    """Households and persons of each block (3, 2)."""
    rest = {item: population[item] - count for item, count in in_poverty(review).items()}
    both = ("households", "persons")
    kinh, dtts, local = ([rest[f"{n}_{b}"] for n in both] for b in ("kinh", "dtts", "local"))
    return np.array([kinh, local, np.subtract(dtts, local)])


def _candidates(
    seed: int, made: Made, key: tuple[int, str], before: Households, dice: np.random.Generator
) -> Candidates:
    """Those bound, those who come onto the lists in later years, then whoever was there."""
    year, review = key[0], made[key]
    every = _expected(seed, made, review.where)
    came = _risen(left(review), dice)
    by_year = [lot for later, lot in every.items() if later > year]
    soon = [lot for later, lot in every.items() if later == year + 1]
    known = people.together([came, *by_year])
    listed = [identity(lot) for later, lot in every.items() if later <= year]
    gone = np.concatenate([identity(known), *listed])
    stayed = before.rows(~np.isin(identity(before), gone))
    stayed = people.eased("not_poor", stayed.rows(dice.permutation(len(stayed))), dice)
    held = len(came) + sum(map(len, soon))
    return Candidates(people.together([known, stayed]), held, len(known))


def _expected(seed: int, made: Made, where: Place) -> dict[int, Households]:
    """Who will come onto the lists, by year, with what each lacks before: little, as the others."""
    lots: dict[int, Households] = {}
    for year in sorted({year for year, review in made}):
        found = coming(made, where, year)
        if found:
            lot = people.together(found)
            dice = stream(seed, "sample-register", "before", *where.homes, year)
            lots[year] = replace(lot, lacking=_lacking(where, len(lot), year, dice))
    return lots


def _lacking(where: Place, count: int, year: int, dice: np.random.Generator) -> np.ndarray:
    chances = people.chances_of_lacking(where, given.not_poor_lacking, year)
    return dice.random((count, len(Indicator))) < chances


def _risen(lot: Households, dice: np.random.Generator) -> Households:
    """Who leaves the lists lacks less than before, and nothing new."""
    kept = dice.random(lot.lacking.shape) < given.lacking_kept
    return replace(lot, lacking=lot.lacking & kept)


# --- As many, and as many persons, as the forms say -----------------------------------------------


def _filled(
    where: Place, candidates: Candidates, needed: np.ndarray, year: int, dice: np.random.Generator
) -> Households:
    """Of each block the first candidates that there is room for, then new households."""
    kind, parts = block(candidates.lot), []
    for number, (count, persons) in enumerate(needed):
        rows = np.flatnonzero(kind == number)[:count]
        fresh = _fresh(where, number, count - len(rows), persons / max(count, 1), year, dice)
        lot = people.together([candidates.lot.rows(rows), fresh])
        ranks = np.concatenate([rows, np.full(len(fresh), len(kind))])
        free = [ranks >= candidates.known, ranks >= candidates.held]
        parts.append(_with_persons(lot, persons, free, dice))
    return people.together(parts)


def _with_persons(
    lot: Households, total: int, free: list[np.ndarray], dice: np.random.Generator
) -> Households:
    """The same with so many persons in all, changing the first of these sets that can be.

    Raises:
        ValueError: none of them has room for it.
    """
    for own in free:
        sizes = resized(lot.persons, total, own, dice)
        if sizes is not None:
            return replace(lot, persons=sizes)
    raise ValueError(f"{len(lot)} households cannot be {total} persons")


def _fresh(
    where: Place, number: int, count: int, size: float, year: int, dice: np.random.Generator
) -> Households:
    """So many new households of a block."""
    dtts = np.full(count, number > 0)
    others = dice.random((count, 2)) < (given.no_labour["not_poor"], given.merit)
    groups = np.column_stack([dtts, others])[:, : len(GROUPS)]
    mean = np.where(groups[:, 1], given.size_no_labour, max(size, 1))
    persons = np.clip(1 + dice.poisson(mean - 1), 1, LARGEST)
    native = np.arange(len(MINORITIES)) < len(LOCAL)
    weights = np.where(native == (number < 2), where.minorities, 0)
    home = np.array(list(where.homes))[
        people.picked(list(where.homes.values()), dice.random(count))
    ]
    minority = people.picked(weights, dice.random(count))
    lacks = _lacking(where, count, year, dice)
    return Households(persons, groups, lacks, home, minority, dice.random((count, len(FATES))))


def resized(
    persons: np.ndarray, total: int, free: np.ndarray, dice: np.random.Generator
) -> np.ndarray | None:
    """Sizes that add up to a total: some households that are free grow or shrink by one.

    None where there is no room for it.
    """
    fixed, count = persons[~free].sum(), free.sum()
    if not fixed + count <= total <= fixed + LARGEST * count:
        return None
    sizes = persons.copy()
    while short := total - sizes.sum():
        step = np.sign(short)
        able = np.flatnonzero(free & (sizes + step >= 1) & (sizes + step <= LARGEST))
        sizes[dice.permutation(able)[: abs(short)]] += step
    return sizes


def average_living(persons: np.ndarray, rank: np.ndarray, count: int, total: int) -> np.ndarray:
    """So many households with so many persons: the first by rank, exchanged until it adds up.

    Raises:
        ValueError: no exchange brings the persons nearer.
    """
    chosen = np.zeros(len(persons), dtype=bool)
    chosen[np.argsort(rank)[:count]] = True
    while short := total - persons[chosen].sum():
        out, into = _exchange(persons, rank, chosen, short)
        chosen[out], chosen[into] = False, True
    return chosen


def _exchange(
    persons: np.ndarray, rank: np.ndarray, chosen: np.ndarray, short: int
) -> tuple[int, int]:
    """The pair whose sizes differ the most within what is short, nearest to the edge."""
    for step in range(min(abs(short), LARGEST - 1), 0, -1):
        wider = step * np.sign(short)
        for size in range(1, LARGEST + 1):
            inside = np.flatnonzero(chosen & (persons == size))
            outside = np.flatnonzero(~chosen & (persons == size + wider))
            if len(inside) and len(outside):
                return inside[rank[inside].argmax()], outside[rank[outside].argmin()]
    raise ValueError(f"no exchange of households for {short} persons")
