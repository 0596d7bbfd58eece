"""What holds for any scenario: it closes, it repeats, it leaves alone what it does not touch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from povsim import Store, effects, outlook, study
from povsim import plan as plans
from povsim.effects import Targeting
from povsim.effects.living.coding import FIXED
from povsim.population import POOR_FROM
from povsim.scenarios import Item, Offer, Scenario
from povsim.simulation import Outcome, World, follow, run
from povsim.vocabulary import Flow, State

DRAWS = 40
LINES = [line.id for line in effects.lines()]
AT_ONCE = [line.id for line in effects.lines() if not line.lag]
LEAVING = {
    State.POOR: {Flow.ESCAPED_TO_NEAR_POOR, Flow.ESCAPED_ABOVE, Flow.OTHER_DECREASE},
    State.NEAR_POOR: {Flow.FELL_TO_POOR, Flow.ESCAPED_ABOVE, Flow.OTHER_DECREASE},
}
COMING = {
    State.POOR: {Flow.NEAR_POOR_TO_POOR, Flow.RELAPSED, Flow.NEWLY_POOR, Flow.OTHER_INCREASE},
    State.NEAR_POOR: {
        Flow.POOR_TO_NEAR_POOR,
        Flow.RELAPSED,
        Flow.NEWLY_NEAR_POOR,
        Flow.OTHER_INCREASE,
    },
}


@pytest.fixture(scope="module")
def world(sample_store: str) -> World:
    """Kon Rẫy from the review of 2023 on: two planned years and two more."""
    view = outlook(plans.load(), Store(sample_store).latest(), 2023, draws=DRAWS)
    return study.world(view, draws=DRAWS, tilts_drawn=4)


OFFER = st.builds(
    Offer,
    st.just(State.POOR),
    st.integers(3, 5),
    st.sampled_from([None, False]),
    st.lists(st.sampled_from(LINES), min_size=1, max_size=3, unique=True).map(tuple),
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(LINES),
        st.integers(0, 6),
        st.sampled_from([2024, 2025]),
        st.integers(-400, 1200),
        st.lists(OFFER, max_size=3).map(tuple),
    ),
    max_size=6,
)
"""More or less money for a line in a unit and year, and packages that are offered there."""
Changes = list[tuple[str, int, int, int, tuple[Offer, ...]]]
RULES = st.sampled_from(list(Targeting))


def changed(world: World, changes: Changes, rule: Targeting) -> Scenario:
    scenario = replace(world.current, targeting=rule, registered=0.3)
    for line, unit, year, million, offers in changes:
        scenario = scenario.with_more(Item(line, world.units[unit], year), million * 10**6)
        place = world.units[unit], year
        scenario = replace(scenario, offers={**scenario.offers, place: offers})
    return scenario


def same(one: Outcome, other: Outcome, units: list[int]) -> bool:
    pairs = zip(one.tally, other.tally, strict=True)
    return all(np.array_equal(a[units], b[units]) for a, b in pairs)


OFTEN = settings(max_examples=30, deadline=None, derandomize=True)


@OFTEN
@given(CHANGES, RULES)
def test_every_household_is_somewhere(world, changes, rule):
    """Conservation, in every draw: stocks and flows, all households, money and whom it served."""
    outcome = run(world, changed(world, changes, rule))
    units = world.stage.people.units
    stocks = {State.POOR: outcome.poor, State.NEAR_POOR: outcome.near_poor}
    firsts = {State.POOR: units["poor"], State.NEAR_POOR: units["listed"] - units["poor"]}
    for state, stock in stocks.items():
        for t in range(len(outcome.years)):
            before = stock[:, t - 1] if t else firsts[state][:, None]
            left, come = (
                sum(outcome.flows(state, flow)[:, t] for flow in flows[state])
                for flows in (LEAVING, COMING)
            )
            assert (before - left + come == stock[:, t]).all()
    moved = outcome.flows(State.POOR, Flow.ESCAPED_TO_NEAR_POOR)
    assert (moved == outcome.flows(State.NEAR_POOR, Flow.POOR_TO_NEAR_POOR)).all()
    assert (outcome.not_poor >= outcome.recently_escaped).all()
    assert (outcome.poor + outcome.near_poor + outcome.not_poor == outcome.households).all()
    assert (outcome.tally.lacking[..., 0, :].sum(axis=-1) >= POOR_FROM * outcome.poor).all()
    assert (outcome.spent <= outcome.budget[..., None]).all()
    assert sum(outcome.unspent_why().values()) == pytest.approx(outcome.unspent)
    assert (sum(outcome.reached_by_depth().values()) == outcome.reached.sum(axis=0)).all()


@OFTEN
@given(CHANGES, RULES)
def test_a_unit_that_is_left_alone_is_the_same(world, changes, rule):
    """Common random numbers: only what a policy touches differs."""
    touched = {unit for _, unit, *_ in changes}
    base = changed(world, [], rule)
    others = [unit for unit in range(len(world.units)) if unit not in touched]
    assert same(run(world, base), run(world, changed(world, changes, rule)), others)


@OFTEN
@given(CHANGES, RULES)
def test_the_current_plan_is_the_baseline_whatever_it_is(world, changes, rule):
    """Any plan may be today's: it meets the projection to the household, and lived again under the
    bars that it set it changes nothing."""
    assume(changes)
    today = replace(world, current=changed(world, changes, rule))
    outcome, projected = run(today), world.histories.projection.households
    assert (outcome.poor == projected[0]).all()
    assert (outcome.near_poor == projected[1]).all()
    again = today.lived(today.policy(today.current), today.base[0], FIXED)[1]
    assert all(np.array_equal(*pair) for pair in zip(again, outcome.tally, strict=True))


@OFTEN
@given(CHANGES, RULES, st.permutations(range(7)), st.permutations(range(len(LINES))))
def test_names_matter_and_places_do_not(world, changes, rule, units, lines):
    """Relabelling: units and lines in another order are the same units and lines."""
    made = world.histories.projection
    turned = replace(
        made,
        units=tuple(made.units[at] for at in units),
        households=made.households[:, list(units)],
    )
    other = replace(
        world,
        histories=replace(world.histories, projection=turned),
        lines=[world.lines[at] for at in lines],
    )
    scenario = changed(world, changes, rule)
    one, two = run(world, scenario), run(other, scenario)
    assert np.array_equal(one.tally.stands[list(units)], two.tally.stands)
    served = one.tally.served[list(units)][..., list(lines), :]
    assert np.array_equal(served, two.tally.served)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sampled_from(AT_ONCE),
    st.integers(0, 6),
    RULES,
    st.tuples(st.integers(-300, 900), st.integers(-300, 900)),
)
def test_more_for_one_line_never_harms_in_its_year(world, line, unit, rule, millions):
    """Restricted monotonicity: one line, one year, where its effect is not below nought.

    Nothing of the kind holds over years, where whoever escapes loses entitlements, nor between
    lines.
    """
    plans = (changed(world, [(line, unit, 2024, m, ())], rule) for m in sorted(millions))
    few, many = (follow(world, world.units[unit], plan)[0] for plan in plans)
    good = world.sizes(line) >= 0
    harmed = (many.homes.poor & ~few.homes.poor)[good]
    assert not harmed.any()
    both = (many.homes.poor & few.homes.poor)[good]
    assert (many.homes.number[good][both] <= few.homes.number[good][both]).all()
