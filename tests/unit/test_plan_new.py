"""A new plan without touching code: what is made loads and works; every fault is told at once."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from copies import script
from openpyxl import load_workbook
from typer.testing import CliRunner

from povsim import intake, planning, rules, study
from povsim import plan as plans
from povsim.commands import app
from povsim.findings import Refusal
from povsim.intake import printed
from povsim.plan import DISTRICT, Plan, TargetKind
from povsim.planning import Draft
from povsim.report import sections
from povsim.store import Release, Store
from povsim.vocabulary import Period
from povsim.wording import break_sentences

THREE = Draft("ba-xa-2026-2030", 2026, 2030, units=("23479", "23485", "Kon Braih"))
LIST = """code,name,kind,area_type,aliases,valid_from
91001,Mẫu Một,thị trấn,thành thị,Mau Mot|Mẫu 1,
91002,Tân Lập,xã,nông thôn,,01/01/2021
91003,Mẫu Ba,commune,rural,,2021-01-01
"""


@pytest.fixture(autouse=True)
def home(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of one's own with the plan of Kon Rẫy."""
    for place in ("plans", "published"):
        shutil.copytree(workspace / "data" / place, tmp_path / "data" / place)
    (tmp_path / "data/sample").mkdir()
    shutil.copy(workspace / "data/sample/unit-targets.csv", tmp_path / "data/sample")
    monkeypatch.setenv("POVSIM_HOME", str(tmp_path))
    monkeypatch.setenv("POVSIM_STORE", f"sqlite:///{tmp_path}/store.sqlite")
    rules.forget_own()
    return tmp_path


def district(home: Path, content: str = LIST) -> Draft:
    file = home / "units.csv"
    file.write_text(content, "utf-8")
    return Draft("huyen-mau", 2022, 2025, units_file=file, place="Huyện Mẫu", code="910")


# --- The three communes of 2026-2030 --------------------------------------------------------------


def test_the_three_communes_load_straight_away():
    made = planning.new(replace(THREE, targets=("points_a_year=4", "path=2,5:12", "level=5")))
    plan = made.plan
    assert plan == plans.load("ba-xa-2026-2030")
    assert [str(unit.id) for unit in plan.units] == [
        f"{code}@2025-07-01" for code in ("23479", "23485", "23497")
    ]
    assert (plan.base_review, plan.standard, plan.published_figures) == (2025, "nd07-2021", None)
    assert [(t.kind, t.value) for t in plan.targets_of(DISTRICT, 2027)] == [
        (TargetKind.POINTS_A_YEAR, 0.04),
        (TargetKind.PATH, pytest.approx(0.07)),
        (TargetKind.LEVEL, 0.05),
    ]
    assert plan.district == "Đăk Rve, Đăk Kôi, Kon Braih"
    assert not plan.issuers[0].verified
    assert "……" in plan.issuers[0].named


def test_the_change_of_standard_is_said_in_the_file_and_on_the_screen(home: Path):
    words = ["plan", "new", THREE.name, "--from", "2026", "--to", "2030"]
    units = [word for code in ("23479", "23485", "23497") for word in ("--unit", code)]
    result = CliRunner().invoke(app, [*words, *units, "--target", "points_a_year=4"])
    assert result.exit_code == 0, result.output
    file = (home / "data/plans/ba-xa-2026-2030.toml").read_text("utf-8")
    for told in (result.output, file):
        assert "năm 2027, Nghị định 351/2025/NĐ-CP thay Nghị định 07/2021/NĐ-CP" in told
    assert "phải điền" in file


def test_what_due_still_lacks_is_said_with_an_example():
    words = ["plan", "new", THREE.name, "--from", "2026", "--to", "2030", "--unit", "23479"]
    result = CliRunner().invoke(app, words)
    told = [line for line in result.output.splitlines() if "povsim due" in line]
    for line, folder in zip(told, ("organisations", "calendar"), strict=True):
        assert f"data/{folder}" in line
        assert f'district = "{THREE.name}"' in line
        assert Path(line.rsplit(" ", 1)[1].removesuffix(".")).is_file()


