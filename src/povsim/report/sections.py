"""The sections of the yearly report: an outlook told in paragraphs, tables and charts.

These are the papers that are signed and sent, so they are Vietnamese only and their sentences
stand here. The notebook decides which come and in what order.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from povsim import charts, groups, population, study
from povsim.i18n import Lang, as_printed, number, percent, points, text
from povsim.plan import DISTRICT, TargetKind
from povsim.report.document import Column, Figure, Letterhead, Notice, Paragraph, Signature, Table
from povsim.study import Aim, Outlook
from povsim.trajectory import Model
from povsim.units import BreakKind
from povsim.vocabulary import Indicator, Period, State
from povsim.wording import (
    about_chance,
    area_name,
    break_sentences,
    chance,
    check_sentence,
    fate,
    is_sample,
    kind_name,
    model_sentence,
    moment,
    provenance,
    source_name,
)

LANG: Lang = "vi"
WIDTH = 600
MAP_SIZE = (720, 490)
"""Wider than a line of text, which a paper makes fit: twelve rows by nine columns and more."""
RESULTS_NOTE = "Biến động trong năm theo biểu F2 (hộ). Chỉ tiêu số hộ của xã là chỉ tiêu mẫu."
GROUPS_NOTE = (
    "Sổ hộ của kỳ rà soát. Một hộ có thể thuộc nhiều nhóm nên các cột không cộng lại được. Dấu • "
    "là ô không nêu để bảo vệ thông tin cá nhân: ô dưới 5 hộ, hoặc ô mà từ đó có thể suy ra một ô "
    "như vậy. Dân tộc có dưới 30 hộ nghèo gộp vào “Dân tộc khác”."
)
DEPTH_NOTE = (
    "Các biểu chỉ đếm số hộ thiếu từng chỉ số; hộ nào cùng thiếu những chỉ số nào thì không biểu "
    "nào cho biết. povsim dựng lại các hộ sao cho mọi số của F1, F4, F6, F8 đều khớp, nhiều lần "
    "với mức tập trung khác nhau (giả định). Hộ thiếu đúng ba chỉ số chỉ cần bớt một là ra khỏi "
    "diện nghèo."
)
MEASURES_NOTE = (
    "Biểu F1, F4. Hộ nghèo theo chuẩn của kỳ rà soát; mười hai chỉ số có trọng số bằng nhau. A là "
    "tỷ lệ chỉ số thiếu hụt bình quân của hộ nghèo; M0 tính đến cả số hộ nghèo và mức thiếu hụt "
    "của họ (phương pháp Alkire - Foster)."
)
METHODS = {
    Model.STOCK: (
        "Dự báo sử dụng chung thông tin của tất cả các xã: mức hiện tại của từng xã, xu thế chung "
        "của huyện và biến động chung từng năm; không ngoại suy riêng xu hướng của từng xã."
    ),
    Model.FLOWS: (
        "Dự báo dựa vào số hộ thoát nghèo, tái nghèo và phát sinh mới hằng năm của tất cả các xã "
        "(biểu F2, F3): tỷ lệ chuyển của từng xã được ước lượng chung với toàn huyện, cùng biến "
        "động chung từng năm; số hộ nghèo giảm chậm dần khi còn ít hộ có thể thoát nghèo."
    ),
}
PRINTED = ("households", "poor", "poor_rate", "near_poor", "near_poor_rate")


def letterhead(outlook: Outlook) -> Letterhead:
    """Who writes, under what number, about what; number, day and month are filled by hand."""
    issuer = outlook.plan.issuer_on(Period(outlook.year).end)
    return Letterhead(
        authority=issuer.authority,
        number=issuer.number,
        place=issuer.place,
        year=outlook.year,
        kind="BÁO CÁO",
        subject=(
            "Tình hình thực hiện Phong trào thi đua “Vì người nghèo - Không để ai bị bỏ lại "
            f"phía sau” và kết quả giảm nghèo đa chiều năm {outlook.year}"
        ),
    )


def signature(outlook: Outlook) -> Signature:
    """Recipients and the signer's title; the name is typed by hand."""
    issuer = outlook.plan.issuer_on(Period(outlook.year).end)
    return Signature(recipients=issuer.recipients, authority=issuer.signer)


