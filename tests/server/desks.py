"""How tests speak to a Prefect server, and a desk on one."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

HOUSE = Path(__file__).parents[2]
PREFECT = str(Path(sys.executable).with_name("prefect"))
COUNTY = HOUSE / "geo" / "exampleshire"
NOBODY = "00000000-0000-0000-0000-000000000000"
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


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
        time.sleep(0.3)
    raise AssertionError(f"not within {seconds} s; last answer: {last!r}")


class Api:
    """A Prefect server's interface, as anybody may speak to it."""

    def __init__(self, address):
        self.address = address

    def get(self, path):
        return requests.get(f"{self.address}/{path}", timeout=30).json()

    def post(self, path, **told):
        asked = {"url": f"{self.address}/{path}", "json": told, "timeout": 30}
        # another wrote into SQLite just then: Prefect's own clients ask again too
        answer = until(180, lambda: (a := requests.post(**asked)).status_code != 503 and [a])[0]
        assert answer.ok, answer.text
        return answer.json()

    def deployments(self):
        return {d["name"]: d for d in self.post("deployments/filter")}

    def start(self, name, **settings):
        deployment = self.deployments()[name]["id"]
        asked = {"settings": settings}
        return self.post(f"deployments/{deployment}/create_flow_run", parameters=asked)["id"]

    def run(self, run):
        return self.get(f"flow_runs/{run}")

    def scheduled(self, name):
        of = {"id": {"any_": [self.deployments()[name]["id"]]}}
        state = {"state": {"type": {"any_": ["SCHEDULED"]}}}
        return self.post("flow_runs/filter", deployments=of, flow_runs=state)

    def ended(self, run, seconds=300):
        """The run when it has ended."""
        return until(seconds, lambda: (r := self.run(run))["state"]["type"] in ENDED and r)

    def artifacts(self, run):
        """What a run left to read, by key: Markdown, or the rows of a table."""
        mine = {"flow_run_id": {"any_": [run]}}
        found = self.post("artifacts/filter", artifacts=mine)
        return {
            a["key"]: json.loads(a["data"]) if a["type"] == "table" else a["data"] for a in found
        } | {"ids": {a["key"]: a["id"] for a in found}}

    def tasks(self, run):
        return self.post("task_runs/filter", flow_runs={"id": {"any_": [run]}})

    def log(self, run):
        mine = {"flow_run_id": {"any_": [run]}}
        found = self.post("logs/filter", logs=mine, sort="TIMESTAMP_ASC")
        return [line["message"] for line in found]


class Desk(Api):
    """A place of its own with its data folder, deployed on a server, with a worker at work."""

    def __init__(self, address, environment, place, data):
        super().__init__(address)
        self.environment, self.place, self.data = environment, place, data

    @property
    def latest(self):
        """What readers see: the name of the release, empty before the first."""
        path = self.data / "latest" / "manifest.json"
        return json.loads(path.read_text("utf-8"))["release"] if path.exists() else ""

    def build(self, **settings):
        return self.start("1 Build a draft release", **self.asked(**settings))

    def asked(self, **settings):
        return {"place": str(self.place), "themes": ["older_people"], **settings}

    def move(self, area, there):
        """Have a small area fall into another community forum."""
        path = self.place / "community_forums.csv"
        old = path.read_text("utf-8-sig")
        rows = [f"{area},{there}" if row.startswith(area) else row for row in old.splitlines()]
        assert rows != old.splitlines()
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def prefect(environment, *arguments):
    """A command of Prefect's; what it said."""
    ended = subprocess.run(
        [PREFECT, "--no-prompt", *arguments],
        env=environment, cwd=HOUSE, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


class started:
    """A process that is ended when the block is left."""

    def __init__(self, command, environment, log):
        self.command, self.environment, self.log = command, environment, log

    def __enter__(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=log, cwd=self.log.parent
            )
        return self.process

    def __exit__(self, *why):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
