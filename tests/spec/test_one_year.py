"""The manual's page on one household is made by the model, and its numbers are the model's."""

from __future__ import annotations

from pathlib import Path

import pytest

from povsim import Store, outlook, study
from povsim import plan as plans
from povsim.report.one_year import EVENTS, Case, case, page

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
    (now, seen), (then, seen_then) = told.lived
    for event in EVENTS:
        assert seen.critical[event][draw, place] >= seen.bar(event)[draw]
        assert (seen.bar(event) == seen_then.bar(event)).all()
    assert seen_then.critical["improve"][draw, place] < seen_then.bar("improve")[draw]
    assert now.lived.homes.poor[told.at]
    assert then.lived.homes.near_poor[told.at]
    assert now.lived.relieved[told.at] == 0
    assert told.rows(told.more)[told.at]
    assert not told.rows(told.world.current)[told.at]
