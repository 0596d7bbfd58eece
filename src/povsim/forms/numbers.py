"""What a number cell says: counts and printed percentages, however they were typed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from math import isfinite

from povsim.findings import masked

LARGEST_COUNT = 100_000_000
"""About the people of the whole country: no unit has more, so a larger figure is a slip."""

TYPED_COUNT = re.compile(
    r"(-?(?:\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+))(?:,0+)?"
)
"""As typed in Vietnamese: `1834`, `1.834`, `1 834`, `1.834,0`."""
FORMULA_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
TYPED_SHARE = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


@dataclass(frozen=True)
class Slip:
    """What is wrong with a cell: the finding's rule and values; a note where it was understood."""

    rule: str
    values: dict[str, object] = field(default_factory=dict)
    note: bool = False


def count_of(cell: object, text_only: bool = False) -> tuple[int | None, Slip | None]:
    """A cell's whole number, and what is to be told of it.

    `text_only`: the sheet comes from a file that knows no numbers (.csv), so text is no slip.

    >>> count_of(12.0), count_of("1.834", text_only=True)
    ((12, None), (1834, None))
    """
    if isinstance(cell, str):
        return _typed_count(cell.strip(), text_only)
    if isinstance(cell, (date, time, timedelta)):
        return None, Slip("number_is_date", {"value": str(cell)})
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return None, Slip("number_is_text", {"value": masked(cell)})
    if not abs(cell) <= LARGEST_COUNT:  # infinite and "not a number" too
        return None, Slip("number_too_large", {"value": f"{cell:g}"})
    if not float(cell).is_integer():
        return None, Slip("number_not_whole", {"value": f"{cell:g}", "guess": round(cell * 1000)})
    return int(cell), None


def _typed_count(written: str, text_only: bool) -> tuple[int | None, Slip | None]:
    match = TYPED_COUNT.fullmatch(written)
    if FORMULA_ERROR.fullmatch(written):
        return None, Slip("formula_error", {"value": written})
    if not match:
        return None, Slip("number_is_text", {"value": masked(written)})
    count = int(re.sub(r"[^\d-]", "", match[1]))
    if abs(count) > LARGEST_COUNT:
        return None, Slip("number_too_large", {"value": written})
    if text_only:
        return count, None
    return count, Slip("number_typed_as_text", {"value": written, "count": count}, note=True)


def share_of(cell: object) -> tuple[tuple[float, int] | None, Slip | None]:
    """A printed percentage with the decimals it was printed with, one or two.

    A number cell does not tell how it is shown: 24.9 was typed with one decimal, 25 with one or
    two. Formula results carry many and are held to two.

    >>> share_of("24,86 %"), share_of(24.9)
    (((24.86, 2), None), ((24.9, 1), None))
    """
    if type(cell) is float and isfinite(cell):  # the ordinary cell, at once
        return (cell, 1 if cell == round(cell, 1) else 2), None
    written = str(cell).strip().removesuffix("%").strip().replace(",", ".")
    if isinstance(cell, bool) or not TYPED_SHARE.fullmatch(written):
        return None, Slip("number_is_text", {"value": masked(cell)})
    decimals = len(written.partition("e")[0].partition(".")[2])
    least = 0 if isinstance(cell, str) else 1
    return (float(written), min(max(decimals, least), 2)), None
