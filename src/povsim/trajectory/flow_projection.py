"""Draws of where households will stand, moved year by year with hazards of the flow model.

Every draw is a history: households leave a state for another and are counted there, so a draw
closes as the forms F2 and F3 do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from povsim.findings import refuse
from povsim.trajectory import paths
from povsim.trajectory.dice import Dice
from povsim.trajectory.exposures import COHORTS, DESTINATIONS, Source
from povsim.trajectory.flow_fitting import FlowModel
from povsim.trajectory.panel import Counts, Floats
from povsim.trajectory.projection import Model, Projection
from povsim.trajectory.trends import MOVEMENTS, UPWARDS


@dataclass(frozen=True, eq=False)
class Stocks:
    """Households of one unit at one review, by draw: whole numbers (draw,), cohorts (draw, 3).

    `poor` are those who can leave, `structural` those without labour capacity. `cohorts` left
    the lists at the last three reviews; they are among the not poor.
    """

    households: Counts
    poor: Counts
    structural: Counts
    near_poor: Counts
    cohorts: Counts

    @property
    def others(self) -> Counts:
        """Not poor, and not lately escaped."""
        listed = self.poor + self.structural + self.near_poor
        return np.asarray(self.households - listed - self.cohorts.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Moves:
    """Who moves in one unit and year, by draw.

    `counts` (destination, draw) of each source in the order of `DESTINATIONS`, the recently
    escaped of all cohorts together; `shares` (destination, draw) the chance of each household at
    risk, of which the counts are drawn; `structural_gone` (draw,) of the poor that cannot leave
    otherwise; `households` (draw,) of the unit at the year's end.
    """

    counts: Mapping[Source, Counts]
    shares: Mapping[Source, Floats]
    structural_gone: Counts
    households: Counts

    def first(self, draws: int) -> Moves:
        """The same of the first draws."""
        return Moves(
            {source: rows[:, :draws] for source, rows in self.counts.items()},
            {source: rows[:, :draws] for source, rows in self.shares.items()},
            self.structural_gone[:draws],
            self.households[:draws],
        )


@dataclass(frozen=True, eq=False)
class Histories:
    """A projection with the movements that led to it: of each unit one `Moves` a year.

    `cohorts` (3,) are the recently escaped of each unit at the last review, by years since.
    """

    projection: Projection
    moves: Mapping[str, tuple[Moves, ...]]
    cohorts: Mapping[str, Counts]

    def first(self, draws: int) -> Histories:
        """The same of the first draws."""
        moves = {
            unit: tuple(year.first(draws) for year in years) for unit, years in self.moves.items()
        }
        return Histories(self.projection.first(draws), MappingProxyType(moves), self.cohorts)


def project_flows(
    model: FlowModel, until: int, *, draws: int = 4000, seed: int, widening: float = 1.0
) -> Projection:
    """Draw every unit's households in each state from the year after the last review to `until`.

    Each draw has one level and pace of every hazard and one shock a year for all units, a
    deviation for each unit, and a Dirichlet-multinomial for each unit and year. `widening`
    multiplies all deviations on the logit scale, where last year showed that bands were too
    narrow.

    Raises:
        Refusal: `horizon_past`, `draws_few` (none).
        ValueError: a widening that is not positive.
    """
    paths_ = (stocks for stocks, _ in _paths(model, until, draws, seed, widening))
    return _projection(model, until, paths_, widening)


def histories(
    model: FlowModel, until: int, *, draws: int = 4000, seed: int, widening: float = 1.0
) -> Histories:
    """The draws of `project_flows` with every movement in them: some thirty times the memory.

    Raises:
        as `project_flows`.
    """
    drawn = list(_paths(model, until, draws, seed, widening))
    projection = _projection(model, until, (stocks for stocks, _ in drawn), widening)
    units = model.panel.units
    moves = {unit: tuple(moved) for unit, (_, moved) in zip(units, drawn, strict=True)}
    at = {unit: model.exposure.units.index(unit) for unit in units}
    cohorts = {unit: model.exposure.cohorts[row].astype(np.int64) for unit, row in at.items()}
    return Histories(projection, MappingProxyType(moves), MappingProxyType(cohorts))


Path = list[Stocks]


def _paths(
    model: FlowModel, until: int, draws: int, seed: int, widening: float
) -> Iterator[tuple[Path, list[Moves]]]:
    """Each unit's stocks and movements in the years ahead."""
    origin = model.panel.years[-1]
    if until <= origin:
        raise refuse("horizon_past", until=until, origin=origin)
    if draws < 1:
        raise refuse("draws_few", minimum=1, draws=draws)
    if not widening > 0:
        raise ValueError(f"widening {widening}: give a positive factor")
    dice = Dice(seed, tuple(range(origin + 1, until + 1)), draws)
    common = _common(model, dice)
    totals = _common_totals(model, dice)
    for unit in model.panel.units:
        yield _path(model, unit, common, totals, dice, widening)


