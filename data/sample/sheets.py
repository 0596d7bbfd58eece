"""Reviews onto the official forms, and the forms into workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import traits
from households import GROUPS, Households
from moves import Moves
from reviews import Review
from stocks import STATES, Counts

from povsim import forms
from povsim.units import Unit
from povsim.vocabulary import Group, Indicator, Period

Sheets = dict[str, list[forms.Line]]
"""The lines of every form of one workbook."""
MADE = datetime(2026, 1, 1)
MARK = f"{forms.SAMPLE_MARK} – không phải số liệu chính thức"
FLOW_FORMS = {"F2": "poor", "F3": "near_poor"}
LINES = ("households", "persons")
NO_FLOWS = (
    "Không lập: năm 2021 là kỳ rà soát đầu tiên theo chuẩn nghèo đa chiều giai đoạn 2022-2025, "
    "không có kỳ trước cùng chuẩn để so sánh."
)


def sheets(unit: Unit, review: Review, population: Counts) -> Sheets:
    """The forms of one review as lines to write."""
    cells = _cells(review, population)
    return {form.id: _lines(unit, cells[form.id]) for form in forms.review_forms()}


def movements(unit: Unit, moves: dict[str, Moves]) -> Sheets:
    """The form of entries and exits since 1 January, given who moved so far."""
    return {"TX": _lines(unit, {line: _so_far(moves, line) for line in LINES})}


def _lines(unit: Unit, cells: dict[str, Counts]) -> list[forms.Line]:
    return [forms.Line(unit.name, line, counts) for line, counts in cells.items()]


def _cells(review: Review, population: Counts) -> dict[str, dict[str, Counts]]:
    """Form → line → item → count."""
    stock = review.stock
    flows = {
        form: {line: counted(review.moves.get(state, {}), line) for line in LINES}
        for form, state in FLOW_FORMS.items()
    }
    one_line = {
        "F1": review.counts,
        "F4": _lacks(stock["poor"]),
        "F5": {"households": len(stock["poor"])},
        "F6": _lacks(stock["near_poor"]),
        "F7": {"households": len(stock["near_poor"])},
        "F9": _joined(_peoples(state, lot) for state, lot in stock.items()),
        "F10": _causes(stock["poor"]),
        "F11": _joined(_children(state, lot) for state, lot in stock.items()),
        "F12": _profile("poor", review, population),
        "F13": _profile("near_poor", review, population),
    }
    groups = {line: _joined(_groups(s, lot, line) for s, lot in stock.items()) for line in LINES}
    alone = {id: {forms.forms()[id].lines[0]: counts} for id, counts in one_line.items()}
    return flows | {"F8": groups} | alone


def _joined(parts: Iterator[Counts]) -> Counts:
    return {item: count for part in parts for item, count in part.items()}


def counted(lots: Moves, line: str) -> Counts:
    """Each lot's households, or the persons in them."""
    return {
        n: len(lot) if line == "households" else int(lot.persons.sum()) for n, lot in lots.items()
    }


def _lacks(stock: Households) -> Counts:
    counts = {
        str(name): int(n) for name, n in zip(Indicator, stock.lacking.sum(axis=0), strict=True)
    }
    return {"households": len(stock), "deprivations": sum(counts.values()), **counts}


def _groups(state: str, lot: Households, line: str) -> Counts:
    """F8 of one state and line; groups overlap, so the rest can fall below nought."""
    lots = {f"{state}_{name}": lot.rows(lot.flag(name)) for name in GROUPS}
    counts = counted({state: lot} | lots, line)
    other = counts[state] - sum(counts[name] for name in lots)
    return counts | {f"{state}_{Group.OTHER}": other}


def _peoples(state: str, lot: Households) -> Counts:
    who = traits.people(lot)
    lots = {name: lot.rows(who == number) for number, name in enumerate(traits.PEOPLES)}
    return {state: len(lot)} | _households_and_persons(state, lots)


def _households_and_persons(state: str, lots: dict[str, Households]) -> Counts:
    """`poor_kinh`, `poor_persons_kinh` and so on: a state's lots, by name."""
    households, persons = (counted(lots, line) for line in LINES)
    return {f"{state}_{name}": count for name, count in households.items()} | {
        f"{state}_persons_{name}": count for name, count in persons.items()
    }


def _causes(poor: Households) -> Counts:
    named = traits.causes(poor).sum(axis=0)
    return {cause: int(n) for cause, n in zip(traits.CAUSES, named, strict=True)}


def _children(state: str, lot: Households) -> Counts:
    counts = {name: int(n.sum()) for name, n in traits.children(lot).items()}
    total = counts.pop("all")
    own = {f"{state}_children_{name}": count for name, count in counts.items()}
    return {f"{state}_children": total} | own


def _profile(state: str, review: Review, population: Counts) -> Counts:
    """F12 or F13: the state against the whole population."""
    lot = review.stock[state]
    lots = {name: lot.rows(flag) for name, flag in traits.blocks(lot).items()}
    own = [state, f"{state}_persons", "households", "persons"]
    return {
        **population,
        **{item: review.counts[item] for item in own},
        **_households_and_persons(state, lots),
        f"{state}_merit": int(lot.flag("merit").sum()),
        f"{state}_no_labour": int(lot.flag("no_labour").sum()),
        f"{state}_female_head": int(np.sum(traits.female_head(lot))),
    }


def _so_far(moves: dict[str, Moves], line: str) -> Counts:
    cells = {
        f"{state}_{name}": count
        for state in STATES
        for name, count in counted(moves[state], line).items()
    }
    closing = (c for c in forms.forms()["TX"].columns if c.equals)
    return cells | {c.item: sum(sign * cells[item] for sign, item in c.equals) for c in closing}


# --- Files --------------------------------------------------------------------------------------


def write(folder: Path, period: Period, unit: Unit, within: str, lines: Sheets) -> Path:
    """Write one workbook as `<period>/<code>.xlsx`; `within` is the district or province."""
    path = folder / str(period) / f"{unit.id.code}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = forms.Head(_place(unit, within), period.year, MARK, period.through)
    notes = dict.fromkeys(FLOW_FORMS, NO_FLOWS) if period.year == 2021 else {}
    forms.write(path, head, lines, notes, MADE)
    return path


def _place(unit: Unit, within: str) -> str:
    kind = "THỊ TRẤN" if unit.kind == "town" else "XÃ"
    named = ", ".join(filter(None, [f"UBND {kind} {unit.name.upper()}", within]))
    return f"{named} (mã đơn vị {unit.id.code})"
