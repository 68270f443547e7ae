"""The same job by several methods: street files and localities in, counts by locality, month and
crime type out.

Each module has ``NEEDS`` (what must be installed, by import name) and ``counts(street,
localities)``, which gives anything that DuckDB can scan, with the columns code, month, type, n;
or None for a method that only reads (the floor).
"""

ALL = (
    "floor",
    "ours",
    "polars_signatures",
    "polars_sjoin",
    "sedona_distinct",
    "sedona_every_row",
    "duckdb_every_row",
    "geopandas_sjoin",
    "postgis",
    "house",
    "staged",
)
