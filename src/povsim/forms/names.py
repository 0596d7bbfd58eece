"""What a person's name is, and what an identity or telephone number: the marks of a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import groupby

SMALLEST_ID = 100_000_000
"""Nine digits; no count is as large, and identity and telephone numbers are no smaller."""
BORN = (1900, 2030)


def bare(text: str) -> str:
    """Letters without their marks."""
    same = text.replace("đ", "d").replace("Đ", "D").replace("ð", "d").replace("Ð", "D")
    parts = unicodedata.normalize("NFKD", same.replace("’", "'"))
    return parts.encode("ascii", "ignore").decode()


def words_of(joined: str) -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in joined.split())


# What a name is ..............................................................................

FAMILIES = words_of(
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn đào trịnh"
    " trương lâm mai tô lương hà tạ vương châu cao thái quách la lò lô lã lưu triệu tống thạch kim"
    " chu cù kiều khổng nông bế hứa lường quàng tòng điêu bạch cầm mạc nghiêm ninh phùng thân vi"
    " giàng sùng thào hạng lầu vừ lù phàn ksor kpă kpuih siu nay puih rcom rmah hiao niê mlô êban"
    " byă rơ rah"
)
"""Kinh, and peoples of the highlands and the north. Words that open headings and place names more
often than people's (Danh, Mã, Sơn, Tăng, Trà …) are left out."""
BARE_FAMILIES = {bare(family) for family in FAMILIES} - words_of("tong hang lau lu quang be la vi")
"""As typed without marks, but for those that are other words then (tổng, hàng, Quảng …)."""
SHORT_NAMES = ("a", "y", "h", "k")
"""A and Y before the names of Xơ Đăng, Giẻ Triêng and Ba Na men and women; H' and K' likewise."""
TITLES = words_of("ông bà anh chị cô chú em cháu bác hộ ho ong ba chi co chu chau bac")
PLACE_WORDS = words_of("xa phuong tran huyen tinh thon lang ban buon to pho duong truong khu")
NO_NAMES = words_of(
    "y_te y_ta y_si y_sy y_hoc y_kien ly_do ly_lich chu_ky chu_ho chu_tich chu_tri nong_nghiep"
    " nong_thon nong_lam nong_dan lam_nghiep lam_san dao_tao doan_the doan_vien luong_thuc"
    " trieu_dong cao_dang cao_su ho_ngheo ho_can ho_khac ho_dan ho_gia ho_co ho_va ho_ten ho_thoat"
    " ho_khong phan_to phan_tich phan_theo phan_loai do_thieu dang_ky tong_so mai_tang kim_ngach"
    " thai_do duong_bo ha_tang nay_la"
    " ha_noi ha_giang ha_nam ha_tinh lam_dong thai_binh thai_nguyen cao_bang ninh_binh ninh_thuan"
    " la_gi ly_son k_bang a_luoi ha_mon doan_ket ro_koi"
    " ha_nhi chu_ru la_chi la_ha la_hu lo_lo cao_lan ro_mam"
)
"""How headings, places and peoples begin that look like a name: their first two words, folded."""
PLACES_AFTER_PEOPLE = words_of(
    "le_loi nguyen_trai tran_hung_dao ngo_may ngo_quyen tran_phu le_hong_phong nguyen_hue nguyen_du"
    " nguyen_nghiem truong_quang_trong ly_thuong_kiet phan_dinh_phung hoang_van_thu vo_thi_sau"
    " ho_chi_minh le_thanh_ton dang_thuy_tram"
)
"""Wards and communes: a person so called is seen in the other rows of a list."""
NO_GIVEN_NAMES = words_of("tong cong thu chi xa huyen tinh muc phan khu von thon lang")
SMALL_NAME = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(FAMILIES | BARE_FAMILIES))}|a|y) (?:văn|van|thị|thi) [^\W\d_]+"
)
"""In small letters only a middle name tells a name from other words."""
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
LONGEST_NAME = 6


def names_in(text: str) -> list[str]:
    """The names that stand in a text, each between other signs or small words."""
    pieces = re.split(r"[^\w\s']|[\d_\n]+", text)
    found = [name for piece in pieces for name in _names_in_piece(piece.split())]
    return found + (SMALL_NAME.findall(text) if text.islower() else [])


