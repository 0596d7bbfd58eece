"""Small cells hidden and protected: tables to be read, # marks what may not be shown."""

from __future__ import annotations

import numpy as np
import pytest

from povsim.suppression import FEWEST, hidden, is_small

TABLES = {  # households of each part; who says yes to each question; what is shown
    "nothing small, nothing hidden": (
        [40, 60],
        [[12, 20, 9], [30, 25, 40]],
        ["12 20 9", "30 25 40"],
    ),
    "one small cell takes a rectangle with it": (
        [40, 60],
        [[2, 20, 9], [30, 25, 40]],
        ["# # 9", "# # 40"],
    ),
    "few who do not lack it are as few": (
        [40, 60],
        [[38, 20, 9], [30, 25, 40]],
        ["# # 9", "# # 40"],
    ),
    "few of the rest are as few, for F4 and the group tell them": (
        [40, 60],
        [[30, 20, 9], [2, 25, 40]],
        ["# # 9", "# # 40"],
    ),
    "nobody and everybody tell of no one": (
        [40, 60],
        [[0, 20, 40], [30, 25, 50]],
        ["0 20 40", "30 25 50"],
    ),
    "two small cells share their rectangle": (
        [40, 60],
        [[2, 3, 9], [30, 25, 40]],
        ["# # 9", "# # 40"],
    ),
    "the rectangle that costs the fewest households is taken": (
        [20, 300, 50],
        [[3, 9, 8], [200, 150, 90], [30, 20, 15]],
        ["# 9 #", "200 150 90", "# 20 #"],
    ),
    "a group under five is hidden whole": (
        [3, 97],
        [[1, 3, 0, 2], [40, 30, 50, 60]],
        ["# # # #", "# # # #"],
    ),
    "a question that nobody says yes to hides nothing": (
        [40, 60],
        [[0, 20], [0, 25]],
        ["0 20", "0 25"],
    ),
    "without a second question there is no rectangle": ([40, 60], [[2], [30]], ["#", "#"]),
}


def shown(sizes: list[int], yes: list[list[int]]) -> list[str]:
    hides = hidden(yes, [[size] for size in sizes])
    rows = zip(yes, hides, strict=True)
    return [" ".join("#" if h else str(y) for y, h in zip(*row, strict=True)) for row in rows]


@pytest.mark.parametrize("case", TABLES)
def test_what_is_shown_of_a_table(case: str) -> None:
    sizes, yes, expected = TABLES[case]
    assert shown(sizes, yes) == expected


def test_the_same_table_is_hidden_the_same_way() -> None:
    yes, sizes = [[2, 9, 8], [30, 25, 40], [11, 9, 8]], [[40], [60], [40]]
    assert (hidden(yes, sizes) == hidden(np.array(yes), np.array(sizes))).all()


def test_counts_of_who_answered_may_differ_by_question() -> None:
    # Of 8 of the group who answered the second question 5 said yes: 3 did not.
    assert hidden([[20, 5], [25, 40]], [[40, 8], [60, 60]]).all()
    assert not hidden([[20, 5], [25, 40]], [[40, 30], [60, 60]]).any()


def test_small_is_from_one_to_four() -> None:
    assert [count for count in range(9) if is_small(count)] == list(range(1, FEWEST))


@pytest.mark.parametrize(
    ("yes", "households"),
    [([[5]], [[4]]), ([[-1]], [[4]]), ([1, 2], [[3], [3]]), ([[1], [2]], [[3, 3]])],
)
def test_a_table_that_cannot_be_is_refused(yes: list[object], households: list[object]) -> None:
    with pytest.raises(ValueError, match="yes"):
        hidden(yes, households)
