"""What goes into a store and comes out: submissions, releases, documents, and what was sent."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, partial

import pandas as pd

from povsim.vocabulary import Origin, Period

CELL_COLUMNS = ["form", "line", "item", "value"]
FACT_COLUMNS = ["unit", "period", *CELL_COLUMNS]

PRELIMINARY, OFFICIAL = "preliminary", "official"
"""How final figures are: an official figure is never replaced by a preliminary one."""


@dataclass(frozen=True)
class Submission:
    """One unit's forms of one review, as files gave them; `facts` follow their contract.

    `also` holds the other files of a review that came in several: name and SHA-256 of each.
    """

    unit: str
    period: str
    file: str
    sha256: str
    origin: Origin
    facts: pd.DataFrame
    also: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Confirmation:
    """A recorded "yes, it is so": the doubt by its code, rule and sentence, and the reason."""

    code: str
    rule: str
    doubt: str
    reason: str


@dataclass(frozen=True)
class Document:
    """A report that an organisation handed in: which duty of which year it meets."""

    duty: str
    year: int
    organisation: str
    received: date
    sender: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Sent:
    """That a unit sent its forms of a period, and when; nothing of what they say."""

    unit: str
    period: str
    received: date
    status: str
    origin: Origin


@dataclass(frozen=True)
class Release:
    """An immutable view of accepted submissions: its number, name, provenance and cells.

    `checksum` is SHA-256 over what the accepted submissions say, so equal data is recognised
    whatever files brought it. Cells are fetched from the store when asked for.
    """

    number: int
    name: str
    created: datetime
    sender: str
    status: str
    origin: Origin
    checksum: str
    read: Callable[[Collection[str] | None], pd.DataFrame] = field(repr=False, compare=False)

    @cached_property
    def facts(self) -> pd.DataFrame:
        """Every cell of the release, by unit, period, form, line and item."""
        return self.read(None)

    def facts_of(self, units: Collection[str]) -> pd.DataFrame:
        """The cells of some units only: a page does not wait for a whole province."""
        return self.read(units)

    def of(self, units: Collection[str]) -> Release:
        """The same release, showing some units only."""
        return replace(self, read=partial(self._read_some, frozenset(units)))

    def _read_some(self, own: frozenset[str], units: Collection[str] | None) -> pd.DataFrame:
        return self.read(own if units is None else own & set(units))

    @cached_property
    def reviews(self) -> set[tuple[str, str]]:
        """Every unit and period that the release shows something of."""
        return set(self.facts[["unit", "period"]].itertuples(index=False, name=None))

    @property
    def years(self) -> list[int]:
        """The review years the release holds, ascending."""
        periods = map(Period.parse, self.facts["period"].unique())
        return sorted(period.year for period in periods if period.whole)


@dataclass(frozen=True)
class Change:
    """A cell that a submission changed; None where it was, or is, not given."""

    form: str
    line: str
    item: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Version:
    """One submission in the history of a unit's review.

    `supersedes` is the submission whose place it took, None for the first and for one that took
    no place (`accepted` is False: a preliminary figure that came after the official one).
    `changes` is against the one it superseded, or, kept beside, against the one shown when it came.
    """

    submission: int
    release: int
    received: datetime
    sender: str
    status: str
    origin: Origin
    files: tuple[tuple[str, str], ...]
    """Each file's name and SHA-256."""
    accepted: bool
    supersedes: int | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Summary:
    """A release in one line: what it changed, for a list of releases."""

    number: int
    name: str
    created: datetime
    sender: str
    status: str
    origin: Origin
    units: int
    """How many units it brought something of."""
    periods: tuple[str, ...]
    """Of which periods."""
