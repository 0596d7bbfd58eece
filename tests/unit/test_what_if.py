"""What a planner is told of lines, today's spending and one sum more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from povsim import Outlook, Store, outlook, study
from povsim import plan as plans
from povsim.findings import Refusal
from povsim.report import what_if
from povsim.report.document import Paragraph, Table
from povsim.scenarios import NOTHING
from povsim.simulation import World


@pytest.fixture(scope="module")
def view(sample_store: str) -> Outlook:
    return outlook(plans.load(), Store(sample_store).latest(), 2024, draws=200)


@pytest.fixture(scope="module")
def world(view: Outlook) -> World:
    return study.world(view, draws=200, tilts_drawn=4)


def test_today_s_spending_is_told_by_line_with_whom_it_reaches(view, world):
    told = what_if.spending(view, world)
    assert isinstance(told, Table)
    assert "Số liệu mẫu" in told.title
    assert "Hộ dựng lại từ các biểu" in told.note
    rows = {row[0]: row for row in told.rows}
    planned = sum(world.current.money("toilet", unit, 2025) for unit in view.areas) / 1e6
    assert rows["Nhà tiêu hợp vệ sinh"][1:4] == (f"{planned:.0f}", f"{planned:.0f}", "35")
    # More is put down for insurance than there are who lack it: what is left is not spent.
    insurance = [int(cell.replace(".", "")) for cell in rows["Thẻ bảo hiểm y tế"][1:3]]
    assert insurance[1] < insurance[0]


def test_a_plan_that_names_no_spending_says_so(view, world):
    told = what_if.spending(view, replace(world, current=NOTHING))
    assert isinstance(told, Paragraph)
    assert "current_scenario" in told.text


def test_one_sum_more_shows_rate_depth_and_threshold_together(view, world):
    told = what_if.by_year(view, what_if.one_more(view, world, "toilet", "Đăk Tơ Lung", 200.0))
    first = told.rows[0]
    assert first[0] == "2025"
    assert int(first[2].split(",")[0]) == 16
    assert float(first[4].split()[0].replace(",", ".").replace("−", "-")) < 0
    assert float(first[6].split()[0].replace(",", ".").replace("−", "-")) < 0
    assert "thêm 200 triệu đồng" in told.title


def test_a_planner_s_question_is_answered_in_words(view, world):
    """What five billion more for housing in Đăk Kôi does, and to whom."""
    told = what_if.answer(
        view, what_if.one_more(view, world, "housing_quality", "Đăk Kôi", 5000.0)
    ).text
    assert told.startswith("Thêm 5.000 triệu đồng cho “Nhà ở: xây mới, sửa chữa” ở Đăk Kôi")
    assert "chi thêm được 540 triệu đồng, thêm 9,0 hộ được phục vụ" in told
    assert "Còn 4.460 triệu đồng không chi được: một xã chỉ làm được 15 hộ một năm" in told
    assert "thiếu đúng ba chỉ số" in told
    assert "hộ nghèo" in told
    assert "Số liệu mẫu" in told


@pytest.mark.parametrize(
    ("line", "millions", "rule"),
    [("toilets", 10.0, "scenario_line"), ("toilet", -10_000.0, "scenario_money")],
)
def test_what_cannot_be_spent_is_refused(view, world, line, millions, rule):
    with pytest.raises(Refusal) as caught:
        what_if.one_more(view, world, line, "Đăk Tơ Lung", millions)
    assert [finding.rule for finding in caught.value.findings] == [rule]


def test_where_movements_are_assumed_the_page_says_so(view, sample_store):
    counts_alone = outlook(plans.load(), Store(sample_store).latest(), 2022, draws=50)
    assert "giả định" in what_if.assumptions(counts_alone).text.split("toml")[1]
    assert what_if.assumptions(view).text.endswith("toml.")
