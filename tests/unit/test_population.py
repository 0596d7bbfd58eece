"""The households behind the counts: every count met, whatever the counts; the law between them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import Store, load, outlook, registers, study
from povsim.findings import Refusal
from povsim.plan import DISTRICT
from povsim.population import GROUPS, LISTED, Margins, Population, of_register, rebuild, tilts
from povsim.population.law import BITS, chances, fit
from povsim.population.sizes import FLAGS, extras
from povsim.vocabulary import State

COUNTS = ("households", "persons", "lacking", "members", "member_persons")
REGISTERS = Path(__file__).parents[2] / "data" / "sample" / "register"
quick = settings(max_examples=40, deadline=None, derandomize=True)


def same(one: Margins, other: Margins) -> bool:
    return all((getattr(one, name) == getattr(other, name)).all() for name in COUNTS)


@pytest.fixture(scope="module")
def facts(sample_store: str):
    return Store(sample_store).latest().facts


@pytest.fixture(scope="module")
def margins(facts) -> Margins:
    return Margins.of_forms(facts, 2024)


# Causes


def test_causes_are_met_and_every_poor_household_names_one(margins):
    assert margins.causes is not None
    made = rebuild(margins, seed=1)
    assert (made.margins().causes == margins.causes).all()
    poor = made.state == LISTED.index(State.POOR)
    assert (made.causes[poor] > 0).all()
    assert (made.causes[~poor] == -1).all()


def test_without_form_f10_nobody_was_asked(facts):
    without = Margins.of_forms(facts[facts["form"] != "F10"], 2024)
    assert without.causes is None
    assert (rebuild(without, seed=1).causes == -1).all()


def test_more_households_with_a_cause_than_are_poor_are_refused(margins):
    causes = margins.causes.copy()
    causes[2, 0] = margins.households[0, 2] + 1
    assert refused(replace(margins, causes=causes)) == [("margins_impossible", margins.units[2])]


# The law


def test_households_that_lack_three_of_three_equal_indicators():
    """Of four indicators, half the households each, three at least: all four or one of four threes.

    With odds w, share = (w³·3 + w⁴) / (4w³ + w⁴): at 7/8 the threes weigh as much as the four.
    """
    lacking = np.array([[7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0]])
    law = fit(lacking, np.array([8]), np.array([3]), 0.0)
    assert law.odds[0, :4] == pytest.approx([4.0] * 4, rel=1e-3)
    assert law.numbers()[0, 3:5] == pytest.approx([0.5, 0.5], abs=1e-4)


@quick
@given(st.integers(0, 2**32 - 1), st.sampled_from([-0.1, 0.0, 0.1]))
def test_the_law_gives_its_counts_and_keeps_its_rule(seed, tilt):
    rng = np.random.default_rng(seed)
    bits = rng.random((5, 200, BITS)) < rng.beta(2, 3, (5, 1, BITS))
    kept = [part[part.sum(axis=1) >= 3] for part in bits]
    households = np.array([len(part) for part in kept])
    lacking = np.stack([part.sum(axis=0) for part in kept])
    law = fit(lacking, households, np.full(5, 3), tilt)
    number, share = np.zeros((5, BITS + 1)), np.zeros((5, BITS))
    number[:, 0] = 1.0
    for j in range(BITS):
        taken = number * chances(law)[:, j]
        share[:, j] = taken.sum(axis=1)
        number = number - taken
        number[:, 1:] += taken[:, :-1]
    assert share == pytest.approx(lacking / households[:, None], abs=1e-3)
    assert number[:, :3] == pytest.approx(0, abs=1e-9)
    assert number == pytest.approx(law.numbers(), abs=1e-6)


def test_a_tilt_moves_households_to_the_threshold_and_no_count():
    lacking = np.array([[400, 500, 300, 600, 200, 350, 450, 550, 250, 150, 500, 250]])
    shares = [
        fit(lacking, np.array([1000]), np.array([3]), tilt).numbers()[0, 3]
        for tilt in (-0.1, 0.0, 0.1)
    ]
    assert shares[0] < shares[1] < shares[2]


def test_tilts_are_of_their_seed():
    assert (tilts(5, 1) == tilts(7, 1)[:5]).all()
    assert not (tilts(5, 1) == tilts(5, 2)).any()


# Exact counts


def test_the_sample_is_rebuilt_to_the_household(margins):
    made = rebuild(margins, tilt=0.05, seed=1)
    assert same(made.margins(), margins)
    assert made.number[made.state == 0].min() >= 3
    assert made.number[made.state == 1].max() <= 2
    assert made.persons.min() >= 1


@st.composite
def any_margins(draw: st.DrawFn) -> Margins:
    """Counts that some households have: hamlets of one household, nobody, everybody."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    units, top = draw(st.integers(1, 4)), draw(st.sampled_from([1, 4, 150]))
    spread = draw(st.sampled_from([0.02, 0.2, 0.8]))
    rows = []
    for s in range(len(LISTED)):
        for u in range(units):
            count = int(rng.integers(0, top + 1))
            number = rng.integers(0, 3, count) if s else 3 + rng.binomial(BITS - 3, spread, count)
            likes = rng.random(BITS) ** 2
            for lacked in number:
                chosen = np.argsort(-rng.random(BITS) * likes)[:lacked]
                groups = rng.random(len(GROUPS)) < [0.9, 0.2, 0.05]
                rows.append((u, s, (1 << chosen).sum(), groups @ [1, 2, 4], -1, rng.integers(1, 9)))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 6).T
    return Population(tuple(f"u{i}" for i in range(units)), *columns, 0.0).margins()


