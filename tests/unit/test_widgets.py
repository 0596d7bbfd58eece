"""Panels: the state drives the view, and a failure is a sentence."""

from __future__ import annotations

import pytest

from povsim import Plan, Store, outlook
from povsim.findings import refuse
from povsim.plan import DISTRICT
from povsim.widgets import Overview, safely


@pytest.fixture(scope="module")
def panel(sample_store: str, plan: Plan) -> Overview:
    return Overview(outlook(plan, Store(sample_store).release(1), 2024, draws=500))


def test_the_page_opens_on_the_district(panel: Overview) -> None:
    assert panel.selection.area == DISTRICT
    assert "Toàn huyện: tỷ lệ hộ nghèo" in panel._chart.value


def test_choosing_changes_the_chart_and_the_button(panel: Overview) -> None:
    area = panel.outlook.find("Đăk Tơ Lung")
    panel._buttons[area].click()
    assert panel.selection.area == area
    assert "Đăk Tơ Lung: tỷ lệ hộ nghèo" in panel._chart.value
    assert [a for a, button in panel._buttons.items() if button.button_style] == [area]


def test_a_refusal_is_its_own_sentence() -> None:
    def build() -> None:
        raise refuse("store_empty", store="sqlite:///x")

    told = safely(build, "vi").value
    assert "chưa có bản số liệu nào" in told
    assert "make data" in told


def test_the_unforeseen_is_a_sentence_too_and_goes_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = safely(lambda: 1 / 0, "vi").value
    assert "ZeroDivisionError" in told
    assert "Traceback" not in told
    assert "division by zero" in caplog.text


def test_what_data_says_is_never_markup() -> None:
    def build() -> None:
        raise refuse("store_empty", store="<script>")

    assert "<script>" not in safely(build, "vi").value
