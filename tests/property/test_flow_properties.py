"""What holds for every district with movements: histories that close, numbers of their own unit."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.backtest.simulation import HAZARDS, Lived, World, live
from povsim.trajectory import FlowModel, Movements, Panel, fit_flows, project_flows
from povsim.trajectory.exposures import Source
from povsim.trajectory.trends import MOVEMENTS, Trends
from povsim.vocabulary import Flow, State

DRAWS = 30
quick = settings(max_examples=25, deadline=None, derandomize=True)


@st.composite
def districts(draw: st.DrawFn, least_units: int = 1) -> Lived:
    """Any district that can be: hamlets of three households to towns, no poor to nearly all."""
    low, high = draw(st.sampled_from([(3, 5), (50, 200), (1000, 20_000)]))
    world = World(
        units=draw(st.integers(least_units, 4)),
        households=(low, high),
        poor=draw(st.sampled_from([1e-9, 0.02, 0.3, 0.97, 1 - 1e-9])),
        near_poor=draw(st.sampled_from([1e-9, 0.1, 0.9])),
        escaped=draw(st.sampled_from([0.0, 0.06])),
        structural=draw(st.sampled_from([0.0, 0.138, 1.0])),
        dispersion=draw(st.sampled_from([0.0, 0.02])),
    )
    return live(world, draw(st.integers(2, 5)), draw(st.integers(0, 2**32 - 1)))


def projected(lived: Lived, ahead: int = 2, draws: int = DRAWS, seed: int = 1, **kept):
    model = fit_flows(lived.panel, lived.movements, structural=lived.structural)
    return project_flows(model, lived.panel.years[-1] + ahead, draws=draws, seed=seed, **kept)


def reordered(lived: Lived, order: list[int]) -> Lived:
    panel = lived.panel
    arrays = (panel.households[order], panel.poor[order], panel.near_poor[order])
    units = tuple(panel.units[i] for i in order)
    moved = {cell: counts[order] for cell, counts in lived.movements.counts.items()}
    movements = Movements(units, lived.movements.years, moved)
    return Lived(Panel(units, panel.years, *arrays), movements, lived.structural[order])


@quick
@given(districts())
def test_the_simulated_world_closes(lived):
    """Stocks follow from movements to the household, by both forms."""
    for state, counts in ((State.POOR, lived.panel.poor), (State.NEAR_POOR, lived.panel.near_poor)):
        change = lived.movements.entering(state) - lived.movements.leaving(state)
        assert (counts[:, :-1] + change == counts[:, 1:]).all()


@quick
@given(districts(), st.sampled_from([0.5, 1.0, 3.0]))
def test_counts_conserve_and_stay_within_bounds(lived, widening):
    made = projected(lived, ahead=4, widening=widening)
    poor, near_poor, others = made.households
    assert (made.households >= 0).all()
    assert (made.households.sum(axis=0) >= 1).all()
    assert ((made.recently_escaped >= 0) & (made.recently_escaped <= others)).all()
    for state in State:
        rate = made.rate(state)
        assert np.isfinite(rate).all()
        assert ((rate >= 0) & (rate <= 1)).all()
    assert (poor + near_poor + others == made.households.sum(axis=0)).all()


@quick
@given(districts(), st.randoms(use_true_random=False))
def test_the_order_of_units_changes_nothing(lived, random):
    order = list(range(len(lived.panel.units)))
    random.shuffle(order)
    one, other = projected(lived), projected(reordered(lived, order))
    assert (one.households[:, order] == other.households).all()


@quick
@given(districts())
def test_a_new_name_changes_its_own_unit_only(lived):
    """Numbers are keyed by name; the new one stands where the old one stood."""
    names = (*lived.panel.units[:-1], lived.panel.units[-1] + "x")
    panel, moved = (replace(each, units=names) for each in (lived.panel, lived.movements))
    one, other = projected(lived), projected(Lived(panel, moved, lived.structural))
    assert other.units == names
    assert (one.households[:, :-1] == other.households[:, :-1]).all()
    assert (one.recently_escaped[:-1] == other.recently_escaped[:-1]).all()


def alone(model: FlowModel, position: int) -> FlowModel:
    """The same hazards for one unit only."""
    panel, at = model.panel, [position]
    stocks = (panel.households[at], panel.poor[at], panel.near_poor[at])
    names = (panel.units[position],)
    row = [model.exposure.units.index(names[0])]
    hazards = {
        source: replace(each, own=each.own[:, row], own_variance=each.own_variance[:, row])
        for source, each in model.hazards.items()
    }
    kept = {name: getattr(model.exposure, name)[row] for name in ("cohorts", "structural")}
    exposure = replace(model.exposure, units=names, **kept)
    return replace(
        model, panel=Panel(names, panel.years, *stocks), exposure=exposure, hazards=hazards
    )


@quick
@given(districts(least_units=2), st.data())
def test_other_units_do_not_touch_the_random_numbers(lived, data):
    position = data.draw(st.integers(0, len(lived.panel.units) - 1))
    model = fit_flows(lived.panel, lived.movements, structural=lived.structural)
    until = lived.panel.years[-1] + 2
    whole = project_flows(model, until, draws=DRAWS, seed=1)
    single = project_flows(alone(model, position), until, draws=DRAWS, seed=1)
    assert (whole.households[:, [position]] == single.households).all()


@quick
@given(districts(), st.integers(1, DRAWS))
def test_more_draws_and_later_years_extend_the_first(lived, few):
    far = projected(lived, ahead=3)
    near = projected(lived, ahead=2, draws=few)
    assert (far.households[:, :, :2, :few] == near.households).all()


@quick
@given(districts(), st.integers(0, 5))
def test_a_seed_is_an_answer(lived, seed):
    one, other = (projected(lived, seed=seed) for _ in range(2))
    assert (one.households == other.households).all()


LOUDER = 0.5
"""Logits by which one hazard is raised."""


def louder(model: FlowModel, source: Source, name: str) -> FlowModel:
    """The same model with one hazard raised."""
    shift = np.zeros(2 * len(MOVEMENTS))
    shift[MOVEMENTS.index((source, name))] = LOUDER
    raised = (replace(each, mean=each.mean + shift) for each in model.trends.accounts)
    return replace(model, trends=Trends(tuple(raised)))


ESCAPES = [(Source.POOR, "above"), (Source.POOR, "near_poor"), (Source.POOR, "gone")]
ENTRIES = [(Source.NEAR_POOR, "poor"), (Source.NOT_POOR, "poor"), (Source.ARRIVALS, "poor")]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.sampled_from(ESCAPES + ENTRIES))
def test_more_that_escape_leave_fewer_poor_and_more_that_enter_leave_more(seed, which):
    lived = live(World(units=3, households=(1000, 3000)), 4, seed)
    model = fit_flows(lived.panel, lived.movements, structural=lived.structural)
    calm, raised = (
        project_flows(each, 2026, draws=400, seed=1).rate(State.POOR)[-1].mean()
        for each in (model, louder(model, *which))
    )
    assert (raised < calm) == (which in ESCAPES)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_more_counted_raise_their_own_hazard(seed, more):
    lived = live(World(units=3, households=(1000, 2000)), 4, seed)
    cell = (State.POOR, Flow.ESCAPED_ABOVE)
    counts = dict(lived.movements.counts) | {cell: lived.movements.counts[cell] + more}
    busier = replace(lived.movements, counts=counts)
    one, other = (fit_flows(lived.panel, moves).trends for moves in (lived.movements, busier))
    above = MOVEMENTS.index((Source.POOR, "above"))
    assert other.level[above] > one.level[above]
    # What does not lead up shares the years' variance with it, and hardly moves.
    apart = [MOVEMENTS.index((Source.NEAR_POOR, name)) for name in ("poor", "gone")]
    assert np.abs(other.level - one.level)[apart].max() < 0.03


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_where_nobody_comes_in_the_poor_become_fewer(seed):
    nothing = {source: (1e-9,) * len(shares) for source, shares in HAZARDS.items()}
    world = World(units=3, hazards={**nothing, Source.POOR: (1e-9, 0.3, 1e-9)}, unit_sd=0.0)
    lived = live(world, 4, seed)
    made = projected(lived, ahead=4, draws=200)
    last = lived.panel.poor[:, -1].sum() / lived.panel.households[:, -1].sum()
    middle = np.median(made.rate(State.POOR), axis=1)
    assert (np.diff([last, *middle]) < 0).all()
