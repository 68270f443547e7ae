"""The same layers for other programs: a file geodatabase for ArcGIS, GeoJSON for the web,
GeoParquet and FlatGeobuf for analysts."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows.publish.gis.fields import PARTS, Field, Table
from flows.publish.gis.geopackage import clock, save

if TYPE_CHECKING:
    import duckdb
    from pyproj import Transformer
    from shapely.geometry.base import BaseGeometry

GEODATABASE = "localities.gdb"
GEOJSON = "localities.geojson"
PARQUET = "localities.parquet"
FLATGEOBUF = "localities.fgb"
DEGREES = "EPSG:4326"
DECIMALS = 6  # a tenth of a metre
LEFT_OUT = ("valid_from", "valid_to", "area_ha")  # of GeoJSON
COMPARED = PARTS[2]


def geodatabase(tables: Sequence[Table], as_of: date, path: Path) -> None:
    """All layers and tables. Days are midnights: before ArcGIS Pro 3.2 there is no other day.

    GDAL takes four times as long for twice as many columns: how a layer's figures compare is left
    to the table of all figures.
    """
    with clock(f"{as_of:%Y-%m-%d}T00:00:00.000Z"):
        for table in map(_lighter, tables):
            named = {"LAYER_ALIAS": table.title, "TIME_IN_UTC": "NO"}
            save(table, path, "OpenFileGDB", {}, named, days=False)


def _lighter(table: Table) -> Table:
    if table.shapes is None:
        return table
    return replace(table, fields=tuple(f for f in table.fields if not f.name.endswith(COMPARED)))


def together(layers: Sequence[Table], name: str) -> Table:
    """All kinds in one layer: each has the same columns, but for their aliases."""
    import numpy as np
    import pandas as pd

    fields = layers[0].fields
    columns = {f.name: np.concatenate([la.columns[f.name] for la in layers]) for f in fields}
    shapes = pd.concat([layer.shapes for layer in layers], ignore_index=True)
    return Table(name, "Localities", layers[0].description, fields, columns, shapes)


def geojson(every: Table, path: Path) -> None:
    """In degrees, as RFC 7946 asks, with each figure and its marker; it says how the degrees were
    made. GDAL's own writer rounds a figure where it takes its last digit for chance."""
    import numpy as np
    import shapely

    way = _way()
    shapes = shapely.force_2d(every.shapes.to_numpy())
    shapes = shapely.transform(shapes, way.transform, interleaved=False)
    shapes = shapely.transform(shapes, lambda at: np.round(at, DECIMALS))
    shapes = shapely.orient_polygons(shapes)  # outer rings against the clock
    columns = {f.name: every.columns[f.name].tolist() for f in every.fields if _is_light(f)}
    rows = zip(*columns.values(), strict=True)
    features = [
        {
            "type": "Feature",
            "properties": {n: _told(v) for n, v in zip(columns, row, strict=True)},
            "geometry": _geometry(shape),
        }
        for shape, row in zip(shapes, rows, strict=True)
    ]
    bounds = shapely.total_bounds(shapes)
    collection = {
        "type": "FeatureCollection",
        "name": every.name,
        "description": "Degrees (WGS 84), made from EPSG:27700 by"
        f" {way.description}, accurate to {way.accuracy:g} m.",
        **({"bbox": bounds.tolist()} if np.isfinite(bounds).all() else {}),
    }
    head = json.dumps(collection, ensure_ascii=False)[:-1]
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, allow_nan=False) for f in features)
    text = f'{head}, "features": [\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


def _told(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


def _geometry(shape: BaseGeometry | None) -> dict[str, object] | None:
    """A shape as GeoJSON says it, always of many parts; None where there is nothing."""
    from shapely.geometry import mapping

    if shape is None or shape.is_empty:
        return None
    parts = [mapping(part)["coordinates"] for part in getattr(shape, "geoms", [shape])]
    return {"type": "MultiPolygon", "coordinates": parts}


def _is_light(field: Field) -> bool:
    return field.name not in LEFT_OUT and not field.name.endswith(COMPARED)


def _way() -> Transformer:
    """The best transformation that is installed: by the Ordnance Survey's grid (OSTN15), else by
    seven numbers. One for all points, so that what is said of it holds for all."""
    from pyproj.transformer import TransformerGroup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the grid is not here is what we tell
        return TransformerGroup("EPSG:27700", DEGREES, always_xy=True).transformers[0]


def flatgeobuf(every: Table, path: Path) -> None:
    """In EPSG:27700, with an index unless a locality has no shape, which the index forbids."""
    indexed = not (every.shapes.isna() | every.shapes.is_empty).any()
    save(every, path, "FlatGeobuf", {}, {"SPATIAL_INDEX": "YES" if indexed else "NO"})


def parquet(con: duckdb.DuckDBPyConnection, every: Table, path: Path) -> None:
    """GeoParquet in EPSG:27700."""
    import pandas as pd

    days = {n: c.astype("datetime64[ms]") for n, c in every.columns.items() if c.dtype.kind == "M"}
    localities = pd.DataFrame({f.name: every.columns[f.name] for f in every.fields} | days)
    localities["geometry"] = every.shapes.to_wkb()  # DuckDB reads the frame by its name
    rows = con.sql(
        "select * exclude (geometry) replace (edition::varchar as edition,"
        " valid_from::date as valid_from, valid_to::date as valid_to),"
        " st_geomfromwkb(geometry)::geometry('EPSG:27700') as geometry from localities"
    )
    rows.write_parquet(str(path), compression="zstd")