def _names_in_piece(words: list[str]) -> Iterator[str]:
    """Runs of large words, but for what a place word comes before ("phường Lê Lợi")."""
    before = ""
    for large, group in groupby(words, lambda word: word[:1].isupper()):
        run = list(group)
        name = next(filter(_is_name, _untitled(run)), None) if large else None
        if name and unmarked(before) not in PLACE_WORDS:
            yield " ".join(name)
        before = run[-1]


def _untitled(words: list[str]) -> Iterator[list[str]]:
    """The words as they are, then without the titles before them ("Hộ Ông A Brê")."""
    yield words
    while words[0].lower() in TITLES and len(words) > 2:
        words = words[1:]
        yield words


def _is_name(words: list[str]) -> bool:
    if len(words) > LONGEST_NAME or not all(map(WORD.fullmatch, words)):
        return False
    plain = unmarked(" ".join(words))
    if " ".join(plain.split()[:2]) in NO_NAMES or plain in PLACES_AFTER_PEOPLE:
        return False
    if words[0] in ("A", "Y"):
        return len(words) > 1 and all(len(word) > 1 for word in words[1:])
    one_of_family = len(words) > 1 and words[0].lower() in FAMILIES | BARE_FAMILIES
    return one_of_family or (words[0].startswith(("H'", "K'", "Y'")) and len(words[0]) > 3)


def is_split(first: str, second: str) -> bool:
    """Whether two neighbouring cells hold the parts of one name: "Nguyễn" and "Văn A"."""
    words = [*first.split(), *second.split()]
    if len(first.split()) != 1:
        return False
    whole = _is_name(words) and all(word[0].isupper() for word in words)
    if first in ("A", "Y"):  # also the letter of a group of rows: "A", "Tổng cộng"
        return whole and len(words) == 2 and unmarked(second) not in NO_GIVEN_NAMES
    return whole


# What a number is ............................................................................

LONG_NUMBER = re.compile(r"(?<!\d)(?:\d[ .\-]{0,3}){8,14}\d(?!\d)")
DATE = re.compile(r"(?<!\d)\d{1,2}\s?[./\-]\s?\d{1,2}\s?[./\-]\s?(\d{4})(?!\d)")
YEAR = re.compile(r"(?<!\d)(?:19\d\d|20[0-2]\d|2030|\d{1,2}[./\-]\d{1,2}[./\-]\d\d)(?!\d)")
PAPER_DATE = re.compile(r"\bthang\b|\bgiai doan\b|\b(?<!sinh )nam (?:19|20)\d\d\b")


def digits_of(value: object) -> str:
    """The digits of a number cell that is no count, or nothing."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    if not SMALLEST_ID <= value < 1e15 or value != int(value):
        return ""
    return str(int(value))


def long_numbers_in(text: str) -> list[str]:
    dateless = DATE.sub("|", text)
    return [re.sub(r"\D", "", match[0]) for match in LONG_NUMBER.finditer(dateless)]


def is_birth(value: float | date) -> bool:
    year = value.year if isinstance(value, date) else value
    return BORN[0] <= year <= BORN[1] and year == int(year)


def count_births(text: str) -> int:
    """Years in a text, unless they date a paper ("tháng 12 năm 2024")."""
    return 0 if PAPER_DATE.search(unmarked(text)) else len(YEAR.findall(text))


# Spelling ....................................................................................


def spelled(text: str) -> str:
    """Composed letters, one kind of apostrophe; marks that no letter composes with are dropped."""
    same = unicodedata.normalize("NFKC", text).replace("ð", "đ").replace("Ð", "Đ")
    bare = "".join(c for c in same if unicodedata.category(c) not in ("Mn", "Cf"))
    return re.sub(r"[^\S\n]+", " ", re.sub(r"[’‘ʼ`´]", "'", bare.replace("\r", "\n"))).strip()


def unmarked(text: str) -> str:
    """Small letters without marks, and digits: `Họ, tên (chủ hộ)` is `ho ten chu ho`.

    Not `units.folded`, which remembers what it was asked.
    """
    return " ".join(re.findall("[a-z0-9]+", bare(text).lower()))
