"""What a planner is told of back-tests is true to the numbers, also where they are bad."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from povsim.report import trust
from povsim.report.document import Bullets, Figure, Notice, Paragraph, Table
from povsim.report.trials import MEAN

GOOD = {"mae_ratio": (0.5, 0.4, 0.6), "cov80": (0.8,), "cov95": (0.95,), "ece": (0.03,)}
BAD = {"mae_ratio": (1.2, 1.1, 1.3), "cov80": (0.6,), "cov95": (0.99,), "ece": (0.4,)}
LINEAR = {"mae_ratio": (0.9, 0.8, 1.1)}
TENTHS = {"count_2": (30,), "chance_2": (0.25,), "met_2": (0.9,), "pit_0": (0.9,)}
TENTHS |= {f"pit_{b}": (0.0125,) for b in range(1, 9)} | {"pit_9": (0.0,)}
SPAIN, VIETNAM = "spain_municipalities_2015_2022", "vietnam_provinces_2006_2016"
CHARTS = [name for name in trust.__all__ if name.endswith("_chart")]


def rows(panel: str, method: str, told: dict[str, tuple[float, ...]]) -> list[tuple[object, ...]]:
    return [
        (panel, "of7", method, metric, *figures, *[None] * (3 - len(figures)))
        for metric, figures in told.items()
    ]


def kept(folder: Path, *made: list[tuple[object, ...]]) -> trust.Trial:
    columns = ["panel", "group", "method", "metric", "value", "low", "high"]
    table = pd.DataFrame([row for part in made for row in part], columns=columns)
    table.to_csv(folder / "2026-11-25-backtest.csv", index=False)
    return trust.kept("of7", folder)


def two(folder: Path) -> trust.Trial:
    parts = [rows(SPAIN, "povsim", GOOD), rows(VIETNAM, "povsim", BAD)]
    return kept(folder, *parts, *(rows(panel, "linear", LINEAR) for panel in (SPAIN, VIETNAM)))


def lines(trial: trust.Trial) -> tuple[str, ...]:
    told = trust.verdict(trial)
    assert isinstance(told, Bullets)
    return told.items


def test_the_newest_kept_result_is_told_with_its_day_and_its_sources(tmp_path: Path):
    (tmp_path / "2025-01-01-backtest.csv").write_text("no,such,columns\n")
    told = trust.origin(two(tmp_path)).text
    wanted = ["25/11/2026", "INE", "CC BY 4.0", "Tổng cục Thống kê", "từng nhóm bảy địa bàn"]
    assert [word for word in wanted if word not in told] == []


def test_without_a_kept_result_there_is_one_sentence_and_nothing_else(tmp_path: Path):
    trial = trust.kept("of7", tmp_path)
    assert "Chưa có kết quả thử lại" in trust.origin(trial).text
    names = ["verdict", "errors_table", *CHARTS]
    assert {name: getattr(trust, name)(trial) for name in names} == dict.fromkeys(names)


def test_errors_are_told_as_they_are(tmp_path: Path):
    errors, *_ = lines(two(tmp_path))
    assert "sai số của povsim bằng **85\u00a0%** sai số của “không đổi”" in errors
    assert "Tây Ban Nha 50\u00a0% (40–60\u00a0%); Việt Nam 120\u00a0% (110–130\u00a0%)" in errors
    assert "povsim tốt hơn rõ ở Tây Ban Nha; kém hơn rõ ở Việt Nam." in errors
    assert "thấp nhất trong 2 phương pháp" in errors


def test_the_pooled_figure_is_taken_where_there_is_one(tmp_path: Path):
    mean = rows("pooled", "povsim", {"mae_ratio": (0.7, 0.6, 0.8)})
    trial = kept(tmp_path, rows(SPAIN, "povsim", GOOD), rows(VIETNAM, "povsim", BAD), mean)
    assert trial.panels == ["Tây Ban Nha", "Việt Nam"]
    errors, *_ = lines(trial)
    assert "Bình quân 2 bộ số liệu, sai số của povsim bằng **70\u00a0% (60–80\u00a0%)**" in errors
    assert MEAN in [column.name for column in trust.errors_table(trial).columns]


def test_a_better_method_is_named(tmp_path: Path):
    errors, *_ = lines(
        kept(tmp_path, rows(VIETNAM, "povsim", BAD), rows(VIETNAM, "linear", LINEAR))
    )
    assert "povsim kém hơn rõ." in errors
    assert "povsim đứng thứ 2; thấp nhất là “Đường thẳng từng nơi”" in errors


def test_a_method_that_lacks_a_panel_is_not_ranked_but_listed_last(tmp_path: Path):
    trial = kept(
        tmp_path,
        *(rows(panel, "povsim", BAD) for panel in (SPAIN, VIETNAM)),
        rows(SPAIN, "linear", LINEAR),
    )
    assert "thấp nhất trong 1 phương pháp" in lines(trial)[0]
    assert [row[0] for row in trust.errors_table(trial).rows] == [
        "povsim (mặc định)",
        "Đường thẳng từng nơi",
    ]
    assert trust.errors_table(trial).rows[1][2] == "–"


def test_bands_and_chances_that_do_not_hold_are_said_to(tmp_path: Path):
    _, bands, chances = lines(two(tmp_path))
    assert "80\u00a0% (Tây Ban Nha), 60\u00a0% (Việt Nam) số lần" in bands
    assert "đúng mức ở Tây Ban Nha; quá hẹp ở Việt Nam" in bands
    assert "đúng mức ở Tây Ban Nha; quá rộng ở Việt Nam" in bands
    assert "sát thực tế ở Tây Ban Nha; lệch nhiều ở Việt Nam" in chances
    assert "đừng dựa vào con số khả năng" in chances
    assert "đã nói bình quân" not in chances  # an older table does not tell


def test_good_chances_bring_no_warning(tmp_path: Path):
    *_, chances = lines(kept(tmp_path, rows(SPAIN, "povsim", GOOD)))
    assert chances.endswith("lệch thực tế bình quân 3 điểm %, tức là sát thực tế.")


def test_the_tenths_say_in_which_direction(tmp_path: Path):
    trial = kept(tmp_path, rows(VIETNAM, "povsim", BAD | TENTHS))
    assert "đã nói bình quân 25\u00a0%, thực tế đạt 90\u00a0%" in lines(trial)[2]
    assert "dự báo thường cao hơn thực tế" in trust.pit_chart(trial).note


def test_pictures_an_older_table_cannot_give_are_named(tmp_path: Path):
    trial = two(tmp_path)
    shown = {name: getattr(trust, name)(trial) for name in CHARTS}
    assert {name for name, each in shown.items() if isinstance(each, Figure)} == {
        "errors_chart",
        "coverage_chart",
    }
    assert isinstance(shown["pit_chart"], Paragraph)
    assert "make backtest" in shown["pit_chart"].text


@pytest.fixture
def series(tmp_path: Path) -> Path:
    made = [
        (f"a{area}", year, 10_000, 3000 - 150 * step - 37 * (area * step % 5))
        for area in range(5)
        for step, year in enumerate(range(2010, 2018))
    ]
    path = tmp_path / "xa.csv"
    pd.DataFrame(made, columns=["area_id", "year", "population", "poor"]).to_csv(path, index=False)
    return path


def test_an_own_series_too_small_for_sevens_is_tried_as_a_whole(series: Path):
    trial = trust.own(str(series), "of7")
    assert (
        "xa, 5 địa bàn, 2010–2017. Cách thử: tất cả địa bàn cùng lúc." in trust.origin(trial).text
    )
    assert isinstance(trust.errors_table(trial), Table)
    assert all(isinstance(getattr(trust, name)(trial), Figure) for name in CHARTS)
    assert all("nan" not in line for line in lines(trial))


def test_a_series_that_never_changes_or_has_too_many_gaps_is_told_so(series: Path):
    pd.read_csv(series).assign(poor=900).to_csv(series, index=False)
    still = trust.own(str(series))
    assert "số liệu không đổi chút nào" in lines(still)[0]
    assert trust.errors_table(still) is None
    assert isinstance(trust.errors_chart(still), Paragraph)
    gaps = pd.read_csv(series)
    gaps[(gaps["year"] - gaps["area_id"].str[1:].astype(int)) % 3 > 0].to_csv(series, index=False)
    assert "3 năm liền nhau" in trust.origin(trust.own(str(series))).text


def test_without_a_series_the_reader_learns_how_and_with_a_bad_one_what_is_wrong(series: Path):
    assert "area_id, year, population, poor" in trust.origin(trust.own("")).text
    pd.read_csv(series).drop(columns="poor").to_csv(series, index=False)
    told = trust.origin(trust.own(str(series)))
    assert isinstance(told, Notice)
    assert "poor" in told.text
    assert trust.verdict(trust.own(str(series))) is None
