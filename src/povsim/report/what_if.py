"""What could be bought for households, told to a planner: lines, today's spending, one sum more.

Vietnamese only, as the other sections.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from povsim import effects, scenarios, study
from povsim.effects import Kind, Line
from povsim.i18n import number, percent, text
from povsim.plan import DISTRICT
from povsim.population import POOR_FROM
from povsim.report.document import Column, Notice, Paragraph, Table
from povsim.report.prospects import columns, mark
from povsim.report.sections import LANG
from povsim.simulation import Outcome, Unspent, World, run
from povsim.study import Change, Outlook
from povsim.trajectory import Floats, Model
from povsim.vocabulary import State
from povsim.wording import TOLD, assumption, is_sample, side_by_side, signed, to_whom

__all__ = [
    "Sum",
    "answer",
    "assumptions",
    "by_year",
    "compared",
    "hangs_on",
    "lines",
    "one_more",
    "spending",
]

LINES_NOTE = (
    "Tác dụng: với dòng gắn chỉ số là phần hộ tham gia hết thiếu hụt đó; với dòng thu nhập là phần "
    "cộng vào log-odds thoát nghèo về thu nhập trong một năm (có thể âm). Sau dấu ± là độ lệch. "
    "Bằng chứng: A thử nghiệm, B so sánh, C trước và sau, D phán đoán. Sửa số trong "
    "data/programme-lines/*.toml."
)
SPENDING_NOTE = (
    "Hộ được phục vụ và tiền chi được là trung bình các lượt mô phỏng: không quá số hộ đủ điều "
    "kiện và tham gia, không quá năng lực của xã, công trình không làm dở. Xu thế đã gồm mức chi "
    "này, nên tự nó không làm dự báo đổi."
)
NO_SPENDING = (
    "Kế hoạch chưa nêu tệp kịch bản hiện nay (current_scenario), nên coi như chưa chi dòng nào; "
    "làm theo mẫu data/scenarios/kon-ray-2021-2025/current.toml."
)
MORE_NOTE = (
    "Trung bình và khoảng 80 % của thay đổi so với mức chi hiện nay, trên cùng các lượt mô phỏng. "
    "Hộ thiếu đúng ba chỉ số chỉ cần bớt một là ra khỏi diện nghèo dù thu nhập không đổi: đọc "
    "ba cột cùng nhau. M0 ở đây tính theo hộ."
)
COMPARED_NOTE = (
    "Sau năm {last} mọi phương án chi như năm cuối của kế hoạch hiện nay: khác biệt là của tiền "
    "chi trước đó."
)
LEADS_TO = ("poor", "rate", "near_poor", "adjusted", "intensity", "creaming", "worst")
TOGETHER = ("poor", "adjusted", "creaming")
"""Rate, depth and creaming, always read together."""
BAND = (
    "Trung bình và khoảng 80 % của thay đổi trên cùng các lượt mô phỏng; phần trăm đổi tính bằng "
    "điểm %."
)
HANGS_NOTE = (
    "Mỗi giả định được thử ở hai đầu (tác động: phân vị 10 và 90 %; đơn giá: ± 20 %; tỷ lệ tham "
    "gia: ± 15 điểm), các giả định khác giữ ở mức đã nêu."
)
ALONE = "Dự báo này chỉ dựa trên số hộ (F2, F3 chưa dùng được): hộ nào chuyển đi đâu là giả định."
GROUP_STATES = {State.POOR: "hộ nghèo", State.NEAR_POOR: "hộ cận nghèo"}


def assumptions(view: Outlook) -> Notice:
    """What must be known before any figure of a programme is read."""
    sample = "Số liệu mẫu. " if is_sample(view) else ""
    alone = view.forecast is not None and view.forecast.used is Model.STOCK
    return Notice(sample + text("lines.assumed", LANG) + (f" {ALONE}" if alone else ""))


def lines() -> Table:
    """Every line with its cost, whom it may reach, its effect and the evidence."""
    names = ["Dòng", "Triệu đồng", "Vốn", "Ai được", "Tham gia (%)", "Tác dụng"]
    names += ["Không tác dụng (%)", "Sau (năm)", "Bằng chứng", "Nguồn của tác động"]
    left = {0, 2, 3, 8, 9}
    weights = {0: 2.2, 1: 1.3, 3: 2.0, 5: 1.3, 9: 2.6}
    return Table(
        title="Các dòng chương trình (giả định)",
        columns=tuple(
            Column(name, "left" if at in left else "right", weights.get(at, 1.0))
            for at, name in enumerate(names)
        ),
        rows=tuple(_line_row(line) for line in effects.lines()),
        note=LINES_NOTE,
    )


def _line_row(line: Line) -> tuple[str, ...]:
    per = f" / {line.households_a_work} hộ" if line.works else ""
    effect = line.effect
    if line.kind is Kind.INDICATOR:
        size = f"{percent(effect.mean, LANG, 0)} ± {number(effect.sd * 100, LANG)}"
    else:
        size = f"{number(effect.mean, LANG, 2)} ± {number(effect.sd, LANG, 2)}"
    return (
        line.name(LANG),
        number(line.unit_cost / 1e6, LANG, 1) + per,
        text(f"lines.{line.budget}", LANG),
        ", ".join(_who(line)),
        number(line.take_up * 100, LANG),
        size,
        number(effect.none * 100, LANG),
        str(line.lag),
        line.grade,
        line.evidence or line.source("effect"),
    )


def _who(line: Line) -> Iterator[str]:
    yield from (name for state, name in GROUP_STATES.items() if state in line.states)
    if line.recent:
        yield "hộ mới thoát nghèo"
    for group in sorted(line.groups):
        name = text(f"group_name.{group}", LANG)
        yield f"chỉ nhóm {name[0].lower()}{name[1:]}"
    for cause in sorted(line.causes):
        yield f"vì {text(f'cause.{cause}', LANG)}"


def spending(view: Outlook, world: World) -> Table | Paragraph:
    """What is spent today in the next year by line, over all units, and whom it reaches."""
    if not world.current.amounts:
        return Paragraph(NO_SPENDING)
    outcome, year = run(world), world.years[0]
    budget, spent = outcome.budget[..., 0].sum(axis=1), outcome.spent[:, :, 0].sum(axis=1)
    rows = []
    for at, line in enumerate(world.lines):
        by_depth = outcome.reached_by_depth(line.id)
        served = sum(float(each[:, 0].sum(axis=0).mean()) for each in by_depth.values())
        near = float(by_depth[POOR_FROM][:, 0].sum(axis=0).mean())
        if budget[at] or served:
            money = (number(budget[at] / 1e6, LANG), number(spent[at].mean() / 1e6, LANG))
            share = percent(near / served, LANG, 0) if served else number(None, LANG)
            rows.append((line.name(LANG), *money, number(served, LANG), share))
    names = [f"Dự chi năm {year} (triệu đồng)", "Chi được (triệu đồng)", "Hộ được phục vụ"]
    return Table(
        title=f"Mức chi hiện nay và ai được phục vụ, toàn huyện, năm {year}{mark(view)}",
        columns=columns("Dòng", *names, "Trong đó thiếu đúng ba chỉ số"),
        rows=tuple(rows),
        note=f"{world.current.source}. {_whose(world)} {SPENDING_NOTE}",
    )


def _whose(world: World) -> str:
    """Whether the households are a register's or put together behind the forms."""
    known = len(world.populations) == 1 and np.isnan(world.populations[0].tilt)
    return "Hộ lấy từ sổ hộ." if known else "Hộ dựng lại từ các biểu: hộ nào thiếu gì là giả định."