def test_nothing_is_said_of_due_where_it_has_all_it_needs():
    words = ["plan", "new", "cu", "--from", "2022", "--to", "2025", "--unit", "Đăk Kôi"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    assert "povsim due" not in result.output


def test_a_plan_that_ends_in_time_breaks_nowhere():
    assert planning.new(replace(THREE, last_year=2026)).breaks == ()


def test_without_a_target_the_file_shows_how_one_is_written(home: Path):
    assert planning.new(THREE).plan.targets == ()
    assert "# [[target]]" in (home / "data/plans/ba-xa-2026-2030.toml").read_text("utf-8")


def test_a_plan_of_the_old_units_takes_their_district():
    made = planning.new(Draft("cu", 2022, 2025, units=("Đăk Kôi", "Tân Lập")))
    assert (made.plan.district, made.plan.district_code) == ("Kon Rẫy", "614")
    assert [b.kind for b in made.breaks] == ["boundary", "boundary"]


def test_forms_of_the_three_communes_go_out_and_come_in(sample: Path, home: Path):
    planning.new(THREE)
    run = CliRunner()
    name = ["--plan", THREE.name]
    result = run.invoke(app, ["template", "23485", "2026", *name])
    assert result.exit_code == 0, result.output
    sheet = load_workbook(home / "output/templates/23485-2026.xlsx").worksheets[1]
    assert any("ĐĂK KÔI" in str(cell.value) for row in sheet["A1:F6"] for cell in row)
    books = [str(path) for path in sorted((sample / "2025").glob("*.xlsx"))]
    result = run.invoke(app, ["ingest", *books, *name])
    assert result.exit_code == 0, result.output
    assert "3 đơn vị" in result.output


# --- Another district -----------------------------------------------------------------------------


def test_a_district_of_new_units_loads_with_its_units_file(home: Path):
    made = planning.new(district(home))
    assert [path.name for path in made.files] == [
        "huyen-mau.toml",
        "huyen-mau-targets.csv",
        "huyen-mau.toml",
    ]
    kinds = [(u.name, u.kind, u.area_type, u.verified) for u in made.plan.units]
    assert kinds == [
        ("Mẫu Một", "town", "urban", False),
        ("Tân Lập", "commune", "rural", False),
        ("Mẫu Ba", "commune", "rural", False),
    ]
    assert rules.units().find("mau 1", Period(2024).end).id.code == "91001"
    assert printed.check(made.plan) == []
    assert plans.load().units  # Kon Rẫy has a Tân Lập too, and is none the worse


def delivered(home: Path, draft: Draft, years: range) -> list[Path]:
    """Workbooks of made-up figures for the units of a plan, by the sample's own machinery."""
    province, sheets = script("province"), script("sheets")
    plan = planning.new(draft).plan
    return [
        sheets.write(home / "books", Period(year), unit, plan.district.upper(), lines)
        for year, unit, lines in province.reviews(plan.units, years)
    ]


def saved(books: list[Path], plan: Plan, home: Path) -> Release:
    """The workbooks as a release; made-up figures may look odd, errors have none."""
    findings = intake.check(books, plan, None).findings
    answers = {finding.code: "số liệu mẫu" for finding in findings}
    store = Store(f"sqlite:///{home}/store.sqlite")
    return intake.ingest(books, plan, store, sender="huyện mẫu", answers=answers).release


def test_forms_of_the_new_district_go_out_and_come_in(home: Path):
    books = delivered(home, district(home), range(2021, 2025))
    plan = plans.load("huyen-mau")
    release = saved(books, plan, home)
    assert release.facts["unit"].nunique() == 3
    result = CliRunner().invoke(app, ["template", "Tân Lập", "2025", "--plan", "huyen-mau"])
    assert result.exit_code == 0, result.output
    outlook = study.outlook(plan, release, draws=200)
    assert outlook.year == 2024
    assert outlook.find("Tân Lập") == "91002@2021-01-01"
    assert "Chưa có số liệu công bố" in sections.district_summary(outlook).text
    assert "Chưa có số liệu công bố" in sections.published_table(outlook).text


def test_a_series_stops_at_the_change_of_standard_and_says_so(home: Path):
    books = delivered(home, replace(district(home), last_year=2028), range(2021, 2025))
    plan = plans.load("huyen-mau")
    release = saved(books, plan, home)
    facts = release.facts
    last = facts[facts["period"] == "2024"]
    later = [facts, *(last.assign(period=str(year)) for year in (2025, 2026, 2027))]
    release = replace(release, read=lambda _: pd.concat(later, ignore_index=True))
    outlook = study.outlook(plan, release, draws=200)
    assert outlook.year == 2026
    told = " ".join(break_sentences(outlook, "vi"))
    assert "năm 2027" in told
    assert "theo cách đo cũ" in told
    with pytest.raises(Refusal) as refusal:
        study.outlook(plan, release, year=2027, draws=200)
    assert [f.rule for f in refusal.value.findings] == ["series_broken"]


# --- Faults ---------------------------------------------------------------------------------------


def refused(draft: Draft) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        planning.new(draft)
    assert all(refusal.value.text(lang) for lang in ("vi", "en"))
    return [finding.rule for finding in refusal.value.findings]


ONE_FAULT = [
    ({"name": "Ba Xã"}, "plan_new_name"),
    ({"name": "../x"}, "plan_new_name"),
    ({"name": "x" * 300}, "plan_new_name"),
    ({"last_year": 2025}, "plan_years"),
    ({"base_review": 2026}, "plan_years"),
    ({"units": ()}, "plan_without_units"),
    ({"units": ("23479", "99999")}, "unit_name_unknown"),
    ({"units": ("23479", "Đăk Rve")}, "plan_new_unit_twice"),
    ({"base_review": 2024}, "plan_new_unit_young"),
    ({"units_file": Path("none.csv")}, "file_not_read"),
    ({"targets": ("level=5", "level=6")}, "plan_new_target_twice"),
    ({"targets": ("path=4:24", "level=5", "path=4:24")}, "plan_new_target_twice"),
    ({"code": "23485"}, "plan_code_of_unit"),
    ({"name": "23479"}, "plan_code_of_unit"),  # the name is the code where there is no other
    ({"title": "Kế hoạch \udcff"}, "plan_new_characters"),
    ({"place": "\ud83d", "units": ("\udc80",)}, "plan_new_characters"),
    *(({"targets": (t,)}, "plan_new_target") for t in ("hope=1", "level", "level=x", "level=101")),
    *(({"targets": (t,)}, "plan_new_target") for t in ("path=4", "households=9", "level=4:5")),
]


@pytest.mark.parametrize(("change", "rule"), ONE_FAULT)
def test_a_fault_is_told(change, rule, home: Path):
    before = sorted(home.rglob("*"))
    assert set(refused(replace(THREE, **change))) == {rule}
    assert sorted(home.rglob("*")) == before  # nothing was written


LISTS = [
    ("code,name\n91001,A\n", "units_list_columns", ""),
    ("", "units_list_columns", ""),
    ("code,name,kind,area_type\n9100,A,xã,rural\n", "units_list_code", "A2"),
    ("code,name,kind,area_type\n91001,,xã,rural\n", "units_list_name", "B2"),
    ("code,name,kind,area_type\n91001,A,làng,rural\n", "units_list_word", "C2"),
    ("code,name,kind,area_type\n91001,A,xã,rừng\n", "units_list_word", "D2"),
    ("code;name;kind;area_type;valid_from\n91001;A;xã;rural;x\n", "units_list_day", "E2"),
    ("code,name,kind,area_type\n91001,A,xã,rural\n91001,B,xã,rural\n", "units_list_twice", "A3"),
    ("code,name,kind,area_type\n91001,A,xã,rural\n91002,a,xã,rural\n", "units_list_twice", "B3"),
    ("code,name,kind,area_type\n23479,A,xã,rural\n", "units_list_held", "A2"),
    ("code,name,kind,area_type,parent\n91001,A,xã,rural,614\n", "unit_code_alone", "E2"),
    ("code,name,kind,area_type\n\n,,,\n\n9100,A,xã,rural\n", "units_list_code", "A5"),
    ("\ncode,name,kind,area_type\n9100,A,xã,rural\n", "units_list_code", "A3"),
    ('code,name,kind,area_type\n91001,"A\nB",xã,rural\n9100,C,xã,rural\n', "units_list_code", "A3"),
    ("code,name,kind,area_type\n9100,A,xã,rural,,x\n", "units_list_code", "A2"),
    (f'code,name,kind,area_type\n91001,"{"A" * 200_000}",xã,rural\n', "units_list_unreadable", ""),
]


@pytest.mark.parametrize(("content", "rule", "cell"), LISTS)
def test_a_fault_of_the_list_is_told_with_its_cell(content, rule, cell, home: Path):
    with pytest.raises(Refusal) as refusal:
        planning.new(district(home, content))
    findings = refusal.value.findings
    assert {finding.rule for finding in findings} == {rule}
    assert findings[0].place.cell == cell


def test_every_fault_is_told_at_once(home: Path):
    draft = district(home, "code,name,kind,area_type\n9100,A,làng,rural\n")
    draft = replace(draft, name="kon-ray-2021-2025", last_year=2020, units=("99999",))
    assert set(refused(replace(draft, targets=("hope=1",)))) == {
        *("plan_new_exists", "plan_years", "units_list_code", "units_list_word"),
        *("unit_name_unknown", "plan_new_target"),
    }


def test_a_name_on_two_lines_of_a_cell_is_one_name(home: Path):
    content = 'code,name,kind,area_type\n91001,"Mẫu\n Một",xã,rural\n'
    assert planning.new(district(home, content)).plan.units[0].name == "Mẫu Một"


def files_of(home: Path) -> list[Path]:
    return sorted(path for path in home.rglob("*") if path.is_file())


def test_where_a_folder_is_a_file_nothing_is_left_behind(home: Path):
    draft = district(home)
    (home / "data/units").write_text("", "utf-8")
    before = files_of(home)
    assert refused(draft) == ["plan_new_not_written"]
    assert files_of(home) == before


@pytest.mark.parametrize("failing", ["write_bytes", "link"])
@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), Refusal),
        (OSError(errno.ENOSPC, "No space left on device"), OSError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_plan_is_written_whole_or_not_at_all(failing, error, answer, home: Path, monkeypatch):
    draft, done = district(home), []
    before = files_of(home)
    owner = Path if failing == "write_bytes" else os
    kept = getattr(owner, failing)

    def second_fails(*arguments):
        done.append(arguments)
        if len(done) > 1:
            raise error
        return kept(*arguments)

    monkeypatch.setattr(owner, failing, second_fails)
    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(answer):
        planning.new(draft)
    assert files_of(home) == before


def test_what_came_to_stand_there_meanwhile_stays(home: Path, monkeypatch):
    file = home / "data/plans" / f"{THREE.name}.toml"
    kept = os.link

    def somebody_first(source, target):
        file.write_text("another's", "utf-8")
        kept(source, target)

    monkeypatch.setattr(os, "link", somebody_first)
    before = files_of(home)
    assert refused(THREE) == ["plan_new_not_written"]
    assert file.read_text("utf-8") == "another's"
    assert files_of(home) == sorted([*before, file])


def test_a_disk_without_second_names_takes_a_plan_too(home: Path, monkeypatch):
    def no_links(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    before = files_of(home)
    monkeypatch.setattr(os, "link", no_links)
    made = planning.new(THREE)
    assert files_of(home) == sorted([*before, *made.files])


@pytest.mark.parametrize("fails", [ValueError("x"), KeyboardInterrupt()])
def test_a_plan_that_does_not_load_is_taken_away_whatever_happened(fails, home: Path, monkeypatch):
    def broken(_):
        raise fails

    before = files_of(home)
    monkeypatch.setattr(plans, "load", broken)
    with pytest.raises(type(fails)):
        planning.new(THREE)
    assert files_of(home) == before


def test_a_day_is_told_as_the_reader_writes_it():
    with pytest.raises(Refusal) as refusal:
        planning.new(replace(THREE, base_review=2024))
    assert "có từ ngày 01/07/2025" in refusal.value.text("vi")


def test_nothing_is_overwritten(home: Path):
    planning.new(THREE)
    file = home / "data/plans/ba-xa-2026-2030.toml"
    before = file.read_bytes()
    assert set(refused(THREE)) == {"plan_new_exists"}
    assert file.read_bytes() == before


@pytest.mark.parametrize("title", ['Kế hoạch “A” "B" \\ C', "Một\nHai"])
def test_any_title_is_kept_as_typed(title):
    assert planning.new(replace(THREE, title=title)).plan.name == title


# --- A plan file that says too much ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('standard = "nd07-2021"', 'standard = "nd351-2025"', "plan_standard"),
        ('["23479", "23485", "23497"]', "[]", "plan_without_units"),
        ("# published_figures", 'published_figures = "none.csv" #', "plan_figures_missing"),
        ('["23479", "23485", "23497"]', '["1", "2"]', "unit_name_unknown"),
        ('district_code = "ba-xa-2026-2030"', 'district_code = "23497"', "plan_code_of_unit"),
    ],
)
def test_a_plan_edited_wrongly_is_told(home: Path, old, new, rule):
    planning.new(THREE)
    file = home / "data/plans/ba-xa-2026-2030.toml"
    content = file.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, new), "utf-8")
    with pytest.raises(Refusal) as refusal:
        plans.load(THREE.name)
    assert {finding.rule for finding in refusal.value.findings} == {rule}
