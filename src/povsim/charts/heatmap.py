"""The twelve indicators in one picture: who lacks what, a column each, the darker the more.

The steps of the one colour differ in lightness alone, so they survive a grey printer and any
colour vision; the number stands in each cell all the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import altair as alt
import pandas as pd

from povsim.charts.drawing import INK, Frame, dressed, layered
from povsim.i18n import MISSING, Lang, number, text

STEPS = (20, 40, 60, 80)
"""Where a darker shade begins, in the whole per cents that are printed."""
SHADES = ("#eef3f8", "#c3d8ea", "#8fb6d6", "#3a719f", "#17334f")
ON_DARK = "#ffffff"
DARK_FROM = 60
"""From here on the number is white: either way it stands out at 4.5 to 1 or more (a test)."""
HIDDEN = "•"
"""Stands where a figure is held back, whatever the reason: why would be half of it."""
EMPTY = "#ffffff"
EDGE = "#8a96a3"


@dataclass(frozen=True)
class Layout:
    """Pixels and sizes of one of the two pictures."""

    labels: int
    font: int
    head_font: int
    cell_font: int
    upright: bool


WIDE = Layout(labels=160, font=12, head_font=11, cell_font=12, upright=True)
NARROW = Layout(labels=128, font=11, head_font=11, cell_font=10, upright=False)
LINE = 14
"""Pixels from line to line in the name of a column."""
GAP = 6
"""Pixels between the name of a column and its cells."""
NARROW_BELOW = 480
"""A picture of fewer pixels is for a phone: the names of its columns stand on end."""


def deprivation_map(table: pd.DataFrame, frame: Frame) -> alt.LayerChart:
    """Rows are indicators under their dimensions, columns are areas or groups; shares in cells.

    Args:
        table: long, `column` (a name in the reader's language), `poor` (its households, missing
            where not told), `indicator`, `dimension` (keys), `share` of those households (missing
            where there is no figure), and `hidden` where it is held back. Rows and columns keep
            the order they come in; the first column is the whole and stands out.
        frame: under 480 pixels wide the picture is made for a phone.
    """
    layout = NARROW if _pixels(frame) < NARROW_BELOW else WIDE
    cells = _cells(table, frame.lang)
    base = alt.Chart(cells).encode(x=_columns(table, frame, layout), y=_rows(table, layout, frame))
    told, untold = "isValid(datum.per_cent)", "!isValid(datum.per_cent)"
    shades = base.transform_filter(told).mark_rect().encode(fill=_fill(cells, frame.lang))
    blanks = base.transform_filter(untold).mark_rect(fill=EMPTY, stroke=EDGE, strokeDash=[2, 2])
    figures = base.mark_text(fontSize=layout.cell_font).encode(
        text="told:N", color=alt.Color("ink:N", scale=None)
    )
    return dressed(layered(shades, blanks, figures), frame)


def _pixels(frame: Frame) -> int:
    return frame.width if isinstance(frame.width, int) else NARROW_BELOW


def _cells(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """What each cell says: `column` (its place), `row`, `per_cent`, `told`, `ink`.

    The printed number chooses the shade, so that 39.6 is not told as 40 in the shade of 39.
    """
    places = {name: str(place) for place, name in enumerate(table["column"].unique())}
    per_cent = (table["share"].astype(float) * 100).round().mask(table["hidden"])
    told = [number(value, lang) for value in per_cent]
    return pd.DataFrame(
        {
            "column": table["column"].map(places),
            "row": "indicator." + table["indicator"],
            "per_cent": per_cent,
            "told": pd.Series(told, table.index).mask(table["hidden"], HIDDEN),
            "ink": (per_cent >= DARK_FROM).map({True: ON_DARK, False: INK}),
        }
    )


def _fill(cells: pd.DataFrame, lang: Lang) -> alt.Fill:
    scale = alt.Scale(type="threshold", domain=list(STEPS), range=list(SHADES))
    legend = alt.Legend(
        title=_legend_title(cells, lang),
        orient="bottom",
        direction="horizontal",
        titleFontSize=11,
        titleFontWeight="normal",
        titleLimit=0,
    )
    return alt.Fill("per_cent:Q", scale=scale, legend=legend)


def _legend_title(cells: pd.DataFrame, lang: Lang) -> list[str]:
    """What the number is; below it, the signs that stand in this picture."""
    words = {HIDDEN: "sign_hidden", MISSING: "sign_missing"}
    signs = [
        text(f"chart.{word}", lang, sign=sign)
        for sign, word in words.items()
        if (cells["told"] == sign).any()
    ]
    return [text("chart.share_of_poor", lang), *([" · ".join(signs)] if signs else [])]


def _rows(table: pd.DataFrame, layout: Layout, frame: Frame) -> alt.Y:
    """A row for each dimension's name, under it those of its indicators."""
    order = table[["dimension", "indicator"]].drop_duplicates()
    names: dict[str, Any] = {}
    for dimension, rows in order.groupby("dimension", sort=False):
        names[f"dimension.{dimension}"] = text(f"dimension.{dimension}", frame.lang)
        for indicator in rows["indicator"]:
            names[f"indicator.{indicator}"] = text(f"indicator.{indicator}", frame.lang)
    axis = _axis(
        names,
        "indexof(datum.value, 'dimension.') == 0",
        labelFontSize=layout.font,
        labelAlign="left",
        labelPadding=layout.labels,
    )
    return alt.Y("row:N", title=None, axis=axis, scale=_band(names))


