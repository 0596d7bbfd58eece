"""The stock model against answers worked out by hand, its edges, and its coverage."""

from collections.abc import Iterable
from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from povsim.findings import Refusal
from povsim.trajectory import (
    DISTRICT,
    Panel,
    Priors,
    Projection,
    attainment,
    fit,
    project,
)
from povsim.vocabulary import State

UNDAMPED = (1e9, 1e-3)
QUIET = Priors(
    year_sd=1e-6,
    two_years_sd=1e-6,
    unit_sd=1e-6,
    year_weight=1e12,
    unit_weight=1e12,
    growth=0.0,
    growth_sd=1e-9,
    growth_unit_sd=1e-9,
    damping=UNDAMPED,
)
"""Beliefs that leave no room for chance, whatever the panel says: the path itself remains."""


def panel(poor, households=1000, near_poor=0, years=None) -> Panel:
    poor = np.array(poor, dtype=float)
    units = tuple(f"u{i}" for i in range(len(poor)))
    years = years or tuple(range(2021, 2021 + poor.shape[1]))
    whole = [np.broadcast_to(counts, poor.shape) for counts in (households, near_poor)]
    return Panel(units, years, whole[0], poor, whole[1])


def stocks(rows: Iterable[tuple[str, str, int | None, int | None, int | None]]) -> pd.DataFrame:
    states = [str(state) for state in State]
    table = [
        (unit, period, state, count, None)
        for unit, period, *counts in rows
        for state, count in zip(states, counts, strict=True)
    ]
    frame = pd.DataFrame(table, columns=["unit", "period", "state", "households", "persons"])
    return frame.astype({"households": "Int64", "persons": "Int64"})


def rules(refusal: Refusal) -> list[str]:
    return [finding.rule for finding in refusal.findings]


def logit(share):
    return np.log(share) - np.log1p(-np.asarray(share))


# The panel


def test_stocks_become_a_panel_by_label():
    table = stocks([("b", "2023", 3, 2, 5), ("a", "2021", 4, 1, 5), ("b", "2021", 5, 0, 5)])
    table = pd.concat([table, stocks([("a", "2023", 2, 1, 8), ("a", "2022-H1", 9, 9, 9)])])
    made = Panel.from_stocks(table)
    assert (made.units, made.years) == (("a", "b"), (2021, 2023))
    assert made.poor.tolist() == [[4, 2], [5, 3]]
    assert made.near_poor.tolist() == [[1, 1], [0, 2]]
    assert made.households.tolist() == [[10, 11], [10, 10]]


def test_one_year_is_refused():
    with pytest.raises(Refusal) as caught:
        Panel.from_stocks(stocks([("a", "2021", 1, 1, 1)]))
    assert rules(caught.value) == ["panel_too_short"]
    assert caught.value.findings[0].values == {"years": 1}


def test_an_empty_table_is_refused():
    with pytest.raises(Refusal) as caught:
        Panel.from_stocks(stocks([]).astype({"unit": str, "period": str, "state": str}))
    assert rules(caught.value) == ["panel_too_short"]


def test_missing_is_named_and_is_not_zero():
    table = stocks([("a", "2021", 1, 1, 1), ("a", "2022", 1, None, 1), ("b", "2021", 1, 1, 1)])
    with pytest.raises(Refusal) as caught:
        Panel.from_stocks(table)
    assert rules(caught.value) == ["panel_incomplete"]
    assert caught.value.findings[0].values == {"missing": "a 2022, b 2022"}


def test_all_faults_come_at_once():
    with pytest.raises(Refusal) as caught:
        panel([[np.nan], [1001], [-1]])
    assert rules(caught.value) == ["panel_too_short", "panel_incomplete", "panel_impossible"]
    assert caught.value.findings[2].values == {"cells": "u1 2021, u2 2021"}


def test_no_household_is_impossible():
    with pytest.raises(Refusal, match="u0 2021"):
        panel([[0, 0]], households=0)


@pytest.mark.parametrize(
    ("units", "years"), [(("a", "a"), (2021, 2022)), (("a", "b"), (2022, 2021)), (("a",), (2021,))]
)
def test_labels_must_fit(units, years):
    with pytest.raises(ValueError, match=r"unique|shape"):
        Panel(units, years, np.ones((2, 2)), np.zeros((2, 2)), np.zeros((2, 2)))


