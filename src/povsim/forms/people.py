"""Lists of people: a sheet that names persons is recognised, so that nothing of it is kept.

Five signs, any one of them enough: a title, headings, a name beside a long number, names beside
years of birth, or names and nothing else. Officers who sign or answer the telephone are no list.
Every sheet gets the quick look, which only asks whether the careful one is worth its time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from itertools import chain, pairwise
from typing import Any

from povsim.findings import masked
from povsim.forms.catalogue import forms
from povsim.forms.names import (
    FAMILIES,
    SHORT_NAMES,
    SMALLEST_ID,
    TITLES,
    bare,
    count_births,
    digits_of,
    is_birth,
    is_split,
    long_numbers_in,
    names_in,
    spelled,
    unmarked,
)

Cells = list[list[Any]]

FEWEST_ROWS = 3
"""So many rows make a list where one alone proves nothing, as a name with a year."""
FEWEST_NAMES = 5
"""So many names make a list with nothing beside them; fewer may be signatures."""
OFFICERS_AT_MOST = 2
"""People of a sheet who may sign or be called; a third one with a number makes a list."""

# --- The door --------------------------------------------------------------------------------


def lists_people(sheet_name: str, cells: Cells) -> bool:
    """Whether a sheet is a list of people, or holds one anywhere.

    >>> lists_people("Sheet1", [["A Brê", "233 123 456"]])
    True
    >>> lists_people("Sheet1", [["Đăk Rve", 123], ["Người liên hệ: A Brê", "ĐT 0905 123 456"]])
    False
    """
    return _is_list_name(sheet_name) or (_deserves_a_look(cells) and _holds_list(cells))


def masked_sheet_name(name: str) -> str:
    """A sheet's name as a finding may show it: a sheet may be called after a person.

    >>> masked_sheet_name("Mẫu 14"), masked_sheet_name("A Brê"), masked_sheet_name("0905123456")
    ('Mẫu 14', '• •••', '••••••••••')
    """
    if ORDINARY_NAME.fullmatch(unmarked(name)):
        return name
    hidden = masked(name)
    return re.sub(r"\d", "•", hidden) if sum(map(str.isdigit, name)) >= 9 else hidden


ORDINARY_NAME = re.compile(
    r"(?:sheet ?\d*|trang tinh ?\d*|f ?\d{1,2}|f?tx|(?:mau|bieu|bm|phu luc)(?: so)? ?(?:\d{1,2}|tx)"
    r"|(?:danh sach|ds)(?: chi tiet)?(?: ho)?(?: can)?(?: ngheo)?|ds ?hc?n"
    r"|tong hop|ghi chu|muc luc|huong dan|kiem tra|phat hien|nam \d{4}|\d{1,2})(?: \d{1,2})?"
)
LIST_NAME = re.compile(r"(?:f|(?:mau|bieu|bm)(?: so)?) ?1[45](?: \d{1,2})?|ds ?hc?n(?: .*)?")
LIST_TITLE = re.compile(
    r"(?:(?:mau|bieu|bang|phu luc|tong hop)(?: so)?(?: (?:\d+|[ivx]+))? )?(?:danh sach|ds)"
    r"(?: (?:chi tiet|cac|ten))* (?:ho(?! so)|chu ho|ca nhan|gia dinh|nhan khau|thanh vien|nguoi"
    r"|tre em|doi tuong|hoc sinh|can bo|cong dan|hoi vien|chi tiet$)\b"
    r"(?!.*\b(?:gui kem|dinh kem|kem theo$|luu tai|khong gui))"
)
"""A note about a list ("danh sách chi tiết hộ nghèo gửi kèm") is none."""


def _is_list_name(sheet_name: str) -> bool:
    if sheet_name in forms():
        return False
    plain = unmarked(sheet_name)
    return bool(LIST_NAME.fullmatch(plain) or LIST_TITLE.match(plain))


# --- The quick look --------------------------------------------------------------------------

LIST_WORDS = (
    *("ho ten", "va ten", "ho, ten", "ho dem", "| ten |", "ten nguoi", "ten ho", "ten doi tuong"),
    *("chu ho", "thanh vien", "quan he", "danh sach", "chi tiet"),
    *("cccd", "cmnd", "cmtnd", "cmt", "can cuoc", "chung minh", "dinh danh", "ho chieu", "giay to"),
    *("nam sinh", "ngay sinh", "thang sinh", "sinh nam", "sinh ngay", "| sinh"),
    *("dien thoai", "| thoai", "di dong", "dtdd", "sdt", "so dt"),
)
RAREST_WORDS = frozenset(max(reversed(re.findall(r"\w+", w)), key=len) for w in LIST_WORDS)
"""The one of each that tells most; asking for these first is quicker."""
NINE_DIGITS = re.compile(r"\d(?:[ .\-]{0,3}\d){8}")
CAPTIONS = (
    *("STT", "Xã, thị trấn", "Xã/thị trấn", "Đơn vị", "Phân tổ", "Hộ", "Nhân khẩu", "Số hộ"),
    *("Tỷ lệ", "Tỷ lệ (%)", "Tổng cộng", "NGƯỜI LẬP BIỂU", "Người lập biểu", "CHỦ TỊCH"),
    *("TM. ỦY BAN NHÂN DÂN", "TM. UBND XÃ", "(Ký, ghi rõ họ tên)", "(Ký, họ tên)"),
    *("(Ký, ghi rõ họ tên, đóng dấu)", "(Ký, họ tên, đóng dấu)", "(Ký tên, đóng dấu)"),
)


@cache
def _ordinary() -> frozenset[object]:
    """Texts of the official forms, which need no look: most of what sheets hold."""
    described = (
        (form.title, *chain.from_iterable((c.code, *c.heading) for c in form.columns))
        for form in forms().values()
    )
    numbers = (f"Mẫu số {form.number}" for form in forms().values())
    return frozenset([*chain.from_iterable(described), *numbers, *CAPTIONS, ""])


def _deserves_a_look(cells: Cells) -> bool:
    ordinary = _ordinary()
    odd = [
        cell
        for row in cells
        for cell in row
        # Cheapest first: most cells are blank, then of the form, then counts.
        if cell and cell not in ordinary and (cell.__class__ is not float or cell >= SMALLEST_ID)
    ]
    texts = [cell for cell in odd if cell.__class__ is str]
    numbers = (cell for cell in odd if isinstance(cell, (int, float)))
    large = len(texts) < len(odd) and any(number >= SMALLEST_ID for number in numbers)
    return large or _hint_at_people("|".join(texts))


@lru_cache(maxsize=32)  # the sheets of a file mostly share the few texts that are their own
def _hint_at_people(texts: str) -> bool:
    """Whether texts hold a word of lists, a long number, or as many names as a list has."""
    letters = bare(texts)
    words = letters.lower().translate(NO_LETTERS).split()
    openings = _openings()
    names = len([word for word in words if word in openings]) - (CODE_ROW in letters)
    return (
        (not RAREST_WORDS.isdisjoint(words) and _holds_list_words(letters))
        or NINE_DIGITS.search(letters) is not None
        or (names >= FEWEST_ROWS and _count_openings(letters) >= FEWEST_ROWS)
    )


CODE_ROW = "|A|B|"
"""The "A" of a form's row of codes opens no name."""
NO_LETTERS = {code: " " for code in range(128) if not chr(code).isalpha()}


