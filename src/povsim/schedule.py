"""What is due from whom, to whom and when; what was made, what is missing and since when.

The calendar is data. "Before 15 June" means that 14 June is the last day on time. A report is owed
by the organisations of the day it falls due, on the units of that day; a debt of one that has
ended passes to its successor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from povsim import organisations
from povsim.findings import Refusal, refuse
from povsim.i18n import Lang, text
from povsim.organisations import Kind, Level, Organisation, Organisations, RulesFile, Work
from povsim.plan import Issuer, Plan
from povsim.vocabulary import Origin, Period

if TYPE_CHECKING:
    from povsim.store import Document, Sent

YEAR_PERIOD = "year"
"""How the calendar calls the year-end review among the periods of forms."""


class Printed(StrEnum):
    """How the law prints a date: the day before it counts, it counts itself, only a year."""

    BEFORE = "before"
    THROUGH = "through"
    WITHIN = "within"


@dataclass(frozen=True)
class Deadline:
    """A date of every year, as it is printed.

    >>> Deadline(Printed.BEFORE, 6, 15).last_day(2023).isoformat()
    '2023-06-14'
    >>> Deadline(Printed.BEFORE, 6, 15).told(2023, "vi")
    'trước ngày 15/6/2023'
    """

    printed: Printed
    month: int = 12
    day: int = 31

    def last_day(self, year: int) -> date:
        """The last day on time."""
        named = date(year, self.month, self.day)
        return named - timedelta(days=1) if self.printed is Printed.BEFORE else named

    def told(self, year: int, lang: Lang) -> str:
        """The date of a year as the law prints it."""
        return text(f"deadline.{self.printed}", lang, day=self.day, month=self.month, year=year)


@dataclass(frozen=True)
class Duty:
    """One line of the calendar: what is owed each year, and by what article.

    Owed by every organisation of `kinds`, one report each, or (`role`) by the holders of a role
    together, the first of them leading. `period` is that of the forms that meet it, empty where a
    recorded document does. `of_district`: issued in the name of the plan's district. Nothing falls
    due before `start` or after `end`.
    """

    id: str
    names: tuple[tuple[Lang, str], ...]
    deadline: Deadline
    opens: tuple[int, int]
    years: tuple[int, ...]
    kinds: tuple[Kind, ...]
    role: str
    recipients: str
    period: str
    of_district: bool
    work: Work
    article: str
    verified: bool
    start: date
    end: date

    def name(self, lang: Lang) -> str:
        return dict(self.names)[lang]

    def opens_in(self, year: int) -> date:
        """The first day that a year's report can be made."""
        return max(date(year, *self.opens), self.start)

    def form_period(self, year: int) -> str:
        """The period of the forms that meet it, as a store prints it."""
        return str(
            Period.parse(f"{year}" if self.period == YEAR_PERIOD else f"{year}-{self.period}")
        )


@dataclass(frozen=True)
class Parties:
    """Who owes, with whom, to whom; `issuer` where it is made in the district's name.

    `to_verified`: the law prints that such a report goes to such recipients.
    """

    debtor: Organisation
    recipients: tuple[Organisation, ...]
    to_verified: bool
    partners: tuple[Organisation, ...] = ()
    issuer: Issuer | None = None


@dataclass(frozen=True)
class Obligation:
    """One report that one debtor owes for one year, on the day that it falls due (`deadline`, the
    last day on time).
    """

    duty: Duty
    year: int
    deadline: date
    parties: Parties

    @property
    def debtor(self) -> Organisation:
        return self.parties.debtor

    @property
    def recipients(self) -> tuple[Organisation, ...]:
        return self.parties.recipients

    @property
    def issuer(self) -> Issuer | None:
        return self.parties.issuer

    @property
    def opens(self) -> date:
        return self.duty.opens_in(self.year)

    def printed(self, lang: Lang) -> str:
        """The deadline as the law prints it."""
        return self.duty.deadline.told(self.year, lang)


