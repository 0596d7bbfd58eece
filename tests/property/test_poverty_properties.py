"""The state of a household, whatever the answers: order, keys and missing answers."""

from __future__ import annotations

import pandas as pd
import pytest
from decree_cases import COMMUNE, GOOD, MEMBER, TOWN, register
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from povsim import poverty
from povsim.findings import Refusal
from povsim.vocabulary import Among

YES_NO = st.booleans()
AGES = st.sampled_from([0, 2, 3, 4, 5, 6, 14, 15, 16, 30, 31, 33, 34, 70])
REVIEWS = st.sampled_from([2019, 2024])
EDGES = [0, 700_000, 900_000, 1_000_000, 1_300_000, 1_500_000, 2_000_000, 2_250_000, 3_000_000]
NUMBERS = {
    "income_vnd": st.sampled_from([income + more for income in EDGES for more in (0, 1)]),
    "floor_area_m2": st.sampled_from([0.0, 15.9, 16.0, 24.0, 100.0]),
}
HOUSE = {name: YES_NO for name, value in GOOD.items() if value is True} | NUMBERS
HOUSE |= {"farms": YES_NO}
PERSON = {name: YES_NO for name in MEMBER if name != "age"} | {"age": AGES}
LACKING = {
    "durable_wall": False,
    "durable_roof": False,
    "floor_area_m2": 0.0,
    "safe_water": False,
    "hygienic_toilet": False,
    "uses_internet": False,
    "has_devices": False,
    "uses_telephone": False,
    "has_tv_radio_computer": False,
    "hears_loudspeakers": False,
    "insured": False,
    "schooled_for_age": False,
    "at_right_level": False,
    "stunted_or_underweight": True,
    "on_benefit": True,
    "untreated_illness": True,
    "finished_lower_secondary": False,
    "at_school": False,
}
"""The answer to each question that lacks the most; of members, each gives it."""
STATES = ["not_poor", "near_poor", "poor"]
AMONG = list(map(str, Among))
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def complete(draw: st.DrawFn):
    """A household with its members, every question answered."""
    members = draw(st.lists(st.fixed_dictionaries(PERSON), min_size=1, max_size=4))
    house = draw(st.fixed_dictionaries(HOUSE))
    unit = draw(st.sampled_from([COMMUNE, TOWN]))
    left = draw(st.sampled_from([None, 2015, 2016, 2019, 2020, 2021, 2024]))
    past = {"was_listed": left is not None, "left_list": left}
    return house | past | {"unit": unit, "persons": len(members)}, members


@st.composite
def with_gaps(draw: st.DrawFn):
    """A household, and the same with answers missing, and members not listed."""
    house, members = draw(complete())
    gaps = draw(st.sets(st.sampled_from([*HOUSE, "persons", "was_listed", "left_list"])))
    people = []
    for member in members:
        missing = draw(st.sets(st.sampled_from(list(PERSON))))
        people.append(member | dict.fromkeys(missing))
    listed = draw(st.integers(0, len(people)))
    return (house, members), (house | dict.fromkeys(gaps), people[:listed])


HOUSEHOLDS = st.lists(complete(), min_size=1, max_size=6)


PAIRS = st.lists(with_gaps(), min_size=1, max_size=6)
BEFORE = st.one_of(st.none(), st.lists(st.sampled_from(STATES), min_size=6, max_size=6))
"""The states at the review before, of six households, or none given."""


@FEW
@given(PAIRS, REVIEWS, BEFORE, st.sets(st.integers(0, 5)))
def test_what_may_be_holds_the_completion(pairs, review, before, forgotten):
    keys = [f"h{number}" for number in range(1, 7)]
    known = None if before is None else pd.Series(before, keys)
    partly = None if known is None else known.drop([keys[place] for place in forgotten])
    true = poverty.classify(*register([full for full, _ in pairs]), review, known)
    found = poverty.classify(*register([gaps for _, gaps in pairs]), review, partly)
    assert true["state"].notna().all()
    for state in (*STATES, *AMONG):
        sure = found[state].notna()
        assert (found[state] == true[state])[sure].all()
    assert (found["fewest"] <= true["fewest"]).all()
    assert (true["most"] <= found["most"]).all()
    counted = poverty.counts(found).set_index(["unit", "state"])
    exact = poverty.counts(true).set_index(["unit", "state"])
    for line in ("", "persons_"):
        assert (counted[f"{line}sure"] <= exact[f"{line}sure"]).all()
        may = counted[f"{line}may"]
        assert (exact[f"{line}sure"] <= may)[may.notna()].all()


@FEW
@given(PAIRS, REVIEWS, BEFORE)
def test_who_is_among_the_not_poor_is_not_poor(pairs, review, before):
    known = None if before is None else pd.Series(before, [f"h{n}" for n in range(1, 7)])
    found = poverty.classify(*register([gaps for _, gaps in pairs]), review, known)
    for kind in AMONG:
        assert (found["not_poor"] | ~found[kind]).fillna(True).all()
        surely = found[kind].fillna(False)
        assert (found.loc[surely, "state"] == "not_poor").all()


