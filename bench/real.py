"""The real archives in ``../shared/data``, unpacked as the publisher packed them, and the real
boundaries beside them as localities of four kinds."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd

from bench import shapes

LAYERS = {
    "ons_geography/police_area_ward.geojson": "ward",
    "ons_geography/police_area_msoa21.geojson": "msoa",
    "ons_geography/police_area_lsoa21.geojson": "small_area",
    "leicestershire/towns_built_up_areas_2011.geojson": "town",
}


def make(shared: Path, out: Path) -> None:
    """Write ``out/police`` and ``out/localities.gpkg``; FileNotFoundError where there are none."""
    if (out / "localities.gpkg").exists():
        return
    archives = sorted((shared / "police_crime").glob("*.zip"))
    if not archives:
        raise FileNotFoundError(f"no police archives in {shared / 'police_crime'}")
    for archive in archives:
        with zipfile.ZipFile(archive) as packed:
            for member in packed.namelist():
                if member.endswith("-street.csv"):
                    packed.extract(member, out / "police")
    frames = []
    for name, kind in LAYERS.items():
        layer = gpd.read_file(shared / name).to_crs(shapes.METRES)
        made = layer.geometry.make_valid().buffer(0)
        codes = [f"{kind}-{n:04}" for n in range(len(layer))]
        frames.append(gpd.GeoDataFrame({"code": codes, "kind": kind}, geometry=made))
    shapes.write(shapes.stacked(frames), out / "localities.gpkg", "localities")
