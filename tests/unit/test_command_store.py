"""The store's commands as an office types them: releases, history, backup, restore."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from povsim import plan as plans
from povsim import study
from povsim.commands import app
from povsim.findings import Refusal
from povsim.store import Store, Submission
from povsim.workspace import CLOCK

RUN = CliRunner()


def said(*words: object) -> str:
    ran = RUN.invoke(app, [str(word) for word in words])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return ran.output


def rules_of(*words: object) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        said(*words)
    return [finding.rule for finding in refusal.value.findings]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The default store: one of the test's own."""
    url = f"sqlite:///{tmp_path}/povsim.sqlite"
    monkeypatch.setenv("POVSIM_STORE", url)
    return url


@pytest.fixture
def held(url: str, sample: Path) -> str:
    """2021 official, 2022 preliminary, then official under a name."""
    years = {year: sorted((sample / year).glob("*.xlsx")) for year in ("2021", "2022")}
    said("ingest", *years["2021"], "--sender", "Phòng A")
    said("ingest", *years["2022"], "--sender", "Phòng A", "--status", "preliminary")
    said("ingest", *years["2022"], "--sender", "Phòng B", "--name", "chốt 2022")
    return url


@pytest.mark.usefixtures("held")
def test_releases_in_one_line_each():
    first, second, third = said("releases").splitlines()
    assert "chính thức, số liệu mẫu  7 đơn vị, kỳ 2021  (người gửi: Phòng A)" in first
    assert "sơ bộ" in second
    assert third.endswith("(người gửi: Phòng B)  tên: chốt 2022")
    english = said("releases", "--lang", "en")
    assert "7 units, periods 2022" in english
    assert "đơn vị" not in english


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("unit", ["Đăk Kôi", "xã Đắk Kôi", "23482"])
def test_the_history_of_a_review(unit):
    head, under, first, second, takes, same = said("history", unit, "2022").splitlines()
    assert head == "Đăk Kôi, kỳ 2022: 2 lần gửi"
    assert under == "Chuẩn: Nghị định 07/2021/NĐ-CP; đơn vị 23482@2021-01-01 (nông thôn)"
    assert first.endswith("Phòng A  tệp 23482.xlsx  → bản số liệu số 2")
    assert second.endswith("Phòng B  tệp 23482.xlsx  → bản số liệu số 3")
    assert (takes.strip(), same.strip()) == ("thay lần gửi 1", "không đổi số nào")


def test_history_says_which_figure_changed(held):
    store = Store(held)
    facts = store.latest().facts_of(["23482@2021-01-01"]).query("period == '2022'")
    facts = facts.reset_index(drop=True)
    here = (facts["form"] == "F1") & (facts["item"] == "poor")
    before = int(facts.loc[here, "value"].iloc[0])
    facts.loc[here, "value"] = before + 1000
    origin = store.latest().origin
    sent = Submission("23482@2021-01-01", "2022", "sua.xlsx", "0" * 64, origin, facts)
    store.save([sent], "Xã", "official")
    last = said("history", "23482", "2022").splitlines()[-1]
    assert last == f"   F1.3 Hộ nghèo › Số hộ (hộ): {before} → 1.{before:03}"


@pytest.mark.usefixtures("url")
def test_an_empty_store_has_no_releases_and_no_history():
    assert said("releases") == "Chưa có bản số liệu nào.\n"
    assert said("history", "Đăk Kôi", "2022").startswith("Đăk Kôi, kỳ 2022: chưa gửi gì.\n")
    assert rules_of("history", "Đăk Xyz", "2022") == ["unit_name_unknown"]
    assert RUN.invoke(app, ["history", "Đăk Kôi", "2022-Q1"]).exit_code == 2


@pytest.mark.usefixtures("held")
def test_the_release_in_use_on_a_day():
    today = datetime.now(CLOCK)
    assert said("releases", "--as-of", f"{today:%Y-%m-%d}").startswith("   3  ")
    before = f"{today - timedelta(days=1):%Y-%m-%d}"
    assert said("releases", "--as-of", before) == "Chưa có bản số liệu nào.\n"


