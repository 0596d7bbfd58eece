"""Compiling by numba, once for each text of this folder: the machine code is kept for next time."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function in machine code, free of the interpreter's lock; a division by nought is inf."""
    with _kept_in(_home()):
        made: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast("Function", made)


@cache
def _home() -> str:
    """Where machine code is kept, for these texts only.

    Numba looks at the time of a caller's file alone: a function changed in another file would be
    run as it was.
    """
    here = Path(__file__).parent
    text = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    name = f"povsim-{numba.__version__}-{hashlib.sha256(text).hexdigest()[:16]}"
    for parent in (Path.home() / ".cache", Path(tempfile.gettempdir())):
        try:
            (parent / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        return str(parent / name)
    return ""  # numba's own choice


@contextmanager
def _kept_in(directory: str) -> Iterator[None]:
    """Numba keeps what is declared meanwhile in that directory."""
    config: Any = numba.config
    before, config.CACHE_DIR = config.CACHE_DIR, directory
    try:
        yield
    finally:
        config.CACHE_DIR = before
