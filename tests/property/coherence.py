"""What made-up figures must satisfy: each check gives the breaches it finds in one workbook."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from povsim import forms
from povsim.forms import Cell
from povsim.vocabulary import Indicator, Period

Key = tuple[Period, str]
"""A workbook: its period and its unit's code."""
Counts = Mapping[str, int]
Book = Mapping[tuple[str, str], Counts]
"""Form and line → item → count."""
BASE = 2021
LARGEST = 12
STATES = ("poor", "near_poor")
LOCAL = ("xo_dang", "ba_na", "gia_rai", "gie_trieng", "brau", "ro_mam")


@dataclass(frozen=True)
class Books:
    """All workbooks; `held` names the workbooks of another period whose households a unit holds."""

    books: Mapping[Key, Book]
    held: Callable[[Key, Period], list[Key]] = lambda key, period: [(period, key[1])]

    def total(self, keys: Iterable[Key], cells: Iterable[Cell]) -> int:
        """The sum of cells over workbooks."""
        wanted = list(cells)
        return sum(self.books[key][c.form, c.line][c.item] for key in keys for c in wanted)

    def filled(self, key: Key) -> Book:
        """The lines of a workbook that are to be filled: flows have no first year."""
        first = key[0].year == BASE
        return {
            (id, line): counts
            for (id, line), counts in self.books[key].items()
            if not (first and form(id).flows_within_standard)
        }

    def forms(self, key: Key) -> list[forms.Form]:
        """The forms of a workbook that are filled."""
        return [form(id) for id in dict.fromkeys(id for id, _ in self.filled(key))]


def of(workbooks: Iterable[tuple[Period, object, Mapping]]) -> dict[Key, Book]:
    """Workbooks straight from a script."""
    return {
        (period, unit.id.code): {
            (id, line.line): dict(line.counts) for id, lines in sheets.items() for line in lines
        }
        for period, unit, sheets in workbooks
    }


def read(reading: forms.Reading) -> dict[tuple[str, str], Counts]:
    """A workbook as it was read from a file."""
    return {(s.form.id, row.line): row.counts for s in reading.sheets for row in s.rows}


def form(id: str) -> forms.Form:
    return forms.forms()[id]


# --- The rules of the forms ----------------------------------------------------------------------


def lines_and_columns(made: Books, key: Key) -> Iterator[str]:
    owed = forms.review_forms() if key[0].whole else [form("TX")]
    lines = [(owing.id, line) for owing in owed for line in owing.lines]
    if list(made.books[key]) != lines:
        yield f"lines {list(made.books[key])}"
    for (id, line), counts in made.books[key].items():
        items = {column.item for column in form(id).counts}
        expected = items if (id, line) in made.filled(key) else set()
        if set(counts) != expected:
            yield f"{id} {line}: {set(counts) ^ expected}"


def nothing_below_nought(made: Books, key: Key) -> Iterator[str]:
    for (id, line), counts in made.filled(key).items():
        for item, count in counts.items():
            if count < 0 and not form(id).column(item).balance:
                yield f"{id} {line} {item} = {count}"


def identities(made: Books, key: Key) -> Iterator[str]:
    """A column with a formula is what its formula gives: `9 = 1-2-3-4+5+6+7+8` and the like."""
    for (id, line), counts in made.filled(key).items():
        for column in form(id).sums:
            expected = sum(sign * counts[item] for sign, item in column.equals)
            if counts[column.item] != expected:
                yield f"{id} {line} {column.code}: {counts[column.item]} for {expected}"


def bounds(made: Books, key: Key) -> Iterator[str]:
    """Every bound, also those that an office may explain away."""
    for bound in (bound for own in made.forms(key) for bound in own.bounds):
        parts = made.total([key], bound.parts) * bound.times
        if parts > made.total([key], bound.whole) * bound.whole_times:
            yield f"{bound}: {parts}"


def agreements(made: Books, key: Key) -> Iterator[str]:
    """Forms agree with each other and with last year's; a merged unit with its parts' sum."""
    for rule in (rule for own in made.forms(key) for rule in own.agreements):
        before = Period(key[0].year - rule.years_back)
        others = made.held(key, before) if rule.years_back else [key]
        expected = made.total(others, rule.right)
        if made.total([key], [rule.left]) != expected:
            yield f"{rule}: {expected}"


def part_of_year(made: Books, key: Key) -> Iterator[str]:
    """Entries and exits up to a month are part of the year's; up to June, part of October's."""
    for part, whole in form("TX").part_of_year:
        for earlier in _parts(made, key):
            counted = made.total(made.held(key, earlier), [part])
            if counted > made.total([key], [whole if key[0].whole else part]):
                yield f"{part} up to {earlier}: {counted}"


def _parts(made: Books, key: Key) -> set[Period]:
    """The parts of its year that a workbook must hold."""
    period = key[0]
    return {p for p, _ in made.books if p.year == period.year and p.through < period.through}


# --- What the forms do not say, and real households would ----------------------------------------


