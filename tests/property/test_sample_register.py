"""The sample's household register: every form of every review is a count of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import coherence
import pandas as pd
import pyarrow.parquet as pq
import pytest
from copies import script
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import forms, poverty, rules
from povsim.poverty import contract
from povsim.vocabulary import LOCAL_PEOPLES, Cause, Indicator, People, Period

HOME = Path(__file__).parents[2]
SAMPLE = HOME / "data" / "sample"
REGISTER = SAMPLE / "register"
YEARS = range(2021, 2026)
MERGED = {
    "23479@2025-07-01": ["23479@2021-01-01", "23491@2021-01-01"],
    "23485@2025-07-01": ["23482@2021-01-01", "23485@2021-01-01"],
    "23497@2025-07-01": [f"{code}@2021-01-01" for code in ("23488", "23494", "23497")],
}
OLD = sorted(unit for parts in MERGED.values() for unit in parts)
LISTS = {"poor": ("F2", "F4", "F5", "F12"), "near_poor": ("F3", "F6", "F7", "F13")}
TWELVE = [str(indicator) for indicator in Indicator]
MAKE = script("make")

Tables = dict[str, pd.DataFrame]
Book = dict[tuple[str, str], dict[str, int]]


@cache
def committed(year: int) -> Tables:
    """The two tables of a review, as they lie in the repository."""
    return {n: pd.read_parquet(REGISTER / f"{year}" / f"{n}.parquet") for n in MAKE.register.TABLES}


@cache
def judged(year: int) -> Tables:
    return with_states(committed(year), year)


def with_states(tables: Tables, year: int) -> Tables:
    """Households with their state and what they lack; members with their household's state."""
    houses, members = tables["households"], tables["members"]
    lacking = poverty.deprivations(houses, members, year)[TWELVE].astype(bool)
    states = poverty.classify(houses, members, year)["state"].astype(str)
    houses = pd.concat([houses, lacking.add_prefix("lacks_")], axis=1).assign(state=states)
    own = houses.set_index("household")[["unit", "state"]]
    return {"households": houses, "members": members.join(own, on="household")}


each_year = pytest.mark.parametrize("year", YEARS)


# --- The forms, counted again ---------------------------------------------------------------------


def book(year: int, unit: str, now: Tables, before: Tables | None) -> Book:
    """All thirteen forms of a unit; the flows of the first review are blank."""
    houses, members = (table[table["unit"] == unit] for table in now.values())
    found: Book = {("F1", "households"): results(year, unit, houses)}
    for state, (flows, lacks, shares, profile) in LISTS.items():
        own = houses[houses["state"] == state]
        for line in ("households", "persons"):
            moved = movements(state, unit, houses, before, line) if before else {}
            found[flows, line] = moved
        found[lacks, "households"] = {
            "households": len(own),
            "deprivations": int(own[[f"lacks_{name}" for name in TWELVE]].sum().sum()),
            **{name: int(own[f"lacks_{name}"].sum()) for name in TWELVE},
        }
        found[shares, "households"] = {"households": len(own)}
        found[profile, "households"] = {
            **blocks("households", "persons", houses),
            **blocks(state, f"{state}_persons", own),
            f"{state}_merit": int(own["merit"].sum()),
            f"{state}_no_labour": int(own["no_labour"].sum()),
            f"{state}_female_head": int(own["female_head"].sum()),
        }
    for line in ("households", "persons"):
        found["F8", line] = both(houses, lambda state, own, line=line: groups(state, own, line))
    found["F9", "households"] = both(houses, peoples)
    poor = houses[houses["state"] == "poor"]
    found["F10", "households"] = {str(cause): int(poor[cause].sum()) for cause in Cause}
    found["F11", "persons"] = both(members, children)
    return found


def both(table, counted):
    """What is counted of the poor and of the near-poor."""
    parts = [counted(state, table[table["state"] == state]) for state in LISTS]
    return parts[0] | parts[1]


def size(houses, line):
    return len(houses) if line == "households" else int(houses["persons"].sum())


