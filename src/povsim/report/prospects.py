"""Where a district is heading, told to a planner: models, targets, parts, this year, health.

Vietnamese only, as the other sections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from povsim import study
from povsim.findings import Refusal
from povsim.i18n import number, percent, text
from povsim.plan import DISTRICT, TargetKind
from povsim.report.document import Column, Notice, Paragraph, Table
from povsim.report.sections import LANG
from povsim.study import NEVER, Aim, Mark, Outlook, Span
from povsim.study.parts import judged_group, targeted_groups
from povsim.suppression import is_small
from povsim.trajectory import Model, Projection, Shares
from povsim.vocabulary import Group, Indicator, Period, State
from povsim.wording import area_name, chance, fate, is_sample, kind_name, moment, with_names

__all__ = [
    "groups",
    "health",
    "indicators",
    "last_review",
    "models",
    "targets",
    "within_year",
]

MODEL_NAMES = {Model.STOCK: "Theo số hộ cuối năm", Model.FLOWS: "Theo diễn biến hộ (F2, F3)"}
MARKS = {Mark.PASS: "Đạt", Mark.REVIEW: "Cần xem", Mark.FAIL: "Không đạt"}
LEAST_ERROR = 0.1
"""Points: no chance from draws is without error, and a smaller one would print as none."""
HIDDEN = "•"
"""Stands for a count that would tell of a few households."""
SPANS = {
    TargetKind.POINTS_A_YEAR: "giảm đủ số điểm %",
    TargetKind.PATH: "đúng lộ trình",
    TargetKind.LEVEL: "không vượt mức",
    TargetKind.HOUSEHOLDS: "không vượt số hộ nghèo",
}
LEVELS = (0.1, 0.5, 0.9)
WIDTHS = {0: 1.1, 1: 2.4, 2: 1.2, 3: 1.6, 4: 1.2}
"""Weights of the first columns of the targets."""
REFERENCE = {"un_escap": "UN-ESCAP (tham khảo)", "cagr": "Mức giảm kép (tham khảo)"}
MODELS_NOTE = "Trung vị và khoảng 80 % của tỷ lệ hộ nghèo (%). Mọi biểu khác dùng mô hình “{used}”."
LAST_NOTE = (
    "Mô hình “{model}”, lập như khi chưa có rà soát năm {year}. {outside} số đơn vị nằm ngoài "
    "khoảng 95 % của mình; quá 15 % thì khoảng dự báo của mô hình đó được nới rộng."
)
TARGETS_NOTE = (
    "Khả năng đạt là phần lượt mô phỏng đạt, kèm sai số Monte-Carlo. “Cần thêm” là số năm từ lần "
    "rà soát cuối đến khi đạt mức đó (trung vị, khoảng 80 %). Hai cột tham khảo ngoại suy riêng "
    "từng nơi theo quy tắc chính thức, không phải dự báo của povsim."
)
PARTS_NOTE = (
    "Năm đã qua: theo biểu. Năm tới: trung vị và khoảng 80 %. Các nhóm có thể trùng nhau; mỗi phần "
    "đi theo xu thế riêng, độc lập với nhau (giả định)."
)
WITHIN_NOTE = (
    "Ba cột không cộng vào nhau. Biến động trong năm là số các xã đã báo cáo đến kỳ; phần lớn chỉ "
    "được xác định khi rà soát cuối năm, nên không dùng để sửa dự báo."
)


def models(view: Outlook, year: int | None = None) -> Table | Paragraph:
    """Both models side by side for a year (the next unless said), the one used named."""
    if view.forecast is None:
        return Paragraph(text("page.ended", LANG))
    year = year or view.ahead[0]
    made = view.forecast.projections
    rows = [
        (area_name(view, area, LANG), *(_band(each, area, year) for each in made.values()))
        for area in (*view.areas, DISTRICT)
    ]
    return Table(
        title=f"Dự báo tỷ lệ hộ nghèo cuối năm {year} theo từng mô hình{mark(view)}",
        columns=columns("Xã, thị trấn", *(MODEL_NAMES[model] for model in made)),
        rows=tuple(rows),
        note=MODELS_NOTE.format(used=MODEL_NAMES[view.forecast.used]),
        emphasis=(len(rows) - 1,),
    )


def _band(made: Projection, area: str, year: int) -> str:
    rates = made.rate(State.POOR, None if area == DISTRICT else area)[made.years.index(year)]
    low, middle, high = (number(rate * 100, LANG, 1) for rate in np.quantile(rates, LEVELS))
    return f"{middle} ({low} – {high})"


def last_review(view: Outlook) -> Table | Paragraph:
    """The forecast without the last review beside what it found, unit by unit."""
    check = view.check
    if check is None:
        return Paragraph(text("check.none", LANG))
    rows = [_last_row(view, row) for row in check.areas.to_dict("records")]
    return Table(
        title=f"Nếu chưa có rà soát năm {check.year}: dự báo và kết quả{mark(view)}",
        columns=columns(
            "Xã, thị trấn", "Dự báo (%)", "Khoảng 80 % (%)", "Rà soát (%)", "Trong khoảng"
        ),
        rows=(*rows[1:], rows[0]),
        note=LAST_NOTE.format(
            model=MODEL_NAMES[check.model],
            year=check.year,
            outside=percent(check.outside, LANG, 0),
        ),
        emphasis=(len(rows) - 1,),
    )


def _last_row(view: Outlook, row: Mapping[Any, Any]) -> tuple[str, ...]:
    low, middle, high, found = (row[name] for name in ("low", "median", "high", "found"))
    told = [number(rate * 100, LANG, 1) for rate in (middle, low, high, found)]
    inside = "có" if low <= found <= high else "không"
    name = area_name(view, str(row["area"]), LANG)
    return (name, told[0], f"{told[1]} – {told[2]}", told[3], inside)


def targets(view: Outlook, area: str = DISTRICT) -> Table:
    """Every target of an area with its result or chance, paces, waiting and the rules beside."""
    table = study.references(view)
    rules = table[table["area"] == area].set_index(["rule", "year"])["rate"].to_dict()
    rows = [_target_row(view, aim, rules) for aim in view.aims(area)]
    rows += [_span_row(view, span) for span in view.spans(area)]
    if area == DISTRICT:
        rows += list(_group_rows(view))
    whose = "toàn huyện" if area == DISTRICT else view.name(area)
    names = ["Năm", "Mục tiêu", "Phải đạt (%)", "Kết quả / khả năng đạt", "Đánh giá"]
    names += ["Còn phải giảm (điểm %)", "Tốc độ cần (điểm %/năm)", "Tốc độ dự báo (điểm %/năm)"]
    names += ["Cần thêm (năm)", *(f"{name} (%)" for name in REFERENCE.values())]
    return Table(
        title=f"Mọi mục tiêu của {whose}{mark(view)}",
        columns=tuple(
            Column(name, "left" if place in (0, 1, 3, 4) else "right", WIDTHS.get(place, 1.0))
            for place, name in enumerate(names)
        ),
        rows=tuple(rows),
        note=f"{TARGETS_NOTE} {text('page.floor', LANG)}" if area == DISTRICT else TARGETS_NOTE,
    )


def _target_row(view: Outlook, aim: Aim, rules: Mapping[Any, float]) -> tuple[str, ...]:
    year, floor = aim.target.year, " (sàn)" if aim.floored else ""
    beside = [rules.get((rule, year)) for rule in REFERENCE]
    return (
        str(year),
        kind_name(aim, LANG) + _of_group(aim.target.group),
        number(aim.rate * 100, LANG, 2) + floor,
        _fate(aim),
        _standing(view, aim.chance),
        number(aim.gap * 100, LANG, 2),
        *(
            number(None if pace is None else pace * 100, LANG, 2)
            for pace in (aim.pace_needed, aim.pace_drawn)
        ),
        _waiting(aim.waiting),
        *(number(None if rate is None else rate * 100, LANG, 2) for rate in beside),
    )


def _of_group(group: Group | None) -> str:
    if group is None:
        return ""
    name = text(f"group_name.{group}", LANG)
    return f", nhóm {name[0].lower()}{name[1:]}"


def _span_row(view: Outlook, span: Span, group: Group | None = None) -> tuple[str, ...]:
    years = f"{view.plan.first_year}-{view.plan.last_year}"
    missed = ", ".join(map(str, span.missed))
    told = f"Mọi năm: {SPANS[span.kind]}{_of_group(group)}"
    if span.chance is None:
        result = text("standing.met" if span.met else "standing.missed", LANG)
    else:
        result = chance(span, LANG) if not missed else text("standing.missed", LANG)
    result += f" ({missed})" if missed else ""
    return (years, told, "", result, "" if missed else _standing(view, span.chance), *[""] * 6)


def _group_rows(view: Outlook) -> Iterator[tuple[str, ...]]:
    """Rules for all households say nothing of a group; one not counted whole says why instead."""
    for group in targeted_groups(view):
        try:
            aims, span = judged_group(view, group)
        except Refusal as refusal:
            years = f"{view.plan.first_year}-{view.plan.last_year}"
            why = with_names(view, " ".join(each.what(LANG) for each in refusal.findings))
            yield (years, f"Mục tiêu{_of_group(group)}: {why}", *[number(None, LANG)] * 9)
            continue
        yield from (_target_row(view, aim, {}) for aim in aims)
        yield _span_row(view, span, group)


def _fate(aim: Aim) -> str:
    if aim.error is None:
        return fate(aim, LANG)
    error = number(max(aim.error * 100, LEAST_ERROR), LANG, 1)
    return f"{chance(aim, LANG)} (± {error})"


def _standing(view: Outlook, value: float | None) -> str:
    return "" if value is None else text(f"standing.{view.plan.standing(value)}", LANG)


def _waiting(years: tuple[float, float, float] | None) -> str:
    if years is None:
        return number(None, LANG)
    low, middle, high = ("không đạt" if year == NEVER else number(year, LANG) for year in years)
    return middle if low == high else f"{middle} ({low} – {high})"


def groups(view: Outlook) -> Table | Paragraph:
    """Poor households of each group (F8) in the district, counted and ahead."""
    if not view.ahead:
        return Paragraph(text("page.ended", LANG))
    names = {part: text(f"group_name.{part}", LANG) for part in map(str, study.GROUPS)}
    return _parts(view, f"Hộ nghèo theo nhóm, toàn huyện{mark(view)}", study.groups(view), names)


def indicators(view: Outlook, state: State = State.POOR) -> Table | Paragraph:
    """Households of a state lacking each indicator (F4, F6) in the district, counted and ahead."""
    if not view.ahead:
        return Paragraph(text("page.ended", LANG))
    names = {part: text(f"indicator.{part}", LANG) for part in map(str, Indicator)}
    title = f"Số {text(f'state.{state}', LANG)} thiếu hụt từng chỉ số, toàn huyện{mark(view)}"
    return _parts(view, title, study.indicators(view, state), names)


def _parts(view: Outlook, title: str, drawn: Shares, names: dict[str, str]) -> Table:
    """A row a part: households and share at the last review, and in every year ahead."""
    table = study.outlook_of_parts(view, drawn).to_dict("records")
    told = {(row["part"], row["year"]): row for row in table}
    rows = [
        (
            names[part],
            *_counted(told[part, view.year]),
            *(cell for year in view.ahead for cell in _drawn(told[part, year])),
        )
        for part in drawn.parts
    ]
    heads = [f"Cuối {view.year} (hộ)", "Tỷ lệ (%)"]
    heads += [name for year in view.ahead for name in (f"Dự báo {year} (hộ)", "Tỷ lệ (%)")]
    return Table(title, columns("", *heads), tuple(rows), note=PARTS_NOTE)


def _counted(row: Mapping[Any, Any]) -> tuple[str, str]:
    if is_small(row["households"]):
        return HIDDEN, HIDDEN
    return number(row["households"], LANG), number(row["share"] * 100, LANG, 1)


def _drawn(row: Mapping[Any, Any]) -> tuple[str, str]:
    count, low, high = (number(row[name], LANG) for name in ("households", "low", "high"))
    share, least, most = (
        number(row[name] * 100, LANG, 1) for name in ("share", "share_low", "share_high")
    )
    return f"{count} ({low} – {high})", f"{share} ({least} – {most})"


def within_year(view: Outlook, state: State = State.POOR) -> Table | Paragraph:
    """Last December, the moves reported since, the forecast for December."""
    held = study.periods(view)
    try:
        table = study.within_year(view, state=state)
    except Refusal as refusal:
        return Paragraph(refusal.text(LANG))
    units = {str(unit.id): unit.name for unit in study.units_on(held[-1], view)}
    rows = [_within_row(view, units, row) for row in table.to_dict("records")]
    year = view.year + 1
    return Table(
        title=f"Trong năm {year}, đến {_until(held[-1])}{mark(view)}",
        columns=columns(
            "Xã, thị trấn",
            f"Cuối năm {view.year} (hộ)",
            "Tỷ lệ (%)",
            "Giảm trong năm",
            "Tăng trong năm",
            f"Dự báo cuối {year} (hộ)",
            "Khoảng 80 %",
            f"Chỉ tiêu {year}",
            "Khả năng đạt",
            f"Rà soát cuối {year}",
        ),
        rows=(*rows[1:], rows[0]),
        note=WITHIN_NOTE,
        emphasis=(len(rows) - 1,),
    )


def _until(period: Period) -> str:
    return moment(f"{period.year}-{period.through:02d}", LANG)


def _within_row(view: Outlook, units: Mapping[str, str], row: Mapping[Any, Any]) -> tuple[str, ...]:
    def count(name: str) -> str:
        return number(None if pd.isna(row[name]) else row[name], LANG)

    area = str(row["area"])
    name = area_name(view, area, LANG) if area == DISTRICT else units[area]
    likely = None if pd.isna(row["chance"]) else row["chance"]
    return (
        name,
        count("december"),
        number(row["december_rate"] * 100, LANG, 2),
        count("left"),
        count("entered"),
        count("median"),
        f"{count('low')} – {count('high')}",
        count("quota"),
        number(None, LANG) if likely is None else percent(likely, LANG, 0),
        count("found"),
    )


def health(view: Outlook) -> list[Notice | Table]:
    """The overall mark, then every check with what was seen and what to do."""
    checks = study.health(view)
    rows = [
        (
            MARKS[check.mark],
            with_names(view, check.finding.what(LANG)),
            check.finding.next_step(LANG),
        )
        for check in sorted(checks, key=lambda check: list(Mark).index(check.mark), reverse=True)
    ]
    names = [("Kết quả", 0.6), ("Điều đã thấy", 2.4), ("Cần làm", 1.8)]
    return [
        Notice(f"Kiểm tra dự báo: {MARKS[study.verdict(checks)].upper()}"),
        Table(
            title="Kiểm tra dự báo",
            columns=tuple(Column(name, "left", weight) for name, weight in names),
            rows=tuple(rows),
        ),
    ]


def columns(*names: str) -> tuple[Column, ...]:
    """Columns of numbers after one of words."""
    return tuple(Column(name, "right" if place else "left") for place, name in enumerate(names))


def mark(view: Outlook) -> str:
    """What a title says of a sample."""
    return f" ({text('sample.badge', LANG)})" if is_sample(view) else ""
