"""Back-tests: the table they are run on, the protocol, the scores, and the ratios told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from typer.testing import CliRunner

from povsim import backtest
from povsim.backtest import protocol, scores
from povsim.commands import app
from povsim.findings import Refusal

YEARS = range(2010, 2018)
NAIVE = {"last_value": backtest.METHODS["last_value"]}


def table(areas: int = 14, years: range = YEARS, fall: float = 0.9) -> pd.DataFrame:
    """Areas of two regions whose rate falls by a tenth of itself every year."""
    rows = [
        (f"a{area:02}", year, 10_000, round(3000 * fall**step), "east" if area < 7 else "west")
        for area in range(areas)
        for step, year in enumerate(years)
    ]
    return pd.DataFrame(rows, columns=["area_id", "year", "population", "poor", "region"])


def series(**about: object) -> backtest.Series:
    return backtest.of_table(table(**about), "made")


# --- The table ------------------------------------------------------------------------------------

FAULTS = [  # rule, what is done to the table
    ("series_columns_missing", lambda t: t.drop(columns="poor")),
    ("series_no_area_or_year", lambda t: t.assign(year=t["year"].where(t.index != 3))),
    ("series_no_area_or_year", lambda t: t.assign(area_id=t["area_id"].where(t.index != 3))),
    ("series_no_area_or_year", lambda t: t.assign(year=t["year"] + 0.5)),
    ("series_twice", lambda t: pd.concat([t, t.head(1)])),
    ("series_impossible", lambda t: t.assign(poor=-t["poor"])),
    ("series_impossible", lambda t: t.assign(poor=t["population"] + 1)),
    ("series_impossible", lambda t: t.assign(population=0)),
    ("series_too_short", lambda t: t[t["year"] < 2015]),
]


@pytest.mark.parametrize(("rule", "spoil"), FAULTS)
def test_a_faulty_table_is_refused_by_name(rule, spoil):
    with pytest.raises(Refusal) as refused:
        backtest.of_table(spoil(table()), "made", "made.csv")
    assert [f.rule for f in refused.value.findings] == [rule]
    assert all("{" not in refused.value.text(lang) for lang in ("vi", "en"))


def test_every_fault_is_told_at_once_with_its_lines():
    spoilt = table()
    spoilt.loc[4, "poor"] = -1
    spoilt.loc[9, "area_id"] = None
    with pytest.raises(Refusal) as refused:
        backtest.of_table(spoilt, "made", "made.csv")
    told = {f.rule: f.values["lines"] for f in refused.value.findings}
    assert told == {"series_no_area_or_year": "11", "series_impossible": "6"}


def test_a_blank_count_and_a_row_that_is_not_there_are_missing_years():
    gaps = table().drop(index=2)
    gaps.loc[5, "poor"] = np.nan
    made = backtest.of_table(gaps, "made")
    assert np.argwhere(np.isnan(made.rates)).tolist() == [[0, 2], [0, 5]]


@pytest.mark.parametrize("name", ["panel.csv", "panel.csv.gz"])
def test_a_file_gives_what_its_table_does(tmp_path: Path, name: str):
    table().to_csv(tmp_path / name, index=False)
    made = backtest.read(tmp_path / name)
    assert (made.name, made.areas, made.years) == ("panel", series().areas, tuple(YEARS))
    np.testing.assert_array_equal(made.poor, series().poor)


def test_a_file_that_is_none_is_told(tmp_path: Path):
    (tmp_path / "broken.csv.gz").write_bytes(b"no gzip")
    for name in ("missing.csv", "broken.csv.gz"):
        with pytest.raises(Refusal, match=name):
            backtest.read(tmp_path / name)


# --- The protocol ---------------------------------------------------------------------------------


def test_origins_start_at_the_fifth_point_and_end_before_the_last():
    every = [t for t in protocol.tasks(series(), draws=10, seed=1) if t.group == "all"]
    assert {t.window.origin for t in every} == {2014, 2015, 2016}
    assert {len(t.window.years) for t in every} == {3, 4, 5}
    assert {t.window.origin: t.window.ahead for t in every} == {
        2014: (1, 2, 3),
        2015: (1, 2),
        2016: (1,),
    }


def test_years_that_were_skipped_are_no_horizons():
    made = series(years=range(2000, 2016, 2))
    assert {t.window.ahead for t in protocol.tasks(made, draws=10, seed=1)} == {(2, 4), (2,)}


def test_an_area_with_a_gap_in_its_window_is_left_out_of_it():
    gaps = table().drop(index=3)  # a00 lacks 2013
    made = backtest.of_table(gaps, "made")
    held = {
        (t.window.origin, len(t.window.years)): "a00" in t.window.areas
        for t in protocol.tasks(made, draws=10, seed=1)
        if t.group == "all"
    }
    assert held == {
        (o, size): (o, size) == (2016, 3) for o in (2014, 2015, 2016) for size in (3, 4, 5)
    }


def test_sevens_are_of_one_region_and_know_the_others():
    seen = [t.window for t in protocol.tasks(series(), draws=10, seed=1) if t.group == "of7"]
    assert {len(w.areas) for w in seen} == {7}
    for window in seen:
        assert window.reference is not None
        assert not set(window.areas) & set(window.reference.areas)
        assert window.reference.years == window.years


# --- The scores -----------------------------------------------------------------------------------


def test_crps_is_that_of_the_law_the_draws_come_from():
    draws = np.random.default_rng(1).normal(0.3, 0.05, (3, 200_000))
    truth = np.array([0.25, 0.3, 0.45])
    z = (truth - 0.3) / 0.05
    law = 0.05 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    np.testing.assert_allclose(scores.crps(draws, truth), law, rtol=0.01)


def test_sums_count_what_they_say():
    draws = np.tile(np.linspace(0, 1, 101), (4, 1))
    truth, target = np.array([0.5, 0.05, 0.01, 0.99]), np.array([0.25, 0.25, 0.25, 1.0])
    found = scores.sums(draws, truth, target)
    assert (found["n"], found["cov80"], found["cov95"]) == (4, 1, 2)
    assert found["absolute"] == pytest.approx(0 + 0.45 + 0.49 + 0.49)
    told = np.array([26, 26, 26, 101]) / 101
    assert found["brier"] == pytest.approx(np.square(told - [0, 1, 1, 1]).sum())
    assert (found["count2"], found["met2"], found["count9"], found["met9"]) == (3, 2, 1, 1)


def test_a_forecast_without_draws_has_no_coverage():
    found = scores.sums(np.array([[0.2]]), np.array([0.3]), np.array([0.3]))
    assert found["absolute"] == found["crps"] == pytest.approx(0.1)
    assert np.isnan([found["cov80"], found["brier"], found["count0"]]).all()


# --- The comparison -------------------------------------------------------------------------------


def perfect(window: backtest.Window) -> np.ndarray:
    ahead = np.array(window.ahead)
    return (window.rates[:, -1:] * 0.9**ahead)[..., None].repeat(50, axis=2)


def test_ratios_are_to_no_change_and_coverage_is_of_draws():
    methods = {**backtest.chosen(["linear"]), "perfect": perfect}
    made = backtest.backtest(series(), methods=methods).table()
    values = made.set_index(["group", "method", "metric"])["value"]
    assert values["all", "last_value", "mae_ratio"] == 1
    assert values["all", "perfect", "mae_ratio"] < 0.01
    assert values["all", "quasi_binomial", "crps_ratio"] == 1
    assert ("all", "last_value", "cov80") not in values.index
    assert set(made["group"]) == {"all", "of7"}


def test_the_mae_is_the_mean_over_areas_windows_and_horizons():
    made = backtest.backtest(series(), methods=NAIVE)
    rates = series().rates[0]
    errors = [
        abs(rates[origin + h] - rates[origin])
        for origin in (4, 5, 6)
        for h in (1, 2, 3, 4)
        if origin + h < len(rates)
    ]
    values = made.table().set_index(["group", "metric"])["value"]
    assert values["all", "mae"] == pytest.approx(np.mean(errors))


def test_intervals_hold_the_value_and_one_origin_has_none():
    made = backtest.backtest(series(), methods=NAIVE).table().set_index(["group", "metric"])
    low, value, high = made.loc[("all", "mae"), ["low", "value", "high"]]
    assert low < value < high
    short = backtest.backtest(series(years=range(2010, 2016)), methods=NAIVE).table()
    assert short["low"].isna().all()


def test_the_same_seed_gives_the_same_table():
    methods = backtest.chosen(["povsim", "linear"])
    one, two = (backtest.backtest(series(), methods=methods, draws=100).table() for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("name", backtest.METHODS)
def test_every_method_gives_shares_of_the_shape_asked_for(name):
    spread = table().assign(poor=lambda t: t["poor"] + 37 * (t.index % 11))
    made = backtest.of_table(spread, "made")
    *_, last = (t for t in protocol.tasks(made, draws=60, seed=1) if t.window.origin == 2014)
    rates = backtest.METHODS[name](last.window)
    assert rates is not None
    assert rates.shape in ((7, 3, 1), (7, 3, 60))
    assert ((rates >= 0) & (rates <= 1)).all()


def test_the_command_prints_and_writes(tmp_path: Path):
    table().to_csv(tmp_path / "made.csv", index=False)
    call = ["backtest", str(tmp_path / "made.csv"), "--method", "linear", "--csv"]
    done = CliRunner().invoke(app, [*call, str(tmp_path / "out.csv")])
    assert done.exit_code == 0, done.output
    assert all(told in done.output for told in ("linear", "14 địa bàn"))
    written = pd.read_csv(tmp_path / "out.csv")
    assert list(written.columns) == ["panel", "group", "method", "metric", "value", "low", "high"]
    assert {"mae_ratio", "crps_ratio", "cov80", "cov95", "ece"} <= set(written["metric"])


def test_an_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(Refusal, match="povsim_reference"):
        backtest.chosen(["magic"])
