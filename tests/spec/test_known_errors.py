"""Declared errors of a source: put right while they are there, told once they are gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from spoiling import files, items

from povsim import intake, known_errors
from povsim.findings import Finding, Refusal, Severity
from povsim.intake import printed
from povsim.plan import Plan

FILE = "2022/23485.xlsx"
DECLARED = """
[[known_error]]
source = "workbook"
where.unit = "23485@2021-01-01"
where.period = "2022"
where.form = "F10"
where.line = "households"
where.item = "illness"
expect = 9999
fix = {fix}
reason = "Xã báo lại qua điện thoại"
"""


def declared(plan: Plan, folder: Path, content: str) -> Plan:
    path = folder / "known-errors.toml"
    path.write_text(content, "utf-8")
    return replace(plan, known_errors=path)


@pytest.mark.parametrize("fix", ["3", '"leave out"'])
def test_a_declared_error_is_put_right_and_told(fix: str, folder: Path, plan: Plan, store):
    items(FILE, "F10", illness=9999)(folder)
    with pytest.raises(Refusal):
        intake.ingest(files(folder), plan, store, sender="huyện")
    known = declared(plan, folder, DECLARED.format(fix=fix))
    findings = intake.check(files(folder), known, None).findings
    rules = [finding.rule for finding in findings]
    assert rules == ["known_error_fixed", *([] if fix == "3" else ["number_missing"])]
    assert (findings[0].place.file, findings[0].place.cell) == (FILE, "I10")
    assert "điện thoại" in findings[0].what("vi")
    if fix == "3":
        facts = intake.ingest(files(folder), known, store, sender="huyện").release.facts
        cell = facts[(facts["item"] == "illness") & (facts["period"] == "2022")]
        assert cell[cell["unit"] == "23485@2021-01-01"]["value"].item() == 3


def test_an_expectation_fails_once_the_source_is_corrected(folder: Path, plan: Plan):
    known = declared(plan, folder, DECLARED.format(fix="3"))
    (finding,) = intake.check(files(folder), known, None).findings
    assert (finding.rule, finding.severity) == ("known_error_outdated", Severity.ERROR)
    assert "9999" in finding.what("en")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("[[known_error]]\nsource = 'workbook'\n", "known_error_lacks"),
        ("[[known_error]\n", "known_error_unreadable"),
        (DECLARED.format(fix="'viel'"), "known_error_unreadable"),
    ],
)
def test_a_declaration_that_is_not_whole_is_refused(content, rule, folder: Path, plan: Plan):
    with pytest.raises(Refusal) as refusal:
        known_errors.load(declared(plan, folder, content).known_errors)
    assert [finding.rule for finding in refusal.value.findings] == [rule]


# --- Published figures -----------------------------------------------------------------------


def told(findings: list[Finding]) -> dict[tuple[str, str], Finding]:
    return {(finding.place.sheet, finding.rule): finding for finding in findings}


def test_published_figures_get_the_findings_they_deserve(plan: Plan):
    found = told(printed.check(plan))
    assert set(found) == {
        ("Kon Tum 2021", "share_contradicts"),
        ("Kon Tum 2022", "balance_open"),
        ("Bắc Giang 2012", "share_contradicts"),
        ("Bắc Giang 2011", "net_escapes"),
        ("Bắc Giang 2012", "net_escapes"),
        ("Bắc Giang 2017", "net_escapes"),
    }
    share = found["Kon Tum 2021", "share_contradicts"]
    assert all(figure in share.what("vi") for figure in ("5,90", "6,33", "9091", "143561"))
    balance = found["Kon Tum 2022", "balance_open"]
    assert all(figure in balance.what("vi") for figure in ("15943", "15983", "40"))
    assert found["Bắc Giang 2011", "net_escapes"].severity is Severity.DOUBT


def test_the_declared_one_is_a_note_and_the_others_stay(plan: Plan, tmp_path: Path):
    share = told(printed.check(plan))["Kon Tum 2021", "share_contradicts"]
    assert share.severity is Severity.NOTE
    assert "6,33" in share.reason
    bare = told(printed.check(declared(plan, tmp_path, "")))["Kon Tum 2021", "share_contradicts"]
    assert bare.severity is Severity.ERROR


def test_a_corrected_source_fails_its_expectation(plan: Plan, tmp_path: Path):
    table = plan.published_figures.read_text("utf-8").replace(
        "2021-12,2021,nd07-2021,near_poor_rate,,5.90", "2021-12,2021,nd07-2021,near_poor_rate,,6.33"
    )
    (tmp_path / "figures.csv").write_text(table, "utf-8")
    mended = replace(plan, published_figures=tmp_path / "figures.csv")
    assert ("Kon Tum 2021", "known_error_outdated") in told(printed.check(mended))
