"""A unit's review: its stocks drawn for the first time, or moved on from the last review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import households as people
import numpy as np
from assumptions import given
from households import GROUPS, Households, Place
from moves import Moves, moved, planned
from stocks import STATES, Counts, apportioned, capped
from traits import blocks


@dataclass(frozen=True)
class Dice:
    """The two streams of one review: what was always drawn, and the traits that came later."""

    counts: np.random.Generator
    fates: np.random.Generator


@dataclass(frozen=True)
class Review:
    """One unit's review: F1's counts, the households of each state, and who moved since the last.

    `moves` maps a state to the households of every column of its flow form; empty in 2021.
    """

    where: Place
    counts: Counts
    stock: dict[str, Households]
    moves: dict[str, Moves]


def first(where: Place, closing: Counts, dtts_poor: int | None, dice: Dice) -> Review:
    """The review of 2021; `dtts_poor` fixes how many of the poor are DTTS."""
    stock = {
        state: people.drawn(where, state, closing[state], 2021, dice.counts, dice.fates)
        for state in STATES
    }
    if dtts_poor is not None:
        stock["poor"] = _with_dtts(stock["poor"], dtts_poor)
    return Review(where, _f1(where, closing, stock, dice.counts), stock, {})


def _with_dtts(lot: Households, count: int) -> Households:
    groups = lot.groups.copy()
    groups[:, GROUPS.index("dtts")] = np.arange(len(lot)) < count
    return replace(lot, groups=groups)


def following(where: Place, before: list[Review], closing: Counts, year: int, dice: Dice) -> Review:
    """The review that makes these households of these ones, of one unit or of those merged."""
    stock = {state: people.together(part.stock[state] for part in before) for state in STATES}
    opening = sums([part.counts for part in before])
    plan = planned(opening, closing, dice.counts)
    moves = moved(where, stock, plan, year, dice.counts, dice.fates)
    stock = {state: moves[state]["closing"] for state in STATES}
    return Review(where, _f1(where, closing, stock, dice.counts), stock, moves)


def sums(counts: list[Counts]) -> Counts:
    """The counts of several units as one's."""
    return {item: sum(count[item] for count in counts) for item in counts[0]}


def _f1(
    where: Place, closing: Counts, stock: dict[str, Households], dice: np.random.Generator
) -> Counts:
    """All of F1: whoever is not poor makes up the unit's persons."""
    persons = {f"{state}_persons": int(stock[state].persons.sum()) for state in STATES}
    others = closing["households"] - closing["poor"] - closing["near_poor"]
    size = given.size["all"] * where.size * np.exp(0.003 * dice.standard_normal())
    # Where nearly all are poor the rest may be few: two a household at the very least.
    rest = max(round(closing["households"] * size) - sum(persons.values()), 2 * others)
    farming = round(others * given.average_living * np.exp(0.04 * dice.standard_normal()))
    return {
        **closing,
        **persons,
        "persons": rest + sum(persons.values()),
        "average_living": farming,
        "average_living_persons": round(rest * farming / others) if others else 0,
    }


# --- The whole population: Kinh, DTTS and those of them native to the place ----------------------


def populations(
    reviews: Mapping[str, Review], dtts: int, bound: Mapping[str, Households] | None = None
) -> dict[str, Counts]:
    """What F12 and F13 say of everybody, by unit; DTTS households add up to `dtts` where they can.

    The poor and near-poor are known one by one; the others are shared out so that each unit
    comes near its share of DTTS. `bound` are known to be among the others, and must find room.
    """
    bound = bound or {}
    others = {code: _others(review)["households"] for code, review in reviews.items()}
    known = {code: in_poverty(review)["households_dtts"] for code, review in reviews.items()}
    wanted = {
        code: max(review.where.all_dtts * review.counts["households"] - known[code], 0.5)
        for code, review in reviews.items()
    }
    least = {code: _bound(bound.get(code))["dtts"][0] for code in reviews}
    most = {code: others[code] - _bound(bound.get(code))["kinh"][0] for code in reviews}
    left = min(max(dtts - sum(known.values()), 0), sum(others.values()))
    shared = capped(left, wanted, most, least)
    return {
        code: sums([in_poverty(review), _split(review, shared[code], _bound(bound.get(code)))])
        for code, review in reviews.items()
    }


def in_poverty(review: Review) -> Counts:
    """The poor and the near-poor together, household by household."""
    lot = people.together(review.stock.values())
    flags = blocks(lot)
    households = {f"households_{name}": int(flag.sum()) for name, flag in flags.items()}
    persons = {f"persons_{name}": int(lot.persons[flag].sum()) for name, flag in flags.items()}
    return households | persons


def _others(review: Review) -> Counts:
    """Households and persons neither poor nor near-poor."""
    counts = review.counts
    return {
        "households": counts["households"] - sum(counts[state] for state in STATES),
        "persons": counts["persons"] - sum(counts[f"{state}_persons"] for state in STATES),
    }


Bound = dict[str, tuple[int, int]]
"""Households and persons that must find room: `kinh`, `dtts`, and of these `local` and `came`."""


def _bound(lot: Households | None) -> Bound:
    if lot is None:
        return dict.fromkeys(("kinh", "dtts", "local", "came"), (0, 0))
    flags = blocks(lot)
    flags["came"] = flags["dtts"] & ~flags["local"]
    return {name: (int(f.sum()), int(lot.persons[f].sum())) for name, f in flags.items()}


def _split(review: Review, dtts: int, bound: Bound) -> Counts:
    """The others when so many households are DTTS: persons by size, natives by their share."""
    whole = _others(review)
    kinh = whole["households"] - dtts
    weights = {"kinh": float(kinh), "dtts": dtts * given.dtts_size}
    wanted = apportioned(whole["persons"], weights)["kinh"] if whole["households"] else 0
    sizes = [_sizes(kinh, bound["kinh"]), _sizes(dtts, bound["dtts"])]
    persons_kinh = _fitting(wanted, whole["persons"], *sizes)
    persons = whole["persons"] - persons_kinh
    share = float(review.where.minorities[: len(people.LOCAL)].sum())
    rooms = [(bound[name][0], dtts) for name in ("local", "came")]
    local = _fitting(round(dtts * share), dtts, *rooms)
    sizes = [_sizes(local, bound["local"]), _sizes(dtts - local, bound["came"])]
    native = _fitting(round(persons * local / dtts) if dtts else 0, persons, *sizes)
    return {
        "households_kinh": kinh,
        "households_dtts": dtts,
        "households_local": local,
        "persons_kinh": persons_kinh,
        "persons_dtts": persons,
        "persons_local": native,
    }


def _sizes(households: int, bound: tuple[int, int]) -> tuple[int, int]:
    """The fewest and the most persons that so many households can be, with those bound."""
    known, persons = bound
    free = households - known
    return persons + free, persons + free * people.LARGEST


def _fitting(wanted: int, whole: int, own: tuple[int, int], rest: tuple[int, int]) -> int:
    """A part of a whole, as near to the wanted as both parts have room for."""
    low, high = max(own[0], whole - rest[1]), min(own[1], whole - rest[0])
    return max(min(wanted, high), low)
