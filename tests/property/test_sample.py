"""The sample: coherent within each form, among forms, over years, and with what is published."""

import importlib
import itertools
import sys
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim import forms, intake, plan, published, rules
from povsim.vocabulary import Indicator, Period

HOME = Path(__file__).parents[2]
SAMPLE = HOME / "data" / "sample"
OLD = ["23479", "23482", "23485", "23488", "23491", "23494", "23497"]
NEW = {"23479": ["23479", "23491"], "23485": ["23482", "23485"], "23497": OLD[3:4] + OLD[5:]}
REVIEWS = [(year, code) for year in range(2021, 2025) for code in OLD] + [(2025, c) for c in NEW]
FORMS = ["F1", "F2", "F3", "F4", "F6", "F8"]
FLOWS = ("F2", "F3")
LARGEST = 12
PUBLISHED = [  # period, indicator, group; the figures themselves stand in figures.csv
    ("2021", "households", ""),
    ("2021", "poor", ""),
    ("2021", "poor", "dtts"),
    ("2023", "poor", ""),
    ("2023", "near_poor", ""),
    ("2024", "poor", ""),
    ("2024", "near_poor", ""),
]


def script():
    """The script that makes the sample; its neighbours are found as when it is run."""
    sys.path.insert(0, str(SAMPLE))
    try:
        return importlib.import_module("make")
    finally:
        sys.path.remove(str(SAMPLE))


@cache
def readings():
    return {(year, code): forms.read(SAMPLE / str(year) / f"{code}.xlsx") for year, code in REVIEWS}


@cache
def committed():
    """Review → (form, line) → item → count, as read from the files."""
    return {
        review: {(s.form.id, row.line): row.counts for s in reading.sheets for row in s.rows}
        for review, reading in readings().items()
    }


def made(seed):
    """The same of another seed, straight from the script."""
    return {
        (year, unit.id.code): {
            (form, line.line): dict(line.counts) for form, lines in sheets.items() for line in lines
        }
        for year, unit, sheets in script().workbooks(seed)
    }


def filled(books, review):
    """The lines of a review that are to be filled: flows have no first year."""
    return {
        (form, line): counts
        for (form, line), counts in books[review].items()
        if not (review[0] == 2021 and form in FLOWS)
    }


# --- What every review must satisfy; each check gives the breaches it finds ----------------------


def lines_and_columns(books, review):
    lines = [(id, line) for id in FORMS for line in forms.forms()[id].lines]
    if list(books[review]) != lines:
        yield f"lines {list(books[review])}"
    for (form, line), counts in books[review].items():
        items = {column.item for column in forms.forms()[form].counts}
        expected = items if (form, line) in filled(books, review) else set()
        if set(counts) != expected:
            yield f"{form} {line}: {set(counts) ^ expected}"


def nothing_below_nought(books, review):
    for (form, line), counts in filled(books, review).items():
        for item, count in counts.items():
            if count < 0 and not item.endswith("_other"):
                yield f"{form} {line} {item} = {count}"


def identities(books, review):
    """A column with a formula is what its formula gives: `9 = 1-2-3-4+5+6+7+8` and the like."""
    for (form, line), counts in filled(books, review).items():
        for column in (c for c in forms.forms()[form].columns if c.equals):
            expected = sum(sign * counts[item] for sign, item in column.equals)
            if counts[column.item] != expected:
                yield f"{form} {line} {column.code}: {counts[column.item]} for {expected}"


def bounds(books, review):
    for (form, line), counts in filled(books, review).items():
        for bound in (b for b in forms.bounds() if b.form == form):
            parts = sum(counts[item] for item in bound.parts) * bound.times
            if parts > counts[bound.whole] * bound.whole_times:
                yield f"{form} {line}: {bound}"


def agreements(books, review):
    """Forms agree with each other and with last year's; a merged unit with its parts' sum."""
    year, code = review
    for rule in (a for a in forms.agreements() if not (year == 2021 and a.left.form in FLOWS)):
        parts = NEW[code] if year == 2025 and rule.years_back else [code]
        past = [(year - rule.years_back, part) for part in parts]
        cell = rule.right
        expected = sum(books[other][cell.form, cell.line][cell.item] for other in past)
        if books[review][rule.left.form, rule.left.line][rule.left.item] != expected:
            yield f"{rule}: {expected}"


