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

REVIEWS = (2019, 2024, 2027)
"""A review of each standard."""
ASKING = {"ten": 2019, "twelve": 2024}
"""A review of each list of indicators, by how many they are."""
SHEETS = 2024
"""A review whose scoring sheets are on file."""


@dataclass(frozen=True)
class Case:
    """What is said of a household, by the register's column, and what follows.

    `follows` is a column each: states apart by blanks, of which each may be, or `yes`, `no`, `?`.
    """

    said: Mapping[str, object]
    follows: tuple[str, ...]


def page(lang: Lang, cases: Mapping[str, Sequence[Case]]) -> str:
    """The whole page as Markdown; the same rules and cases give the same page.

    Args:
        cases: by `ten.` or `twelve.` and the indicator, and `states`, `average`, `escaped` and
            `scores`; the spec tests hold them against the rules.
    """
    parts = [f"# {_say('title', lang)}", _say("about", lang), _say("rule", lang)]
    parts += [_say("rule_older", lang), _say("province", lang)]
    parts += [f"## {_say('lines', lang)}", table(_lines(lang))]
    parts += [f"## {_say('average', lang)}", _say("average_rule", lang), table(_average(lang))]
    parts += [f"## {_say('escaped', lang)}", _escaped(lang)]
    for many, review in reversed(ASKING.items()):
        parts += [f"## {_say(many, lang)}", table(_indicators(review, lang))]
        parts.append(_about(many, review, lang))
    parts += [f"## {_say('sheets', lang)}", table(_sheets(lang))]
    parts += [f"## {_say('missing', lang)}", _say("missing_rule", lang)]
    parts += [f"## {_say('cases', lang)}", _say("cases_about", lang), *_cases(lang, cases)]
    return "\n\n".join(parts) + "\n"


def _say(name: str, lang: Lang) -> str:
    return text(f"who_is_poor.{name}", lang)


def table(rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; the first row is the head."""
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _head(lang: Lang, *names: str) -> list[str]:
    return [text(f"who_is_poor.column.{name}", lang) for name in names]


def _sure(verified: bool, lang: Lang) -> str:
    return _say("verified" if verified else "unverified", lang)


def _lines(lang: Lang) -> Iterator[list[str]]:
    yield _head(
        *(lang, "standard", "reviews", "area", "alone", "line", "poor_from", "source", "verified")
    )
    for standard in map(rules.standard_for, REVIEWS):
        for line in standard.lines:
            yield [
                standard.name,
                _reviews(standard),
                text(f"area_type.{line.area_type}", lang),
                number(line.poor_alone_vnd, lang),
                number(line.vnd_a_month, lang),
                str(standard.poor_from_deprivations),
                line.article,
                _sure(line.verified, lang),
            ]


def _average(lang: Lang) -> Iterator[list[str]]:
    yield _head(lang, "standard", "area", "above", "up_to", "source", "verified")
    for standard in map(rules.standard_for, REVIEWS):
        known = {edge.area_type: edge for edge in standard.average_living}
        for line in standard.lines:
            edge = known.get(line.area_type)
            area, above = text(f"area_type.{line.area_type}", lang), number(line.vnd_a_month, lang)
            told = (
                [number(edge.to_vnd, lang), edge.article, _sure(edge.verified, lang)]
                if edge
                else [_say("not_on_file", lang), number(None, lang), _sure(False, lang)]
            )
            yield [standard.name, area, above, *told]


def _escaped(lang: Lang) -> str:
    rule = rules.recently_escaped()
    return text(
        "who_is_poor.escaped_rule",
        lang,
        months=rule.months,
        article=rule.article,
        verified=_sure(rule.verified, lang),
    )


def _reviews(standard: Standard) -> str:
    return f"{standard.first_review}–{standard.last_review or ''}"


def _indicators(review: int, lang: Lang) -> Iterator[list[str]]:
    yield _head(lang, "number", "dimension", "indicator", "lacking", "source", "verified")
    for place, threshold in enumerate(thresholds(review).values(), 1):
        yield [str(place), *_indicator(threshold, lang)]


def _about(many: str, review: int, lang: Lang) -> str:
    schooling = thresholds(review)[Indicator.ADULT_SCHOOLING].values
    return text(f"who_is_poor.{many}_about", lang, review=review, **schooling)


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


TABLES = {
    "states": ("state",),
    "average": ("average_living", "average_living_farming"),
    "escaped": ("state", "recently_escaped"),
    "scores": ("state",),
}
"""The columns of what follows, by table of cases."""


def _cases(lang: Lang, cases: Mapping[str, Sequence[Case]]) -> Iterator[str]:
    for many, review in reversed(ASKING.items()):
        standard = rules.standard_for(review).name
        for indicator in thresholds(review):
            yield f"### {text(f'indicator.{indicator}', lang)} ({standard})"
            yield table(_told(lang, cases[f"{many}.{indicator}"], ("is_lacking",)))
    for name, follows in TABLES.items():
        yield f"### {_say(f'cases_{name}', lang)}"
        yield table(_told(lang, cases[name], follows))


def _told(lang: Lang, cases: Iterable[Case], follows: Sequence[str]) -> Iterator[list[str]]:
    yield _head(lang, "said", *follows)
    for case in cases:
        said = (
            f"{text(f'answer.{name}', lang)}: {_value(v, lang)}" for name, v in case.said.items()
        )
        yield ["; ".join(said), *(_follows(told, lang) for told in case.follows)]


def _value(value: object, lang: Lang) -> str:
    if value is None or isinstance(value, bool):
        return _answer("?" if value is None else "yes" if value else "no", lang)
    if isinstance(value, State):
        return text(f"who_is_poor.state.{value}", lang)
    if isinstance(value, AreaType):
        return text(f"area_type.{value}", lang)
    if isinstance(value, float):
        return number(value, lang, 0 if value.is_integer() else 1)
    return number(value, lang) if isinstance(value, int) else str(value)


def _answer(given: str, lang: Lang) -> str:
    return text(f"who_is_poor.value.{'unknown' if given == '?' else given}", lang)


def _follows(told: str, lang: Lang) -> str:
    if told in ("yes", "no", "?"):
        return _answer(told, lang)
    states = (text(f"who_is_poor.state.{State(name)}", lang) for name in told.split())
    return f" {_say('or', lang)} ".join(states)
