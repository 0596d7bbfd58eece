"""One job in other simulators, in their own environment: `python peers.py NAME HOUSEHOLDS DRAWS`.

Rules, the same for all: a household is poor, near-poor or neither, and lacks some of twelve
indicators. Each year ten lines serve up to a quota of the poor of each unit that lack what the line
is for, by chance, and end it with its effect; the poor rise by income, or are near-poor where they
lack fewer than three; the near-poor rise, or become poor; the others fall. Printed as JSON: seconds
after start-up, a draw's, and how many are poor in the end.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

UNITS, LINES, YEARS = 7, 10, 5
QUOTA, EFFECT = 10, 0.7
RISE, NEAR_RISE, WORSEN, FALL = 0.15, 0.12, 0.05, 0.005
POOR, NEAR, OTHER = 0, 1, 2
Luck = Callable[[str], np.ndarray]
Village = dict[str, np.ndarray]


def village(households: int) -> Village:
    """Households as Kon Rẫy has them: a twelfth poor, a fifteenth near-poor."""
    rng = np.random.default_rng(1)
    state = rng.choice([POOR, NEAR, OTHER], households, p=[0.08, 0.07, 0.85]).astype(np.int8)
    number = np.where(state == POOR, rng.integers(3, 8, households), 2)
    order = rng.random((households, 12)).argsort(axis=1).argsort(axis=1)
    mask = ((order < number[:, None]) << np.arange(12)).sum(axis=1).astype(np.int16)
    return {"state": state, "mask": mask, "unit": rng.integers(0, UNITS, households)}


def lived(state: np.ndarray, mask: np.ndarray, luck: Luck, served: Any) -> None:
    """A year in numpy, in place; `served` marks whom a line serves."""
    for line in range(LINES):
        may = (state == POOR) & ((mask >> line) & 1 == 1)
        chosen = served(line, may)
        mask[chosen & (luck(f"effect{line}") < EFFECT)] &= ~np.int16(1 << line)
    income, other = luck("income"), luck("deprivations")
    poor, near, out = state == POOR, state == NEAR, state == OTHER
    number = np.bitwise_count(mask)
    worse = near & (income >= NEAR_RISE) & (other < WORSEN)
    state[poor & (number < 3)] = NEAR
    state[poor & (income < RISE)] = OTHER
    state[near & (income < NEAR_RISE)] = OTHER
    back = worse | (out & (income < FALL))
    state[back] = POOR
    mask[back] |= 7


def first(keys: np.ndarray, unit: np.ndarray, may: np.ndarray) -> np.ndarray:
    """The lowest keys of each unit among those that may."""
    rows = np.flatnonzero(may)
    order = rows[np.lexsort((keys[rows], unit[rows]))]
    places = pd.Series(unit[order]).groupby(unit[order]).cumcount().to_numpy()
    chosen = np.zeros(len(may), dtype=bool)
    chosen[order[places < QUOTA]] = True
    return chosen


# OpenFisca's way: one table, a vectorised formula for all households


def with_pandas(made: Village, draw: int) -> int:
    rng = np.random.default_rng(draw)
    table, size, unit = pd.DataFrame(made), len(made["unit"]), made["unit"]

    def served(_: int, may: np.ndarray) -> np.ndarray:
        keys = pd.Series(rng.random(size)).where(may)
        return (keys.groupby(unit).rank() <= QUOTA).to_numpy()

    for _ in range(YEARS):
        state, mask = (table[name].to_numpy().copy() for name in ("state", "mask"))
        lived(state, mask, lambda _: rng.random(size), served)
        table = table.assign(state=state, mask=mask)
    return int((table["state"] == POOR).sum())


# A loop compiled by numba


def numba_loop() -> Callable[[Village, int], int]:
    import numba

    @numba.njit(cache=True)
    def loop(  # noqa: PLR0912  a peer's loop is one loop
        state0: np.ndarray, mask0: np.ndarray, unit: np.ndarray, seed: int
    ) -> int:
        np.random.seed(seed)
        state, mask = state0.copy(), mask0.copy()
        keys, rows, size = np.empty(len(state)), np.empty(len(state), np.int64), len(state)
        for _ in range(YEARS):
            for line in range(LINES):
                for u in range(UNITS):
                    count = 0
                    for i in range(size):
                        if unit[i] == u and state[i] == POOR and (mask[i] >> line) & 1:
                            keys[count], rows[count] = np.random.random(), i
                            count += 1
                    last = 2.0
                    if count > QUOTA:
                        last = np.partition(keys[:count], QUOTA - 1)[QUOTA - 1]
                    for k in range(count):
                        if keys[k] <= last and np.random.random() < EFFECT:
                            mask[rows[k]] &= ~(1 << line)
            for i in range(size):
                income, number = np.random.random(), 0
                for bit in range(12):
                    number += (mask[i] >> bit) & 1
                if state[i] == POOR:
                    state[i] = OTHER if income < RISE else (NEAR if number < 3 else POOR)
                elif state[i] == NEAR:
                    if income < NEAR_RISE:
                        state[i] = OTHER
                    elif np.random.random() < WORSEN:
                        state[i], mask[i] = POOR, mask[i] | 7
                elif income < FALL:
                    state[i], mask[i] = POOR, mask[i] | 7
        return int((state == POOR).sum())

    return lambda made, draw: loop(made["state"], made["mask"], made["unit"], draw)


# Vivarium


def with_vivarium(made: Village, draw: int) -> int:
    from vivarium import Component, InteractiveContext

    class Villages(Component):
        def setup(self, builder: Any) -> None:
            self.stream = builder.randomness.get_stream("luck")
            builder.population.register_initializer(
                initializer=self.settle, columns=["state", "mask", "unit"]
            )

        def settle(self, data: Any) -> None:
            self.population_view.initialize(pd.DataFrame(made, index=data.index))

        def on_time_step(self, event: Any) -> None:
            table = self.population_view.get(event.index, ["state", "mask", "unit"])
            state, mask = (table[name].to_numpy().copy() for name in ("state", "mask"))

            def luck(name: str) -> np.ndarray:
                return self.stream.get_draw(event.index, additional_key=name).to_numpy()

            def served(line: int, may: np.ndarray) -> np.ndarray:
                return first(luck(f"served{line}"), table["unit"].to_numpy(), may)

            lived(state, mask, luck, served)
            changed = pd.DataFrame({"state": state, "mask": mask}, index=table.index)
            self.population_view.update(["state", "mask"], lambda _: changed)
            self.poor = int((state == POOR).sum())

    villages = Villages()
    simulation = InteractiveContext(
        components=[villages],
        configuration={
            "population": {"population_size": len(made["state"])},
            "randomness": {"random_seed": draw},
            "time": {"step_size": 365},
        },
        logging_verbosity=0,
    )
    start = perf_counter()
    simulation.take_steps(YEARS)
    with_vivarium.seconds.append(perf_counter() - start)  # type: ignore[attr-defined]
    return villages.poor


with_vivarium.seconds = []  # type: ignore[attr-defined]


# Starsim


def with_starsim(made: Village, draw: int) -> int:
    import starsim as ss

    class Villages(ss.Module):
        def __init__(self) -> None:
            super().__init__()
            self.define_states(ss.FloatArr("state"), ss.FloatArr("mask"), ss.FloatArr("unit"))
            self.luck = ss.random(name="luck")

        def init_post(self) -> None:
            super().init_post()
            for name in ("state", "mask", "unit"):
                getattr(self, name)[:] = made[name]

        def step(self) -> None:
            uids = self.sim.people.uid
            state = np.asarray(self.state[uids]).astype(np.int8)
            mask = np.asarray(self.mask[uids]).astype(np.int16)
            unit = np.asarray(self.unit[uids])

            def luck(_: str) -> np.ndarray:
                return np.asarray(self.luck.rvs(uids))

            def served(_: int, may: np.ndarray) -> np.ndarray:
                return first(luck(""), unit, may)

            lived(state, mask, luck, served)
            self.state[uids], self.mask[uids] = state, mask
            self.poor = int((state == POOR).sum())

    simulation = ss.Sim(
        n_agents=len(made["state"]),
        modules=[Villages()],
        start=2021,
        stop=2021 + YEARS - 1,
        dt=1.0,
        rand_seed=draw + 1,
        verbose=0,
    )
    simulation.init()
    start = perf_counter()
    simulation.run()
    with_starsim.seconds.append(perf_counter() - start)  # type: ignore[attr-defined]
    return next(m.poor for m in simulation.modules if isinstance(m, Villages))


with_starsim.seconds = []  # type: ignore[attr-defined]


def main() -> None:
    """Warm up, then time some draws; where a framework starts for each, only its years count."""
    name, households, draws = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    logging.disable(logging.CRITICAL)
    run = {
        "pandas": lambda: with_pandas,
        "numba": numba_loop,
        "vivarium": lambda: with_vivarium,
        "starsim": lambda: with_starsim,
    }[name]()
    made = village(households)
    run(made, 0)
    own = getattr(run, "seconds", None)
    before = len(own) if own is not None else 0
    start = perf_counter()
    poor = [run(made, draw) for draw in range(1, draws + 1)]
    seconds = sum(own[before:]) if own is not None else perf_counter() - start
    print(json.dumps({"seconds_a_draw": seconds / draws, "poor": float(np.mean(poor))}))


if __name__ == "__main__":
    main()
