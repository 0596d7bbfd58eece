"""Named lists are refused before anything is kept: planted names, and a search of every byte."""

from __future__ import annotations

import logging
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from spoiling import Spoil, change
from typer.testing import CliRunner

from povsim import intake
from povsim.commands import app
from povsim.findings import Refusal
from povsim.plan import Plan
from povsim.store import Store

FILE = "2024/23485.xlsx"
PEOPLE = (  # invented
    ("A Brếch", "062088001234", "0905123987"),
    ("Y Hlăn", "062190004321", "0912345876"),
    ("Đinh Thị Ngáy", "062175009876", "0987001122"),
)
SECRETS = [
    word
    for name, identity, phone in PEOPLE
    for word in (name.split()[-1], identity, phone, phone.removeprefix("0"))
]


def rows(*columns: int) -> list[list[Any]]:
    return [[number, *(person[c] for c in columns)] for number, person in enumerate(PEOPLE, 1)]


def sheet(title: str, *lines: list[Any], hidden: bool = False) -> Spoil:
    def work(book: Workbook) -> None:
        page = book.create_sheet(title)
        for line in lines:
            page.append(line)
        page.sheet_state = "veryHidden" if hidden else "visible"

    return change(FILE, work)


def below(form: str) -> Spoil:
    """A list under a proper table, far to the right."""

    def work(book: Workbook) -> None:
        for number, person in enumerate(PEOPLE):
            for column, told in enumerate(person):
                book[form].cell(20 + number, 30 + column, told)

    return change(FILE, work)


def everywhere(book: Workbook) -> None:
    """A list whose names also stand in the sheet's name, a comment, a defined name, the author."""
    page = book.create_sheet(f"Hộ {PEOPLE[0][0]}")
    for row in rows(0, 1, 2):
        page.append(row)
    page["B1"].comment = Comment(f"hỏi {PEOPLE[1][0]}", PEOPLE[2][0])
    book.defined_names["x"] = DefinedName("x", attr_text=f'"{PEOPLE[1][0]}"')
    book.properties.creator = PEOPLE[2][0]


HEAD = ["STT", "Họ và tên chủ hộ", "Số CCCD", "Điện thoại"]
OFFICIAL = ["STT chủ hộ", "STT thành viên", "Họ và tên", "Năm sinh", "Dân tộc", "Quan hệ"]
LISTS = {
    "F14 by its title": sheet(
        "F14", ["DANH SÁCH CHI TIẾT HỘ CẬN NGHÈO"], OFFICIAL, *rows(0), hidden=False
    ),
    "F15 hidden": sheet("Sheet9", ["Danh sách chi tiết hộ nghèo"], OFFICIAL, *rows(0), hidden=True),
    "names with identity numbers": sheet("Ghi chú", HEAD[:3], *rows(0, 1)),
    "names with phones, no heading": sheet("Sheet2", *rows(0, 2)),
    "below a form": below("F8"),
    "in every corner of the file": change(FILE, everywhere),
}


def written(folder: Path) -> bytes:
    """Every byte under a folder, what is packed unpacked."""
    told = b""
    for path in folder.rglob("*"):
        if path.is_file():
            told += path.read_bytes() + path.name.encode()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as package:
                    told += b"".join(package.read(name) for name in package.namelist())
    return told


def found(told: bytes | str) -> list[str]:
    text = told.decode("utf-8", "ignore") if isinstance(told, bytes) else told
    text = unescape(text)  # XML may hold letters by number
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("plant", LISTS.values(), ids=LISTS.keys())
def test_a_list_of_people_is_refused_and_nothing_of_it_is_written(
    plant: Spoil,
    folder: Path,
    plan: Plan,
    held: Store,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    caplog.set_level(logging.DEBUG)
    plant(folder)
    assert found(written(folder / "2024"))  # the search finds what was planted
    back = tmp_path_factory.mktemp("back")
    with pytest.raises(Refusal) as refusal:
        intake.ingest([folder / FILE], plan, held, sender="xã", back=back / "out.xlsx")
    told = [finding for finding in refusal.value.findings if finding.rule == "named_list"]
    assert len(told) == 1
    for lang in ("vi", "en"):
        assert "F1–F13" in told[0].next_step(lang)  # how to send the aggregate instead
        assert found(refusal.value.text(lang)) == []
    assert load_workbook(back / "out.xlsx").sheetnames[0] == "Phát hiện"
    store = Path(held.url.removeprefix("sqlite:///")).parent
    printed = "".join(capfd.readouterr())
    assert [found(each) for each in (written(back), written(store), caplog.text, printed)] == [
        [],
        [],
        [],
        [],
    ]
    assert held.latest().number == 1


def test_the_command_says_nothing_of_it_either(folder: Path, tmp_path: Path, monkeypatch):
    LISTS["names with identity numbers"](folder)
    monkeypatch.setenv("POVSIM_STORE", f"sqlite:///{tmp_path}/s/s.sqlite")
    ran = CliRunner().invoke(
        app, ["ingest", str(folder / FILE), "--findings", str(tmp_path / "b" / "out.xlsx")]
    )
    assert isinstance(ran.exception, Refusal)
    assert found(ran.output) == []
    assert found(written(tmp_path / "b")) == found(written(tmp_path / "s")) == []


def test_other_files_of_the_delivery_are_still_checked(folder: Path, plan: Plan):
    LISTS["F15 hidden"](folder)
    change("2024/23482.xlsx", lambda book: book["F1"].__setitem__("E10", "?"))(folder)
    sent = sorted(folder.glob("2024/*.xlsx"))
    rules = {f.rule for f in intake.check(sent, plan, None).findings}
    assert {"named_list", "number_is_text"} <= rules