@dataclass(frozen=True)
class Sum:
    """One sum more for a line in a unit, lived beside the current plan."""

    line: Line
    unit: str
    million_vnd: float
    before: Outcome
    after: Outcome

    @property
    def changes(self) -> list[Change]:
        return study.changes(self.before, self.after, self.unit)


def one_more(view: Outlook, world: World, line: str, unit: str, million_vnd: float) -> Sum:
    """One sum more for a line in a unit in the next year, to be told by `answer` and the tables.

    Raises:
        Refusal: no such line or unit, less than nothing.
    """
    area = view.find(unit)
    scenario = study.more(world, line, area, million_vnd)
    chosen = next(each for each in world.lines if each.id == line)
    return Sum(chosen, area, million_vnd, run(world), run(world, scenario))


def answer(view: Outlook, told: Sum) -> Paragraph:
    """What the sum does, and to whom, in words."""
    first, last = told.changes[0], told.changes[-1]
    parts = [
        f"Thêm {_millions(told.million_vnd)} cho “{told.line.name(LANG)}” ở {view.name(told.unit)} "
        f"năm {first.year}: chi thêm được {_millions(first.spent.mean() / 1e6)}, "
        f"thêm {_households(first.served)} được phục vụ.",
        *_left(told),
        to_whom(first, LANG),
        f"Cuối năm {last.year}, ở {view.name(told.unit)} {_fewer(last.poor, 'hộ nghèo')}, "
        f"{_fewer(last.near_poor, 'hộ cận nghèo')}; M0 đổi {_band(last.adjusted * 100, 3)} điểm %.",
    ]
    return Paragraph(" ".join(part for part in parts if part) + mark(view))


def _left(told: Sum) -> Iterator[str]:
    """What stays of the sum, and why."""
    at = [line.id for line in told.before.world.lines].index(told.line.id)
    unit = told.before.units.index(told.unit)
    before, after = told.before.unspent_why(), told.after.unspent_why()
    for reason in Unspent:
        left = (after[reason] - before[reason])[at, unit, 0].mean() / 1e6
        if left >= 0.5:
            because = text(f"unspent.{reason}", LANG, capacity=told.line.capacity)
            yield f"Còn {_millions(left)} không chi được: {because}."


