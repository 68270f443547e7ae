"""Maps as SVG, drawn in EPSG:27700: each locality's outline once a page, its class as a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from flows.publish.classes import classes
from flows.publish.website.facts import WHOLE, Cell, Locality

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np

ACROSS = 6_000  # units of a map's longer side: a town's map is a piece of the whole's
FINEST = 1 / 1_000  # of the longer side: detail that no screen shows is left out
TOWN = "town"
MARGIN = 0.06
ROUND = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)  # metres


@dataclass
class Atlas:
    """The outlines of a release. ``paths`` by kind and code, on one grid of ``width`` by
    ``height``, north up."""

    west: float
    north: float
    unit: float  # metres
    width: int
    height: int
    paths: dict[str, dict[str, str]] = field(default_factory=dict)
    boxes: dict[str, dict[str, tuple[int, int, int, int]]] = field(default_factory=dict)
    inside: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)

    @cached_property
    def view(self) -> str:
        rim = int(ACROSS * 0.01)
        below = ACROSS // 20  # for the bar that tells the scale
        return f"{-rim} {-rim} {self.width + 2 * rim} {self.height + 2 * rim + below}"

    def window(self, kind: str, code: str) -> str:
        """The view that a locality fills."""
        west, south, east, north = self.boxes[kind][code]
        rim = int(MARGIN * max(east - west, north - south)) + 1
        return f"{west - rim} {south - rim} {east - west + 2 * rim} {north - south + 2 * rim}"

    def within(self, kind: str, town: str) -> list[str]:
        """The localities of a kind of which most lies in a town's box, if they are too small to
        be seen on the whole map."""
        west, south, east, north = self.boxes[TOWN][town]
        found = [
            code
            for code, (x, y) in self.inside.get(kind, {}).items()
            if west <= x <= east and south <= y <= north
        ]
        small = [c for c in found if max(sides(self.boxes[kind][c])) < ACROSS * 0.08]
        return found if len(small) * 2 > len(found) and len(found) > 1 else []


def sides(box: tuple[int, int, int, int]) -> tuple[int, int]:
    """How far a box reaches, east and south."""
    west, south, east, north = box
    return east - west, north - south


def atlas(
    layers: Mapping[str, gpd.GeoDataFrame], editions: Mapping[tuple[str, str], str | None]
) -> Atlas:
    """Simplify and number the polygons of the localities in ``editions`` (by kind and code, the
    edition that their newest figures are on): what older boundaries had is not drawn."""
    import numpy as np

    layers = {kind: _shown(kind, layer, editions) for kind, layer in layers.items()}
    layers = {kind: layer for kind, layer in layers.items() if len(layer)}
    bounds = np.array([layer.total_bounds for layer in layers.values()])
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    unit = max(east - west, north - south) / ACROSS
    made = Atlas(west, north, unit, int((east - west) / unit), int((north - south) / unit))
    for kind, layer in layers.items():
        shapes = _simpler(layer.geometry.to_numpy(), ACROSS * unit * FINEST)
        codes = layer["area_code"].tolist()
        made.paths[kind] = {c: _path(s, made) for c, s in zip(codes, shapes, strict=True)}
        made.boxes[kind] = {c: _box(s, made) for c, s in zip(codes, shapes, strict=True)}
        points = layer.geometry.representative_point()
        made.inside[kind] = {
            c: _at(x, y, made) for c, x, y in zip(codes, points.x, points.y, strict=True)
        }
    return made


def _shown(
    kind: str, layer: gpd.GeoDataFrame, editions: Mapping[tuple[str, str], str | None]
) -> gpd.GeoDataFrame:
    """The polygons of a kind that its newest figures are on, one for each code."""
    layer = layer[layer.geometry.notna() & ~layer.geometry.is_empty]
    told = zip(layer["area_code"], layer["edition"], strict=True)
    ours = [
        (kind, code) in editions and (editions[kind, code] or "") in ("", _text(edition))
        for code, edition in told
    ]
    return layer[ours].drop_duplicates("area_code", keep="last")


def _text(edition: Any) -> str:
    return edition if isinstance(edition, str) else ""


def _simpler(shapes: np.ndarray, tolerance: float) -> np.ndarray:
    """The same shapes with fewer corners; those that share edges still share them."""
    import shapely

    if shapely.coverage_is_valid(shapes):
        return shapely.coverage_simplify(shapes, tolerance)
    return shapely.simplify(shapes, tolerance)


def _at(east: float, north: float, made: Atlas) -> tuple[int, int]:
    return round((east - made.west) / made.unit), round((made.north - north) / made.unit)


def _box(shape: Any, made: Atlas) -> tuple[int, int, int, int]:
    west, south, east, north = shape.bounds
    return (*_at(west, north, made), *_at(east, south, made))


def _path(shape: Any, made: Atlas) -> str:
    """A polygon's rings as moves from corner to corner."""
    import numpy as np
    import shapely

    told = []
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            at = shapely.get_coordinates(ring)
            x = np.rint((at[:, 0] - made.west) / made.unit).astype(int)
            y = np.rint((made.north - at[:, 1]) / made.unit).astype(int)
            steps = [
                f"{a},{b}" for a, b in zip(np.diff(x)[:-1], np.diff(y)[:-1], strict=True) if a or b
            ]
            if len(steps) > 1:
                told.append(f"M{x[0]},{y[0]}l{' '.join(steps)}z")
    return "".join(told)


