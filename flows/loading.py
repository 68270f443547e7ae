"""How long a run spends on loading code, its own and that of libraries, and how it spends less."""

from __future__ import annotations

import builtins
import gc
import threading
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.requested import Spent

_load = builtins.__import__
_lock = threading.Lock()
_here = threading.local()  # whether this thread is loading something already
_began: list[float] = []  # when the process started, until somebody asks
_threads = 0  # how many are loading something now
_since = 0.0  # until when their time is counted
_spent = 0.0


def watch() -> None:
    """Note from now on what imports take. For the process's own command alone, before it does
    anything: what Python did until now was to start and to import that command."""
    global _spent
    _spent = time.process_time()
    _began[:] = [time.perf_counter() - _spent]
    builtins.__import__ = _timed


def collect_seldom() -> None:
    """Have Python look for unused objects less often, and never among those that are there: imports
    and refreshes make very many small ones that stay, and looking takes a tenth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def process_began() -> float | None:
    """When the process started, by ``time.perf_counter``; None if nobody watches, and for all but
    the first who ask, for the start of the process is on one account only."""
    return _began.pop() if _began else None


def seconds() -> float:
    """What imports took so far by the clock, in any thread: where two load at once, once."""
    return _spent


def table(steps: Mapping[str, Spent]) -> Iterator[str]:
    """What each step took and how much of it went into imports, a line each, and the total."""
    if not steps:
        return
    whole = sum(step.seconds for step in steps.values())
    loaded = sum(step.imports for step in steps.values())
    yield f"{'time, in seconds':<28}{'all':>6}  imports"
    for name, step in steps.items():
        yield f"  {name:<26}{step.seconds:>6.1f}{step.imports:>9.1f}"
    yield f"  {'total':<26}{whole:>6.1f}{loaded:>9.1f}, which is {loaded / (whole or 1):.0%}"


def _timed(name: str, *more: Any, **named: Any) -> Any:
    """An import statement; what it leads to is within its time."""
    if getattr(_here, "deep", False):
        return _load(name, *more, **named)
    _here.deep = True
    _count(1)
    try:
        return _load(name, *more, **named)
    finally:
        _count(-1)
        _here.deep = False


def _count(more: int) -> None:
    """A thread more, or less, that is loading something: time runs while there is any."""
    global _spent, _threads, _since
    with _lock:
        now = time.perf_counter()
        if _threads:
            _spent += now - _since
        _threads, _since = _threads + more, now
