"""What a column of the register may hold, and whether a whole table surely does, seen at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

UNIT = r"[0-9]{5}@[0-9]{4}-[0-9]{2}-[0-9]{2}"
OLDEST = 130
BOUNDS: Mapping[str, tuple[int, int | None]] = {
    "persons": (1, None),
    "floor_area_m2": (0, None),
    "left_list": (1990, 2100),
    "age": (0, OLDEST),
    "b2": (0, 120),
}
"""The lowest and the highest figure that a column may hold."""


def are_pseudonyms(keys: pd.Series[str]) -> pd.Series[bool]:
    """No spaces, so no whole name; some digit, so no single one; and never a bare number as long
    as those of identity cards and telephones, however it is parted.
    """
    shaped = keys.str.fullmatch(r"[A-Za-z0-9._-]{1,64}") & keys.str.contains(r"[0-9]")
    return shaped & ~keys.str.fullmatch(r"[._-]*(?:[0-9][._-]*){9,12}")


def keeps(schema: DataFrameSchema, frame: pd.DataFrame) -> bool:
    """Whether a table surely keeps its contract and needs no other types.

    Pandera judges whatever is in doubt, for it tells all that is wrong; but it takes several times
    as long as everything else that is done with a register, and most registers are sound.
    """
    return all(
        _keeps(str(column.dtype), column.unique, frame[name])
        for name, column in schema.columns.items()
    )


def _keeps(kind: str, unique: bool, column: pd.Series[Any]) -> bool:
    name = str(column.name)
    if name == "household":
        return _are_keys(column, unique)
    if name == "unit":
        return _are_units(column)
    if kind == "boolean":
        return column.dtype in (bool, pd.BooleanDtype())
    # Other tables' own rules are pandera's to judge.
    return kind in ("Int64", "Float64") and name != "b2" and _are_within(kind, column)


def _are_keys(column: pd.Series[Any], unique: bool) -> bool:
    """Keys as categories, texts or whole numbers, none missing; numbers are as their digits."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        if len(codes) and (codes.min() < 0 or (unique and np.bincount(codes).max() > 1)):
            return False
        return _are_keys(pd.Series(column.cat.categories), unique=False)
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "i":
        long = (column >= 10**8) & (column < 10**12)
        sound = bool((column >= 0).all()) and not long.any()
    else:
        text = isinstance(column.dtype, pd.StringDtype) and not column.isna().any()
        sound = text and bool(are_pseudonyms(column).all())
    return sound and (not unique or column.is_unique)


def _are_units(column: pd.Series[Any]) -> bool:
    kind = column.dtype
    if not isinstance(kind, pd.CategoricalDtype | pd.StringDtype) or column.isna().any():
        return False
    names = pd.Series(pd.unique(column)).astype(pd.StringDtype(na_value=np.nan))
    return bool(names.str.fullmatch(UNIT).all())


def _are_within(kind: str, column: pd.Series[Any]) -> bool:
    """Figures of the right kind within their bounds; whole ones may be held as decimal."""
    plain = getattr(column.dtype, "numpy_dtype", column.dtype)
    if not isinstance(plain, np.dtype) or plain.kind not in "iuf" or plain == np.uint64:
        return False
    figures = column.dropna().to_numpy(plain)
    if not len(figures):
        return True
    if plain.kind == "f" and not np.isfinite(figures).all():
        return False
    if plain.kind == "f" and kind == "Int64" and (figures != np.floor(figures)).any():
        return False
    low, high = BOUNDS.get(str(column.name), (None, None))
    return (low is None or figures.min() >= low) and (high is None or figures.max() <= high)
