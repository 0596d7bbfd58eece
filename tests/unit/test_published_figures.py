"""The published figures: complete, sourced, and not changed on the way."""

import unicodedata
from pathlib import Path

import pandas as pd
import pytest

FILE = Path(__file__).parents[2] / "data/published/figures.csv"
KEY = ["area", "area_code", "level", "as_of", "period", "standard", "indicator", "group", "source"]
COLUMNS = [*KEY[:-1], "value", "unit", "status", "basis", "source"]
ALLOWED = {
    "level": {"country", "region", "province", "district", "commune", "village", "group"},
    "status": {"published", "press", "early", "derived", "weak", "unverified"},
    "unit": {"households", "persons", "percent"},
    "standard": {"", "qd09-2011", "qd59-2015", "nd07-2021"},
    "group": {"", "dtts", "poor", "poor_and_near_poor"},
}
KON_RAY = [  # as_of, indicator, group, value, status
    ("2021-12", "households", "", "7378", "published"),
    ("2021-12", "poor", "dtts", "1746", "published"),
    ("2021-12", "poor", "", "1834", "derived"),
    ("2021-12", "poor_rate", "", "24.86", "derived"),
    ("2022-12", "poor_rate", "", "16.88", "weak"),
    ("2023-12", "poor", "", "776", "early"),
    ("2023-12", "poor_rate", "", "10.28", "early"),
    ("2023-12", "poor", "", "797", "press"),
    ("2023-12", "poor_rate", "", "10.51", "press"),
    ("2023-12", "near_poor", "", "760", "press"),
    ("2024-11", "poor", "", "574", "press"),
    ("2024-11", "poor_rate", "", "7.47", "press"),
    ("2024-11", "near_poor", "", "598", "press"),
    ("2024-11", "near_poor_rate", "", "7.8", "press"),
]


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return pd.read_csv(FILE, dtype=str, keep_default_na=False)


def pick(table: pd.DataFrame, **where: str) -> pd.DataFrame:
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def test_shape_of_the_file(figures):
    assert list(figures.columns) == COLUMNS
    assert b"\r" not in FILE.read_bytes()
    rows = figures.to_numpy().tolist()
    assert rows == sorted(rows)


@pytest.mark.parametrize("column", ALLOWED)
def test_only_known_words(figures, column):
    assert set(figures[column]) <= ALLOWED[column]


def test_every_row_has_its_own_source(figures):
    assert figures["source"].str.strip().ne("").all()
    assert not figures["source"].str.contains(r"\bidem\b|\.\.\.", case=False).any()


def test_what_is_not_simply_printed_says_how_it_came_about(figures):
    explained = figures[~figures["status"].isin({"published", "press"})]
    assert explained["basis"].ne("").all()


def test_keys_are_unique(figures):
    assert not figures.duplicated(KEY).any()


def test_text_is_nfc(figures):
    assert unicodedata.is_normalized("NFC", FILE.read_text(encoding="utf-8"))
    assert {"Kon Rẫy", "Đăk Rve", "Đăk Tờ Re", "Việt Nam"} <= set(figures["area"])


def test_dates_and_periods(figures):
    assert figures["as_of"].str.fullmatch(r"\d{4}(-\d{2}){0,2}").all()
    assert figures["period"].str.fullmatch(r"(\d{4}(-H1)?)?").all()


def test_units_fit_values(figures):
    number = figures["value"].astype(float)
    percent = figures["unit"] == "percent"
    assert number[percent].between(0, 100).all()
    assert figures["value"][~percent].str.fullmatch(r"\d+").all()
    assert percent[figures["indicator"].str.endswith("_rate")].all()


@pytest.mark.parametrize(("as_of", "indicator", "group", "value", "status"), KON_RAY)
def test_series_of_kon_ray(figures, as_of, indicator, group, value, status):
    rows = pick(figures, area="Kon Rẫy", level="district", area_code="614", as_of=as_of)
    rows = pick(rows, indicator=indicator, group=group, status=status)
    assert rows["value"].tolist() == [value]


def test_rate_of_2021_follows_from_its_counts(figures):
    rows = pick(figures, area="Kon Rẫy", as_of="2021-12", group="", standard="nd07-2021")
    value = rows.set_index("indicator")["value"].astype(float)
    assert round(100 * value["poor"] / value["households"], 2) == value["poor_rate"]


def test_ten_districts_add_up_to_the_printed_total(figures):
    end_2021 = pick(figures, as_of="2021-12", period="2021", indicator="poor", group="")
    districts = pick(end_2021, level="district", status="derived")
    printed = pick(end_2021, level="province", area="Kon Tum", status="press")
    assert len(districts) == 10
    assert districts["value"].astype(int).sum() == 21_989
    assert printed["value"].tolist() == ["21989"]
