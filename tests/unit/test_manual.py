"""The manual: every form, column and rule in words; the pages in docs are what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from povsim import forms
from povsim.findings import Severity
from povsim.forms import Cell
from povsim.forms.filling import Check, checks
from povsim.forms.manual import added, filled, in_words, page, rules_with_others, rules_within
from povsim.i18n import LANGS, Lang

DOCS = Path(__file__).parents[2] / "docs"
PAGES: dict[Lang, str] = {"vi": "bieu-mau.md", "en": "forms.md"}


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_in_docs_is_the_one_the_command_makes(lang: Lang) -> None:
    made = f"povsim manual --lang {lang} --out docs/{PAGES[lang]}"
    assert (DOCS / PAGES[lang]).read_text("utf-8") == page(lang), made


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("form", forms.forms().values(), ids=forms.forms())
def test_every_form_is_told_with_all_its_columns(form: forms.Form, lang: Lang) -> None:
    section = page(lang).partition(f"## {form.id} –")[2].partition("\n## ")[0]
    rows = [row.split(" | ")[0] for row in section.splitlines() if row.startswith("| ")][2:]
    assert rows == [f"| {column.key}" for column in form.columns]
    assert form.title in section
    assert form.article in section


def test_who_fills_a_column() -> None:
    told = {
        (form.id, column.item): filled(form, column, "en")
        for form in forms.forms().values()
        for column in form.columns
    }
    assert told["F1", "poor"] == "typed"
    assert told["F1", "poor_share"] == "computed"
    assert told["F2", "opening"] == "last review: F1.3, F1.9"
    assert told["F2", "closing"] == "computed"
    assert told["F4", "households"] == "from F1.3"
    assert told["F8", "poor"] == "from F1.3, F1.9"
    assert told["F12", "poor_kinh"] == "from F9.1.1.1"


SAID = [  # form, own cells only, a rule in words
    ("F1", True, "F1.3 + F1.5 + F1.7 is at most F1.1"),
    ("F2", True, "9 = 1-2-3-4+5+6+7+8"),
    ("F2", False, "F2.9 (closing; persons) equals F1.9 (poor persons)"),
    ("F4", True, "3 × F4.1 is at most F4.2"),
    ("F6", True, "F6.2 is at most 2 × F6.1"),
    ("F8", True, "each of the columns F8.2, F8.3, F8.4 is at most F8.1"),
    ("F10", False, "F1.3 is at most F10.1 + … + F10.8; anything else is rare and needs a reason"),
    ("TX", True, "TX.5 (poor near poor to poor) equals TX.11 (near poor fell to poor)"),
]


@pytest.mark.parametrize(("id", "own", "said"), SAID)
def test_rules_in_words(id: str, own: bool, said: str) -> None:
    tell = rules_within if own else rules_with_others
    assert said in tell(forms.forms()[id], "en")


@pytest.mark.parametrize("lang", LANGS)
def test_every_check_has_words_of_its_own(lang: Lang) -> None:
    found = checks([form.id for form in forms.review_forms()])
    assert len({in_words(check, lang) for check in found}) == len(found)


def test_a_doubt_and_a_known_count_in_words() -> None:
    cell = Cell("F2", "relapsed")
    check = Check("F2", (7,), (cell,), equal=False, severity=Severity.DOUBT)
    assert in_words(check, "en") == (
        "7 reported within the year is at most F2.6 (relapsed; households);"
        " anything else is rare and needs a reason"
    )


def test_a_multiple_of_a_sum_keeps_its_brackets() -> None:
    cells = [Cell("F1", "poor"), Cell("F1", "near_poor")]
    assert added(cells, 2) == "2 × (F1.3 + F1.5)"
