"""What the commands share: the options for plan and language."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from povsim.i18n import Lang


class Language(StrEnum):
    """The languages that the command speaks."""

    VI = "vi"
    EN = "en"


PlanName = Annotated[str, typer.Option("--plan", help="Kế hoạch trong data/plans · plan name")]
Lingua = Annotated[Language, typer.Option("--lang", help="Ngôn ngữ · language")]


def lang_of(language: Language) -> Lang:
    """The language as every text asks for it."""
    return "vi" if language is Language.VI else "en"
