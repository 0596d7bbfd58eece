"""What an answer hangs on: each assumption by itself, all together, and what knowing is worth.

Assumptions are the effects, costs and take-up of lines in which two scenarios differ. They hold for
both scenarios and for the current plan, whose bars are set anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povsim.effects import Effect, Line
from povsim.findings import refuse
from povsim.scenarios import Scenario
from povsim.simulation import Outcome, World, run
from povsim.trajectory import Floats

DRAWS = 100
"""So many draws carry each answer: the luck is the same in all, so differences are sharp."""
ENDS = (0.1, 0.9)
"""Quantiles of an effect at which it is tried."""
COST, TAKE_UP = 0.2, 0.15
"""Parts by which a cost may be off, and points by which take-up may."""
KINDS = ("effect", "unit_cost", "take_up")
LEVELS = 4
"""Steps of Morris's grid (Saltelli et al. 2008, doi:10.1002/9780470725184)."""

Answer = Callable[[World], float]


@dataclass(frozen=True)
class Assumption:
    """A number of a line that may be off: its low, stated and high value."""

    line: str
    kind: str
    low: float
    stated: float
    high: float

    @property
    def name(self) -> str:
        return f"{self.line}.{self.kind}"

    def put(self, lines: Sequence[Line], value: float) -> list[Line]:
        """The lines with another value of it, taken as certain."""
        return [self._changed(line, value) if line.id == self.line else line for line in lines]

    def _changed(self, line: Line, value: float) -> Line:
        if self.kind == "effect":
            return replace(line, effect=Effect(0.0, value, 0.0, line.effect.law))
        if self.kind == "unit_cost":
            return replace(line, unit_cost=value)
        return replace(line, take_up=value)


def assumptions(world: World, scenario: Scenario) -> list[Assumption]:
    """What a comparison with the current plan hangs on: of lines whose money or rule differs.

    Raises:
        Refusal: `sensitivity_same` where the two spend alike.
    """
    found = [each for line in _differing(world, scenario) for each in _of_line(world, line)]
    if not found:
        raise refuse("sensitivity_same", name=scenario.name)
    return found


def _differing(world: World, scenario: Scenario) -> Iterator[Line]:
    mine, current = world.policy(scenario), world.policy(world.current)
    for at, line in enumerate(world.lines):
        other_sum = (mine.money[:, at] != current.money[:, at]).any()
        other_rule = (mine.rule[at] != current.rule[at]).any() and mine.money[:, at].any()
        if other_sum or other_rule:
            yield line


def _of_line(world: World, line: Line) -> Iterator[Assumption]:
    sizes = world.sizes(line.id)
    low, high = np.quantile(sizes, ENDS)
    yield Assumption(line.id, "effect", float(low), float(sizes.mean()), float(high))
    cost = line.unit_cost
    yield Assumption(line.id, "unit_cost", cost * (1 - COST), cost, cost * (1 + COST))
    take_up = line.take_up
    ends = max(take_up - TAKE_UP, 0.0), min(take_up + TAKE_UP, 1.0)
    yield Assumption(line.id, "take_up", ends[0], take_up, ends[1])


def fewer_poor(scenario: Scenario) -> Answer:
    """The answer most asked for: how many fewer are poor at the end than under the current plan."""

    def answer(world: World) -> float:
        before, after = run(world), run(world, scenario)
        return float((before.poor - after.poor)[:, -1].sum(axis=0).mean())

    return answer


def tornado(world: World, scenario: Scenario, *, answer: Answer | None = None) -> pd.DataFrame:
    """Each assumption at its ends, the others as stated; the widest first.

    Returns:
        line, kind, low, stated, high (its values), answer_low, answer, answer_high, swing.
    """
    answer = answer or fewer_poor(scenario)
    world, found = _lighter(world), assumptions(world, scenario)
    stated = _as_stated(world, found)
    centre = answer(stated)
    rows = []
    for each in found:
        ends = [answer(_with(stated, {each: value})) for value in (each.low, each.high)]
        values = (each.line, each.kind, each.low, each.stated, each.high)
        rows.append((*values, ends[0], centre, ends[1], abs(ends[1] - ends[0])))
    columns = ["line", "kind", "low", "stated", "high", "answer_low", "answer", "answer_high"]
    table = pd.DataFrame(rows, columns=[*columns, "swing"])
    return table.sort_values("swing", ascending=False, ignore_index=True, kind="stable")


def morris(
    world: World, scenario: Scenario, *, paths: int = 10, answer: Answer | None = None
) -> pd.DataFrame:
    """Elementary effects over the whole box of assumptions (Morris 1991, doi:10.2307/1269043).

    Returns:
        line, kind, mu_star (mean size of an effect), mu_star_conf (95 %), sigma (how much it
        depends on the others or bends); the strongest first.
    """
    from SALib.analyze.morris import analyze
    from SALib.sample.morris import sample

    answer = answer or fewer_poor(scenario)
    world, found = _lighter(world), assumptions(world, scenario)
    problem = _problem(found)
    points = sample(problem, paths, num_levels=LEVELS, seed=world.seed)
    told = analyze(problem, points, _answers(world, found, points, answer), num_levels=LEVELS)
    table = _labelled(found).assign(
        mu_star=np.asarray(told["mu_star"]),
        mu_star_conf=np.asarray(told["mu_star_conf"]),
        sigma=np.asarray(told["sigma"]),
    )
    return table.sort_values("mu_star", ascending=False, ignore_index=True, kind="stable")


