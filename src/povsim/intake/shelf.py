"""Values of which the last few are at hand and the others packed: a province's workbooks are
read and checked in hardly more memory than a commune's.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator, MutableMapping
from io import BytesIO
from typing import Any, Generic, TypeVar

AT_HAND = 16
"""How many values stand unpacked."""
FASTEST = 1
"""zlib's level: the thorough ones save little on so few figures."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Shelf(MutableMapping[Key, Value], Generic[Key, Value]):
    """A mapping that packs what was put or asked for least recently.

    `shared` are types of objects that many values refer to: each is kept once, not packed with
    every value. As with `shelve`, a value that was changed must be put back, or the change may be
    lost. Nothing is written to the disk.

    >>> shelf = Shelf[str, list[int]](at_hand=1)
    >>> shelf["a"], shelf["b"] = [1], [2]
    >>> shelf["a"], list(shelf), len(shelf)
    ([1], ['a', 'b'], 2)
    """

    def __init__(self, shared: tuple[type, ...] = (), at_hand: int = AT_HAND) -> None:
        self._types = shared
        self._at_hand = at_hand
        self._open: dict[Key, Value] = {}
        self._packed: dict[Key, bytes | None] = {}
        self._shared: list[object] = []
        self._numbers: dict[int, int] = {}

    def __getitem__(self, key: Key) -> Value:
        if key in self._open:
            return self._open[key]
        packed = self._packed[key]
        assert packed is not None  # what is not open was packed
        return self._put(key, self._unpack(packed))

    def __setitem__(self, key: Key, value: Value) -> None:
        self._packed[key] = None  # no longer what was packed
        self._put(key, value)

    def __delitem__(self, key: Key) -> None:
        del self._packed[key]
        self._open.pop(key, None)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, key: object) -> bool:
        return key in self._packed

    def _put(self, key: Key, value: Value) -> Value:
        if key not in self._open and len(self._open) >= self._at_hand:
            oldest = next(iter(self._open))
            before = self._open.pop(oldest)
            if self._packed[oldest] is None:
                self._packed[oldest] = self._pack(before)
        self._open[key] = value
        return value

    def _pack(self, value: Value) -> bytes:
        packed = BytesIO()
        _Packer(packed, self).dump(value)
        return zlib.compress(packed.getvalue(), FASTEST)

    def _unpack(self, packed: bytes) -> Value:
        value: Value = _Unpacker(BytesIO(zlib.decompress(packed)), self._shared).load()
        return value

    def number(self, item: object) -> int | None:
        """The number that stands for a shared object; None for any other."""
        if type(item) not in self._types:
            return None
        if id(item) not in self._numbers:
            self._numbers[id(item)] = len(self._shared)
            self._shared.append(item)  # held here, so that its id stays its own
        return self._numbers[id(item)]


class _Packer(pickle.Pickler):
    def __init__(self, file: BytesIO, shelf: Shelf[Any, Any]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.persistent_id = shelf.number  # type: ignore[method-assign]


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: BytesIO, shared: list[object]) -> None:
        super().__init__(file)
        self.persistent_load = shared.__getitem__  # type: ignore[method-assign]
