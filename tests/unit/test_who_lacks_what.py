"""What the poor lack by unit, from the forms, and by group, from a register of households."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from povsim import Outlook, Plan, Store, forms, groups, outlook, registers, study
from povsim.plan import DISTRICT
from povsim.report import sections
from povsim.report.document import Figure, Paragraph
from povsim.vocabulary import Cause, Group, Indicator, People, State

REGISTER = "data/sample/register"


@pytest.fixture(scope="module")
def view(sample_store: str, plan: Plan) -> Outlook:
    return outlook(plan, Store(sample_store).release(1), 2024)


def without(view: Outlook, form: str, area: str) -> Outlook:
    """The same outlook on a release that lacks one form of one unit."""
    facts = view.release.facts
    kept = facts[~((facts["form"] == form) & (facts["unit"] == area))]
    return replace(view, release=replace(view.release, read=lambda _: kept))


# --- By unit --------------------------------------------------------------------------------------


def test_measures_are_f4_over_twelve_times_the_households(view: Outlook) -> None:
    table = forms.deprivations(view.release.facts)
    rows = table[(table["period"] == "2024") & (table["state"] == str(State.POOR))]
    lacking = rows.groupby("unit")["households"].sum()
    found = study.measures(view)
    for area in view.areas:
        households, poor = (view.households(area, 2024, state) for state in (None, State.POOR))
        expected = (poor / households, lacking[area] / 12 / poor, lacking[area] / 12 / households)
        assert found.loc[area, ["h", "a", "m0"]].tolist() == pytest.approx(expected)


def test_the_district_comes_first_then_units_from_the_highest_m0_down(view: Outlook) -> None:
    found = study.measures(view)
    units = found.drop(index=DISTRICT)
    assert found.index[0] == DISTRICT
    assert sorted(units.index) == view.areas
    assert list(units["m0"]) == sorted(units["m0"], reverse=True)
    assert units["contribution"].sum() == pytest.approx(1)


def test_m0_is_h_times_a_and_the_district_s_the_mean_of_its_units(view: Outlook) -> None:
    found = study.measures(view)
    assert np.allclose(found["m0"], found["h"] * found["a"])
    units = found.drop(index=DISTRICT)
    mean = np.average(units["m0"].to_numpy(), weights=units["population"].to_numpy())
    assert found.loc[DISTRICT, "m0"] == pytest.approx(mean)


def test_shares_by_area_are_those_of_the_poor(view: Outlook) -> None:
    table = study.deprivations_by_area(view)
    assert list(table["area"].unique()) == list(study.measures(view).index)
    assert list(table["indicator"][:12]) == list(map(str, Indicator))
    district = table[table["area"] == DISTRICT].set_index("indicator")["share"]
    alone = study.deprivation_shares(view).set_index("indicator")["share"]
    assert np.allclose(district[alone.index], alone)


def test_a_form_that_is_missing_leaves_unit_and_district_open(view: Outlook) -> None:
    area = view.find("Đăk Pne")
    table = study.deprivations_by_area(without(view, "F4", area)).set_index("area")["share"]
    assert table[[area, DISTRICT]].isna().all()
    assert table.drop(index=[area, DISTRICT]).notna().all()
    measures = study.measures(without(view, "F4", area))
    assert measures.loc[[area, DISTRICT], "m0"].isna().all()
    assert measures.loc[[area, DISTRICT], "h"].notna().all()


def test_merged_units_are_told_together(view: Outlook, plan: Plan) -> None:
    last = outlook(plan, view.release, 2025)
    assert sorted(study.measures(last).index) == sorted([DISTRICT, *last.areas])
    assert study.deprivations_by_area(last)["share"].notna().all()


# --- By group -------------------------------------------------------------------------------------

FIRST = {"people": "kinh", "no_labour": False, "merit": False, "female_head": False}


def register(*lots: tuple[int, dict[str, object]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Poor households in lots: each lacks water, toilet, devices and internet but for what is said.

    One member each, of 40 years, who lacks nothing.
    """
    answers: dict[str, object] = {
        "unit": "23482@2021-01-01",
        "persons": 1,
        "income_vnd": 900_000,
        **dict.fromkeys(("durable_wall", "durable_frame", "durable_roof"), True),
        "floor_area_m2": 20.0,
        **dict.fromkeys(("safe_water", "hygienic_toilet", "uses_internet", "has_devices"), False),
        **FIRST,
        **dict.fromkeys(("farms", "was_listed"), False),
        "left_list": None,
        **dict.fromkeys(map(str, Cause), False),
    }
    rows = [answers | said for number, said in lots for _ in range(number)]
    households = pd.DataFrame(rows).assign(household=[f"h{place}" for place in range(len(rows))])
    person = {"age": 40, "can_work": True, "has_job": True, "for_wages": False, "insured": True}
    person |= {"has_contract": None, "on_benefit": False, "stunted_or_underweight": None}
    person |= {"schooled_for_age": None, "at_right_level": None}
    members = pd.DataFrame([{"household": key} | person for key in households["household"]])
    return households, members


