"""Series of poverty counts of many areas, from a tidy table: what a back-test is run on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from povsim.findings import Finding, Place, Refusal, refuse
from povsim.trajectory import Floats

COLUMNS = ("area_id", "year", "population", "poor")
FEWEST_YEARS = 6
"""Five points to the first origin, and one to be forecast."""
SHOWN = 5
"""So many faulty rows are named; the rest are counted."""


@dataclass(frozen=True, eq=False)
class Series:
    """Counts of I areas at T years, which may have gaps: arrays (area, year), NaN where missing.

    `region` names what each area belongs to, empty where the table does not say.
    """

    name: str
    areas: tuple[str, ...]
    regions: tuple[str, ...]
    years: tuple[int, ...]
    population: Floats
    poor: Floats

    @property
    def rates(self) -> Floats:
        """Poor among the population, (area, year)."""
        return np.asarray(self.poor / self.population)

    def rows(self, chosen: list[int]) -> Series:
        """Some of its areas, by number."""
        pick = [self.areas[i] for i in chosen], [self.regions[i] for i in chosen]
        areas, regions = map(tuple, pick)
        counts = self.population[chosen], self.poor[chosen]
        return Series(self.name, areas, regions, self.years, *counts)


def read(path: Path) -> Series:
    """Series from a CSV (also .gz) with columns area_id, year, population, poor[, region].

    An area may lack years; a row whose count is blank is a missing year. Other columns are left.

    Raises:
        Refusal: every fault at once: the file cannot be read, lacks a column, says an area and
            year twice, has impossible counts or too few years.
    """
    try:
        table = pd.read_csv(path, dtype={"area_id": str, "region": str})
    except (OSError, ValueError) as error:  # a broken CSV is a ValueError, a broken .gz an OSError
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise refuse("file_not_read", Place(path.name), reason=reason) from None
    return of_table(table, path.name.split(".")[0], path.name)


def of_table(table: pd.DataFrame, name: str, file: str = "") -> Series:
    """The same from a table in memory.

    Raises:
        Refusal: as `read`.
    """
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise refuse("series_columns_missing", Place(file), columns=", ".join(missing))
    counts = table.assign(
        **{c: pd.to_numeric(table[c], errors="coerce") for c in ("year", "population", "poor")}
    )
    faults = list(_faults(counts, file))
    if faults:
        raise Refusal(faults)
    regions = counts.get("region", pd.Series("", index=counts.index)).fillna("")
    home = regions.groupby(counts["area_id"], sort=True).first()
    wide = counts.assign(year=counts["year"].astype(int)).pivot(
        index="area_id", columns="year", values=["population", "poor"]
    )
    areas, years = tuple(map(str, wide.index)), tuple(map(int, wide["poor"].columns))
    population, poor = (wide[item].to_numpy(float) for item in ("population", "poor"))
    return Series(name, areas, tuple(home[list(areas)]), years, population, poor)


def _faults(table: pd.DataFrame, file: str) -> Iterator[Finding]:
    told = {
        "series_no_area_or_year": table["area_id"].isna() | ~(table["year"] % 1 == 0),
        "series_twice": table.duplicated(["area_id", "year"], keep=False),
        "series_impossible": (table["population"] <= 0)
        | (table["poor"] < 0)
        | (table["poor"] > table["population"]),
    }
    for rule, rows in told.items():
        if rows.any():
            lines = [str(int(at) + 2) for at in np.flatnonzero(rows)[:SHOWN]]
            values = {"rows": int(rows.sum()), "lines": ", ".join(lines)}
            yield Finding(rule, Place(file), values=values)
    years = table["year"].nunique()
    if years < FEWEST_YEARS:
        yield Finding(
            "series_too_short", Place(file), values={"years": years, "least": FEWEST_YEARS}
        )
