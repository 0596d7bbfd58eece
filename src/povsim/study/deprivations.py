"""What the poor lack at the last review, by the forms: shares, H, A, M0 of units and district."""

from __future__ import annotations

import numpy as np
import pandas as pd

from povsim import forms, poverty
from povsim.plan import DISTRICT
from povsim.study.outlooks import Outlook
from povsim.vocabulary import State


def deprivation_shares(view: Outlook, area: str = DISTRICT) -> pd.DataFrame:
    """Share of poor households lacking each indicator at the last review: indicator, share."""
    table = forms.deprivations(view.release.facts)
    rows = view.carried(table[table["state"] == str(State.POOR)], view.year)
    rows = rows if area == DISTRICT else rows[rows["unit"] == area]
    lacking = rows.groupby("indicator", as_index=False)["households"].sum()
    share = lacking["households"].astype(float) / view.households(area, view.year, State.POOR)
    return pd.DataFrame({"indicator": lacking["indicator"], "share": share})


def measures(view: Outlook) -> pd.DataFrame:
    """H, A and M0 of the district and its units at the last review, by the forms.

    H = poor / households (F1); M0 = deprivations of the poor (F4) / (12 · households), every
    indicator weighing the same, as its ten points on sheet B2 do; A = M0 / H. The poor are the
    decree's, by income and three deprivations; what all others lack counts for nothing
    (censored). What F4 does not tell leaves M0 and A missing.
    Source: Alkire & Foster (2011), J. Public Economics 95, 476-487 (`poverty.by_group`).

    Returns:
        Indexed by `area`, the district first, then units from the highest M0 down:
        `population`, `poor` (households), `h`, `a`, `m0` (shares), `contribution` (a unit's
        share of the district's M0).
    """
    units = poverty.by_group(_tally(view))
    district = poverty.by_group(_tally(view).total()).set_axis([DISTRICT])
    ranked = units.sort_values(["m0", "h"], ascending=False, kind="stable")
    table = pd.concat([district, ranked]).rename_axis("area")
    poor = [view.households(area, view.year, State.POOR) for area in table.index]
    return table.assign(poor=poor)[["population", "poor", "h", "a", "m0", "contribution"]]


def deprivations_by_area(view: Outlook) -> pd.DataFrame:
    """What the poor lack in the district and each unit at the last review (F4).

    The forms tell this of the poor and the near-poor only: no share of all households follows.

    Returns:
        Long, areas in the order of `measures`, indicators in the forms': `area`, `poor`
        (households), `indicator`, `dimension`, `lacking` (households), `share` of the poor;
        the last two missing where F4 is, for the district where any unit's is.
    """
    lacking = _lacking(view)
    lacking.loc[DISTRICT] = lacking.sum(skipna=False)
    poor = measures(view)["poor"]
    areas, dimensions = list(poor.index), _dimensions(view)
    table = pd.DataFrame(
        {
            "area": np.repeat(areas, len(dimensions)),
            "poor": poor.to_numpy().repeat(len(dimensions)),
            "indicator": list(dimensions) * len(areas),
            "dimension": list(dimensions.values()) * len(areas),
            "lacking": lacking.loc[areas].to_numpy().ravel(),
        }
    )
    return table.assign(share=table["lacking"] / table["poor"].where(table["poor"] > 0))


def _lacking(view: Outlook) -> pd.DataFrame:
    """Poor households that lack each indicator (F4): a row a unit, a column an indicator."""
    table = forms.deprivations(view.release.facts)
    rows = view.carried(table[table["state"] == str(State.POOR)], view.year)
    wide = rows.pivot(index="unit", columns="indicator", values="households")
    return wide.reindex(index=view.areas, columns=list(_dimensions(view))).astype(float)


def _dimensions(view: Outlook) -> dict[str, str]:
    known = poverty.thresholds(view.year)
    return {str(indicator): told.dimension for indicator, told in known.items()}


def _tally(view: Outlook) -> poverty.Tally:
    """The units' counts as the measures of Alkire and Foster want them.

    What those who are not poor lack is in no form: missing, and asked by none of H, A, M0.
    """
    lacking = _lacking(view).to_numpy()
    households, poor = (
        np.array([float(view.households(area, view.year, state)) for area in view.areas])
        for state in (None, State.POOR)
    )
    yardstick = poverty.Yardstick.equal(list(_dimensions(view)), 3 / lacking.shape[1])
    unknown = np.full_like(lacking, np.nan)
    return poverty.Tally(yardstick, tuple(view.areas), households, poor, unknown, lacking)
