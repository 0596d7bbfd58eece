"""Texts, numbers and dates in Vietnamese and English; the language is always passed in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from math import isnan
from typing import Literal, cast, get_args

from babel.dates import format_date
from babel.numbers import format_decimal

Lang = Literal["vi", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)

MISSING = "–"
"""What a reader sees where a figure is missing; never a zero."""


@cache
def catalogue(lang: Lang) -> dict[str, str]:
    """All texts of one language, flattened to dotted keys (`state.poor`)."""
    source = files("povsim") / "locale" / f"{lang}.toml"
    return dict(_flatten(tomllib.loads(source.read_text("utf-8"))))


def _flatten(node: dict[str, object], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in node.items():
        if isinstance(value, dict):
            pairs += _flatten(cast("dict[str, object]", value), f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", str(value)))
    return pairs


def text(key: str, lang: Lang, **values: object) -> str:
    """The text of `key` with its placeholders filled.

    Raises:
        KeyError: the catalogue has no such key (a test keeps both languages equal).

    >>> text("state.poor", "vi")
    'hộ nghèo'
    """
    return catalogue(lang)[key].format(**values)


def number(value: float | int | None, lang: Lang, digits: int = 0) -> str:
    """A count or a figure with fixed decimals, grouped as the language does.

    >>> number(1834, "vi"), number(1834, "en"), number(None, "vi")
    ('1.834', '1,834', '–')
    """
    if value is None or isnan(value):
        return MISSING
    decimals = "." + "0" * digits if digits else ""
    return str(format_decimal(value, format=f"#,##0{decimals}", locale=lang))


def percent(share: float | None, lang: Lang, digits: int = 2) -> str:
    """A share between 0 and 1 as per cent.

    >>> percent(0.2486, "vi"), percent(0.2486, "en", 1)
    ('24,86\\xa0%', '24.9\\xa0%')
    """
    if share is None or isnan(share):
        return MISSING
    return f"{number(share * 100, lang, digits)}\N{NO-BREAK SPACE}%"


def as_printed(value: float, lang: Lang) -> str:
    """A figure somebody printed, with the decimals it was printed with (two at most).

    >>> as_printed(7.8, "vi"), as_printed(24.86, "vi"), as_printed(1834.0, "vi")
    ('7,8', '24,86', '1.834')
    """
    decimals = len(f"{value:.2f}".rstrip("0").partition(".")[2])
    return number(value, lang, decimals)


def points(difference: float | None, lang: Lang, digits: int = 2) -> str:
    """A difference of shares as percentage points, with its sign.

    >>> points(-0.0304, "vi")
    '−3,04'
    """
    if difference is None or isnan(difference):
        return MISSING
    sign = "−" if round(difference * 100, digits) < 0 else "+"
    return f"{sign}{number(abs(difference) * 100, lang, digits)}"


def day(value: date, lang: Lang) -> str:
    """A date written out, as official papers do.

    >>> day(date(2024, 6, 20), "vi"), day(date(2024, 6, 20), "en")
    ('ngày 20 tháng 6 năm 2024', '20 June 2024')
    """
    pattern = "'ngày' d 'tháng' M 'năm' y" if lang == "vi" else "d MMMM y"
    return str(format_date(value, format=pattern, locale=lang))


def short_day(day: date, lang: Lang) -> str:
    """A date in figures, for sentences and tables.

    >>> short_day(date(2025, 7, 1), "vi"), short_day(date(2025, 7, 1), "en")
    ('01/07/2025', '2025-07-01')
    """
    return day.strftime("%d/%m/%Y" if lang == "vi" else "%Y-%m-%d")


class Word:
    """A value that is itself a text of the catalogue, filled once the language is known."""

    def __init__(self, key: str, **values: object) -> None:
        self._key, self._values = key, values

    def __str__(self) -> str:
        return self._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Word) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self._key)

    def told(self, lang: Lang) -> str:
        """The text in a language."""
        return text(self._key, lang, **shown(self._values, lang))


@dataclass(frozen=True)
class Joined:
    """Values told one after the other."""

    parts: tuple[object, ...]
    between: str = ""

    def __str__(self) -> str:
        return self.between.join(map(str, self.parts))

    def told(self, lang: Lang) -> str:
        """The parts in a language."""
        return self.between.join(str(_shown(part, lang)) for part in self.parts)


def shown(values: Mapping[str, object], lang: Lang) -> dict[str, object]:
    """Values of a sentence as its reader's language writes them: days, fractions, words."""
    return {name: _shown(value, lang) for name, value in values.items()}


def _shown(value: object, lang: Lang) -> object:
    if isinstance(value, date):
        return short_day(value, lang)
    if isinstance(value, float):
        return as_printed(value, lang)
    return value.told(lang) if isinstance(value, Word | Joined) else value
