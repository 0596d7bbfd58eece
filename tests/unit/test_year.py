"""A year of households: the projection met to the household, each move for its own reason."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import crowds
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import Store, effects, outlook, registers, study
from povsim import plan as plans
from povsim.effects import Homes, Stand
from povsim.effects.critical import ARRIVE, COARSE, END, distributions, quantiles
from povsim.effects.homes import NO_LABOUR
from povsim.effects.living.coding import CELLS as CELL_NAMES
from povsim.effects.living.coding import ENTERED_AT, FIXED
from povsim.effects.living.moving import quantile
from povsim.findings import Refusal
from povsim.population import of_register
from povsim.scenarios import NOTHING, Item, Scenario
from povsim.simulation import Followed, Outcome, Unspent, World, follow, opening, run
from povsim.trajectory import Model, Projection, Source, histories_behind
from povsim.vocabulary import Flow, Indicator, State

DRAWS = 400
REGISTERS = Path(__file__).parents[2] / "data" / "sample" / "register"
COLUMNS = ("stand", "mask", "held", "groups", "causes")
TOILET = 1 << list(Indicator).index(Indicator.TOILET)


@pytest.fixture(scope="module")
def world(sample_store: str) -> World:
    """Kon Rẫy after the review of 2023, two years ahead."""
    view = outlook(plans.load(), Store(sample_store).latest(), 2023, draws=DRAWS)
    return study.world(view, draws=DRAWS, tilts_drawn=5)


def units(world: World) -> tuple[str, ...]:
    return world.units


@cache
def lived(world: World, unit: str) -> list[Followed]:
    """The years of a unit under the current plan."""
    return follow(world, unit)


def same(one: Homes, other: Homes) -> bool:
    return all((getattr(one, name) == getattr(other, name)).all() for name in COLUMNS)


def more(world: World, millions: int, *chosen: str) -> Scenario:
    """The current plan and so many millions more (or fewer) for toilets in some units."""
    scenario = world.current
    for unit in chosen or units(world):
        scenario = scenario.with_more(Item("toilet", unit, 2024), millions * 1_000_000)
    return scenario


# The baseline


def test_every_draw_of_the_projection_is_met_to_the_household(world):
    """Mean, width, and every draw between: stocks and all cells of F2 and F3."""
    projected, outcome = world.histories.projection.households, run(world)
    assert (outcome.poor == projected[0]).all()
    assert (outcome.near_poor == projected[1]).all()
    assert (outcome.not_poor == projected[2]).all()


CELLS = {
    (State.POOR, Flow.ESCAPED_TO_NEAR_POOR): (Source.POOR, 0),
    (State.POOR, Flow.ESCAPED_ABOVE): (Source.POOR, 1),
    (State.POOR, Flow.NEAR_POOR_TO_POOR): (Source.NEAR_POOR, 0),
    (State.POOR, Flow.RELAPSED): (Source.RECENTLY_ESCAPED, 0),
    (State.POOR, Flow.NEWLY_POOR): (Source.NOT_POOR, 0),
    (State.POOR, Flow.OTHER_INCREASE): (Source.ARRIVALS, 0),
    (State.NEAR_POOR, Flow.ESCAPED_ABOVE): (Source.NEAR_POOR, 1),
    (State.NEAR_POOR, Flow.OTHER_DECREASE): (Source.NEAR_POOR, 2),
    (State.NEAR_POOR, Flow.RELAPSED): (Source.RECENTLY_ESCAPED, 1),
    (State.NEAR_POOR, Flow.NEWLY_NEAR_POOR): (Source.NOT_POOR, 1),
    (State.NEAR_POOR, Flow.OTHER_INCREASE): (Source.ARRIVALS, 1),
}


def test_the_cells_are_the_movements_that_were_drawn(world):
    outcome = run(world)
    for u, unit in enumerate(units(world)):
        for t, drawn in enumerate(world.histories.moves[unit]):
            for cell, (source, k) in CELLS.items():
                assert (outcome.flows(*cell)[u, t] == drawn.counts[source][k]).all(), cell
            gone = drawn.counts[Source.POOR][2] + drawn.structural_gone
            assert (outcome.flows(State.POOR, Flow.OTHER_DECREASE)[u, t] == gone).all()


def closes(outcome: Outcome, s: int, state: State, leaving: set[Flow]) -> None:
    """Stocks of a list are those before, less who left, and who came: in every draw."""
    stock = (outcome.poor, outcome.near_poor)[s]
    units_ = outcome.world.stage.people.units
    first = units_["poor"] if s == 0 else units_["listed"] - units_["poor"]
    for t in range(len(outcome.years)):
        before = stock[:, t - 1] if t else first[:, None]
        moved = {flow: outcome.flows(state, flow)[:, t] for st, flow in CELL_NAMES if st is state}
        left = sum(moved[flow] for flow in leaving)
        come = sum(moved[flow] for flow in moved.keys() - leaving)
        assert (before - left + come == stock[:, t]).all()


def test_every_scenario_closes_as_the_forms_do(world):
    """Conservation: F2 and F3 balance, and what one counts out the other counts in."""
    for scenario in (world.current, more(world, 500), more(world, -10_000)):
        outcome = run(world, scenario)
        gone = {Flow.ESCAPED_TO_NEAR_POOR, Flow.ESCAPED_ABOVE, Flow.OTHER_DECREASE}
        closes(outcome, 0, State.POOR, gone)
        gone = {Flow.FELL_TO_POOR, Flow.ESCAPED_ABOVE, Flow.OTHER_DECREASE}
        closes(outcome, 1, State.NEAR_POOR, gone)
        fell = outcome.flows(State.NEAR_POOR, Flow.FELL_TO_POOR)
        assert (fell == outcome.flows(State.POOR, Flow.NEAR_POOR_TO_POOR)).all()
        improved = outcome.flows(State.NEAR_POOR, Flow.POOR_TO_NEAR_POOR)
        assert (improved == outcome.flows(State.POOR, Flow.ESCAPED_TO_NEAR_POOR)).all()
        whole = outcome.poor + outcome.near_poor + outcome.not_poor
        assert (whole == outcome.households).all()


def test_by_chance_alone_as_many_move_within_the_monte_carlo_error(world):
    """Bars at the chances, not at the counts: the first year's poor and near-poor, all units.

    The draws share their chances with the projection, so the errors are those of counts given a
    chance: at most binomial in both, four standard errors allowed for fourteen comparisons.
    """
    by_chance = run(replace(world, exactly=False, current=NOTHING, seed=9))
    told = world.histories.projection.households
    for s, counts in enumerate((by_chance.poor[:, 0], by_chance.near_poor[:, 0])):
        difference = counts - told[s, :, 0]
        error = difference.std(axis=1) / np.sqrt(world.draws)
        assert (abs(difference.mean(axis=1)) < 4 * error).all()
        width = counts.std(axis=1) / told[s, :, 0].std(axis=1)
        assert width == pytest.approx(1.0, rel=4 * np.sqrt(1 / world.draws))


def test_states_keep_their_rule(world):
    for unit in units(world):
        for year in lived(world, unit):
            homes = year.homes
            assert homes.known[homes.poor | homes.near_poor].all()
            assert (homes.number[homes.poor] >= 3).all()
            assert (homes.number[homes.near_poor] < 3).all()
            assert not (homes.mask[homes.known] & homes.held[homes.known]).any()


# Each move for its own reason


def before_and_after(world: World, unit: str) -> tuple[Homes, Homes]:
    homes, after = opening(world, unit), lived(world, unit)[0].homes
    places = homes.stand.shape[1]
    assert (after.household[:, :places] == homes.household).all()
    columns = {name: getattr(after, name)[:, :places] for name in COLUMNS}
    return homes, replace(after, household=homes.household, **columns)


def test_to_the_near_poor_by_deprivations_and_above_by_income(world):
    for unit in units(world):
        homes, after = before_and_after(world, unit)
        improved = homes.poor & after.near_poor
        risen = homes.poor & (after.stand == Stand.OUT_1)
        assert improved.any()
        assert (after.number[improved] == 2).mean() > 0.9
        assert not (after.mask[improved] & ~homes.mask[improved]).any()
        worse = homes.near_poor & after.poor
        assert (after.number[worse] == 3).all()
        relieved = lived(world, unit)[0].relieved[:, : homes.stand.shape[1]]
        assert not (homes.mask & ~after.mask & ~relieved)[worse].any()
        assert (after.mask[risen] == (homes.mask & ~relieved)[risen]).all()


def test_who_lacks_few_escapes_to_the_near_poor_more_often(world):
    shares = []
    for low, high in ((3, 3), (4, 5), (6, 12)):
        at_risk = moved = 0
        for unit in units(world):
            homes, after = before_and_after(world, unit)
            rows = homes.poor & ~homes.structural & (homes.number >= low) & (homes.number <= high)
            at_risk += rows.sum()
            moved += (rows & after.near_poor).sum()
        shares.append(moved / at_risk)
    assert shares[0] > 1.5 * shares[1] > 2 * shares[2]


def test_without_labour_capacity_a_household_leaves_by_lines_alone(world):
    """It never rises by income; who of them is near-poor now was served by a line."""
    for unit in units(world):
        homes, after = before_and_after(world, unit)
        stuck = homes.structural
        assert not (stuck & (after.stand == Stand.OUT_1)).any()
        left = stuck & after.near_poor
        relieved = lived(world, unit)[0].relieved[:, : homes.stand.shape[1]]
        assert (relieved[left] > 0).all()


def test_years_out_are_counted(world):
    unit = units(world)[0]
    first, second, *_ = lived(world, unit)
    was, now = first.homes.stand, second.homes.stand.copy()
    now[was == Stand.GONE] = Stand.GONE  # empty places that entrants take later
    for before, after in ((Stand.OUT_1, Stand.OUT_2), (Stand.OUT_3, Stand.OUT)):
        kept = (was == before) & (now != Stand.POOR) & (now != Stand.NEAR_POOR)
        assert (now[kept] == after).all()
    back = (was <= Stand.NEAR_POOR) & (now >= Stand.OUT_2) & (now < Stand.GONE)
    assert not back.any()


def test_entrants_are_drawn_from_the_lists_and_can_work(world):
    for unit in units(world):
        for year in lived(world, unit):
            homes = year.homes
            new = homes.household >= ENTERED_AT
            assert new.any()
            assert not (homes.groups[new] & NO_LABOUR).any()
            assert (homes.number[new & homes.poor] >= 3).all()


# Scenarios


def alike(one: Outcome, other: Outcome, unit: int | slice = slice(None)) -> bool:
    """Whether everything that is counted is the same in some units."""
    pairs = zip(one.tally, other.tally, strict=True)
    return all(np.array_equal(a[unit], b[unit]) for a, b in pairs)


def test_the_current_plan_lived_again_changes_nothing_to_the_household(world):
    """Not by being recognised: under the bars that are read instead of set."""
    again = world.lived(world.policy(world.current), world.base[0], FIXED)[1]
    assert all(np.array_equal(*pair) for pair in zip(again, run(world).tally, strict=True))


def test_a_unit_that_is_not_touched_is_the_same_in_both(world):
    base, changed = run(world), run(world, more(world, 1000, units(world)[0]))
    assert not alike(base, changed, 0)
    assert alike(base, changed, slice(1, None))


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_same_on_any_number_of_processes(world, workers):
    """Bars set and scenarios lived elsewhere: nothing depends on where and in which order."""
    scenario = more(world, 300)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        elsewhere = replace(world, executor=executor)
        assert alike(run(world), run(elsewhere))
        assert alike(run(world, scenario), run(elsewhere, scenario))


def test_a_draw_is_the_same_however_many_there_are(world):
    """A world of the first hundred draws holds the first hundred of all."""
    few = world.of_draws(100)
    told, all_of_them = run(few, more(few, 300)), run(world, more(world, 300))
    for one, other in zip(told.tally, all_of_them.tally, strict=True):
        assert np.array_equal(one, other[:, :, :100])


def test_units_in_another_order_are_the_same_units(world):
    """Relabelling: luck belongs to a unit's identity, not to its place."""
    order = [3, 0, 6, 1, 5, 2, 4]
    projection = world.histories.projection
    turned = replace(
        projection,
        units=tuple(projection.units[at] for at in order),
        households=projection.households[:, order],
    )
    other = replace(world, histories=replace(world.histories, projection=turned))
    one, two = run(world, more(world, 300)), run(other, more(world, 300))
    for mine, theirs in zip(one.tally, two.tally, strict=True):
        assert np.array_equal(mine[order], theirs)


