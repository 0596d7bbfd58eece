"""What can be, but seldom is: each doubt by its making, and how somebody answers it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook
from spoiling import FIRST, Spoil, Told, files, items, one_more, put, seen

from povsim import forms, intake
from povsim.findings import Finding, Refusal, Severity, blocking
from povsim.intake.checks.plausibility import looks_net
from povsim.plan import Plan
from povsim.store import Store

FILE = "2022/23494.xlsx"
"""A large unit: 500 poor households at the start of the year."""
NIL = dict.fromkeys(("near_poor_to_poor", "relapsed", "newly_poor", "other_increase"), 0)


def together(*spoils: Spoil) -> Spoil:
    def spoil(folder: Path) -> None:
        for each in spoils:
            each(folder)

    return spoil


def net(file: str) -> Spoil:
    """Nobody enters poverty, and just as many leave it as the stock fell by."""
    return together(
        *(
            items(
                file,
                "F2",
                row,
                escaped_above=lambda c: c["opening"] - c["closing"] - c["escaped_to_near_poor"],
                other_decrease=0,
                **NIL,
            )
            for row in (FIRST, FIRST + 1)
        ),
        *(
            items(
                file,
                "F3",
                row,
                fell_to_poor=0,
                other_decrease=lambda c: c["other_decrease"] + c["fell_to_poor"],
            )
            for row in (FIRST, FIRST + 1)
        ),
    )


def bunched(file: str) -> Spoil:
    """Everybody who escaped stopped at near-poor, and as many near-poor went above."""
    moved: dict[int, int] = {}

    def escaped(row: int):
        def work(counts: dict[str, int]) -> int:
            moved[row] = counts["escaped_above"]
            return counts["escaped_to_near_poor"] + counts["escaped_above"]

        return work

    rows = (FIRST, FIRST + 1)
    return together(
        *(items(file, "F2", r, escaped_to_near_poor=escaped(r), escaped_above=0) for r in rows),
        *(
            items(
                file,
                "F3",
                r,
                poor_to_near_poor=lambda c, r=r: c["poor_to_near_poor"] + moved[r],
                escaped_above=lambda c, r=r: c["escaped_above"] + moved[r],
            )
            for r in rows
        ),
    )


def more_households(file: str) -> Spoil:
    """A third more households than the year before; every form agrees, no rate is printed."""

    def raised(counts: dict[str, int]) -> int:
        return counts["households"] + counts["households"] // 3

    blank = {"poor_share": None, "near_poor_share": None, "average_living_share": None}
    grown = {
        "households": raised,
        "households_kinh": lambda c: c["households_kinh"] + c["households"] // 3,
    }
    rates = {
        "F12": dict.fromkeys(("poor_share", "poor_dtts_share", "poor_local_share")),
        "F13": dict.fromkeys(("near_poor_share", "near_poor_dtts_share", "near_poor_local_share")),
    }
    return together(
        items(file, "F1", households=raised, **blank),
        *(items(file, form, **grown, **rates[form]) for form in ("F12", "F13")),
    )


DOUBTS = [
    (net, "net_escapes", "F2"),
    (bunched, "bunching", "F2"),
    (more_households, "jump", "F1"),
]


@pytest.mark.parametrize(("make", "rule", "sheet"), DOUBTS, ids=["net", "bunched", "jump"])
def test_what_is_seldom_so_is_doubted(make, rule, sheet, folder: Path, plan: Plan):
    make(FILE)(folder)
    findings = intake.check(files(folder), plan, None).findings
    assert {finding.rule for finding in findings} == {rule}
    assert all(finding.severity is Severity.DOUBT for finding in findings)
    first = min(findings, key=lambda finding: finding.place.file)
    assert (first.place.file, first.place.sheet) == (FILE, sheet)
    assert "Đăk Tờ Re" in first.what("vi")
    assert first.code in first.next_step("vi")


def test_a_small_unit_may_have_nobody_entering():
    assert looks_net(opening=63379, escaped=12370, closing=51085)  # Bắc Giang 2011, as printed
    assert not looks_net(opening=60, escaped=20, closing=40)
    assert not looks_net(opening=21989, escaped=6782, closing=15943)  # Kon Tum 2022


# --- Months within a year --------------------------------------------------------------------


@pytest.fixture
def with_months(folder: Path, sample: Path) -> Path:
    """The good delivery, with the entries and exits of 2024 up to June and October."""
    for part in ("2024-H1", "2024-M10"):
        shutil.copytree(sample / part, folder / part)
    return folder


def more_by_october(folder: Path) -> None:
    """More relapses up to October than December's review counts in the whole year."""
    relapsed = forms.forms()["TX"].column("poor_relapsed").item
    items(
        "2024-M10/23494.xlsx",
        "TX",
        **{relapsed: 50},
        poor_closing=lambda c: c["poor_closing"] + 50 - c["poor_relapsed"],
    )(folder)


def test_months_are_no_findings(with_months: Path, plan: Plan):
    assert intake.check(files(with_months), plan, None).findings == []


