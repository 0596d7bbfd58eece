"""Who owes which report, since when or until when; and that one was received."""

from __future__ import annotations

import csv as tables
import errno
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from povsim import plan as plans
from povsim import workspace
from povsim.commands.options import DAYS, Language, Lingua, PlanName, lang_of
from povsim.findings import refuse
from povsim.i18n import Lang, short_day, text
from povsim.i18n import day as told_day
from povsim.plan import DEFAULT_PLAN, Plan
from povsim.workspace import CLOCK

if TYPE_CHECKING:
    from povsim.organisations import Organisation
    from povsim.schedule import Obligation, Parties, Standing
    from povsim.store import Document

K = TypeVar("K")

WIDTH = 80
OLD = 365
"""Debts older than so many days are told in one line each, unless all is asked for."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""A day outside these years is a slip of the hand."""
FURTHEST = 3660
"""So many days ahead is more than any plan lasts."""

Day = Annotated[str, typer.Option(help="Ngày như 14/06/2025, mặc định hôm nay · day")]


def due(
    on: Day = "",
    ahead: Annotated[int, typer.Option(help="Nhìn trước bao nhiêu ngày · days ahead")] = 30,
    everything: Annotated[
        bool, typer.Option("--all", help="Cả kỳ kế hoạch · all years of the plan")
    ] = False,
    chase: Annotated[
        bool, typer.Option("--chase", help="Danh sách đôn đốc, theo cơ quan · whom to remind")
    ] = False,
    csv: Annotated[Path | None, typer.Option(help="Ghi ra CSV · every line as CSV")] = None,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Ai còn nợ báo cáo gì, từ khi nào; sắp đến hạn gì · what is overdue, due and received."""
    from povsim import schedule
    from povsim.store import Store

    lang, day, chosen = lang_of(language), _day(on), plans.load(plan)
    if not 0 <= ahead <= FURTHEST:
        raise refuse("ahead_out_of_range", ahead=ahead, furthest=FURTHEST)
    store = Store(workspace.store_url())
    until_end = (date(chosen.last_year, 12, 31) - day).days
    every = schedule.due(chosen, day, store.documents(), store.sent(), ahead=max(ahead, until_end))
    shown = every if everything else _near(every, day, ahead)
    shown = schedule.missing(every) if chase else shown
    if csv is not None:  # first: what cannot be written is said before a long page
        _write(csv, shown, lang)
    page = _chase(every, chosen, day, lang) if chase else None
    for line in page or _page(every, shown, chosen, day, ahead, everything, lang):
        typer.echo(line)
    if csv is not None:
        typer.echo(text("cli.written", lang, path=csv))


def received(
    duty: Annotated[str, typer.Argument(help="Việc, như movement-june (xem povsim due) · duty")],
    organisation: Annotated[str, typer.Argument(help="Tên, mã cơ quan hoặc xã · who owes it")],
    year: Annotated[int, typer.Argument(help="Báo cáo của năm · year")],
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="Tệp nhận được · the file"),
    ] = None,
    on: Day = "",
    by: Annotated[
        str, typer.Option(help="Cơ quan nộp, không ghi tên người · who handed it in")
    ] = "",
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Rút lại ghi nhận sai · take back a wrong record")
    ] = False,
    plan: PlanName = DEFAULT_PLAN,
    language: Lingua = Language.VI,
) -> None:
    """Ghi nhận một báo cáo đã nhận (chỉ tên tệp và mã) · record that a report was received."""
    from povsim import schedule
    from povsim.store import Document, Store

    lang, day, chosen = lang_of(language), _day(on), plans.load(plan)
    if day > _today():
        raise refuse("received_in_future", received=day)
    found = schedule.meant(chosen, organisation, duty, year, day)
    if withdraw:
        typer.echo(_withdrawn(duty, year, found, lang))
        return
    name, digest = (file.name, _sha256(file)) if file else ("", "")
    document = Document(duty, year, found.id, day, by or found.name, name, digest)
    met = schedule.accepted(chosen, document)
    store = Store(workspace.store_url())
    new = store.record(document)
    cleared = schedule.cleared(chosen, document, store.documents())
    for line in _recorded(document, found, met, cleared, new, lang):
        typer.echo(line)


def _withdrawn(duty: str, year: int, organisation: Organisation, lang: Lang) -> str:
    """Take back what was recorded, and say it.

    Raises:
        Refusal: nothing of the kind was recorded.
    """
    from povsim.store import Store

    taken = Store(workspace.store_url()).withdraw(duty, year, organisation.id)
    if not taken:
        raise refuse("nothing_recorded", duty=duty, year=year, organisation=organisation.name)
    days = ", ".join(_short(document.received) for document in taken)
    name = organisation.name
    return text("cli.withdrawn", lang, duty=duty, year=year, organisation=name, days=days)


def _recorded(
    document: Document,
    organisation: Organisation,
    met: Sequence[Obligation],
    cleared: Sequence[Obligation],
    new: bool,
    lang: Lang,
) -> Iterator[str]:
    """What was recorded, and every debt that it pays: one report may pay for many."""
    values = {
        "duty": f"{met[0].duty.name(lang)} {document.year}",
        "organisation": organisation.name,
        "day": _short(document.received),
        "deadline": met[0].printed(lang),
    }
    yield text("cli.received" if new else "cli.received_before", lang, **values)
    rest = [obligation for obligation in met if obligation not in cleared]
    if cleared:
        told = "cli.received_for" if len(cleared) == 1 else "cli.received_for_many"
        names = _debts(cleared)
        yield text(told, lang, organisation=organisation.name, count=len(cleared), names=names)
    if rest:
        yield text("cli.received_already", lang, count=len(rest), names=_debts(rest))


def _debts(owed: Iterable[Obligation]) -> str:
    """Whose debts, each with its identity: names and codes were used again."""
    return "; ".join(f"{each.debtor.name} ({each.debtor.id})" for each in owed)


def _day(written: str) -> date:
    """A day as it was typed, or today.

    Raises:
        Refusal: it is no day, or one of another age.
    """
    if not written:
        return _today()
    found = next(filter(None, (_parsed(written, form) for form in DAYS)), None)
    if found is None:
        raise refuse("day_unreadable", written=written)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise refuse("day_out_of_range", day=found, first=FIRST_YEAR, last=LAST_YEAR)
    return found


def _parsed(written: str, form: str) -> date | None:
    try:
        return datetime.strptime(written.strip(), form).date()
    except ValueError:
        return None


def _today() -> date:
    return datetime.now(CLOCK).date()


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


# --- The page ---------------------------------------------------------------------------------


def _near(every: Iterable[Standing], day: date, ahead: int) -> list[Standing]:
    """What a clerk looks at: all debts, the days ahead, and what came for this year."""
    return [
        s
        for s in every
        if s.progress == "missing"
        or (s.receipt and s.obligation.year == day.year)
        or (not s.receipt and s.days <= ahead)
    ]


def _page(
    every: Sequence[Standing],
    shown: Sequence[Standing],
    plan: Plan,
    day: date,
    ahead: int,
    everything: bool,
    lang: Lang,
) -> Iterator[str]:
    head = text("schedule.head", lang, district=plan.district, day=told_day(day, lang))
    yield fill(head, WIDTH)
    if any(s.receipt and s.receipt.sample for s in shown):
        yield fill(text("sample.notice", lang), WIDTH)
    late = [s for s in shown if s.progress == "missing"]
    old = [s for s in late if s.days > OLD and not everything]
    waiting = [s for s in shown if not s.receipt and s.progress != "missing"]
    came = [s for s in shown if s.receipt]
    yield from _section("missing", late, every, lang, brief=old, count=len(late))
    yield from _section("ahead", waiting, every, lang, ahead=ahead, count=len(waiting))
    yield from _section("next", [] if waiting else _next(every), every, lang)
    yield from _section("received", came, every, lang, count=len(came))
    yield from _footnote(shown, lang)


def _footnote(shown: Iterable[Standing], lang: Lang) -> Iterator[str]:
    if any(not _verified(s) for s in shown):
        yield ""
        yield fill(text("schedule.unverified", lang), WIDTH)


def _chase(every: Sequence[Standing], plan: Plan, day: date, lang: Lang) -> Iterator[str]:
    """Whom to remind, and of what: an organisation, what it owes since when, for whom."""
    from povsim import schedule

    chased = schedule.to_chase(every)
    head = text("schedule.chase", lang, district=plan.district, day=told_day(day, lang))
    yield fill(head, WIDTH)
    if not chased:
        yield text("section_empty.missing", lang)
    for organisation, owed in chased.items():
        yield ""
        name = f"{_name(organisation)} ({organisation.id})"
        told = text("schedule.chased", lang, organisation=name, count=len(owed))
        yield fill(told, WIDTH, subsequent_indent="  ")
        for _, group in _by(owed, lambda s: (s.obligation.duty.id, s.obligation.year)):
            yield _line(_owes(group, lang))
    yield from _footnote((s for owed in chased.values() for s in owed), lang)


def _owes(group: Sequence[Standing], lang: Lang) -> str:
    ((_, stead),) = _heirs(group)
    instead = text("schedule.instead", lang, names=", ".join(stead)) if stead else ""
    return f"{_title(group[0], lang)}{_when(group[0], lang)} {instead}".rstrip()


def _next(every: Iterable[Standing]) -> list[Standing]:
    """What falls due next, where nothing does in the days ahead."""
    waiting = [s for s in every if not s.receipt and s.progress != "missing"]
    return [s for s in waiting if s.obligation.deadline == waiting[0].obligation.deadline]


def _section(
    name: str,
    part: Sequence[Standing],
    every: Sequence[Standing],
    lang: Lang,
    brief: Sequence[Standing] = (),
    **values: object,
) -> Iterator[str]:
    if not part and name in ("next", "received"):
        return
    yield ""
    yield text(f"section.{name}" if part else f"section_empty.{name}", lang, **values)
    for _, group in _by(part, lambda s: (s.obligation.duty.id, s.obligation.year)):
        if group[0] in brief:
            yield _briefly(group, every, lang)
        else:
            yield from _told(group, every, lang)
    if brief:
        yield _line(text("schedule.brief", lang))


def _briefly(group: Sequence[Standing], every: Sequence[Standing], lang: Lang) -> str:
    """An old debt in a line: what, how many of all, since when."""
    of = sum(_same(standing, group[0]) for standing in every)
    head = f"{_title(group[0], lang)}: {len(group)}/{of}{_when(group[0], lang)}"
    return fill(head, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _title(standing: Standing, lang: Lang) -> str:
    duty = standing.obligation.duty
    return f"{duty.name(lang)} {standing.obligation.year} [{duty.id}]"


def _told(group: Sequence[Standing], every: Sequence[Standing], lang: Lang) -> Iterator[str]:
    first = group[0]
    obligation = first.obligation
    duty = obligation.duty
    yield fill(_title(first, lang), WIDTH, initial_indent="  ", subsequent_indent="  ")
    mark = "" if duty.verified else "*"
    yield _line(f"{obligation.printed(lang)}; {duty.article}{mark}{_when(first, lang)}")
    for _, part in _by(group, lambda s: (s.parties.recipients, _came(s))):
        yield _debtors(part, every, lang)
        yield _line(text("schedule.to", lang, names=_recipients(part[0].parties)))
    if first.parties.issuer:
        yield _line(text("schedule.issuer", lang, issuer=first.parties.issuer.named))


def _came(standing: Standing) -> tuple[date, bool] | None:
    """What is told of a receipt for all that came like it."""
    receipt = standing.receipt
    return (receipt.on, receipt.sample) if receipt else None


def _when(standing: Standing, lang: Lang) -> str:
    """How late it is, or how many days are left; what came says so by its own day."""
    if standing.receipt:
        return ""
    values = {"days": standing.days, "day": "", "opens": _short(standing.obligation.opens)}
    if standing.missing_since:
        values["day"] = _short(standing.missing_since)
    return "; " + text(f"progress.{standing.progress}", lang, **values)


def _debtors(part: Sequence[Standing], every: Sequence[Standing], lang: Lang) -> str:
    """Who, in one list: communes together, those that stand in for others with their names."""
    communes = [s for s in part if s.parties.debtor.unit and not s.for_another]
    others = [s for s in part if s not in communes]
    names = [_party(s.parties, stead, lang) for s, stead in _heirs(others)]
    if communes:
        names.append(_communes(communes, every, lang))
    receipt = part[0].receipt
    if receipt is None:
        return _line(text("schedule.from", lang, names="; ".join(names)))
    late = text("progress.late", lang, days=part[0].days) if part[0].days else ""
    sample = text("sample.badge", lang) if receipt.sample else ""
    told = ", ".join(filter(None, (_short(receipt.on), late, sample)))
    return _line(text("schedule.came", lang, day=told, names="; ".join(names)))


def _heirs(part: Sequence[Standing]) -> Iterator[tuple[Standing, list[str]]]:
    """Each that owes or made it, with those in whose place it stands."""
    for _, group in _by(part, lambda s: s.parties.debtor.id):
        yield group[0], [s.obligation.debtor.short_name for s in group if _stands_in(s)]


def _stands_in(standing: Standing) -> bool:
    return standing.for_another and not standing.obligation.duty.role


def _party(parties: Parties, stead: Sequence[str], lang: Lang) -> str:
    name = _name(parties.debtor)
    if stead:
        name += " " + text("schedule.instead", lang, names=", ".join(stead))
    if parties.partners:
        name += " " + text("schedule.with", lang, names=_names(parties.partners))
    return name


def _communes(part: Sequence[Standing], every: Sequence[Standing], lang: Lang) -> str:
    """Some of the communes of a duty, by the unit's bare name, and how many of all they are."""
    same = [s for s in every if s.obligation.debtor.unit and _same(s, part[0])]
    names = [s.parties.debtor.short_name + _mark(s.parties.debtor) for s in part]
    count = f"{len(part)}/{len(same)}"
    return text("schedule.communes", lang, count=count, names=", ".join(names))


def _same(one: Standing, other: Standing) -> bool:
    left, right = one.obligation, other.obligation
    return (left.duty.id, left.year) == (right.duty.id, right.year)


def _by(part: Iterable[Standing], key: Callable[[Standing], K]) -> list[tuple[K, list[Standing]]]:
    """The standings by a key, in the order that each key is first met."""
    found: dict[K, list[Standing]] = {}
    for standing in part:
        found.setdefault(key(standing), []).append(standing)
    return list(found.items())


def _recipients(parties: Parties) -> str:
    """To whom; marked too where nothing prints that such a report goes to them."""
    if parties.to_verified:
        return _names(parties.recipients)
    return "; ".join(f"{organisation.name}*" for organisation in parties.recipients)


def _names(organisations: Iterable[Organisation]) -> str:
    return "; ".join(map(_name, organisations))


def _name(organisation: Organisation) -> str:
    return organisation.name + _mark(organisation)


def _mark(organisation: Organisation) -> str:
    return "" if organisation.verified else "*"


def _verified(standing: Standing) -> bool:
    parties = standing.parties
    named = (parties.debtor, *parties.partners, *parties.recipients)
    printed = standing.obligation.duty.verified and parties.to_verified
    return printed and all(organisation.verified for organisation in named)


def _line(told: str) -> str:
    return fill(told, WIDTH, initial_indent="    ", subsequent_indent="      ")


def _short(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


# --- The table --------------------------------------------------------------------------------


COLUMNS = (
    *("duty", "name", "year", "deadline", "printed", "debtor_id", "debtor", "first_debtor"),
    *("partners", "recipients", "issuer", "progress", "days", "missing_since"),
    *("received", "sender", "file", "status", "origin", "article", "verified"),
)


def _write(path: Path, standings: Iterable[Standing], lang: Lang) -> None:
    """The standings as a table that Excel opens with its letters whole (hence the mark)."""
    rows = [_row(standing, lang) for standing in standings]
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = tables.writer(file)
            writer.writerow(text(f"due_column.{column}", lang) for column in COLUMNS)
            writer.writerows([row[column] for column in COLUMNS] for row in rows)
    except OSError as error:
        rule = "disk_full" if error.errno == errno.ENOSPC else "table_unwritable"
        raise refuse(rule, path=path) from error


def _cell(day: date | None, lang: Lang) -> str:
    """A day as spreadsheets of the language read it."""
    return short_day(day, lang) if day else ""


def _row(standing: Standing, lang: Lang) -> dict[str, object]:
    obligation, parties, receipt = standing.obligation, standing.parties, standing.receipt
    return {
        "duty": obligation.duty.id,
        "name": obligation.duty.name(lang),
        "year": obligation.year,
        "deadline": _cell(obligation.deadline, lang),
        "printed": obligation.printed(lang),
        "debtor_id": parties.debtor.id,
        "debtor": parties.debtor.name,
        "first_debtor": obligation.debtor.name,
        "partners": "; ".join(o.name for o in parties.partners),
        "recipients": "; ".join(o.name for o in parties.recipients),
        "issuer": parties.issuer.named if parties.issuer else "",
        "progress": text(f"due_progress.{standing.progress}", lang),
        "days": standing.days,
        "missing_since": _cell(standing.missing_since, lang),
        "received": _cell(receipt.on if receipt else None, lang),
        "sender": receipt.sender if receipt else "",
        "file": receipt.file if receipt else "",
        "status": text(f"release_status.{receipt.status}", lang)
        if receipt and receipt.status
        else "",
        "origin": text("sample.badge", lang) if receipt and receipt.sample else "",
        "article": obligation.duty.article,
        "verified": text(f"due_verified.{'yes' if _verified(standing) else 'no'}", lang),
    }
