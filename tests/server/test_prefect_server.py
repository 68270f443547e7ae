"""A real Prefect server, a real worker: the deployment works, and its schedule makes runs."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

HOUSE = Path(__file__).parents[2]
PREFECT = str(Path(sys.executable).with_name("prefect"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(seconds, ask):
    """Ask again until the answer is truthy; fail after so many seconds."""
    last, end = None, time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if last := ask():
                return last
        except requests.RequestException as why:
            last = why
        time.sleep(0.5)
    raise AssertionError(f"not within {seconds} s; last answer: {last!r}")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a Prefect server of our own, and the environment of its clients."""
    home, port = tmp_path_factory.mktemp("prefect"), free_port()
    environment = os.environ | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "EVIDENCE_HOME": str(HOUSE),
        "PREFECT_LOGGING_EXTRA_LOGGERS": "evidence",
    }
    with (home / "server.log").open("w") as log:
        running = subprocess.Popen(
            [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            api = environment["PREFECT_API_URL"]
            until(180, lambda: requests.get(f"{api}/health", timeout=5).ok)
            yield api, environment
        finally:
            running.terminate()
            running.wait(30)


def prefect(environment, *arguments):
    ended = subprocess.run(
        [PREFECT, "--no-prompt", *arguments],
        env=environment, cwd=HOUSE, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def deployment(server):
    api, environment = server
    prefect(environment, "work-pool", "create", "evidence", "--type", "process")
    prefect(environment, "deploy", "--all")
    found = requests.post(f"{api}/deployments/filter", json={}, timeout=30).json()
    assert [d["name"] for d in found] == ["monthly"]
    return found[0]


def runs(api, deployment, state):
    asked = {
        "deployments": {"id": {"any_": [deployment["id"]]}},
        "flow_runs": {"state": {"type": {"any_": [state]}}},
    }
    return requests.post(f"{api}/flow_runs/filter", json=asked, timeout=30).json()


@pytest.mark.slow
def test_the_schedule_makes_runs(server, deployment):
    """Under a newer sqlalchemy schedules are saved and never fire: a run must be seen."""
    api, _ = server
    scheduled = until(120, lambda: runs(api, deployment, "SCHEDULED"))
    assert {r["auto_scheduled"] for r in scheduled} == {True}
    assert all(r["expected_start_time"][8:10] in ("02", "03") for r in scheduled)


@pytest.mark.slow
def test_a_worker_runs_the_deployment_and_publishes(server, deployment, begun, tmp_path):
    api, environment = server
    asked = {"place": "exampleshire", "data": str(begun(tmp_path)), "themes": ["safer_communities"]}
    wanted = {"request": asked}
    run = requests.post(
        f"{api}/deployments/{deployment['id']}/create_flow_run",
        json={"parameters": wanted}, timeout=30,
    ).json()  # fmt: skip
    worked = subprocess.run(
        [PREFECT, "worker", "start", "--pool", "evidence", "--run-once"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    told = worked.stdout + worked.stderr
    state = until(
        60, lambda: requests.get(f"{api}/flow_runs/{run['id']}", timeout=30).json()["state"]
    )
    assert state["type"] == "COMPLETED", told[-3000:]
    assert (tmp_path / "latest" / "evidence.parquet").exists()
    tasks = requests.post(
        f"{api}/task_runs/filter",
        json={"flow_runs": {"id": {"any_": [run["id"]]}}}, timeout=30,
    ).json()  # fmt: skip
    assert {t["name"].rsplit("-", 1)[0] for t in tasks} == {
        *("pull", "figures that are not open", "build and publish")
    }
    assert len(tasks) <= 30


@pytest.mark.slow
def test_the_command_shows_its_run_on_a_configured_server(server, begun, tmp_path):
    api, environment = server
    asked = ["refresh", "--data", str(begun(tmp_path)), "--themes", "older_people", "--quiet"]
    ended = subprocess.run(
        [sys.executable, "-m", "flows", *asked],
        env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    done = requests.post(
        f"{api}/flow_runs/filter",
        json={"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}, timeout=30,
    ).json()  # fmt: skip
    assert any(str(tmp_path) in str(r["parameters"]) for r in done)


def test_the_pins_of_fastapi_and_sqlalchemy_hold():
    """Newer ones break the server or its client (see CONTRIBUTING.md)."""
    from importlib.metadata import version

    assert (0, 139) <= tuple(map(int, version("fastapi").split(".")[:2])) < (0, 151)
    assert tuple(map(int, version("sqlalchemy").split(".")[:2])) < (2, 1)
