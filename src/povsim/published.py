"""Figures that others printed, each with its source and status; nothing here is computed by us."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

REAL_SERIES = ("households", "poor", "poor_rate", "near_poor", "near_poor_rate")


HEAD = (
    *("area", "area_code", "level", "as_of", "period", "standard", "indicator", "group"),
    *("value", "unit", "status", "basis", "source"),
)


def figures(path: Path | None) -> pd.DataFrame:
    """The tidy table of published figures, one observation a row; none without a file.

    Columns: area, area_code, level, as_of, period, standard, indicator, group, value, unit,
    status, basis, source, printed. Rates are per cent as printed (`unit` says so); `printed` is
    the value with the decimals of its source.
    """
    if path is None:
        return pd.DataFrame(columns=[*HEAD, "printed"], dtype=str)
    words = ["area", "area_code", "as_of", "period", "standard", "group", "basis", "source"]
    words += ["value"]  # as text first: 5.90 is printed with two decimals
    table = pd.read_csv(path, dtype=dict.fromkeys(words, str), keep_default_na=False)
    return table.assign(value=pd.to_numeric(table["value"]), printed=table["value"])


def series(table: pd.DataFrame, area_code: str, standard: str) -> pd.DataFrame:
    """One area's printed stocks and rates under one standard, oldest first, every status kept.

    Two prints for one moment stand side by side; a series never crosses a standard.
    """
    chosen = table[
        (table["area_code"] == area_code)
        & (table["standard"] == standard)
        & (table["group"] == "")
        & table["indicator"].isin(REAL_SERIES)
    ]
    return chosen.sort_values(["as_of", "indicator", "status"], ignore_index=True)


def count(table: pd.DataFrame, indicator: str, period: str) -> int | None:
    """The printed count of an indicator at a review, or None; early prints are passed over."""
    rows = table[(table["indicator"] == indicator) & (table["period"] == period)]
    rows = rows[rows["status"] != "early"]
    return None if rows.empty else int(rows["value"].iloc[-1])
