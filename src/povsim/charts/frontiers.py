"""What must be given up for what, in a picture: the best plans between two aims.

A point is a plan; whatever lies beyond the line no plan reaches.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from povsim.charts.drawing import FORECAST, INK, TARGET, Frame, dressed, layered
from povsim.i18n import text


def frontier(
    table: pd.DataFrame, frame: Frame, across: str, upwards: str, chosen: int | None = 0
) -> alt.LayerChart:
    """Plans between two aims, joined in their order.

    Args:
        table: `x` and `y` of each plan; of chances `low` and `high` as well.
        across, upwards: keys of the axes' names among the chart's texts.
        chosen: the row of the plan that is proposed, drawn apart; None where none is, and both
            axes begin at nought.
    """
    names = (across, upwards)
    scale = alt.Scale(zero=True) if chosen is None else alt.Scale(zero=False, padding=18)
    titles = [text(f"chart.{name}", frame.lang) for name in names]
    base = alt.Chart(table).encode(
        x=alt.X("x:Q", title=titles[0], scale=scale), y=alt.Y("y:Q", title=titles[1], scale=scale)
    )
    marks = [
        base.mark_line(color=FORECAST, strokeWidth=2.5),
        base.mark_point(color=FORECAST, filled=True, size=45, opacity=1),
    ]
    if "low" in table:
        bars = base.mark_rule(color=FORECAST, opacity=0.5).encode(y=alt.Y("low:Q"), y2="high:Q")
        marks.insert(0, bars)
    if chosen is not None:
        own = alt.Chart(table.iloc[[chosen]].assign(name=text("chart.proposed", frame.lang)))
        own = own.encode(x="x:Q", y="y:Q")
        marks.append(own.mark_point(color=TARGET, filled=True, size=110, shape="diamond"))
        marks.append(own.mark_text(color=INK, align="left", dx=9, dy=-9).encode(text="name:N"))
    return dressed(layered(*marks), frame)