def test_a_part_of_the_year_cannot_exceed_it(with_months: Path, plan: Plan):
    more_by_october(with_months)
    findings = intake.check(files(with_months), plan, None).findings
    assert [f.rule for f in findings] == ["months_exceed_year"]
    assert (findings[0].place.file, findings[0].place.sheet) == ("2024/23494.xlsx", "F2")
    assert all(word in findings[0].what("en") for word in ("50", "TX.6", "F2.6", "2024-M10"))


def test_a_later_review_is_held_against_the_months_in_the_store(
    with_months: Path, plan: Plan, store: Store
):
    more_by_october(with_months)
    before = [path for path in files(with_months) if path.parent.name != "2024"]
    intake.ingest(before, plan, store, sender="huyện")
    sent = sorted(with_months.glob("2024/*.xlsx"))
    findings = intake.check(sent, plan, store.latest()).findings
    assert seen(findings) == [Told("months_exceed_year", "23494.xlsx", "F2", "I10")]


def test_months_must_open_with_the_last_closing(with_months: Path, plan: Plan, held: Store):
    path = with_months / "2024-M10" / "23494.xlsx"
    put("2024-M10/23494.xlsx", "TX", D10=one_more, L10=one_more)(with_months)
    findings = intake.check([path], plan, held.latest()).findings
    assert seen(findings) == [Told("forms_disagree", "23494.xlsx", "TX", "D10")]


def test_months_alone_make_a_release_and_leave_the_reviews(
    with_months: Path, plan: Plan, held: Store
):
    sent = sorted(with_months.glob("2024-M10/*.xlsx"))
    release = intake.ingest(sent[:1], plan, held, sender="xã").release
    assert release.years == [2021, 2022, 2023, 2024]
    assert set(release.facts["period"]) == {"2021", "2022", "2023", "2024", "2024-M10"}
    assert forms.stocks(release.facts).equals(forms.stocks(held.release(1).facts))


# --- Answers ---------------------------------------------------------------------------------


@pytest.fixture
def doubted(folder: Path) -> Path:
    net(FILE)(folder)
    return folder


def doubts(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.DOUBT]


def test_an_open_doubt_keeps_the_file_out(doubted: Path, plan: Plan, store: Store):
    with pytest.raises(Refusal) as refusal:
        intake.ingest(files(doubted), plan, store, sender="huyện")
    assert [finding.rule for finding in refusal.value.findings] == ["net_escapes"]
    assert store.latest() is None


def test_an_answer_lets_it_in_and_is_kept(doubted: Path, plan: Plan, store: Store):
    (doubt,) = intake.check(files(doubted), plan, None).findings
    answers = {doubt.code: "  Đã kiểm tra từng phiếu.  "}
    receipt = intake.ingest(files(doubted), plan, store, sender="huyện", answers=answers)
    assert [note.reason for note in receipt.notes] == ["Đã kiểm tra từng phiếu."]
    (kept,) = store.confirmations()
    assert (kept.code, kept.rule, kept.reason) == (
        doubt.code,
        doubt.rule,
        "Đã kiểm tra từng phiếu.",
    )
    assert "Đăk Tờ Re" in kept.doubt
    again = intake.ingest(files(doubted), plan, store, sender="huyện")  # and is not asked again
    assert again.release.number == 1
    assert blocking(again.notes) == []


@pytest.mark.parametrize("answers", [{}, {"FFFFFF": "có"}], ids=["none", "another code"])
def test_only_its_own_code_answers_a_doubt(answers, doubted: Path, plan: Plan):
    findings = intake.check(files(doubted), plan, None, answers=answers).findings
    assert len(blocking(findings)) == 1


def test_a_blank_is_no_reason(doubted: Path, plan: Plan):
    (doubt,) = intake.check(files(doubted), plan, None).findings
    findings = intake.check(files(doubted), plan, None, answers={doubt.code: "  "}).findings
    assert len(blocking(findings)) == 1


def test_other_figures_are_another_doubt(doubted: Path, plan: Plan):
    (doubt,) = intake.check(files(doubted), plan, None).findings
    items(FILE, "F2", escaped_to_near_poor=lambda c: c["escaped_to_near_poor"] - 1)(doubted)
    codes = [f.code for f in doubts(intake.check(files(doubted), plan, None).findings)]
    assert doubt.code not in codes


def test_reasons_written_into_the_list_of_findings_are_read_back(
    doubted: Path, tmp_path: Path, plan: Plan, store: Store
):
    back = tmp_path / "findings.xlsx"
    with pytest.raises(Refusal):
        intake.ingest(files(doubted), plan, store, sender="huyện", back=back)
    workbook = load_workbook(back)
    page = workbook[forms.FINDINGS_SHEET]
    head = [cell.value for cell in page[1]]
    page.cell(2, head.index(forms.ANSWER_COLUMNS[1]) + 1, "Đúng như phiếu.")
    workbook.save(back)
    receipt = intake.ingest([*files(doubted), back], plan, store, sender="huyện")
    assert [note.reason for note in receipt.notes] == ["Đúng như phiếu."]