def sample_notice(outlook: Outlook) -> Notice:
    """What a reader must know of the units' figures before the first of them."""
    if is_sample(outlook):
        return Notice(text("sample.notice", LANG))
    return Notice("Số liệu của các xã, thị trấn lấy từ biểu rà soát do các đơn vị nộp.")


def opening(outlook: Outlook) -> Paragraph:
    """What the report answers, under which plan and standard."""
    return Paragraph(
        f"Thực hiện {outlook.plan.name}, {_reporter(outlook)} báo cáo tình hình và kết quả giảm "
        f"nghèo theo chuẩn nghèo đa chiều giai đoạn 2022-2025 (Nghị định 07/2021/NĐ-CP) "
        f"đến cuối năm {outlook.year} như sau:"
    )


def district_summary(outlook: Outlook) -> Paragraph:
    """The district's printed rates in one sentence, each with its moment."""
    told = "; ".join(_held_rates(outlook))
    if not told:
        return Paragraph(text("page.none_published", LANG, district=outlook.plan.district))
    return Paragraph(
        f"Tỷ lệ hộ nghèo đa chiều của huyện {outlook.plan.district} như sau: **{told}**."
        " Nguồn của từng số nêu ở mục 2 phần này."
    )


def _held_rates(outlook: Outlook) -> list[str]:
    """The rates that still hold (no early or weak ones), each with moment and status."""
    table = outlook.published_series()
    rows = table[table["indicator"] == "poor_rate"]
    rows = rows[~rows["status"].isin(["early", "weak"])]
    return [
        f"{as_printed(row['value'], LANG)} % ({moment(row['as_of'], LANG)}, "
        f"{text('status.' + row['status'], LANG)})"
        for row in rows.to_dict("records")
        if int(row["period"][:4]) <= outlook.year
    ]


def _reporter(outlook: Outlook) -> str:
    """Who reports, as a sentence names it: "Ủy ban nhân dân huyện Kon Rẫy"."""
    issuer = outlook.plan.issuer_on(Period(outlook.year).end)
    return issuer.named


def closing(outlook: Outlook) -> Paragraph:
    """The sentence that ends an administrative report."""
    return Paragraph(
        f"Trên đây là báo cáo kết quả giảm nghèo đa chiều năm {outlook.year}; "
        f"{_reporter(outlook)} kính báo cáo các cơ quan cấp trên xem xét, tổng hợp./."
    )


def published_table(outlook: Outlook) -> Table | Paragraph:
    """The district's printed figures with status and source; contradicting prints both stand."""
    series = outlook.published_series()
    series = series[series["period"].str[:4].astype(int) <= outlook.year]
    if series.empty:
        return Paragraph(text("page.none_published", LANG, district=outlook.plan.district))
    rows = [_printed_row(part) for _, part in series.groupby(["as_of", "status"], sort=True)]
    names = [text(f"table.{name}", LANG) for name in ("period", *PRINTED, "status", "source")]
    return Table(
        title=text("page.published_title", LANG, district=outlook.plan.district),
        columns=_columns(names, left=(0, 6, 7), weights={0: 1.2, 6: 1.5, 7: 3.0}),
        rows=tuple(rows),
        note=text("page.published_note", LANG),
    )


def _printed_row(part: pd.DataFrame) -> tuple[str, ...]:
    values = dict(zip(part["indicator"], part["value"], strict=True))
    cells = [_printed(values.get(name)) for name in PRINTED]
    first = part.iloc[0]
    status = text(f"status.{first['status']}", LANG)
    return (moment(first["as_of"], LANG), *cells, status, source_name(first["source"]))


def _printed(value: float | None) -> str:
    return number(None, LANG) if value is None else as_printed(value, LANG)


def district_chart(outlook: Outlook) -> Figure:
    """The district's rate, projected bands and targets."""
    return area_chart(outlook, DISTRICT)


