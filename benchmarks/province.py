"""A whole province taken in by one command: how long, and whether time and memory stay flat.

Run as `python benchmarks/province.py [units] [workspace]`: 100 units, four years, thirteen forms.
The workspace is made in a folder of its own unless one is given that was made before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from keeping import keep

HERE = Path(__file__).parent
YEARS = range(2021, 2025)
UNITS = 100
PLAN = "tinh-mau"
ALONE = "--in-process"


def made(folder: Path, units: int) -> list[Path]:
    """The workspace's workbooks, made where there are none."""
    sys.path.insert(0, str(HERE.parent / "data" / "sample"))
    import province

    found = sorted(folder.glob("workbooks/*/*.xlsx"))
    return found or province.write(folder, units, YEARS)


# --- As somebody types it ------------------------------------------------------------------------


def command(books: Sequence[Path], home: Path) -> tuple[float, str]:
    """Seconds that `povsim ingest` takes from start to end, and its last words."""
    call = [sys.executable, "-m", "povsim", "ingest", *map(str, books), "--plan", PLAN]
    start = perf_counter()
    done = subprocess.run(
        [*call, "--lang", "en"],
        env=_env(home, "command"),
        capture_output=True,
        text=True,
        check=False,
    )
    taken = perf_counter() - start
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return taken, done.stdout.strip().splitlines()[-1]


def _env(home: Path, store: str) -> dict[str, str]:
    kept = tempfile.mkdtemp(prefix=store, dir=home)
    own = {"POVSIM_HOME": str(home), "POVSIM_STORE": f"sqlite:///{kept}/povsim.sqlite"}
    return {**os.environ, **own}


# --- Watched from within -------------------------------------------------------------------------


def watched(home: Path) -> list[str]:
    """The same in a process of its own that looks at the clock and its memory at every file."""
    call = [sys.executable, __file__, ALONE, str(home)]
    done = subprocess.run(
        call, env=_env(home, "watched"), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.splitlines()


def in_process(home: Path) -> None:
    """Print time by tenth of the files, peak memory after each, and what came after reading.

    A workbook's time is that of the processor, which other work on the machine does not lengthen.
    """
    from povsim import intake, plan, workspace
    from povsim.store import Store

    books = sorted(home.glob("workbooks/*/*.xlsx"))
    print(f"reading alone, nothing kept: peak memory {_read_alone(books)}")
    moments: list[tuple[float, float]] = []

    def watch(files: Sequence[Path]) -> Iterator[Path]:
        moments.append(_now())
        for file in files:
            yield file
            moments.append(_now())

    intake.ingest(books, plan.load(PLAN), Store(workspace.store_url()), sender="x", watch=watch)
    (first, _), (last, _), (end, memory) = moments[0], moments[-1], _now()
    print("\n".join(_tenths(moments)))
    print(f"reading {last - first:.1f} s, checking and saving {end - last:.1f} s, of the processor")
    print(f"peak memory at the end {memory:.0f} MB")


def _read_alone(books: Sequence[Path]) -> str:
    """Peak memory after a tenth of the files and after all: what reading itself needs, apart from
    the figures of a delivery, which are kept until all of it is saved or none.
    """
    from povsim import forms

    peaks = []
    for book in books:
        forms.read(book)
        peaks.append(_now()[1])
    return f"{peaks[len(peaks) // 10]:.0f} MB after a tenth, {peaks[-1]:.0f} MB after all"


def _now() -> tuple[float, float]:
    import resource

    return process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tenths(moments: Sequence[tuple[float, float]]) -> Iterator[str]:
    times, memory = zip(*moments, strict=True)
    taken = [after - before for before, after in pairwise(times)]
    size = len(taken) // 10
    for tenth in range(10):
        own = taken[tenth * size : (tenth + 1) * size]
        yield (
            f"tenth {tenth + 1:>2}: {median(own) * 1000:5.1f} ms a workbook (median), "
            f"{sum(own) / len(own) * 1000:5.1f} (mean); "
            f"peak memory {memory[(tenth + 1) * size]:.0f} MB"
        )


def measure(units: int, home: Path) -> None:
    books = made(home, units)
    taken, last = command(books, home)
    lines = [
        f"{len(books)} workbooks of {units} units, all forms, by one `povsim ingest`",
        f"the whole command: {taken:.1f} s, {taken / len(books) * 1000:.0f} ms a workbook",
        f"it says: {last}",
        "in a process of its own, reading file by file:",
        *watched(home),
    ]
    keep("province", lines)


if __name__ == "__main__":
    if ALONE in sys.argv:
        in_process(Path(sys.argv[2]))
    else:
        units = int(sys.argv[1]) if len(sys.argv) > 1 else UNITS
        with tempfile.TemporaryDirectory() as own:
            measure(units, Path(sys.argv[2]) if len(sys.argv) > 2 else Path(own))
