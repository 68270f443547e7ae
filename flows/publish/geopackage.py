"""``localities.gpkg``: a plain layer for each kind of locality, in EPSG:27700."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd

# the file's own time stamp: fixed, so that the same shapes give the same bytes
DATED = "2000-01-01T00:00:00.000Z"


COLUMNS = [
    "area_code",
    "area_name",
    "area_kind",
    "edition",
    "valid_from",
    "valid_to",
    "area_ha",
    "geometry",
]


def write(layers: dict[str, gpd.GeoDataFrame], folder: Path) -> Path:
    """Write each kind's polygons with the edition and the days it is in force."""
    import pyogrio

    path = folder / "localities.gpkg"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": DATED})
    for kind, shapes in layers.items():
        layer = shapes.assign(area_kind=kind, area_ha=(shapes.geometry.area / 10_000).round(2))
        pyogrio.write_dataframe(
            layer[COLUMNS],
            path,
            layer=kind,
            driver="GPKG",
            append=path.exists(),
            geometry_type="MultiPolygon",
            promote_to_multi=True,
        )
    return path
