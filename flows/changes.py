"""What moved since the release before, cell by cell, and why.

The two releases are compared in ``sql/evidence/changes.sql``; what it reads beside the new tidy
table is made here: the cells that were released, and which files, boundaries and entries moved
since (``causes.py``). An older release may lack a column, or its manifest a word: then less is
known of it, and nothing breaks.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import causes, releases
from flows.entries import Book, Indicator, Source
from flows.jobs import Job, code_version
from flows.place_files import PLACE_FILES
from sql import models

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

log = logging.getLogger("evidence")

COLUMNS = (
    *("theme", "indicator_id", "indicator", "area_kind", "area_code", "area_name", "edition"),
    *("period", "change", "value_before", "value_after", "marker_before", "marker_after"),
    *("unit", "why"),
)
BEFORE = "evidence.earlier_cells"
CELLS = {
    "theme": ["VARCHAR"],
    **dict.fromkeys(("indicator_id", "indicator", "area_kind", "edition", "area_code"), "VARCHAR"),
    **{"area_name": "VARCHAR", "period": "VARCHAR", "period_start": "DATE", "value": "DOUBLE"},
    **{"marker": "VARCHAR", "unit": "VARCHAR", "source": "VARCHAR"},
}
MOVED = {
    "catalogue.moved_sources": "source",
    "catalogue.moved_kinds": "area_kind",
    "catalogue.moved_indicators": "indicator_id",
}
KEY = {"indicator_id", "area_kind", "area_code", "period", "value"}
ENTRY = {"rows", "threshold", "base", "shown_for", "modelled", "gap", "known_gaps", "tables"}
ENTRY |= {"measures"}
FIGURE = {"source", "measure", "method", "unit", "tier", "denominator", "per", "period"}
FIGURE |= {"area_kinds"}


def since(con: duckdb.DuckDBPyConnection, job: Job, before: Path | None) -> pd.DataFrame:
    """A row for each cell that moved since the release ``before`` (``load`` was told of it before
    the tables were built): none without one."""
    return con.table("evidence.changes").df()


def empty(con: duckdb.DuckDBPyConnection) -> None:
    """The tables that the comparison reads, as of no earlier release."""
    models.load_rows(con, BEFORE, CELLS, [])
    for table, name in MOVED.items():
        models.load_rows(con, table, {name: "VARCHAR", "reason": "VARCHAR"}, [])


def load(con: duckdb.DuckDBPyConnection, job: Job, before: Path | None) -> None:
    """The same, of the release ``before``: its cells, and what moved since. A study follows no
    release."""
    import pandas as pd

    empty(con)
    last = {} if job.is_study else releases.manifest(before)
    if before is None or not last:
        return
    load_cells(con, before / "evidence.parquet")
    told = now(job)
    for table, found in zip(MOVED, causes.MOVED, strict=True):
        rows = pd.DataFrame(found(told, last), columns=["name", "reason"], dtype="str")
        con.from_df(rows).insert_into(table)


def entries(book: Book) -> dict[str, dict[str, str]]:
    """For the manifest: a hash of what the catalogue says of how each indicator and each kind of
    locality is made, so that the next release knows which of them changed; and what the catalogue
    calls what they are made from, so that any two releases can be compared later."""
    return {
        "indicators": {i.id: _hash(_made(i, book)) for i in book.indicators},
        "area_kinds": {
            kind.id: _hash([kind.model_dump_json(exclude={"label"})])
            for kind in book.place.area_kinds
        },
        **causes.words(book),
    }


def load_cells(con: duckdb.DuckDBPyConnection, path: Path, table: str = BEFORE) -> None:
    """Fill a table of the shape ``CELLS`` from a released one, as far as that has our columns."""
    import duckdb

    try:
        rows = con.read_parquet(str(path))
        there = dict(zip(rows.columns, map(str, rows.types), strict=True))
        if not there.keys() >= KEY:
            raise duckdb.BinderException(f"it has no {', '.join(sorted(KEY - there.keys()))}")
        chosen = [
            duckdb.ColumnExpression(name).cast(_type(kind)).alias(name)
            if name in there and there[name].endswith("[]") == isinstance(kind, list)
            else duckdb.ConstantExpression(None).cast(_type(kind)).alias(name)
            for name, kind in CELLS.items()
        ]
        rows.select(*chosen).insert_into(table)
    except (duckdb.Error, OSError) as why:
        log.warning("%s cannot be compared with: %s", path, why)


def _type(kind: str | list[str]) -> str:
    return f"{kind[0]}[]" if isinstance(kind, list) else kind


def now(job: Job) -> dict[str, Any]:
    """What the manifest of a refresh under way will say of what it is made from."""
    return {
        "snapshots": _snapshots(job),
        "editions": job.editions(),
        "request": {"since": job.request.since, "until": job.request.until},
        "catalogue": job.book.version,
        "code": code_version(),
        "entries": entries(job.book),
    }


def _snapshots(job: Job) -> list[dict[str, str]]:
    needed = [source.id for source in job.book.needed_sources()]
    files = [(source, s) for source in needed for s in job.store.current(source).values()]
    files += [(PLACE_FILES, s) for s in job.files.values()]
    return [{"source": source, "name": s.name, "sha256": s.sha256} for source, s in files]


def _made(indicator: Indicator, book: Book) -> list[str]:
    """What the catalogue says of how a figure is made, and of the files that it is made from."""
    sources: dict[str, Source] = {s: book.source[s] for s in _sources(indicator, book)}
    figure = indicator.model_dump_json(include=FIGURE)
    return [figure, *(source.model_dump_json(include=ENTRY) for source in sources.values())]


def _sources(indicator: Indicator, book: Book) -> list[str]:
    both = dict.fromkeys((indicator.source, indicator.denominator_source))
    return [source for source in both if source in book.source]


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
