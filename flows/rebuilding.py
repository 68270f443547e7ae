"""A past release made again, from its manifest and what was kept, and held against what was
published: as it was.

The same code makes the same bytes. With newer code the tables may differ: then it is told which.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from flows import (
    building,
    catalogue,
    catalogue_files,
    drafts,
    jobs,
    kinds,
    locking,
    releases,
    runs,
    staging,
)
from flows.building import Clock
from flows.entries import Book
from flows.figures import many
from flows.jobs import Job, Past
from flows.place_files import PLACE_FILES
from flows.requested import Request
from flows.returns import sharing
from flows.snapshots import Snapshot, Store

NAMED = 10  # files that a sentence names


class NotKept(Exception):
    """A release that cannot be made again, and why."""


@dataclass
class Rebuilt:
    """A release made again: whether its tables are equal byte for byte, where it is, which of its
    files differ, and all of that told."""

    equal: bool
    folder: Path
    differs: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


def rebuild(data: Path, release: str) -> Rebuilt:
    """Make a release again in ``data/rebuilt/<release>/``; NotKept if there is no such release, or
    something that it was made of is gone."""
    known = {path.name: path for path in releases.every(data)}
    if release not in known:
        there = ", ".join(list(known)[-NAMED:]) or "none yet"
        raise NotKept(f"There is no release '{release}'. There are: {there}.")
    about = releases.manifest(known[release])
    with (
        locking.lock(data),
        runs.noted(data, "rebuild") as run,
        tempfile.TemporaryDirectory() as unpacked,
        drafts.building(data) as folder,
    ):
        job = _as_it_was(data, about, Path(unpacked))
        _stage(job)
        before = known.get(about.get("before", ""))
        built = building.build(job, folder, Clock(), before, name=release)
        made = _compared(about, built.state, built.faults, folder / drafts.RELEASE)
        run |= {"state": "equal" if made.equal else "differs", "release": release}
        if built.name:
            made.folder = data / releases.REBUILT / release
            shutil.rmtree(made.folder, ignore_errors=True)
            made.folder.parent.mkdir(exist_ok=True)
            (folder / drafts.RELEASE).rename(made.folder)
            made.sentences.append(f"It is in {made.folder}; its pages: site/index.html.")
    return made


def _as_it_was(data: Path, about: dict[str, Any], unpacked: Path) -> Job:
    """The job that made a release: its request, catalogue, boundaries and kept replies, its day."""
    asked = about["request"] | {"data": str(data), "inbox": "", "offline": True, "hold": "never"}
    request, store = Request(**asked), Store(data / "snapshots")
    listed = [*about["snapshots"], *about.get("expired_returns", ())]
    kept = [Snapshot(**s) for s in listed]
    if gone := [s for s in kept if not _is_whole(store, s)]:
        names = ", ".join(f"{s.source}/{s.name}" for s in gone[:NAMED])
        raise NotKept(
            f"{about['release']} cannot be made again: {many(len(gone), 'kept file')} gone or"
            f" changed ({names}). Bring back snapshots/ from a backup."
        )
    day = date.fromisoformat(about.get("made_on") or about["release"][:10])
    book = _book(about, request, store, unpacked)
    chosen, remarks = kinds.choose(book, request.boundaries, day)
    job = Job(
        request,
        book,
        data,
        inbox=None,
        chosen=chosen,
        remarks=remarks,
        day=day,
        files={s.table: s for s in kept if s.source == PLACE_FILES},
        failed=frozenset(about.get("failed", ())),
        past=Past(
            frozenset((s.source, s.name, s.sha256, s.edition) for s in kept),
            about.get("stale", {}),
            about.get("catalogue_files", {}),
        ),
    )
    seen = sharing.seen_openly(job, day)
    return replace(seen, remarks=list(remarks))


def _book(about: dict[str, Any], request: Request, store: Store, unpacked: Path) -> Book:
    """The catalogue of a release; of one that kept none, the catalogue of today."""
    kept = about.get("catalogue_files")
    if not kept:
        return catalogue.read(request.place, request.themes)
    path = store.path(Snapshot(**kept))
    if not path.exists():
        raise NotKept(
            f"{about['release']} cannot be made again: its catalogue is gone"
            f" (snapshots/catalogue/{path.name}). Bring back snapshots/ from a backup."
        )
    return catalogue_files.read(path, Path(request.place).name, request.themes, unpacked)


def _is_whole(store: Store, kept: Snapshot) -> bool:
    path = store.path(kept)
    return path.exists() and drafts.hash_of(path) == kept.sha256


def _stage(job: Job) -> None:
    """Type what is not typed any more: staged files come and go, kept replies stay."""
    for source in job.book.needed_sources():
        stage = staging.stager(source, job.store, job.staged)
        for snapshot in job.store.current(source.id).values():
            stage(snapshot)


def _compared(about: dict[str, Any], state: str, faults: list[str], made: Path) -> Rebuilt:
    """What was made, held against the hashes of what was published."""
    name, code = about["release"], jobs.code_version()
    same_code = about.get("code") == code
    if state:
        told = f"Release {name} is not made again by this version: {state}."
        return Rebuilt(False, made, faults, [told, *faults])
    listed = {file: sha for file, sha in about.get("files", {}).items() if _is_table(file)}
    now = {f: sha for f, sha in releases.manifest(made)["files"].items() if _is_table(f)}
    differs = sorted(f for f in listed.keys() | now.keys() if listed.get(f) != now.get(f))
    # of an older release one hash over all tables is known, and none of each
    whole = about.get("tables") == releases.manifest(made)["tables"]
    if not differs if listed else whole:
        count = many(len(now), "table")
        return Rebuilt(
            True, made, [], [f"Release {name} made again: {count}, equal byte for byte."]
        )
    why = "though the code is the same" if same_code else f"by another version of the code ({code})"
    shown = ", ".join(differs[:NAMED]) or "which of them is not known"
    told = f"Release {name} made again {why}: {many(len(differs), 'table')} not equal: {shown}."
    return Rebuilt(False, made, differs, [told])


def _is_table(file: str) -> bool:
    """Whether a file is one that a release is named after (``releases.hash_of_tables``)."""
    named = file in releases.TABLES or fnmatch(file, "themes/*.csv")
    return named or (fnmatch(file, "*.csv") and "/" not in file and file != releases.CHANGES)
