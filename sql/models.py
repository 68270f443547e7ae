"""The door of the SQL room: open the warehouse, stage a file, build the named SELECTs in their
order.

A model is one file with one SELECT: ``sql/<schema>/<name>.sql`` becomes the table
``<schema>.<name>``. Which models come first, DuckDB's own parse tree of their FROM clauses says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

HERE = Path(__file__).parent
PINNED = "1.5.5"  # the newest duckdb for which the spatial extension's wheel loads
SCHEMAS = ("raw", "stage", "catalogue", "geo", "core", "evidence")


class Unreadable(Exception):
    """A file that lost too many rows, or has none: what the first bad one had."""

    def __init__(self, con: duckdb.DuckDBPyConnection, kept: int, lost: int) -> None:
        first = con.execute("from quarantined order by row_number limit 1").fetchone()
        told = f" (row {first[1]}: {first[2]})" if first else ""
        wrong = f"{lost} of its {kept + lost} rows cannot be read{told}"
        super().__init__(wrong if lost else "it holds no row of data")


class EngineFault(Exception):
    """DuckDB or its spatial extension is not as this project needs it."""


def connect(
    path: Path | None = None, *, threads: int | None = None, spatial: bool = True
) -> duckdb.DuckDBPyConnection:
    """A warehouse with our schemas, and the spatial extension (which takes a while to load)
    unless it is not wanted; in memory without a path."""
    if duckdb.__version__ != PINNED:
        raise EngineFault(
            f"duckdb {duckdb.__version__} is installed, but its spatial extension loads only in"
            f" {PINNED}. Install the pinned pair again: pip install -c constraints.txt -e ."
        )
    settings = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    con = duckdb.connect(
        str(path or ":memory:"), config=settings | ({"threads": threads} if threads else {})
    )
    try:
        if spatial:
            con.load_extension(str(spatial_extension()))
    except duckdb.Error as why:
        raise EngineFault(
            f"the spatial extension does not load ({why}). Install the pinned pair again:"
            " pip install -c constraints.txt -e ."
        ) from why
    for schema in SCHEMAS:
        con.execute(f"create schema if not exists {schema}")
    return con


def look_into(path: Path) -> duckdb.DuckDBPyConnection:
    """A finished warehouse, to be read only."""
    return duckdb.connect(str(path), read_only=True)


def spatial_extension() -> Path:
    """Where the wheel ``duckdb-extension-spatial`` put the extension file."""
    import importlib.util

    spec = importlib.util.find_spec("duckdb_extension_spatial")
    found = []
    for folder in (spec.submodule_search_locations or []) if spec else []:
        found += sorted(Path(folder).rglob("spatial.duckdb_extension*"))
    if not found:
        raise EngineFault(
            "the package duckdb-extension-spatial is not installed. Run:"
            " pip install -c constraints.txt -e ."
        )
    return found[0]


@cache
def models(folder: Path = HERE) -> dict[str, str]:
    """``schema.name`` -> the text of its SELECT, for every model."""
    return {
        f"{p.parent.name}.{p.stem}": p.read_text("utf-8") for p in sorted(folder.glob("*/*.sql"))
    }


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()  # opening one takes longer than parsing every model


@cache
def reads(text: str) -> frozenset[str]:
    """The schema-qualified tables in a SELECT's FROM clauses, from DuckDB's parse tree."""
    answer = _parser().execute("select json_serialize_sql($text)", {"text": text}).fetchone()
    tree = json.loads(answer[0]) if answer else {}
    if tree.get("error"):
        raise ValueError(tree["error_message"])
    return frozenset(_tables(tree))


def _tables(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE" and node.get("schema_name"):
            yield f"{node['schema_name']}.{node['table_name']}"
        for inner in node.values():
            yield from _tables(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _tables(inner)


def order(names: Iterable[str] | None = None) -> list[str]:
    """Core and evidence models so that each stands after those it reads; only ``names`` and
    theirs."""
    ours = {n: t for n, t in models().items() if n.split(".")[0] in ("core", "evidence")}
    graph: dict[str, set[str]] = {}
    wanted = list(names if names is not None else ours)
    while wanted:  # no other is parsed: that takes a third of a second for all
        name = wanted.pop()
        if name not in graph:
            graph[name] = set(reads(ours[name]) & ours.keys())
            wanted += graph[name]
    return list(TopologicalSorter(graph).static_order())


def build(
    con: duckdb.DuckDBPyConnection,
    names: Iterable[str] | None = None,
    already: Iterable[str] = (),
) -> list[str]:
    """Build the models (all, or ``names`` and what they read) that are not there already; their
    names."""
    done = []
    for name in order(names):
        if name not in set(already):
            _create(con, name, models()[name])
            done.append(name)
    return done


def _create(con: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    """A table of a SELECT; a relation of it would be bound twice."""
    con.execute(f"create table {name} as {select}")


def built(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables that are there already."""
    found = con.sql("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    return [name for (name,) in found]


@cache
def stage_version(source: str, layouts: str) -> str:
    """Changes when a kept file would be staged differently: the SELECT, the layouts, the raw
    reader."""
    from sql import raw

    text = models()[f"stage.{source}"] + layouts + raw.VERSION
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def stage_file(
    con: duckdb.DuckDBPyConnection,
    source: str,
    path: Path,
    name: str,
    layout: Mapping[str, Any],
    every_column: Sequence[str],
    out: Path,
    most: float = 1.0,
    *,
    empty: bool = True,
) -> tuple[int, int]:
    """One kept file to typed Parquet at ``out``; how many rows were kept and how many quarantined.

    Rows with a ``fault`` lie ``beside`` it, with file, row number and reason. Unreadable, and
    nothing is written, if more than the share ``most`` of its rows would go there, or if there is
    no row at all, where that is not allowed (``empty``).
    """
    from sql import raw

    rejected = raw.lay_out(con, source, path, name, layout, every_column)
    con.execute("drop table if exists staged_rows; drop table if exists quarantined")
    _create(con, "staged_rows", models()[f"stage.{source}"])
    con.execute(
        "create table quarantined as"
        " select file, row_number, fault from staged_rows where fault is not null"
    )
    if rejected:
        con.executemany("insert into quarantined values (?, ?, ?)", [(name, *r) for r in rejected])
    (lost,) = con.execute("select count(*) from quarantined").fetchone() or (0,)
    kept = con.sql("select * exclude (fault) from staged_rows where fault is null")
    found = len(kept)
    if lost > most * (found + lost) or not (found + lost or empty):
        raise Unreadable(con, found, lost)
    out.parent.mkdir(parents=True, exist_ok=True)
    if lost:
        _write(con.sql("from quarantined order by row_number"), beside(out))
    _write(kept, out)
    con.execute("drop table staged_rows; drop table quarantined")
    return found, lost


def beside(staged: Path) -> Path:
    """Where the rows of a staged file lie that could not be read, if there are any."""
    return staged.with_suffix(".quarantine.parquet")


def _write(rows: duckdb.DuckDBPyRelation, target: Path) -> None:
    """Rows as Parquet, whole or not at all; others may write the same at the same time."""
    part = target.with_suffix(f".{uuid4().hex}.part")
    rows.write_parquet(str(part), compression="zstd")
    part.replace(target)


def load_stage(
    con: duckdb.DuckDBPyConnection, source: str, files: Sequence[Path], every_column: Sequence[str]
) -> None:
    """``stage.<source>`` from staged Parquet files; empty but typed where there are none."""
    from sql import raw

    table = f"stage.{source}"
    if files:
        con.read_parquet([str(f) for f in files]).create(table)
    else:
        raw.empty(con, source, every_column)
        _create(con, table, f"select * exclude (fault) from ({models()[table]}\n)")


def load_quarantine(con: duckdb.DuckDBPyConnection, files: Mapping[str, Sequence[Path]]) -> None:
    """``stage.quarantine`` from the quarantine beside each staged file, by source."""
    columns = {"source": "VARCHAR", "file": "VARCHAR", "row_number": "BIGINT", "fault": "VARCHAR"}
    load_rows(con, "stage.quarantine", columns, [])
    for source, staged in files.items():
        there = [str(path) for path in map(beside, staged) if path.exists()]
        if there:
            name = duckdb.ConstantExpression(source).alias("source")
            rows = con.read_parquet(there).select(name, duckdb.StarExpression())
            rows.insert_into("stage.quarantine")


def load_rows(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """A small table from rows as mappings; ``columns`` gives each column's name and DuckDB type."""
    con.sql(
        "select unnest(from_json($rows, $shape), recursive := true)",
        params={"rows": json.dumps(list(rows), default=str), "shape": json.dumps([columns])},
    ).create(table)
