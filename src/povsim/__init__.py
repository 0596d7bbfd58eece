"""povsim: where a poverty plan stands, where it is heading, and who must be told.

The names below are the public door. They are loaded when first used, so that opening a page
does not wait for what it does not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from povsim.findings import Finding, Refusal
    from povsim.intake import check, ingest
    from povsim.plan import Plan, load
    from povsim.store import Release, Store
    from povsim.study import Outlook, newest_release, outlook
    from povsim.trajectory import Panel, Projection, attainment, fit, project
    from povsim.vocabulary import Group, Indicator, Period, State

__version__ = "0.1.0"

_HOMES = {
    "findings": ("Finding", "Refusal"),
    "intake": ("check", "ingest"),
    "plan": ("Plan", "load"),
    "store": ("Release", "Store"),
    "study": ("Outlook", "newest_release", "outlook"),
    "trajectory": ("Panel", "Projection", "attainment", "fit", "project"),
    "vocabulary": ("Group", "Indicator", "Period", "State"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Finding",
    "Group",
    "Indicator",
    "Outlook",
    "Panel",
    "Period",
    "Plan",
    "Projection",
    "Refusal",
    "Release",
    "State",
    "Store",
    "attainment",
    "check",
    "fit",
    "ingest",
    "load",
    "newest_release",
    "outlook",
    "project",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'povsim' has no attribute {name!r}")
    return getattr(import_module(f"povsim.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
