"""``boundaries.parquet``: the polygons of all localities as GeoParquet in EPSG:27700."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import geopandas as gpd

FILE = "boundaries.parquet"
COLUMNS = {
    "area_kind": "Kind of locality.",
    "area_code": "Code of the locality.",
    "area_name": "Name of the locality.",
    "edition": "Edition of its boundaries; blank where the kind has one only.",
    "area_ha": "Area in hectares.",
    "geometry": "Polygon in EPSG:27700, British National Grid, in metres.",
}
DAYS = {  # in layers, not in this file: a later edition ends an older one afterwards
    "valid_from": "First day on which they are in force; blank where none is told.",
    "valid_to": "Last day on which they are in force; blank where none is told.",
}


def write(
    con: duckdb.DuckDBPyConnection, layers: Mapping[str, gpd.GeoDataFrame], folder: Path
) -> int:
    """Write all kinds into one file; the number of polygons. The same shapes, the same bytes."""
    import pandas as pd

    polygons = pd.concat([together(kind, layer) for kind, layer in layers.items()])
    shapes = pd.DataFrame(polygons.drop(columns="geometry"))
    shapes["geometry"] = polygons.geometry.to_wkb()
    rows = con.sql(
        "select area_kind, area_code, area_name, edition::varchar as edition, area_ha,"
        " st_geomfromwkb(geometry)::geometry('EPSG:27700') as geometry from shapes"
    )
    rows.write_parquet(str(folder / FILE), compression="zstd")
    return len(shapes)


def together(kind: str, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A kind's polygons in the order of their codes, with the kind, their size, and the days on
    which they are in force."""
    sized = layer.assign(area_kind=kind, area_ha=(layer.geometry.area / 10_000).round(2))
    return sized[[*COLUMNS, *DAYS]].sort_values(["area_code", "edition"], ignore_index=True)
