"""Where the units of a step are worked on: in line, on threads, or on a Dask cluster.

One setting says which (``EVIDENCE_RUNNER``, or ``--runner``). Inside a flow run each unit is a task
run of Prefect's, on its runner for threads or, through prefect-dask, for Dask; without a server
threads are plain threads. A unit leaves its result in a file of its own, and leaves it alone if it
is there: it does not matter who works on it, in which order, or how often.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from flows.requested import INLINE, THREADS
from flows.steps import as_task, in_flow_run

if TYPE_CHECKING:
    from prefect.futures import PrefectFuture
    from prefect.task_runners import TaskRunner

T = TypeVar("T")
WORKERS = 2  # of a Dask cluster of this machine's own
CONNECT = "30s"  # so long a scheduler is asked for
LIMIT_S = 1800  # a unit that kills its worker each time never ends
PIPS = "pip install -c constraints.txt -e '.[dask]'"


class NotRun(Exception):
    """Units that the chosen runner did not get done; what to do about it."""


def spread(name: str, work: Callable[[T], None], units: Sequence[T], runner: str) -> None:
    """Work on every unit. ``name``: of a task run, before the unit's number. NotRun if the runner
    cannot be had, or if a unit failed or, on Dask, took longer than ``LIMIT_S`` seconds."""
    if runner == INLINE or len(units) < 2:
        for unit in units:
            work(unit)
    elif in_flow_run():
        with _prefects(runner) as pool:
            told = f"{name}, {{}} of {len(units)}".format
            tasks = [as_task(told(n), partial(work, unit)) for n, unit in enumerate(units, 1)]
            _wait([pool.submit(one, {}) for one in tasks])
    elif runner == THREADS:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(work, units):
                pass
    else:
        raise NotRun(
            f"The runner {runner} works for a Prefect server only: start one (evidence serve) and"
            " name it in the environment (PREFECT_API_URL), or leave EVIDENCE_RUNNER out."
        )


@contextmanager
def _prefects(runner: str) -> Iterator[TaskRunner[Any]]:
    if runner == THREADS:
        from prefect.task_runners import ThreadPoolTaskRunner

        with ThreadPoolTaskRunner(max_workers=os.cpu_count()) as pool:
            yield pool
        return
    try:
        from prefect_dask import DaskTaskRunner
    except ImportError as why:
        raise NotRun(f"The runner {runner} needs prefect-dask: {PIPS}") from why
    own = {"n_workers": WORKERS, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    where = {"address": runner} if "://" in runner else {"cluster_kwargs": own}
    with DaskTaskRunner(**where, client_kwargs={"timeout": CONNECT}) as pool:
        try:
            _ = pool.client  # connects
        except (OSError, TimeoutError, ValueError) as why:
            told = f"The runner {runner} cannot be had ({why}). Is its scheduler up?"
            raise NotRun(told) from why
        yield pool


def _wait(futures: Sequence[PrefectFuture[Any]]) -> None:
    for at, future in enumerate(futures):
        try:
            future.result(timeout=LIMIT_S)
        except Exception as why:
            for other in futures[at:]:
                getattr(getattr(other, "wrapped_future", None), "cancel", bool)()
            raise NotRun(
                f"A unit of work was not done ({type(why).__name__}: {why}). What is staged stays:"
                " run it again, on threads (leave EVIDENCE_RUNNER out) if the cluster is to blame."
            ) from why