def test_a_renamed_line_is_another_line_s_luck_and_nothing_else(world):
    """Lines in another order are the same lines."""
    other = replace(world, lines=tuple(reversed(world.lines)))
    one, two = run(world, more(world, 300)), run(other, more(world, 300))
    assert np.array_equal(one.tally.stands, two.tally.stands)
    assert np.array_equal(one.tally.served, two.tally.served[..., ::-1, :])


def test_who_is_not_served_in_either_fares_the_same(world):
    """In the first year, within a unit that gets more of one line."""
    unit = units(world)[5]
    base, changed = lived(world, unit)[0], follow(world, unit, more(world, 300))[0]
    aided = (base.relieved ^ changed.relieved) > 0
    assert aided.any()
    for name in COLUMNS:
        one, other = (getattr(each.homes, name) for each in (base, changed))
        assert (one == other)[~aided].all()


@cache
def _some(world: World, unit: str, millions: int) -> Homes:
    return follow(world, unit, more(world, millions))[0].homes


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(-200, 600), st.integers(-200, 600), st.integers(0, 6))
def test_more_for_one_line_never_harms_in_its_first_year(world, one, other, at):
    """One line, one year, θ not below nought: no household is poor with more that was not with
    less.
    """
    unit = units(world)[at]
    few, many = (_some(world, unit, millions) for millions in sorted((one, other)))
    assert not (many.poor & ~few.poor).any()
    assert (many.number[many.poor & few.poor] <= few.number[many.poor & few.poor]).all()


