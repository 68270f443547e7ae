"""What a user of polars would write: read with polars, join the distinct points with geopandas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import polars as pl

from bench.methods.polars_signatures import read

NEEDS = ("polars", "geopandas", "pyarrow")


def counts(street: Sequence[Path], localities: Path) -> pl.DataFrame:
    """Counts by locality, month and type."""
    rows = read(street)
    seen = rows.select("x", "y").unique()
    points = gpd.GeoDataFrame(
        {"x": seen["x"].to_numpy(), "y": seen["y"].to_numpy()},
        geometry=gpd.points_from_xy(seen["x"], seen["y"], crs="EPSG:4326"),
    ).to_crs("EPSG:27700")
    joined = gpd.sjoin(points, gpd.read_file(localities)[["code", "geometry"]])
    places = pl.from_pandas(joined[["x", "y", "code"]].reset_index(drop=True))
    return (
        rows.join(places, on=["x", "y"])
        .group_by("code", "month", "type")
        .agg(pl.len().alias("n"))
        .with_columns(pl.col("month", "type").cast(pl.String))
    )
