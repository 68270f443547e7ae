"""Releases on disk: written beside, then swapped in; healed after an interruption; one writer at
a time.

``releases/<id>/`` never changes once it is there. ``latest/`` is a full copy of the newest one,
for people on a file share: it is swapped whole, so that nobody reads a mixture.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from flows.snapshots import to_disk, write_whole

LATEST, INCOMING, OUTGOING = "latest", ".latest.incoming", ".latest.outgoing"
DRAFT = ".draft-"
TABLES = ("evidence.parquet", "assignment_ledger.parquet", "boundaries.parquet")
CHANGES = "changes.csv"


class Busy(Exception):
    """Another run holds the data folder."""


class OtherPlace(Exception):
    """The data folder belongs to another place."""


@contextmanager
def lock(data: Path, place: str) -> Iterator[None]:
    """Hold the data folder for one run of one place; Busy or OtherPlace otherwise. Heals it
    first."""
    data.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(data / ".lock", timeout=0):
            _belongs_to(data, place)
            heal(data)
            yield
    except Timeout as why:
        raise Busy(
            f"{data}: another refresh is running. Wait until it has finished, then try again."
        ) from why


def _belongs_to(data: Path, place: str) -> None:
    """One folder, one place: an invented county must never replace a real one's latest release."""
    mark = data / "place"
    owner = mark.read_text("utf-8").strip() if mark.exists() else ""
    if not owner:
        mark.write_text(place + "\n", encoding="utf-8")
    elif owner != place:
        raise OtherPlace(
            f"{data}: this folder holds the evidence of '{owner}', not of '{place}'."
            " Name another folder with --data."
        )


def heal(data: Path) -> None:
    """Finish or undo what an interrupted run left: the reader's copy is whole again afterwards."""
    latest, incoming, outgoing = data / LATEST, data / INCOMING, data / OUTGOING
    if not latest.exists() and outgoing.exists():
        outgoing.rename(latest)
    for leftover in (incoming, outgoing, *(data / "releases").glob(f"{DRAFT}*")):
        shutil.rmtree(leftover, ignore_errors=True)
    newest = newest_release(data)
    if newest and not _same_release(latest, newest):
        swap_latest(data, newest)


def heal_if_idle(data: Path) -> None:
    """Heal before reading, unless a refresh is at work (it heals by itself)."""
    if not (data / "releases").is_dir():
        return
    try:
        with FileLock(data / ".lock", timeout=0):
            heal(data)
    except (Timeout, OSError):  # busy, or a folder that may only be read
        return


def newest_release(data: Path) -> Path | None:
    """The release that ``latest`` should show, by the order in which releases were finished."""
    order = data / "releases" / "order.txt"
    if not order.exists():
        return None
    for name in reversed(order.read_text("utf-8").split()):
        if (data / "releases" / name / "manifest.json").exists():
            return data / "releases" / name
    return None


def manifest(release: Path | None) -> dict[str, Any]:
    """A release's manifest; empty where there is none."""
    path = release / "manifest.json" if release else None
    return json.loads(path.read_text("utf-8")) if path and path.exists() else {}


def last_key(data: Path) -> tuple[str, str]:
    """What the last complete refresh was made from, as a hash, and the release that shows it."""
    path = data / "releases" / "last_key.txt"
    words = path.read_text("utf-8").split() if path.exists() else []
    return (words[0], words[1]) if len(words) == 2 else ("", "")


def remember_key(data: Path, key: str, name: str) -> None:
    """Note that a refresh with this key leads to this release, so that the next can stop early."""
    write_whole(data / "releases" / "last_key.txt", f"{key} {name}\n")


@contextmanager
def draft(data: Path) -> Iterator[Path]:
    """An empty folder to write a release into, beside the finished ones; gone if not finished."""
    folder = data / "releases" / f"{DRAFT}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def finish(data: Path, drafted: Path, name: str) -> Path:
    """Give a complete draft its name, and show it as latest."""
    release = data / "releases" / name
    for path in drafted.rglob("*"):
        if path.is_file():
            to_disk(path)
    if release.exists():  # a killed run got this far, with the same tables
        shutil.rmtree(drafted)
    else:
        drafted.rename(release)
    listed = data / "releases" / "order.txt"
    half = listed.exists() and not listed.read_bytes().endswith(b"\n")  # left by a killed run
    with listed.open("a", encoding="utf-8") as order:
        order.write("\n" * half + name + "\n")
        order.flush()
        os.fsync(order.fileno())
    swap_latest(data, release)
    return release


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


def _same_release(latest: Path, release: Path) -> bool:
    return manifest(latest).get("release") == release.name
