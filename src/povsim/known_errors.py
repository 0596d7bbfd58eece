"""Known errors of a source: what it says, what is right, and why; each entry expects the error.

Raw files are never touched. An entry says what the source is expected to hold: once the source is
corrected the expectation fails, and the entry has to go.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from povsim.findings import Place, refuse

FIELDS = {
    "workbook": ("unit", "period", "form", "line", "item"),
    "published": ("area", "as_of", "indicator"),
}


@dataclass(frozen=True)
class KnownError:
    """One declared error: where it stands (`where`, by the keys of its kind of source), the value
    it is expected to hold, the right one (None: leave the figure out), and the reason.
    """

    source: str
    where: tuple[str, ...]
    expect: float
    fix: float | None
    reason: str


def load(path: Path) -> tuple[KnownError, ...]:
    """The errors declared in a file; none where there is no file.

    Raises:
        Refusal: an entry that is not whole, with what it lacks.
    """
    try:
        return _load(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return ()


@lru_cache(maxsize=8)  # every delivery asks; a changed file is read again
def _load(path: Path, _changed: int) -> tuple[KnownError, ...]:
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("known_error", [])
        return tuple(_entry(entry) for entry in entries)
    except KeyError as error:
        raise refuse("known_error_lacks", Place(path.name), field=error.args[0]) from error
    except (ValueError, TypeError) as error:
        raise refuse("known_error_unreadable", Place(path.name), reason=str(error)) from error


def _entry(entry: dict[str, Any]) -> KnownError:
    where = tuple(str(entry["where"][name]) for name in FIELDS[entry["source"]])
    fix = entry["fix"]
    return KnownError(
        source=entry["source"],
        where=where,
        expect=float(entry["expect"]),
        fix=None if fix == "leave out" else float(fix),
        reason=entry["reason"],
    )
