"""Ours: distinct points put into localities by shapely's STRtree, counts by signature first, spread
over localities last; all but the tree in DuckDB, which keeps words as numbers (enums)."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from bench.methods.ground import localities_of, located
from bench.methods.signatures import signatures
from bench.methods.street_files import READ, params

if TYPE_CHECKING:
    from bench.methods.ground import Objects, Whole

NEEDS = ("duckdb", "shapely", "pyproj", "pyogrio")
CRIME_TYPES = [
    *("Anti-social behaviour", "Bicycle theft", "Burglary", "Criminal damage and arson", "Drugs"),
    *("Other crime", "Other theft", "Possession of weapons", "Public order", "Robbery"),
    *("Shoplifting", "Theft from the person", "Vehicle crime", "Violence and sexual offences"),
]

# the publisher's words since 2013; others are looked for where these do not do
KNOWN = "create or replace type types as enum (select unnest($types))"
TYPES = "create or replace type types as enum (select distinct type from" + READ + ")"
MONTHS = "create or replace type months as enum (select distinct month from" + READ + ")"
FOLDERS = "create or replace type months as enum (select distinct unnest($months))"
ROWS = (
    "create table crimes as"
    " select longitude, latitude, month::months as month, type::types as type from"
    + READ
    + "where longitude is not null and latitude is not null"
)
# in strips: neighbours come to be in one tree
POINTS = """
create table points as
select
    row_number() over (order by floor(longitude * 4), latitude, longitude) - 1 as point,
    longitude,
    latitude
from (select distinct longitude, latitude from crimes)
"""
BY_SIGNATURE = """
create table by_signature as
select p.signature, c.month, c.type, count(*) as n
from crimes as c
join (
    select longitude, latitude, signature
    from points join found using (point)
    where signature >= 0
) as p using (longitude, latitude)
group by all
"""
BY_LOCALITY = """
create table counts as
select locality, month, type, sum(n)::integer as n
from by_signature
join members using (signature)
group by all
"""


def counts(street: Sequence[Path], localities: Path) -> duckdb.DuckDBPyRelation:
    """Counts by locality, month and type. ``BENCH_MEMORY`` (like 400MB) limits DuckDB's memory, in
    a file of its own so that it may put aside what does not fit."""
    limit = os.environ.get("BENCH_MEMORY")
    folder = tempfile.mkdtemp() if limit else ""
    con = duckdb.connect(f"{folder}/crimes.duckdb" if limit else ":memory:")
    con.execute("set preserve_insertion_order = false")
    if limit:
        con.execute("set memory_limit = $limit", {"limit": limit})
        atexit.register(shutil.rmtree, folder)
    read(con, street)
    return spread(con, localities)


def spread(con: duckdb.DuckDBPyConnection, localities: Path) -> duckdb.DuckDBPyRelation:
    """Counts by locality, month and type of the located rows in the table ``crimes``."""
    con.execute(POINTS)
    seen = con.sql("select longitude::double, latitude::double from points order by point")
    longitude, latitude = seen.fetchnumpy().values()
    codes, shapes = localities_of(localities)
    return count(con, *located(longitude, latitude, shapes), len(longitude), codes)


def count(
    con: duckdb.DuckDBPyConnection, point: Whole, polygon: Whole, points: int, codes: Objects
) -> duckdb.DuckDBPyRelation:
    """Counts of the rows in ``crimes``, of whose ``points`` it is known in which localities they
    lie: pairs, sorted."""
    of_point, signature, member = signatures(point, polygon, points)
    found = {  # noqa: F841 read by name
        "point": np.arange(points),
        "signature": of_point.astype(np.int32),
    }
    members = {  # noqa: F841 read by name
        "signature": signature.astype(np.int32),
        "locality": member.astype(np.int16 if len(codes) < 2**15 else np.int32),
    }
    con.execute(BY_SIGNATURE)
    con.execute(BY_LOCALITY)
    names = {"locality": np.arange(len(codes)), "code": codes}  # noqa: F841 read by name
    con.execute("create table names as from names")
    return con.sql("select code, month, type, n from counts join names using (locality)")


def read(con: duckdb.DuckDBPyConnection, street: Sequence[Path]) -> None:
    """The located rows as ``crimes``. Months are learnt from the folders' names; if the files have
    other words, from all of them."""
    con.execute(KNOWN, {"types": CRIME_TYPES})
    con.execute(FOLDERS, {"months": [file.parent.name for file in street]})
    try:
        con.execute(ROWS, params(street))
    except duckdb.ConversionException:
        con.execute(TYPES, params(street))
        con.execute(MONTHS, params(street))
        con.execute(ROWS, params(street))
