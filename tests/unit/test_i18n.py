"""Two catalogues with one set of keys, every finding told, figures as each language prints."""

import ast
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache
from math import nan
from pathlib import Path
from string import Formatter

import pytest

from povsim import i18n
from povsim.i18n import LANGS, catalogue, day, number, percent, points, text

SOURCE = Path(__file__).parents[2] / "src" / "povsim"
TELLERS = ("tell", "refuse", "Finding")
NOT_VALUES = {"note", "place", "severity", "values"}


def placeholders(written: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(written) if name is not None}


@cache
def trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(SOURCE)): _parsed(path) for path in SOURCE.rglob("*.py")}


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Calls of a function or method, with the place they stand at."""
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in names and node.args and isinstance(node.args[0], ast.Constant):
                    yield f"{file}:{node.lineno}", node


def words() -> set[str]:
    """Every string that stands in the source."""
    nodes = (node for tree in trees().values() for node in ast.walk(tree))
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def rules() -> set[str]:
    return {key.split(".")[1] for key in catalogue("vi") if key.startswith("finding.")}


def values_of(call: ast.Call) -> set[str] | None:
    """The names of a finding's values, or None where they are not written out at the call."""
    names: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg == "values" and isinstance(keyword.value, ast.Dict):
            names |= {str(getattr(key, "value", "")) for key in keyword.value.keys}
        elif keyword.arg in (None, "values"):
            return None
        else:
            names |= {keyword.arg} - NOT_VALUES
    return names


def test_both_languages_have_the_same_keys():
    assert catalogue("vi").keys() == catalogue("en").keys()


@pytest.mark.parametrize("key", catalogue("vi"))
def test_a_text_takes_the_same_values_in_both_languages(key):
    assert placeholders(catalogue("vi")[key]) == placeholders(catalogue("en").get(key, ""))


@pytest.mark.parametrize("lang", LANGS)
def test_texts_are_composed_trimmed_and_not_empty(lang):
    source = (SOURCE / "locale" / f"{lang}.toml").read_text("utf-8")
    assert unicodedata.is_normalized("NFC", source)
    assert [key for key, said in catalogue(lang).items() if not said or said != said.strip()] == []


def test_english_texts_are_not_left_in_vietnamese():
    same = {key for key, said in catalogue("en").items() if said == catalogue("vi")[key]}
    assert {key for key in same if not catalogue("en")[key].isascii()} == set()


@pytest.mark.parametrize("rule", sorted(rules()))
def test_a_finding_says_what_and_what_next(rule):
    parts = {key.split(".")[2] for key in catalogue("vi") if key.startswith(f"finding.{rule}.")}
    assert parts == {"what", "next"}


def test_every_rule_told_has_its_texts():
    told = {place: call.args[0].value for place, call in calls(*TELLERS)}
    assert len(told) > 30
    assert {place: rule for place, rule in told.items() if rule not in rules()} == {}


def test_every_rule_of_the_catalogue_is_told_somewhere():
    assert rules() - words() == set()


def test_every_telling_brings_the_values_its_sentences_need():
    short = {}
    for place, call in calls(*TELLERS):
        given, rule = values_of(call), call.args[0].value
        said = (
            f"{catalogue('vi')[f'finding.{rule}.what']} {catalogue('vi')[f'finding.{rule}.next']}"
        )
        if given is not None and placeholders(said) - given:
            short[place] = (rule, placeholders(said) - given)
    assert short == {}


def test_every_text_asked_for_by_name_exists():
    asked = {place: call.args[0].value for place, call in calls("text", "Word")}
    dotted = {place: key for place, key in asked.items() if "." in str(key)}
    assert dotted
    assert {place: key for place, key in dotted.items() if key not in catalogue("vi")} == {}


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError):
        text("state.rich", "vi")


NUMBERS = [  # function, arguments, Vietnamese, English
    (number, (0,), "0", "0"),
    (number, (1834,), "1.834", "1,834"),
    (number, (-1234567,), "-1.234.567", "-1,234,567"),
    (number, (2.5, 1), "2,5", "2.5"),
    (number, (None,), "–", "–"),
    (number, (nan,), "–", "–"),
    (percent, (0.2486,), "24,86\u00a0%", "24.86\u00a0%"),
    (percent, (0.0, 1), "0,0\u00a0%", "0.0\u00a0%"),
    (percent, (1.0, 0), "100\u00a0%", "100\u00a0%"),
    (percent, (None,), "–", "–"),
    (percent, (nan,), "–", "–"),
    (points, (0.066,), "+6,60", "+6.60"),
    (points, (-0.066, 1), "−6,6", "−6.6"),
    (points, (-0.00001,), "+0,00", "+0.00"),
    (points, (nan,), "–", "–"),
    (day, (date(2025, 12, 3),), "ngày 3 tháng 12 năm 2025", "3 December 2025"),
]


@pytest.mark.parametrize(("function", "arguments", "vietnamese", "english"), NUMBERS)
def test_figures_as_each_language_prints_them(function, arguments, vietnamese, english):
    value, *digits = arguments
    assert function(value, "vi", *digits) == vietnamese
    assert function(value, "en", *digits) == english


def test_missing_is_never_a_zero():
    assert "0" not in i18n.MISSING


def test_no_text_is_left_unused() -> None:
    """A key stands in the source whole, or by its head where its last part is computed."""
    source = "".join(path.read_text("utf-8") for path in SOURCE.glob("**/*.py"))
    unused = []
    for key in (key for key in catalogue("vi") if not key.startswith("finding.")):
        head, _, last = key.rpartition(".")
        listed = f'"{last}"' in source or head not in ("table", "chart")
        if key not in source and not (f"{head}.{{" in source and listed):
            unused.append(key)
    assert unused == []
