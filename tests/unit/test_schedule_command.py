"""`povsim due` and `povsim received`: what they print, what they keep, where they stop."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from povsim.commands import app
from povsim.findings import Refusal
from povsim.store import Store
from povsim.workspace import CLOCK

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
    assert "Số liệu mẫu" not in shown
    assert "UBND cấp xã (6/7): Đăk Rve, Đăk Tơ Lung" in shown


@pytest.mark.usefixtures("url")
def test_a_late_report_of_a_successor_says_for_whom_it_stands():
    ran = povsim("received", "movement-june", "Kon Braih", "2025", "--on", "2025-07-02")
    said = "CHÚ Ý: một báo cáo này của UBND xã Kon Braih được tính là đã nộp thay cho cả 3 nơi:"
    assert said in flat(ran.output)
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
    tomorrow = (datetime.now(CLOCK).date() + timedelta(days=1)).isoformat()
    refused("received_in_future", "received", "movement-june", "23482", "2024", "--on", tomorrow)


def test_the_sample_s_forms_count_as_received(
    sample_store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    table = tmp_path / "due.csv"
    day = datetime.now(CLOCK).date() + timedelta(
        days=1
    )  # the sample was sent today, long after every date
    ran = povsim("due", "--on", day.isoformat(), "--all", "--csv", table)
    assert ran.exit_code == 0, ran.output
    rows = [row for row in read(table) if row["Mã việc"].startswith("data-")]
    progress = {(row["Mã việc"], row["Năm"]): row["Tình trạng"] for row in rows}
    late = [row for row in rows if row["Tình trạng"] == "đã nhận, trễ hạn"]
    assert progress["data-year", "2024"] == "đã nhận, trễ hạn"
    assert progress["data-h1", "2025"] == "đã nhận, trễ hạn"
    assert progress["data-h1", "2023"] == "quá hạn, chưa nhận"  # the sample holds none of 2023
    days = [day - timedelta(days=back) for back in range(3)]
    assert {row["Ngày nhận"] for row in late} <= {f"{each:%d/%m/%Y}" for each in days}
    # Sample figures are never taken for a receipt of official ones.
    assert {row["Loại số liệu"] for row in late} == {"Số liệu mẫu"}
    assert {row["Loại số liệu"] for row in rows if row not in late} == {""}
    assert "Số liệu mẫu: số liệu của các xã" in flat(ran.output)
    came = [line for line in ran.output.splitlines() if "trễ" in line and "/7)" in line]
    assert [line for line in came if "quá hạn" not in line and "Số liệu mẫu" not in line] == []
    assert (
        "Sample figures" in povsim("due", "--on", day.isoformat(), "--all", "--lang", "en").output
    )


# --- The table -------------------------------------------------------------------------------


def read(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("url")
def test_the_table_opens_in_excel_and_speaks_the_language(tmp_path: Path):
    table = tmp_path / "due.csv"
    povsim("due", "--on", "31/10/2022", "--csv", table)
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    first = read(table)[0]
    assert (first["Ngày cuối đúng hạn"], first["Tình trạng"]) == (
        "30/10/2022",
        "quá hạn, chưa nhận",
    )
    assert (first["Quá hạn từ"], first["Văn bản xác nhận"]) == ("31/10/2022", "chưa có")
    povsim("due", "--on", "31/10/2022", "--csv", table, "--lang", "en")
    first = read(table)[0]
    assert (first["Last day on time"], first["State"]) == ("2022-10-30", "overdue, not received")


@pytest.mark.usefixtures("url")
def test_a_table_that_cannot_be_written_is_told(tmp_path: Path):
    refused("table_unwritable", "due", "--csv", tmp_path)
    refused("table_unwritable", "due", "--csv", tmp_path / "none" / "due.csv")
    if Path("/dev/full").exists():
        refused("disk_full", "due", "--csv", "/dev/full")


# --- What is typed wrong ---------------------------------------------------------------------


WRONG = [
    (["due", "--on", "31/02/2024"], "day_unreadable", "“31/02/2024” không phải là một ngày"),
    (["due", "--on", "mai"], "day_unreadable", "Viết ngày như 14/06/2025 hoặc 2025-06-14"),
    (["due", "--on", "9999-12-31"], "day_out_of_range", "Ngày 31/12/9999 nằm ngoài các năm"),
    (["due", "--on", "0001-01-01"], "day_out_of_range", "2000-2100"),
    (["due", "--ahead", "99999999"], "ahead_out_of_range", "Chọn --ahead từ 0 đến 3660"),
    (["due", "--ahead", "-1"], "ahead_out_of_range", "Không nhìn trước được -1 ngày"),
    (["received", "movement-june", "phong-tc-kh", "0"], "duty_not_in_year", "Năm 0 không có"),
    (["received", "movement-june", "phong-tc-kh", "10000"], "duty_not_in_year", "Năm 10000"),
    (
        ["received", "movement-june", "phong-tc-kh", "2024", "--on", "x"],
        "day_unreadable",
        "“x” không phải là một ngày",
    ),
]


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize(("words", "rule", "said"), WRONG)
def test_a_slip_of_the_hand_is_told_in_vietnamese(words: list[str], rule: str, said: str):
    with pytest.raises(Refusal) as refusal:
        povsim(*words)
    (finding,) = refusal.value.findings
    assert finding.rule == rule
    assert said in finding.line("vi")


@pytest.mark.usefixtures("url")
def test_a_day_is_typed_either_way():
    assert povsim("due", "--on", "14/06/2025").output == povsim("due", "--on", "2025-06-14").output


# --- Names used again, debts of many ----------------------------------------------------------


def test_a_code_used_again_is_not_guessed(url: str):
    words = ["received", "movement-june", "23485", "2025", "--on", "2025-08-01"]
    with pytest.raises(Refusal) as refusal:
        povsim(*words)
    told = refusal.value.text("vi")
    assert "UBND xã Đăk Tơ Lung (23485@2021-01-01, 01/01/2021–30/06/2025)" in told
    assert "UBND xã Đăk Kôi (23485@2025-07-01, 01/07/2025–)" in told
    assert Store(url).documents() == []
    words[2] = "23485@2021-01-01"
    ran = povsim(*words)
    assert "Tính là đã nộp cho: UBND xã Đăk Tơ Lung (23485@2021-01-01)." in ran.output
    words[2] = "23485@2025-07-01"
    later = flat(povsim(*words).output)
    assert "Tính là đã nộp cho: UBND xã Đăk Kôi (23482@2021-01-01)." in later
    assert "Không tính lại 1 nơi đã có báo cáo từ trước: UBND xã Đăk Tơ Lung" in later


@pytest.mark.usefixtures("url")
def test_one_report_of_the_heir_says_all_whose_debts_it_pays():
    words = ["received", "movement-june", "co-quan-ke-thua", "2025", "--on", "2025-08-01"]
    said = flat(povsim(*words).output)
    assert "được tính là đã nộp thay cho cả 8 nơi:" in said
    assert "Phòng Tài chính - Kế hoạch (phong-tc-kh)" in said
    assert "counts as handed in for all of 8" in flat(povsim(*words, "--lang", "en").output)


@pytest.mark.usefixtures("url")
def test_an_unknown_name_is_answered_with_those_who_owe():
    with pytest.raises(Refusal) as refusal:
        povsim("received", "movement-june", "Hội Phụ", "2025", "--on", "2025-08-01")
    told = refusal.value.text("vi")
    assert "Hội Liên hiệp Phụ nữ huyện (hoi-phu-nu)" in told
    assert "Sở Nội vụ" not in told


# --- Whom to remind ---------------------------------------------------------------------------


@pytest.mark.usefixtures("url")
def test_whom_to_remind_is_listed_by_organisation(tmp_path: Path):
    table = tmp_path / "chase.csv"
    ran = povsim("due", "--on", "2025-07-10", "--chase", "--csv", table)
    said = flat(ran.output)
    assert "danh sách đôn đốc báo cáo, tính đến ngày 10 tháng 7 năm 2025" in said
    assert "UBND xã Kon Braih* (23497@2025-07-01): nợ" in said
    line = "Báo cáo Phong trào thi đua, 6 tháng 2025 [movement-june]; quá hạn từ 15/6/2025, trễ 26"
    assert f"{line} ngày (thay Đăk Ruồng, Đăk Tờ Re, Tân Lập)" in said
    own = [line for line in ran.output.splitlines() if table.name not in line]
    assert max(map(len, own)) <= WIDTH
    assert {row["Tình trạng"] for row in read(table)} == {"quá hạn, chưa nhận"}
    assert "QUÁ HẠN: không có" in povsim("due", "--on", "2022-10-30", "--chase").output
    english = povsim("due", "--on", "2025-07-10", "--chase", "--lang", "en").output
    assert "whom to remind" in english


def test_a_wrong_record_is_taken_back():
    words = ("received", "movement-june", "Hội Phụ nữ huyện", "2024")
    assert povsim(*words, "--on", "2024-06-03").exit_code == 0
    taken = flat(povsim(*words, "--withdraw").output)
    assert "Đã rút lại ghi nhận movement-june năm 2024 của Hội Liên hiệp Phụ nữ huyện" in taken
    assert "03/06/2024" in taken or "3/6/2024" in taken
    refused("nothing_recorded", *words, "--withdraw")
