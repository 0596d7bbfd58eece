"""What the flow model believes of hazards before any movement is seen."""

from __future__ import annotations

from dataclasses import dataclass, field

from povsim.trajectory.fitting import Priors


@dataclass(frozen=True, kw_only=True)
class FlowPriors:
    """What is believed of hazards before the movements speak, and how much it weighs.

    Standard deviations are on the logit scale.
    """

    # A year's shock to all units, common to a movement; weight in degrees of freedom.
    year_sd: float = 0.20
    year_weight: float = 4.0
    # What stays of a year's change: programmes and standards of review drift.
    drift_sd: float = 0.05
    # A hazard's own pace, odds a twenty-fifth a year up or down: those who can leave leave first.
    pace_sd: float = 0.04
    # Years that push families up, faster or slower every year, poor and near-poor alike: their
    # chance before the movements speak, and their pace, odds a fifth a year. Quotas and
    # programmes that gather strength do so; most series show nothing of it.
    pushed: float = 0.25
    push_sd: float = 0.20
    # Correlation of a year's shocks between the movements up: a good year is good for all.
    together: float = 0.5
    # Spread of units about the common hazard: their odds differ by a third. Weight in units seen
    # without error; and the least spread, which seven units cannot rule out.
    unit_sd: float = 0.30
    unit_weight: float = 4.0
    least_unit_sd: float = 0.14
    # Variance of counts beside a multinomial's, and its weight in degrees of freedom.
    dispersion: float = 1.3
    dispersion_weight: float = 4.0
    # .02 to .05 of the recently escaped fall back in a year; a factor of two either way.
    relapse: float = 0.032
    relapse_sd: float = 0.7
    # Kon Tum 2022, when the standard was new: 2,193 of 15,943 poor households had no labour
    # capacity. They stay while others leave, so it is a share of the first poor known; and of
    # those left they are taken to be no more than half.
    structural: float = 0.138
    structural_most: float = 0.5
    # Households grow as in the stock model.
    growth: Priors = field(default_factory=Priors)
