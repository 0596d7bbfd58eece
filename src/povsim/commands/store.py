"""The store's own commands: its releases, the history of a review, backup and restore."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from povsim import workspace
from povsim.commands.options import DAYS, EARLIEST, Language, Lingua, lang_of
from povsim.i18n import Lang, number, text
from povsim.vocabulary import Origin
from povsim.workspace import CLOCK

if TYPE_CHECKING:
    from povsim.store import Change, Summary, Version


def releases(
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=[*DAYS, "%Y-%m-%dT%H:%M"],
            help="Chỉ bản đang dùng vào lúc ấy; ngày: cuối ngày · the one in use then",
        ),
    ] = None,
    language: Lingua = Language.VI,
) -> None:
    """Liệt kê các bản số liệu: khi nào, ai gửi, có gì · list releases."""
    from povsim.store import Store

    store, lang = Store(workspace.store_url()), lang_of(language)
    wanted = None if as_of is None else store.as_of(_moment(as_of))
    shown = [s for s in store.releases() if as_of is None or (wanted and s.number == wanted.number)]
    for summary in shown:
        typer.echo(_release_line(summary, lang))
    if not shown:
        typer.echo(text("cli.no_release", lang))


def _moment(given: datetime) -> datetime:
    """A moment by the office's clock; midnight means the end of that day."""
    whole = given.time() == time()
    moment = given + timedelta(days=1, microseconds=-1) if whole else given
    return max(moment, EARLIEST).replace(tzinfo=CLOCK)


def _release_line(summary: Summary, lang: Lang) -> str:
    line = text(
        "cli.release_line",
        lang,
        number=f"{summary.number:>4}",
        created=_minute(summary.created),
        kind=_kind(summary, lang),
        units=summary.units,
        periods=", ".join(summary.periods),
        sender=summary.sender,
    )
    if summary.name == str(summary.number):
        return line
    return f"{line}  {text('cli.release_named', lang, name=summary.name)}"


def history(
    unit: Annotated[str, typer.Argument(help="Mã hoặc tên xã · code or name of the unit")],
    period: Annotated[str, typer.Argument(help="Kỳ: 2024, 2024-H1, 2024-M10 · period")],
    language: Lingua = Language.VI,
) -> None:
    """Một kỳ của một xã: ai gửi, khi nào, số nào đã đổi · who changed which figure, and when."""
    from povsim import rules
    from povsim.store import Store
    from povsim.vocabulary import Period

    lang = lang_of(language)
    try:
        asked = Period.parse(period)
        end = asked.end
    except ValueError as error:
        raise typer.BadParameter(text("cli.bad_period", lang, period=period)) from error
    found = rules.units().find(unit, end)
    versions = Store(workspace.store_url()).history(str(found.id), str(asked))
    head = "cli.history_head" if versions else "cli.history_none"
    typer.echo(text(head, lang, unit=found.name, period=str(asked), count=len(versions)))
    standard = rules.standard_for(asked.year, found.id)
    area = text(f"area_type.{found.area_type_on(end)}", lang)
    typer.echo(text("cli.history_under", lang, standard=standard.name, unit=found.id, area=area))
    numbers = {version.submission: count for count, version in enumerate(versions, 1)}
    for version in versions:
        for line in _version_lines(version, numbers, lang):
            typer.echo(line)


def _version_lines(version: Version, numbers: dict[int, int], lang: Lang) -> list[str]:
    count = numbers[version.submission]
    first = text(
        "cli.history_line",
        lang,
        number=count,
        received=_minute(version.received),
        kind=_kind(version, lang),
        sender=version.sender,
        file=", ".join(file for file, _ in version.files),
        release=version.release,
    )
    about = []
    if version.supersedes is not None:
        about.append(text("cli.history_supersedes", lang, earlier=numbers[version.supersedes]))
    if not version.accepted:
        about.append(text("cli.history_beside", lang))
    if count > 1 and not version.changes:
        about.append(text("cli.history_same", lang))
    about += [_change_line(change, lang) for change in version.changes]
    return [first, *(f"   {line}" for line in about)]


def _change_line(change: Change, lang: Lang) -> str:
    from povsim.forms import forms

    column = forms()[change.form].column(change.item)
    heading = " › ".join(dict.fromkeys(part for part in column.heading if part))
    before, after = ("–" if n is None else number(n, lang) for n in (change.before, change.after))
    line = text(f"line.{change.line}", lang)
    return f"{change.form}.{column.key} {heading} ({line}): {before} → {after}"


def backup(
    out: Annotated[Path | None, typer.Argument(help="Tệp sao lưu · file")] = None,
    language: Lingua = Language.VI,
) -> None:
    """Sao lưu cả kho thành một tệp · write the whole store to one file."""
    from povsim.store import Store

    made = f"povsim-{datetime.now(CLOCK):%Y%m%d-%H%M%S}.sqlite"
    path = out or workspace.home() / "output" / "backups" / made
    Store(workspace.store_url()).back_up(path)
    typer.echo(text("cli.written", lang_of(language), path=path))


def restore(
    file: Annotated[Path, typer.Argument(help="Tệp do povsim backup ghi · a backup")],
    language: Lingua = Language.VI,
) -> None:
    """Khôi phục một bản sao lưu vào kho trống · fill an empty store from a backup."""
    from povsim import store

    url = workspace.store_url()
    store.restore(file, url)
    count = len(store.Store(url).releases())
    where = store.shown(url)
    typer.echo(text("cli.restored", lang_of(language), store=where, count=count))


def _kind(told: Summary | Version, lang: Lang) -> str:
    """How final the figures are, and that they are a sample where they are."""
    status = text(f"release_status.{told.status}", lang)
    sample = told.origin is Origin.SAMPLE
    return f"{status}, {text('origin.sample', lang)}" if sample else status


def _minute(moment: datetime) -> str:
    """A moment as the office's own clock showed it."""
    return f"{moment.astimezone(CLOCK):%d/%m/%Y %H:%M}"
