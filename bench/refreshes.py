"""What a user waits for: ``evidence check`` and ``list``, a refresh of the demo step by step, and
what Prefect's tasks add to it on a server."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from bench import results
from bench.results import Bar

EVIDENCE = [sys.executable, "-m", "flows"]
LIMITS = {"check": 1.5, "list": 1.0}  # seconds from the process's start
QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


def measure(repeat: int) -> tuple[str, list[Bar]]:
    """Rounds of each command, and of refreshes into new folders."""
    took: dict[str, list[float]] = {name: [] for name in LIMITS}
    laps: list[dict[str, dict[str, float]]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(repeat):
            for name, times in took.items():
                times.append(_timed(name))
            laps.append(_refreshed(Path(scratch) / str(number))["seconds"])
        each, tasks = _prefect(Path(scratch))
    bars = [
        Bar(f"evidence {name} within {LIMITS[name]:g} s", f"{median:.2f} s", median <= LIMITS[name])
        for name, median in ((n, statistics.median(t)) for n, t in took.items())
    ]
    share = statistics.median(_sum(lap, "imports") / _sum(lap, "seconds") for lap in laps)
    whole = statistics.median(_sum(lap, "seconds") for lap in laps)
    added = tasks * each / whole
    told = f"{added:.1%}: {tasks} tasks of {each * 1000:.0f} ms"
    bars += [
        Bar("at most 25% of a refresh of the demo are imports", f"{share:.1%}", share <= 0.25),
        Bar("Prefect's tasks add at most 10% to a refresh of the demo", told, added <= 0.1),
    ]
    return _steps(laps), bars


def runners(folder: Path, repeat: int) -> tuple[str, list[Bar]]:
    """The staging of a folder's street files on each runner, in turn."""
    seen: dict[str, list[dict[str, float]]] = {"inline": [], "threads": [], "dask": []}
    with tempfile.TemporaryDirectory() as scratch, _server(Path(scratch)) as api:
        environment = {"PREFECT_API_URL": api, "PREFECT_HOME": f"{scratch}/prefect"}
        for _ in range(repeat):
            for runner, told in seen.items():
                told.append(_on_server("bench.staging_on", runner, str(folder), **environment))
    rows = []
    for runner, told in seen.items():
        pairs = zip(told, seen["inline"], strict=True)
        ratio = statistics.median(a["seconds"] / b["seconds"] for a, b in pairs)
        median = statistics.median(one["seconds"] for one in told)
        what = f"{told[0]['files']:.0f} files in {told[0]['units']:.0f} units"
        rows.append([runner, f"{median:.1f} s", f"{ratio:.2f}", what])
    return results.table(["runner", "staging", "to in line", ""], rows), []


def _on_server(module: str, *arguments: str, **environment: str) -> Any:
    """What a module of the bench tells, run as a flow."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True, capture_output=True, text=True, env=os.environ | QUIET | environment,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def _timed(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([*EVIDENCE, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _refreshed(data: Path, **environment: str) -> dict[str, Any]:
    """How a refresh of the demo ended."""
    done = subprocess.run(
        [*EVIDENCE, "refresh", "--offline", "--json", "--data", str(data)],
        check=True, capture_output=True, text=True, env=os.environ | QUIET | environment,
    )  # fmt: skip
    return json.loads(done.stdout)


def _sum(laps: dict[str, dict[str, float]], what: str) -> float:
    return sum(lap[what] for lap in laps.values())


def _steps(laps: list[dict[str, dict[str, float]]]) -> str:
    """The steps of a refresh, medians over rounds."""
    rows = []
    for step in laps[0]:
        medians = (statistics.median(lap[step][w] for lap in laps) for w in ("seconds", "imports"))
        rows.append([step, *(f"{median:.2f} s" for median in medians)])
    return results.table(["step", "all", "of which imports"], rows)


def _prefect(scratch: Path) -> tuple[float, int]:
    """What a task costs that does nothing, and how many of them a refresh has."""
    with _server(scratch) as api:
        environment = {"PREFECT_API_URL": api, "PREFECT_HOME": str(scratch / "prefect")}
        _refreshed(scratch / "on a server", **environment)
        tasks = requests.post(f"{api}/task_runs/count", json={}, timeout=30).json()
        each = _on_server("bench.no_work", **environment)
    return float(each), int(tasks)


@contextmanager
def _server(scratch: Path) -> Iterator[str]:
    """The address of a Prefect server of our own, on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    api = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
    environment = os.environ | QUIET | {"PREFECT_HOME": str(scratch / "prefect")}
    with (scratch / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--port", str(port)], env=environment, stdout=log, stderr=log
        )
        try:
            _await(f"{api}/health")
            yield api
        finally:
            server.terminate()
            server.wait(30)


def _await(address: str) -> None:
    for _ in range(600):
        try:
            if requests.get(address, timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.3)
    raise RuntimeError(f"no answer from {address}")
