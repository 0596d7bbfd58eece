"""What is a list of people and what is a form: every name, ID and number here is invented."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from povsim.forms.catalogue import forms
from povsim.forms.people import lists_people, masked_sheet_name

Rows = list[list[Any]]

# --- Sheets to hide a list in ----------------------------------------------------------------

HEAD: Rows = [
    ["UBND HUYỆN KON RẪY (mã đơn vị 23479)"],
    ["Mẫu số 1"],
    ["TỔNG HỢP KẾT QUẢ CHÍNH THỨC RÀ SOÁT HỘ NGHÈO; HỘ CẬN NGHÈO"],
    ["Năm 2024"],
    ["STT", "Xã, thị trấn", "Tổng số hộ dân cư", "", "Hộ nghèo", "", "Hộ có chủ hộ là nữ"],
    ["", "", "Số hộ", "Nhân khẩu", "Số hộ", "Tỷ lệ (%)", ""],
    ["A", "B", 1.0, 2.0, 3.0, "4=3/1*100", 5.0],
]
FOOT: Rows = [
    [],
    ["", "", "", "Kon Rẫy, ngày 5 tháng 12 năm 2024"],
    ["", "NGƯỜI LẬP BIỂU", "", "TM. UBND HUYỆN"],
    ["", "(Ký, ghi rõ họ tên)", "", "KT. CHỦ TỊCH"],
    ["", "", "", "PHÓ CHỦ TỊCH"],
    ["", "Nguyễn Văn Bình", "", "Trần Thị Cúc"],
]


def form(*rows: list[Any], foot: Rows = FOOT) -> Rows:
    """A form with these rows in its table."""
    return [*HEAD, *rows, *foot]


def counts(*names: str) -> Rows:
    """Rows of a table: a name each, and figures as a ward has them."""
    return [
        [float(number), name, 1950.0 + 400 * number, 7800.0, 162.0, 11.26, 31.0]
        for number, name in enumerate(names, 1)
    ]


UNITS = counts("Đăk Rve", "Đăk Kôi", "Tân Lập")
FORM = form(*UNITS)
BORN: Rows = [[1.0, "A Brê", 1985.0], [2.0, "Y Hlan", 1990.0], [3.0, "Đinh Thị Nga", 2001.0]]


def apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def unmarked(text: str) -> str:
    bare = text.replace("đ", "d").replace("Đ", "D")
    return apart(bare).encode("ascii", "ignore").decode()


def right(rows: Rows, columns: int) -> Rows:
    """The same rows, far to the right."""
    return [[*[""] * columns, *row] for row in rows]


def beside(left: Rows, other: Rows, columns: int) -> Rows:
    """Two tables on the same rows."""
    size = max(len(left), len(other))
    pairs = zip([*left, *[[]] * size][:size], [*other, *[[]] * size][:size], strict=True)
    return [[*one, *[""] * (columns - len(one)), *two] for one, two in pairs]


F14_HEADINGS: Rows = [
    ["STT chủ hộ", "STT thành viên", "Họ và tên", "Năm sinh", "", "Dân tộc", "Quan hệ với chủ hộ"],
    ["", "", "", "Nam", "Nữ", "", ""],
]
F14_ROWS: Rows = [
    [1.0, 1.0, "Pờ Lao", 1980.0, "", "Xơ Đăng", "Chủ hộ"],
    ["", 2.0, "Xoan", "", 1982.0, "Xơ Đăng", "Vợ"],
]

# --- The tables ------------------------------------------------------------------------------

LISTS: dict[str, tuple[str, Rows]] = {
    # by what it is called
    "sheet F14": ("F14", [["x"]]),
    "a copy of F15": ("F15 (2)", [["x"]]),
    "sheet Mẫu 14": ("Mẫu 14", [["x"]]),
    "sheet Biểu số 15": ("Biểu số 15", [["x"]]),
    "sheet by the whole title": ("Danh sách chi tiết hộ nghèo", [["x"]]),
    "sheet DS hộ cận nghèo": ("DS hộ cận nghèo", [["x"]]),
    "sheet DSHN": ("DSHN", [["x"]]),
    "title": ("Sheet1", [["DANH SÁCH CHI TIẾT HỘ CẬN NGHÈO"], ["x"]]),
    "title in separate marks": ("Sheet1", [[apart("Danh sách chi tiết hộ nghèo")], ["x"]]),
    "title without marks": ("Sheet1", [["DANH SACH CHI TIET HO NGHEO"], ["x"]]),
    "title on two rows": ("Sheet1", [["DANH SÁCH"], ["CHI TIẾT HỘ NGHÈO NĂM 2024"]]),
    "title below others in its cell": ("Sheet1", [["UBND XÃ\nMẫu số 14\nDANH SÁCH HỘ NGHÈO"]]),
    "title with its decision": (
        "Sheet1",
        [["DANH SÁCH CHI TIẾT HỘ NGHÈO (Kèm theo Quyết định số 12/QĐ-UBND)"]],
    ),
    # by headings
    "headings of F14": ("Sheet1", [*F14_HEADINGS, *F14_ROWS]),
    "headings of F14, no rows": ("Sheet1", F14_HEADINGS),
    "họ và tên": ("Sheet1", [["TT", "Họ và tên"], [1.0, "Pờ Lao"]]),
    "HỌ TÊN in separate marks": ("Sheet1", [[apart("HỌ TÊN")], ["Pờ Lao"]]),
    "Ho va ten": ("Sheet1", [["Ho va ten"], ["Po Lao"]]),
    "họ và tên, broken in its cell": ("Sheet1", [["Họ và\ntên"], ["Pờ Lao"]]),
    "họ và tên, on two rows": ("Sheet1", [["Họ"], ["và tên"], ["Pờ Lao"]]),
    "họ và tên, on three rows": ("Sheet1", [["Họ"], ["và"], ["tên"], ["Pờ Lao"]]),
    "họ, tên in two cells": ("Sheet1", [["Họ", "Tên"], ["Pờ", "Lao"]]),
    "no-break spaces": ("Sheet1", [["Họ\u00a0và\u00a0tên"], ["Pờ Lao"]]),
    "tên chủ hộ": ("Sheet1", [["Tên chủ hộ", "Số khẩu"], ["Pờ Lao", 5.0]]),
    "chủ hộ above names": ("Sheet1", [["Chủ hộ", "Số khẩu"], ["A Brê", 5.0]]),
    "chủ hộ and năm sinh": ("Sheet1", [["Chủ hộ", "Năm sinh"], ["Pờ Lao", 1980.0]]),
    "quan hệ với chủ hộ": ("Sheet1", [["Quan hệ với chủ hộ"], ["Vợ"]]),
    "CCCD": ("Sheet1", [["Mã hộ", "Số CCCD"], ["h1", 62085001234.0]]),
    "CMND, số điện thoại": ("Sheet1", [["CMND", "Số điện thoại"], ["Pờ Lao", ""]]),
    "số định danh above a number": ("Sheet1", [["Số định danh cá nhân"], ["062085001234"]]),
    "số điện thoại": ("Sheet1", [["Thôn", "Số điện thoại"], ["Thôn 1", "0905.123.456"]]),
    "năm sinh": ("Sheet1", [["Hộ", "Năm sinh"], ["Pờ Lao", 1980.0]]),
    # a name beside a number
    "name and CMND as text": ("Sheet1", [["A Brê", "233123456"]]),
    "name and CMND as number": ("Sheet1", [["A Brê", 233123456.0]]),
    "name and CMND as whole number": ("Sheet1", [["A Brê", 233123456]]),
    "name and CCCD as text": ("Sheet1", [["Y Hlan", "062 185 001 234"]]),
    "name and CCCD, zero lost": ("Sheet1", [["Y Hlan", 62185001234.0]]),
    "name and telephone": ("Sheet1", [["Đinh Thị Hồng Thu", "0905123456"]]),
    "telephone with dots": ("Sheet1", [["Đinh Thị Hồng Thu", "0905.123.456"]]),
    "telephone with spaces": ("Sheet1", [["Đinh Thị Hồng Thu", "0905 123 456"]]),
    "telephone with +84": ("Sheet1", [["Đinh Thị Hồng Thu", "+84 905 123 456"]]),
    "telephone with 84, a number": ("Sheet1", [["Đinh Thị Hồng Thu", 84905123456.0]]),
    "telephone, zero lost": ("Sheet1", [["Đinh Thị Hồng Thu", 905123456.0]]),
    "name in capitals": ("Sheet1", [["NGUYỄN VĂN A", "0905123456"]]),
    "name without marks": ("Sheet1", [["Nguyen Van A", "0905123456"]]),
    "name in small letters": ("Sheet1", [["đinh thị nga", "0905123456"]]),
    "A NHỠ in separate marks": ("Sheet1", [[apart("A NHỠ"), "0905123456"]]),
    "Y Thị Ngọc": ("Sheet1", [["Y Thị Ngọc", "0905123456"]]),
    "Gia Rai and Ê Đê": ("Sheet1", [["H'Lan Niê", "0905123456"]]),
    "Rơ Châm": ("Sheet1", [["Rơ Châm Hlen", "0905123456"]]),
    "title before the name": ("Sheet1", [["Hộ ông A Brê", "0905123456"]]),
    "name in a sentence": ("Sheet1", [["Cấp cho bà Đinh Thị Nga ở thôn 3", "số 233123456"]]),
    "name and number in one cell": ("Sheet1", [["A Brê - 233123456"]]),
    "many in one cell": ("Sheet1", [["1. A Brê - 233123456\n2. Y Hlan - 233123457"]]),
    "family and given name apart": ("Sheet1", [["Nguyễn", "Văn An", "233123456"]]),
    "A and the name apart": ("Sheet1", [["A", "Brê", "233123456"]]),
    "an ID that says so": ("Sheet1", [["Pờ Lao", "CMND: 233123456"]]),
    "head of a household": ("Sheet1", [["A Brê", "Chủ hộ", "Xơ Đăng"]]),
    "head of a household, a card": ("Sheet1", [["Chủ hộ: A Brê"], ["Số khẩu: 5"]]),
    "names we cannot tell, with telephones": (
        "Sheet1",
        [["Pờ Lao", "0905123456"], ["Xoan", "0905123457"], ["Brũi", "0905123458"]],
    ),
    "more officers than a form has": (
        "Sheet1",
        [[name, "ĐT 0905123456"] for name in ("A Brê", "Y Hlan", "Đinh Thị Nga")],
    ),
    "an officer's ID": ("Sheet1", [["Người liên hệ: A Brê", "CCCD 062085001234"]]),
    # names beside years
    "names and years": ("Sheet1", BORN),
    "names and years as text": ("Sheet1", [[n, name, f"{y:.0f}"] for n, name, y in BORN]),
    "names and years in one cell": (
        "Sheet1",
        [["A Brê (1985), Y Hlan (1990), Đinh Thị Nga (2001)"]],
    ),
    "names in a cell, years in another": (
        "Sheet1",
        [["A Brê\nY Hlan\nĐinh Thị Nga", "1985\n1990\n2001"]],
    ),
    "men and women in their columns": (
        "Sheet1",
        [["A Brê", 1985.0, ""], ["Y Hlan", "", 1990.0], ["Đinh Thị Nga", "", 2001.0]],
    ),
    "names and dates": (
        "Sheet1",
        [["A Brê", date(1985, 3, 1)], ["Y Hlan", datetime(1990, 1, 2)], ["Y Bé", "12/05/2001"]],
    ),
    "names apart, and years": (
        "Sheet1",
        [["Nguyễn Văn", "A", 1985.0], ["Nguyễn Văn", "B", 1990.0], ["Nguyễn Văn", "C", 2001.0]],
    ),
    "A and the names apart, and years": (
        "Sheet1",
        [["A", "Brê", 1985.0], ["Y", "Hlan", 1990.0], ["A", "Nhỡ", 2001.0]],
    ),
    "names and short dates": (
        "Sheet1",
        [["A Brê", "1/3/85"], ["Y Hlan", "2/1/90"], ["Đinh Thị Nga", "12/5/01"]],
    ),
    "names and nothing else": (
        "Sheet1",
        [[name] for name in ("A Brê", "Y Hlan", "Đinh Thị Nga", "Y Bé", "Nguyễn Văn An")],
    ),
    # hidden on the sheet of a form
    "below a form": ("F1", form(*UNITS, foot=[*FOOT, [], ["", "Y Hlan", "233123456"]])),
    "years below a form": ("F1", [*FORM, *BORN]),
    "within a form": ("F1", form(*UNITS, [4.0, "Y Hlan", 233123456.0])),
    "far to the right of a form": ("F1", beside(FORM, BORN, 40)),
    "far below and to the right": (
        "F1",
        [*FORM, *[[]] * 200, *right([["A Brê", "233123456"]], 90)],
    ),
    "above a form": ("F1", [["A Brê", "233123456"], *FORM]),
    "headings below a form": ("F1", [*FORM, [], ["Họ và tên", "Thôn"], ["Pờ Lao", "Thôn 3"]]),
}

PLACES = (
    *("Đăk Rve", "Đăk Kôi", "Đăk Tờ Re", "Tân Lập", "Kon Braih", "A Lưới", "Ia H'Drai", "Bờ Y"),
    *("Hà Mòn", "Đoàn Kết", "Sa Thầy", "Măng Đen", "Thôn 12", "Làng Kon Vang", "Đăk Wớt", "Sơn Hà"),
    *("Lê Lợi", "Trần Hưng Đạo", "Nguyễn Trãi", "Lý Sơn", "TDP 3", "Xơ Đăng", "Ba Na", "Gia Rai"),
    *("Giẻ Triêng", "Hà Nhì", "La Chí", "Rơ Măm", "Kinh", "Tổng cộng", "Toàn huyện"),
)
NO_LISTS: dict[str, tuple[str, Rows]] = {
    "a form": ("F1", FORM),
    "an empty sheet": ("Sheet1", []),
    "empty rows": ("Sheet1", [[], ["", None]]),
    **{f"a form of {place}": ("F1", form(*counts(place))) for place in PLACES},
    "wards after people": (
        "F1",
        form(*counts("Lê Lợi", "Nguyễn Trãi", "Trần Hưng Đạo", "Ngô Mây")),
    ),
    "places in capitals": ("F1", form(*counts(*map(str.upper, PLACES)))),
    "places in separate marks": ("F1", form(*counts(*map(apart, PLACES)))),
    "places without marks": ("F1", form(*counts(*map(unmarked, PLACES)))),
    "peoples as headings": (
        "F9",
        [
            ["Kinh", "Xơ Đăng", "Ba Na", "Thái", "Mường", "La Ha"],
            [12.0, 1985.0, 3.0, 4.0, 5.0, 6.0],
        ],
    ),
    "female heads counted": ("F12", [["Thôn", "Hộ có chủ hộ là nữ"], ["Thôn 1", 12.0]]),
    "chủ hộ above nam, nữ": (
        "F12",
        [["Thôn", "Chủ hộ", ""], ["", "Nam", "Nữ"], ["Thôn 1", 1.0, 2.0]],
    ),
    "Chủ hộ là nữ": ("F12", [["Thôn", "Chủ hộ là nữ"], ["Thôn 1", 12.0]]),
    "telephones counted": ("F7", [["Thôn", "Điện thoại", "Ti vi"], ["Thôn 1", 120.0, 80.0]]),
    "born within the year counted": ("x", [["Thôn", "Trẻ em sinh trong năm"], ["Thôn 1", 2.0]]),
    "the largest counts": ("F1", form([1.0, "Đăk Rve", 99_999_999.0, 1e8, 1e30, "9" * 20])),
    "a slip beside a place": ("F1", form([1.0, "Đăk Tơ Lung", 1_234_567_890.0])),
    "money beside places": (
        "x",
        [["Tân Lập", 1.5e9], ["Đăk Rve", 62_085_001_234.0], ["Hà Nội", 2e11]],
    ),
    "groups by letter, with money": ("x", [["A", "Tổng số", 1.5e9], ["B", "Vốn vay", 1e9]]),
    "two lines a unit": ("F2", form([1.0, "A Lưới", "Hộ", 1990.0], ["", "", "Nhân khẩu", 8000.0])),
    "years in a long table": (
        "x",
        [["Tân Lập", y, "Hộ nghèo", 1834.0] for y in (2021, 2022, 2023)],
    ),
    "a signatory alone": ("x", [["CHỦ TỊCH"], [], ["Nguyễn Văn Bình"]]),
    "who signs, and when": ("x", [["Người ký: Nguyễn Văn Bình", "Ngày ký: 05.12.2024 14:30"]]),
    "a contact": ("F1", [["Người liên hệ: Nguyễn Văn A, ĐT 0905123456"], *FORM]),
    "a contact in the foot": ("F1", [*FORM, ["Người lập biểu: Y Hlan", "", "ĐT: 0905 123 456"]]),
    "a contact without marks": ("F1", [["Nguoi lien he: Nguyen Van A - DT: 0905123456"], *FORM]),
    "a contact in cells": (
        "F1",
        [["Họ và tên", "Nguyễn Văn A", "Chức vụ", "Cán bộ", "Điện thoại", "0905123456"], *FORM],
    ),
    "two contacts": (
        "F1",
        [["CHỦ TỊCH A Brê, ĐT 0905123456"], ["Kế toán Y Hlan, ĐT 0905123457"], *FORM],
    ),
    "the office's telephone": ("F1", [["UBND xã Tân Lập", "Điện thoại: 0260.3822.123"], *FORM]),
    "a note about lists": ("F1", [*FORM, ["Danh sách chi tiết hộ nghèo lưu tại xã."]]),
    "a list sent along": ("F1", [["(Có danh sách chi tiết kèm theo)"], *FORM]),
    "a list of places": ("x", [["DANH SÁCH CÁC XÃ ĐẶC BIỆT KHÓ KHĂN"], ["Đăk Kôi"], ["Đăk Pne"]]),
    "three signatures": (
        "F1",
        [*FORM, ["Nguyễn Văn Bình", "Trần Thị Cúc", "Y Hlan", "ngày 5 tháng 12 năm 2024"]],
    ),
    "seven signed tables on one sheet": (
        "F1",
        [
            row
            for number in range(7)
            for row in (
                *FORM,
                [],
                ["", f"Nguyễn Thị B{'áéíóúýâ'[number]}n", "", f"A K{'áéíóúýâ'[number]}n"],
            )
        ],
    ),
    "years of provinces": ("x", [["Quang Ngai", y, 2.5] for y in (2021.0, 2022.0, 2023.0)]),
    "a name typed into a number cell": ("F1", form([1.0, "Đăk Rve", "A Brê 12"])),
    "dates of papers": ("x", [["QĐ 24/2021/QĐ-TTg ngày 16/7/2021", "giai đoạn 2022-2025"]] * 4),
    "every heading in capitals": (
        "x",
        [[h.upper() for f in forms().values() for c in f.columns for h in c.heading]],
    ),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_list_is_seen(case: str):
    assert lists_people(*LISTS[case])


@pytest.mark.parametrize("case", NO_LISTS)
def test_a_form_is_no_list(case: str):
    assert not lists_people(*NO_LISTS[case])


def test_no_sheet_of_the_sample_is_a_list():
    files = sorted((Path(__file__).parents[2] / "data" / "sample").glob("20*/*.xlsx"))
    assert files
    for file in files:
        workbook = CalamineWorkbook.from_path(str(file))
        for name in workbook.sheet_names:
            cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            assert not lists_people(name, cells), (file.name, name)


# --- Planted lists, random counts ------------------------------------------------------------

KINH = st.builds(
    lambda *parts: " ".join(parts),
    st.sampled_from(["Nguyễn", "Trần", "Đinh", "Phạm", "Lê", "Hồ", "Đỗ", "Võ"]),
    st.sampled_from(["Văn", "Thị", "Thị Hồng", "Đức", "Minh"]),
    st.sampled_from(["An", "Bảo", "Cúc", "Dũng", "Hạnh", "Nga", "Thu", "Tuấn"]),
)
HIGHLAND = st.builds(
    lambda *parts: " ".join(parts),
    st.sampled_from(["A", "Y"]),
    st.sampled_from(["Brê", "Hlan", "Nhỡ", "Thị Ngọc", "Klơng", "Jring", "Văn Hiếu"]),
)
SPELLINGS = st.sampled_from([str, str.upper, apart, unmarked])
NAMES = st.builds(lambda name, spell: str(spell(name)), KINH | HIGHLAND, SPELLINGS)
IDS = (
    st.integers(200_000_000, 250_000_000).map(str)
    | st.integers(200_000_000, 250_000_000).map(float)
    | st.integers(62_000_000_000, 62_399_999_999).map(float)
    | st.integers(62_000_000_000, 62_399_999_999).map(lambda number: f"0{number}")
)
TELEPHONES = (
    st.integers(900_000_000, 989_999_999).map(float)
    | st.integers(900_000_000, 989_999_999).map(lambda number: f"0{number}")
    | st.integers(900_000_000, 989_999_999).map(
        lambda n: f"+84 {n // 10**6} {n // 1000 % 1000:03d} {n % 1000:03d}"
    )
)


@st.composite
def people(draw: st.DrawFn) -> list[Any]:
    """A row that tells of one person, with what stands between name and number."""
    name, number = draw(NAMES), draw(IDS | TELEPHONES)
    between = draw(st.lists(st.sampled_from(["", "Xơ Đăng", "Thôn 3", "x", 5.0]), max_size=3))
    return draw(st.sampled_from([[name, *between, number], [number, *between, name]]))


@given(
    rows=st.lists(people(), min_size=3, max_size=6),
    start=st.integers(0, len(FORM)),
    columns=st.integers(0, 60),
    share_rows=st.booleans(),
)
def test_a_planted_list_is_found(rows: Rows, start: int, columns: int, share_rows: bool):
    planted = right(rows, columns)
    apart_from_form = [*FORM[:start], *planted, *FORM[start:]]
    assert lists_people("F1", beside(FORM, planted, 8) if share_rows else apart_from_form)


@given(
    years=st.lists(st.integers(1930, 2024), min_size=3, max_size=6),
    names=st.lists(NAMES, min_size=6, max_size=6, unique_by=lambda name: unmarked(name).lower()),
    start=st.integers(0, len(FORM)),
    alone=st.booleans(),
)
def test_planted_years_of_birth_are_found(
    years: list[int], names: list[str], start: int, alone: bool
):
    planted: Rows = [[name, float(year)] for name, year in zip(names, years, strict=False)]
    assert lists_people("F1", planted if alone else [*FORM[:start], *planted, *FORM[start:]])


COUNTS = st.none() | st.integers(0, 99_999_999) | st.floats(0, 99_999_999)
VILLAGES = st.integers(1, 20).map(lambda number: f"Thôn {number}") | st.sampled_from(
    ["Làng Kon Vang", "Kon Lỗ", "Đăk Wớt", "Trăng Nó", "Kon Rá", "Tea Reang", "TDP 3"]
)


@given(st.lists(st.tuples(st.sampled_from(PLACES) | VILLAGES, st.lists(COUNTS, max_size=14))))
def test_places_with_counts_never_are(rows: Sequence[tuple[str, list[Any]]]):
    table = [[float(n), place, *figures] for n, (place, figures) in enumerate(rows, 1)]
    assert not lists_people("F1", form(*table))


# --- Names of sheets -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("Sheet1", "Sheet1 (2)", "F14", "F2 (2)", "Mẫu 14", "Mẫu số 1", "Biểu 15", "Tổng hợp"),
        *("Danh sách chi tiết hộ nghèo", "DS hộ cận nghèo", "DSHN", "Hướng dẫn", "Năm 2024", "FTX"),
    ],
)
def test_ordinary_names_are_shown(name: str):
    assert masked_sheet_name(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("A Brê", "• •••"),
        ("Nguyễn Văn An", "•••••• ••• ••"),
        ("Hộ A Brê", "•• • •••"),
        ("F14 A Brê", "•14 • •••"),
        ("Trang", "•••••"),
        ("0905 123 456", "•••• ••• •••"),
    ],
)
def test_a_sheet_called_after_a_person_is_hidden(name: str, shown: str):
    assert masked_sheet_name(name) == shown
    assert masked_sheet_name(unicodedata.normalize("NFC", name)) == shown
