"""From received files to a release: every fault at once, by file and cell; all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from povsim import forms, rules
from povsim.findings import Finding, Place, Refusal, Severity, blocking, by_severity, errors
from povsim.i18n import Lang
from povsim.intake import checks, delivery, known, returned
from povsim.intake.delivery import Delivery, Entry, Review, Watch
from povsim.plan import Plan
from povsim.store import (
    FACT_COLUMNS,
    OFFICIAL,
    PRELIMINARY,
    Confirmation,
    Release,
    Store,
    Submission,
)

__all__ = ["Delivery", "Entry", "Receipt", "check", "ingest"]


@dataclass(frozen=True)
class Receipt:
    """What the sender gets back: the release, and the findings that did not stand in its way."""

    release: Release
    notes: tuple[Finding, ...]


def ingest(
    files: Sequence[Path],
    plan: Plan,
    store: Store,
    *,
    sender: str,
    status: str = "official",
    answers: Mapping[str, str] | None = None,
    watch: Watch = iter,
    back: Path | None = None,
    lang: Lang = "vi",
    name: str | None = None,
    received_at: datetime | None = None,
    partial: bool = False,
) -> Receipt:
    """Read, check and save files as one release; a delivery with any error saves nothing.

    Files add to the newest release: a unit's review sent again replaces the earlier one in the
    new release, and the old release stays as it was. `answers` gives reasons to doubts by their
    code, as do the lists of findings among the files; they are kept with the release, and hold
    when the same figures come again. `back` is where findings are written for the sender, as
    comments on a copy of the file, in `lang`; `name` is the release's, its number unless given;
    `received_at` when the files came, where that was before today. `partial`: units that sent
    nothing yet follow; until they did, their year is not used for reports and projections.

    Raises:
        Refusal: every finding, errors first, with file, sheet, cell and next step.
    """
    given = {c.code: c.reason for c in store.confirmations()} | dict(answers or {})
    before = store.latest()
    received = check(files, plan, before, answers=given, watch=watch, partial=partial)
    if back is not None and received.findings:
        returned.write(back, received.paths, received.findings, lang, received.is_sample)
    if status == PRELIMINARY:
        _tell_beside(received, store)
    if blocking(received.findings):
        raise Refusal(by_severity(received.findings))
    confirmations = list(_confirmations(received.findings))
    release = store.save(_submissions(received), sender, status, confirmations, name, received_at)
    if before is not None and release.number == before.number:  # nothing was saved
        received.findings = [f for f in received.findings if f.rule != "preliminary_after_official"]
    return Receipt(release, tuple(by_severity(received.findings)))


def check(
    files: Sequence[Path],
    plan: Plan,
    current: Release | None,
    *,
    answers: Mapping[str, str] | None = None,
    watch: Watch = iter,
    partial: bool = False,
) -> Delivery:
    """Read files and hold them against every rule; nothing is saved and nothing raises.

    `partial`: a unit that sent nothing is no error, others follow.
    """
    received = delivery.read(files, plan, watch)
    known.correct(received, plan)
    if not received.reviews and not errors(received.findings):
        received.tell("no_form_in_file", Place(), forms=", ".join(forms.forms()))
    checks.check(received, plan, current, partial)
    given = dict(answers or {}) | received.answers
    received.findings = [_answered(finding, given) for finding in received.findings]
    return received


def _tell_beside(received: Delivery, store: Store) -> None:
    """A preliminary figure after the official one is kept, and takes no place."""
    shown = store.statuses()
    for unit, period in sorted(received.reviews):
        if shown.get((unit, str(period))) == OFFICIAL:
            place = Place(received.file_of((unit, period)))
            values = {"unit": rules.units()[unit].name, "period": str(period)}
            received.tell("preliminary_after_official", place, Severity.NOTE, **values)


def _answered(finding: Finding, answers: Mapping[str, str]) -> Finding:
    if finding.severity is not Severity.DOUBT:
        return finding
    return replace(finding, reason=answers.get(finding.code, "").strip())


def _confirmations(findings: Iterable[Finding]) -> Iterable[Confirmation]:
    for finding in findings:
        if finding.severity is Severity.DOUBT:
            yield Confirmation(finding.code, finding.rule, finding.what("vi"), finding.reason)


def _submissions(received: Delivery) -> Iterator[Submission]:
    """One submission a unit and review, in a fixed order; each is made as the store takes it."""
    for review in sorted(received.reviews):
        yield _submission(received, review, list(received.reviews[review].values()))


def _submission(received: Delivery, review: Review, entries: Sequence[Entry]) -> Submission:
    unit, period = review
    parts = (sheet for entry in entries for sheet, _ in entry.parts)
    first, *others = dict.fromkeys(sheet.file for sheet in parts)
    return Submission(
        unit=unit,
        period=str(period),
        file=first,
        sha256=received.digests[first],
        origin=entries[0].origin,
        facts=_facts(review, entries),
        also=tuple((file, received.digests[file]) for file in others),
    )


def _facts(review: Review, entries: Iterable[Entry]) -> pd.DataFrame:
    unit, period = review[0], str(review[1])
    rows = [
        (unit, period, e.form.id, e.line, item, value)
        for e in entries
        for item, value in e.counts.items()
    ]
    return pd.DataFrame(rows, columns=FACT_COLUMNS).astype({"value": "Int64"})
