"""What moved between any two releases, cell by cell, and why: the revision report.

Told by the SELECT that ``changes.csv`` is made with, so that two releases one after the other give
the same table, with the same protection; what it reads is loaded from the folders of the two.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import catalogue, causes, changes
from flows.entries import Book
from flows.lookback import moves, records
from flows.lookback.moves import Moves
from flows.lookback.records import Record
from sql import models

if TYPE_CHECKING:
    import duckdb

NOW = "evidence.evidence_table"
CAUSES_OF = {
    "catalogue.moved_sources": causes.moved_sources,
    "catalogue.moved_kinds": causes.moved_kinds,
    "catalogue.moved_indicators": causes.moved_indicators,
}
TEXT = "VARCHAR"
Row = dict[str, Any]


class NoTables(Exception):
    """A release whose tables were pruned, or cannot be read."""


class NotProtected(Exception):
    """A comparison that would show a value beside one that is withheld."""


@dataclass(frozen=True)
class Diff:
    """What moved from the older to the newer of two releases."""

    older: Record
    newer: Record
    moves: Moves
    bare: dict[str, str]  # the indicators that count crimes, and the rate of the same crimes

    def told(self) -> Row:
        """The same for JSON."""
        return {"older": self.older.name, "newer": self.newer.name, **self.moves.told()}


def between(data: Path, one: str, other: str, to: Path | None = None) -> Diff:
    """What moved between two releases or drafts (named as ``records.found`` finds them), whichever
    is named first; with ``to`` each cell is written into that CSV, with the columns of changes.csv.
    NoRelease or NoTables where they cannot be compared."""
    older, newer = in_order(data, records.found(data, one), records.found(data, other))
    bare = bare_counts(data, newer)
    with tempfile.TemporaryDirectory() as folder, compared(older, newer) as con:
        path = Path(folder) / "changes.csv"
        con.table("evidence.changes").write_csv(str(path), header=True)
        if to is not None:
            to.parent.mkdir(parents=True, exist_ok=True)
            part = to.with_name(f"{to.name}.{os.getpid()}.part")
            part.write_bytes(path.read_bytes())
            part.replace(to)
        return Diff(older, newer, moves.of(path, bare), bare)


def sentences(diff: Diff, to: str = "", *, quiet: bool = False) -> Iterator[str]:
    """What moved, for the command line, and where each cell was written."""
    yield f"From {diff.older.name} to {diff.newer.name}:"
    told = moves.sentences(diff.moves)
    yield from list(told)[:1] if quiet else told
    if to:
        yield f"Every cell: {to}"


def in_order(data: Path, one: Record, other: Record) -> tuple[Record, Record]:
    """Two releases, the older first; drafts are newer than all releases."""
    order = [record.name for record in records.every(data)]

    def position(record: Record) -> tuple[int, int]:
        return record.number, order.index(record.name) if record.name in order else 0

    return (one, other) if position(one) <= position(other) else (other, one)


@contextmanager
def compared(older: Record, newer: Record) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory that holds the two releases and ``evidence.changes`` between them.
    NoTables if one of them has none."""
    there = []
    for record in (older, newer):
        if record.tables is None:
            raise NoTables(pruned(record))
        there.append(record.tables)
    with models.connect(spatial=False) as con:
        changes.empty(con)
        changes.load_cells(con, there[0] / records.TIDY)
        models.load_rows(con, NOW, changes.CELLS, [])
        changes.load_cells(con, there[1] / records.TIDY, NOW)
        for folder, table in zip(there, (changes.BEFORE, NOW), strict=True):
            if not len(con.table(table)):
                raise NoTables(f"{folder / records.TIDY} cannot be compared with.")
        now = causes.completed(newer.about, book_of(newer))
        _load_causes(con, now, older.about)
        _load_catalogue(con, there[1], now)
        con.sql(models.models()["evidence.changes"]).create("evidence.changes")
        _audit(con)
        yield con


def pruned(record: Record) -> str:
    """What to do where the tables of a release are gone."""
    return (
        f"The tables of {record.name} were pruned. evidence rebuild {record.name} makes them again."
    )


def book_of(record: Record) -> Book | None:
    """Today's catalogue for the place of a release; None where that place is no longer there."""
    try:
        return catalogue.read(str(record.about.get("request", {}).get("place", "")))
    except catalogue.CatalogueFaults:
        return None


def bare_counts(data: Path, record: Record) -> dict[str, str]:
    """The indicators of a release that count crimes, with the rate of the same crimes; without a
    catalogue all that are counts, for they may."""
    from flows.returns import sharing

    book = book_of(record)
    if book is None:
        rows = _rows((record.tables or record.folder) / "indicators.csv")
        return {row["indicator_id"]: "" for row in rows if row["method"] == "count"}
    whole = sharing.published(book, data, "")
    return whole.bare_counts


