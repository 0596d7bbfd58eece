"""A year of a unit: who enters, who leaves and who crosses the line between the states."""

from __future__ import annotations

import households as people
import numpy as np
from assumptions import given
from households import Households, Place
from stocks import STATES, Counts

from povsim.streams import stream

Moves = dict[str, Households]
"""The households of every column of a flow form."""


def planned(opening: Counts, closing: Counts, dice: np.random.Generator) -> dict[str, Counts]:
    """How many households make each movement: small flows are drawn, escapes are what is left."""
    near = opening["near_poor"]
    others = opening["households"] - opening["poor"] - near
    fell = min(dice.poisson(near * given.near_poor_to_poor), near, closing["poor"])
    gone = min(dice.poisson(near * given.other), near - fell)
    poor = _planned_poor(opening["poor"], others, closing["poor"] - fell, dice)
    escaped = poor.pop("escaped")
    below = _planned_near(near - fell - gone, others, closing["near_poor"], escaped, dice)
    to_near = below.pop("poor_to_near_poor")
    crossing = {"escaped_to_near_poor": to_near, "escaped_above": escaped - to_near}
    return {
        "poor": crossing | poor,
        "near_poor": {"fell_to_poor": fell, "other_decrease": gone} | below,
    }


def _planned_poor(poor: int, others: int, room: int, dice: np.random.Generator) -> Counts:
    """The poor's movements; `room` is their closing stock without those who fell into it."""
    means = {
        "newly_poor": others * given.newly_poor,
        "relapsed": poor * given.relapsed,
        "other_increase": poor * given.other,
    }
    gone = min(dice.poisson(poor * given.other), poor)
    arrived = _arrivals(means, room, poor - gone, dice)
    escaped = poor - gone + sum(arrived.values()) - room
    return {"escaped": escaped, "other_decrease": gone, **arrived}


def _planned_near(
    staying: int, others: int, closing: int, escaped: int, dice: np.random.Generator
) -> Counts:
    """The near-poor's other movements, given how many escaped poverty, so that both forms close."""
    means = {
        "newly_near_poor": others * given.newly_near_poor,
        "relapsed": staying * given.relapsed,
        "other_increase": staying * given.other,
    }
    arrived = _arrivals(means, closing, staying + escaped, dice)
    room = closing - sum(arrived.values())
    chance = given.to_near_poor + given.to_near_poor_sd * dice.standard_normal()
    wanted = dice.binomial(escaped, min(max(chance, 0), 1))
    to_near = min(max(wanted, room - staying, 0), escaped, room)
    return {"escaped_above": staying + to_near - room, "poor_to_near_poor": to_near, **arrived}


def _arrivals(
    means: dict[str, float], room: int, staying: int, dice: np.random.Generator
) -> Counts:
    """Who comes from outside; the first kind fills the stock up where those staying cannot."""
    counts = {name: int(dice.poisson(mean)) for name, mean in means.items()}
    first, *rest = counts
    counts[first] = max(counts[first], room - staying - sum(counts[name] for name in rest))
    kept: Counts = {}
    for name, count in counts.items():
        kept[name] = min(count, room - sum(kept.values()))
    return kept


LEAVING = {
    "poor": ("escaped_to_near_poor", "escaped_above", "other_decrease"),
    "near_poor": ("fell_to_poor", "escaped_above", "other_decrease"),
}
ENTERING = {
    "poor": ("relapsed", "newly_poor", "other_increase"),
    "near_poor": ("relapsed", "newly_near_poor", "other_increase"),
}


def moved(
    where: Place,
    stock: dict[str, Households],
    plan: dict[str, Counts],
    year: int,
    dice: np.random.Generator,
    fates: np.random.Generator,
) -> dict[str, Moves]:
    """The very households behind every movement, so that persons follow households."""
    moves: dict[str, Moves] = {}
    for state in STATES:
        leaving = {name: plan[state][name] for name in LEAVING[state]}
        moves[state] = {"opening": stock[state]} | people.parted(stock[state], leaving, dice)
        for name in ENTERING[state]:
            moves[state][name] = people.drawn(where, state, plan[state][name], year, dice, fates)
    poor, near = moves["poor"], moves["near_poor"]
    poor["near_poor_to_poor"] = people.changed(where, "poor", near["fell_to_poor"], year, dice)
    near["poor_to_near_poor"] = people.changed(
        where, "near_poor", poor["escaped_to_near_poor"], year, dice
    )
    for state, crossing in (("poor", "near_poor_to_poor"), ("near_poor", "poor_to_near_poor")):
        staying = people.eased(state, moves[state].pop("staying"), dice)
        came = [moves[state][name] for name in (crossing, *ENTERING[state])]
        moves[state]["closing"] = people.together([staying, *came])
    return moves


SAME = {
    ("near_poor", "poor_to_near_poor"): ("poor", "escaped_to_near_poor"),
    ("poor", "near_poor_to_poor"): ("near_poor", "fell_to_poor"),
}
"""Movements that two forms tell of the same households, in the same order."""


def recorded(
    moves: dict[str, Moves], through: int, seed: int, *identity: object
) -> dict[str, Moves]:
    """The opening, and whoever of the year's movements was recorded by the end of a month.

    Every household has its one moment, so a later month holds all that an earlier one does.
    """
    found: dict[str, Moves] = {}
    for state in STATES:
        found[state] = {"opening": moves[state]["opening"]}
        lots = {n: lot for n, lot in moves[state].items() if n not in ("opening", "closing")}
        for name, lot in lots.items():
            whose = SAME.get((state, name), (state, name))
            moment = stream(seed, "sample-recorded", *identity, *whose).random(len(lot))
            found[state][name] = lot.rows(moment < given.recorded[through])
    return found


def of_homes(moves: dict[str, Moves], codes: list[str]) -> dict[str, Moves]:
    """The households of some old units among them."""
    return {
        state: {name: lot.rows(np.isin(lot.home, codes)) for name, lot in lots.items()}
        for state, lots in moves.items()
    }
