"""What is known of households: counts by unit and state, and whether any can have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim import forms
from povsim.findings import Finding, Refusal
from povsim.i18n import Word
from povsim.population.law import Counts
from povsim.vocabulary import Cause, Group, Indicator, Period, State

LISTED = (State.POOR, State.NEAR_POOR)
GROUPS = (Group.DTTS, Group.NO_LABOUR, Group.MERIT)
POOR_FROM = 3
"""A poor household lacks three of the twelve or more, a near-poor one fewer."""
SHOWN = 5
"""So many missing cells are named."""


@dataclass(frozen=True, eq=False)
class Margins:
    """Counts of U units by state (poor, near-poor): whole numbers.

    `households`, `persons` (2, U); `lacking` (2, U, 12) households that lack each indicator;
    `members`, `member_persons` (2, U, 3) households of each group and their persons; `causes`
    (U, 8) poor households that name each cause (F10, which asks nobody else), None where it is
    unknown.
    """

    units: tuple[str, ...]
    households: Counts
    persons: Counts
    lacking: Counts
    members: Counts
    member_persons: Counts
    causes: Counts | None = None

    @classmethod
    def of_forms(cls, facts: pd.DataFrame, year: int) -> Margins:
        """The margins of a review, from the cells of F1, F4, F6 and F8, and F10 where it is whole.

        Raises:
            Refusal: `margins_missing`, naming what no form tells; every fault of `check`.
        """
        rows = facts[facts["period"] == str(Period(year))]
        stocks, lacking, groups = forms.stocks(rows), forms.deprivations(rows), forms.groups(rows)
        units = tuple(sorted(set(stocks["unit"])))
        states, indicators, parts = _names(LISTED), _names(Indicator), _names(GROUPS)
        made = cls(
            units,
            _wide(stocks, "households", units, states),
            _wide(stocks, "persons", units, states),
            _wide(lacking, "households", units, states, "indicator", indicators),
            _wide(groups, "households", units, states, "group", parts),
            _wide(groups, "persons", units, states, "group", parts),
            _causes(forms.causes(rows), units),
        )
        made.check()
        return made

    def check(self) -> None:
        """Whether households can have these counts.

        Raises:
            Refusal: every unit and state that cannot be, with why: `margins_impossible`.
        """
        if faults := list(self._faults()):
            raise Refusal(faults)

    def _faults(self) -> Iterator[Finding]:
        for s, state in enumerate(LISTED):
            households, lacking = self.households[s], self.lacking[s]
            number = lacking.sum(axis=1)
            few = number < POOR_FROM * households
            many = number > (POOR_FROM - 1) * households
            outside = (lacking < 0).any(axis=1) | (lacking > households[:, None]).any(axis=1)
            small = self.persons[s] < households
            parts = self.members[s], self.member_persons[s]
            named = self._causes_impossible() if state is State.POOR else np.zeros(len(few), bool)
            apart = (parts[0] > households[:, None]) | (parts[1] < parts[0]) | (parts[0] < 0)
            reasons = {
                "number": few if state is State.POOR else many,
                "indicator": outside,
                "persons": small,
                "group": apart.any(axis=1),
                "cause": named,
            }
            for reason, wrong in reasons.items():
                for at in np.flatnonzero(wrong):
                    yield _impossible(self.units[at], state, reason, int(households[at]))

    def _causes_impossible(self) -> NDArray[np.bool_]:
        """Units in which a cause has more households than are poor."""
        if self.causes is None:
            return np.zeros(len(self.units), dtype=bool)
        poor = self.households[LISTED.index(State.POOR)][:, None]
        return np.asarray(((self.causes < 0) | (self.causes > poor)).any(axis=1))


def _causes(table: pd.DataFrame, units: tuple[str, ...]) -> Counts | None:
    """Poor households (unit, 8) by cause, None where a cell is missing."""
    wanted = pd.MultiIndex.from_product([units, _names(Cause)], names=["unit", "cause"])
    counts = table.set_index(["unit", "cause"])["households"].reindex(wanted)
    if counts.isna().any():
        return None
    return counts.to_numpy(np.int64).reshape(len(units), len(Cause))


def _impossible(unit: str, state: State, reason: str, households: int) -> Finding:
    values: dict[str, object] = {"unit": unit, "households": households}
    values |= {"state": Word(f"state.{state}"), "why": Word(f"margins.{reason}")}
    return Finding("margins_impossible", values=values)


def _names(words: Iterable[object]) -> list[str]:
    return [str(word) for word in words]


def _wide(
    table: pd.DataFrame,
    value: str,
    units: tuple[str, ...],
    states: list[str],
    key: str = "",
    parts: list[str] | None = None,
) -> Counts:
    """Counts (state, unit) or (state, unit, part), none of them missing."""
    keys = ["state", "unit", *([key] if key else [])]
    levels = [states, list(units), *([parts] if parts else [])]
    wanted = pd.MultiIndex.from_product(levels, names=keys)
    counts = table.set_index(keys)[value].reindex(wanted)
    if counts.isna().any():
        cells = [" ".join(map(str, at)) for at in counts.index[counts.isna()]]
        raise Refusal([Finding("margins_missing", values={"cells": ", ".join(cells[:SHOWN])})])
    return counts.to_numpy(np.int64).reshape([len(level) for level in levels])
