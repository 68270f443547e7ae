"""What most people would write: pandas reads, geopandas joins every row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

NEEDS = ("geopandas",)


def counts(street: Sequence[Path], localities: Path) -> pd.DataFrame:
    """Counts by locality, month and type. ``within`` is five times faster than the default
    ``intersects``, and gives the same but for points on an edge."""
    rows = pd.concat(pd.read_csv(f) for f in street).dropna(subset=["Longitude", "Latitude"])
    points = gpd.GeoDataFrame(
        rows[["Month", "Crime type"]],
        geometry=gpd.points_from_xy(rows["Longitude"], rows["Latitude"]),
        crs="EPSG:4326",
    ).to_crs("EPSG:27700")
    joined = points.sjoin(gpd.read_file(localities), predicate="within")
    found = joined.groupby(["code", "Month", "Crime type"]).size().reset_index(name="n")
    return found.rename(columns={"Month": "month", "Crime type": "type"})
