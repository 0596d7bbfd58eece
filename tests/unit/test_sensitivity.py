"""What an answer hangs on: against answers whose indices are known, and the model's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from povsim import Store, outlook, study
from povsim import plan as plans
from povsim.findings import Refusal
from povsim.scenarios import Item, Scenario
from povsim.simulation import World, run
from povsim.study.sensitivity import _worth, fewer_poor
from povsim.vocabulary import Indicator


@pytest.fixture(scope="module")
def world(sample_store: str) -> World:
    view = outlook(plans.load(), Store(sample_store).latest(), 2024, draws=100)
    return study.world(view, draws=100, tilts_drawn=4)


def more(world: World, *lines: str) -> Scenario:
    """The current plan and a hundred millions more for some lines in every unit."""
    scenario = replace(world.current, name="more")
    for line in lines:
        for unit in world.units:
            scenario = scenario.with_more(Item(line, unit, 2025), 100_000_000)
    return scenario


def line(world: World, name: str):
    return next(each for each in world.lines if each.id == name)


def linear(world: World) -> float:
    """An answer of two assumptions, one of them three times as strong over its range."""
    toilet = line(world, "toilet")
    return toilet.take_up / 0.3 + 3 * toilet.unit_cost / (0.4 * 12e6)


def test_only_what_differs_is_asked(world):
    found = study.assumptions(world, more(world, "toilet"))
    assert [each.name for each in found] == ["toilet.effect", "toilet.unit_cost", "toilet.take_up"]
    with pytest.raises(Refusal) as caught:
        study.assumptions(world, replace(world.current, name="as today"))
    assert caught.value.findings[0].rule == "sensitivity_same"


def test_a_tornado_tells_each_end_the_widest_first(world):
    scenario = more(world, "toilet", "telecoms")
    told = study.tornado(world, scenario)
    assert told["swing"].is_monotonic_decreasing
    effect = told[(told["line"] == "toilet") & (told["kind"] == "effect")].iloc[0]
    assert effect["answer_high"] > effect["answer"] > effect["answer_low"]
    assert told["answer"].nunique() == 1
    assert (told["swing"] == (told["answer_high"] - told["answer_low"]).abs()).all()


def test_a_line_without_effect_changes_nothing(world):
    scenario = more(world, "toilet")
    effect = study.assumptions(world, scenario)[0]
    without = replace(world, lines=effect.put(world.lines, 0.0))
    assert fewer_poor(scenario)(without) == 0
    assert fewer_poor(scenario)(world) > 0


def test_sobol_finds_the_shares_of_a_known_answer(world):
    told = study.sobol(world, more(world, "toilet"), points=256, answer=linear)
    shares = told.set_index("kind")["total"]
    assert shares["unit_cost"] == pytest.approx(0.9, abs=0.03)
    assert shares["take_up"] == pytest.approx(0.1, abs=0.03)
    assert shares["effect"] == pytest.approx(0.0, abs=0.01)


def test_morris_finds_the_slopes_of_a_known_answer(world):
    told = study.morris(world, more(world, "toilet"), paths=8, answer=linear).set_index("kind")
    assert told["mu_star"].to_dict() == pytest.approx({"unit_cost": 3, "take_up": 1, "effect": 0})
    assert told["sigma"].to_numpy() == pytest.approx(0, abs=1e-9)


def test_an_answer_that_never_moves_has_no_shares(world):
    told = study.sobol(world, more(world, "toilet"), points=8, answer=lambda _: 1.0)
    assert (told["total"] == 0).all()


def test_knowing_is_worth_what_the_better_choices_save():
    """A leaves ten poor, B twelve less five times the effect: B is chosen, A better under .4."""
    size = np.random.default_rng(1).random(20_000)
    poor = np.stack([np.full(20_000, 10.0), 12 - 5 * size])
    gain, error, changes = _worth(poor, size)
    assert gain == pytest.approx(0.4, abs=4 * error + 0.01)
    assert changes == pytest.approx(0.4, abs=0.02)


def test_knowing_what_tells_nothing_is_worth_nothing():
    rng = np.random.default_rng(2)
    poor = rng.normal(10, 3, (3, 4000)) - [[0.0], [0.5], [0.1]]
    gain, error, _ = _worth(poor, rng.random(4000))
    assert gain < 3 * error


def test_the_value_of_information_needs_a_choice(world):
    outcomes = [run(world), run(world, more(world, "toilet"))]
    told = study.value_of_information(outcomes)
    assert {"toilet", "housing_quality"} <= set(told["line"])
    assert (told["error"] >= 0).all()
    with pytest.raises(Refusal) as caught:
        study.value_of_information(outcomes[:1])
    assert caught.value.findings[0].rule == "choice_alone"


# Side by side


def test_a_comparison_is_on_the_same_draws(world):
    scenario = more(world, "toilet")
    table = study.compare(world, [scenario])
    base, other = run(world), run(world, scenario)
    row = table.query("scenario == 'more' and area == 'district' and year == 2025")
    row = row.set_index("measure")
    change = (other.poor - base.poor)[:, 0].sum(axis=0)
    assert row.loc["poor", "change"] == pytest.approx(change.mean())
    assert row.loc["poor", "change_low"] == np.quantile(change, 0.1)
    assert row.loc["adjusted", "mean"] == pytest.approx(other.measures()["adjusted"][0].mean())
    assert row.loc["rate", "mean"] == pytest.approx(other.measures()["rate"][0].mean())
    today = table[table["scenario"] == world.current.name]
    assert (today[["change", "change_low", "change_high"]] == 0).all().all()


def test_measures_of_a_scenario_agree_with_each_other(world):
    outcome = run(world, more(world, "toilet"))
    lacked = sum(outcome.lacking(indicator) for indicator in Indicator)
    assert outcome.adjusted == pytest.approx(lacked / 12 / outcome.households)
    by_depth = outcome.reached_by_depth()
    assert (sum(by_depth.values()) == outcome.reached.sum(axis=0)).all()
    at_threshold = outcome.at_threshold("toilet") / line(world, "toilet").unit_cost
    assert at_threshold == pytest.approx(outcome.reached_by_depth("toilet")[3])
    assert ((outcome.creaming() > 0) & (outcome.creaming() < 1)).all()


def test_chances_are_judged_on_the_scenario_s_draws(sample_store):
    view = outlook(plans.load(), Store(sample_store).latest(), 2024, draws=100)
    world = study.world(view, draws=100, tilts_drawn=4)
    today, more_ = (study.chances(view, run(world, s)) for s in (None, more(world, "toilet")))
    assert (today["area"] == more_["area"]).all()
    quotas = today["kind"] == "households"
    assert (more_["chance"] >= today["chance"])[quotas].all()
    assert (more_["chance"] > today["chance"])[quotas].any()


def test_cliffs_are_counted_where_support_ends_with_poverty(world):
    """Who escapes in the first year loses what is not given on: from the second year."""
    outcome = run(world)
    assert not outcome.cliffs()[:, 0].any()
    assert outcome.cliffs()[:, 1].sum() > 0
    assert outcome.cliffs("health_insurance").sum() <= outcome.cliffs().sum()
    assert outcome.cliffs("toilet").sum() == 0
