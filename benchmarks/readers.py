"""Which reader is best for the forms: time to have every cell of one workbook as Python values.

Run as `python benchmarks/readers.py` with benchmarks/requirements.txt installed; .xls and .ods are
made from the sample by LibreOffice. All readers take turns in one run; medians, and the ratio to
the fastest. "Same" says whether the values are those that openpyxl reads from the .xlsx.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import fastexcel
import openpyxl
import pandas as pd
import xlrd
from keeping import keep
from python_calamine import CalamineWorkbook

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "2024" / "23494.xlsx"
ROUNDS = 25
Cells = list[list[Any]]
Reader = Callable[[Path], list[Cells]]


def calamine(path: Path) -> list[Cells]:
    book = CalamineWorkbook.from_path(str(path))
    return [
        book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
    ]


def by_fastexcel(path: Path) -> list[Cells]:
    book = fastexcel.read_excel(path)
    kinds = {"header_row": None, "skip_rows": 0, "dtypes": "string"}
    return [
        [list(row.values()) for row in book.load_sheet(name, **kinds).to_arrow().to_pylist()]
        for name in book.sheet_names
    ]


def by_openpyxl(path: Path, read_only: bool = False) -> list[Cells]:
    book = openpyxl.load_workbook(path, read_only=read_only)
    return [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book]


def by_openpyxl_read_only(path: Path) -> list[Cells]:
    return by_openpyxl(path, read_only=True)


def by_pandas(engine: str) -> Reader:
    def read(path: Path) -> list[Cells]:
        sheets = pd.read_excel(path, sheet_name=None, header=None, engine=engine)
        return [sheet.to_numpy(object).tolist() for sheet in sheets.values()]

    return read


def by_xlrd(path: Path) -> list[Cells]:
    book = xlrd.open_workbook(path)
    return [[sheet.row_values(n) for n in range(sheet.nrows)] for sheet in book.sheets()]


READERS: dict[str, dict[str, Reader]] = {
    "xlsx": {
        "python-calamine": calamine,
        "fastexcel (all text)": by_fastexcel,
        "openpyxl": by_openpyxl,
        "openpyxl read_only": by_openpyxl_read_only,
        "pandas + calamine": by_pandas("calamine"),
        "pandas + openpyxl": by_pandas("openpyxl"),
    },
    "xls": {"python-calamine": calamine, "xlrd": by_xlrd},
    "ods": {"python-calamine": calamine, "pandas + odfpy": by_pandas("odf")},
}


def books(folder: Path) -> dict[str, Path]:
    """The sample workbook in every format."""
    made = {"xlsx": folder / "book.xlsx"}
    shutil.copy(SAMPLE, made["xlsx"])
    for kind in ("xls", "ods"):
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", kind, "book.xlsx"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        made[kind] = folder / f"book.{kind}"
    return made


def plain(cells: list[Cells]) -> list[set[tuple[int, int, str]]]:
    """The filled cells of every sheet, numbers written one way."""
    return [
        {
            (r, c, f"{value:g}" if isinstance(value, (int, float)) else str(value))
            for r, row in enumerate(sheet)
            for c, value in enumerate(row)
            if not (value is None or value == "" or pd.isna(value))
        }
        for sheet in cells
    ]


def measured(path: Path, readers: dict[str, Reader]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS + 2):
        for name, read in readers.items():
            start = perf_counter()
            read(path)
            times[name].append(perf_counter() - start)
    return {name: median(taken[2:]) * 1000 for name, taken in times.items()}


def main() -> None:
    lines = ["Every cell of one unit's workbook (13 forms) as Python values, median ms", ""]
    with tempfile.TemporaryDirectory() as folder:
        paths = books(Path(folder))
        truth = plain(by_openpyxl(paths["xlsx"]))
        for kind, readers in READERS.items():
            taken = measured(paths[kind], readers)
            fastest = min(taken.values())
            for name, time in sorted(taken.items(), key=lambda pair: pair[1]):
                same = "same" if plain(readers[name](paths[kind])) == truth else "differs"
                lines.append(f".{kind:5}{name:24}{time:9.2f}{time / fastest:8.1f}x  {same}")
    keep("readers", lines)


if __name__ == "__main__":
    main()
