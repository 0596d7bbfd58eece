"""The yearly report: what it says, that it says it again, and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from povsim import Refusal, report
from povsim.report.manifest import Manifest

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "notebooks" / "report-year.ipynb"
REAL = ("24,86", "10,51", "7,47")

pytestmark = pytest.mark.xdist_group("report")


@pytest.fixture(scope="module")
def made(sample_store: str, tmp_path_factory: pytest.TempPathFactory) -> report.Made:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POVSIM_STORE", sample_store)
        return report.yearly(2024, tmp_path_factory.mktemp("report"))


def by_suffix(made: report.Made, suffix: str) -> Path:
    return next(path for path in made.files if path.suffix == suffix)


def test_all_files_are_there(made: report.Made) -> None:
    assert sorted(path.suffix for path in made.files) == [".docx", ".html", ".json", ".pdf"]


def test_html_shows_the_real_series_with_source_and_status_apart_from_the_sample(
    made: report.Made,
) -> None:
    page = by_suffix(made, ".html").read_text("utf-8")
    assert all(rate in page for rate in REAL)
    published, units = page.index("Số liệu công bố của huyện"), page.index("theo xã, thị trấn (Số")
    table = page[published : page.index("So sánh giữa các năm")]
    assert "vietnamnet.vn" in table
    assert "báo chí đưa tin trước, sau đó đã có số thay thế" in table
    assert "Đăk Kôi" not in table
    assert "Số liệu mẫu" in page[units:]


def test_docx_and_pdf_say_the_same(made: report.Made) -> None:
    import docx
    import pypdf

    paper = docx.Document(str(by_suffix(made, ".docx")))
    cells = [c.text for table in paper.tables for row in table.rows for c in row.cells]
    written = " ".join([*(p.text for p in paper.paragraphs), *cells])
    printed = " ".join(
        page.extract_text() for page in pypdf.PdfReader(by_suffix(made, ".pdf")).pages
    )
    for words in (*REAL, "Đăk Tơ Lung", "Độc lập - Tự do - Hạnh phúc", "Số liệu mẫu", "Nơi nhận"):
        assert words in written, words
        assert words in printed, words


def test_same_manifest_same_content(
    made: report.Made, sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    again = report.yearly(2024, tmp_path)
    assert again.manifest == made.manifest
    kept = json.loads(by_suffix(made, ".json").read_text("utf-8"))
    assert Manifest(**kept) == made.manifest
    assert kept["release_origin"] == "sample"
    assert kept["parameters"]["seed"] == 2025  # a default is a parameter too


def test_another_seed_is_another_content(
    made: report.Made, sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    document, _ = report.make("report-year", {"year": 2024, "release": 1, "seed": 7}, tmp_path)
    assert document.content_hash() != made.manifest.content


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        ({"year": 2024, "release": 1, "yaer": 2023}, ["parameter_unknown"]),
        ({"year": 2024}, ["parameter_missing"]),
        ({"year": "2024", "release": 1}, ["parameter_bad"]),
        (
            {"yaer": 1, "seed": "x"},
            ["parameter_unknown", "parameter_missing", "parameter_missing", "parameter_bad"],
        ),
    ],
)
def test_parameters_are_refused_all_at_once(given: dict[str, object], rules: list[str]) -> None:
    with pytest.raises(Refusal) as caught:
        report.checked_parameters(TEMPLATE, given)
    assert [finding.rule for finding in caught.value.findings] == rules


@pytest.mark.parametrize("year", [2019, 2021, 2026])
def test_a_year_without_data_or_outside_the_plan_is_refused(
    sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    with pytest.raises(Refusal, match=f"Không lập được báo cáo năm {year}"):
        report.yearly(year, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_plan_s_last_year_is_reported_on_the_new_units(
    sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    page = by_suffix(report.yearly(2025, tmp_path), ".html").read_text("utf-8")
    assert "Kon Braih" in page
    merged = "Kon Braih gồm trọn Đăk Ruồng (23488), Đăk Tờ Re (23494), Tân Lập (23497)"
    assert page.count("Đăk Tờ Re") == page.count(merged) > 0  # told as a part, never as a row
    assert "khu vực thành thị (2.000.000 đồng/người/tháng) sang khu vực nông thôn" in page
    assert "Kỳ kế hoạch đã kết thúc" in page


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed here")
def test_a_word_processor_opens_the_docx_on_paper(made: report.Made, tmp_path: Path) -> None:
    import pypdf

    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(tmp_path), str(by_suffix(made, ".docx"))]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    pages = pypdf.PdfReader(next(tmp_path.glob("*.pdf"))).pages
    assert "Kon Rẫy, ngày" in pages[0].extract_text()
    assert pages[1].extract_text().lstrip().startswith("2")
    assert round(float(pages[0].mediabox.width)) == 595