def test_a_panel_does_not_change_with_its_source():
    source = np.full((1, 2), 10.0)
    made = Panel(("a",), (2021, 2022), source, source / 2, source * 0)
    source[:] = 99
    assert made.households.tolist() == [[10, 10]]
    with pytest.raises(ValueError, match="read-only"):
        made.poor[0, 0] = 1


# The fit, by hand


def test_one_unit_with_a_gap():
    y = [log(300.5 / 700.5), log(250.5 / 750.5), log(180.5 / 820.5)]
    fitted = fit(panel([[300, 250, 180]], years=(2020, 2021, 2023))).poor
    pace = (y[2] - y[0]) / 3
    squares = (y[1] - y[0] - pace) ** 2 + 2 * ((y[2] - y[1]) / 2 - pace) ** 2
    year_variance = (4 * 0.06**2 + squares) / 5
    error = year_variance / 3
    assert fitted.year_variance == pytest.approx(year_variance)
    assert fitted.drift.pace == pytest.approx(pace)
    assert fitted.drift.trust == pytest.approx(pace**2 / (pace**2 + error))
    assert fitted.level == pytest.approx([y[2]])
    assert fitted.unit_variance == pytest.approx(0.08**2)
    assert fitted.freedom == 5


def test_two_years_trust_the_prior_of_the_drift_alone():
    fitted = fit(panel([[300, 200]])).poor
    assert fitted.year_variance == pytest.approx(0.01)
    assert fitted.drift.trust == pytest.approx(0.5)
    assert fitted.freedom == 4


LARGE = 10**9
TREND = {"draws": 50, "plan_like_weight": 0.0}


def test_the_level_gives_the_newest_year_eight_tenths():
    shares = np.array([[0.2, 0.2], [0.2, 0.3]])
    fitted = fit(panel(shares * LARGE, LARGE)).poor
    jump = log(0.3 / 0.7) - log(0.2 / 0.8)
    assert fitted.gain == pytest.approx([0.8, 0.8], abs=1e-6)
    # Own part ∓jump/2, of which .8 is believed; the common part, jump/2, is all believed.
    low, high = logit(0.2) + jump / 2 - 0.4 * jump, logit(0.2) + jump / 2 + 0.4 * jump
    assert fitted.level == pytest.approx([low, high], abs=1e-6)


def test_two_years_apart_the_newest_weighs_as_two_steps():
    shares = np.array([[0.2, 0.2], [0.2, 0.3]])
    fitted = fit(panel(shares * LARGE, LARGE, years=(2021, 2023))).poor
    jump = log(0.3 / 0.7) - log(0.2 / 0.8)
    assert np.ptp(fitted.level) == pytest.approx((1 - 0.2**2) * jump, abs=1e-6)


def test_small_counts_follow_the_newest_year_less():
    fitted = fit(panel([[400, 300, 250], [1, 2, 1]], [[2000] * 3, [6] * 3])).poor
    assert fitted.gain[1] < 0.2
    assert fitted.gain[0] > 0.5


def test_unit_variance_is_pooled_with_its_prior():
    # Logits apart by ±s, back, … : own yearly changes are ±s in four unit-years.
    s = 0.3
    logits = np.array([[-1, -1 + 2 * s, -1], [-1, -1, -1]])
    fitted = fit(panel(LARGE / (1 + np.exp(-logits)), LARGE)).poor
    assert fitted.unit_variance == pytest.approx((4 * s**2 + 20 * 0.08**2) / (2 + 20), rel=1e-4)
    # The mean goes up s and back; half the units' own variance 2s² is in it as well.
    year_variance = (4 * 0.06**2 + 2 * s**2) / 5
    assert fitted.drift.variance == pytest.approx((year_variance + s**2) / 2, rel=1e-4)


def test_sampling_is_not_taken_for_change():
    rng = np.random.default_rng(5)
    small = fit(panel(rng.binomial(60, 0.3, (200, 5)), 60)).poor
    assert small.unit_variance < 0.15**2
    observed = np.diff(logit(rng.binomial(60, 0.3, (200, 5)) / 60 + 1e-9), axis=1).var()
    assert observed > 0.3**2


def test_full_reversals_pull_the_smoothing_down():
    # 75 units × 2 pairs of changes = 150 observations of θ = 1, against 150 of θ = .2.
    swing = np.array([0, 1, 0, 1]) * np.linspace(-0.3, 0.3, 75)[:, None]
    fitted = fit(panel(LARGE / (1 + np.exp(1 - swing)), LARGE)).poor
    smoothing = 0.5 * 0.8
    ratio = smoothing**2 / (1 - smoothing)
    assert fitted.gain == pytest.approx((sqrt(ratio**2 + 4 * ratio) - ratio) / 2, abs=1e-4)