def test_nobody_is_served_by_a_line_while_waiting_for_it(world):
    """Houses paid in 2023 and 2024 show in 2024 and 2025: whoever waits is served once."""
    unit = units(world)[0]
    houses = {Item("housing_quality", unit, year): 600_000_000 for year in (2023, 2024, 2025)}
    spending = replace(world, current=replace(world.current, amounts=houses))
    first, second, *_ = follow(spending, unit)
    seen = np.isfinite(first.strength["housing_quality"])
    assert seen.any()
    assert first.served["housing_quality"].any()
    assert not (seen & first.served["housing_quality"]).any()
    both = first.served["housing_quality"] & second.served["housing_quality"]
    assert not both.any()


def test_money_is_never_overspent_and_what_is_left_has_a_reason(world):
    for scenario in (world.current, more(world, 900), more(world, -10_000)):
        outcome = run(world, scenario)
        assert (outcome.spent <= outcome.budget[..., None]).all()
        why = outcome.unspent_why()
        assert sum(why.values()) == pytest.approx(outcome.unspent)
        assert outcome.budget.sum() > 0


def test_why_money_stays(world):
    """Toilets: forty a unit and year at most; insurance: no more than lack it."""
    unit, names = units(world)[0], [line.id for line in world.lines]
    item = Item("health_insurance", unit, 2024)
    outcome = run(world, more(world, 5000, unit).with_more(item, 10**10 + 1))
    why = outcome.unspent_why()
    for line, reason in (("toilet", "capacity"), ("health_insurance", "nobody")):
        left = {each: money[names.index(line), 0, 0] for each, money in why.items()}
        assert (left[Unspent(reason)] > 10**9).all()
        assert sum(left.values()) == pytest.approx(left[Unspent(reason)])
    assert (outcome.reached[names.index("toilet"), 0, 0] == 40).all()
    unspent = why[Unspent.REMAINDER][:, 1, 0]
    assert (unspent < [[line.unit_cost] for line in world.lines]).all()


