"""Errors of the workbooks that are known and declared, put right before anything is checked."""

from __future__ import annotations

from povsim import known_errors
from povsim.findings import Place, Severity
from povsim.intake.delivery import Delivery, Entry
from povsim.known_errors import KnownError
from povsim.plan import Plan


def correct(delivery: Delivery, plan: Plan) -> None:
    """Put declared errors right in the delivery; an entry whose source has changed is an error."""
    declared = [e for e in known_errors.load(plan.known_errors) if e.source == "workbook"]
    for error in declared:
        *address, form, line, item = error.where
        for review in [r for r in delivery.reviews if [r[0], str(r[1])] == address]:
            lines = delivery.reviews[review]
            if (form, line) in lines:
                _correct(delivery, lines[form, line], item, error)
                delivery.reviews[review] = lines


def _correct(delivery: Delivery, entry: Entry, item: str, error: KnownError) -> None:
    place, found = entry.place(item), entry.counts.get(item)
    if found != error.expect:
        tell_outdated(delivery, place, error, found)
        return
    entry.counts = {name: count for name, count in entry.counts.items() if name != item}
    if error.fix is not None:
        entry.counts[item] = int(error.fix)
    fix = "–" if error.fix is None else f"{error.fix:g}"
    values = {"value": found, "fix": fix, "reason": error.reason}
    delivery.tell("known_error_fixed", place, Severity.NOTE, **values)


def tell_outdated(delivery: Delivery, place: Place, error: KnownError, found: float | None) -> None:
    """The source no longer says what the entry expects: it was corrected, or changed again."""
    shown = "–" if found is None else f"{found:g}"
    expect = f"{error.expect:g}"
    delivery.tell("known_error_outdated", place, value=shown, expect=expect, reason=error.reason)
