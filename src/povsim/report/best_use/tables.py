"""A proposal in tables: money, households, rules, prices, and the plans beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from povsim import allocation, study
from povsim.allocation import Kind, Proposal
from povsim.allocation.objectives import worst_weights
from povsim.i18n import number, percent
from povsim.report.best_use.asking import CAUTION, fewer_poor
from povsim.report.document import Column, Paragraph, Table
from povsim.report.prospects import columns, mark
from povsim.report.sections import LANG
from povsim.simulation import Outcome, run
from povsim.study import Ground, Judged, Outlook
from povsim.trajectory import Floats
from povsim.wording import band, held, plain, price, signed

BESIDE = {0: 1.9, 2: 2.1}
"""Weights of columns of plans side by side."""
SEEN, CAPACITIES = 0.005, 5
"""Prices under this are not told; nor more capacities than so many."""
MONEY_NOTE = (
    "Tiền tính bằng suất: hộ được phục vụ nhân suất chi; công trình tính trọn. Dòng không có trong "
    "biểu là dòng không được chi."
)
UNIT_NOTE = (
    "Bớt hộ nghèo so với kế hoạch hiện nay: trung bình và khoảng 80 %, theo mô phỏng từng hộ; cột "
    "“theo phép tính” là của bài toán."
)
BESIDE_NOTE = (
    "Mọi phương án được mô phỏng trên cùng các lượt. “Lượt xấu” là trung bình 10 % số lượt bớt ít "
    "hộ nhất. “Tiếc” là số hộ nghèo nhiều hơn phương án tốt nhất của từng lượt, trung bình. M0 "
    "tính theo hộ, đổi bằng điểm %."
)
CHECKS_NOTE = "Khoản tiền: không vượt quá. Quy tắc về hộ: được lệch nửa hộ vì làm tròn."
PRICES_NOTE = (
    "Mỗi giá là bài toán giải lại với thêm 100 triệu đồng (hoặc quy tắc nới chừng ấy, hoặc bỏ), số "
    "công trình giữ nguyên. Giá không đáng kể thì không kể."
)
RANGES_NOTE = (
    "Giữa các phương án kém phương án này không quá 1 %: tiền của mỗi dòng và mỗi nơi có thể ít "
    "nhất và nhiều nhất bao nhiêu. Không phương án nào trong số đó chi ít hơn cột “ít nhất”. "
    "Chưa làm tròn thành suất."
)


def by_unit(view: Outlook, judged: Judged) -> list[Table]:
    """Money by line and unit; what each unit gains."""
    proposal, agenda = judged.proposal, judged.proposal.agenda
    table = _money(proposal)
    names = [view.name(unit) for unit in agenda.units]
    rows = [
        (agenda.line(str(line)).name(LANG), *(_million(each) for each in row), _million(row.sum()))
        for line, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    total = table.sum(axis=0).to_numpy()
    rows.append(("Cộng", *(_million(each) for each in total), _million(total.sum())))
    left = sum(proposal.left.values())
    rows.append(("Chưa phân bổ", *("–" for _ in names), _million(left)))
    heads = columns("Dòng", *names, "Cộng")
    span = "–".join(str(year) for year in sorted({agenda.years[0], agenda.years[-1]}))
    money = Table(
        title=f"Chi theo dòng và nơi, {span}, triệu đồng{mark(view)}",
        columns=(replace(heads[0], weight=2.4), *heads[1:]),
        rows=tuple(rows),
        note=MONEY_NOTE,
    )
    return [money, _gains(view, judged, total)]


def _money(proposal: Proposal) -> pd.DataFrame:
    """Đồng by line (those with most first) and unit."""
    amounts = proposal.scenario.amounts
    rows = [(item.line, item.unit, money) for item, money in amounts.items()]
    table = pd.DataFrame(rows, columns=["line", "unit", "money"])
    wide = table.pivot_table(index="line", columns="unit", values="money", aggfunc="sum")
    wide = wide.reindex(columns=list(proposal.agenda.units)).fillna(0.0)
    return wide.loc[wide.sum(axis=1).sort_values(ascending=False).index]


def _million(vnd: float) -> str:
    return number(vnd / 1e6, LANG) if vnd else "–"


def _gains(view: Outlook, judged: Judged, money: Floats) -> Table:
    agenda = judged.proposal.agenda
    rows = [
        (
            view.name(unit),
            number(money[u] / 1e6, LANG),
            number(agenda.poor[u], LANG, 1),
            band(judged.fewer[u], LANG),
            number(float(judged.proposal.change[u]), LANG, 1),
        )
        for u, unit in enumerate(agenda.units)
    ]
    names = ["Triệu đồng", "Hộ nghèo theo kế hoạch hiện nay", "Bớt hộ nghèo", "Theo phép tính"]
    return Table(
        title=f"Mỗi nơi được gì, cuối năm {agenda.by}{mark(view)}",
        columns=columns("Nơi", *names),
        rows=tuple(rows),
        note=UNIT_NOTE,
    )


def checks(view: Outlook, judged: Judged) -> Table:
    """Every rule, by our own arithmetic."""
    rows = tuple(held(view, judged.proposal, check, LANG) for check in judged.proposal.checks)
    heads = columns("Quy tắc", "Yêu cầu", "Phương án có", "Giữ được")
    return Table(
        title=f"Các quy tắc, povsim tự tính lại{mark(view)}",
        columns=(replace(heads[0], weight=2.6), *heads[1:]),
        rows=rows,
        note=CHECKS_NOTE,
    )


def prices(view: Outlook, judged: Judged) -> Table | Paragraph:
    """What the next money and each rule are worth."""
    found = [each for each in allocation.prices(judged.proposal) if each.better >= SEEN]
    full = [each for each in found if each.kind is Kind.CAPACITY]
    found = [each for each in found if each not in full[CAPACITIES:]]
    if not found:
        return Paragraph("Thêm tiền hay nới quy tắc nào cũng không làm tốt hơn.")
    kinds = {
        Kind.PURSE: "Thêm tiền chung",
        Kind.UNIT: "Thêm tiền một nơi",
        Kind.LIMIT: "Nới mức",
        Kind.RULE: "Bỏ quy tắc",
        Kind.CAPACITY: "Thêm năng lực",
    }
    rows = tuple((kinds[p.kind], price(view, judged.proposal, p, LANG)) for p in found)
    return Table(
        title=f"Giá của tiền và của quy tắc{mark(view)}",
        columns=(Column("Việc", weight=1.0), Column("Được gì", weight=3.6)),
        rows=rows,
        note=PRICES_NOTE,
    )


def beside(view: Outlook, plans: Mapping[str, Judged]) -> Table:
    """Plans side by side with an even split of the first one's budget: what they bring, how surely,
    how much they promise too much."""
    first = next(iter(plans.values()))
    ground, at = first.ground, first.ground.at
    even = run(ground.world, study.even_split(ground, first.proposal.budget))
    outcomes = {name: judged.outcome for name, judged in plans.items()}
    outcomes |= {"Chia đều theo nhu cầu": even}
    sorry = study.regret({**outcomes, "Kế hoạch hiện nay": ground.base}, at)
    rows = []
    for name, outcome in outcomes.items():
        draws = fewer_poor(ground, outcome)
        bad = float(draws @ worst_weights(draws, CAUTION.tail))
        depth = (outcome.measures()["adjusted"] - ground.base.measures()["adjusted"])[at].mean()
        optimism = plans[name].optimism if name in plans else None
        rows.append(
            (
                name,
                _million(_spent(ground, outcome)),
                band(draws, LANG),
                number(bad, LANG, 1),
                percent(float((draws > 0).mean()), LANG, 0),
                number(float(sorry[name].mean()), LANG, 1),
                signed(float(depth) * 100, LANG, 3),
                number(optimism, LANG, 1),
            )
        )
    names = ["Chi được (triệu đồng)", "Bớt hộ nghèo", "Lượt xấu", "Tốt hơn hiện nay"]
    heads = columns("Phương án", *names, "Tiếc (hộ)", "M0", "Lạc quan (hộ)")
    return Table(
        title=f"Các phương án cạnh nhau, cuối năm {ground.agenda.by}{mark(view)}",
        columns=tuple(replace(h, weight=BESIDE.get(at, 1.0)) for at, h in enumerate(heads)),
        rows=tuple(rows),
        note=BESIDE_NOTE,
    )


def _spent(ground: Ground, outcome: Outcome) -> float:
    """Đồng of the plan's years, as could be spent."""
    planned = outcome.spent[:, :, : len(ground.agenda.years)]
    return float(planned.sum(axis=(0, 1, 2)).mean())


def ranges(view: Outlook, judged: Judged) -> Table:
    """How far money can move without losing much; what never changes."""
    agenda = judged.proposal.agenda
    rows = [
        (
            agenda.line(each.line).name(LANG) if each.line else view.name(each.unit),
            *(plain(vnd / 1e6, LANG, 0) for vnd in (each.least, each.chosen, each.most)),
        )
        for each in allocation.nearly_as_good(judged.proposal)
        if each.most >= 1e6
    ]
    return Table(
        title=f"Điều gì không đổi giữa các phương án gần tốt nhất (triệu đồng){mark(view)}",
        columns=columns("Dòng, nơi", "Ít nhất", "Phương án này", "Nhiều nhất"),
        rows=tuple(rows),
        note=RANGES_NOTE,
    )
