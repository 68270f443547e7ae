"""``evidence serve``: the officer's page on one machine. A Prefect server that listens on this
machine only and keeps its books in the data folder, and one process that runs what is asked there.

Prefect reads its settings when it is imported: this module sets them first.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from flows.catalogue import PLACES
from flows.desk import deployments, leftovers, standing, upcoming
from flows.desk.choices import DATA, PLACE
from flows.snapshots import write_whole

LOOPBACK, PORT = "127.0.0.1", 4200
PATIENCE = 180.0  # seconds for a first start, which makes the database
FAREWELL = 20.0  # seconds that a server has to end by itself
OPEN, TAKEN, FAILED = 5, 2, 1  # codes of the command


@dataclass(frozen=True)
class Server:
    """A Prefect server at work; ``child`` where this process started it."""

    address: str
    pid: int
    child: subprocess.Popen[bytes] | None = None

    def end(self) -> None:
        """Ask it to end, by its own number, and make it if it does not."""
        for how in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            try:
                os.kill(self.pid, how)
            except OSError:
                return
            if _within(FAREWELL, lambda: not self.lives()):
                return

    def lives(self) -> bool:
        """Whether its process is there."""
        return self.child.poll() is None if self.child else leftovers.is_at_work(self.pid)


def serve(data: Path, place: str = "", port: int = PORT, host: str = LOOPBACK) -> int:
    """Serve the desk of a data folder until it is interrupted; the command's exit code."""
    data, home = data.resolve(), data.resolve() / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _as_interrupt)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell had it ignored
    try:
        with FileLock(home / "desk.lock", timeout=0):
            return _serve(data, place, port, host)
    except Timeout:
        _say(f"The desk of {data} is open already: {upcoming.address(data)}")
        return OPEN
    except KeyboardInterrupt:
        return 0


def _serve(data: Path, place: str, port: int, host: str) -> int:
    found = _left_behind(data)
    address = found.address if found else f"http://{host}:{port}"
    if not found and not _is_free(host, port):
        _say(f"Port {port} is taken by another program. Choose another: --port {port + 1}")
        return TAKEN
    own = standing.place_of(data, place)
    own = own if (PLACES / own / "place.toml").exists() else str(Path(own).resolve())
    os.environ.update(_environment(data, own, address))
    for stranger in ("PREFECT_API_KEY", "PREFECT_PROFILE"):
        os.environ.pop(stranger, None)
    server = found or _start(data, address, host, port)
    try:
        if not _within(PATIENCE, lambda: upcoming.answers(address) or not server.lives()):
            _say(f"The server did not answer within {PATIENCE:.0f} seconds: see {_log(data)}")
            return FAILED
        if not server.lives():
            _say(f"The server ended while it started. Why is told in {_log(data)}")
            return FAILED
        _run(own, data, address)
        return 0
    finally:
        _say("Closing the desk.")
        _close(data, server)


def _run(place: str, data: Path, address: str) -> None:
    """Run what is asked on the page, one at a time, until this is interrupted."""
    import asyncio
    import logging

    from prefect.context import refresh_global_settings_context
    from prefect.runner import Runner

    refresh_global_settings_context()
    logging.getLogger("prefect.runner").setLevel(logging.ERROR)
    for line in leftovers.settle(address):
        _say(line)
    # what is scheduled stays so while the desk is closed: ``leftovers`` sees to what was missed
    runner = Runner(limit=1, pause_on_shutdown=False)
    runner.handle_sigterm = _as_interrupt  # Prefect's own does not wait for its runs to end
    for deployment in deployments.served(place):
        runner.add_deployment(deployment)
    _say(f"The desk of {standing.name_of(place)} is open: {address}/deployments")
    _say(f"Data: {data}")
    _say("Leave this window open. Ctrl-C closes the desk; nothing that was published is lost.")
    asyncio.run(runner.start())


def _close(data: Path, server: Server) -> None:
    """End the server; first what was under way is put on its books as interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever is impatient must not leave it behind
    try:
        if upcoming.answers(server.address):
            for line in leftovers.interrupted(server.address):
                _say(line)
    finally:
        server.end()
        (data / upcoming.SERVER).unlink(missing_ok=True)


def _environment(data: Path, place: str, address: str) -> dict[str, str]:
    """The settings of the server and of the runs. Nothing is told to anybody else."""
    local = [os.environ.get("NO_PROXY", os.environ.get("no_proxy", "")), LOOPBACK, "localhost"]
    unproxied, home = ",".join(filter(None, local)), data / "prefect"
    return deployments.environment() | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"{address}/api",
        "PREFECT_UI_URL": address,
        "PREFECT_SERVER_UI_API_URL": f"{address}/api",
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # the newer of the two pages asks a company abroad for its settings
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "INFO",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",  # seconds until what was asked for begins
        DATA: str(data),
        PLACE: place,
        "NO_PROXY": unproxied,
        "no_proxy": unproxied,
    }


def _start(data: Path, address: str, host: str, port: int) -> Server:
    """A server of our own, out of reach of this terminal's Ctrl-C: it ends last."""
    command = [sys.executable, "-m", "prefect", "server", "start"]
    command += ["--host", host, "--port", str(port)]
    _say("Starting the desk. The first time this takes a minute.")
    with _log(data).open("ab") as log:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    known = {"address": address, "pid": child.pid}
    write_whole(data / upcoming.SERVER, json.dumps(known) + "\n")
    return Server(address, child.pid, child)


def _left_behind(data: Path) -> Server | None:
    """The server of a desk that was killed, if it still answers."""
    try:
        known = json.loads((data / upcoming.SERVER).read_text("utf-8"))
        server = Server(str(known["address"]), int(known["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return server if server.lives() and upcoming.answers(server.address) else None


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _as_interrupt(signum: int, frame: FrameType | None) -> None:
    """To be ended is to be interrupted: what is under way is put in order first."""
    signal.raise_signal(signal.SIGINT)


def _log(data: Path) -> Path:
    return data / "prefect" / "server.log"


def _say(line: str) -> None:
    print(line, flush=True)
