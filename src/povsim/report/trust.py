"""How far forecasts can be trusted: earlier ones beside what came, told to a planner.

Vietnamese only, as the other sections; every verdict is read off the numbers, also where it is a
bad one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan, nan

from povsim import backtest, charts, study
from povsim.backtest.scores import BINS
from povsim.charts.backtests import FAIR, NAIVE, OURS
from povsim.findings import Refusal
from povsim.i18n import number, percent, text
from povsim.plan import DISTRICT
from povsim.report.document import Bullets, Column, Figure, Notice, Paragraph, Table
from povsim.report.trials import LANG, MEAN, Trial, kept, own
from povsim.study import Outlook
from povsim.wording import area_name, is_sample

__all__ = [
    "coverage_chart",
    "errors_chart",
    "errors_table",
    "horizons_chart",
    "kept",
    "last_forecast",
    "origin",
    "own",
    "pit_chart",
    "reliability_chart",
    "verdict",
]

WIDTH = 600
HEAD, ROW, PANEL = 110, 22, 13
"""Pixels of what stands around a picture, of a method in it, and of a method's panel."""
CLOSE, LOOSE = 0.05, 0.10
"""Chances that are off by less are right, by less again usable; beyond they are not."""
LAST_NOTE = (
    "{held} trên {units} xã, thị trấn có kết quả trong khoảng 80 %; khoảng rộng đúng mức thì chừng "
    "8 trên 10 nơi. Các xã cùng chịu biến động chung nên một năm chỉ là một lần thử. Cách dự báo "
    "như khi chưa có kết quả năm này, nên có thể khác câu tự kiểm tra."
)
ERRORS_NOTE = (
    "Sai số tuyệt đối bình quân của mọi năm gốc, 1 đến 4 năm nhìn trước; dưới 1 là tốt hơn. Trong "
    "ngoặc: khoảng 95 % khi lấy mẫu lại theo năm gốc; ít năm gốc nên khoảng còn thô."
)
Shown = Figure | Paragraph | None


def last_forecast(outlook: Outlook) -> Table | Paragraph:
    """What was forecast from the review before, beside what the last one found, by unit."""
    year = outlook.year
    try:
        before = study.outlook(outlook.plan, outlook.release, year - 1)
    except Refusal:
        return Paragraph(text("check.none", LANG))
    areas = [area for area in outlook.areas if area in before.areas]
    rows = [_forecast_row(before, outlook, area) for area in (*areas, DISTRICT)]
    names = [f"Dự báo cho cuối {year} (%)", "Khoảng 80 % (%)"]
    names += [f"Rà soát cuối {year} (%)", "Trong khoảng"]
    mark = f" ({text('sample.badge', LANG)})" if is_sample(outlook) else ""
    held = sum(row[-1] == "có" for row in rows[:-1])
    return Table(
        title=f"Dự báo lập từ số liệu đến cuối năm {year - 1} và kết quả rà soát {year}{mark}",
        columns=(Column("Xã, thị trấn"), *(Column(name, "right") for name in names)),
        rows=tuple(rows),
        note=LAST_NOTE.format(held=held, units=len(areas)),
        emphasis=(len(rows) - 1,),
    )


def _forecast_row(before: Outlook, after: Outlook, area: str) -> tuple[str, ...]:
    low, middle, high = (before.quantile(area, after.year, level) for level in (0.1, 0.5, 0.9))
    came = after.rate(area, after.year)
    shown = [number(share * 100, LANG, 1) for share in (middle, low, high, came)]
    inside = "có" if low <= came <= high else "không"
    return (area_name(after, area, LANG), shown[0], f"{shown[1]} – {shown[2]}", shown[3], inside)


def origin(trial: Trial) -> Paragraph | Notice:
    """What was tried on what, or why nothing is shown."""
    if trial.absent:
        return Notice(trial.absent)
    return Paragraph(
        f"{trial.about} Mỗi dự báo chỉ dùng 3 đến 5 điểm số liệu đến năm gốc, rồi so với kết quả "
        "thật của 1 đến 4 năm sau."
    )


def verdict(trial: Trial) -> Bullets | None:
    """What the numbers say of error, bands and chances, a line each."""
    if trial.absent:
        return None
    return Bullets((_of_errors(trial), _of_bands(trial), _of_chances(trial)))


def _of_errors(trial: Trial) -> str:
    """Our error against no change: the mean of the panels, each panel, and where it is better."""
    if OURS not in trial.ranked("mae_ratio"):
        return "**Sai số.** Không so được với “không đổi”: số liệu không đổi chút nào."
    ratio = {panel: trial.told(panel, "mae_ratio") for panel in trial.panels}
    better = [panel for panel, told in ratio.items() if told.high < 1]
    worse = [panel for panel, told in ratio.items() if told.low > 1]
    unsure = [panel for panel in ratio if panel not in [*better, *worse]]
    verdicts = {"tốt hơn rõ": better, "chưa khác rõ": unsure, "kém hơn rõ": worse}
    against = f"So với “không đổi”, povsim {_sorted(verdicts)}."
    return f"**Sai số.** {_mean_error(trial)} {against} {_place(trial)}"


