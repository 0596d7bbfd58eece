"""How good forecasts were, in pictures: errors, bands that hold, chances that come true.

Every function takes rows of a back-test's table (`panel, method, metric, value, low, high`) of one
group, `panel` being a name for the reader. Of one panel ours stand out; of several each has its
colour. A picture for which the table has no figures is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from povsim.charts.drawing import FORECAST, INK, Frame, dressed, layered
from povsim.i18n import Lang, catalogue, text

OURS, NAIVE = "povsim", "last_value"
"""Whose chances are drawn, and whose error is the measure."""
OTHERS = "#8a96a3"
PANEL_COLOURS = [FORECAST, "#d55e00", "#009e73", INK, "#8a5aa8", "#b8860b"]
FAIR = {80: (75, 85), 95: (92, 98)}
"""Per cents within which a band of so many per cent is taken to hold what it says."""
FAIR_COLOUR = "#e3ecdf"
SHAPES = ["circle", "diamond"]
TENTH = 10
BOLD_OURS: Any = {
    "condition": {"test": f"indexof(datum.value, '{OURS}') == 0", "value": "bold"},
    "value": "normal",
}
Drawn = alt.LayerChart | None


def errors(table: pd.DataFrame, frame: Frame) -> Drawn:
    """The error of each method against that of no change, best first, with its interval."""
    rows = _rows(table, ["mae_ratio"], frame.lang)
    rows = rows[rows["method"] != NAIVE]
    if rows.empty:
        return None
    title = _lines("chart.error_ratio", frame.lang)
    axis = alt.X("value:Q", title=title, scale=alt.Scale(zero=True))
    base = _by_method(rows.assign(rank=rows["value"]), axis)
    return dressed(layered(_unchanged("x", frame.lang), *_dots(base, rows)), frame)


def coverage(table: pd.DataFrame, frame: Frame) -> Drawn:
    """How often the bands of 80 and 95 % held what came, by method; what is fair is shaded."""
    rows = _rows(_per_cent(table), [f"cov{level}" for level in FAIR], frame.lang)
    if rows.empty:
        return None
    names = {level: text("chart.band", frame.lang, level=level) for level in FAIR}
    level = rows["metric"].str.removeprefix("cov").astype(int)
    rows = rows.assign(level=level.map(names), rank=(rows["value"] - level).abs())
    axis = alt.X(
        "value:Q", title=_lines("chart.coverage", frame.lang), scale=alt.Scale(domain=[0, 100])
    )
    scale = alt.Scale(domain=list(names.values()), range=SHAPES)
    shape = alt.Shape("level:N", scale=scale, legend=_legend("bottom"))
    whiskers, dots = _dots(_by_method(rows, axis), rows)
    return dressed(layered(*_fair(), whiskers, dots.encode(shape=shape)), frame)


def reliability(table: pd.DataFrame, frame: Frame, method: str = OURS) -> Drawn:
    """What became of chances: told across, came true upwards, on the diagonal where both agree.

    The larger a dot, the more of its panel's forecasts.
    """
    rows = _tenths(table, method)
    if rows.empty:
        return None
    ends = pd.DataFrame({"told": [0, 100], "came": [0, 100]})
    diagonal = alt.Chart(ends).mark_line(color=OTHERS, strokeDash=[4, 4], strokeWidth=1.5)
    across = _share("told", "chart.chance_told", frame.lang)
    upwards = _share("came", "chart.chance_met", frame.lang)
    base = alt.Chart(rows).encode(x=across, y=upwards, color=_coloured(rows))
    whiskers = base.transform_filter("isValid(datum.low)").mark_rule(opacity=0.5)
    size = alt.Size("part:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[15, 700]))
    marks = [
        diagonal.encode(x=across, y=upwards),
        _said("chart.as_told", frame.lang, align="left", dx=12, dy=4).encode(
            x=alt.datum(30), y=alt.datum(30)
        ),
        whiskers.encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_line(strokeWidth=1.5, opacity=0.6),
        base.mark_point(filled=True, opacity=0.85, shape="circle").encode(size=size),
    ]
    return dressed(layered(*marks), frame)


def pit(table: pd.DataFrame, frame: Frame, method: str = OURS) -> Drawn:
    """In which tenth of its own forecast the truth fell: flat where the bands are as told."""
    rows = _numbered(_per_cent(table), "pit_", method)
    if rows.empty:
        return None
    rows = rows.assign(tenth=rows["number"] + 1)
    base = alt.Chart(rows).encode(
        x=alt.X("tenth:O", title=_lines("chart.pit_tenth", frame.lang), axis=_flat()),
        y=alt.Y("value:Q", title=text("chart.pit_share", frame.lang)),
        color=_coloured(rows),
    )
    bars = _beside(base.mark_bar(), rows, alt.XOffset)
    level = alt.Chart(pd.DataFrame({"value": [100 / TENTH]})).encode(y="value:Q")
    return dressed(layered(bars, level.mark_rule(color=INK, strokeDash=[4, 4])), frame)


def horizons(table: pd.DataFrame, frame: Frame, method: str = OURS) -> Drawn:
    """Our error against that of no change, by years ahead, with its interval."""
    rows = _numbered(table, "mae_ratio_h", method)
    if rows.empty:
        return None
    years = sorted(map(int, rows["number"].unique()))
    axis = alt.Axis(values=years, format="d", grid=False)
    scale = alt.Scale(domain=[years[0] - 0.4, years[-1] + 0.4], nice=False)
    base = alt.Chart(rows.assign(place=rows["number"] + _apart(rows))).encode(
        x=alt.X("place:Q", title=text("chart.years_ahead", frame.lang), axis=axis, scale=scale),
        y=alt.Y("value:Q", title=_lines("chart.error_ratio", frame.lang)),
        color=_coloured(rows),
    )
    whiskers = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2, opacity=0.6)
    marks = [
        _unchanged("y", frame.lang),
        whiskers.encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_line(strokeWidth=2),
        base.mark_point(filled=True, size=70, opacity=1),
    ]
    return dressed(layered(*marks), frame)


PICTURES: Mapping[str, Callable[[pd.DataFrame, Frame], Drawn]] = {
    "errors": errors,
    "coverage": coverage,
    "reliability": reliability,
    "pit": pit,
    "horizons": horizons,
}
"""All of them by name, in the order they are read."""


def method_name(method: str, lang: Lang) -> str:
    """What a method is called; one that was added from outside keeps its own name."""
    return catalogue(lang).get(f"method_name.{method}", method)


def _rows(table: pd.DataFrame, metrics: list[str], lang: Lang) -> pd.DataFrame:
    """The rows of some metrics, with the methods' names and the ink of one panel."""
    rows = table[table["metric"].isin(metrics)]
    ours = rows["method"].str.startswith(OURS)
    names = [method_name(method, lang) for method in rows["method"]]
    return rows.assign(name=names, ink=ours.map({True: FORECAST, False: OTHERS}))


