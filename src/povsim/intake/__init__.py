"""From received files to a release: every fault at once, by file and cell; all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from povsim import forms
from povsim.findings import Finding, Place, Refusal, errors
from povsim.intake import checks, delivery
from povsim.intake.delivery import Delivery, Entry
from povsim.plan import Plan
from povsim.store import FACT_COLUMNS, Release, Store, Submission


@dataclass(frozen=True)
class Receipt:
    """What the sender gets back: the release, and the notes that did not stand in its way."""

    release: Release
    notes: tuple[Finding, ...]


def ingest(
    files: Sequence[Path],
    plan: Plan,
    store: Store,
    *,
    sender: str,
    status: str = "official",
) -> Receipt:
    """Read, check and save files as one release; a delivery with any error saves nothing.

    Files add to the newest release: a unit's review sent again replaces the earlier one in the
    new release, and the old release stays as it was.

    Raises:
        Refusal: every finding, errors first, with file, sheet, cell and next step.
    """
    received = check(files, plan, store.latest())
    wrong = errors(received.findings)
    if wrong:
        raise Refusal([*wrong, *(f for f in received.findings if f not in wrong)])
    return Receipt(store.save(_submissions(received), sender, status), tuple(received.findings))


def check(files: Sequence[Path], plan: Plan, current: Release | None) -> Delivery:
    """Read files and hold them against every rule; nothing is saved and nothing raises."""
    received = delivery.read(files, plan)
    if not received.entries and not errors(received.findings):
        received.tell("no_form_in_file", Place(), forms=", ".join(forms.forms()))
    checks.check(received, plan, current)
    return received


def _submissions(received: Delivery) -> list[Submission]:
    """One submission a unit and review, in a fixed order."""
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for entry in received.entries:
        grouped.setdefault((str(entry.unit.id), entry.period), []).append(entry)
    return [
        Submission(
            unit=unit,
            period=period,
            file=entries[0].sheet.file,
            sha256=received.digests[entries[0].sheet.file],
            origin=entries[0].origin,
            facts=_facts(entries),
        )
        for (unit, period), entries in sorted(grouped.items())
    ]


def _facts(entries: Iterable[Entry]) -> pd.DataFrame:
    rows = [
        (str(e.unit.id), e.period, e.sheet.form.id, e.row.line, item, value)
        for e in entries
        for item, value in e.row.counts.items()
    ]
    return pd.DataFrame(rows, columns=FACT_COLUMNS).astype({"value": "Int64"})
