"""What the clerk gets back: comments on a copy of the file, and a list of everything."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from spoiling import change, one_more, put

from povsim import intake
from povsim.findings import Refusal, by_severity
from povsim.forms import FINDINGS_SHEET, SAMPLE_MARK
from povsim.plan import Plan
from povsim.store import Store

FILE = "2024/23485.xlsx"


@pytest.fixture
def spoiled(folder: Path) -> Path:
    """One file of the good delivery with three slips; one of them a name in a number's cell."""
    put(FILE, "F1", E10="A Brê 12", B10="Xã Đăk Tơ Lung")(folder)
    put(FILE, "F2", L10=one_more)(folder)
    change(FILE, lambda book: book["F8"].merge_cells("A1:F1"))(folder)
    put(FILE, "F8", A1="UBND XÃ ĐĂK TƠ LUNG (mã đơn vị 23482)")(folder)
    return folder


def returned(paths: list[Path], plan: Plan, held: Store, back: Path, lang="vi") -> Refusal:
    with pytest.raises(Refusal) as refusal:
        intake.ingest(paths, plan, held, sender="xã", back=back, lang=lang)
    return refusal.value


def listed(page: Worksheet) -> list[dict[str, object]]:
    head, *rows = page.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_finding_is_a_comment_on_a_copy_and_a_row_of_the_list(
    lang, spoiled: Path, plan: Plan, held: Store, tmp_path: Path
):
    refusal = returned([spoiled / FILE], plan, held, tmp_path / "back" / "out.xlsx", lang)
    copy = load_workbook(tmp_path / "back" / "out.xlsx")
    assert copy.sheetnames == [FINDINGS_SHEET, *load_workbook(spoiled / FILE).sheetnames]
    assert len(refusal.findings) == 3
    for finding in refusal.findings:
        comment = copy[finding.place.sheet][finding.place.cell or "A1"].comment
        assert finding.what(lang) in comment.text
        assert finding.next_step(lang) in comment.text
    assert copy[FINDINGS_SHEET].cell(1, 13).value == SAMPLE_MARK
    rows = listed(copy[FINDINGS_SHEET])
    assert len(rows) == len(refusal.findings)
    for row, finding in zip(rows, by_severity(refusal.findings), strict=True):
        told = list(row.values())
        for language in ("vi", "en"):
            assert finding.what(language) in told
            assert finding.next_step(language) in told
        assert [finding.place.file, finding.place.sheet] == told[1:3]


def test_the_copy_keeps_the_figures_and_hides_the_name(
    spoiled: Path, plan: Plan, held: Store, tmp_path: Path
):
    returned([spoiled / FILE], plan, held, tmp_path / "out.xlsx")
    sent, copy = load_workbook(spoiled / FILE), load_workbook(tmp_path / "out.xlsx")
    assert copy["F1"]["E10"].value == "• ••• 12"
    for sheet in sent:
        for row in sheet.iter_rows():
            for cell in row:
                if (sheet.title, cell.coordinate) != ("F1", "E10"):
                    assert copy[sheet.title][cell.coordinate].value == cell.value
    assert copy["F1"]["E10"].fill.fgColor.rgb.endswith("F8CBAD")
    assert copy.properties.creator == "povsim"


def test_several_files_get_a_list_and_a_copy_each(
    spoiled: Path, plan: Plan, held: Store, tmp_path: Path
):
    put("2024/23482.xlsx", "F1", C10=None)(spoiled)
    sent = [spoiled / FILE, spoiled / "2024/23482.xlsx", spoiled / "2024/23479.xlsx"]
    refusal = returned(sent, plan, held, tmp_path / "out.xlsx")
    made = sorted(path.name for path in tmp_path.glob("out*"))
    assert made == ["out-23482.xlsx", "out-23485.xlsx", "out.xlsx"]
    whole = load_workbook(tmp_path / "out.xlsx")
    assert whole.sheetnames == [FINDINGS_SHEET]
    assert len(listed(whole[FINDINGS_SHEET])) == len(refusal.findings)
    own = load_workbook(tmp_path / "out-23482.xlsx")
    assert {row["Tệp"] for row in listed(own[FINDINGS_SHEET])} == {"23482.xlsx"}
    assert own["F1"]["C10"].comment


def test_a_csv_comes_back_as_a_workbook(folder: Path, plan: Plan, held: Store, tmp_path: Path):
    page = load_workbook(folder / FILE)["F1"]
    path = tmp_path / "F1.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = [[cell.value for cell in row] for row in page.iter_rows()]
        rows[9][4] = "nhiều"
        csv.writer(file, delimiter=";").writerows(rows)
    returned([path], plan, held, tmp_path / "out.xlsx")
    copy = load_workbook(tmp_path / "out.xlsx")
    assert copy["F1"]["E10"].comment
    assert copy["F1"]["B10"].value == "Đăk Tơ Lung"


def test_a_file_that_does_not_open_gets_the_list_alone(plan: Plan, held: Store, tmp_path: Path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 not much")
    returned([path], plan, held, tmp_path / "out.xlsx")
    copy = load_workbook(tmp_path / "out.xlsx")
    assert copy.sheetnames == [FINDINGS_SHEET]
    assert [row["Quy tắc"] for row in listed(copy[FINDINGS_SHEET])] == ["file_truncated"]


def test_the_returned_copy_may_be_mended_and_sent_again(
    spoiled: Path, plan: Plan, held: Store, tmp_path: Path
):
    returned([spoiled / FILE], plan, held, tmp_path / "23485.xlsx")
    copy = load_workbook(tmp_path / "23485.xlsx")
    copy["F1"]["E10"] = copy["F4"]["C10"].value
    copy["F2"]["L10"] = copy["F2"]["L10"].value - 1
    copy["F8"]["A1"] = "UBND XÃ ĐĂK TƠ LUNG (mã đơn vị 23485)"
    copy.save(tmp_path / "23485.xlsx")
    receipt = intake.ingest([tmp_path / "23485.xlsx"], plan, held, sender="xã")
    assert receipt.release.number == 1  # the figures are those of the good delivery
    assert receipt.notes == ()


def test_nothing_is_written_where_nothing_is_found(
    folder: Path, plan: Plan, held: Store, tmp_path: Path
):
    intake.ingest([folder / FILE], plan, held, sender="xã", back=tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()
