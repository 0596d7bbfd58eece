"""INTERIM, replaced by opening.py."""

from __future__ import annotations
import io
from dataclasses import dataclass
from typing import Any
from povsim.findings import Place, refuse


@dataclass(frozen=True)
class Sheet:
    name: str
    cells: list[list[Any]]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    unsaved: frozenset[tuple[int, int]] = frozenset()
    text_only: bool = False


def opened(content: bytes, name: str) -> list[Sheet]:
    from python_calamine import CalamineWorkbook

    if not content:
        raise refuse("file_empty", Place(name))
    try:
        w = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            Sheet(n, w.get_sheet_by_name(n).to_python(skip_empty_area=False)) for n in w.sheet_names
        ]
    except Exception as e:
        raise refuse("file_unreadable", Place(name), reason=type(e).__name__) from e
