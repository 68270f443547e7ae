"""Boundary files that are wrong in one way each, as officers send them, and what is said of them.

Each is made from three squares of a square kilometre in a row, A, B and C, which fill their place.
"""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

EAST, NORTH = 450_000, 300_000  # in Leicestershire
SQUARES = [box(EAST + 1000 * i, NORTH, EAST + 1000 * i + 1000, NORTH + 1000) for i in range(3)]
PLACE = box(EAST, NORTH, EAST + 3000, NORTH + 1000)
GRID_CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}


@dataclass(frozen=True)
class Broken:
    """A way to be wrong: a builder of the file, and what must come of it."""

    build: Callable[[Path], Path]  # writes into a folder that it is given
    refused: str = ""  # part of the one sentence of it; empty if it is read
    left: str = ""  # part of the one sentence that its mending leaves to a person; empty if none
    codes: tuple[str, ...] = ("A", "B", "C")  # of the areas read, or mended
    hectares: float = 300.0  # that these have together
    layer: str = ""
    partition: bool = False


def layer(shapes=SQUARES, codes=("A", "B", "C"), names=("Ashby", "Barrow", "Coalville"), crs=27700):
    fields = {"town_code": list(codes), "town_name": list(names)}
    return gpd.GeoDataFrame(fields, geometry=list(shapes), crs=crs)


def with_first(shape):
    """The three areas, the first of them drawn as ``shape``."""
    return layer([shape, *SQUARES[1:]])


def saved(frame, name="towns.gpkg", **named) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        frame.to_file(folder / name, **named)
        return folder / name

    return build


def written(content: str | bytes, name="towns.geojson") -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return folder / name

    return build


def geojson(first=None, crs=GRID_CRS, **properties) -> str:
    """The three areas as GeoJSON text, the first with other coordinates, shape or properties."""
    features = json.loads(layer(crs=None).to_json())["features"]
    if isinstance(first, dict):
        features[0]["geometry"] = first
    elif first is not None:
        features[0]["geometry"]["coordinates"] = first
    features[0]["properties"] |= properties
    content = {"type": "FeatureCollection", "features": features}
    return json.dumps(content | ({"crs": crs} if crs else {}))


def cut_short(build: Callable[[Path], Path], share=0.5) -> Callable[[Path], Path]:
    def cut(folder: Path) -> Path:
        path = build(folder)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        return path

    return cut


def shapefile(without: str = "", instead: str = "") -> Callable[[Path], Path]:
    """A shapefile that lacks one of its files, or has another text in it."""

    def build(folder: Path) -> Path:
        path = saved(layer(), "towns.shp")(folder)
        path.with_suffix(without).unlink()
        if instead:
            path.with_suffix(without).write_text(instead, "utf-8")
        return path

    return build


def zipped(**members: str) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "towns.zip", "w") as bundle:
            for name, content in members.items():
                bundle.writestr(name.replace("_", "."), content)
        return folder / "towns.zip"

    return build


def two_layers(folder: Path) -> Path:
    saved(layer(), layer="towns")(folder)
    return saved(layer(), layer="villages", mode="a")(folder)


def styled(folder: Path) -> Path:
    """As QGIS saves it: with a second table, of styles, that has no shapes."""
    path = saved(layer())(folder)
    pyogrio.write_dataframe(
        pd.DataFrame({"style": ["<qgis/>"]}), path, layer="styles", append=False
    )
    return path


def table_only(folder: Path) -> Path:
    pyogrio.write_dataframe(pd.DataFrame(layer().drop(columns="geometry")), folder / "towns.gpkg")
    return folder / "towns.gpkg"


def without_crs(folder: Path) -> Path:
    """A GeoPackage that names the "undefined" system, which GDAL takes for one."""
    path = saved(layer())(folder)
    with sqlite3.connect(path) as con:
        con.execute("update gpkg_contents set srs_id = -1")
        con.execute("update gpkg_geometry_columns set srs_id = -1")
    return path


def moved(east=0.0, north=0.0) -> list[Polygon]:
    return [shapely.affinity.translate(square, east, north) for square in SQUARES]


