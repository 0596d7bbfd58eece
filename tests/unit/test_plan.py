"""A plan is a file that checks itself: Kon Rẫy's own, and what a bad one is told."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from povsim import plan as plans
from povsim import workspace
from povsim.findings import Refusal
from povsim.plan import DISTRICT, TargetKind
from povsim.vocabulary import Origin, Standing

PATH = {2022: 0.1826, 2023: 0.1166, 2024: 0.0506, 2025: 0.0}
MERGED = {  # the new unit → the old ones
    "23479@2025-07-01": ("23479", "23491"),
    "23485@2025-07-01": ("23482", "23485"),
    "23497@2025-07-01": ("23488", "23494", "23497"),
}


def target(plan, year, kind):
    return next(t for t in plan.targets_of(DISTRICT, year) if t.kind is kind)


# --- Kon Rẫy 2021-2025 -----------------------------------------------------------------------


@pytest.mark.parametrize(("year", "ceiling"), PATH.items())
def test_the_cumulative_path_falls_from_its_base_to_the_floor(plan, year, ceiling):
    found = target(plan, year, TargetKind.PATH)
    assert found.value == pytest.approx(ceiling, abs=1e-12)
    assert found.floored is (year == 2025)
    assert found.origin is Origin.PUBLISHED


@pytest.mark.parametrize("year", PATH)
def test_the_yearly_fall_is_the_same_every_year(plan, year):
    found = target(plan, year, TargetKind.POINTS_A_YEAR)
    assert found.value == pytest.approx(0.066, abs=1e-12)


def test_targets_come_in_the_order_of_their_kinds(plan):
    kinds = [target.kind for target in plan.targets_of(DISTRICT, 2024)]
    assert kinds == [TargetKind.POINTS_A_YEAR, TargetKind.PATH, TargetKind.HOUSEHOLDS]
    assert plan.targets_of(DISTRICT, 2021) == []


@pytest.mark.parametrize("year", PATH)
def test_quotas_add_up_to_the_district_before_and_after_the_merger(plan, year):
    whole = target(plan, year, TargetKind.HOUSEHOLDS).value
    seven = quotas(plan, date(2024, 12, 31), year)
    three = quotas(plan, date(2025, 12, 31), year)
    assert (len(seven), len(three)) == (7, 3)
    assert sum(seven.values()) == sum(three.values()) == whole
    for unit, parts in MERGED.items():
        assert three[unit] == sum(seven[f"{part}@2021-01-01"] for part in parts)


def quotas(plan, day, year):
    return {quota.area: quota.value for quota in plan.quotas_on(day) if quota.year == year}


@pytest.mark.parametrize(("year", "count"), [(2021, 7), (2024, 7), (2025, 3)])
def test_units_that_owe_a_review(plan, year, count):
    assert len(plan.expected(year)) == count
    assert plan.expected(year) == sorted(plan.expected(year), key=lambda unit: unit.id)


def test_the_units_of_a_day_are_those_that_hold_its_households(plan):
    names = [unit.name for unit in plan.units_on(date(2025, 12, 31))]
    assert names == ["Đăk Rve", "Đăk Kôi", "Kon Braih"]


CHANCES = [
    (1.0, Standing.ON_TRACK),
    (0.67, Standing.ON_TRACK),
    (0.6699, Standing.AT_RISK),
    (0.33, Standing.AT_RISK),
    (0.3299, Standing.OFF_TRACK),
    (0.0, Standing.OFF_TRACK),
]


@pytest.mark.parametrize(("chance", "standing"), CHANCES)
def test_what_a_chance_is_called(plan, chance, standing):
    assert plan.standing(chance) is standing


@pytest.mark.parametrize(("day", "place"), [("2025-06-30", "Kon Rẫy"), ("2025-07-01", "……………")])
def test_who_issues_the_report_changes_with_the_district(plan, day, place):
    assert plan.issuer_on(date.fromisoformat(day)).place == place


def test_a_day_without_an_issuer(plan):
    assert refused(plan.issuer_on, date(2022, 7, 20)) == ["issuer_unknown"]


def refused(function, *arguments):
    """The rules of a refusal; every one can be told in both languages."""
    with pytest.raises(Refusal) as refusal:
        function(*arguments)
    assert all(refusal.value.text(lang) for lang in ("vi", "en"))
    return [finding.rule for finding in refusal.value.findings]


# --- A bad plan ------------------------------------------------------------------------------


@pytest.fixture
def folder(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of its own, with the plan of Kon Rẫy, free to spoil."""
    for place in ("plans", "published"):
        shutil.copytree(workspace / "data" / place, tmp_path / "data" / place)
    (tmp_path / "data/sample").mkdir()
    shutil.copy(workspace / "data/sample/unit-targets.csv", tmp_path / "data/sample")
    monkeypatch.setenv("POVSIM_HOME", str(tmp_path))
    return tmp_path


