"""The rules a delivery is held against: in a row, among forms, over time, over units, by sense."""

from __future__ import annotations

from povsim.intake.cells import Cells
from povsim.intake.checks import agreement, completeness, plausibility, rows, totals
from povsim.intake.delivery import Delivery
from povsim.plan import Plan
from povsim.store import Release

__all__ = ["check"]


def check(delivery: Delivery, plan: Plan, current: Release | None, partial: bool = False) -> None:
    """Hold a delivery against every rule, together with what the newest release holds."""
    cells = Cells(delivery, current, plan)
    for entry in delivery.entries:
        rows.check(delivery, entry)
    agreement.check(delivery, cells)
    totals.check(delivery, cells, plan)
    completeness.check(delivery, cells, plan, current, partial)
    plausibility.check(delivery, cells)