def _holds_list_words(letters: str) -> bool:
    words = " ".join(f"|{letters}|".lower().replace("|", " | ").split())
    return any(word in words for word in LIST_WORDS)


def _count_openings(letters: str) -> int:
    """How many lines begin as a name does."""
    openings = _openings()
    lines = LINE_END.sub("|", letters).split("|")
    return sum([_first_word(line) in openings for line in lines]) - (CODE_ROW in letters)


LINE_END = re.compile(r"[\n\r;,:(]")


def _first_word(line: str) -> str:
    """The first word, folded, unless small words follow it as in a heading ("Hộ cận nghèo")."""
    word, _, rest = line.lstrip(" 0123456789.)-+*/").partition(" ")
    low = word.lower().partition("'")[0]
    small = rest.islower() if low in TITLES else rest[:1].islower()
    return "" if small and not rest.startswith(("van ", "thi ")) else low


@cache
def _openings() -> frozenset[str]:
    return frozenset(map(bare, (*FAMILIES, *SHORT_NAMES, *TITLES)))


# --- The careful look ------------------------------------------------------------------------


def _holds_list(cells: Cells) -> bool:
    rows = [_Row.of(row) for row in cells]
    return (
        _is_titled(rows)
        or _is_headed(rows)
        or _is_identified(rows)
        or _is_dated(rows)
        or _is_named(rows)
    )