def persons_follow_households(books, review):
    """No household, no person; and from one to twelve persons in each."""
    lines = filled(books, review)
    first = lines["F1", "households"]
    pairs = {(f"F1 {p}", first[h], first[p]) for h, p in STOCKS.items()}
    for form in {form for form, line in lines if line == "persons"}:
        households, persons = lines[form, "households"], lines[form, "persons"]
        pairs |= {(f"{form} {n}", households[n], persons[n]) for n in households if counted(n)}
    for name, households, persons in sorted(pairs):
        if not households <= persons <= LARGEST * households:
            yield f"{name}: {persons} persons in {households} households"


STOCKS = {
    "households": "persons",
    "poor": "poor_persons",
    "near_poor": "near_poor_persons",
    "average_living": "average_living_persons",
}


def counted(item):
    return not item.endswith("_other")  # a balance, not a count of anybody


def deprivations_can_be_assigned(books, review):
    """Real households can have these margins: three lacks or more each, two at most each."""
    for form, least, most in (("F4", 3, 12), ("F6", 0, 2)):
        counts = books[review][form, "households"]
        each = assigned([counts[str(i)] for i in Indicator], counts["households"])
        if len(each) and not least <= each.min() <= each.max() <= most:
            yield f"{form}: {each.min()} to {each.max()} lacks a household"


def assigned(margins, households):
    """Lacks of each household when every indicator takes up where the one before left off."""
    each = np.zeros(households, dtype=int)
    turn = itertools.cycle(range(households))
    for margin in margins:
        assert margin <= households  # so that no household takes one indicator twice
        np.add.at(each, list(itertools.islice(turn, margin)), 1)
    return each


