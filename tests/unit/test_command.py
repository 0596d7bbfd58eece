"""The command: what it prints, where it stops, and with which exit status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest


def povsim(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "povsim", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def in_store(sample_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)


@pytest.mark.usefixtures("in_store")
def test_project_prints_every_area_and_writes_quantiles(tmp_path: Path) -> None:
    ran = povsim("project", "--draws", "500", "--csv", tmp_path / "rates.csv")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Số liệu mẫu")
    for words in ("Toàn huyện: 7,47", "Đăk Tơ Lung", "Khoảng 95 %", "cận nghèo", "Cần giảm"):
        assert words in ran.stdout
    table = pd.read_csv(tmp_path / "rates.csv")
    assert list(table) == ["area", "year", "level", "rate", "state", "name", "origin"]
    assert set(table["origin"]) == {"sample"}
    assert table.groupby(["area", "state"])["rate"].apply(lambda r: r.is_monotonic_increasing).all()
    assert table["area"].nunique() == 8


@pytest.mark.usefixtures("in_store")
def test_ingesting_the_same_again_changes_nothing(sample: Path) -> None:
    ran = povsim("ingest", *sorted(sample.glob("20*/*.xlsx")))
    assert ran.returncode == 0
    assert "Không có gì mới" in ran.stdout


@pytest.mark.parametrize(("lang", "words"), [("vi", "Tệp rỗng"), ("en", "empty")])
def test_a_refusal_is_told_in_the_reader_s_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    monkeypatch.setenv("POVSIM_STORE", f"sqlite:///{tmp_path}/s.sqlite")
    (tmp_path / "x.xlsx").touch()
    ran = povsim("ingest", tmp_path / "x.xlsx", "--lang", lang)
    assert ran.returncode == 2
    assert "x.xlsx" in ran.stderr
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_empty_store_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POVSIM_STORE", f"sqlite:///{tmp_path}/s.sqlite")
    ran = povsim("project")
    assert ran.returncode == 2
    assert "povsim ingest" in ran.stderr


def test_outside_a_workspace_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POVSIM_HOME", str(tmp_path))
    ran = povsim("project")
    assert ran.returncode == 2
    assert "POVSIM_HOME" in ran.stderr


SCENARIOS = Path(__file__).parents[2] / "data" / "scenarios" / "kon-ray-2021-2025"


@pytest.mark.usefixtures("in_store")
def test_simulate_puts_scenarios_beside_the_current_plan(tmp_path: Path) -> None:
    files = [SCENARIOS / "threshold-first.toml", SCENARIOS / "deepest-first.toml"]
    ran = povsim("simulate", *files, "--draws", "100", "--why", "--csv", tmp_path / "all.csv")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Số liệu mẫu")
    wanted = ["giả định", "Thứ tự ưu tiên: hộ sát ngưỡng trước", "cuối năm 2025", "cuối năm 2027"]
    wanted += ["Tỷ lệ hộ nghèo", "M0 của hộ", "thiếu đúng ba chỉ số", "không chi được", "khó nhất"]
    wanted += ["Khả năng đạt mục tiêu (A | B | C)", "phụ thuộc vào giả định", "biết chắc"]
    assert [each for each in wanted if each not in ran.stdout] == []
    table = pd.read_csv(tmp_path / "all.csv")
    assert table["scenario"].nunique() == 3
    rates = table.query("area == 'district' and year == 2025 and measure == 'rate'")["change"]
    assert rates.iloc[1] < 0 < rates.iloc[2]  # nearest first moves the rate, deepest first depth
    depth = table.query("area == 'district' and year == 2025 and measure == 'intensity'")["change"]
    assert depth.iloc[2] < 0 < depth.iloc[1]


@pytest.mark.usefixtures("in_store")
@pytest.mark.parametrize(("lang", "says"), [("vi", "Sửa"), ("en", "Correct")])
def test_every_fault_of_every_scenario_is_told_at_once(
    tmp_path: Path, lang: str, says: str
) -> None:
    good = (SCENARIOS / "deepest-first.toml").read_text("utf-8")
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text(good.replace("2025 = 180", "2025 = -5", 1).replace('"toilet"', '"toilets"'))
    other.write_text(
        good.replace("2025 = 180", "2025 = 5000", 1).replace("2025 = 36 ", "2030 = 1 ")
    )
    ran = povsim("simulate", one, other, "--draws", "20", "--lang", lang)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert says in ran.stderr
    for told in ("one.toml", "other.toml", "toilets", "-5", "900", "2030"):
        assert told in ran.stderr
    assert ran.stdout == ""


BUDGET = Path(__file__).parents[2] / "data" / "budgets" / "kon-ray-2021-2025" / "20-billion.toml"


@pytest.mark.usefixtures("in_store")
def test_allocate_writes_a_scenario_that_simulate_takes(tmp_path: Path) -> None:
    made = tmp_path / "best.toml"
    ran = povsim("allocate", BUDGET, "--draws", "60", "--why", "--out", made)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Số liệu mẫu")
    wanted = ["phương án nhiều hộ thoát nghèo nhất chi", "Tiền đi nhiều nhất vào", "giả định"]
    wanted += ["Mỗi xã ít nhất 1,5 tỷ: Đăk Rve", "Không xã nào kém hơn hiện nay: Tân Lập", "đạt"]
    wanted += ["Thẻ bảo hiểm y tế trước: Thẻ bảo hiểm y tế", "100 triệu đồng nữa", str(made)]
    assert [each for each in wanted if each not in ran.stdout] == []
    assert "không đạt" not in ran.stdout
    again = povsim("simulate", made, "--draws", "40")
    assert again.returncode == 0, again.stderr
    assert "Hỗ trợ theo gói" in again.stdout


@pytest.mark.usefixtures("in_store")
def test_allocate_names_rules_that_cannot_hold_and_the_nearest_budget(tmp_path: Path) -> None:
    poor = tmp_path / "poor.toml"
    text = BUDGET.read_text("utf-8").replace("12000", "3000").replace("8000", "2000")
    poor.write_text(text, "utf-8")
    ran = povsim("allocate", poor, "--draws", "50", "--out", tmp_path / "none.toml")
    assert ran.returncode == 1
    assert "không thể cùng giữ" in ran.stdout
    assert "Mọi quy tắc đều giữ được nếu thêm" in ran.stdout
    assert not (tmp_path / "none.toml").exists()
    broken = tmp_path / "broken.toml"
    broken.write_text(text.replace('"capital"', '"gold"').replace("no_unit", "no_one"), "utf-8")
    ran = povsim("allocate", broken, "--lang", "en")
    assert ran.returncode != 0
    assert "gold" in ran.stderr
    assert "no_one_worse" in ran.stderr
    assert "Traceback" not in ran.stderr
