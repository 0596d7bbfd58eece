"""Programme lines: data that check themselves, effects with a spread, money that saturates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from crowds import ALL_MONEY, UNIT, crowd, open_to_all, scenario, world
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import effects, rules
from povsim.effects import Budget, Effect, Kind, Law, Line, Stand, Targeting, cost, reached
from povsim.effects.living.coding import MOST_SHIFT
from povsim.findings import Refusal
from povsim.population import GROUPS
from povsim.simulation import Followed, follow
from povsim.vocabulary import Cause, Group, Indicator

DRAWS = 200_000


@pytest.fixture(scope="module")
def known() -> dict[str, Line]:
    return {line.id: line for line in effects.lines()}


def sure(line: Line, mean: float = 1.0, **other: object) -> Line:
    """The line for all who may have it, with an effect that is known."""
    effect = Effect(none=0.0, mean=mean, sd=0.0, law=line.effect.law)
    return open_to_all(line, effect=effect, **other)


def after(line: Line, *more: Line, places: int = 400, money: int = ALL_MONEY) -> Followed:
    """The first year of a crowd in which so much is spent on each line."""
    lines = (line, *more)
    spent = scenario({(each.id, 2025): money for each in lines})
    return follow(world(crowd(places), *lines), UNIT, spent)[0]


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
    people = crowd()
    lacks = (people.mask >> list(Indicator).index(Indicator.TOILET)) & 1 == 1
    toilet = after(sure(known["toilet"]))
    assert (toilet.served["toilet"] == lacks).all()
    assert (toilet.able["toilet"] == lacks.sum()).all()
    dtts = (people.groups >> GROUPS.index(Group.DTTS)) & 1 == 1
    without_land = (people.causes >> list(Cause).index(Cause.LACK_LAND)) & 1 == 1
    land = after(sure(known["land"])).served["land"]
    assert (land == (dtts & without_land & (people.state == 0))).all()


def test_a_cause_that_nobody_was_asked_for_rules_nobody_out(known):
    people, may = crowd(), after(sure(known["credit"])).served["credit"][0]
    poor = people.state == 0
    asked = (people.causes >> list(Cause).index(Cause.LACK_CAPITAL)) & 1 == 1
    assert (may[poor] == asked[poor]).all()
    assert may[~poor].all()


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


MONEY = st.integers(0, 2_000_000_000)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(MONEY, MONEY, st.sampled_from(["toilet", "water", "livelihood"]), st.sampled_from(Targeting))
def test_more_money_adds_households_and_takes_none_away(one, other, name, rule):
    line = {line.id: line for line in effects.lines()}[name]
    lived = world(crowd(), line)
    few, many = (
        follow(lived, UNIT, scenario({(name, 2025): money}, targeting=rule, registered=0.3))[0]
        for money in sorted((one, other))
    )
    assert not (few.served[name] & ~many.served[name]).any()
    quota = reached(line, many.able[name], max(one, other))
    assert (many.served[name].sum(axis=1) == quota).all()


# Who comes first


def first_hundred(line: Line, rule: Targeting, **other: object) -> np.ndarray:
    """Whom money for a hundred serves in the first draw, of households that lack two to seven."""
    people = crowd(1000)
    extra = np.random.default_rng(2).integers(0, 1 << 12, 1000)
    deeper = np.where(people.state == 0, people.mask | extra, people.mask)
    money = {(line.id, 2025): round(line.unit_cost) * 100}
    lived = world(replace(people, mask=deeper), line)
    [year] = follow(lived, UNIT, scenario(money, targeting=rule, **other))
    number = np.bitwise_count(deeper)
    return np.stack([year.served[line.id][0], number, people.groups, people.state])


def test_the_deepest_or_the_nearest_come_first(known):
    line = sure(known["twinning"])
    served, number, _, state = first_hundred(line, Targeting.DEEPEST)
    taken, left = number[served == 1], number[(served == 0) & (state == 0)]
    assert taken.min() >= left.max()
    assert len(taken) == 100
    served, number, _, state = first_hundred(line, Targeting.NEAREST)
    assert number[(served == 1) & (state == 0)].max() <= number[(served == 0) & (state == 0)].min()
    assert (state[served == 1] == 0).all()


def test_ethnic_minority_households_come_first(known):
    served, _, groups, _ = first_hundred(sure(known["twinning"]), Targeting.DTTS)
    assert (groups[served == 1] & 1 == 1).all()


def test_whoever_registered_comes_first_and_is_the_same_in_every_draw(known):
    line = sure(known["twinning"])
    lived = world(crowd(), line, draws=50)
    amounts = {(line.id, 2025): round(line.unit_cost) * 40}
    told = scenario(amounts, targeting=Targeting.REGISTERED, registered=0.25)
    [year] = follow(lived, UNIT, told)
    ever = year.served[line.id].any(axis=0)
    assert 40 < ever.sum() < 0.35 * (crowd().state == 0).sum()


# What it does


def test_a_served_household_loses_that_deprivation_and_no_other(known):
    line = sure(known["toilet"])
    year = after(line)
    assert (year.relieved == np.where(year.served["toilet"], line.bit, 0)).all()
    assert not after(sure(known["toilet"], 0.0)).relieved.any()


def test_a_share_of_the_served_is_relieved_and_a_larger_one_holds_the_smaller(known):
    few, many = (after(sure(known["toilet"], size), places=20_000) for size in (0.3, 0.6))
    rows = many.served["toilet"]
    assert (many.relieved[rows] > 0).mean() == pytest.approx(0.6, abs=0.02)
    assert not ((few.relieved > 0) & (many.relieved == 0)).any()


def test_strength_is_even_from_the_surest_to_the_last(known):
    """So that where a year brings less, at a bar of −.5 say, half of it is left."""
    year = after(sure(known["toilet"], 0.8), places=20_000)
    strength = year.strength["toilet"][year.served["toilet"]]
    assert (strength < -0.5).mean() == pytest.approx(0.4, abs=0.02)
    assert (strength < 0).mean() == pytest.approx(0.8, abs=0.02)


def test_two_lines_on_one_deprivation_fail_together_only(known):
    first = sure(known["toilet"], 0.6)
    year = after(first, sure(replace(first, id="again"), 0.5), places=20_000)
    left = year.relieved[year.served["toilet"]] == 0
    assert left.mean() == pytest.approx(0.4 * 0.5, abs=0.02)


def rise_at(year: Followed) -> np.ndarray:
    """Log-odds at which the poor who can work rise by income."""
    values = year.critical["rise"]
    chance = np.where(values < 1, values, np.nan)
    return np.log(chance) - np.log1p(-chance)


@pytest.mark.parametrize(
    ("first", "second", "shift"), [(0.3, 0.2, 0.5), (0.6, 0.6, MOST_SHIFT), (-0.4, 0.0, -0.4)]
)
def test_lifts_add_up_to_a_limit_and_may_do_harm(known, first, second, shift):
    lines = (sure(known["livelihood"], first), sure(known["credit"], second))
    year, without = after(*lines), after(*lines, money=0)
    both = year.served["livelihood"] & year.served["credit"]
    lifted = (rise_at(without) - rise_at(year))[both & np.isfinite(rise_at(without))]
    assert len(lifted) > 20
    assert lifted == pytest.approx(shift)


def test_what_is_not_due_yet_does_nothing(known):
    line = replace(sure(known["toilet"]), lag=1)
    first, second = follow(
        world(crowd(), line, years=2), UNIT, scenario({("toilet", 2025): ALL_MONEY})
    )
    assert first.served["toilet"].any()
    assert not first.relieved.any()
    assert (second.relieved == np.where(first.served["toilet"], line.bit, 0)).all()


# Entitlements


def held(year: Followed, line: Line) -> np.ndarray:
    return (year.homes.held & line.bit) > 0


def test_who_is_on_a_list_keeps_an_entitlement_where_it_is_paid_anew(known):
    line = sure(known["health_insurance"])
    money = {("health_insurance", 2025): ALL_MONEY}
    money["health_insurance", 2026] = round(line.unit_cost) * 20
    first, second = follow(world(crowd(), line, years=2), UNIT, scenario(money))
    paid = second.served["health_insurance"]
    assert (held(first, line) == first.served["health_insurance"]).all()
    assert (paid.sum(axis=1) == 20).all()
    assert held(first, line)[paid].all()
    assert (held(second, line) == paid).all()
    lost = held(first, line) & ~paid & second.homes.poor
    assert ((second.homes.mask & line.bit) > 0)[lost].all()


def test_what_was_built_stays(known):
    line = sure(known["toilet"])
    lived = world(crowd(), line, years=3)
    first, _, third = follow(lived, UNIT, scenario({("toilet", 2025): ALL_MONEY}))
    built = first.served["toilet"]
    assert not (third.homes.mask & line.bit)[built].any()


@pytest.mark.parametrize(("grace", "kept"), [(0, 0), (1, 1), (2, 2), (3, 3)])
def test_who_left_keeps_it_for_its_grace(known, grace, kept):
    """Paid in the year in which some rise; so many years after it they hold it still."""
    line = replace(sure(known["health_insurance"]), grace=grace)
    lived = world(crowd(), line, years=5, rising=50)
    years = follow(lived, UNIT, scenario({("health_insurance", 2025): ALL_MONEY}))
    left = (years[0].homes.stand == Stand.OUT_1) & held(years[0], line)
    assert left.any()
    for after_, year in enumerate(years[1:], 1):
        assert (held(year, line)[left] == (after_ <= kept)).all()
        assert (((year.homes.mask & line.bit) > 0)[left] == (after_ > kept)).all()


def test_what_is_held_up_is_renewed_before_others_are_taken(known):
    """Half of those who may have it have it; in the next year there is money for as many."""
    line = sure(known["health_insurance"])
    may = after(line).able["health_insurance"][0]
    half = round(line.unit_cost) * int(may // 2)
    money = {("health_insurance", year): half for year in (2025, 2026)}
    first, second = follow(world(crowd(), line, years=2), UNIT, scenario(money))
    still_listed = second.homes.poor | second.homes.near_poor
    both = first.served["health_insurance"] & still_listed
    assert second.served["health_insurance"][both].all()
