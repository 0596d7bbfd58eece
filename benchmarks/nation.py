"""A nation's households classified by the decree and decomposed: time, memory, and its peers.

Run as `python benchmarks/nation.py [households]` (27 million); with benchmarks/requirements.txt
installed polars takes part, else it says so. Households and members are made up, one answer in a
hundred missing, in 3,321 communes. All three give the same figures on a million households before
they take turns; wall time, medians. The nation goes through in parts, as files of a province would.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from keeping import keep

HERE = Path(__file__).parent
HOUSEHOLDS = 27_000_000
PART = 1_000_000
COMMUNES = 3_321
"""Since 1 July 2025."""
REVIEW = 2024
MISSING = 0.01
ROUNDS = 3
SIZE = 4
LINES = {"urban": 2_000_000, "rural": 1_500_000}
HOUSE = ("safe_water", "hygienic_toilet", "uses_internet", "has_devices")
DURABLE = ("durable_wall", "durable_frame", "durable_roof")
PERSON = {
    "can_work": 0.6,
    "has_job": 0.85,
    "for_wages": 0.3,
    "has_contract": 0.7,
    "on_benefit": 0.08,
    "stunted_or_underweight": 0.12,
    "insured": 0.9,
    "schooled_for_age": 0.8,
    "at_right_level": 0.9,
}

Tables = tuple[pd.DataFrame, pd.DataFrame]


def communes(home: Path) -> list[str]:
    """A workspace of invented communes; every twelfth is a town."""
    sys.path.insert(0, str(HERE.parent / "data" / "sample"))
    import province

    every = province.communes(COMMUNES)
    (home / "data" / "plans").mkdir(parents=True)
    (home / "data" / "units").mkdir()
    entries = "\n".join(province._unit_entry(unit) for unit in every)
    (home / "data" / "units" / "nation.toml").write_text(entries, "utf-8")
    os.environ["POVSIM_HOME"] = str(home)
    return [str(unit.id) for unit in every]


def made(households: int, units: list[str], seed: int) -> Tables:
    """A register of so many households with four members each, typed as Parquet gives it."""
    rng = np.random.default_rng(seed)

    def yes(count: int, share: float) -> pd.arrays.BooleanArray:
        return pd.arrays.BooleanArray(rng.random(count) < share, rng.random(count) < MISSING)

    def figures(values: np.ndarray) -> pd.arrays.IntegerArray:
        return pd.arrays.IntegerArray(values, rng.random(len(values)) < MISSING)

    key = np.arange(10**12, 10**12 + households)
    unit = np.sort(rng.integers(0, len(units), households).astype(np.int16))
    houses = {"household": key, "unit": pd.Categorical.from_codes(unit, units)}
    houses |= {"persons": np.full(households, SIZE, np.int8)}
    houses |= {"income_vnd": figures(rng.integers(500_000, 6_000_000, households))}
    houses |= {name: yes(households, 0.8) for name in DURABLE}
    houses |= {"floor_area_m2": figures(rng.integers(16, 120, households))}
    houses |= {name: yes(households, 0.8) for name in HOUSE}
    people = {"household": np.repeat(key, SIZE)}
    people |= {"age": figures(rng.integers(0, 90, SIZE * households).astype(np.int16))}
    people |= {name: yes(SIZE * households, share) for name, share in PERSON.items()}
    return pd.DataFrame(houses), pd.DataFrame(people)


# --- The same job three times: by unit, households, surely poor, perhaps poor, M0 of the sure -----


def ours(tables: Tables) -> pd.DataFrame:
    """By unit. The poor are the decree's: low income and three deprivations or more."""
    from povsim.vocabulary import State

    found, masks = classified(tables)
    counted = decomposed(masks, found.unit)
    poor = found.answers[State.POOR]
    maybe = np.bincount(found.unit.cat.codes[poor.may], minlength=len(counted))
    columns = {"households": counted["population"], "poor": counted["h"] * counted["population"]}
    return pd.DataFrame(columns | {"perhaps": maybe, "m0": counted["m0"]}).astype(float)


def classified(tables: Tables) -> tuple[Any, np.ndarray]:
    """What povsim tells of a register, and the deprivations of the surely poor as masks."""
    from povsim import poverty
    from povsim.vocabulary import State

    found = poverty.classification(*tables, REVIEW)
    return found, np.where(found.answers[State.POOR].sure, found.sure, np.uint16(0))


