"""The rules files themselves: povsim's own, and those that a workspace adds."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from povsim import workspace
from povsim.findings import Refusal

_HOME = files("povsim.rules")


@cache
def load(name: str) -> dict[str, Any]:
    """One rules file (`units`, `standards`) as TOML gives it."""
    return tomllib.loads((_HOME / f"{name}.toml").read_text("utf-8"))


@cache
def load_folder(name: str) -> dict[str, dict[str, Any]]:
    """Every file of a folder of rules (`forms`), by its name without the ending."""
    found = (entry for entry in (_HOME / name).iterdir() if entry.name.endswith(".toml"))
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text("utf-8")) for entry in found
    }


def checksum() -> str:
    """SHA-256 over all rules files, povsim's and the workspace's own units and standards; a
    report's manifest names the law it was made under.
    """
    return _checksum((*own("standards"), *own("units")))


@cache
def _checksum(added: tuple[Path, ...]) -> str:
    found = [*sorted(_rule_files(_HOME), key=lambda entry: entry.name), *added]
    return hashlib.sha256(b"\0".join(entry.read_bytes() for entry in found)).hexdigest()


def _rule_files(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _rule_files(entry)
        elif entry.name.endswith(".toml"):
            yield entry


def own(folder: str) -> tuple[Path, ...]:
    """The files of the workspace's `data/<folder>`, by name; none outside a workspace."""
    return _own(folder, os.environ.get("POVSIM_HOME"), os.getcwd())


@cache
def _own(folder: str, *_where_from: str | None) -> tuple[Path, ...]:
    """Looked for once from each place, since every row of a form asks."""
    try:
        return tuple(sorted((workspace.home() / "data" / folder).glob("*.toml")))
    except Refusal:
        return ()  # asked outside a workspace: povsim's own are all there is


def forget() -> None:
    """Look again for the workspace's files."""
    _own.cache_clear()
    _checksum.cache_clear()
