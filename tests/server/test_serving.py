"""``evidence serve`` as a real process: a desk that opens, runs, and is gone when it is closed."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import requests
from desks import COUNTY, HOUSE, Api, free_port, until

from flows.desk import deployments, leftovers, upcoming

SERVE = """
import sys
from pathlib import Path
from flows.desk.serving import serve
raise SystemExit(serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
"""
GUARD = """
import os, socket
def note(address):
    with open(os.environ["ASKED_BEYOND"], "a") as told:
        print(address, file=told)
connect, look_up = socket.socket.connect, socket.getaddrinfo
def connecting(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1"):
        note(address)
    return connect(self, address)
def looking_up(host, *rest, **more):
    if host not in (None, "", "127.0.0.1", "::1", "localhost", b"127.0.0.1", socket.gethostname()):
        note(host)
    return look_up(host, *rest, **more)
socket.socket.connect, socket.getaddrinfo = connecting, looking_up
"""
OWN_MACHINE = {"00000000", "0100007F", "0" * 32, "0000000000000000FFFF00000100007F"}


def lives(pid):
    """Whether a process is at work, and not only waiting to be taken note of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def reached(pid):
    """The addresses that a process is connected to over the network, as the kernel has them."""
    mine = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            mine.add(str(descriptor.readlink()))
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text("utf-8").splitlines()[1:]:
            words = line.split()
            if f"socket:[{words[9]}]" in mine:
                found.add(words[2].rpartition(":")[0])
    return found


class Served:
    """A desk in a process of its own."""

    def __init__(self, data, place, environment, port):
        self.log = data.with_name(f"serve-{port}.log")
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(data), str(place), str(port)],
                env=environment, cwd=data.parent, stdout=log, stderr=log,
            )  # fmt: skip
        self.data = data

    @property
    def said(self):
        return self.log.read_text("utf-8")

    def opened(self):
        until(200, lambda: "is open:" in self.said or self.process.poll() is not None)
        assert self.process.poll() is None, self.said
        return upcoming.address(self.data)

    def server(self):
        return json.loads((self.data / upcoming.SERVER).read_text("utf-8"))["pid"]

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(120)


