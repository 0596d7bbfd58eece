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
