"""Open one layer of a boundary file as it stands, or say in a sentence why that cannot be."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd


ONE_LAYER = (".geojson", ".json", ".shp")  # whose layer is called what the file is called


class BoundaryFaults(Exception):
    """All that is wrong with boundaries and lists, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def open_layer(path: Path, layer: str = "") -> gpd.GeoDataFrame:
    """One layer as it stands in a file, with at least one row; BoundaryFaults if there is none.

    Rings left open are closed, which moves no ground.
    """
    import geopandas as gpd

    try:
        if _is_markup(path):
            raise ValueError("not recognized as being in a supported file format")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # whatever GDAL warns of is looked for in ``check``
            layers = gpd.list_layers(path).dropna(subset="geometry_type")["name"].to_list()
            alone = len(layers) == 1 and (not layer or path.suffix in ONE_LAYER)
            wanted = layers[0] if alone else layer
            read = gpd.read_file(path, layer=wanted, on_invalid="fix") if wanted in layers else None
    except Exception as why:
        mend = "Export it again as GeoPackage or GeoJSON."
        if ".shp" in path.name:
            mend = f"A shapefile needs its .shx, .dbf and .prj beside it. {mend}"
        fault = f"{path.name}: it cannot be read as a boundary file ({_unread(path, why)}). {mend}"
        raise BoundaryFaults([fault]) from why
    wrong, found = "", ", ".join(layers)
    if not layers:
        wrong = "it has no shapes. Export the layer with its geometry."
    elif read is None:
        wrong = f"it has no layer '{layer}', only {found}" if layer else f"its layers are {found}"
        wrong += ". Name the one to read in place.toml (layer = ...)."
    elif read.empty:
        wrong = "it has no area. Draw one, or take the file away."
    if wrong or read is None:
        raise BoundaryFaults([f"{path.name}: {wrong}"])
    return read


def _unread(path: Path, why: Exception) -> str:
    """What keeps a file from being read: what is plain to see, else GDAL's own words."""
    told = str(why).replace("/vsizip/", "").replace(f"{path.parent}/", "").rstrip(".")
    if "recognized" not in told or not path.is_file():
        return "it is cut short or damaged" if "malformed" in told else told
    with path.open("rb") as stream:
        start = stream.read(1000).lower()
    page = "it is a web page" if b"<html" in start else "it is in no known format"
    return page if start else "it is empty"


def _is_markup(path: Path) -> bool:
    """Whether it begins like HTML or XML: GDAL would follow a virtual layer to whatever it names,
    on this machine or the network."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(1000).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