@dataclass(frozen=True)
class _Row:
    """One row: its texts, and its numbers and dates, by column."""

    texts: dict[int, str]
    values: dict[int, float | date]

    @classmethod
    def of(cls, row: list[Any]) -> _Row:
        texts = {n: spelled(c) for n, c in enumerate(row) if isinstance(c, str) and c.strip()}
        known = (int, float, date)
        values = {n: c for n, c in enumerate(row) if isinstance(c, known)}
        # A .csv knows no numbers: its counts are texts.
        typed = {n: int(text) for n, text in texts.items() if re.fullmatch(r"\d{1,8}", text)}
        return cls(texts, {**values, **typed})

    @cached_property
    def plain(self) -> dict[int, str]:
        return {column: unmarked(text) for column, text in self.texts.items()}

    @cached_property
    def told(self) -> str:
        """All its texts, folded: what tells one person's row from another's."""
        return " | ".join(self.plain.values())

    @cached_property
    def names(self) -> list[str]:
        openings = _openings()
        likely = [n for n, plain in self.plain.items() if not openings.isdisjoint(plain.split())]
        whole = [name for column in likely for name in names_in(self.texts[column])]
        split = pairwise(self.texts.values()) if likely else ()
        return whole + [
            f"{one} {two}"
            for one, two in split
            if not HEADING.match(unmarked(two)) and is_split(one, two)
        ]

    @cached_property
    def long_numbers(self) -> list[str]:
        """Identity, telephone and insurance numbers: 9 to 15 digits."""
        numbers = [digits_of(value) for value in self.values.values()]
        found = (long_numbers_in(text) for text in self.texts.values())
        return [number for number in numbers if number] + list(chain.from_iterable(found))

    @cached_property
    def is_officers(self) -> bool:
        """Whether it names who signs or is called, with no number but a telephone's."""
        called = all(TELEPHONE.fullmatch(number) for number in self.long_numbers)
        return called and bool(OFFICE.search(self.told)) and not HOUSEHOLD.search(self.told)

    def births(self, columns: set[int]) -> int:
        """How many years of birth: in the columns that hold such, and in its texts."""
        values = [value for column, value in self.values.items() if column in columns]
        written = (text for n, text in self.texts.items() if n not in self.values)
        return sum(map(is_birth, values)) + sum(map(count_births, written))


ROLE = (
    r"nguoi (?:lap|lien he|bao cao|tong hop|kiem tra|ky|phu trach|nhap|gui|duyet)|lien he|dau moi"
    r"|can bo|cong chuc|chuyen vien|phu trach|chu tich|thu truong|truong phong|ke toan"
    r"|ky (?:ten|boi|ghi|thay|va)|da ky|tm|kt"
)
OFFICE = re.compile(rf"\b(?:{ROLE}|dien thoai|dt|sdt|dtdd|di dong|tel|email)\b")
SIGNING = re.compile(rf"\b(?:{ROLE}|dong dau)\b")
SIGNATURE_ROWS = 6
"""Rows from a signatory's office down to the name, with room for stamp and signature."""
HOUSEHOLD = re.compile(r"\b(?:chu ho|ho ngheo|can ngheo|dan toc|nam sinh|sinh nam|cccd|cmnd)\b")
TELEPHONE = re.compile(r"0\d{9,10}|84\d{9,10}|[35789]\d{8}")


def _is_titled(rows: list[_Row]) -> bool:
    """A title, whole, or below others in its cell, or broken over two rows."""
    whole = chain.from_iterable(row.plain.values() for row in rows)
    texts = chain.from_iterable(row.texts.values() for row in rows)
    lines = (unmarked(line) for text in texts if "\n" in text for line in text.split("\n"))
    first = (next(iter(row.plain.values()), "") for row in rows)
    broken = (f"{above} {below}" for above, below in pairwise(first))
    return any(map(LIST_TITLE.match, chain(whole, lines, broken)))


# Headings ....................................................................................

