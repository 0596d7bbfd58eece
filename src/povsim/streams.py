"""Random numbers keyed by meaning, so that scenarios differ only by the policy.

Call order never matters. A stream is a counter-based generator (Philox; Salmon et al. 2011,
doi:10.1145/2063384.2063405)
whose key is the hash of what the numbers are for. The draw is the position in the stream.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np


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


def key(seed: int, purpose: str, *identity: object) -> int:
    """64 bits for what numbers are for, where each is asked for alone (compiled code)."""
    return int.from_bytes(_key(seed, purpose, identity)[:8], "little")


def _key(seed: int, purpose: str, identity: tuple[object, ...]) -> bytes:
    """128 bits for what the numbers are for."""
    name = "\x1f".join([str(seed), purpose, *map(str, identity)])
    return blake2b(name.encode(), digest_size=16).digest()
