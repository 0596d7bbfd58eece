"""A delivery at a glance: what stands of each unit and form, and the panel that shows it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import ipywidgets as ipw
import pytest
from openpyxl import Workbook, load_workbook

from povsim import forms, widgets
from povsim.findings import Finding, Refusal, Severity
from povsim.intake import check, delivery, ingest, overview
from povsim.intake.overview import Mark
from povsim.plan import Plan
from povsim.store import Release, Store
from povsim.vocabulary import Period
from povsim.widgets import IntakePanel

NAMES = ("A Brê", "Y Hlan", "Đinh Thị Nga")


@pytest.fixture
def folder(sample: Path, tmp_path: Path) -> Path:
    """The sample of 2024, to be spoiled."""
    return Path(shutil.copytree(sample / "2024", tmp_path / "2024"))


@pytest.fixture(scope="module")
def newest(sample_store: str) -> Release:
    release = Store(sample_store).latest()
    assert release is not None
    return release


@pytest.fixture
def before(sample: Path, plan: Plan, store: Store) -> Store:
    """A store that holds the reviews before 2024."""
    files = [path for year in (2021, 2022, 2023) for path in (sample / str(year)).glob("*.xlsx")]
    ingest(sorted(files), plan, store, sender="test")
    return store


def spoil(path: Path, work: Callable[[Workbook], None]) -> None:
    workbook = load_workbook(path)
    work(workbook)
    workbook.save(path)


def put(path: Path, sheet: str, **cells: object) -> None:
    def work(workbook: Workbook) -> None:
        for address, value in cells.items():
            workbook[sheet][address] = value

    spoil(path, work)


def drop_sheet(path: Path, sheet: str) -> None:
    spoil(path, lambda workbook: workbook.remove(workbook[sheet]))


def add_list(path: Path) -> None:
    """A planted list of people."""

    def work(workbook: Workbook) -> None:
        page = workbook.create_sheet("DS")
        page.append(["DANH SÁCH CHI TIẾT HỘ NGHÈO"])
        page.append(["STT", "Họ và tên", "Số CCCD"])
        for number, name in enumerate(NAMES, 1):
            page.append([number, name, f"06209400{number:04}"])

    spoil(path, work)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.xlsx"))


def unit_of(plan: Plan, name: str) -> str:
    return next(str(unit.id) for unit in plan.expected(2024) if unit.name == name)


# --- The tables --------------------------------------------------------------------------------


def test_a_whole_delivery_is_well(folder: Path, plan: Plan) -> None:
    received = check(files(folder), plan, None)
    table = overview.status_table(received, plan, None, 2024)
    assert len(table) == 7
    assert set(table.drop(columns=["unit", "TX", "periods"]).stack()) == {Mark.OK}
    assert set(table["TX"]) == {""}
    assert overview.missing(received, plan, None, 2024).empty


def test_each_mark_stands_in_its_own_cell(folder: Path, plan: Plan, newest: Release) -> None:
    koi, lung, rve = (unit_of(plan, name) for name in ("Đăk Kôi", "Đăk Tơ Lung", "Đăk Rve"))
    put(folder / "23485.xlsx", "F4", D10="A Brê 12")
    drop_sheet(folder / "23482.xlsx", "F9")
    (folder / "23479.xlsx").unlink()
    received = check(files(folder), plan, newest)
    table = overview.status_table(received, plan, newest, 2024)
    assert table.at[lung, "F4"] == Mark.ERROR
    assert table.at[lung, "F1"] == Mark.OK
    assert table.at[koi, "F9"] == Mark.MISSING
    assert table.at[koi, "F8"] == Mark.OK
    assert set(table.loc[rve].drop(["unit", "periods"])) == {Mark.HELD}
    assert table.at[rve, "periods"] == "2024-H1, 2024-M10"


def test_a_form_that_came_and_cannot_be_read_is_an_error_not_missing(
    folder: Path, plan: Plan
) -> None:
    spoil(folder / "23485.xlsx", lambda workbook: workbook["F6"].delete_rows(9))
    received = check(files(folder), plan, None)
    table = overview.status_table(received, plan, None, 2024)
    assert table.at[unit_of(plan, "Đăk Tơ Lung"), "F6"] == Mark.ERROR


def test_a_doubt_stands_until_it_is_answered(folder: Path, plan: Plan) -> None:
    received = check(files(folder), plan, None)
    lung = unit_of(plan, "Đăk Tơ Lung")
    place = received.reviews[lung, Period(2024)]["F1", "households"].place("poor")
    values: dict[str, object] = {"unit": "Đăk Tơ Lung", "year": 2024, "value": 1}
    received.findings = [Finding("jump", place, Severity.DOUBT, values)]
    table = overview.status_table(received, plan, None, 2024)
    assert table.at[lung, "F1"] == Mark.DOUBT
    assert (table["F1"] == Mark.DOUBT).sum() == 1
    received.findings = [Finding("jump", place, Severity.DOUBT, values, reason="đã xem lại")]
    table = overview.status_table(received, plan, None, 2024)
    assert table.at[lung, "F1"] == Mark.OK


def test_what_is_said_of_a_file_is_said_of_every_form_in_it(folder: Path, plan: Plan) -> None:
    received = check(files(folder), plan, None)
    received.tell("origin_differs", delivery.Place("23485.xlsx"))
    table = overview.status_table(received, plan, None, 2024).set_index("unit")
    assert set(table.loc["Đăk Tơ Lung"].drop(["TX", "periods"])) == {Mark.ERROR}
    assert set(table.loc["Đăk Kôi"].drop(["TX", "periods"])) == {Mark.OK}


def test_parts_of_the_year_are_seen_in_the_heir_of_merged_units(sample: Path, plan: Plan) -> None:
    received = check(sorted((sample / "2025-H1").glob("*.xlsx")), plan, None)
    table = overview.status_table(received, plan, None, 2025)
    assert list(table["periods"]) == ["2025-H1"] * 3
    assert overview.missing(received, plan, None, 2025)["all"].all()


def test_missing_names_units_and_forms(folder: Path, plan: Plan) -> None:
    drop_sheet(folder / "23482.xlsx", "F9")
    (folder / "23479.xlsx").unlink()
    received = check(files(folder), plan, None)
    table = overview.missing(received, plan, None, 2024).set_index("unit")
    assert table.at["Đăk Kôi", "forms"] == ("F9",)
    assert not table.at["Đăk Kôi", "all"]
    assert table.at["Đăk Rve", "all"]


def test_an_empty_delivery_lacks_everything(plan: Plan) -> None:
    table = overview.missing(delivery.Delivery(), plan, None, 2024)
    assert len(table) == 7
    assert table["all"].all()


def test_every_finding_has_its_group(folder: Path, plan: Plan) -> None:
    put(folder / "23485.xlsx", "F4", D10="A Brê 12")
    received = check(files(folder), plan, None)
    groups = overview.grouped(received)
    assert ("Đăk Tơ Lung", "F4") in groups
    assert sum(map(len, groups.values())) == len(received.findings)


def test_a_unit_that_sent_nothing_has_a_group_of_its_own(folder: Path, plan: Plan) -> None:
    (folder / "23479.xlsx").unlink()
    groups = overview.grouped(check(files(folder), plan, None))
    assert [f.rule for f in groups["Đăk Rve", ""]] == ["unit_missing"]


# --- The notebook's own parts --------------------------------------------------------------------


def test_a_folder_is_told_part_by_part(folder: Path) -> None:
    put(folder / "23485.xlsx", "F4", D10="<b>12</b>")
    told = widgets.received(folder, 2024)
    assert "Số liệu mẫu" in told.notice.data
    assert "data-form='F4'><b aria-hidden='true'>✗</b> lỗi" in told.matrix.data
    assert "Đăk Tơ Lung · biểu F4" in told.findings.data
    assert "tệp 23485.xlsx, trang tính F4, ô D10" in told.findings.data
    assert "<b>12</b>" not in told.findings.data
    assert "đủ mọi biểu" in told.missing.data


def test_a_folder_without_workbooks_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Refusal, match="không có tệp biểu nào"):
            widgets.received(place, 2024)


def test_published_figures_tell_known_errors_as_known() -> None:
    told = widgets.printed_findings().data
    assert "Lỗi đã biết, đã khai báo: 9.091 / 143.561" in told
    assert "tỷ lệ hộ cận nghèo" in told
    assert "near_poor_rate" not in told


# --- The panel -----------------------------------------------------------------------------------


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made; must be empty in the end."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.fixture
def home(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose output may be looked at."""
    place = tmp_path / "home"
    (place / "data").mkdir(parents=True)
    (place / "data" / "plans").symlink_to(workspace / "data" / "plans")
    monkeypatch.setenv("POVSIM_HOME", str(place))
    return place


