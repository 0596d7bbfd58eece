"""Cells as answers: what was typed or stored, as the types of the register's contract."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povsim.findings import masked
from povsim.forms import forms
from povsim.forms.names import unmarked
from povsim.vocabulary import People

if TYPE_CHECKING:
    from numpy.typing import NDArray

YES = frozenset(("true", "1", "1.0", "có", "co", "yes", "x", "✓"))
NO = frozenset(("false", "0", "0.0", "không", "khong", "ko", "no"))
WHOLE = re.compile(r"-?[0-9]{1,15}")
"""A whole number, also as a table with gaps writes it: `3.0`, but not `3.000`."""
WHOLE_ENDING = re.compile(r"[.,]0{1,2}$")
DECIMAL = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,9})?")
GROUPED = re.compile(r"-?[0-9]{1,3}(?:[., ][0-9]{3})+(?:[.,][0-9]+)?")
ONE_GROUP = re.compile(r"-?[0-9]{1,3}\.[0-9]{3}")
LONGEST_SHOWN = 12
TEXT = pd.StringDtype(na_value=np.nan)
"""The contract's own kind of text."""


class Unreadable(ValueError):
    """A cell that breaks a rule; its argument is the rule's word, never the cell."""


@dataclass(frozen=True, eq=False)
class Typed:
    """A column with its type, and the rows of it that break a rule, by rule.

    `shown` is the first such cell as a finding may show it.
    """

    column: pd.Series[Any]
    faults: dict[str, NDArray[np.intp]]
    shown: dict[str, str]


def typed(cells: pd.Series[Any], dtype: object, name: str, separator: str) -> Typed:
    """Cells of one column of the contract, whatever way they were written.

    Blank is missing and never no or nought. A cell that cannot be read is missing too, and told.
    """
    reader, wanted = _reader(dtype, name, separator)
    if cells.dtype == wanted and not isinstance(wanted, pd.StringDtype):
        return Typed(cells, {}, {})
    codes, values = pd.factorize(cells, use_na_sentinel=True)
    read: list[object] = []
    broken: dict[int, str] = {}
    for place, value in enumerate(values):
        try:
            read.append(reader(_plain(value)))
        except Unreadable as error:
            read.append(None)
            broken[place] = str(error)
    made = pd.array([*read, None], dtype=wanted)[codes]  # -1 is the last: missing
    kinds = {rule: [p for p, r in broken.items() if r == rule] for rule in broken.values()}
    return Typed(
        pd.Series(made),
        {rule: np.flatnonzero(np.isin(codes, places)) for rule, places in kinds.items()},
        {rule: shown(values[places[0]]) for rule, places in kinds.items()},
    )


def shown(value: object) -> str:
    """A cell as a finding may show it: letters hidden, and the digits of a long text too.

    >>> shown("1.834"), shown("A Brê 12"), shown("0905 123 45")
    ('1.834', '• ••• 12', '•••')
    """
    text = str(value)
    long = sum(map(str.isdigit, text)) > 7 or len(text) > LONGEST_SHOWN
    return "•••" if long else masked(text)


def _plain(value: object) -> str:
    """One spelling of a cell: floats as short as they are, letters composed, no blanks around."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float | np.floating):
        return str(int(value)) if value == int(value) else repr(float(value))
    return unicodedata.normalize("NFC", str(value)).replace("\xa0", " ").strip()


def _reader(dtype: object, name: str, separator: str) -> tuple[Callable[[str], object], Any]:
    wanted = dtype_of(dtype)
    if isinstance(wanted, pd.BooleanDtype):
        return yes_or_no, wanted
    if isinstance(wanted, pd.Int64Dtype):
        return whole, wanted
    if isinstance(wanted, pd.Float64Dtype):
        return (lambda text: decimal(text, separator)), wanted
    return (people if name == "people" else _text), wanted


def dtype_of(dtype: object) -> Any:
    """The nullable type of a column of the contract."""
    name = str(dtype).lower()
    if "bool" in name:
        return pd.BooleanDtype()
    if "int" in name:
        return pd.Int64Dtype()
    return pd.Float64Dtype() if "float" in name else TEXT


def _text(text: str) -> str | None:
    return text or None


def yes_or_no(text: str) -> bool | None:
    """
    >>> yes_or_no("Có"), yes_or_no("0"), yes_or_no("")
    (True, False, None)
    """
    folded = text.casefold()
    if not folded:
        return None
    if folded in YES or folded in NO:
        return folded in YES
    raise Unreadable("yes_no")


def whole(text: str) -> int | None:
    """
    >>> whole("1500000"), whole("3.0"), whole("")
    (1500000, 3, None)
    """
    if not text:
        return None
    if GROUPED.fullmatch(text):
        raise Unreadable("thousands")
    plain = WHOLE_ENDING.sub("", text)
    if not WHOLE.fullmatch(plain):
        raise Unreadable("whole")
    return int(plain)


def decimal(text: str, separator: str) -> float | None:
    """
    >>> decimal("42,5", ";"), decimal("42.5", ","), decimal("45.125", ",")
    (42.5, 42.5, 45.125)
    """
    if not text:
        return None
    # Where cells are parted by commas, a point can only be a decimal one.
    pointed = separator != ";" and ONE_GROUP.fullmatch(text)
    if GROUPED.fullmatch(text) and not pointed:
        raise Unreadable("thousands")
    if not DECIMAL.fullmatch(text):
        raise Unreadable("decimal")
    return float(text.replace(",", "."))


def people(text: str) -> str | None:
    """A people by its code, or by its name as form F9 prints it.

    >>> people("xo_dang"), people("Xơ Đăng"), people("")
    ('xo_dang', 'xo_dang', None)
    """
    if not text:
        return None
    code = text.casefold() if text.casefold() in list(People) else _peoples().get(unmarked(text))
    if code is None:
        raise Unreadable("people")
    return code


@cache
def _peoples() -> dict[str, str]:
    """The code of each people by the heading of its column."""
    columns = forms()["F9"].by_item
    return {unmarked(columns[f"poor_{code}"].heading[2]): str(code) for code in People}
