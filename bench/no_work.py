"""What a task of Prefect's costs that does nothing: seconds, as JSON. Wants ``PREFECT_API_URL``."""

from __future__ import annotations

import json
import time

from prefect import flow

from flows.steps import as_task

TASKS = 40


@flow
def nothing() -> float:
    """Seconds for each of many tasks, the first left out: it warms up."""
    as_task("warm", lambda: None)()
    began = time.perf_counter()
    for number in range(TASKS):
        as_task(f"nothing {number}", lambda: None)()
    return (time.perf_counter() - began) / TASKS


if __name__ == "__main__":
    print(json.dumps(nothing()))