def uploaded(*paths: Path) -> tuple[dict[str, object], ...]:
    return tuple(
        {
            "name": path.name,
            "type": "",
            "size": path.stat().st_size,
            "content": memoryview(path.read_bytes()),
            "last_modified": datetime.now(UTC),
        }
        for path in paths
    )


def checked(panel: IntakePanel, folder: Path) -> str:
    panel.upload.value = uploaded(*files(folder))
    panel.check.click()
    return shown(panel)


def shown(panel: IntakePanel) -> str:
    parts = (*panel._told.children, panel._verdict, *panel._message.children)
    return "".join(part.value for part in parts)


def answer_boxes(panel: IntakePanel) -> list[ipw.Text]:
    return [part for part in panel._told.children if "pi-answer" in part._dom_classes]


def test_nothing_can_be_pressed_before_files_are_chosen(plan: Plan, store: Store) -> None:
    panel = IntakePanel(plan, store)
    assert panel.check.disabled
    assert panel.save.disabled
    assert panel.comment.disabled


def test_a_good_delivery_is_checked_then_saved(
    folder: Path, plan: Plan, before: Store, temporary: Path
) -> None:
    panel = IntakePanel(plan, before)
    told = checked(panel, folder)
    assert panel.upload.value == ()
    assert "Số liệu mẫu" in told
    assert "Chưa ghi người nộp" in told
    assert panel.save.disabled
    panel.sender.value = "UBND xã"
    assert not panel.save.disabled
    panel.save.click()
    assert "Đã lưu bản số liệu số 2" in shown(panel)
    latest = before.latest()
    assert latest is not None
    assert (latest.number, latest.sender, latest.years[-1]) == (2, "UBND xã", 2024)
    assert list(temporary.iterdir()) == []
    assert panel.hand.files == ()