def area_chart(outlook: Outlook, area: str) -> Figure:
    """One area's rate, projected bands and targets, as a figure of the report."""
    title = text("page.trajectory", LANG, unit=outlook.name(area))
    frame = charts.Frame("", LANG, is_sample(outlook), width=WIDTH)
    rate = percent(outlook.rate(area, outlook.year), LANG)
    return Figure(
        title=title,
        spec=charts.trajectory(*outlook.trajectory_tables(area), frame).to_dict(),
        alt=f"{title}; cuối năm {outlook.year}: {rate}",
        note=_chart_note(outlook, area) + _see_breaks(outlook, area),
    )


def _chart_note(outlook: Outlook, area: str) -> str:
    if area != DISTRICT:
        return "Chỉ tiêu của xã là chỉ tiêu mẫu (số hộ), quy ra tỷ lệ."
    return (
        "Mục tiêu vẽ theo cách hiểu giảm 6,6 điểm % so với năm trước, không dưới 0 %. Năm không có "
        "số công bố (2022, 2025) là số giả định của bộ số liệu mẫu."
        if is_sample(outlook)
        else "Mục tiêu vẽ theo cách hiểu giảm 6,6 điểm % so với năm trước, không dưới 0 %."
    )


def district_targets(outlook: Outlook) -> Table:
    """Every target of the district up to the next year, by its kind, with result or chance."""
    last = outlook.next_year or outlook.year
    aims = [aim for aim in outlook.aims(DISTRICT) if outlook.year <= aim.target.year <= last]
    names = ["Năm", "Mục tiêu", "Phải đạt (%)", "Còn phải giảm (điểm %)", "Kết quả / khả năng đạt"]
    return Table(
        title=f"Mục tiêu của huyện năm {outlook.year} và năm tiếp theo, theo từng cách hiểu",
        columns=_columns(names, left=(0, 1, 4), weights={0: 0.7, 1: 2.6, 4: 1.3}),
        rows=tuple(_target_row(aim) for aim in aims),
        note="Mức giảm 6,6%/năm của Kế hoạch có thể hiểu theo nhiều cách; mỗi cách là một dòng. "
        + text("page.floor", LANG),
    )


def _target_row(aim: Aim) -> tuple[str, ...]:
    gap = number(aim.gap * 100, LANG, 2)
    return (
        str(aim.target.year),
        kind_name(aim, LANG),
        number(aim.rate * 100, LANG, 2),
        gap,
        fate(aim, LANG),
    )


def results_table(outlook: Outlook) -> Table:
    """Units in three labelled parts: last official December, the year's moves, this December."""
    year = outlook.year
    names = [
        text("table.unit", LANG),
        text("table.opening", LANG, year=year - 1),
        text("table.left", LANG),
        text("table.entered", LANG),
        text("table.closing", LANG, year=year),
        text("table.closing_rate", LANG, year=year),
        text("table.fall", LANG, year=year - 1),
        text("table.quota", LANG, year=year),
        text("table.result", LANG),
    ]
    moves = outlook.movements(year).set_index("unit")
    rows = [_result_row(outlook, area, moves) for area in outlook.areas]
    return Table(
        title=f"Kết quả rà soát hộ nghèo năm {year} theo xã, thị trấn" + _sample_mark(outlook),
        columns=_columns(names, left=(0, 8), weights={0: 1.6, 8: 1.4}),
        rows=(*rows, _result_row(outlook, DISTRICT, moves)),
        note=RESULTS_NOTE + _see_breaks(outlook, until=outlook.year),
        emphasis=(len(rows),),
    )


def comparability(outlook: Outlook) -> Paragraph:
    """Whether the years can be compared: every break of standard, borders or area type, once."""
    told = break_sentences(outlook, LANG, kinds=tuple(BreakKind))
    return Paragraph(" ".join(told) if told else text("break.none", LANG))


def _see_breaks(outlook: Outlook, area: str = DISTRICT, until: int | None = None) -> str:
    """A figure or table whose years (to the last shown, or `until`) cross a break says where it
    is told.
    """
    crossed = [b for b in outlook.breaks(area) if until is None or b.day <= Period(until).end]
    return f" {text('break.see', LANG)}" if crossed else ""


