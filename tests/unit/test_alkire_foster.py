"""Published worked examples, a peer's implementation where it is installed, and what is refused."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from povsim.findings import Refusal
from povsim.poverty import masks
from povsim.poverty.changes import change, change_by_group, change_by_indicator
from povsim.poverty.counting import bounds, tally
from povsim.poverty.measures import by_bound, by_dimension, by_group, by_indicator, headline
from povsim.poverty.yardstick import Yardstick
from povsim.vocabulary import Indicator

# --- Alkire & Foster's own example ---------------------------------------------------------------
# Four persons, four dimensions: OPHI Working Paper 7 (2007), which became Alkire & Foster (2011),
# and OPHI's training since. Computed here from the achievements, not from the deprivations.
ACHIEVED = np.array([[13.1, 14, 4, 1], [15.2, 7, 5, 0], [12.5, 10, 1, 0], [20, 11, 3, 1]])
CUTOFFS = np.array([13, 12, 3, 1])
G0 = ACHIEVED < CUTOFFS
FOUR = Yardstick.equal(("income", "schooling", "health", "sanitation"), 2 / 4)


def test_the_authors_example():
    """k = 2 of 4: persons 2 and 3 are poor, with 2 and 4 lacks. H = 1/2, A = 3/4, M0 = 3/8."""
    assert G0.sum(axis=1).tolist() == [0, 2, 4, 1]
    found = headline(tally(FOUR, G0))
    assert (found.incidence, found.intensity, found.adjusted) == (1 / 2, 3 / 4, 3 / 8)


def test_the_authors_example_by_indicator():
    """Person 4 lacks schooling but is not poor: censored 2/4 for 3/4 uncensored."""
    table = by_indicator(tally(FOUR, G0)).set_index("indicator")
    assert table["uncensored"].tolist() == [1 / 4, 3 / 4, 1 / 4, 2 / 4]
    assert table["censored"].tolist() == [1 / 4, 2 / 4, 1 / 4, 2 / 4]
    assert table["contribution"].tolist() == pytest.approx([1 / 6, 2 / 6, 1 / 6, 2 / 6])


@pytest.mark.parametrize(
    ("cutoff", "poor", "adjusted"),
    [(1 / 4, 3 / 4, 7 / 16), (2 / 4, 2 / 4, 6 / 16), (3 / 4, 1 / 4, 4 / 16), (1, 1 / 4, 4 / 16)],
)
def test_the_authors_example_from_union_to_intersection(cutoff, poor, adjusted):
    found = headline(tally(FOUR.at(cutoff), G0))
    assert (found.incidence, found.adjusted) == (poor, adjusted)
    assert headline(tally(FOUR.union(), G0)).incidence == 3 / 4
    assert headline(tally(FOUR.intersection(), G0)).incidence == 1 / 4


# --- The global MPI's example --------------------------------------------------------------------
# UNDP, Human Development Report, technical note on the MPI: four households of 4, 7, 5 and 4
# persons with scores of 22.2, 72.2, 38.9 and 50.0 %; H = 0.80, A = 0.563, MPI = 0.450. Which
# indicators of a dimension are lacking is ours: scores and dimensions' contributions fix how many.
SIZES = [4, 7, 5, 4]
GLOBAL = Yardstick.nested(
    {
        "health": ["nutrition", "mortality"],
        "education": ["years", "attendance"],
        "living": ["fuel", "sanitation", "water", "electricity", "housing", "assets"],
    },
    1 / 3,
)
LACKING = np.array(
    [
        [0, 1, 0, 0, 0, 0, 0, 1, 0, 0],
        [0, 1, 1, 1, 1, 1, 0, 1, 0, 1],
        [1, 0, 0, 0, 1, 1, 1, 0, 0, 1],
        [0, 1, 1, 0, 1, 0, 1, 0, 0, 1],
    ],
    bool,
)


def test_the_example_of_the_global_mpi():
    assert GLOBAL.scores(LACKING) == pytest.approx([0.222, 0.722, 0.389, 0.500], abs=5e-4)
    counted = tally(GLOBAL, LACKING, weights=SIZES)
    found = headline(counted)
    assert (found.population, found.incidence) == (20, pytest.approx(0.80))
    assert (found.intensity, found.adjusted) == (pytest.approx(0.5625), pytest.approx(0.450))
    parts = by_dimension(counted).set_index("dimension")
    assert parts["contribution"].round(3).to_dict() == {
        "health": 0.296,
        "education": 0.333,
        "living": 0.370,
    }
    assert parts["weight"].tolist() == pytest.approx([1 / 3] * 3)


# --- A peer --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_as_the_package_mpitb_computes_it(seed):
    """`pip install mpitb` (0.2, after Suppa's for Stata); not needed by povsim, so not required."""
    peer = pytest.importorskip("mpitb.core")
    rng = np.random.default_rng(seed)
    names = list(GLOBAL.indicators)
    frame = pd.DataFrame(rng.random((200, 10)) < 0.4, columns=names).astype(int)
    frame["size"], frame["region"] = rng.integers(1, 9, 200), rng.choice(list("abc"), 200)
    box = peer.MPIToolbox()
    box.svyset(weight="size")
    members = {d: [] for d in GLOBAL.dimensions}
    for name, dimension in zip(names, GLOBAL.dimensions, strict=True):
        members[dimension].append(name)
    box.set("global", dimensions=[(held, dimension) for dimension, held in members.items()])
    # 33 of 100: no score of eighteenths lies between it and a third.
    rows = pd.DataFrame(box.est(frame.copy(), "global", [33], over=["region"], svy=True))
    counted = tally(GLOBAL, frame[names], groups=frame["region"], weights=frame["size"])
    for label, table in (("nat", by_group(counted.total())), ("region", by_group(counted))):
        theirs = rows[rows["loa"] == label]
        for measure in ("H", "A", "M0"):
            told = theirs.loc[theirs["measure"] == measure, "b"].tolist()
            assert table[measure.lower()].tolist() == pytest.approx(told)
    ours = by_indicator(counted.total())
    pairs = {"hd": "uncensored", "hdk": "censored", "pctb": "contribution"}
    for theirs, name in pairs.items():
        told = rows.loc[(rows["loa"] == "nat") & (rows["measure"] == theirs), "b"].tolist()
        assert ours[name].tolist() == pytest.approx(told)


# --- Groups, gaps, changes -----------------------------------------------------------------------


def test_groups_make_up_the_whole():
    table = by_group(tally(FOUR, G0, groups=["b", "a", "b", "a"]))
    assert table.index.tolist() == ["a", "b"]
    assert table["m0"].tolist() == [0.25, 0.5]
    assert table["share"].tolist() == [0.5, 0.5]
    assert table["contribution"].tolist() == pytest.approx([1 / 3, 2 / 3])


def test_a_group_without_households_is_missing_not_nought():
    groups = pd.Categorical(["x"] * 4, categories=["x", "empty"])
    table = by_group(tally(FOUR, G0, groups=groups))
    assert table.loc["empty", "population"] == 0
    assert table.loc["empty", ["h", "a", "m0"]].isna().all()


def test_where_nobody_is_poor_intensity_and_contributions_are_missing():
    counted = tally(FOUR, np.zeros((3, 4), bool))
    found = headline(counted)
    assert (found.incidence, found.adjusted) == (0, 0)
    assert np.isnan(found.intensity)
    assert by_indicator(counted)["contribution"].isna().all()
    assert by_dimension(counted)["contribution"].isna().all()


def test_what_is_unknown_widens_the_answer():
    """Person 2 without an answer on sanitation has one deprivation or two: poor or not."""
    told = G0.astype(float)
    told[1, 3] = np.nan
    table = by_bound(bounds(FOUR, told))
    assert table.iloc[0].tolist() == [0.25, 0.5, 0.25, 0.375]
    asked = pd.DataFrame(told, columns=list(FOUR.indicators)).astype("Int8")
    assert by_bound(bounds(FOUR, asked)).equals(table)


def test_the_masks_of_a_register_are_read_as_they_are_written():
    """What is surely lacked and what may be, from a register's table of deprivations."""
    answers = {str(name): pd.array([False, True], "boolean") for name in Indicator}
    answers["water"] = pd.array([None, None], "boolean")
    lacking = pd.DataFrame({"household": ["h1", "h2"]} | answers)
    bits = masks(lacking)
    twelve = Yardstick.equal([str(name) for name in Indicator], 1 / 4)
    from_masks = bounds(twelve, bits["sure"], bits["sure"] ^ bits["may"])
    from_table = bounds(twelve, lacking[list(twelve.indicators)])
    for side in ("low", "high"):
        one, other = (by_indicator(getattr(made, side)) for made in (from_masks, from_table))
        pd.testing.assert_frame_equal(one, other)
    assert one.set_index("indicator")["uncensored"]["water"] == 1


def test_masks_of_different_widths_keep_their_upper_bits():
    twelve = Yardstick.equal([f"i{n}" for n in range(12)], 3 / 12)
    held = bounds(twelve, np.array([0b111000000000], np.uint16), np.array([1], np.uint8))
    assert held.low.poor.tolist() == [1]


def test_three_twelfths_reach_a_quarter_in_any_combination():
    """Decree 07/2021: three of twelve, whatever the rounding of 1/12."""
    twelve = Yardstick.equal([f"i{n}" for n in range(12)], 1 / 4)
    every = twelve.every_mask()
    assert (twelve.poor(twelve.scores(every)) == (every.sum(axis=1) >= 3)).all()


def test_a_table_is_joined_by_its_names():
    frame = pd.DataFrame(G0, columns=list(FOUR.indicators))
    turned = frame[frame.columns[::-1]]
    assert by_indicator(tally(FOUR, turned)).equals(by_indicator(tally(FOUR, G0)))


def test_a_change_falls_into_its_parts():
    """Person 2 gets sanitation: ΔH = −1/4 at mean A = 7/8, ΔA = +1/4 at mean H = 3/8."""
    later = G0.copy()
    later[1, 3] = False
    before, after = tally(FOUR, G0), tally(FOUR, later)
    made = change(before, after)
    assert (made.adjusted.absolute, made.adjusted.relative) == (-1 / 8, pytest.approx(-1 / 3))
    assert (made.incidence.absolute, made.intensity.absolute) == (-1 / 4, 1 / 4)
    assert (made.by_incidence, made.by_intensity) == (-7 / 32, 3 / 32)
    parts = change_by_indicator(before, after)
    assert parts["part"].tolist() == [0, -1 / 16, 0, -1 / 16]
    assert parts["relative"].tolist() == [0, -0.5, 0, -0.5]


def test_moving_house_is_a_shift_and_no_change_within():
    rows = G0[[2, 2, 0, 0]]
    before = tally(FOUR, rows, groups=["poor", "poor", "rich", "rich"])
    after = tally(FOUR, G0[[2, 0, 0, 0]], groups=["poor", "rich", "rich", "rich"])
    table = change_by_group(before, after)
    assert table["within"].tolist() == [0, 0]
    assert table["shift"].sum() == -1 / 4


def test_without_poor_at_one_time_all_comes_from_incidence():
    made = change(tally(FOUR, G0), tally(FOUR, np.zeros((4, 4), bool)))
    assert (made.by_incidence, made.by_intensity) == (-3 / 8, 0)


# --- What is refused -----------------------------------------------------------------------------

NAMES = ("a", "b")
TWO = Yardstick.equal(NAMES, 0.5)
ROWS = np.ones((3, 2), bool)
REFUSED = [  # rule, what is tried
    ("af_weights_sum", lambda: Yardstick(NAMES, (0.5, 0.6), 0.5)),
    ("af_weights_sum", lambda: Yardstick((), (), 0.5)),
    ("af_weight_negative", lambda: Yardstick(NAMES, (-0.5, 1.5), 0.5)),
    ("af_cutoff_outside", lambda: TWO.at(0)),
    ("af_cutoff_outside", lambda: TWO.at(1.01)),
    ("af_cutoff_outside", lambda: TWO.at(float("nan"))),
    ("af_shape", lambda: Yardstick(NAMES, (1.0,), 0.5)),
    ("af_shape", lambda: Yardstick(NAMES, (0.5, 0.5), 0.5, ("one",))),
    ("af_indicator_twice", lambda: Yardstick.equal("aa", 0.5)),
    ("af_shape", lambda: tally(TWO, np.ones((3, 4), bool))),
    ("af_shape", lambda: tally(TWO, np.ones((3, 2, 1), bool))),
    ("af_shape", lambda: tally(TWO, np.array(1))),
    ("af_shape", lambda: tally(TWO, ROWS, groups=["x"])),
    ("af_shape", lambda: tally(TWO, ROWS, weights=[1, 2])),
    ("af_shape", lambda: bounds(TWO, ROWS, np.ones((2, 2), bool))),
    ("af_indicators_differ", lambda: tally(TWO, pd.DataFrame(ROWS, columns=["a", "c"]))),
    ("af_not_a_flag", lambda: tally(TWO, np.array([[0, 2]]))),
    ("af_unknown", lambda: tally(TWO, np.array([[0, np.nan]]))),
    ("af_mask_outside", lambda: tally(TWO, np.array([4], np.uint16))),
    ("af_mask_outside", lambda: tally(TWO, np.array([-1]))),
    ("af_group_missing", lambda: tally(TWO, ROWS, groups=["x", None, "y"])),
    ("af_household_weight", lambda: tally(TWO, ROWS, weights=[1, -1, 1])),
    ("af_household_weight", lambda: tally(TWO, ROWS, weights=[1, np.nan, 1])),
    ("af_empty", lambda: tally(TWO, ROWS[:0])),
    ("af_empty", lambda: tally(TWO, np.array([], np.uint16))),
    ("af_empty", lambda: tally(TWO, ROWS, weights=[0, 0, 0])),
    ("af_yardsticks_differ", lambda: change(tally(TWO, ROWS), tally(TWO.at(1), ROWS))),
    (
        "af_groups_differ",
        lambda: change_by_group(*(tally(TWO, ROWS, groups=[g] * 3) for g in "xy")),
    ),
]


@pytest.mark.parametrize(("rule", "tried"), REFUSED)
def test_what_is_refused(rule, tried):
    with pytest.raises(Refusal) as refused:
        tried()
    assert [finding.rule for finding in refused.value.findings] == [rule]
    for lang, part in product(("vi", "en"), ("what", "next_step")):
        assert getattr(refused.value.findings[0], part)(lang)


def test_every_fault_of_a_yardstick_at_once():
    with pytest.raises(Refusal) as refused:
        Yardstick(("a", "a"), (-1.0, 3.0), 2)
    found = {finding.rule for finding in refused.value.findings}
    told = {"af_indicator_twice", "af_weight_negative", "af_weights_sum", "af_cutoff_outside"}
    assert found == told