def sobol(
    world: World, scenario: Scenario, *, points: int = 64, answer: Answer | None = None
) -> pd.DataFrame:
    """Shares of the answer's variance over the box of assumptions (Sobol 2001; Saltelli 2010,
    doi:10.1016/j.cpc.2009.09.018).

    Args:
        points: a power of two; as many answers as it and two more assumptions, multiplied.

    Returns:
        line, kind, first and first_conf (by itself), total and total_conf (with all others); the
        largest total first. Nought where the answer does not move at all.
    """
    from SALib.analyze.sobol import analyze
    from SALib.sample.sobol import sample

    answer = answer or fewer_poor(scenario)
    world, found = _lighter(world), assumptions(world, scenario)
    problem = _problem(found)
    drawn = sample(problem, points, calc_second_order=False, seed=world.seed)
    answers = _answers(world, found, drawn, answer)
    names = {"first": "S1", "first_conf": "S1_conf", "total": "ST", "total_conf": "ST_conf"}
    told: Mapping[str, Floats] = dict.fromkeys(names.values(), np.zeros(len(found)))
    if np.ptp(answers) > 0:
        told = analyze(problem, answers, calc_second_order=False, seed=world.seed)
    shares = {column: np.asarray(told[name]) for column, name in names.items()}
    table = _labelled(found).assign(**shares)
    return table.sort_values("total", ascending=False, ignore_index=True, kind="stable")


def _lighter(world: World) -> World:
    """The first draws of a world: they are the same however many there are."""
    return world.of_draws(min(DRAWS, world.draws))


def _as_stated(world: World, found: Sequence[Assumption]) -> World:
    return _with(world, {each: each.stated for each in found})


def _with(world: World, values: Mapping[Assumption, float]) -> World:
    lines = list(world.lines)
    for assumption, value in values.items():
        lines = assumption.put(lines, value)
    return replace(world, lines=lines)


def _problem(found: Sequence[Assumption]) -> dict[str, object]:
    return {
        "num_vars": len(found),
        "names": [each.name for each in found],
        "bounds": [_box(each) for each in found],
    }


def _box(assumption: Assumption) -> list[float]:
    """Its ends, apart: an effect that never is has none."""
    width = max(assumption.high - assumption.low, 1e-9)
    return [assumption.low, assumption.low + width]


def _answers(
    world: World, found: Sequence[Assumption], points: NDArray[np.float64], answer: Answer
) -> Floats:
    worlds = (_with(world, dict(zip(found, point, strict=True))) for point in points)
    return np.array([answer(each) for each in worlds])


def _labelled(found: Sequence[Assumption]) -> pd.DataFrame:
    return pd.DataFrame({"line": [e.line for e in found], "kind": [e.kind for e in found]})


# What knowing would be worth


def value_of_information(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Which effect, if it were known, would change the choice, and by how much that would help.

    The choice is the scenario under which the fewest are poor at the end, of those given, which
    should spend alike. Of each line's effect: the poor that would be fewer if the best scenario
    were chosen knowing it (the expected value of perfect parameter information; Strong, Oakley and
    Brennan 2014, doi:10.1177/0272989X13505910), by regression on one half of the draws and told on
    the other, so that chance earns nothing; and how often another scenario would be chosen.

    Returns:
        line, fewer_poor, error (Monte-Carlo), changes (share of draws); the most helpful first.

    Raises:
        Refusal: `choice_alone`: fewer than two scenarios.
    """
    if len(outcomes) < 2:
        raise refuse("choice_alone", count=len(outcomes))
    poor = np.stack([each.poor[:, -1].sum(axis=0) for each in outcomes]).astype(float)
    world = outcomes[0].world
    used = np.flatnonzero(sum(each.budget.sum(axis=(1, 2)) for each in outcomes)).tolist()
    rows = [(world.lines[at].id, *_worth(poor, world.sizes(world.lines[at].id))) for at in used]
    table = pd.DataFrame(rows, columns=["line", "fewer_poor", "error", "changes"])
    return table.sort_values("fewer_poor", ascending=False, ignore_index=True, kind="stable")


def _worth(poor: Floats, size: Floats) -> tuple[float, float, float]:
    """Gain (mean, error) of choosing by an effect, and how often the choice is another."""
    halves = np.arange(poor.shape[1]) % 2 == 0
    gains, others = [], []
    for half in (halves, ~halves):
        default = poor[:, half].mean(axis=1).argmin()
        chosen = _expected(poor[:, half], size[half], size[~half]).argmin(axis=0)
        told = poor[:, ~half]
        gains.append(told[default] - told[chosen, np.arange(told.shape[1])])
        others.append(chosen != default)
    gain = np.concatenate(gains)
    error = gain.std() / np.sqrt(len(gain))
    return float(gain.mean()), float(error), float(np.concatenate(others).mean())


def _expected(poor: Floats, size: Floats, asked: Floats) -> Floats:
    """The poor (scenario, draw) that are to be expected where an effect is known: a cubic where
    there is one, a mean where there is none.
    """
    return np.stack([_terms(asked) @ _fitted(_terms(size), each) for each in poor])


def _fitted(terms: Floats, poor: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(terms, poor, rcond=None)[0])


def _terms(size: Floats) -> Floats:
    works = size != 0
    return np.stack([np.ones_like(size), *(works * size**power for power in range(4))], axis=1)
