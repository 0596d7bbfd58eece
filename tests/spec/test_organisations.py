"""Who acted, reported and received on which day, and who took over: one readable table each."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from povsim import organisations, schedule
from povsim.findings import Refusal
from povsim.organisations import Kind, Organisations, Work

FEBRUARY, MARCH = date(2025, 2, 28), date(2025, 3, 1)
JUNE, JULY = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture
def known() -> Organisations:
    return organisations.load("614")


def refused(rule: str, function, *arguments) -> str:
    with pytest.raises(Refusal) as refusal:
        function(*arguments)
    (finding,) = refusal.value.findings
    assert finding.rule == rule
    return finding.line("vi")


ROLES = [  # role, day, who held it (the first leads)
    ("review_collector", FEBRUARY, ["Phòng Lao động - Thương binh và Xã hội"]),
    ("review_collector", JUNE, ["Phòng Nông nghiệp và Môi trường"]),
    ("review_collector", JULY, ["Cơ quan kế thừa nhiệm vụ của UBND huyện Kon Rẫy (cũ)"]),
    ("synthesis", FEBRUARY, ["Phòng Nội vụ", "Phòng Lao động - Thương binh và Xã hội"]),
    ("synthesis", MARCH, ["Phòng Nội vụ", "Phòng Nông nghiệp và Môi trường"]),
    ("synthesis", JULY, ["Cơ quan kế thừa nhiệm vụ của UBND huyện Kon Rẫy (cũ)"]),
    ("closing_review", FEBRUARY, ["Phòng Lao động - Thương binh và Xã hội", "Phòng Nội vụ"]),
    ("closing_review", MARCH, ["Phòng Nông nghiệp và Môi trường", "Phòng Nội vụ"]),
    ("closing_review", JULY, ["Cơ quan kế thừa nhiệm vụ của UBND huyện Kon Rẫy (cũ)"]),
    ("province", JUNE, ["Sở Nội vụ tỉnh Kon Tum", "UBND tỉnh Kon Tum"]),
    ("province", JULY, ["Sở Nội vụ tỉnh Quảng Ngãi", "UBND tỉnh Quảng Ngãi"]),
    ("movement_recipient", JUNE, ["Phòng Nội vụ"]),
    (
        "movement_recipient",
        JULY,
        [
            "Cơ quan kế thừa nhiệm vụ của UBND huyện Kon Rẫy (cũ)",
            "Sở Nội vụ tỉnh Quảng Ngãi",
            "UBND tỉnh Quảng Ngãi",
        ],
    ),
    (
        "inspection",
        JUNE,
        [
            "Ban Chỉ đạo các Chương trình mục tiêu quốc gia huyện",
            "Hội đồng Thi đua - Khen thưởng huyện",
        ],
    ),
    ("budget_need", MARCH, ["Phòng Nông nghiệp và Môi trường", "Phòng Tài chính - Kế hoạch"]),
]


@pytest.mark.parametrize(("role", "day", "names"), ROLES)
def test_who_held_a_role_on_a_day(known, role, day, names):
    assert [organisation.name for organisation in known.holding(role, day)] == names


SUCCESSORS = [  # who, which part of its work, day, who does it then
    ("phong-ld-tbxh", "poverty", FEBRUARY, "phong-ld-tbxh"),
    ("phong-ld-tbxh", "poverty", MARCH, "phong-nn-mt"),
    ("phong-ld-tbxh", "emulation", MARCH, "phong-noi-vu"),
    ("phong-ld-tbxh", "labour", MARCH, "phong-noi-vu"),
    ("phong-ld-tbxh", "poverty", JULY, "co-quan-ke-thua"),
    ("phong-ld-tbxh", "labour", JULY, "co-quan-ke-thua"),
    ("phong-noi-vu", None, JUNE, "phong-noi-vu"),
    ("phong-noi-vu", None, JULY, "co-quan-ke-thua"),
    ("phong-nn-ptnt", None, MARCH, "phong-nn-mt"),
    ("mttq-huyen", None, JULY, "mttq-xa"),
    ("hoi-phu-nu", None, JULY, "mttq-xa"),
    ("nhcsxh", None, JULY, "nhcsxh"),
    ("so-noi-vu-kon-tum", None, JULY, "so-noi-vu-quang-ngai"),
    ("ubnd-tinh-kon-tum", None, JULY, "ubnd-tinh-quang-ngai"),
    ("23482@2021-01-01", None, JUNE, "23482@2021-01-01"),
    ("23482@2021-01-01", None, JULY, "23485@2025-07-01"),
    ("23497@2021-01-01", "poverty", JULY, "23497@2025-07-01"),
]


@pytest.mark.parametrize(("who", "work", "day", "then"), SUCCESSORS)
def test_who_took_over_which_part(known, who, work, day, then):
    assert known.at(who, day, work).id == then


FOUND = [  # written, day, organisation
    ("Phòng Nội vụ", FEBRUARY, "phong-noi-vu"),
    ("phong noi vu", FEBRUARY, "phong-noi-vu"),
    ("phong-noi-vu", FEBRUARY, "phong-noi-vu"),
    ("Phòng LĐ-TB&XH", FEBRUARY, "phong-ld-tbxh"),
    ("Phòng LĐ-TB&XH", JULY, "phong-ld-tbxh"),  # ended, but nobody else bears the name
    ("NHCSXH", JULY, "nhcsxh"),
    ("UBND xã Đăk Kôi", JUNE, "23482@2021-01-01"),
    ("UBND xã Đăk Kôi", JULY, "23485@2025-07-01"),
    ("Đăk Kôi", JULY, "23485@2025-07-01"),
    ("Xã Đắk Kôi", JUNE, "23482@2021-01-01"),
    ("23485", JUNE, "23485@2021-01-01"),
    ("23485", JULY, "23485@2025-07-01"),
    ("UBND thị trấn Đăk Rve", JUNE, "23479@2021-01-01"),
    ("Kon Braih", JULY, "23497@2025-07-01"),
    ("UBND Kon Braih", JULY, "23497@2025-07-01"),
    ("UBND Đăk Rve", JUNE, "23479@2021-01-01"),
    ("Ủy ban nhân dân xã Đăk Kôi", JULY, "23485@2025-07-01"),
    ("Hội Phụ nữ huyện", JUNE, "hoi-phu-nu"),
    ("Hội LHPN huyện", JUNE, "hoi-phu-nu"),
    ("Hội CCB huyện", JUNE, "hoi-cuu-chien-binh"),
    ("LĐLĐ huyện", JUNE, "lien-doan-lao-dong"),
    ("Huyện đoàn", JUNE, "doan-thanh-nien"),
    ("MTTQ huyện", JUNE, "mttq-huyen"),
    ("Phòng NN&MT", JUNE, "phong-nn-mt"),
    ("Phòng TC-KH", JUNE, "phong-tc-kh"),
    ("UBND huyện", JUNE, "ubnd-huyen"),
]


@pytest.mark.parametrize(("written", "day", "organisation"), FOUND)
def test_an_organisation_is_found_by_id_name_or_code(known, written, day, organisation):
    assert known.find(written, day).id == organisation


def test_refusals_say_what_to_do(known):
    divided = refused("organisation_divided", known.at, "phong-ld-tbxh", MARCH)
    assert "kết thúc ngày 28/02/2025" in divided
    assert "Phòng Nông nghiệp và Môi trường (giảm nghèo)" in divided
    assert "Phòng Nội vụ (lao động, thi đua)" in divided
    early = refused("organisation_not_yet", known.at, "phong-nn-mt", FEBRUARY)
    assert "Ngày 28/02/2025 chưa có" in early
    assert "(có từ 01/03/2025)" in early
    assert "phong-noi-vu" in refused("organisation_unknown", known.__getitem__, "phong-x")
    assert "review_collector" in refused("role_unknown", known.holding, "king", JULY)
    refused("role_not_held", known.holding, "review_collector", date(2020, 1, 1))
    assert "Phòng Nội vụ (phong-noi-vu)" in refused(
        "organisation_name_unknown", known.find, "Phòng X", FEBRUARY
    )
    refused("organisation_ambiguous", known.find, "23479", date(2020, 1, 1))


PRINTED = {  # what the plan prints: nothing else is verified, but the units' own committees
    "phong-noi-vu",
    "phong-ld-tbxh",
    "phong-tc-kh",
    "phong-vh-tt",
    "trung-tam-vh-tt",
    "mttq-huyen",
    "nhcsxh",
    "to-chuc-kinh-te",
    "ubnd-huyen",
    "hoi-dong-tdkt",
    "ban-chi-dao",
    "so-noi-vu-kon-tum",
    "ubnd-tinh-kon-tum",
}


def test_only_what_the_plan_prints_is_verified(known):
    assert {o.id for o in known if o.verified and o.unit is None} == PRINTED
    assert all(o.source for o in known)
    committees = [o for o in known.on(JULY) if o.unit]
    assert [o.name for o in committees] == [
        "UBND xã Đăk Rve",
        "UBND xã Đăk Kôi",
        "UBND xã Kon Braih",
    ]
    assert not any(o.verified for o in committees)
    assert {r.id for r in known.roles() if not r.verified} == {
        "movement_recipient",  # its later half only
        "closing_recipient",
        "authority",
        "review_collector",
    }


def test_everything_that_ended_has_somebody_who_took_over_next_day(known):
    for organisation in known:
        if organisation.valid_to is not None:
            after = organisation.valid_to + timedelta(days=1)
            for work in Work:
                if organisation.successors[0].work == () or organisation.id == "phong-ld-tbxh":
                    assert known.at(organisation.id, after, work).stands_on(after)


def test_every_role_is_held_on_every_day(known):
    day = date(2022, 1, 1)
    while day.year < 2026:
        for role in {role.id for role in known.roles()}:
            assert all(o.stands_on(day) for o in known.holding(role, day))
        day += timedelta(days=1)


def test_enterprises_report_through_unions_or_communes(known):
    (enterprises,) = [o for o in known if o.kind is Kind.ENTERPRISE]
    assert enterprises.reports_through == (Kind.UNION, Kind.COMMUNE)


# --- An office's own --------------------------------------------------------------------------

OWN = """
district = "614"

