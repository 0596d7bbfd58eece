"""Any table on the units of any day: sums are exact, missing stays missing, labels are labels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.findings import Refusal
from povsim.units import AreaType, BreakKind, Kind, Unit, UnitId, Units

START, DAYS = date(2020, 1, 1), 365


@st.composite
def histories(draw: st.DrawFn) -> tuple[Units, list[date]]:
    """Units of several generations, each merging those before it at random, and their days."""
    days = [START + timedelta(DAYS * number) for number in range(draw(st.integers(2, 4)))]
    sizes = sorted(draw(st.lists(st.integers(1, 7), min_size=len(days), max_size=len(days))))[::-1]
    every: list[Unit] = []
    for number, (day, size) in enumerate(zip(days, sizes, strict=True)):
        ends = days[number + 1] - timedelta(1) if number + 1 < len(days) else None
        heirs = sizes[number + 1] if ends else 0
        for code in range(size):
            heir = code if code < heirs else draw(st.integers(0, heirs - 1)) if ends else 0
            every.append(_unit(draw, code, day, ends, heir, days[number + 1] if ends else None))
    return Units(every), days


def _unit(draw, code: int, day: date, ends: date | None, heir: int, next_day: date | None) -> Unit:
    # The same codes in every generation: re-used, as on 2025-07-01.
    successor = UnitId(f"{heir:05}", next_day) if next_day else None
    area = draw(st.sampled_from(AreaType))
    return Unit(UnitId(f"{code:05}", day), (f"Xã {code}",), Kind.COMMUNE, area, ends, successor)


COUNT = st.integers(0, 2**50) | st.none()


def table(units: Sequence[Unit], counts: Sequence[int | None], period: str) -> pd.DataFrame:
    frame = pd.DataFrame({"unit": [str(unit.id) for unit in units], "value": counts})
    return frame.assign(period=period).astype({"value": "Int64"})[["unit", "period", "value"]]


@settings(max_examples=150)
@given(histories(), st.data())
def test_carrying_conserves_every_sum_and_loses_no_missing(history, data):
    units, days = history
    before, after = sorted(data.draw(st.tuples(st.sampled_from(days), st.sampled_from(days))))
    held = units.on(before)
    given_counts = [data.draw(COUNT) for _ in held]
    carried = units.carry(table(held, given_counts, "2020"), after)
    assert carried["unit"].tolist() == [str(unit.id) for unit in units.on(after)]
    for row in carried.to_dict("records"):
        parts = {part.id for part in units.parts(row["unit"], after, before)}
        counts = [n for unit, n in zip(held, given_counts, strict=True) if unit.id in parts]
        assert pd.isna(row["value"]) if None in counts else row["value"] == sum(counts)


@settings(max_examples=100)
@given(histories(), st.data())
def test_going_by_way_of_another_day_changes_nothing(history, data):
    units, days = history
    counts = [data.draw(COUNT) for _ in units.on(days[0])]
    start = table(units.on(days[0]), counts, "2020")
    way = data.draw(st.sampled_from(days))
    by_way = units.carry(units.carry(start, way), days[-1])
    pd.testing.assert_frame_equal(by_way, units.carry(start, days[-1]))


@settings(max_examples=100)
@given(histories(), st.data())
def test_the_order_of_rows_and_the_codes_do_not_matter(history, data):
    units, days = history
    held = units.on(days[0])
    start = table(held, [data.draw(COUNT) for _ in held], "2020")
    carried = units.carry(start, days[-1])
    shuffled = start.iloc[data.draw(st.permutations(range(len(held))))]
    pd.testing.assert_frame_equal(units.carry(shuffled, days[-1]), carried)
    other = Units(_relabelled(unit) for unit in units)
    moved = other.carry(start.assign(unit=start["unit"].map(_longer)), days[-1])
    pd.testing.assert_frame_equal(moved.assign(unit=moved["unit"].map(_shorter)), carried)


def _longer(printed: str) -> str:
    return "9" + printed[1:]


def _shorter(printed: str) -> str:
    return "0" + printed[1:]


def _relabelled(unit: Unit) -> Unit:
    def other(identity: UnitId) -> UnitId:
        return UnitId("9" + identity.code[1:], identity.valid_from)

    heir = other(unit.successor) if unit.successor else None
    return Unit(other(unit.id), unit.names, unit.kind, unit.area_type, unit.valid_to, heir)


@settings(max_examples=100)
@given(histories(), st.data())
def test_a_row_left_out_leaves_only_its_own_sum_missing(history, data):
    units, days = history
    held = units.on(days[0])
    start = table(held, [1] * len(held), "2020")
    lost = data.draw(st.sampled_from(held))
    carried = units.carry(start[start["unit"] != str(lost.id)], days[-1])
    holder = units.at(lost.id, days[-1]).id
    for row in carried.to_dict("records"):
        parts = units.parts(row["unit"], days[-1], days[0])
        assert pd.isna(row["value"]) == (row["unit"] == str(holder))
        assert row["unit"] == str(holder) or row["value"] == len(parts)


@settings(max_examples=100)
@given(histories())
def test_a_break_of_the_area_type_is_told_exactly_where_a_part_had_another(history):
    units, days = history
    for heir in units.on(days[-1]):
        found = units.breaks(heir.id, days[-2], days[-1])
        parts = units.parts(heir.id, days[-1], days[-2])
        others = [part for part in parts if part.area_type != heir.area_type]
        assert sum(b.kind == BreakKind.AREA_TYPE for b in found) == len(others)
        assert sum(b.kind == BreakKind.BOUNDARY for b in found) == (len(parts) > 1)


@settings(max_examples=150)
@given(histories(), st.data())
def test_a_unit_there_twice_is_refused_on_every_day(history, data):
    units, days = history
    before, after = sorted(data.draw(st.tuples(st.sampled_from(days), st.sampled_from(days))))
    held = units.on(before)
    some = data.draw(st.lists(st.sampled_from(held), min_size=2, max_size=2 * len(held)))
    start = table(some, [data.draw(COUNT) for _ in some], "2020")
    if len(set(some)) == len(some):
        units.carry(start, after)
        apart = pd.concat([start, start.assign(period="2021")])
        assert len(units.carry(apart, after)) == 2 * len(units.carry(start, after))
    else:
        with pytest.raises(Refusal) as refusal:
            units.carry(start, after)
        assert [finding.rule for finding in refusal.value.findings] == ["unit_counted_twice"]
