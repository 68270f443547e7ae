"""PostGIS: COPY into a table without a log, a GiST index on the localities, distinct points joined.

The server is started and stopped by ``bench.postgres``, outside of what is timed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import psycopg
import pyogrio

NEEDS = ("psycopg", "pyogrio")
# One transform for all, for PostGIS may find the Ordnance Survey's own grid, which no wheel has; as
# a reference system of its own, for the text of one is read again for each row.
SYSTEM = (
    "insert into spatial_ref_sys (srid, proj4text) values (990001, '+proj=tmerc +lat_0=49 +lon_0=-2"
    " +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
    " +towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m +no_defs')"
    " on conflict do nothing"
)
TABLES = """
drop table if exists crimes, localities, points;
create unlogged table crimes (
    crime_id text, month text, reported_by text, falls_within text, x double precision,
    y double precision, location text, lsoa_code text, lsoa_name text, type text, outcome text,
    context text
);
create unlogged table localities (code text, geom geometry);
"""
INDEX = """
update localities set geom = st_setsrid(geom, 990001);
create index on localities using gist (geom);
analyze localities;
create unlogged table points as
select p.x, p.y, l.code
from (
    select x, y, st_transform(st_setsrid(st_makepoint(x, y), 4326), 990001) as point
    from (select distinct x, y from crimes where x is not null) as d
) as p
join localities as l on st_intersects(l.geom, p.point);
analyze points;
analyze crimes;
"""
COUNT = """
select p.code, c.month, c.type, count(*) as n
from crimes as c join points as p on p.x = c.x and p.y = c.y
group by p.code, c.month, c.type
"""


def counts(street: Sequence[Path], localities: Path) -> pd.DataFrame:
    """Counts by locality, month and type."""
    with psycopg.connect(os.environ["BENCH_POSTGRES"], autocommit=True) as con:
        con.execute(SYSTEM)
        con.execute(TABLES)
        with con.cursor() as cursor:
            with cursor.copy("copy localities from stdin") as copy:
                _, _, shapes, (codes,) = pyogrio.raw.read(localities, columns=["code"])
                for code, shape in zip(codes, shapes, strict=True):
                    copy.write_row((code, shape.hex()))
            for file in street:
                with cursor.copy("copy crimes from stdin with (format csv, header)") as copy:
                    copy.write(file.read_bytes())
            con.execute(INDEX)
            cursor.execute(COUNT)
            return pd.DataFrame(cursor.fetchall(), columns=["code", "month", "type", "n"])
