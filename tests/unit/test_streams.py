"""Numbers by draw and household: the same whoever else is asked for, and as random as any."""

from __future__ import annotations

import numpy as np
import pytest

from povsim.streams import Grid

DRAWS, HOUSEHOLDS = 500, 400


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    return Grid(1, "luck", "toilet", 2025)(np.arange(DRAWS)[:, None], np.arange(HOUSEHOLDS))


def test_a_number_belongs_to_its_draw_and_household(drawn):
    grid = Grid(1, "luck", "toilet", 2025)
    assert grid(np.array([7]), np.array([300]))[0] == drawn[7, 300]
    shuffled = np.random.default_rng(1).permutation(HOUSEHOLDS)
    assert (grid(np.arange(3)[:, None], shuffled) == drawn[:3, shuffled]).all()


def test_another_purpose_or_seed_is_another_number(drawn):
    for other in (Grid(2, "luck", "toilet", 2025), Grid(1, "luck", "toilet", 2026)):
        numbers = other(np.arange(DRAWS)[:, None], np.arange(HOUSEHOLDS))
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