def test_a_register_s_households_are_lived_where_one_is_given(sample_store):
    view = outlook(plans.load(), Store(sample_store).latest(), 2024, draws=100)
    held = registers.read(REGISTERS / "2024", 2024)
    made = study.world(view, register=held, draws=50)
    known = of_register(held, 2024)
    for unit in units(made):
        of_unit = known.unit == known.units.index(unit)
        assert (opening(made, unit).mask[7, : of_unit.sum()] == known.mask[of_unit]).all()
    assert (run(made).poor == made.histories.projection.households[0]).all()


def test_a_register_that_is_not_the_forms_is_refused(sample_store):
    view = outlook(plans.load(), Store(sample_store).latest(), 2024, draws=50)
    with pytest.raises(Refusal) as caught:
        study.world(view, register=registers.read(REGISTERS / "2023", 2023), draws=50)
    assert {finding.rule for finding in caught.value.findings} == {"world_register"}


def test_where_counts_alone_carry_the_forecast_its_draws_are_met_too(sample_store):
    """Who moved is assumed then; the stocks of every draw, unit and year are the projection's."""
    view = outlook(plans.load(), Store(sample_store).latest(), 2022, draws=DRAWS)
    assert view.forecast is not None
    assert view.forecast.used is Model.STOCK
    behind = study.world(view, draws=200, tilts_drawn=3)
    projected = view.forecast.projection.households[..., :200]
    assert (run(behind).poor == projected[0]).all()
    assert (run(behind).near_poor == projected[1]).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.02, 0.2, 0.9]))
