"""What is wrong, where, and what to do next: one finding for files, plans and parameters alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from povsim.i18n import Lang, text


class Severity(StrEnum):
    """An error keeps the file out; a note is told and kept."""

    ERROR = "error"
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
    """One broken rule at one place, with the values its sentence needs.

    `rule` names a pair of texts in the catalogue: `finding.<rule>.what` and `.next`.
    """

    rule: str
    place: Place = Place()
    severity: Severity = Severity.ERROR
    values: dict[str, object] = field(default_factory=dict)

    def what(self, lang: Lang) -> str:
        """What is wrong, in one sentence."""
        return text(f"finding.{self.rule}.what", lang, **self.values)

    def next_step(self, lang: Lang) -> str:
        """What to do about it, in one sentence."""
        return text(f"finding.{self.rule}.next", lang, **self.values)

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


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that keep a file out."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def masked(value: object) -> str:
    """A cell's value as a finding may show it: digits and signs stay, letters are hidden.

    A name typed into a number cell is personal data; the clerk has the cell's address.

    >>> masked("A Brê 12"), masked("1.834"), masked(3.5)
    ('• ••• 12', '1.834', '3.5')
    """
    return re.sub(r"[^\W\d_]", "•", str(value))