HEADING = re.compile(
    r"(?P<name>(?:s?tt )?ho (?:va )?(?:chu )?(?:ten|dem|lot)\b|ten ho(?: dan| gia dinh)?$"
    r"|ten (?:chu ho|thanh vien|nguoi|doi tuong|ca nhan|hoc sinh|tre em)\b)"
    r"|(?P<head>chu ho$)"
    r"|(?P<identity>(?:so |ma |the )*(?:cccd|cmnd|cmtnd|cmt|can cuoc|chung minh|dinh danh|ho chieu"
    r"|giay to tuy than)\b(?!.*\b(?:don vi|co quan)\b))"
    r"|(?P<telephone>(?:so )?(?:dien thoai|sdt|dtdd|di dong)\b|so dt\b)"
    r"|(?P<birth>(?:nam|ngay|ngay thang|ngay thang nam) sinh\b|sinh (?:nam|ngay)\b)"
    r"|(?P<relation>(?:moi )?quan he(?: voi)?(?: chu ho\b|(?: \d+)?$)|stt (?:chu ho|thanh vien)\b)"
)
SPLIT_HEADING = re.compile(
    r"ho (?:va )?(?:dem )?(?:va )?ten(?: dem)?|nam sinh|quan he voi chu ho"
    r"|so (?:dinh danh|dien thoai)"
)
NO_HEADING = re.compile(rf"\b(?:ky|dong dau|khong (?:gui|ghi|nhap|dien)|{ROLE})\b")
HEADING_ROWS = 3


@dataclass(frozen=True)
class _Heading:
    kind: str
    row: int
    column: int


def _is_headed(rows: list[_Row]) -> bool:
    """Headings of a list: three kinds by themselves, two above any text, one above what it says."""
    found = [heading for number in range(len(rows)) for heading in _headings(rows, number)]
    return any(_head_a_list(rows, found, heading) for heading in found)


def _head_a_list(rows: list[_Row], found: list[_Heading], first: _Heading) -> bool:
    near = [h for h in found if first.row <= h.row < first.row + HEADING_ROWS]
    kinds = {"name" if h.kind == "head" else h.kind for h in near}
    below = rows[max(h.row for h in near) + 1 :]
    if len(kinds) > 1:
        return len(kinds) > 2 or any(map(_says_something, below))
    return any(_fits(row, first) for row in rows[first.row + 1 :])


def _headings(rows: list[_Row], number: int) -> list[_Heading]:
    """The headings in one row.

    A row with a name or a long number holds data, and its "Họ và tên" is an officer's label.
    """
    row = rows[number]
    kinds = {column: _kind_at(rows, number, column) for column in row.plain}
    found = [_Heading(kind, number, column) for column, kind in kinds.items() if kind]
    return [] if found and (row.names or row.long_numbers) else found


def _kind_at(rows: list[_Row], number: int, column: int) -> str:
    """What a cell is the heading of, also if it goes on in the rows below or the next cells."""
    plain = rows[number].plain
    if not plain[column].startswith(("ho", "nam", "quan", "so")):
        return _kind(plain[column])
    downwards = [row.plain.get(column, "") for row in rows[number : number + HEADING_ROWS]]
    onwards = [plain.get(column + step, "") for step in range(HEADING_ROWS)]
    joined = (" ".join(parts[:size]) for parts in (downwards, onwards) for size in (2, 3))
    return _kind(next(filter(SPLIT_HEADING.fullmatch, joined), plain[column]))


def _kind(plain: str) -> str:
    heading = HEADING.match(plain)
    if heading is None or NO_HEADING.search(plain):
        return ""
    return str(heading.lastgroup)


def _fits(row: _Row, heading: _Heading) -> bool:
    """Whether a row below a heading holds what it announces, there or in the column after.

    "Chủ hộ" alone also heads counts ("Chủ hộ: nam, nữ"): only a name fits it.
    """
    columns = (heading.column, heading.column + 1)
    texts = [row.texts[column] for column in columns if column in row.texts]
    match heading.kind:
        case "name" | "relation":
            return heading.column in row.texts and _says_something(row, heading.column)
        case "head":
            return bool(row.names) and any(names_in(text) for text in texts)
        case "birth":
            years = [row.values[column] for column in columns if column in row.values]
            dated = any(map(is_birth, years)) or any(map(count_births, texts))
            return dated and _says_something(row)
        case _:
            numbers = [digits_of(row.values.get(column)) for column in columns]
            return any(numbers) or any(map(long_numbers_in, texts))