def decomposed(masks: np.ndarray, units: Any) -> pd.DataFrame:
    """H, A and M0 of every unit."""
    from povsim import poverty
    from povsim.vocabulary import Indicator

    yardstick = poverty.Yardstick.equal(list(Indicator), 3 / len(Indicator))
    return poverty.by_group(poverty.tally(yardstick, masks, groups=units))


def in_pandas(tables: Tables, lines: pd.Series[int]) -> pd.DataFrame:
    """As most would write it: nullable columns, a groupby of members, another of units."""
    houses, people = tables
    age = people["age"]
    flags = pd.DataFrame(
        {
            "job": people["can_work"]
            & (~people["has_job"] | (people["for_wages"] & ~people["has_contract"])),
            "nutrition": (age < 16) & people["stunted_or_underweight"],
            "insurance": (age >= 6) & ~people["insured"],
            "adult": (age >= 16) & (age <= 30) & ~people["schooled_for_age"],
            "child": (age >= 3) & (age < 16) & ~people["at_right_level"],
            "dependant": (age < 16) | people["on_benefit"],
        }
    )
    own = pd.DataFrame({name: ~houses[name] for name in (*HOUSE, *DURABLE)})
    own["area"] = houses["floor_area_m2"] < 8 * houses["persons"].astype("Int64")
    low = houses["income_vnd"] <= houses["unit"].map(lines).astype("Int64")
    many = {}
    for side, blank in (("sure", False), ("may", True)):
        told = flags.fillna(blank).astype(bool)
        of_members = told.groupby(people["household"], sort=False).sum()
        count = (of_members.drop(columns="dependant") > 0).sum(axis=1).to_numpy()
        count = count + (2 * of_members["dependant"].to_numpy() > houses["persons"].to_numpy())
        house = own.fillna(blank).astype(bool)
        count = count + house[[*HOUSE, "area"]].sum(axis=1).to_numpy()
        many[side] = count + (house[list(DURABLE)].sum(axis=1).to_numpy() >= 2)
    sure = low.fillna(False).to_numpy(bool) & (many["sure"] >= 3)
    perhaps = low.fillna(True).to_numpy(bool) & (many["may"] >= 3)
    table = pd.DataFrame(
        {"households": 1, "poor": sure, "perhaps": perhaps, "m0": many["sure"] * sure / 12}
    )
    found = table.groupby(houses["unit"], observed=False).sum()
    found["m0"] /= found["households"]
    return found.astype(float)


def in_polars(tables: Any, lines: Any) -> pd.DataFrame:
    """The same as polars' users would, on frames of its own, with both cores."""
    import polars as pl

    houses, people = tables
    c, age = pl.col, pl.col("age")
    flags = {
        "job": c("can_work") & (~c("has_job") | (c("for_wages") & ~c("has_contract"))),
        "nutrition": (age < 16) & c("stunted_or_underweight"),
        "insurance": (age >= 6) & ~c("insured"),
        "adult": (age >= 16) & (age <= 30) & ~c("schooled_for_age"),
        "child": (age >= 3) & (age < 16) & ~c("at_right_level"),
        "dependant": (age < 16) | c("on_benefit"),
    }
    sides = {"sure": False, "may": True}
    of_members = (
        people.lazy()
        .group_by("household")
        .agg(
            flag.fill_null(blank).sum().alias(f"{name}_{side}")
            for name, flag in flags.items()
            for side, blank in sides.items()
        )
    )
    table = houses.lazy().join(of_members, on="household").join(lines.lazy(), on="unit")
    low = c("income_vnd") <= c("line")

    def lacking(side: str) -> Any:
        blank = sides[side]
        members = [(c(f"{n}_{side}") > 0).cast(int) for n in flags if n != "dependant"]
        own = [(~c(name)).fill_null(blank).cast(int) for name in HOUSE]
        rest = (c("floor_area_m2") < 8 * c("persons").cast(int)).fill_null(blank).cast(int)
        parts = sum((~c(name)).fill_null(blank).cast(int) for name in DURABLE)
        dependants = (2 * c(f"dependant_{side}") > c("persons")).cast(int)
        return sum(members) + sum(own) + rest + (parts >= 2).cast(int) + dependants

    poor = low.fill_null(False) & (lacking("sure") >= 3)
    perhaps = low.fill_null(True) & (lacking("may") >= 3)
    found = (
        table.select("unit", poor=poor, perhaps=perhaps, many=lacking("sure"))
        .group_by("unit")
        .agg(
            households=pl.len(),
            poor=c("poor").sum(),
            perhaps=c("perhaps").sum(),
            m0=(c("many") * c("poor")).sum() / 12 / pl.len(),
        )
        .sort("unit")
        .collect()
    )
    units = found["unit"].to_list()
    return pd.DataFrame(
        {n: found[n].to_numpy() for n in ("households", "poor", "perhaps", "m0")}, units
    )


