"""Who is poor: every indicator and line of the decree on both sides of its edge.

The tables below are the manual: a household that lacks nothing, what is said otherwise of it, and
what follows. `?` is an answer that nobody gave.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from decree_cases import COMMUNE, MEMBER, NEW_TOWN, TOWN, household, register

from povsim import poverty, rules
from povsim.findings import Refusal
from povsim.poverty.manual import Case, page
from povsim.units import AreaType
from povsim.vocabulary import FormerIndicator, Indicator, State

DOCS = Path(__file__).parents[2] / "docs"
MAKER = "python tests/spec/write_standard_page.py"
SAID = {"?": None, "yes": True, "no": False}

# --- The twelve indicators ------------------------------------------------------------------------

OF_MEMBERS = [  # indicator, what is said of one member, lacking
    ("job", "can_work=yes has_job=no", "yes"),
    ("job", "can_work=no has_job=no", "no"),
    ("job", "can_work=yes has_job=yes for_wages=yes has_contract=no", "yes"),
    ("job", "can_work=yes has_job=yes for_wages=yes has_contract=yes", "no"),
    ("job", "can_work=yes has_job=yes for_wages=no has_contract=no", "no"),  # own farm
    ("job", "can_work=yes has_job=?", "?"),
    ("job", "can_work=? has_job=no", "?"),
    ("job", "can_work=? has_job=yes", "no"),
    ("job", "can_work=no has_job=?", "no"),
    ("job", "can_work=yes has_job=yes for_wages=yes has_contract=?", "?"),
    ("job", "can_work=yes has_job=yes for_wages=? has_contract=?", "?"),
    ("nutrition", "age=15 stunted_or_underweight=yes", "yes"),
    ("nutrition", "age=16 stunted_or_underweight=yes", "no"),
    ("nutrition", "age=0 stunted_or_underweight=yes", "yes"),
    ("nutrition", "age=15 stunted_or_underweight=no", "no"),
    ("nutrition", "age=15 stunted_or_underweight=?", "?"),
    ("nutrition", "age=16 stunted_or_underweight=?", "no"),
    ("nutrition", "age=? stunted_or_underweight=yes", "?"),
    ("nutrition", "age=? stunted_or_underweight=no", "no"),
    ("health_insurance", "age=6 insured=no", "yes"),
    ("health_insurance", "age=5 insured=no", "no"),
    ("health_insurance", "age=6 insured=yes", "no"),
    ("health_insurance", "age=6 insured=?", "?"),
    ("health_insurance", "age=5 insured=?", "no"),
    ("health_insurance", "age=? insured=no", "?"),
    ("adult_schooling", "age=16 schooled_for_age=no", "yes"),
    ("adult_schooling", "age=15 schooled_for_age=no", "no"),
    ("adult_schooling", "age=30 schooled_for_age=no", "yes"),
    ("adult_schooling", "age=31 schooled_for_age=no", "no"),
    ("adult_schooling", "age=30 schooled_for_age=yes", "no"),
    ("adult_schooling", "age=30 schooled_for_age=?", "?"),
    ("adult_schooling", "age=31 schooled_for_age=?", "no"),
    ("adult_schooling", "age=? schooled_for_age=no", "?"),
    ("child_schooling", "age=3 at_right_level=no", "yes"),
    ("child_schooling", "age=2 at_right_level=no", "no"),
    ("child_schooling", "age=15 at_right_level=no", "yes"),
    ("child_schooling", "age=16 at_right_level=no", "no"),
    ("child_schooling", "age=15 at_right_level=yes", "no"),
    ("child_schooling", "age=15 at_right_level=?", "?"),
    ("child_schooling", "age=16 at_right_level=?", "no"),
]

OF_HOUSEHOLDS = [  # indicator, what is said of a household of four, lacking
    ("housing_quality", "durable_wall=no", "no"),
    ("housing_quality", "durable_wall=no durable_roof=no", "yes"),
    ("housing_quality", "durable_frame=no durable_roof=no", "yes"),
    ("housing_quality", "durable_wall=no durable_frame=no durable_roof=no", "yes"),
    ("housing_quality", "durable_wall=no durable_frame=?", "?"),
    ("housing_quality", "durable_wall=yes durable_frame=?", "no"),
    ("housing_quality", "durable_wall=no durable_frame=no durable_roof=?", "yes"),
    ("housing_area", "floor_area_m2=32", "no"),  # 8 m² each
    ("housing_area", "floor_area_m2=31.9", "yes"),
    ("housing_area", "floor_area_m2=?", "?"),
    ("housing_area", "floor_area_m2=31.9 persons=?", "yes"),  # four are listed: there may be more
    ("housing_area", "floor_area_m2=32 persons=?", "?"),
    ("water", "safe_water=no", "yes"),
    ("water", "safe_water=yes", "no"),
    ("water", "safe_water=?", "?"),
    ("toilet", "hygienic_toilet=no", "yes"),
    ("toilet", "hygienic_toilet=yes", "no"),
    ("toilet", "hygienic_toilet=?", "?"),
    ("telecoms", "uses_internet=no", "yes"),
    ("telecoms", "uses_internet=yes", "no"),
    ("telecoms", "uses_internet=?", "?"),
    ("devices", "has_devices=no", "yes"),
    ("devices", "has_devices=yes", "no"),
    ("devices", "has_devices=?", "?"),
]

# --- The ten of QĐ 59/2015/QĐ-TTg, at the review of 2019 ------------------------------------------

OLDER_OF_MEMBERS = [  # indicator, what is said of one member, lacking
    ("health_care", "untreated_illness=yes", "yes"),
    ("health_care", "untreated_illness=no", "no"),
    ("health_care", "untreated_illness=?", "?"),
    ("health_insurance", "age=6 insured=no", "yes"),
    ("health_insurance", "age=5 insured=no", "no"),
    ("health_insurance", "age=6 insured=yes", "no"),
    ("health_insurance", "age=6 insured=?", "?"),
    ("health_insurance", "age=? insured=no", "?"),
    ("adult_schooling", "age=15 finished_lower_secondary=no at_school=no", "yes"),
    ("adult_schooling", "age=14 finished_lower_secondary=no at_school=yes", "no"),
    ("adult_schooling", "age=33 finished_lower_secondary=no at_school=no", "yes"),  # born 1986
    ("adult_schooling", "age=34 finished_lower_secondary=no at_school=no", "no"),
    ("adult_schooling", "age=33 finished_lower_secondary=yes at_school=no", "no"),
    ("adult_schooling", "age=15 finished_lower_secondary=no at_school=yes", "no"),
    ("adult_schooling", "age=33 finished_lower_secondary=? at_school=no", "?"),
    ("adult_schooling", "age=33 finished_lower_secondary=no at_school=?", "?"),
    ("adult_schooling", "age=33 finished_lower_secondary=? at_school=yes", "no"),
    ("adult_schooling", "age=34 finished_lower_secondary=? at_school=?", "no"),
    ("adult_schooling", "age=? finished_lower_secondary=no at_school=no", "?"),
    ("child_schooling", "age=5 at_school=no", "yes"),
    ("child_schooling", "age=4 at_school=no", "no"),
    ("child_schooling", "age=14 at_school=no", "yes"),
    ("child_schooling", "age=15 at_school=no", "no"),
    ("child_schooling", "age=14 at_school=yes", "no"),
    ("child_schooling", "age=14 at_school=?", "?"),
    ("child_schooling", "age=15 at_school=?", "no"),
    ("child_schooling", "age=? at_school=no", "?"),
    ("child_schooling", "age=? at_school=yes", "no"),
]

OLDER_OF_HOUSEHOLDS = [  # indicator, what is said of a household of four, lacking
    ("housing_quality", "durable_wall=no", "no"),
    ("housing_quality", "durable_wall=no durable_roof=no", "yes"),
    ("housing_quality", "durable_wall=no durable_frame=?", "?"),
    ("housing_area", "floor_area_m2=32", "no"),  # 8 m² each
    ("housing_area", "floor_area_m2=31.9", "yes"),
    ("housing_area", "floor_area_m2=?", "?"),
    ("water", "safe_water=no", "yes"),
    ("water", "safe_water=yes", "no"),
    ("water", "safe_water=?", "?"),
    ("toilet", "hygienic_toilet=no", "yes"),
    ("toilet", "hygienic_toilet=yes", "no"),
    ("toilet", "hygienic_toilet=?", "?"),
    ("telecoms", "uses_telephone=no uses_internet=no", "yes"),
    ("telecoms", "uses_telephone=yes uses_internet=no", "no"),
    ("telecoms", "uses_telephone=no uses_internet=yes", "no"),
    ("telecoms", "uses_telephone=no uses_internet=?", "?"),
    ("telecoms", "uses_telephone=yes uses_internet=?", "no"),
    ("devices", "has_tv_radio_computer=no hears_loudspeakers=no", "yes"),
    ("devices", "has_tv_radio_computer=no hears_loudspeakers=yes", "no"),
    ("devices", "has_tv_radio_computer=yes hears_loudspeakers=no", "no"),
    ("devices", "has_tv_radio_computer=no hears_loudspeakers=?", "?"),
    ("devices", "has_tv_radio_computer=? hears_loudspeakers=yes", "no"),
]

DEPENDANTS = [  # age of each member, or + on a monthly benefit; persons counted; lacking
    ("15 15 40 40", 4, "no"),  # 50 %
    ("15 15 40", 3, "yes"),
    ("16 16 40", 3, "no"),
    ("+ + 40", 3, "yes"),
    ("15 + 40 40", 4, "no"),
    ("15 + 40", 3, "yes"),
    ("15 40 ?", 3, "?"),
    ("15 15 ?", 3, "yes"),
    ("40 40 ?", 3, "no"),
    ("15 15", 3, "yes"),  # one member is not listed: it no longer decides
    ("15 40", 3, "?"),
    ("40 40", 3, "no"),
    ("40 40 40", None, "?"),
]


def values(said: str) -> dict[str, object]:
    pairs = (pair.split("=") for pair in said.split())
    return {name: SAID[value] if value in SAID else float(value) for name, value in pairs}


def lacking(tables, indicator: str, review: int = 2024) -> str:
    found = poverty.deprivations(*tables, review)
    others = found[[str(name) for name in poverty.thresholds(review) if name != indicator]]
    value = found[indicator][0]
    assert value is not True or not others.fillna(False).to_numpy().any(), "the edge of one only"
    return "?" if pd.isna(value) else "yes" if value else "no"


@pytest.mark.parametrize(("indicator", "said", "expected"), OF_MEMBERS)
def test_an_indicator_of_members(indicator, said, expected):
    members = [MEMBER | values(said), MEMBER, MEMBER]
    assert lacking(household(members=members), indicator) == expected


@pytest.mark.parametrize(("indicator", "said", "expected"), OF_HOUSEHOLDS)
def test_an_indicator_of_the_household(indicator, said, expected):
    assert lacking(household(values(said), [MEMBER] * 4), indicator) == expected


@pytest.mark.parametrize("unit", [COMMUNE, TOWN])
@pytest.mark.parametrize(("indicator", "said", "expected"), OLDER_OF_MEMBERS)
def test_an_older_indicator_of_members(unit, indicator, said, expected):
    tables = household({"unit": unit}, [MEMBER | values(said), MEMBER, MEMBER])
    assert lacking(tables, indicator, 2019) == expected


@pytest.mark.parametrize("unit", [COMMUNE, TOWN])
@pytest.mark.parametrize(("indicator", "said", "expected"), OLDER_OF_HOUSEHOLDS)
def test_an_older_indicator_of_the_household(unit, indicator, said, expected):
    tables = household({"unit": unit} | values(said), [MEMBER] * 4)
    assert lacking(tables, indicator, 2019) == expected


BORN = [(2015, 29, "yes"), (2015, 30, "no"), (2020, 34, "yes"), (2020, 35, "no")]


@pytest.mark.parametrize(("review", "age", "expected"), BORN)
def test_who_was_born_in_1986_grows_older(review, age, expected):
    told = MEMBER | {"age": age, "finished_lower_secondary": False, "at_school": False}
    assert lacking(household(members=[told]), "adult_schooling", review) == expected


@pytest.mark.parametrize(("ages", "persons", "expected"), DEPENDANTS)
def test_dependants(ages, persons, expected):
    told = {"+": {"on_benefit": True}, "?": {"age": None}}
    members = [MEMBER | (told.get(age) or {"age": int(age)}) for age in ages.split()]
    assert lacking(household({"persons": persons}, members), "dependants") == expected


def test_every_indicator_has_both_edges_and_a_missing_answer():
    dependants = [("dependants", "", expected) for *_, expected in DEPENDANTS]
    seen = {(name, told) for name, _, told in [*OF_MEMBERS, *OF_HOUSEHOLDS, *dependants]}
    assert seen == {(str(name), told) for name in Indicator for told in SAID}
    older = {(name, told) for name, _, told in [*OLDER_OF_MEMBERS, *OLDER_OF_HOUSEHOLDS]}
    assert older == {(str(name), told) for name in poverty.thresholds(2019) for told in SAID}


# --- The line and the three -----------------------------------------------------------------------

LACKS = (  # what is said for each of four deprivations, under either standard
    ("safe_water",),
    ("hygienic_toilet",),
    ("uses_internet", "uses_telephone"),
    ("has_devices", "has_tv_radio_computer", "hears_loudspeakers"),
)
STATES = [  # review, unit, income, deprivations, of which unanswered; what the household may be
    (2024, COMMUNE, 1_500_000, 3, 0, "poor"),
    (2024, COMMUNE, 1_500_000, 2, 0, "near_poor"),
    (2024, COMMUNE, 1_500_001, 3, 0, "not_poor"),
    (2024, COMMUNE, 1_500_001, 4, 0, "not_poor"),
    (2024, COMMUNE, 0, 0, 0, "near_poor"),
    (2024, TOWN, 2_000_000, 3, 0, "poor"),
    (2024, TOWN, 2_000_000, 2, 0, "near_poor"),
    (2024, TOWN, 2_000_001, 3, 0, "not_poor"),
    (2025, TOWN, 1_500_001, 3, 0, "not_poor"),  # since 1 July 2025 in a rural commune
    (2026, NEW_TOWN, 1_500_000, 3, 0, "poor"),
    (2027, NEW_TOWN, 2_200_000, 3, 0, "poor"),
    (2027, NEW_TOWN, 2_200_000, 2, 0, "near_poor"),
    (2027, NEW_TOWN, 2_200_001, 3, 0, "not_poor"),
    (2024, COMMUNE, 1_500_000, 3, 1, "poor near_poor"),
    (2024, COMMUNE, 1_500_000, 4, 1, "poor"),
    (2024, COMMUNE, 1_500_000, 2, 1, "near_poor"),
    (2024, COMMUNE, 1_500_001, 3, 3, "not_poor"),
    (2024, COMMUNE, None, 3, 0, "poor not_poor"),
    (2024, COMMUNE, None, 2, 0, "near_poor not_poor"),
    (2024, COMMUNE, None, 3, 1, "poor near_poor not_poor"),
    (2019, COMMUNE, 700_000, 0, 0, "poor"),  # by income alone
    (2019, COMMUNE, 700_001, 2, 0, "near_poor"),
    (2019, COMMUNE, 700_001, 3, 0, "poor"),
    (2019, COMMUNE, 1_000_000, 3, 0, "poor"),
    (2019, COMMUNE, 1_000_000, 2, 0, "near_poor"),
    (2019, COMMUNE, 1_000_001, 3, 0, "not_poor"),
    (2019, COMMUNE, 1_000_001, 4, 0, "not_poor"),
    (2019, TOWN, 900_000, 0, 0, "poor"),
    (2019, TOWN, 900_001, 2, 0, "near_poor"),
    (2019, TOWN, 900_001, 3, 0, "poor"),
    (2019, TOWN, 1_300_000, 3, 0, "poor"),
    (2019, TOWN, 1_300_000, 2, 0, "near_poor"),
    (2019, TOWN, 1_300_001, 3, 0, "not_poor"),
    (2015, COMMUNE, 700_000, 0, 0, "poor"),
    (2020, COMMUNE, 1_000_000, 2, 0, "near_poor"),
    (2019, COMMUNE, 700_000, 3, 3, "poor"),
    (2019, COMMUNE, 700_001, 3, 1, "poor near_poor"),
    (2019, COMMUNE, 1_000_001, 3, 3, "not_poor"),
    (2019, COMMUNE, None, 3, 0, "poor not_poor"),
    (2019, COMMUNE, None, 2, 0, "poor near_poor not_poor"),
]


def living(unit, income, many=0, unanswered=0, **said):
    """A household of an income that lacks so many indicators, the first so many unanswered."""
    lacks = {name: False for names in LACKS[:many] for name in names}
    lacks |= {name: None for names in LACKS[:unanswered] for name in names}
    return household({"unit": unit, "income_vnd": income} | lacks | said)


def possible(states: pd.DataFrame, row: int = 0) -> str:
    """The states a household may be in; what is surely so is the only one."""
    flags = states.loc[row, ["poor", "near_poor", "not_poor"]]
    found = [name for name, flag in flags.items() if pd.isna(flag) or flag]
    known = states["state"][row]
    assert (len(found) == 1) == (not pd.isna(known))
    assert pd.isna(known) or (found == [known] and flags[known])
    return " ".join(found)


@pytest.mark.parametrize(("review", "unit", "income", "many", "unanswered", "expected"), STATES)
def test_the_state_of_a_household(review, unit, income, many, unanswered, expected):
    states = poverty.classify(*living(unit, income, many, unanswered), review)
    assert possible(states) == expected
    assert states.loc[0, ["fewest", "most"]].tolist() == [many - unanswered, many]


SCORES = [  # unit, B1, B2, what the household may be
    (COMMUNE, 140, 30, "poor"),
    (COMMUNE, 140, 20, "near_poor"),
    (COMMUNE, 141, 30, "not_poor"),
    (COMMUNE, 141, 120, "not_poor"),
    (TOWN, 175, 30, "poor"),
    (TOWN, 175, 20, "near_poor"),
    (TOWN, 176, 30, "not_poor"),
    (TOWN, 140, 0, "near_poor"),
    (COMMUNE, None, 30, "poor not_poor"),
    (COMMUNE, None, 20, "near_poor not_poor"),
    (COMMUNE, 140, None, "poor near_poor"),
    (COMMUNE, 141, None, "not_poor"),
    (COMMUNE, None, None, "poor near_poor not_poor"),
]


@pytest.mark.parametrize(("unit", "b1", "b2", "expected"), SCORES)
def test_the_state_by_the_scoring_sheets(unit, b1, b2, expected):
    sheet = pd.DataFrame({"household": ["h1"], "unit": [unit], "b1": [b1], "b2": [b2]})
    assert possible(poverty.by_scores(sheet, 2024)) == expected


# --- Among the not poor ---------------------------------------------------------------------------

AVERAGE = [  # review, unit, income, indicators lacking, farms; average living, of them farming
    (2024, COMMUNE, 1_500_000, 0, "yes", "no", "no"),
    (2024, COMMUNE, 1_500_001, 0, "yes", "yes", "yes"),
    (2024, COMMUNE, 1_500_001, 4, "no", "yes", "no"),
    (2024, COMMUNE, 2_250_000, 0, "yes", "yes", "yes"),
    (2024, COMMUNE, 2_250_001, 0, "yes", "no", "no"),
    (2024, TOWN, 2_000_000, 3, "yes", "no", "no"),
    (2024, TOWN, 2_000_001, 0, "yes", "yes", "yes"),
    (2024, TOWN, 3_000_000, 0, "yes", "yes", "yes"),
    (2024, TOWN, 3_000_001, 0, "yes", "no", "no"),
    (2024, COMMUNE, 1_500_001, 0, "?", "yes", "?"),
    (2024, COMMUNE, 1_500_000, 0, "?", "no", "no"),
    (2024, COMMUNE, None, 0, "yes", "?", "?"),
    (2024, COMMUNE, None, 0, "no", "?", "no"),
    (2019, COMMUNE, 700_000, 0, "yes", "no", "no"),
    (2019, COMMUNE, 1_000_000, 2, "yes", "no", "no"),
    (2019, COMMUNE, 1_000_001, 0, "yes", "yes", "yes"),
    (2019, COMMUNE, 1_500_000, 0, "yes", "yes", "yes"),
    (2019, COMMUNE, 1_500_001, 0, "yes", "no", "no"),
    (2019, TOWN, 1_300_000, 2, "yes", "no", "no"),
    (2019, TOWN, 1_300_001, 0, "yes", "yes", "yes"),
    (2019, TOWN, 1_950_000, 0, "yes", "yes", "yes"),
    (2019, TOWN, 1_950_001, 0, "yes", "no", "no"),
    (2027, NEW_TOWN, 2_200_000, 0, "yes", "no", "no"),
    (2027, NEW_TOWN, 2_200_001, 0, "yes", "?", "?"),  # its upper edge is not on file
    (2027, NEW_TOWN, 2_200_001, 0, "no", "?", "no"),
]


def told(flag: object) -> str:
    return "?" if pd.isna(flag) else "yes" if flag else "no"


@pytest.mark.parametrize(
    ("review", "unit", "income", "lacks", "farms", "average", "farming"), AVERAGE
)
def test_average_living(review, unit, income, lacks, farms, average, farming):
    states = poverty.classify(*living(unit, income, lacks, farms=SAID[farms]), review)
    found = states.loc[0, ["average_living", "average_living_farming"]]
    assert list(map(told, found)) == [average, farming]


RICH = 9_000_000
ESCAPED = [  # left_list, was_listed, state before (- if not given), income; state, recently escaped
    (2024, True, "-", RICH, "not_poor", "yes"),  # at this very review
    (2021, True, "-", RICH, "not_poor", "yes"),  # 36 months ago
    (2020, True, "-", RICH, "not_poor", "no"),  # 48 months ago
    (2020, None, "-", RICH, "not_poor", "no"),
    (2025, True, "-", RICH, "not_poor", "no"),  # written down later: at this review not yet
    (None, False, "-", RICH, "not_poor", "no"),
    (None, True, "-", RICH, "not_poor", "?"),  # it left, and nobody says when
    (None, None, "-", RICH, "not_poor", "?"),
    (None, False, "poor", RICH, "not_poor", "yes"),
    (None, False, "near_poor", RICH, "not_poor", "yes"),
    (None, False, "not_poor", RICH, "not_poor", "no"),
    (None, False, "?", RICH, "not_poor", "?"),
    (None, True, "not_poor", RICH, "not_poor", "?"),
    (2020, True, "poor", RICH, "not_poor", "yes"),  # relapsed, and left again
    (2020, True, "not_poor", RICH, "not_poor", "no"),
    (2021, True, "not_poor", RICH, "not_poor", "yes"),
    (2021, True, "-", 1_500_001, "not_poor", "yes"),
    (2021, True, "-", 1_500_000, "near_poor", "no"),  # relapsed
    (None, False, "poor", 0, "near_poor", "no"),
    (None, None, "poor", 0, "near_poor", "no"),
    (2021, True, "-", None, "near_poor not_poor", "?"),
    (2020, True, "-", None, "near_poor not_poor", "no"),
]


@pytest.mark.parametrize(("left", "listed", "before", "income", "state", "escaped"), ESCAPED)
def test_recently_escaped(left, listed, before, income, state, escaped):
    tables = living(COMMUNE, income, left_list=left, was_listed=listed)
    known = None if before == "-" else pd.Series({"h1": None if before == "?" else before})
    states = poverty.classify(*tables, 2024, known)
    assert possible(states) == state
    assert told(states["recently_escaped"][0]) == escaped


def test_the_states_before_come_as_a_series_or_a_table():
    tables = living(COMMUNE, RICH, left_list=None, was_listed=False)
    before = poverty.classify(*living(COMMUNE, 0), 2023)
    alone, indexed = before[["household", "state"]], before.set_index("household")
    for given in (before, alone, indexed, indexed["state"], indexed["state"].astype("category")):
        assert told(poverty.classify(*tables, 2024, given)["recently_escaped"][0]) == "yes"
    elsewhere = before.assign(household="h9")
    assert told(poverty.classify(*tables, 2024, elsewhere)["recently_escaped"][0]) == "?"


def test_states_before_that_are_none_or_twice_are_refused():
    tables = household()
    strange = pd.Series({"h1": "nghèo"})
    assert "not_poor" in refused(poverty.classify, *tables, 2024, strange)["register_breach"]
    twice = pd.Series(["poor", "poor"], index=["h1", "h1"])
    assert "once" in refused(poverty.classify, *tables, 2024, twice)["register_breach"]


def test_what_a_register_does_not_say_of_the_not_poor_stays_open():
    houses, members = living(COMMUNE, 1_500_001)
    assert not {"farms", "was_listed", "left_list"} & set(houses)
    found = poverty.classify(houses, members, 2024).loc[0]
    assert told(found["average_living"]) == "yes"
    assert told(found["average_living_farming"]) == told(found["recently_escaped"]) == "?"


# --- Counts ---------------------------------------------------------------------------------------

PEOPLE = [  # income, unit, persons counted, listed
    (1, COMMUNE, 4, 4),
    (None, COMMUNE, 3, 1),
    (RICH, COMMUNE, 5, 5),
    (2_000_000, TOWN, None, 2),
]
COUNTED = [  # unit, state; households surely and perhaps, persons surely and perhaps
    (TOWN, "poor", 0, 1, 0, None),  # two are listed: there may be ever more, and lack anything
    (TOWN, "near_poor", 0, 1, 0, None),
    (TOWN, "not_poor", 0, 0, 0, 0),
    (TOWN, "recently_escaped", 0, 0, 0, 0),
    (TOWN, "average_living", 0, 0, 0, 0),
    (TOWN, "average_living_farming", 0, 0, 0, 0),
    (COMMUNE, "poor", 0, 1, 0, 3),  # two of three are not listed
    (COMMUNE, "near_poor", 1, 2, 4, 7),
    (COMMUNE, "not_poor", 1, 2, 5, 8),
    (COMMUNE, "recently_escaped", 0, 2, 0, 8),
    (COMMUNE, "average_living", 0, 1, 0, 3),
    (COMMUNE, "average_living_farming", 0, 1, 0, 3),
]


def test_counts_carry_what_is_not_known():
    rows = [
        ({"income_vnd": income, "unit": unit, "persons": persons}, [MEMBER] * listed)
        for income, unit, persons, listed in PEOPLE
    ]
    tables = register(rows)
    found = poverty.counts(poverty.classify(*tables, 2024))
    rows = [tuple(None if pd.isna(v) else v for v in row) for row in found.itertuples(index=False)]
    assert rows == COUNTED
    small = poverty.classification(*tables, 2024)
    pd.testing.assert_frame_equal(small.counts(), found)


def test_scoring_sheets_tell_households_but_no_persons():
    sheet = pd.DataFrame({"household": ["h1"], "unit": [COMMUNE], "b1": [140], "b2": [30]})
    found = poverty.counts(poverty.by_scores(sheet, 2024)).set_index("state")
    assert list(found.index) == ["poor", "near_poor", "not_poor"]
    assert found["sure"].tolist() == found["may"].tolist() == [1, 0, 0]
    assert found[["persons_sure", "persons_may"]].isna().all(axis=None)


def test_a_household_of_which_nobody_is_listed_is_not_known_to_lack_anything():
    found = poverty.deprivations(*household(members=[]), 2024)
    unknown = [name for name in Indicator if pd.isna(found[str(name)][0])]
    assert unknown == list(Indicator)[:6]


# --- The page an officer checks -------------------------------------------------------------------

PAGES = {"vi": "chuan-ngheo.md", "en": "poverty-standard.md"}
AREAS = {COMMUNE: AreaType.RURAL, TOWN: AreaType.URBAN, NEW_TOWN: AreaType.RURAL}


def cases() -> dict[str, list[Case]]:
    """The tables above, as the page tells them."""
    found: dict[str, list[Case]] = {}
    for name, said, expected in [*OF_MEMBERS, *OF_HOUSEHOLDS]:
        found.setdefault(f"twelve.{name}", []).append(Case(values(said), (expected,)))
    for name, said, expected in [*OLDER_OF_MEMBERS, *OLDER_OF_HOUSEHOLDS]:
        found.setdefault(f"ten.{name}", []).append(Case(values(said), (expected,)))
    found["twelve.dependants"] = [
        Case({"ages": ages, "persons": persons}, (expected,))
        for ages, persons, expected in DEPENDANTS
    ]
    found["states"] = [_state_case(*row) for row in STATES]
    found["average"] = [_average_case(*row) for row in AVERAGE]
    found["escaped"] = [_escaped_case(*row) for row in ESCAPED]
    found["scores"] = [
        Case({"area": AREAS[unit], "b1": b1, "b2": b2}, (expected,))
        for unit, b1, b2, expected in SCORES
    ]
    return found


def _place(review, unit, income) -> dict[str, object]:
    area = rules.income_line(review, unit).area_type
    return {"review": str(review), "area": area, "income_vnd": income}


def _state_case(review, unit, income, many, unanswered, expected) -> Case:
    said = _place(review, unit, income) | {"lacks": many - unanswered}
    return Case(said | ({"unanswered": unanswered} if unanswered else {}), (expected,))


def _average_case(review, unit, income, lacks, farms, *expected) -> Case:
    return Case(_place(review, unit, income) | {"lacks": lacks, "farms": SAID[farms]}, expected)


def _escaped_case(left, listed, before, income, *expected) -> Case:
    said = {"left_list": left and str(left), "was_listed": listed}
    if before != "-":
        said["before"] = None if before == "?" else State(before)
    return Case(said | {"income_vnd": income}, expected)


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_in_docs_is_made_of_the_rules_and_these_cases(lang):
    made = page(lang, cases())
    assert (DOCS / PAGES[lang]).read_text("utf-8") == made, f"run {MAKER}"
    for review in (2019, 2024):
        assert all(t.told(lang) in made for t in poverty.thresholds(review).values())
    assert "1.500.000" in made or "1,500,000" in made


# --- The law on file ------------------------------------------------------------------------------

DIMENSIONS = ["employment", "health", "education", "housing", "water_sanitation", "information"]


@pytest.mark.parametrize(("review", "article"), [(2024, "07/2021"), (2027, "351/2025")])
def test_twelve_indicators_in_six_dimensions_none_of_them_verified(review, article):
    found = poverty.thresholds(review)
    assert list(found) == list(Indicator)
    assert [t.dimension for t in found.values()][::2] == DIMENSIONS
    assert [t.dimension for t in found.values()][1::2] == DIMENSIONS
    assert all(article in t.article and not t.verified for t in found.values())
    assert all(t.told("vi") and "{" not in t.told("vi") + t.told("en") for t in found.values())


OLDER = ["health", "education", "housing", "water_sanitation", "information"]


def test_ten_older_indicators_in_five_dimensions_none_of_them_verified():
    found = poverty.thresholds(2019)
    assert [t.dimension for t in found.values()] == [name for name in OLDER for _ in range(2)]
    assert set(found) - set(Indicator) == set(FormerIndicator)
    assert all("59/2015" in t.article and not t.verified for t in found.values())
    assert all(t.told("vi") and "{" not in t.told("vi") + t.told("en") for t in found.values())


ONLY_OLDER = {"uses_telephone", "has_tv_radio_computer", "hears_loudspeakers"}
ONLY_OLDER |= {"untreated_illness", "finished_lower_secondary", "at_school"}


@pytest.mark.parametrize("review", [2019, 2024])
def test_a_standard_asks_for_its_own_columns_only(review):
    asked, tables = poverty.columns(review), household()
    own = [table[list(asked[name])] for table, name in zip(tables, asked, strict=True)]
    assert poverty.classify(*own, review).equals(poverty.classify(*tables, review))
    assert (set(asked["households"]) | set(asked["members"])) & ONLY_OLDER == (
        ONLY_OLDER if review == 2019 else set()
    )
    for name in ("income_vnd", "safe_water"):
        missing = refused(poverty.classify, own[0].drop(columns=name), own[1], review)
        assert name in missing["register_columns_missing"]


def test_masks_are_in_the_order_of_the_standard_and_fit_its_yardstick():
    tables = living(COMMUNE, 0, 2, uses_internet=None)
    for review in (2019, 2024):
        names = list(map(str, poverty.thresholds(review)))
        masks = poverty.masks_of(*tables, review)
        again = poverty.masks(poverty.deprivations(*tables, review))
        pd.testing.assert_frame_equal(masks, again)
        bits = [names[j] for j in range(16) if int(masks["sure"][0]) >> j & 1]
        assert bits == ["water", "toilet"]
        yardstick = poverty.Yardstick.equal(names, 2 / len(names))
        assert poverty.tally(yardstick, masks["sure"].to_numpy()).poor.tolist() == [1]


def refused(function, *arguments) -> dict[str, str]:
    with pytest.raises(Refusal) as refusal:
        function(*arguments)
    return {finding.rule: finding.line("en") for finding in refusal.value.findings}


def test_no_standard_is_made_up_for_earlier_years():
    assert refused(poverty.classify, *household(), 2014).keys() == {"standard_unknown"}


def test_no_scoring_sheet_of_the_older_standard_is_made_up():
    sheet = pd.DataFrame({"household": ["h1"], "unit": [COMMUNE], "b1": [140], "b2": [30]})
    assert "59/2015" in refused(poverty.by_scores, sheet, 2019)["score_line_unknown"]


def test_no_scoring_sheet_of_the_lines_of_2027_is_made_up():
    assert poverty.score_line(2026, AreaType.URBAN).b1_at_most == 175
    sheet = pd.DataFrame({"household": ["h1"], "unit": [NEW_TOWN], "b1": [140], "b2": [30]})
    assert "351/2025" in refused(poverty.by_scores, sheet, 2027)["score_line_unknown"]


PROVINCE = """
[[standard]]
id = "kon-tum-mau"
name = "Chuẩn mẫu"
province = "62@2021-01-01"
first_review = 2021
last_review = 2024
article = "Nghị quyết mẫu"
verified = false
indicators = 12
poor_from_deprivations = 3

