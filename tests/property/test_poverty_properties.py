"""The state of a household, whatever the answers: order, keys and missing answers."""

from __future__ import annotations

import pandas as pd
from decree_cases import COMMUNE, GOOD, MEMBER, TOWN, register
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from povsim import poverty
from povsim.vocabulary import Indicator

YES_NO = st.booleans()
AGES = st.sampled_from([0, 2, 3, 5, 6, 15, 16, 30, 31, 70])
NUMBERS = {
    "income_vnd": st.sampled_from([0, 1_500_000, 1_500_001, 2_000_000, 2_000_001]),
    "floor_area_m2": st.sampled_from([0.0, 15.9, 16.0, 24.0, 100.0]),
}
HOUSE = {name: YES_NO for name, value in GOOD.items() if value is True} | NUMBERS
PERSON = {name: YES_NO for name in MEMBER if name != "age"} | {"age": AGES}
LACKING = {
    "durable_wall": False,
    "durable_roof": False,
    "floor_area_m2": 0.0,
    "safe_water": False,
    "hygienic_toilet": False,
    "uses_internet": False,
    "has_devices": False,
    "insured": False,
    "schooled_for_age": False,
    "at_right_level": False,
    "stunted_or_underweight": True,
    "on_benefit": True,
}
"""The answer to each question that lacks the most; of members, each gives it."""
STATES = ["not_poor", "near_poor", "poor"]
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def complete(draw: st.DrawFn):
    """A household with its members, every question answered."""
    members = draw(st.lists(st.fixed_dictionaries(PERSON), min_size=1, max_size=4))
    house = draw(st.fixed_dictionaries(HOUSE))
    unit = draw(st.sampled_from([COMMUNE, TOWN]))
    return house | {"unit": unit, "persons": len(members)}, members


@st.composite
def with_gaps(draw: st.DrawFn):
    """A household, and the same with answers missing, and members not listed."""
    house, members = draw(complete())
    gaps = draw(st.sets(st.sampled_from([*HOUSE, "persons"])))
    people = []
    for member in members:
        missing = draw(st.sets(st.sampled_from(list(PERSON))))
        people.append(member | dict.fromkeys(missing))
    listed = draw(st.integers(0, len(people)))
    return (house, members), (house | dict.fromkeys(gaps), people[:listed])


HOUSEHOLDS = st.lists(complete(), min_size=1, max_size=6)


@FEW
@given(st.lists(with_gaps(), min_size=1, max_size=6))
def test_what_may_be_holds_the_completion(pairs):
    true = poverty.classify(*register([full for full, _ in pairs]), 2024)
    told = poverty.classify(*register([gaps for _, gaps in pairs]), 2024)
    assert true["state"].notna().all()
    for state in STATES:
        known = told[state].notna()
        assert (told[state] == true[state])[known].all()
    assert (told["fewest"] <= true["fewest"]).all()
    assert (true["most"] <= told["most"]).all()
    counted = poverty.counts(told).set_index(["unit", "state"])
    exact = poverty.counts(true).set_index(["unit", "state"])["sure"]
    assert (counted["sure"] <= exact).all()
    assert (exact <= counted["may"]).all()


@FEW
@given(HOUSEHOLDS, st.sampled_from(list(LACKING)))
def test_lacking_more_never_makes_a_household_less_poor(rows, name):
    worst = {name: LACKING[name]}
    worse = [
        (house, [member | worst for member in members])
        if name in MEMBER
        else (house | worst, members)
        for house, members in rows
    ]
    before, after = (poverty.classify(*register(r), 2024) for r in (rows, worse))
    assert (after["fewest"] >= before["fewest"]).all()
    rank = {state: place for place, state in enumerate(STATES)}
    assert (after["state"].map(rank) >= before["state"].map(rank)).all()


@FEW
@given(st.lists(with_gaps(), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_and_keys_do_not_matter(pairs, random):
    houses, members = register([gaps for _, gaps in pairs])
    keys = [f"k{number}" for number in range(len(houses))]
    random.shuffle(keys)
    new = dict(zip(houses["household"], keys, strict=True))
    order = random.sample(range(len(houses)), len(houses))
    moved = houses.assign(household=houses["household"].map(new)).iloc[order]
    people = members.assign(household=members["household"].map(new))
    people = people.iloc[random.sample(range(len(people)), len(people))]
    before = poverty.classify(houses, members, 2024)
    after = poverty.classify(moved, people, 2024).set_index("household")
    pd.testing.assert_frame_equal(
        before.assign(household=before["household"].map(new)).set_index("household"),
        after.loc[[new[key] for key in before["household"]]],
    )


@FEW
@given(st.lists(with_gaps(), min_size=1, max_size=6))
def test_masks_hold_what_the_table_says(pairs):
    lacking = poverty.deprivations(*register([gaps for _, gaps in pairs]), 2024)
    masks = poverty.masks(lacking)[["sure", "may"]].astype(int)
    assert (masks["sure"] & ~masks["may"] == 0).all()
    for place, indicator in enumerate(Indicator):
        flags = lacking[str(indicator)]
        assert (masks["sure"] // 2**place % 2 == flags.fillna(False).astype(int)).all()
        assert (masks["may"] // 2**place % 2 == flags.fillna(True).astype(int)).all()
