"""The planner's panel: drop files in, see what is wrong and missing, answer doubts, save."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from html import escape
from pathlib import Path

import ipywidgets as ipw
import traitlets

from povsim import intake, workspace
from povsim import plan as plans
from povsim.findings import Finding, Severity, errors
from povsim.i18n import Lang, text
from povsim.intake import overview, returned
from povsim.intake.delivery import Delivery
from povsim.plan import DEFAULT_PLAN, Plan
from povsim.store import Release, Store
from povsim.widgets import markup, uploads
from povsim.widgets.markup import Received
from povsim.widgets.pieces import html, safely
from povsim.wording import release_kind

STATUSES = ("official", "preliminary")


class Hand(traitlets.HasTraits):
    """What the planner has in hand: files, how they were found, and reasons by doubt's code."""

    files = traitlets.Tuple()
    checked = traitlets.Instance(Delivery, allow_none=True)
    reasons = traitlets.Dict()


class IntakePanel:
    """Files in, findings out; saving opens once nothing stands in the way."""

    def __init__(self, plan: Plan, store: Store, lang: Lang = "vi") -> None:
        self.plan, self.store, self.lang = plan, store, lang
        self.hand = Hand()
        self._make_fields()
        self._make_buttons()
        self._chosen, self._verdict, self._message = html(""), html(""), ipw.VBox()
        self._told = ipw.VBox()
        self.upload.observe(self._take, "value")
        self.sender.observe(self._judge, "value")
        self.hand.observe(self._judge)
        self._judge()

    def _make_fields(self) -> None:
        narrow = {"description_width": "130px"}
        kinds = ".xlsx,.xls,.ods,.csv"
        choose = self._say("intake.choose")
        self.upload = ipw.FileUpload(multiple=True, accept=kinds, description=choose)
        sender, hint = self._say("intake.sender"), self._say("intake.sender_hint")
        self.sender = ipw.Text(description=sender, placeholder=hint, style=narrow)
        options = [(text(f"release_status.{s}", self.lang), s) for s in STATUSES]
        status = self._say("intake.status")
        self.status = ipw.Dropdown(options=options, description=status, style=narrow)

    def _make_buttons(self) -> None:
        self.check = self._button("intake.check", self._check_files)
        self.save = self._button("intake.save", self._save_files)
        self.comment = self._button("intake.comment", self._comment_files)
        self.check.button_style, self.save.button_style = "primary", "success"

    def _button(self, key: str, work: Callable[[], ipw.Widget]) -> ipw.Button:
        button = ipw.Button(description=self._say(key))
        button.on_click(lambda pressed: None if pressed.disabled else self._do(work))
        return button

    def _say(self, key: str, **values: object) -> str:
        return text(key, self.lang, **values)

    def view(self) -> ipw.Widget:
        """The panel as one widget."""
        head = f"{markup.style()}<h3>{escape(self._say('intake.title'))}</h3>"
        about = f"<p>{escape(self._say('intake.about'))}</p>"
        panel = ipw.VBox(
            [
                html(head + about),
                _row(self.upload, self._chosen),
                self.sender,
                self.status,
                _row(self.check),
                self._told,
                self._verdict,
                _row(self.save, self.comment),
                self._message,
            ]
        )
        panel.add_class("pi-panel")
        return panel

    # --- What the planner does -------------------------------------------------------------------

    def _take(self, _: object) -> None:
        """Take the files out of the button: a notebook that is saved keeps its widgets' values."""
        if not self.upload.value:
            return
        self._forget(uploads.taken(self.upload.value))
        self.upload.value = ()
        self._message.children = ()

    def _forget(self, files: tuple[uploads.Upload, ...] = ()) -> None:
        """Put other files, or none, in the place of what was in hand."""
        self._told.children = ()
        self.hand.set_trait("checked", None)
        self.hand.files = files

    def _do(self, work: Callable[[], ipw.Widget]) -> None:
        self._message.children = [safely(work, self.lang)]

    def _check_files(self) -> ipw.Widget:
        with uploads.on_disk(self.hand.files) as paths:
            current = self.store.latest()
            found = self._checked(paths, current)
        self.hand.reasons = {f.code: f.reason for f in found.findings if _doubted(f)}
        self._told.children = list(self._tell(found, current))
        self.hand.checked = found
        if any(finding.rule == "named_list" for finding in found.findings):
            self.hand.files = ()  # nothing of a list of people is kept, not even in memory
            return self._remark("intake.people", "pi-stop")
        return html("")

    def _checked(self, paths: list[Path], current: Release | None) -> Delivery:
        """Checked as `ingest` will check it: with the answers of earlier deliveries."""
        before = {c.code: c.reason for c in self.store.confirmations()}
        return intake.check(paths, self.plan, current, answers=before | self.hand.reasons)

    def _save_files(self) -> ipw.Widget:
        before = self.store.latest()
        with uploads.on_disk(self.hand.files) as paths:
            release = intake.ingest(
                paths,
                self.plan,
                self.store,
                sender=self.sender.value.strip(),
                status=self.status.value,
                answers=self.hand.reasons,
            ).release
        self._forget()
        new = before is None or before.number != release.number
        return self._saved(release, "cli.saved" if new else "cli.unchanged")

    def _saved(self, release: Release, key: str) -> ipw.Widget:
        units, periods = self.store.brought(release.number)
        kind = release_kind(release, self.lang)
        values = {"number": release.number, "units": units, "periods": ", ".join(periods)}
        return self._remark(key, "pi-well", **values, kind=kind)

    def _comment_files(self) -> ipw.Widget:
        folder = _findings_folder()
        with uploads.on_disk(self.hand.files) as paths:
            found = self._checked(paths, self.store.latest())
            names = list(found.paths)
            name = f"phat-hien-{Path(names[0]).stem}" if len(names) == 1 else "phat-hien"
            path = folder / f"{name}.xlsx"
            made = returned.write(path, found.paths, found.findings, self.lang, found.is_sample)
        listed = "".join(f"<li>{escape(path.name)}</li>" for path in made)
        told = escape(self._say("intake.commented", folder=_within_home(folder)))
        return html(f"<p class='pi-well' role='status'>{told}</p><ul>{listed}</ul>")

    # --- What the planner sees -------------------------------------------------------------------

    def _tell(self, found: Delivery, current: Release | None) -> Iterator[ipw.Widget]:
        years = overview.years(found)
        told = Received(found, self.plan, current, max(years, default=0), self.lang)
        yield html(told.notice_markup() + "".join(map(told.matrix_markup, years)))
        yield self._heading("intake.findings")
        yield from self._findings(found)
        if years:  # of files that could not be read at all, nobody knows what they lack
            yield self._heading("intake.missing")
            yield html("".join(map(told.missing_markup, years)))

    def _findings(self, found: Delivery) -> Iterator[ipw.Widget]:
        asked: set[str] = set()
        for key, group in overview.grouped(found).items():
            yield html(markup.group_heading(*key, self.lang))
            for finding in group:
                yield html(markup.finding_markup(finding, self.lang))
                if _doubted(finding) and finding.code not in asked:
                    asked.add(finding.code)
                    yield self._answer(finding)
        if not found.findings:
            yield self._remark("intake.all_well", "pi-well")

    def _answer(self, finding: Finding) -> ipw.Widget:
        """The box for the reason of a doubt."""
        label = self._say("intake.reason", code=finding.code)
        hint = self._say("intake.reason_hint")
        box = ipw.Text(value=finding.reason, description=label, placeholder=hint)
        box.style.description_width = "130px"
        box.add_class("pi-answer")
        box.observe(lambda change: self._reason(finding.code, change["new"]), "value")
        return box

    def _reason(self, code: str, reason: str) -> None:
        self.hand.reasons = {**self.hand.reasons, code: reason.strip()}

    def _judge(self, _: object = None) -> None:
        """Open and close the buttons, and say why saving is closed."""
        files, found = self.hand.files, self.hand.checked
        names = ", ".join(file.name for file in files)
        chosen = self._say("intake.chosen", number=len(files), names=names)
        self._chosen.value = escape(chosen if files else self._say("intake.none_chosen"))
        stops = list(self._stops(found)) if found else []
        self.check.disabled = not files
        self.save.disabled = not (files and found) or bool(stops)
        self.comment.disabled = not (files and found and found.findings)
        look = "pi-stop" if stops else "pi-well"
        told = " ".join(stops) or self._say("intake.ready")
        self._verdict.value = f"<p class='{look}'>{escape(told)}</p>" if found else ""

    def _stops(self, found: Delivery) -> Iterator[str]:
        """What stands in the way of saving, in sentences."""
        wrong = len(errors(found.findings))
        opened = sum(not reason for reason in self.hand.reasons.values())
        if wrong:
            yield self._say("intake.stop_errors", errors=wrong)
        if opened:
            yield self._say("intake.stop_doubts", doubts=opened)
        if not self.sender.value.strip():
            yield self._say("intake.stop_sender")

    def _heading(self, key: str) -> ipw.Widget:
        return html(f"<h3>{escape(self._say(key))}</h3>")

    def _remark(self, key: str, look: str, **values: object) -> ipw.Widget:
        return html(f"<p class='{look}' role='status'>{escape(self._say(key, **values))}</p>")


def _row(*widgets: ipw.Widget) -> ipw.Widget:
    row = ipw.HBox(list(widgets))
    row.add_class("pi-row")
    return row


def _doubted(finding: Finding) -> bool:
    return finding.severity is Severity.DOUBT


def _findings_folder() -> Path:
    """A folder for one round of findings; an earlier round is never written over."""
    moment = f"{datetime.now():%Y-%m-%d-%H%M%S-%f}"
    return workspace.home() / "output" / "findings" / moment


def _within_home(path: Path) -> str:
    return path.relative_to(workspace.home()).as_posix()


def intake_panel(
    lang: Lang = "vi", plan: str = DEFAULT_PLAN, store: str | None = None
) -> ipw.Widget:
    """The panel of a plan and a store (URL; the default store unless said), or what is wrong."""

    def build() -> ipw.Widget:
        opened = Store(store or workspace.store_url())
        return IntakePanel(plans.load(plan), opened, lang).view()

    return safely(build, lang)
