"""A scenario as a file that `reading` takes: an entry a line, unit and fund, millions by year."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from povsim.effects import Targeting
from povsim.scenarios.bounds import Bounds
from povsim.scenarios.offers import printed
from povsim.scenarios.reading import of_content
from povsim.scenarios.scenario import Item, Scenario


def written(scenario: Scenario, bounds: Bounds) -> str:
    """The text of a scenario's file.

    Raises:
        Refusal: what `read` would refuse, before anything is written.
    """
    import tomllib

    parts = [*_top(scenario), *_entries(scenario, bounds), *_packages(scenario, bounds)]
    text = "\n".join(parts) + "\n"
    of_content(tomllib.loads(text), bounds, scenario.name)
    return text


def save(scenario: Scenario, bounds: Bounds, path: Path) -> None:
    """Write a scenario's file; an older one of that name stays until the new one is whole.

    Raises:
        Refusal: as `written`.
        OSError: the folder cannot be written.
    """
    text = written(scenario, bounds)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


def _top(scenario: Scenario) -> Iterator[str]:
    yield f"name = {_quoted(scenario.name)}"
    yield f"origin = {_quoted(str(scenario.origin))}"
    yield f"source = {_quoted(scenario.source)}"
    yield f"start = {scenario.start}"
    if scenario.targeting is not Targeting.EVEN:
        yield f"targeting = {_quoted(str(scenario.targeting))}"
    if scenario.registered:
        yield f"registered = {scenario.registered}"
    if scenario.by_line:
        yield "\n[targeting_of]"
        yield from (f"{line} = {_quoted(str(rule))}" for line, rule in scenario.by_line.items())


def _entries(scenario: Scenario, bounds: Bounds) -> Iterator[str]:
    codes = {unit: code for code, unit in bounds.units.items()}
    order = {line.id: at for at, line in enumerate(bounds.lines)}

    def place(item: Item) -> tuple[int, str, str]:
        return order.get(item.line, len(order)), codes.get(item.unit, item.unit), item.fund

    for (_, code, fund), group in groupby(sorted(scenario.amounts, key=place), place):
        items = sorted(group, key=lambda item: item.year)
        sums = {item.year: scenario.amounts[item] for item in items if scenario.amounts[item]}
        if sums:
            yield f"\n[[spend]]\nline = {_quoted(items[0].line)}\nunit = {_quoted(code)}"
            if fund:
                yield f"fund = {_quoted(fund)}"
            told = ", ".join(f"{year} = {_millions(money)}" for year, money in sums.items())
            yield f"million_vnd = {{ {told} }}"


def _millions(money: int) -> str:
    """Millions of đồng, exact to the đồng."""
    return f"{money / 1e6:.6f}".rstrip("0").rstrip(".")


def _packages(scenario: Scenario, bounds: Bounds) -> Iterator[str]:
    codes = {unit: code for code, unit in bounds.units.items()}
    for (unit, year), offers in scenario.offers.items():
        yield f"\n[[packages]]\nunit = {_quoted(codes.get(unit, unit))}\nyear = {year}\norder = ["
        yield from (f"  {_quoted(printed(offer))}," for offer in offers)
        yield "]"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)
