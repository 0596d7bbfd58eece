"""Charts: what is drawn is what was given, in the reader's language, marked where a sample."""

from __future__ import annotations

import html
import json
import re
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from povsim import charts
from povsim.charts import heatmap
from povsim.charts.drawing import INK
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


# --- The twelve indicators in one picture ---------------------------------------------------------

COLUMNS = {"Toàn huyện": 574, "Đăk Kôi": 94, "Có người có công": None}
SHARES = {"Toàn huyện": [0.28, 0.596, 0.25], "Đăk Kôi": [0.394, 1.0, None], "Có người có công": []}
ROWS = [("job", "employment"), ("dependants", "employment"), ("toilet", "water_sanitation")]
SIZES = {"wide": (720, 490), "phone": (340, 560)}


def lacking() -> pd.DataFrame:
    """The whole, a unit whose last form is missing a figure, a group that is not told of."""
    rows = [
        (column, poor, indicator, dimension, share, not SHARES[column])
        for column, poor in COLUMNS.items()
        for (indicator, dimension), share in zip(
            ROWS, SHARES[column] or [0.2, 0.3, 0.4], strict=True
        )
    ]
    names = ["column", "poor", "indicator", "dimension", "share", "hidden"]
    return pd.DataFrame(rows, columns=names).astype({"poor": "Int64"})


def drawn_map(lang: Lang = "vi", size: str = "wide") -> dict[str, Any]:
    title = "Hộ nghèo thiếu gì"
    given = charts.Frame(title, lang, True, *SIZES[size])
    spec: dict[str, Any] = charts.deprivation_map(lacking(), given).to_dict()
    return spec


def cells(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for data in spec["datasets"].values() for row in data]


def test_cells_of_the_map_say_the_shares_in_whole_per_cents_and_what_is_not_told() -> None:
    told = [[row["told"] for row in cells(drawn_map()) if row["column"] == c] for c in "012"]
    assert told == [["28", "60", "25"], ["39", "100", "–"], ["•", "•", "•"]]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_hidden_share_is_nowhere_in_the_map(lang: Lang, size: str) -> None:
    spec = drawn_map(lang, size)
    assert {row["per_cent"] for row in cells(spec) if row["column"] == "2"} == {None}
    assert not re.search(r"\b0\.[234]\b|\b[234]0\.0\b", json.dumps(spec["datasets"]))


def test_rows_of_the_map_keep_their_order_under_their_dimensions() -> None:
    encoding = drawn_map()["layer"][0]["encoding"]
    assert encoding["y"]["scale"]["domain"] == [
        "dimension.employment",
        "indicator.job",
        "indicator.dependants",
        "dimension.water_sanitation",
        "indicator.toilet",
    ]
    assert encoding["x"]["scale"]["domain"] == ["0", "1", "2"]


MAP_WORDS = {
    "vi": ("Nước sinh hoạt và vệ sinh", "Nhà tiêu", "Số liệu mẫu", "• không nêu", "– không có số"),
    "en": ("Water and sanitation", "Toilet", "Sample figures", "• not shown", "– no figure"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_map_speaks_the_reader_s_language_at_both_sizes(lang: Lang, size: str) -> None:
    lines = re.sub(r"</?tspan[^>]*>", " ", svg(drawn_map(lang, size), lang))
    told = html.unescape(texts(lines))
    assert [word for word in MAP_WORDS[lang] if word not in told] == []
    assert not re.search(r"[a-z]_[a-z]|null|undefined|NaN|…", told)


def test_names_of_columns_lie_on_a_screen_and_stand_on_a_phone() -> None:
    wide, phone = (
        drawn_map(size=size)["layer"][0]["encoding"]["x"]["axis"] for size in ("wide", "phone")
    )
    assert (wide["labelAngle"], phone["labelAngle"]) == (0, -90)
    assert '["Toàn huyện", "574 hộ"]' in wide["labelExpr"]
    assert '["Toàn huyện (574)"]' in phone["labelExpr"]
    assert '["Có người có công"]' in phone["labelExpr"]  # how many they are is not told either


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_map_keeps_inside_its_frame(lang: Lang, size: str) -> None:
    drawn = svg(drawn_map(lang, size), lang)
    found = re.search(r'<svg[^>]*\swidth="([\d.]+)"[^>]*\sheight="([\d.]+)"', drawn)
    assert tuple(map(float, found.groups())) == SIZES[size]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, two: str) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def test_numbers_stand_out_on_every_shade_and_shades_from_each_other_in_grey() -> None:
    pairs = zip(heatmap.SHADES, (0, *heatmap.STEPS), strict=True)
    inks = {s: heatmap.ON_DARK if begin >= heatmap.DARK_FROM else INK for s, begin in pairs}
    assert {shade: ink for shade, ink in inks.items() if contrast(shade, ink) < 4.5} == {}
    shades = list(map(luminance, heatmap.SHADES))
    assert shades == sorted(shades, reverse=True)
    assert all(contrast(a, b) > 1.3 for a, b in pairwise(heatmap.SHADES))


@pytest.mark.parametrize(("share", "told", "shade"), [(0.396, "40", 1), (0.394, "39", 0)])
def test_the_printed_number_chooses_the_shade(share: float, told: str, shade: int) -> None:
    row = lacking().iloc[:1].assign(share=share)
    spec = charts.deprivation_map(row, charts.Frame("", "vi", False, 720, 490)).to_dict()
    (cell,) = cells(spec)
    assert cell["told"] == told
    assert (cell["per_cent"] >= heatmap.STEPS[1]) == bool(shade)