@dataclass(frozen=True)
class Band:
    """A class of a map: its number (0 is the palest) and the cells in it, lowest first."""

    number: int
    cells: tuple[Cell, ...]


def bands(cells: Iterable[Cell]) -> list[Band]:
    """Cells with a value in the classes that every map of this release has, the palest first."""
    told = sorted((c for c in cells if c["value"] is not None), key=lambda c: c["value"])
    found = classes(cell["value"] for cell in told)
    shaded = groupby(told, key=lambda cell: found.of(cell["value"]))
    return [Band(number, tuple(group)) for number, group in shaded]


def shades(found: list[Band]) -> dict[str, str]:
    """The class of each locality by its code."""
    return {cell["area_code"]: f"c{band.number}" for band in found for cell in band.cells}


def outlines(made: Atlas, kind: str, shade: Mapping[str, str], name: str = "") -> Markup:
    """The localities of a kind, each in its class; hatched where there is none."""
    drawn = "".join(
        f'<path class="{shade[code]}" d="{path}"/>'
        if code in shade
        else f'<path class="n" style="fill:url(#hatch)" d="{path}"/>'
        for code, path in made.paths.get(kind, {}).items()
    )
    return Markup('<g id="{}">{}</g>').format(name or f"m-{kind}", Markup(drawn))


def ground(made: Atlas) -> Markup:
    """The whole place, under everything; drawn once a page, then used again by its id."""
    outline = Markup('<path id="ground" class="ground" d="{}"/>')
    return Markup("").join(outline.format(path) for path in made.paths.get(WHOLE, {}).values())


def names(made: Atlas, places: Iterable[Locality], size: int) -> Markup:
    """Names at their places, the first come first served: none over another or over the edge."""
    taken: list[tuple[float, float, float, float]] = []
    drawn = []
    for one in places:
        x, y = made.inside[one.kind][one.code]
        half, tall = len(one.name) * size * 0.29, size * 0.7
        x = min(max(x, half), made.width - half)
        box = (x - half, y - tall, x + half, y + tall)
        if any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        drawn.append(
            Markup('<text x="{}" y="{}" font-size="{}">{}</text>').format(
                round(x), y + round(size * 0.35), size, one.name
            )
        )
    return Markup('<g class="names">{}</g>').format(Markup("").join(drawn))


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def scale_bar(made: Atlas) -> tuple[int, str]:
    """A round length of about a fifth of the map: units, and what to call it."""
    wanted = made.width * made.unit / 5
    metres = max((n for n in ROUND if n <= wanted), default=ROUND[0])
    told = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    return round(metres / made.unit), told
