"""Which unit on which day: parents, area types, hardship, breaks; codes never join alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from povsim import breaks, rules
from povsim.findings import Refusal
from povsim.units import COMMUNES, BreakKind, Hardship, Kind, Units
from povsim.vocabulary import checked

OLD, LAST_OLD, FIRST_NEW, NEW = map(
    date.fromisoformat, ("2024-12-31", "2025-06-30", "2025-07-01", "2026-12-31")
)


def told(rule: str, function, *arguments) -> str:
    with pytest.raises(Refusal) as refusal:
        function(*arguments)
    assert {finding.rule for finding in refusal.value.findings} == {rule}
    assert refusal.value.text("vi")
    return refusal.value.text("en")


# code, day → name, kind, area type, directly above, province
ON_A_DAY = [
    ("23479", OLD, "Đăk Rve", "town", "urban", "614@2021-01-01", "Kon Tum"),
    ("23479", LAST_OLD, "Đăk Rve", "town", "urban", "614@2021-01-01", "Kon Tum"),
    ("23479", FIRST_NEW, "Đăk Rve", "commune", "rural", "51@2025-07-01", "Quảng Ngãi"),
    ("23482", OLD, "Đăk Kôi", "commune", "rural", "614@2021-01-01", "Kon Tum"),
    ("23485", LAST_OLD, "Đăk Tơ Lung", "commune", "rural", "614@2021-01-01", "Kon Tum"),
    ("23485", FIRST_NEW, "Đăk Kôi", "commune", "rural", "51@2025-07-01", "Quảng Ngãi"),
    ("23497", OLD, "Tân Lập", "commune", "rural", "614@2021-01-01", "Kon Tum"),
    ("23497", NEW, "Kon Braih", "commune", "rural", "51@2025-07-01", "Quảng Ngãi"),
]


@pytest.mark.parametrize(("code", "day", "name", "kind", "area", "parent", "province"), ON_A_DAY)
def test_a_unit_on_a_day(code, day, name, kind, area, parent, province):
    units = rules.units()
    unit = units.find(code, day)
    assert (unit.name, unit.kind, unit.area_type_on(day)) == (name, kind, area)
    assert str(unit.parent_on(day)) == parent
    assert units.above(unit.id, day, Kind.PROVINCE).name == province
    district = units.above(unit.id, day, Kind.DISTRICT)
    assert (district.name if district else None) == ("Kon Rẫy" if day < FIRST_NEW else None)


@pytest.mark.parametrize(("day", "count"), [(OLD, 7), (LAST_OLD, 7), (FIRST_NEW, 0)])
def test_the_district_holds_its_seven_until_it_ends(day, count):
    units = rules.units()
    assert len(units.below("614@2021-01-01", day)) == count
    assert len(units.below("62@2021-01-01", day)) == count


def test_a_unit_is_asked_for_the_province_of_a_day_before_or_after_its_own():
    units = rules.units()
    assert units.above("23485@2025-07-01", OLD, Kind.PROVINCE).name == "Kon Tum"
    assert units.above("23482@2021-01-01", NEW, Kind.PROVINCE).name == "Quảng Ngãi"


def test_districts_and_provinces_stand_in_nobodys_way():
    units = rules.units()
    assert {unit.kind for unit in units.on(OLD)} <= COMMUNES
    assert {unit.kind for unit in units.on(OLD, None)} > {Kind.DISTRICT, Kind.PROVINCE}
    told("unit_name_unknown", units.find, "Kon Rẫy", OLD)
    assert units.find("huyện Kon Rẫy", OLD, {Kind.DISTRICT}).id.code == "614"
    assert "Kon Rẫy" in told("unit_ended", units.at, "614@2021-01-01", NEW)


# --- Hardship, villages: an office's own file, with made-up units --------------------------------

OWN = """
[[unit]]
code = "90001"
valid_from = 2021-01-01
names = ["Mẫu Một"]
kind = "commune"
area_type = "rural"
parent = "62@2021-01-01"
verified = false