def _projection(
    model: FlowModel, until: int, stocks: Iterator[Path], widening: float
) -> Projection:
    units, origin = model.panel.units, model.panel.years[-1]
    drawn = [(_states(path), _recent(path)) for path in stocks]
    counts = np.stack([counted for counted, _ in drawn], axis=1)
    recent = np.stack([escaped for _, escaped in drawn])
    years, told = tuple(range(origin + 1, until + 1)), _assumptions(model, widening)
    return Projection(units, years, origin, counts, told, recent, Model.FLOWS)


def _states(path: Path) -> Counts:
    """Poor, near-poor and all others (state, year, draw)."""
    listed = [(at.poor + at.structural, at.near_poor, at.households) for at in path]
    rows = [np.stack([poor, near, whole - poor - near]) for poor, near, whole in listed]
    return np.stack(rows, axis=1)


def _recent(path: Path) -> Counts:
    """The recently escaped (year, draw)."""
    return np.stack([at.cohorts.sum(axis=1) for at in path])


def _assumptions(model: FlowModel, widening: float) -> dict[str, float]:
    priors, exposure = model.priors, model.exposure
    poor = float(model.panel.poor[:, -1].sum())
    return {
        "flow_years": float(len(exposure.years)),
        "structural_share": float(exposure.structural.sum()) / max(poor, 1.0),
        "structural_prior": priors.structural,
        "structural_assumed": float(not model.structural_known),
        "relapse_prior": priors.relapse,
        "recently_escaped_start": float(exposure.cohorts.sum()),
        "hazard_year_sd": float(np.sqrt(model.year_variance)),
        "hazard_drift_sd": priors.drift_sd,
        "hazard_pace_sd": priors.pace_sd,
        "pushed": model.trends.pushed,
        "push": model.trends.push,
        "households_growth": model.growth.rate,
        "widening": widening,
    }


def _common(model: FlowModel, dice: Dice) -> dict[Source, Floats]:
    """Deviations of the common level (destination, year, draw) from what was fitted.

    One Student factor a draw: what is unsure is how wild the years are, and they are shared.
    """
    wild = paths.spread(model.freedom, dice)
    names = [f"{source} to {name}" for source, name in MOVEMENTS]
    normal = [dice.common(f"{name} {what}") for what in ("level", "pace") for name in names]
    unsure = model.trends.deviations(np.stack(normal), dice.uniform("account"))
    level, pace = unsure.reshape(2, len(names), 1, -1)
    steps = model.priors.drift_sd * np.stack([dice.yearly(f"{n} drift") for n in names])
    ahead = np.arange(1, len(dice.years) + 1)[:, None]
    lasting = level + pace * ahead + steps.cumsum(axis=1)
    deviations = wild * (lasting + _shocks(model, dice, names))
    ends = np.cumsum([len(each) for each in DESTINATIONS.values()])
    return dict(zip(DESTINATIONS, np.split(deviations, ends[:-1]), strict=True))


