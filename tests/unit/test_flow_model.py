"""The flow model: movements checked before use, hazards recovered, the choice of a model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from povsim.backtest.simulation import HAZARDS, Lived, World, live
from povsim.findings import Refusal
from povsim.trajectory import (
    Model,
    Movements,
    Panel,
    check_flows,
    fit_flows,
    forecast,
    pooled_hazards,
    project_flows,
)
from povsim.trajectory.exposures import DESTINATIONS, Source, exposures
from povsim.trajectory.movements import CELLS
from povsim.vocabulary import Flow, State

CALM = World(unit_sd=0.0, year_sd=0.0, drift_sd=0.0, dispersion=0.0)


@pytest.fixture(scope="module")
def lived() -> Lived:
    return live(World(), 4, seed=1)


def changed(movements: Movements, cell: tuple[State, Flow], by: float) -> Movements:
    counts = dict(movements.counts)
    counts[cell] = counts[cell] + by
    return replace(movements, counts=counts)


def rules(refusal: Refusal) -> list[str]:
    return [finding.rule for finding in refusal.findings]


# Whether movements can carry a forecast


def test_movements_that_balance_and_are_gross_are_used(lived):
    verdict = check_flows(lived.panel, lived.movements)
    assert verdict.usable
    assert verdict.codes == ("flows_used",)
    assert verdict.reasons[0].values == {"years": 3}


def test_movements_that_leave_a_stock_unexplained_are_named(lived):
    cell = (State.POOR, Flow.NEWLY_POOR)
    verdict = check_flows(lived.panel, changed(lived.movements, cell, 60))
    assert not verdict.usable
    assert verdict.codes == ("flows_open",)
    assert "unit 0 2022" in verdict.reasons[0].values["cells"]


def test_forms_that_do_not_agree_are_named(lived):
    """What F2 and F3 both count differs by one household, far below the residual allowed."""
    moved = changed(lived.movements, (State.POOR, Flow.NEAR_POOR_TO_POOR), 1)
    assert "flows_unlike" in check_flows(lived.panel, moved).codes


def test_net_movements_are_no_hazards(lived):
    """Escapes that are the mere difference of two stocks: nobody comes in."""
    before, after = lived.panel.poor[:, :-1], lived.panel.poor[:, 1:]
    near = lived.panel.near_poor
    none = np.zeros_like(before)
    counts = dict.fromkeys(CELLS, none)
    counts[State.POOR, Flow.ESCAPED_ABOVE] = np.maximum(before - after, 0)
    counts[State.POOR, Flow.NEWLY_POOR] = np.maximum(after - before, 0)
    counts[State.NEAR_POOR, Flow.ESCAPED_ABOVE] = np.maximum(near[:, :-1] - near[:, 1:], 0)
    counts[State.NEAR_POOR, Flow.NEWLY_NEAR_POOR] = np.maximum(near[:, 1:] - near[:, :-1], 0)
    verdict = check_flows(lived.panel, replace(lived.movements, counts=counts))
    assert verdict.codes == ("flows_net",)
    assert verdict.reasons[0].values["entered"] < 0.005 * before.sum()


def test_one_year_of_movements_is_short(lived):
    seen = lived.until(2022)
    assert check_flows(seen.panel, seen.movements).codes == ("flows_short",)


def test_movements_must_reach_the_last_review(lived):
    verdict = check_flows(lived.panel, lived.movements.without_last())
    assert verdict.codes == ("movements_apart",)
    assert verdict.reasons[0].values == {"apart": "2024"}
    with pytest.raises(Refusal) as caught:
        fit_flows(lived.panel, lived.movements.without_last())
    assert rules(caught.value) == ["movements_apart"]


@pytest.mark.parametrize(
    ("units", "years", "value", "rule"),
    [
        (("a",), (2022, 2024), 1.0, "movements_gap"),
        (("a",), (2022, 2023), np.nan, "movements_incomplete"),
        (("a",), (2022, 2023), -1.0, "movements_impossible"),
        ((), (), 1.0, "movements_none"),
    ],
)
def test_faults_of_movements_are_refused(units, years, value, rule):
    counts = {cell: np.full((len(units), len(years)), value) for cell in CELLS}
    with pytest.raises(Refusal) as caught:
        Movements(units, years, counts)
    assert rules(caught.value) == [rule]


def test_movements_come_from_the_table_of_the_forms(lived):
    rows = [
        (unit, str(year), str(state), str(flow), int(counts[i, t]))
        for (state, flow), counts in lived.movements.counts.items()
        for i, unit in enumerate(lived.movements.units)
        for t, year in enumerate(lived.movements.years)
    ]
    table = pd.DataFrame(rows, columns=["unit", "period", "state", "flow", "households"])
    half = table.assign(period="2024-H1")
    read = Movements.from_flows(pd.concat([table, half]))
    assert read.years == lived.movements.years
    assert all((read.counts[cell] == lived.movements.counts[cell]).all() for cell in CELLS)
    with pytest.raises(Refusal) as caught:
        Movements.from_flows(table.iloc[1:])
    assert rules(caught.value) == ["movements_incomplete"]
    assert caught.value.findings[0].values == {"missing": "unit 0 2022"}


# Hazards


def test_known_hazards_are_recovered():
    """A hundred units, four years, no shock of any kind: within four standard errors."""
    lived = live(replace(CALM, units=100), 5, seed=3)
    model = fit_flows(lived.panel, lived.movements, structural=lived.structural)
    for source, hazards in model.hazards.items():
        truth = np.array(HAZARDS[source])
        apart = hazards.level - np.log(truth / (1 - truth.sum()))
        assert np.abs(apart).max() < 0.1
        assert (np.abs(apart) < 4 * np.sqrt(hazards.level_variance)).all()
    assert all(each.dispersion < 0.003 for each in model.hazards.values())
    assert model.year_variance < 0.2**2


def test_units_apart_are_told_apart():
    lived = live(replace(CALM, units=60, unit_sd=0.5), 5, seed=4)
    hazards = fit_flows(lived.panel, lived.movements, structural=lived.structural).hazards
    assert np.sqrt(hazards[Source.POOR].unit_variance[:2]) == pytest.approx(0.5, abs=0.15)
    calm = live(replace(CALM, units=60), 5, seed=4)
    hazards = fit_flows(calm.panel, calm.movements, structural=calm.structural).hazards
    assert np.sqrt(hazards[Source.POOR].unit_variance[0]) == pytest.approx(0.14, abs=0.03)


def test_a_covariate_has_its_slope_back():
    """Odds of rising above the line grow by e^(.8 x)."""
    rng = np.random.default_rng(5)
    units, years = tuple(f"u{i:02}" for i in range(60)), (2022, 2023)
    x = rng.normal(0, 1, 60)
    poor = np.full((60, 3), 1000.0)
    share = 1 / (1 + np.exp(1.5 - 0.8 * x))
    counts = {cell: np.zeros((60, 2)) for cell in CELLS}
    escaped = rng.binomial(1000, share[:, None], (60, 2)).astype(float)
    counts[State.POOR, Flow.ESCAPED_ABOVE] = escaped
    counts[State.POOR, Flow.NEWLY_POOR] = escaped
    panel = Panel(units, (2021, 2022, 2023), poor * 10, poor, np.zeros_like(poor))
    movements = Movements(units, years, counts)
    covariates = pd.DataFrame({"road": x}, index=list(units))
    table = pooled_hazards(exposures(panel, movements, np.zeros((60, 3))), covariates)
    row = table.query("source == 'poor' and destination == 'above' and term == 'road'").iloc[0]
    assert row["coefficient"] == pytest.approx(0.8, abs=0.03)
    assert row["lower"] < np.exp(0.8) < row["upper"]
    assert row["odds_ratio"] == pytest.approx(np.exp(row["coefficient"]))
    # Nobody moved: no regression exists.
    assert table.query("destination == 'gone'")["coefficient"].isna().all()
    model = fit_flows(panel, movements, structural=np.zeros(60), covariates=covariates)
    own = model.hazards[Source.POOR].own[list(DESTINATIONS[Source.POOR]).index("above")]
    assert np.polyfit(x, own, 1)[0] == pytest.approx(0.8, abs=0.05)


def test_covariates_need_every_unit(lived):
    short = pd.DataFrame({"road": [1.0]}, index=["unit 0"])
    with pytest.raises(ValueError, match="one row for each unit"):
        fit_flows(lived.panel, lived.movements, covariates=short)


@pytest.mark.parametrize("counts", [[-1.0] * 7, [np.nan] * 7])
def test_the_poor_that_cannot_work_must_be_counts(lived, counts):
    with pytest.raises(Refusal) as caught:
        fit_flows(lived.panel, lived.movements, structural=counts)
    assert rules(caught.value) == ["structural_impossible"]


def test_more_that_cannot_work_means_a_slower_fall(lived):
    last = lived.panel.poor[:, -1]
    none, half = (
        project_flows(
            fit_flows(lived.panel, lived.movements, structural=share * last),
            2028,
            draws=400,
            seed=1,
        ).rate(State.POOR)[-1]
        for share in (0.0, 0.5)
    )
    assert np.median(half) > np.median(none)


# The forecast of both


def test_both_models_are_at_hand_and_the_choice_is_said(lived):
    made = forecast(lived.panel, 2026, movements=lived.movements, draws=200, seed=1)
    assert made.used is Model.FLOWS
    assert set(made.projections) == set(Model)
    assert made.projection.model is Model.FLOWS
    assert made.projection.recently_escaped is not None
    assert made.check is not None
    assert made.check.year == 2024


def test_without_movements_counts_alone_are_used(lived):
    made = forecast(lived.panel, 2026, draws=200, seed=1)
    assert made.used is Model.STOCK
    assert made.verdict.codes == ("flows_none",)
    assert made.projection.model is Model.STOCK


def test_movements_that_do_not_balance_are_left(lived):
    moved = changed(lived.movements, (State.POOR, Flow.NEWLY_POOR), 60)
    made = forecast(lived.panel, 2026, movements=moved, draws=200, seed=1)
    assert made.used is Model.STOCK
    assert made.verdict.codes == ("flows_open",)
    assert list(made.projections) == [Model.STOCK]


def test_known_structural_poor_go_into_the_forecast(lived):
    moved, stuck = lived.movements, lived.structural
    made = forecast(lived.panel, 2026, movements=moved, structural=stuck, draws=200, seed=1)
    assumed = made.projections[Model.FLOWS].assumptions
    assert assumed["structural_assumed"] == 0
    share = stuck[:, -1].sum() / lived.panel.poor[:, -1].sum()
    assert assumed["structural_share"] == pytest.approx(share)
