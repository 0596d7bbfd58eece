"""What is spent: a file that checks itself, every fault at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from povsim import Store, outlook, study
from povsim import plan as plans
from povsim.effects.spending import Spending, read
from povsim.findings import Refusal
from povsim.vocabulary import Origin

GOOD = """
name = "Chi"
origin = "sample"
source = "Số liệu mẫu"
[[spend]]
line = "toilet"
unit = "23479"
million_vnd = { 2024 = 198.5, 2025 = 180 }
"""


def of(folder: Path, content: str) -> Spending:
    path = folder / "current.toml"
    path.write_text(content, "utf-8")
    units = {"23479": "23479@2021-01-01", "23482": "23482@2021-01-01"}
    return read(path, lines=["toilet", "water"], units=units, years=range(2022, 2026))


def test_money_by_line_unit_and_year(tmp_path):
    spent = of(tmp_path, GOOD)
    assert spent.money("toilet", "23479@2021-01-01", 2024) == 198_500_000
    assert spent.money("toilet", "23479@2021-01-01", 2023) == 0
    assert spent.money("water", "23482@2021-01-01", 2024) == 0
    assert spent.origin is Origin.SAMPLE


@pytest.mark.parametrize(
    ("was", "now", "rule", "cell"),
    [
        ('line = "toilet"', 'line = "toilets"', "spending_line", "1"),
        ('unit = "23479"', 'unit = "99999"', "spending_unit", "1"),
        ("2025 = 180", "2031 = 180", "spending_year", "1"),
        ("2025 = 180", "nam = 180", "spending_year", "1"),
        ("2025 = 180", "2025 = -1", "spending_money", "1"),
        ("2025 = 180", '2025 = "180 triệu"', "spending_money", "1"),
        ("2025 = 180", "2025 = 1e12", "spending_money", "1"),
        ('line = "toilet"\n', "", "spending_field", "1"),
        ("million_vnd = { 2024 = 198.5, 2025 = 180 }", "million_vnd = 7", "spending_field", "1"),
        ('source = "Số liệu mẫu"', "", "spending_field", ""),
        ('origin = "sample"', 'origin = "mine"', "spending_field", ""),
        ("[[spend]]", "[[spend", "spending_unreadable", ""),
        ("[[spend]]", "[spend]", "spending_unreadable", ""),
        ("[[spend]]", "[[spned]]", "spending_extra", ""),
        ('line = "toilet"', 'line = "toilet"\nnote = "?"', "spending_extra", "1"),
        ('unit = "23479"', "unit = 23479", "spending_unit", "1"),
    ],
)
def test_a_fault_is_named_with_its_place_and_what_to_do(tmp_path, was, now, rule, cell):
    assert was in GOOD
    with pytest.raises(Refusal) as caught:
        of(tmp_path, GOOD.replace(was, now))
    [finding] = caught.value.findings
    assert (finding.rule, finding.place.file, finding.place.cell) == (rule, "current.toml", cell)
    assert finding.next_step("vi")
    assert finding.next_step("en")


def test_every_fault_is_told_at_once(tmp_path):
    bad = GOOD[GOOD.index("[[spend]]") :].replace("toilet", "x").replace("180", "-1")
    with pytest.raises(Refusal) as caught:
        of(tmp_path, GOOD + bad + GOOD[GOOD.index("[[spend]]") :])
    rules = sorted(finding.rule for finding in caught.value.findings)
    assert rules == ["spending_line", "spending_money", "spending_twice", "spending_twice"]


def test_the_plan_s_current_spending_is_a_marked_sample(sample_store):
    view = outlook(plans.load(), Store(sample_store).latest(), 2024, draws=50)
    spent = study.current_spending(view)
    assert spent.origin is Origin.SAMPLE
    assert "mẫu" in spent.source
    assert {unit for _, unit, _ in spent.amounts} == set(view.areas)
    assert sum(spent.amounts.values()) > 10**9
