"""Tables to charts: one theme, offline, in the reader's language; the chart shows, never computes.

Every function takes tidy tables of shares and gives an Altair chart. A chart of sample figures
says so in its subtitle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import altair as alt
import pandas as pd

from povsim.i18n import Lang, number, text

INK = "#1b2a41"
BAND_COLOURS = ["#d6e4f0", "#a9c8e2", "#6fa3cd"]
FORECAST = "#2f6ca3"
TARGET = "#c0392b"
BANDS = ((95, 0.025, 0.975), (80, 0.1, 0.9), (50, 0.25, 0.75))
FONT = "Noto Sans, Arial, sans-serif"

NUMBERS: dict[Lang, dict[str, object]] = {
    "vi": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", "\u00a0đ"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", "\u00a0VND"]},
}


@dataclass(frozen=True)
class Frame:
    """What surrounds a chart: title, language, size, and whether the figures are a sample.

    A title may have several lines.
    """

    title: str
    lang: Lang
    sample: bool
    width: int | str = 560
    height: int = 300


def trajectory(
    history: pd.DataFrame, bands: pd.DataFrame, targets: pd.DataFrame, frame: Frame
) -> alt.LayerChart:
    """One area's counted rates, projected bands (50, 80, 95 %) and targets over the years.

    Tables: history (year, rate), bands (year, level, rate), targets (year, rate); shares.
    With no bands (the plan is over) only history and targets are drawn.
    """
    layers = [_band(bands, history, frame.lang, *band) for band in BANDS] if len(bands) else []
    lines = [_line(history, "observed", [1, 0], frame.lang)]
    if len(bands):
        lines.insert(0, _line(_median(bands, history), "median", [5, 4], frame.lang))
    marks: list[alt.Chart | alt.LayerChart] = [
        *layers,
        *lines,
        _targets(targets, frame.lang),
        _labels(history, frame.lang),
    ]
    return dressed(layered(*marks), frame)


def ranking(table: pd.DataFrame, frame: Frame) -> alt.LayerChart:
    """Units side by side: projected rate with its 80 % interval, rate now, and the target.

    Columns: unit, now, low, median, high, target; shares. Rows keep their order.
    """
    shown = _per_cent(table, ["now", "low", "median", "high", "target"])
    order = list(table["unit"])
    base = alt.Chart(shown).encode(
        y=alt.Y("unit:N", sort=order, title=None, axis=alt.Axis(labelLimit=160))
    )
    title = text("chart.rate", frame.lang)
    rule = base.mark_rule(strokeWidth=7, color=BAND_COLOURS[1]).encode(
        x=alt.X("low:Q", title=title, scale=alt.Scale(zero=True)), x2="high:Q"
    )
    marks = [
        _point(base, "now", "observed", "circle", frame.lang),
        _point(base, "median", "median", "square", frame.lang),
        _point(base, "target", "target", "diamond", frame.lang),
    ]
    return dressed(layered(rule, *marks), frame)


def deprivations(table: pd.DataFrame, frame: Frame) -> alt.LayerChart:
    """The twelve indicators as bars: share of poor households lacking each, worst first.

    Columns: indicator (a name already in the reader's language), share.
    """
    shown = _per_cent(table, ["share"])
    label = [number(value, frame.lang, 1) for value in shown["share"]]
    base = alt.Chart(shown.assign(label=label)).encode(
        y=alt.Y("indicator:N", sort="-x", title=None, axis=alt.Axis(labelLimit=200)),
        x=alt.X("share:Q", title=text("chart.share_lacking", frame.lang)),
    )
    bars = base.mark_bar(color=FORECAST, height={"band": 0.7})
    labels = base.mark_text(align="left", dx=4, color=INK).encode(text="label:N")
    return dressed(layered(bars, labels), frame)


def _band(
    bands: pd.DataFrame, history: pd.DataFrame, lang: Lang, level: int, low: float, high: float
) -> alt.Chart:
    """One band as an area that opens from the last counted rate."""
    wide = bands.pivot(index="year", columns="level", values="rate")
    table = pd.DataFrame({"year": wide.index, "low": wide[low], "high": wide[high]})
    last = history.iloc[-1]
    start = pd.DataFrame({"year": [last["year"]], "low": [last["rate"]], "high": [last["rate"]]})
    name = text("chart.band", lang, level=level)
    shown = _per_cent(pd.concat([start, table]), ["low", "high"]).assign(name=name)
    names = [text("chart.band", lang, level=entry[0]) for entry in BANDS]
    scale = alt.Scale(domain=names, range=BAND_COLOURS)
    chart: alt.Chart = (
        alt.Chart(shown)
        .mark_area()
        .encode(
            x=_years(lang),
            y=_rates(lang, "low"),
            y2="high:Q",
            fill=alt.Fill("name:N", scale=scale, legend=_legend("bottom")),
            tooltip=[
                alt.Tooltip("year:O", title=text("chart.year", lang)),
                alt.Tooltip("low:Q", title=f"{name} ≥", format=".1f"),
                alt.Tooltip("high:Q", title=f"{name} ≤", format=".1f"),
            ],
        )
    )
    return chart


def _median(bands: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    middle = bands[bands["level"] == 0.5][["year", "rate"]]
    return pd.concat([history.iloc[[-1]][["year", "rate"]], middle], ignore_index=True)


def _line(table: pd.DataFrame, word: str, dash: list[int], lang: Lang) -> alt.LayerChart:
    name = text(f"chart.{word}", lang)
    base = alt.Chart(_per_cent(table, ["rate"]).assign(name=name)).encode(
        x=_years(lang),
        y=_rates(lang, "rate"),
        color=_named(lang),
        tooltip=_tooltip(lang, name),
    )
    line = base.mark_line(strokeWidth=2.5, strokeDash=dash)
    return layered(line, base.mark_point(filled=True, size=45, opacity=1))


def _targets(targets: pd.DataFrame, lang: Lang) -> alt.Chart:
    name = text("chart.target", lang)
    chart: alt.Chart = (
        alt.Chart(_per_cent(targets, ["rate"]).assign(name=name))
        .mark_point(shape="diamond", size=110, filled=True, opacity=1)
        .encode(
            x=_years(lang),
            y=_rates(lang, "rate"),
            color=_named(lang),
            tooltip=_tooltip(lang, name),
        )
    )
    return chart


def _labels(history: pd.DataFrame, lang: Lang) -> alt.Chart:
    shown = _per_cent(history, ["rate"])
    labels = [number(value, lang, 2) for value in shown["rate"]]
    chart: alt.Chart = (
        alt.Chart(shown.assign(label=labels))
        .mark_text(dy=-12, dx=8, align="left", color=INK, fontSize=12)
        .encode(x=_years(lang), y=_rates(lang, "rate"), text="label:N")
    )
    return chart


def _point(base: alt.Chart, field: str, word: str, shape: str, lang: Lang) -> alt.Chart:
    name = text(f"chart.{word}", lang)
    chart: alt.Chart = (
        base.transform_calculate(name=f"'{name}'")
        .mark_point(shape=shape, size=80, filled=True, opacity=1)
        .encode(
            x=f"{field}:Q",
            color=_named(lang),
            tooltip=["unit:N", alt.Tooltip(f"{field}:Q", title=name, format=".1f")],
        )
    )
    return chart


def _named(lang: Lang) -> alt.Color:
    names = [text(f"chart.{word}", lang) for word in ("observed", "median", "target")]
    scale = alt.Scale(domain=names, range=[INK, FORECAST, TARGET])
    return alt.Color("name:N", scale=scale, legend=_legend("top"))


def _legend(orient: Literal["top", "bottom"]) -> alt.Legend:
    # What is drawn stands above, how sure it is below: side by side they are cut on a phone.
    return alt.Legend(title=None, orient=orient, direction="horizontal")


def _years(lang: Lang) -> alt.X:
    return alt.X("year:O", title=text("chart.year", lang), axis=alt.Axis(labelAngle=0))


def _rates(lang: Lang, field: str) -> alt.Y:
    scale = alt.Scale(zero=True, nice=True)
    return alt.Y(f"{field}:Q", title=text("chart.rate", lang), scale=scale)


def _tooltip(lang: Lang, name: str) -> list[alt.Tooltip]:
    year = alt.Tooltip("year:O", title=text("chart.year", lang))
    return [year, alt.Tooltip("rate:Q", title=name, format=".2f")]


def _per_cent(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Shares as per cent at two decimals, the finest any figure is printed with."""
    return table.assign(**{name: (table[name].astype(float) * 100).round(2) for name in columns})


def dressed(chart: alt.LayerChart, frame: Frame) -> alt.LayerChart:
    """The house theme: fonts, sizes, number signs of the language."""
    dressed: alt.LayerChart = (
        chart.properties(width=frame.width, height=frame.height, title=_title(frame), padding=8)
        .configure(
            font=FONT,
            locale={"number": NUMBERS[frame.lang]},
            background="white",
            autosize={"type": "fit", "contains": "padding"},
        )
        .configure_axis(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#e8ecef"
        )
        .configure_legend(columns=3, labelFontSize=12, labelLimit=240, columnPadding=8)
        .configure_title(fontSize=14, subtitleFontSize=12, offset=10)
        .configure_view(stroke=None)
    )
    return dressed


def _title(frame: Frame) -> alt.TitleParams:
    """The title with the sample mark under it; the mark alone where a caption gives the title."""
    mark = text("sample.badge", frame.lang) if frame.sample else ""
    if not frame.title:
        return alt.TitleParams(mark, anchor="start", color=TARGET, fontWeight="normal", fontSize=12)
    lines = frame.title.split("\n")
    return alt.TitleParams(
        lines if len(lines) > 1 else frame.title,
        subtitle=mark,
        anchor="start",
        color=INK,
        subtitleColor=TARGET,
    )


def layered(*charts: alt.Chart | alt.LayerChart) -> alt.LayerChart:
    return alt.LayerChart(layer=list(charts))
