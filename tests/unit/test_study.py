"""The outlook: results of past years are the counts' own, chances are shares of draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from povsim import Outlook, Plan, Refusal, Store, outlook
from povsim.plan import DISTRICT, TargetKind
from povsim.trajectory import Model
from povsim.vocabulary import Standing, State
from povsim.wording import model_sentence


@pytest.fixture(scope="module")
def view(sample_store: str, plan: Plan) -> Outlook:
    return outlook(plan, Store(sample_store).release(1), 2024)


def test_counted_rates_are_the_published_ones(view: Outlook) -> None:
    rates = [round(100 * view.rate(DISTRICT, year), 2) for year in (2021, 2023, 2024)]
    assert rates == [24.86, 10.51, 7.47]


@pytest.mark.parametrize(
    ("year", "kind", "met"),
    [
        (2022, TargetKind.POINTS_A_YEAR, True),  # 24.86 → 16.88 fell 7.98
        (2023, TargetKind.POINTS_A_YEAR, False),  # 16.88 → 10.51 fell 6.37
        (2023, TargetKind.PATH, True),  # 10.51 under 11.66
        (2024, TargetKind.PATH, False),  # 7.47 over 5.06
        (2024, TargetKind.POINTS_A_YEAR, False),  # fell 3.04
        (2024, TargetKind.HOUSEHOLDS, False),  # 574 over 560
    ],
)
def test_results_of_past_years(view: Outlook, year: int, kind: TargetKind, met: bool) -> None:
    aim = view.aim(DISTRICT, year, kind)
    assert aim is not None
    assert aim.met is met
    assert aim.chance is None


def test_a_chance_is_the_share_of_draws_that_meet_the_target(view: Outlook) -> None:
    area = view.find("Đăk Kôi")
    aim = view.aim(area, 2025)
    poor = view.projection.households[0, view.areas.index(area), 0]
    assert aim.chance == pytest.approx(np.mean(poor <= aim.target.value))
    assert aim.error == pytest.approx(np.sqrt(aim.chance * (1 - aim.chance) / len(poor)), rel=1e-3)


def test_points_a_year_are_counted_from_the_last_review(view: Outlook) -> None:
    aim = view.aim(DISTRICT, 2025, TargetKind.POINTS_A_YEAR)
    assert aim.rate == pytest.approx(view.rate(DISTRICT, 2024) - 0.066)
    assert aim.pace_needed == pytest.approx(0.066)


def test_the_path_ends_on_its_floor(view: Outlook) -> None:
    aim = view.aim(DISTRICT, 2025, TargetKind.PATH)
    assert aim.rate == 0
    assert aim.target.floored


def test_district_draws_are_the_sum_of_the_units(view: Outlook) -> None:
    households = view.projection.households
    expected = households[0].sum(axis=0) / households.sum(axis=(0, 1))
    assert np.allclose(view.projection.rate(State.POOR), expected)


def test_units_are_ranked_least_likely_first(view: Outlook) -> None:
    chances = [aim.chance for _, aim in view.ranked(2025)]
    assert chances == sorted(chances)
    assert len(chances) == 7


def test_standing_follows_the_plan_s_thresholds(plan: Plan) -> None:
    chances = (0.0, 0.3299, 0.33, 0.6699, 0.67, 1.0)
    off, risk, on = Standing.OFF_TRACK, Standing.AT_RISK, Standing.ON_TRACK
    assert [plan.standing(chance) for chance in chances] == [off, off, risk, risk, on, on]


def test_the_last_review_fell_where_the_forecast_without_it_said(view: Outlook) -> None:
    check = view.check
    assert check.year == 2024
    assert list(check.areas["area"]) == [DISTRICT, *view.areas]
    assert check.low < check.found < check.high
    assert check.found == view.rate(DISTRICT, 2024)
    assert check.trusted


def test_same_seed_same_draws_other_seed_other_draws(view: Outlook, plan: Plan) -> None:
    again, other = (outlook(plan, view.release, 2024, seed=seed) for seed in (2025, 7))
    assert np.array_equal(again.projection.households, view.projection.households)
    assert not np.array_equal(other.projection.households, view.projection.households)


def test_after_the_merger_counts_and_quotas_add_up(view: Outlook, plan: Plan) -> None:
    last = outlook(plan, view.release, 2025)
    assert last.projection is None
    assert [unit.name for unit in last.units] == ["Đăk Rve", "Đăk Kôi", "Kon Braih"]
    assert last.households(DISTRICT, 2024) == view.households(DISTRICT, 2024)
    parts = [view.aim(view.find(n), 2024).target.value for n in ("Đăk Kôi", "Đăk Tơ Lung")]
    assert last.aim(last.find("Đăk Kôi"), 2024).target.value == sum(parts)


def test_a_year_without_data_is_refused(view: Outlook, plan: Plan) -> None:
    with pytest.raises(Refusal, match="2030"):
        outlook(plan, view.release, 2030)


def test_movements_close_the_stocks(view: Outlook) -> None:
    moves = view.movements(2024).set_index("unit")
    for area in view.areas:
        change = moves.loc[area, "entered"] - moves.loc[area, "left"]
        before, after = (view.households(area, year, State.POOR) for year in (2023, 2024))
        assert after - before == change


def holding(view: Outlook, **facts: float) -> Outlook:
    """The same outlook, other things being taken for granted."""
    made = view.forecast.projection
    other = replace(made, assumptions={**made.assumptions, **facts})
    projections = {**view.forecast.projections, Model.FLOWS: other}
    return replace(view, forecast=replace(view.forecast, projections=projections))


@pytest.mark.parametrize(
    ("pushed", "push", "told"),
    [
        (0.8, 0.2, "năm sau nhanh hơn năm trước (khả năng 80\N{NO-BREAK SPACE}%)"),
        (0.8, -0.2, "năm sau chậm hơn"),
    ],
)
def test_a_push_is_told_where_it_is_likely(
    view: Outlook, pushed: float, push: float, told: str
) -> None:
    assert "năm sau" not in model_sentence(view, "vi")
    assert told in model_sentence(holding(view, pushed=pushed, push=push), "vi")


def test_what_is_assumed_of_those_who_cannot_work_is_told_with_its_source(view: Outlook) -> None:
    other = holding(view, structural_assumed=1.0, structural_share=0.3)
    told = model_sentence(other, "vi").replace("\N{NO-BREAK SPACE}", " ")
    assert "Giả định 30 % số hộ nghèo" in told
    assert "13,8 % số hộ nghèo của năm đầu" in told