def test_one_odd_unit_does_not_make_the_drift():
    shares = np.full((7, 3), 0.2)
    shares[0] = [0.2, 0.05, 0.01]
    assert fit(panel(shares * LARGE, LARGE)).poor.drift.pace == pytest.approx(0, abs=1e-6)


def test_growth_of_one_change_is_half_believed():
    grown = fit(panel([[10, 10]], [[1000, 1040]])).growth
    assert grown.rate == pytest.approx((log(1.04) + 0.0125) / 2)
    assert sqrt(grown.variance) == pytest.approx(0.01 / sqrt(2))


def test_the_near_poor_are_a_share_of_the_not_poor():
    fitted = fit(panel([[500, 500]], 1000, near_poor=100)).near_poor
    assert fitted.level == pytest.approx([log(100.5 / 400.5)])


# The projection


PARALLEL = 1 / (1 + np.exp(-np.array([[-0.4, -0.7, -1.0], [0.6, 0.3, 0.0]])))
"""Two units that fall by the same .3 logits a year: neither has a change of its own."""


def quiet(weight: float, until: int = 2025) -> Projection:
    model = fit(panel(PARALLEL * LARGE, LARGE), priors=QUIET)
    return project(model, until, draws=50, seed=1, plan_like_weight=weight)


def middle(projection: Projection, unit: str | None) -> np.ndarray:
    return np.median(projection.rate(State.POOR, unit), axis=1)


def test_plan_like_path_is_straight_and_in_proportion():
    # The district falls from 52.35 to 38.45 %, 6.95 points a year: 18 % of each unit's last rate.
    district = PARALLEL.mean(axis=0)
    points = (district[0] - district[2]) / 2
    kept = 1 - points / district[2] * np.array([1, 2])
    straight = quiet(1.0)
    assert middle(straight, None) == pytest.approx([0.31496, 0.24546], abs=1e-4)
    assert middle(straight, "u1") == pytest.approx(0.5 * kept, abs=1e-4)


def test_plan_like_path_stops_at_nought():
    assert middle(quiet(1.0, until=2030), None)[-1] == pytest.approx(0, abs=1e-6)


def test_weight_averages_the_two_paths():
    expected = (middle(quiet(0.0), "u0") + middle(quiet(1.0), "u0")) / 2
    assert middle(quiet(0.5), "u0") == pytest.approx(expected, abs=1e-3)


def test_damped_drift_without_a_plan():
    undamped = middle(quiet(0.0), "u0")
    assert logit(undamped) == pytest.approx([-1.3, -1.6], abs=1e-3)
    priors = replace(QUIET, damping=(0.9e9, 0.1e9))
    damped = project(fit(panel(PARALLEL * LARGE, LARGE), priors=priors), 2025, seed=1, **TREND)
    expected = -1 - 0.3 * np.array([0.9, 0.9 + 0.81])
    assert logit(middle(damped, "u0")) == pytest.approx(expected, abs=1e-3)


LEVELS = [0.025, 0.1, 0.25, 0.75, 0.9, 0.975]


@pytest.mark.parametrize("ahead", [1, 4])
def test_spread_is_the_formula(ahead):
    """A flat panel has no drift: only own, sampling and common variance are left."""
    households = 10**7
    model = fit(panel(np.full((3, 5), 0.25 * households), households))
    trend, alpha = model.poor, 0.8
    own = trend.unit_variance * (1 + (ahead - 1) * alpha**2)
    assert trend.unit_variance == pytest.approx(20 * 0.08**2 / (4 * 3 - 4 + 20), rel=0.01)
    # Units' own part is normal, what all share has the tails of a Student law.
    dice = np.random.default_rng(8)
    shared = sqrt(ahead * trend.year_variance) * dice.standard_t(7, 10**6)
    wanted = np.quantile(shared + sqrt(own) * dice.standard_normal(10**6), LEVELS)
    draws = project(model, 2025 + ahead, draws=40_000, seed=2, plan_like_weight=0)
    seen = logit(np.quantile(draws.rate(State.POOR, "u1")[-1], LEVELS)) - logit(0.25)
    assert seen == pytest.approx(wanted, rel=0.06)