def turned(shapes) -> list[Polygon]:
    return list(shapely.transform(shapes, lambda corners: corners[:, ::-1]))


def ring(*corners) -> list[list[float]]:
    """Corners in metres from that of the first square."""
    return [[EAST + x, NORTH + y] for x, y in corners]


def within(west, south, east, north) -> list[tuple[float, float]]:
    return list(box(EAST + west, NORTH + south, EAST + east, NORTH + north).exterior.coords)


IN_DEGREES = list(layer().to_crs(4326).geometry)
IN_MERCATOR = list(layer().to_crs(3857).geometry)
SQUARE = ((0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0))
SHELL = within(0, 0, 1000, 1000)
BOW_TIE = Polygon(ring((0, 0), (1000, 1000), (1000, 0), (0, 1000)))
LONG = "Ashby " * 50

NO_FORMAT = "it is in no known format"
UNREADABLE = {
    "an empty file": (written(""), "it is empty"),
    "an empty GeoPackage": (written("", "towns.gpkg"), "it is empty"),
    "a GeoJSON cut short": (cut_short(written(geojson())), "Failed to read GeoJSON data"),
    "a GeoPackage cut short": (cut_short(saved(layer())), "it is cut short or damaged"),
    "a web page saved as GeoJSON": (
        written("<!doctype html><html><body>Log in</body></html>"),
        "it is a web page",
    ),
    "a virtual layer that leads to another file": (
        written('<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>y</SrcDataSource>'),
        NO_FORMAT,
    ),
    "an error that a server sent for GeoJSON": (written('{"error": {"code": 400}}'), NO_FORMAT),
    "a zip without a shapefile": (zipped(readme_txt="The boundaries follow."), NO_FORMAT),
    "a zip that is none": (written(b"PK\x03\x04 and no more", "towns.zip"), NO_FORMAT),
    "a CSV called GeoJSON": (written("town_code,town_name\nA,Ashby\n"), NO_FORMAT),
    "a CSV called GeoPackage": (written("town_code,town_name\nA,Ashby\n", "towns.gpkg"), NO_FORMAT),
    "a shapefile without its index": (shapefile(without=".shx"), "Unable to open towns.shx"),
    "a file that is not there": (
        lambda folder: folder / "towns.gpkg",
        "towns.gpkg: No such file or directory",
    ),
}
BROKEN: dict[str, Broken] = {
    name: Broken(build, f"it cannot be read as a boundary file ({why}", "it cannot be read")
    for name, (build, why) in UNREADABLE.items()
}
BROKEN |= {
    # Layers and fields
    "a table without shapes": Broken(
        written("town_code,town_name\nA,Ashby\n", "towns.csv"), "it has no shapes", "no shapes"
    ),
    "a GeoPackage without shapes": Broken(table_only, "it has no shapes", "no shapes"),
    "no features": Broken(
        written('{"type": "FeatureCollection", "features": []}'), "it has no area", "no area"
    ),
    "two layers, none named": Broken(
        two_layers,
        "its layers are towns, villages. Name the one to read in place.toml",
        "its layers",
    ),
    "a layer of another name": Broken(
        saved(layer(), layer="towns"),
        "it has no layer 'parishes', only towns. Name the one to read in place.toml",
        "no layer 'parishes'",
        layer="parishes",
    ),
    "a table of styles beside the layer": Broken(styled),
    "a shapefile without its table": Broken(
        shapefile(without=".dbf"), "it has no fields", "it has no fields"
    ),
    "a field that lacks": Broken(
        saved(layer().rename(columns={"town_code": "id"})),
        "no field 'town_code'. Its fields are id, town_name (nearest: town_name)",
        "no field 'town_code'",
    ),
    "no field of names": Broken(
        saved(layer().rename(columns={"town_name": "town_nam"})),
        "no field 'town_name'. Its fields are town_code, town_nam (nearest: town_nam)",
        "no field 'town_name'",
    ),
    "a field in capitals": Broken(
        saved(layer().rename(columns={"town_code": "TOWN_CODE"})),
        "no field 'town_code'. Its fields are TOWN_CODE, town_name (nearest: TOWN_CODE)",
    ),
    # Reference systems
    "a shapefile without its reference system": Broken(
        shapefile(without=".prj"), "names no known coordinate reference system (CRS); its"
    ),
    "a shapefile whose reference system is no text of one": Broken(
        shapefile(without=".prj", instead="metres"), "names no known coordinate reference system"
    ),
    "a shapefile in a system of somebody's own": Broken(
        shapefile(without=".prj", instead='LOCAL_CS["ours",UNIT["metre",1]]'),
        "names no known coordinate reference system (CRS); its coordinates look like metres of",
    ),
    "a GeoPackage of undefined reference system": Broken(
        without_crs, "names no known coordinate reference system"
    ),
    "metres in a GeoJSON that names no system": Broken(
        written(geojson(crs=None)),
        "its CRS is in degrees but its coordinates look like metres of the British National Grid",
    ),
    "a GeoJSON that names a system that there is not": Broken(
        written(geojson(crs={"type": "name", "properties": {"name": "EPSG:99999"}})),
        "its CRS is in degrees but its coordinates look like metres",
    ),
    "degrees called metres": Broken(
        saved(layer(IN_DEGREES)), "its CRS is in metres but its coordinates look like degrees."
    ),
    "degrees east of Greenwich, called metres": Broken(
        saved(layer([box(1 + i / 10, 52, 1.1 + i / 10, 52.1) for i in range(3)])),
        "its CRS is in metres but its coordinates look like degrees.",
        "all its areas lie outside the place",
    ),
    "latitude before longitude": Broken(
        saved(layer(turned(IN_DEGREES), crs=4326), "towns.geojson"),
        "latitude and longitude are swapped. Save it with longitude first.",
    ),
    "latitude before longitude, called metres": Broken(
        saved(layer(turned(IN_DEGREES))),
        "its coordinates look like degrees with the latitude first",
    ),
    "Web Mercator called the National Grid": Broken(
        saved(layer(IN_MERCATOR)), "its coordinates look like metres of Web Mercator (EPSG:3857)"
    ),
    "the National Grid called Web Mercator": Broken(
        saved(layer(crs=3857)), "its coordinates look like metres of the British National Grid"
    ),
    "a place in France": Broken(
        saved(layer([box(2 + i, 47, 3 + i, 48) for i in range(3)], crs=4326)),
        "it lies outside Great Britain, at 2, 47",
        "lies outside Great Britain",
    ),
    "metres that are on no grid": Broken(
        saved(layer(moved(east=2_000_000))),
        "it lies outside Great Britain, at 2,450,000, 300,000",
        "it lies outside Great Britain",
    ),
    "one area at the other end of the world": Broken(
        saved(with_first(moved(north=-9_000_000)[0])),
        "area A lies outside Great Britain, at 450,000, -8,700,000. Draw it again",
        "area A lies outside Great Britain",
    ),
    "one area in degrees among metres": Broken(
        saved(with_first(IN_DEGREES[0])),
        "area A lies outside Great Britain",
    ),
    # Shapes
    "a corner that is no number": Broken(
        written(geojson([ring((0, 0), (float("nan"), 0), (1000, 1000), (0, 0))])),
        "area A has a corner that is nowhere on Earth",
        "area A has a corner that is nowhere on Earth",
    ),
    "a corner without end": Broken(
        written(geojson([ring((0, 0), (float("inf"), 0), (1000, 1000), (0, 0))])),
        "area A has a corner that is nowhere on Earth",
        "nowhere on Earth",
    ),
    "a corner beyond all bounds": Broken(
        written(geojson([ring((0, 0), (1e300, 0), (1000, 1000), (0, 0))])),
        "area A has a corner that is nowhere on Earth",
        "nowhere on Earth",
    ),
    "no shape": Broken(saved(with_first(None)), "area A has no shape", "area A has no shape"),
    "an empty shape": Broken(
        saved(with_first(Polygon())), "area A has no shape. Draw it or take it out.", "no shape"
    ),
    "coordinates that are words": Broken(
        written(geojson([[["west", "south"], ["east", "south"], ["east", "north"]]])),
        "area A has no shape",
        "area A has no shape",
    ),
    "a shapefile cut short": Broken(
        cut_short(saved(layer(), "towns.shp"), 0.9), "area C has no shape", "area C has no shape"
    ),
    "a ring of two corners": Broken(
        written(geojson([ring((0, 0), (1000, 0), (0, 0))])),
        "area A encloses no ground",
        "area A encloses no ground",
    ),
    "a ring along a line": Broken(
        saved(with_first(Polygon(ring((0, 0), (1000, 0), (500, 0))))),
        "area A encloses no ground",
        "area A encloses no ground",
    ),
    "a square of half a metre": Broken(
        saved(with_first(box(EAST, NORTH, EAST + 0.5, NORTH + 0.5))),
        "area A encloses no ground",
        "area A encloses no ground",
    ),
    "a line": Broken(
        saved(with_first(LineString(SHELL))),
        "area A is a LineString, not a polygon",
        "area A is a LineString",
    ),
    "a point": Broken(
        saved(with_first(Point(EAST, NORTH))), "area A is a Point, not a polygon", "is a Point"
    ),
    "a collection of a polygon and a line": Broken(
        saved(with_first(GeometryCollection([SQUARES[0], LineString(SHELL[:2])]))),
        "area A is a GeometryCollection, not a polygon",
    ),
    "a collection of a line and a point": Broken(
        saved(with_first(GeometryCollection([Point(SHELL[0]), LineString(SHELL[:2])]))),
        "area A is a GeometryCollection, not a polygon",
        "area A is a GeometryCollection",
    ),
    "a bow-tie": Broken(
        saved(with_first(BOW_TIE)),
        "the boundary of area A crosses itself or its parts (Self-intersection[450500 300500])",
        hectares=250,
    ),
    "a hole outside its area": Broken(
        saved(with_first(Polygon(SHELL, [within(100, 2000, 300, 2200)]))),
        "(Hole lies outside shell[450",
        hectares=304,  # a hole drawn elsewhere is taken for a part
    ),
    "a hole in a hole": Broken(
        saved(with_first(Polygon(SHELL, [within(100, 100, 900, 900), within(200, 200, 300, 300)]))),
        "(Holes are nested[450",
        hectares=236,
    ),
    "two parts that overlap": Broken(
        saved(with_first(MultiPolygon([box(*SQUARES[0].bounds), SQUARES[0].buffer(-100)]))),
        "the boundary of area A crosses itself or its parts (Nested shells[",
    ),
    # Codes and names
    "one area twice": Broken(
        saved(layer([*SQUARES, SQUARES[0]], "ABCA", ["Ashby", "Barrow", "Coalville", "Ashby"])),
        "two areas have the code A and one shape. Take out all but one.",
    ),
    "one area twice, by two names": Broken(
        saved(layer([*SQUARES, SQUARES[0]], "ABCA", ["Ashby", "Barrow", "Coalville", "Asby"])),
        "two areas have the code A and one shape",
        "two areas have the code A and one shape",
    ),
    "one code for two areas": Broken(
        saved(layer(codes="ABA")),
        "two areas have the code A and different shapes. Give each area its own code, or",
        "two areas have the code A and different shapes",
    ),
    "one code for three areas": Broken(
        saved(layer(codes="AAA")), "3 areas have the code A and", "3 areas have the code A and"
    ),
    "an area without a code": Broken(
        saved(layer(codes=["A", None, "C"])), "an area has no code (row 2)", "no code (row 2)"
    ),
    "an area whose code is a space": Broken(
        saved(layer(codes=["A", " ", "C"])), "an area has no code (row 2)", "no code (row 2)"
    ),
    "two codes that differ in case only": Broken(
        saved(layer(codes=["T a", "B", "TA"])),
        "the codes 'T a' and 'TA' differ only in case or spaces",
        "the codes 'T a' and 'TA' differ only",
    ),
    "a code of two lines": Broken(
        written(geojson(town_code="A\n1")),
        "the code of area A\ufffd1 has a hidden character, U+000A",
        codes=("A 1", "B", "C"),
    ),
    "a code that is turned round": Broken(
        saved(layer(codes=["A\u202e1", "B", "C"])),
        "the code of area A\ufffd1 has a hidden character, U+202E",
        codes=("A1", "B", "C"),
    ),
    "a bell in a name": Broken(
        saved(layer(names=["Ash\x07by", "Barrow", "Coalville"])),
        "the name of area A has a hidden character, U+0007",
    ),
    "a name as long as a page": Broken(
        saved(layer(names=[LONG, "Barrow", "Coalville"])),
        "the name of area A has 299 characters. Keep it to 200.",
        "the name of area A has 299 characters",
    ),
    "a code as long as a page": Broken(
        saved(layer(codes=["A" * 201, "B", "C"])),
        f"the code of area {'A' * 40}… has 201 characters. Keep it to 200.",
        "has 201 characters",
    ),
    # Ground
    "two areas of a partition that overlap": Broken(
        saved(with_first(box(EAST, NORTH, EAST + 1200, NORTH + 1000))),
        "A and B overlap by 20.0 ha around 451100, 300500, but towns is declared a partition",
        "A and B overlap by 20.0 ha",
        partition=True,
    ),
    "a gap in a partition": Broken(
        saved(with_first(box(EAST, NORTH, EAST + 800, NORTH + 1000))),
        "20.0 ha around 450900, 300500 are in no towns, but towns is declared a partition. Give"
        " that ground to its neighbour (A, B)",
        "20.0 ha around 450900, 300500 are in no towns",
        partition=True,
    ),
    "an area of a partition that was forgotten": Broken(
        saved(layer().iloc[[0, 2]]),
        "100.0 ha around 451500, 300500 are in no towns",
        "100.0 ha",
        partition=True,
    ),
    "a partition with a strip in two areas": Broken(
        saved(with_first(box(EAST, NORTH, EAST + 1010, NORTH + 1000))),
        "its areas overlap in slivers of 1.0 ha in all, the largest 1.0 ha around 451005, 300500",
        partition=True,
    ),
    "a file of another place": Broken(
        saved(layer(moved(east=-100_000, north=100_000))),
        "all its areas lie outside the place, 141 km to the north-west of it",
        "all its areas lie outside the place",
    ),
    "northing before easting": Broken(
        saved(layer(turned(SQUARES))), "its eastings and northings are swapped"
    ),
    # What does no harm
    "a ring left open": Broken(written(geojson([ring(*SQUARE[:-1])]))),
    "corners drawn twice": Broken(written(geojson([ring(*SQUARE[:2], *SQUARE[1:], *SQUARE[-1:])]))),
    "a ring that runs the other way": Broken(written(geojson([ring(*SQUARE[::-1])]))),
    "a spike without width": Broken(
        saved(with_first(Polygon(ring((0, 0), (1000, 0), (1000, 1000), (1000, 2000), *SQUARE[2:]))))
    ),
    "two parts that share an edge": Broken(
        saved(
            with_first(
                MultiPolygon(
                    [
                        box(EAST, NORTH, EAST + 400, NORTH + 1000),
                        box(EAST + 400, NORTH, EAST + 1000, NORTH + 1000),
                    ]
                )
            )
        )
    ),
    "heights": Broken(saved(layer([shapely.force_3d(s, 90.0) for s in SQUARES]))),
    "codes that are numbers with a point": Broken(
        saved(layer(codes=[101.0, 102.0, 103.0])), codes=("101", "102", "103")
    ),
    "codes with spaces round them": Broken(saved(layer(codes=[" A", "B ", "\tC\n"]))),
    "names that are not there": Broken(saved(layer(names=[None, "", " "]))),
    "a field called fid": Broken(
        written(geojson(fid=1, geom="a square", town_codes="A")),
    ),
}
