"""The best use of a budget on the sample: promised, judged, written down, told in words."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from povsim import Store, allocation, groups, outlook, scenarios, study
from povsim import plan as plans
from povsim.allocation import Impossible, Objective
from povsim.allocation.reading import KINDS, LIMIT
from povsim.effects.expected import Values, Year, help_of, opened
from povsim.effects.homes import NO_LABOUR
from povsim.effects.living.coding import FIXED, NUMBER, POOR
from povsim.effects.stage import empty_bars, empty_trace
from povsim.effects.stage import run as live
from povsim.findings import Refusal
from povsim.population import LISTED
from povsim.report import best_use
from povsim.scenarios import Item
from povsim.simulation import World, run
from povsim.study import Ground, Judged, Outlook

DRAWS = 200


@pytest.fixture(scope="module")
def view(sample_store: str) -> Outlook:
    return outlook(plans.load(), Store(sample_store).latest(), 2024, draws=DRAWS)


@pytest.fixture(scope="module")
def world(view: Outlook) -> World:
    register = groups.on_file("data/sample/register", 2024)
    return study.world(view, register=register, draws=DRAWS)


@pytest.fixture(scope="module")
def ground(view: Outlook, world: World) -> Ground:
    lines = [line.id for line in world.lines if not line.works]
    return study.ground(view, world, lines=lines, draws=100)


@pytest.fixture(scope="module")
def judged(ground: Ground) -> Judged:
    return best_use.known(best_use.ask(ground, best_use.purses(ground, 6000.0, 4000.0)))


# What is expected


PACKAGES = [
    (),
    ("toilet",),
    ("housing_quality", "toilet"),
    ("toilet", "devices"),
    ("health_insurance",),
]


@pytest.mark.parametrize("package", PACKAGES, ids=" ".join)
def test_chances_agree_with_households_as_they_live(world, package):
    """Everybody who may have a package gets it, and nobody else anything."""
    free = [
        replace(
            line,
            take_up=1.0,
            capacity=0,
            unit_cost=1.0,
            recent=False,
            works=False,
            households_a_work=1,
        )
        for line in world.lines
    ]
    alone = replace(world, lines=free, current=replace(world.current, amounts={}, start=2025))
    bars, unit = world.base[0], 5
    amounts = {Item(line, world.units[unit], 2025): 10**9 for line in package}
    own, stage = alone.stage.people.units[unit], alone.stage
    room = int(own["listed"] + own["out"].sum() + bars.entrants[unit].sum(axis=(0, 2, 3)).max())
    traced, read = empty_trace(stage, room), empty_bars(stage)
    read.bar[:], read.entrants[:] = bars
    policy = alone.policy(replace(alone.current, amounts=amounts))
    live(stage, policy, read, mode=FIXED, units=(unit, unit + 1), traced=traced)
    rows = stage.people.rows[0, own["start"] : own["start"] + own["listed"]]
    lines = [line for line in world.lines if line.id in package]
    needed = sum(line.bit for line in lines)
    for number in (3, 4, 5):
        mine = (NUMBER[rows["mask"]] == number) & ((rows["mask"] & needed) == needed)
        mine &= (np.arange(len(rows)) < own["poor"]) & ((rows["groups"] & NO_LABOUR) == 0)
        if mine.sum() < 5:
            continue
        lived = (traced.homes["stand"][:, :, : len(rows)][:, :, mine] == POOR).mean(axis=(1, 2))
        told = [_poor(world, unit, lines, number, year) for year in range(len(world.years))]
        error = 4 * 0.5 / np.sqrt(DRAWS * mine.sum()) + 0.01
        assert np.abs(lived - told).max() < error


def _poor(world, unit, lines, number, until):
    """The expected chance to be poor at the end of a year."""
    bars, held = world.base[0].bar[unit], [line.id for line in lines if line.entitlement]
    years = [Year(bars[t].T) for t in range(until + 1)]
    sizes = {line.id: world.sizes(line.id) for line in lines}
    value = Values.measured(np.ones(13), len(held), DRAWS)
    for t in reversed(range(until + 1)):
        value = opened(value, years[t], 1.0 if t == 0 else 0.0, help_of(lines, sizes, t))
    return value.poor[0, number, 0].mean()


# Promised and judged


def test_a_proposal_keeps_nearly_all_that_it_promises(judged):
    promised, found = judged.proposal.change.sum(), judged.fewer.sum(axis=0).mean()
    assert judged.proposal.feasible
    assert promised > 40
    assert abs(judged.optimism) < 0.12 * promised
    assert judged.better > 0.95
    assert found == pytest.approx(promised - judged.optimism)


def test_whom_it_means_to_serve_is_served(judged):
    """The order of packages and the money together serve as many as the programme counted on."""
    reached = judged.outcome.reached[:, :, 0].mean(axis=-1)
    assert np.abs(reached - judged.proposal.served[:, :, 0]).sum() < 0.02 * reached.sum()
    spent = judged.outcome.spent[:, :, 0].mean(axis=-1).sum()
    assert spent == pytest.approx(judged.proposal.scenario.total, rel=0.02)


def test_the_order_of_packages_serves_nearly_as_the_programme_does(judged):
    """Every household takes the first package in the order that it may have, while money lasts."""
    proposal = judged.proposal
    columns, agenda = proposal.problem.columns, proposal.agenda
    classes, packages = columns.classes, columns.gains.packages
    names = [line.id for line in agenda.lines]
    numbers = {bits: at for at, bits in enumerate(packages.bits)}
    brings = dict(zip(zip(columns.klass, columns.package, strict=True), columns.out, strict=True))
    left, room, out = classes.households.copy(), proposal.served[:, :, 0].astype(float), 0.0
    for (unit, _), offers in proposal.scenario.offers.items():
        u = agenda.units.index(unit)
        for offer in offers:
            lines = [names.index(line) for line in offer.lines]
            package = numbers[sum(1 << line for line in lines)]
            state = LISTED.index(offer.state)
            mine = (classes.unit == u) & (classes.state == state) & (left > 0)
            mine &= (classes.number == offer.lacking) & np.all(
                [classes.may(line) for line in lines], axis=0
            )
            if offer.without_labour is not None:
                mine &= classes.labour == int(offer.without_labour)
            for klass in np.flatnonzero(mine):
                taken = min(left[klass], *room[lines, u])
                left[klass] -= taken
                room[lines, u] -= taken
                out += taken * brings.get((klass, package), 0.0)
    promised = float(proposal.amounts @ columns.out)
    assert 0.97 * promised < out < 1.01 * promised


def test_packages_matter_and_so_does_their_order(ground, judged):
    """The same money without the packages, and an even split, bring far less."""
    at, poor = ground.at, ground.base.poor[:, ground.at].sum(axis=0)
    alone = run(ground.world, replace(judged.proposal.scenario, offers={}))
    even = run(ground.world, study.even_split(ground, judged.proposal.budget))
    best = judged.fewer.sum(axis=0).mean()
    assert (poor - alone.poor[:, at].sum(axis=0)).mean() < 0.8 * best
    assert (poor - even.poor[:, at].sum(axis=0)).mean() < 0.6 * best
    assert even.scenario.total <= sum(purse.total for purse in judged.proposal.budget)


def test_each_objective_wins_at_its_own_aim_when_judged(ground, judged):
    deep = best_use.known(
        best_use.ask(ground, judged.proposal.budget, objective=Objective.LEAST_DEPTH)
    )
    assert deep.shallower.mean() > judged.shallower.mean()
    assert deep.fewer.sum(axis=0).mean() < judged.fewer.sum(axis=0).mean() + 1


def test_what_is_proposed_never_hangs_on_processes_or_order(ground, judged):
    again = best_use.known(best_use.ask(ground, judged.proposal.budget))
    assert again.proposal.scenario == judged.proposal.scenario


def test_a_plan_of_two_years_counts_lags_and_entrants(sample_store):
    view = outlook(plans.load(), Store(sample_store).latest(), 2023, draws=60)
    world = study.world(view, draws=60, tilts_drawn=1)
    lines = ["toilet", "housing_quality", "health_insurance", "telecoms", "livelihood"]
    ground = study.ground(view, world, lines=lines, draws=40)
    assert ground.agenda.years == (2024, 2025)
    budget = best_use.purses(ground, 6000.0, 2000.0)
    found = best_use.known(study.propose(ground, budget))
    years = {item.year for item in found.proposal.scenario.amounts}
    assert years == {2024, 2025}
    assert found.proposal.feasible
    assert abs(found.optimism) < 0.15 * found.proposal.change.sum()


def test_the_targets_of_the_last_year_are_judged_on_draws_never_seen(view):
    register = groups.on_file("data/sample/register", 2024)
    ground, fresh = study.targets_ground(view, register, draws=60, fresh=400)
    assert ground.agenda.by == 2025
    assert fresh.seed != ground.world.seed
    made = study.bundled(ground, fresh, best_use.purses(ground, 6000.0, 4000.0))
    likely = made.likeliest()
    poor = run(fresh, likely.scenario).poor[:, 0]
    met = (poor <= ground.agenda.targets[:, None]).all(axis=0)
    assert likely.chance == met.mean()
    assert likely.error == pytest.approx(np.sqrt(met.mean() * (1 - met.mean()) / 400))
    assert made.cheapest(1.0) is None
    least = made.cheapest(likely.chance / 2)
    assert least.chance >= likely.chance / 2
    assert sum(least.cost.values()) < sum(likely.cost.values())
    nothing = made.within([replace(purse, vnd={2025: 0}) for purse in made.budget])
    assert nothing.scenario.total == 0
    assert nothing.chance < likely.chance


# Written down


def test_the_scenario_is_a_file_that_simulate_takes(view, ground, judged, tmp_path):
    bounds, path = study.bounds(view), tmp_path / "best.toml"
    scenarios.save(judged.proposal.scenario, bounds, path)
    read = scenarios.read(path, bounds)
    assert read.amounts == judged.proposal.scenario.amounts
    assert read.offers == judged.proposal.scenario.offers
    assert np.array_equal(run(ground.world, read).poor, judged.outcome.poor)


def test_no_file_tells_how_many_households_of_a_kind_there_are(view, judged):
    """Offers are an order, the same kinds for every unit that has the money: counts of nobody."""
    told = scenarios.written(judged.proposal.scenario, study.bounds(view))
    offers = re.findall(r'^  "(.*)",$', told, re.MULTILINE)
    assert offers
    assert all(
        re.fullmatch(r"(near_)?poor \d+( with(out)?_labour)?: [\w +]+", each) for each in offers
    )


def test_households_of_a_kind_that_few_get_are_told_with_their_neighbours(view, judged):
    table = best_use.who_gets_what(view, judged)
    for row in table.rows:
        assert row[1] == "0" or int(row[1]) >= 5
        for each in re.findall(r"(\d+)(?:;|$)", row[4]):
            assert int(each) >= 5


# In words


def numbers(told: str) -> list[float]:
    """The numbers of a Vietnamese text, in its order."""
    found = re.findall(r"−?\d[\d.]*(?:,\d+)?", told)
    return [float(n.replace(".", "").replace(",", ".").replace("−", "-")) for n in found]


def test_the_best_plan_is_told_in_two_sentences_true_to_the_numbers(view, ground, judged):
    told = best_use.answer(view, judged).text
    draws = judged.fewer.sum(axis=0)
    low, high = np.quantile(draws, (0.1, 0.9))
    even = ground.base.poor[:, ground.at].sum(axis=0) - run(
        ground.world, study.even_split(ground, judged.proposal.budget)
    ).poor[:, ground.at].sum(axis=0)
    wanted = [6000, 4000, round(judged.proposal.scenario.total / 1e6), 2027]
    wanted += [round(draws.mean(), 1), 80, round(low), round(high), round(even.mean(), 1)]
    assert numbers(told)[: len(wanted)] == pytest.approx(wanted, abs=0.5001)
    assert "(Số liệu mẫu)" in told
    assert told.removesuffix(" (Số liệu mẫu)").count(". ") == 1


def test_a_floor_is_told_with_what_it_takes_away_and_gives(view, ground, judged):
    kept = best_use.ask(ground, judged.proposal.budget, best_use.floor(view, ground, 1200.0))
    told = best_use.floor_answer(view, judged, kept, 1200.0).text
    sums = dict.fromkeys(ground.agenda.units, 0)
    for item, money in kept.proposal.scenario.amounts.items():
        sums[item.unit] += money
    assert min(sums.values()) >= 1_200_000_000
    less = judged.fewer.sum(axis=0).mean() - kept.fewer.sum(axis=0).mean()
    assert f"{abs(less):.1f}".replace(".", ",") in told
    assert "Đăk Rve" in told


def test_equity_is_told_as_its_frontier_has_it(view, judged):
    points = allocation.efficiency_against_equity(judged.proposal)
    first, last = points[0], points[-1]
    told = numbers(best_use.equity_answer(view, judged).text)
    wanted = [100 * first.least_fall, 100 * last.least_fall, last.out, first.out]
    assert told == pytest.approx([*wanted, first.out - last.out], abs=0.051)


def test_the_chance_of_all_targets_is_told_with_its_bound_and_money(view):
    register = groups.on_file("data/sample/register", 2024)
    ground, fresh = study.targets_ground(view, register, draws=40, fresh=200)
    made = study.bundled(ground, fresh, best_use.purses(ground, 6000.0, 4000.0))
    likely = made.likeliest()
    told = numbers(best_use.chance_answer(view, made, 0.99).text)
    money = sum(likely.cost.values()) / 1e6
    wanted = [7, 99, 2025, 100 * likely.chance, 100 * likely.error, money, 100 * likely.bound]
    assert told == pytest.approx([*wanted, 100 * likely.each.min()], abs=0.51)
    least = made.cheapest(0.1)
    told = numbers(best_use.chance_answer(view, made, 0.1).text)
    wanted = [sum(least.cost.values()) / 1e6, 7, 2025, 10, 100 * least.chance]
    assert told[:5] == pytest.approx(wanted, abs=0.51)
    assert told[6] == pytest.approx(least.bound, abs=0.51)
    assert least.bound <= sum(least.cost.values()) / 1e6 + 0.5


def test_rules_that_cannot_hold_are_told_instead_of_a_plan(view, ground, judged):
    found = best_use.ask(ground, judged.proposal.budget, best_use.floor(view, ground, 1900.0))
    assert isinstance(found, Impossible)
    told = best_use.answer(view, found).text
    assert "không thể cùng giữ" in told
    assert "Vốn" in told
    with pytest.raises(ValueError, match="không thể cùng giữ"):
        best_use.known(found)


def test_a_sum_more_is_told_by_purse_the_best_first(view, judged):
    told = best_use.more_answer(view, judged, 1000.0).text
    assert told.startswith("Thêm 1.000 triệu đồng vào “Vốn đầu tư” thì bớt")
    assert told.count("Thêm 1.000 triệu đồng") == 2


# Bad input


BUDGET = """
name = "b"
source = "s"
[[purse]]
name = "capital"
budget = "capital"
million_vnd = { 2025 = 100 }
"""


@pytest.mark.parametrize(
    ("broken", "rule", "cell"),
    [
        ("name = ", "budget_unreadable", ""),
        ("purse = 3", "budget_unreadable", ""),
        (BUDGET.replace('name = "b"', ""), "scenario_field", ""),
        (BUDGET.replace("source", "sauce"), "scenario_extra", ""),
        ('name = "b"\nsource = "s"', "budget_none", ""),
        ('objective = "best"' + BUDGET, "budget_objective", ""),
        (BUDGET.replace('budget = "capital"', 'budget = "gold"'), "budget_kind", "1"),
        (BUDGET.replace('budget = "capital"', 'fund = "gold"'), "budget_fund", "1"),
        (BUDGET.replace("2025", "2031"), "scenario_year", "1"),
        (BUDGET.replace("100", "-5"), "scenario_money", "1"),
        (BUDGET.replace("100", '"much"'), "scenario_money", "1"),
        (BUDGET + BUDGET[BUDGET.index("[[") :], "budget_twice", ""),
        (BUDGET + '[[limit]]\nname = "x"', "budget_limit", "1"),
        (BUDGET + '[[limit]]\nname = "x"\nleast_share = 2', "budget_limit", "1"),
        (
            BUDGET + '[[limit]]\nname = "x"\nleast_million_vnd = 9\nmost_million_vnd = 3',
            "budget_limit",
            "1",
        ),
        (
            BUDGET + '[[limit]]\nname = "x"\nleast_million_vnd = 9\nmost_share = 0.3',
            "budget_limit",
            "1",
        ),
        (BUDGET + '[[limit]]\nname = "x"\nleast_share = 0.2\nunits = ["1"]', "scenario_unit", "1"),
        (
            BUDGET + '[[limit]]\nname = "x"\nleast_share = 0.2\nlines = ["gold"]',
            "scenario_line",
            "1",
        ),
        (BUDGET + '[[limit]]\nname = "x"\nleast_share = 0.2\ngroup = "rich"', "budget_group", "1"),
        (BUDGET + '[[rule]]\nname = "x"\nkind = "be nice"', "budget_rule", "1"),
        (BUDGET + '[[rule]]\nkind = "no_unit_worse"', "scenario_field", "1"),
        (
            BUDGET + '[[rule]]\nname = "x"\nkind = "entitlements_first"\nlines = ["toilet"]',
            "budget_entitlement",
            "1",
        ),
        (
            BUDGET + '[[rule]]\nname = "x"\nkind = "no_unit_worse"\nunits = ["23479"]',
            "scenario_extra",
            "1",
        ),
    ],
)
def test_a_budget_file_s_faults_are_told_with_place_and_next_step(
    view, broken, rule, cell, tmp_path
):
    path = tmp_path / "budget.toml"
    path.write_text(broken, "utf-8")
    with pytest.raises(Refusal) as caught:
        allocation.read(path, study.bounds(view))
    found = [each for each in caught.value.findings if each.rule == rule]
    assert found
    assert found[0].place.file == "budget.toml"
    assert found[0].place.cell == cell
    assert found[0].what("vi")
    assert found[0].next_step("vi")


def test_all_faults_of_a_budget_come_at_once(view, tmp_path):
    path = tmp_path / "budget.toml"
    path.write_text(BUDGET.replace("2025", "2031") + '[[rule]]\nname = "x"\nkind = "?"', "utf-8")
    with pytest.raises(Refusal) as caught:
        allocation.read(path, study.bounds(view))
    assert {each.rule for each in caught.value.findings} == {"scenario_year", "budget_rule"}


def test_money_for_no_year_that_is_left_is_refused(ground):
    purse = replace(best_use.purses(ground, 100.0, 0.0)[0], vnd={2021: 5})
    with pytest.raises(Refusal) as caught:
        study.propose(ground, [purse])
    assert caught.value.findings[0].rule == "budget_unpaid"
    assert "2025" in caught.value.findings[0].what("vi")


def test_the_budget_on_file_has_every_kind_of_rule(view):
    folder = study.scenario_folder(view)
    path = folder.parents[1] / "budgets" / folder.name / "20-billion.toml"
    question = allocation.read(path, study.bounds(view))
    assert sum(purse.total for purse in question.budget) == 20_000_000_000
    assert len(question.rules) == len(study.bounds(view).units) + 2


def test_the_manual_s_example_is_a_question(view, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "phan-bo.md").read_text("utf-8")
    path = tmp_path / "example.toml"
    path.write_text(page.split("```toml")[1].split("```")[0], "utf-8")
    question = allocation.read(path, study.bounds(view))
    assert question.objective is Objective.MOST_OUT
    for objective in Objective:
        assert f"`{objective}`" in page
    for word in (*LIMIT, *KINDS):
        assert f"`{word}" in page


def test_targets_are_asked_for_only_where_there_are_some(ground, judged):
    with pytest.raises(Refusal) as caught:
        study.propose(ground, judged.proposal.budget, objective=Objective.LEAST_SHORTFALL)
    assert caught.value.findings[0].rule == "targets_none"
    assert "2027" in caught.value.findings[0].what("vi")
    assert "--by" in caught.value.findings[0].next_step("en")


def test_how_far_any_plan_could_go_is_told(view, judged):
    told = numbers(best_use.bound_answer(view, judged).text)
    promised = judged.proposal.change.sum()
    assert told[0] == pytest.approx(promised, abs=0.06)
    assert told[1] == pytest.approx(100 * judged.proposal.gap, abs=0.06)
    assert told[2] + told[3] == pytest.approx(promised, abs=0.11)
