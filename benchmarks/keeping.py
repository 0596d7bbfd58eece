"""Where a measurement is kept: on the screen, and under its day in benchmarks/results."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).parent / "results"


def keep(name: str, lines: Sequence[str]) -> None:
    """Print the lines and write them to `<day>-<name>.txt`; none may name a path of the machine."""
    text = "\n".join([*lines, f"{os.cpu_count()} cores, a machine shared with other work", ""])
    print(text)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{date.today()}-{name}.txt").write_text(text, "utf-8")
