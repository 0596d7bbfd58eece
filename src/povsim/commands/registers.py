"""A household register in, the official forms out: the second door to the same figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from povsim import rules, workspace
from povsim.commands.options import Language, Lingua, lang_of
from povsim.findings import Finding, Refusal, Severity
from povsim.i18n import Lang, number, text

if TYPE_CHECKING:
    import pandas as pd

    from povsim.registers import Register


def register(
    folder: Annotated[Path, typer.Argument(help="Thư mục sổ hộ · folder of the register")],
    year: Annotated[int, typer.Option(help="Năm rà soát · year of the review")],
    before: Annotated[
        Path | None, typer.Option(help="Sổ hộ kỳ trước, để lập F2, F3 · the last review's")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Thư mục ghi tệp biểu · folder for the workbooks")
    ] = None,
    open_: Annotated[
        Path | None, typer.Option("--open", help="Ghi hộ cần hỏi thêm (.csv) · whom to ask again")
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Ghi là số liệu mẫu · mark as sample figures")
    ] = False,
    language: Lingua = Language.VI,
) -> None:
    """Từ sổ hộ ra biểu F1-F13; có tên người là từ chối · household register to forms F1-F13."""
    from povsim import registers
    from povsim.registers import aggregation, questions

    lang = lang_of(language)
    own, last = _both(folder, year, before)
    judged = registers.judge(own, year)
    table = aggregation.of_judged(judged, registers.judge(last, year - 1) if last else None)
    asked = questions.of_judged(judged)
    marked = sample or own.sample or bool(last and last.sample)
    target = out or workspace.home() / "output" / "registers" / str(year)
    old = set(target.glob("*.xlsx"))
    made = registers.workbooks(table, year, target, marked)
    _tell_counts(own, year, table, asked, marked, lang)
    replaced = len(old.intersection(made))
    typer.echo(
        text("cli.register_written", lang, count=len(made), folder=target, replaced=replaced)
    )
    if open_:
        _write_open(open_, asked, lang)
    for finding in (*own.notes, *_notes(table, year, last)):
        typer.echo(finding.line(lang))


def _both(folder: Path, year: int, before: Path | None) -> tuple[Register, Register | None]:
    """Both registers, or the faults of both; those of the last review's say so."""
    from povsim import registers

    found: list[Register] = []
    faults: list[Finding] = []
    for path, review in ((folder, year), (before, year - 1)):
        try:
            found += [registers.read(path, review)] if path else []
        except Refusal as refusal:
            faults += refusal.findings if path is folder else map(_of_before, refusal.findings)
    if faults:
        raise Refusal(faults)
    return found[0], found[1] if before else None


def _of_before(finding: Finding) -> Finding:
    file = " › ".join(filter(None, ["--before", finding.place.file]))
    return replace(finding, place=replace(finding.place, file=file))


def _notes(table: pd.DataFrame, year: int, last: Register | None) -> list[Finding]:
    """What of the forms is blank, and why."""
    from povsim.forms import review_forms
    from povsim.forms.filling import is_due

    notes = []
    flows = any(form.flows_within_standard and is_due(form, year) for form in review_forms())
    if flows and last is None:
        values: dict[str, object] = {"year": year - 1}
        notes.append(Finding("register_no_before", severity=Severity.NOTE, values=values))
    cells = int((table["low"].notna() & ~(table["low"] == table["high"]).fillna(False)).sum())
    if cells:
        values = {"cells": cells}
        notes.append(Finding("register_left_blank", severity=Severity.NOTE, values=values))
    return notes


def _tell_counts(
    own: Register, year: int, table: pd.DataFrame, asked: pd.DataFrame, marked: bool, lang: Lang
) -> None:
    sizes = {"households": len(own.households), "members": len(own.members)}
    told = {name: number(size, lang) for name, size in sizes.items()}
    mark = f" {text('cli.register_sample', lang)}" if marked else ""
    typer.echo(text("cli.register_head", lang, year=year, sample=mark, **told))
    counts = table[table["form"] == "F1"].set_index(["unit", "item"])[["low", "high"]]
    undecided = asked["unit"].value_counts()
    for identity in table["unit"].unique():
        unit = rules.units()[str(identity)]
        items = ("households", "poor", "near_poor")
        cells = {item: _range(list(counts.loc[(identity, item)]), lang) for item in items}
        open_ = number(int(undecided.get(identity, 0)), lang)
        name = text(f"unit_kind.{unit.kind}", lang, name=unit.name)
        typer.echo(
            text("cli.register_unit", lang, unit=name, code=unit.id, undecided=open_, **cells)
        )


def _range(ends: list[int], lang: Lang) -> str:
    """A count, or from how many to how many where answers are missing."""
    return "–".join(number(int(end), lang) for end in dict.fromkeys(ends))


def _write_open(path: Path, asked: pd.DataFrame, lang: Lang) -> None:
    """As a spreadsheet opens it: with the mark of UTF-8."""
    told = "cli.register_open_replaced" if path.exists() else "cli.register_open"
    path.parent.mkdir(parents=True, exist_ok=True)
    asked.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    typer.echo(text(told, lang, count=number(len(asked), lang), path=path))
