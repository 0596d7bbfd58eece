"""Draws of where households will stand in the years ahead, whatever model made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
import pandas as pd

from povsim import rules
from povsim.findings import refuse
from povsim.plan import DISTRICT
from povsim.trajectory.panel import STATES, Counts, Floats
from povsim.vocabulary import State

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
BANDS = {0.5: (0.25, 0.75), 0.8: (0.1, 0.9), 0.95: (0.025, 0.975)}


class Model(StrEnum):
    """What makes the draws: counts alone, or the movements between states."""

    STOCK = "stock"
    FLOWS = "flows"


@dataclass(frozen=True, eq=False)
class Projection:
    """Draws of where households will stand: counts (state, unit, year, draw), whole numbers.

    The states, in the order of `State`, sum to the projected households in every draw.
    `assumptions` names what the draws rest on beside the panel. `recently_escaped` (unit, year,
    draw) are those among the not poor who left the lists within three years, where the model
    knows them; `model` is the one that made the draws.
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    origin: int
    households: Counts
    assumptions: Mapping[str, float]
    recently_escaped: Counts | None = None
    model: Model = Model.STOCK

    def rate(self, state: State, unit: str | None = None) -> Floats:
        """Draws (year, draw) of a state's share in a unit, or in the sum of all units.

        Raises:
            Refusal: `unit_unknown`.
        """
        if unit is not None and unit not in self.units:
            raise refuse("unit_unknown", unit=unit, known=", ".join(self.units))
        chosen = slice(None) if unit is None else [self.units.index(unit)]
        counts = self.households[:, chosen].sum(axis=1)
        return np.asarray(counts[STATES.index(state)] / counts.sum(axis=0))

    def table(self) -> pd.DataFrame:
        """Every draw by its labels: unit, year, state, draw (from 0), households."""
        labels = (STATES, self.units, self.years, range(self.households.shape[-1]))
        keys = pd.MultiIndex.from_product(labels, names=["state", "unit", "year", "draw"])
        table = keys.to_frame(index=False).assign(households=self.households.ravel())
        return table.astype({"state": str})[["unit", "year", "state", "draw", "households"]]

    def quantiles(self, state: State, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
        """Quantiles of the rate: unit (the district first), year, level, rate."""
        areas = (None, *self.units)
        values = [np.quantile(self.rate(state, area), levels, axis=1).T for area in areas]
        names = [area or DISTRICT for area in areas]
        keys = pd.MultiIndex.from_product([names, self.years, levels])
        frame = keys.to_frame(index=False, name=["unit", "year", "level"])
        return frame.assign(rate=np.concatenate(values).ravel())

    def bands(self, state: State) -> pd.DataFrame:
        """Central bands of 50, 80 and 95 %: unit, year, band, lower, median, upper."""
        wide = self.quantiles(state).pivot(index=["unit", "year"], columns="level", values="rate")
        names = ["lower", "median", "upper"]
        parts = {band: wide[[low, 0.5, high]] for band, (low, high) in BANDS.items()}
        named = {band: part.set_axis(names, axis=1) for band, part in parts.items()}
        table = pd.concat(named, names=["band"]).reset_index()[["unit", "year", "band", *names]]
        return table.sort_values(["unit", "year", "band"], ignore_index=True)

    def first(self, draws: int) -> Projection:
        """The projection of its first draws."""
        recent = self.recently_escaped
        return replace(
            self,
            households=self.households[..., :draws],
            recently_escaped=None if recent is None else recent[..., :draws],
        )

    def on(self, day: date) -> Projection:
        """The projection on the units of a day: what merged is summed draw by draw.

        Raises:
            Refusal: a unit that is no identity, ended without an heir, or came after the day;
                `unit_parts_lacking`: a merged unit of which not all parts are projected.
        """
        known = rules.units()
        homes = {unit: known.at(unit, day) for unit in self.units}
        youngest = max(known[unit].id.valid_from for unit in self.units)
        for home in set(homes.values()):
            parts = known.parts(home.id, day, youngest)
            lacking = [part.name for part in parts if str(part.id) not in homes]
            if lacking:
                names = ", ".join(lacking)
                raise refuse("unit_parts_lacking", unit=home.name, day=day, lacking=names)
        return self.merged({unit: str(home.id) for unit, home in homes.items()})

    def merged(self, groups: Mapping[str, str]) -> Projection:
        """The projection on merged units (old unit → new), summed draw by draw: exact.

        Raises:
            ValueError: `groups` and the units do not match.
        """
        if set(groups) != set(self.units):
            raise ValueError(f"units without a match: {sorted(set(groups) ^ set(self.units))}")
        names = sorted(set(groups.values()))
        parts = [[groups[unit] == name for unit in self.units] for name in names]
        counts = np.stack([self.households[:, part].sum(axis=1) for part in parts], axis=1)
        recent = self.recently_escaped
        if recent is not None:
            recent = np.stack([recent[part].sum(axis=0) for part in parts])
        return replace(self, units=tuple(names), households=counts, recently_escaped=recent)