@settings(max_examples=120, deadline=None, derandomize=True)
@given(any_margins(), st.sampled_from([-0.2, 0.0, 0.2]), st.integers(0, 3))
def test_any_counts_that_households_have_are_met(margins, tilt, seed):
    made = rebuild(margins, tilt=tilt, seed=seed)
    assert same(made.margins(), margins)
    assert (made.number[made.state == 0] >= 3).all()
    assert (made.number[made.state == 1] <= 2).all()
    assert (made.persons >= 1).all()


@quick
@given(any_margins(), st.data())
def test_a_unit_s_households_are_its_own(margins, data):
    """The same alone as among others."""
    at = data.draw(st.integers(0, len(margins.units) - 1))
    alone = Margins((margins.units[at],), *(getattr(margins, n)[:, [at]] for n in COUNTS))
    together, single = (rebuild(m, seed=2) for m in (margins, alone))
    own = together.unit == at
    for column in ("state", "mask", "groups", "persons"):
        assert (getattr(together, column)[own] == getattr(single, column)).all()


def test_what_independence_hides_is_between_the_tilts(margins):
    """The share at the threshold hangs on the tilt, though every count is the same."""
    shares = [rebuild(margins, tilt=tilt, seed=1).at_threshold() for tilt in (-0.15, 0.0, 0.2)]
    assert shares[0] < shares[1] < shares[2]


# Sizes


@quick
@given(st.integers(0, 2**32 - 1))
def test_persons_of_cells_add_up_to_groups(seed):
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 30, (6, 8))
    truth = cells * rng.integers(0, 5, (6, 8))
    placed, wrong = extras(cells, truth.sum(axis=1), truth @ FLAGS)
    assert (placed >= 0).all()
    assert (placed[cells == 0] == 0).all()
    assert (placed.sum(axis=1) == truth.sum(axis=1)).all()
    right = ~wrong.any(axis=1)
    assert ((placed @ FLAGS)[right] == (truth @ FLAGS)[right]).all()
    assert right.mean() > 0.5


# A register instead


@pytest.mark.parametrize("year", [2022, 2024])
def test_a_register_has_the_counts_of_its_forms(facts, year):
    known = of_register(registers.read(REGISTERS / str(year), year), year)
    told = Margins.of_forms(facts, year)
    assert same(known.margins(), told)
    poor = known.state == LISTED.index(State.POOR)
    by_cause = [known.causes[poor] >> c & 1 for c in range(told.causes.shape[1])]
    assert [int(bits.sum()) for bits in by_cause] == told.causes.sum(axis=0).tolist()
    assert np.isnan(known.tilt)


