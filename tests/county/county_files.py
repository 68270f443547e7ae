"""Bytes that are the same on every run: delimited text, archives with fixed dates, GIS files."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import geopandas
import pyogrio
import xlsxwriter
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

FIXED_DATE = datetime(2025, 8, 1)
Row = Sequence[object]


class Bare(str):
    """A value that stays without quotes where the publisher quotes all text."""


def csv_bytes(
    rows: Iterable[Row], newline: str = "\n", quote_text: bool = False, bom: bool = False
) -> bytes:
    """Delimited UTF-8 text. `quote_text` puts quotes round every value but numbers and `Bare`."""
    out = io.StringIO()
    if quote_text:
        for row in rows:
            cells = (
                str(v)
                if isinstance(v, int | float | Bare)
                else '"' + str(v).replace('"', '""') + '"'
                for v in row
            )
            out.write(",".join(cells) + newline)
    else:
        csv.writer(out, lineterminator=newline).writerows(rows)
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def zip_bytes(members: dict[str, bytes]) -> bytes:
    """An archive of `members` (name to content), all with the fixed date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, FIXED_DATE.timetuple()[:6])
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=9)
    return out.getvalue()


def workbook_bytes(sheets: dict[str, list[Row]]) -> bytes:
    """An .xlsx of `sheets` (name to rows); blank and None cells are left out."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": FIXED_DATE, "comments": "Invented figures"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value not in ("", None):
                        sheet.write(number, column, value)
    return out.getvalue()


def geojson_bytes(
    name: str, features: Iterable[tuple[dict[str, object], list[tuple[float, float]]]]
) -> bytes:
    """GeoJSON in longitude and latitude, a feature a line, 7 decimals (about a centimetre)."""
    head = {
        "type": "FeatureCollection",
        "name": name,
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    }
    lines = []
    for properties, ring in features:
        places = [[round(lon, 7), round(lat, 7)] for lon, lat in ring]
        geometry = {"type": "Polygon", "coordinates": [places]}
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        lines.append(json.dumps(feature, separators=(",", ":")))
    opening = json.dumps(head)[:-1] + ', "features": [\n'
    return (opening + ",\n".join(lines) + "\n]}\n").encode()


def rim(polygon: Polygon) -> list[tuple[float, float]]:
    """The outer ring of a polygon, anticlockwise as GeoJSON wants it."""
    return list(orient(polygon, 1.0).exterior.coords)


def geopackage_bytes(layer: str, frame: geopandas.GeoDataFrame) -> bytes:
    """A one-layer GeoPackage whose date of change is fixed."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE.strftime("%Y-%m-%dT%H:%M:%SZ")})
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{layer}.gpkg"
            frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
