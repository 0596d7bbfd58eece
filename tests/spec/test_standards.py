"""Which standard holds for which year and place, with its lines; no series crosses unsaid."""

from __future__ import annotations

import pytest

from povsim import breaks, rules
from povsim.findings import Refusal

TOWN, NEW_TOWN, COMMUNE = "23479@2021-01-01", "23479@2025-07-01", "23482@2021-01-01"

YEARS = [  # review, the nation's standard
    (2015, "qd59-2015"),
    (2020, "qd59-2015"),
    (2021, "nd07-2021"),
    (2025, "nd07-2021"),
    (2026, "nd07-2021"),
    (2027, "nd351-2025"),
    (2030, "nd351-2025"),
]


@pytest.mark.parametrize(("year", "standard"), YEARS)
@pytest.mark.parametrize("place", [None, TOWN, NEW_TOWN])
def test_a_year_has_its_standard_wherever_no_province_has_its_own(year, standard, place):
    found = rules.standard_for(year, place)
    assert found.id == standard
    assert found.article


LINES = [  # review, unit → đồng a person and month
    (2015, COMMUNE, 1_000_000),  # the upper of the two lines of those years
    (2020, COMMUNE, 1_000_000),
    (2020, TOWN, 1_300_000),
    (2024, COMMUNE, 1_500_000),
    (2024, TOWN, 2_000_000),
    (2025, TOWN, 1_500_000),  # in the new unit, a rural one
    (2026, NEW_TOWN, 1_500_000),
    (2027, NEW_TOWN, 2_200_000),
]


@pytest.mark.parametrize(("year", "unit", "line"), LINES)
def test_a_units_income_line(year, unit, line):
    assert rules.income_line(year, unit).vnd_a_month == line


def refused(rule: str, function, *arguments) -> str:
    with pytest.raises(Refusal) as refusal:
        function(*arguments)
    assert [finding.rule for finding in refusal.value.findings] == [rule]
    assert refusal.value.text("en")
    return refusal.value.text("vi")


def test_a_line_that_is_not_on_file_is_not_made_up(own_standard):
    own_standard(PROVINCE)
    refused("income_line_unknown", rules.standard_for(2024, COMMUNE).line, "urban")
    assert rules.standard_for(2027).line("urban").vnd_a_month == 2_800_000


def test_a_unit_made_of_others_has_no_line_before_it_was_made():
    with pytest.raises(Refusal):
        rules.income_line(2020, NEW_TOWN)


BESIDE = [  # review, area type → poor alone at or below, average living up to
    (2020, "rural", 700_000, 1_500_000),
    (2020, "urban", 900_000, 1_950_000),
    (2024, "rural", None, 2_250_000),
    (2024, "urban", None, 3_000_000),
    (2027, "rural", None, None),  # no source of it was found
    (2027, "urban", None, None),
]


@pytest.mark.parametrize(("year", "area_type", "alone", "average"), BESIDE)
def test_the_lines_beside_the_line(year, area_type, alone, average):
    found = rules.standard_for(year)
    assert found.line(area_type).poor_alone_vnd == alone
    assert found.average_living_to(area_type) == average


def test_what_is_recalled_is_not_called_verified():
    older, now = rules.standard_for(2020), rules.standard_for(2024)
    recalled = [older, *older.lines, *older.average_living, *now.average_living]
    recalled.append(rules.recently_escaped())
    assert all(each.article and not each.verified for each in recalled)
    assert all(line.verified for line in now.lines)


def test_no_standard_before_the_first():
    refused("standard_unknown", rules.standard_for, 2014)


CROSSING = [(2019, 2020, 0), (2020, 2021, 2021), (2021, 2026, 0), (2026, 2027, 2027)]


@pytest.mark.parametrize(("first", "last", "broken"), CROSSING)
def test_a_series_across_a_change_is_refused(first, last, broken):
    if not broken:
        breaks.refuse_across(NEW_TOWN, first, last)
        return
    message = refused("series_broken", breaks.refuse_across, NEW_TOWN, first, last)
    assert f"rà soát năm {broken}" in message


# --- A province's own -----------------------------------------------------------------------------

PROVINCE = """
[[standard]]
id = "kon-tum-mau"
name = "Nghị quyết mẫu của tỉnh"
province = "62@2021-01-01"
first_review = 2023
last_review = 2024
indicators = 12
poor_from_deprivations = 3
article = "Nghị quyết mẫu, Điều 1"
verified = false

[[standard.income_line]]
area_type = "rural"
vnd_a_month = 1_800_000
article = "Nghị quyết mẫu, Điều 1"
verified = false
"""


PLACES = [  # review, place → standard
    (2022, COMMUNE, "nd07-2021"),
    (2023, COMMUNE, "kon-tum-mau"),
    (2024, NEW_TOWN, "kon-tum-mau"),  # its parts were in Kon Tum then
    (2025, COMMUNE, "nd07-2021"),
    (2024, "51@2021-01-01", "nd07-2021"),
    (2024, None, "nd07-2021"),
]


@pytest.mark.parametrize(("year", "place", "standard"), PLACES)
def test_a_provinces_own_standard_holds_in_its_place_and_years(own_standard, year, place, standard):
    own_standard(PROVINCE)
    assert rules.standard_for(year, place).id == standard


def test_a_provinces_own_standard_breaks_the_series_twice(own_standard):
    own_standard(PROVINCE)
    assert rules.income_line(2023, COMMUNE).vnd_a_month == 1_800_000
    found = [b.values["year"] for b in breaks.of_unit(COMMUNE, 2021, 2024)]
    assert found == ["2023"]
    assert [b.day.year for b in breaks.of_standards(COMMUNE, 2021, 2025)] == [2023, 2025]


BAD = ["[[standard]", PROVINCE.replace("province", "place"), PROVINCE.replace("rural", "forest")]


@pytest.mark.parametrize("content", BAD)
def test_a_bad_file_of_a_province_is_refused(own_standard, content):
    own_standard(content)
    assert "own.toml" in refused("standards_unreadable", rules.standard_for, 2024, COMMUNE)


def test_a_reports_law_includes_what_the_workspace_adds(own_standard):
    before = rules.checksum()
    own_standard(PROVINCE)
    assert rules.checksum() != before


def test_an_area_type_is_told_in_the_readers_words(own_standard):
    own_standard(PROVINCE.replace("rural", "urban"))
    with pytest.raises(Refusal) as refusal:
        rules.income_line(2023, COMMUNE)
    assert "khu vực “nông thôn”" in refusal.value.text("vi")
    assert "rural" in refusal.value.text("en")
