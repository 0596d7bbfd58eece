"""Three ways to one truth: the register classified, the communes' forms, and the decree by hand.

The last is written here without povsim, a household after the other, as an officer would check it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from povsim import forms, poverty, registers, rules
from povsim.vocabulary import Indicator, State

YEARS = range(2021, 2026)
SAMPLE = Path(__file__).parents[2] / "data" / "sample"
LINES = {"rural": 1_500_000, "urban": 2_000_000}


@cache
def register(year: int) -> registers.Register:
    return registers.read(SAMPLE / "register" / str(year), year)


# --- By hand --------------------------------------------------------------------------------------


def lacks(house: dict[str, object], members: list[dict[str, object]]) -> list[bool]:
    """The twelve of the decree in the order of the forms; every answer is given."""
    persons = len(members)
    dependants = sum(m["age"] < 16 or m["on_benefit"] is True for m in members)
    soft = [house[f"durable_{part}"] is False for part in ("wall", "frame", "roof")]
    return [
        any(
            m["can_work"] is True
            and (m["has_job"] is False or (m["for_wages"] is True and m["has_contract"] is False))
            for m in members
        ),
        dependants > persons / 2,
        any(m["age"] < 16 and m["stunted_or_underweight"] is True for m in members),
        any(m["age"] >= 6 and m["insured"] is False for m in members),
        any(16 <= m["age"] <= 30 and m["schooled_for_age"] is False for m in members),
        any(3 <= m["age"] < 16 and m["at_right_level"] is False for m in members),
        sum(soft) >= 2,
        house["floor_area_m2"] / persons < 8,
        house["safe_water"] is False,
        house["hygienic_toilet"] is False,
        house["uses_internet"] is False,
        house["has_devices"] is False,
    ]


def plain(table: pd.DataFrame) -> list[dict[str, object]]:
    return table.astype(object).where(table.notna(), None).to_dict("records")


@cache
def by_hand(year: int) -> dict[str, tuple[str, str, list[bool]]]:
    """Unit, state and deprivations of every household, by key."""
    told, members = register(year), defaultdict(list)
    for member in plain(told.members):
        members[member["household"]].append(member)
    found = {}
    for house in plain(told.households):
        unit = str(house["unit"])
        line = LINES[rules.income_line(year, unit).area_type]
        own = lacks(house, members[house["household"]])
        low = house["income_vnd"] <= line
        state = ("poor" if sum(own) >= 3 else "near_poor") if low else "not_poor"
        found[str(house["household"])] = (unit, state, own)
    return found


# --- They agree -----------------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_states_and_masks_are_those_found_by_hand(year):
    told = register(year)
    found = poverty.classification(told.households, told.members, year)
    states = found.table().set_index("household")["state"].astype(str)
    masks = pd.Series(found.sure, states.index)
    assert (found.sure == found.may).all()
    expected = by_hand(year)
    assert len(expected) == len(states) > 7000
    assert states.to_dict() == {key: state for key, (_, state, _) in expected.items()}
    assert masks.to_dict() == {
        key: sum(1 << place for place, lack in enumerate(own) if lack)
        for key, (_, _, own) in expected.items()
    }


@cache
def workbook(year: int, code: str) -> dict[tuple[str, str], dict[str, int]]:
    reading = forms.read(SAMPLE / str(year) / f"{code}.xlsx")
    return {(s.form.id, row.line): row.counts for s in reading.sheets for row in s.rows}


@pytest.mark.parametrize("year", YEARS)
def test_m0_is_the_same_by_register_forms_and_hand(year):
    told = register(year)
    found = poverty.classification(told.households, told.members, year)
    masks = found.sure * found.answers[State.POOR].sure
    yardstick = poverty.Yardstick.equal(list(map(str, Indicator)), 3 / 12)
    unit = found.unit.astype(str)
    measured = poverty.by_group(poverty.tally(yardstick, masks, groups=unit))
    for identity, row in measured.iterrows():
        own = workbook(year, str(identity)[:5])
        households = own["F1", "households"]["households"]
        assert row["population"] == households
        assert row["h"] == pytest.approx(own["F1", "households"]["poor"] / households)
        assert row["m0"] == pytest.approx(
            own["F4", "households"]["deprivations"] / (12 * households)
        )
        hand = [sum(o) for u, s, o in by_hand(year).values() if u == identity and s == "poor"]
        assert row["m0"] == pytest.approx(sum(hand) / 12 / households)
        assert row["a"] == pytest.approx(sum(hand) / 12 / len(hand))


@pytest.mark.parametrize("year", YEARS)
def test_indicators_of_the_poor_are_those_of_form_4(year):
    own = by_hand(year)
    for unit in {unit for unit, _, _ in own.values()}:
        counts = workbook(year, unit[:5])["F4", "households"]
        poor = [lacking for u, state, lacking in own.values() if (u, state) == (unit, "poor")]
        assert [counts[str(name)] for name in Indicator] == [
            sum(column) for column in zip(*poor, strict=True)
        ]
