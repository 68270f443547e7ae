"""What makes the steps of a refresh to be seen on a Prefect server, and to need none."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext


def step(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A plain call outside a flow run, a task run inside one. ``{word}`` in the name stands for the
    argument of that name."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            if not FlowRunContext.get():
                return function(*args, **named)
            shown = name.format(**signature(function).bind(*args, **named).arguments)

            # without arguments: Prefect would look through warehouse, tables and shapes for results
            # of other tasks, and keep what it can of them
            def work() -> Any:
                return function(*args, **named)

            return task(name=shown, task_run_name=shown, cache_policy=NO_CACHE)(work)()

        return call

    return decorate
