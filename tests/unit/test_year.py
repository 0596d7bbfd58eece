"""A year of households: the projection met to the household, each move for its own reason."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import Store, outlook, registers, study
from povsim import plan as plans
from povsim.effects import Aid, Homes, Pool, Setting, Spending, Stand, live
from povsim.effects.critical import ARRIVE, END, critical, to_bar
from povsim.effects.homes import NO_LABOUR
from povsim.findings import Refusal
from povsim.population import of_register
from povsim.simulation import World, Year
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
    return world.histories.projection.units


def same(one: Homes, other: Homes) -> bool:
    return all((getattr(one, name) == getattr(other, name)).all() for name in COLUMNS)


def spent(world: World, **more: int) -> Spending:
    """The current spending and so many millions more of a line, in every unit and year."""
    amounts = dict(world.current.amounts)
    for line, millions in more.items():
        for unit in units(world):
            for year in (2024, 2025):
                key = (line, unit, year)
                amounts[key] = max(amounts.get(key, 0) + millions * 1_000_000, 0)
    return replace(world.current, amounts=amounts)


# The baseline


def test_every_draw_of_the_projection_is_met_to_the_household(world):
    """Mean, width, and every draw between: stocks and all cells of F2 and F3."""
    projected = world.histories.projection.households
    for u, unit in enumerate(units(world)):
        for h, year in enumerate(world.lived(unit)):
            homes = year.lived.homes
            assert (homes.poor.sum(axis=1) == projected[0, u, h]).all()
            assert (homes.near_poor.sum(axis=1) == projected[1, u, h]).all()


def test_the_cells_are_the_movements_that_were_drawn(world):
    cells = {
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
    for unit in units(world):
        for drawn, year in zip(world.histories.moves[unit], world.lived(unit), strict=True):
            lived = year.lived.cells
            for cell, (source, k) in cells.items():
                assert (lived[cell] == drawn.counts[source][k]).all(), cell
            gone = drawn.counts[Source.POOR][2] + drawn.structural_gone
            assert (lived[State.POOR, Flow.OTHER_DECREASE] == gone).all()
            # What one form counts out the other counts in (F2.2 = F3.5, F2.5 = F3.2).
            fell, improved = (State.NEAR_POOR, Flow.FELL_TO_POOR), Flow.POOR_TO_NEAR_POOR
            assert (lived[fell] == lived[State.POOR, Flow.NEAR_POOR_TO_POOR]).all()
            there = lived[State.NEAR_POOR, improved]
            assert (there == lived[State.POOR, Flow.ESCAPED_TO_NEAR_POOR]).all()


def test_by_chance_alone_as_many_move_within_the_monte_carlo_error(world):
    """Bars at the chances, not at the counts: the first year's poor and near-poor, all units.

    The draws share their chances with the projection, so the errors are those of counts given a
    chance: at most binomial in both, four standard errors allowed for fourteen comparisons.
    """
    for u, unit in enumerate(units(world)):
        homes = Homes.at_origin(unit, world.populations, world.histories.cohorts[unit], world.draws)
        drawn = world.histories.moves[unit][0]
        lived = live(
            homes,
            Aid((), np.zeros(homes.stand.shape)),
            Setting(drawn, exactly=False),
            Pool.of(world.populations, unit),
            seed=9,
            year=2024,
        )
        for s, listed in enumerate((lived.homes.poor, lived.homes.near_poor)):
            counts, told = listed.sum(axis=1), world.histories.projection.households[s, u, 0]
            difference = counts - told
            error = difference.std() / np.sqrt(world.draws)
            assert abs(difference.mean()) < 4 * error
            assert counts.std() == pytest.approx(told.std(), rel=4 * np.sqrt(1 / world.draws))


def test_states_keep_their_rule(world):
    for unit in units(world):
        for year in world.lived(unit):
            homes = year.lived.homes
            assert homes.known[homes.poor | homes.near_poor].all()
            assert (homes.number[homes.poor] >= 3).all()
            assert (homes.number[homes.near_poor] < 3).all()
            assert not (homes.mask[homes.known] & homes.held[homes.known]).any()


# Each move for its own reason


def before_and_after(world: World, unit: str) -> tuple[Homes, Homes]:
    homes = Homes.at_origin(unit, world.populations, world.histories.cohorts[unit], world.draws)
    after = world.lived(unit)[0].lived.homes
    places = homes.stand.shape[1]
    assert (after.household[:places] == homes.household).all()
    columns = {name: getattr(after, name)[:, :places] for name in COLUMNS}
    return homes, replace(after, household=after.household[:places], **columns)


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
        relieved = world.lived(unit)[0].lived.relieved[:, : homes.stand.shape[1]]
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
        relieved = world.lived(unit)[0].lived.relieved[:, : homes.stand.shape[1]]
        assert (relieved[left] > 0).all()


def test_years_out_are_counted(world):
    unit = units(world)[0]
    first, second = (year.lived.homes for year in world.lived(unit))
    places = first.stand.shape[1]
    was, now = first.stand, second.stand[:, :places]
    for before, after in ((Stand.OUT_1, Stand.OUT_2), (Stand.OUT_3, Stand.OUT)):
        kept = (was == before) & (now != Stand.POOR) & (now != Stand.NEAR_POOR)
        assert (now[kept] == after).all()
    assert (now[was == Stand.GONE] == Stand.GONE).all()


def test_entrants_are_drawn_from_the_lists_and_can_work(world):
    for unit in units(world):
        for year in world.lived(unit):
            homes, before = year.lived.homes, year.lived.relieved.shape[1]
            new = slice(before, None)
            assert not (homes.groups[:, new] & NO_LABOUR).any()
            assert (homes.number[:, new][homes.poor[:, new]] >= 3).all()


# Scenarios


def test_the_current_spending_changes_nothing_to_the_household(world):
    for unit in units(world):
        copied = replace(world.current, amounts=dict(world.current.amounts))
        for base, again in zip(world.lived(unit), world.lived(unit, copied), strict=True):
            assert same(base.lived.homes, again.lived.homes)
            assert base.lived.cells.keys() == again.lived.cells.keys()
            for cell, counts in base.lived.cells.items():
                assert (counts == again.lived.cells[cell]).all()


def test_a_unit_that_is_not_touched_is_the_same_in_both(world):
    touched, other = units(world)[:2]
    amounts = dict(world.current.amounts) | {("toilet", touched, 2024): 10**9}
    more = replace(world.current, amounts=amounts)
    assert not same(world.lived(touched)[0].lived.homes, world.lived(touched, more)[0].lived.homes)
    assert same(world.lived(other)[1].lived.homes, world.lived(other, more)[1].lived.homes)


def test_who_is_not_served_in_either_fares_the_same(world):
    """In the first year, within a unit that gets more of one line."""
    unit, more = units(world)[5], spent(world, toilet=300)
    homes, _ = before_and_after(world, unit)
    base, changed = world.lived(unit)[0].lived, world.lived(unit, more)[0].lived
    places = homes.stand.shape[1]
    aided = (base.relieved ^ changed.relieved)[:, :places] > 0
    assert aided.any()
    for name in COLUMNS:
        one, other = (getattr(each.homes, name)[:, :places] for each in (base, changed))
        assert (one == other)[~aided].all()


@cache
def _some(world: World, unit: str, millions: int) -> Year:
    return world.lived(unit, spent(world, toilet=millions))[0]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(-200, 600), st.integers(-200, 600), st.integers(0, 6))
def test_more_for_one_line_never_harms_in_its_first_year(world, one, other, at):
    """One line, one year, θ not below nought: no household is poor with more that was not with
    less.
    """
    unit = units(world)[at]
    few, many = (_some(world, unit, millions).lived.homes for millions in sorted((one, other)))
    assert not (many.poor & ~few.poor).any()
    assert (many.number[many.poor & few.poor] <= few.number[many.poor & few.poor]).all()


def test_nobody_is_served_by_a_line_while_waiting_for_it(world):
    """Houses paid in 2023 and 2024 show in 2024 and 2025."""
    unit, opening = units(world)[0], world.opening(units(world)[0])
    amounts = {("housing_quality", unit, year): 600_000_000 for year in (2023, 2024)}
    spending = replace(world.current, amounts=amounts)
    [early, late] = world._servings(opening, spending, 2024, waiting=[])
    assert (early.shows, late.shows) == (2024, 2025)
    assert early.rows.any()
    assert late.rows.any()
    assert not (early.rows & late.rows).any()


def test_money_is_never_overspent(world):
    for unit in units(world):
        for year in world.lived(unit):
            for line in world.lines:
                paid = world.current.money(line.id, unit, year.year)
                assert (year.spent.get(line.id, np.zeros(1)) <= paid).all()


def test_a_register_s_households_are_lived_where_one_is_given(sample_store):
    view = outlook(plans.load(), Store(sample_store).latest(), 2024, draws=100)
    held = registers.read(REGISTERS / "2024", 2024)
    lived = study.world(view, register=held, draws=50)
    known = of_register(held, 2024)
    for u, unit in enumerate(units(lived)):
        opening = lived.opening(unit)
        of_unit = known.unit == known.units.index(unit)
        assert (opening.mask[7, : of_unit.sum()] == known.mask[of_unit]).all()
        projected = lived.histories.projection.households[0, u, 0]
        assert (lived.lived(unit)[0].lived.homes.poor.sum(axis=1) == projected).all()


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
    for u, unit in enumerate(units(behind)):
        for h, year in enumerate(behind.lived(unit)):
            assert (year.lived.homes.poor.sum(axis=1) == projected[0, u, h]).all()
            assert (year.lived.homes.near_poor.sum(axis=1) == projected[1, u, h]).all()


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


# Critical values


@pytest.mark.parametrize("spare", [END, ARRIVE])
@pytest.mark.parametrize("needed", [1, 2, 3])
def test_a_critical_value_is_the_order_statistic_of_its_deprivations(spare, needed):
    """By simulation: the needed-th smallest of needed + spare − 1 uniform numbers."""
    rng = np.random.default_rng(1)
    drawn = np.sort(rng.random((200_000, needed + spare - 1)), axis=1)[:, needed - 1]
    levels = np.array([0.05, 0.3, 0.5, 0.9])
    told = critical(np.full(4, needed), levels, spare)
    assert told == pytest.approx(np.quantile(drawn, levels), abs=0.005)


def test_at_its_bar_the_share_moves_that_should():
    needed = np.random.default_rng(1).integers(1, 6, (1, 50_000))
    luck = np.random.default_rng(2).random((1, 50_000))
    for share in (0.02, 0.2, 0.7):
        bar = to_bar(np.array([share]), needed, END)
        assert (critical(needed, luck, END) < bar).mean() == pytest.approx(share, abs=0.006)


def test_whoever_needs_none_moves_whatever_the_bar():
    needed = np.array([[0, 0, 2, 2, -1]])
    assert to_bar(np.array([0.5]), needed, END)[0] == pytest.approx(0.0, abs=1e-3)
