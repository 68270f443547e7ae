"""DuckDB's own spatial join, of every row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from bench.methods.street_files import READ, params
from sql.models import spatial_extension

NEEDS = ("duckdb", "duckdb_extension_spatial")
ROWS = (
    "create table crimes as select month, type, st_transform(st_point(longitude::double,"
    " latitude::double), 'EPSG:4326', 'EPSG:27700', always_xy := true) as point from"
    + READ
    + "where longitude is not null and latitude is not null"
)
JOIN = """
create table counts as
select l.code, c.month, c.type, count(*) as n
from crimes as c
join localities as l on st_intersects(l.geom, c.point)
group by all
"""


def counts(street: Sequence[Path], localities: Path) -> duckdb.DuckDBPyRelation:
    """Counts by locality, month and type."""
    con = duckdb.connect()
    con.load_extension(str(spatial_extension()))
    con.execute(ROWS, params(street))
    con.execute(
        "create table localities as select code, geom from st_read($path)",
        {"path": str(localities)},
    )
    con.execute(JOIN)
    return con.table("counts")
