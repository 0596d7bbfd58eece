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
    Aid,
    Budget,
    Effect,
    Homes,
    Kind,
    Law,
    Line,
    Serving,
    Stand,
    cost,
    eligible,
    goes_on,
    reached,
    served,
)
from povsim.effects.entitlements import ended
from povsim.findings import Refusal
from povsim.population import GROUPS
from povsim.vocabulary import Cause, Group, Indicator

DRAWS = 200_000


@pytest.fixture(scope="module")
def known() -> dict[str, Line]:
    return {line.id: line for line in effects.lines()}


def people(places: int = 400, draws: int = 3) -> Homes:
    """Listed households of one unit, the poor lacking three or more, the same in every draw."""
    rng = np.random.default_rng(1)
    state = np.sort(rng.integers(0, 2, places))
    number = np.where(state == 0, 3, 2)
    masks = np.array([(1 << rng.permutation(12)[:n]).sum() for n in number])
    groups = rng.integers(0, 1 << len(GROUPS), places)
    causes = np.where(state == 0, rng.integers(1, 1 << len(Cause), places), -1)
    everybody = (np.ones(places), masks, groups, causes)
    _, mask, group, cause = (np.tile(column, (draws, 1)).astype(np.int16) for column in everybody)
    stand = np.tile(state, (draws, 1)).astype(np.int8)
    return Homes("u", np.arange(places), stand, mask, np.zeros_like(mask), group, cause)


def whole(line: Line, homes: Homes) -> Serving:
    return Serving(line, 2025 - line.lag, eligible(line, homes))


def aid(servings: list[Serving], homes: Homes, **sizes: float) -> Aid:
    drawn = {name: np.full(homes.draws, size) for name, size in sizes.items()}
    return Aid.of(servings, drawn, homes, 2025, seed=1)


SURELY = np.zeros(3)


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
    ("changed", "rule"),
    [
        (("unit_cost = 1000000.0", "unit_cost = 0"), "line_free"),
        (("unit_cost = 1000000.0", "unit_cost = -5"), "line_number"),
        (("unit_cost = 1000000.0", 'unit_cost = "12 triệu"'), "line_number"),
        (("take_up = 0.5", "take_up = 1.5"), "line_number"),
        (("take_up = 0.5", "take_upp = 0.5"), "line_field"),
        (("take_up = 0.5", ""), "line_missing"),
        (('indicator = "toilet"', 'indicator = "toilets"'), "line_word"),
        (('indicator = "toilet"', ""), "line_indicator"),
        (('states = ["poor"]', 'states = ["poor", "rich"]'), "line_word"),
        (('grade = "C"', 'grade = "E"'), "line_word"),
        (("sd = 0.05", "sd = 0.5"), "line_spread"),
        (("mean = 0.9", "mean = 1.2"), "line_mean"),
        (('assumed = "Sở"', ""), "line_source"),
        (('id = "toilet"', 'id = "toilet"\nname = "Nhà tiêu"'), "line_shape"),
        (('states = ["poor"]', 'states = "poor"'), "line_shape"),
        (('funds = ["Tỉnh"]', 'funds = "Tỉnh"'), "line_shape"),
        (("sources = { unit_cost =", "sources = { unit_cots ="), "line_field"),
        (("capacity = 0", "capacity = 1.5"), "line_whole"),
        (("unit_cost = 1000000.0", "unit_cost = inf"), "line_number"),
        (("unit_cost = 1000000.0", "unit_cost = nan"), "line_number"),
        (("lag = 0", "lag = true"), "line_number"),
        (('law = "beta"', 'law = "normal"'), "line_law"),
    ],
)
def test_a_line_that_cannot_be_is_refused_by_its_name(tmp_path, monkeypatch, changed, rule):
    content = LINE.format(cost=1e6, take_up=0.5, sd=0.05)
    assert changed[0] in content
    own(tmp_path, monkeypatch, content.replace(*changed))
    with pytest.raises(Refusal) as caught:
        effects.lines()
    found = {finding.rule for finding in caught.value.findings}
    assert rule in found
    for finding in caught.value.findings:
        assert str(finding.place) == "own.toml › [[line]] › toilet"
        assert finding.next_step("vi")