PLAN = "data/plans/kon-ray-2021-2025.toml"
QUOTAS = "data/sample/unit-targets.csv"
BAD = [  # file, old, new, rule, words of the message
    (PLAN, "first_year = 2022", "first_year = ", "plan_unreadable", "line"),
    (PLAN, "first_year = 2022", "", "plan_field_missing", "first_year"),
    (PLAN, "[status]", "[other]", "plan_field_missing", "status"),
    (PLAN, "first_year = 2022", "first_year = 2026", "plan_years", "2021 < 2026 ≤ 2025"),
    (PLAN, "base_review = 2021", "base_review = 2022", "plan_years", "2022 < 2022"),
    (PLAN, "off_track = 0.33", "off_track = 0.7", "plan_thresholds", "0.7"),
    (PLAN, "on_track = 0.67", "on_track = 67", "plan_thresholds", "67"),
    (QUOTAS, "2022,households,1", "2022,households,2", "plan_quotas", "2022"),
    (PLAN, 'kind = "path"', 'kind = "hope"', "plan_unreadable", "hope"),
    (PLAN, "first_year = 2022", 'first_year = "x"', "plan_unreadable", "str"),
    (PLAN, '"23491"', '"99999"', "unit_name_unknown", "99999"),
    (PLAN, "unit-targets.csv", "none.csv", "plan_unreadable", "none.csv"),
    (QUOTAS, "unit_code", "unit", "plan_field_missing", "unit_code"),
    (QUOTAS, "2025,households", "2027,households", "plan_target_year", "2027"),
    (PLAN, "370]\nyears = [2022", "370]\nyears = [2019", "plan_target_year", "2019"),
    (PLAN, '"households"\ngroup', '"level"\ngroup', "plan_group_kind", "level"),
    (PLAN, "525, 370]", "525]", "plan_unreadable", "argument"),
]


@pytest.mark.parametrize(("file", "old", "new", "rule", "words"), BAD)
def test_a_bad_plan_is_told_what_is_wrong(folder, file, old, new, rule, words):
    content = (folder / file).read_text("utf-8")
    assert old in content
    (folder / file).write_text(content.replace(old, new), "utf-8")
    with pytest.raises(Refusal) as refusal:
        plans.load()
    assert {finding.rule for finding in refusal.value.findings} == {rule}
    assert words in refusal.value.text("en")
    assert refusal.value.text("vi")


def test_every_fault_of_a_plan_is_told_at_once(folder):
    file = folder / PLAN
    content = file.read_text("utf-8")
    content = content.replace("first_year = 2022", "first_year = 2026")
    file.write_text(content.replace("off_track = 0.33", "off_track = 0.9"), "utf-8")
    assert refused(plans.load) == ["plan_years", "plan_thresholds"]


def test_an_unknown_plan_lists_the_known_ones():
    with pytest.raises(Refusal) as refusal:
        plans.load("kon-plong")
    assert "kon-plong" in refusal.value.text("en")
    assert "kon-ray-2021-2025" in refusal.value.text("en")


def test_the_checksum_follows_the_plan_and_its_quotas(folder):
    seen = {plans.load().checksum}
    for file in (PLAN, QUOTAS):
        (folder / file).write_text((folder / file).read_text("utf-8") + "\n", "utf-8")
        seen.add(plans.load().checksum)
    assert len(seen) == 3


def test_a_workspace_is_found_upwards_or_refused(folder, monkeypatch):
    monkeypatch.setenv("POVSIM_HOME", str(folder / "data"))
    assert refused(workspace.home) == ["home_missing"]
    monkeypatch.delenv("POVSIM_HOME")
    monkeypatch.chdir(folder / "data" / "plans")
    assert workspace.home().samefile(folder)


def test_the_store_stands_in_the_workspace_unless_named(folder, monkeypatch):
    monkeypatch.setenv("POVSIM_STORE", "sqlite:///elsewhere.sqlite")
    assert workspace.store_url() == "sqlite:///elsewhere.sqlite"
    monkeypatch.delenv("POVSIM_STORE")
    assert workspace.store_url() == f"sqlite:///{folder}/output/povsim.sqlite"
