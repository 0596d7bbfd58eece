"""When a household lacks an indicator, by standard: the dated thresholds with their articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from povsim import rules
from povsim.findings import refuse
from povsim.i18n import Lang, Word
from povsim.rules import Standard
from povsim.units import AreaType
from povsim.vocabulary import FormerIndicator, Indicator

TOLD = {"id", "dimension", "rule", "vi", "en", "article", "verified"}
"""Entries of an indicator that are no threshold."""

Asked = Indicator | FormerIndicator
"""What some standard asks for: one of the twelve of the forms, or of an older standard alone."""


@dataclass(frozen=True)
class Threshold:
    """One indicator: its dimension, its rule (`indicators`) with its figures, and it in words.

    Where the rule goes by the year of birth, `values` hold the age that it comes to as well.
    """

    indicator: Asked
    dimension: str
    rule: str
    values: Mapping[str, int]
    words: Mapping[Lang, str]
    article: str
    verified: bool

    def told(self, lang: Lang) -> str:
        """When a household lacks it, in one phrase.

        >>> thresholds(2024)[Indicator.HOUSING_AREA].told("en")
        'under 8 m² of floor per person'
        """
        return self.words[lang].format(**self.values)


@dataclass(frozen=True)
class ScoreLine:
    """The edges of the scoring sheets: B1 at most this is low income, B2 from this is poor."""

    area_type: AreaType
    b1_at_most: int
    b2_from: int
    article: str
    verified: bool


def thresholds(review: int) -> Mapping[Asked, Threshold]:
    """The indicators of the review of a year, in the order of its standard; the twelve of Decree
    07/2021/NĐ-CP in that of the forms. In a mask the first is the lowest bit.

    Raises:
        Refusal: no standard, or no thresholds of it, on file.
    """
    standard = rules.standard_for(review)
    content = _content(standard)
    return {t.indicator: t for t in _thresholds(content, review)}


def score_line(review: int, area_type: AreaType) -> ScoreLine:
    """The edges of the scoring sheets of an area type at the review of a year.

    Raises:
        Refusal: no sheet of that standard is on file.
    """
    standard = rules.standard_for(review)
    content = _content(standard)
    for entry in [] if "like" in content else content.get("score", ()):
        if entry["area_type"] == area_type:
            return ScoreLine(**entry | {"area_type": area_type})
    raise scores_unknown(standard, area_type)


def scores_unknown(standard: Standard, area_type: AreaType) -> Exception:
    """The refusal where no scoring sheet belongs to a standard's income line."""
    area = Word(f"area_type.{area_type}")
    return refuse("score_line_unknown", standard=standard.name, area_type=area)


def _content(standard: Standard) -> dict[str, Any]:
    content = rules.load_folder("deprivations").get(standard.id)
    if content is None:
        raise refuse("deprivations_unknown", standard=standard.name)
    return content


def _thresholds(content: dict[str, Any], review: int) -> Iterator[Threshold]:
    """A standard that is like another has its figures, under its own article and verdict."""
    own = {name: content[name] for name in ("article", "verified") if "like" in content}
    source = rules.load_folder("deprivations")[content["like"]] if "like" in content else content
    for entry in source["indicator"]:
        yield _threshold(entry | own, review)


def _threshold(entry: dict[str, Any], review: int) -> Threshold:
    name = entry["id"]
    figures = {name: value for name, value in entry.items() if name not in TOLD}
    if "born_from" in figures:
        figures["age_through"] = review - figures["born_from"]
    return Threshold(
        FormerIndicator(name) if name in set(FormerIndicator) else Indicator(name),
        entry["dimension"],
        entry.get("rule", name),
        figures,
        {"vi": entry["vi"], "en": entry["en"]},
        entry["article"],
        entry["verified"],
    )
