"""Nobody works out a hidden cell: an attacker with all margins, by linear programs and by hand."""

from __future__ import annotations

from itertools import product
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from povsim import groups, poverty
from povsim.registers import Register
from povsim.suppression import FEWEST, hidden, is_small
from povsim.vocabulary import Group, Indicator, People

PEOPLES = {*map(str, People), groups.OTHER_PEOPLES}

Counts = NDArray[np.int64]
Table = tuple[Counts, Counts]


@st.composite
def tables(draw: st.DrawFn, most: int, parts: int = 5, questions: int = 6) -> Table:
    """Households of R parts (R, 1) and those of them that say yes to J questions (R, J)."""
    rows, columns = draw(st.integers(2, parts)), draw(st.integers(2, questions))
    sizes = draw(st.lists(st.integers(0, most), min_size=rows, max_size=rows))
    cells = st.one_of(st.floats(0, 1), st.floats(0, 0.15), st.sampled_from([0.0, 1.0]))
    yes = [[round(size * draw(cells)) for _ in range(columns)] for size in sizes]
    return np.array(yes), np.array(sizes)[:, None]


def bounds(yes: Counts, households: Counts) -> tuple[Counts, Counts]:
    """What the margins alone say of each cell, counted anew here."""
    totals, everyone = yes.sum(0), households.sum()
    least = np.maximum(0, households + totals[None, :] - everyone)
    return least, np.minimum(households, totals[None, :])


def small(yes: Counts, households: Counts) -> NDArray[np.bool_]:
    """Yes or no, in the part or in the rest: any of the four is a few households."""
    no, others = households - yes, yes.sum(0) - yes
    neither = households.sum() - households - others
    return np.any([is_small(counts) for counts in (yes, no, others, neither)], axis=0)


class Attacker:
    """Knows sizes of parts, totals of rows and columns, and every cell that is shown.

    `families` are sets of rows that add up to the whole; all rows, unless said.
    """

    def __init__(
        self,
        yes: Counts,
        households: Counts,
        hides: NDArray[np.bool_],
        margins: tuple[Counts, Counts] | None = None,
        families: list[list[int]] | None = None,
    ) -> None:
        rows, columns = yes.shape
        self.places = [tuple(place) for place in np.argwhere(hides)]
        self.least, self.most = margins or bounds(yes, households)
        lines = [{(row, column) for column in range(columns)} for row in range(rows)]
        for family in families or [list(range(rows))]:
            lines += [{(row, column) for row in family} for column in range(columns)]
        self.known = np.array([[float(place in line) for place in self.places] for line in lines])
        self.sums = self.known @ np.array([yes[place] for place in self.places])

    def interval(self, place: tuple[int, ...]) -> tuple[float, float]:
        """The least and the most that a hidden cell can be."""
        aim = np.array([float(each == place) for each in self.places])
        room = [(self.least[each], self.most[each]) for each in self.places]
        ends = [linprog(s * aim, A_eq=self.known, b_eq=self.sums, bounds=room) for s in (1, -1)]
        assert all(end.success for end in ends)
        return ends[0].fun, -ends[1].fun


def values(interval: tuple[float, float]) -> int:
    """How many whole numbers lie in it."""
    return floor(interval[1] + 1e-6) - ceil(interval[0] - 1e-6) + 1


@settings(max_examples=60)
@given(tables(most=60))
def test_no_hidden_cell_is_worked_out_from_the_margins(table: Table) -> None:
    yes, households = table
    hides = hidden(yes, households)
    attacker = Attacker(yes, households, hides)
    least, most = bounds(yes, households)
    for place in attacker.places:
        if most[place] > least[place]:  # else the margins alone tell it, whatever is hidden
            found = values(attacker.interval(place))
            assert found > 1 or hides.all(), (place, yes, households)


@settings(max_examples=60)
@given(tables(most=400).filter(lambda table: table[1].min() >= 4 * FEWEST))
def test_small_cells_stay_open_by_five_or_as_far_as_a_rectangle_can(table: Table) -> None:
    yes, households = table
    hides = hidden(yes, households)
    least, most = bounds(yes, households)
    attacker = Attacker(yes, households, hides)
    for place in map(tuple, np.argwhere(small(yes, households))):
        possible = values(attacker.interval(place))
        assert possible >= min(FEWEST, widest_rectangle(yes, least, most, place)) or hides.all()


