"""The shelf that a delivery's reviews stand on: a mapping, whatever of it is packed."""

from __future__ import annotations

import random

import pytest

from povsim.intake.shelf import Shelf


class Shared:
    """Something that many values refer to."""


def test_a_shelf_is_a_mapping_whatever_is_packed():
    draw, shelf, plain = random.Random(4), Shelf[int, dict[str, int]](at_hand=3), {}
    for turn in range(3000):
        key, act = draw.randrange(12), draw.random()
        if act < 0.4:
            value = {**shelf.get(key, {}), f"turn{turn % 7}": turn}
            shelf[key], plain[key] = value, dict(value)
        elif act < 0.5 and key in plain:
            del shelf[key], plain[key]
        else:
            assert shelf.get(key) == plain.get(key)
        assert len(shelf) == len(plain)
        assert list(shelf) == list(plain)
    assert dict(shelf) == plain


def test_what_many_values_share_is_kept_once_and_stays_itself():
    one = Shared()
    shelf = Shelf[int, tuple[Shared, list[int]]](shared=(Shared,), at_hand=1)
    for key in range(5):
        shelf[key] = (one, [key])
    assert [(shared is one, own) for shared, own in shelf.values()] == [
        (True, [key]) for key in range(5)
    ]


def test_a_key_that_is_not_there_is_no_key():
    shelf = Shelf[str, int]()
    assert "a" not in shelf
    with pytest.raises(KeyError):
        shelf["a"]
