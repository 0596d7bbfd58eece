"""What a planner asks of a budget: purses, floors, plans."""

from __future__ import annotations

import numpy as np

from povsim import study
from povsim.allocation import (
    Budgets,
    Caution,
    EntitlementsFirst,
    Impossible,
    Limit,
    Objective,
    Purse,
    Rules,
)
from povsim.effects import Budget
from povsim.i18n import number, text
from povsim.report.sections import LANG
from povsim.simulation import Outcome
from povsim.study import Ground, Judged, Outlook
from povsim.trajectory import Floats
from povsim.wording import impossible

CAPITAL, RECURRENT = "Vốn đầu tư", "Vốn sự nghiệp"
INSURED = EntitlementsFirst("Thẻ bảo hiểm y tế trước", frozenset({"health_insurance"}))
"""What the law owes comes before what a plan chooses."""
CAUTION = Caution()


def purses(ground: Ground, capital_million_vnd: float, recurrent_million_vnd: float) -> list[Purse]:
    """Two purses for the years that the plan has left; what a year leaves is carried over."""
    first = ground.agenda.years[0]
    sums = {CAPITAL: capital_million_vnd, RECURRENT: recurrent_million_vnd}
    kinds = {CAPITAL: Budget.CAPITAL, RECURRENT: Budget.RECURRENT}
    return [
        Purse(name, {first: round(sums[name] * 1e6)}, kind, carried=True)
        for name, kind in kinds.items()
    ]


def floor(view: Outlook, ground: Ground, million_vnd: float) -> list[Limit]:
    """At least so much money for every unit."""
    name = f"Mỗi nơi ít nhất {number(million_vnd, LANG)} triệu đồng"
    return [
        Limit(f"{name}: {view.name(unit)}", least=million_vnd * 1e6, units=frozenset({unit}))
        for unit in ground.agenda.units
    ]


def ask(
    ground: Ground,
    budget: Budgets,
    rules: Rules = (),
    objective: Objective | str = Objective.MOST_OUT,
) -> Judged | Impossible:
    """The best plan, after what the law owes; judged."""
    objective = Objective(objective)
    name = f"Phương án {text(f'objective.{objective}', LANG)}"
    source = "povsim phân bổ; tác động là giả định, chưa cơ quan nào duyệt"
    return study.propose(
        ground,
        budget,
        [INSURED, *rules],
        objective,
        caution=CAUTION,
        name=name,
        source=source,
    )


def cautious(ground: Ground, budget: Budgets, rules: Rules = ()) -> Judged | Impossible:
    """Plan B: as many out, with the worst tenth of draws weighing as much as all."""
    return ask(ground, budget, rules, Objective.CAUTIOUS)


def known(found: Judged | Impossible) -> Judged:
    """The plan, where there is one.

    Raises:
        ValueError: rules that cannot hold together, in words.
    """
    if isinstance(found, Impossible):
        raise ValueError(impossible(found, LANG))
    return found


def fewer_poor(ground: Ground, outcome: Outcome) -> Floats:
    """Fewer poor (draw,) than under the current plan."""
    return np.asarray((ground.base.poor - outcome.poor)[:, ground.at].sum(axis=0), dtype=float)
