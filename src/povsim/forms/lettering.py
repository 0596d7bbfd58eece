"""Legacy Vietnamese lettering: TCVN3 (.VnTime) and VNI text recognised and turned into Unicode.

Old fonts drew Vietnamese letters over those of Western code pages; files made with them hold
`Hé nghÌo` or `Hoä ngheøo` for “Hộ nghèo”. One sheet is taken to be in one lettering.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

Lettering = Literal["", "TCVN3", "VNI", "UTF-8", "unknown"]
Cells = list[list[Any]]

ASCII_AND_SHARED = "àáâãèéêìíòóôõùúýÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ"
"""Vietnamese letters that Western code pages hold as well: they prove nothing."""

OWN_LETTER = re.compile("[ăđơưĂĐƠƯĩũĨŨ\u1ea0-\u1ef9\u0300-\u0303\u0306\u0309\u031b\u0323]")
"""A letter, or a mark typed apart, that only Unicode Vietnamese has."""

FORM_WORDS = (
    "hộ nghèo cận tổng số xã nhân khẩu tỷ lệ biểu mẫu năm thoát mức sống trung bình dân tộc thiểu "
    "thị trấn huyện tỉnh đầu kỳ cuối khác giảm tăng kết quả rà soát chính thức hợp diễn biến phân "
    "tích các chỉ thiếu hụt việc làm người nhà ở nước trẻ em theo và của không có cộng đơn vị"
)
WORDS = frozenset(FORM_WORDS.split())
"""Words of the official forms: what a right conversion brings to light."""

LEAST_WORDS = 3
LEAST_FOREIGN = 5
"""So many letters beyond ASCII that nothing explains are told; fewer may be a foreign name."""

TCVN3 = dict(
    zip(
        "\xb5\xb8\xb6\xb7\xb9\xa8\xbb\xbe\xbc\xbd\xc6\xa9\xc7\xca\xc8\xc9\xcb\xae"
        "\xcc\xd0\xce\xcf\xd1\xaa\xd2\xd5\xd3\xd4\xd6\xd7\xdd\xd8\xdc\xde"
        "\xdf\xe3\xe1\xe2\xe4\xab\xe5\xe8\xe6\xe7\xe9\xac\xea\xed\xeb\xec\xee"
        "\xef\xf3\xf1\xf2\xf4\xad\xf5\xf8\xf6\xf7\xf9\xfa\xfd\xfb\xfc\xfe"
        "\xa1\xa2\xa3\xa4\xa5\xa6\xa7",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂÊÔƠƯĐ",
        strict=True,
    )
)

_MARKS = ["ø", "ù", "û", "õ", "ï"]
_ROUND = {"a": ("â", "à á å ã ä"), "e": ("ê", "à á å ã ä"), "o": ("ô", "à á å ã ä")}
_TONES = {
    "a": "àáảãạ",
    "â": "ầấẩẫậ",
    "ă": "ằắẳẵặ",
    "e": "èéẻẽẹ",
    "ê": "ềếểễệ",
    "i": "ìíỉĩị",
    "o": "òóỏõọ",
    "ô": "ồốổỗộ",
    "ơ": "ờớởỡợ",
    "u": "ùúủũụ",
    "ư": "ừứửữự",
    "y": "ỳýỷỹỵ",
}


def _vni() -> dict[str, str]:
    """VNI's sequences: a base letter, then a letter that stands for its marks."""
    lower = {"ñ": "đ", "ô": "ơ", "ö": "ư", "aâ": "â", "eâ": "ê", "oâ": "ô", "aê": "ă"}
    for base, stands in (("a", "a"), ("e", "e"), ("o", "o"), ("u", "u"), ("y", "y")):
        lower |= {base + m: t for m, t in zip(_MARKS, _TONES[stands], strict=True)}
    for base, stands in (("ô", "ơ"), ("ö", "ư")):
        lower |= {base + m: t for m, t in zip(_MARKS, _TONES[stands], strict=True)}
    for base, (stands, marks) in _ROUND.items():
        lower |= {base + m: t for m, t in zip(marks.split(), _TONES[stands], strict=True)}
    lower |= {"a" + m: t for m, t in zip(["è", "é", "ú", "ü", "ë"], _TONES["ă"], strict=True)}
    lower |= dict(zip(["ì", "í", "æ", "ó", "ò"], _TONES["i"], strict=True)) | {"î": "ỵ"}
    upper = {old.upper(): new.upper() for old, new in lower.items()}
    mixed = {old[0].upper() + old[1:]: new.upper() for old, new in lower.items() if len(old) > 1}
    return lower | mixed | upper


VNI = _vni()
_VNI_LETTER = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))
_TCVN3_LETTERS = str.maketrans(TCVN3)


def from_tcvn3(text: str) -> str:
    """Text of a .VnTime font as Unicode; its capitals with marks come out small.

    >>> from_tcvn3("Hé nghÌo")
    'Hộ nghèo'
    """
    return text.translate(_TCVN3_LETTERS)


def from_vni(text: str) -> str:
    """Text of a VNI font as Unicode.

    >>> from_vni("Hoä ngheøo")
    'Hộ nghèo'
    """
    return _VNI_LETTER.sub(lambda match: VNI[match[0]], text)


def from_utf8(text: str) -> str:
    """UTF-8 that was read as a Western code page, read again; itself where it is not that.

    >>> from_utf8("Há»\x99 nghÃ¨o")
    'Hộ nghèo'
    """
    try:
        return b"".join(_western(letter) for letter in text).decode("utf-8")
    except UnicodeError:
        return text


def _western(letter: str) -> bytes:
    """The byte that Windows shows as this letter; what it has no letter for stays itself."""
    return letter.encode("latin-1" if letter <= "\xff" else "cp1252")


CONVERSIONS: dict[Lettering, Callable[[str], str]] = {
    "TCVN3": from_tcvn3,
    "VNI": from_vni,
    "UTF-8": from_utf8,
}


def unicode_of(cells: Cells) -> tuple[Cells, Lettering]:
    """A sheet's cells in Unicode, and the lettering that they were written in.

    "" for Unicode itself (nothing is changed), "unknown" for letters that nothing explains.
    """
    if any(OWN_LETTER.search(cell) for row in cells for cell in row if type(cell) is str):
        return cells, ""  # mostly the very first text
    texts = [cell for row in cells for cell in row if type(cell) is str]
    lettering = lettering_of(" ".join(texts))
    if lettering in ("", "unknown"):
        return cells, lettering
    convert = CONVERSIONS[lettering]
    return [[convert(c) if isinstance(c, str) else c for c in row] for row in cells], lettering


def lettering_of(text: str) -> Lettering:
    """The lettering of a text, by the words of the forms that each conversion brings to light."""
    if text.isascii() or OWN_LETTER.search(text):
        return ""
    found = {kind: known_words(convert(text)) for kind, convert in CONVERSIONS.items()}
    best = max(found, key=lambda kind: found[kind])
    as_it_is = known_words(text)
    if found[best] > as_it_is and found[best] >= LEAST_WORDS:
        return best
    foreign = sum(letter > "\x7f" and letter not in ASCII_AND_SHARED for letter in text)
    return "unknown" if as_it_is < LEAST_WORDS and foreign >= LEAST_FOREIGN else ""


def known_words(text: str) -> int:
    """How many of the forms' own words, those with marks, a text holds."""
    words: Iterable[str] = re.findall(r"[^\W\d_]+", text.lower())
    return sum(word in WORDS and not word.isascii() for word in words)
