"""A delivery told as markup: its matrix of units and forms, its findings, what is missing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from povsim import intake, workspace
from povsim import plan as plans
from povsim.findings import Finding, Place, Severity, by_severity, refuse
from povsim.forms import forms
from povsim.i18n import MISSING, Lang, catalogue, text
from povsim.intake import overview, printed
from povsim.intake.delivery import Delivery
from povsim.intake.overview import WITHIN_YEAR, Mark
from povsim.plan import DEFAULT_PLAN, Plan
from povsim.store import Release, Store
from povsim.vocabulary import Origin, Period

if TYPE_CHECKING:
    from IPython.display import HTML

ENDINGS = (".xlsx", ".xls", ".ods", ".csv")
SIGNS = {Mark.OK: "✓", Mark.ERROR: "✗", Mark.DOUBT: "?", Mark.MISSING: "○", Mark.HELD: "▪"}
"""A mark is told by sign and word; its colour only helps."""


@dataclass(frozen=True)
class Received:
    """A delivery that was checked, and how a planner is told of it, part by part."""

    delivery: Delivery
    plan: Plan
    current: Release | None
    year: int
    lang: Lang = "vi"

    @property
    def notice(self) -> HTML:
        """Whether it is a sample, how many files and findings, and what they were held against."""
        return shown(self.notice_markup())

    @property
    def matrix(self) -> HTML:
        """Units by forms of the year."""
        return shown(self.matrix_markup(self.year))

    @property
    def findings(self) -> HTML:
        """Everything wrong, by unit and form, with place and next step."""
        groups = overview.grouped(self.delivery)
        told = [group_markup(*key, found, self.lang) for key, found in groups.items()]
        return shown("".join(told) or _line(text("intake.all_well", self.lang), "pi-well"))

    @property
    def missing(self) -> HTML:
        """Units and forms that neither the files nor the store hold."""
        return shown(self.missing_markup(self.year))

    def notice_markup(self) -> str:
        """The standing of the figures and of the store, as markup."""
        sample = any(entry.origin is Origin.SAMPLE for entry in self.delivery.entries)
        notice = _line(text("sample.notice", self.lang), "pi-notice") if sample else ""
        return notice + _line(self._summary()) + _line(self._store())

    def _summary(self) -> str:
        told = [finding.severity for finding in self.delivery.findings]
        counts = {f"{severity}s": told.count(severity) for severity in Severity}
        return text("intake.summary", self.lang, files=len(self.delivery.paths), **counts)

    def _store(self) -> str:
        if self.current is None:
            return text("intake.store_empty", self.lang)
        known = self.current.of(self.plan.kin()).years
        number, years = self.current.number, f"{min(known)}-{max(known)}" if known else MISSING
        return text("intake.against", self.lang, number=number, years=years)

    def matrix_markup(self, year: int) -> str:
        """Units by forms of a year, each cell a sign and a word, and the key to them."""
        table = overview.status_table(self.delivery, self.plan, self.current, year)
        columns = [name for name in table.columns if name not in ("unit", "periods")]
        heads = "".join(self._head(name) for name in columns)
        corner = f"<th scope='col'>{escape(text('table.unit', self.lang))}</th>"
        rows = "".join(self._row(row, columns) for row in table.to_dict("records"))
        caption = escape(text("intake.matrix", self.lang, year=year))
        return (
            f"<div class='pi-wide'><table class='pi-matrix'><caption>{caption}</caption>"
            f"<thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
            + self._key()
        )

    def _head(self, form: str) -> str:
        about = escape(forms()[form].holds[self.lang], quote=True)
        return f"<th scope='col' title='{about}'>{form}</th>"

    def _row(self, row: Mapping[Hashable, Any], columns: Iterable[str]) -> str:
        cells = "".join(self._cell(form, row[form], row["periods"]) for form in columns)
        return f"<tr><th scope='row'>{escape(row['unit'])}</th>{cells}</tr>"

    def _cell(self, form: str, mark: str, periods: str) -> str:
        if not mark:
            return f"<td class='pi-none' data-form='{form}'>–</td>"
        word = text(f"mark.{mark}", self.lang)
        when = f"<small>{self._months(periods)}</small>" if form == WITHIN_YEAR else ""
        sign = f"<b aria-hidden='true'>{SIGNS[Mark(mark)]}</b>"
        return f"<td class='pi-{mark}' data-form='{form}'>{sign} {escape(word)}{when}</td>"

    def _months(self, periods: str) -> str:
        known = [Period.parse(period).through for period in periods.split(", ") if period]
        months = ", ".join(map(str, known)) or MISSING
        return escape(text("intake.months", self.lang, months=months))

    def _key(self) -> str:
        told = [
            f"<span class='pi-{mark}'><b aria-hidden='true'>{sign}</b> "
            f"{escape(text(f'mark.{mark}', self.lang))}</span> "
            f"{escape(text(f'mark_means.{mark}', self.lang))}"
            for mark, sign in SIGNS.items()
        ]
        about = escape(text("intake.within_year", self.lang))
        items = "".join(f"<li>{line}</li>" for line in [*told, about])
        return f"<ul class='pi-key'>{items}</ul>"

    def missing_markup(self, year: int) -> str:
        """What is still missing of a year, a line a unit."""
        table = overview.missing(self.delivery, self.plan, self.current, year)
        if table.empty:
            return _line(text("intake.none_missing", self.lang, year=year), "pi-well")
        lines = "".join(f"<li>{self._lack(row)}</li>" for row in table.to_dict("records"))
        told = text("intake.still_missing", self.lang, year=year, units=len(table))
        return _line(told) + f"<ul class='pi-lacks'>{lines}</ul>"

    def _lack(self, row: Mapping[Hashable, Any]) -> str:
        told = text("intake.all_forms", self.lang) if row["all"] else ", ".join(row["forms"])
        return f"<b>{escape(row['unit'])}</b>: {escape(told)}"


def received(
    folder: str | Path, year: int, plan: str = DEFAULT_PLAN, lang: Lang = "vi"
) -> Received:
    """The files of a folder held against every rule and the newest release; nothing is saved.

    Raises:
        Refusal: the folder holds no file of a kind that can be read.
    """
    inside = Path(folder).iterdir() if Path(folder).is_dir() else ()
    # Office programs leave `~$name` beside an open file; it is no workbook.
    found = sorted(p for p in inside if p.suffix.lower() in ENDINGS and p.name[:2] != "~$")
    if not found:
        raise refuse("folder_empty", folder=folder, endings=", ".join(ENDINGS))
    chosen, store = plans.load(plan), Store(workspace.store_url())
    answers = {c.code: c.reason for c in store.confirmations()}
    current = store.latest()
    checked = intake.check(found, chosen, current, answers=answers)
    return Received(checked, chosen, current, year, lang)


def shown(markup: str) -> HTML:
    """Markup with its style, as a notebook shows it."""
    from IPython.display import HTML

    return HTML(f"{style()}<div class='pi-part'>{markup}</div>")  # type: ignore[no-untyped-call]


def style() -> str:
    """The look of everything here."""
    return f"<style>{(files('povsim.widgets') / 'intake.css').read_text('utf-8')}</style>"


def _line(sentence: str, look: str = "pi-line") -> str:
    return f"<p class='{look}'>{escape(sentence)}</p>"


# --- Findings ------------------------------------------------------------------------------------


def group_markup(unit: str, form: str, findings: Iterable[Finding], lang: Lang) -> str:
    """Findings of one unit and form under their heading."""
    told = "".join(finding_markup(finding, lang) for finding in findings)
    return group_heading(unit, form, lang) + told


def group_heading(unit: str, form: str, lang: Lang) -> str:
    """Whose the findings below are."""
    who = unit or text("intake.several_units" if form else "intake.whole_delivery", lang)
    about = text("intake.form", lang, form=form, about=_about(form, lang)) if form else ""
    return f"<h4 class='pi-group'>{escape(' · '.join(filter(None, (who, about))))}</h4>"


def _about(form: str, lang: Lang) -> str:
    return forms()[form].holds[lang].partition(":")[0]


def finding_markup(finding: Finding, lang: Lang) -> str:
    """One finding: how grave, where, what is wrong, what to do."""
    return _finding_markup(finding, where(finding.place, lang), finding.next_step(lang), lang)


def _finding_markup(finding: Finding, place: str, following: str, lang: Lang) -> str:
    grave = text(f"severity.{finding.severity}", lang)
    look = "answered" if finding.reason else str(finding.severity)
    return (
        f"<div class='pi-finding pi-is-{look}'><b>{escape(grave)}</b> "
        f"<span class='pi-place'>{escape(place)}</span>"
        f"<p>{escape(finding.what(lang))}</p><p class='pi-next'>→ {escape(following)}</p></div>"
    )


def where(place: Place, lang: Lang) -> str:
    """A place in words: file, sheet, cell."""
    parts = {"file": place.file, "sheet": place.sheet, "cell": place.cell}
    return ", ".join(f"{text(f'findings.{k}', lang).lower()} {v}" for k, v in parts.items() if v)


def printed_findings(plan: str = DEFAULT_PLAN, lang: Lang = "vi") -> HTML:
    """Published figures that contradict themselves; those declared are told as known."""
    found = by_severity(printed.check(plans.load(plan)))
    told = "".join(_printed_markup(finding, lang) for finding in found)
    return shown(told or _line(text("intake.printed_well", lang), "pi-well"))


def _printed_markup(finding: Finding, lang: Lang) -> str:
    key = f"printed.{finding.place.cell}"
    figure = catalogue(lang).get(key, finding.place.cell)
    place = f"{finding.place.sheet}, {figure}"
    following = text(f"finding.{finding.rule}.next", lang, **finding.values)
    if finding.reason:
        following = text("intake.declared", lang, reason=finding.reason)
    return _finding_markup(finding, place, following, lang)