def polars_frames(tables: Tables, lines: pd.Series[int]) -> tuple[Any, Any] | None:
    """The same tables as polars has them, and each commune's line; None without polars."""
    try:
        import polars as pl
    except ImportError:
        return None
    frames = tuple(
        pl.DataFrame({n: pl.Series(_plain(t[n]), dtype=_kind(t[n], pl)) for n in t}) for t in tables
    )
    return frames, pl.DataFrame({"unit": list(lines.index), "line": lines.to_list()})


def _plain(column: pd.Series[Any]) -> Any:
    if column.isna().any():
        return column.astype(object).where(column.notna(), None).to_list()
    return column.astype(str).to_list() if column.dtype == "category" else column.to_numpy()


def _kind(column: pd.Series[Any], pl: Any) -> Any:
    if column.dtype == "boolean":
        return pl.Boolean
    return pl.String if column.dtype == "category" else pl.Int64


# --- Measuring ------------------------------------------------------------------------------------


def seconds(call: Callable[[], Any]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def peak() -> float:
    """The most memory this process has held, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def copied(tables: Tables) -> None:
    """Every byte of the tables read and written once: what no program can do without."""
    for table in tables:
        for name in table:
            array = table[name].array
            for part in ("_data", "_mask", "_codes", "_ndarray"):
                if hasattr(array, part):
                    np.copy(getattr(array, part))


def compared(units: list[str]) -> Iterator[str]:
    """The three on one part: agreed first, then in turns."""
    tables = made(PART, units, 0)
    lines = pd.Series({u: LINES["urban" if n % 12 == 0 else "rural"] for n, u in enumerate(units)})
    calls: dict[str, Callable[[], Any]] = {
        "povsim": lambda: ours(tables),
        "plain pandas": lambda: in_pandas(tables, lines),
    }
    peer = polars_frames(tables, lines)
    if peer is None:
        yield "polars is not installed here (benchmarks/requirements.txt): not measured"
    else:
        calls["polars"] = lambda: in_polars(*peer)
    agree([call() for call in calls.values()])
    calls["copying the tables"] = lambda: copied(tables)
    rounds = [{name: seconds(call) for name, call in calls.items()} for _ in range(ROUNDS)]
    took = {name: median(taken[name] for taken in rounds) for name in calls}
    for name, taken in took.items():
        speed, ratio = PART / taken / 1e6, taken / took["povsim"]
        yield f"{name:<20} {taken:6.2f} s  {speed:7.2f} million rows/s  {ratio:5.2f} × povsim"


def agree(results: list[pd.DataFrame]) -> None:
    """All must find the same before any is timed."""
    first = results[0]
    for other in results[1:]:
        np.testing.assert_allclose(first, other.reindex(first.index).astype(float), atol=1e-12)


def nation(households: int, units: list[str]) -> Iterator[str]:
    """The whole of it in this process: classified part by part, decomposed at once."""
    masks, codes, taken = [], [], 0.0
    for seed in range(0, households, PART):
        tables = made(min(PART, households - seed), units, 1 + seed)
        start = perf_counter()
        found, own = classified(tables)
        taken += perf_counter() - start
        masks.append(own)
        codes.append(found.unit.cat.codes.to_numpy())
    start = perf_counter()
    every = pd.Categorical.from_codes(np.concatenate(codes), units)
    measures = decomposed(np.concatenate(masks), every)
    whole = perf_counter() - start
    yield (
        f"{households:,} households with {SIZE * households:,} members in {len(measures):,} "
        f"communes: classified in {taken:.0f} s ({households / taken / 1e6:.2f} million rows/s), "
        f"decomposed by commune in {whole:.1f} s"
    )
    yield f"peak memory of the process {peak():.2f} GB, the made-up tables of a part included"


def main() -> None:
    households = int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS
    with tempfile.TemporaryDirectory() as home:
        units = communes(Path(home))
        lines = [*nation(households, units), f"on {PART:,} households, the same figures from all:"]
        keep("nation", [*lines, *compared(units)])


if __name__ == "__main__":
    main()