@dataclass(frozen=True)
class Receipt:
    """That a report came: on which day, from which organisation, brought by whom, in which file;
    `status` of forms says how final they are, `sample` that povsim made their figures.
    """

    on: date
    organisation: str
    sender: str = ""
    file: str = ""
    status: str = ""
    sample: bool = False


class Progress(StrEnum):
    """How far an obligation is on a day."""

    MISSING = "missing"
    DUE = "due"
    NOT_OPEN = "not_open"
    LATE = "late"
    RECEIVED = "received"


@dataclass(frozen=True)
class Standing:
    """An obligation as it stands on a day.

    `parties` are those of that day: who must make it (a successor, where the debtor has ended), or
    who made it.
    """

    obligation: Obligation
    progress: Progress
    day: date
    parties: Parties
    receipt: Receipt | None = None

    @property
    def days(self) -> int:
        """Days left; late so far (MISSING); late when it came (LATE); 0 when it came on time."""
        if self.progress is Progress.RECEIVED:
            return 0
        until = self.receipt.on if self.receipt else self.day
        return abs((until - self.obligation.deadline).days)

    @property
    def missing_since(self) -> date | None:
        """The first day it was late, where it is still missing."""
        late = self.progress is Progress.MISSING
        return self.obligation.deadline + timedelta(days=1) if late else None

    @property
    def for_another(self) -> bool:
        """Whether somebody else owes or made it than the debtor of the day it fell due."""
        return self.parties.debtor != self.obligation.debtor


# --- Questions --------------------------------------------------------------------------------


def obligations(plan: Plan, first: date, last: date) -> list[Obligation]:
    """What falls due from `first` to `last`, both counted, by day, calendar and organisation.

    Raises:
        Refusal: no calendar or no organisations are on file for the plan's district.
    """
    known = organisations.load(plan.district_code)
    found = [
        obligation
        for duty in duties(plan.district_code)
        for year in range(plan.first_year, plan.last_year + 1)
        if not duty.years or year in duty.years
        if max(first, duty.start) <= duty.deadline.last_day(year) <= min(last, duty.end)
        for obligation in _obligations(duty, year, plan, known)
    ]
    return sorted(found, key=lambda obligation: obligation.deadline)


def due(
    plan: Plan,
    day: date,
    documents: Iterable[Document],
    sent: Iterable[Sent],
    ahead: int = 30,
) -> list[Standing]:
    """Everything that fell due until `day`, and what falls due in the next `ahead` days.

    What was received after `day` counts as not received yet.

    Raises:
        Refusal: no calendar or no organisations are on file for the plan's district.
    """
    # No day is later than the last that a date can be, however far ahead is asked.
    last = date.fromordinal(min(day.toordinal() + ahead, date.max.toordinal()))
    known = organisations.load(plan.district_code)
    receipts = _Receipts(known, documents, sent, day)
    owed = obligations(plan, date.min, last)
    return [_standing(obligation, day, receipts.of(obligation), plan, known) for obligation in owed]


def missing(standings: Iterable[Standing]) -> list[Standing]:
    """What is overdue, the oldest first."""
    return [standing for standing in standings if standing.progress is Progress.MISSING]


def to_chase(standings: Iterable[Standing]) -> dict[Organisation, list[Standing]]:
    """Who is to be reminded, and of what: every organisation that owes something overdue."""
    found: dict[Organisation, list[Standing]] = defaultdict(list)
    for standing in missing(standings):
        found[standing.parties.debtor].append(standing)
    return dict(found)


