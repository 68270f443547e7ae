"""Polars in DuckDB's place: distinct points, STRtree, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from bench.methods.ground import localities_of, located
from bench.methods.signatures import signatures

NEEDS = ("polars", "shapely", "pyproj", "pyogrio", "pyarrow")
NAMES = {"Month": "month", "Longitude": "x", "Latitude": "y", "Crime type": "type"}
SCHEMA = {
    "Crime ID": pl.String,
    "Month": pl.Categorical,
    "Reported by": pl.String,
    "Falls within": pl.String,
    "Longitude": pl.Float64,
    "Latitude": pl.Float64,
    "Location": pl.String,
    "LSOA code": pl.String,
    "LSOA name": pl.String,
    "Crime type": pl.Categorical,
    "Last outcome category": pl.String,
    "Context": pl.String,
}


def read(street: Sequence[Path]) -> pl.DataFrame:
    """The located rows: month, x, y, type."""
    return (
        pl.scan_csv([str(f) for f in street], schema=SCHEMA)
        .select(*NAMES)
        .rename(NAMES)
        .drop_nulls(["x", "y"])
        .collect(engine="streaming")
    )


def counts(street: Sequence[Path], localities: Path) -> pl.DataFrame:
    """Counts by locality, month and type."""
    rows = read(street)
    points = rows.select("x", "y").unique()
    codes, shapes = localities_of(localities)
    pairs = located(points["x"].to_numpy(), points["y"].to_numpy(), shapes)
    of_point, signature, member = signatures(*pairs, len(points))
    placed = points.with_columns(pl.Series("signature", of_point.astype(np.int32)))
    members = pl.DataFrame({"signature": signature.astype(np.int32), "code": codes[member]})
    by_signature = (
        rows.lazy()
        .join(placed.lazy().filter(pl.col("signature") >= 0), on=["x", "y"])
        .group_by("signature", "month", "type")
        .agg(pl.len().alias("n"))
    )
    return (
        by_signature.join(members.lazy(), on="signature")
        .group_by("code", "month", "type")
        .agg(pl.col("n").sum())
        .with_columns(pl.col("month", "type").cast(pl.String))
        .collect(engine="streaming")
    )
