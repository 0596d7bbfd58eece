"""Random numbers keyed by meaning, so that scenarios differ only by the policy.

Call order never matters. A stream is a counter-based generator (Philox; Salmon et al. 2011,
doi:10.1145/2063384.2063405)
whose key is the hash of what the numbers are for. The draw is the position in the stream.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

STRIDE = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio's part of 2⁶⁴: counters apart by it fill the circle evenly."""


def stream(seed: int, purpose: str, *identity: object) -> np.random.Generator:
    """The generator for one purpose and identity (unit, year, line …) under one seed.

    A shock common to all units carries no unit in its identity.

    >>> a = stream(1, "level", "23479@2021-01-01", 2025).standard_normal(2)
    >>> b = stream(1, "level", "23479@2021-01-01", 2025).standard_normal(3)
    >>> bool((a == b[:2]).all())
    True
    """
    key = int.from_bytes(_key(seed, purpose, identity), "little")
    return np.random.Generator(np.random.Philox(key=key))


class Streams:
    """The same streams one after another, where thousands are needed: no generator is built anew.

    Each call gives the stream from its start and ends the one before: of one thread only.

    >>> streams = Streams(1)
    >>> a = streams("level", "23479@2021-01-01", 2025).standard_normal(2)
    >>> b = stream(1, "level", "23479@2021-01-01", 2025).standard_normal(2)
    >>> bool((a == b).all())
    True
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._bits = np.random.Philox(key=0)
        self._start = self._bits.state
        self._generator = np.random.Generator(self._bits)

    def __call__(self, purpose: str, *identity: object) -> np.random.Generator:
        key = np.frombuffer(_key(self._seed, purpose, identity), dtype="<u8")
        self._start["state"]["key"] = key.astype(np.uint64)
        self._bits.state = self._start
        return self._generator


class Grid:
    """Uniform numbers by draw and household: any of them can be asked for alone, in any order.

    For what belongs to one household in one draw, where streams would have to be read to the end.
    The number is a hash of purpose, draw and household (SplitMix64; Steele, Lea and Flood 2014,
    doi:10.1145/2660193.2660195).

    >>> grid = Grid(1, "luck", "toilet", 2025)
    >>> whole = grid(np.arange(3)[:, None], np.arange(4))
    >>> bool(whole[2, 3] == grid(np.array(2), np.array(3)))
    True
    """

    def __init__(self, seed: int, purpose: str, *identity: object) -> None:
        self._base = np.frombuffer(_key(seed, purpose, identity), dtype="<u8").astype(np.uint64)

    def __call__(
        self, draw: NDArray[np.int64], household: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Numbers between nought and one, neither of them included, as draw and household meet."""
        first, second = self._base
        with np.errstate(over="ignore"):
            start = _mixed(np.asarray(draw).astype(np.uint64) * STRIDE + first)
            mixed = _mixed(start + np.asarray(household).astype(np.uint64) * STRIDE ^ second)
        return np.asarray(((mixed >> np.uint64(12)) + 0.5) * 2.0**-52)


def _mixed(counter: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finalizer: every bit of a counter moves every bit of the number."""
    mixed = counter.copy()
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _key(seed: int, purpose: str, identity: tuple[object, ...]) -> bytes:
    """128 bits for what the numbers are for."""
    name = "\x1f".join([str(seed), purpose, *map(str, identity)])
    return blake2b(name.encode(), digest_size=16).digest()
