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
    name = "\x1f".join([str(seed), purpose, *map(str, identity)])
    key = int.from_bytes(blake2b(name.encode(), digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key))
