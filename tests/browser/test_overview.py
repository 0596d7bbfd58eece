"""A leader opens the page: at a desk and on a phone, with data and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_witness import Witness, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[[str, int], Witness]
PICTURES = Path(__file__).parents[2] / "output" / "screenshots"
ENGLISH = re.compile(r"\b(the|and|rate|target|year|error|loading|running|unit|poor)\b", re.I)


@pytest.mark.parametrize("width", [1366, 390])
def test_a_leader_chooses_a_unit_and_the_chart_follows(
    server: str, visit: Visit, width: int
) -> None:
    seen = visit(server, width)
    page = seen.page
    shown = page.locator(".pv-wide svg" if width > 820 else ".pv-narrow svg")
    before = shown.inner_html()
    page.get_by_role("button", name="Đăk Kôi").click()
    page.wait_for_function(
        "name => document.querySelector('.pv-chart svg').textContent.includes(name)",
        arg="Đăk Kôi",
    )
    assert shown.is_visible()
    assert shown.inner_html() != before
    for mark in ("Số liệu mẫu", "Mục tiêu", "Khoảng 80"):
        assert mark in shown.text_content()
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": width, "height": 2400 if width < 820 else 1250})
    page.screenshot(path=PICTURES / f"overview-{width}.png")
    assert seen.errors == []
    assert seen.outside == []


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_is_cut_at_the_side(server: str, visit: Visit, width: int) -> None:
    page = visit(server, width).page
    beyond = page.evaluate(
        """() => [...document.querySelectorAll('.pv-page *')]
            .filter(e => !e.closest('svg') && e.getClientRects().length
                && e.getBoundingClientRect().right > window.innerWidth + 1)
            .map(e => e.className + ': ' + e.textContent.slice(0, 40))"""
    )
    assert beyond == []


def test_the_page_is_vietnamese_and_shows_the_real_series_apart(server: str, visit: Visit) -> None:
    page = visit(server, 1366).page
    told = page.inner_text(".pv-page")
    assert page.evaluate("document.documentElement.lang") == "vi"
    assert page.title() == "Giảm nghèo Kon Rẫy"
    assert not ENGLISH.search(told), ENGLISH.search(told)
    published = page.inner_text(".pv-published").replace("\N{NO-BREAK SPACE}", " ")
    for printed in (
        "24,86 %",
        "10,51 %",
        "7,47 %",
        "tháng 11/2024",
        "báo chí đưa",
        "vietnamnet.vn",
    ):
        assert printed in published
    assert "Đăk" not in published
    assert "Số liệu mẫu" in page.inner_text(".pv-notice")


def test_units_are_ranked_with_their_standing(server: str, visit: Visit) -> None:
    page = visit(server, 1366).page
    rows = page.locator(".pv-row").all_inner_texts()
    assert len(rows) == 8
    chances = [int(re.search(r"(\d+)\s%\s*\D*$", row)[1]) for row in rows[1:]]
    assert chances == sorted(chances)
    standings = {"Đúng tiến độ", "Có nguy cơ", "Khó đạt"}
    assert all(any(standing in row for standing in standings) for row in rows)


def test_no_code_is_shown(server: str, visit: Visit) -> None:
    page = visit(server, 1366).page
    assert "import" not in page.inner_text("body")
    assert page.locator(".jp-InputArea-editor").count() == 0


def test_an_empty_store_is_a_sentence_not_a_traceback(tmp_path: Path, visit: Visit) -> None:
    with serving(f"sqlite:///{tmp_path}/empty.sqlite", tmp_path / "log") as url:
        page = visit(url, 390).page
        told = page.inner_text("body")
    assert "chưa có bản số liệu nào" in told
    assert "povsim ingest" in told
    assert "Traceback" not in told
