"""Make the sample: official-form workbooks of the units, adding up to the published figures.

Run as `python data/sample/make.py`. Seeded: the same files, byte for byte, every time.
Commune figures are NOT real; every sheet says "SỐ LIỆU MẪU".
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

import assumptions as given

from povsim import forms, published, rules
from povsim.streams import stream
from povsim.units import Unit
from povsim.vocabulary import Group, Indicator, Period

HERE = Path(__file__).parent
MADE = datetime(2026, 1, 1)
YEARS = range(2021, 2026)
OLD_DAY = Period(2021).end
MARK = f"{forms.SAMPLE_MARK} – không phải số liệu chính thức"
NO_FLOWS = (
    "Không lập: năm 2021 là kỳ rà soát đầu tiên theo chuẩn nghèo đa chiều giai đoạn 2022-2025, "
    "không so được với kỳ trước."
)
Counts = dict[str, int]


@dataclass
class Review:
    """One unit's figures of one review: counts by form and line, items as the forms name them."""

    households: Counts
    flows: dict[str, tuple[Counts, Counts]] = field(default_factory=dict)
    deprivations: dict[str, Counts] = field(default_factory=dict)
    groups: dict[str, Counts] = field(default_factory=dict)


def district(seed: int) -> dict[int, dict[str, Counts]]:
    """Households, poor and near-poor of the seven old units, by year and code."""
    shares = {code: share for code, (share, _) in given.UNITS.items()}
    found: dict[int, dict[str, Counts]] = {}
    for year in YEARS:
        total = {item: _total(item, year) for item in ("households", "poor", "near_poor")}
        weights = {code: _poor_weight(seed, code, year) for code in given.UNITS}
        near = {c: shares[c] * (weights[c] / shares[c]) ** given.NEAR_POOR_FLATNESS for c in shares}
        parts = {
            "households": apportioned(total["households"], shares),
            "poor": apportioned(total["poor"], weights),
            "near_poor": apportioned(total["near_poor"], near),
        }
        found[year] = {code: {item: parts[item][code] for item in parts} for code in shares}
    return found


def _total(item: str, year: int) -> int:
    """A published count where there is one, else the assumption."""
    table = published.figures(HERE.parent / "published" / "figures.csv")
    rows = table[
        (table["area_code"] == "614") & (table["group"] == "") & (table["level"] == "district")
    ]
    printed = published.count(rows, item, str(year))
    assumed = {"households": given.HOUSEHOLDS, "poor": given.POOR, "near_poor": given.NEAR_POOR}
    return assumed[item][year] if printed is None else printed


def _poor_weight(seed: int, code: str, year: int) -> float:
    """A unit's share of the poor: its households, its relative poverty, a walk of good and bad years."""
    share, factor = given.UNITS[code]
    steps = stream(seed, "sample-rate", code).standard_normal(len(YEARS))
    return float(share * factor * np.exp(given.UNIT_NOISE * steps[: year - 2020].sum()))


def apportioned(total: int, weights: dict[str, float]) -> Counts:
    """Whole numbers in proportion to weights that add up to the total (largest remainders)."""
    exact = {key: total * weight / sum(weights.values()) for key, weight in weights.items()}
    whole = {key: int(value) for key, value in exact.items()}
    by_rest = sorted(exact, key=lambda key: (whole[key] - exact[key], key))
    for key in by_rest[: total - sum(whole.values())]:
        whole[key] += 1
    return whole


def reviews(seed: int) -> dict[tuple[int, str], Review]:
    """Every review of every unit; 2025 on the three new units, from their parts' sums."""
    stocks = district(seed)
    made: dict[tuple[int, str], Review] = {}
    for year in YEARS:
        for unit in rules.units().on(Period(year).end):
            before = [made[year - 1, code] for code in _parts(unit, year)] if year > 2021 else []
            counts = [stocks[year][code] for code in _parts(unit, 2021 if year < 2025 else year)]
            total = {item: sum(c[item] for c in counts) for item in counts[0]}
            made[year, unit.id.code] = _review(seed, unit, year, total, before)
    return made


def _parts(unit: Unit, year: int) -> list[str]:
    """The codes of the old units that make up a unit; itself before the merger."""
    if year < 2025:
        return [unit.id.code]
    registry = rules.units()
    return [
        old.id.code
        for old in registry.on(OLD_DAY)
        if registry.at(old.id, unit.id.valid_from) == unit
    ]


def _review(seed: int, unit: Unit, year: int, total: Counts, before: list[Review]) -> Review:
    review = Review(dict(total))
    dice = stream(seed, "sample-review", str(unit.id), year)
    if before:
        _add_flows(review, before, dice)
    else:
        for state in ("poor", "near_poor"):
            size = given.SIZE[state] * np.exp(0.04 * dice.standard_normal())
            review.households[f"{state}_persons"] = round(total[state] * size)
    _add_rest(review, dice)
    for state in ("poor", "near_poor"):
        review.deprivations[state] = _deprivations(state, total[state], year, dice)
        review.groups[state] = _groups(state, total[state], dice)
    return review


