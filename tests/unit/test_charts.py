"""Charts: what is drawn is what was given, in the reader's language, marked where a sample."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from povsim import charts
from povsim.charts.pictures import svg
from povsim.i18n import Lang

HISTORY = pd.DataFrame({"year": [2023, 2024], "rate": [0.1051, 0.0747]})
LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
RATES = (0.03, 0.04, 0.045, 0.05, 0.055, 0.06, 0.07)
BANDS = pd.DataFrame(
    [(2025, level, rate) for level, rate in zip(LEVELS, RATES, strict=True)],
    columns=["year", "level", "rate"],
)
TARGETS = pd.DataFrame({"year": [2025], "rate": [0.0087]})


def frame(lang: Lang = "vi", sample: bool = True) -> charts.Frame:
    return charts.Frame("Đăk Kôi: tỷ lệ", lang, sample, width=340)


def texts(picture: str) -> str:
    return " ".join(re.findall(r"<text[^>]*>([^<]*)", picture))


def test_bands_and_points_hold_the_given_rates_in_per_cent() -> None:
    spec = charts.trajectory(HISTORY, BANDS, TARGETS, frame()).to_dict()
    rows = [row for data in spec["datasets"].values() for row in data]
    bands = {
        row["name"]: (row["low"], row["high"]) for row in rows if row.get("low") != row.get("high")
    }
    assert bands == {
        "Khoảng 95 %": (3.0, 7.0),
        "Khoảng 80 %": (4.0, 6.0),
        "Khoảng 50 %": (4.5, 5.5),
    }
    assert {row["rate"] for row in rows if row.get("name") == "Mục tiêu"} == {0.87}


@pytest.mark.parametrize(
    ("lang", "words"),
    [("vi", ("Rà soát", "Dự báo", "Mục tiêu", "7,47", "Số liệu mẫu")), ("en", ("Review", "7.47"))],
)
def test_a_chart_speaks_the_reader_s_language(lang: Lang, words: tuple[str, ...]) -> None:
    told = texts(svg(charts.trajectory(HISTORY, BANDS, TARGETS, frame(lang)).to_dict(), lang))
    assert [word for word in words if word not in told] == []


def test_only_a_sample_is_called_one() -> None:
    drawn = charts.trajectory(HISTORY, BANDS, TARGETS, frame(sample=False))
    assert "Số liệu mẫu" not in json.dumps(drawn.to_dict(), ensure_ascii=False)


def test_a_chart_whose_caption_gives_the_title_keeps_the_mark() -> None:
    untitled = charts.Frame("", "vi", sample=True)
    told = texts(svg(charts.trajectory(HISTORY, BANDS, TARGETS, untitled).to_dict(), "vi"))
    assert "Số liệu mẫu" in told


def test_without_bands_history_and_targets_are_drawn() -> None:
    nothing = BANDS.iloc[:0]
    told = texts(svg(charts.trajectory(HISTORY, nothing, TARGETS, frame()).to_dict(), "vi"))
    assert "Rà soát" in told
    assert "Khoảng" not in told


def test_ranking_keeps_the_given_order() -> None:
    table = pd.DataFrame(
        {
            "unit": ["Tân Lập", "Đăk Kôi"],
            "now": [0.04, 0.14],
            "low": [0.01, 0.08],
            "median": [0.02, 0.1],
            "high": [0.03, 0.12],
            "target": [0.025, 0.09],
        }
    )
    told = texts(svg(charts.ranking(table, frame()).to_dict(), "vi"))
    assert told.index("Tân Lập") < told.index("Đăk Kôi")


def test_the_chart_s_font_is_the_one_we_bring() -> None:
    drawn = svg(charts.trajectory(HISTORY, BANDS, TARGETS, frame()).to_dict(), "vi")
    fonts = set(re.findall(r'font-family="([^"]*)"', drawn))
    assert all(font.startswith("Noto Sans") for font in fonts), fonts