def _mean_error(trial: Trial) -> str:
    """Our error over that of no change, with its interval; of each panel where there are more."""
    each = {panel: _share(trial, panel) for panel in trial.panels}
    if len(each) == 1:
        return f"Sai số của povsim bằng **{each.popitem()[1]}** sai số của “không đổi”."
    pooled = not isnan(trial.value(MEAN, "mae_ratio"))
    whole = _share(trial, MEAN) if pooled else _plain(float(trial.ranked("mae_ratio")[OURS]))
    return (
        f"Bình quân {len(each)} bộ số liệu, sai số của povsim bằng **{whole}** sai số của “không "
        f"đổi” (trong ngoặc: khoảng 95 %); từng bộ: {'; '.join(map(' '.join, each.items()))}."
    )


def _share(trial: Trial, panel: str) -> str:
    """Our error over that of no change: `76 % (63–89 %)`."""
    told = trial.told(panel, "mae_ratio")
    interval = f" ({number(told.low * 100, LANG)}–{_plain(told.high)})"
    return _plain(told.value) + ("" if isnan(told.low) else interval)


def _place(trial: Trial) -> str:
    """Where ours stands among the methods, by the mean of the panels."""
    means = trial.ranked("mae_ratio")
    place, count = list(means.index).index(OURS) + 1, len(means)
    if place == 1:
        return f"Sai số này thấp nhất trong {count} phương pháp được thử."
    best = charts.method_name(str(means.index[0]), LANG)
    return f"Trong {count} phương pháp được thử, povsim đứng thứ {place}; thấp nhất là “{best}”."


def _of_bands(trial: Trial) -> str:
    """How often the bands held, and where they are too narrow or too wide."""
    told = []
    for level, (low, high) in FAIR.items():
        share = {panel: trial.value(panel, f"cov{level}") * 100 for panel in trial.panels}
        verdicts = {
            "đúng mức": [panel for panel, value in share.items() if low <= value <= high],
            "quá hẹp": [panel for panel, value in share.items() if value < low],
            "quá rộng": [panel for panel, value in share.items() if value > high],
        }
        each = _listed({panel: _plain(value / 100) for panel, value in share.items()})
        told.append(
            f"Khoảng {level} % chứa kết quả thật {each} số lần, tức là {_sorted(verdicts)}."
        )
    return "**Khoảng dự báo.** " + " ".join(told)


def _of_chances(trial: Trial) -> str:
    """How far the told chances of a target are off, in which direction, and what follows."""
    off = {panel: trial.value(panel, "ece") for panel in trial.panels}
    far = [panel for panel, value in off.items() if value > LOOSE]
    verdicts = {
        "sát thực tế": [panel for panel, value in off.items() if value <= CLOSE],
        "lệch vừa": [panel for panel, value in off.items() if CLOSE < value <= LOOSE],
        "lệch nhiều": far,
    }
    each = _listed({panel: f"{number(value * 100, LANG)} điểm %" for panel, value in off.items()})
    advice = "Ở nơi lệch nhiều, hãy đọc dự báo cùng khoảng của nó, đừng dựa vào con số khả năng."
    return " ".join(
        [
            "**Khả năng đạt mục tiêu** (mục tiêu thử: mỗi năm giảm một phần mười). Khả năng đã nói "
            f"lệch thực tế bình quân {each}, tức là {_sorted(verdicts)}.",
            *_leanings(trial, far),
            *([advice] if far else []),
        ]
    )


def _leanings(trial: Trial, panels: list[str]) -> Iterator[str]:
    """Of each panel the mean chance told beside what came, where the table tells."""
    for panel in panels:
        told, came = (_mean_chance(trial, panel, name) for name in ("chance", "met"))
        if not isnan(told):  # an older table has no tenths
            yield f"{panel}: đã nói bình quân {_plain(told)}, thực tế đạt {_plain(came)}."


def _mean_chance(trial: Trial, panel: str, name: str) -> float:
    figures = [[trial.value(panel, f"{what}_{b}") for what in ("count", name)] for b in range(BINS)]
    known = [(count, share) for count, share in figures if count > 0]
    whole = sum(count for count, _ in known)
    return sum(count * share for count, share in known) / whole if whole else nan


def _sorted(verdicts: Mapping[str, list[str]]) -> str:
    """`đúng mức ở A, B; quá hẹp ở C`, without what holds nowhere; of one panel the word alone."""
    alone = sum(map(len, verdicts.values())) == 1
    held = {word: where for word, where in verdicts.items() if where}
    told = [word if alone else f"{word} ở {', '.join(where)}" for word, where in held.items()]
    return "; ".join(told)


