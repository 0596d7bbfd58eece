"""Which model a forecast rests on, and why: movements where they carry it, else counts alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from povsim.findings import Finding, Severity
from povsim.trajectory.doubt import LastYearCheck, held_against, last_year_check
from povsim.trajectory.fitting import fit
from povsim.trajectory.flow_fitting import fit_flows
from povsim.trajectory.flow_projection import project_flows
from povsim.trajectory.identity import FEWEST_YEARS, Verdict, check_flows
from povsim.trajectory.movements import Movements
from povsim.trajectory.panel import Panel
from povsim.trajectory.projection import Model, Projection
from povsim.trajectory.stock_projection import project


@dataclass(frozen=True, eq=False)
class Forecast:
    """What each model says, which one is used, and the reasons.

    `projections` holds the stock model's always and the flow model's where movements could carry
    one; `checks` the last review held against the same model without it, None where the series is
    too short to spare one. `verdict` says why movements are used, or everything that speaks
    against them.
    """

    projections: Mapping[Model, Projection]
    checks: Mapping[Model, LastYearCheck | None]
    verdict: Verdict

    @property
    def used(self) -> Model:
        """The model that the forecast rests on."""
        return Model.FLOWS if self.verdict.usable else Model.STOCK

    @property
    def projection(self) -> Projection:
        """The draws of the model used."""
        return self.projections[self.used]

    @property
    def check(self) -> LastYearCheck | None:
        """The last review against the model used, or the one that would have been used then."""
        return self.checks[self.used] or self.checks[Model.STOCK]


def forecast(
    panel: Panel,
    until: int,
    *,
    movements: Movements | None = None,
    structural: ArrayLike | None = None,
    reference: Panel | None = None,
    plan_like_weight: float | None = None,
    draws: int,
    seed: int,
) -> Forecast:
    """Project by both models as far as the data go, each widened where its own check failed.

    Args:
        panel: counts at the reviews of one standard.
        until: the last year of the projection.
        movements: who moved between them (F2, F3), where known.
        structural: the poor without labour capacity (`fit_flows`).
        reference: a wider panel whose drift the stock model leans on (`fit`).
        plan_like_weight, draws, seed: as of `project`.

    Raises:
        Refusal: `horizon_past`, `draws_few`.
    """
    check = last_year_check(
        panel, reference=reference, plan_like_weight=plan_like_weight, draws=draws, seed=seed
    )
    stock = project(
        fit(panel, reference=reference),
        until,
        draws=draws,
        seed=seed,
        plan_like_weight=plan_like_weight,
        widening=_widening(check),
    )
    verdict = _verdict(panel, movements)
    if movements is None or not verdict.usable:
        return Forecast({Model.STOCK: stock}, {Model.STOCK: check}, verdict)
    flow_check = _flow_check(panel, movements, structural, draws, seed)
    flow_model = fit_flows(panel, movements, structural=structural)
    widening = _widening(flow_check)
    flows = project_flows(flow_model, until, draws=draws, seed=seed, widening=widening)
    return Forecast(
        {Model.STOCK: stock, Model.FLOWS: flows},
        {Model.STOCK: check, Model.FLOWS: flow_check},
        verdict,
    )


def _widening(check: LastYearCheck | None) -> float:
    return check.widening if check else 1.0


def _verdict(panel: Panel, movements: Movements | None) -> Verdict:
    if movements is None:
        return Verdict(False, (Finding("flows_none", severity=Severity.NOTE),))
    return check_flows(panel, movements)


def _flow_check(
    panel: Panel, movements: Movements, structural: ArrayLike | None, draws: int, seed: int
) -> LastYearCheck | None:
    """The last review by the flow model without it; None where too few movements would remain."""
    if len(movements.years) <= FEWEST_YEARS:
        return None
    before = None if structural is None else np.asarray(structural, dtype=float)
    if before is not None and before.ndim > 1:
        before = before[:, :-1]
    model = fit_flows(panel.without_last(), movements.without_last(), structural=before)
    return held_against(project_flows(model, panel.years[-1], draws=draws, seed=seed), panel)
