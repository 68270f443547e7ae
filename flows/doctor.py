"""What the doctor finds: whether this machine can do the work."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

Finding = dict[str, Any]
LIBRARIES = ("duckdb", "great-expectations", "geopandas", "prefect", "fastapi", "sqlalchemy")
# newer ones install without a word and break the desk: CONTRIBUTING.md, Dependencies
TOO_NEW = {
    "fastapi": ((0, 151), "the desk's server will not start, or refuses its own questions"),
    "sqlalchemy": ((2, 1), "schedules will never begin a run"),
    "prefect": ((3, 9), "the desk was never tried with it"),
}
NEEDED_GB = 2


def examined(data: Path) -> list[Finding]:
    """Python, the libraries that break silently, the pinned engine and its extension, write
    access, disk, what the desk has scheduled: what was looked at, found, and whether it is well."""
    return [*_installed(), _spatial(), *_disk(data), *_desk(data)]


def _installed() -> Iterator[Finding]:
    yield _finding("Python", sys.version.split()[0], sys.version_info >= (3, 11))
    for library in LIBRARIES:
        try:
            found = version(library)
        except PackageNotFoundError:
            yield _finding(library, "not installed: run make, or pip install -e .", False)
            continue
        limit, why = TOO_NEW.get(library, ((), ""))
        numbers = tuple(int(n) for n in found.split(".")[: len(limit)])
        if limit and numbers >= limit:
            mend = "Install again with -c constraints.txt."
            yield _finding(library, f"{found} is too new: {why}. {mend}", False)
        else:
            yield _finding(library, found, True)


def _spatial() -> Finding:
    from sql import models

    try:
        models.connect().execute("select st_astext(st_point(1, 2))").fetchone()
    except models.EngineFault as why:
        return _finding("spatial extension", str(why), False)
    return _finding("spatial extension", "loads, offline", True)


def _disk(data: Path) -> Iterator[Finding]:
    try:
        data.mkdir(parents=True, exist_ok=True)
        probe = data / ".doctor"
        probe.write_text("ok", encoding="utf-8")
        probe.unlink()
    except OSError as why:
        yield _finding("write access", f"{data.resolve()}: {why}", False)
        return
    yield _finding("write access", str(data.resolve()), True)
    free = shutil.disk_usage(data).free / 1e9
    told = f"{free:.1f} GB ({NEEDED_GB} GB are needed)"
    yield _finding("free disk", told, free > NEEDED_GB)


def _desk(data: Path) -> Iterator[Finding]:
    """Whether the desk, if it is open, has anything scheduled."""
    from flows.desk import upcoming

    address = upcoming.address(data)
    if not address or not upcoming.answers(address):
        yield _finding("desk", "closed: nothing is scheduled (evidence serve opens it)", True)
    elif following := upcoming.scheduled(address):
        yield _finding("desk", f"{address}, next: {following[1]}, {following[0]}", True)
    else:
        yield _finding("desk", f"{address} is open, and no run is scheduled", False)


def _finding(what: str, found: str, ok: bool) -> Finding:
    return {"what": what, "found": found, "ok": ok}
