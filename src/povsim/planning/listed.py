"""Units that are on no file yet: read from a CSV list, written as a units file."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from typing import TypeVar

from povsim import rules
from povsim.findings import Finding, Place, Refusal
from povsim.units import AreaType, Dated, Kind, Unit, UnitId, folded

Word = TypeVar("Word", bound=StrEnum)

NEEDED = ("code", "name", "kind", "area_type")
KINDS: Mapping[str, Kind] = {
    "commune": Kind.COMMUNE,
    "xa": Kind.COMMUNE,
    "town": Kind.TOWN,
    "thi tran": Kind.TOWN,
    "ward": Kind.WARD,
    "phuong": Kind.WARD,
}
AREAS: Mapping[str, AreaType] = {
    "rural": AreaType.RURAL,
    "nong thon": AreaType.RURAL,
    "urban": AreaType.URBAN,
    "thanh thi": AreaType.URBAN,
    "do thi": AreaType.URBAN,
}


def read(path: Path, base: int, findings: list[Finding]) -> tuple[Unit, ...]:
    """The units of a list with the columns code, name, kind, area_type, and where wanted aliases
    (parted by `|`), valid_from and parent (an identity such as `51@2025-07-01`).

    A unit stands from the first day of the base review's year unless the list says otherwise.
    Every fault is added to `findings`, by cell; rows with a fault are left out.
    """
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        findings.append(Finding("file_not_read", Place(path.name), values={"reason": reason}))
        return ()
    rows = _rows(path.name, content, findings)
    if rows is None:
        return ()
    columns = rows[0][1] if rows else []
    lacking = [name for name in NEEDED if name not in columns]
    if lacking:
        values: dict[str, object] = {"columns": ", ".join(lacking), "known": ", ".join(NEEDED)}
        findings.append(Finding("units_list_columns", Place(path.name), values=values))
        return ()
    return tuple(_List(path.name, columns, base, findings).units(rows[1:]))


def _rows(file: str, content: str, findings: list[Finding]) -> list[tuple[int, list[str]]] | None:
    """The rows that say something, each with its number as a spreadsheet counts them."""
    head = next((line for line in content.splitlines() if line.strip()), "")
    delimiter = ";" if ";" in head and "," not in head else ","
    rows = csv.reader(StringIO(content, newline=""), delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    try:
        for number, row in enumerate(rows, 1):
            cells = [" ".join(cell.split()) for cell in row]
            found += [(number, cells)] if any(cells) else []
    except csv.Error as error:
        values: dict[str, object] = {"line": rows.line_num, "reason": str(error)}
        findings.append(Finding("units_list_unreadable", Place(file), values=values))
        return None
    return found


class _List:
    """One list being read: where its cells are, and what was found wrong so far."""

    def __init__(self, file: str, columns: list[str], base: int, findings: list[Finding]) -> None:
        self._file, self._columns, self._findings = file, columns, findings
        self._start = date(base, 1, 1) if 1 <= base <= 9999 else date.min
        self._seen: dict[str, str] = {}

    def units(self, rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Unit]:
        for number, row in rows:
            cells = dict(zip_longest(self._columns, row[: len(self._columns)], fillvalue=""))
            before = len(self._findings)
            unit = self._unit(cells, number)
            if unit is not None and len(self._findings) == before:
                yield unit

    def _unit(self, cells: dict[str, str], row: int) -> Unit | None:
        names = (cells["name"], *_parted(cells.get("aliases", "")))
        if not re.fullmatch(r"\d{5}", cells["code"]):
            self._tell("units_list_code", row, "code", value=cells["code"])
        if not cells["name"]:
            self._tell("units_list_name", row, "name")
        kind = self._one_of(KINDS, cells, "kind", row)
        area = self._one_of(AREAS, cells, "area_type", row)
        start, parent = self._day(cells, row), self._parent(cells, row)
        self._twice(cells, names, row)
        if kind is None or area is None or start is None:
            return None
        identity = UnitId(cells["code"], start)
        self._held(identity, row)
        parents = (Dated(parent, start),) if parent else ()
        return Unit(identity, tuple(dict.fromkeys(names)), kind, area, parents=parents)

    def _tell(self, rule: str, row: int, column: str, **values: object) -> None:
        self._findings.append(Finding(rule, self._place(row, column), values=dict(values)))

    def _place(self, row: int, column: str) -> Place:
        """A cell as a spreadsheet shows the list."""
        return Place(self._file, "", f"{chr(ord('A') + self._columns.index(column))}{row}")

    def _one_of(
        self, known: Mapping[str, Word], cells: dict[str, str], column: str, row: int
    ) -> Word | None:
        found = known.get(folded(cells[column]))
        if found is None:
            listed = ", ".join(sorted({str(member) for member in known.values()}))
            self._tell("units_list_word", row, column, value=cells[column], known=listed)
        return found

    def _day(self, cells: dict[str, str], row: int) -> date | None:
        told = cells.get("valid_from", "")
        if not told:
            return self._start
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.strptime(told, form).date()
            except ValueError:
                continue
        self._tell("units_list_day", row, "valid_from", value=told)
        return None

    def _parent(self, cells: dict[str, str], row: int) -> UnitId | None:
        told = cells.get("parent", "")
        if not told:
            return None
        try:
            return rules.units()[told].id
        except Refusal as refusal:
            place = self._place(row, "parent")
            self._findings += [replace(finding, place=place) for finding in refusal.findings]
            return None

    def _twice(self, cells: dict[str, str], names: tuple[str, ...], row: int) -> None:
        """A code or a spelling that the list has already given to another unit."""
        if cells["code"] in self._seen:
            self._tell("units_list_twice", row, "code", value=cells["code"])
        for name in dict.fromkeys(filter(None, map(folded, names))):
            if self._seen.setdefault(name, cells["code"]) != cells["code"]:
                self._tell("units_list_twice", row, "name", value=cells["name"])
        self._seen.setdefault(cells["code"], cells["code"])

    def _held(self, identity: UnitId, row: int) -> None:
        """A code that a unit on file has on the same days: one code never names two units."""
        for unit in rules.units():
            ended = unit.valid_to is not None and unit.valid_to < identity.valid_from
            if unit.id.code == identity.code and not ended:
                held = f"{unit.name} ({unit.id})"
                self._tell("units_list_held", row, "code", value=identity.code, held=held)


def _parted(aliases: str) -> list[str]:
    return [alias.strip() for alias in aliases.split("|") if alias.strip()]


def as_toml(units: Iterable[Unit]) -> str:
    """A units file (`data/units/*.toml`) of units without successors."""
    head = (
        "# Đơn vị hành chính do cơ quan lập kế hoạch khai báo; povsim đọc cùng danh mục có sẵn.\n"
        "# Khi đã đối chiếu với danh mục chính thức, sửa verified = true.\n"
        "# Đơn vị hết hiệu lực: thêm valid_to và successor, không xóa, không dùng lại mã cũ.\n"
    )
    return head + "".join(map(_entry, sorted(units, key=lambda unit: unit.id)))


def _entry(unit: Unit) -> str:
    parent = f'parent = "{unit.parents[0].value}"\n' if unit.parents else ""
    return (
        f'\n[[unit]]\ncode = "{unit.id.code}"\nvalid_from = {unit.id.valid_from}\n'
        f"names = {json.dumps(list(unit.names), ensure_ascii=False)}\n"
        f'kind = "{unit.kind}"\narea_type = "{unit.area_type}"\n{parent}verified = false\n'
    )
