"""The manual's page on one household is made by the model, and its numbers are the model's."""

from __future__ import annotations

from pathlib import Path

import pytest

from povsim import Store, outlook, study
from povsim import plan as plans
from povsim.report.one_year import EVENTS, LINE, Case, case, page

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"vi": "mot-ho-mot-nam.md", "en": "one-household-one-year.md"}
UNIT = "Đăk Tơ Lung"


def followed(store: str) -> Case:
    view = outlook(plans.load(), Store(store).latest(), 2024, draws=400)
    return case(view, study.world(view, draws=200), view.find(UNIT))


@pytest.fixture(scope="module")
def told(sample_store: str) -> Case:
    return followed(sample_store)


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_in_docs_is_made_by_the_model(lang, told):
    made = page(lang, told)
    current = (DOCS / PAGES[lang]).read_text("utf-8")
    assert current == made, "run tests/spec/write_one_year_page.py"
    assert "Số liệu mẫu" in made
    assert UNIT in made


def test_the_household_does_what_its_numbers_say(told):
    """Under the bar it moves, not under it it stays: with the sum more alone."""
    draw, place = told.at
    now, then = told.lived
    for event in EVENTS:
        assert now.critical[event][draw, place] >= now.bars[event][draw]
        assert (now.bars[event] == then.bars[event]).all()
    assert then.critical["improve"][draw, place] < then.bars["improve"][draw]
    assert now.homes.poor[told.at]
    assert then.homes.near_poor[told.at]
    assert now.relieved[told.at] == 0
    assert then.served[LINE][told.at]
    assert not now.served[LINE][told.at]
