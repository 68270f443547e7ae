"""``localities.qgz``: a QGIS project of the layers in order, beside the GeoPackage that it reads,
with one page ready to print."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from flows.publish.gis import geopackage, layout
from flows.publish.gis.fields import Table
from flows.publish.gis.styles import DOCTYPE, Look, appearance, fields
from flows.publish.gis.symbols import Xml, xml

FILE = "localities.qgz"
INSIDE = "localities.qgs"
VERSION = "3.22.0"


@dataclass(frozen=True)
class Shown:
    """A layer or table in the project, and whether it is ticked."""

    table: Table
    look: Look | None
    ticked: bool = False

    @property
    def id(self) -> str:
        return f"{self.table.name}_{uuid5(NAMESPACE_URL, self.table.name).hex}"

    @property
    def source(self) -> str:
        return f"./{geopackage.FILE}|layername={self.table.name}"


def write(shown: Sequence[Shown], page: layout.Page, as_of: date, path: Path) -> None:
    """Write the project; what stands first is drawn last, on top."""
    root = xml(
        "qgis",
        xml("homePath", path=""),
        xml("title", page.title),
        xml("projectCrs", _grid()),
        xml("layer-tree-group", *(_leaf(one) for one in shown)),
        _canvas(page.extent),
        xml("projectlayers", *(_layer(one) for one in shown)),
        xml("layerorder", *(xml("layer", id=one.id) for one in shown)),
        _properties(),
        xml(
            "projectMetadata",
            xml("title", page.title),
            xml("abstract", page.below),
            xml("creation", f"{as_of:%Y-%m-%d}T00:00:00"),
        ),
        xml("Layouts", layout.made(page)),
        version=VERSION,
        projectname=page.title,
    )
    _zip(DOCTYPE + root, as_of, path)


def _zip(text: str, as_of: date, path: Path) -> None:
    info = zipfile.ZipInfo(INSIDE, (max(as_of.year, 1980), as_of.month, as_of.day, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # else it says on which system it was made
    info.external_attr = 0o644 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, text.encode("utf-8"))


@cache
def _grid() -> Xml:
    """The British National Grid in full: its number alone shows as an unknown one."""
    import pyproj

    told = {
        "wkt": pyproj.CRS.from_epsg(27700).to_wkt(),
        "proj4": "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000"
        " +ellps=airy +units=m +no_defs",
        "srsid": "2437",
        "srid": "27700",
        "authid": "EPSG:27700",
        "description": "OSGB36 / British National Grid",
        "projectionacronym": "tmerc",
        "ellipsoidacronym": "EPSG:7001",
        "geographicflag": "false",
    }
    return xml("spatialrefsys", *(xml(tag, text) for tag, text in told.items()))


def _leaf(one: Shown) -> Xml:
    told = {"id": one.id, "name": one.table.title, "source": one.source, "providerKey": "ogr"}
    told["checked"] = "Qt::Checked" if one.ticked else "Qt::Unchecked"
    return xml("layer-tree-layer", expanded="1" if one.ticked else "0", **told)


def _canvas(extent: tuple[float, float, float, float]) -> Xml:
    box = zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True)
    return xml(
        "mapcanvas",
        xml("units", "meters"),
        xml("extent", *(xml(tag, f"{value:.0f}") for tag, value in box)),
        xml("rotation", "0"),
        xml("destinationsrs", _grid()),
        name="theMapCanvas",
        annotationsVisible="1",
    )


def _layer(one: Shown) -> Xml:
    """A layer with its own copy of its look: a project does not ask the file for it."""
    table, look = one.table, one.look
    ground = table.shapes is not None
    metadata = xml("title", table.title), xml("abstract", table.description)
    return xml(
        "maplayer",
        xml("id", one.id),
        xml("datasource", one.source),
        xml("layername", table.title),
        xml("provider", "ogr", encoding="UTF-8"),
        *([xml("srs", _grid())] if ground else []),
        xml("resourceMetadata", *metadata),
        *([fields(table.fields)] if look is None else appearance(look, table)),
        type="vector",
        geometry="Polygon" if ground else "No geometry",
        wkbType="MultiPolygon" if ground else "NoGeometry",
        labelsEnabled="1" if look and look.named else "0",
    )


def _properties() -> Xml:
    return xml(
        "properties",
        xml("SpatialRefSys", xml("ProjectionsEnabled", "1", type="int")),
        xml("Paths", xml("Absolute", "false", type="bool")),
        xml(
            "Measurement",
            xml("DistanceUnits", "meters", type="QString"),
            xml("AreaUnits", "ha", type="QString"),
        ),
    )
