"""What makes the steps of a refresh to be seen on a Prefect server, and to need none.

Prefect is imported where there is one only: it takes as long as the whole of the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect import Task


def step(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A plain call outside a flow run, a task run inside one. ``{word}`` in the name stands for the
    argument of that name."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            if not in_flow_run():
                return function(*args, **named)
            shown = name.format(**signature(function).bind(*args, **named).arguments)
            return as_task(shown, lambda: function(*args, **named))()

        return call

    return decorate


def in_flow_run() -> bool:
    """Whether a flow run is under way here."""
    context = sys.modules.get("prefect.context")  # nobody's run where nobody imported it
    return context is not None and context.FlowRunContext.get() is not None


def as_task(name: str, work: Callable[[], Any]) -> Task[[], Any]:
    """Work as a task of that name. It takes no arguments: Prefect would look through warehouse,
    tables and shapes for results of other tasks, and keep what it can of them."""
    from prefect import task
    from prefect.cache_policies import NO_CACHE

    return task(name=name, task_run_name=name, cache_policy=NO_CACHE)(work)
