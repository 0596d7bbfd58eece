"""Dated law and defaults: every value with its article and whether an office has verified it."""

from povsim.rules import files, places, standards
from povsim.rules.files import checksum, load, load_folder
from povsim.rules.places import Told, registry, units
from povsim.rules.standards import (
    AverageLiving,
    IncomeLine,
    RecentlyEscaped,
    Standard,
    day_on_file,
    income_line,
    provincial,
    recently_escaped,
    standard_for,
)

__all__ = [
    "AverageLiving",
    "IncomeLine",
    "RecentlyEscaped",
    "Standard",
    "Told",
    "checksum",
    "day_on_file",
    "forget_own",
    "income_line",
    "load",
    "load_folder",
    "provincial",
    "recently_escaped",
    "registry",
    "standard_for",
    "units",
]


def forget_own() -> None:
    """The workspace has other files now, or they say something else: read them again."""
    for part in (files, places, standards):
        part.forget()
