"""`povsim due` and `povsim received`: what they print, what they keep, where they stop."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from povsim.commands import app
from povsim.findings import Refusal
from povsim.store import Store

WIDTH = 80


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty store, the one that the command uses."""
    url = f"sqlite:///{tmp_path}/s.sqlite"
    monkeypatch.setenv("POVSIM_STORE", url)
    return url


def povsim(*words: str | Path) -> Result:
    ran = CliRunner().invoke(app, [*map(str, words)])
    if isinstance(ran.exception, Refusal):
        raise ran.exception
    return ran


def refused(rule: str, *words: str | Path) -> None:
    with pytest.raises(Refusal) as refusal:
        povsim(*words)
    assert [finding.rule for finding in refusal.value.findings] == [rule]


def flat(printed: str) -> str:
    """What was printed, without its line breaks."""
    return " ".join(printed.split())


DAYS = [  # day, what is said, what is not
    ("2022-01-01", ["QUÁ HẠN: không có", "HẠN KẾ TIẾP", "trước ngày 31/10/2022"], ["ĐÃ NHẬN"]),
    ("2022-10-30", ["SẮP ĐẾN HẠN", "còn 0 ngày", "gửi: Phòng Nội vụ", "(7/7): Đăk Rve"], []),
    ("2022-10-31", ["quá hạn từ 31/10/2022, trễ 1 ngày", "trước ngày 10/11/2022"], ["KẾ TIẾP"]),
    (
        "2023-06-10",
        [
            "trước ngày 15/6/2023; Kế hoạch, mục V.6; còn 4 ngày",
            "trước ngày 20/6/2023; Kế hoạch, mục V.8; còn 9 ngày",
            "Phòng Nội vụ (phối hợp: Phòng Lao động - Thương binh và Xã hội)",
            "gửi: Sở Nội vụ tỉnh Kon Tum; UBND tỉnh Kon Tum",
            "nhân danh: Ủy ban nhân dân huyện Kon Rẫy",
            "Khối thi đua (chưa rõ tên)*",
        ],
        [],
    ),
    ("2023-12-05", ["Sơ kết giữa kỳ", "trong năm 2023 (chỉ in năm, tính đến 31/12)"], []),
    (
        "2025-06-10",
        ["Phòng Nội vụ (phối hợp: Phòng Nông nghiệp và Môi trường*)", "Tân Lập"],
        ["Kon Braih"],
    ),
    (
        "2025-10-20",
        [
            "UBND cấp xã (3/3): Đăk Rve*, Đăk Kôi*, Kon Braih*",
            "Sở Nội vụ tỉnh Quảng Ngãi*; UBND tỉnh Quảng Ngãi*",
            "(thay Đăk Ruồng, Đăk Tờ Re, Tân Lập)",
            "(*) tên, hạn hoặc vai trò",
        ],
        ["Kon Tum"],
    ),
]


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize(("day", "said", "unsaid"), DAYS, ids=[row[0] for row in DAYS])
def test_due_says_who_owes_what_to_whom_on_that_day(day, said, unsaid):
    ran = povsim("due", "--on", day)
    assert ran.exit_code == 0, ran.output
    assert max(map(len, ran.output.splitlines())) <= WIDTH
    assert [words for words in said if words not in flat(ran.output)] == []
    assert [words for words in unsaid if words in flat(ran.output)] == []


@pytest.mark.usefixtures("url")
def test_due_speaks_english_and_of_today():
    ran = povsim("due", "--on", "31/10/2022", "--lang", "en")
    assert "OVERDUE, NOT RECEIVED: 33" in ran.output
    assert "overdue since 31/10/2022, 1 days late" in flat(ran.output)
    assert povsim("due").exit_code == 0


@pytest.mark.usefixtures("url")
def test_old_debts_are_short_unless_all_is_asked_for():
    short, whole = povsim("due", "--on", "2025-10-20"), povsim("due", "--on", "2025-10-20", "--all")
    line = "Báo cáo Phong trào thi đua, 6 tháng 2023 [movement-june]: 26/26; quá hạn từ 15/6/2023"
    assert line in flat(short.output)
    assert line not in flat(whole.output)
    assert "povsim due --all" in short.output
    assert "povsim due --all" not in whole.output
    assert "Tổng kết Phong trào thi đua" in whole.output
    assert max(map(len, whole.output.splitlines())) <= WIDTH


def test_a_received_report_is_kept_and_shown(url: str, tmp_path: Path):
    file = tmp_path / "bao-cao.docx"
    file.write_bytes(b"x")
    words = ["received", "movement-june", "Đăk Kôi", "2024", file, "--on", "2024-06-12"]
    ran = povsim(*words, "--by", "UBND xã Đăk Kôi")
    assert "Đã ghi: Báo cáo Phong trào thi đua, 6 tháng 2024, UBND xã Đăk Kôi" in ran.output
    (document,) = Store(url).documents()
    assert (document.organisation, document.received) == ("23482@2021-01-01", date(2024, 6, 12))
    assert (document.file, len(document.sha256)) == ("bao-cao.docx", 64)
    assert str(tmp_path) not in repr(document)
    assert "Đã ghi từ trước" in povsim(*words, "--by", "UBND xã Đăk Kôi").output
    shown = flat(povsim("due", "--on", "2024-06-20").output)
    assert "ĐÃ NHẬN: 1" in shown
    assert "12/6/2024: UBND cấp xã (1/7): Đăk Kôi" in shown
    assert "UBND cấp xã (6/7): Đăk Rve, Đăk Tơ Lung" in shown


@pytest.mark.usefixtures("url")
def test_a_late_report_of_a_successor_says_for_whom_it_stands():
    povsim("received", "movement-june", "Kon Braih", "2025", "--on", "2025-07-02")
    shown = flat(povsim("due", "--on", "2025-07-10").output)
    assert "2/7/2025, trễ 18 ngày: UBND xã Kon Braih* (thay Đăk Ruồng, Đăk Tờ Re, Tân Lập)" in shown


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (["movement-may", "Đăk Kôi", "2024"], "duty_unknown"),
        (["movement-june", "Đăk Xyz", "2024"], "organisation_name_unknown"),
        (["movement-june", "Phòng Nội vụ", "2024"], "duty_not_owed"),
        (["data-year", "Đăk Kôi", "2024"], "duty_met_by_forms"),
        (["movement-june", "Đăk Kôi", "2026"], "duty_not_in_year"),
    ],
)
def test_what_meets_nothing_is_refused_and_not_kept(url: str, words: list[str], rule: str):
    refused(rule, "received", *words, "--on", "2024-06-12")
    assert Store(url).documents() == []


@pytest.mark.usefixtures("url")
def test_a_day_to_come_is_refused():
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    refused("received_in_future", "received", "movement-june", "23482", "2024", "--on", tomorrow)


def test_the_sample_s_forms_count_as_received(
    sample_store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    table = tmp_path / "due.csv"
    day = date.today() + timedelta(days=1)  # the sample was sent today, long after every date
    ran = povsim("due", "--on", day.isoformat(), "--all", "--csv", table)
    assert ran.exit_code == 0, ran.output
    with table.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["duty"].startswith("data-")]
    progress = {(row["duty"], row["year"]): row["progress"] for row in rows}
    assert progress["data-year", "2024"] == "late"
    assert progress["data-h1", "2025"] == "late"
    assert progress["data-h1", "2023"] == "missing"  # the sample holds no months of 2023
    assert {row["received"] for row in rows if row["progress"] == "late"} <= {
        date.today().isoformat(),
        (date.today() - timedelta(days=1)).isoformat(),
    }
