"""Files that somebody dropped on a panel: held in memory, on disk only while they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


@dataclass(frozen=True)
class Upload:
    """One file as the browser sent it."""

    name: str
    content: bytes


def taken(value: Iterable[Mapping[str, Any]]) -> tuple[Upload, ...]:
    """The files in the value of an upload button; a name is only a name, never a path."""
    return tuple(Upload(_bare(each["name"]), bytes(each["content"])) for each in value)


def _bare(name: str) -> str:
    return Path(name.replace("\\", "/").replace("\0", "")).name or "tep"


@contextmanager
def on_disk(uploads: Sequence[Upload]) -> Iterator[list[Path]]:
    """The files under their own names, for as long as the block lasts.

    Until a file was checked nobody knows whether it names people. So it lies in a folder that
    only this user may open, outside the workspace, which is deleted whatever happens.
    """
    with TemporaryDirectory(prefix="povsim-") as folder:
        yield [_written(Path(folder) / str(n), upload) for n, upload in enumerate(uploads, 1)]


def _written(folder: Path, upload: Upload) -> Path:
    """Each file has its own folder: two may share a name."""
    folder.mkdir(mode=0o700)
    path = folder / upload.name
    path.write_bytes(upload.content)
    return path
