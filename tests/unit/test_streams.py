"""Numbers by draw and household: the same whoever else is asked for, and as random as any."""

from __future__ import annotations

import numpy as np
import pytest

from povsim.effects.living.luck import keyed, uniform
from povsim.streams import key

DRAWS, HOUSEHOLDS = 500, 400


def luck(
    seed: int = 1, purpose: str = "luck", unit: str = "u", year: int = 2025, draws: int = DRAWS
) -> np.ndarray:
    """Numbers (draw, household)."""
    keys = (np.uint64(key(seed, purpose)), np.uint64(key(seed, "unit", unit)))
    by_draw = [np.uint64(keyed(*keys, year, draw)) for draw in range(draws)]
    return np.array([[uniform(each, at) for at in range(HOUSEHOLDS)] for each in by_draw])


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    return luck()


def test_a_number_belongs_to_its_draw_and_household(drawn):
    of_draw = keyed(np.uint64(key(1, "luck")), np.uint64(key(1, "unit", "u")), 2025, 7)
    assert uniform(np.uint64(of_draw), 300) == drawn[7, 300]


@pytest.mark.parametrize(
    "other", [{"seed": 2}, {"purpose": "toilet"}, {"unit": "v"}, {"year": 2026}], ids=str
)
def test_another_purpose_unit_year_or_seed_is_another_number(drawn, other):
    numbers = luck(**other)
    assert abs(np.corrcoef(numbers.ravel(), drawn.ravel())[0, 1]) < 4 / np.sqrt(drawn.size)


def test_numbers_are_uniform_and_never_nought_or_one(drawn):
    assert 0 < drawn.min() < 1e-4
    assert 1 - 1e-4 < drawn.max() < 1
    counts = np.histogram(drawn, 100, (0, 1))[0]
    expected = drawn.size / 100
    chi_squared = ((counts - expected) ** 2 / expected).sum()
    assert chi_squared < 99 + 5 * np.sqrt(2 * 99)


@pytest.mark.parametrize("axis", [0, 1])
def test_neighbours_do_not_go_together(drawn, axis):
    pairs = np.moveaxis(drawn, axis, 0)
    one, other = pairs[:-1].ravel(), pairs[1:].ravel()
    assert abs(np.corrcoef(one, other)[0, 1]) < 5 / np.sqrt(one.size)


def test_means_of_draws_and_of_households_scatter_as_they_should(drawn):
    for axis, size in ((0, DRAWS), (1, HOUSEHOLDS)):
        spread = drawn.mean(axis=axis).std() * np.sqrt(12 * size)
        assert spread == pytest.approx(1.0, abs=0.15)


def test_every_bit_is_as_often_set_as_not(drawn):
    whole = (drawn * 2.0**32).astype(np.uint64)
    shares = [((whole >> np.uint64(bit)) & np.uint64(1)).mean() for bit in range(32)]
    assert np.abs(np.array(shares) - 0.5).max() < 5 * 0.5 / np.sqrt(drawn.size)
