"""How far to trust a forecast: methods tried on a series that is known to its end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from textwrap import wrap
from typing import Annotated

import pandas as pd
import typer

from povsim.backtest.protocol import Task
from povsim.commands.options import Language, Lingua, lang_of
from povsim.findings import Refusal, refuse
from povsim.i18n import Lang, number, text

SHOWN = {"mae_ratio": 2, "crps_ratio": 2, "cov80": 2, "cov95": 2, "ece": 3}
"""The metrics of the screen, with their decimals; the CSV has all."""
BLANK = "–"
HEIGHTS = {"errors": 300, "coverage": 280, "reliability": 420, "pit": 280, "horizons": 280}
"""Of the pictures, in pixels."""
LETTERS = 60
"""So many fit into a line of a picture's title."""


def backtest(
    panel: Annotated[
        Path, typer.Argument(help="CSV: area_id, year, population, poor[, region] · series")
    ],
    reference: Annotated[
        Path | None, typer.Option(help="Chuỗi rộng hơn (tỉnh) · wider series for the drift")
    ] = None,
    method: Annotated[
        list[str] | None, typer.Option(help="Chỉ các phương pháp này · these methods only")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Ghi mọi chỉ số ra CSV · metrics")] = None,
    charts: Annotated[
        Path | None, typer.Option(help="Thư mục ghi hình SVG, PNG · folder for pictures")
    ] = None,
    draws: Annotated[int, typer.Option(min=100, help="Số lượt mô phỏng · draws")] = 500,
    seed: Annotated[int, typer.Option(help="Số gieo · seed")] = 2025,
    language: Lingua = Language.VI,
) -> None:
    """Thử lại dự báo trên chuỗi đã biết kết quả · forecasts against what came, by method."""
    from povsim import backtest as backtests

    lang = lang_of(language)
    series = backtests.read(panel)
    wider = None if reference is None else backtests.read(reference)
    chosen = backtests.chosen(method)
    if charts is not None:
        _open(charts)  # before the long work, not after it
    typer.echo(
        text(
            "backtest.head",
            lang,
            name=series.name,
            areas=len(series.areas),
            years=_span(series.years),
        )
    )
    made = backtests.backtest(
        series,
        reference=wider,
        methods=chosen,
        draws=draws,
        seed=seed,
        watch=lambda tasks: _watched(tasks, lang),
    )
    table = made.table()
    typer.echo("\n".join(lines(table, lang)))
    if csv is not None:
        table.to_csv(csv, index=False)
        typer.echo(text("cli.written", lang, path=csv))
    if charts is not None:
        count = len(drawn(table, charts, lang))
        typer.echo(text("backtest.drawn", lang, count=count, folder=charts))


def drawn(table: pd.DataFrame, folder: Path, lang: Lang) -> list[Path]:
    """Every picture of a table as `<panel>-<group>-<picture>.svg` and `.png` in a folder.

    Raises:
        Refusal: `charts_not_written`.
    """
    from povsim.charts import PICTURES, Frame
    from povsim.charts.pictures import png, svg

    made: list[Path] = []
    for (panel, group), rows in table.groupby(["panel", "group"]):
        for name, draw in PICTURES.items():
            title = [text(f"picture.{name}", lang), *wrap(str(panel), LETTERS)]
            title.append(text(f"backtest.group_{group}", lang))
            frame = Frame("\n".join(title), lang, sample=False, height=HEIGHTS[name])
            chart = draw(rows, frame)
            if chart is not None:
                picture = svg(chart.to_dict(), lang)
                stem = folder / f"{panel}-{group}-{name}"
                made += _kept(stem, {".svg": picture.encode(), ".png": png(picture)})
    return made


def _kept(stem: Path, contents: dict[str, bytes]) -> Iterator[Path]:
    for suffix, content in contents.items():
        path = stem.with_name(stem.name + suffix)
        try:
            path.write_bytes(content)
        except OSError as error:
            raise _unwritten(stem.parent, error) from error
        yield path


def _open(folder: Path) -> None:
    """Make the folder, and see that files can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritten(folder, error) from error


def _unwritten(folder: Path, error: OSError) -> Refusal:
    reason = error.strerror or type(error).__name__
    return refuse("charts_not_written", folder=str(folder), reason=reason)


def _span(years: tuple[int, ...]) -> str:
    return f"{years[0]}–{years[-1]}"


def _watched(tasks: Iterable[Task], lang: Lang) -> Iterator[Task]:
    every = list(tasks)
    label = text("backtest.trying", lang)
    with typer.progressbar(every, label=label, show_pos=True, file=sys.stderr) as bar:
        yield from bar


def lines(table: pd.DataFrame, lang: Lang) -> Iterator[str]:
    """A block a group: a line a method, best first."""
    for group, rows in table.groupby("group"):
        yield ""
        yield text(f"backtest.group_{group}", lang)
        cells = [[text(f"backtest.{name}", lang) for name in ("method", *SHOWN)]]
        cells += [_cells(str(m), own, lang) for m, own in _ordered(rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for row in cells:
            first, *others = (c.ljust(w) for c, w in zip(row, widths, strict=True))
            yield "  ".join([first, *others]).rstrip()
    yield ""
    yield text("backtest.about", lang)


def _ordered(rows: pd.DataFrame) -> Iterator[tuple[object, pd.DataFrame]]:
    error = rows[rows["metric"] == "mae"].set_index("method")["value"].sort_values()
    for method in error.index:
        yield method, rows[rows["method"] == method].set_index("metric")


def _cells(method: str, rows: pd.DataFrame, lang: Lang) -> list[str]:
    return [method, *(_cell(rows, metric, places, lang) for metric, places in SHOWN.items())]


def _cell(rows: pd.DataFrame, metric: str, places: int, lang: Lang) -> str:
    """`0,42 (0,40–0,45)`: the value and its interval."""
    if metric not in rows.index:
        return BLANK
    told = rows.loc[[metric], ["value", "low", "high"]].astype(float)
    value, low, high = told.to_numpy()[0].tolist()
    shown = number(value, lang, places)
    if pd.isna(low):
        return shown
    return f"{shown} ({number(low, lang, places)}–{number(high, lang, places)})"