CHECKS = [
    lines_and_columns,
    nothing_below_nought,
    identities,
    bounds,
    agreements,
    persons_follow_households,
    deprivations_can_be_assigned,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("review", REVIEWS, ids=lambda review: "-".join(map(str, review)))
def test_every_review_is_coherent(review, check):
    assert list(check(committed(), review)) == []


@given(seed=st.integers(0, 2**32))
@settings(max_examples=5, deadline=None)
def test_any_seed_is_coherent(seed):
    books = made(seed)
    assert sorted(books) == sorted(REVIEWS)
    breaches = [(r, *check(books, r)) for r in REVIEWS for check in CHECKS]
    assert [breach for breach in breaches if len(breach) > 1] == []
    for period, indicator, group in PUBLISHED:
        assert summed(books, period, indicator, group) == printed(period, indicator, group)


# --- What holds for the district ----------------------------------------------------------------


def printed(period, indicator, group=""):
    table = published.figures(HOME / "data/published/figures.csv")
    own = table[(table["area_code"] == "614") & (table["group"] == group)]
    return published.count(own, indicator, period)


def summed(books, period, item, group=""):
    form, item = ("F8", f"{item}_{group}") if group else ("F1", item)
    return sum(book[form, "households"][item] for (y, _), book in books.items() if y == int(period))


@pytest.mark.parametrize(("period", "indicator", "group"), PUBLISHED)
def test_units_add_up_to_what_is_published(period, indicator, group):
    assert summed(committed(), period, indicator, group) == printed(period, indicator, group)


@pytest.mark.parametrize(
    ("period", "item", "rate", "decimals"),
    [
        ("2021", "poor", 24.86, 2),
        ("2022", "poor", 16.88, 2),
        ("2023", "poor", 10.51, 2),
        ("2023", "near_poor", 10.03, 2),
        ("2024", "poor", 7.47, 2),
        ("2024", "near_poor", 7.8, 1),  # with two decimals no number of households fits both
    ],
)
def test_assumed_households_give_the_printed_rates(period, item, rate, decimals):
    whole = summed(committed(), period, "households")
    assert round(summed(committed(), period, item) / whole * 100, decimals) == rate


def test_communes_have_good_and_bad_years_but_none_rises():
    rates = pd.DataFrame({r: b["F1", "households"] for r, b in committed().items()}).T
    share = (rates["poor"] / rates["households"]).unstack(0).loc[OLD, [2021, 2022, 2023, 2024]]
    change = share.astype(float).pct_change(axis=1).iloc[:, 1:]
    assert change.to_numpy().max() < 0.05
    assert (change.max() - change.min() > 0.15).all()  # not all in step


def test_poor_and_near_poor_lack_about_as_many_as_assumed():
    for form, low, high in (("F4", 4.0, 4.8), ("F6", 1.2, 1.6)):
        counts = pd.DataFrame([book[form, "households"] for book in committed().values()]).sum()
        assert low < counts["deprivations"] / counts["households"] < high


# --- Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("review", REVIEWS, ids=lambda review: "-".join(map(str, review)))
def test_reading_finds_nothing_wrong(review):
    year, code = review
    reading = readings()[review]
    assert reading.findings == []
    assert [sheet.form.id for sheet in reading.sheets] == FORMS
    assert all(sheet.sample and sheet.year == year for sheet in reading.sheets)
    unit = rules.units().find(code, Period(year).end)
    assert {row.name for sheet in reading.sheets for row in sheet.rows} == {unit.name}


@pytest.mark.parametrize("review", REVIEWS, ids=lambda review: "-".join(map(str, review)))
def test_every_sheet_says_that_it_is_a_sample(review):
    year, code = review
    workbook = openpyxl.load_workbook(SAMPLE / str(year) / f"{code}.xlsx")
    for sheet in workbook:
        assert forms.SAMPLE_MARK in sheet["A5"].value
        assert f"(mã đơn vị {code})" in sheet["A1"].value
        notes = [row[0] for row in sheet.iter_rows(min_row=11, max_col=1, values_only=True)]
        told = any(str(note).startswith("Không lập") for note in notes)
        assert told == (year == 2021 and sheet.title in FLOWS)


def test_intake_takes_the_whole_sample_without_a_word(monkeypatch):
    monkeypatch.setenv("POVSIM_HOME", str(HOME))
    received = intake.check(sorted(SAMPLE.glob("*/*.xlsx")), plan.load(), None)
    assert received.findings == []
    assert {entry.origin for entry in received.entries} == {"sample"}


def test_script_makes_the_committed_files_again(tmp_path):
    script().write_all(tmp_path)
    files = {p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file()}
    kept = {p.relative_to(SAMPLE) for p in SAMPLE.glob("*/*.xlsx")} | {Path("unit-targets.csv")}
    assert files == kept
    assert [str(f) for f in sorted(files) if content(tmp_path / f) != content(SAMPLE / f)] == []


def content(path):
    """The bytes of a file; of a workbook those of its entries: zlib's builds compress unalike."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with ZipFile(path) as archive:
        return [(e.filename, e.date_time, archive.read(e)) for e in archive.infolist()]


def test_same_content_gives_the_same_bytes(tmp_path):
    _, unit, sheets = next(script().workbooks())
    for name in ("one", "two"):
        forms.write(tmp_path / name, forms.Head(unit.name, 2021), sheets, {}, script().MADE)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_readme_shows_every_assumption():
    assert (SAMPLE / "README.md").read_text("utf-8").endswith(script().table())


# --- Quotas -------------------------------------------------------------------------------------


@pytest.fixture
def quotas():
    table = pd.read_csv(SAMPLE / "unit-targets.csv", dtype={"unit_code": str, "period": str})
    columns = ["unit_code", "valid_from", "period", "kind", "value", "origin"]
    assert list(table.columns) == columns
    assert (table[["valid_from", "kind", "origin"]] == ["2021-01-01", "households", "sample"]).all(
        axis=None
    )
    return table.pivot(index="unit_code", columns="period", values="value")


def test_quotas_add_up_to_the_district(quotas):
    assert quotas.loc[OLD].sum().equals(quotas.loc["614"])
    assert list(quotas.index) == [*OLD, "614"]


def test_quotas_follow_the_plan_then_stay_attainable(quotas):
    path = [
        (24.86 - 6.6 * n) / 100 * summed(committed(), str(2021 + n), "households") for n in (1, 2)
    ]
    assert list(quotas.loc["614", ["2022", "2023"]]) == [round(count) for count in path]
    assert list(quotas.loc["614", ["2024", "2025"]]) == [560, 400]


def test_no_quota_is_negative_or_above_the_last_one(quotas):
    start = [committed()[2021, code]["F1", "households"]["poor"] for code in OLD]
    steps = quotas.loc[OLD].assign(**{"2021": start}).sort_index(axis=1)
    assert (steps >= 0).all(axis=None)
    assert (steps.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)
    falls = steps["2025"] / steps["2021"]
    assert falls.max() - falls.min() < 0.02  # the same relative fall is asked of everyone
