"""What a report was made from: the same manifest gives the same content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from povsim import __version__, rules
from povsim.plan import Plan
from povsim.store import Release


@dataclass(frozen=True)
class Manifest:
    """Release, plan, rules, code, parameters and seed of a report, and its content's hash.

    Times and file bytes are left out on purpose: they differ from run to run, the content
    (texts, tables, chart data) does not.
    """

    notebook: str
    notebook_checksum: str
    parameters: dict[str, Any]
    release: int
    release_checksum: str
    release_origin: str
    plan: str
    plan_checksum: str
    rules_checksum: str
    code_version: str
    content: str

    def write(self, path: Path) -> None:
        """Write the manifest as JSON, keys sorted."""
        found = json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True)
        path.write_text(found + "\n", encoding="utf-8")


def manifest(
    notebook: Path, parameters: dict[str, Any], release: Release, plan: Plan, content: str
) -> Manifest:
    """The manifest of a report from the pieces it was made of."""
    return Manifest(
        notebook=notebook.stem,
        notebook_checksum=hashlib.sha256(notebook.read_bytes()).hexdigest(),
        parameters=parameters,
        release=release.number,
        release_checksum=release.checksum,
        release_origin=str(release.origin),
        plan=plan.name,
        plan_checksum=plan.checksum,
        rules_checksum=rules.checksum(),
        code_version=__version__,
        content=content,
    )
