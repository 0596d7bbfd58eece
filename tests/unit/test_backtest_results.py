"""Results of back-tests: the tenths, the horizons, several panels pooled, by hand-made sums."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

from povsim import backtest
from povsim.backtest import scores
from povsim.backtest.results import Backtest

ABSOLUTE = {  # method: origin, horizon: sum of absolute errors of ten areas
    "last_value": {(2014, 1): 1.0, (2014, 2): 2.0, (2015, 1): 3.0},
    "povsim": {(2014, 1): 0.5, (2014, 2): 1.0, (2015, 1): 3.0},
}
CHANCES = {"count3": 8, "chance3": 2.8, "met3": 6, "count9": 2, "chance9": 1.9, "met9": 1}
PIT = {"pit0": 7, "pit5": 3}


def cells(scale: float = 1.0, areas: int = 10, **more: float) -> pd.DataFrame:
    """Sums of two methods; `povsim` has draws, `last_value` none, and 2015 no second year."""
    rows = []
    for method, errors in ABSOLUTE.items():
        unsure = np.nan if method == "last_value" else 0.0
        for (origin, horizon), absolute in errors.items():
            row = dict.fromkeys(scores.KEPT, unsure) | {"n": areas, "crps": 1.0, "squared": 1.0}
            row |= {"absolute": absolute * (scale if method == "povsim" else 1.0)}
            row |= {"cov80": 8.0, **CHANCES, **PIT, **more} if method == "povsim" else {}
            key = {"origin": origin, "window": 3, "horizon": horizon}
            rows.append({"group": "all", "method": method, **key, **row})
    return pd.DataFrame(rows)


def values(table: pd.DataFrame, column: str = "value") -> pd.Series:
    return table.set_index(["method", "metric"])[column]


def test_chances_are_told_by_tenth_as_means_and_shares():
    found = values(Backtest("made", cells(), 1).table())["povsim"]
    told = found[["chance_3", "met_3", "count_3", "chance_9", "met_9", "count_9"]]
    assert told.tolist() == pytest.approx([0.35, 0.75, 24, 0.95, 0.5, 6])
    assert found["ece"] == pytest.approx((abs(2.8 - 6) + abs(1.9 - 1)) / 10)
    assert (found["pit_0"], found["pit_5"], found["pit_9"]) == pytest.approx((0.7, 0.3, 0))


def test_a_tenth_that_was_never_told_has_a_count_and_no_share():
    metrics = set(values(Backtest("made", cells(), 1).table())["povsim"].index)
    assert {"count_4", "pit_4"} <= metrics
    assert not {"chance_4", "met_4"} & metrics


def test_a_forecast_without_draws_has_no_tenths():
    metrics = set(values(Backtest("made", cells(), 1).table())["last_value"].index)
    assert not {name for name in metrics if name.startswith(("chance_", "count_", "pit_"))}
    assert "mae_ratio_h1" in metrics


def test_each_horizon_has_its_own_ratio_and_coverage():
    table = Backtest("made", cells(), 1).table()
    found = values(table)["povsim"]
    assert found["mae_ratio_h1"] == pytest.approx(3.5 / 4)
    assert found["mae_ratio_h2"] == pytest.approx(0.5)
    assert found["mae_ratio"] == pytest.approx(4.5 / 6)
    assert found["cov80_h1"] == found["cov80_h2"] == pytest.approx(0.8)
    low = values(table, "low")["povsim"]
    assert low["mae_ratio_h1"] < found["mae_ratio_h1"]
    assert np.isnan(low["mae_ratio_h2"])  # one origin alone
    assert "mae_ratio_h3" not in found


def test_the_tenths_of_the_table_are_those_of_reliability():
    made = Backtest("made", cells(), 1)
    tenths, found = made.reliability("povsim", "all"), values(made.table())["povsim"]
    for column, head in (("chance", "chance"), ("met", "met"), ("count", "count"), ("pit", "pit")):
        known = tenths.dropna(subset=column)
        told = [found[f"{head}_{b}"] for b in known["bin"]]
        assert told == pytest.approx(known[column].tolist())


def test_pooled_ratios_are_means_of_panels_and_calibration_is_of_all_forecasts():
    small = Backtest("small", cells(), 1)
    large = Backtest("large", cells(scale=0.2, areas=90, count3=88, chance3=30.8, met3=22), 1)
    pooled = backtest.pooled([small, large])
    assert set(pooled["panel"]) == {backtest.POOLED}
    assert list(pooled.columns) == list(small.table().columns)
    found, one, two = (values(each)["povsim"] for each in (pooled, small.table(), large.table()))
    for name in ("mae_ratio", "mae_ratio_h1", "cov80", "crps"):
        assert found[name] == pytest.approx((one[name] + two[name]) / 2), name
    assert found["count_3"] == 3 * (8 + 88)
    assert found["met_3"] == pytest.approx((6 + 22) / (8 + 88))
    # One tells too low what the other tells too high: together they are nearer than either.
    assert found["ece"] == pytest.approx((abs(33.6 - 28) + abs(3.8 - 2)) / 100)


def test_pooled_intervals_hold_the_value_and_come_again_with_the_seed():
    parts = [Backtest(name, cells(), 1) for name in ("one", "two", "three")]
    pooled = backtest.pooled(parts)
    low, value, high = (values(pooled, c)["povsim", "mae_ratio"] for c in ("low", "value", "high"))
    assert low < value < high
    pd.testing.assert_frame_equal(pooled, backtest.pooled(parts))
    alone = values(parts[0].table(), "high") - values(parts[0].table(), "low")
    assert high - low < alone["povsim", "mae_ratio"]  # origins of each panel, by themselves


def test_one_panel_pooled_is_itself():
    made = Backtest("made", cells(), 1)
    pd.testing.assert_frame_equal(
        backtest.pooled([made])
        .drop(columns="panel")
        .sort_values(["metric", "method"], ignore_index=True),
        made.table().drop(columns="panel").sort_values(["metric", "method"], ignore_index=True),
    )


def test_only_what_every_panel_has_is_pooled():
    lacking = cells()
    lacking = lacking[lacking["method"].eq("last_value") & lacking["horizon"].eq(1)]
    parts = [Backtest("whole", cells(), 1), Backtest("part", lacking, 1)]
    found = values(backtest.pooled(parts))
    assert set(found.index.get_level_values("method")) == {"last_value"}
    assert "mae_ratio_h2" not in found["last_value"]


def test_processes_change_no_figure():
    rows = [
        (f"a{area:02}", year, 10_000, 3000 - 137 * step - 11 * (area * step % 7))
        for area in range(9)
        for step, year in enumerate(range(2010, 2018))
    ]
    table = pd.DataFrame(rows, columns=["area_id", "year", "population", "poor"])
    series, methods = backtest.of_table(table, "made"), backtest.chosen(["povsim", "linear"])
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        one = backtest.backtest(series, methods=methods, draws=100, run=pool.map)
    two = backtest.backtest(series, methods=methods, draws=100)
    pd.testing.assert_frame_equal(one.cells, two.cells)