def test_movements_behind_counts_close_whatever_the_counts(seed, rate):
    rng = np.random.default_rng(seed)
    households = 300
    poor = rng.binomial(households, rate, (4, 50))
    near = rng.binomial(households - poor, 0.2)
    last = (int(poor[0, 0]), int(near[0, 0]), households)
    states = np.stack([poor[1:], near[1:], households - poor[1:] - near[1:]])[:, None]
    made = Projection(("u",), (2023, 2024, 2025), 2022, states, {})
    was = [np.full(50, n) for n in last[:2]]
    for h, moved in enumerate(histories_behind(made, {"u": last}, seed=1).moves["u"]):
        counts = moved.counts
        assert all((each >= 0).all() for each in counts.values())
        left, fell = counts[Source.POOR].sum(axis=0), counts[Source.NEAR_POOR][0]
        come = counts[Source.RECENTLY_ESCAPED] + counts[Source.NOT_POOR]
        come = come + counts[Source.ARRIVALS]
        assert (left <= was[0]).all()
        assert (was[0] - left + fell + come[0] == states[0, 0, h]).all()
        gone = counts[Source.NEAR_POOR].sum(axis=0)
        assert (gone <= was[1]).all()
        near_after = was[1] - gone + counts[Source.POOR][0] + come[1]
        assert (near_after == states[1, 0, h]).all()
        for source in (Source.POOR, Source.NEAR_POOR, Source.NOT_POOR):
            assert (moved.shares[source].sum(axis=0) < 1).all()
        was = [states[0, 0, h], states[1, 0, h]]


# Edges


@pytest.mark.parametrize(("places", "poor"), [(0, 0.5), (1, 1.0), (1, 0.0), (3, 1.0), (40, 0.0)])
def test_lists_that_are_empty_or_nearly_are_lived(places, poor):
    """Nobody poor, nobody near-poor, nobody at all: whoever comes keeps the rule of its list."""
    made = crowds.world(crowds.crowd(places, poor=poor), *effects.lines(), years=3, coming=2)
    spent = crowds.scenario({("toilet", 2025): 10**10, ("livelihood", 2026): 10**10})
    projected = made.histories.projection.households
    assert (run(made).poor == projected[0]).all()
    assert (run(made).near_poor == projected[1]).all()
    assert (run(made, spent).poor <= projected[0]).all()
    last = follow(made, crowds.UNIT, spent)[-1].homes
    assert (last.number[last.poor] >= 3).all()
    assert (last.number[last.near_poor] < 3).all()


def test_a_world_without_lines_or_with_one_draw_is_lived(world):
    bare = replace(world, lines=(), current=NOTHING)
    assert (run(bare).poor == world.histories.projection.households[0]).all()
    assert run(bare).creaming().tolist() == [0.0] * world.draws
    assert run(world.of_draws(1)).poor.shape[-1] == 1


# Critical values


@pytest.mark.parametrize("spare", [END, ARRIVE])
@pytest.mark.parametrize("needed", [1, 2, 3])
def test_a_critical_value_is_the_order_statistic_of_its_deprivations(spare, needed):
    """By simulation: the needed-th smallest of needed + spare − 1 uniform numbers."""
    rng = np.random.default_rng(1)
    drawn = np.sort(rng.random((200_000, needed + spare - 1)), axis=1)[:, needed - 1]
    for level in (0.05, 0.3, 0.5, 0.9):
        told = quantile(quantiles(spare), needed, level)
        assert told == pytest.approx(np.quantile(drawn, level), abs=0.005)


@pytest.mark.parametrize("spare", [END, ARRIVE])
def test_at_a_chance_the_share_moves_that_the_table_says(spare):
    luck = np.random.default_rng(2).random(5_000)
    for needed in (1, 3, 6):
        values = np.array([quantile(quantiles(spare), needed, each) for each in luck])
        for at in (20, 90, 180):
            share = distributions(spare)[needed, at]
            assert (values < COARSE[at]).mean() == pytest.approx(share, abs=0.03)


def test_whoever_needs_none_moves_whatever_the_chance():
    assert (distributions(END)[0] == 1).all()
