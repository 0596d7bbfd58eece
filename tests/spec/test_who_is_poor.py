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
from povsim.vocabulary import Indicator

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


def lacking(tables, indicator: str) -> str:
    found = poverty.deprivations(*tables, 2024)
    others = found[[str(name) for name in Indicator if name != indicator]]
    value = found[indicator][0]
    assert value is not True or not others.fillna(False).to_numpy().any(), "the edge of one only"
    return "?" if pd.isna(value) else "yes" if value else "no"


@pytest.mark.parametrize(("indicator", "said", "expected"), OF_MEMBERS)
def test_an_indicator_of_members(indicator, said, expected):
    assert (
        lacking(household(members=[MEMBER | values(said), MEMBER, MEMBER]), indicator) == expected
    )


@pytest.mark.parametrize(("indicator", "said", "expected"), OF_HOUSEHOLDS)
def test_an_indicator_of_the_household(indicator, said, expected):
    assert lacking(household(values(said), [MEMBER] * 4), indicator) == expected


@pytest.mark.parametrize(("ages", "persons", "expected"), DEPENDANTS)
def test_dependants(ages, persons, expected):
    told = {"+": {"on_benefit": True}, "?": {"age": None}}
    members = [MEMBER | (told.get(age) or {"age": int(age)}) for age in ages.split()]
    assert lacking(household({"persons": persons}, members), "dependants") == expected


def test_every_indicator_has_both_edges_and_a_missing_answer():
    dependants = [("dependants", "", expected) for *_, expected in DEPENDANTS]
    seen = {(name, told) for name, _, told in [*OF_MEMBERS, *OF_HOUSEHOLDS, *dependants]}
    assert seen == {(str(name), told) for name in Indicator for told in SAID}


# --- The line and the three -----------------------------------------------------------------------

LACKS = ("safe_water", "hygienic_toilet", "uses_internet", "has_devices")
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
]


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
    said = dict.fromkeys(LACKS[:many], False) | dict.fromkeys(LACKS[:unanswered])
    states = poverty.classify(*household({"unit": unit, "income_vnd": income} | said), review)
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


def test_counts_carry_what_is_not_known():
    rows = [
        {"income_vnd": 1, "unit": COMMUNE},
        {"income_vnd": None, "unit": COMMUNE},
        {"income_vnd": 9_000_000, "unit": COMMUNE},
        {"income_vnd": 2_000_000, "unit": TOWN},
    ]
    found = poverty.counts(poverty.classify(*register([(row, [MEMBER] * 4) for row in rows]), 2024))
    assert list(found.itertuples(index=False, name=None)) == [
        (TOWN, "poor", 0, 0),
        (TOWN, "near_poor", 1, 1),
        (TOWN, "not_poor", 0, 0),
        (COMMUNE, "poor", 0, 0),
        (COMMUNE, "near_poor", 1, 2),
        (COMMUNE, "not_poor", 1, 2),
    ]


def test_a_household_of_which_nobody_is_listed_is_not_known_to_lack_anything():
    found = poverty.deprivations(*household(members=[]), 2024)
    unknown = [name for name in Indicator if pd.isna(found[str(name)][0])]
    assert unknown == list(Indicator)[:6]


# --- The page an officer checks -------------------------------------------------------------------

PAGES = {"vi": "chuan-ngheo.md", "en": "poverty-standard.md"}
AREAS = {COMMUNE: AreaType.RURAL, TOWN: AreaType.URBAN, NEW_TOWN: AreaType.RURAL}


def cases() -> dict[str, list[Case]]:
    """The tables above, as the page tells them."""
    found: dict[str, list[Case]] = {str(name): [] for name in Indicator}
    for name, said, told in [*OF_MEMBERS, *OF_HOUSEHOLDS]:
        found[name].append(Case(values(said), (told,)))
    for ages, persons, told in DEPENDANTS:
        found["dependants"].append(Case({"ages": ages, "persons": persons}, (told,)))
    found["states"] = [_state_case(*row) for row in STATES]
    found["scores"] = [
        Case({"area": AREAS[unit], "b1": b1, "b2": b2}, tuple(told.split()))
        for unit, b1, b2, told in SCORES
    ]
    return found


def _state_case(review, unit, income, many, unanswered, told) -> Case:
    area = rules.income_line(review, unit).area_type
    said = {"review": str(review), "area": area, "income_vnd": income, "lacks": many - unanswered}
    return Case(said | ({"unanswered": unanswered} if unanswered else {}), tuple(told.split()))


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_in_docs_is_made_of_the_rules_and_these_cases(lang):
    made = page(lang, cases())
    assert (DOCS / PAGES[lang]).read_text("utf-8") == made, f"run {MAKER}"
    assert all(t.told(lang) in made for t in poverty.thresholds(2024).values())
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


def refused(function, *arguments) -> dict[str, str]:
    with pytest.raises(Refusal) as refusal:
        function(*arguments)
    return {finding.rule: finding.line("en") for finding in refusal.value.findings}


def test_a_standard_whose_thresholds_are_not_on_file_is_refused():
    assert "59/2015" in refused(poverty.classify, *household(), 2020)["deprivations_unknown"]


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


def test_scores_come_in_tens():
    sheet = pd.DataFrame({"household": ["h1"], "unit": [COMMUNE], "b1": [140], "b2": [25]})
    assert "a multiple of 10" in refused(poverty.by_scores, sheet, 2024)["register_breach"]


def test_an_empty_register_has_no_households():
    houses, members = household()
    empty = poverty.classify(houses.iloc[:0], members.iloc[:0], 2024)
    assert len(empty) == 0
    assert len(poverty.counts(empty)) == 0