[[unit]]
code = "90002"
valid_from = 2021-01-01
names = ["Thôn Mẫu", "Mẫu Một"]
kind = "village"
area_type = "rural"
parent = [
    { unit = "90001@2021-01-01", valid_to = 2023-12-31 },
    { unit = "23482@2021-01-01", valid_from = 2024-01-01, valid_to = 2025-06-30 },
]
verified = false

[[hardship]]
unit = "90001@2021-01-01"
value = "zone_3"
valid_from = 2021-06-04
valid_to = 2023-12-31
source = "Quyết định mẫu"
verified = false

[[hardship]]
unit = "90001@2021-01-01"
value = "zone_1"
valid_from = 2024-01-01
source = "Quyết định mẫu: đạt chuẩn nông thôn mới"
verified = false

[[hardship]]
unit = "90002@2021-01-01"
value = "hard_village"
valid_from = 2021-06-18
source = "Quyết định mẫu"
verified = false

[[area_type]]
unit = "90001@2021-01-01"
value = "urban"
valid_from = 2024-07-01
source = "Quyết định mẫu"
verified = false
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes the units file of a workspace of one's own and returns all units."""
    (tmp_path / "data/plans").mkdir(parents=True)
    (tmp_path / "data/units").mkdir()
    monkeypatch.setenv("POVSIM_HOME", str(tmp_path))

    def write(content: str) -> Units:
        (tmp_path / "data/units/own.toml").write_text(content, "utf-8")
        rules.forget_own()
        return rules.units()

    return write


HARDSHIP = [
    ("90001", date(2021, 6, 3), None, False),
    ("90001", date(2021, 6, 4), Hardship.ZONE_3, True),
    ("90001", date(2023, 12, 31), Hardship.ZONE_3, True),
    ("90001", date(2024, 1, 1), Hardship.ZONE_1, False),
    ("90002", date(2024, 1, 1), Hardship.HARD_VILLAGE, True),
    ("23482", date(2024, 1, 1), None, False),  # no list could be read: nothing is claimed
]


@pytest.mark.parametrize(("code", "day", "status", "hard"), HARDSHIP)
def test_hardship_is_dated_with_its_source(own, code, day, status, hard):
    found = own(OWN)[f"{code}@2021-01-01"].hardship_on(day)
    assert (found.value if found else None) == status
    assert bool(found and found.value.is_hard) is hard
    assert found is None or (found.source.startswith("Quyết định mẫu") and not found.verified)


def test_nothing_is_shipped_as_somebodys_hardship():
    assert not any(unit.hardships for unit in rules.units())


@pytest.mark.parametrize(
    ("day", "chain"), [(date(2023, 6, 1), ("90001", "62")), (OLD, ("23482", "614", "62"))]
)
def test_a_village_moves_from_one_commune_to_another(own, day, chain):
    units = own(OWN)
    for code in chain:
        kind = units.find(code, day, set(Kind)).kind
        assert units.above("90002@2021-01-01", day, kind).id.code == code
    below = units.below("90001@2021-01-01", day, {Kind.VILLAGE})
    assert len(below) == (chain[0] == "90001")


def test_a_village_never_makes_a_communes_name_ambiguous(own):
    assert own(OWN).find("Mẫu Một", OLD).kind == Kind.COMMUNE
    message = told("unit_ambiguous", own(OWN).find, "Mẫu Một", OLD, frozenset(Kind))
    assert "90001" in message
    assert "90002" in message


def test_an_area_type_changes_on_its_day(own):
    unit = own(OWN)["90001@2021-01-01"]
    assert [unit.area_type_on(date(2024, month, 1)) for month in (6, 7)] == ["rural", "urban"]
    (found,) = breaks.of_unit(unit.id, 2021, 2024)
    assert (found.kind, found.day) == (BreakKind.AREA_TYPE, date(2024, 7, 1))


NAMED_TWICE = OWN.replace('"Mẫu Một"', '"Đăk Kôi"', 1).replace('"Thôn Mẫu", ', "")