def _load_causes(con: duckdb.DuckDBPyConnection, now: causes.Manifest, last: Any) -> None:
    import pandas as pd

    for table, found in CAUSES_OF.items():
        rows = pd.DataFrame(found(now, last), columns=["name", "reason"], dtype="str")
        con.from_df(rows).insert_into(table)


def _load_catalogue(con: duckdb.DuckDBPyConnection, folder: Path, now: causes.Manifest) -> None:
    """What the SELECT asks of the newer release's catalogue and localities."""
    entries = now["entries"]
    indicators = _rows(folder / "indicators.csv") or _named(con)
    events = entries.get("events", ())
    sources = {s["source"]: s["source"] for s in now.get("snapshots", ())}
    sources |= {i["source"]: i.get("source_label") or i["source"] for i in indicators}
    sources |= entries.get("sources", {})
    shapes: dict[str, tuple[dict[str, str], Iterable[Mapping[str, Any]]]] = {
        "catalogue.indicators": (
            {"position": "INTEGER", "indicator_id": TEXT, "source": TEXT, "source_rows": TEXT}
            | {"denominator_source": TEXT},
            [
                {"position": at, "indicator_id": i["indicator_id"], "source": i["source"]}
                | {"source_rows": "events" if i["source"] in events else ""}
                | {"denominator_source": i.get("denominator_source") or i["source"]}
                for at, i in enumerate(indicators)
            ],
        ),
        "catalogue.sources": (
            {"source": TEXT, "label": TEXT},
            [{"source": source, "label": label} for source, label in sources.items()],
        ),
        "catalogue.kinds_kept_back": (
            {"indicator_id": TEXT, "area_kind": TEXT},
            _kept_back(con, folder),
        ),
        "catalogue.area_kinds": (
            {"area_kind": TEXT, "position": "INTEGER"},
            [{"area_kind": k, "position": at} for at, k in enumerate(entries["area_kinds"])],
        ),
        "geo.areas": (
            {"area_kind": TEXT, "edition": TEXT, "area_code": TEXT},
            _areas(con, folder, now),
        ),
    }
    for table, (columns, rows) in shapes.items():
        models.load_rows(con, table, columns, rows)


def _named(con: duckdb.DuckDBPyConnection) -> list[dict[str, str]]:
    """The indicators of a release that has no table of them, as far as its cells name them."""
    rows = con.table(NOW).aggregate("indicator_id, source").order("indicator_id").fetchall()
    return [{"indicator_id": indicator, "source": source or ""} for indicator, source in rows]


def _kept_back(con: duckdb.DuckDBPyConnection, folder: Path) -> list[dict[str, str]]:
    """The kinds of locality that an indicator is altogether withheld from: the gaps say so, and no
    cell is there."""
    there = set(con.table(NOW).aggregate("indicator_id, area_kind").fetchall())
    told = {
        (row["indicator_id"], row["area_kind"])
        for row in _rows(folder / "gaps.csv")
        if row["gap"] == "withheld"
    }
    return [{"indicator_id": i, "area_kind": kind} for i, kind in sorted(told - there)]


def _areas(con: duckdb.DuckDBPyConnection, folder: Path, now: causes.Manifest) -> list[Row]:
    """Every locality in every edition: those that have cells; and all others that a small area
    falls into, or that are named where their kind has one edition."""
    found = set(con.table(NOW).aggregate("area_kind, edition, area_code").fetchall())
    ledger = folder / "assignment_ledger.parquet"
    if ledger.exists() and "edition" in (told := con.read_parquet(str(ledger))).columns:
        found |= set(told.aggregate("area_kind, edition, area_code").fetchall())
    editions: dict[str, list[str]] = {}
    for one in now.get("editions", ()):
        editions.setdefault(one["area_kind"], []).append(one["edition"])
    for row in _rows(folder / "localities.csv"):
        only = editions.get(row["area_kind"], [None])
        if len(only) == 1:
            found.add((row["area_kind"], only[0], row["area_code"]))
    every = {(kind, edition or "", code) for kind, edition, code in found}
    return [{"area_kind": k, "edition": e, "area_code": c} for k, e, c in sorted(every)]


def _audit(con: duckdb.DuckDBPyConnection) -> None:
    """As a critical expectation holds changes.csv: no value beside one that is withheld."""
    told = con.sql(models.models()["evidence.changes_told"]).filter("beside_withheld > 0")
    if len(told):
        raise NotProtected(
            "The two releases cannot be compared: it would show a value beside one that is"
            " withheld. Please report it."
        )


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
