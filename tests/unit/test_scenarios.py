"""Scenarios as files: read, checked, written, told apart; every fault at its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import Outlook, Store, effects, outlook, study
from povsim import plan as plans
from povsim.effects import Targeting
from povsim.findings import Refusal
from povsim.scenarios import NOTHING, Bounds, Item, Offer, Scenario, difference, read, save
from povsim.vocabulary import Origin, State

SCENARIOS_OF_KON_RAY = Path(__file__).parents[2] / "data" / "scenarios" / "kon-ray-2021-2025"
U, V = "23479@2021-01-01", "23482@2021-01-01"
BOUNDS = Bounds(
    effects.lines(),
    {"23479": U, "23482": V},
    {U: "Đăk Rve", V: "Đăk Kôi"},
    range(2022, 2026),
    frozenset({("water", V)}),
)
GOOD = """
name = "Chi"
origin = "sample"
source = "Số liệu mẫu"
start = 2024
[[spend]]
line = "toilet"
unit = "23479"
million_vnd = { 2024 = 198.5, 2025 = 180 }
"""
SPEND = GOOD[GOOD.index("[[spend]]") :]


def of(folder: Path, content: str) -> Scenario:
    path = folder / "other.toml"
    path.write_text(content, "utf-8")
    return read(path, BOUNDS)


def test_money_by_line_unit_and_year(tmp_path):
    told = of(tmp_path, GOOD)
    assert told.money("toilet", U, 2024) == 198_500_000
    assert told.money("toilet", U, 2023) == 0
    assert told.money("water", V, 2024) == 0
    assert (told.origin, told.start, told.total) == (Origin.SAMPLE, 2024, 378_500_000)
    assert told.rule("toilet") is Targeting.EVEN


def test_a_line_may_be_paid_from_several_funds_and_have_its_own_rule(tmp_path):
    fund = SPEND.replace('unit = "23479"', 'unit = "23479"\nfund = "Vốn tín dụng chính sách"')
    top = 'targeting = "deepest"\nregistered = 0.25\n[targeting_of]\ntoilet = "registered"\n'
    content = GOOD.replace("[[spend]]", top + "[[spend]]", 1)
    funds = {line.id: line.funds for line in BOUNDS.lines}["toilet"]
    told = of(tmp_path, content + fund.replace("Vốn tín dụng chính sách", funds[-1]))
    assert told.money("toilet", U, 2024) == 397_000_000
    assert told.amounts[Item("toilet", U, 2024, funds[-1])] == 198_500_000
    assert (told.rule("toilet"), told.rule("water")) == (Targeting.REGISTERED, Targeting.DEEPEST)


FAULTS = [
    ('line = "toilet"', 'line = "toilets"', "scenario_line", "1"),
    ('unit = "23479"', 'unit = "99999"', "scenario_unit", "1"),
    ("2025 = 180", "2031 = 180", "scenario_year", "1"),
    ("2025 = 180", "nam = 180", "scenario_year", "1"),
    ("2025 = 180", "2023 = 180", "scenario_before_start", "1"),
    ("2025 = 180", "2025 = -1", "scenario_money", "1"),
    ("2025 = 180", '2025 = "180 triệu"', "scenario_money", "1"),
    ("2025 = 180", "2025 = true", "scenario_money", "1"),
    ("2025 = 180", "2025 = 1e12", "scenario_money", "1"),
    ("2025 = 180", "2025 = 480.1", "scenario_capacity", "1"),
    ('line = "toilet"\n', "", "scenario_field", "1"),
    ("million_vnd = { 2024 = 198.5, 2025 = 180 }", "million_vnd = 7", "scenario_field", "1"),
    ('unit = "23479"', 'unit = "23479"\nfund = "Quỹ nào đó"', "scenario_fund", "1"),
    ('"toilet"\nunit = "23479"', '"water"\nunit = "23482"', "scenario_nobody", "1"),
    ('source = "Số liệu mẫu"', "", "scenario_field", ""),
    ('origin = "sample"', 'origin = "mine"', "scenario_field", ""),
    ("start = 2024", "start = 2020", "scenario_start", ""),
    ("start = 2024", "start = 2024.0", "scenario_start", ""),
    ("start = 2024", 'start = "2024"', "scenario_start", ""),
    ("start = 2024", 'start = 2024\ntargeting = "poorest"', "scenario_targeting", ""),
    ("start = 2024", 'start = 2024\ntargeting = ["even"]', "scenario_targeting", ""),
    ('line = "toilet"', 'line = ["toilet"]', "scenario_line", "1"),
    ("2025 = 180", "2025 = nan", "scenario_money", "1"),
    ("start = 2024", 'start = 2024\ntargeting = "registered"', "scenario_registered", ""),
    ("start = 2024", "start = 2024\nregistered = 30", "scenario_registered", ""),
    ("[[spend]]", "targeting_of = 3\n[[spend]]", "scenario_field", ""),
    ("[[spend]]", '[targeting_of]\ntoilets = "even"\n[[spend]]', "scenario_line", ""),
    ("[[spend]]", "[[spend", "scenario_unreadable", ""),
    ("[[spend]]", "[spend]", "scenario_unreadable", ""),
    ("[[spend]]", "[[spned]]", "scenario_extra", ""),
    ('line = "toilet"', 'line = "toilet"\nnote = "?"', "scenario_extra", "1"),
    ('unit = "23479"', "unit = 23479", "scenario_unit", "1"),
]


@pytest.mark.parametrize(("was", "now", "rule", "cell"), FAULTS)
def test_a_fault_is_named_with_its_place_and_what_to_do(tmp_path, was, now, rule, cell):
    assert was in GOOD
    with pytest.raises(Refusal) as caught:
        of(tmp_path, GOOD.replace(was, now))
    found = {(each.rule, each.place.file, each.place.cell) for each in caught.value.findings}
    assert found == {(rule, "other.toml", cell)}
    for finding in caught.value.findings:
        assert "{" not in finding.what("vi") + finding.next_step("vi")
        assert "{" not in finding.what("en") + finding.next_step("en")


def test_every_fault_is_told_at_once(tmp_path):
    bad = SPEND.replace("toilet", "x").replace("180", "-1")
    dear = SPEND.replace("198.5", "1000").replace("23479", "23482")
    with pytest.raises(Refusal) as caught:
        of(tmp_path, GOOD.replace("start = 2024", "start = 1") + bad + SPEND + dear)
    rules = sorted(finding.rule for finding in caught.value.findings)
    twice = ["scenario_twice", "scenario_twice"]
    assert rules == [
        "scenario_capacity",
        "scenario_line",
        "scenario_money",
        "scenario_start",
        *twice,
    ]


def test_what_the_law_of_the_house_refuses_is_refused_at_once(tmp_path):
    """Negative money, an unknown line, a unit where nobody may have it, more than a unit can do,
    a year outside the plan: each at its entry, with what to do."""
    entries = [
        SPEND.replace("180", "-180"),
        SPEND.replace("toilet", "palaces"),
        SPEND.replace("toilet", "water").replace("23479", "23482"),
        SPEND.replace("198.5", "5000").replace("toilet", "housing_quality"),
        SPEND.replace("2024 =", "2031 =").replace("23479", "23482"),
    ]
    with pytest.raises(Refusal) as caught:
        of(tmp_path, GOOD[: GOOD.index("[[spend]]")] + "".join(entries))
    told = [(each.rule, each.place.cell) for each in caught.value.findings]
    assert sorted(set(told), key=lambda each: each[1]) == [
        ("scenario_money", "1"),
        ("scenario_line", "2"),
        ("scenario_nobody", "3"),
        ("scenario_capacity", "4"),
        ("scenario_year", "5"),
    ]
    assert all(each.next_step("vi") for each in caught.value.findings)


def test_funds_together_may_not_pass_what_a_unit_can_do(tmp_path):
    funds = {line.id: line.funds for line in BOUNDS.lines}["toilet"]
    half = SPEND.replace("198.5", "300")
    other = half.replace('unit = "23479"', f'unit = "23479"\nfund = "{funds[0]}"')
    with pytest.raises(Refusal) as caught:
        of(tmp_path, GOOD[: GOOD.index("[[spend]]")] + half + other)
    [finding] = caught.value.findings
    assert finding.rule == "scenario_capacity"
    assert finding.values["money"] == 600


ITEMS = st.builds(
    Item,
    st.sampled_from(["toilet", "livelihood", "twinning"]),
    st.sampled_from([U, V]),
    st.sampled_from([2023, 2024, 2025]),
)
SCENARIOS = st.builds(
    Scenario,
    st.text("Kịch bản \"'\\\n", min_size=1),
    st.sampled_from(list(Origin)),
    st.text("nguồn #=[]", min_size=1),
    st.just(2023),
    st.dictionaries(ITEMS, st.integers(1, 40_000).map(lambda thousands: thousands * 1000)),
    st.sampled_from(list(Targeting)),
    st.dictionaries(st.sampled_from(["toilet", "water"]), st.sampled_from(list(Targeting))),
    st.sampled_from([0.1, 0.35]),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(SCENARIOS)
def test_what_is_written_is_read_again(tmp_path_factory, scenario):
    path = tmp_path_factory.mktemp("s") / "saved.toml"
    save(scenario, BOUNDS, path)
    assert read(path, BOUNDS) == scenario
    assert not list(path.parent.glob(".*"))


PACKAGES = """
[[packages]]
unit = "23479"
year = 2025
order = ["poor 4 with_labour: toilet", "near_poor 2: toilet"]
"""


def test_packages_are_an_order_of_a_unit_and_year(tmp_path):
    told = of(tmp_path, GOOD + PACKAGES)
    first = Offer(State.POOR, 4, False, ("toilet",))
    assert told.offers == {(U, 2025): (first, Offer(State.NEAR_POOR, 2, None, ("toilet",)))}
    save(told, BOUNDS, tmp_path / "again.toml")
    assert read(tmp_path / "again.toml", BOUNDS) == told
    assert difference(replace(told, offers={}), told, BOUNDS, "vi") == [
        "Hỗ trợ theo gói, từng hộ một, theo thứ tự lập riêng cho 1 xã, thị trấn."
    ]


@pytest.mark.parametrize(
    ("was", "now", "rule"),
    [
        ("poor 4", "rich 4", "scenario_offer"),
        ("poor 4", "poor 2", "scenario_offer"),
        ("near_poor 2", "near_poor 3", "scenario_offer"),
        ("with_labour", "with_work", "scenario_offer"),
        ('2: toilet"', '2: toilet + toilet"', "scenario_offer"),
        ('2: toilet"', '2: toilets"', "scenario_line"),
        ('2: toilet"', '2: toilet + devices"', "scenario_offer_unpaid"),
        ("year = 2025", "year = 2031", "scenario_year"),
        ("year = 2025", "year = 2023", "scenario_before_start"),
        ("year = 2025", "", "scenario_field"),
        ('unit = "23479"\nyear', 'unit = "99999"\nyear', "scenario_unit"),
        ("order = [", "order = 3 #", "scenario_field"),
        ("order", "orders", "scenario_extra"),
    ],
)
def test_a_fault_of_packages_is_named_with_its_place(tmp_path, was, now, rule):
    assert was in PACKAGES
    with pytest.raises(Refusal) as caught:
        of(tmp_path, GOOD + PACKAGES.replace(was, now))
    found = [each for each in caught.value.findings if each.rule == rule]
    assert found
    assert (found[0].place.sheet, found[0].place.cell) == ("[[packages]]", "1")
    assert all(each.next_step("vi") for each in caught.value.findings)


def test_packages_of_a_unit_and_year_are_told_once(tmp_path):
    with pytest.raises(Refusal) as caught:
        of(tmp_path, GOOD + PACKAGES + PACKAGES)
    assert [each.rule for each in caught.value.findings] == ["scenario_twice"]


def test_what_could_not_be_read_is_not_written(tmp_path):
    path = tmp_path / "kept.toml"
    path.write_text("before", "utf-8")
    dear = replace(
        NOTHING, name="x", source="y", start=2024, amounts={Item("toilet", U, 2024): 10**9}
    )
    with pytest.raises(Refusal):
        save(dear, BOUNDS, path)
    assert path.read_text("utf-8") == "before"


def test_what_no_scenario_can_be_is_refused_whoever_makes_it():
    with pytest.raises(Refusal) as caught:
        replace(NOTHING, amounts={Item("toilet", U, 2024): -1}, targeting=Targeting.REGISTERED)
    rules = [finding.rule for finding in caught.value.findings]
    assert rules == ["scenario_money", "scenario_registered"]
    less = replace(NOTHING, amounts={Item("toilet", U, 2024): 5}).with_more(
        Item("toilet", U, 2024), -9
    )
    assert less.total == 0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 10**9), max_size=3), st.integers(0, 10**9))
def test_other_money_keeps_the_shares_of_its_funds(sums, money):
    amounts = {Item("toilet", U, 2024, f"fund {at}"): each for at, each in enumerate(sums)}
    told = replace(NOTHING, amounts=amounts).with_money("toilet", U, 2024, money)
    assert told.money("toilet", U, 2024) == money
    total = sum(sums)
    for item, before in amounts.items() if total else ():
        assert told.amounts[item] == pytest.approx(before * money / total, abs=len(sums))


def test_a_difference_is_told_in_words():
    one = replace(NOTHING, name="a", start=2024, amounts={Item("toilet", U, 2024): 10_000_000})
    other = replace(
        one,
        amounts={
            Item("toilet", U, 2024): 4_000_000,
            Item("livelihood", U, 2025): 200_000_000,
            Item("livelihood", V, 2025): 200_000_000,
        },
        targeting=Targeting.DEEPEST,
    )
    assert difference(one, other, BOUNDS, "vi") == [
        "Từ năm 2024 tổng chi nhiều hơn 394 triệu đồng.",
        "Mô hình sinh kế, mỗi xã, thị trấn, năm 2025: thêm 200 triệu đồng.",
        "Nhà tiêu hợp vệ sinh, Đăk Rve, năm 2024: bớt 6 triệu đồng.",
        "Thứ tự ưu tiên: hộ thiếu nhiều nhất trước (thay cho như nhau).",
    ]
    assert difference(one, one, BOUNDS, "en") == ["The two scenarios are the same."]


# The scenarios that come with Kon Rẫy


@pytest.fixture(scope="module")
def view(sample_store: str) -> Outlook:
    return outlook(plans.load(), Store(sample_store).latest(), 2024, draws=50)


def test_the_plan_s_current_scenario_is_a_marked_sample(view):
    told = study.current(view)
    assert told.origin is Origin.SAMPLE
    assert "mẫu" in told.source
    assert {item.unit for item in told.amounts} == set(view.areas)
    assert told.total > 10**9


def test_a_unit_without_anybody_who_may_have_a_line_is_known_from_the_forms(view):
    bounds = study.bounds(view)
    assert not bounds.nobody & {(item.line, item.unit) for item in study.current(view).amounts}


def test_the_manual_s_example_is_a_scenario(view, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "phuong-an.md").read_text("utf-8")
    path = tmp_path / "example.toml"
    path.write_text(page.split("```toml")[1].split("```")[0], "utf-8")
    told = read(path, study.bounds(view))
    assert told.rule("housing_quality") is Targeting.DEEPEST
    assert told.rule("health_insurance") is Targeting.EVEN
    for rule in Targeting:
        assert f"`{rule}`" in page
    for origin in Origin:
        assert f"`{origin}`" in page


@pytest.mark.parametrize("path", sorted(SCENARIOS_OF_KON_RAY.glob("*.toml")), ids=lambda p: p.stem)
def test_scenarios_that_come_with_kon_ray_are_sound_and_marked(view, path):
    told = read(path, study.bounds(view))
    assert told.origin is Origin.SAMPLE
    assert "số liệu mẫu" in told.name
    assert {item.unit for item in told.amounts} == set(view.areas)


def test_three_of_them_cost_what_the_current_plan_does(view):
    bounds, current = study.bounds(view), study.current(view)
    planned = sum(money for item, money in current.amounts.items() if item.year == 2025)
    for name in ("deepest-first", "threshold-first", "to-livelihoods"):
        assert read(SCENARIOS_OF_KON_RAY / f"{name}.toml", bounds).total == planned