def _result_row(outlook: Outlook, area: str, moves: pd.DataFrame) -> tuple[str, ...]:
    year = outlook.year
    aim = outlook.aim(area, year, TargetKind.HOUSEHOLDS)
    chosen = moves if area == DISTRICT else moves.loc[[area]]
    left, entered = (int(chosen[side].sum()) for side in ("left", "entered"))
    fall = outlook.rate(area, year) - outlook.rate(area, year - 1)
    return (
        area_name(outlook, area, LANG),
        number(outlook.households(area, year - 1, State.POOR), LANG),
        number(left, LANG),
        number(entered, LANG),
        number(outlook.households(area, year, State.POOR), LANG),
        number(outlook.rate(area, year) * 100, LANG, 2),
        points(fall, LANG),
        number(aim.target.value if aim else None, LANG),
        fate(aim, LANG) if aim else number(None, LANG),
    )


def self_check(outlook: Outlook) -> Paragraph:
    """The forecast made without this year's review, beside what the review then found."""
    return Paragraph(f"*Tự kiểm tra:* {check_sentence(outlook, LANG)}")


def deprivation_chart(outlook: Outlook) -> Figure:
    """The twelve indicators: share of poor households lacking each, in the district."""
    title = f"Mười hai chỉ số thiếu hụt của hộ nghèo, cuối năm {outlook.year}"
    shares = study.deprivation_shares(outlook)
    names = [text(f"indicator.{name}", LANG) for name in shares["indicator"]]
    table = shares.assign(indicator=names)
    frame = charts.Frame("", LANG, is_sample(outlook), width=WIDTH, height=330)
    worst = table.sort_values("share").iloc[-1]
    return Figure(
        title=title,
        spec=charts.deprivations(table, frame).to_dict(),
        alt=f"{title}; nhiều nhất: {worst['indicator']}",
        note="Biểu F4. Một hộ nghèo thiếu hụt từ 3 chỉ số trở lên.",
    )


def deprivation_map(outlook: Outlook) -> Figure:
    """The twelve indicators by unit: share of the poor households lacking each (F4)."""
    title = f"Hộ nghèo thiếu gì: toàn huyện và từng xã, thị trấn, cuối năm {outlook.year}"
    table = study.deprivations_by_area(outlook)
    names = {area: area_name(outlook, area, LANG) for area in table["area"].unique()}
    drawn = table.assign(column=table["area"].map(names), hidden=False)
    district = drawn[drawn["area"] == DISTRICT]
    return Figure(
        title=title,
        spec=_map(drawn, is_sample(outlook)),
        alt=f"{title}. Toàn huyện: {_most_lacked(district)}",
        note="Biểu F4 và F1. Mẫu số là số hộ nghèo ghi ở đầu cột, không phải tổng số hộ. Xã, thị "
        "trấn xếp theo mức nghèo đa chiều (M0) từ cao xuống thấp.",
    )


def group_map(outlook: Outlook, folder: str) -> Figure | Paragraph:
    """The twelve indicators by group of the poor, from the register in a folder of the workspace.

    The forms do not cross groups with indicators, so without a register there is only a sentence.
    """
    register = groups.on_file(folder, outlook.year)
    if register is None:
        return Paragraph(
            f"Chưa có sổ hộ của kỳ rà soát {outlook.year} trong thư mục {folder}: các biểu không "
            "đếm thiếu hụt theo nhóm hộ nên chưa vẽ được hình này."
        )
    title = f"Hộ nghèo thiếu gì: theo nhóm hộ, toàn huyện, cuối năm {outlook.year}"
    table = groups.of_register(register, outlook.year)
    drawn = table.assign(column=[text(f"group_name.{name}", LANG) for name in table["group"]])
    whole = drawn[drawn["group"] == groups.ALL]
    return Figure(
        title=title,
        spec=_map(drawn, register.sample or is_sample(outlook)),
        alt=f"{title}. Toàn huyện: {_most_lacked(whole)}",
        note=GROUPS_NOTE + _register_beside_forms(outlook, int(whole["poor"].iloc[0])),
    )


