"""Notebook and parameters to files: HTML, DOCX, PDF and a manifest, by papermill."""

from __future__ import annotations

from ast import literal_eval
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from povsim import plan as plans
from povsim import workspace
from povsim.findings import Finding, Place, Refusal, refuse
from povsim.report.document import Document
from povsim.report.manifest import Manifest, manifest

__all__ = ["Document", "Made", "Manifest", "make", "yearly"]

YEARLY = "report-year"
KINDS: dict[str, type] = {"int": int, "str": str, "float": float}


@dataclass(frozen=True)
class Made:
    """The files of one report, and what it was made from."""

    files: tuple[Path, ...]
    manifest: Manifest


def yearly(
    year: int, folder: Path, *, release: int | str | None = None, plan: str = plans.DEFAULT_PLAN
) -> Made:
    """The yearly report of a plan, from the newest release unless another is named.

    Raises:
        Refusal: the store is empty, the release or the plan is unknown, the year has no data.
    """
    from povsim.store import Store
    from povsim.study import newest_release

    chosen = plans.load(plan)
    store_url = workspace.store_url()
    held = newest_release() if release is None else Store(store_url).release(release)
    whole = chosen.complete(held.of(chosen.kin()).reviews)
    reported = [y for y in whole if chosen.first_year <= y <= chosen.last_year]
    if year not in reported:
        raise refuse("report_year", year=year, years=", ".join(map(str, reported)))
    parameters = {"year": year, "plan": plan, "release": held.number}
    document, used = make(YEARLY, parameters, folder)
    found = manifest(template_of(YEARLY), used, held, chosen, document.content_hash())
    files = _write(
        document, folder / f"bao-cao-{year}", f"Báo cáo giảm nghèo năm {year}", held.created
    )
    found.write(folder / f"bao-cao-{year}.manifest.json")
    return Made((*files, folder / f"bao-cao-{year}.manifest.json"), found)


def make(name: str, parameters: dict[str, Any], folder: Path) -> tuple[Document, dict[str, Any]]:
    """Run a report notebook; its document, and every parameter it ran with.

    The executed notebook is kept beside the report, so that a failure can be looked at.

    Raises:
        Refusal: unknown or missing parameters, wrong kinds, or a cell that failed.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import PapermillExecutionError, execute_notebook

    template = template_of(name)
    used = checked_parameters(template, parameters)
    folder.mkdir(parents=True, exist_ok=True)
    executed = folder / f"{name}.executed.ipynb"
    try:
        notebook = execute_notebook(
            template,
            executed,
            used,
            progress_bar=False,
            kernel_name="python3",
            cwd=workspace.home(),
            # The kernel talks over loopback only; its warnings are not for the clerk.
            extra_arguments=["--log-level=ERROR"],
        )
    except PapermillExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
        raise _failed(template, executed, str(error.cell_index), reason) from error
    except (CellTimeoutError, DeadKernelError) as error:
        raise _failed(template, executed, "?", type(error).__name__) from error
    try:
        return Document.from_notebook(notebook), used
    except ValueError as error:
        raise _failed(template, executed, "?", str(error)) from error


def template_of(name: str) -> Path:
    """The notebook that a kind of report is made from."""
    return workspace.home() / "notebooks" / f"{name}.ipynb"


def _failed(template: Path, executed: Path, cell: str, reason: str) -> Refusal:
    return refuse(
        "notebook_failed",
        Place(template.name),
        notebook=template.name,
        cell=cell,
        reason=reason,
        executed=executed.name,
    )


def checked_parameters(template: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Every parameter a notebook will run with: its defaults, overruled by what was given.

    papermill only warns of a parameter it does not know; a report that silently ignores what it
    was asked is worse than none.

    Raises:
        Refusal: every unknown, missing or wrong parameter at once.
    """
    from papermill import inspect_notebook

    if not template.is_file():
        raise refuse("notebook_missing", notebook=template.name)
    known = inspect_notebook(str(template))
    findings = [
        *_unknown(template.name, known, given),
        *_missing(template.name, known, given),
        *_wrong(template.name, known, given),
    ]
    if findings:
        raise Refusal(findings)
    defaults = {name: literal_eval(entry["default"]) for name, entry in known.items()}
    return defaults | given


def _unknown(notebook: str, known: dict[str, Any], given: dict[str, Any]) -> list[Finding]:
    listed = ", ".join(known)
    return [
        Finding(
            "parameter_unknown",
            Place(notebook),
            values={"name": name, "notebook": notebook, "known": listed},
        )
        for name in given
        if name not in known
    ]


def _missing(notebook: str, known: dict[str, Any], given: dict[str, Any]) -> list[Finding]:
    """A parameter whose default is None has none: it must be given."""
    return [
        Finding("parameter_missing", Place(notebook), values={"name": name, "notebook": notebook})
        for name, entry in known.items()
        if entry["default"] == "None" and name not in given
    ]


def _wrong(notebook: str, known: dict[str, Any], given: dict[str, Any]) -> list[Finding]:
    wanted = {name: known[name]["inferred_type_name"] for name in given if name in known}
    return [
        Finding(
            "parameter_bad",
            Place(notebook),
            values={"name": name, "value": given[name], "kind": kind},
        )
        for name, kind in wanted.items()
        if kind in KINDS and type(given[name]) is not KINDS[kind]
    ]


def _write(document: Document, stem: Path, title: str, made: datetime) -> tuple[Path, ...]:
    """The three files, dated as their release: the same content has the same date."""
    from povsim.report.docx import write as write_docx
    from povsim.report.html import write as write_html
    from povsim.report.pdf import write as write_pdf

    writers = {".html": write_html, ".docx": write_docx, ".pdf": write_pdf}
    for suffix, write in writers.items():
        write(document, stem.with_suffix(suffix), title=title, made=made)
    return tuple(stem.with_suffix(suffix) for suffix in writers)
