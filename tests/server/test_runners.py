"""Units of work in line, on threads, and on Dask clusters that are real: the same comes of all."""

import json
import os
import signal
import time
from functools import partial
from hashlib import sha256

import dask
import pytest
import requests
from desks import COUNTY, PREFECT, free_port, started, until
from distributed import LocalCluster
from prefect import flow
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import catalogue, runners, staging
from flows.__main__ import main
from flows.evidence import Request
from flows.on_server import refresh
from flows.pull import pull
from flows.snapshots import Store
from flows.sources import SOURCES
from flows.sources.files import Ask

CRIME = catalogue.read("exampleshire").source["police_crime"]


@pytest.fixture(scope="module")
def api(tmp_path_factory, prefect_environment):
    """The address of a Prefect server."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    address = f"http://127.0.0.1:{port}/api"
    environment = prefect_environment | {"PREFECT_HOME": str(folder / "prefect")}
    serving = [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with started(serving, environment, folder / "server.log"):
        until(180, lambda: requests.get(f"{address}/health", timeout=5).ok)
        with temporary_settings({PREFECT_API_URL: address}):
            yield address


@pytest.fixture(scope="module")
def cluster():
    """The address of a cluster of two workers, which gives a unit up that kills two of them."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as workers,
    ):
        yield workers.scheduler_address


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The county's crime files, kept but not staged."""
    kept = Store(tmp_path_factory.mktemp("kept"))
    ask = Ask((), (), "0000-00", "9999-99")
    pulled = pull(
        CRIME.id, SOURCES[CRIME.id], kept, ask, COUNTY / "inbox", None, lambda snapshot: None
    )
    assert not pulled.faults
    return kept


@flow
def spread(work, units, runner):
    runners.spread("work", work, units, runner)


def contents(folder):
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def staged_in_line(store, folder):
    staging.stage_unit(CRIME, store, folder, list(store.current(CRIME.id).values()))
    return contents(folder)


class TestUnits:
    def test_each_reply_is_in_one_unit_and_no_unit_is_small(self, store, monkeypatch):
        snapshots = list(store.current(CRIME.id).values())
        for worth in (1, 30_000, 10_000_000):
            monkeypatch.setattr(staging, "WORTH", worth)
            parts = staging.units(reversed(snapshots))
            assert [s for part in parts for s in part] == snapshots
            assert len(parts) <= staging.UNITS
            assert all(sum(s.size for s in part) >= worth for part in parts[:-1])
        assert len(parts) == 1

    def test_nothing_is_no_unit(self):
        assert staging.units([]) == []


class TestStaging:
    @pytest.mark.parametrize(
        ("runner", "worth"),
        [("inline", 1), ("threads", 1), ("threads", 100_000), ("dask", 1), ("tcp", 100_000)],
    )
    def test_every_runner_and_parting_leaves_the_same_files(
        self, api, cluster, store, runner, worth, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(staging, "WORTH", worth)
        parts = staging.units(store.current(CRIME.id).values())
        assert len(parts) > 1
        into = tmp_path / "spread"
        work = partial(staging.stage_unit, CRIME, store, into)
        spread(work, parts, cluster if runner == "tcp" else runner)
        assert contents(into) == staged_in_line(store, tmp_path / "in line")

    def test_threads_need_no_server(self, store, tmp_path, monkeypatch):
        monkeypatch.setattr(staging, "WORTH", 1)
        parts = staging.units(store.current(CRIME.id).values())
        into = tmp_path / "spread"
        runners.spread("work", partial(staging.stage_unit, CRIME, store, into), parts, "threads")
        assert contents(into) == staged_in_line(store, tmp_path / "in line")

    def test_a_refresh_is_the_same_release_wherever_its_files_are_staged(
        self, api, cluster, released, begun, judged_once, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(staging, "WORTH", 1)
        made = refresh(Request(data=str(tmp_path), offline=True, runner=cluster))
        told = json.loads((released / "latest" / "manifest.json").read_text("utf-8"))
        assert made.release == told["release"]  # which is named after the hash of its tables


def wait(seconds):
    time.sleep(seconds)


def killing(times, folder, unit):
    """Kill the worker as often as asked for, then do the work."""
    tries = folder / f"tries {unit}"
    with tries.open("a") as file:
        file.write("x")
    if unit == 2 and tries.stat().st_size <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / f"done {unit}").write_text("done")


class TestTrouble:
    def test_a_worker_killed_half_way_is_made_good(self, api, cluster, tmp_path):
        spread(partial(killing, 1, tmp_path), [1, 2, 3], cluster)
        assert (tmp_path / "tries 2").read_text() == "xx"
        assert {path.name for path in tmp_path.glob("done*")} == {"done 1", "done 2", "done 3"}

    def test_a_unit_that_kills_every_worker_is_given_up(self, api, cluster, tmp_path):
        began = time.monotonic()
        with pytest.raises(runners.NotRun, match=r"not done \(KilledWorker.*What is staged stays"):
            spread(partial(killing, 99, tmp_path), [1, 2, 3], cluster)
        assert time.monotonic() - began < 120

    def test_no_unit_is_waited_for_without_end(self, api, cluster, monkeypatch):
        monkeypatch.setattr(runners, "LIMIT_S", 3)
        with pytest.raises(runners.NotRun, match=r"not done \(TimeoutError"):
            spread(wait, [60, 60], cluster)

    def test_a_scheduler_that_is_not_there_is_told(self, api, monkeypatch):
        monkeypatch.setattr(runners, "CONNECT", "2s")
        with pytest.raises(runners.NotRun, match="cannot be had"):
            spread(print, [1, 2], f"tcp://127.0.0.1:{free_port()}")

    @pytest.mark.parametrize("runner", ["dask", "tcp://127.0.0.1:8786"])
    def test_the_command_says_so_before_it_begins(self, runner, capsys, monkeypatch):
        monkeypatch.delenv("PREFECT_API_URL", raising=False)
        with pytest.raises(SystemExit) as ended:
            main(["refresh", "--runner", runner])
        assert ended.value.code == 2
        assert "works for a Prefect server only" in capsys.readouterr().err

    @pytest.mark.parametrize("runner", ["tcp://somewhere", "ray", ""])
    def test_what_is_no_runner_is_said(self, runner, capsys):
        with pytest.raises(SystemExit) as ended:
            main(["refresh", "--runner", runner])
        assert ended.value.code == 2
        assert "is not inline, threads, dask or a Dask scheduler" in capsys.readouterr().err

    def test_dask_without_a_server_says_what_to_do(self):
        with pytest.raises(runners.NotRun, match="for a Prefect server only"):
            runners.spread("work", print, [1, 2], "dask")

    def test_a_lone_unit_is_worked_on_at_once(self):
        seen = []
        runners.spread("work", seen.append, ["one"], "dask")
        assert seen == ["one"]
