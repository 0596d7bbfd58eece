"""A series that crosses a break says so: in the report, on the page, in the terminal."""

import pytest

from povsim import plan as plans
from povsim import study
from povsim.report import sections
from povsim.store import Store
from povsim.study import Outlook
from povsim.units import BreakKind
from povsim.widgets.leaders import Overview
from povsim.wording import break_sentences

URBAN_ENDS = (
    "thị trấn Đăk Rve (nay thuộc xã Đăk Rve) chuyển từ chuẩn thu nhập khu vực thành thị (2.000.000"
)


@pytest.fixture(scope="module")
def closing(sample_store: str) -> Outlook:
    """The plan's last review, on the new units."""
    return study.outlook(plans.load(), Store(sample_store).latest(), year=2025, draws=200)


@pytest.fixture(scope="module")
def before(sample_store: str) -> Outlook:
    """A year before: only the projection crosses the break."""
    return study.outlook(plans.load(), Store(sample_store).latest(), year=2024, draws=200)


SEE = "xem mục I.3"


def test_the_report_of_2025_says_that_the_urban_line_ended(closing: Outlook):
    told = sections.comparability(closing).text
    assert URBAN_ENDS in told
    assert "chưa được cơ quan xác nhận" in told
    assert "xã Kon Braih gồm trọn Đăk Ruồng (23488), Đăk Tờ Re (23494), Tân Lập (23497)" in told
    for block in (sections.results_table(closing), sections.district_chart(closing)):
        assert SEE in block.note


def test_the_report_of_2024_says_so_where_it_looks_ahead(before: Outlook):
    told = sections.comparability(before).text
    assert URBAN_ENDS in told
    assert "theo cách đo cũ" in told
    assert SEE not in sections.results_table(before).note
    assert SEE in sections.forecast_table(before).note


def test_a_report_within_one_measure_says_that_its_years_compare(before: Outlook, monkeypatch):
    monkeypatch.setattr(Outlook, "breaks", lambda *_: ())
    assert "so sánh được" in sections.comparability(before).text
    assert SEE not in sections.forecast_table(before).note


def test_the_page_says_so_in_both_languages(closing: Outlook):
    assert URBAN_ENDS in Overview(closing, "vi")._foot()
    assert "urban income line (2,000,000" in Overview(closing, "en")._foot()
    area = Overview(closing, "vi")._sentences(closing.find("Kon Braih"))
    assert "gồm trọn" in area


def test_mergers_are_told_where_they_are_asked_for(closing: Outlook):
    assert len(break_sentences(closing, "vi")) == 1
    assert len(break_sentences(closing, "vi", kinds=tuple(BreakKind))) == 4
    assert break_sentences(closing, "vi", closing.find("Đăk Kôi")) == []