def _fewer(draws: Floats, what: str) -> str:
    """How many fewer or more, with the central 80 of a hundred draws."""
    mean = float(draws.mean())
    if abs(mean) < 0.05:
        return f"số {what} hầu như không đổi"
    low, high = sorted(abs(float(each)) for each in np.quantile(draws, (0.1, 0.9)))
    if np.quantile(draws, 0.1) * np.quantile(draws, 0.9) < 0:
        return f"{what} đổi {_band(draws, 1)}"
    ends = f"80 %: {number(low, LANG)} đến {number(high, LANG)}"
    return f"{'bớt' if mean < 0 else 'thêm'} {number(abs(mean), LANG, 1)} {what} ({ends})"


def _households(draws: Floats) -> str:
    return f"{number(float(draws.mean()), LANG, 1)} hộ"


def _millions(million_vnd: float) -> str:
    return f"{number(million_vnd, LANG)} triệu đồng"


def by_year(view: Outlook, told: Sum) -> Table:
    """What the sum changes in its unit year by year: rate, depth and creaming together."""
    name = f"{told.line.name(LANG)}, {view.name(told.unit)}, thêm {_millions(told.million_vnd)}"
    names = ["Chi thêm được (triệu đồng)", "Thêm hộ được phục vụ", "Trong đó thiếu đúng ba chỉ số"]
    names += ["Hộ nghèo", "Hộ cận nghèo", "M0 (điểm %)"]
    return Table(
        title=f"{name}: thay đổi so với mức chi hiện nay{mark(view)}",
        columns=columns("Cuối năm", *names),
        rows=tuple(_change_row(each) for each in told.changes),
        note=MORE_NOTE,
    )


def _change_row(change: Change) -> tuple[str, ...]:
    return (
        str(change.year),
        signed(float(change.spent.mean()) / 1e6, LANG, 0),
        signed(float(change.served.mean()), LANG, 1),
        signed(float(change.at_threshold.mean()), LANG, 1),
        _band(change.poor, 1),
        _band(change.near_poor, 1),
        _band(change.adjusted * 100, 2),
    )


def _band(draws: Floats, digits: int) -> str:
    low, high = np.quantile(draws, (0.1, 0.9))
    ends = " đến ".join(signed(float(each), LANG, digits) for each in (low, high))
    return f"{signed(float(draws.mean()), LANG, digits)} ({ends})"


def compared(view: Outlook, world: World) -> list[Table | Paragraph]:
    """The scenarios on file beside the current plan, over all units, when all of it shows: where
    each leads, and what it changes."""
    bounds, paths = study.bounds(view), study.scenario_files(view)
    if not paths:
        return [Paragraph(f"Chưa có phương án nào trong {study.scenario_folder(view).name}.")]
    others = [scenarios.read(path, bounds) for path in paths]
    year, names = world.years[-1], ["Kế hoạch hiện nay", *(_short(each.name) for each in others)]
    table = study.compare(world, others, areas=[DISTRICT])
    told = list(side_by_side(table, DISTRICT, year, LANG))
    where = f"toàn huyện, cuối năm {year}{mark(view)}"
    note = COMPARED_NOTE.format(last=world.last_planned)
    return [
        _by_scenario(f"Các phương án, {where}", LEADS_TO, names, told, 0, note),
        _by_scenario(f"Đổi so với kế hoạch hiện nay, {where}", TOGETHER, names[1:], told, 1, BAND),
    ]


def _by_scenario(
    title: str,
    measures: tuple[str, ...],
    names: Sequence[str],
    told: Sequence[tuple[str, list[tuple[str, str]]]],
    which: int,
    note: str,
) -> Table:
    """A row a scenario, a column a measure: its value (`which` 0), or what changes (1)."""
    labels = {text(f"measure.{measure}", LANG): measure for measure in TOLD}
    chosen = [(name, cells) for name, cells in told if labels[name] in measures]
    rows = [
        (name, *(cells[at][which] for _, cells in chosen)) for at, name in enumerate(names, which)
    ]
    heads = columns("Phương án", *(name for name, _ in chosen))
    return Table(title=title, columns=_wide_first(heads), rows=tuple(rows), note=note)


def _wide_first(heads: tuple[Column, ...]) -> tuple[Column, ...]:
    return (replace(heads[0], weight=2.2), *heads[1:])


def _short(name: str) -> str:
    """A scenario's name without what the table's title says already."""
    return name.removesuffix(" (số liệu mẫu)")


def hangs_on(world: World, told: Sum) -> Table:
    """Which assumption about the line the answer hangs on most."""
    table = study.tornado(world, told.after.scenario)
    rows = [
        (assumption(row, told.line.name(LANG), LANG), number(row["swing"], LANG, 1))
        for _, row in table.iterrows()
    ]
    return Table(
        title=f"Câu trả lời phụ thuộc vào giả định nào (hộ nghèo, cuối năm {world.years[-1]})",
        columns=_wide_first(columns("Giả định, từ thấp đến cao", "Chênh lệch (hộ)")),
        rows=tuple(rows),
        note=HANGS_NOTE,
    )