def depth_table(outlook: Outlook, folder: str) -> Table:
    """The poor by how many indicators they lack: what the forms leave open, beside the register."""
    register = groups.on_file(folder, outlook.year)
    known = None if register is None else population.of_register(register, outlook.year)
    table = study.depth(outlook, known)
    rows = [
        (
            f"{row['number']}{' trở lên' if row['and_more'] else ''}",
            number(row["median"], LANG),
            f"{number(row['low'], LANG)} – {number(row['high'], LANG)}",
            number(None if pd.isna(row["counted"]) else row["counted"], LANG),
        )
        for row in table.to_dict("records")
    ]
    names = ["Thiếu hụt (chỉ số)", "Theo biểu (hộ)", "Khoảng 80 % (hộ)", "Theo sổ hộ (hộ)"]
    return Table(
        title=f"Hộ nghèo theo số chỉ số thiếu hụt, cuối năm {outlook.year}{_sample_mark(outlook)}",
        columns=_columns(names, left=(0,), weights={}),
        rows=tuple(rows),
        note=DEPTH_NOTE,
    )


def _map(table: pd.DataFrame, sample: bool) -> dict[str, Any]:
    frame = charts.Frame("", LANG, sample, *MAP_SIZE)
    spec: dict[str, Any] = charts.deprivation_map(table, frame).to_dict()
    return spec


def _most_lacked(column: pd.DataFrame) -> str:
    """The three indicators most lacked, for who cannot see the picture."""
    rows = column.dropna(subset="share").nlargest(3, "share")
    told = [
        f"{text('indicator.' + name, LANG)} {percent(share, LANG, 0)}"
        for name, share in zip(rows["indicator"], rows["share"], strict=True)
    ]
    return ", ".join(told) or number(None, LANG)


def _register_beside_forms(outlook: Outlook, poor: int) -> str:
    counted = outlook.households(DISTRICT, outlook.year, State.POOR)
    if poor == counted:
        return ""
    told = number(poor, LANG), number(counted, LANG)
    return " Sổ hộ có {} hộ nghèo, biểu F1 có {} hộ: cần đối chiếu.".format(*told)


def measures_table(outlook: Outlook) -> Table:
    """How many are poor and how deeply, by unit: H, A and M0 of Alkire and Foster, by the forms."""
    names = [
        text("table.unit", LANG),
        "Số hộ",
        "Hộ nghèo",
        "H: tỷ lệ hộ nghèo (%)",
        "Số chỉ số thiếu hụt mỗi hộ nghèo",
        "A: mức thiếu hụt của hộ nghèo (%)",
        "M0 = H × A (%)",
        "Phần trong M0 của huyện (%)",
    ]
    table = study.measures(outlook)
    rows = [_measures_row(outlook, area, row) for area, row in table.iterrows()]
    return Table(
        title=f"Mức nghèo đa chiều cuối năm {outlook.year}, từ cao xuống thấp"
        + _sample_mark(outlook),
        columns=_columns(names, left=(0,), weights={0: 1.6}),
        rows=tuple(rows),
        note=MEASURES_NOTE,
        emphasis=(0,),
    )


def _measures_row(outlook: Outlook, area: Any, row: pd.Series[float]) -> tuple[str, ...]:
    h, a, m0, part = (number(row[name] * 100, LANG, 2) for name in ("h", "a", "m0", "contribution"))
    counts = (number(int(row[name]), LANG) for name in ("population", "poor"))
    lacked = number(row["a"] * len(Indicator), LANG, 1)
    return (area_name(outlook, area, LANG), *counts, h, lacked, a, m0, part)