def persons_follow_households(made: Books, key: Key) -> Iterator[str]:
    """No household, no person; and from one to twelve persons in each."""
    for name, households, persons in _pairs(made.filled(key)):
        if not households <= persons <= LARGEST * households:
            yield f"{name}: {persons} persons in {households} households"


def _pairs(book: Book) -> Iterator[tuple[str, int, int]]:
    """Households and their persons: two columns of a line, or two lines of a form."""
    for (id, line), counts in book.items():
        for item in counts:
            if line == "persons" and id != "F11" and not form(id).column(item).balance:
                yield f"{id} {item}", book[id, "households"][item], counts[item]
            elif line == "households" and "persons" in item:
                yield f"{id} {item}", counts[_households_of(item)], counts[item]


def _households_of(item: str) -> str:
    """`poor_persons_kinh` → `poor_kinh`, `persons_kinh` → `households_kinh`."""
    return item.replace("_persons", "").replace("persons", "households")


def deprivations_can_be_assigned(made: Books, key: Key) -> Iterator[str]:
    """Real households can have these margins: three lacks or more each, two at most each."""
    for id, least, most in (("F4", 3, 12), ("F6", 0, 2)):
        counts = made.books[key].get((id, "households"), {"households": 0})
        margins = [counts.get(str(indicator), 0) for indicator in Indicator]
        yield from _unlikely(id, assigned(margins, counts["households"]), least, most)


def causes_can_be_assigned(made: Books, key: Key) -> Iterator[str]:
    """One to three causes a household; no labour is a cause where there is none."""
    book = made.books[key]
    if ("F10", "households") in book:
        causes = book["F10", "households"]
        each = assigned(list(causes.values()), book["F1", "households"]["poor"])
        yield from _unlikely("F10", each, 1, 3)
        if causes["lack_labour"] != book["F8", "households"]["poor_no_labour"]:
            yield f"F10 lack_labour: {causes['lack_labour']}"


def _unlikely(name: str, each: np.ndarray, least: int, most: int) -> Iterator[str]:
    if len(each) and not least <= each.min() <= each.max() <= most:
        yield f"{name}: {each.min()} to {each.max()} a household"


def assigned(margins: list[int], households: int) -> np.ndarray:
    """Marks of each household when every margin takes up where the one before left off."""
    each = np.zeros(households, dtype=int)
    turn = itertools.cycle(range(households))
    for margin in margins:
        assert margin <= households  # so that no household takes one mark twice
        np.add.at(each, list(itertools.islice(turn, margin)), 1)
    return each


def children_follow_households(made: Books, key: Key) -> Iterator[str]:
    """A child lacks what its household is counted as lacking, so where nobody does, none does."""
    for id, state in (("F4", "poor"), ("F6", "near_poor")):
        lacks = made.books[key].get((id, "households"), {})
        children = made.books[key].get(("F11", "persons"), {})
        for item, indicator in CHILDREN.items():
            count = children.get(f"{state}_children_{item}", 0)
            if count > LARGEST * lacks.get(indicator, 0):
                yield f"F11 {state} {item}: {count}"


CHILDREN = {
    "nutrition": "nutrition",
    "insurance": "health_insurance",
    "schooling": "child_schooling",
}


def population_holds_its_poor(made: Books, key: Key) -> Iterator[str]:
    """F12 and F13 tell of one population, whose parts hold their poor and near-poor together."""
    if not key[0].whole:
        return
    poor, near = (made.books[key][id, "households"] for id in ("F12", "F13"))
    for kind in ("kinh", "dtts", "local"):
        for line, own in (("households", ""), ("persons", "_persons")):
            whole = poor[f"{line}_{kind}"]
            if near[f"{line}_{kind}"] != whole:
                yield f"F13 {line}_{kind} is not that of F12, {whole}"
            if poor[f"poor{own}_{kind}"] + near[f"near_poor{own}_{kind}"] > whole:
                yield f"F12 {line}_{kind} = {whole} does not hold its poor and near-poor"


def peoples_and_groups_agree(made: Books, key: Key) -> Iterator[str]:
    """F8, F9, F12 and F13 count the same households: DTTS, and of them those native here."""
    if not key[0].whole:
        return
    for id, state in (("F12", "poor"), ("F13", "near_poor")):
        profile, peoples = (made.books[key][form, "households"] for form in (id, "F9"))
        for own, line in (("", "households"), ("_persons", "persons")):
            dtts = made.books[key]["F8", line][f"{state}_dtts"]
            native = sum(peoples[f"{state}{own}_{people}"] for people in LOCAL)
            if (profile[f"{state}{own}_dtts"], profile[f"{state}{own}_local"]) != (dtts, native):
                yield f"{id} {line}: DTTS {dtts}, native {native}"


CHECKS = [
    lines_and_columns,
    nothing_below_nought,
    identities,
    bounds,
    agreements,
    part_of_year,
    persons_follow_households,
    deprivations_can_be_assigned,
    causes_can_be_assigned,
    children_follow_households,
    population_holds_its_poor,
    peoples_and_groups_agree,
]


def breaches(made: Books) -> list[tuple[Key, str]]:
    """Everything that is wrong with any workbook."""
    return [(key, told) for key in made.books for check in CHECKS for told in check(made, key)]