def accepted(plan: Plan, document: Document) -> list[Obligation]:
    """The obligations that a document meets: a successor pays at once for all it took in.

    Raises:
        Refusal: the calendar has no such duty in that year, forms meet it, it is too early, or
            the organisation owes no such report.
    """
    known, received = organisations.load(plan.district_code), document.received
    owed = _owed(plan, document.duty, document.year)
    if received < owed[0].opens:
        opens = owed[0].opens
        raise refuse("document_too_early", duty=document.duty, opens=opens, received=received)
    organisation = known[document.organisation]
    if received < organisation.valid_from:
        known.at(organisation.id, received)  # refuses: it did not exist yet
    met = [o for o in owed if _pays(o, organisation.id, received, known)]
    if not met:
        owers = "; ".join(obligation.debtor.name for obligation in owed)
        name = organisation.name
        raise refuse("duty_not_owed", organisation=name, duty=document.duty, debtors=owers)
    return met


def meant(plan: Plan, written: str, duty: str, year: int, received: date) -> Organisation:
    """Whom an identity, a name or a code means as the one who handed in a report.

    A name and a code may have been used again between the day it fell due and the day it came:
    where both bearers could pay, neither is guessed.

    Raises:
        Refusal: nobody bears it, or more than one who could pay does (all are shown).
    """
    known = organisations.load(plan.district_code)
    owed = _owed(plan, duty, year)
    days = {received, *(obligation.deadline for obligation in owed)}
    called = known.called(written)
    if not called:
        debtors = ", ".join(f"{o.debtor.name} ({o.debtor.id})" for o in owed)
        raise refuse("organisation_name_unknown", name=written, organisations=debtors)
    standing = [o for o in called if any(map(o.stands_on, days))]
    able = [o for o in standing if _can_pay(o, owed, received, known)]
    if len(able) > 1:
        raise refuse(
            "debtor_ambiguous",
            name=written,
            deadline=owed[0].deadline,
            received=received,
            organisations="; ".join(map(_dated, able)),
        )
    return able[0] if able else known.find(written, received, among=plan.kin())


def cleared(plan: Plan, document: Document, recorded: Iterable[Document]) -> list[Obligation]:
    """The obligations that a recorded document is the first to meet.

    Raises:
        Refusal: it meets none (see `accepted`).
    """
    known = organisations.load(plan.district_code)
    receipts = _Receipts(known, recorded, (), date.max)
    return [o for o in accepted(plan, document) if receipts.of(o) == _receipt(document)]


def duty_of(plan: Plan, written: str) -> Duty:
    """A duty of the plan's calendar by its name there.

    Raises:
        Refusal: the calendar has none of that name (those it has are told).
    """
    every = {duty.id: duty for duty in duties(plan.district_code)}
    if written not in every:
        raise refuse("duty_unknown", duty=written, known=", ".join(every))
    return every[written]


def _owed(plan: Plan, written: str, year: int) -> list[Obligation]:
    """Who owes a duty's documents for a year.

    Raises:
        Refusal: the calendar has no such duty, or not in that year, or forms meet it.
    """
    duty = duty_of(plan, written)
    if not plan.first_year <= year <= plan.last_year:
        raise refuse("duty_not_in_year", duty=duty.id, year=year)
    if duty.period:
        raise refuse("duty_met_by_forms", duty=duty.id, period=duty.form_period(year))
    # "Before 1 January" falls due in the year before.
    every = obligations(plan, date(year - 1, 12, 31), date(year, 12, 31))
    owed = [o for o in every if o.duty == duty and o.year == year]
    if not owed:
        raise refuse("duty_not_in_year", duty=duty.id, year=year)
    return owed


def _dated(organisation: Organisation) -> str:
    """An organisation with its identity, and the days that tell it from others of its name."""
    days = f"{organisation.valid_from:%d/%m/%Y}–"
    if organisation.valid_to:
        days += f"{organisation.valid_to:%d/%m/%Y}"
    return f"{organisation.name} ({organisation.id}, {days})"


# --- Who owes ---------------------------------------------------------------------------------


def _obligations(duty: Duty, year: int, plan: Plan, known: Organisations) -> Iterator[Obligation]:
    deadline = duty.deadline.last_day(year)
    if duty.role:
        yield Obligation(duty, year, deadline, _of_role(duty, deadline, plan, known))
        return
    recipients = known.holding(duty.recipients, deadline)
    verified = known.role(duty.recipients, deadline).verified
    for debtor in _debtors(duty, deadline, plan, known):
        if debtor not in recipients:  # nobody reports to itself
            yield Obligation(duty, year, deadline, Parties(debtor, recipients, verified))


