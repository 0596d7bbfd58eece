"""What the forms of one review say of each other, of the year before, and of the months within."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from povsim import forms, rules
from povsim.findings import Severity
from povsim.forms import Agreement, Bound, Cell, Form
from povsim.intake.cells import Cells, Counts, count_in, successor, sum_in
from povsim.intake.checks.rows import check_share
from povsim.intake.delivery import Delivery, Entry, Lines, Review
from povsim.vocabulary import Period


def check(delivery: Delivery, cells: Cells) -> None:
    """Hold every touched review against the rules among forms and over time."""
    for review in sorted(delivery.reviews):
        lines, here = delivery.reviews[review], cells.counts(review)
        for form in _forms_of(cells, review):
            _check_bounds(delivery, lines, here, form)
        for entry in lines.values():
            if entry.shares and entry.form.sister_shares:
                _check_sister_shares(delivery, here, entry)
    for review in sorted({*delivery.reviews, *_following(delivery, cells)}):
        here = cells.counts(review)
        for form in _forms_of(cells, review):
            for agreement in form.agreements:
                _check_agreement(delivery, cells, review, here, agreement)
        _check_months_within(delivery, cells, review)


def _forms_of(cells: Cells, review: Review) -> list[forms.Form]:
    return [forms.forms()[id] for id in dict.fromkeys(form for form, _ in cells.lines(review))]


def _following(delivery: Delivery, cells: Cells) -> Iterator[Review]:
    """Held reviews that a delivered one must still agree with: a closing stock is the opening of
    the next year and of its months, and months are part of their year.
    """
    for unit, sent in delivery.reviews:
        for time in cells.times:
            later = time.year == sent.year + 1 if sent.whole else time == Period(sent.year)
            review = (successor(unit, time), time) if later else (unit, sent)
            if cells.held(review):
                yield review


# --- Parts and wholes ----------------------------------------------------------------------------


def _check_bounds(delivery: Delivery, lines: Lines, here: Counts, form: Form) -> None:
    for bound in form.bounds:
        parts = sum_in(here, bound.parts)
        whole = None if parts is None else sum_in(here, bound.whole)
        if parts is None or whole is None or parts * bound.times <= whole * bound.whole_times:
            continue
        value, limit = parts * bound.times, whole * bound.whole_times
        _tell_bound(delivery, lines, bound, value, limit)


def _tell_bound(delivery: Delivery, lines: Lines, bound: Bound, value: int, limit: int) -> None:
    entry = lines[bound.parts[0].row]
    delivery.tell(
        "bound_broken",
        entry.place(bound.parts[0].item),
        bound.severity,
        parts=_named(bound.parts, bound.times, entry),
        value=value,
        whole=_named(bound.whole, bound.whole_times, entry),
        limit=limit,
        unit=entry.unit.name,
        period=str(entry.period),
    )


def _named(cells: Sequence[Cell], times: int, entry: Entry) -> str:
    """`3×(3+5)`, or `F1.3` where a cell stands on another form."""
    names = [column_name(c).removeprefix(f"{entry.form.id}.") for c in cells]
    listed = "+".join(names) if len(names) < 5 else f"{names[0]}+…+{names[-1]}"
    if times == 1:
        return listed
    return f"{times}×({listed})" if len(names) > 1 else f"{times}×{listed}"


def _check_sister_shares(delivery: Delivery, here: Counts, entry: Entry) -> None:
    """Percentages printed on one form, of counts that stand on another."""
    for item, (part, whole) in entry.form.sister_shares:
        if item in entry.shares:
            counts = count_in(here, part), count_in(here, whole)
            check_share(delivery, entry, item, entry.shares[item], counts)


# --- Equal cells ---------------------------------------------------------------------------------


def _check_agreement(
    delivery: Delivery, cells: Cells, review: Review, here: Counts, agreement: Agreement
) -> None:
    value = count_in(here, agreement.left)
    if value is None:
        return
    other = (
        cells.sum(_right(cells, review, agreement), agreement.right)
        if agreement.years_back
        else sum_in(here, agreement.right)
    )
    if other is None or value == other:
        return
    right = [(when, cell) for when in _right(cells, review, agreement) for cell in agreement.right]
    places = [cells.place(when, cell) for when, cell in [(review, agreement.left), *right]]
    place = next((place for place in places if place), None)
    if place is None:
        return
    delivery.tell(
        "forms_disagree",
        place,
        value=value,
        left=column_name(agreement.left),
        right=_sum_name(agreement.right),
        year=review[1].year - agreement.years_back,
        other=other,
    )


def _right(cells: Cells, review: Review, agreement: Agreement) -> list[Review]:
    """Where the right side stands; a merged unit's earlier count is that of its parts."""
    if not agreement.years_back:
        return [review]
    return cells.earlier(review, Period(review[1].year - agreement.years_back))


def column_name(cell: Cell) -> str:
    """A column as a clerk finds it: `F2.9`."""
    return f"{cell.form}.{forms.forms()[cell.form].column(cell.item).key}"


def _sum_name(cells: Sequence[Cell]) -> str:
    names = [column_name(cell) for cell in cells]
    return names[0] if len(names) == 1 else f"{names[0]}+…+{names[-1]}"


# --- Months within a year ------------------------------------------------------------------------


def _check_months_within(delivery: Delivery, cells: Cells, review: Review) -> None:
    """What was counted up to a month can only grow up to a later one, and to the year's end."""
    later = review[1]
    for earlier in (time for time in cells.times if time.year == later.year and time < later):
        parts = cells.earlier(review, earlier)
        for form in forms.forms().values():
            for part, whole in form.part_of_year:
                _check_part(delivery, cells, parts, part, review, whole if later.whole else part)


def _check_part(
    delivery: Delivery, cells: Cells, parts: list[Review], part: Cell, review: Review, whole: Cell
) -> None:
    unit, period = review
    counted, limit = cells.sum(parts, [part]), cells.value(review, whole)
    if counted is None or limit is None or counted <= limit:
        return
    places = [cells.place(review, whole), *(cells.place(when, part) for when in parts)]
    place = next((place for place in places if place), None)
    if place is not None:
        delivery.tell(
            "months_exceed_year",
            place,
            Severity.DOUBT,
            unit=rules.units()[unit].name,
            left=column_name(part),
            months=str(parts[0][1]),
            value=counted,
            right=column_name(whole),
            period=str(period),
            other=limit,
        )