def _add_rest(review: Review, dice: np.random.Generator) -> None:
    """Households of average living standard, and everybody's persons."""
    counts = review.households
    others = counts["households"] - counts["poor"] - counts["near_poor"]
    share = given.AVERAGE_LIVING * np.exp(0.08 * dice.standard_normal())
    counts["average_living"] = min(round(counts["households"] * share), others)
    counts["average_living_persons"] = round(
        counts["average_living"] * given.SIZE["average_living"]
    )
    rest = others - counts["average_living"]
    named = ("poor_persons", "near_poor_persons", "average_living_persons")
    counts["persons"] = sum(counts[name] for name in named) + round(rest * 3.6)


def _add_flows(review: Review, before: list[Review], dice: np.random.Generator) -> None:
    """Movements of the year that lead from the last closing stocks to this one's."""
    opening = {
        item: sum(part.households[item] for part in before)
        for item in ("households", "poor", "near_poor", "poor_persons", "near_poor_persons")
    }
    poor, near = _household_flows(opening, review.households, dice)
    poor_persons = _person_flows(poor, opening["poor_persons"], dice)
    shared = {
        "fell_to_poor": poor_persons["near_poor_to_poor"],
        "poor_to_near_poor": poor_persons["escaped_to_near_poor"],
    }
    near_persons = _person_flows(near, opening["near_poor_persons"], dice, shared)
    review.flows = {"F2": (poor, poor_persons), "F3": (near, near_persons)}
    review.households["poor_persons"] = poor_persons["closing"]
    review.households["near_poor_persons"] = near_persons["closing"]


def _household_flows(
    opening: Counts, closing: Counts, dice: np.random.Generator
) -> tuple[Counts, Counts]:
    """F2 and F3 in households: small flows drawn, escapes from poverty are what is left."""
    rate = given.FLOWS
    others = opening["households"] - opening["poor"] - opening["near_poor"]

    def drawn(stock: int, share: float) -> int:
        return int(dice.poisson(stock * share))

    fell = min(drawn(opening["near_poor"], rate["near_poor_to_poor"]), opening["near_poor"])
    poor = {
        "opening": opening["poor"],
        "other_decrease": drawn(opening["poor"], rate["other"]),
        "near_poor_to_poor": fell,
        "relapsed": drawn(opening["poor"], rate["relapsed"]),
        "newly_poor": drawn(others, rate["newly_poor"]),
        "other_increase": drawn(opening["poor"], rate["other"]),
        "closing": closing["poor"],
    }
    left = _balance(poor, ("other_decrease",), "newly_poor")
    poor["escaped_to_near_poor"] = int(dice.binomial(left, rate["escaped_to_near_poor"]))
    poor["escaped_above"] = left - poor["escaped_to_near_poor"]
    near = {
        "opening": opening["near_poor"],
        "fell_to_poor": fell,
        "other_decrease": drawn(opening["near_poor"], rate["other"]),
        "poor_to_near_poor": poor["escaped_to_near_poor"],
        "relapsed": drawn(opening["near_poor"], rate["near_poor_relapsed"]),
        "newly_near_poor": drawn(others, rate["newly_near_poor"]),
        "other_increase": drawn(opening["near_poor"], rate["other"]),
        "closing": closing["near_poor"],
    }
    near["escaped_above"] = _balance(near, ("fell_to_poor", "other_decrease"), "newly_near_poor")
    return poor, near


def _balance(flows: Counts, leaving: tuple[str, ...], entering: str) -> int:
    """Who escapes so that the form closes; where none would, the new ones are more instead."""
    inward = [n for n in flows if n not in ("opening", "closing", *leaving)]
    left = flows["opening"] + sum(flows[n] for n in inward) - sum(flows[n] for n in leaving)
    short = max(flows["closing"] - left, 0)
    flows[entering] += short
    return left + short - flows["closing"]


LEAVING = ("escaped_to_near_poor", "fell_to_poor", "escaped_above", "other_decrease")


def _person_flows(
    flows: Counts, opening: int, dice: np.random.Generator, known: Counts | None = None
) -> Counts:
    """The same movements in persons; who leaves is never more than who was there."""
    size = opening / flows["opening"] if flows["opening"] else given.SIZE["poor"]
    persons = {"opening": opening}
    for name, households in flows.items():
        if name not in ("opening", "closing"):
            scale = size * np.exp(0.02 * dice.standard_normal())
            persons[name] = (known or {}).get(name, max(round(households * scale), households))
    signs = {name: -1 if name in LEAVING else 1 for name in persons}
    persons["closing"] = sum(signs[name] * value for name, value in persons.items())
    spare = flows["closing"] - persons["closing"]  # nobody lives in fewer than one a household
    if flows["closing"] == 0 or spare > 0:
        target = flows["closing"] * round(size)
        persons["other_increase"] += max(target - persons["closing"], 0)
        persons["other_decrease"] += max(persons["closing"] - target, 0)
        persons["closing"] = target
    return persons