def _shocks(model: FlowModel, dice: Dice, names: Sequence[str]) -> Floats:
    """The years' shocks (movement, year, draw); those of the movements up are partly the same."""
    alone = np.stack([dice.yearly(f"{name} year") for name in names])
    same = model.priors.together * UPWARDS[:, None, None]
    shared = np.sqrt(same) * dice.yearly("upwards year") + np.sqrt(1 - same) * alone
    return np.asarray(np.sqrt(model.year_variance) * shared)


def _common_totals(model: FlowModel, dice: Dice) -> Floats:
    """Log growth of households common to all units, (year, draw), since the last review."""
    growth, ahead = model.growth, np.arange(1, len(dice.years) + 1)[:, None]
    rate = growth.rate + np.sqrt(growth.variance) * dice.common("growth")
    shocks = np.sqrt(growth.year_variance) * dice.yearly("growth year")
    return np.asarray(rate * ahead + shocks.cumsum(axis=0))


def _path(
    model: FlowModel,
    unit: str,
    common: dict[Source, Floats],
    totals: Floats,
    dice: Dice,
    widening: float,
) -> tuple[Path, list[Moves]]:
    """One unit's stocks at the end of each year, and the movements that led to them."""
    logits = {s: _logits(model, unit, s, common[s], dice, widening) for s in Source}
    own = np.sqrt(model.growth.unit_variance) * dice.own_yearly("growth unit", [unit])[0]
    at = model.panel.units.index(unit)
    grown = np.exp(np.log(model.panel.households[at, -1]) + totals + own.cumsum(axis=0))
    households = np.maximum(np.rint(grown), 1).astype(np.int64)
    stocks, path, moves = _start(model, unit, dice.draws), [], []
    for h, year in enumerate(dice.years):
        shares = {s: _chances(model, s, logits[s][:, h], dice, unit, year) for s in Source}
        moved = {s: _moved(stocks, s, shares[s], dice, unit, year) for s in Source}
        gone = _structural_gone(stocks, logits[Source.POOR][:, h], dice, unit, year)
        stocks = _closed(stocks, moved, gone, households[h])
        path.append(stocks)
        chances = {source: whole[:-1] for source, whole in shares.items()}
        moves.append(Moves(_whole(moved), chances, gone, stocks.households))
    return path, moves


def _whole(moved: dict[Source, Counts]) -> dict[Source, Counts]:
    """Movers (destination, draw), cohorts together."""
    return {s: counts if counts.ndim == 2 else counts.sum(axis=-1) for s, counts in moved.items()}


def _logits(
    model: FlowModel, unit: str, source: Source, common: Floats, dice: Dice, widening: float
) -> Floats:
    """Hazards' logits (destination, year, draw) of a unit."""
    hazards, at = model.hazards[source], model.exposure.units.index(unit)
    names = list(DESTINATIONS[source])
    noise = np.stack([dice.own(f"{source} to {name} unit", [unit])[0, 0] for name in names])
    own = np.sqrt(hazards.own_variance[:, at])[:, None] * noise
    ahead = np.arange(1, len(dice.years) + 1)
    level, pace = model.trends.of(source)
    centre = (level + hazards.own[:, at])[:, None] + pace[:, None] * ahead
    return np.asarray(centre[:, :, None] + widening * (common + own[:, None]))


def _start(model: FlowModel, unit: str, draws: int) -> Stocks:
    """The last review, the same in every draw: it was counted."""
    at, last = model.panel.units.index(unit), model.exposure.units.index(unit)
    panel, stuck = model.panel, model.exposure.structural[last]

    def same(count: float) -> Counts:
        return np.full(draws, round(count), dtype=np.int64)

    return Stocks(
        same(panel.households[at, -1]),
        same(panel.poor[at, -1] - stuck),
        same(stuck),
        same(panel.near_poor[at, -1]),
        np.tile(model.exposure.cohorts[last].astype(np.int64), (draws, 1)),
    )


