"""Releases on disk: which there are, which is the newest, and the copy that people read.

``releases/<id>/`` never changes once it is there. ``latest/`` is a full copy of the newest one,
for people on a file share: it is swapped whole, so that nobody reads a mixture.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from flows.snapshots import write_whole

LATEST, INCOMING, OUTGOING = "latest", ".latest.incoming", ".latest.outgoing"
ORDER = "order.txt"
MANIFEST = "manifest.json"
TABLES = ("evidence.parquet", "assignment_ledger.parquet", "boundaries.parquet")
CHANGES = "changes.csv"
REBUILT = "rebuilt"  # the folder of releases that were made again, to look at


def newest_release(data: Path) -> Path | None:
    """The release that ``latest`` should show, by the order in which releases were finished."""
    return next((release for release in reversed(every(data))), None)


def every(data: Path) -> list[Path]:
    """The folders of all releases, in the order in which they were published."""
    order = data / "releases" / ORDER
    names = order.read_text("utf-8").split() if order.exists() else []
    folders = [data / "releases" / name for name in names]
    return [folder for folder in folders if (folder / MANIFEST).exists()]


def manifest(release: Path | None) -> dict[str, Any]:
    """A release's manifest; empty where there is none."""
    path = release / MANIFEST if release else None
    return json.loads(path.read_text("utf-8")) if path and path.exists() else {}


def last_key(data: Path) -> tuple[str, str]:
    """What the last complete refresh was made from, as a hash, and the release that shows it."""
    path = data / "releases" / "last_key.txt"
    words = path.read_text("utf-8").split() if path.exists() else []
    return (words[0], words[1]) if len(words) == 2 else ("", "")


def remember_key(data: Path, key: str, name: str) -> None:
    """Note that a refresh with this key leads to this release, so that the next can stop early."""
    write_whole(data / "releases" / "last_key.txt", f"{key} {name}\n")


def enter(data: Path, name: str) -> None:
    """Make a release that is in its folder the newest one, once; ``latest`` follows."""
    newest = newest_release(data)
    if newest is None or newest.name != name:
        listed = data / "releases" / ORDER
        half = listed.exists() and not listed.read_bytes().endswith(b"\n")  # left by a killed run
        with listed.open("a", encoding="utf-8") as order:
            order.write("\n" * half + name + "\n")
            order.flush()
            os.fsync(order.fileno())
    follow(data)


def follow(data: Path) -> None:
    """Make ``latest`` whole and that of the newest release, whatever an interrupted run left."""
    latest, incoming, outgoing = data / LATEST, data / INCOMING, data / OUTGOING
    if not latest.exists() and outgoing.exists():
        outgoing.rename(latest)
    for leftover in (incoming, outgoing):
        shutil.rmtree(leftover, ignore_errors=True)
    newest = newest_release(data)
    if newest and manifest(latest).get("release") != newest.name:
        swap_latest(data, newest)


def file_study(data: Path, drafted: Path, name: str) -> Path:
    """Give a complete draft its name among the studies, which no reader takes for the latest."""
    study = data / "studies" / name
    study.parent.mkdir(exist_ok=True)
    shutil.rmtree(study, ignore_errors=True)
    drafted.rename(study)
    return study


def swap_latest(data: Path, release: Path) -> None:
    """Copy a release beside ``latest`` and put it in its place, with two renames that ``heal``
    can finish."""
    latest, incoming, outgoing = data / LATEST, data / INCOMING, data / OUTGOING
    shutil.rmtree(incoming, ignore_errors=True)
    shutil.copytree(release, incoming)
    shutil.rmtree(outgoing, ignore_errors=True)
    if latest.exists():
        latest.rename(outgoing)
    incoming.rename(latest)
    shutil.rmtree(outgoing, ignore_errors=True)


def hash_of_tables(folder: Path) -> str:
    """One hash over the tables and shapes of a release: the same figures, and the same reasons
    where there is none, give the same hash. What is made from them does not count, nor what has
    changed since the release before."""
    digest = hashlib.sha256()
    named = ("*.csv", "themes/*.csv", *TABLES)
    for path in sorted(path for kind in named for path in folder.glob(kind)):
        if path.name != CHANGES:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