def test_the_district_keeps_the_common_shock():
    """Many units: their own noise goes, the common one stays."""
    households = 10**6
    model = fit(panel(np.full((100, 5), 0.25 * households), households))
    draws = project(model, 2026, draws=4000, seed=2, plan_like_weight=0).rate(State.POOR)[0]
    seen = np.diff(logit(np.quantile(draws, [0.1, 0.9])))[0]
    wanted = 2 * stats.t.ppf(0.9, 7) * sqrt(4 * 0.06**2 / 7)
    assert seen == pytest.approx(wanted, rel=0.1)


def test_near_poor_go_with_the_poor_by_half():
    households = 10**8
    flat = panel(np.full((1, 5), households / 4), households, near_poor=households / 10)
    model = fit(flat, priors=Priors(unit_sd=1e-4))
    counts = project(model, 2026, draws=20_000, seed=3, plan_like_weight=0).households[:, 0, 0]
    poor, near_poor = counts[0] / counts.sum(axis=0), counts[1] / counts[1:].sum(axis=0)
    assert np.corrcoef(logit(poor), logit(near_poor))[0, 1] == pytest.approx(0.5, abs=0.05)


def test_households_grow():
    model = fit(panel([[100] * 5], [[1000 * exp(0.02 * t) for t in range(5)]]))
    total = project(model, 2027, draws=4000, seed=1).households.sum(axis=0)[0]
    last = 1000 * exp(0.08)
    expected = last * np.exp(model.growth.rate * np.array([1, 2]))
    assert np.median(total, axis=1) == pytest.approx(expected, rel=0.005)
    assert 0.0125 < model.growth.rate < 0.02


def test_growth_is_unsure_by_rate_year_and_unit():
    model = fit(panel([[1000, 1000]], LARGE))
    total = project(model, 2024, draws=20_000, seed=1).households.sum(axis=0)[0]
    rate, year, own = 0.01**2 / 2, 0.01**2, 20 * 0.02**2 / 21
    wanted = np.sqrt([rate + year + own, 4 * rate + 2 * (year + own)])
    assert np.log(total).std(axis=1) == pytest.approx(wanted, rel=0.03)


def test_the_drift_is_unsure_too():
    """Two flat years: half of v = s² is kept, and it grows with the square of the years."""
    model = fit(panel([[LARGE / 4] * 2], LARGE), priors=Priors(unit_sd=1e-6, damping=UNDAMPED))
    rate = project(model, 2024, draws=20_000, seed=5, plan_like_weight=0).rate(State.POOR)
    levels = [0.1, 0.9]
    scale = np.sqrt([0.01 + 0.005, 2 * 0.01 + 4 * 0.005])
    seen = np.diff(logit(np.quantile(rate, levels, axis=1)), axis=0)[0]
    assert seen == pytest.approx(scale * np.diff(stats.t.ppf(levels, 4)), rel=0.05)


def test_sampling_comes_in_at_both_ends():
    """The last count's on the logit, the next binomial."""
    model = fit(panel(np.full((2, 5), 100), 400), priors=QUIET)
    made = project(model, 2026, draws=20_000, seed=4, plan_like_weight=0)
    variance = logit(made.households[0, :, 0] / 400).var(axis=1)
    assert variance == pytest.approx(1 / 101 + 1 / 301 + 1 / 75, rel=0.06)