def _says_something(row: _Row, column: int | None = None) -> bool:
    """Whether it holds words that are no heading, total, code or signature."""
    plain = row.plain.values() if column is None else [row.plain[column]]
    return any(
        re.search("[a-z]{2}", text)
        and not _kind(text)
        and not NO_HEADING.search(text)
        and not text.startswith(("tong", "cong"))
        for text in plain
    )


# Names beside numbers ........................................................................

IDENTITY_LABEL = re.compile(r"\b(?:cccd|cmnd|cmt|can cuoc|chung minh|dinh danh)\b")
HEAD_LABEL = re.compile(r"(?:ho (?:va )?ten |ten )?chu ho(?: [1-9])?(?! la| nu| nam| co| dan)\b")


def _named(rows: list[_Row]) -> list[_Row]:
    """Rows that name people, without the few officers that any form may name."""
    named = [row for row in rows if row.names]
    others = [row for row in named if not row.is_officers]
    return others if len(named) - len(others) <= OFFICERS_AT_MOST else named


def _is_identified(rows: list[_Row]) -> bool:
    """A name beside a long number or "chủ hộ"; an ID that says so; or unnamed typed numbers."""
    named = any(row.long_numbers or _names_a_head(row) for row in _named(rows))
    return named or any(map(_labels_identity, rows)) or sum(map(_is_typed_id, rows)) >= FEWEST_ROWS


def _names_a_head(row: _Row) -> bool:
    return any(HEAD_LABEL.match(text) for text in row.plain.values())


def _labels_identity(row: _Row) -> bool:
    sizes = {len(number) for number in row.long_numbers}
    return bool(sizes & {9, 11, 12}) and bool(IDENTITY_LABEL.search(row.told))


def _is_typed_id(row: _Row) -> bool:
    """Words beside a number that begins with 0 as no amount does: names we could not tell."""
    typed = any(re.fullmatch(r"(?:0|84)\d{9,11}", number) for number in row.long_numbers)
    return typed and bool(re.search("[a-z]{2}", row.told)) and not OFFICE.search(row.told)


def _is_dated(rows: list[_Row]) -> bool:
    """Several names with a year or date of birth."""
    named = _named(rows)
    columns = _birth_columns(named)
    born = {
        (row.told, number)
        for row in named
        for number in range(min(len(row.names), row.births(columns)))
    }
    return len(born) >= FEWEST_ROWS


def _birth_columns(rows: list[_Row]) -> set[int]:
    """Columns that hold hardly anything but years: one count among many may look like a year."""
    columns = set(chain.from_iterable(row.values for row in rows))
    return {column for column in columns if _holds_births(rows, column)}


def _holds_births(rows: list[_Row], column: int) -> bool:
    values = [row.values[column] for row in rows if column in row.values]
    return sum(map(is_birth, values)) >= 0.75 * len(values)


def _is_named(rows: list[_Row]) -> bool:
    """Many full names beside few numbers, which neither sign nor stand where a form names units."""
    code_row, lettered = _lettered_columns(rows)
    full = {
        (row.told, name)
        for number, row in enumerate(rows)
        if len(row.values) <= 3 and not _is_signed(rows, number)
        if number < code_row or row.texts.keys() - row.values.keys() - lettered
        for name in row.names
        if _is_full(name)
    }
    return len(full) >= FEWEST_NAMES


def _is_signed(rows: list[_Row], number: int) -> bool:
    """Whether a row stands in a block of signatures."""
    return any(
        SIGNING.search(row.told) for row in rows[max(0, number - SIGNATURE_ROWS) : number + 1]
    )


def _lettered_columns(rows: list[_Row]) -> tuple[int, set[int]]:
    """Where the code row stands, and its columns for STT, name and line, if any."""
    for number, row in enumerate(rows):
        letters = {column for column, text in row.texts.items() if text in ("A", "B", "C")}
        if len(letters) > 1:
            return number, letters
    return len(rows), set()


def _is_full(name: str) -> bool:
    """Whether it can stand for itself; headings in capitals without marks look like anything."""
    sure = len(name.split()) > 2 and not (name.isascii() and name.isupper())
    return sure or name.startswith(("A ", "Y "))
