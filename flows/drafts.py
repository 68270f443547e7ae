"""Drafts: releases that are built, hashed and numbered, and wait for a person.

``drafts/<number>/`` holds ``draft.json`` (the record, which stays), ``release/`` (the folder as
it would be published) and ``warehouse.duckdb``. The figures beside it that are not open lie in
``partner/.draft-<number>`` and ``restricted/.draft-<number>``. Every release was a draft, if only
for a moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from flows import releases
from flows.returns import ledger
from flows.snapshots import to_disk, write_whole

FOLDER, RECORD, BUILDING = "drafts", "draft.json", ".building-"
RELEASE, WAREHOUSE = "release", "warehouse.duckdb"
HELD = ".draft-"  # and a number: what is not open, of a draft


class NoDraft(Exception):
    """There is no draft of that number."""


@dataclass(frozen=True)
class Draft:
    """The record of a draft. Times are UTC. ``seal`` is the hash of its manifest, which holds the
    hash of every other file; ``out`` that of all that was published when it was built."""

    number: int
    folder: Path
    release: str  # the name that it has once it is published
    before: str  # the release that it was compared with; empty if it is the first
    made_at: str
    state: Literal["held", "publishing", "published", "refused"]
    key: str
    tables: str
    seal: str
    out: str
    rows: int
    place: str
    warnings: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # sharing tiers that have figures beside it, and a hash of what those were made from
    tiers: dict[str, str] = field(default_factory=dict)
    used: list[dict[str, Any]] = field(default_factory=list)  # for the ask-once ledger
    how: str = ""  # signed off, or at once
    by: str = ""
    note: str = ""
    decided_at: str = ""

    @property
    def files(self) -> Path:
        """The folder of its release, wherever that is by now."""
        waiting = self.folder / RELEASE
        return waiting if waiting.exists() else self.folder.parents[1] / "releases" / self.release

    @property
    def site(self) -> Path:
        """The page to open."""
        return self.files / "site" / "index.html"


@contextmanager
def building(data: Path) -> Iterator[Path]:
    """An empty folder to build a draft in; gone if it was not filed."""
    folder = data / FOLDER / f"{BUILDING}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / RELEASE).mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def next_number(data: Path) -> int:
    """The number of the next draft: one more than any that ever was."""
    return max((draft.number for draft in every(data)), default=0) + 1


def file(data: Path, built: Path, number: int, about: Mapping[str, Any]) -> Draft:
    """Give what was built in a folder of ``building`` its number: whole, on disk, and on record.
    ``about``: the fields of the record that only its maker knows."""
    for path in built.rglob("*"):
        if path.is_file():
            to_disk(path)
    manifest = built / RELEASE / releases.MANIFEST
    draft = Draft(
        number=number,
        folder=data / FOLDER / str(number),
        made_at=now(),
        state="held",
        seal=hash_of(manifest) if manifest.exists() else "",
        **about,
    )
    _write(built, draft)
    built.rename(draft.folder)
    return draft


def every(data: Path) -> list[Draft]:
    """All drafts on record, by number."""
    found = [_read(path.parent) for path in (data / FOLDER).glob(f"[0-9]*/{RECORD}")]
    return sorted(found, key=lambda draft: draft.number)


def read(data: Path, number: int) -> Draft:
    """The draft of a number; NoDraft, with those that there are."""
    folder = data / FOLDER / str(number)
    if (folder / RECORD).exists():
        return _read(folder)
    held = [str(d.number) for d in every(data) if d.state == "held"]
    there = f"These wait to be signed off: {', '.join(held)}." if held else "None is waiting."
    raise NoDraft(f"There is no draft {number}. {there}")


def decide(
    draft: Draft, state: Literal["publishing", "refused"], how: str, by: str, note: str
) -> Draft:
    """Put on record what was decided; from then on it is not undone, also if the machine stops."""
    decided = replace(draft, state=state, how=how, by=by, note=note, decided_at=now())
    _write(draft.folder, decided)
    return decided


def complete(data: Path, draft: Draft) -> Draft:
    """Do what publishing means, each step once, from wherever it was left: the release among the
    others and latest, its warehouse in use, the figures that are not open beside it."""
    waiting, target = draft.folder / RELEASE, data / "releases" / draft.release
    if waiting.exists():
        about = releases.manifest(waiting)
        told = {"at": draft.decided_at, "by": draft.by, "note": draft.note, "how": draft.how}
        published = {"published": told | {"draft": draft.number}}
        text = json.dumps({**about, **published}, indent=2, ensure_ascii=False) + "\n"
        write_whole(waiting / releases.MANIFEST, text)
        target.parent.mkdir(exist_ok=True)
        waiting.rename(target)
    releases.enter(data, draft.release)
    if (draft.folder / WAREHOUSE).exists():
        (draft.folder / WAREHOUSE).replace(data / WAREHOUSE)
    for tier in draft.tiers:
        held = data / tier / f"{HELD}{draft.number}"
        if held.exists():
            shutil.rmtree(held.with_name(draft.release), ignore_errors=True)
            held.rename(held.with_name(draft.release))
    ledger.note_used(data, draft.used)
    releases.remember_key(data, draft.key, draft.release)
    done = replace(draft, state="published")
    _write(draft.folder, done)
    return done


def faults(draft: Draft) -> list[str]:
    """What in a waiting draft is not as it was built, a sentence each."""
    folder, found = draft.folder / RELEASE, []
    manifest = folder / releases.MANIFEST
    if not draft.seal:
        return []
    if not manifest.exists() or hash_of(manifest) != draft.seal:
        return [f"draft {draft.number}: {releases.MANIFEST} is not the one that was written."]
    listed = releases.manifest(folder)["files"]
    there = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    del there[releases.MANIFEST]
    for name in sorted(listed.keys() | there.keys()):
        if name not in there:
            found.append(f"draft {draft.number}: {name} is gone.")
        elif name not in listed:
            found.append(f"draft {draft.number}: {name} was put there afterwards.")
        elif hash_of(there[name]) != listed[name]:
            found.append(f"draft {draft.number}: {name} is not what was built.")
    return found


def hash_of(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def now() -> str:
    """The time, as records hold it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(folder: Path) -> Draft:
    return Draft(folder=folder, **json.loads((folder / RECORD).read_text("utf-8")))


def _write(folder: Path, draft: Draft) -> None:
    told = {name: value for name, value in asdict(draft).items() if name != "folder"}
    write_whole(folder / RECORD, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
