"""The files of a new plan, all of them or none."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from povsim.findings import refuse


def write(contents: Mapping[Path, str]) -> None:
    """Write new files; the first, which gives the others their sense, comes to stand last.

    Raises:
        Refusal: a place that cannot be written to, or where something stands; nothing is left.
    """
    encoded = {path: content.encode() for path, content in contents.items()}
    drafts = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in encoded}
    placed: list[Path] = []
    try:
        for path, content in encoded.items():
            with _told(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                drafts[path].write_bytes(content)
        for path in reversed(encoded):
            with _told(path):
                _place(drafts[path], path)
            placed.append(path)
    except BaseException:  # whatever ends it, an interrupt too: all files or none
        remove(placed)
        raise
    finally:
        remove(drafts.values())


def remove(paths: Iterable[Path]) -> None:
    """Take away what was written, as far as it is there."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError:  # where nothing could be written nothing is to be taken away
            continue


def _place(draft: Path, path: Path) -> None:
    """Give a written file its name; unlike a rename, never over what came to stand there."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without second names for one file
        if os.path.lexists(path):
            raise
        draft.rename(path)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """A file that cannot be written is told; a full disk is told by whoever runs the command."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        reason = error.strerror or type(error).__name__
        raise refuse("plan_new_not_written", path=str(path), reason=reason) from error