def _deprivations(state: str, households: int, year: int, dice: np.random.Generator) -> Counts:
    """Indicators lacked, from really drawn households that obey the rule of their state."""
    scale = given.IMPROVEMENT ** (year - 2021) * (1 if state == "poor" else given.NEAR_POOR_LACKING)
    local = np.exp(0.12 * dice.standard_normal(len(Indicator)))
    chances = np.clip(np.array([given.LACKING[str(i)] for i in Indicator]) * scale * local, 0, 0.97)
    masks = np.empty((0, len(Indicator)), dtype=bool)
    while len(masks) < households:
        more = dice.random((4 * households + 8, len(Indicator))) < chances
        lacked = more.sum(axis=1)
        masks = np.vstack([masks, more[lacked >= 3 if state == "poor" else lacked < 3]])
    lacking = masks[:households].sum(axis=0)
    counts = {str(name): int(n) for name, n in zip(Indicator, lacking, strict=True)}
    return {"households": households, "deprivations": int(lacking.sum()), **counts}


def _groups(state: str, households: int, dice: np.random.Generator) -> Counts:
    """Overlapping groups: how many households of a state belong to each."""
    chances = dict(given.GROUPS)
    if state == "near_poor":
        chances |= {"dtts": given.NEAR_POOR_DTTS, "no_labour": given.GROUPS["no_labour"] / 4}
    return {name: int(dice.binomial(households, chance)) for name, chance in chances.items()}


def sheets(unit: Unit, review: Review) -> dict[str, list[forms.Line]]:
    """The forms of one review as lines to write."""
    name = unit.name
    flows = {form: review.flows.get(form, ({}, {})) for form in ("F2", "F3")}
    lines = {"F1": [forms.Line(name, "households", review.households)]}
    for form, (households, persons) in flows.items():
        lines[form] = [
            forms.Line(name, "households", households),
            forms.Line(name, "persons", persons),
        ]
    for form, state in (("F4", "poor"), ("F6", "near_poor")):
        lines[form] = [forms.Line(name, "households", review.deprivations[state])]
    lines["F8"] = [
        forms.Line(name, line, _group_cells(review, line)) for line in ("households", "persons")
    ]
    return dict(sorted(lines.items()))


def _group_cells(review: Review, line: str) -> Counts:
    """F8 of one line; persons of a group in proportion to its households."""
    cells: Counts = {}
    for state, groups in review.groups.items():
        households = review.households[state]
        total = households if line == "households" else review.households[f"{state}_persons"]
        counts = {g: round(total * n / households) if households else 0 for g, n in groups.items()}
        named = {f"{state}_{group}": count for group, count in counts.items()}
        other = total - sum(counts.values())
        cells |= {state: total, **named, f"{state}_{Group.OTHER}": other}
    return cells


def quotas(seed: int) -> pd.DataFrame:
    """Attainable household quotas: unit_code, valid_from, period, kind, value, origin.

    Shared out once, by the poor at the end of 2021, as plans made at the start of a term are.
    """
    base = {code: counts["poor"] for code, counts in district(seed)[2021].items()}
    rows: list[tuple[str, int, int]] = []
    for year in range(2022, 2026):
        total = given.QUOTAS.get(year) or _on_path(year)
        shared = apportioned(total, {code: float(count) for code, count in base.items()})
        rows += [(code, year, value) for code, value in [("614", total), *shared.items()]]
    table = pd.DataFrame(rows, columns=["unit_code", "period", "value"])
    table = table.assign(valid_from="2021-01-01", kind="households", origin="sample")
    return table[["unit_code", "valid_from", "period", "kind", "value", "origin"]]


def _on_path(year: int) -> int:
    rate = given.PATH_START - given.PATH_FALL * (year - 2021)
    return round(rate * _total("households", year))


def workbooks(seed: int = given.SEED) -> Iterator[tuple[int, Unit, dict[str, list[forms.Line]]]]:
    """Year, unit and sheets of every workbook."""
    made = reviews(seed)
    for year in YEARS:
        for unit in rules.units().on(Period(year).end):
            yield year, unit, sheets(unit, made[year, unit.id.code])


def write_all(folder: Path, seed: int = given.SEED) -> None:
    """Write every workbook and the quotas."""
    for year, unit, lines in workbooks(seed):
        path = folder / str(year) / f"{unit.id.code}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        notes = {"F2": NO_FLOWS, "F3": NO_FLOWS} if year == 2021 else {}
        forms.write(path, forms.Head(_place(unit), year, MARK), lines, notes, MADE)
    quotas(seed).to_csv(folder / "unit-targets.csv", index=False, lineterminator="\n")


def _place(unit: Unit) -> str:
    kind = "THỊ TRẤN" if unit.kind == "town" else "XÃ"
    district_name = ", HUYỆN KON RẪY" if unit.valid_to else ""
    return f"UBND {kind} {unit.name.upper()}{district_name} (mã đơn vị {unit.id.code})"


if __name__ == "__main__":
    write_all(HERE)
