"""Aims side by side: what is aimed at moves the answer more than how it is searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from povsim.allocation import Objective
from povsim.i18n import number, percent, text
from povsim.report.best_use.asking import ask, known
from povsim.report.document import Table
from povsim.report.prospects import columns, mark
from povsim.report.sections import LANG
from povsim.scenarios import Scenario
from povsim.simulation import run
from povsim.study import Bundled, Outlook
from povsim.wording import band, plain

AIMS = (Objective.MOST_OUT, Objective.LEAST_SHORTFALL, Objective.MOST_TARGETS)
WEIGHTS = {0: 2.6, 1: 1.6}
NOTE = (
    "Cùng một ngân sách, đo cuối năm {year} trên {draws} lượt chưa dùng để lập phương án. “Xa "
    "nhất” là nơi cách chỉ tiêu xa nhất, trung bình, tính bằng điểm %; dưới không là vượt chỉ tiêu."
)


def aims_beside(view: Outlook, bundled: Bundled) -> Table:
    """Plans of one budget by what they aim at, in the year of the targets."""
    ground, fresh = bundled.ground, bundled.fresh
    rows = [(name, *_found(bundled, scenario)) for name, scenario in _plans(bundled)]
    names = ["Bớt hộ nghèo", "Xa nhất (điểm %)", "Số nơi đạt", "Mọi nơi cùng đạt"]
    heads = columns("Nhắm vào", *names)
    return Table(
        title=f"Nhắm vào điều gì, cuối năm {ground.agenda.by}{mark(view)}",
        columns=tuple(replace(h, weight=WEIGHTS.get(at, 1.0)) for at, h in enumerate(heads)),
        rows=tuple(rows),
        note=NOTE.format(year=ground.agenda.by, draws=number(fresh.draws, LANG)),
    )


def _plans(bundled: Bundled) -> Iterator[tuple[str, Scenario]]:
    for aim in AIMS:
        name = text(f"objective.{aim}", LANG)
        found = known(ask(bundled.ground, bundled.budget, objective=aim))
        yield f"{name[0].upper()}{name[1:]}", found.proposal.scenario
    if (likely := bundled.within(bundled.budget)) is not None:
        yield "Khả năng mọi nơi cùng đạt cao nhất", likely.scenario


def _found(bundled: Bundled, scenario: Scenario) -> Iterator[str]:
    fresh, agenda = bundled.fresh, bundled.ground.agenda
    at, targets = fresh.years.index(agenda.by), agenda.targets
    base, poor = (run(fresh, each).poor[:, at] for each in (None, scenario))
    some = np.flatnonzero(np.isfinite(targets))
    gaps = 100 * (poor[some].mean(axis=1) - targets[some]) / agenda.households[some]
    met = poor[some] <= targets[some, None]
    yield band((base - poor).sum(axis=0), LANG)
    yield plain(float(gaps.max()), LANG, 2)
    yield number(float(met.sum(axis=0).mean()), LANG, 1)
    every = float(met.all(axis=0).mean())
    error = np.sqrt(every * (1 - every) / fresh.draws)
    yield f"{percent(every, LANG, 0)} (± {number(100 * error, LANG, 1)})"
