"""Pictures of back-tests: what is drawn is what the table tells, in the reader's language."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from povsim import backtest, charts
from povsim.charts.pictures import svg
from povsim.commands import app
from povsim.findings import Refusal
from povsim.i18n import Lang, catalogue

METRICS = {  # of povsim: value, low, high
    "mae_ratio": (0.5, 0.4, 0.6),
    "cov80": (0.7, 0.65, 0.78),
    "cov95": (0.93, 0.9, 0.96),
    "mae_ratio_h1": (0.45, 0.35, 0.6),
    "mae_ratio_h2": (0.62, None, None),
    "chance_2": (0.25, 0.22, 0.28),
    "met_2": (0.4, 0.2, 0.7),
    "count_2": (30, 10, 50),
    "chance_7": (0.75, 0.72, 0.78),
    "met_7": (0.9, 0.8, 0.95),
    "count_7": (10, 0, 30),
    "count_8": (0, 0, 0),
    **{f"pit_{b}": (0.1, 0.05, 0.2) for b in range(10)},
}


def table(panel: str = "Việt Nam") -> pd.DataFrame:
    rows = [("povsim", metric, *told) for metric, told in METRICS.items()]
    rows += [("last_value", "mae_ratio", 1.0, 1.0, 1.0), ("linear", "mae_ratio", 1.3, 1.1, 1.5)]
    rows += [("linear", "cov80", 0.5, 0.4, 0.6), ("my_own", "mae_ratio", 0.4, None, None)]
    made = pd.DataFrame(rows, columns=["method", "metric", "value", "low", "high"])
    return made.assign(panel=panel, group="all")


def drawn(name: str, given: pd.DataFrame, lang: Lang = "vi") -> dict[str, Any]:
    chart = charts.PICTURES[name](given, charts.Frame("", lang, sample=False, width=600))
    assert chart is not None
    spec: dict[str, Any] = chart.to_dict()
    return spec


def rows(spec: dict[str, Any], column: str) -> list[dict[str, Any]]:
    """The rows of data that hold a column."""
    return [row for data in spec["datasets"].values() for row in data if column in row]


def words(spec: dict[str, Any], lang: Lang) -> str:
    lines = re.sub(r"</?tspan[^>]*>", " ", svg(spec, lang))
    return html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)", lines)))


def test_errors_hold_each_method_but_the_measure_itself_with_its_interval():
    spec = drawn("errors", table())
    told = {row["method"]: (row["value"], row["low"], row["high"]) for row in rows(spec, "method")}
    assert told == {
        "povsim": (0.5, 0.4, 0.6),
        "linear": (1.3, 1.1, 1.5),
        "my_own": (0.4, None, None),
    }
    order = spec["layer"][-1]["encoding"]["y"]["sort"]
    assert order == ["my_own", "povsim (mặc định)", "Đường thẳng từng nơi"]  # the best first


def test_of_one_panel_ours_stand_out_and_of_several_each_has_a_colour():
    ink = {row["method"]: row["ink"] for row in rows(drawn("errors", table()), "ink")}
    assert ink["povsim"] != ink["linear"] == ink["my_own"]
    both = pd.concat([table("Tây Ban Nha"), table("Việt Nam")])
    colour = drawn("errors", both)["layer"][-1]["encoding"]["color"]
    assert colour["scale"]["domain"] == ["Tây Ban Nha", "Việt Nam"]
    assert len(set(colour["scale"]["range"])) == 2


def test_coverage_is_in_per_cent_beside_what_is_fair():
    spec = drawn("coverage", table())
    told = {(row["method"], row["level"]): row["value"] for row in rows(spec, "level")}
    assert told == {
        ("povsim", "Khoảng 80 %"): pytest.approx(70),
        ("povsim", "Khoảng 95 %"): pytest.approx(93),
        ("linear", "Khoảng 80 %"): pytest.approx(50),
    }
    assert [(row["at"], row["a"], row["b"]) for row in rows(spec, "at")] == [
        (80, 75, 85),
        (95, 92, 98),
    ]


def test_reliability_sets_what_came_against_what_was_told():
    told = [
        (row["told"], row["came"], row["low"], row["high"], row["part"])
        for row in rows(drawn("reliability", table()), "part")
    ]
    assert told == [
        pytest.approx((25, 40, 20, 70, 0.75)),
        pytest.approx((75, 90, 80, 95, 0.25)),
    ]


def test_pit_has_ten_bars_about_the_level_of_a_tenth():
    spec = drawn("pit", table())
    bars = rows(spec, "tenth")
    assert [bar["tenth"] for bar in bars] == list(range(1, 11))
    assert {bar["value"] for bar in bars} == {10}
    assert [row for row in rows(spec, "value") if "tenth" not in row] == [{"value": 10.0}]


def test_horizons_are_told_in_their_order():
    told = rows(drawn("horizons", table()), "number")
    assert [(row["number"], row["value"], row["low"]) for row in told] == [
        (1, 0.45, 0.35),
        (2, 0.62, None),
    ]


@pytest.mark.parametrize("name", charts.PICTURES)
def test_a_table_that_lacks_the_figures_gives_no_picture(name: str):
    other = table()[["panel", "group", "method", "metric", "value", "low", "high"]]
    lacking = other[other["metric"] == "chance_2"].assign(metric="mae")
    assert charts.PICTURES[name](lacking, charts.Frame("", "vi", sample=False)) is None


WORDS = {
    "errors": {"vi": "không đổi", "en": "no change"},
    "coverage": {"vi": "số lần kết quả thật", "en": "the truth lay within"},
    "reliability": {"vi": "đúng như đã nói", "en": "just as told"},
    "pit": {"vi": "phần mười thứ mấy", "en": "In which tenth"},
    "horizons": {"vi": "Số năm nhìn trước", "en": "Years ahead"},
}


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("panels", [["Việt Nam"], ["Tây Ban Nha", "Việt Nam"]], ids=len)
@pytest.mark.parametrize("name", charts.PICTURES)
def test_pictures_speak_the_reader_s_language(name: str, panels: list[str], lang: Lang):
    given = pd.concat([table(panel) for panel in panels])
    told = words(drawn(name, given[given["method"] != "my_own"], lang), lang)
    assert WORDS[name][lang] in re.sub(r"\s+", " ", told)
    assert all(panel in told for panel in panels if len(panels) > 1)
    assert not re.search(r"[a-z]_[a-z]|null|undefined|NaN|…", told)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_method_has_a_name_and_a_new_one_keeps_its_own(lang: Lang):
    named = {method: catalogue(lang).get(f"method_name.{method}") for method in backtest.METHODS}
    assert [method for method, name in named.items() if name is None] == []
    assert len(set(named.values())) == len(named)
    assert charts.method_name("my_own", lang) == "my_own"


# --- The command ----------------------------------------------------------------------------------


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    made = [
        (f"a{area:02}", year, 10_000, 3000 - 150 * step - 37 * (area * step % 5))
        for area in range(8)
        for step, year in enumerate(range(2010, 2018))
    ]
    path = tmp_path / "made.csv"
    pd.DataFrame(made, columns=["area_id", "year", "population", "poor"]).to_csv(path, index=False)
    return path


def test_the_command_draws_every_picture_as_svg_and_png(panel: Path):
    folder = panel.parent / "new" / "pictures"
    call = ["backtest", str(panel), "--method", "povsim", "--draws", "100", "--charts", str(folder)]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert f"Đã ghi 20 tệp hình (.svg, .png) vào {folder}" in done.output
    names = {f"made-{group}-{name}" for group in ("all", "of7") for name in charts.PICTURES}
    assert {path.stem for path in folder.iterdir()} == names
    drawn = (folder / "made-all-errors.svg").read_text("utf-8")
    assert "povsim (mặc định)" in drawn
    assert "Tất cả địa bàn cùng lúc" in drawn
    assert (folder / "made-all-errors.png").read_bytes().startswith(b"\x89PNG")


def test_without_our_forecast_only_what_is_told_is_drawn(panel: Path):
    folder = panel.parent / "pictures"
    call = ["backtest", str(panel), "--method", "linear", "--draws", "100", "--lang", "en"]
    done = CliRunner().invoke(app, [*call, "--charts", str(folder)])
    assert "Wrote 8 pictures" in done.output
    assert {path.stem.split("-")[-1] for path in folder.iterdir()} == {"errors", "coverage"}


def test_a_folder_that_is_none_is_refused_before_the_work(panel: Path):
    done = CliRunner().invoke(app, ["backtest", str(panel), "--charts", str(panel)])
    assert isinstance(done.exception, Refusal)
    assert [finding.rule for finding in done.exception.findings] == ["charts_not_written"]
    assert "Sai số" not in done.output
    for lang in ("vi", "en"):
        assert "{" not in done.exception.text(lang)
