"""One door to run many tasks: here, in threads, in processes, or on a cluster.

A place to run is any executor of Python's (`concurrent.futures.Executor`); a Dask client gives one
by `get_executor()`. What is run never depends on where or in which order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def cores() -> int:
    """Processors that this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    function: Callable[[Task], Result], tasks: Iterable[Task], executor: Executor | None = None
) -> Iterator[Result]:
    """The results in the order of the tasks; on all processors' threads unless said where.

    Threads help what leaves the interpreter's lock, as compiled code does. Processes need a
    function and tasks that can be pickled.

    >>> list(spread(abs, [-2, 1]))
    [2, 1]
    """
    if executor is not None:
        yield from executor.map(function, tasks)
        return
    with ThreadPoolExecutor(cores()) as threads:
        yield from threads.map(function, tasks)
