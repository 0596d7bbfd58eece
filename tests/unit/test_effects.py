"""Programme lines: data that check themselves, effects with a spread, money that saturates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import effects, rules
from povsim.effects import (
    MOST_SHIFT,
    Budget,
    Effect,
    Kind,
    Law,
    Line,
    cost,
    goes_on,
    lifted,
    reached,
    relieved,
    treated,
)
from povsim.findings import Refusal
from povsim.population import GROUPS, LISTED, Population
from povsim.vocabulary import Group, Indicator, State

DRAWS = 200_000


@pytest.fixture(scope="module")
def known() -> dict[str, Line]:
    return {line.id: line for line in effects.lines()}


def people(size: int = 400, units: int = 2) -> Population:
    rng = np.random.default_rng(1)
    state = np.sort(rng.integers(0, 2, size))
    number = np.where(state == 0, 3, 2)
    masks = np.array([(1 << rng.permutation(12)[:n]).sum() for n in number])
    groups = rng.integers(0, 1 << len(GROUPS), size)
    unit = rng.integers(0, units, size)
    names = tuple(f"u{i}" for i in range(units))
    return Population(names, unit, state, masks, groups, np.full(size, 4), 0.0)


# The lines


def test_every_line_is_an_assumption_with_its_source(known):
    assert {line.kind for line in known.values()} == set(Kind)
    assert {line.budget for line in known.values()} == set(Budget)
    for line in known.values():
        assert not line.verified
        assert "Giả định" in line.source("unit_cost")
        assert line.grade in "ABCD"
        assert line.effect.none > 0 or line.kind is Kind.INDICATOR
        assert line.effect.law is (Law.BETA if line.kind is Kind.INDICATOR else Law.NORMAL)
    relieved_by = {line.indicator for line in known.values()} - {None}
    assert set(Indicator) - relieved_by == {Indicator.DEPENDANTS, Indicator.ADULT_SCHOOLING}


def own(tmp_path, monkeypatch, content: str) -> None:
    folder = tmp_path / "data" / "programme-lines"
    folder.mkdir(parents=True)
    (folder / "own.toml").write_text(content, "utf-8")
    (tmp_path / "data" / "plans").mkdir()
    monkeypatch.setenv("POVSIM_HOME", str(tmp_path))
    rules.forget_own()


LINE = """
assumed = "Sở"
[[line]]
id = "toilet"
kind = "indicator"
indicator = "toilet"
unit_cost = {cost}
budget = "capital"
funds = ["Tỉnh"]
states = ["poor"]
take_up = {take_up}
capacity = 0
lag = 0
effect = {{ none = 0.1, mean = 0.9, sd = {sd}, law = "beta" }}
sources = {{ unit_cost = "Quyết định của tỉnh" }}
grade = "C"
"""


def test_an_office_replaces_a_line_by_its_own(tmp_path, monkeypatch, known):
    own(tmp_path, monkeypatch, LINE.format(cost=9_000_000, take_up=0.5, sd=0.05))
    mine = {line.id: line for line in effects.lines()}
    assert set(mine) == set(known)
    assert mine["toilet"].unit_cost == 9e6
    assert mine["toilet"].source("unit_cost") == "Quyết định của tỉnh"
    assert mine["toilet"].source("take_up") == "Sở"
    assert mine["water"] == known["water"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"cost": 0}, "unit_cost"),
        ({"take_up": 1.5}, "take_up"),
        ({"sd": 0.5}, "effect.sd"),
    ],
)
def test_a_number_that_cannot_be_is_named(tmp_path, monkeypatch, changed, told):
    own(tmp_path, monkeypatch, LINE.format(**{"cost": 1e6, "take_up": 0.5, "sd": 0.05} | changed))
    with pytest.raises(Refusal) as caught:
        effects.lines()
    [finding] = caught.value.findings
    assert (finding.rule, finding.place.file) == ("line_field", "own.toml")
    assert finding.values["line"] == "toilet"
    assert told in str(finding.values["reason"])


def test_a_file_that_is_no_toml_is_named(tmp_path, monkeypatch):
    own(tmp_path, monkeypatch, "[[line\n")
    with pytest.raises(Refusal) as caught:
        effects.lines()
    assert [finding.rule for finding in caught.value.findings] == ["line_unreadable"]


# Effects


@pytest.mark.parametrize("law", Law)
@pytest.mark.parametrize("sd", [0.02, 0.1, 0.2])
def test_widening_the_spread_leaves_the_mean(law, sd):
    effect = Effect(none=0.4, mean=0.3, sd=sd, law=law)
    drawn = effect.draw("line", DRAWS, seed=1)
    assert drawn.mean() == pytest.approx(effect.expected, abs=0.003)
    assert (drawn == 0).mean() == pytest.approx(0.4, abs=0.005)
    assert drawn[drawn != 0].std() == pytest.approx(sd, rel=0.05)


def test_a_normal_may_do_harm_and_a_share_may_not():
    normal, beta, lognormal = (
        Effect(0.0, 0.1, 0.15, law) for law in (Law.NORMAL, Law.BETA, Law.LOGNORMAL)
    )
    assert normal.draw("a", DRAWS, 1).min() < 0
    assert (beta.draw("a", DRAWS, 1) >= 0).all()
    assert beta.draw("a", DRAWS, 1).max() <= 1
    assert lognormal.draw("a", DRAWS, 1).min() > 0


def test_an_effect_is_the_same_in_every_scenario_of_a_seed():
    effect = Effect(0.4, 0.25, 0.25, Law.NORMAL)
    assert (effect.draw("x", 50, 1) == effect.draw("x", 80, 1)[:50]).all()
    assert not (effect.draw("x", 50, 1) == effect.draw("y", 50, 1)).all()


# Whom money reaches


def test_the_law_says_who_may(known):
    crowd = people()
    toilet = known["toilet"].eligible(crowd)
    lacks = (crowd.mask >> list(Indicator).index(Indicator.TOILET)) & 1 == 1
    assert (toilet == lacks).all()
    land = known["land"].eligible(crowd)
    dtts = (crowd.groups >> GROUPS.index(Group.DTTS)) & 1 == 1
    assert (land == (dtts & (crowd.state == LISTED.index(State.POOR)))).all()


def test_coverage_saturates(known):
    line = replace(known["toilet"], take_up=0.5, capacity=30, unit_cost=10e6)
    eligible = np.array([100, 40, 10])
    assert reached(line, eligible, np.full(3, 1e12)).tolist() == [30, 20, 5]
    assert reached(line, eligible, np.array([99e6, 1e6, 55e6])).tolist() == [9, 0, 5]
    assert cost(line, np.array([9, 0, 5])).tolist() == [90e6, 0, 50e6]


def test_works_are_all_or_nothing(known):
    water = replace(known["water"], take_up=1.0, unit_cost=900e6, households_a_work=60)
    money = np.array([899e6, 900e6, 1800e6])
    assert reached(water, np.array([100, 100, 100]), money).tolist() == [0, 60, 100]
    assert cost(water, np.array([0, 60, 100])).tolist() == [0, 900e6, 1800e6]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.floats(0, 2e9), st.floats(0, 2e9), st.sampled_from(["toilet", "water", "livelihood"]))
def test_more_money_adds_households_and_takes_none_away(one, other, name):
    line = {line.id: line for line in effects.lines()}[name]
    crowd = people()
    few, many = (
        set(treated(line, crowd, np.full(2, money), seed=1, year=2025).tolist())
        for money in sorted((one, other))
    )
    assert few <= many
    assert line.eligible(crowd)[list(many)].all()


# What it does


def test_a_served_household_loses_that_deprivation_and_no_other(known):
    crowd, line = people(), known["toilet"]
    rows = np.flatnonzero(line.eligible(crowd))
    after = relieved([(line, rows, 1.0)], crowd, seed=1)
    assert (after[rows] == crowd.mask[rows] & ~line.bit).all()
    others = np.setdiff1d(np.arange(len(after)), rows)
    assert (after[others] == crowd.mask[others]).all()
    assert (relieved([(line, rows, 0.0)], crowd, seed=1) == crowd.mask).all()


def test_two_lines_on_one_deprivation_fail_together_only(known):
    crowd, line = people(20_000), known["toilet"]
    second = replace(line, id="toilet again")
    rows = np.flatnonzero(line.eligible(crowd))
    after = relieved([(line, rows, 0.6), (second, rows, 0.5)], crowd, seed=1)
    assert ((after[rows] & line.bit) > 0).mean() == pytest.approx(0.4 * 0.5, abs=0.02)


def test_lifts_add_up_to_a_limit(known):
    crowd, line = people(), known["livelihood"]
    rows = np.arange(10)
    assert lifted([(line, rows, 0.3), (line, rows[:5], 0.2)], crowd)[:11].tolist() == pytest.approx(
        [0.5] * 5 + [0.3] * 5 + [0.0]
    )
    assert lifted([(line, rows, 0.6), (line, rows, 0.6)], crowd).max() == MOST_SHIFT
    assert lifted([(line, rows, -0.4)], crowd).min() == -0.4


def test_an_entitlement_ends_and_what_was_built_stays(known):
    assert goes_on(known["health_insurance"], 0)
    assert not goes_on(known["health_insurance"], 1)
    assert goes_on(known["toilet"], 30)
