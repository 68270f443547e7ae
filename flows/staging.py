"""From kept replies to typed Parquet, once each, and from there into a refresh's warehouse."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from flows.entries import Book, Source
from flows.returns import reading
from flows.snapshots import Snapshot, Store
from flows.sources.files import Fault
from sql import models

if TYPE_CHECKING:
    import duckdb

# more rows than this in quarantine means that the layout changed, not a row
UNREADABLE_SHARE = 0.05
UNITS = 40  # at most so many parts are handed out at a time
WORTH = 8_000_000  # bytes of a part: to hand it out takes less than a tenth of its work
# where a stage table says how far it reaches, the best first
REACHES = {
    "period_end": "max(period_end)",
    "transfer_date": "max(transfer_date)",
    "month": "last_day(max(month))",
}
FILE_COLUMNS = {"source": "VARCHAR", "file": "VARCHAR", "position": "BIGINT"}


def every_column(source: Source) -> list[str]:
    """The columns that any layout of the source has, in a fixed order."""
    found: dict[str, None] = {}
    for table in source.tables:
        found |= dict.fromkeys([*table.columns, *table.optional, *table.names])
    return list(found)


def units(snapshots: Iterable[Snapshot]) -> list[list[Snapshot]]:
    """Kept replies in parts that can be staged each by itself, anywhere: in the order of their
    names (which for crimes begin with the month), not so small that the handing out costs more
    than the work, and not too many."""
    by_name = sorted(snapshots, key=lambda s: s.name)
    enough = max(WORTH, sum(s.size for s in by_name) // UNITS)
    parts: list[list[Snapshot]] = []
    size = enough
    for snapshot in by_name:
        if size >= enough:
            parts.append([])
            size = 0
        parts[-1].append(snapshot)
        size += snapshot.size
    return parts


def stage_unit(source: Source, store: Store, staged: Path, unit: list[Snapshot]) -> None:
    """Stage what can be staged of some replies, each whole or not at all: what is there already
    stays, so that a unit can be done again. What cannot be read is left for ``stager`` to tell."""
    stage = stager(source, store, staged, threads=1)
    for snapshot in unit:
        with suppress(Exception):
            stage(snapshot)


def stager(
    source: Source, store: Store, staged: Path, threads: int | None = None
) -> Callable[[Snapshot], None]:
    """A function that stages a kept reply to Parquet once; Fault if it cannot be read."""
    layouts = {t.id: t for t in source.tables}
    engine = cache(partial(models.connect, threads=threads, spatial=False))  # with the first new

    def stage(snapshot: Snapshot) -> None:
        from sql.raw import HeaderFault

        layout = layouts[snapshot.table]
        out = staged_path(source, snapshot, staged)
        if out.exists():
            return
        if layout.format == "boundaries":
            _stage_boundaries(snapshot, store.path(snapshot), out)
            return
        con, columns, path = engine(), every_column(source), store.path(snapshot)
        shape = layout.model_dump()
        try:
            with tempfile.TemporaryDirectory() as folder:
                if layout.format == "return":  # its own description says which column is which
                    path, shape = reading.unpack(path, snapshot.name, Path(folder))
                what = (source.id, path, snapshot.name, shape, columns, out)
                # a force that published nothing sends a header alone: absent months, no broken file
                models.stage_file(con, *what, UNREADABLE_SHARE, empty=source.rows == "events")
        except HeaderFault as why:
            raise Fault(
                snapshot.name,
                str(why),
                f"Put the publisher's own file in its place: {source.inbox}.",
            ) from why
        except models.Unreadable as why:
            mend = "Look at the file: its layout may have changed, or it was edited by hand."
            raise Fault(snapshot.name, str(why), mend) from why

    return stage


def _stage_boundaries(snapshot: Snapshot, path: Path, out: Path) -> None:
    """Check small-area boundaries and put them into the grid's metres, as GeoPackage, once."""
    from geo import boundaries

    try:
        shapes = boundaries.read_polygons(path, "LSOA21CD", "")
    except boundaries.BoundaryFaults as why:
        wrong = " ".join(why.faults).replace(f"{path.name}: ", "")
        raise Fault(snapshot.url, wrong, "Then run the refresh again.") from why
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(f".{uuid4().hex}.part.gpkg")
    shapes.to_file(part, layer="small_areas")
    part.replace(out)


def staged_path(source: Source, snapshot: Snapshot, staged: Path) -> Path:
    """Where the typed rows (or boundaries) of a snapshot lie: named by its name, its content and
    how it was staged.
    """
    version = models.stage_version(source.id, repr(source.tables))
    stem = f"{snapshot.name.rpartition('.')[0]}-{snapshot.sha256[:16]}-{version}"
    boundaries = any(t.format == "boundaries" for t in source.tables if t.id == snapshot.table)
    return staged / source.id / f"{stem}.{'gpkg' if boundaries else 'parquet'}"


def load(con: duckdb.DuckDBPyConnection, book: Book, store: Store, staged: Path) -> None:
    """Make every ``stage`` table: the current snapshots of the sources asked for, empty for the
    rest."""
    needed = {s.id for s in book.needed_sources()}
    quarantine, kept = {}, []
    for source in book.sources:
        snapshots = list(store.current(source.id).values()) if source.id in needed else []
        found = [staged_path(source, s, staged) for s in snapshots]
        files = [path for path in found if path.suffix == ".parquet"]
        models.load_stage(con, source.id, files, every_column(source))
        quarantine[source.id] = files
        order = store.positions(source.id)
        kept += [
            {"source": source.id, "file": s.name, "position": order[s.name]} for s in snapshots
        ]
    models.load_quarantine(con, quarantine)
    models.load_rows(con, "catalogue.files", FILE_COLUMNS, kept)


def reach(con: duckdb.DuckDBPyConnection, source: str) -> tuple[int, str]:
    """How many rows of a source are in hand, and the last day of its newest period (or empty)."""
    table = con.table(f"stage.{source}")
    newest = next((last for column, last in REACHES.items() if column in table.columns), "null")
    rows, day = table.aggregate(f"count(*), {newest}").fetchone() or (0, None)
    return int(rows), str(day or "")
