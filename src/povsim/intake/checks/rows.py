"""What must hold within one line of a form: nothing blank, sums right, parts within wholes."""

from __future__ import annotations

from functools import cache
from typing import Any

from povsim import forms, rules
from povsim.forms import Column, Form
from povsim.intake.delivery import Delivery, Entry

HALF = 0.5
"""A printed figure is right within half a unit of its last decimal."""


def check(delivery: Delivery, entry: Entry) -> None:
    """Hold one line against the rules of its own form."""
    if not entry.counts and may_be_blank(entry.form, entry.period.year):
        return
    if _blanks(entry):
        _tell_blanks(delivery, entry)
    if min(entry.counts.values(), default=0) < 0:
        _tell_negative(delivery, entry)
    _check_sums(delivery, entry)
    for item, (part, whole) in entry.form.own_shares:
        if item in entry.shares:
            counts = entry.counts.get(part.item), entry.counts.get(whole.item)
            check_share(delivery, entry, item, entry.shares[item], counts)


def may_be_blank(form: Form, year: int) -> bool:
    """Flows compare two reviews, so a standard's first review has none."""
    return form.flows_within_standard and rules.standard_for(year).first_review == year


@cache
def _counted(form_id: str) -> frozenset[str]:
    return frozenset(column.item for column in forms.forms()[form_id].counts)


def _blanks(entry: Entry) -> bool:
    told = entry.counts.keys() | entry.faulty if entry.faulty else entry.counts.keys()
    return not told >= _counted(entry.form.id)


def _tell_blanks(delivery: Delivery, entry: Entry) -> None:
    """A blank is no zero; a line left blank whole is told once."""
    form = entry.form
    if not entry.counts and not entry.faulty:
        first, last = form.counts[0], form.counts[-1]
        columns = f"{first.key}–{last.key}"
        delivery.tell("number_missing", entry.place(first.item), column=columns, form=form.id)
        return
    for column in form.counts:
        if column.item not in entry.counts and column.item not in entry.faulty:
            place = entry.place(column.item)
            delivery.tell("number_missing", place, column=column.code, form=form.id)


def _tell_negative(delivery: Delivery, entry: Entry) -> None:
    """Only a balance of overlapping groups may fall below nought."""
    for column in entry.form.counts:
        if entry.counts.get(column.item, 0) < 0 and not column.balance:
            place = entry.place(column.item)
            delivery.tell("number_negative", place, value=entry.counts[column.item])


def _check_sums(delivery: Delivery, entry: Entry) -> None:
    counts = entry.counts
    for column in entry.form.sums:
        if column.item not in counts or any(item not in counts for _, item in column.equals):
            continue
        expected = sum(sign * counts[item] for sign, item in column.equals)
        if counts[column.item] != expected:
            delivery.tell(
                "identity_broken",
                entry.place(column.item),
                formula=column.code if "=" in column.code else _sum_formula(entry.form, column),
                value=counts[column.item],
                expected=expected,
            )


def _sum_formula(form: Form, column: Column) -> str:
    keys = [form.column(item).key for _, item in column.equals]
    return f"{column.key}={keys[0]}+…+{keys[-1]}"


def check_share(
    delivery: Delivery,
    entry: Entry,
    item: str,
    shown: tuple[float, int],
    counts: tuple[int | None, int | None],
) -> None:
    """A printed percentage (with its decimals) must be that of its counts, part and whole."""
    part, whole = counts
    if part is not None and whole and not share_fits(shown, part, whole):
        told = told_share(shown, part, whole)
        delivery.tell("share_contradicts", entry.place(item), **told)


def share_fits(shown: tuple[float, int], part: int, whole: int) -> bool:
    """Whether a percentage is the counts' own, at the decimals it is printed with.

    >>> share_fits((24.86, 2), 1834, 7378), share_fits((5.9, 2), 9091, 143561)
    (True, False)
    """
    percentage, decimals = shown
    computed = part / whole * 100
    # A cell in the percent format holds the fraction: 0.0923 is shown as 9,23 %.
    as_fraction = abs(computed - percentage * 100) if percentage < 1 else 100.0
    nearest = min(abs(computed - percentage), as_fraction)
    return bool(nearest <= HALF * 10**-decimals + 1e-9)


def told_share(shown: tuple[float, int], part: int, whole: int) -> dict[str, Any]:
    """What the finding says of a percentage: as shown, as computed, and its counts."""
    figures = {"shown": shown[0], "computed": part / whole * 100}
    texts: dict[str, Any] = {k: f"{v:.2f}".replace(".", ",") for k, v in figures.items()}
    return texts | {"value": texts["shown"], "part": part, "whole": whole}
