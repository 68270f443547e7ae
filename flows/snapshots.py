"""Every reply kept byte for byte, under its own hash, and never overwritten.

``snapshots/<source>/<sha256>.<suffix>`` holds the bytes; ``snapshots/<source>/index.jsonl`` has a
line for each reply that was accepted, oldest first. The newest edition of a name is current;
older ones stay.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

CHUNK = 1 << 20
INDEX = "index.jsonl"


@dataclass(frozen=True)
class Snapshot:
    """One kept reply. ``fetched_at`` is UTC; ``edition`` is the publisher's own mark, later is
    newer."""

    source: str
    table: str
    name: str
    sha256: str
    size: int  # bytes
    url: str
    edition: str
    fetched_at: str
    suffix: str
    token: str = ""  # the publisher's own change token, where it marks this reply alone


class Store:
    """The snapshots of one data folder; the unseen (by sha256) are as if they were not there, and
    if ``only`` names some (source, name, sha256, edition), so are all others."""

    def __init__(
        self,
        folder: Path,
        unseen: frozenset[str] = frozenset(),
        only: frozenset[tuple[str, str, str, str]] = frozenset(),
    ) -> None:
        self.folder, self.unseen, self.only = folder, unseen, only

    def path(self, snapshot: Snapshot) -> Path:
        """Where the bytes lie."""
        return self.folder / snapshot.source / f"{snapshot.sha256}{snapshot.suffix}"

    def keep(
        self,
        source: str,
        table: str,
        name: str,
        url: str,
        content: bytes | Path,
        edition: str,
        token: str = "",
    ) -> Snapshot:
        """Keep the bytes, whole or not at all; what was kept before is left as it is."""
        home = self.folder / source
        home.mkdir(parents=True, exist_ok=True)
        sha256, size = _measure(content)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        suffix = "".join(Path(name).suffixes[-1:])
        snapshot = Snapshot(source, table, name, sha256, size, url, edition, now, suffix, token)
        target = self.path(snapshot)
        if not target.exists():
            part = target.with_name(f"{target.name}.part")
            if isinstance(content, Path):
                shutil.copyfile(content, part)
            else:
                part.write_bytes(content)
            to_disk(part)
            part.replace(target)
        return snapshot

    def accept(self, snapshot: Snapshot) -> bool:
        """Enter a snapshot that proved readable; False if it is current already."""
        same = self.current(snapshot.source).get(snapshot.name)
        if same and (same.sha256, same.edition) == (snapshot.sha256, snapshot.edition):
            return False
        if same and snapshot.edition < same.edition and self._is_known(snapshot):
            return False
        path = self.folder / snapshot.source / INDEX
        half = path.exists() and not path.read_bytes().endswith(b"\n")  # left by a killed run
        with path.open("a", encoding="utf-8") as index:
            index.write("\n" * half + json.dumps(asdict(snapshot)) + "\n")
            index.flush()
            os.fsync(index.fileno())
        return True

    def _is_known(self, snapshot: Snapshot) -> bool:
        """Whether it was accepted before, whenever that was."""
        what = (snapshot.name, snapshot.sha256, snapshot.edition)
        return any((s.name, s.sha256, s.edition) == what for s in self.history(snapshot.source))

    def current(self, source: str) -> dict[str, Snapshot]:
        """The newest edition of each name, by name."""
        newest: dict[str, Snapshot] = {}
        for snapshot in self.history(source):
            held = newest.get(snapshot.name)
            if held is None or snapshot.edition >= held.edition:
                newest[snapshot.name] = snapshot
        return dict(sorted(newest.items()))

    def positions(self, source: str) -> dict[str, int]:
        """For each name, when its newest edition was accepted, as a number that grows."""
        order = {s: at for at, s in enumerate(self.history(source))}
        return {name: order[s] for name, s in self.current(source).items()}

    def history(self, source: str) -> Iterator[Snapshot]:
        """Every accepted snapshot of a source, oldest first."""
        index = self.folder / source / INDEX
        if not index.exists():
            return
        for line in index.read_text("utf-8").splitlines():
            try:
                snapshot = Snapshot(**json.loads(line))
            except (json.JSONDecodeError, TypeError):
                continue  # a line that a killed run left half written; its reply is pulled again
            mark = (source, snapshot.name, snapshot.sha256, snapshot.edition)
            if snapshot.sha256 not in self.unseen and (not self.only or mark in self.only):
                yield snapshot


def _measure(content: bytes | Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    if isinstance(content, bytes):
        digest.update(content)
        return digest.hexdigest(), len(content)
    with content.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest(), content.stat().st_size


def write_whole(path: Path, text: str) -> None:
    """Write a text beside, then put it in its place: nobody reads half of it."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def to_disk(path: Path) -> None:
    """Have the system write a file out, so that a power cut does not leave it half there."""
    with path.open("r+b") as stream:  # Windows flushes only what is open for writing
        os.fsync(stream.fileno())
