"""Invented ground: small areas that tile, and localities of five kinds that overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Objects = NDArray[np.object_]
    Whole = NDArray[np.int64]

METRES = "EPSG:27700"


@dataclass(frozen=True)
class Localities:
    """How many of each kind a square has: two tilings (columns, rows), towns, neighbourhoods, and
    how many squares have one neighbourhood more. The whole square is the fifth kind."""

    districts: tuple[int, int]
    forums: tuple[int, int]
    towns: int
    neighbourhoods: int
    one_more: int


@dataclass(frozen=True)
class Square:
    """The ground of a force: its corner, its side, its towns (east, north, spread), its points."""

    corner: tuple[float, float]
    side: float
    towns: Floats
    points: Floats


def degrees(east_north: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude."""
    there = pyproj.Transformer.from_crs(METRES, "EPSG:4326", always_xy=True)
    return there.transform(east_north[:, 0], east_north[:, 1])


def homes(small: gpd.GeoDataFrame, east_north: Floats) -> Whole:
    """The number of each point's small area, from 1; 0 for none."""
    tree = shapely.STRtree(small.geometry.to_numpy())
    point, area = tree.query(shapely.points(east_north), predicate="intersects")
    found = np.zeros(len(east_north), dtype=np.int64)
    found[point[::-1]] = area[::-1] + 1
    return found


def small_areas(
    squares: Sequence[Square], shape: tuple[int, int], rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Small areas of some 80 vertices, smaller where there are more points."""
    tiles = np.concatenate([tiling(s, shape, 20, rng) for s in squares])
    codes = [f"X01{n:06}" for n in range(1, len(tiles) + 1)]
    return _frame(codes, "small_area", tiles)


def localities(
    squares: Sequence[Square], how: Localities, edition: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """One edition of the localities of every square."""
    found = []
    for number, square in enumerate(squares):
        stem = f"{edition}{number:03}"
        east, north = square.corner
        whole = shapely.box(east, north, east + square.side, north + square.side)
        more = how.neighbourhoods + (number < how.one_more)
        for kind, letter, made in (
            ("place", "P", np.array([shapely.segmentize(whole, square.side / 50)])),
            ("district", "D", tiling(square, how.districts, 50, rng)),
            ("forum", "F", tiling(square, how.forums, 40, rng)),
            ("town", "T", _blobs(square.towns[:, :2], square.towns[:, 2] * 1.5, rng)),
            ("neighbourhood", "N", _neighbourhoods(square, more, rng)),
        ):
            codes = [f"X{letter}{stem}{n:03}" for n in range(len(made))]
            found.append(_frame(codes, kind, made))
    return stacked(found)


def stacked(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """One under the other."""
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=METRES)


def _frame(codes: list[str], kind: str, made: Objects) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": codes, "kind": kind}, geometry=made, crs=METRES)


def write(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    """As GeoPackage, with one date for all: the same bytes each time."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    frame.to_file(path, layer=layer)


def tiling(square: Square, shape: tuple[int, int], steps: int, rng: np.random.Generator) -> Objects:
    """A square cut into columns x rows tiles that share wiggly edges of ``steps`` points."""
    lines = []
    for axis, count in enumerate(shape):
        even = np.linspace(0, square.side, count + 1)
        reach = square.points[:, axis] - square.corner[axis]
        seen = np.quantile(reach, np.linspace(0, 1, count + 1))
        seen[[0, -1]] = 0, square.side
        lines.append(square.corner[axis] + 0.35 * even + 0.65 * seen)
    xs, ys = lines
    corners = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1)
    gap = min(np.diff(xs).min(), np.diff(ys).min())
    inner = rng.uniform(-0.15, 0.15, corners.shape) * gap  # so that no two edges cross
    inner[[0, -1], :, :] = 0
    inner[:, [0, -1], :] = 0
    corners = corners + inner
    flat = _edges(corners[:-1], corners[1:], steps, gap, rng, still=(slice(None), [0, -1]))
    tall = _edges(corners[:, :-1], corners[:, 1:], steps, gap, rng, still=([0, -1], slice(None)))
    rings = np.concatenate(
        [
            flat[:, :-1, :-1],
            tall[1:, :, :-1],
            flat[:, 1:, :0:-1],
            tall[:-1, :, :0:-1],
        ],
        axis=2,
    )
    return shapely.polygons(rings.reshape(-1, 4 * steps, 2))


def _edges(
    start: Floats,
    end: Floats,
    steps: int,
    gap: float,
    rng: np.random.Generator,
    still: tuple[slice | list[int], slice | list[int]],
) -> Floats:
    """Wiggly lines of ``steps`` + 1 points that stay near; the ``still`` ones are straight."""
    t = np.linspace(0, 1, steps + 1)
    step = (end - start)[:, :, None, :]
    normal = np.stack([-step[..., 1], step[..., 0]], axis=-1)
    normal /= np.hypot(step[..., 0], step[..., 1])[..., None]
    shape = start.shape[:2]
    wave = np.zeros((*shape, steps + 1))
    for k in (1, 2, 5):
        size = rng.uniform(-0.12, 0.12, shape) / k * gap
        wave += size[..., None] * np.sin(np.pi * k * t)
    wave[still] = 0
    return np.round(start[:, :, None, :] + t[:, None] * step + wave[..., None] * normal, 2)


def _neighbourhoods(square: Square, count: int, rng: np.random.Generator) -> Objects:
    """Small localities where the points are, some upon each other."""
    centre = square.points[rng.integers(0, len(square.points), count)]
    return _blobs(centre, rng.uniform(400, 1_500, count), rng)


def _blobs(centre: Floats, radius: Floats, rng: np.random.Generator) -> Objects:
    """Islands of 100 to 300 vertices."""
    made = []
    for (east, north), size in zip(centre, radius, strict=True):
        angle = np.linspace(0, 2 * np.pi, rng.integers(100, 301), endpoint=False)
        reach = np.ones(len(angle))
        for k in range(2, 9):
            reach += rng.uniform(-0.25, 0.25) / k * np.cos(k * angle + rng.uniform(0, 6.28))
        ring = np.column_stack([np.cos(angle), np.sin(angle)]) * (reach * size)[:, None]
        made.append(shapely.polygons(np.round(ring + np.array([east, north]), 2)))
    return np.array(made)