def test_a_name_of_two_units_shows_both_unless_the_plan_decides(own):
    units = own(NAMED_TWICE)
    message = told("unit_ambiguous", units.find, "Đăk Kôi", OLD)
    assert "23482" in message
    assert "90001" in message
    kon_ray = units.below("614@2021-01-01", OLD)
    assert units.find("Đăk Kôi", OLD, among=kon_ray).id.code == "23482"


BAD_FILES = [
    ("[[unit]", "units_unreadable", "own.toml"),
    ("[[place]]\n", "units_unreadable", "unit"),
    (OWN.replace("zone_3", "zone_9"), "units_unreadable", "zone_9"),
    (OWN.replace('"commune"', '"hamlet"'), "units_unreadable", "hamlet"),
    (OWN.replace('names = ["Mẫu Một"]\n', ""), "units_unreadable", "names"),
    (OWN.replace('unit = "90002@', 'unit = "90009@'), "unit_unknown", "90009"),
    (OWN.replace('code = "90002"', 'code = "90001"'), "unit_identity_twice", "Thôn Mẫu"),
]


@pytest.mark.parametrize(("content", "rule", "words"), BAD_FILES)
def test_a_bad_units_file_is_told_what_is_wrong(own, content, rule, words):
    assert words in told(rule, own, content)


# --- Tables on the units of a day -----------------------------------------------------------------


TABLES = {  # table: key columns with one value, counted columns
    "facts": ({"form": "F1", "line": "households", "item": "poor"}, ["value"]),
    "stocks": ({"state": "poor"}, ["households", "persons"]),
    "flows": ({"state": "poor", "flow": "relapsed"}, ["households", "persons"]),
    "deprivations": ({"state": "poor", "indicator": "job"}, ["households"]),
    "groups": ({"state": "poor", "group": "other"}, ["households", "persons"]),
}


@pytest.mark.parametrize("table", TABLES)
def test_any_table_is_carried_to_the_new_units_and_keeps_its_contract(table):
    keys, counts = TABLES[table]
    units = rules.units()
    rows = [
        {"unit": str(unit.id), "period": "2024"} | keys | dict.fromkeys(counts, 10**number)
        for number, unit in enumerate(units.on(OLD))
    ]
    frame = checked(table, pd.DataFrame(rows).astype(dict.fromkeys(counts, "Int64")))
    carried = checked(table, units.carry(frame, NEW))
    assert carried[counts[0]].tolist() == [10**0 + 10**4, 10**1 + 10**2, 10**3 + 10**5 + 10**6]


def rows(*pairs: tuple[str, int | None], period: str = "2024") -> pd.DataFrame:
    frame = pd.DataFrame(pairs, columns=["unit", "households"])
    return frame.assign(period=period).astype({"households": "Int64"})


def test_a_part_that_is_not_there_leaves_the_sum_missing():
    carried = rules.units().carry(rows(("23482@2021-01-01", 5)), NEW)
    assert carried["households"].isna().all()
    both = rows(("23482@2021-01-01", 5), ("23485@2021-01-01", 7))
    assert rules.units().carry(both, NEW)["households"].tolist() == [12]


def test_bare_codes_and_names_never_join_silently():
    table = rows(("23485", 5), ("Đăk Kôi", 7), ("23497@2021-01-01", 1))
    message = told("unit_code_alone", rules.units().carry, table, NEW)
    for meaning in ("Đăk Tơ Lung", "Đăk Kôi", "23485@2021-01-01", "23485@2025-07-01"):
        assert meaning in message
    assert len(message.splitlines()) == 2


def test_days_are_told_as_the_reader_writes_them():
    def said(function, *arguments) -> str:
        with pytest.raises(Refusal) as refusal:
            function(*arguments)
        return refusal.value.text("vi")

    units = rules.units()
    assert "về ngày 31/12/2024" in said(units.at, "23485@2025-07-01", OLD)
    assert "sau ngày 30/06/2025" in said(units.at, "614@2021-01-01", NEW)
    twice = rows(("23482@2021-01-01", 5), ("23482@2021-01-01", 5))
    assert "về ngày 31/12/2026" in said(units.carry, twice, NEW)
    meant = said(units.__getitem__, "23485")
    assert "Đăk Tơ Lung (23485, 01/01/2021 – 30/06/2025) = 23485@2021-01-01" in meant
    assert "Đăk Kôi (23485, 01/07/2025 –) = 23485@2025-07-01" in meant


