"""Notebook 02's tables and the studies behind them: figures of the sample, read off by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from povsim import Outlook, Store, load, outlook, study
from povsim.findings import Refusal
from povsim.plan import DISTRICT
from povsim.report import prospects
from povsim.report.document import Paragraph, Table
from povsim.study import Mark
from povsim.trajectory import Model
from povsim.vocabulary import Group, Origin, Period, State


@pytest.fixture(scope="module")
def view(sample_store: str) -> Outlook:
    return outlook(load(), Store(sample_store).latest(), 2024, draws=500)


@pytest.fixture(scope="module")
def over(view: Outlook) -> Outlook:
    return outlook(view.plan, view.release, 2025, draws=200)


def changed(view: Outlook, change) -> Outlook:
    """The outlook after a change of the facts."""
    facts = change(view.release.facts.copy())
    return outlook(view.plan, replace(view.release, read=lambda _: facts), view.year, draws=200)


def value(facts, form, item, unit, period):
    at = (facts["form"] == form) & (facts["item"] == item) & (facts["period"] == period)
    return at & (facts["unit"] == unit)


def mark(view: Outlook, *rules: str) -> Mark:
    """The mark of the one check that told one of these rules."""
    found = [check.mark for check in study.health(view) if check.finding.rule in rules]
    assert len(found) == 1, rules
    return found[0]


# Groups and indicators


def test_groups_are_counted_and_drawn_within_the_poor(view):
    drawn = study.groups(view)
    assert drawn.parts == ("dtts", "no_labour", "merit")
    assert (drawn.whole == view.projection.households[0]).all()
    assert (drawn.households <= drawn.whole).all()
    table = study.outlook_of_parts(view, drawn).set_index(["part", "year"])
    assert table.loc[("dtts", 2021), "households"] == 1746  # published
    assert table.loc[("dtts", 2024), "households"] == 553
    assert np.isnan(table.loc[("dtts", 2024), "low"])
    ahead = table.loc[("dtts", 2025)]
    assert ahead["low"] < ahead["households"] < ahead["high"]
    assert 0.9 < ahead["share_low"] < ahead["share"] < ahead["share_high"] < 1


@pytest.mark.parametrize("state", [State.POOR, State.NEAR_POOR])
def test_indicators_are_twelve_and_follow_their_form(view, state):
    drawn = study.indicators(view, state)
    assert len(drawn.parts) == 12
    table = study.outlook_of_parts(view, drawn)
    counted = table[table["year"] == 2024].set_index("part")["share"]
    told = table[table["year"] == 2025].set_index("part")["share"]
    assert np.abs(told - counted).max() < 0.08
    if state is State.POOR:
        by_form = study.deprivation_shares(view).set_index("indicator")["share"]
        assert np.allclose(counted[by_form.index], by_form)


def test_a_group_s_targets_are_judged_by_its_own_count(view):
    [(group, aims, span)] = study.group_aims(view)
    assert group is Group.DTTS
    assert [aim.met for aim in aims] == [True, True, False, None]
    assert span.missed == (2024,)
    drawn = study.groups(view).count("dtts")[0]
    assert aims[-1].chance == pytest.approx((drawn <= aims[-1].target.value).mean())


def test_nothing_is_drawn_once_the_plan_is_over(over):
    with pytest.raises(Refusal):
        study.groups(over)
    assert [aim.met for aim in study.group_aims(over)[0][1]][-1] is False
    for section in (prospects.groups, prospects.indicators, prospects.models):
        assert isinstance(section(over), Paragraph)


# Within a year


def test_this_year_stands_in_three_columns(view):
    table = study.within_year(view).set_index("area")
    assert table.index[0] == DISTRICT
    assert len(table) == 4  # three communes since July 2025
    row = table.loc[DISTRICT]
    assert row["december"] == view.households(DISTRICT, 2024, State.POOR) == row["opening"]
    assert row["reported"] == row["opening"] - row["left"] + row["entered"]
    assert row["low"] < row["median"] < row["high"]
    assert row["quota"] == 400
    assert row["found"] == 402
    assert (table["december"].iloc[1:].sum(), table["left"].iloc[1:].sum()) == (
        row["december"],
        row["left"],
    )
    poor = view.projection.households[0, :, 0].sum(axis=0)
    assert row["median"] == np.median(poor)
    assert row["chance"] == pytest.approx((poor <= 400).mean())


def test_june_is_told_on_the_communes_of_june(view):
    table = study.within_year(view, Period(2025, 6)).set_index("area")
    assert len(table) == 8
    assert table["found"].drop(DISTRICT).isna().all()
    assert table.loc[DISTRICT, "found"] == 402


def test_the_near_poor_have_no_quota(view):
    table = study.within_year(view, state=State.NEAR_POOR)
    assert table["quota"].isna().all()
    assert table["chance"].isna().all()
    with pytest.raises(ValueError, match="no form"):
        study.within_year(view, state=State.NOT_POOR)


def test_a_report_that_is_not_in_stays_missing(view):
    unit = view.areas[0]

    def without(facts):
        gone = (facts["form"] == "TX") & (facts["unit"] == unit) & (facts["period"] == "2025-H1")
        return facts[~gone]

    table = study.within_year(changed(view, without), Period(2025, 6)).set_index("area")
    assert table.loc[[unit, DISTRICT], "left"].isna().all()
    assert table["left"].notna().sum() == 6
    assert table["median"].notna().all()


def test_a_year_without_reports_says_so(over):
    with pytest.raises(Refusal) as caught:
        study.within_year(over)
    assert caught.value.findings[0].rule == "within_year_none"
    told = prospects.within_year(over)
    assert isinstance(told, Paragraph)
    assert "2026" in told.text


# Health


def test_the_sample_is_to_be_reviewed_for_what_it_is(view):
    checks = study.health(view)
    assert study.verdict(checks) is Mark.REVIEW
    doubted = {check.finding.rule for check in checks if check.mark is not Mark.PASS}
    assert doubted == {"figures_sample", "standard_changes"}
    assert study.verdict(()) is Mark.PASS


def test_counted_figures_pass(view):
    counted = replace(view, release=replace(view.release, origin=Origin.PUBLISHED))
    assert mark(counted, "figures_counted") is Mark.PASS


def test_few_reviews_and_a_long_horizon_are_reviewed(view):
    early = outlook(view.plan, view.release, 2022, draws=200)
    assert mark(early, "reviews_few") is Mark.REVIEW
    assert mark(early, "last_review_untried") is Mark.REVIEW
    assert mark(early, "flows_short") is Mark.REVIEW
    assert mark(early, "horizon_long") is Mark.REVIEW
    assert mark(view, "horizon_short") is Mark.PASS


def test_a_forecast_that_failed_fails(view):
    missed = replace(view, check=replace(view.check, outside=0.5, trusted=False))
    assert mark(missed, "last_review_units") is Mark.FAIL
    outside = replace(view, check=replace(view.check, outside=0.0, trusted=False))
    assert mark(outside, "last_review_district") is Mark.REVIEW
    assert mark(view, "last_review_held") is Mark.PASS


def test_movements_that_do_not_close_fail(view):
    def more(facts):
        facts.loc[value(facts, "F2", "newly_poor", view.areas[5], "2024"), "value"] += 40
        return facts

    broken = changed(view, more)
    assert mark(broken, "flows_open") is Mark.FAIL
    told = [row for row in prospects.health(broken)[1].rows if row[0] == "Không đạt"]
    assert f"{broken.name(broken.areas[5])} 2024 (-40)" in told[0][1]
    assert broken.forecast.used is Model.STOCK
    assert view.forecast.used is Model.FLOWS


def test_a_report_must_start_from_the_review(view):
    def other(facts):
        at = value(facts, "TX", "poor_opening", view.areas[0], "2025-H1")
        facts.loc[at & (facts["line"] == "households"), "value"] += 3
        return facts

    differing = changed(view, other)
    [check] = [c for c in study.health(differing) if c.finding.rule == "opening_differs"]
    assert check.mark is Mark.REVIEW
    assert "2025-H1: 577" in check.finding.what("vi")
    assert mark(view, "opening_same") is Mark.PASS


def test_jumps_of_households_and_rates_are_named(view):
    unit = view.areas[2]

    def more(facts):
        facts.loc[value(facts, "F1", "households", unit, "2023"), "value"] += 200
        poor = value(facts, "F1", "poor", unit, "2024")
        facts.loc[poor, "value"] = 5
        return facts

    jumped = changed(view, more)
    told = {c.finding.rule: c.finding.what("vi") for c in study.health(jumped)}
    assert f"{view.name(unit)} 2023" in told["households_jump"]
    assert f"{view.name(unit)} 2024" in told["rate_jump"]
    assert f"{view.name(unit)} (5)" in told["units_small"]
    assert view.name(unit) in told["rate_near_nought"]


# The tables of the notebook


def test_tables_are_whole_and_say_sample(view):
    unit = view.find("Đăk Tơ Lung")
    tables = [
        prospects.models(view),
        prospects.last_review(view),
        prospects.targets(view),
        prospects.targets(view, unit),
        prospects.groups(view),
        prospects.indicators(view),
        prospects.within_year(view),
    ]
    for table in tables:
        assert isinstance(table, Table)
        assert "Số liệu mẫu" in table.title
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert all(isinstance(cell, str) for row in table.rows for cell in row)
    assert len(prospects.models(view).columns) == 3
    names = [column.name for column in tables[2].columns]
    assert sum("tham khảo" in name for name in names) == 2


def test_the_target_that_nought_cuts_short_says_so(view):
    rows = {row[:2]: row for row in prospects.targets(view).rows}
    [path] = [row for key, row in rows.items() if key[0] == "2025" and "lộ trình" in key[1]]
    assert path[2].endswith("(sàn)")
    many = outlook(view.plan, view.release, 2024, draws=4000)
    [path] = [r for r in prospects.targets(many).rows if r[0] == "2025" and "lộ trình" in r[1]]
    assert path[3] == "< 1\N{NO-BREAK SPACE}% (± 0,1)"  # .02 points would print as none
    [every] = [row for key, row in rows.items() if key[1] == "Mọi năm: giảm đủ số điểm %"]
    assert every[3] == "Không đạt (2023, 2024)"


def test_health_is_told_worst_first(view):
    notice, table = prospects.health(view)
    assert notice.text == "Kiểm tra dự báo: CẦN XEM"
    marks = [row[0] for row in table.rows]
    assert marks == sorted(marks, key=["Không đạt", "Cần xem", "Đạt"].index)
    assert all(row[1] and row[2] for row in table.rows)


def test_a_group_that_is_not_counted_whole_leaves_a_dash_and_the_table(view):
    def without(facts):
        at = value(facts, "F8", "poor_dtts", view.areas[0], "2023")
        return facts[~at]

    table = prospects.targets(changed(view, without))
    [row] = [row for row in table.rows if row[1].startswith("Mục tiêu, nhóm dân tộc thiểu số: ")]
    assert f"{view.name(view.areas[0])} 2023" in row[1]
    assert set(row[2:]) == {"–"}
    assert len(table.rows) == len(prospects.targets(view).rows) - 4