[[organisation]]
id = "khoi-thi-dua"
name = "Khối thi đua số 3"
verified = true
source = "Quyết định số 1/QĐ-UBND"

[[organisation]]
id = "cong-an"
name = "Công an huyện"
kind = "agency"
level = "district"
valid_from = 2021-01-01
valid_to = 2025-02-28
successors = [{ to = "ubnd-huyen" }]
verified = true
source = "Quyết định số 2/QĐ-UBND"

[[role]]
id = "review_collector"
valid_from = 2025-07-01
holders = [{ id = "so-noi-vu-quang-ngai", work = "emulation" }]
verified = true
source = "Công văn số 3"
"""


def test_an_office_puts_the_right_names_in_its_workspace(workspace_of):
    workspace_of("organisations", OWN)
    known = organisations.load("614")
    bloc = known["khoi-thi-dua"]
    assert (bloc.name, bloc.verified, bloc.kind) == ("Khối thi đua số 3", True, Kind.BLOC)
    assert known.find("Công an huyện", FEBRUARY).id == "cong-an"
    assert [o.id for o in known.holding("review_collector", JUNE)] == ["phong-nn-mt"]
    assert [o.id for o in known.holding("review_collector", JULY)] == ["so-noi-vu-quang-ngai"]


HEAD = 'district = "614"\n[[organisation]]\n'
ROLE = 'district = "614"\n[[role]]\nid = "review_collector"\nvalid_from = 2025-07-01\n'
BROKEN = [
    (HEAD + 'id = "new"\nname = "X"\n', "rules_entry_lacks"),
    (HEAD + 'name = "X"\n', "rules_entry_lacks"),
    (HEAD + 'id = "nhcsxh"\nkind = "shop"\n', "rules_entry_bad"),
    (HEAD + 'id = "nhcsxh"\nvalid_to = "2025"\n', "rules_entry_bad"),
    (HEAD + 'id = "nhcsxh"\nvalid_to = 2025-01-01\nsuccessors = [{ to = "x" }]\n', None),
    ('district = "614"\n[[organisation]\n', "rules_unreadable"),
    (
        'district = "614"\n[[role]]\nid = "review_collector"\nvalid_from = 2025-07-01\n',
        "rules_entry_lacks",
    ),
]


@pytest.mark.parametrize(("content", "rule"), BROKEN)
def test_a_file_that_is_not_whole_is_refused(workspace_of, content, rule):
    workspace_of("organisations", content)
    with pytest.raises(Refusal) as refusal:
        organisations.load("614")
    (finding,) = refusal.value.findings
    assert finding.rule == (rule or "successor_absent")
    if rule:
        assert finding.place.file == "own.toml"


def test_a_role_given_to_nobody_is_refused(workspace_of):
    holders = 'holders = [{ id = "x", work = "poverty" }]\nverified = true\nsource = "y"\n'
    workspace_of("organisations", ROLE.replace("review_collector", "new") + holders)
    refused("role_holder_unknown", organisations.load, "614")


def test_all_faults_of_a_file_come_at_once(workspace_of):
    content = HEAD + 'id = "a"\n' + '[[organisation]]\nid = "b"\n'
    workspace_of("organisations", content)
    with pytest.raises(Refusal) as refusal:
        organisations.load("614")
    assert len(refusal.value.findings) == 2


def test_one_that_nobody_took_over_is_told(workspace_of):
    workspace_of("organisations", HEAD + 'id = "nhcsxh"\nvalid_to = 2025-06-30\nsuccessors = []\n')
    known = organisations.load("614")
    told = refused("organisation_without_heir", known.at, "nhcsxh", JULY)
    assert "kết thúc ngày 30/06/2025; chưa rõ cơ quan nào nhận việc (toàn bộ công việc)" in told
    assert "(giảm nghèo)" in refused(
        "organisation_without_heir", known.at, "nhcsxh", JULY, "poverty"
    )


def test_one_that_two_took_over_whole_is_not_guessed(workspace_of):
    heirs = '{ to = "co-quan-ke-thua" }, { to = "mttq-xa" }'
    workspace_of(
        "organisations", HEAD + f'id = "nhcsxh"\nvalid_to = 2025-06-30\nsuccessors = [{heirs}]\n'
    )
    known = organisations.load("614")
    refused("organisation_divided", known.at, "nhcsxh", JULY, "poverty")


def test_a_district_nobody_wrote_down_is_told():
    told = refused("district_rules_missing", organisations.load, "999")
    assert "Chưa có danh sách cơ quan, tổ chức của huyện mã 999" in told
    assert "data/organisations" in told


def test_findings_speak_the_reader_s_language(known):
    with pytest.raises(Refusal) as refusal:
        known.at("phong-ld-tbxh", MARCH)
    told = refusal.value.text("en")
    assert "ended on 2025-02-28" in told
    assert "Phòng Nội vụ (labour, emulation)" in told


def test_no_two_organisations_of_the_rules_share_a_name(known):
    for day in (FEBRUARY, JUNE, JULY):
        for organisation in known.on(day):
            for name in (organisation.name, *organisation.aliases):
                assert known.find(name, day) == organisation


def test_every_role_is_used_by_the_calendar(known):
    used = {d.role for d in schedule.duties("614")} | {d.recipients for d in schedule.duties("614")}
    assert {role.id for role in known.roles()} == used - {""}
