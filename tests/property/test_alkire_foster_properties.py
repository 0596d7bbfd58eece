"""What holds for every population and yardstick: the axioms of Alkire and Foster, and one truth
from masks, flags and a slow reference of plain loops written from the paper's text alone."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from povsim.poverty.changes import change, change_by_group, change_by_indicator
from povsim.poverty.counting import bounds, tally
from povsim.poverty.measures import by_bound, by_dimension, by_group, by_indicator, headline
from povsim.poverty.yardstick import Yardstick

quick = settings(max_examples=100, deadline=None, derandomize=True)
GROUPS = list("abc")


@st.composite
def yardsticks(draw: st.DrawFn, size: int | None = None) -> Yardstick:
    """Weights of whole parts, nought among them; cutoffs on and between the possible scores."""
    size = draw(st.integers(1, 6)) if size is None else size
    parts = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
    assume(sum(parts) > 0)
    steps = 2 * sum(parts)
    names = tuple(f"i{n}" for n in range(size))
    dimensions = tuple(draw(st.sampled_from("xyz")) for _ in names)
    weights = tuple(part / sum(parts) for part in parts)
    return Yardstick(names, weights, draw(st.integers(1, steps)) / steps, dimensions)


@st.composite
def populations(draw: st.DrawFn, ours: Yardstick) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Flags, groups and weights of 1 to 20 households."""
    count = draw(st.integers(1, 20))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]))
    flags = rng.random((count, len(ours.indicators))) < share
    groups = [draw(st.sampled_from(GROUPS)) for _ in range(count)]
    return flags, groups, rng.integers(1, 9, count) / draw(st.sampled_from([1, 4]))


@st.composite
def cases(draw: st.DrawFn):
    ours = draw(yardsticks())
    return ours, *draw(populations(ours))


def masks_of(flags: np.ndarray) -> np.ndarray:
    return (flags @ (1 << np.arange(flags.shape[1]))).astype(np.uint16)


def same(one, other) -> None:
    """Two tallies with the same counts."""
    for name in ("population", "poor", "deprived", "deprived_poor"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))


def slow(ours, flags, weights):
    """H, A, M0, uncensored and censored headcounts by plain loops, household by household."""
    n = q = suffered = 0.0
    lacking = [0.0] * len(ours.indicators)
    lacking_poor = [0.0] * len(ours.indicators)
    for household, weight in zip(flags.tolist(), weights.tolist(), strict=True):
        score = 0.0
        for lacks, part in zip(household, ours.weights, strict=True):
            score += part if lacks else 0.0
        poor = score >= ours.cutoff - 1e-9
        n += weight
        q += weight if poor else 0.0
        suffered += weight * score if poor else 0.0
        for j, lacks in enumerate(household):
            lacking[j] += weight if lacks else 0.0
            lacking_poor[j] += weight if lacks and poor else 0.0
    intensity = suffered / q if q else float("nan")
    return q / n, intensity, suffered / n, [x / n for x in lacking], [x / n for x in lacking_poor]


@quick
@given(cases())
def test_as_the_slow_reference(case):
    ours, flags, _, weights = case
    counted = tally(ours, flags, weights=weights)
    found, table = headline(counted), by_indicator(counted)
    h, a, m0, uncensored, censored = slow(ours, flags, weights)
    figures = (found.incidence, found.intensity, found.adjusted)
    assert figures == pytest.approx((h, a, m0), nan_ok=True)
    assert table["uncensored"].tolist() == pytest.approx(uncensored)
    assert table["censored"].tolist() == pytest.approx(censored)


@quick
@given(cases())
def test_masks_and_flags_give_one_truth(case):
    ours, flags, groups, weights = case
    for weighing in (weights, None):
        one = tally(ours, flags, groups=groups, weights=weighing)
        other = tally(ours, masks_of(flags), groups=groups, weights=weighing)
        assert one.groups == other.groups
        same(one, other)


@quick
@given(cases())
def test_the_adjusted_ratio_is_incidence_times_intensity(case):
    ours, flags, groups, weights = case
    table = by_group(tally(ours, flags, groups=groups, weights=weights))
    assert table["m0"].tolist() == pytest.approx((table["h"] * table["a"].fillna(0)).tolist())
    assert table[["h", "m0"]].stack().between(0, 1 + 1e-12).all()
    poor = table[table["h"] > 0]
    assert (poor["a"] >= ours.cutoff - 1e-9).all()


