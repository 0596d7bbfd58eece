"""Who owes which report, when, and to whom: the plan's part V and IV as a table, day by day.

The table is written by hand from the plan and its later history; it uses nothing of the schedule.
The rules that count are three: "before 15 June" means that 14 June is the last day on time; what
falls due is owed by those who stand on that day; a debt passes to the successor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from povsim import schedule
from povsim.findings import Refusal
from povsim.plan import Plan
from povsim.schedule import Deadline, Printed, Progress, Standing
from povsim.store import Document, Sent
from povsim.vocabulary import Origin

# --- The three regimes ------------------------------------------------------------------------

BEFORE = "until 28 February 2025"
SPRING = "March to June 2025"
AFTER = "from 1 July 2025"


def regime(day: date) -> str:
    if day < date(2025, 3, 1):
        return BEFORE
    return SPRING if day < date(2025, 7, 1) else AFTER


NOI_VU = "Phòng Nội vụ"
LD_TBXH = "Phòng Lao động - Thương binh và Xã hội"
TC_KH = "Phòng Tài chính - Kế hoạch"
NN_MT = "Phòng Nông nghiệp và Môi trường"
NN_PTNT = "Phòng Nông nghiệp và Phát triển nông thôn"
TN_MT = "Phòng Tài nguyên và Môi trường"
HEIR = "Cơ quan kế thừa nhiệm vụ của UBND huyện Kon Rẫy (cũ)"
SO_KT, TINH_KT = "Sở Nội vụ tỉnh Kon Tum", "UBND tỉnh Kon Tum"
SO_QN, TINH_QN = "Sở Nội vụ tỉnh Quảng Ngãi", "UBND tỉnh Quảng Ngãi"
HUYEN = "UBND huyện Kon Rẫy"
CHI_DAO = "Ban Chỉ đạo các Chương trình mục tiêu quốc gia huyện"
HOI_DONG = "Hội đồng Thi đua - Khen thưởng huyện"

OFFICES = {  # those that stood all the time of the district
    TC_KH,
    "Phòng Văn hóa và Thông tin",
    "Trung tâm Văn hóa - Thể thao - Du lịch và Truyền thông",
    "Văn phòng HĐND và UBND huyện",
    "Phòng Dân tộc",
    "Phòng Giáo dục và Đào tạo",
    "Phòng Kinh tế và Hạ tầng",
}
FRONT_AND_UNIONS = {
    "Ủy ban MTTQ Việt Nam huyện",
    "Hội Liên hiệp Phụ nữ huyện",
    "Hội Nông dân huyện",
    "Hội Cựu chiến binh huyện",
    "Đoàn TNCS Hồ Chí Minh huyện",
    "Liên đoàn Lao động huyện",
}
FRONT_AFTER = "Ủy ban MTTQ Việt Nam các xã (mới)"
BANK = "Ngân hàng Chính sách xã hội"
BLOCS = {"Cụm thi đua (chưa rõ tên)", "Khối thi đua (chưa rõ tên)"}
BLOCS_AFTER = "Cụm, khối thi đua sau ngày 01/7/2025 (chưa rõ tên)"
SEVEN = {
    "UBND thị trấn Đăk Rve",
    "UBND xã Đăk Kôi",
    "UBND xã Đăk Tơ Lung",
    "UBND xã Đăk Ruồng",
    "UBND xã Đăk Pne",
    "UBND xã Đăk Tờ Re",
    "UBND xã Tân Lập",
}
THREE = {"UBND xã Đăk Rve", "UBND xã Đăk Kôi", "UBND xã Kon Braih"}

EACH = {  # who owes a report each, on a day of the regime
    "movement": {
        BEFORE: OFFICES | {LD_TBXH, NN_PTNT, TN_MT} | FRONT_AND_UNIONS | {BANK} | BLOCS | SEVEN,
        SPRING: OFFICES | {NN_MT} | FRONT_AND_UNIONS | {BANK} | BLOCS | SEVEN,
        AFTER: {FRONT_AFTER, BANK, BLOCS_AFTER} | THREE,
    },
    "review": {
        BEFORE: OFFICES | {LD_TBXH, NN_PTNT, TN_MT} | FRONT_AND_UNIONS | {BANK} | SEVEN,
    },
    "data": {BEFORE: SEVEN, SPRING: SEVEN, AFTER: THREE},
}
TO = {  # to whom they go, on a day of the regime
    "movement": {BEFORE: {NOI_VU}, SPRING: {NOI_VU}, AFTER: {HEIR, SO_QN, TINH_QN}},
    "review": {BEFORE: {NOI_VU}, SPRING: {NOI_VU}, AFTER: {HEIR, SO_QN, TINH_QN}},
    "data": {BEFORE: {LD_TBXH}, SPRING: {NN_MT}, AFTER: {HEIR}},
}
LED = {  # one report: who leads, with whom, to whom
    "synthesis": {
        BEFORE: (NOI_VU, {LD_TBXH}, {SO_KT, TINH_KT}),
        SPRING: (NOI_VU, {NN_MT}, {SO_KT, TINH_KT}),
        AFTER: (HEIR, set(), {SO_QN, TINH_QN}),
    },
    "closing": {
        BEFORE: (LD_TBXH, {NOI_VU}, {HUYEN, SO_KT, TINH_KT}),
        SPRING: (NN_MT, {NOI_VU}, {HUYEN, SO_KT, TINH_KT}),
        AFTER: (HEIR, set(), {SO_QN, TINH_QN}),
    },
    "budget": {
        BEFORE: (LD_TBXH, {TC_KH}, {HUYEN}),
        SPRING: (NN_MT, {TC_KH}, {HUYEN}),
        AFTER: (HEIR, set(), {TINH_QN}),
    },
    "inspection": {
        BEFORE: (CHI_DAO, {HOI_DONG}, {HUYEN}),
        SPRING: (CHI_DAO, {HOI_DONG}, {HUYEN}),
        AFTER: (HEIR, set(), {TINH_QN}),
    },
}
ISSUED_BY = {  # in whose name the synthesis and the closing review go out
    BEFORE: "Ủy ban nhân dân huyện Kon Rẫy",
    SPRING: "Ủy ban nhân dân huyện Kon Rẫy",
    AFTER: "cơ quan kế thừa nhiệm vụ của UBND huyện Kon Rẫy (cũ)",
}
IN_SPRING = {LD_TBXH: NN_MT, NN_PTNT: NN_MT, TN_MT: NN_MT}
IN_JULY = (
    dict.fromkeys(OFFICES | {LD_TBXH, NN_PTNT, TN_MT, NN_MT}, HEIR)
    | dict.fromkeys(FRONT_AND_UNIONS, FRONT_AFTER)
    | dict.fromkeys(BLOCS, BLOCS_AFTER)
    | {
        "UBND thị trấn Đăk Rve": "UBND xã Đăk Rve",
        "UBND xã Đăk Pne": "UBND xã Đăk Rve",
        "UBND xã Đăk Kôi": "UBND xã Đăk Kôi",
        "UBND xã Đăk Tơ Lung": "UBND xã Đăk Kôi",
        "UBND xã Đăk Ruồng": "UBND xã Kon Braih",
        "UBND xã Đăk Tờ Re": "UBND xã Kon Braih",
        "UBND xã Tân Lập": "UBND xã Kon Braih",
    }
)


def heir(debtor: str, fell_due: date, day: date) -> str:
    """Who answers on a day for a debtor of an earlier one."""
    if regime(day) == AFTER and regime(fell_due) != AFTER:
        return IN_JULY.get(debtor, debtor)
    return IN_SPRING.get(debtor, debtor) if regime(day) == SPRING else debtor


# --- The dates --------------------------------------------------------------------------------

YEARS = range(2022, 2026)
JUNE = [2023, 2024, 2025]  # the plan is later than June 2022
DATES = [  # duty, kind in the tables above, years, last day on time, as printed
    ("data-h1", "data", JUNE, (6, 14), "trước ngày 15/6"),
    ("movement-june", "movement", JUNE, (6, 14), "trước ngày 15/6"),
    ("synthesis-june", "synthesis", JUNE, (6, 19), "trước ngày 20/6"),
    ("data-m10", "data", YEARS, (10, 30), "trước ngày 31/10"),
    ("movement-october", "movement", YEARS, (10, 30), "trước ngày 31/10"),
    ("synthesis-november", "synthesis", YEARS, (11, 9), "trước ngày 10/11"),
    ("data-year", "data", YEARS, (12, 14), "đến hết ngày 14/12"),
    ("review-midterm", "review", [2023], (12, 31), "trong năm 2023"),
    ("review-closing", "closing", [2025], (12, 31), "trong năm 2025"),
    ("inspection-plan", "inspection", YEARS, (12, 31), "trong năm"),
    ("budget-need", "budget", YEARS, (12, 31), "trong năm"),
]
Told = tuple[str, int, str, str, str, frozenset[str], frozenset[str], str, int]


def expected(day: date, ahead: int = 30) -> Iterator[Told]:
    """What a day must tell where nothing was received: duty, year, progress, who owed it, who
    answers, with whom, to whom, in whose name, days.
    """
    for duty, kind, years, (month, number), _ in DATES:
        for year in years:
            last = date(year, month, number)
            if last < day:
                yield from line(duty, kind, year, last, day, "missing")
            elif (last - day).days <= ahead:
                # Where only the year is printed, whoever leads today is at work on it.
                at = day if duty.startswith(("review-c", "insp", "budget")) else last
                began = date(year, 9, 1) if duty == "data-year" else date(year, 1, 1)
                progress = "due" if day >= max(began, date(2022, 7, 22)) else "not_open"
                yield from line(duty, kind, year, last, max(at, began), progress, day)


def line(
    duty: str, kind: str, year: int, last: date, at: date, progress: str, day: date | None = None
) -> Iterator[Told]:
    days = abs((last - (day or at)).days)
    now = regime(at)
    if kind in LED:
        who, others, to = LED[kind][now]
        owed = LED[kind][regime(last)][0]
        name = ISSUED_BY[now] if kind in ("synthesis", "closing") else ""
        yield duty, year, progress, owed, who, frozenset(others), frozenset(to), name, days
        return
    for debtor in EACH[kind][regime(last)]:
        who = heir(debtor, last, at)
        to = TO[kind][now] - {who}
        yield duty, year, progress, debtor, who, frozenset(), frozenset(to), "", days


def told(standing: Standing) -> Told:
    obligation, parties = standing.obligation, standing.parties
    return (
        obligation.duty.id,
        obligation.year,
        str(standing.progress),
        obligation.debtor.name,
        parties.debtor.name,
        frozenset(o.name for o in parties.partners),
        frozenset(o.name for o in parties.recipients),
        parties.issuer.named if parties.issuer else "",
        standing.days,
    )


def every_day(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


@pytest.mark.parametrize("year", YEARS)
def test_every_day_names_what_the_plan_says(plan: Plan, year: int):
    for day in every_day(year):
        found = [told(standing) for standing in schedule.due(plan, day, [], [])]
        assert len(set(found)) == len(found)
        assert set(found) == set(expected(day)), day


@pytest.mark.parametrize("day", [date(2022, 1, 1), date(2024, 12, 20), date(2025, 6, 30)])
def test_looking_far_ahead_tells_the_whole_rest_of_the_plan(plan: Plan, day: date):
    ahead = (date(2025, 12, 31) - day).days
    found = {told(standing) for standing in schedule.due(plan, day, [], [], ahead)}
    assert found == set(expected(day, ahead))


@pytest.mark.parametrize("row", DATES, ids=lambda row: row[0])
def test_a_deadline_is_told_as_it_is_printed(plan: Plan, row):
    duty, _, years, last, printed = row
    found = [o for o in all_of(plan) if o.duty.id == duty]
    assert {o.year for o in found} == set(years)
    assert {o.deadline for o in found} == {date(year, *last) for year in years}
    assert all(o.printed("vi").startswith(printed) for o in found)
    assert all(str(o.year) in o.printed("en") for o in found)


ARTICLES = {
    "data-h1": ("Quyết định 24/2021/QĐ-TTg", False),
    "movement-june": ("Kế hoạch, mục V.6", True),
    "synthesis-june": ("Kế hoạch, mục V.8", True),
    "data-m10": ("Quyết định 24/2021/QĐ-TTg", False),
    "movement-october": ("Kế hoạch, mục V.6", True),
    "synthesis-november": ("Kế hoạch, mục V.8", True),
    "data-year": ("Quyết định 24/2021/QĐ-TTg", True),
    "review-midterm": ("Kế hoạch, mục IV.3", True),
    "review-closing": ("Kế hoạch, mục IV.4", True),
    "inspection-plan": ("Kế hoạch, mục V.7", True),
    "budget-need": ("Kế hoạch, mục V.9", True),
}


def test_every_duty_has_its_article(plan: Plan):
    duties = schedule.duties(plan.district_code)
    assert [duty.id for duty in duties] == list(ARTICLES)
    for duty in duties:
        article, verified = ARTICLES[duty.id]
        assert duty.article.startswith(article)
        assert duty.verified is verified


def all_of(plan: Plan) -> list[schedule.Obligation]:
    return schedule.obligations(plan, date(2021, 1, 1), date(2026, 12, 31))


def test_the_first_date_is_31_october_2022_then_10_november(plan: Plan):
    first = [o for o in all_of(plan) if not o.duty.period]
    assert [o.duty.id for o in first if o.deadline < date(2022, 11, 1)] == ["movement-october"] * 26
    assert first[0].printed("vi") == "trước ngày 31/10/2022"
    assert first[26].duty.id == "synthesis-november"
    assert first[26].printed("vi") == "trước ngày 10/11/2022"
    assert schedule.obligations(plan, date(2021, 1, 1), date(2022, 10, 29)) == []


def test_the_order_is_by_day_then_calendar_then_organisation(plan: Plan):
    every = all_of(plan)
    calendar = list(ARTICLES)
    keys = [(o.deadline, calendar.index(o.duty.id)) for o in every]
    assert keys == sorted(keys)
    communes = [o.debtor.unit.code for o in every if o.duty.id == "data-year" and o.year == 2024]
    assert communes == sorted(communes)
    assert all_of(plan) == every


LAST_DAYS = [  # printed, month, day, year, last day on time
    (Printed.BEFORE, 6, 15, 2024, date(2024, 6, 14)),
    (Printed.BEFORE, 10, 31, 2024, date(2024, 10, 30)),
    (Printed.BEFORE, 11, 10, 2024, date(2024, 11, 9)),
    (Printed.BEFORE, 3, 1, 2024, date(2024, 2, 29)),
    (Printed.BEFORE, 3, 1, 2023, date(2023, 2, 28)),
    (Printed.BEFORE, 1, 1, 2023, date(2022, 12, 31)),
    (Printed.THROUGH, 12, 14, 2024, date(2024, 12, 14)),
    (Printed.WITHIN, 12, 31, 2023, date(2023, 12, 31)),
]


@pytest.mark.parametrize(("printed", "month", "day", "year", "last"), LAST_DAYS)
def test_before_a_day_means_the_day_before_it(printed, month, day, year, last):
    assert Deadline(printed, month, day).last_day(year) == last


# --- What was received ------------------------------------------------------------------------


def report(duty: str, year: int, organisation: str, received: date) -> Document:
    return Document(duty, year, organisation, received, "UBND", "bc.docx", "")


def one(
    plan: Plan, day: date, duty: str, year: int, debtor: str, documents=(), sent=()
) -> Standing:
    """How one obligation stands; `debtor` is who owed it on the day it fell due."""
    ahead = max(0, (date(year, 12, 31) - day).days)
    every = schedule.due(plan, day, documents, sent, ahead)
    (found,) = [
        s
        for s in every
        if (s.obligation.duty.id, s.obligation.year, s.obligation.debtor.id) == (duty, year, debtor)
    ]
    return found


KOI = "23482@2021-01-01"
STANDS = [  # day asked, day received, progress, days
    (date(2023, 1, 1), None, Progress.DUE, 164),
    (date(2023, 6, 13), None, Progress.DUE, 1),
    (date(2023, 6, 14), None, Progress.DUE, 0),
    (date(2023, 6, 15), None, Progress.MISSING, 1),
    (date(2024, 6, 14), None, Progress.MISSING, 366),  # over a leap day
    (date(2023, 6, 14), date(2023, 6, 14), Progress.RECEIVED, 0),
    (date(2023, 6, 13), date(2023, 6, 14), Progress.DUE, 1),  # not received yet on the 13th
    (date(2025, 1, 1), date(2023, 3, 1), Progress.RECEIVED, 0),
    (date(2023, 6, 30), date(2023, 6, 15), Progress.LATE, 1),
    (date(2023, 6, 30), date(2023, 6, 20), Progress.LATE, 6),
    (date(2023, 6, 19), date(2023, 6, 20), Progress.MISSING, 5),
]


@pytest.mark.parametrize(("day", "received", "progress", "days"), STANDS)
def test_a_report_of_before_15_june(plan: Plan, day, received, progress, days):
    came = [report("movement-june", 2023, KOI, received)] if received else []
    standing = one(plan, day, "movement-june", 2023, KOI, came)
    assert (standing.progress, standing.days) == (progress, days)
    since = date(2023, 6, 15) if progress is Progress.MISSING else None
    assert standing.missing_since == since


def test_the_edge_of_31_october_and_the_first_september(plan: Plan):
    for day, progress in ((30, Progress.DUE), (31, Progress.MISSING)):
        assert one(plan, date(2024, 10, day), "movement-october", 2024, KOI).progress is progress
    for day, progress in (
        (date(2024, 8, 31), Progress.NOT_OPEN),
        (date(2024, 9, 1), Progress.DUE),
        (date(2024, 12, 14), Progress.DUE),
        (date(2024, 12, 15), Progress.MISSING),
    ):
        assert one(plan, day, "data-year", 2024, KOI).progress is progress


def test_the_first_of_two_reports_counts(plan: Plan):
    came = [report("movement-june", 2023, KOI, date(2023, 6, day)) for day in (20, 10)]
    standing = one(plan, date(2023, 7, 1), "movement-june", 2023, KOI, came)
    assert standing.receipt.on == date(2023, 6, 10)
    assert (standing.receipt.sender, standing.receipt.file) == ("UBND", "bc.docx")


@pytest.mark.parametrize(
    "wrong",
    [
        report("movement-june", 2024, KOI, date(2023, 6, 1)),
        report("movement-october", 2023, KOI, date(2023, 6, 1)),
        report("movement-june", 2023, "23485@2021-01-01", date(2023, 6, 1)),
        report("movement-june", 2023, "phong-noi-vu", date(2023, 6, 1)),
    ],
)
def test_another_report_meets_nothing(plan: Plan, wrong: Document):
    standing = one(plan, date(2023, 6, 20), "movement-june", 2023, KOI, [wrong])
    assert standing.progress is Progress.MISSING


FORMS = [("data-h1", "2024-H1"), ("data-m10", "2024-M10"), ("data-year", "2024")]


@pytest.mark.parametrize(("duty", "period"), FORMS)
def test_forms_are_met_by_what_the_store_was_sent(plan: Plan, duty: str, period: str):
    day = date(2025, 1, 10)
    sent = [
        Sent(KOI, p, date(2024, 6, 1), "preliminary", Origin.OFFICIAL) for p in ("2023", period)
    ]
    standing = one(plan, day, duty, 2024, KOI, sent=sent)
    assert standing.progress is Progress.RECEIVED
    assert (standing.receipt.status, standing.receipt.sample) == ("preliminary", False)
    other = one(plan, day, duty, 2024, "23485@2021-01-01", sent=sent)
    assert other.progress is Progress.MISSING


# --- Successors -------------------------------------------------------------------------------

PAID_BY_SUCCESSORS = [  # duty, year, who owed it, who made it, on which day, counted as
    ("movement-october", 2024, "phong-ld-tbxh", "phong-nn-mt", date(2025, 3, 10), Progress.LATE),
    ("movement-october", 2024, "phong-ld-tbxh", "phong-nn-mt", date(2025, 2, 28), None),
    ("movement-october", 2024, "phong-ld-tbxh", "phong-noi-vu", date(2025, 3, 10), None),
    ("movement-june", 2025, KOI, "23485@2025-07-01", date(2025, 7, 2), Progress.LATE),
    ("movement-june", 2025, KOI, KOI, date(2025, 7, 2), Progress.LATE),
    ("movement-june", 2025, KOI, "23497@2025-07-01", date(2025, 7, 2), None),
    ("synthesis-june", 2025, "phong-noi-vu", "co-quan-ke-thua", date(2025, 7, 2), Progress.LATE),
    ("synthesis-june", 2025, "phong-noi-vu", "phong-nn-mt", date(2025, 6, 18), None),
    ("review-closing", 2025, "co-quan-ke-thua", "phong-ld-tbxh", date(2025, 2, 1), "received"),
    ("review-closing", 2025, "co-quan-ke-thua", "phong-nn-mt", date(2025, 5, 1), "received"),
    ("review-closing", 2025, "co-quan-ke-thua", "phong-tc-kh", date(2025, 5, 1), None),
    ("review-closing", 2025, "co-quan-ke-thua", "co-quan-ke-thua", date(2026, 1, 9), "late"),
]


@pytest.mark.parametrize(("duty", "year", "owed", "made", "on", "counted"), PAID_BY_SUCCESSORS)
def test_a_successor_pays_the_debt(plan: Plan, duty, year, owed, made, on, counted):
    standing = one(plan, date(2026, 2, 1), duty, year, owed, [report(duty, year, made, on)])
    assert standing.progress == (counted or Progress.MISSING)
    if counted:
        assert standing.parties.debtor.id == made
        assert standing.for_another is (made != owed)


def test_a_report_of_a_successor_pays_for_all_it_took_in(plan: Plan):
    made = [report("movement-june", 2025, "23497@2025-07-01", date(2025, 8, 5))]
    every = schedule.due(plan, date(2025, 9, 1), made, [])
    paid = {s.obligation.debtor.name for s in every if s.progress is Progress.LATE}
    assert paid == {"UBND xã Đăk Ruồng", "UBND xã Đăk Tờ Re", "UBND xã Tân Lập"}


def test_who_is_to_be_reminded_of_what(plan: Plan):
    standings = schedule.due(plan, date(2022, 10, 31), [], [])
    chase = schedule.to_chase(standings)
    assert len(chase) == 26
    assert {o.name for o in chase if o.unit} == SEVEN
    for organisation, owed in chase.items():
        duties = [standing.obligation.duty.id for standing in owed]
        assert duties == (["data-m10"] if organisation.unit else []) + ["movement-october"]
    assert schedule.to_chase(schedule.due(plan, date(2022, 10, 30), [], [])) == {}
    assert len(schedule.missing(standings)) == sum(map(len, chase.values())) == 33


# --- What is recorded -------------------------------------------------------------------------

REFUSED = [  # duty, year, organisation, received, rule
    ("movement-may", 2023, KOI, date(2023, 5, 1), "duty_unknown"),
    ("data-year", 2023, KOI, date(2023, 12, 1), "duty_met_by_forms"),
    ("movement-june", 2022, KOI, date(2022, 6, 1), "duty_not_in_year"),
    ("review-midterm", 2024, KOI, date(2024, 6, 1), "duty_not_in_year"),
    ("movement-june", 2024, KOI, date(2023, 6, 10), "document_too_early"),
    ("movement-june", 2023, "phong-noi-vu", date(2023, 6, 10), "duty_not_owed"),
    ("movement-june", 2023, "to-chuc-kinh-te", date(2023, 6, 10), "duty_not_owed"),
    ("synthesis-june", 2023, KOI, date(2023, 6, 10), "duty_not_owed"),
    ("movement-june", 2023, "nobody", date(2023, 6, 10), "organisation_unknown"),
    ("review-closing", 2025, "co-quan-ke-thua", date(2025, 5, 1), "organisation_not_yet"),
]


@pytest.mark.parametrize(("duty", "year", "organisation", "received", "rule"), REFUSED)
def test_a_document_that_meets_nothing_is_refused(plan, duty, year, organisation, received, rule):
    with pytest.raises(Refusal) as refusal:
        schedule.accepted(plan, report(duty, year, organisation, received))
    assert [finding.rule for finding in refusal.value.findings] == [rule]


def test_every_obligation_can_be_met_by_its_debtor(plan: Plan):
    for owed in all_of(plan):
        if not owed.duty.period:
            made = report(owed.duty.id, owed.year, owed.debtor.id, owed.deadline)
            assert schedule.accepted(plan, made) == [owed]


MEANT = [  # written, duty, year, received, who is meant (two: neither is guessed)
    ("23485", "movement-june", 2025, date(2025, 6, 10), ["23485@2021-01-01"]),
    ("23485", "movement-june", 2025, date(2025, 8, 1), ["23485@2021-01-01", "23485@2025-07-01"]),
    ("Đăk Kôi", "movement-june", 2025, date(2025, 7, 2), [KOI, "23485@2025-07-01"]),
    ("23485", "movement-october", 2025, date(2025, 8, 1), ["23485@2025-07-01"]),
    (KOI, "movement-june", 2025, date(2025, 8, 1), [KOI]),
    ("23485@2025-07-01", "movement-june", 2025, date(2025, 8, 1), ["23485@2025-07-01"]),
    ("Tân Lập", "movement-june", 2025, date(2025, 8, 1), ["23497@2021-01-01"]),
    ("Kon Braih", "movement-june", 2025, date(2025, 8, 1), ["23497@2025-07-01"]),
    ("Phòng LĐ-TB&XH", "movement-october", 2024, date(2025, 8, 1), ["phong-ld-tbxh"]),
]


@pytest.mark.parametrize(("written", "duty", "year", "received", "who"), MEANT)
def test_a_name_used_again_is_never_guessed(plan: Plan, written, duty, year, received, who):
    if len(who) == 1:
        assert schedule.meant(plan, written, duty, year, received).id == who[0]
        return
    with pytest.raises(Refusal) as refusal:
        schedule.meant(plan, written, duty, year, received)
    (finding,) = refusal.value.findings
    assert finding.rule == "debtor_ambiguous"
    assert [identity for identity in who if f"({identity}, " not in finding.line("vi")] == []
    assert f"nhận ngày {received:%d/%m/%Y}" in finding.line("vi")


NAMESAKE = """
[[unit]]
code = "90001"
valid_from = 2021-01-01
names = ["Tân Lập"]
kind = "commune"
area_type = "rural"
parent = "62@2021-01-01"
verified = false
"""


def test_another_plan_s_unit_of_the_name_does_not_stand_in_the_way(plan: Plan, workspace_of):
    workspace_of("units", NAMESAKE)
    found = schedule.meant(plan, "Tân Lập", "movement-june", 2024, date(2024, 6, 10))
    assert found.id == "23497@2021-01-01"
    # One that nobody owes is still told of the plan's own, not as a riddle.
    found = schedule.meant(plan, "Tân Lập", "synthesis-june", 2024, date(2024, 6, 10))
    assert found.id == "23497@2021-01-01"


def test_a_document_clears_what_nothing_met_before(plan: Plan):
    day = date(2025, 8, 1)
    late = report("movement-june", 2025, "23497@2025-07-01", day)
    own = report("movement-june", 2025, "23497@2021-01-01", date(2025, 6, 10))
    assert len(schedule.accepted(plan, late)) == 3
    assert len(schedule.cleared(plan, late, [late])) == 3
    left = {o.debtor.id for o in schedule.cleared(plan, late, [own, late])}
    assert left == {o.debtor.id for o in schedule.accepted(plan, late)} - {"23497@2021-01-01"}


@pytest.mark.parametrize("year", [-1, 0, 1, 2021, 2026, 9999, 10000, 10**30])
def test_a_year_that_is_no_year_of_the_plan_is_told(plan: Plan, year: int):
    with pytest.raises(Refusal) as refusal:
        schedule.accepted(plan, report("movement-june", year, "phong-tc-kh", date(2025, 1, 1)))
    assert [finding.rule for finding in refusal.value.findings] == ["duty_not_in_year"]


def test_no_day_is_too_late_to_ask(plan: Plan):
    whole = schedule.due(plan, date(2025, 12, 31), [], [])
    assert len(schedule.due(plan, date.max, [], [])) == len(whole)
    assert len(schedule.due(plan, date(2025, 1, 1), [], [], 99999999)) == len(whole)


def test_sample_figures_are_told_from_official_ones(plan: Plan):
    sent = [Sent(KOI, "2024-H1", date(2024, 6, 1), "official", Origin.SAMPLE)]
    standing = one(plan, date(2025, 1, 10), "data-h1", 2024, KOI, sent=sent)
    assert standing.receipt.sample


# --- Another district -------------------------------------------------------------------------


def test_a_district_without_a_calendar_is_told_where_to_put_one(plan: Plan):
    with pytest.raises(Refusal) as refusal:
        all_of(replace(plan, district_code="999"))
    assert refusal.value.findings[0].rule == "district_rules_missing"
    assert "data/" in refusal.value.text("en")


def test_a_later_plan_of_the_district_is_not_held_to_this_calendar(plan: Plan):
    later = replace(plan, first_year=2026, last_year=2030)
    assert schedule.obligations(later, date(2022, 1, 1), date(2030, 12, 31)) == []


def test_the_workspace_corrects_the_calendar(plan: Plan, workspace_of):
    workspace_of(
        "calendar",
        'district = "614"\n[[duty]]\nid = "synthesis-june"\nbefore = { month = 6, day = 25 }\n',
    )
    found = [o for o in all_of(plan) if o.duty.id == "synthesis-june"]
    assert [o.deadline.day for o in found] == [24, 24, 24]
    assert found[0].duty.article == "Kế hoạch, mục V.8"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ('district = "614"\n[[duty]]\nid = "new"\n', "rules_entry_lacks"),
        ('district = "614"\n[[duty]]\nid = "data-h1"\nwork = "x"\n', "rules_entry_bad"),
        (
            'district = "614"\n[[duty]]\nid = "data-h1"\nbefore = { month = 2, day = 30 }\n',
            "rules_entry_bad",
        ),
        ("district = 614 614", "rules_unreadable"),
    ],
)
def test_a_calendar_that_is_not_whole_is_refused(plan: Plan, workspace_of, content, rule):
    workspace_of("calendar", content)
    with pytest.raises(Refusal) as refusal:
        all_of(plan)
    (finding,) = refusal.value.findings
    assert (finding.rule, finding.place.file) == (rule, "own.toml")


def test_only_the_plan_s_own_communes_owe(plan: Plan):
    some = replace(plan, units=plan.units[:2])
    owing = {o.debtor.unit for o in all_of(some) if o.debtor.unit and o.year == 2024}
    assert owing == {unit.id for unit in plan.units[:2]}