def test_an_error_closes_saving_and_goes_back_as_comments(
    folder: Path, plan: Plan, store: Store, temporary: Path, home: Path
) -> None:
    put(folder / "23485.xlsx", "F4", D10="A Brê 12")
    panel = IntakePanel(plan, store)
    panel.sender.value = "UBND xã"
    assert "còn 1 lỗi" in checked(panel, folder)
    assert panel.save.disabled
    panel.comment.click()
    made = sorted(path.name for path in (home / "output" / "findings").glob("*/*"))
    assert made == ["phat-hien-23485.xlsx", "phat-hien.xlsx"]
    assert "output/findings/" in shown(panel)
    assert str(home) not in shown(panel)
    assert store.latest() is None
    assert list(temporary.iterdir()) == []


def more_households(path: Path) -> None:
    """A third more households than the year before; every form agrees, no rate is printed."""

    def work(workbook: Workbook) -> None:
        for form in ("F1", "F12", "F13"):
            page, known = workbook[form], forms.forms()[form]
            columns, first = known.columns, 4 if len(known.lines) > 1 else 3
            at = {column.item: page.cell(10, n) for n, column in enumerate(columns, first)}
            more = at["households"].value // 3
            for column in columns:
                if column.item in ("households", "households_kinh"):
                    at[column.item].value += more
                if column.share is not None:
                    at[column.item].value = None

    spoil(path, work)


def test_a_doubt_is_answered_in_its_box_and_kept(folder: Path, plan: Plan, before: Store) -> None:
    more_households(folder / "23494.xlsx")
    panel = IntakePanel(plan, before)
    panel.sender.value = "UBND xã"
    told = checked(panel, folder)
    asked = answer_boxes(panel)
    assert asked, told
    assert panel.save.disabled
    for box in asked:
        box.value = "đã xem lại phiếu"
    assert not panel.save.disabled
    panel.save.click()
    assert {c.reason for c in before.confirmations()} == {"đã xem lại phiếu"}
    checked(panel, folder)
    assert all(box.value == "đã xem lại phiếu" for box in answer_boxes(panel))
    assert not panel.save.disabled


def test_a_list_of_people_leaves_nothing_behind(
    folder: Path, plan: Plan, store: Store, temporary: Path, home: Path
) -> None:
    add_list(folder / "23485.xlsx")
    panel = IntakePanel(plan, store)
    panel.sender.value = "UBND xã"
    told = checked(panel, folder)
    assert "danh sách" in told
    assert not any(name in told for name in NAMES)
    assert panel.hand.files == panel.upload.value == ()
    assert panel.save.disabled
    assert panel.comment.disabled
    for button in (panel.save, panel.comment):
        button.click()
    assert store.latest() is None
    assert store.confirmations() == []
    assert list(temporary.iterdir()) == []
    assert not (home / "output").exists()


def test_a_file_name_is_no_path_and_no_markup(folder: Path, plan: Plan, store: Store) -> None:
    one = uploaded(folder / "23485.xlsx")[0]
    panel = IntakePanel(plan, store)
    panel.upload.value = ({**one, "name": "../../<i>x</i>\\<b>.xlsx"},)
    assert [file.name for file in panel.hand.files] == ["<b>.xlsx"]
    panel.check.click()
    assert "<b>.xlsx" not in shown(panel)
    assert "<b>.xlsx" not in panel._chosen.value


def test_the_view_holds_every_part_in_both_languages(plan: Plan, store: Store) -> None:
    for lang, title in (("vi", "Nạp tệp biểu"), ("en", "Load workbooks")):
        view = IntakePanel(plan, store, lang).view()  # type: ignore[arg-type]
        assert title in view.children[0].value


def test_a_plan_that_is_not_there_is_a_sentence() -> None:
    assert "Không có kế hoạch" in widgets.intake_panel(plan="nowhere").value
