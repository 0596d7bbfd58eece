"""Targets judged: against answers worked out by hand, and every target of the sample's plan."""

from dataclasses import replace
from math import inf

import numpy as np
import pandas as pd
import pytest

from povsim import Outlook, Store, load, outlook, study
from povsim.findings import Refusal
from povsim.plan import DISTRICT, Target, TargetKind
from povsim.study import Course, judge, judge_all
from povsim.study.aims import waiting
from povsim.vocabulary import Group, Origin

RATES = np.array([[0.16, 0.18, 0.20, 0.22], [0.10, 0.15, 0.19, 0.21]])
"""Two years ahead, four draws."""
COURSE = Course(
    counted={2022: 0.30, 2023: 0.24, 2024: 0.20},
    households={2022: 1000, 2023: 1000, 2024: 1000},
    years=(2025, 2026),
    rates=RATES,
    totals=np.full((2, 4), 1000.0),
)


def target(year, kind, value, floored=False) -> Target:
    return Target("area", year, kind, value, Origin.SAMPLE, "", floored)


def points(year, value=0.05) -> Target:
    return target(year, TargetKind.POINTS_A_YEAR, value)


def level(year, value) -> Target:
    return target(year, TargetKind.LEVEL, value)


def test_a_past_year_is_a_result():
    met, missed = judge(COURSE, points(2023)), judge(COURSE, points(2024))
    assert met.rate == pytest.approx(0.25)
    assert (met.met, met.gap, met.chance, met.waiting) == (True, 0.0, None, None)
    assert missed.met is False
    assert missed.gap == pytest.approx(0.20 - 0.19)


def test_a_fall_is_measured_in_its_own_draw():
    """From the drawn year before: 6, 3, 1 and 1 points."""
    aim = judge(COURSE, points(2026, 0.03))
    assert aim.chance == 0.5
    assert aim.rate == pytest.approx(np.median(RATES[0]) - 0.03)


def test_paces_are_a_year_from_the_last_review():
    aim = judge(COURSE, level(2026, 0.12))
    assert aim.chance == 0.25
    assert aim.gap == pytest.approx(0.08)
    assert aim.pace_needed == pytest.approx(0.04)
    assert aim.pace_drawn == pytest.approx((0.20 - np.median(RATES[1])) / 2)


def test_households_are_shares_of_the_drawn_total():
    aim = judge(COURSE, target(2025, TargetKind.HOUSEHOLDS, 180))
    assert aim.rate == pytest.approx(0.18)
    assert aim.chance == 0.5


def test_waiting_goes_on_at_each_draw_s_pace():
    """To 12 %: in the second year; 3 points short at 2.5 a year; never at .5 and −.5 points."""
    assert waiting(COURSE, 0.12) == (2.0, 4.0, inf)
    assert waiting(COURSE, 0.195) == (1.0, 1.0, inf)
    assert waiting(COURSE, 0.25) == (0.0, 0.0, 0.0)


def test_nought_cuts_a_fall_short_and_says_so():
    low = Course({2024: 0.03}, {2024: 1000}, (2025,), np.array([[0.0, 0.01]]), np.full((1, 2), 1e3))
    aim = judge(low, points(2025))
    assert aim.floored
    assert aim.rate == 0.0
    assert aim.chance == 0.5
    assert not judge(COURSE, points(2025)).floored
    assert judge(COURSE, target(2025, TargetKind.PATH, 0.0, floored=True)).floored


def test_all_years_together_are_met_in_the_same_draw():
    """18 % and then 16 %: draws one and two meet each year, draw three neither."""
    both = judge_all(COURSE, [level(2025, 0.18), level(2026, 0.16)])
    assert both.chance == 0.5
    assert both.missed == ()
    apart = [judge(COURSE, each).chance for each in (level(2025, 0.16), level(2026, 0.15))]
    assert apart == [0.25, 0.5]
    assert judge_all(COURSE, [level(2025, 0.16), level(2026, 0.15)]).chance == 0.25


def test_one_past_year_missed_is_missed_for_good():
    span = judge_all(COURSE, [points(2023), points(2024), points(2025)])
    assert span.missed == (2024,)
    assert span.met is False
    assert (span.chance, span.error) == (0.0, 0.0)