def told(*lots: tuple[int, dict[str, object]]) -> pd.DataFrame:
    return groups.lacking_by_group(*register(*lots), 2024).set_index(["group", "indicator"])


def test_shares_of_groups_are_counted_from_the_poor_of_the_register() -> None:
    found = told(
        (30, {"safe_water": True}),
        (30, {"people": "xo_dang", "female_head": True}),
        (10, {"people": "xo_dang", "safe_water": True}),
        (50, {"income_vnd": 5_000_000}),
    )
    assert found.loc[("all", "water"), ["poor", "lacking"]].tolist() == [70, 30]
    assert found.loc[("xo_dang", "water"), ["households", "lacking"]].tolist() == [40, 30]
    assert found.loc[("dtts", "water"), "share"] == pytest.approx(0.75)
    assert found.loc[("female_head", "water"), "share"] == 1
    assert found.loc[("kinh", "water"), "share"] == 0
    assert not found.loc[["all", "dtts", "kinh", "xo_dang"], "hidden"].any()


def test_a_small_cell_hides_the_dtts_beside_the_kinh_and_a_people_beside_both() -> None:
    found = told(
        (3, {}),
        (27, {"safe_water": True}),
        (60, {"people": "xo_dang"}),
        (40, {"people": "xo_dang", "safe_water": True, "hygienic_toilet": False}),
        (40, {"people": "ba_na"}),
        (20, {"people": "ba_na", "safe_water": True}),
        (20, {"people": "ba_na", "has_devices": True}),
    )
    water = found.xs("water", level="indicator")["hidden"]
    assert water[["kinh", "dtts"]].all()
    assert water[["xo_dang", "ba_na"]].sum() == 1
    assert not water["all"]
    hidden = found[found["hidden"]]
    assert hidden[["lacking", "households", "share"]].isna().all().all()
    assert hidden.groupby(level="group").size().drop("merit", errors="ignore").min() >= 2


def test_of_a_group_under_five_not_even_the_number_is_told() -> None:
    found = told((60, {}), (60, {"people": "xo_dang"}), (4, {"people": "xo_dang", "merit": True}))
    assert found.loc["merit", "poor"].isna().all()
    assert found.loc["merit", "hidden"].all()
    assert not found.loc["merit", "lacking"].array._data.any()  # nor under the mask
    assert found.loc["xo_dang", "poor"].eq(64).all()


def test_few_kinh_hide_how_many_the_dtts_are_and_one_people_more() -> None:
    found = told((3, {}), (60, {"people": "xo_dang"}), (50, {"people": "ba_na"}))
    assert found["poor"].groupby(level="group").first().isna().to_dict() == {
        "all": False,
        "ba_na": True,
        "dtts": True,
        "female_head": False,
        "kinh": True,
        "merit": False,
        "no_labour": False,
        "xo_dang": False,
    }


def test_small_peoples_are_told_together_and_never_so_few_that_they_are_hidden() -> None:
    lots = [(60, {"people": "xo_dang"}), (35, {"people": "ba_na"}), (20, {"people": "thai"})]
    names = told((60, {}), *lots, (9, {"people": "other"})).index.unique("group")
    assert list(names) == [
        *("all", "dtts", "kinh", "xo_dang", "ba_na", "other_peoples"),
        *("no_labour", "merit", "female_head"),
    ]
    found = told((60, {}), *lots[:2], (2, {"people": "thai"}))
    assert "ba_na" not in found.index.unique("group")
    assert found.loc["other_peoples", "poor"].eq(37).all()


def test_a_household_whose_people_is_not_known_is_in_no_people() -> None:
    found = told((60, {}), (60, {"people": "xo_dang"}), (30, {"people": None}))
    poor = found["poor"].groupby(level="group").first()
    assert poor[["all", "kinh", "dtts", "xo_dang"]].tolist() == [150, 60, 60, 60]


def test_a_group_without_poor_households_is_missing_not_hidden_and_no_nought() -> None:
    found = told((60, {}), (60, {"people": "xo_dang"})).loc["merit"]
    assert found["poor"].eq(0).all()
    assert found["share"].isna().all()
    assert not found["hidden"].any()


def test_of_a_group_under_ten_no_share_is_told_but_how_many_they_are() -> None:
    found = told((60, {}), (60, {"people": "xo_dang"}), (7, {"merit": True})).loc["merit"]
    assert found["hidden"].all()
    assert found["poor"].eq(7).all()


