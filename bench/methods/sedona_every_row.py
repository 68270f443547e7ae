"""SedonaDB: its spatial join, of every row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import sedonadb

NEEDS = ("sedonadb", "pyarrow", "pyogrio")
TABLE = """
create external table crimes (
    "Crime ID" varchar, "Month" varchar, "Reported by" varchar, "Falls within" varchar,
    "Longitude" double, "Latitude" double, "Location" varchar, "LSOA code" varchar,
    "LSOA name" varchar, "Crime type" varchar, "Last outcome category" varchar,
    "Context" varchar
)
stored as csv location '{}' options ('has_header' 'true')
"""
JOIN = """
with placed as (
    select
        "Month" as month, "Crime type" as type,
        ST_Transform(ST_SetSRID(ST_Point("Longitude", "Latitude"), 4326), 'EPSG:27700') as point
    from crimes
    where "Longitude" is not null
)
select l.code, p.month, p.type, count(*) as n
from placed as p
join localities as l on ST_Intersects(l.geom, p.point)
group by l.code, p.month, p.type
"""


def opened(street: Sequence[Path], localities: Path) -> sedonadb.context.SedonaContext:
    """A context with the views crimes and localities."""
    sd = sedonadb.connect()
    sd.sql("set datafusion.execution.listing_table_ignore_subdirectory = false").execute()
    sd.sql(TABLE.format(f"{street[0].parents[1]}/")).execute()
    sd.read_pyogrio(localities).to_memtable().to_view("localities")
    return sd


def counts(street: Sequence[Path], localities: Path) -> pa.Table:
    """Counts by locality, month and type."""
    return opened(street, localities).sql(JOIN).to_arrow_table()