def _listed(figures: Mapping[str, str]) -> str:
    """`77 % (Tây Ban Nha), 81 % (Hoa Kỳ)`; of one panel the figure alone."""
    if len(figures) == 1:
        return next(iter(figures.values()))
    return ", ".join(f"{figure} ({panel})" for panel, figure in figures.items())


def _plain(share: float) -> str:
    return percent(share, LANG, 0)


def errors_table(trial: Trial) -> Table | None:
    """The error of every method against no change, by panel, best first."""
    rows = trial.table[trial.table["metric"] == "mae_ratio"]
    if rows.empty:
        return None
    order = list(dict.fromkeys(map(str, [*trial.ranked("mae_ratio").index, *rows["method"]])))
    names = [str(name) for name in trial.table["panel"].unique()]
    cells = [
        (charts.method_name(method, LANG), *(_ratio(trial, panel, method) for panel in names))
        for method in order
    ]
    return Table(
        title="Sai số so với “không đổi”, theo phương pháp",
        columns=(Column("Phương pháp", weight=1.5), *(Column(name, "right") for name in names)),
        rows=tuple(cells),
        note=ERRORS_NOTE,
        emphasis=tuple(at for at, method in enumerate(order) if method.startswith(OURS)),
    )


def _ratio(trial: Trial, panel: str, method: str) -> str:
    told = trial.told(panel, "mae_ratio", method)
    value, low, high = (number(figure, LANG, 2) for figure in told)
    return value if isnan(told.low) or method == NAIVE else f"{value} ({low}–{high})"


def errors_chart(trial: Trial) -> Shown:
    """The same as a picture."""
    note = "Chấm là giá trị, vạch là khoảng 95 %; bên trái vạch “không đổi” là tốt hơn. "
    return _figure(trial, "errors", note + "Chữ đậm: các cách của povsim.")


def horizons_chart(trial: Trial) -> Shown:
    """Our error by years ahead, from the nearest to the farthest."""
    told = [part for panel in trial.panels if (part := _ends(trial, panel))]
    return _figure(trial, "horizons", f"So với sai số của “không đổi”: {'; '.join(told)}.")


def _ends(trial: Trial, panel: str) -> str:
    every = {h: trial.value(panel, f"mae_ratio_h{h}") for h in backtest.HORIZONS}
    known = {h: _plain(value) for h, value in every.items() if not isnan(value)}
    if not known:
        return ""
    first, last = min(known), max(known)
    return f"{panel} {known[first]} khi nhìn trước {first} năm, {known[last]} khi {last} năm"


def coverage_chart(trial: Trial) -> Shown:
    """How often bands held what came."""
    note = "Chấm tròn phải nằm gần vạch 80, hình thoi gần vạch 95; "
    return _figure(trial, "coverage", note + "lệch trái là khoảng quá hẹp, lệch phải là quá rộng.")


def reliability_chart(trial: Trial) -> Shown:
    """What became of told chances."""
    return _figure(
        trial.each(),
        "reliability",
        "Trên đường chéo là đúng như đã nói; phía trên là đã nói quá thấp, phía dưới là quá cao. "
        "Vòng tròn càng lớn càng nhiều dự báo; vạch đứng là khoảng 95 %.",
    )


def pit_chart(trial: Trial) -> Shown:
    """Where in its forecast the truth fell, and whether forecasts are too high or too low."""
    told = [part for panel in trial.panels if (part := _lower_half(trial, panel))]
    return _figure(trial.each(), "pit", " ".join(told))


def _lower_half(trial: Trial, panel: str) -> str:
    below = sum(trial.value(panel, f"pit_{b}") for b in range(BINS // 2))
    if isnan(below):
        return ""
    lean = "cao hơn" if below > 0.5 + LOOSE else "thấp hơn" if below < 0.5 - LOOSE else ""
    told = f"dự báo thường {lean} thực tế" if lean else "dự báo không lệch rõ về phía nào"
    return f"{panel}: kết quả thật ở nửa dưới của dự báo {_plain(below)} số lần, {told}."


def _figure(trial: Trial, name: str, note: str) -> Shown:
    """A picture of a trial, or the sentence that its table lacks the figures for it."""
    if trial.absent:
        return None
    title = text(f"picture.{name}", LANG)
    frame = charts.Frame("", LANG, sample=False, width=WIDTH, height=_height(trial, name))
    chart = charts.PICTURES[name](trial.table, frame)
    if chart is None:
        told = f"Kết quả này không có số liệu cho hình “{title}”"
        return Paragraph(f"{told} (nếu là kết quả cũ: chạy lại make backtest).")
    return Figure(title=title, spec=chart.to_dict(), alt=f"{title}. {note}", note=note)


def _height(trial: Trial, name: str) -> int:
    """As many rows as methods and panels where a picture lists them."""
    metric = {"errors": "mae_ratio", "coverage": "cov80"}.get(name)
    if metric is None:
        return 400 if name == "reliability" else 280
    rows = trial.table[trial.table["metric"] == metric]
    return HEAD + rows["method"].nunique() * max(ROW, PANEL * rows["panel"].nunique())