def test_every_number_needs_a_source(tmp_path, monkeypatch):
    own(tmp_path, monkeypatch, LINE.format(cost=1e6, take_up=0.5, sd=0.05).replace('"Sở"', '""'))
    with pytest.raises(Refusal) as caught:
        effects.lines()
    told = [finding.values["field"] for finding in caught.value.findings]
    assert told == ["take_up", "capacity", "lag", "effect"]


def test_a_typo_is_told_what_was_probably_meant(tmp_path, monkeypatch):
    own(tmp_path, monkeypatch, LINE.format(cost=1e6, take_up=0.5, sd=0.05) + "grce = 1\n")
    with pytest.raises(Refusal, match="grace"):
        effects.lines()


def test_every_fault_of_a_file_is_told_at_once(tmp_path, monkeypatch):
    content = LINE.format(cost=0, take_up=7, sd=0.05)
    own(tmp_path, monkeypatch, content + content[content.index("[[line]]") :])
    with pytest.raises(Refusal) as caught:
        effects.lines()
    rules_told = [finding.rule for finding in caught.value.findings]
    assert sorted(rules_told) == ["line_free"] * 2 + ["line_number"] * 2 + ["line_twice"]


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
    lacks = (crowd.mask >> list(Indicator).index(Indicator.TOILET)) & 1 == 1
    assert (eligible(known["toilet"], crowd) == lacks).all()
    dtts = (crowd.groups >> GROUPS.index(Group.DTTS)) & 1 == 1
    without_land = (crowd.causes >> list(Cause).index(Cause.LACK_LAND)) & 1 == 1
    assert (eligible(known["land"], crowd) == (dtts & without_land & crowd.poor)).all()


def test_a_cause_that_nobody_was_asked_for_rules_nobody_out(known):
    crowd = people()
    may = eligible(known["credit"], crowd)
    asked = (crowd.causes >> list(Cause).index(Cause.LACK_CAPITAL)) & 1 == 1
    assert (may[crowd.poor] == asked[crowd.poor]).all()
    assert may[crowd.near_poor].all()


def test_coverage_saturates(known):
    line = replace(known["toilet"], take_up=0.5, capacity=30, unit_cost=10e6)
    able = np.array([100, 40, 10])
    assert reached(line, able, 1e12).tolist() == [30, 20, 5]
    assert reached(line, able, 99e6).tolist() == [9, 9, 5]
    assert reached(line, able, 1e6).tolist() == [0, 0, 0]
    assert cost(line, np.array([9, 0, 5])).tolist() == [90e6, 0, 50e6]


def test_works_are_all_or_nothing(known):
    water = replace(known["water"], take_up=1.0, unit_cost=900e6, households_a_work=60)
    told = [reached(water, np.array([100]), money)[0] for money in (899e6, 900e6, 1800e6)]
    assert told == [0, 60, 100]
    assert cost(water, np.array([0, 60, 100])).tolist() == [0, 900e6, 1800e6]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.floats(0, 2e9), st.floats(0, 2e9), st.sampled_from(["toilet", "water", "livelihood"]))
def test_more_money_adds_households_and_takes_none_away(one, other, name):
    line = {line.id: line for line in effects.lines()}[name]
    crowd = people()
    few, many = (served(line, crowd, money, seed=1, year=2025) for money in sorted((one, other)))
    assert not (few & ~many).any()
    assert eligible(line, crowd)[many].all()
    quota = reached(line, eligible(line, crowd).sum(axis=1), max(one, other))
    assert (many.sum(axis=1) == quota).all()


# What it does


def test_a_served_household_loses_that_deprivation_and_no_other(known):
    crowd, line = people(), known["toilet"]
    serving = whole(line, crowd)
    ended_ = aid([serving], crowd, toilet=1.0).counted(crowd.mask, SURELY)
    assert (ended_ == np.where(serving.rows, line.bit, 0)).all()
    assert not aid([serving], crowd, toilet=0.0).counted(crowd.mask, SURELY).any()