@FEW
@given(HOUSEHOLDS, REVIEWS, st.sampled_from(list(LACKING)))
def test_lacking_more_never_makes_a_household_less_poor(rows, review, name):
    worst = {name: LACKING[name]}
    worse = [
        (house, [member | worst for member in members])
        if name in MEMBER
        else (house | worst, members)
        for house, members in rows
    ]
    before, after = (poverty.classify(*register(r), review) for r in (rows, worse))
    assert (after["fewest"] >= before["fewest"]).all()
    rank = {state: place for place, state in enumerate(STATES)}
    assert (after["state"].map(rank) >= before["state"].map(rank)).all()


@FEW
@given(PAIRS, st.randoms(use_true_random=False))
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
@given(PAIRS, REVIEWS)
def test_masks_hold_what_the_table_says(pairs, review):
    tables = register([gaps for _, gaps in pairs])
    lacking = poverty.deprivations(*tables, review)
    masks = poverty.masks(lacking)
    pd.testing.assert_frame_equal(masks, poverty.masks_of(*tables, review))
    sure, may = masks["sure"].astype(int), masks["may"].astype(int)
    assert (sure & ~may == 0).all()
    for place, indicator in enumerate(poverty.thresholds(review)):
        flags = lacking[str(indicator)]
        assert (sure // 2**place % 2 == flags.fillna(False).astype(int)).all()
        assert (may // 2**place % 2 == flags.fillna(True).astype(int)).all()


# --- Columns that are typed already: the fast way and pandera's tell the same --------------------

INTEGERS = st.sampled_from(["Int8", "Int16", "Int32", "Int64", "Float64", "float64"])
KEYS = st.sampled_from(["str", "category", "string", "numbers"])


def typed(table: pd.DataFrame, integers: str, keys: str) -> pd.DataFrame:
    """The same answers in columns of their own types."""
    made = {}
    for name, column in table.items():
        if name == "household":
            numbers = column.str.removeprefix("h").astype("int64")
            made[name] = numbers if keys == "numbers" else column.astype(keys)
        elif name == "unit":
            made[name] = column.astype("str" if keys == "str" else "category")
        elif name in ("income_vnd", "floor_area_m2", "left_list"):
            wide = integers if integers.startswith(("F", "f")) else "Int32"
            made[name] = column.astype("Float64" if name == "floor_area_m2" else "Int64")
            made[name] = made[name].astype(wide if name != "floor_area_m2" else "Float64")
        elif name in ("persons", "age"):
            made[name] = column.astype("Int64").astype(integers)
        else:
            made[name] = column.astype("bool" if column.notna().all() else "boolean")
    return pd.DataFrame(made)


@FEW
@given(PAIRS, REVIEWS, INTEGERS, KEYS)
def test_types_do_not_matter(pairs, review, integers, keys):
    houses, members = register([gaps for _, gaps in pairs])
    slow = poverty.classify(houses, members, review)
    fast = poverty.classify(*(typed(t, integers, keys) for t in (houses, members)), review)
    names = [name for name in slow if name not in ("household", "unit")]
    pd.testing.assert_frame_equal(fast[names], slow[names])
    assert fast["unit"].astype(str).tolist() == slow["unit"].tolist()
    counted = (poverty.counts(states) for states in (slow, fast))
    pd.testing.assert_frame_equal(*counted)


SPOILT = {
    "households": ["household", "unit", "persons", "floor_area_m2", "left_list"],
    "members": ["household", "age"],
}
BAD = {
    "household": ["A Brê", "0901234567", 912345678, None],
    "unit": ["23482", "x", None],
    "persons": [0, -1, 2.5, float("inf")],
    "floor_area_m2": [-0.5, -1],
    "left_list": [1989, 2101, 2020.5],
    "age": [-1, 131, 3.5, 127 + 4],
}
CASES = [(t, name, bad) for t, names in SPOILT.items() for name in names for bad in BAD[name]]


@FEW
@given(PAIRS, st.sampled_from(CASES), INTEGERS, KEYS)
def test_typed_columns_are_checked_no_less(pairs, case, integers, keys):
    which, name, bad = case
    tables = dict(zip(SPOILT, register([full for full, _ in pairs]), strict=True))
    fast = {table: typed(frame, integers, keys) for table, frame in tables.items()}
    column = fast[which][name].astype(object)
    column.iloc[0] = bad
    fast[which][name] = column.infer_objects()
    if name in ("household", "unit") and keys == "category":
        fast[which][name] = column.astype("category")
    with pytest.raises(Refusal) as refusal:
        poverty.classify(*fast.values(), 2024)
    assert {finding.rule for finding in refusal.value.findings} <= {"register_breach"}
    assert {finding.values["column"] for finding in refusal.value.findings} == {name}
