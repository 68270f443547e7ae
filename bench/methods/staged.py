"""What staging could be: all files in one stream to typed Parquet that is kept, the reader giving
the types, faults looked for by the file; then counted as ours does.

A file with any fault would be staged again by itself, row by row, as the house does now.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from bench.methods import ours
from bench.methods.street_files import COLUMNS

NEEDS = ("duckdb", "shapely", "pyproj", "pyogrio")

# a word that is no month or no number ends the read with an error that names file and line
STAGE = """
copy (
    select
        parse_filename(filename) as file,
        row_number() over () as row_number,
        month,
        longitude,
        latitude,
        lsoa_code,
        type
    from read_csv($files, columns = $columns, header = true, auto_detect = false, delim = ',',
        quote = '"', escape = '"', filename = true, dateformat = '%Y-%m')
) to (getvariable('out')) (format parquet, compression zstd)
"""
FAULTS = """
select file
from read_parquet(getvariable('out'))
group by file
having min(strftime(month, '%Y-%m')) <> left(file, 7)
    or max(strftime(month, '%Y-%m')) <> left(file, 7)
    or count(*) <> count(month)
    or count(*) <> count(nullif(trim(type), ''))
    or count(*) filter ((longitude is null) <> (latitude is null)) > 0
    or min(longitude) < -9 or max(longitude) > 3
    or min(latitude) < 49 or max(latitude) > 61.5
"""
TYPES = """
create type types as enum (select distinct type from read_parquet(getvariable('out')))
"""
ROWS = """
create table crimes as
select longitude, latitude, month, type::types as type
from read_parquet(getvariable('out'))
where longitude is not null
"""


def counts(street: Sequence[Path], localities: Path) -> duckdb.DuckDBPyRelation:
    """Counts by locality, month and type."""
    folder = tempfile.mkdtemp()
    con = duckdb.connect()
    try:
        con.execute("set variable out = $out", {"out": f"{folder}/staged.parquet"})
        columns = COLUMNS | {"month": "DATE"}
        con.execute(STAGE, {"files": [str(f) for f in street], "columns": columns})
        if faulty := con.execute(FAULTS).fetchall():
            raise ValueError(f"to be staged by themselves: {faulty}")
        con.execute(TYPES)
        con.execute(ROWS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = ours.spread(con, localities)
    return found.project("code, strftime(month, '%Y-%m') as month, type, n")