@pytest.fixture
def opened(tmp_path, prefect_environment):
    """A function that opens the desk of a data folder; all are closed, and their servers."""
    data, place, desks, servers = tmp_path / "data", tmp_path / "exampleshire", [], set()
    data.mkdir()
    shutil.copytree(COUNTY, place)
    guard = tmp_path / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD, encoding="utf-8")  # in every process of the desk
    watched = {"PYTHONPATH": str(guard), "ASKED_BEYOND": str(tmp_path / "asked.txt")}
    environment = prefect_environment | watched

    def serve(port=None):
        desks.append(Served(data, place, environment, port or free_port()))
        return desks[-1]

    yield serve
    for desk in desks:
        if (data / upcoming.SERVER).exists():
            servers.add(desk.server())
        desk.end()
    for pid in servers:
        if lives(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_desk_opens_is_left_behind_opens_again_and_closes(opened, written):
    desk = opened()
    address, server = desk.opened(), desk.server()
    api = Api(f"{address}/api")
    assert api.deployments().keys() == written.keys()
    build = api.deployments()["1 Build a draft release"]
    place = str(desk.data.with_name("exampleshire"))  # one that is not under geo/
    assert build["parameters"] == {"settings": {"place": place}}
    assert {s["slug"] for s in build["schedules"]} == {"monthly", "after-the-third-wednesday"}

    for name in (name for name, entry in written.items() if entry.get("schedules")):
        until(120, lambda n=name: api.scheduled(n))
    when, name = upcoming.scheduled(address)
    assert datetime.fromisoformat(when).tzinfo
    assert name == "check sources"  # tomorrow, if not today
    page = requests.get(address, timeout=30).text
    assert "<html" in page
    assert reached(server) | reached(desk.process.pid) <= OWN_MACHINE

    second = opened()  # of the same folder: it says so, and goes
    assert second.process.wait(120) == 5
    assert f"open already: {address}" in second.said

    run = api.start("check sources", place=place)  # a real run of the desk's own
    ended = api.ended(run)
    assert ended["state"]["type"] == "COMPLETED", ended["state"]["message"]
    assert ended["name"].startswith("Check sources of Exampleshire, ")

    under_way = api.start("check sources", place=place)
    until(180, lambda: api.run(under_way)["state"]["type"] in ("PENDING", "RUNNING"))
    desk.end(signal.SIGKILL)
    assert lives(server)  # nobody told it
    again = opened()
    assert again.opened() == address
    assert again.server() == server
    left = api.ended(under_way)["state"]  # interrupted, or it outlived its desk
    assert left["type"] in ("CRASHED", "COMPLETED"), left
    assert (
        "Interrupted: " in again.said
        or "Still running" in again.said
        or left["type"] == "COMPLETED"
    )

    building = api.start("1 Build a draft release", themes=["older_people"])
    pid = until(180, lambda: api.run(building)["infrastructure_pid"])
    worker = int(pid.rpartition(":")[2])
    assert lives(worker)
    assert again.end(signal.SIGTERM) == 0, again.said
    assert not lives(worker)
    assert "Traceback" not in again.said
    assert not (desk.data.parent / "asked.txt").exists()  # nobody beyond this machine
    assert not lives(again.process.pid)
    assert not lives(server)
    assert upcoming.address(again.data) == ""
    assert upcoming.scheduled(address) is None


@pytest.mark.slow
def test_a_port_that_is_taken_is_told_in_a_sentence(opened):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        desk = opened(port)
        assert desk.process.wait(120) == 2
    assert f"Port {port} is taken by another program." in desk.said
    assert "Traceback" not in desk.said


def test_runs_that_nobody_runs_any_more_are_told(monkeypatch):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    here = [sys.executable, "-c", "import time; time.sleep(60)", "prefect"]
    with subprocess.Popen(here) as working:
        until(10, lambda: leftovers.is_at_work(working.pid))
        under_way = [
            {"id": 1, "name": "Build A", "infrastructure_pid": f"host:{gone.pid}"},
            {"id": 2, "name": "Build B", "infrastructure_pid": f"host:{working.pid}"},
            {"id": 3, "name": "Build C", "infrastructure_pid": None},
        ]
        states = []
        monkeypatch.setattr(leftovers, "_runs", lambda address, which: under_way)
        monkeypatch.setattr(
            leftovers, "_set", lambda a, run, state: states.append((run["id"], state))
        )
        said = list(leftovers.interrupted("http://nowhere"))
        working.kill()
    assert [i for i, _ in states] == [1, 3]
    assert {state["type"] for _, state in states} == {"CRASHED"}
    assert states[0][1]["message"].endswith("Run it again.")
    assert said[1] == "Still running, since the desk was open last: Build B."


def test_what_a_closed_desk_missed_is_not_made_up_for_one_by_one(monkeypatch):
    missed = [
        {"id": i, "deployment_id": "a", "auto_scheduled": True, "expected_start_time": day}
        for i, day in enumerate(["2026-11-22T07:30", "2026-11-21T07:30", "2026-11-20T07:30"])
    ]
    missed.append(
        {"id": 9, "deployment_id": "b", "auto_scheduled": True}
        | {"expected_start_time": "2026-11-03"}
    )
    states = []
    monkeypatch.setattr(leftovers, "_runs", lambda address, which, *sort: missed if sort else [])
    monkeypatch.setattr(
        leftovers, "_set", lambda a, run, state: states.append((run["id"], state["type"]))
    )
    said = list(leftovers.settle("http://nowhere"))
    assert states == [(1, "CANCELLED"), (2, "CANCELLED")]
    assert said[0].endswith("the run of 2026-11-21.")


def test_the_house_serves_what_is_written_in_prefect_yaml():
    assert deployments.FILE == HOUSE / "prefect.yaml"
    assert deployments.environment()["DO_NOT_TRACK"] == "1"
    assert not [v for v in deployments.environment().values() if "{{" in v]
