"""The made-up province: coherent whatever its seed and size, and a workspace that works."""

import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import coherence
import pandas as pd
import pytest
from coherence import Books
from copies import script
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import intake
from povsim import plan as plans
from povsim.units import folded
from povsim.vocabulary import Period

UNITS, YEARS = 6, range(2021, 2024)
PROVINCE = script("province")


def made(seed: int, years: range = YEARS) -> Books:
    """A small province's workbooks, straight from the script."""
    reviews = PROVINCE.reviews(PROVINCE.communes(UNITS), years, seed)
    return Books(coherence.of((Period(year), unit, lines) for year, unit, lines in reviews))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=5, deadline=None)
def test_any_seed_is_coherent(seed):
    province = made(seed)
    codes = [unit.id.code for unit in PROVINCE.communes(UNITS)]
    assert sorted(province.books) == sorted((Period(y), code) for y in YEARS for code in codes)
    assert coherence.breaches(province) == []


@given(seed=st.integers(0, 2**32))
@settings(max_examples=5, deadline=None)
def test_poverty_falls_everywhere_at_a_pace_of_its_own(seed):
    books = {(p.year, c): b["F1", "households"] for (p, c), b in made(seed).books.items()}
    table = pd.DataFrame(books).T
    rates = (table["poor"] / table["households"]).unstack(0)
    assert (rates.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)
    assert rates.max(axis=None) < 0.55
    falls = rates[YEARS[-1]] / rates[YEARS[0]]
    assert falls.nunique() == UNITS


def test_years_asked_for_do_not_change_what_they_hold():
    whole, part = made(1), made(1, range(2022, 2024))
    assert part.books == {key: book for key, book in whole.books.items() if key[0].year > 2021}


def test_names_are_many_distinct_and_none_reads_as_a_total():
    units = PROVINCE.communes(4000)
    names = [folded(unit.name) for unit in units]
    assert len({*names}) == len({unit.id for unit in units}) == 4000
    assert not [name for name in names if name.startswith(("tong", "cong", "toan"))]
    assert [unit.id.code for unit in units[:2]] == ["90001", "90002"]


def test_more_units_than_names_are_refused():
    with pytest.raises(ValueError, match="names for"):
        PROVINCE.communes(10_000)


@pytest.fixture(scope="module")
def workspace_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province")
    PROVINCE.write(folder, UNITS, YEARS)
    return folder


def test_files_are_the_same_every_time(workspace_of_its_own: Path, tmp_path: Path):
    written = PROVINCE.write(tmp_path, UNITS, YEARS)
    assert len(written) == UNITS * len(YEARS)
    assert files(tmp_path) == files(workspace_of_its_own)


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_its_workspace_is_taken_without_an_error(
    workspace_of_its_own: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("POVSIM_HOME", str(workspace_of_its_own))
    plan = plans.load("tinh-mau")
    assert len(plan.units) == UNITS
    books = sorted(workspace_of_its_own.glob("workbooks/*/*.xlsx"))
    delivery = intake.check(books, plan, None)
    assert [f for f in delivery.findings if str(f.severity) == "error"] == []
    assert {entry.origin for entry in delivery.entries} == {"sample"}


def test_a_delivery_grows_by_little_with_every_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """All of a delivery is kept until it is saved or refused, yet a workbook takes a few KB."""
    monkeypatch.setenv("POVSIM_HOME", str(tmp_path))
    books = PROVINCE.write(tmp_path, 20, range(2022, 2025))
    plan, held = plans.load("tinh-mau"), []

    def watch(files: Sequence[Path]) -> Iterator[Path]:
        for file in files:
            held.append(tracemalloc.get_traced_memory()[0])
            yield file

    intake.check(books[:20], plan, None)  # whatever is loaded once
    tracemalloc.start()
    delivery = intake.check(books, plan, None, watch=watch)
    tracemalloc.stop()
    assert len(delivery.reviews) == len(books) == 60
    assert (held[-1] - held[20]) / len(held[21:]) < 6_000