[[standard.income_line]]
area_type = "rural"
vnd_a_month = 1_800_000
article = "Nghị quyết mẫu"
verified = false
"""


@pytest.mark.parametrize(
    ("income", "expected"), [(1_800_000, "near_poor"), (1_800_001, "not_poor")]
)
def test_a_province_raises_the_line(own_standard, income, expected):
    own_standard(PROVINCE)
    tables = household({"unit": COMMUNE, "income_vnd": income})
    assert possible(poverty.classify(*tables, 2024)) == expected


AVERAGE_THERE = """
[[standard.average_living]]
area_type = "rural"
to_vnd = 2_700_000
article = "Nghị quyết mẫu"
verified = false
"""
THERE = [  # what its standard says more, income, average living
    ("", 1_800_000, "no"),
    ("", 1_800_001, "?"),  # the nation's edge is not taken for the province's
    (AVERAGE_THERE, 1_800_000, "no"),
    (AVERAGE_THERE, 1_800_001, "yes"),
    (AVERAGE_THERE, 2_700_000, "yes"),
    (AVERAGE_THERE, 2_700_001, "no"),
]


@pytest.mark.parametrize(("more", "income", "average"), THERE)
def test_average_living_under_a_provinces_own_line(own_standard, more, income, average):
    own_standard(PROVINCE + more)
    states = poverty.classify(*living(COMMUNE, income), 2024)
    assert told(states["average_living"][0]) == average


EARLIER = [
    ("first_review = 2021", "first_review = 2016"),
    ("last_review = 2024", "last_review = 2020"),
]
EARLIER += [("indicators = 12", "indicators = 10")]
EARLIER += [("vnd_a_month = 1_800_000", "vnd_a_month = 1_200_000\npoor_alone_vnd = 800_000")]


@pytest.mark.parametrize(
    ("income", "lacks", "expected"),
    [
        (800_000, 0, "poor"),
        (800_001, 2, "near_poor"),
        (1_200_000, 3, "poor"),
        (1_200_001, 3, "not_poor"),
    ],
)
def test_a_province_raised_both_lines_of_the_older_standard(own_standard, income, lacks, expected):
    content = PROVINCE
    for now, then in EARLIER:
        content = content.replace(now, then)
    own_standard(content)
    assert possible(poverty.classify(*living(COMMUNE, income, lacks), 2019)) == expected


def test_what_a_provinces_own_standard_does_not_say_is_refused(own_standard):
    own_standard(PROVINCE)
    sheet = pd.DataFrame({"household": ["h1"], "unit": [COMMUNE], "b1": [140], "b2": [30]})
    assert "Chuẩn mẫu" in refused(poverty.by_scores, sheet, 2024)["score_line_unknown"]
    assert refused(poverty.classify, *household({"unit": TOWN}), 2024).keys() == {
        "income_line_unknown"
    }
    own_standard(PROVINCE.replace("indicators = 12", "indicators = 14"))
    assert refused(poverty.classify, *household(), 2024).keys() == {"deprivations_unknown"}


# --- What a register may hold ---------------------------------------------------------------------

NAME = "Y Mẫu Thị Ví Dụ"
BAD_KEYS = [NAME, "YMau", "012345678901", "0901234567", "090.123-4567", "123456789", ""]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_may_be_a_person_is_refused_and_not_shown(key):
    told = refused(poverty.classify, *household({"household": key}), 2024)
    assert told.keys() == {"register_breach"}
    assert not key or key not in told["register_breach"]


GOOD_KEYS = ["h1", "23482", "XA23482-000123", "9f86d081884c7d65", "1234567890123"]


@pytest.mark.parametrize("key", GOOD_KEYS)
def test_a_pseudonymous_key_is_kept(key):
    assert poverty.classify(*household({"household": key}), 2024)["household"].tolist() == [key]


BREACHES = [  # table, column, value, what is told
    ("households", "unit", "23482", "a unit by code"),
    ("households", "persons", 0, "within its bounds"),
    ("households", "floor_area_m2", -1.0, "within its bounds"),
    ("households", "income_vnd", NAME, "the column's type"),
    ("households", "safe_water", 2, "the column's type"),
    ("households", "household", None, "not empty"),
    ("members", "age", 131, "within its bounds"),
    ("members", "age", 3.5, "the column's type"),
    ("members", "insured", NAME, "the column's type"),
]


@pytest.mark.parametrize(("table", "column", "value", "words"), BREACHES)
def test_a_broken_row_is_told_without_its_value(table, column, value, words):
    tables = dict(zip(("households", "members"), household(), strict=True))
    tables[table] = tables[table].astype({column: object})
    tables[table].loc[0, column] = value
    told = refused(poverty.classify, tables["households"], tables["members"], 2024)
    assert words in told["register_breach"]
    assert f"column {column}" in told["register_breach"]
    assert NAME not in told["register_breach"]


def test_columns_of_names_and_forgotten_columns_are_refused():
    houses, members = household()
    assert (
        "ho_ten"
        in refused(poverty.classify, houses.assign(ho_ten=NAME), members, 2024)[
            "register_columns_strange"
        ]
    )
    told = refused(poverty.classify, houses.drop(columns="safe_water"), members, 2024)
    assert "safe_water" in told["register_columns_missing"]


def test_the_two_tables_must_meet():
    houses, members = household()
    strays = members.assign(household="h9")
    assert refused(poverty.classify, houses, strays, 2024).keys() == {"register_no_household"}
    crowd = pd.concat([members] * 2)
    assert refused(poverty.classify, houses, crowd, 2024).keys() == {"register_too_many_members"}
    twice = pd.concat([houses] * 2)
    assert (
        "each household once" in refused(poverty.classify, twice, members, 2024)["register_breach"]
    )


def test_units_that_cannot_be_are_all_told():
    rows = [({"unit": unit}, []) for unit in ("99998@2021-01-01", "99999@2021-01-01")]
    with pytest.raises(Refusal) as refusal:
        poverty.classify(*register(rows), 2024)
    assert len(refusal.value.findings) == 2


def test_a_unit_made_of_others_is_refused_before_it_was_made():
    told_of = refused(poverty.classify, *living(NEW_TOWN, 0), 2019)
    assert len(told_of) == 1
    assert "register_breach" not in told_of


TYPED = [  # the keys of both tables, the units
    ("str", "str"),
    ("category", "category"),
    ("int64", "category"),
    ("int32", "str"),
]


@pytest.mark.parametrize(("keys", "units"), TYPED)
def test_keys_and_units_stay_as_they_came(keys, units):
    rows = [({"household": n, "unit": COMMUNE}, [MEMBER] * 4) for n in (7, 3)]
    tables = [t.astype({"household": keys}) for t in register(rows)]
    tables[0]["unit"] = tables[0]["unit"].astype(units)
    found = poverty.classify(*(t.infer_objects() for t in tables), 2024)
    assert found["household"].astype(str).tolist() == ["7", "3"]
    assert (found["household"].dtype, found["unit"].dtype) == (keys, units)
    assert found["state"].tolist() == ["near_poor"] * 2


def test_numbers_and_texts_of_one_household_meet():
    houses, members = household({"household": "7"})
    numbers = members.assign(household=7).infer_objects()
    for keys in ("str", "category"):
        text = houses.astype({"household": keys})
        assert poverty.classify(text, numbers, 2024)["state"].tolist() == ["near_poor"]


def test_scores_come_in_tens():
    sheet = pd.DataFrame({"household": ["h1"], "unit": [COMMUNE], "b1": [140], "b2": [25]})
    assert "a multiple of 10" in refused(poverty.by_scores, sheet, 2024)["register_breach"]


def test_an_empty_register_has_no_households():
    houses, members = household()
    empty = poverty.classify(houses.iloc[:0], members.iloc[:0], 2024)
    assert len(empty) == 0
    assert len(poverty.counts(empty)) == 0
