"""What is wrong, where, and what to do next: one finding for files, plans and parameters alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import TypeVar

from povsim.i18n import Lang, shown, text

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Severity(StrEnum):
    """An error keeps the file out, a doubt until somebody says why it is so; a note is told."""

    ERROR = "error"
    DOUBT = "doubt"
    NOTE = "note"


@dataclass(frozen=True)
class Place:
    """Where a finding stands: file, sheet, cell; each empty where it does not apply."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        return " › ".join(part for part in (self.file, self.sheet, self.cell) if part)


@dataclass(frozen=True)
class Finding:
    """One broken rule at one place, with the values its sentence needs: days as dates, words
    as `Word`, for each language to write them its own way.

    `rule` names a pair of texts in the catalogue: `finding.<rule>.what` and `.next`. `reason` is
    what somebody said to a doubt; a doubt with a reason stands in nobody's way.
    """

    rule: str
    place: Place = Place()
    severity: Severity = Severity.ERROR
    values: dict[str, object] = field(default_factory=dict)
    reason: str = ""

    @property
    def code(self) -> str:
        """A short name of what is doubted: the same rule on the same figures, whatever the file.

        >>> Finding("jump", Place("a.xlsx"), Severity.DOUBT, {"value": 5}).code
        'DD1588'
        """
        told = f"{self.rule}|{sorted((k, str(v)) for k, v in self.values.items())}"
        return blake2b(told.encode(), digest_size=3).hexdigest().upper()

    @property
    def value(self) -> str:
        """The value found, as a list of findings may show it; letters are masked already."""
        return str(self.values.get("value", ""))

    def what(self, lang: Lang) -> str:
        """What is wrong, in one sentence."""
        return text(f"finding.{self.rule}.what", lang, **shown(self.values, lang))

    def next_step(self, lang: Lang) -> str:
        """What to do about it; a doubt may also be answered, or tells how it was."""
        step = text(f"finding.{self.rule}.next", lang, **shown(self.values, lang))
        if self.severity is not Severity.DOUBT:
            return step
        told = "doubt.answered" if self.reason else "doubt.open"
        return f"{step} {text(told, lang, code=self.code, reason=self.reason)}"

    def line(self, lang: Lang) -> str:
        """Severity, place, what, and what next, on one line."""
        where = f"{self.place}: " if str(self.place) else ""
        mark = text(f"severity.{self.severity}", lang)
        return f"[{mark}] {where}{self.what(lang)} → {self.next_step(lang)}"


class Refusal(Exception):
    """Work that was not done, with every finding that stood in its way; nothing was saved."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.text("vi"))

    def text(self, lang: Lang) -> str:
        """All findings, one a line."""
        return "\n".join(finding.line(lang) for finding in self.findings)


def refuse(rule: str, place: Place | None = None, **values: object) -> Refusal:
    """A refusal with one finding, ready to be raised."""
    return Refusal([Finding(rule, place or Place(), values=values)])


def all_of(call: Callable[[Asked], Answer], asked: Iterable[Asked]) -> list[Answer]:
    """The answers to all that is asked; where some are refused, one refusal with every finding.

    Raises:
        Refusal: what any of the calls refused.
    """
    answers: list[Answer] = []
    findings: list[Finding] = []
    for each in asked:
        try:
            answers.append(call(each))
        except Refusal as refusal:
            findings += refusal.findings
    if findings:
        raise Refusal(findings)
    return answers


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that keep a file out."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """What stands in the way: errors, and doubts that nobody has answered."""
    return [f for f in findings if f.severity is Severity.ERROR or _is_open(f)]


def _is_open(finding: Finding) -> bool:
    return finding.severity is Severity.DOUBT and not finding.reason


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then doubts, then notes; in each, as they were found."""
    order = list(Severity)
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def masked(value: object) -> str:
    """A cell's value as a finding may show it: digits and signs stay, letters are hidden.

    A name typed into a number cell is personal data; the clerk has the cell's address.

    >>> masked("A Brê 12"), masked("1.834"), masked(3.5)
    ('• ••• 12', '1.834', '3.5')
    """
    return re.sub(r"[^\W\d_]", "•", str(value))