def test_a_plan_that_is_over_has_a_result():
    over = Course({2023: 0.24, 2024: 0.20}, {2023: 1000, 2024: 1000})
    assert judge_all(over, [level(2024, 0.20)]).met is True
    assert judge_all(over, [level(2024, 0.19)]).met is False
    with pytest.raises(ValueError, match="one kind"):
        judge_all(over, [level(2024, 0.19), points(2024)])


@pytest.mark.parametrize(
    ("years", "counted", "rates"),
    [
        ((2026,), {2024: 0.2}, [[0.1]]),
        ((2025,), {2024: 0.2}, [[np.nan]]),
        ((), {2023: np.nan, 2024: 0.2}, []),
    ],
)
def test_a_course_has_no_holes(years, counted, rates):
    with pytest.raises(ValueError, match=r"follow the last review|missing rates"):
        Course(counted, dict.fromkeys(counted, 100), years, np.array(rates), np.array(rates))


def test_a_target_without_its_years_is_neither_met_nor_missed():
    """A fall in 2022 is from 2021, which nobody counted; 2027 is not drawn."""
    for unknown in (points(2022), level(2027, 0.1), level(2021, 0.1)):
        for judged in (judge, lambda course, each: judge_all(course, [each])):
            with pytest.raises(ValueError, match="neither counted nor drawn"):
                judged(COURSE, unknown)
    assert judge(COURSE, level(2022, 0.3)).met is True


def test_waiting_is_not_a_year_longer_for_arithmetic():
    """3 points a year from 10 % are 1 % after three years, though floats say a hair more."""
    even = Course({2024: 0.10}, {2024: 1000}, (2025,), np.array([[0.07]]), np.full((1, 1), 1e3))
    assert waiting(even, 0.01) == (3.0, 3.0, 3.0)


# The sample's plan


@pytest.fixture(scope="module")
def view(sample_store: str) -> Outlook:
    return outlook(load(), Store(sample_store).latest(), 2023, draws=400)


@pytest.fixture(scope="module")
def table(view: Outlook) -> pd.DataFrame:
    return study.targets(view)


def test_every_target_of_every_area_has_its_row(view, table):
    yearly = table[table["group"].isna()].dropna(subset="year")
    assert yearly["area"].unique().tolist() == [DISTRICT, *view.areas]
    assert len(yearly) == sum(len(view.aims(area)) for area in (DISTRICT, *view.areas))
    ahead = yearly[yearly["year"] > 2023]
    assert ahead[["chance", "error", "waiting", "un_escap", "cagr"]].notna().all(axis=None)
    assert ahead["met"].isna().all()
    assert yearly[yearly["year"] <= 2023]["met"].notna().all()
    told = ahead["chance"].map(view.plan.standing).map(str)
    assert (ahead["standing"] == told).all()


def test_all_years_of_a_kind_are_no_likelier_than_the_hardest(table):
    keys = ["area", "group", "kind"]
    table = table.assign(group=table["group"].fillna("all"))
    whole = table[table["year"].isna()].set_index(keys)["chance"]
    ahead = table.dropna(subset=["year", "chance"]).groupby(keys)["chance"].min()
    assert (whole <= ahead[whole.index] + 1e-12).all()


def test_a_group_s_targets_are_the_district_s_and_no_rule_speaks_of_them(table):
    own = table[table["group"] == "dtts"]
    assert own["year"].dropna().tolist() == [2022, 2023, 2024, 2025]
    assert set(own["area"]) == {DISTRICT}
    assert own[["un_escap", "cagr"]].isna().all(axis=None)
    assert own[own["year"] > 2023]["chance"].notna().all()


def test_the_rules_for_reference_are_the_official_ones(view):
    """By hand: the compound change goes on; the weighted line through equal steps is the line."""
    table = study.references(view).set_index(["area", "rule", "year"])["rate"]
    first, last = view.rate(DISTRICT, 2021), view.rate(DISTRICT, 2023)
    pace = (last / first) ** 0.5
    assert table[DISTRICT, "cagr", 2025] == pytest.approx(last * pace**2)
    seen = np.array([view.rate(DISTRICT, year) for year in view.years])
    line = np.polyfit([-2, -1, 0], seen, 1, w=np.sqrt(np.arange(1, 4) / 3))
    assert table[DISTRICT, "un_escap", 2024] == pytest.approx(max(np.polyval(line, 1), 0))


