"""Parts of a state in the years ahead: never more than the whole, each on its own trend."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.findings import Refusal
from povsim.trajectory import DISTRICT, Panel, Priors, Shares, fit, project, project_shares
from povsim.trajectory.fitting import fit_share
from povsim.vocabulary import State

YEARS = (2021, 2022, 2023)
UNITS = ("a", "b")
POOR = np.array([[4000.0, 3500, 3000], [2000, 1900, 1800]])


def projection(poor=POOR, units=UNITS, draws=400, households=10_000.0):
    households = np.full(np.shape(poor), households)
    return project(
        fit(Panel(units, YEARS, households, poor, np.zeros_like(households))),
        2025,
        draws=draws,
        seed=1,
    )


def parts(made=None, **shares) -> Shares:
    counts = {name: np.rint(POOR * share) for name, share in shares.items()}
    return project_shares(counts, POOR, YEARS, made or projection(), State.POOR, seed=1)


def test_a_steady_share_stays():
    made = parts(steady=np.full((2, 3), 0.4))
    assert np.median(made.share("steady"), axis=1) == pytest.approx([0.4, 0.4], abs=0.02)
    assert np.median(made.share("steady", "a"), axis=1) == pytest.approx([0.4, 0.4], abs=0.03)


def test_a_falling_share_falls_on():
    made = parts(falling=np.tile([0.6, 0.5, 0.4], (2, 1)), steady=np.full((2, 3), 0.6))
    falling, steady = (np.median(made.share(part), axis=1) for part in ("falling", "steady"))
    assert falling[1] < falling[0] < 0.4
    assert steady[1] > 0.5


def test_a_units_part_is_normal_about_what_all_share():
    """A steady part of many has no drift: own and common deviations, the latter Student's."""
    poor = np.full((2, 3), 4e6)
    made = projection(poor, draws=20_000, households=1e7)
    share = project_shares({"x": poor * 0.4}, poor, YEARS, made, State.POOR, seed=1).share("x", "a")
    levels, dice = [0.025, 0.1, 0.9, 0.975], np.random.default_rng(8)
    trend = fit_share(poor * 0.4, poor, YEARS, Priors())
    shared = np.sqrt(trend.year_variance) * dice.standard_t(trend.freedom, 10**6)
    own = np.sqrt(trend.unit_variance) * dice.standard_normal(10**6)
    seen = np.quantile(np.log(share[0] / (1 - share[0])), levels) - np.log(0.4 / 0.6)
    assert seen == pytest.approx(np.quantile(shared + own, levels), rel=0.05)


def test_all_and_none_are_kept_nearly():
    made = parts(all=np.ones((2, 3)), none=np.zeros((2, 3)))
    assert np.quantile(made.share("all"), 0.05) > 0.99
    assert np.quantile(made.share("none"), 0.95) < 0.01


def test_parts_belong_to_the_draws_of_their_state():
    whole = projection()
    made = parts(whole, steady=np.full((2, 3), 0.4))
    assert (made.whole == whole.households[0]).all()
    assert made.count("steady").shape == (2, 400)
    poor = whole.households[0].sum(axis=0)
    assert np.corrcoef(made.count("steady")[1], poor[1])[0, 1] > 0.6


def test_quantiles_name_part_unit_and_year():
    table = parts(steady=np.full((2, 3), 0.4)).quantiles((0.1, 0.5, 0.9))
    assert table["unit"].unique().tolist() == [DISTRICT, "a", "b"]
    wide = table[table["unit"] == "a"].pivot(index="year", columns="level", values="households")
    assert (wide[0.1] < wide[0.5]).all()
    assert (wide[0.5] < wide[0.9]).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.sampled_from([3, 400]))
def test_a_part_is_never_more_than_the_whole_and_no_other_part_touches_it(seed, share, most):
    rng = np.random.default_rng(seed)
    poor = rng.integers(0, most + 1, (2, 3)).astype(float)
    made = projection(poor, draws=20)
    one, other = (rng.binomial(poor.astype(int), share).astype(float) for _ in range(2))
    together = project_shares({"one": one, "other": other}, poor, YEARS, made, State.POOR, seed=2)
    assert ((together.households >= 0) & (together.households <= together.whole)).all()
    alone = project_shares({"one": one}, poor, YEARS, made, State.POOR, seed=2)
    assert (alone.households[0] == together.households[0]).all()
    assert ((together.share("one") >= 0) & (together.share("one") <= 1)).all()


@pytest.mark.parametrize(
    ("counts", "years", "rule"),
    [
        (POOR + 1, YEARS, "shares_impossible"),
        (np.where(POOR > 3500, np.nan, POOR), YEARS, "shares_impossible"),
        (-POOR, YEARS, "shares_impossible"),
        (POOR, (2020, 2021, 2022), "shares_short"),
    ],
)
def test_faults_are_refused_by_name(counts, years, rule):
    with pytest.raises(Refusal) as caught:
        project_shares({"part": counts}, POOR, years, projection(), State.POOR, seed=1)
    assert [finding.rule for finding in caught.value.findings] == [rule]


def test_one_year_is_too_short():
    with pytest.raises(Refusal) as caught:
        project_shares(
            {"part": POOR[:, -1:]}, POOR[:, -1:], YEARS[-1:], projection(), State.POOR, seed=1
        )
    assert caught.value.findings[0].values == {"years": "2023", "origin": 2023}


def test_labels_must_be_known():
    made = parts(steady=np.full((2, 3), 0.4))
    with pytest.raises(KeyError):
        made.count("other")
    with pytest.raises(KeyError):
        made.share("steady", "c")
    with pytest.raises(ValueError, match="shapes"):
        project_shares({"part": POOR[:1]}, POOR, YEARS, projection(), State.POOR, seed=1)