# Faults


def refused(margins: Margins) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as caught:
        rebuild(margins, seed=1)
    return [(f.rule, str(f.values.get("unit"))) for f in caught.value.findings]


def changed(margins: Margins, name: str, at: tuple[int, ...], value: int) -> Margins:
    counts = getattr(margins, name).copy()
    counts[at] = value
    return replace(margins, **{name: counts})


def test_counts_that_no_households_have_are_named(margins):
    unit = margins.units[2]
    poor = int(margins.households[0, 2])
    impossible = [("margins_impossible", unit)]
    assert refused(changed(margins, "lacking", (0, 2, 4), poor + 1)) == impossible
    assert refused(changed(margins, "lacking", (0, 2, 4), -1)) == impossible
    assert refused(changed(margins, "persons", (1, 2), 1)) == impossible
    assert refused(changed(margins, "members", (0, 2, 0), poor + 1)) == impossible
    few = replace(margins, lacking=margins.lacking.copy())
    few.lacking[0, 2] = poor // 6
    assert refused(few) == impossible
    many = replace(margins, lacking=margins.lacking.copy())
    many.lacking[1, 2] = margins.households[1, 2]
    assert refused(many) == impossible


def test_all_faults_come_at_once(margins):
    wrong = changed(margins, "persons", (0, 0), 0)
    wrong = changed(wrong, "persons", (1, 3), 0)
    assert refused(wrong) == [
        ("margins_impossible", margins.units[0]),
        ("margins_impossible", margins.units[3]),
    ]


def test_sizes_that_cannot_be_are_refused(margins):
    """A group has more persons than all its households and the whole unit."""
    wrong = changed(margins, "member_persons", (0, 1, 1), int(margins.persons[0, 1]) * 2)
    assert refused(wrong)[0][0] == "margins_sizes"


def test_what_no_form_tells_is_named(facts):
    gone = facts[~((facts["form"] == "F4") & (facts["period"] == "2024"))]
    with pytest.raises(Refusal) as caught:
        Margins.of_forms(gone, 2024)
    assert [finding.rule for finding in caught.value.findings] == ["margins_missing"]


# How many indicators the poor lack


def test_the_register_lies_in_the_range_that_the_forms_leave_open(sample_store: str):
    view = outlook(load(), Store(sample_store).latest(), 2024, draws=100)
    known = of_register(registers.read(REGISTERS / "2024", 2024), 2024)
    table = study.depth(view, known, populations=30)
    assert table["number"].tolist() == list(range(3, 3 + len(table)))
    assert table["and_more"].tolist() == [False] * (len(table) - 1) + [True]
    assert table["counted"].sum() == view.households(DISTRICT, 2024, State.POOR)
    assert (table["counted"] >= 5).all()
    apart = (table["counted"] - table["median"]) / (table["high"] - table["low"])
    assert apart.abs().max() < 1
    alone = study.depth(view, populations=5)
    assert alone["counted"].isna().all()
    assert alone["median"].iloc[-1] >= 5


def together(made: Population, state: int) -> np.ndarray:
    """Households of a state that lack both of two indicators, for the 66 pairs."""
    bits = (made.mask[made.state == state][:, None] >> np.arange(BITS)) & 1
    return (bits.T @ bits)[np.triu_indices(BITS, 1)]


@pytest.mark.parametrize("state", range(len(LISTED)))
def test_who_lacks_what_together_lies_in_the_range_too(margins, state):
    """Of the register's 66 joint counts some 95 in 100 lie in the 95 % range of the tilts."""
    known = of_register(registers.read(REGISTERS / "2024", 2024), 2024)
    drawn = np.stack(
        [
            together(rebuild(margins, tilt=float(tilt), seed=at), state)
            for at, tilt in enumerate(tilts(60, 1))
        ]
    )
    counted = together(known, state)
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    assert ((counted >= low) & (counted <= high)).mean() > 0.9
    apart = np.abs(counted - drawn.mean(axis=0)) / drawn.std(axis=0)
    assert apart.max() < 4