def _numbered(table: pd.DataFrame, head: str, method: str) -> pd.DataFrame:
    """The rows of `head` and a number, in its order, the number in a column of its own."""
    number = table["metric"].str.extract(rf"^{head}(\d+)$")[0]
    rows = table.assign(number=number)[number.notna() & (table["method"] == method)]
    return rows.astype({"number": int}).assign(ink=FORECAST)


def _tenths(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """Where chances were told: `panel, told, came, low, high` in per cent, `part` of the panel."""
    told, met, count = (
        _numbered(table, head, method).set_index(["panel", "number"])
        for head in ("chance_", "met_", "count_")
    )
    rows = met[["value", "low", "high", "ink"]].rename(columns={"value": "came"})
    part = count["value"] / count["value"].groupby("panel").transform("sum")
    rows = rows.assign(told=told["value"], part=part)
    shares = ["told", "came", "low", "high"]
    return rows.assign(**(rows[shares] * 100)).reset_index().dropna(subset=["told", "came"])


def _per_cent(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{name: table[name] * 100 for name in ("value", "low", "high")})


def _by_method(rows: pd.DataFrame, x: alt.X) -> alt.Chart:
    """A row a method, the lowest `rank` first; last what was not tried on every panel."""
    rank = rows.groupby("name")["rank"].agg(["count", "mean"])
    order = rank.sort_values(["count", "mean"], ascending=[False, True]).index
    axis = alt.Axis(labelLimit=0, labelFontWeight=BOLD_OURS, grid=True, ticks=False)
    y = alt.Y("name:N", sort=list(order), title=None, axis=axis)
    chart: alt.Chart = alt.Chart(rows).encode(x=x, y=y, color=_coloured(rows))
    return chart


def _dots(base: alt.Chart, rows: pd.DataFrame) -> tuple[alt.Chart, alt.Chart]:
    """Intervals as lines, values as dots over them; panels one below the other."""
    whiskers = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2, opacity=0.6)
    whiskers = whiskers.encode(x=alt.X("low:Q"), x2="high:Q")
    dots = base.mark_point(filled=True, size=65, opacity=1)
    return _beside(whiskers, rows, alt.YOffset), _beside(dots, rows, alt.YOffset)


