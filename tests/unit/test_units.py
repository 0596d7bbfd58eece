"""Communes and towns: names however they are typed, codes used twice, mergers that only add up."""

import unicodedata
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import rules
from povsim.findings import Refusal
from povsim.units import Unit, UnitId, Units, folded

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
OLD = ["23479", "23482", "23485", "23488", "23491", "23494", "23497"]
MERGED = {  # the new unit → the old ones it took in whole
    "23479": {"23479", "23491"},
    "23485": {"23482", "23485"},
    "23497": {"23488", "23494", "23497"},
}


def old(code: str) -> str:
    return f"{code}@2021-01-01"


def new(code: str) -> str:
    return f"{code}@2025-07-01"


@pytest.fixture
def units() -> Units:
    return rules.units()


def refused(rule: str, function, *arguments) -> str:
    """The English text of a refusal by that rule."""
    with pytest.raises(Refusal) as refusal:
        function(*arguments)
    (finding,) = refusal.value.findings
    assert finding.rule == rule
    return finding.line("en")


WRITTEN = [
    ("Đăk Tơ Lung", "23485"),
    ("Đắk Tờ Lung", "23485"),
    ("ĐĂK TƠ LUNG", "23485"),
    ("Xã Đăk Tơ Lung", "23485"),
    ("xã  Đăk   Tơ Lung ", "23485"),
    ("X. Đăk Tơ Lung", "23485"),
    ("Dak To Lung", "23485"),
    ("Ðăk Tơ Lung", "23485"),  # the Icelandic capital that looks the same
    ("23485", "23485"),
    (" 23485 ", "23485"),
    ("Thị trấn Đăk Rve", "23479"),
    ("TT. Đăk RVe", "23479"),
    ("Đăk Tơ Re", "23494"),
    ("tân lập", "23497"),
    ("UBND xã Đăk Kôi", "23482"),
    ("ỦY BAN NHÂN DÂN XÃ ĐĂK KÔI", "23482"),
    ("Uỷ ban nhân dân thị trấn Đăk Rve", "23479"),
    ("23485@2021-01-01", "23485"),
]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("written", "code"), WRITTEN)
def test_a_unit_is_found_however_its_name_is_typed(units, written, code, form):
    assert str(units.find(unicodedata.normalize(form, written), BEFORE).id) == old(code)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        *(("Xanh Lơ", "xanh lo"), ("Ttân", "ttan"), ("Xã", "xa"), ("Phường", "phuong")),
        *(("Phương Trung", "phuong trung"), ("Xã Phượng Cách", "phuong cach"), ("UBND", "ubnd")),
    ],
)
def test_a_name_is_not_cut_where_it_only_begins_like_a_unit_word(name, plain):
    assert folded(name) == plain


WARDS = {"Lê Lợi": "24001", "Phương Sơn": "24002", "Phương Trung": "24003", "Trung": "24004"}
OF_WARDS = [
    *(("Phường Lê Lợi", "24001"), ("P. Lê Lợi", "24001"), ("phuong le loi", "24001")),
    *(("UBND PHƯỜNG LÊ LỢI", "24001"), ("Phường Phương Sơn", "24002"), ("Phuong Son", "24002")),
    *(("Phương Trung", "24003"), ("phuong trung", "24003"), ("Phường Trung", "24004")),
]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("written", "code"), OF_WARDS)
def test_a_ward_is_found_by_its_name_and_keeps_a_name_that_only_looks_like_the_word(
    written, code, form
):
    wards = [Unit(UnitId(c, AFTER), (name,), "ward", "urban") for name, c in WARDS.items()]
    assert Units(wards).find(unicodedata.normalize(form, written), AFTER).id.code == code


def test_where_no_unit_stands_on_a_day_that_is_said(units):
    with pytest.raises(Refusal) as refusal:
        units.find("23482", date(2020, 12, 31))
    assert "danh mục không có đơn vị nào vào ngày 31/12/2020" in refusal.value.text("vi")
    assert "no unit on file stands on 2020-12-31" in refusal.value.text("en")


def test_an_identity_of_other_days_is_not_found(units):
    assert "Kon Braih" in refused("unit_name_unknown", units.find, old("23485"), AFTER)


def test_every_spelling_on_file_names_one_unit(units):
    for day in (BEFORE, AFTER):
        for unit in units.on(day):
            assert {units.find(name, day) for name in unit.names} == {unit}


