"""Every form on file, read from its description in the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from povsim import rules
from povsim.findings import Severity
from povsim.forms.description import Agreement, Bound, Cell, Column, Form, key_of

Lines = Mapping[str, tuple[str, ...]]
"""What the rows of each form count, by form."""


@cache
def forms() -> dict[str, Form]:
    """Every form on file, by id, in the order of their numbers.

    >>> forms()["F2"].column("closing").key
    '9'
    """
    entries = rules.load_folder("forms")
    whole = {id: _whole(id, entries) for id in sorted(entries, key=_rank)}
    lines = {id: tuple(entry["lines"]) for id, entry in whole.items()}
    return {id: _form(id, entry, lines) for id, entry in whole.items()}


@cache
def review_forms() -> tuple[Form, ...]:
    """The forms that each review owes."""
    return tuple(form for form in forms().values() if form.due == "review")


@cache
def agreements() -> tuple[Agreement, ...]:
    """What the forms must agree on, within a review and with the one before."""
    return tuple(rule for form in forms().values() for rule in form.agreements)


def _rank(id: str) -> tuple[bool, int]:
    number = id.removeprefix("F")
    return (not number.isdigit(), int(number) if number.isdigit() else 0)


def _whole(id: str, entries: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A description with what it takes over from the form it is like."""
    own = entries[id]
    if "like" not in own:
        return own
    taken: dict[str, Any] = _reworded(_whole(own["like"], entries), own["words"])
    return taken | own


def _reworded(node: Any, words: list[tuple[str, str]]) -> Any:
    if isinstance(node, dict):
        return {key: _reworded(value, words) for key, value in node.items()}
    if isinstance(node, list):
        return [_reworded(value, words) for value in node]
    if isinstance(node, str):
        for word, other in words:
            node = node.replace(word, other)
    return node


def _form(id: str, entry: dict[str, Any], lines: Lines) -> Form:
    items = {key_of(column["code"]): column["item"] for column in entry["columns"]}
    agree, before, within = (
        [cells for row in entry.get(kind, []) for cells in _spread(id, row, lines)]
        for kind in ("agree", "agree_before", "within_year")
    )
    return Form(
        id=id,
        number=entry["number"],
        title=entry["title"],
        also_titled=tuple(entry.get("also_titled", [])),
        official=entry.get("official", True),
        due=entry.get("due", "review"),
        holds=entry["holds"],
        lines=lines[id],
        table=entry["table"],
        state=entry.get("state", ""),
        flows_within_standard=entry.get("flows_within_standard", False),
        columns=tuple(_column(id, column, items) for column in entry["columns"]),
        agreements=(
            *(Agreement(left, tuple(right)) for left, *right in agree),
            *(Agreement(left, tuple(right), years_back=1) for left, *right in before),
        ),
        bounds=tuple(bound for row in entry.get("bound", []) for bound in _bounds(id, row, lines)),
        part_of_year=tuple((part, whole) for part, whole in within),
        article=entry["article"],
        verified=entry["verified"],
    )


def _column(form: str, entry: dict[str, Any], items: Mapping[str, str]) -> Column:
    first, second, third = entry["heading"]
    return Column(
        code=entry["code"],
        item=entry["item"],
        heading=(first, second, third),
        share=_share(form, entry["share"], items) if "share" in entry else None,
        equals=tuple(_signed(term, items) for term in entry.get("equals", [])),
        balance=entry.get("balance", False),
    )


def _share(form: str, cells: list[str], items: Mapping[str, str]) -> tuple[Cell, Cell]:
    """Part and whole: columns of this form by code, or cells of its sister by name."""
    part, whole = (_cell(form, items.get(cell, cell)) for cell in cells)
    return part, whole


def _signed(term: str, items: Mapping[str, str]) -> tuple[int, str]:
    return (-1 if term.startswith("-") else 1, items[term.lstrip("-")])


def _bounds(form: str, entry: dict[str, Any], lines: Lines) -> Iterator[Bound]:
    """One entry as one rule for every column named and every line meant."""
    severity = Severity(entry.get("severity", "error"))
    times, whole_times = entry.get("times", 1), entry.get("whole_times", 1)
    for parts, whole in _pairs(entry):
        for cells in _spread(form, [*parts, *whole], lines):
            split = len(parts)
            yield Bound(tuple(cells[:split]), tuple(cells[split:]), times, whole_times, severity)


def _pairs(entry: dict[str, Any]) -> Iterator[tuple[list[str], list[str]]]:
    if "each" not in entry:
        yield entry["parts"], entry["whole"]
    elif "of" in entry:
        yield from (
            ([part], [whole]) for part, whole in zip(entry["each"], entry["of"], strict=True)
        )
    else:
        yield from (([part], entry["whole"]) for part in entry["each"])


def _spread(form: str, written: list[str], lines: Lines) -> Iterator[list[Cell]]:
    """The cells of a rule, once for every line that all their forms have.

    A cell that names its line keeps it; where a form counts one thing only, so does the rule.
    """
    cells = [_cell(form, name) for name in written]
    named = any("@" in name for name in written)
    shared = [line for line in lines[form] if all(line in lines[cell.form] for cell in cells)]
    if named or len(shared) < len(lines[form]):
        yield [
            cell if "@" in name else _first_line(cell, lines)
            for cell, name in zip(cells, written, strict=True)
        ]
        return
    for line in shared:
        yield [Cell(cell.form, cell.item, line) for cell in cells]


def _first_line(cell: Cell, lines: Lines) -> Cell:
    return Cell(cell.form, cell.item, lines[cell.form][0])


def _cell(form: str, written: str) -> Cell:
    """`poor`, `F1.poor` or `F1.poor@persons` as an address."""
    name, _, line = written.partition("@")
    home, _, item = name.rpartition(".")
    return Cell(home or form, item, line or "households")
