"""The commands of `povsim`, one module a subject: each parses, calls, prints."""

from __future__ import annotations

import errno
import sys
from collections import Counter

import typer

from povsim.commands import (
    allocate,
    backtest,
    forms,
    lines,
    outlook,
    plans,
    registers,
    schedule,
    simulate,
    store,
    units,
)
from povsim.findings import Refusal, Severity, refuse
from povsim.i18n import Lang, text

__all__ = ["app", "run"]

app = typer.Typer(
    name="povsim",
    help="Theo dõi và mô phỏng giảm nghèo · Monitoring and simulation of poverty reduction.",
    no_args_is_help=True,
    add_completion=False,
)
COMMANDS = (
    forms.ingest,
    registers.register,
    outlook.project,
    outlook.report,
    backtest.backtest,
    lines.lines,
    simulate.simulate,
    allocate.allocate,
    forms.template,
    forms.manual,
    store.releases,
    store.history,
    store.backup,
    store.restore,
    units.units,
    schedule.due,
    schedule.received,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(plans.app, name="plan")


def run() -> None:
    """Run the command; a refusal is told in the reader's language, never as a traceback."""
    try:
        app()
    except Refusal as refusal:
        raise _ended(refusal) from None
    except OSError as error:
        path, reason = str(error.filename or "–"), error.strerror or type(error).__name__
        full = error.errno == errno.ENOSPC
        told = (
            refuse("disk_full", path=path)
            if full
            else refuse("file_fault", path=path, reason=reason)
        )
        raise _ended(told) from None


def _ended(refusal: Refusal) -> SystemExit:
    lang: Lang = "en" if {"en", "--lang=en"} & set(sys.argv[1:]) else "vi"
    told = Counter(finding.severity for finding in refusal.findings)
    counts = {f"{severity}s": told[severity] for severity in Severity}
    typer.echo(text("cli.refused", lang, **counts), err=True)
    typer.echo(refusal.text(lang), err=True)
    return SystemExit(2)