def _columns(table: pd.DataFrame, frame: Frame, layout: Layout) -> alt.X:
    heads = table.drop_duplicates("column")
    room = (_pixels(frame) - layout.labels) / len(heads)
    told = [
        _head(name, poor, room, layout, frame.lang)
        for name, poor in zip(heads["column"], heads["poor"], strict=True)
    ]
    names = {str(place): head for place, head in enumerate(told)}
    stand: dict[str, Any] = {"labelAngle": 0, "labelPadding": _lifted(names)}
    if not layout.upright:
        stand = {"labelAngle": -90, "labelAlign": "left", "labelPadding": GAP}
    size = {"labelFontSize": layout.head_font, "labelLineHeight": LINE}
    axis = _axis(names, "datum.value == '0'", orient="top", **size, **stand)
    return alt.X("column:N", title=None, axis=axis, scale=_band(names))


def _lifted(names: dict[str, list[str]]) -> dict[str, Any]:
    """Vega lets lines grow down from the first: so a name starts as high as it has lines."""
    tests = [
        {"test": f"datum.value == '{place}'", "value": GAP + LINE * (len(lines) - 1)}
        for place, lines in names.items()
    ]
    return {"condition": tests, "value": GAP}


def _head(name: str, poor: Any, room: float, layout: Layout, lang: Lang) -> list[str]:
    """A column's name and households: in lines where it lies, in one where it stands on end."""
    count = "" if pd.isna(poor) else number(int(poor), lang)
    if not layout.upright:
        return [f"{name} ({count})" if count else name]
    letters = max(int(room / (layout.head_font * 0.6)), 5)
    households = text("chart.column_households", lang, count=count)
    return [*wrap(name, letters, break_long_words=False), *([households] if count else [])]


def _axis(names: dict[str, Any], strong: str, **more: Any) -> alt.Axis:
    """Names instead of keys, never cut, no lines; bold where the test says so."""
    weight: Any = {"condition": {"test": strong, "value": "bold"}, "value": "normal"}
    return alt.Axis(
        labelExpr=f"{json.dumps(names, ensure_ascii=False)}[datum.value]",
        labelFontWeight=weight,
        labelLimit=0,
        labelOverlap=False,
        labelColor=INK,
        domain=False,
        ticks=False,
        grid=False,
        **more,
    )


def _band(names: dict[str, Any]) -> alt.Scale:
    return alt.Scale(domain=list(names), paddingInner=0.06, paddingOuter=0)
