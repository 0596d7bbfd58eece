"""Offers as lines of text: `poor 4 without_labour: housing_quality + toilet`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from povsim.population import BITS, POOR_FROM
from povsim.scenarios.bounds import Bounds, Fault, extra, unit_faults, year_faults
from povsim.scenarios.scenario import Offer
from povsim.vocabulary import State

FIELDS = ("unit", "year", "order")
FORM = re.compile(r"(poor|near_poor) (\d+)(?: (with|without)_labour)?: (\w+(?: \+ \w+)*)")
NUMBERS = {State.POOR: range(POOR_FROM, BITS + 1), State.NEAR_POOR: range(POOR_FROM)}
"""How many indicators a household of a list can lack."""


def parsed(told: str) -> Offer:
    """The offer of a text that has no fault.

    >>> parsed("poor 4: housing_quality + toilet").lines
    ('housing_quality', 'toilet')
    """
    match = FORM.fullmatch(told)
    assert match, "a text without a fault"
    state, number, labour, lines = match.groups()
    without = None if labour is None else labour == "without"
    return Offer(State(state), int(number), without, tuple(lines.split(" + ")))


def printed(offer: Offer) -> str:
    """The text of an offer, as `parsed` takes it."""
    labour = {None: "", True: " without_labour", False: " with_labour"}[offer.without_labour]
    return f"{offer.state} {offer.lacking}{labour}: {' + '.join(offer.lines)}"


def packages_faults(entry: Mapping[str, Any], bounds: Bounds, start: int) -> Iterator[Fault]:
    """What is wrong with the offers of a unit and year."""
    yield from extra(entry, FIELDS)
    for name in FIELDS:
        if name not in entry:
            yield "scenario_field", {"field": name}
    yield from unit_faults(entry, bounds)
    if "year" in entry:
        yield from year_faults(entry["year"], bounds, start)
    order = entry.get("order", [])
    if not isinstance(order, list):
        yield "scenario_field", {"field": "order"}
        return
    for told in order:
        yield from _offer_faults(told, bounds)


def _offer_faults(told: object, bounds: Bounds) -> Iterator[Fault]:
    match = FORM.fullmatch(told) if isinstance(told, str) else None
    if match is None:
        yield "scenario_offer", {"value": told}
        return
    offer = parsed(match.group())
    if offer.lacking not in NUMBERS[offer.state] or len(set(offer.lines)) < len(offer.lines):
        yield "scenario_offer", {"value": told}
    for line in offer.lines:
        if bounds.line(line) is None:
            yield "scenario_line", {"value": line, "known": bounds.known_lines}
