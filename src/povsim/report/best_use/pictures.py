"""What must be given up for what, in pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from povsim import allocation, charts
from povsim.allocation import Purse
from povsim.i18n import number
from povsim.report.document import Figure
from povsim.report.prospects import mark
from povsim.report.sections import LANG, WIDTH
from povsim.study import Bundled, Judged, Outlook
from povsim.wording import is_sample

LEVELS = 8
"""Budgets of which the chance of all targets is drawn."""
FAIR_NOTE = "Từ phương án bớt nhiều hộ nhất đến phương án nơi được lợi ít nhất được nhiều nhất."
CURVE_NOTE = (
    "Mỗi điểm là phương án có khả năng cao nhất trong các gói đã thử với ngân sách ấy; khả năng "
    "ước lại trên {draws} lượt chưa dùng để chọn, kèm hai lần sai số."
)


def frontiers(view: Outlook, judged: Judged) -> list[Figure]:
    """Rate against depth, and efficiency against equity."""
    depth = allocation.rate_against_depth(judged.proposal)
    fair = allocation.efficiency_against_equity(judged.proposal)
    deep = pd.DataFrame({"x": [p.out for p in depth], "y": [p.depth for p in depth]})
    equal = pd.DataFrame({"x": [100 * p.least_fall for p in fair], "y": [p.out for p in fair]})
    return [
        Figure(
            title=f"Tỷ lệ hay độ sâu: hai mục tiêu, một ngân sách{mark(view)}",
            spec=_drawn(view, deep, "fewer_poor", "less_lacking"),
            alt=_ends(deep, "bớt hộ nghèo", "bớt thiếu hụt"),
            note="Thiếu hụt tính bằng số hộ nghèo thiếu đủ 12 chỉ số, so với không chi gì.",
        ),
        Figure(
            title=f"Hiệu quả hay công bằng{mark(view)}",
            spec=_drawn(view, equal, "least_fall", "fewer_poor"),
            alt=_ends(equal, "nơi được lợi ít nhất giảm (%)", "bớt hộ nghèo"),
            note=FAIR_NOTE,
        ),
    ]


def chance_curve(view: Outlook, bundled: Bundled) -> Figure:
    """Money against the chance that all units are at their targets."""
    top, year = bundled.likeliest(), bundled.ground.agenda.by
    shares = np.linspace(0.0, 1.0, LEVELS)
    budgets = [[_part(purse, share, top.cost) for purse in bundled.budget] for share in shares]
    found = [each for each in map(bundled.within, budgets[:-1]) if each is not None]
    table = pd.DataFrame(
        {
            "x": [sum(each.cost.values()) / 1e6 for each in [*found, top]],
            "y": [100 * each.chance for each in [*found, top]],
            "error": [200 * each.error for each in [*found, top]],
        }
    )
    low, high = table["y"] - table["error"], table["y"] + table["error"]
    table = table.assign(low=low.clip(0), high=high.clip(upper=100))
    frame = charts.Frame("", LANG, is_sample(view), width=WIDTH, height=280)
    drawn = charts.frontier(table, frame, "million_vnd", "chance_all", chosen=None)
    draws = number(bundled.fresh.draws, LANG)
    return Figure(
        title=f"Tiền và khả năng mọi nơi cùng đạt chỉ tiêu năm {year}{mark(view)}",
        spec=drawn.to_dict(),
        alt=_ends(table, "triệu đồng", "khả năng (%)"),
        note=CURVE_NOTE.format(draws=draws),
    )


def _part(purse: Purse, share: float, most: Mapping[str, int]) -> Purse:
    return replace(purse, vnd={min(purse.vnd): round(share * most[purse.name])})


def _drawn(view: Outlook, table: pd.DataFrame, across: str, upwards: str) -> dict[str, object]:
    frame = charts.Frame("", LANG, is_sample(view), width=WIDTH, height=280)
    spec: dict[str, object] = charts.frontier(table, frame, across, upwards).to_dict()
    return spec


def _ends(table: pd.DataFrame, across: str, upwards: str) -> str:
    """A curve in words: where it begins and ends."""
    ends = [
        f"{across} {number(row['x'], LANG, 1)}, {upwards} {number(row['y'], LANG, 1)}"
        for _, row in table.iloc[[0, -1]].iterrows()
    ]
    return f"Từ {' đến '.join(ends)}."
