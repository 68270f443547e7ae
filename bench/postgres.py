"""A PostgreSQL server of our own with PostGIS, on loopback, for as long as it is wanted."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql")
CONTROL = Path("/usr/share/postgresql")
TUNED = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal"
    " -c max_wal_senders=0 -c shared_buffers=1GB -c work_mem=512MB -c maintenance_work_mem=512MB"
    " -c max_wal_size=4GB -c listen_addresses=127.0.0.1"
)


def why_not() -> str:
    """Why there is no server to be had, empty if there is."""
    if not _programs():
        return "PostgreSQL is not installed (Debian: postgresql-15-postgis-3)"
    if not list(CONTROL.glob("*/extension/postgis.control")):
        return "PostGIS is not installed (Debian: postgresql-15-postgis-3)"
    return ""


def _programs() -> Path | None:
    return next(iter(sorted(PROGRAMS.glob("*/bin"), reverse=True)), None)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A new cluster below ``folder``, how to connect to it, and nothing left afterwards. PostgreSQL
    will not run as root: there it runs as the user postgres."""
    programs = _programs()
    if programs is None:
        raise RuntimeError(why_not())
    folder.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="postgres-", dir=folder))
    user = {}
    if os.geteuid() == 0:
        known = pwd.getpwnam("postgres")
        os.chown(home, known.pw_uid, known.pw_gid)
        for above in home.parents:
            if not os.access(above, os.X_OK) or above.stat().st_mode & 0o1 == 0:
                raise RuntimeError(f"the user postgres may not enter {above}")
        user = {"user": known.pw_uid, "group": known.pw_gid}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, **user)

    data = str(home / "data")
    options = f"-p {port} -k {home} {TUNED}"
    try:
        run(f"{programs}/initdb", "-D", data, "-U", "bench", "--auth=trust", "-E", "UTF8")
        run(f"{programs}/pg_ctl", "-D", data, "-l", f"{home}/log", "-w", "-o", options, "start")
        try:
            at = f"host=127.0.0.1 port={port} user=bench dbname=postgres"
            run("psql", "-q", "-c", "create extension postgis", at)
            yield at
        finally:
            run(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