@quick
@given(cases())
def test_groups_add_up_to_the_whole(case):
    ours, flags, groups, weights = case
    counted = tally(ours, flags, groups=groups, weights=weights)
    table, whole = by_group(counted), headline(tally(ours, flags, weights=weights))
    same(counted.total(), tally(ours, flags, weights=weights))
    assert table["share"].sum() == pytest.approx(1)
    assert (table["share"] * table["m0"]).sum() == pytest.approx(whole.adjusted)
    assert (table["share"] * table["h"]).sum() == pytest.approx(whole.incidence)
    if whole.adjusted:
        assert table["contribution"].sum() == pytest.approx(1)


@quick
@given(cases())
def test_a_worse_group_makes_the_whole_worse(case):
    """Subgroup consistency: one group's M0 rises, the others stay, so M0 rises."""
    ours, flags, groups, weights = case
    worse = flags.copy()
    worse[[group == groups[0] for group in groups]] = True
    one, two = (by_group(tally(ours, f, groups=groups, weights=weights)) for f in (flags, worse))
    assume(two.loc[groups[0], "m0"] > one.loc[groups[0], "m0"] + 1e-9)
    rest = [group for group in one.index if group != groups[0]]
    assert one.loc[rest, "m0"].equals(two.loc[rest, "m0"])
    totals = [headline(tally(ours, f, weights=weights)).adjusted for f in (flags, worse)]
    assert totals[1] > totals[0]


@quick
@given(cases())
def test_indicators_and_dimensions_add_up(case):
    ours, flags, groups, weights = case
    counted = tally(ours, flags, groups=groups, weights=weights)
    adjusted = by_group(counted)["m0"]
    for table in (by_indicator(counted), by_dimension(counted)):
        summed = table.groupby("group")["contribution"].sum()
        assert summed[adjusted > 0].tolist() == pytest.approx([1] * int((adjusted > 0).sum()))
        assert table.groupby("group")["weight"].sum().tolist() == pytest.approx([1] * len(adjusted))
    table = by_indicator(counted)
    parts = (table["weight"] * table["censored"]).groupby(table["group"]).sum()
    assert parts.tolist() == pytest.approx(adjusted.tolist())


@quick
@given(cases())
def test_the_censored_never_exceed_the_uncensored(case):
    ours, flags, groups, weights = case
    for yardstick in (ours, ours.intersection()):
        table = by_indicator(tally(yardstick, flags, groups=groups, weights=weights))
        assert (table["censored"] <= table["uncensored"]).all()
    table = by_indicator(tally(ours.union(), flags, weights=weights))
    weighed = table[table["weight"] > 0]
    assert weighed["censored"].tolist() == pytest.approx(weighed["uncensored"].tolist())


@quick
@given(cases(), st.data())
def test_one_more_deprivation_of_a_poor_household_raises_the_adjusted_ratio(case, data):
    """Dimensional monotonicity: M0 rises by the weight, H stays; for others neither ever falls."""
    ours, flags, _, weights = case
    who = data.draw(st.integers(0, len(flags) - 1))
    what = data.draw(st.integers(0, flags.shape[1] - 1))
    assume(not flags[who, what])
    worse = flags.copy()
    worse[who, what] = True
    one, two = (headline(tally(ours, f, weights=weights)) for f in (flags, worse))
    assert two.incidence >= one.incidence - 1e-12
    assert two.adjusted >= one.adjusted - 1e-12
    if ours.poor(ours.scores(flags))[who]:
        rise = ours.weights[what] * weights[who] / weights.sum()
        assert two.incidence == pytest.approx(one.incidence)
        assert two.adjusted == pytest.approx(one.adjusted + rise)


@quick
@given(cases())
def test_what_the_not_poor_lack_is_not_looked_at(case):
    """Poverty focus: relieving those who are not poor changes nothing."""
    ours, flags, groups, weights = case
    relieved = flags & ours.poor(ours.scores(flags))[:, None]
    one, two = (by_group(tally(ours, f, groups=groups, weights=weights)) for f in (flags, relieved))
    pd.testing.assert_frame_equal(one, two)


@quick
@given(cases(), st.integers(2, 4))
def test_a_population_repeated_is_as_poor(case, times):
    ours, flags, groups, weights = case
    once = tally(ours, flags, groups=groups, weights=weights)
    again = tally(
        ours, np.tile(flags, (times, 1)), groups=groups * times, weights=np.tile(weights, times)
    )
    weighed = tally(ours, flags, groups=groups, weights=weights * times)
    same(again, weighed)
    columns = ["share", "h", "a", "m0", "contribution"]
    pd.testing.assert_frame_equal(by_group(once)[columns], by_group(again)[columns])


