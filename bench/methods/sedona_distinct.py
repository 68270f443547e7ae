"""SedonaDB: its spatial join, of distinct points."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from bench.methods.sedona_every_row import opened

NEEDS = ("sedonadb", "pyarrow", "pyogrio")
ROWS = """
select "Month" as month, "Crime type" as type, "Longitude" as x, "Latitude" as y
from crimes
where "Longitude" is not null
"""
PAIRS = """
select p.x, p.y, l.code
from (
    select x, y, ST_Transform(ST_SetSRID(ST_Point(x, y), 4326), 'EPSG:27700') as point
    from (select distinct x, y from rows)
) as p
join localities as l on ST_Intersects(l.geom, p.point)
"""
COUNT = """
select p.code, r.month, r.type, count(*) as n
from rows as r
join pairs as p on p.x = r.x and p.y = r.y
group by p.code, r.month, r.type
"""


def counts(street: Sequence[Path], localities: Path) -> pa.Table:
    """Counts by locality, month and type."""
    sd = opened(street, localities)
    sd.sql(ROWS).to_memtable().to_view("rows")
    sd.sql(PAIRS).to_memtable().to_view("pairs")
    return sd.sql(COUNT).to_arrow_table()
