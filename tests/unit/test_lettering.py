"""Legacy lettering: text of old fonts is recognised and turned into Unicode, all else is left."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from povsim import forms
from povsim.forms.lettering import (
    TCVN3,
    VNI,
    from_tcvn3,
    from_utf8,
    from_vni,
    lettering_of,
    unicode_of,
)

TO_TCVN3 = {new: old for old, new in TCVN3.items()}
TO_VNI = {new: old for old, new in VNI.items() if old in (old.lower(), old.upper())}


def in_tcvn3(text: str) -> str:
    return "".join(TO_TCVN3.get(letter, letter) for letter in text)


def in_vni(text: str) -> str:
    return "".join(TO_VNI.get(letter, letter) for letter in text)


def in_utf8_misread(text: str) -> str:
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode("utf-8")
    )


WAYS = {
    "TCVN3": (in_tcvn3, from_tcvn3),
    "VNI": (in_vni, from_vni),
    "UTF-8": (in_utf8_misread, from_utf8),
}
MARKED = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
LETTERS = "abcdeghiklmnopqrstuvxy " + MARKED
APART = unicodedata.normalize("NFD", "Tổng số hộ nghèo")
EXAMPLES = [("Hé nghÌo", from_tcvn3, "Hộ nghèo"), ("Hoä ngheøo", from_vni, "Hộ nghèo")]


@pytest.mark.parametrize(("old", "convert", "new"), EXAMPLES)
def test_as_seen_in_old_files(old, convert, new):
    assert convert(old) == new


def test_every_vietnamese_letter_has_its_place():
    assert set(MARKED) <= set(TCVN3.values())
    assert set(MARKED) <= set(VNI.values())
    capitals = {letter.upper() for letter in VNI.values()}
    assert capitals <= set(VNI.values())


@pytest.mark.parametrize("way", WAYS)
@given(text=st.text(LETTERS, max_size=40))
def test_there_and_back(way, text):
    there, back = WAYS[way]
    assert back(there(text)) == text


@pytest.mark.parametrize("way", WAYS)
def test_a_sheet_in_old_lettering_is_read_as_if_it_were_not(way):
    there, _ = WAYS[way]
    form = forms.forms()["F2"]
    head = [form.title.lower(), "năm 2024", *(label for c in form.columns for label in c.heading)]
    cells = [[there(text) for text in head], [1, 2.5, ""]]
    assert unicode_of(cells) == ([head, [1, 2.5, ""]], way)


@pytest.mark.parametrize(
    "form",
    [
        unicodedata.normalize("NFC", "Tổng số hộ nghèo"),
        unicodedata.normalize("NFD", "Tổng số hộ nghèo"),
        "Tong so ho ngheo",
        "José",
        "1.834",
        "",
    ],
)
def test_unicode_is_left_alone(form):
    cells = [[form, 5]]
    converted, lettering = unicode_of(cells)
    assert converted is cells
    assert lettering == ""


def test_letters_that_nothing_explains_are_told():
    assert lettering_of("ÇçÐðÞþÆæØøÅå ÇçÐðÞþÆæ") == "unknown"