@quick
@given(cases(), st.randoms(use_true_random=False))
def test_order_and_names_change_nothing(case, random):
    """Symmetry in households; indicators and groups in another order or by other names."""
    ours, flags, groups, weights = case
    order, turn = list(range(len(flags))), list(range(flags.shape[1]))
    random.shuffle(order)
    random.shuffle(turn)
    parts = (ours.indicators, ours.weights, ours.dimensions)
    names, shares, dimensions = (tuple(part[j] for j in turn) for part in parts)
    turned = Yardstick(names, shares, ours.cutoff, dimensions)
    renamed = {"a": "z", "b": "y", "c": "x"}
    one = tally(ours, flags, groups=groups, weights=weights)
    other = tally(
        turned,
        flags[order][:, turn],
        groups=[renamed[groups[i]] for i in order],
        weights=weights[order],
    )
    expected = by_group(one).rename(index=renamed).sort_index()
    pd.testing.assert_frame_equal(expected, by_group(other))
    keys = ["group", "indicator"]
    named = by_indicator(one).replace({"group": renamed}).set_index(keys).sort_index()
    pd.testing.assert_frame_equal(named, by_indicator(other).set_index(keys).sort_index())


@st.composite
def with_gaps(draw: st.DrawFn):
    """A small population of which up to six answers are missing."""
    ours = draw(yardsticks())
    flags, groups, weights = draw(populations(ours))
    every = list(product(range(len(flags)), range(flags.shape[1])))
    gaps = draw(st.lists(st.sampled_from(every), max_size=6, unique=True))
    unknown = np.zeros_like(flags)
    for gap in gaps:
        unknown[gap] = True
    return ours, flags, groups, weights, unknown


@quick
@given(with_gaps())
def test_bounds_hold_every_completion_and_are_reached(case):
    ours, flags, groups, weights, unknown = case
    rest = {"groups": groups, "weights": weights}
    table = by_bound(bounds(ours, flags, unknown, **rest))
    reached = []
    for answers in product((False, True), repeat=int(unknown.sum())):
        completed = flags.copy()
        completed[unknown] = answers
        found = by_group(tally(ours, completed, **rest))
        reached.append(found[["h", "m0"]].to_numpy())
        for name in ("h", "m0"):
            assert (found[name] >= table[f"{name}_low"] - 1e-12).all()
            assert (found[name] <= table[f"{name}_high"] + 1e-12).all()
    edges = (np.min(reached, axis=0), np.max(reached, axis=0))
    assert table[["h_low", "m0_low"]].to_numpy() == pytest.approx(edges[0])
    assert table[["h_high", "m0_high"]].to_numpy() == pytest.approx(edges[1])


@quick
@given(with_gaps())
def test_gaps_are_one_truth_as_flags_masks_and_missing_cells(case):
    ours, flags, groups, weights, unknown = case
    rest = {"groups": groups, "weights": weights}
    first = bounds(ours, flags, unknown, **rest)
    cells = np.where(unknown, np.nan, flags)
    others = (
        bounds(ours, cells, **rest),
        bounds(ours, masks_of(flags), masks_of(unknown), **rest),
    )
    for other in others:
        same(first.low, other.low)
        same(first.high, other.high)


@quick
@given(yardsticks(), st.data())
def test_a_change_is_the_sum_of_its_parts(ours, data):
    counted = []
    for _ in range(2):
        flags, groups, weights = data.draw(populations(ours))
        labels = pd.Categorical(groups, categories=GROUPS)
        counted.append(tally(ours, flags, groups=labels, weights=weights))
    made = change(*counted)
    moved = made.adjusted.absolute
    assert made.by_incidence + made.by_intensity == pytest.approx(moved)
    if made.incidence.before and made.incidence.after:
        mean = (made.incidence.before + made.incidence.after) / 2
        assert made.by_intensity == pytest.approx(made.intensity.absolute * mean, abs=1e-12)
    assert change_by_indicator(*counted)["part"].sum() == pytest.approx(moved)
    assert change_by_group(*counted)[["within", "shift"]].sum().sum() == pytest.approx(moved)
    back = change(*counted[::-1])
    assert back.by_incidence == pytest.approx(-made.by_incidence)
    assert back.by_intensity == pytest.approx(-made.by_intensity)