def test_a_rule_falls_from_its_own_year_before(view):
    """From 24.86 % and 16.88 % the compound change falls 5.4, 3.7 and 2.5 points: never 6.6."""
    early = outlook(view.plan, view.release, 2022, draws=400)
    first, last = early.rate(DISTRICT, 2021), early.rate(DISTRICT, 2022)
    table = study.targets(early)
    falls = table[(table["kind"] == "points_a_year") & (table["year"] > 2022)]
    fallen = -np.diff([last, *falls["cagr"]])
    pace = last / first
    assert fallen == pytest.approx([last * (1 - pace) * pace**year for year in range(3)])
    assert fallen.max() < 0.066
    assert falls["cagr_meets"].tolist() == [False] * 3
    line = np.array([last, *falls["un_escap"]])
    asked = np.maximum(line[:-1] - 0.066, 0)
    assert falls["un_escap_meets"].tolist() == (line[1:] <= asked).tolist()


def test_a_unit_may_have_rates_for_targets(view):
    """A level, and a fall that nought cuts short; the quota stays the one that leads."""
    area = view.find("Đăk Rve")
    assert view.rate(area, 2023) < 0.066
    own = [
        Target(area, 2024, kind, value, Origin.SAMPLE, "")
        for kind, value in ((TargetKind.LEVEL, 0.05), (TargetKind.POINTS_A_YEAR, 0.066))
    ]
    plan = replace(view.plan, targets=(*view.plan.targets, *own))
    known = replace(view, plan=plan)
    aims = {aim.target.kind: aim for aim in known.aims(area) if aim.target.year == 2024}
    assert list(aims) == [TargetKind.POINTS_A_YEAR, TargetKind.LEVEL, TargetKind.HOUSEHOLDS]
    assert aims[TargetKind.POINTS_A_YEAR].floored
    assert aims[TargetKind.POINTS_A_YEAR].rate == 0.0
    drawn = known.course(area).rates[0]
    assert aims[TargetKind.LEVEL].chance == pytest.approx((drawn <= 0.05).mean())
    assert [aim.target.kind for aim in known.leading_aims(area)] == [TargetKind.HOUSEHOLDS] * 4
    table = study.targets(known)
    rows = table[(table["area"] == area) & (table["kind"] == "points_a_year")]
    assert rows["floored"].fillna(False).tolist() == [True, False]


@pytest.mark.parametrize(("year", "gone"), [(2023, "2022"), (2025, "2024")])
def test_a_group_that_is_not_counted_whole_is_neither_met_nor_missed(view, year, gone):
    """One commune's F8 is missing: every other target is judged as before."""

    def read(_):
        facts = view.release.facts
        lost = (facts["form"] == "F8") & (facts["unit"] == view.areas[0])
        return facts[~(lost & (facts["period"] == gone))]

    known = outlook(view.plan, replace(view.release, read=read), year, draws=400)
    with pytest.raises(Refusal, match="dtts"):
        study.group_aims(known)
    table = study.targets(known)
    own = table[table["group"].notna()]
    assert own["year"].tolist() == [2022, 2023, 2024, 2025, pd.NA]
    assert own["value"].notna().sum() == 4
    assert own[["met", "chance", "rate", "standing"]].isna().all(axis=None)
    others = table[table["group"].isna()]
    assert (others["met"].notna() | others["chance"].notna()).all()


def test_a_group_is_judged_though_another_is_not_counted(view):
    def read(_):
        facts = view.release.facts
        return facts[facts["item"] != "poor_no_labour"]

    known = outlook(view.plan, replace(view.release, read=read), 2023, draws=400)
    [(group, aims, _)] = study.group_aims(known)
    assert group is Group.DTTS
    assert aims[-1].chance is not None


def test_a_plan_that_is_over_asks_no_rule(view):
    over = outlook(view.plan, view.release, 2025, draws=400)
    assert study.references(over).empty
    table = study.targets(over)
    assert table["chance"].isna().all()
    assert table["met"].notna().all()
