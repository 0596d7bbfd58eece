"""Which households get what, by list and how many indicators they lack: nobody told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from povsim.allocation import Proposal
from povsim.i18n import number, text
from povsim.population import LISTED
from povsim.report.document import Column, Table
from povsim.report.prospects import columns, mark
from povsim.report.sections import LANG
from povsim.study import Judged, Outlook
from povsim.suppression import FEWEST

USED, TOLD = 1e-6, 5
"""Households that a package must serve to count; lines that are told of a kind."""
WEIGHTS = (1.7, 1.0, 1.0, 1.0, 4.6)
NOTE = (
    "Số hộ theo phép tính của bài toán, cả huyện; loại có dưới 5 hộ gộp với loại bên cạnh, dòng "
    "giúp dưới 5 hộ không kể. Mỗi nơi xếp thứ tự hộ theo giá của từng dòng ở đó; tệp phương án giữ "
    "thứ tự này, không giữ số hộ."
)
Kind = tuple[int, int]
"""A list and how many indicators are lacked."""


def who_gets_what(view: Outlook, judged: Judged) -> Table:
    """By list and number lacked: how many households are served, by how many lines, by which.

    All units together; kinds of few households are told with their neighbours.
    """
    proposal = judged.proposal
    served, by_line = _served(proposal)
    listed = _listed(proposal)
    rows = [
        (
            _who(state, numbers),
            number(sum(served[state, n] for n in numbers), LANG),
            number(sum(listed[state, n] for n in numbers), LANG),
            *_lines(proposal, [(state, n) for n in numbers], served, by_line),
        )
        for state in range(len(LISTED))
        for numbers in _together({n: served[s, n] for s, n in listed if s == state})
    ]
    heads = (*columns("Hộ", "Được hỗ trợ", "Trên số hộ", "Dòng mỗi hộ"), Column("Nhiều nhất (hộ)"))
    return Table(
        title=f"Hộ nào được gì, toàn huyện{mark(view)}",
        columns=tuple(replace(h, weight=w) for h, w in zip(heads, WEIGHTS, strict=True)),
        rows=tuple(rows),
        note=NOTE,
    )


def _served(proposal: Proposal) -> tuple[Counter[Kind], Mapping[Kind, Counter[str]]]:
    """Households that get a package by kind, and by kind and line."""
    made, classes = proposal.problem.columns, proposal.problem.columns.classes
    served, by_line = Counter[Kind](), dict[Kind, Counter[str]]()
    for at in np.flatnonzero(proposal.amounts > USED):
        klass, count = made.klass[at], float(proposal.amounts[at] * made.stay[at])
        kind = int(classes.state[klass]), int(classes.number[klass])
        served[kind] += count  # type: ignore[assignment]
        lines = by_line.setdefault(kind, Counter())
        for line in made.gains.packages.of_package(int(made.package[at])):
            lines[line.id] += count  # type: ignore[assignment]
    return served, by_line


def _listed(proposal: Proposal) -> Counter[Kind]:
    """All households by kind, in the order of kinds."""
    classes, found = proposal.problem.columns.classes, Counter[Kind]()
    order = np.lexsort((classes.number, classes.state))
    for at in order:
        kind = int(classes.state[at]), int(classes.number[at])
        found[kind] += float(classes.households[at])  # type: ignore[assignment]
    return found


def _together(served: Mapping[int, float]) -> list[list[int]]:
    """Numbers lacked in runs, each with FEWEST served households or none, the deepest joined to
    those before them."""
    runs: list[list[int]] = []
    for lacked in sorted(served, reverse=True):
        if runs and 0 < round(sum(served[each] for each in runs[-1])) < FEWEST:
            runs[-1].insert(0, lacked)
        else:
            runs.append([lacked])
    return runs[::-1]


def _lines(
    proposal: Proposal,
    kinds: list[Kind],
    served: Mapping[Kind, float],
    by_line: Mapping[Kind, Counter[str]],
) -> Iterator[str]:
    """How many lines a household gets, and the lines that serve most."""
    total = Counter[str]()
    for kind in kinds:
        total.update(by_line.get(kind, {}))
    households = sum(served[kind] for kind in kinds)
    yield number(sum(total.values()) / households if households else None, LANG, 1)
    names = {line.id: line.name(LANG) for line in proposal.agenda.lines}
    told = [
        f"{names[line]} {number(count, LANG)}"
        for line, count in total.most_common(TOLD)
        if round(count) >= FEWEST
    ]
    yield "; ".join(told) or number(None, LANG)


def _who(state: int, numbers: list[int]) -> str:
    named = text(f"state.{LISTED[state]}", LANG)
    span = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"
    return f"{named[0].upper()}{named[1:]}, thiếu {span}"