def _debtors(duty: Duty, day: date, plan: Plan, known: Organisations) -> Iterator[Organisation]:
    """The organisations of a day that owe one report each; communes are those of the plan."""
    units = {unit.id for unit in plan.units_on(day)} if Kind.COMMUNE in duty.kinds else set()
    for organisation in known.on(day):
        below = organisation.level is not Level.PROVINCE and not organisation.reports_through
        ours = organisation.unit is None or organisation.unit in units
        if organisation.kind in duty.kinds and below and ours:
            yield organisation


def _of_role(duty: Duty, day: date, plan: Plan, known: Organisations) -> Parties:
    """The holders of a duty's role on a day, the first leading."""
    debtor, *partners = known.holding(duty.role, day)
    issuer = plan.issuer_on(day) if duty.of_district else None
    return replace(_to(duty, debtor, day, known), partners=tuple(partners), issuer=issuer)


def _to(duty: Duty, debtor: Organisation, day: date, known: Organisations) -> Parties:
    """A debtor and the recipients of a day; one that took over from a recipient sends to the
    others.
    """
    held = known.holding(duty.recipients, day)
    recipients = tuple(o for o in held if o != debtor) or held
    return Parties(debtor, recipients, known.role(duty.recipients, day).verified)


# --- What was received ------------------------------------------------------------------------


class _Receipts:
    """What came until a day, asked by the obligation that it meets."""

    def __init__(
        self, known: Organisations, documents: Iterable[Document], sent: Iterable[Sent], day: date
    ) -> None:
        self._known = known
        self._documents: dict[tuple[str, int], list[Document]] = defaultdict(list)
        self._sent: dict[tuple[str, str], Sent] = {}
        for document in sorted(documents, key=lambda d: d.received):
            if document.received <= day:
                self._documents[document.duty, document.year].append(document)
        for each in sorted(sent, key=lambda s: s.received):
            if each.received <= day:
                self._sent.setdefault((each.unit, each.period), each)

    def of(self, obligation: Obligation) -> Receipt | None:
        """The first that met the obligation, or None."""
        if obligation.duty.period:
            return self._forms(obligation)
        for document in self._documents.get((obligation.duty.id, obligation.year), ()):
            if _pays(obligation, document.organisation, document.received, self._known):
                return _receipt(document)
        return None

    def _forms(self, obligation: Obligation) -> Receipt | None:
        period = obligation.duty.form_period(obligation.year)
        found = self._sent.get((str(obligation.debtor.unit), period))
        if found is None:
            return None
        sample = found.origin is Origin.SAMPLE
        return Receipt(found.received, found.unit, status=found.status, sample=sample)


def _receipt(document: Document) -> Receipt:
    return Receipt(document.received, document.organisation, document.sender, document.file)


def _can_pay(
    organisation: Organisation, owed: Iterable[Obligation], on: date, known: Organisations
) -> bool:
    """Whether an organisation that was there on a day could pay any of some obligations then."""
    there = organisation.valid_from <= on
    return there and any(_pays(each, organisation.id, on, known) for each in owed)


def _pays(obligation: Obligation, organisation: str, on: date, known: Organisations) -> bool:
    """Whether a report that an organisation handed in on a day meets the obligation.

    The debtor's does, and that of whoever stood in its place on that day: the leader of the role
    then, or the successor of a debtor that had ended.
    """
    duty, debtor = obligation.duty, obligation.debtor
    if organisation == debtor.id:
        return True
    if duty.role:
        return known.holding(duty.role, on)[0].id == organisation
    return _passed(debtor, on, duty.work, known).id == organisation


def _passed(debtor: Organisation, day: date, work: Work, known: Organisations) -> Organisation:
    try:
        return known.at(debtor.id, day, work)
    except Refusal:
        return debtor  # nobody on file took it over: it stays told under the name it had