def widest_rectangle(yes: Counts, least: Counts, most: Counts, place: tuple[int, ...]) -> int:
    """How many values the roomiest rectangle of the full table leaves a cell, one by one."""
    up, down = most - yes, yes - least
    part, question = place
    found = 0
    for other, second in product(range(len(yes)), range(yes.shape[1])):
        if other != part and second != question:
            a, b, c, d = place, (part, second), (other, question), (other, second)
            found = max(
                found,
                1 + min(up[a], up[d], down[b], down[c]) + min(down[a], down[d], up[b], up[c]),
            )
    return found


@settings(max_examples=100)
@given(tables(most=7, parts=2, questions=3))
def test_by_trying_every_table_that_could_be(table: Table) -> None:
    """The same by brute force: all tables of whole numbers with these margins and shown cells."""
    yes, households = table
    hides = hidden(yes, households)
    least, most = bounds(yes, households)
    choices = [
        range(least[place], most[place] + 1) if hides[place] else [yes[place]]
        for place in np.ndindex(*yes.shape)
    ]
    possible = [np.array(cells).reshape(yes.shape) for cells in product(*choices)]
    possible = [
        each
        for each in possible
        if (each.sum(0) == yes.sum(0)).all() and (each.sum(1) == yes.sum(1)).all()
    ]
    for place in map(tuple, np.argwhere(hides)):
        if most[place] > least[place]:
            assert len({int(each[place]) for each in possible}) > 1 or hides.all()


@given(tables(most=400))
def test_every_small_cell_is_hidden_however_it_is_turned(table: Table) -> None:
    assert hidden(*table)[small(*table)].all()


@given(tables(most=400))
def test_without_small_cells_nothing_is_hidden(table: Table) -> None:
    if not small(*table).any():
        assert not hidden(*table).any()


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_parts_does_not_open_a_cell(seed: int) -> None:
    draws = np.random.default_rng(seed)
    sizes = draws.integers(20, 300, (5, 1))
    yes = draws.binomial(sizes, draws.uniform(0.02, 0.8, (5, 12)))
    turned = draws.permutation(5)
    for rows in (np.arange(5), turned):
        hides = hidden(yes[rows], sizes[rows])
        attacker = Attacker(yes[rows], sizes[rows], hides)
        assert all(values(attacker.interval(place)) >= FEWEST for place in attacker.places)


# --- The groups of a register: two ways to add up to the whole, and groups that overlap -----------


def crossed(register: Register, year: int, names: list[str]) -> Table:
    """Poor households of each group (G, 1), and those that lack each indicator (G, J)."""
    tables = register.households, register.members
    poor = poverty.classify(*tables, year)["poor"].fillna(False).to_numpy(bool)
    lacks = poverty.deprivations(*tables, year)[list(map(str, Indicator))]
    lacks = lacks[poor].to_numpy(bool, na_value=False)
    chosen = register.households[poor]
    people = chosen["people"].where(chosen["people"].isin(names), groups.OTHER_PEOPLES)
    wide = {groups.ALL: people.notna(), str(Group.DTTS): chosen["people"] != People.KINH}
    flags = [wide.get(name, chosen.get(name, people == name)).to_numpy(bool) for name in names]
    return np.array([lacks[each].sum(0) for each in flags]), np.sum(flags, 1)[:, None]


@pytest.mark.parametrize("year", range(2021, 2026))
def test_groups_of_the_sample_keep_small_cells_from_all_margins_together(year: int) -> None:
    register = groups.on_file("data/sample/register", year)
    if register is None:
        pytest.skip("no sample register here")
    told = groups.of_register(register, year)
    names = list(told["group"].unique())
    yes, households = crossed(register, year, names)
    hides = told["hidden"].to_numpy().reshape(yes.shape)
    shown = told["lacking"].to_numpy(float, na_value=np.nan).reshape(yes.shape)
    assert (shown[~hides] == yes[~hides]).all()

    everyone, totals = households[0, 0], yes[:1]
    least = np.maximum(0, households + totals - everyone)
    most = np.minimum(households, totals)
    peoples = [row for row, name in enumerate(names) if name in PEOPLES]
    families = [peoples, [names.index("kinh"), names.index("dtts")]]
    attacker = Attacker(yes, households, hides, (least, most), families)
    rest = np.stack([yes, households - yes, totals - yes, everyone - households - totals + yes])
    small_cells = np.argwhere(is_small(rest).any(0) & (np.arange(len(names)) > 0)[:, None])
    assert len(small_cells) > 0
    for place in map(tuple, small_cells):
        assert hides[place]
        room = most[place] - least[place] + 1
        assert values(attacker.interval(place)) >= min(FEWEST, room), names[place[0]]
