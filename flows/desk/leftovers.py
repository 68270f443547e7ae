"""What a killed or closed desk left on the server's books: runs that nobody runs any more, and
scheduled runs whose time went by. A desk is the only runner of its server, so both can be told."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

UNDER_WAY = ("RUNNING", "PENDING", "CANCELLING")
TRIES = 20
INTERRUPTED = "The desk was closed or the machine stopped. What readers see is whole. Run it again."
MISSED = "The desk was closed at its time, and a later run does the same."


def settle(address: str) -> Iterator[str]:
    """Put the books right before anything is run; a sentence for each run that was interrupted or
    is left out."""
    yield from interrupted(address)
    newest: set[str] = set()
    now = datetime.now(UTC).isoformat()
    missed = {"state": {"type": {"any_": ["SCHEDULED"]}}, "expected_start_time": {"before_": now}}
    for run in _runs(address, missed, "EXPECTED_START_TIME_DESC"):
        if run["auto_scheduled"] and run["deployment_id"] in newest:
            _set(address, run, {"type": "CANCELLED", "name": "Cancelled", "message": MISSED})
            day = run["expected_start_time"][:10]
            yield f"Left out, for a later run does the same: the run of {day}."
        newest.add(run["deployment_id"])


def interrupted(address: str) -> Iterator[str]:
    """Note that runs under way are no more, but for those that outlived their desk; a sentence for
    each."""
    for run in _runs(address, {"state": {"type": {"any_": list(UNDER_WAY)}}}):
        pid = str(run.get("infrastructure_pid") or "").rpartition(":")[2]
        if pid.isdigit() and is_at_work(int(pid)):
            yield f"Still running, since the desk was open last: {run['name']}."
            continue
        _set(address, run, {"type": "CRASHED", "name": "Crashed", "message": INTERRUPTED})
        yield f"Interrupted: {run['name']}."


def is_at_work(pid: int) -> bool:
    """Whether a process is there, and, where that can be seen, is Prefect's."""
    try:
        os.kill(pid, 0)
        seen = Path(f"/proc/{pid}/cmdline")
        return b"prefect" in seen.read_bytes() if Path("/proc/self/cmdline").exists() else True
    except OSError:
        return False


def _runs(address: str, which: dict[str, Any], sort: str = "START_TIME_ASC") -> list[Any]:
    wanted = {"sort": sort, "flow_runs": which}
    return list(_post(f"{address}/api/flow_runs/filter", wanted).json())


def _set(address: str, run: dict[str, Any], state: dict[str, str]) -> None:
    _post(f"{address}/api/flow_runs/{run['id']}/set_state", {"state": state, "force": True})


def _post(url: str, told: dict[str, Any]) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # no proxy stands between this machine and itself
        for _ in range(TRIES):
            answer = session.post(url, json=told, timeout=30)
            if answer.status_code != requests.codes.service_unavailable:
                break
            time.sleep(1)  # another wrote into SQLite just then
    answer.raise_for_status()
    return answer
