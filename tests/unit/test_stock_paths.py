"""What the stock model draws with: numbers in pairs, whole counts, the plan's path, wider bands."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import stats

from povsim.findings import Refusal
from povsim.trajectory import (
    DISTRICT,
    Panel,
    Priors,
    fit,
    held_against,
    last_year_check,
    plan_like,
    project,
)
from povsim.trajectory.dice import Dice
from povsim.vocabulary import State


def panel(poor, households=1000, near_poor=50) -> Panel:
    poor = np.array(poor, dtype=float)
    units, years = (
        tuple(f"u{i}" for i in range(len(poor))),
        tuple(range(2020, 2020 + poor.shape[1])),
    )
    whole = [np.broadcast_to(counts, poor.shape) for counts in (households, near_poor)]
    return Panel(units, years, whole[0], poor, whole[1])


# Numbers


@pytest.mark.parametrize("draws", [1, 6, 7])
def test_what_is_common_comes_in_opposite_pairs(draws):
    normals = Dice(1, (2025, 2026), draws).yearly("year")
    assert normals.shape == (2, draws)
    whole = draws - draws % 2
    assert (normals[:, 0:whole:2] == -normals[:, 1:whole:2]).all()


def test_a_median_owes_nothing_to_the_seed():
    """Without anything of their own, units' draws lie evenly about the path itself."""
    quiet = Priors(unit_sd=1e-9, growth=0, growth_sd=1e-9, growth_unit_sd=1e-9, damping=(1e9, 1e8))
    large = panel(np.full((3, 4), 250) * 10**6, 10**9)
    model = replace(fit(large), priors=quiet)
    model = replace(model, poor=replace(model.poor, unit_variance=0.0))
    middle = [
        np.median(project(model, 2025, draws=100, seed=s, plan_like_weight=0).rate(State.POOR))
        for s in (1, 2, 3)
    ]
    assert middle == pytest.approx([0.25] * 3, abs=1e-4)


@pytest.mark.parametrize(("trials", "share"), [(40, 0.1), (300, 0.1), (5000, 0.02), (900, 0.97)])
def test_counts_are_binomial(trials, share):
    """By their whole distribution: exact for few, as good as exact for many."""
    draws, out = 100_000, np.empty((1, 1, 100_000), dtype=np.int64)
    shape = (1, 1, draws)
    Dice(3, (2025,), draws).binomial(
        "test", ("u",), np.full(shape, trials), np.full(shape, share), out=out
    )
    counts = np.arange(trials + 1)
    seen = np.searchsorted(np.sort(out.ravel()), counts, side="right") / draws
    # A binomial sample of this size is off by .0043 once in a thousand times.
    assert np.abs(seen - stats.binom.cdf(counts, trials, share)).max() < 0.0055
    assert 0 <= out.min() <= out.max() <= trials


# The plan-like path's weight


def falling(steps) -> Panel:
    """Units whose own changes are given on the logit, (unit, change)."""
    logits = -1 + np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
    return panel(10**7 / (1 + np.exp(-logits)), 10**7, 0)


def test_falls_by_quota_make_the_plan_like_path():
    """Twenty units that lose 18 % of their first rate every year: straight lines of points."""
    shares = np.linspace(0.1, 0.6, 20)[:, None] * (1 - 0.18 * np.arange(5))
    model = fit(panel(shares * 10**7, 10**7, 0))
    assert model.poor.persistence == 1.0
    made = project(model, 2026, draws=200, seed=1)
    assert made.assumptions["plan_like_weight"] == Priors().plan_like_most == 0.8
    assert project(model, 2026, draws=200, seed=1, plan_like_weight=0.3).assumptions[
        "plan_like_weight"
    ] == pytest.approx(0.3)


def test_falls_that_slow_down_make_none_though_they_repeat_themselves():
    """Each unit loses a share of its poor every year: the last review is above any line."""
    kept = np.linspace(0.5, 0.9, 20)[:, None] ** np.arange(5)
    model = fit(panel(0.3 * kept * 10**7, 10**7, 0))
    assert model.poor.persistence > 0.5
    assert plan_like.weight(model) == 0.0


def test_falls_that_turn_back_make_none():
    swings = np.linspace(-0.4, 0.4, 20)[:, None] * np.array([[1, -1, 1, -1]])
    assert fit(falling(swings)).poor.persistence == 0.0


def test_chance_changes_count_for_little():
    rng = np.random.default_rng(5)
    seen = [fit(falling(rng.normal(0, 0.1, (7, 3)))).poor.persistence for _ in range(200)]
    assert np.mean(seen) < 0.25


