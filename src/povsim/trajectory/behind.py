"""Movements behind a projection of counts: who must have moved, where nobody counted who did.

How many fall into poverty and come back to it is assumed; how many leave is what each draw's counts
need. So every draw closes as the forms F2 and F3 do, and its stocks are the projection's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from povsim.streams import stream
from povsim.trajectory.exposures import COHORTS, Source
from povsim.trajectory.flow_projection import Histories, Moves
from povsim.trajectory.panel import Counts, Floats
from povsim.trajectory.projection import Projection


@dataclass(frozen=True, kw_only=True)
class Entering:
    """What is assumed a year: shares of households that come to a list, and where the poor go.

    Kon Tum 2022: 1.9 % of the near-poor fell into poverty, .5 % of the not poor came new; 2 to 5 %
    of the recently escaped come back. Of those who leave poverty half are taken to be near-poor
    after it.
    """

    worsen: float = 0.019
    relapse: float = 0.032
    newly: float = 0.005
    to_near_poor: float = 0.5


@dataclass(frozen=True, eq=False)
class _Before:
    """Households (draw,) at the opening of a year; `recent` left the lists within three years."""

    poor: Counts
    near_poor: Counts
    recent: Counts
    others: Counts

    def at_risk(self) -> dict[Source, Counts]:
        """Households that could move, by where they stand."""
        return {
            Source.POOR: self.poor,
            Source.NEAR_POOR: self.near_poor,
            Source.RECENTLY_ESCAPED: self.recent,
            Source.NOT_POOR: self.others,
            Source.ARRIVALS: self.poor + self.near_poor + self.recent + self.others,
        }


def histories_behind(
    projection: Projection,
    last: Mapping[str, tuple[int, int, int]],
    *,
    seed: int,
    assumed: Entering | None = None,
) -> Histories:
    """The projection with movements that lead to it.

    Args:
        last: poor, near-poor and all households of each unit at the last review.
    """
    assumed, moves = assumed or Entering(), {}
    for at, unit in enumerate(projection.units):
        moves[unit] = _unit(projection.households[:, at], last[unit], unit, seed, assumed)
    nobody = {unit: np.zeros(COHORTS, dtype=np.int64) for unit in projection.units}
    return Histories(projection, MappingProxyType(moves), MappingProxyType(nobody))


def _unit(
    counts: Counts, last: tuple[int, int, int], unit: str, seed: int, assumed: Entering
) -> tuple[Moves, ...]:
    """A unit's movements, year by year; `counts` (state, year, draw)."""
    draws = counts.shape[-1]
    poor, near_poor, others = (np.full(draws, n, dtype=np.int64) for n in _states(last))
    cohorts = np.zeros((draws, COHORTS), dtype=np.int64)
    found = []
    for year in range(counts.shape[1]):
        dice = stream(seed, "behind", unit, year)
        recent = np.minimum(cohorts.sum(axis=1), others)
        before = _Before(poor, near_poor, recent, others - recent)
        moves = _year(before, counts[:, year], dice, assumed)
        found.append(moves)
        left = moves.counts[Source.POOR][1] + moves.counts[Source.NEAR_POOR][1]
        back = moves.counts[Source.RECENTLY_ESCAPED].sum(axis=0)
        kept = np.maximum(cohorts - _of_each(cohorts, back), 0)
        cohorts = np.column_stack([left, kept[:, : COHORTS - 1]])
        poor, near_poor, others = counts[:, year]
    return tuple(found)


def _states(last: tuple[int, int, int]) -> tuple[int, int, int]:
    poor, near_poor, households = last
    return poor, near_poor, households - poor - near_poor


def _of_each(cohorts: Counts, back: Counts) -> Counts:
    """Who came back, of each cohort in proportion to its size."""
    share = np.minimum(back / np.maximum(cohorts.sum(axis=1), 1), 1.0)
    return np.asarray(np.rint(cohorts * share[:, None]), dtype=np.int64)


def _year(before: _Before, after: Counts, dice: np.random.Generator, assumed: Entering) -> Moves:
    newly, relapse, worsen, leave = _of_the_poor(before, after[0], dice, assumed)
    improve = dice.binomial(leave, assumed.to_near_poor)
    surplus = before.near_poor - worsen + improve - after[1]
    above = np.minimum(np.maximum(surplus, 0), before.near_poor - worsen)
    improve = improve - np.maximum(surplus - above, 0)
    come = np.stack([newly, np.maximum(-surplus, 0)])
    # More than were not poor cannot come new: they come from elsewhere.
    new = _fewer(come, come.sum(axis=0) - before.others)
    nobody = np.zeros_like(leave)
    counts = {
        Source.POOR: np.stack([improve, leave - improve, nobody]),
        Source.NEAR_POOR: np.stack([worsen, above, nobody]),
        Source.RECENTLY_ESCAPED: np.stack([relapse, nobody]),
        Source.NOT_POOR: new,
        Source.ARRIVALS: come - new,
    }
    at_risk = before.at_risk()
    shares = {source: _shares(counts[source], at_risk[source]) for source in counts}
    return Moves(counts, shares, nobody, after.sum(axis=0))


def _of_the_poor(
    before: _Before, poor: Counts, dice: np.random.Generator, assumed: Entering
) -> tuple[Counts, Counts, Counts, Counts]:
    """Who comes new, comes back, falls from near-poor, and how many leave poverty (draw,)."""
    entries = np.stack(
        [
            dice.binomial(before.others, assumed.newly),
            dice.binomial(before.recent, assumed.relapse),
            dice.binomial(before.near_poor, assumed.worsen),
        ]
    )
    # Nobody leaves who was not there: where too few are poor after it, fewer came.
    newly, relapse, worsen = _fewer(entries, entries.sum(axis=0) - poor)
    leave = before.poor + newly + relapse + worsen - poor
    return newly + np.maximum(-leave, 0), relapse, worsen, np.maximum(leave, 0)


def _fewer(counts: Counts, excess: Counts) -> Counts:
    """Counts (kind, draw) less so many (draw,), taken from the first kinds first."""
    left = np.maximum(excess, 0)
    rows = []
    for count in counts:
        taken = np.minimum(count, left)
        rows.append(count - taken)
        left = left - taken
    return np.stack(rows)


def _shares(counts: Counts, at_risk: Counts) -> Floats:
    """Chances that the counts are likely under: half a household more for each, as for staying."""
    return np.asarray((counts + 0.5) / (at_risk + 0.5 * (len(counts) + 1)))