def _standing(
    obligation: Obligation, day: date, receipt: Receipt | None, plan: Plan, known: Organisations
) -> Standing:
    if receipt:
        progress = Progress.LATE if receipt.on > obligation.deadline else Progress.RECEIVED
        return Standing(obligation, progress, day, _made(obligation, receipt, plan, known), receipt)
    if day > obligation.deadline:
        return Standing(obligation, Progress.MISSING, day, _owing(obligation, day, plan, known))
    progress = Progress.DUE if day >= obligation.opens else Progress.NOT_OPEN
    return Standing(obligation, progress, day, _working(obligation, day, plan, known))


def _made(obligation: Obligation, receipt: Receipt, plan: Plan, known: Organisations) -> Parties:
    """Who made it, to those who received on that day."""
    if obligation.duty.role:
        parties, maker = _of_role(obligation.duty, receipt.on, plan, known), receipt.organisation
        partners = tuple(partner for partner in parties.partners if partner.id != maker)
        return replace(parties, debtor=known[maker], partners=partners)
    if receipt.on <= obligation.deadline:
        return obligation.parties
    return replace(_owing(obligation, receipt.on, plan, known), debtor=known[receipt.organisation])


def _owing(obligation: Obligation, day: date, plan: Plan, known: Organisations) -> Parties:
    """Who owes an overdue report on a day, to whom."""
    duty = obligation.duty
    if duty.role:
        return _of_role(duty, day, plan, known)
    debtor = _passed(obligation.debtor, day, duty.work, known)
    return _to(duty, debtor, day, known)


def _working(obligation: Obligation, day: date, plan: Plan, known: Organisations) -> Parties:
    """Who is at work on a report that is not due yet.

    Where only the year is printed it may be made on any day of it, by who leads on that day;
    otherwise by those who will owe it when it falls due.
    """
    duty = obligation.duty
    if duty.role and duty.deadline.printed is Printed.WITHIN:
        return _of_role(duty, max(day, obligation.opens), plan, known)
    return obligation.parties


# --- The calendar -----------------------------------------------------------------------------


def duties(district: str) -> tuple[Duty, ...]:
    """The calendar of a district (its code): povsim's own and the workspace's.

    Raises:
        Refusal: none is on file for the district, or every entry that is not whole.
    """
    return _duties(organisations.district_rules("calendar", district))


@lru_cache(maxsize=16)
def _duties(files: tuple[RulesFile, ...]) -> tuple[Duty, ...]:
    entries = organisations.merged_entries(files, "duty", "id", head=("from", "to"))
    return tuple(organisations.read_all(_duty, entries))


def _duty(entry: Mapping[str, Any]) -> Duty:
    debtors, opens = entry["debtors"], entry.get("opens", {"month": 1, "day": 1})
    names: Sequence[Lang] = ("vi", "en")
    return Duty(
        id=entry["id"],
        names=tuple((lang, entry["name"][lang]) for lang in names),
        deadline=_deadline(entry),
        opens=(opens["month"], opens["day"]),
        years=tuple(entry.get("years", ())),
        kinds=tuple(map(Kind, debtors.get("kinds", ()))),
        role="" if "kinds" in debtors else debtors["role"],
        recipients=entry["recipients"],
        period=entry["period"] if entry["met_by"] == "forms" else "",
        of_district=entry.get("in_the_name_of_the_district", False),
        work=Work(entry["work"]),
        article=entry["article"],
        verified=entry["verified"],
        start=entry["from"],
        end=entry["to"],
    )


def _deadline(entry: Mapping[str, Any]) -> Deadline:
    for printed in (Printed.BEFORE, Printed.THROUGH):
        if printed in entry:
            told = Deadline(printed, entry[printed]["month"], entry[printed]["day"])
            told.last_day(2023)  # a date that not every year has is no deadline
            return told
    return Deadline(Printed.WITHIN)