def test_a_district_with_a_few_poor_households_tells_of_the_whole_alone() -> None:
    found = told((2, {}), (2, {"people": "xo_dang"}))
    assert not found.loc["all", "hidden"].any()
    assert found.loc["all", "poor"].eq(4).all()
    assert found.loc[["dtts", "kinh", "other_peoples"], "hidden"].all()


def test_scoring_sheets_say_who_is_poor_where_the_register_holds_them() -> None:
    households, members = register((60, {}), (60, {"people": "xo_dang"}))
    sheets = households[["household", "unit"]].assign(b1=[100] * 90 + [300] * 30, b2=40)
    held = registers.of_tables(households, members, sheets)
    found = groups.of_register(held, 2024).set_index(["group", "indicator"])
    assert found.loc["all", "poor"].eq(90).all()
    assert found.loc["xo_dang", "poor"].eq(30).all()


def test_an_unanswered_question_is_no_no() -> None:
    found = told((20, {"has_devices": None}), (40, {}), (60, {"people": "xo_dang"}))
    assert found.loc[("kinh", "devices"), ["poor", "households"]].tolist() == [60, 40]
    assert found.loc[("kinh", "devices"), "share"] == 1


@pytest.fixture(scope="module")
def sample_groups() -> pd.DataFrame:
    found = groups.on_file(REGISTER, 2024)
    if found is None:
        pytest.skip("no sample register here")
    assert found.sample
    return groups.of_register(found, 2024)


def test_the_sample_register_agrees_with_the_forms(
    view: Outlook, sample_groups: pd.DataFrame
) -> None:
    whole = sample_groups[sample_groups["group"] == groups.ALL]
    by_forms = study.deprivations_by_area(view).query("area == @DISTRICT")
    assert whole["lacking"].tolist() == by_forms["lacking"].tolist()
    counted = forms.groups(view.release.facts)
    counted = counted[(counted["period"] == "2024") & (counted["state"] == str(State.POOR))]
    sizes = sample_groups.groupby("group")["poor"].first()
    for group in (Group.DTTS, Group.NO_LABOUR):
        rows = counted[counted["group"] == str(group)]
        assert sizes[str(group)] == rows["households"].sum()


def test_the_table_of_the_sample_keeps_every_count_under_five(sample_groups: pd.DataFrame) -> None:
    shown = sample_groups[~sample_groups["hidden"]]
    answered, lacking = shown["households"].astype(int), shown["lacking"].astype(int)
    for counts in (lacking, answered - lacking):
        assert not counts.between(1, 4).any()
    peoples = {*map(str, People), groups.OTHER_PEOPLES}
    rows = sample_groups[sample_groups["group"].isin(peoples)]
    assert 1 not in set(rows.groupby("indicator")["hidden"].sum())


# --- In the notebook and on paper -----------------------------------------------------------------


def test_figures_say_what_is_counted_and_that_it_is_a_sample(view: Outlook) -> None:
    figure = sections.deprivation_map(view)
    assert "không phải tổng số hộ" in figure.note
    assert "Nhà tiêu" in figure.alt
    assert "Số liệu mẫu" in str(figure.spec)


def test_without_a_register_a_sentence_says_so(view: Outlook) -> None:
    block = sections.group_map(view, "data/no-such-register")
    assert isinstance(block, Paragraph)
    assert block.text.startswith("Chưa có sổ hộ của kỳ rà soát 2024")


@pytest.mark.usefixtures("sample_groups")
def test_the_group_figure_explains_its_sign(view: Outlook) -> None:
    figure = sections.group_map(view, REGISTER)
    assert isinstance(figure, Figure)
    assert "Dấu •" in figure.note
    assert "cần đối chiếu" not in figure.note  # the register and F1 count as many
    assert "Số liệu mẫu" in str(figure.spec)


def test_the_measures_stand_in_a_table_with_the_district_first(view: Outlook) -> None:
    table = sections.measures_table(view)
    assert table.rows[0][:3] == ("Toàn huyện", "7.684", "574")
    assert table.rows[0][3] == "7,47"
    assert len(table.rows) == 8


def test_a_register_lies_where_the_workspace_says(tmp_path: Path) -> None:
    assert groups.on_file(str(tmp_path), 2024) is None
    households, members = register((1, {}))
    (tmp_path / "2024").mkdir()
    households.to_parquet(tmp_path / "2024" / "households.parquet")
    members.to_parquet(tmp_path / "2024" / "members.parquet")
    found = groups.on_file(str(tmp_path), 2024)
    assert found is not None
    assert not found.sample
    assert groups.on_file(str(tmp_path), 2023) is None