@pytest.mark.parametrize(
    ("second", "name"), [("23485@2021-01-01", "Đăk Tơ Lung"), ("23485@2025-07-01", "Đăk Kôi")]
)
def test_no_household_is_counted_twice(second, name):
    table = rows(("23482@2021-01-01", 5), ("23485@2021-01-01", 7), (second, 12))
    assert name in told("unit_counted_twice", rules.units().carry, table, NEW)


@pytest.mark.parametrize("day", [OLD, LAST_OLD, FIRST_NEW, NEW])
def test_a_unit_that_is_there_twice_never_stands_for_one_that_is_not(day):
    table = rows(("23479@2021-01-01", 5), ("23479@2021-01-01", 7))  # and Đăk Pne is missing
    assert "Đăk Rve (23479)" in told("unit_counted_twice", rules.units().carry, table, day)


def test_a_count_of_another_name_is_refused_not_taken_for_a_key():
    table = rows(("23482@2021-01-01", 5), ("23485@2021-01-01", 7)).assign(children=[2, 3])
    assert "children" in told("column_uncounted", rules.units().carry, table, NEW)
    kept = table.assign(children=["few", "few"], period=2024)
    assert rules.units().carry(kept, NEW)["households"].tolist() == [12]


def test_three_cannot_become_seven_and_every_unit_says_which_it_was():
    table = rows(("23479@2025-07-01", 5), ("23497@2025-07-01", 7))
    message = told("unit_not_divisible", rules.units().carry, table, OLD)
    assert "Đăk Rve (23479), Đăk Pne (23491)" in message
    assert "Đăk Ruồng (23488), Đăk Tờ Re (23494), Tân Lập (23497)" in message


# --- Breaks ---------------------------------------------------------------------------------------

ALL = ["23479", "23485", "23497"]
BREAKS = [  # units, first and last review → breaks by kind
    (["23479@2021-01-01"], 2021, 2024, []),
    (["23479@2025-07-01"], 2025, 2026, []),
    (["23479@2025-07-01"], 2024, 2025, ["area_type", "boundary"]),
    (["23491@2021-01-01"], 2021, 2025, ["area_type", "boundary"]),  # it is in Đăk Rve now
    (["23485@2025-07-01"], 2021, 2025, ["boundary"]),
    ([f"{code}@2025-07-01" for code in ALL], 2021, 2025, ["area_type", *["boundary"] * 3]),
    ([f"{code}@2025-07-01" for code in ALL], 2026, 2027, ["standard"]),
    (["23485@2025-07-01"], 2020, 2027, ["boundary", "standard", "standard"]),
]


@pytest.mark.parametrize(("units", "first", "last", "kinds"), BREAKS)
def test_every_break_of_a_series(units, first, last, kinds):
    found = breaks.of_units(units, first, last)
    assert sorted(b.kind for b in found) == kinds
    assert list(found) == sorted(found, key=lambda b: b.day)


def test_the_end_of_the_urban_line_is_told_in_vietnamese():
    (found,) = (
        b for b in breaks.of_unit("23479@2025-07-01", 2021, 2025) if b.kind == BreakKind.AREA_TYPE
    )
    assert found.day == FIRST_NEW
    sentence = breaks.sentence(found, "vi")
    for words in ("01/07/2025", "Đăk Rve", "thành thị (2.000.000", "nông thôn (1.500.000"):
        assert words in sentence
    assert "2,000,000" in breaks.sentence(found, "en")


def test_a_file_that_was_corrected_is_read_again(own):
    assert own(OWN)["90001@2021-01-01"].name == "Mẫu Một"
    assert own(OWN.replace('names = ["Mẫu Một"]', 'names = ["Mẫu Hai"]')).find("Mẫu Hai", OLD)