def _beside(marks: alt.Chart, rows: pd.DataFrame, offset: type[Any]) -> alt.Chart:
    panels = list(rows["panel"].unique())
    chart: alt.Chart = marks.encode(offset("panel:N", sort=panels)) if len(panels) > 1 else marks
    return chart


def _coloured(rows: pd.DataFrame) -> alt.Color:
    """A colour a panel where there are several, else ours apart from the others."""
    panels = list(rows["panel"].unique())
    if len(panels) == 1:
        return alt.Color("ink:N", scale=None)
    scale = alt.Scale(domain=panels, range=PANEL_COLOURS[: len(panels)])
    return alt.Color("panel:N", scale=scale, legend=_legend("top"))


def _apart(rows: pd.DataFrame) -> pd.Series[float]:
    """A little to each side, so that the intervals of several panels do not hide each other."""
    places = {panel: place for place, panel in enumerate(rows["panel"].unique())}
    return 0.06 * (rows["panel"].map(places) - (len(places) - 1) / 2)


def _fair() -> list[alt.Chart]:
    """The shaded per cents of each band, and the line of what it says."""
    bounds = pd.DataFrame(
        [(level, *fair) for level, fair in FAIR.items()], columns=["at", "a", "b"]
    )
    base = alt.Chart(bounds)
    shade = base.mark_rect(color=FAIR_COLOUR).encode(x="a:Q", x2="b:Q")
    return [shade, base.mark_rule(color=INK, strokeDash=[4, 4]).encode(x="at:Q")]


def _unchanged(channel: str, lang: Lang) -> alt.LayerChart:
    """The line of no change, with its name at the end that is out of the way."""
    one = pd.DataFrame({"value": [1.0]})
    line = alt.Chart(one).mark_rule(color=INK, strokeDash=[4, 4]).encode(**{channel: "value:Q"})
    label = _said("chart.no_change", lang, align="center" if channel == "x" else "right", dy=-7)
    end = {"x": {"y": alt.value(0)}, "y": {"x": alt.value("width")}}[channel]
    return layered(line, label.encode(**{channel: alt.datum(1.0)}, **end))


def _said(key: str, lang: Lang, **place: Any) -> alt.Chart:
    """A word beside a line, once."""
    said = pd.DataFrame({"said": [text(key, lang)]})
    chart: alt.Chart = alt.Chart(said).mark_text(color=INK, **place).encode(text="said:N")
    return chart


def _share(field: str, key: str, lang: Lang) -> Any:
    kind = alt.X if field == "told" else alt.Y
    return kind(f"{field}:Q", title=text(key, lang), scale=alt.Scale(domain=[0, 100]))


def _lines(key: str, lang: Lang) -> list[str]:
    """A title of an axis in its lines."""
    return text(key, lang).split("\n")


def _flat() -> alt.Axis:
    return alt.Axis(labelAngle=0, grid=False)


def _legend(orient: Any) -> alt.Legend:
    return alt.Legend(title=None, orient=orient, direction="horizontal")
