"""Ours, that keeps what it found: a partial of counts for each month, and the localities of each
point. A month that is new is read, and its new points are located; nothing else is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np

from bench.methods import ours
from bench.methods.ground import localities_of, located

NEEDS = ours.NEEDS
TOLD: dict[str, int] = {}
KNOWN = """
create table known as
select p.point, k.locality
from read_parquet($kept) as k
join points as p using (longitude, latitude)
"""
NEW = """
select point, longitude::double as longitude, latitude::double as latitude
from points
anti join known using (point)
order by point
"""
# a point in no locality is known too: it lies in -1
PLACES = """
select p.longitude, p.latitude, coalesce(l.locality, -1)::integer as locality
from new as n
join points as p using (point)
left join lies as l using (point)
"""


def counts(street: Sequence[Path], localities: Path) -> duckdb.DuckDBPyRelation:
    """Counts by locality, month and type; what is in the folder ``BENCH_KEPT`` is not counted
    again."""
    home = Path(os.environ["BENCH_KEPT"])
    (home / "places").mkdir(parents=True, exist_ok=True)
    new = [file for file in street if not _partial(home, file.parent.name).exists()]
    con = duckdb.connect()
    con.execute("set preserve_insertion_order = false")
    if new:
        _keep(con, new, localities, home)
    (TOLD["rows"],) = con.sql("select count(*) from crimes").fetchone() if new else (0,)
    partials = [str(_partial(home, month)) for month in sorted({f.parent.name for f in street})]
    return con.read_parquet(partials)


def _partial(home: Path, month: str) -> Path:
    return home / f"counts {month}.parquet"


def _keep(con: duckdb.DuckDBPyConnection, new: list[Path], localities: Path, home: Path) -> None:
    """Count the new months, and keep that."""
    ours.read(con, new)
    con.execute(ours.POINTS)
    codes, shapes = localities_of(localities)
    found = _places(con, shapes, home)  # noqa: F841 read by name
    pairs = con.sql("from found where locality >= 0 order by point, locality").fetchnumpy()
    (points,) = con.sql("select count(*) from points").fetchone() or (0,)
    counted = ours.count(con, pairs["point"], pairs["locality"], points, codes)
    counted.create("counted")
    for month in sorted({file.parent.name for file in new}):
        rows = con.table("counted").filter(
            duckdb.ColumnExpression("month") == duckdb.ConstantExpression(month)
        )
        told = rows.project("code, month::varchar as month, type::varchar as type, n")
        told.write_parquet(str(_partial(home, month)))


def _places(con: duckdb.DuckDBPyConnection, shapes: np.ndarray, home: Path) -> dict:
    """In which localities the points lie: pairs. Those that are not known are located and kept."""
    kept = [str(path) for path in sorted((home / "places").glob("*.parquet"))]
    if kept:
        con.execute(KNOWN, {"kept": kept})
    else:
        con.execute("create table known (point bigint, locality integer)")
    new = con.sql(NEW).fetchnumpy()
    point, locality = located(new["longitude"], new["latitude"], shapes)
    lies = {"point": new["point"][point], "locality": locality}  # noqa: F841 read by name
    con.sql(PLACES).write_parquet(str(home / "places" / f"{len(kept)}.parquet"))
    old = con.table("known").fetchnumpy()
    return {
        "point": np.concatenate([old["point"], new["point"][point]]),
        "locality": np.concatenate([old["locality"], locality]),
    }
