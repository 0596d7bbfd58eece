"""The counts of a register, whatever its answers: ranges hold every completion, files and the
order of rows do not matter.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from decree_cases import COMMUNE, MEMBER, TOWN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_cases import ASKED, STATES, held, house, tables, write_csv, write_parquet

from povsim import forms, registers
from povsim.registers import Register
from povsim.vocabulary import People

FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
YES_NO = st.booleans()
PEOPLES = st.sampled_from([People.KINH, People.XO_DANG, People.THAI])
ANSWERS = {
    "income_vnd": st.sampled_from([0, 1_500_001, 9_000_000]),
    "floor_area_m2": st.sampled_from([7.0, 15.9, 100.0]),
    **dict.fromkeys(("safe_water", "hygienic_toilet", "has_devices", "durable_roof"), YES_NO),
    "people": PEOPLES.map(str),
    **dict.fromkeys(("farms", "no_labour", "merit", "female_head", "was_listed"), YES_NO),
    **dict.fromkeys(("lack_land", "illness"), YES_NO),
}
PERSON = {
    "age": st.sampled_from([2, 5, 6, 15, 16, 40]),
    **dict.fromkeys(("insured", "at_right_level", "stunted_or_underweight", "has_job"), YES_NO),
}


@st.composite
def households(draw: st.DrawFn, number: int):
    """A household with every question answered, and the same with gaps and members not listed."""
    people = draw(st.lists(st.fixed_dictionaries(PERSON), min_size=1, max_size=3))
    said = dict(STATES[draw(st.sampled_from(list(STATES)))])
    said |= draw(st.fixed_dictionaries({}, optional=ANSWERS))
    said |= {"household": f"k{number}", "unit": draw(st.sampled_from([COMMUNE, TOWN]))}
    whole = house("poor", said, [MEMBER | person for person in people])
    gaps = draw(st.sets(st.sampled_from([*ANSWERS, "persons"]), max_size=3))
    known = [
        MEMBER | person | dict.fromkeys(draw(st.sets(st.sampled_from(list(PERSON)), max_size=2)))
        for person in people
    ]
    listed = draw(st.integers(max(0, len(people) - 1), len(people)))
    return whole, (whole[0] | dict.fromkeys(gaps), known[:listed])


@st.composite
def reviews(draw: st.DrawFn):
    """Two reviews of some households, complete and with gaps: some come, some go, some move."""
    numbers = range(draw(st.integers(1, 4)))
    both = []
    for _ in range(2):
        there = draw(st.sets(st.sampled_from(list(numbers)), min_size=1))
        both.append([draw(households(number)) for number in sorted(there)])
    return both


def halves(pairs) -> tuple[Register, Register]:
    return held([whole for whole, _ in pairs]), held([gaps for _, gaps in pairs])


def cells(now: Register, before: Register | None) -> pd.DataFrame:
    table = registers.aggregate(now, 2024, before)
    return table.set_index(["unit", "form", "line", "item"])[["low", "high"]]


@FEW
@given(reviews())
def test_the_range_holds_what_the_complete_answers_give(pair):
    (then, then_gaps), (now, now_gaps) = (halves(pairs) for pairs in pair)
    exact, ranges = cells(now, then), cells(now_gaps, then_gaps)
    decided = exact["low"] == exact["high"]
    assert decided.all(), exact[~decided]
    exact = exact["low"].reindex(ranges.index)
    assert exact.notna().all()
    assert (ranges["low"].isna() | (ranges["low"] <= exact)).all(), ranges[ranges["low"] > exact]
    assert (ranges["high"].isna() | (exact <= ranges["high"])).all(), ranges[exact > ranges["high"]]


# --- Every completion -----------------------------------------------------------------------------

FLAGS = ("safe_water", "hygienic_toilet", "uses_internet", "durable_wall", "merit", "was_listed")
OF_MEMBERS = ("insured", "at_right_level", "has_job")


@FEW
@given(
    st.sampled_from(list(STATES)),
    st.sets(st.sampled_from(FLAGS), max_size=2),
    st.sets(st.sampled_from(OF_MEMBERS), max_size=1),
    st.sampled_from([5, 10, 40]),
)
def test_the_range_runs_from_the_least_completion_to_the_most(state, gaps, of_members, age):
    """One household, every way to answer what is missing; of F1 no figure is wider than that."""
    then = held([house("not_poor", {"household": "k1"})])

    def found(said, told) -> pd.DataFrame:
        member = MEMBER | {"age": age} | told
        return cells(held([house(state, {"household": "k1"} | said, [MEMBER, member])]), then)

    ranges = found(dict.fromkeys(gaps), dict.fromkeys(of_members))
    names = [*gaps, *of_members]
    ways = [dict(zip(names, way, strict=True)) for way in product((True, False), repeat=len(names))]
    every = [
        found({n: way[n] for n in gaps}, {n: way[n] for n in of_members})["low"] for way in ways
    ]
    low, high = (pd.concat(every, axis=1).agg(how, axis=1) for how in ("min", "max"))
    assert (ranges["low"] <= low).all()
    assert (high <= ranges["high"]).all()
    f1 = ranges.index.get_level_values("form") == "F1"
    assert ranges["low"][f1].equals(low[f1].astype("Int64"))
    assert ranges["high"][f1].equals(high[f1].astype("Int64"))


@FEW
@given(reviews())
def test_the_forms_agree_with_each_other(pair):
    """Complete registers keep every sum, agreement and balance that the forms must keep."""
    (then, _), (now, _) = (halves(pairs) for pairs in pair)
    table = cells(now, then)["low"]
    for unit, own in table.groupby(level="unit"):
        found = own.droplevel("unit").to_dict()
        for form in forms.review_forms():
            for column in form.sums:
                for line in form.lines:
                    parts = (s * found[form.id, line, item] for s, item in column.equals)
                    assert found[form.id, line, column.item] == sum(parts), (unit, column.item)
        for rule in forms.agreements():
            if rule.years_back == 0 and rule.left.form != "TX":
                left, *right = (found[c.form, c.line, c.item] for c in (rule.left, *rule.right))
                assert left == sum(right), rule


@FEW
@given(st.integers(1, 4).flatmap(lambda n: st.tuples(*map(households, range(n)))))
def test_answering_what_is_asked_decides(pairs):
    """Of what is missing, only the columns named are answered; then the state is known."""
    whole, gaps = halves(pairs)
    asked = registers.open_answers(gaps, 2024).set_index("household")
    states = registers.judge(gaps, 2024).states.set_index("household")["state"]
    assert set(asked.index) == set(states.index[states.isna()])
    answered = [_answered(full, short, asked) for full, short in pairs]
    assert len(registers.open_answers(held(answered), 2024)) == 0
    true = registers.judge(whole, 2024).states["state"]
    assert (registers.judge(held(answered), 2024).states["state"] == true).all()


def _answered(whole, gaps, asked: pd.DataFrame):
    """The household with those of its missing answers that are asked for."""
    house_, members = gaps
    if house_["household"] not in asked.index:
        return gaps
    names = asked.loc[house_["household"], "columns"].split()
    told = house_ | {name: whole[0][name] for name in names if name in house_}
    listed = [
        member | {n: full[n] for n in member if f"members.{n}" in names}
        for full, member in zip(whole[1], members, strict=False)
    ]
    return told, listed + (list(whole[1][len(members) :]) if "members" in names else [])


@FEW
@given(reviews(), st.randoms(use_true_random=False))
def test_files_and_the_order_of_rows_do_not_matter(pair, random):
    (_, before), (_, now) = (halves(pairs) for pairs in pair)
    expected = cells(now, before)
    rows = [gaps for _, gaps in pair[1]]
    found = tables(random.sample(rows, len(rows)))
    order = random.sample(range(len(found["members"])), len(found["members"]))
    found["members"] = found["members"].iloc[order]
    with TemporaryDirectory() as folder:
        for write in (write_csv, write_parquet):
            own = registers.read(write(Path(folder) / write.__name__, found), 2024)
            pd.testing.assert_frame_equal(cells(own, before), expected)


def test_every_answer_of_the_register_is_varied():
    assert set(ASKED) - set(ANSWERS) <= {
        "left_list",
        *(c for c in ASKED if c.startswith("lack_")),
    } | {"other_cause"}
