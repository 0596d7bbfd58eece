"""The decree as a page to check: lines, indicators, sheets, and cases around every edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from povsim import rules
from povsim.i18n import Lang, number, text
from povsim.poverty.thresholds import Threshold, score_line, thresholds
from povsim.rules import Standard
from povsim.units import AreaType
from povsim.vocabulary import Indicator, State

REVIEWS = (2024, 2027)
"""A review of each standard whose thresholds are on file."""
SHEETS = 2024
"""A review whose scoring sheets are on file."""


@dataclass(frozen=True)
class Case:
    """What is said of a household, by the register's column, and what follows.

    `follows` are states, or one of `yes`, `no`, `?`; of several states each may be.
    """

    said: Mapping[str, object]
    follows: tuple[str, ...]


def page(lang: Lang, cases: Mapping[str, Sequence[Case]]) -> str:
    """The whole page as Markdown; the same rules and cases give the same page.

    Args:
        cases: by indicator, and `states` and `scores`; the spec tests hold them against the rules.
    """
    parts = [f"# {_say('title', lang)}", _say("about", lang), _say("rule", lang)]
    parts += [f"## {_say('lines', lang)}", _table(_lines(lang))]
    parts += [f"## {_say('indicators', lang)}", _table(_indicators(lang))]
    parts += [_say("same", lang), f"## {_say('sheets', lang)}", _table(_sheets(lang))]
    parts += [f"## {_say('missing', lang)}", _say("missing_rule", lang)]
    parts += [f"## {_say('cases', lang)}", _say("cases_about", lang), *_cases(lang, cases)]
    return "\n\n".join(parts) + "\n"


def _say(name: str, lang: Lang) -> str:
    return text(f"who_is_poor.{name}", lang)


def _table(rows: Iterable[Sequence[str]]) -> str:
    """The first row is the head."""
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _head(lang: Lang, *names: str) -> list[str]:
    return [text(f"who_is_poor.column.{name}", lang) for name in names]


def _sure(verified: bool, lang: Lang) -> str:
    return _say("verified" if verified else "unverified", lang)


def _lines(lang: Lang) -> Iterator[list[str]]:
    yield _head(lang, "standard", "reviews", "area", "line", "poor_from", "source", "verified")
    for standard in map(rules.standard_for, REVIEWS):
        for line in standard.lines:
            yield [
                standard.name,
                _reviews(standard),
                text(f"area_type.{line.area_type}", lang),
                number(line.vnd_a_month, lang),
                str(standard.poor_from_deprivations),
                line.article,
                _sure(line.verified, lang),
            ]


def _reviews(standard: Standard) -> str:
    return f"{standard.first_review}–{standard.last_review or ''}"


def _indicators(lang: Lang) -> Iterator[list[str]]:
    yield _head(lang, "number", "dimension", "indicator", "lacking", "source", "verified")
    for place, threshold in enumerate(thresholds(REVIEWS[0]).values(), 1):
        yield [str(place), *_indicator(threshold, lang)]


def _indicator(threshold: Threshold, lang: Lang) -> list[str]:
    return [
        text(f"dimension.{threshold.dimension}", lang),
        text(f"indicator.{threshold.indicator}", lang),
        threshold.told(lang),
        threshold.article,
        _sure(threshold.verified, lang),
    ]


def _sheets(lang: Lang) -> Iterator[list[str]]:
    yield _head(lang, "area", "poor", "near_poor", "source", "verified")
    for area in (AreaType.RURAL, AreaType.URBAN):
        line = score_line(SHEETS, area)
        yield [
            text(f"area_type.{area}", lang),
            f"B1 ≤ {line.b1_at_most}, B2 ≥ {line.b2_from}",
            f"B1 ≤ {line.b1_at_most}, B2 < {line.b2_from}",
            line.article,
            _sure(line.verified, lang),
        ]


# --- Cases ----------------------------------------------------------------------------------------


def _cases(lang: Lang, cases: Mapping[str, Sequence[Case]]) -> Iterator[str]:
    for indicator in Indicator:
        yield f"### {text(f'indicator.{indicator}', lang)}"
        yield _table(_told(lang, cases[indicator], "is_lacking"))
    for name in ("states", "scores"):
        yield f"### {_say(f'cases_{name}', lang)}"
        yield _table(_told(lang, cases[name], "state"))


def _told(lang: Lang, cases: Iterable[Case], follows: str) -> Iterator[list[str]]:
    yield _head(lang, "said", follows)
    for case in cases:
        said = (
            f"{text(f'answer.{name}', lang)}: {_value(v, lang)}" for name, v in case.said.items()
        )
        yield ["; ".join(said), _follows(case.follows, lang)]


def _value(value: object, lang: Lang) -> str:
    if value is None or isinstance(value, bool):
        return _answer("?" if value is None else "yes" if value else "no", lang)
    if isinstance(value, AreaType):
        return text(f"area_type.{value}", lang)
    if isinstance(value, float):
        return number(value, lang, 0 if value.is_integer() else 1)
    return number(value, lang) if isinstance(value, int) else str(value)


def _answer(given: str, lang: Lang) -> str:
    return text(f"who_is_poor.value.{'unknown' if given == '?' else given}", lang)


def _follows(follows: Sequence[str], lang: Lang) -> str:
    if follows[0] in ("yes", "no", "?"):
        return _answer(follows[0], lang)
    states = (text(f"who_is_poor.state.{State(name)}", lang) for name in follows)
    return f" {_say('or', lang)} ".join(states)
