"""What holds for every panel: conservation, bounds, random numbers that belong to their unit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from povsim.trajectory import Panel, StockModel, Trend, attainment, fit, project
from povsim.vocabulary import State

DRAWS = 40
quick = settings(max_examples=40, deadline=None, derandomize=True)


@st.composite
def panels(draw: st.DrawFn, smallest: int = 1, least_units: int = 1) -> Panel:
    """Any panel that can be: up to five units, two to five reviews with gaps, any rates."""
    units = draw(st.integers(least_units, 5))
    years = draw(st.lists(st.integers(2010, 2024), min_size=2, max_size=5, unique=True))
    shape = (units, len(years))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    top = draw(st.sampled_from([smallest, smallest + 2, smallest + 300, smallest + 20_000]))
    households = rng.integers(smallest, top + 1, shape)
    poor = rng.binomial(households, draw(st.sampled_from([0.0, 0.02, 0.3, 0.9, 1.0])))
    near_poor = rng.binomial(households - poor, draw(st.sampled_from([0.0, 0.1, 1.0])))
    names = tuple(f"2347{i}@2021-01-01" for i in range(units))
    return Panel(names, tuple(sorted(years)), households, poor, near_poor)


def reordered(panel: Panel, order: list[int]) -> Panel:
    units = tuple(panel.units[i] for i in order)
    arrays = (panel.households[order], panel.poor[order], panel.near_poor[order])
    return Panel(units, panel.years, *arrays)


def alone(model: StockModel, position: int) -> StockModel:
    """The same parameters for one unit only."""

    def kept(trend: Trend) -> Trend:
        arrays = {n: getattr(trend, n)[[position]] for n in ("level", "gain", "sampling")}
        return replace(trend, **arrays)

    panel = reordered(model.panel, [position])
    return replace(model, panel=panel, poor=kept(model.poor), near_poor=kept(model.near_poor))


@quick
@given(panels(), st.sampled_from([0.0, 0.5, 1.0]), st.integers(1, 6))
def test_counts_conserve_and_stay_within_bounds(panel, weight, ahead):
    model = fit(panel)
    made = project(model, panel.years[-1] + ahead, draws=DRAWS, seed=1, plan_like_weight=weight)
    assert made.households.shape == (3, len(panel.units), ahead, DRAWS)
    assert made.households.dtype == np.int64
    assert (made.households >= 0).all()
    total = made.households.sum(axis=0)
    assert (total >= 1).all()
    for state, counts in zip(State, made.households, strict=True):
        rate = made.rate(state)
        assert ((rate >= 0) & (rate <= 1)).all()
        assert rate == pytest.approx(counts.sum(axis=0) / total.sum(axis=0))


@quick
@given(panels(), st.randoms(use_true_random=False))
def test_the_order_of_units_changes_nothing(panel, random):
    order = list(range(len(panel.units)))
    random.shuffle(order)
    until = panel.years[-1] + 2
    one = project(fit(panel), until, draws=DRAWS, seed=1)
    other = project(fit(reordered(panel, order)), until, draws=DRAWS, seed=1)
    assert (one.households[:, order] == other.households).all()


@quick
@given(panels(least_units=2))
def test_a_new_name_changes_its_own_unit_only(panel):
    until = panel.years[-1] + 2
    renamed = replace(panel, units=("other", *panel.units[1:]))
    one, other = (project(fit(p), until, draws=DRAWS, seed=1) for p in (panel, renamed))
    assert (one.households[:, 1:] == other.households[:, 1:]).all()


@quick
@given(panels(least_units=2), st.data())
def test_other_units_do_not_touch_the_random_numbers(panel, data):
    model, until = fit(panel), panel.years[-1] + 3
    position = data.draw(st.integers(0, len(panel.units) - 1))
    together = project(model, until, draws=DRAWS, seed=1, plan_like_weight=0)
    single = project(alone(model, position), until, draws=DRAWS, seed=1, plan_like_weight=0)
    assert (together.households[:, [position]] == single.households).all()


@quick
@given(panels(), st.integers(1, DRAWS))
def test_more_draws_extend_the_first(panel, few):
    model, until = fit(panel), panel.years[-1] + 2
    many = project(model, until, draws=DRAWS, seed=3)
    first = project(model, until, draws=few, seed=3)
    assert (many.households[..., :few] == first.households).all()


@quick
@given(panels())
def test_a_later_horizon_keeps_the_years_before(panel):
    model, last = fit(panel), panel.years[-1]
    near, far = (project(model, last + ahead, draws=DRAWS, seed=3) for ahead in (2, 4))
    assert (far.households[:, :, :2] == near.households).all()


@quick
@given(panels(), st.integers(0, 10))
def test_a_seed_is_an_answer(panel, seed):
    model, until = fit(panel), panel.years[-1] + 1
    one, other = (project(model, until, draws=DRAWS, seed=seed) for _ in range(2))
    assert (one.households == other.households).all()


@quick
@given(panels(), st.lists(st.sampled_from("xyz"), min_size=5, max_size=5))
def test_merging_keeps_every_draw_of_the_district(panel, names):
    made = project(fit(panel), panel.years[-1] + 2, draws=DRAWS, seed=1)
    merged = made.merged(dict(zip(panel.units, names, strict=False)))
    assert (merged.households.sum(axis=1) == made.households.sum(axis=1)).all()


@settings(max_examples=15, deadline=None, derandomize=True)
@given(panels(smallest=20_000))
def test_a_wider_horizon_is_not_surer(panel):
    """On the logit: a rate near nought has less room in points."""
    made = project(fit(panel), panel.years[-1] + 4, draws=400, seed=1, plan_like_weight=0)
    rate = made.rate(State.POOR)
    low, high = np.quantile(rate, [0.1, 0.9], axis=1).clip(1e-9, 1 - 1e-9)
    assume((low > 0.001).all() and (high < 0.999).all())
    width = np.log(high / (1 - high)) - np.log(low / (1 - low))
    assert (np.diff(width) > -0.05 * width[:-1]).all()


@quick
@given(panels(smallest=300, least_units=2))
def test_the_mixture_lies_between_its_ends(panel):
    """Up to the whole households of binomial draws, which are not shared between weights."""
    ends = [
        project(fit(panel), panel.years[-1] + 2, draws=400, seed=1, plan_like_weight=weight)
        for weight in (0.0, 0.5, 1.0)
    ]
    middle = [np.median(made.rate(State.POOR), axis=1) for made in ends]
    low, high = np.minimum(middle[0], middle[2]), np.maximum(middle[0], middle[2])
    assert (middle[1] >= low - 0.02).all()
    assert (middle[1] <= high + 0.02).all()


@quick
@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0, 1), st.floats(0, 1))
def test_an_easier_target_is_as_likely_or_more(draws, one, other):
    hard, easy = (attainment(np.array(draws), target) for target in sorted((one, other)))
    assert 0 <= hard.value <= easy.value <= 1
    assert 0 < hard.error <= 0.5