def results(year, unit, houses):
    line = {"rural": 1_500_000, "urban": 2_000_000}[rules.income_line(year, unit).area_type]
    above = houses["state"] == "not_poor"
    average = houses[above & houses["farms"] & (houses["income_vnd"] <= line * 3 // 2)]
    lots = {state: houses[houses["state"] == state] for state in LISTS}
    lots |= {"average_living": average}
    return {
        "households": len(houses),
        "persons": size(houses, "persons"),
        **{name: len(lot) for name, lot in lots.items()},
        **{f"{name}_persons": size(lot, "persons") for name, lot in lots.items()},
    }


def movements(state, unit, houses, before, line):
    """Who was where at the last review, by the key alone."""
    last = before["households"].set_index("household")
    last = last[last["unit"].isin(MERGED.get(unit, [unit]))]
    now = houses.set_index("household")
    was = last["state"].reindex(now.index)
    returned = now["was_listed"] | last["left_list"].reindex(now.index).notna()
    then, here = last[last["state"] == state], now["state"] == state
    became = now["state"].reindex(then.index)
    other = "near_poor" if state == "poor" else "poor"
    across = {
        "poor": ("escaped_to_near_poor", "near_poor_to_poor", "newly_poor"),
        "near_poor": ("fell_to_poor", "poor_to_near_poor", "newly_near_poor"),
    }[state]
    lots = {
        "opening": then,
        across[0]: then[became == other],
        "escaped_above": then[became == "not_poor"],
        "other_decrease": then[became.isna()],
        across[1]: now[here & (was == other)],
        "relapsed": now[here & (was == "not_poor") & returned],
        across[2]: now[here & (was == "not_poor") & ~returned],
        "other_increase": now[here & was.isna()],
        "closing": now[here],
    }
    return {name: size(lot, line) for name, lot in lots.items()}


def blocks(households, persons, houses):
    kinh = houses["people"] == "kinh"
    parts = {"kinh": kinh, "dtts": ~kinh, "local": houses["people"].isin(LOCAL_PEOPLES)}
    counts = {households: len(houses), persons: size(houses, "persons")}
    for name, flags in parts.items():
        counts[f"{households}_{name}"] = len(houses[flags])
        counts[f"{persons}_{name}"] = size(houses[flags], "persons")
    return counts


def groups(state, own, line):
    parts = {"dtts": own["people"] != "kinh", "no_labour": own["no_labour"], "merit": own["merit"]}
    counts = {f"{state}_{name}": size(own[flags], line) for name, flags in parts.items()}
    whole = size(own, line)
    return {state: whole, **counts, f"{state}_other": whole - sum(counts.values())}


def peoples(state, own):
    counts = {state: len(own)}
    for people in People:
        lot = own[own["people"] == people]
        counts |= {f"{state}_{people}": len(lot), f"{state}_persons_{people}": size(lot, "persons")}
    return counts


def children(state, own):
    young = own[own["age"] < 16]
    return {
        f"{state}_children": len(young),
        f"{state}_children_nutrition": int(young["stunted_or_underweight"].sum()),
        f"{state}_children_insurance": int((~young[young["age"] >= 6]["insured"]).sum()),
        f"{state}_children_schooling": int((~young[young["age"] >= 3]["at_right_level"]).sum()),
    }


def units(year: int) -> list[str]:
    return OLD if year < 2025 else sorted(MERGED)


def recounted(tables: dict[int, Tables]) -> Iterator[tuple[Period, str, Book]]:
    """Every workbook that a row of registers gives."""
    for year, now in tables.items():
        for unit in units(year):
            before = tables.get(year - 1)
            yield Period(year), unit[:5], book(year, unit, now, before)


@each_year
def test_every_form_of_every_unit_is_counted_from_the_register(year):
    tables = {y: judged(y) for y in (year - 1, year) if y in YEARS}
    for period, code, found in recounted(tables):
        if period.year == year:
            told = coherence.read(forms.read(SAMPLE / str(year) / f"{code}.xlsx"))
            assert found == told, code


@given(seed=st.integers(0, 2**32))
@settings(max_examples=2, deadline=None)
def test_any_seed_agrees_with_its_forms(seed):
    told = coherence.of(MAKE.workbooks(seed))
    tables = {year: with_states(own, year) for year, own in MAKE.registers(seed)}
    for period, code, found in recounted(tables):
        assert found == told[period, code], (period, code)


SPOILT = {
    "safe_water": lambda houses: ~houses["safe_water"],
    "people": lambda houses: houses["people"].map(
        lambda name: "thai" if name == "kinh" else "kinh"
    ),
    "merit": lambda houses: ~houses["merit"],
    "female_head": lambda houses: ~houses["female_head"],
    "illness": lambda houses: ~houses["illness"],
    "household": lambda houses: houses["household"] + "x",
}


@pytest.mark.parametrize("column", SPOILT)
def test_one_wrong_answer_of_one_household_is_noticed(column):
    """The comparison sees: of a poor household with another answer, some form tells."""
    houses = committed(2023)["households"]
    row = judged(2023)["households"].query("state == 'poor'").index[0]
    wrong = houses.assign(
        **{column: houses[column].where(houses.index != row, SPOILT[column](houses))}
    )
    keys = dict(zip(houses["household"], wrong["household"], strict=True))
    members = committed(2023)["members"]
    members = members.assign(household=members["household"].map(keys))
    tables = {
        2022: judged(2022),
        2023: with_states({"households": wrong, "members": members}, 2023),
    }
    unit = houses["unit"][row]
    told = coherence.read(forms.read(SAMPLE / "2023" / f"{unit[:5]}.xlsx"))
    assert book(2023, unit, tables[2023], tables[2022]) != told


# --- Households over the years --------------------------------------------------------------------


def test_a_key_is_one_household_for_ever():
    """Its unit of 2025 is made of the one before, its people and what it is do not change."""
    for year in YEARS[1:]:
        last, now = (judged(y)["households"].set_index("household") for y in (year - 1, year))
        stayed = now.index.intersection(last.index)
        assert len(stayed) > 0.93 * len(last)
        for column in ("people", "no_labour", "merit", "female_head"):
            assert (last.loc[stayed, column] == now.loc[stayed, column]).all(), column
        homes = now.loc[stayed, "unit"].map(lambda unit: MERGED.get(unit, [unit]))
        assert all(u in h for u, h in zip(last.loc[stayed, "unit"], homes, strict=True))


def test_who_crosses_a_line_keeps_its_persons():
    for year in YEARS[1:]:
        last, now = (judged(y)["households"].set_index("household") for y in (year - 1, year))
        stayed = now.index.intersection(last.index)
        last, now = last.loc[stayed], now.loc[stayed]
        listed = (last["state"] != "not_poor") | (now["state"] != "not_poor")
        assert (last["persons"] == now["persons"])[listed].all()
        assert (last["persons"] == now["persons"]).mean() > 0.5


def test_the_past_follows_from_the_registers_before():
    for year in YEARS[1:]:
        last, now = (judged(y)["households"].set_index("household") for y in (year - 1, year))
        known = now.index.intersection(last.index)
        was, is_ = last.loc[known], now.loc[known]
        listed_before, listed = was["state"] != "not_poor", is_["state"] != "not_poor"
        assert (is_["left_list"][listed_before & ~listed] == year).all()
        assert now["left_list"][now["state"] != "not_poor"].isna().all()
        same = ~listed_before & ~listed
        assert is_["left_list"][same].equals(was["left_list"][same])
        returned = was["left_list"].notna()
        assert is_["was_listed"][returned].all()
        assert not is_["was_listed"][~listed_before & ~returned].any()
        assert is_["was_listed"][was["was_listed"]].all()


def test_listed_at_some_review_before_the_last():
    seen: dict[int, set[str]] = {}
    for year in YEARS:
        houses = judged(year)["households"]
        seen[year] = set(houses["household"][houses["state"] != "not_poor"])
        earlier = set().union(*(keys for y, keys in seen.items() if y <= year - 2))
        assert houses["was_listed"][houses["household"].isin(earlier)].all()


# --- What it looks like ---------------------------------------------------------------------------


@each_year
def test_the_contract_takes_it_without_a_refusal(year):
    for name, table in committed(year).items():
        checked = contract(name).select_columns(list(table.columns)).validate(table, lazy=True)
        assert len(checked) == len(table)
        assert len(table.columns) == len(set(table.columns))
    assert not judged(year)["households"]["state"].isna().any()


@each_year
def test_keys_are_pseudonyms_and_nothing_reads_like_a_name(year):
    houses, members = committed(year)["households"], committed(year)["members"]
    assert houses["household"].is_unique
    assert houses["household"].str.fullmatch("M0[0-9a-f]{10}").all()
    assert set(members["household"]) == set(houses["household"])
    texts = {"household", "unit", "people"}
    for table in (houses, members):
        words = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
        assert set(words) <= texts
    assert set(houses["people"]) <= set(map(str, People))
    assert set(houses["unit"]) == set(units(year))


@each_year
def test_members_are_as_many_as_persons_and_somebody_is_grown_up(year):
    houses, members = committed(year)["households"], committed(year)["members"]
    of = members.groupby("household")
    sizes = houses.set_index("household")["persons"].astype(int)
    assert of.size().reindex(sizes.index).equals(sizes.rename(None))
    assert (of["age"].max() >= 16).all()
    working = of["can_work"].any().reindex(sizes.index)
    assert (working == ~houses.set_index("household")["no_labour"]).all()
    assert members["age"].between(0, 95).all()
    assert not members["can_work"][(members["age"] < 16) | (members["age"] > 60)].any()


@each_year
def test_questions_are_asked_of_whom_they_concern(year):
    members = committed(year)["members"]
    asked = {
        "stunted_or_underweight": members["age"] < 16,
        "at_right_level": members["age"].between(3, 15),
        "schooled_for_age": members["age"].between(16, 30),
        "has_job": members["can_work"],
        "for_wages": members["has_job"].fillna(False),
        "has_contract": members["for_wages"].fillna(False),
    }
    for name, whom in asked.items():
        assert (members[name].notna() == whom).all(), name


@each_year
def test_income_parts_the_listed_from_the_others(year):
    houses = judged(year)["households"]
    line = houses["unit"].map(lambda unit: rules.income_line(year, unit).vnd_a_month)
    poor = houses["state"] != "not_poor"
    assert (houses["income_vnd"][poor] <= line[poor]).all()
    assert (houses["income_vnd"][~poor] > line[~poor]).all()
    assert houses["income_vnd"].between(400_000, 30_000_000).all()


@each_year
def test_some_who_are_not_poor_lack_three_or_more(year):
    others = judged(year)["households"].query("state == 'not_poor'")
    lacks = others[[f"lacks_{name}" for name in TWELVE]].sum(axis=1)
    assert 0.08 < (lacks >= 3).mean() < 0.3


# --- Files ----------------------------------------------------------------------------------------


@each_year
def test_files_say_that_they_are_a_sample_and_stay_small(year):
    paths = [REGISTER / str(year) / f"{name}.parquet" for name in MAKE.register.TABLES]
    for path in paths:
        assert "SỐ LIỆU MẪU" in pq.read_schema(path).metadata[b"povsim"].decode()
    assert sum(path.stat().st_size for path in paths) < 600_000
    assert "SỐ LIỆU MẪU" in (REGISTER / "README.md").read_text("utf-8")


def test_the_script_makes_the_same_tables_again():
    for year, tables in MAKE.registers():
        for name, table in tables.items():
            pd.testing.assert_frame_equal(table, committed(year)[name])
    assert sorted(int(path.name) for path in REGISTER.iterdir() if path.is_dir()) == list(YEARS)


def test_no_row_is_where_it_is_by_chance_of_the_drawing():
    """Rows stand by unit and key, which tell nothing of the state."""
    for year in YEARS:
        houses = committed(year)["households"]
        assert houses[["unit", "household"]].apply(tuple, axis=1).is_monotonic_increasing
        assert not houses["household"].str.contains(re.compile("poor|hộ", re.I)).any()
