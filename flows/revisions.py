"""What publishers replaced: every reply that took the place of an earlier one of the same name."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import staging
from flows.entries import Book
from flows.returns.description import RETURNS
from flows.snapshots import Snapshot, Store

if TYPE_CHECKING:
    import duckdb

PARTS = ("sha256", "edition", "fetched_at", "size", "rows")
COLUMNS = ("source", "file", *(f"{part}_{when}" for when in ("before", "after") for part in PARTS))
SHOWN = 12  # digits of a hash


@dataclass(frozen=True)
class Revision:
    """A kept reply, and the one with other bytes that took its place."""

    before: Snapshot
    after: Snapshot


def revisions(store: Store, source: str) -> Iterator[Revision]:
    """Every replacement of a source's files, oldest first."""
    held: dict[str, Snapshot] = {}
    for snapshot in store.history(source):
        before = held.get(snapshot.name)
        if before and snapshot.edition < before.edition:
            continue  # an older edition that was found later replaces nothing
        if before and snapshot.sha256 != before.sha256:
            yield Revision(before, snapshot)
        held[snapshot.name] = snapshot


def write(
    con: duckdb.DuckDBPyConnection, book: Book, store: Store, staged: Path, path: Path
) -> None:
    """A CSV of every replacement: file, and hash, edition, day, bytes and rows before and after.

    Rows are blank where one of the two is not staged any more (its layout was declared anew), and
    rows and bytes of what partners handed over: one row more may be one person more."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(COLUMNS)
        for source in book.needed_sources():
            for revision in revisions(store, source.id):
                pair = (revision.before, revision.after)
                counted = [staging.staged_path(source, s, staged) for s in pair]
                both = all(p.suffix == ".parquet" and p.exists() for p in counted)
                both = both and source.id != RETURNS
                rows = [len(con.read_parquet(str(p))) if both else None for p in counted]
                told = (_shown(s, n) for s, n in zip(pair, rows, strict=True))
                first = pair[0]
                table.writerow([first.source, first.name, *(v for part in told for v in part)])


def _shown(snapshot: Snapshot, rows: int | None) -> list[Any]:
    size = None if snapshot.source == RETURNS else snapshot.size
    kept = [snapshot.edition, snapshot.fetched_at, size]
    return [snapshot.sha256[:SHOWN], *kept, rows]


def since(last: Mapping[str, Any], book: Book, store: Store) -> list[str]:
    """A sentence for each source of which files were replaced since a release was made, from that
    release's manifest."""
    before = {(s["source"], s["name"]): s["sha256"] for s in last.get("snapshots", ())}
    replaced = Counter(
        source.label
        for source in book.needed_sources()
        for name, snapshot in store.current(source.id).items()
        if before.get((source.id, name), snapshot.sha256) != snapshot.sha256
    )
    return [
        f"{label}: {files} {'file was' if files == 1 else 'files were'} replaced by the publisher"
        " since the last release (quality/revisions.csv)."
        for label, files in replaced.items()
    ]