def test_files_that_came_earlier_are_dated_as_they_came(url, sample):
    books = sorted((sample / "2021").glob("*.xlsx"))
    said("ingest", *books, "--received", "13/12/2021")
    assert {sent.received for sent in Store(url).sent()} == {date(2021, 12, 13)}
    assert "13/12/2021" in said("history", "Đăk Kôi", "2021")
    late = RUN.invoke(app, ["ingest", *map(str, books), "--received", "2999-01-01"])
    assert late.exit_code == 2
    assert "01/01/2999" in late.output


def test_forms_of_six_months_alone_are_saved_and_told(url, sample):
    told = said("ingest", *sorted((sample / "2024-H1").glob("*.xlsx")))
    assert "7 đơn vị, kỳ 2024-H1" in told
    assert len(Store(url).sent()) == 7


def test_one_commune_may_send_before_the_others(held, sample):
    first, *others = sorted((sample / "2023").glob("*.xlsx"))
    assert "unit_missing" in rules_of("ingest", first)
    told = said("ingest", first, "--partial")
    assert "1 đơn vị, kỳ 2023" in told
    assert told.count("[LƯU Ý]") == 6
    plan = plans.load()
    assert plan.complete(Store(held).latest().reviews) == [2021, 2022]
    assert study.outlook(plan, Store(held).latest(), draws=100).year == 2022
    said("ingest", *others)
    assert plan.complete(Store(held).latest().reviews) == [2021, 2022, 2023]


@pytest.mark.parametrize("words", [("--as-of", "1/2/0001"), ("--as-of", "0001-01-01")])
@pytest.mark.usefixtures("url")
def test_odd_days_end_in_a_sentence(words):
    assert said("releases", *words) == "Chưa có bản số liệu nào.\n"
    assert RUN.invoke(app, ["history", "23485", "0000"]).exit_code == 2


@pytest.mark.usefixtures("held")
def test_preliminary_figures_after_official_ones_are_told(sample):
    books = sorted((sample / "2021").glob("*.xlsx"))
    told = said("ingest", *books, "--status", "preliminary")
    assert told.count("số chính thức vẫn dùng") == 7
    assert "lưu bên cạnh" in said("history", "Đăk Kôi", "2021")
    again = said("ingest", *books, "--status", "preliminary")
    assert "Không có gì mới" in again
    assert "bên cạnh" not in again


@pytest.mark.usefixtures("held")
def test_a_backup_goes_out_and_comes_back(tmp_path, monkeypatch):
    path = tmp_path / "b" / "sao-luu.sqlite"
    assert said("backup", path) == f"Đã ghi {path}\n"
    assert rules_of("backup", path) == ["backup_exists"]
    assert rules_of("restore", path) == ["restore_not_empty"]
    monkeypatch.setenv("POVSIM_STORE", f"sqlite:///{tmp_path}/new.sqlite")
    assert "3 bản số liệu" in said("restore", path)
    assert said("releases").count("\n") == 3


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("sqlite:////proc/none/povsim.sqlite", "store_unwritable"),
        ("nonsense", "store_url"),
        ("postgresql+psycopg://u:secret@h:notaport/db", "store_url"),
        ("oracle://x", "store_url"),
        ("postgresql+psycopg://a:secret@localhost:1/x", "store_unreachable"),
    ],
)
def test_a_store_that_cannot_be_opened_is_told(address, rule, monkeypatch):
    monkeypatch.setenv("POVSIM_STORE", address)
    with pytest.raises(Refusal) as refusal:
        said("releases")
    assert [finding.rule for finding in refusal.value.findings] == [rule]
    assert "secret" not in refusal.value.text("vi")


@pytest.mark.usefixtures("url")
def test_a_damaged_store_is_told(tmp_path):
    (tmp_path / "povsim.sqlite").write_bytes(b"no store " * 999)
    assert rules_of("releases") == ["store_damaged"]
