"""What scenarios of a plan are checked against: its units, years and lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from povsim.effects import Line


@dataclass(frozen=True)
class Bounds:
    """`units` are printed identities by code, `names` what they are called; `years` the plan's.

    `nobody` are pairs of line and unit where no household may have the line, as far as forms tell.
    """

    lines: Sequence[Line]
    units: Mapping[str, str]
    names: Mapping[str, str]
    years: range
    nobody: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def line(self, name: object) -> Line | None:
        return next((line for line in self.lines if line.id == name), None)

    @property
    def known_lines(self) -> str:
        return ", ".join(line.id for line in self.lines)

    @property
    def known_units(self) -> str:
        return ", ".join(f"{code} ({self.names[unit]})" for code, unit in self.units.items())


def most(line: Line) -> float:
    """The most that a line can cost a unit in a year, đồng; nought where there is no limit."""
    return -(-line.capacity // line.households_a_work) * line.unit_cost