def test_a_share_of_the_served_is_relieved_and_a_larger_one_holds_the_smaller(known):
    crowd, line = people(20_000), known["toilet"]
    serving = whole(line, crowd)
    few, many = (
        aid([serving], crowd, toilet=size).counted(crowd.mask, SURELY) > 0 for size in (0.3, 0.6)
    )
    assert many[serving.rows].mean() == pytest.approx(0.6, abs=0.02)
    assert not (few & ~many).any()


def test_where_the_year_brings_less_a_line_did_less(known):
    """At a bar of −.5 half of what a line relieves is relieved."""
    crowd, line = people(20_000), known["toilet"]
    serving = whole(line, crowd)
    half = aid([serving], crowd, toilet=0.8).counted(crowd.mask, np.full(3, -0.5)) > 0
    assert half[serving.rows].mean() == pytest.approx(0.4, abs=0.02)


def test_two_lines_on_one_deprivation_fail_together_only(known):
    crowd, line = people(20_000), known["toilet"]
    second = replace(line, id="again")
    both = aid([whole(line, crowd), whole(second, crowd)], crowd, toilet=0.6, again=0.5)
    rows = eligible(line, crowd)
    left = both.counted(crowd.mask, SURELY)[rows] == 0
    assert left.mean() == pytest.approx(0.4 * 0.5, abs=0.02)


def test_lifts_add_up_to_a_limit_and_may_do_harm(known):
    crowd = people()
    servings = [whole(known["livelihood"], crowd), whole(known["credit"], crowd)]
    both = servings[0].rows & servings[1].rows
    assert both.any()
    assert aid(servings, crowd, livelihood=0.3, credit=0.2).shift[both] == pytest.approx(0.5)
    assert aid(servings, crowd, livelihood=0.6, credit=0.6).shift[both] == pytest.approx(MOST_SHIFT)
    assert aid(servings, crowd, livelihood=-0.4, credit=0.0).shift[both] == pytest.approx(-0.4)


def test_what_is_not_due_yet_does_nothing(known):
    crowd, line = people(), replace(known["toilet"], lag=1)
    later = Serving(line, 2025, eligible(line, crowd))
    assert not aid([later], crowd, toilet=1.0).reliefs


# Entitlements


def test_an_entitlement_ends_and_what_was_built_stays(known):
    years = np.array([0, 1, 30])
    assert goes_on(known["health_insurance"], years).tolist() == [True, False, False]
    assert goes_on(known["toilet"], years).all()


def insured(line: Line, stand: Stand) -> Homes:
    crowd = people()
    held = np.full_like(crowd.mask, line.bit)
    stands = np.full_like(crowd.stand, stand)
    return replace(crowd, held=held, mask=crowd.mask & ~held, stand=stands)


def test_who_is_on_a_list_keeps_an_entitlement_where_it_is_paid_anew(known):
    line = known["health_insurance"]
    crowd = insured(line, Stand.POOR)
    paid = served(line, crowd, line.unit_cost * 50, seed=1, year=2025)
    after = ended(crowd, [line], [Serving(line, 2025, paid)])
    assert (paid.sum(axis=1) == 50).all()
    assert (((after.held & line.bit) > 0) == paid).all()
    assert (((after.mask & line.bit) > 0) == ~paid).all()


@pytest.mark.parametrize(
    ("grace", "stand", "kept"),
    [
        (0, Stand.OUT_1, False),
        (1, Stand.OUT_1, True),
        (1, Stand.OUT_2, False),
        (3, Stand.OUT, False),
    ],
)
def test_who_left_keeps_it_for_its_grace(known, grace, stand, kept):
    line = replace(known["health_insurance"], grace=grace)
    after = ended(insured(line, stand), [line], [])
    assert (((after.held & line.bit) > 0) == kept).all()
    assert (((after.mask & line.bit) > 0) != kept).all()


def test_what_is_held_up_is_renewed_before_others_are_taken(known):
    line = known["health_insurance"]
    crowd = people()
    half = np.where(np.arange(crowd.mask.shape[1]) % 2, line.bit, 0).astype(np.int16)
    held = np.tile(half, (crowd.draws, 1))
    crowd = replace(crowd, held=held, mask=(crowd.mask | line.bit) & ~held)
    rows = served(line, crowd, line.unit_cost * 100, seed=1, year=2025)
    assert (rows.sum(axis=1) == 100).all()
    assert (held[rows] > 0).all()