def _at_risk(stocks: Stocks) -> dict[Source, Counts]:
    return {
        Source.POOR: stocks.poor,
        Source.NEAR_POOR: stocks.near_poor,
        Source.RECENTLY_ESCAPED: stocks.cohorts,
        Source.NOT_POOR: stocks.others,
        Source.ARRIVALS: stocks.households,
    }


def _chances(
    model: FlowModel, source: Source, logits: Floats, dice: Dice, unit: str, year: int
) -> Floats:
    """The chance (destination and staying, draw) of a household of the unit in the year."""
    shares = _shares(logits).T
    if rho := model.hazards[source].dispersion:
        gammas = dice.at(f"{source} dispersion", unit, year).standard_gamma(shares * (1 / rho - 1))
        sums = gammas.sum(axis=1, keepdims=True)
        # All gammas may underflow where hardly anybody is expected to move: keep the mean then.
        shares = np.where(sums > 0, gammas / np.where(sums > 0, sums, 1.0), shares)
    return shares.T


def _moved(
    stocks: Stocks, source: Source, chances: Floats, dice: Dice, unit: str, year: int
) -> Counts:
    """Households that move (destination, draw); of the recently escaped (destination, draw, 3)."""
    shares = chances.T
    counts, generator = _at_risk(stocks)[source], dice.at(f"{source} moves", unit, year)
    if counts.ndim > 1:
        shares = shares[:, None, :]
    drawn = generator.multinomial(counts, shares)
    return np.asarray(np.moveaxis(drawn, -1, 0)[:-1])


def _shares(logits: Floats) -> Floats:
    """Shares (destination and staying, draw) of logits against staying."""
    whole = np.concatenate([logits, np.zeros((1, logits.shape[1]))])
    raw = np.exp(whole - whole.max(axis=0))
    return np.asarray(raw / raw.sum(axis=0))


def _structural_gone(stocks: Stocks, logits: Floats, dice: Dice, unit: str, year: int) -> Counts:
    """Structural poor households that die out or move away, at the hazard of the other poor."""
    gone = list(DESTINATIONS[Source.POOR]).index("gone")
    share = 1 / (1 + np.exp(-logits[gone]))
    return dice.at("structural", unit, year).binomial(stocks.structural, share)


def _closed(
    stocks: Stocks, moved: dict[Source, Counts], gone: Counts, households: Counts
) -> Stocks:
    """The stocks at the end of a year: each state's opening, less those who left, plus entries."""
    to_near, above, left = moved[Source.POOR]
    to_poor, near_above, near_left = moved[Source.NEAR_POOR]
    relapsed, relapsed_near = moved[Source.RECENTLY_ESCAPED]
    new, new_near = moved[Source.NOT_POOR]
    arrived, arrived_near = moved[Source.ARRIVALS]
    back, back_near = relapsed.sum(axis=1), relapsed_near.sum(axis=1)
    poor = stocks.poor - to_near - above - left + to_poor + back + new + arrived
    near = stocks.near_poor - to_poor - near_above - near_left
    near = near + to_near + back_near + new_near + arrived_near
    structural = stocks.structural - gone
    kept = stocks.cohorts - relapsed - relapsed_near
    cohorts = np.column_stack([above + near_above, kept[:, : COHORTS - 1]])
    # Counted households come first: growth is never less than what they need.
    whole = np.maximum(households, poor + structural + near)
    return Stocks(
        whole, poor, structural, near, _fitting(cohorts, whole - poor - structural - near)
    )


def _fitting(cohorts: Counts, room: Counts) -> Counts:
    """Cohorts that fit among the not poor, the newest kept first."""
    before = np.cumsum(cohorts, axis=1) - cohorts
    return np.asarray(np.clip(room[:, None] - before, 0, cohorts))
