"""A copy, elsewhere, of what cannot be made again: kept replies, releases, records, figures that
are not open. Only what is new is copied; every file is read back and held against its hash."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows import drafts, locking
from flows.figures import many
from flows.housekeeping.keeping import TIERS
from flows.lookback import standing
from flows.lookback.standing import in_words
from flows.snapshots import to_disk

PLACE = "place"
RECORDS = ("asks.jsonl", "runs.jsonl")
WHOLE = ("snapshots", "releases", "studies", *TIERS)
OF_DATA = ("latest", "staged", ".lock")  # what a folder has that is worked in
ORDER = "releases/order.txt"
CHUNK = 1 << 20
CLOCK = 2e9  # nanoseconds: some sticks keep times no finer


class NotBackedUp(Exception):
    """A backup that was not made, or not finished, and why."""


@dataclass(frozen=True)
class Saved:
    """What a backup did: files copied, their bytes, files that were there already, and files in it
    that the data folder has no longer."""

    folder: Path
    copied: int
    bytes: int
    unchanged: int
    gone: int


def backup(data: Path, folder: Path) -> Saved:
    """Copy into a folder what cannot be made again, under the lock of the data folder. NotBackedUp
    if the folder is not for that, or a file cannot be written; what was copied stays."""
    place = standing.owner(data)
    if not place:
        raise NotBackedUp(f"{data}: there is no evidence here, and nothing to back up.")
    _may_hold(folder, data, place)
    copied, size, unchanged = 0, 0, 0
    with locking.lock(data):
        wanted = sorted(_wanted(data), key=_whole_last)
        for name in wanted:
            source, target = data / name, folder / name
            if _same(source, target):
                unchanged += 1
                continue
            _copy(source, target)
            copied, size = copied + 1, size + target.stat().st_size
    there = sum(1 for path in folder.rglob("*") if path.is_file())
    return Saved(folder, copied, size, unchanged, there - len(wanted))


def sentences(saved: Saved) -> Iterator[str]:
    """What was copied, what was not, and how to bring it back."""
    yield (
        f"Backed up into {saved.folder}: {many(saved.copied, 'file')} copied"
        f" ({in_words(saved.bytes)}), {saved.unchanged:,} as they were."
    )
    if saved.gone:
        yield (
            f"{many(saved.gone, 'file')} that the data folder no longer has stayed in it: what has"
            " to be deleted has to be deleted there too."
        )
    yield (
        "To restore: copy it to a new data folder, and name that with --data. The first command"
        " there makes latest/ whole again."
    )


def _may_hold(folder: Path, data: Path, place: str) -> None:
    here, there = data.resolve(), folder.resolve()
    if there == here or there.is_relative_to(here):
        raise NotBackedUp(f"{folder} lies in the data folder. Name one elsewhere.")
    if here.is_relative_to(there):
        raise NotBackedUp(f"The data folder lies in {folder}. Name one elsewhere.")
    if folder.exists() and not folder.is_dir():
        raise NotBackedUp(f"{folder} is not a folder.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    owner = standing.owner(folder)
    if owner and owner != place:
        raise NotBackedUp(f"{folder} holds the backup of '{owner}', not of '{place}'.")
    if not owner or any((folder / name).exists() for name in OF_DATA):
        raise NotBackedUp(f"{folder} is not a backup, and is not empty. Name a new folder.")
    ours, theirs = (path / ORDER for path in (data, folder))
    if theirs.exists() and not _begins(ours, theirs.read_bytes()):
        raise NotBackedUp(
            f"{folder} holds releases that {data} does not have. Name a new folder, so that they"
            " stay."
        )


def _begins(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes().startswith(content.rstrip(b"\n"))


def _wanted(data: Path) -> Iterator[str]:
    """The files to copy, by their names within the data folder."""
    held = [d for d in drafts.every(data) if d.state == "held"]
    waiting = {f"{drafts.HELD}{d.number}" for d in held}
    yield from (name for name in (PLACE, *RECORDS) if (data / name).exists())
    for draft in drafts.every(data):
        yield (draft.folder / drafts.RECORD).relative_to(data).as_posix()
    folders = [data / name for name in WHOLE] + [d.folder for d in held]
    for path in (path for folder in folders for path in folder.rglob("*")):
        parts = path.relative_to(data).parts
        hidden = [part for part in parts if part.startswith(".") and part not in waiting]
        known = path.name == drafts.RECORD and parts[0] == drafts.FOLDER and len(parts) == 3
        if path.is_file() and not hidden and path.suffix != ".part" and not known:
            yield path.relative_to(data).as_posix()


def _whole_last(name: str) -> tuple[int, str]:
    """What says that other files are there comes after them: a backup that was cut off is whole as
    far as it goes. Whose it is comes first."""
    last = name.rpartition("/")[2]
    if name == PLACE:
        return 0, name
    if name == ORDER or last == "last_key.txt" or name in RECORDS:
        return 3, name
    return 2 if last in ("manifest.json", drafts.RECORD, "index.jsonl") else 1, name


def _same(source: Path, target: Path) -> bool:
    if not target.exists():
        return False
    ours, theirs = source.stat(), target.stat()
    apart = abs(ours.st_mtime_ns - theirs.st_mtime_ns)
    return ours.st_size == theirs.st_size and apart < CLOCK


def _copy(source: Path, target: Path) -> None:
    """Copy a file beside its place, read it back, and put it there."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with source.open("rb") as given, part.open("wb") as taken:
            while chunk := given.read(CHUNK):
                digest.update(chunk)
                taken.write(chunk)
        to_disk(part)
        if drafts.hash_of(part) != digest.hexdigest():
            raise NotBackedUp(
                f"{target}: what was written is not what was read. Is the disk sound?"
            )
        shutil.copystat(source, part)
        part.replace(target)
    except OSError as why:
        raise NotBackedUp(
            f"{target} could not be copied ({why.strerror}). Run the same command again: it goes"
            " on from there."
        ) from why
    finally:
        part.unlink(missing_ok=True)
