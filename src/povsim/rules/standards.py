"""Which poverty standard holds for the review of a year in a place, and its income lines."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from povsim.findings import Place, refuse
from povsim.i18n import Word
from povsim.rules.files import load, own
from povsim.rules.places import units
from povsim.units import AreaType, Kind, UnitId


@dataclass(frozen=True)
class IncomeLine:
    """At or below how much a household's income counts as low, in đồng a person and month.

    Where a standard has `poor_alone_vnd`, whoever is at or below that is poor whatever else it
    lacks, and the deprivations decide between the two.
    """

    area_type: AreaType
    vnd_a_month: int
    article: str
    verified: bool
    poor_alone_vnd: int | None = None


@dataclass(frozen=True)
class AverageLiving:
    """Up to what income a household that is above the line is of average living standard, in
    đồng a person and month."""

    area_type: AreaType
    to_vnd: int
    article: str
    verified: bool


@dataclass(frozen=True)
class RecentlyEscaped:
    """For how many months after it left the lists a household counts as recently escaped."""

    months: int
    valid_from: date
    article: str
    verified: bool


@dataclass(frozen=True)
class Standard:
    """A poverty standard and the year-end reviews it holds for (`last_review` None: still).

    `province` is where it holds; None: everywhere that no province's own one does. A household is
    poor at or below the line and lacking `poor_from_deprivations` indicators or more; near-poor
    lacking fewer. `lines` and `average_living` are empty where none is on file.
    """

    id: str
    name: str
    first_review: int
    last_review: int | None
    article: str
    verified: bool
    indicators: int
    poor_from_deprivations: int | None = None
    province: UnitId | None = None
    lines: tuple[IncomeLine, ...] = ()
    average_living: tuple[AverageLiving, ...] = ()

    def holds_for(self, review: int) -> bool:
        """Whether the year-end review of a year is made under it."""
        last = self.last_review
        return self.first_review <= review and (last is None or review <= last)

    def line(self, area_type: AreaType) -> IncomeLine:
        """The income line of an area type.

        Raises:
            Refusal: none is on file.
        """
        for line in self.lines:
            if line.area_type == area_type:
                return line
        area = Word(f"area_type.{area_type}")
        raise refuse("income_line_unknown", standard=self.name, area_type=area)

    def average_living_to(self, area_type: AreaType) -> int | None:
        """Up to what income living is average in an area type; None where that is not on file."""
        found = (edge.to_vnd for edge in self.average_living if edge.area_type == area_type)
        return next(found, None)


def standard_for(review: int, place: UnitId | str | None = None) -> Standard:
    """The standard that the year-end review of a year was made under, in a place if one is named
    (any unit): its province's own, where there is one on file, else the nation's.

    Raises:
        Refusal: no standard on file holds for that year; a place that is no unit.

    >>> standard_for(2021).id, standard_for(2020).id
    ('nd07-2021', 'qd59-2015')
    """
    if place is not None:
        province = units().above(place, date(review, 12, 31), Kind.PROVINCE)
        for standard in provincial():
            if province and standard.province == province.id and standard.holds_for(review):
                return standard
    return _national(review)


def income_line(review: int, unit: UnitId | str) -> IncomeLine:
    """The income line that a unit's households were held against at the review of a year.

    Raises:
        Refusal: no standard or line on file; a unit that cannot be had in that year.
    """
    day = day_on_file(unit, date(review, 12, 31))
    area_type = units().at(unit, day).area_type_on(day)
    if area_type is None:
        raise refuse("area_type_unknown", unit=units()[unit].name)
    return standard_for(review, unit).line(area_type)


def day_on_file(unit: UnitId | str, day: date) -> date:
    """The day itself, or the first day of a unit that was the same before as far as is known.

    A unit is on file from the first day that povsim needs it, not from its founding: where no other
    unit on file went before it, it is taken to have been the same earlier.

    >>> day_on_file("23482@2021-01-01", date(2019, 12, 31))
    datetime.date(2021, 1, 1)
    """
    first = units()[unit].id.valid_from
    earlier = day < first and not units().parts(unit, first, first - timedelta(days=1))
    return first if earlier else day


def recently_escaped() -> RecentlyEscaped:
    """How long a household that left the lists counts as recently escaped.

    >>> recently_escaped().months
    36
    """
    return RecentlyEscaped(**load("standards")["recently_escaped"])


def provincial() -> tuple[Standard, ...]:
    """Standards that provinces have set for themselves, from `data/standards/*.toml`.

    Raises:
        Refusal: a file that cannot be read, or that names no province.
    """
    return _provincial(own("standards"))


def forget() -> None:
    """Read the provinces' own standards again."""
    _provincial.cache_clear()


@cache
def _national(review: int) -> Standard:
    for standard in _standards(load("standards")):
        if standard.province is None and standard.holds_for(review):
            return standard
    raise refuse("standard_unknown", year=review)


@cache
def _provincial(paths: tuple[Path, ...]) -> tuple[Standard, ...]:
    return tuple(standard for path in paths for standard in _read(path))


def _read(path: Path) -> list[Standard]:
    try:
        found = list(_standards(tomllib.loads(path.read_text("utf-8"))))
        if not all(standard.province for standard in found):
            raise KeyError("province")  # the nation's own are povsim's to keep
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise refuse("standards_unreadable", Place(path.name), reason=reason) from error
    return found


def _standards(content: dict[str, Any]) -> Iterator[Standard]:
    for entry in content["standard"]:
        province = entry.get("province")
        yield Standard(
            id=entry["id"],
            name=entry["name"],
            first_review=entry["first_review"],
            last_review=entry.get("last_review"),
            article=entry["article"],
            verified=entry["verified"],
            indicators=entry["indicators"],
            poor_from_deprivations=entry.get("poor_from_deprivations"),
            province=UnitId.parse(province) if province else None,
            lines=tuple(IncomeLine(**e) for e in _by_area(entry, "income_line")),
            average_living=tuple(AverageLiving(**e) for e in _by_area(entry, "average_living")),
        )


def _by_area(entry: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    for row in entry.get(name, ()):
        yield row | {"area_type": AreaType(row["area_type"])}
