"""Where a user's own files are (plans, units, notebooks, the store), and the office's clock."""

from __future__ import annotations

import os
from datetime import timedelta, timezone
from pathlib import Path

from povsim.findings import refuse

CLOCK = timezone(timedelta(hours=7), "Việt Nam")
"""The office's clock (no summer time since 1975): on which day something came does not depend on
where the machine thinks it is.
"""


def home() -> Path:
    """The workspace: `$POVSIM_HOME`, or the nearest folder upwards that holds `data/plans`.

    Raises:
        Refusal: there is none.
    """
    named = os.environ.get("POVSIM_HOME")
    places = [Path(named)] if named else [Path.cwd(), *Path.cwd().parents]
    for place in places:
        if (place / "data" / "plans").is_dir():
            return place
    raise refuse("home_missing", tried=str(places[0]))


def store_url() -> str:
    """Where releases are kept: `$POVSIM_STORE`, or `output/povsim.sqlite` of the workspace."""
    return os.environ.get("POVSIM_STORE") or f"sqlite:///{home() / 'output' / 'povsim.sqlite'}"
