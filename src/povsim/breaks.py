"""Every break of a series in one place: standards, borders, area types, by unit or by district.

A series of figures that crosses a break is refused, or says so in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from povsim import rules
from povsim.findings import Finding, Refusal
from povsim.i18n import Lang, number, short_day, text
from povsim.units import AreaType, Break, BreakKind, Unit, UnitId


def of_unit(unit: UnitId | str, first: int, last: int) -> tuple[Break, ...]:
    """The breaks between the year-end reviews `first` and `last` of all that a unit holds at the
    end of `last` (or, where it ended on the way, of its holder), by day.

    Raises:
        Refusal: the unit cannot be had at the end of `last`; no standard for one of the years.
    """
    days = date(first, 12, 31), date(last, 12, 31)
    own = rules.units().breaks(unit, *days) if first <= last else []
    found = [*of_standards(unit, first, last), *map(_with_lines, own)]
    return tuple(sorted(found, key=lambda found: found.day))


def of_units(units: Iterable[Unit | UnitId | str], first: int, last: int) -> tuple[Break, ...]:
    """The breaks of several units, as of a district: each told once, by day."""
    found: list[Break] = []
    for unit in units:
        identity = unit.id if isinstance(unit, Unit) else unit
        found += [b for b in of_unit(identity, first, last) if b not in found]
    return tuple(sorted(found, key=lambda found: (found.day, found.kind, str(found.unit))))


def refuse_across(place: UnitId | str, first: int, last: int) -> None:
    """Nothing where the reviews of `first` to `last` were all made under one standard.

    Raises:
        Refusal: they were not; the message says from which review on.
    """
    for found in of_standards(place, first, last):
        values: dict[str, object] = {"first": first, "last": last, **found.values}
        raise Refusal([Finding("series_broken", values=values)])


def sentence(found: Break, lang: Lang) -> str:
    """A break as a reader is told it."""
    words = dict(found.values)
    for name in ("was", "now"):
        if name in words:
            words[f"{name}_name"] = text(f"area_type.{words.pop(name)}", lang)
            words[f"{name}_line"] = _money(words[f"{name}_line"], lang)
    for name in ("unit", "part"):
        if f"{name}_kind" in words:
            words[name] = text(f"unit_kind.{words.pop(f'{name}_kind')}", lang, name=words[name])
    if words.get("sure"):
        words["sure"] = f" {text('break.unconfirmed', lang)}"
    return text(f"break.{found.kind}", lang, **(words | {"day": short_day(found.day, lang)}))


def _money(written: str, lang: Lang) -> str:
    return number(int(written) if written else None, lang)


def of_standards(place: UnitId | str | None, first: int, last: int) -> Iterator[Break]:
    """Where consecutive reviews were made under different standards, in a place or the nation.

    Raises:
        Refusal: no standard on file for one of the years.
    """
    for year in range(first + 1, last + 1):
        before, after = (rules.standard_for(review, place) for review in (year - 1, year))
        if before.id != after.id:
            values = {"year": str(year), "before": before.name, "after": after.name}
            yield Break(BreakKind.STANDARD, date(year, 1, 1), None, values)


def _with_lines(found: Break) -> Break:
    """A break of the area type with the income lines that its two sides are held against."""
    if found.kind is not BreakKind.AREA_TYPE or found.unit is None:
        return found
    lines = {f"{side}_line": _line(found, found.values[side]) for side in ("was", "now")}
    return replace(found, values={**found.values, **lines})


def _line(found: Break, area_type: str) -> str:
    try:
        standard = rules.standard_for(found.day.year, found.unit)
        return str(standard.line(AreaType(area_type)).vnd_a_month)
    except Refusal:
        return ""  # the break stands, whether or not its lines are on file