@pytest.mark.parametrize("households", [40, 4000])
def test_what_is_not_shared_is_each_units_own(households):
    model = fit(panel(np.full((2, 5), households // 10), households), priors=QUIET)
    made = project(model, 2026, draws=20_000, seed=4, plan_like_weight=0)
    assert np.corrcoef(made.households[0, :, 0])[0, 1] == pytest.approx(0, abs=0.03)


def test_a_line_near_nought_is_no_surer():
    """In points, its deviations stay those of a unit that keeps its level."""
    shares = np.array([[0.45, 0.35, 0.25, 0.15]] * 3)
    model = fit(panel(shares * LARGE, LARGE))
    rates = project(model, 2025, draws=4000, seed=1, plan_like_weight=1).rate(State.POOR)[0]
    spread = np.diff(np.quantile(rates, [0.4, 0.9]))[0]
    assert np.median(rates) == pytest.approx(0.05, abs=0.003)
    assert spread > 0.15 * 0.85 * 0.06


@pytest.mark.parametrize("until", [2023, 2020])
def test_the_past_is_not_projected(until):
    with pytest.raises(Refusal) as caught:
        project(fit(panel([[3, 2, 1]])), until, seed=1)
    assert rules(caught.value) == ["horizon_past"]
    assert caught.value.findings[0].values == {"until": until, "origin": 2023}


def test_no_draws_are_refused():
    with pytest.raises(Refusal) as caught:
        project(fit(panel([[3, 2, 1]])), 2024, seed=1, draws=0)
    assert rules(caught.value) == ["draws_few"]


def test_a_weight_is_a_share():
    with pytest.raises(ValueError, match="plan_like_weight"):
        project(fit(panel([[3, 2, 1]])), 2024, seed=1, plan_like_weight=1.5)


EDGES = {
    "no poor at all": panel([[0, 0, 0], [0, 0, 0]], 200),
    "all poor": panel([[200, 200, 200], [200, 200, 200]], 200),
    "three households": panel([[1, 0, 3], [50, 45, 44]], [[3, 3, 3], [200, 201, 203]]),
    "one household": panel([[1, 1]], 1),
    "one unit, two years": panel([[60, 40]], 200, near_poor=10),
    "gaps": panel([[60, 40, 20]], 200, near_poor=10, years=(2014, 2018, 2020)),
    "none left": panel([[60, 0], [20, 0]], 200),
    "poverty appears": panel([[0, 0, 5], [0, 0, 9]], 200),
    "a hundred units": panel(np.arange(300).reshape(100, 3), 1000),
}


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("edge", EDGES)
def test_edges_give_counts_within_bounds(edge, weight):
    with np.errstate(all="raise", under="ignore"):
        made = project(fit(EDGES[edge]), 2030, draws=50, seed=1, plan_like_weight=weight)
    assert made.households.dtype == np.int64
    assert (made.households >= 0).all()
    assert (made.households.sum(axis=0) >= 1).all()
    assert np.isfinite(made.rate(State.POOR)).all()


def test_no_poor_stay_few():
    made = project(fit(EDGES["no poor at all"]), 2024, draws=2000, seed=1)
    assert np.quantile(made.rate(State.POOR, "u0")[0], [0.5, 0.95]).max() < 0.04


def test_all_poor_stay_many():
    made = project(fit(EDGES["all poor"]), 2024, draws=2000, seed=1)
    assert np.quantile(made.rate(State.POOR, "u0")[0], 0.05) > 0.96


def test_a_hamlet_does_not_lead():
    """Three households that all turn poor move the others' projection by less than a point."""
    large = [[300, 270, 240, 215]] * 6
    calm, wild = (
        project(fit(panel([*large, hamlet], [[1000] * 4] * 6 + [[3] * 4])), 2026, seed=1)
        for hamlet in ([1, 1, 1, 1], [0, 3, 0, 3])
    )
    gap = [np.quantile(p.rate(State.POOR, "u0"), [0.1, 0.5, 0.9], axis=1) for p in (calm, wild)]
    assert np.abs(gap[0] - gap[1]).max() < 0.01


# Tables of the projection


@pytest.fixture(scope="module")
def seven() -> Projection:
    poor = np.linspace(400, 100, 7)[:, None] * [1, 0.85, 0.7]
    return project(fit(panel(poor.round(), near_poor=90)), 2026, draws=500, seed=1)


def test_quantiles_name_the_district_first(seven):
    table = seven.quantiles(State.POOR, [0.1, 0.9])
    assert list(table.columns) == ["unit", "year", "level", "rate"]
    assert len(table) == 8 * 3 * 2
    assert list(table["unit"].unique()) == [DISTRICT, *seven.units]
    row = table[(table["unit"] == "u3") & (table["year"] == 2025) & (table["level"] == 0.9)]
    assert row["rate"].item() == np.quantile(seven.rate(State.POOR, "u3")[1], 0.9)


def test_bands_lie_within_each_other(seven):
    table = seven.bands(State.NEAR_POOR)
    assert list(table.columns) == ["unit", "year", "band", "lower", "median", "upper"]
    assert len(table) == 8 * 3 * 3
    assert ((table["lower"] <= table["median"]) & (table["median"] <= table["upper"])).all()
    row = table[(table["unit"] == DISTRICT) & (table["year"] == 2024) & (table["band"] == 0.8)]
    wanted = np.quantile(seven.rate(State.NEAR_POOR)[0], [0.1, 0.5, 0.9])
    assert row[["lower", "median", "upper"]].to_numpy()[0] == pytest.approx(wanted)


def test_rates_of_the_states_sum_to_one(seven):
    assert sum(seven.rate(state) for state in State) == pytest.approx(np.ones((3, 500)))


def test_an_unknown_unit_is_refused(seven):
    with pytest.raises(Refusal) as caught:
        seven.rate(State.POOR, "u9")
    assert rules(caught.value) == ["unit_unknown"]


def test_merged_units_are_sums(seven):
    groups = dict(zip(seven.units, ["x", "y", "x", "y", "z", "z", "z"], strict=True))
    merged = seven.merged(groups)
    assert merged.units == ("x", "y", "z")
    wanted = seven.households[:, 1] + seven.households[:, 3]
    assert (merged.households[:, 1] == wanted).all()
    assert (merged.rate(State.POOR) == seven.rate(State.POOR)).all()


@pytest.mark.parametrize("groups", [{"u0": "x"}, {f"u{i}": "x" for i in range(8)}])
def test_a_merger_must_fit_the_units(seven, groups):
    with pytest.raises(ValueError, match="without a match"):
        seven.merged(groups)


def test_assumptions_are_named(seven):
    assert 0 < seven.assumptions["plan_like_weight"] < 1
    assert seven.assumptions["widening"] == 1
    assert seven.assumptions["damping"] == pytest.approx(0.72)
    # 25 % to 17.5 % in two years.
    assert seven.assumptions["plan_like_points"] == pytest.approx(0.0375, abs=1e-3)


# The chance of a target


def test_chance_of_one_year():
    chance = attainment(np.arange(1, 101) / 100, 0.2)
    assert chance.value == 0.2
    assert chance.error == pytest.approx(0.04, abs=0.001)


def test_chance_with_a_target_a_draw():
    assert attainment(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.1, 0.1, 0.3, 0.5])).value == 0.75


def test_chance_of_every_year_needs_them_all():
    draws = np.array([[0.1, 0.3, 0.1, 0.1], [0.1, 0.1, 0.1, 0.3]])
    assert attainment(draws, np.array([0.2, 0.2])).value == 0.5
    assert attainment(draws, 0.3).value == 1.0


def test_always_is_not_without_error():
    assert attainment(np.zeros(100), 0.1).error == pytest.approx(0.01, abs=0.001)


@pytest.mark.parametrize(("draws", "target"), [([], 0.1), ([0.1, np.nan], 0.1), ([0.1], np.nan)])
def test_a_chance_of_nothing_is_an_error(draws, target):
    with pytest.raises(ValueError, match="missing"):
        attainment(draws, target)


# Coverage: panels simulated from the model's own kind


def simulated(rng: np.random.Generator, years: int) -> tuple[np.ndarray, np.ndarray]:
    """Households (7, 1) and poor (7, years): levels, shared shocks, a drift that wears off."""
    households = rng.integers(500, 1800, (7, 1))
    own = rng.normal(0, 0.6, (7, 1)) + rng.normal(0, 0.08, (7, years)).cumsum(axis=1)
    common = rng.normal(-0.2, 0.1) * 0.85 ** np.arange(years) + rng.normal(0, 0.05, years)
    logits = -1.2 + own + common.cumsum()
    return households, rng.binomial(households, 1 / (1 + np.exp(-logits)))


@pytest.mark.parametrize("seen", [4, 5])
def test_four_of_five_simulated_years_fall_in_the_80_band(seen):
    rng = np.random.default_rng(seen)
    units, districts = [], []
    for trial in range(300):
        households, poor = simulated(rng, seen + 2)
        model = fit(panel(poor[:, :seen], households))
        last = 2020 + seen
        made = project(model, last + 2, draws=200, seed=trial, plan_like_weight=0)
        counts = made.households[0] / made.households.sum(axis=0)
        low, high = np.quantile(counts, [0.1, 0.9], axis=2)
        truth = poor[:, seen:] / households
        units.append((low <= truth) & (truth <= high))
        low, high = np.quantile(made.rate(State.POOR), [0.1, 0.9], axis=1)
        truth = poor[:, seen:].sum(axis=0) / households.sum()
        districts.append((low <= truth) & (truth <= high))
    assert 0.70 < np.mean(units) < 0.92
    assert 0.70 < np.mean(districts) < 0.92


def test_a_wider_prior_widens_the_band():
    flat = panel(np.full((3, 4), 250))
    widths = [
        np.ptp(np.quantile(project(fit(flat, priors=p), 2025, seed=1).rate(State.POOR), [0.1, 0.9]))
        for p in (Priors(), replace(Priors(), year_sd=0.2))
    ]
    assert widths[1] > 1.5 * widths[0]
