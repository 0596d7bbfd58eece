"""Back-tests as a planner is told of them: one the workspace keeps, one of the planner's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import nan
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from povsim import backtest, workspace
from povsim.charts.backtests import OURS
from povsim.findings import Refusal
from povsim.i18n import Lang, number, short_day, text

LANG: Lang = "vi"
MEAN = "Bình quân các bộ"
GROUPS = ("of7", "all")
TRIED = ("povsim", "povsim_alone", "linear", "un_escap")
"""Enough for a planner's own series; with the two peers it takes seconds."""
OWN_DRAWS = 300


@dataclass(frozen=True)
class Source:
    """What a panel is called in a sentence, and what it is."""

    name: str
    about: str


SOURCES = {
    "spain_municipalities": Source(
        "Tây Ban Nha",
        "xã của Tây Ban Nha, 2015–2022: Viện Thống kê quốc gia (INE), Atlas phân phối thu nhập hộ "
        "gia đình, giấy phép CC BY 4.0",
    ),
    "us_counties": Source(
        "Hoa Kỳ",
        "hạt của Hoa Kỳ, 1997–2007: Cục Điều tra dân số, ước lượng SAIPE, CC0",
    ),
    "vietnam_provinces": Source(
        "Việt Nam",
        "tỉnh, thành phố của Việt Nam, 2006–2016: Tổng cục Thống kê, tỷ lệ hộ nghèo",
    ),
    backtest.POOLED: Source(MEAN, ""),
}


class Told(NamedTuple):
    """One figure with its 95 % interval; NaN where there is none."""

    value: float
    low: float
    high: float


NOTHING = Told(nan, nan, nan)


@dataclass(frozen=True, eq=False)
class Trial:
    """A back-test as it is told: rows of one group, their panels named for the reader.

    `about` says what it is, `absent` why there is none; one of the two is empty.
    """

    table: pd.DataFrame
    about: str = ""
    absent: str = ""

    @property
    def panels(self) -> list[str]:
        """The panels by name, without the mean of them."""
        return [str(name) for name in self.table["panel"].unique() if name != MEAN]

    def told(self, panel: str, metric: str, method: str = OURS) -> Told:
        """A method's metric on a panel."""
        keys = ["panel", "metric", "method"]
        rows = self.table[(self.table[keys] == [panel, metric, method]).all(axis=1)]
        return Told(*rows[list(Told._fields)].iloc[0].astype(float)) if len(rows) else NOTHING

    def value(self, panel: str, metric: str) -> float:
        """Our metric on a panel, without its interval."""
        return self.told(panel, metric).value

    def ranked(self, metric: str) -> pd.Series[float]:
        """The mean over the panels, lowest first, of every method that was tried on all of them."""
        rows = self.table[(self.table["metric"] == metric) & self.table["panel"].isin(self.panels)]
        values = rows.groupby("method")["value"]
        return values.mean()[values.count() == len(self.panels)].sort_values()

    def each(self) -> Trial:
        """Without the mean of the panels: what one tells too high another may tell too low."""
        return replace(self, table=self.table[self.table["panel"] != MEAN])


EMPTY = pd.DataFrame(columns=["panel", "group", "method", "metric", "value", "low", "high"])


def kept(group: str = GROUPS[0], folder: Path | None = None) -> Trial:
    """The newest back-test kept in the workspace (`benchmarks/results`), of one group."""
    folder = folder or workspace.home() / "benchmarks" / "results"
    files = sorted(folder.glob("*-backtest.csv"))
    if not files:
        absent = "Chưa có kết quả thử lại nào được lưu trong benchmarks/results (make backtest)."
        return Trial(EMPTY, absent=absent)
    table = pd.read_csv(files[-1])
    day = short_day(date.fromisoformat(files[-1].name[:10]), LANG)
    told = "; ".join(
        source.about for source in map(_source, table["panel"].unique()) if source.about
    )
    return _trial(table, group, f"Phép thử ngày {day} trên các bộ số liệu thật: {told}.")


def own(panel: str, group: str = GROUPS[0], seed: int = 2025) -> Trial:
    """A back-test of a planner's own series, from a CSV by its path; few methods, at once."""
    if not panel:
        return Trial(EMPTY, absent=_how())
    path = Path(panel)
    path = path if path.exists() else workspace.home() / panel
    try:
        series = backtest.read(path)
        made = backtest.backtest(series, methods=backtest.chosen(TRIED), draws=OWN_DRAWS, seed=seed)
    except Refusal as refusal:
        return Trial(EMPTY, absent=refusal.text(LANG))
    areas, years = number(len(series.areas), LANG), f"{series.years[0]}–{series.years[-1]}"
    about = f"Bộ số liệu của bạn: {series.name}, {areas} địa bàn, {years}."
    return _trial(made.table(), group, about)


def _how() -> str:
    columns = ", ".join(backtest.COLUMNS)
    return (
        "Chưa chọn bộ số liệu. Ghi vào tham số panel đường dẫn một tệp CSV có các cột "
        f"{columns} (và region nếu có: từ bảy địa bàn một vùng trở lên), ít nhất "
        f"{backtest.FEWEST_YEARS} năm cùng một chuẩn nghèo, mỗi dòng một địa bàn một năm, rồi chạy "
        "lại sổ tay. Tệp chỉ được đọc, không được lưu ở đâu."
    )


def _trial(table: pd.DataFrame, group: str, about: str) -> Trial:
    """The rows of a group, of all areas together where the table has no such group."""
    held = group if (table["group"] == group).any() else "all"
    rows = table[table["group"] == held]
    named = rows.assign(panel=[_source(str(panel)).name for panel in rows["panel"]])
    told = text(f"backtest.group_{held}", LANG)
    return Trial(named, f"{about} Cách thử: {told[:1].lower()}{told[1:]}.")


def _source(panel: str) -> Source:
    found = [source for head, source in SOURCES.items() if panel.startswith(head)]
    return found[0] if found else Source(panel, panel)
