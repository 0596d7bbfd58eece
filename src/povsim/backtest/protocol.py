"""The fixed protocol: the same origins, windows and horizons for every method.

Rolling origin from the fifth point of the series on; windows of three to five points; horizons of
one to four years. `all` fits every area of the series at once, `of7` seven areas of one region.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from povsim.backtest.series import Series
from povsim.streams import stream
from povsim.trajectory import Floats

WINDOWS = (3, 4, 5)
HORIZONS = (1, 2, 3, 4)
FIRST_ORIGIN = 4
"""The fifth point."""
SIZE = 7
"""Units of a district such as Kon Rẫy."""
GROUPS = 40
"""So many groups of seven of a series are tried, drawn once."""


@dataclass(frozen=True, eq=False)
class Window:
    """What a method is given: the last points of some areas, all of them known.

    `population` and `poor` are (area, point); `ahead` are the years from the origin that are
    asked for; `draws` how many draws; `seed` keys whatever is random.
    """

    areas: tuple[str, ...]
    years: tuple[int, ...]
    population: Floats
    poor: Floats
    ahead: tuple[int, ...]
    draws: int
    seed: int
    reference: Window | None = None

    @property
    def rates(self) -> Floats:
        """Poor among the population, (area, point)."""
        return np.asarray(self.poor / self.population)

    @property
    def origin(self) -> int:
        return self.years[-1]


@dataclass(frozen=True, eq=False)
class Task:
    """One forecast to be made and scored: truths are (area, horizon), NaN where unknown."""

    group: str
    window: Window
    truth: Floats

    @property
    def size(self) -> int:
        return len(self.window.years)


def tasks(
    series: Series, *, draws: int, seed: int, reference: Series | None = None
) -> Iterator[Task]:
    """Every forecast of the protocol on a series, `all` first.

    A wider series of the same years goes along with every window: the `reference`, else, for
    seven areas, all others of their own series.
    """
    parts = [("all", series, reference)]
    for members in sevens(series, seed):
        others = series.rows([i for i in range(len(series.areas)) if i not in members])
        parts.append(("of7", series.rows(members), reference or others))
    for group, part, wider in parts:
        for origin in range(FIRST_ORIGIN, len(series.years) - 1):
            for size in WINDOWS:
                task = _task(group, part, origin, size, draws, seed, wider)
                if task is not None:
                    yield task


def _task(
    group: str,
    series: Series,
    origin: int,
    size: int,
    draws: int,
    seed: int,
    reference: Series | None,
) -> Task | None:
    years = series.years
    ahead = tuple(h for h in HORIZONS if years[origin] + h in years)
    seen = slice(origin - size + 1, origin + 1)
    columns = [years.index(years[origin] + h) for h in ahead]
    known = np.isfinite(series.rates)
    whole = np.asarray(known[:, seen].all(axis=1) & known[:, columns].any(axis=1))
    if not ahead or not whole.any():
        return None
    window = Window(
        tuple(area for area, kept in zip(series.areas, whole, strict=True) if kept),
        years[seen],
        series.population[whole, seen],
        series.poor[whole, seen],
        ahead,
        draws,
        seed,
        _same_years(reference, years[seen]),
    )
    return Task(group, window, series.rates[whole][:, columns])


def _same_years(reference: Series | None, years: tuple[int, ...]) -> Window | None:
    if reference is None or not set(years) <= set(reference.years):
        return None
    seen = [reference.years.index(year) for year in years]
    whole = np.asarray(np.isfinite(reference.rates[:, seen]).all(axis=1))
    areas = tuple(area for area, kept in zip(reference.areas, whole, strict=True) if kept)
    counts = (reference.population[whole][:, seen], reference.poor[whole][:, seen])
    return Window(areas, years, *counts, (), 0, 0) if areas else None


def sevens(series: Series, seed: int) -> list[list[int]]:
    """Groups of seven areas of one region by number, without overlap; at most GROUPS of them."""
    found: list[list[int]] = []
    for region in sorted(set(series.regions)):
        members = [i for i, each in enumerate(series.regions) if each == region]
        dice = stream(seed, "backtest-groups", series.name, region)
        order = [members[i] for i in dice.permutation(len(members))]
        found += [sorted(order[at : at + SIZE]) for at in range(0, len(order) - SIZE + 1, SIZE)]
    chosen = stream(seed, "backtest-chosen", series.name).permutation(len(found))[:GROUPS]
    return [found[i] for i in sorted(chosen)]
