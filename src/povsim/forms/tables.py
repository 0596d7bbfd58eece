"""The cells of the forms as the long tables of the vocabulary."""

from __future__ import annotations

import pandas as pd

from povsim.forms.catalogue import forms
from povsim.forms.description import Form
from povsim.vocabulary import Cause, Group, Indicator, State, checked

KEYS = ["unit", "period"]
COUNTS = ["households", "persons"]


def stocks(facts: pd.DataFrame) -> pd.DataFrame:
    """F1 as households and persons by unit, period and state; not poor is the rest."""
    wide = facts[facts["form"] == "F1"].pivot(index=KEYS, columns="item", values="value")
    frames = [
        _state(State.POOR, wide["poor"], wide["poor_persons"]),
        _state(State.NEAR_POOR, wide["near_poor"], wide["near_poor_persons"]),
        _state(
            State.NOT_POOR,
            wide["households"] - wide["poor"] - wide["near_poor"],
            wide["persons"] - wide["poor_persons"] - wide["near_poor_persons"],
        ),
    ]
    return checked("stocks", pd.concat(frames))


def _state(state: State, households: pd.Series, persons: pd.Series) -> pd.DataFrame:
    frame = pd.DataFrame({"households": households, "persons": persons}).astype("Int64")
    return frame.reset_index().assign(state=str(state))


def flows(facts: pd.DataFrame) -> pd.DataFrame:
    """F2 and F3 as movements; opening and closing stocks are left to `stocks`."""
    cells = _of_table(facts, "flows")
    moves = cells[~cells["item"].isin(["opening", "closing"])]
    return checked("flows", _wide_lines(moves.rename(columns={"item": "flow"}), "flow"))


def movements(facts: pd.DataFrame) -> pd.DataFrame:
    """TX, the report within a year: moves since January by state, `flow` also opening and closing.

    Returns:
        Long: `unit`, `period`, `state`, `flow`, `households`, `persons`.
    """
    cells = _of_table(facts, "movements")
    parts = [_of_state(cells, f"{state}_") for state in (State.NEAR_POOR, State.POOR)]
    return _wide_lines(pd.concat(parts), "flow")


def _of_state(cells: pd.DataFrame, head: str) -> pd.DataFrame:
    rows = cells[cells["item"].str.startswith(head)]
    return rows.assign(state=head.removesuffix("_"), flow=rows["item"].str.removeprefix(head))


def deprivations(facts: pd.DataFrame) -> pd.DataFrame:
    """F4 and F6 as households lacking each indicator, by state."""
    cells = _of_table(facts, "deprivations")
    lacking = cells[cells["item"].isin([str(indicator) for indicator in Indicator])]
    named = lacking.rename(columns={"item": "indicator", "value": "households"})
    return checked("deprivations", named)


def groups(facts: pd.DataFrame) -> pd.DataFrame:
    """F8 as households and persons of each group, by state; groups overlap."""
    cells = _of_table(facts, "groups")
    words = {f"{s}_{g}": (str(s), str(g)) for s in (State.POOR, State.NEAR_POOR) for g in Group}
    cells = cells[cells["item"].isin(list(words))]
    named = cells.assign(
        state=cells["item"].map(lambda item: words[item][0]),
        group=cells["item"].map(lambda item: words[item][1]),
    )
    return checked("groups", _wide_lines(named, "group"))


def causes(facts: pd.DataFrame) -> pd.DataFrame:
    """F10 as poor households that name each cause.

    Returns:
        Long: `unit`, `period`, `state`, `cause`, `households`.
    """
    cells = _of_table(facts, "causes")
    named = cells[cells["item"].isin([str(cause) for cause in Cause])]
    table = named.rename(columns={"item": "cause", "value": "households"})
    return table[[*KEYS, "state", "cause", "households"]].reset_index(drop=True)


def _of_table(facts: pd.DataFrame, table: str) -> pd.DataFrame:
    chosen: dict[str, Form] = {id: form for id, form in forms().items() if form.table == table}
    cells = facts[facts["form"].isin(list(chosen))]
    return cells.assign(state=cells["form"].map(lambda id: chosen[id].state))


def _wide_lines(cells: pd.DataFrame, word: str) -> pd.DataFrame:
    wide = cells.pivot(index=[*KEYS, "state", word], columns="line", values="value")
    return wide.reindex(columns=COUNTS).astype("Int64").reset_index().rename_axis(columns=None)
