"""How long one unit's workbook takes, against what the fastest reader needs for its bare cells.

Run as `python benchmarks/workbook.py [rounds]`. Warm and in one process; the two take turns.
Time is that of the processor: on a busy machine the longer of two waits more often than the other.
The target is at most twice the bare reader.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from keeping import keep
from python_calamine import CalamineWorkbook

from povsim import forms, intake, plan, workspace
from povsim.forms.lettering import unicode_of
from povsim.forms.opening import opened
from povsim.forms.people import lists_people

TARGET = 2.0
ROUNDS = 400
WARM_UP = 20


def work(book: Path) -> dict[str, Callable[[], Any]]:
    """What is timed, by name: bare cells, ours as a whole, and parts of ours."""
    content, ours = book.read_bytes(), plan.load()
    sheets = opened(content, book.name)
    return {
        "bare": lambda: bare(book),
        "whole": lambda: intake.check([book], ours, None),
        "read": lambda: forms.read_content(content, book.name),
        "opening": lambda: opened(content, book.name),
        "people": lambda: [lists_people(sheet.name, sheet.cells) for sheet in sheets],
        "lettering": lambda: [unicode_of(sheet.cells) for sheet in sheets],
    }


def bare(book: Path) -> list[list[list[Any]]]:
    workbook = CalamineWorkbook.from_path(str(book))
    numbers = range(len(workbook.sheet_names))
    return [workbook.get_sheet_by_index(number).to_python() for number in numbers]


def measured(book: Path, rounds: int) -> dict[str, float]:
    """Median milliseconds by name."""
    times: dict[str, list[float]] = {}
    calls = work(book)
    for turn in range(WARM_UP + rounds):
        for name, call in calls.items():
            start = process_time()
            call()
            taken = process_time() - start
            if turn >= WARM_UP:
                times.setdefault(name, []).append(taken * 1000)
    return {name: median(taken) for name, taken in times.items()}


def told(took: dict[str, float], rounds: int) -> list[str]:
    ratio = took["whole"] / took["bare"]
    inner = took["opening"] + took["people"] + took["lettering"]
    split = {
        "opening": took["opening"],
        "people": took["people"],
        "lettering": took["lettering"],
        "reading": took["read"] - inner,
        "checks": took["whole"] - took["read"],
    }
    verdict = "met" if ratio <= TARGET else "NOT met"
    return [
        f"One unit's workbook, all forms, warm; processor time, medians of {rounds} rounds",
        f"bare cells with python-calamine  {took['bare']:7.2f} ms",
        f"reading and checking             {took['whole']:7.2f} ms",
        f"ratio {ratio:.2f}, target {TARGET:.1f}: {verdict}",
        "of which",
        *(
            f"  {name:<10}{ms:7.2f} ms  {ms / took['bare']:5.2f} × bare"
            for name, ms in split.items()
        ),
    ]


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    book = workspace.home() / "data" / "sample" / "2024" / "23494.xlsx"
    keep("workbook", told(measured(book, rounds), rounds))
