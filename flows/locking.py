"""One writer at a time in a data folder, which belongs to one place; and a folder that an
interrupted run left is made whole before anything else is done in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from flows import drafts, releases

LOCK = ".lock"


class Busy(Exception):
    """Another run holds the data folder."""


class OtherPlace(Exception):
    """The data folder belongs to another place."""


@contextmanager
def lock(data: Path, place: str = "") -> Iterator[None]:
    """Hold the data folder for one run, of one place if it is named; Busy or OtherPlace otherwise.
    Heals it first."""
    data.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(data / LOCK, timeout=0):
            if place:
                _belongs_to(data, place)
            heal(data)
            yield
    except Timeout as why:
        raise Busy(
            f"{data}: another refresh is running. Wait until it has finished, then try again."
        ) from why


def is_busy(data: Path) -> bool:
    """Whether a run holds the data folder now."""
    if not (data / LOCK).exists():
        return False
    try:
        with FileLock(data / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that may only be read: nobody works in it from here
        return False


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
    """Finish or undo what an interrupted run left: a draft that was being published is published,
    one that was being built is gone, and the reader's copy is whole."""
    for leftover in (data / drafts.FOLDER).glob(f"{drafts.BUILDING}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    for draft in drafts.every(data):
        if draft.state == "publishing":
            drafts.complete(data, draft)
    releases.follow(data)


def heal_if_idle(data: Path) -> None:
    """Heal before reading, unless a refresh is at work (it heals by itself)."""
    if not (data / "releases").is_dir():
        return
    try:
        with FileLock(data / LOCK, timeout=0):
            heal(data)
    except (Timeout, OSError):  # busy, or a folder that may only be read
        return