@pytest.mark.parametrize("code", MERGED)
def test_a_code_used_again_names_another_unit(units, code):
    assert str(units.find(code, BEFORE).id) == old(code)
    assert str(units.find(code, AFTER).id) == new(code)


def test_a_name_used_again_names_another_unit(units):
    assert str(units.find("Đăk Kôi", BEFORE).id) == old("23482")
    assert str(units.find("Đăk Kôi", AFTER).id) == new("23485")


@pytest.mark.parametrize(("name", "day"), [("Kon Braih", BEFORE), ("Tân Lập", AFTER)])
def test_a_name_holds_only_for_its_days(units, name, day):
    message = refused("unit_name_unknown", units.find, name, day)
    assert name in message
    assert "Đăk Rve (23479)" in message


def test_seven_units_before_and_three_after(units):
    assert [unit.id.code for unit in units.on(BEFORE)] == OLD
    assert [unit.id.code for unit in units.on(AFTER)] == list(MERGED)
    assert units.on(date(2020, 12, 31)) == []


def test_a_name_that_fits_two_units_shows_both():
    day = date(2021, 1, 1)
    names = {"1": "Tân Lập", "2": "Tân Lập", "3": "Đăk Kôi"}
    units = [Unit(UnitId(c, day), (name,), "commune", "rural") for c, name in names.items()]
    message = refused("unit_ambiguous", Units(units).find, "tan lap", day)
    assert "Tân Lập (1), Tân Lập (2)" in message
    assert "Đăk Kôi" not in message


@pytest.mark.parametrize(("code", "parts"), MERGED.items())
def test_merged_units_lead_to_the_unit_that_took_them_in(units, code, parts):
    assert {str(units.at(old(part), AFTER).id) for part in parts} == {new(code)}


def test_a_unit_is_itself_while_it_stands(units):
    assert all(units.at(unit.id, BEFORE) == unit for unit in units.on(BEFORE))


@pytest.mark.parametrize("code", MERGED)
def test_a_merged_unit_cannot_be_divided_again(units, code):
    message = refused("unit_not_divisible", units.at, new(code), BEFORE)
    assert BEFORE.isoformat() in message
    table = pd.DataFrame({"unit": [new(code)], "households": [7]})
    refused("unit_not_divisible", units.carry, table, BEFORE)


def test_a_day_before_a_unit_is_told_of_that_unit_not_of_its_successor(units):
    message = refused("unit_not_divisible", units.at, old("23491"), date(2020, 12, 31))
    assert "Đăk Pne" in message


def test_an_identity_nobody_knows_lists_those_known(units):
    assert "Kon Braih (23497)" in refused("unit_unknown", units.__getitem__, old("99999"))


COUNT = st.integers(0, 10**6) | st.none()
TABLES = st.fixed_dictionaries({code: st.tuples(COUNT, COUNT) for code in OLD})


@settings(max_examples=40)
@given(poor=TABLES, near=TABLES)
def test_carried_counts_add_up_exactly_and_missing_stays_missing(poor, near):
    rows = [
        (old(code), "2024", state, households, persons)
        for state, table in (("poor", poor), ("near_poor", near))
        for code, (households, persons) in table.items()
    ]
    table = pd.DataFrame(rows, columns=["unit", "period", "state", "households", "persons"])
    table = table.astype({"households": "Int64", "persons": "Int64"})
    carried = rules.units().carry(table, AFTER).set_index(["unit", "state"])
    assert len(carried) == 6
    for state, given_table in (("poor", poor), ("near_poor", near)):
        for code, parts in MERGED.items():
            row = carried.loc[(new(code), state)]
            for place, column in enumerate(("households", "persons")):
                counts = [given_table[part][place] for part in parts]
                missing = None in counts
                assert pd.isna(row[column]) == missing
                assert missing or row[column] == sum(counts)


def test_carrying_to_a_day_they_stand_changes_nothing(units):
    table = pd.DataFrame({"unit": [old(code) for code in OLD], "value": range(7)})
    pd.testing.assert_frame_equal(units.carry(table, BEFORE), table)


def test_names_and_printed_identities(units):
    assert units.names([old("23488")]) == {old("23488"): "Đăk Ruồng"}
    assert all(UnitId.parse(str(unit.id)) == unit.id for unit in units.on(AFTER))