def test_what_repeats_itself_counts_as_far_as_many_units_show_it():
    rng = np.random.default_rng(6)
    own, years = rng.normal(0, 0.05, (7 * 20, 1)), rng.normal(0, 0.1, (7 * 20, 3))
    few = [fit(falling(part)).poor.persistence for part in np.split(own + years, 20)]
    assert np.mean(few) < 0.5
    assert fit(falling(own + years)).poor.persistence > 0.8


def test_changes_too_small_to_matter_show_no_repetition():
    steps = np.repeat(np.linspace(-0.003, 0.003, 7)[:, None], 3, axis=1)
    assert fit(falling(steps)).poor.persistence < 0.01
    assert fit(falling(100 * steps)).poor.persistence == 1.0


def test_two_reviews_show_no_repetition():
    assert fit(falling(np.linspace(-0.5, 0, 7)[:, None])).poor.persistence == 0.0


# Self-doubt


def test_widening_multiplies_the_spread():
    model = fit(panel(np.full((4, 5), 250) * 1000, 10**6, 50_000))
    plain, wide = (
        np.quantile(
            project(model, 2026, draws=4000, seed=1, widening=w).rate(State.POOR, "u1")[-1],
            [0.1, 0.9],
        )
        for w in (1.0, 2.0)
    )
    logits = [np.diff(np.log(q / (1 - q)))[0] for q in (plain, wide)]
    assert logits[1] / logits[0] == pytest.approx(2, rel=0.01)
    with pytest.raises(ValueError, match="widening"):
        project(model, 2026, seed=1, widening=0)


def jumped(sizes) -> Panel:
    """Five calm years, then each unit's jump on the logit."""
    calm = np.full((len(sizes), 5), 0.2)
    last = 1 / (1 + np.exp(-(np.log(0.25) + np.array(sizes))))
    return panel(np.column_stack([calm, last]) * 10**6, 10**6, 50_000)


def test_bands_that_failed_are_widened_until_they_would_have_held():
    jumps = np.array([1, -1] * 10) * np.linspace(0.3, 1.5, 20)
    held = last_year_check(jumped(jumps), draws=8000, seed=1)
    assert held.outside > 0.15
    assert not held.trusted
    wide = project(
        fit(jumped(jumps).without_last()), 2025, draws=8000, seed=1, widening=held.widening
    )
    assert held_against(wide, jumped(jumps)).outside == pytest.approx(0.15, abs=0.051)


def test_bands_that_held_stay():
    held = last_year_check(jumped(np.linspace(-0.05, 0.05, 20)), draws=1000, seed=1)
    assert held.outside == 0
    assert held.widening == 1
    assert held.trusted
    assert held.areas["area"].tolist()[:2] == [DISTRICT, "u0"]
    told = held.areas.iloc[1:]
    assert ((told["low"] < told["median"]) & (told["median"] < told["high"])).all()
    assert held.found == pytest.approx(0.2, abs=0.002)


def test_two_reviews_leave_none_to_spare():
    assert last_year_check(panel([[100, 90]]), draws=100, seed=1) is None


# Labels and units of a date


def test_every_draw_has_its_labels():
    made = project(fit(panel([[100, 90, 80], [50, 40, 30]])), 2024, draws=5, seed=1)
    table = made.table()
    assert len(table) == made.households.size
    row = table.query("unit == 'u1' and year == 2024 and state == 'near_poor' and draw == 3")
    assert row["households"].item() == made.households[1, 1, 1, 3]


COMMUNES = tuple(f"{code}@2021-01-01" for code in (23479, 23482, 23485, 23488, 23491, 23494, 23497))


def of(units):
    counts = np.arange(100, 100 + 10 * len(units), 10)[:, None] * [1.0, 0.9, 0.8]
    return project(fit(replace(panel(counts), units=tuple(units))), 2024, draws=50, seed=1)


def test_units_of_a_later_day_hold_the_sums_of_every_draw():
    made = of(COMMUNES)
    assert made.on(date(2024, 12, 31)).units == COMMUNES
    later = made.on(date(2025, 12, 31))
    assert later.units == ("23479@2025-07-01", "23485@2025-07-01", "23497@2025-07-01")
    assert (later.households.sum(axis=1) == made.households.sum(axis=1)).all()


def test_a_part_that_is_not_projected_is_named():
    with pytest.raises(Refusal) as caught:
        of(COMMUNES[:2]).on(date(2025, 12, 31))
    assert {finding.rule for finding in caught.value.findings} == {"unit_parts_lacking"}
    assert all(finding.values["lacking"] for finding in caught.value.findings)