def forecast_table(outlook: Outlook) -> Table | Paragraph:
    """Units with the next year's forecast, its interval, quota, chance and paces."""
    year = outlook.next_year
    if year is None:
        return Paragraph(text("page.ended", LANG))
    names = [
        text("table.unit", LANG),
        text("table.forecast", LANG, year=year),
        text("table.band80", LANG),
        text("table.quota", LANG, year=year),
        text("table.chance", LANG),
        text("table.standing", LANG),
        text("table.pace_needed", LANG),
        text("table.pace_drawn", LANG),
    ]
    rows = [_forecast_row(outlook, area, year) for area, _ in outlook.ranked(year)]
    return Table(
        title=f"Dự báo cuối năm {year} và khả năng đạt chỉ tiêu số hộ" + _sample_mark(outlook),
        columns=_columns(names, left=(0, 5), weights={0: 1.5, 2: 1.5, 5: 1.4}),
        rows=(*rows, _forecast_row(outlook, DISTRICT, year)),
        note=about_chance(outlook, LANG) + _see_breaks(outlook),
        emphasis=(len(rows),),
    )


def _forecast_row(outlook: Outlook, area: str, year: int) -> tuple[str, ...]:
    low, middle, high = (
        number(outlook.quantile(area, year, q) * 100, LANG, 1) for q in (0.1, 0.5, 0.9)
    )
    aim = outlook.aim(area, year, TargetKind.HOUSEHOLDS)
    shown = [number(None, LANG)] * 5 if aim is None else _aim_cells(outlook, aim)
    name = area_name(outlook, area, LANG)
    return (name, middle, f"{low} – {high}", *shown)


def _aim_cells(outlook: Outlook, aim: Aim) -> list[str]:
    standing = outlook.plan.standing(aim.chance or 0.0)
    return [
        number(aim.target.value, LANG),
        chance(aim, LANG),
        text(f"standing.{standing}", LANG),
        number(None if aim.pace_needed is None else aim.pace_needed * 100, LANG, 2),
        number(None if aim.pace_drawn is None else aim.pace_drawn * 100, LANG, 2),
    ]


def ranking_chart(outlook: Outlook) -> Figure | Paragraph:
    """Units side by side: rate now, projected interval, quota."""
    year = outlook.next_year
    if year is None:
        return Paragraph("Không có biểu đồ dự báo.")
    title = f"Tỷ lệ hộ nghèo cuối năm {outlook.year}, dự báo và chỉ tiêu cuối năm {year}"
    frame = charts.Frame("", LANG, is_sample(outlook), width=WIDTH, height=260)
    table = outlook.ranking_rates(year)
    return Figure(
        title=title,
        spec=charts.ranking(table, frame).to_dict(),
        alt=f"{title}; theo thứ tự khó đạt trước: " + ", ".join(table["unit"]),
        note="Thanh nhạt: khoảng 80 % của dự báo. Chỉ tiêu mẫu, quy ra tỷ lệ.",
    )


def received(outlook: Outlook) -> Paragraph:
    """Which units' forms of the year the release holds, and which are still owed."""
    owed = outlook.plan.expected(outlook.year)
    facts = outlook.release.facts
    held = set(facts[facts["period"] == str(Period(outlook.year))]["unit"])
    missing = [unit.name for unit in owed if str(unit.id) not in held]
    told = f"Đã nhận biểu rà soát năm {outlook.year} của {len(owed) - len(missing)}/{len(owed)}"
    late = f"Chưa nhận: {', '.join(missing)}." if missing else "Không còn đơn vị nào chưa nộp."
    return Paragraph(f"{told} đơn vị. {late}")


def method(outlook: Outlook) -> Paragraph:
    """How the forecast was made, in words a leader can repeat, and why in this way."""
    if outlook.forecast is None:
        return Paragraph(text("page.ended", LANG))
    return Paragraph(
        f"{METHODS[outlook.forecast.used]} {model_sentence(outlook, LANG)} Chương trình hiện hành "
        "được coi như tiếp tục. Kết quả là nhiều lượt mô phỏng nên luôn kèm khoảng tin cậy."
    )


def source(outlook: Outlook) -> Paragraph:
    """Which release the figures come from."""
    return Paragraph(provenance(outlook, LANG))


def _columns(
    names: list[str], left: tuple[int, ...], weights: dict[int, float]
) -> tuple[Column, ...]:
    return tuple(
        Column(name, "left" if place in left else "right", weights.get(place, 1.0))
        for place, name in enumerate(names)
    )


def _sample_mark(outlook: Outlook) -> str:
    return f" ({text('sample.badge', LANG)})" if is_sample(outlook) else ""
