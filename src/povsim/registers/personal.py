"""Names, identity and telephone numbers in a register: looked for first, and never repeated.

Findings say which column and why, and nothing of what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim.findings import Finding, Place
from povsim.forms.names import BARE_FAMILIES, long_numbers_in, names_in, spelled, unmarked
from povsim.forms.people import HEADING
from povsim.i18n import Word
from povsim.poverty import contract

if TYPE_CHECKING:
    from povsim.registers.files import Raw

HEADINGS = (
    *("hoten", "hovaten", "hodem", "tenho", "tenchuho", "chuho", "tennguoi", "tenthanhvien"),
    *("cccd", "cmnd", "cmtnd", "cancuoc", "chungminh", "dinhdanh", "hochieu", "giaytotuythan"),
    *("dienthoai", "sdt", "dtdd", "didong", "zalo", "facebook", "email", "thudientu"),
    *("ngaysinh", "ngaythangnamsinh", "namsinh", "diachi", "thuongtru", "sonha", "quanhevoi"),
    *("fullname", "firstname", "lastname", "surname", "phone", "mobile", "passport", "birth"),
    *("address", "identity", "idnumber", "citizen", "nationalid", "sobhyt", "sobhxh", "sohokhau"),
    *("taikhoan", "toado", "latitude", "longitude"),
)
"""Parts of a heading, folded and without spaces, under which people are told apart."""
WHOLE_HEADINGS = frozenset(("ten", "name", "tel", "dob", "gps", "cmt", "ho", "so dt", "sinh"))
HEXADECIMAL = re.compile(r"[A-Za-z]{0,4}[0-9a-fA-F]+")
TELEPHONE = r"(?:0[35789][0-9]{8}|84[35789][0-9]{8}|0(?:0[1-9]|[1-9][0-9])[0-9]{9})"
"""A mobile telephone, or a citizen's number: twelve digits that begin with a province's code."""
HIDDEN = re.compile(rf"(?:^|[^0-9])(?:{TELEPHONE})(?:[^0-9]|$)")
NINE = re.compile(r"(?:^|[^0-9])([1-9][0-9]{8})(?:[^0-9]|$)")
"""An old identity number."""
MIDDLE_NAME = re.compile(rf"(?:{'|'.join(sorted(BARE_FAMILIES))})(?:van|thi)[a-z]+")
BY_CHANCE = 0.0015
"""How often, a letter, a digest holds by chance what looks like a number of nine digits."""
MOST_TEXTS = 5_000
"""Texts of a column that are looked at: what is no answer keeps the register out anyhow."""
SMALLEST_NUMBER = 100_000_000
MONEY = 1_000
"""Incomes are told in thousands; hardly any telephone number is."""


def signs(raw: Raw) -> Iterator[Finding]:
    """What of a table looks like personal data: a finding a column, and one for the remarks."""
    known = list(contract(raw.table).columns)
    for number, (heading, cells) in enumerate(zip(raw.headings, raw.cells, strict=True), 1):
        why = _why(heading, cells, known, raw)
        if why:
            told = heading if heading in known else Word("register_cell.column", number=number)
            yield _finding(raw, told, why)
    if any(_names_or_numbers([remark]) for remark in raw.remarks):
        yield _finding(raw, Word("register_cell.remarks"), "remarks")


def _finding(raw: Raw, column: object, why: str) -> Finding:
    values = {"table": raw.table, "column": column, "why": Word(f"register_why.{why}")}
    return Finding("register_personal", Place(raw.file), values=values)


def _why(heading: str, cells: pd.Series[Any], known: list[str], raw: Raw) -> str:
    """Which sign of personal data a column shows first, or nothing."""
    if heading not in known and is_personal_heading(heading):
        return "heading"
    if _names_or_numbers([heading]):  # no headings at all: the first row is somebody's
        return "heading"
    if heading == "household":
        return _why_keys(cells, raw)
    if pd.api.types.is_bool_dtype(cells.dtype):
        return ""
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return "number" if _holds_long_numbers(cells) else ""
    return _why_texts(cells, heading)


def is_personal_heading(heading: str) -> bool:
    """Whether a heading announces names, numbers, birthdays or addresses of people.

    >>> [is_personal_heading(h) for h in ("Họ_tên", "soDienThoai", "SĐT", "farms", "so_nguoi")]
    [True, True, True, False, False]
    """
    plain = unmarked(re.sub(r"(?<=[a-zà-ỹ])(?=[A-ZĐ])", " ", heading))
    joined = plain.replace(" ", "")
    return (
        plain in WHOLE_HEADINGS
        or any(part in joined for part in HEADINGS)
        or HEADING.match(plain) is not None
    )


# --- Cells ----------------------------------------------------------------------------------------


def _holds_long_numbers(cells: pd.Series[Any]) -> bool:
    """Numbers as long as identity and telephone numbers, which are no sums of money."""
    numbers = cells.astype(pd.Float64Dtype()).dropna()
    return bool(((numbers >= SMALLEST_NUMBER) & (numbers % MONEY != 0)).any())


def _why_texts(cells: pd.Series[Any], heading: str) -> str:
    texts = [str(text) for text in cells.dropna().unique()]
    if heading == "unit":  # a code, an @ and a day
        texts = [text for text in texts if not re.fullmatch(r"[0-9]{5}(?:@[0-9-]{10})?", text)]
    money = heading == "income_vnd"
    texts = [text for text in texts if not (money and re.fullmatch(r"[1-9][0-9., ]*000", text))]
    return _names_or_numbers(texts[:MOST_TEXTS])


def _names_or_numbers(texts: Iterable[str]) -> str:
    """`name` or `number` where one of the texts holds such."""
    for text in texts:
        if len(text) >= 9 and long_numbers_in(text):
            return "number"
        if any(map(str.isalpha, text)) and names_in(spelled(text)):
            return "name"
    return ""


# --- Keys -----------------------------------------------------------------------------------------


def _why_keys(cells: pd.Series[Any], raw: Raw) -> str:
    keys = pd.Series(cells.dropna().astype(str).unique())
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return "key_number" if _holds_long_numbers(cells) else ""
    if _is_named(keys):
        return "key_name"
    return "key_number" if _is_numbered(keys, _codes(raw)) else ""


def _is_named(keys: pd.Series[Any]) -> bool:
    """Whether a key is made of a name: its words parted by signs, by capitals, or by nothing."""
    shapes = keys.str.replace(r"[0-9]+", "0", regex=True).unique()
    return any(_is_name(shape) for shape in shapes if any(map(str.isalpha, shape)))


def _is_name(key: str) -> bool:
    """
    >>> [_is_name(k) for k in ("Nguyen-Van-A0", "TranThiB0", "nguyenvana0", "ho-0", "M0ab0e")]
    [True, True, True, False, False]
    """
    if not key.isascii() or " " in key.strip():
        return bool(names_in(spelled(key)))
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", key)
    words = [word for word in re.split(r"[._\-0]+", parted) if word]
    glued = MIDDLE_NAME.fullmatch("".join(words).lower())
    together = any(len(word) > 1 for word in words[1:]) or len(words) > 2
    if not together or re.search("[A-Za-z]0+[A-Za-z]", key):
        return glued is not None
    capital = " ".join(word.capitalize() for word in words)
    return glued is not None or bool(names_in(capital))


def _is_numbered(keys: pd.Series[Any], codes: frozenset[str]) -> bool:
    """Whether keys hide a telephone's or a person's number, beyond what digests do by chance."""
    plain = keys.str.replace(r"[ ._()+\-]+", "", regex=True)
    hits = plain.str.contains(HIDDEN)
    nine = plain.str.extract(NINE)[0]
    hits |= nine.notna() & ~nine.str[:5].isin(codes).fillna(False)
    if not hits.any():
        return False
    return not _are_digests(plain, hits.to_numpy(bool))


def _are_digests(keys: pd.Series[Any], hits: np.ndarray[Any, np.dtype[np.bool_]]) -> bool:
    """Whether those that look like a number are digests among digests of the same length."""
    hexadecimal = keys.str.fullmatch(HEXADECIMAL).to_numpy(bool)
    lettered = keys.str.contains(r"[0-9][a-fA-F]").to_numpy(bool)
    lengths = keys.str.len().to_numpy(int)
    common = np.bincount(lengths).argmax()
    ordinary = hexadecimal & (lengths == common)
    expected = BY_CHANCE * common * len(keys)
    few = hits.sum() < expected + 4 * np.sqrt(expected)
    return bool(ordinary[hits].all() and few and (lettered & ordinary).mean() > 0.5)


def _codes(raw: Raw) -> frozenset[str]:
    """The codes of the units of the table: a key may begin with its unit's."""
    own = (cells for name, cells in zip(raw.headings, raw.cells, strict=True) if name == "unit")
    return frozenset(str(unit)[:5] for cells in own for unit in cells.dropna().unique())
