"""Cells as they are kept: one text for each line of a form, the same for the same figures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

import pandas as pd

from povsim.store.records import FACT_COLUMNS

Lines = dict[tuple[str, str], str]
"""The text of each line by form and line."""


def lines_of(facts: pd.DataFrame) -> Lines:
    """The lines that facts of one unit and period hold; a blank count is not kept."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    told = facts[facts["value"].notna()]
    values = told["value"].to_numpy("int64").tolist()
    for form, line, item, value in zip(
        told["form"], told["line"], told["item"], values, strict=True
    ):
        found.setdefault((form, line), {})[item] = value
    return {key: written(cells) for key, cells in sorted(found.items())}


def written(cells: Mapping[str, int]) -> str:
    """One line's counts as text, items in order.

    >>> written({"poor": 5, "households": 99})
    '{"households":99,"poor":5}'
    """
    return json.dumps(cells, sort_keys=True, separators=(",", ":"))


def checksum_of(lines: Mapping[tuple[str, str], str]) -> str:
    """SHA-256 over what a submission says, whatever file said it."""
    told = "\n".join(f"{form} {line} {cells}" for (form, line), cells in sorted(lines.items()))
    return hashlib.sha256(told.encode()).hexdigest()


def checksum_of_all(accepted: Iterable[tuple[str, str, str]]) -> str:
    """SHA-256 over (unit, period, checksum) of every accepted submission."""
    told = "\n".join(" ".join(each) for each in sorted(accepted))
    return hashlib.sha256(told.encode()).hexdigest()


def facts_of(rows: Iterable[tuple[str, str, str, str, str]]) -> pd.DataFrame:
    """Facts from rows of (unit, period, form, line, text), in the order they come."""
    columns: list[list[object]] = [[] for _ in FACT_COLUMNS]
    for *key, text in rows:
        cells = json.loads(text)
        for column, word in zip(columns, key, strict=False):
            column.extend([word] * len(cells))
        columns[-2].extend(cells.keys())
        columns[-1].extend(cells.values())
    frame = pd.DataFrame(dict(zip(FACT_COLUMNS, columns, strict=True)))
    words = dict.fromkeys(FACT_COLUMNS[:-1], "str")
    return frame.astype(words | {"value": "Int64"})
