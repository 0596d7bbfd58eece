"""A register counted onto the forms: what is surely so, and what may be so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim.forms import Form, review_forms
from povsim.forms.filling import is_due
from povsim.poverty.answers import Answer, below
from povsim.registers.counting import Amount
from povsim.registers.judged import ALL, AVERAGE_LIVING, Judged, judge
from povsim.registers.movements import Movements
from povsim.registers.tables import Register
from povsim.vocabulary import LOCAL_PEOPLES, Cause, Group, Indicator, People, State

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOTS = "|".join((AVERAGE_LIVING, State.NEAR_POOR, State.POOR))
COUNT = re.compile(rf"(?:(households|persons)|({LOTS})(_persons)?)(?:_(.+))?")
"""An item that counts a lot of households or their persons, or those of a kind among them."""
CHILDREN = re.compile(rf"({LOTS})_children(?:_(.+))?")
LACKS_OF_CHILDREN = {
    "nutrition": Indicator.NUTRITION,
    "insurance": Indicator.HEALTH_INSURANCE,
    "schooling": Indicator.CHILD_SCHOOLING,
}


def aggregate(register: Register, review: int, before: Register | None = None) -> pd.DataFrame:
    """Every counted cell of the forms of a review, for every unit of the register.

    Args:
        register: the households at the review of a year.
        review: that year.
        before: those of the review a year earlier, for the flows; without it, and in the first
            review of a standard, F2 and F3 stay blank.

    Returns:
        `unit, form, line, item, low, high` (Int64), by unit and in the order of the forms: at least
        `low` and at most `high` whatever the answers are that are missing; equal where they decide
        nothing. Both missing: the form is not made. `high` alone missing: nobody counted persons.

    Raises:
        Refusal: no standard, line or threshold on file; a unit of `before` that nobody took in.
    """
    now = judge(register, review)
    return of_judged(now, judge(before, review - 1) if before is not None else None)


def of_judged(now: Judged, before: Judged | None = None) -> pd.DataFrame:
    """The same of registers that are judged already."""
    moves = Movements(now, before) if before is not None else None
    units = moves.units if moves else now.units[1]
    place = moves.here if moves else now.units[0]
    keys: list[tuple[str, str, str]] = []
    found: list[Amount] = []
    for form in review_forms():
        for line in form.lines:
            for item, cell in _line(form, line, now, moves, place, len(units)):
                keys.append((form.id, line, item))
                found.append(cell or _nothing(len(units)))
    return _long(units, keys, found)


def _nothing(units: int) -> Amount:
    """Neither a least nor a most: the form is not made."""
    nought, yes = np.zeros(units, np.int64), np.ones(units, bool)
    return Amount(nought, nought, yes, yes)


def _long(units: list[str], keys: list[tuple[str, str, str]], found: list[Amount]) -> pd.DataFrame:
    """A row a unit and cell, all cells of a unit together."""
    form, line, item = (np.array(part, object) for part in zip(*keys, strict=True))

    def column(parts: list[Any], absent: list[Any]) -> pd.arrays.IntegerArray:
        # Cells lie one below the other, units beside each other: (cells, units).
        return pd.arrays.IntegerArray(np.stack(parts).T.ravel(), np.stack(absent).T.ravel())

    columns = {
        "unit": np.repeat(np.array(units, object), len(keys)),
        "form": np.tile(form, len(units)),
        "line": np.tile(line, len(units)),
        "item": np.tile(item, len(units)),
        "low": column([cell.low for cell in found], [cell.bottomless for cell in found]),
        "high": column([cell.high for cell in found], [cell.endless for cell in found]),
    }
    return pd.DataFrame(columns)


def _line(
    form: Form,
    line: str,
    now: Judged,
    moves: Movements | None,
    place: NDArray[np.intp],
    units: int,
) -> Iterator[tuple[str, Amount | None]]:
    """The counted columns of a line with their sums by unit; None where the form is not made."""
    for column in form.counts:
        if form.table != "flows":
            rows = HOW[form.table](now, form, column.item, line)
            yield column.item, rows and rows.by(place, units)
        elif moves is None or not is_due(form, now.review):
            yield column.item, None
        else:
            yield column.item, moves.cell(form, column.item, line)


# --- By table of the forms ------------------------------------------------------------------------


def _counts(now: Judged, form: Form, item: str, line: str) -> Amount:
    """F1, F8, F9, F12, F13: households or persons of a state, or of a kind of them."""
    match = COUNT.fullmatch(item)
    if match is None:
        raise KeyError(item)
    whole, lot, persons, kind = match.groups()
    as_persons = line == "persons" or persons is not None or whole == "persons"
    amount = now.size if as_persons else Amount.ones(len(now.households))
    who = now.are(lot or ALL)
    if form.column(item).balance:
        return _rest(now, amount).where(who)
    return amount.where(who & _kind(now, form, kind) if kind else who)


def _kind(now: Judged, form: Form, kind: str) -> Answer:
    """Whether each household is of a people, of Kinh or DTTS, or what else it says of itself."""
    if form.table == "peoples":
        return _of_peoples(now, {People(kind)})
    blocks = {
        "kinh": {People.KINH},
        str(Group.DTTS): set(People) - {People.KINH},
        "local": set(LOCAL_PEOPLES),
    }
    return _of_peoples(now, blocks[kind]) if kind in blocks else now.says(kind)


def _of_peoples(now: Judged, peoples: set[People]) -> Answer:
    told = now.households["people"]
    sure = told.isin([str(people) for people in peoples]).to_numpy(bool)
    return Answer(sure, sure | told.isna().to_numpy(bool))


def _rest(now: Judged, amount: Amount) -> Amount:
    """What each household adds to the rest of F8: 1 less one for every group it is in."""
    groups = (group for group in Group if group is not Group.OTHER)
    answers = [_kind(now, _groups_form(), str(group)) for group in groups]
    sure = np.sum([answer.sure for answer in answers], axis=0)
    may = np.sum([answer.may for answer in answers], axis=0)
    return amount.times(1 - may, 1 - sure)


def _groups_form() -> Form:
    return next(form for form in review_forms() if form.table == "groups")


def _lacking(now: Judged, form: Form, item: str, _: str) -> Amount | None:
    """F4, F6: households of a state that lack an indicator, and all their deprivations."""
    one, who = Amount.ones(len(now.households)), now.are(form.state)
    if item == "households":
        return one.where(who)
    terms = form.column(item).equals
    if terms:
        parts = [_lacking(now, form, name, "") for _, name in terms]
        known = [part for part in parts if part is not None]
        return sum(known[1:], known[0])
    indicator = Indicator(item)
    # An older standard does not ask for all of them.
    return one.where(who & now.lacks(indicator)) if indicator in now.held.thresholds else None


def _households(now: Judged, form: Form, item: str, _: str) -> Amount:
    """F5, F7: the households alone; the shares are computed where they are printed."""
    if item != "households":
        raise KeyError(item)
    return Amount.ones(len(now.households)).where(now.are(form.state))


def _causes(now: Judged, form: Form, item: str, _: str) -> Amount:
    """F10: households of the state that name a cause."""
    return Amount.ones(len(now.households)).where(now.are(form.state) & now.says(str(Cause(item))))


def _children(now: Judged, _: Form, item: str, __: str) -> Amount | None:
    """F11: children of the households of a state; of persons not listed, any may be one."""
    match = CHILDREN.fullmatch(item)
    if match is None:
        raise KeyError(item)
    if not _asks_children(now):
        return None
    state, lack = match.groups()
    who = below(now.members["age"], now.held.thresholds[Indicator.NUTRITION].values["child_under"])
    lacking = now.members_lack(LACKS_OF_CHILDREN[lack]) if lack else None
    who = who & lacking if lacking else who
    households = len(now.households)
    sure = np.bincount(now.home[who.sure], minlength=households)
    may = np.bincount(now.home[who.may], minlength=households)
    none = np.zeros(households, bool)
    return Amount(sure, may + now.unlisted.high, now.unlisted.endless, none).where(now.are(state))


def _asks_children(now: Judged) -> bool:
    return set(LACKS_OF_CHILDREN.values()) <= now.held.thresholds.keys()


HOW: Mapping[str, Callable[[Judged, Form, str, str], Amount | None]] = {
    "stocks": _counts,
    "groups": _counts,
    "peoples": _counts,
    "profile": _counts,
    "deprivations": _lacking,
    "shares": _households,
    "causes": _causes,
    "children": _children,
}
"""How the cells of each long table of the forms are counted."""
