"""What the commands share: the options for plan and language."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from povsim.i18n import Lang


class Language(StrEnum):
    """The languages that the command speaks."""

    VI = "vi"
    EN = "en"


DAYS = ["%Y-%m-%d", "%d/%m/%Y"]
"""How a day is typed: as machines write it, or as the office does."""
EARLIEST = datetime(2000, 1, 1)
"""No figure here is older."""

PlanName = Annotated[str, typer.Option("--plan", help="Kế hoạch trong data/plans · plan name")]
Lingua = Annotated[Language, typer.Option("--lang", help="Ngôn ngữ · language")]


def lang_of(language: Language) -> Lang:
    """The language as every text asks for it."""
    return "vi" if language is Language.VI else "en"
