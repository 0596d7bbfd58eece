"""Published figures held against the forms' own rules, wherever a form could hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from povsim import forms, known_errors, published
from povsim.findings import Finding, Place, Severity
from povsim.intake.checks.plausibility import looks_net
from povsim.intake.checks.rows import share_fits, told_share
from povsim.known_errors import KnownError
from povsim.plan import Plan

TRUST = ("published", "press", "unverified", "derived", "weak")
"""Which print of a figure is taken where there are several; early ones were replaced."""

SHARES = {"poor_rate": "poor", "near_poor_rate": "near_poor"}
OUT = "escaped"
"""Printed as one figure where form F2 has two columns."""
INTO = ("near_poor_to_poor", "relapsed", "newly_poor")


@dataclass(frozen=True)
class Print:
    """One printed figure: as a number, and with the decimals it was printed with."""

    value: float
    decimals: int


Figures = Mapping[str, Print]
"""The figures printed of one area and year, by indicator."""


def check(plan: Plan) -> list[Finding]:
    """What the published figures say against each other; a declared error is told as known."""
    if plan.published_figures is None:
        return []
    table = published.figures(plan.published_figures)
    declared = [e for e in known_errors.load(plan.known_errors) if e.source == "published"]
    file = plan.published_figures.name
    found: list[Finding] = []
    whole = table[table["group"] == ""]
    for key, rows in whole.groupby(["area", "period", "standard"]):
        area, year, _ = map(str, key)
        figures = _chosen(rows)
        found += [*_shares(figures, file, area, year), *_flows(figures, file, area, year)]
    return [*_outdated(declared, table, file), *(_declared(f, declared, table) for f in found)]


def _chosen(rows: pd.DataFrame) -> Figures:
    """One print an indicator: the most trusted, and of these the last."""
    kept = rows[rows["status"].isin(TRUST)]
    ranked = kept.assign(rank=kept["status"].map(TRUST.index)).sort_values(["rank", "source"])
    first = ranked.drop_duplicates("indicator")
    return {
        str(row["indicator"]): Print(row["value"], len(row["printed"].partition(".")[2]))
        for row in first.to_dict("records")
    }


def _shares(figures: Figures, file: str, area: str, year: str) -> Iterator[Finding]:
    whole = figures.get("households")
    for rate, item in SHARES.items():
        shown, part = figures.get(rate), figures.get(item)
        if whole is None or shown is None or part is None:
            continue
        pair = (shown.value, shown.decimals)
        if not share_fits(pair, int(part.value), int(whole.value)):
            values = told_share(pair, int(part.value), int(whole.value))
            yield _finding("share_contradicts", file, area, year, rate, Severity.ERROR, values)


def _flows(figures: Figures, file: str, area: str, year: str) -> Iterator[Finding]:
    """The year's balance as form F2 has it, its two ways out of poverty printed as one."""
    if not all(name in figures for name in ("poor_opening", OUT, "poor")):
        return
    opening, out, closing = (int(figures[n].value) for n in ("poor_opening", OUT, "poor"))
    entries = [int(figures[name].value) for name in INTO if name in figures]
    if entries:
        expected = opening - out + sum(entries)
        if expected != closing:
            formula = forms.forms()["F2"].column("closing").code
            values = {"value": closing, "expected": expected, "apart": abs(expected - closing)}
            told = {"formula": formula, **values}
            yield _finding("balance_open", file, area, year, "poor", Severity.DOUBT, told)
    elif looks_net(opening, out, closing):
        told = {"opening": opening, "value": out, "unit": area, "year": year}
        yield _finding("net_escapes", file, area, year, OUT, Severity.DOUBT, told)


def _finding(
    rule: str,
    file: str,
    area: str,
    year: str,
    indicator: str,
    severity: Severity,
    values: dict[str, object],
) -> Finding:
    return Finding(rule, Place(file, f"{area} {year}", indicator), severity, values)


# --- What is declared ----------------------------------------------------------------------------


def _row(error: KnownError, table: pd.DataFrame) -> pd.DataFrame:
    area, as_of, indicator = error.where
    chosen = (table["area"] == area) & (table["as_of"] == as_of)
    return table[chosen & (table["indicator"] == indicator) & (table["group"] == "")]


def _outdated(declared: list[KnownError], table: pd.DataFrame, file: str) -> Iterator[Finding]:
    """Entries whose source no longer says what they expect."""
    for error in declared:
        values = _row(error, table)["value"]
        if error.expect not in set(values):
            area, as_of, indicator = error.where
            found = ", ".join(f"{value:g}" for value in values) or "–"
            told: dict[str, object] = {
                "value": found,
                "expect": f"{error.expect:g}",
                "reason": error.reason,
            }
            yield _finding(
                "known_error_outdated", file, area, as_of[:4], indicator, Severity.ERROR, told
            )


def _declared(finding: Finding, declared: list[KnownError], table: pd.DataFrame) -> Finding:
    """A finding that a declared error explains stands in nobody's way any more."""
    for error in declared:
        rows = _row(error, table)
        areas = {f"{row['area']} {row['period']}" for row in rows.to_dict("records")}
        if finding.place.sheet in areas and finding.place.cell == error.where[2]:
            return replace(finding, severity=Severity.NOTE, reason=error.reason)
    return finding
