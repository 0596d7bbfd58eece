"""Packages in an order: households that get their lines together, as far as the money goes."""

from __future__ import annotations

from dataclasses import replace

import crowds
import numpy as np
import pytest
from crowds import ALL_MONEY, UNIT

from povsim import effects
from povsim.effects.homes import NO_LABOUR
from povsim.effects.living.coding import NUMBER
from povsim.scenarios import Offer, Scenario
from povsim.simulation import World, follow, run
from povsim.vocabulary import State

LINES = {line.id: line for line in effects.lines()}
TOILET, PHONE, CARD = (
    crowds.open_to_all(LINES[name], recent=False)
    for name in ("toilet", "devices", "health_insurance")
)
BOTH = ("toilet", "devices")
PEOPLE = crowds.crowd(400)


@pytest.fixture(scope="module")
def world() -> World:
    return crowds.world(PEOPLE, TOILET, PHONE, CARD, years=2)


def offered(*offers: Offer, **money: int) -> Scenario:
    """Offers of the first year, and households that each line's money pays for in both."""
    cost = {line.id: line.unit_cost for line in (TOILET, PHONE, CARD)}
    sums = {
        (name, year): round(count * cost[name])
        for name, count in money.items()
        for year in (2025, 2026)
    }
    return crowds.scenario(sums, offers={(UNIT, 2025): offers})


def poor(lacking: int, *lines: str, without_labour: bool | None = None) -> Offer:
    return Offer(State.POOR, lacking, without_labour, lines)


def lacking(*lines: str) -> np.ndarray:
    """Which poor households lack all that some lines are for."""
    bits = sum(LINES[line].bit for line in lines)
    mask = PEOPLE.mask
    return ((mask & bits) == bits) & (PEOPLE.state == 0)


def served(world: World, scenario: Scenario, line: str) -> np.ndarray:
    """Whom the first year's money reached (draw, household of the last review)."""
    return follow(world, UNIT, scenario)[0].served[line][:, : len(PEOPLE.mask)]


def test_a_package_reaches_the_same_households_with_all_its_lines(world):
    assert lacking(*BOTH).sum() > 6
    scenario = offered(poor(3, *BOTH), toilet=6, devices=6)
    toilets, phones = (served(world, scenario, line) for line in BOTH)
    assert (toilets.sum(axis=1) == 6).all()
    assert (toilets == phones).all()
    assert (toilets <= lacking(*BOTH)).all()
    alone = replace(scenario, offers={})
    assert (served(world, alone, "toilet") & served(world, alone, "devices")).sum() < 6


def test_what_comes_first_in_the_order_is_served_first(world):
    enough = int(lacking("toilet").sum())
    first = offered(poor(3, "toilet"), poor(3, *BOTH), toilet=enough, devices=50)
    last = offered(poor(3, *BOTH), poor(3, "toilet"), toilet=enough, devices=50)
    together = [
        (served(world, each, "toilet") & served(world, each, "devices")).sum(axis=1)
        for each in (first, last)
    ]
    assert (together[1] == min(50, lacking(*BOTH).sum())).all()
    assert (together[0] < together[1]).all()  # whoever has had an offer gets no other
    outcome = run(world, last)
    assert (outcome.reached[0, 0, 0] == enough).all()


def test_the_scarcest_line_ends_an_offer_and_the_rest_goes_by_rule(world):
    scenario = offered(poor(3, *BOTH), toilet=12, devices=4)
    toilets, phones = (served(world, scenario, line) for line in BOTH)
    assert (toilets.sum(axis=1) == 12).all()
    assert (phones.sum(axis=1) == 4).all()
    assert (phones <= toilets).all()


def test_an_offer_without_money_for_a_line_serves_nobody(world):
    scenario = offered(poor(3, *BOTH), toilet=12)
    assert np.array_equal(
        served(world, scenario, "toilet"), served(world, replace(scenario, offers={}), "toilet")
    )


@pytest.mark.parametrize("without", [True, False])
def test_labour_capacity_is_asked_where_it_matters(world, without):
    scenario = offered(poor(3, "toilet", without_labour=without), toilet=8)
    unable = (PEOPLE.groups & NO_LABOUR) > 0
    assert (served(world, scenario, "toilet") <= (unable == without)).all()


def test_an_offer_is_for_its_list_and_number_only(world):
    near = Offer(State.NEAR_POOR, 2, None, ("toilet",))
    reached = served(world, offered(near, toilet=9), "toilet")
    assert (reached <= ((PEOPLE.state == 1) & (NUMBER[PEOPLE.mask] == 2))).all()
    assert (reached.sum(axis=1) == 9).all()
    nobody = offered(poor(7, "toilet"), toilet=9)
    assert np.array_equal(
        served(world, nobody, "toilet"), served(world, replace(nobody, offers={}), "toilet")
    )


def test_whoever_holds_an_entitlement_has_it_renewed_before_anybody_is_offered_one(world):
    scenario = offered(health_insurance=15)
    scenario = replace(scenario, offers={(UNIT, 2026): (poor(3, "health_insurance"),)})
    years = follow(world, UNIT, scenario)
    places = len(PEOPLE.mask)
    first, second = (year.served["health_insurance"][:, :places] for year in years)
    held = (years[0].homes.held[:, :places] & CARD.bit) > 0
    listed = years[0].homes.stand[:, :places] <= 1
    assert (held & listed).any()
    assert (second >= (held & listed)).all()
    assert (first.sum(axis=1) == 15).all()


def test_all_the_money_there_is_serves_everybody_once(world):
    offers = (poor(3, *BOTH), poor(3, "toilet"), poor(3, "devices"))
    scenario = crowds.scenario(
        {(line, 2025): ALL_MONEY for line in BOTH}, offers={(UNIT, 2025): offers}
    )
    outcome = run(world, scenario)
    for at, line in enumerate((TOILET, PHONE)):
        able = ((PEOPLE.mask & line.bit) > 0).sum()
        assert (outcome.reached[at, 0, 0] == able).all()
        assert (outcome.tally.able[0, 0, :, at] == able).all()


def test_an_order_in_one_year_leaves_the_other_as_it_was(world):
    scenario = offered(poor(3, *BOTH), toilet=10, devices=10)
    late = replace(scenario, offers={(UNIT, 2026): (poor(3, *BOTH),)})
    plain = replace(scenario, offers={})
    assert np.array_equal(served(world, late, "toilet"), served(world, plain, "toilet"))
    assert not np.array_equal(
        follow(world, UNIT, late)[1].served["toilet"],
        follow(world, UNIT, plain)[1].served["toilet"],
    )
