"""Read a boundary file and say all that is wrong with it, a sentence each, in one pass."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo import polygons as drawn
from geo.layers import BoundaryFaults, open_layer
from geo.polygons import BRITAIN, METRES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geo.polygons import Flags, Shapes, Words

MENDED_SHARE = 1e-6  # a ring may be mended if its area moves by no more than this share
LEAST_AREA = 1.0  # square metres; with less a polygon encloses no ground
FORMULA = ("=", "+", "-", "@")
LONGEST_TEXT = 200  # characters of a code or name
OUTSIDE = 0.01  # an area with less than this share in the place only touches it
TOLD = 10  # overlaps, and gaps, that are told one by one
SLIVERS = 1e-3  # share of the place that slivers may make up together,
EDGE_MOVED = 5.0  # or gaps in metres along its edge: 1.2 to 1.9 m for real wards and small areas


def read_polygons(path: Path, code: str, name: str, layer: str = "") -> gpd.GeoDataFrame:
    """Polygons with ``area_code``, ``area_name`` in EPSG:27700; BoundaryFaults for all that is
    wrong.

    They are sorted by code, flat, valid and in normal form, so that nothing made from them hangs
    on the order of the file's rows, nor on where its rings begin or which way they run.
    """
    import geopandas as gpd

    read = open_layer(path, layer)
    absent = missing_fields(read, [f for f in (code, name) if f], path.name)
    codes = text(read[code]) if code in read else None
    names = text(read[name]) if name in read and name != code else codes
    shapes, faults = check(codes, names, read.geometry.to_numpy(), read.crs, path.name)
    if absent or faults or codes is None:
        raise BoundaryFaults([*absent, *faults])
    frame = {"area_code": codes, "area_name": np.where(names == "", codes, names)}
    made = gpd.GeoDataFrame(frame, geometry=shapely.normalize(drawn.sound(shapes)), crs=METRES)
    return made.sort_values("area_code").reset_index(drop=True)


def missing_fields(read: gpd.GeoDataFrame, wanted: list[str], where: str) -> list[str]:
    """A sentence for each wanted field that the layer lacks, with the nearest that it has."""
    fields = [str(c) for c in read.columns if c != read.geometry.name]
    if not fields:
        return [f"{where}: it has no fields. Export it with them (a shapefile's are in its .dbf)."]
    spelt = {field.casefold(): field for field in fields}
    near = {w: difflib.get_close_matches(w.casefold(), list(spelt), n=1) for w in wanted}
    return [
        f"{where}: no field '{field}'. Its fields are {', '.join(fields)}"
        f" (nearest: {spelt[near[field][0]] if near[field] else 'none near'})."
        for field in wanted
        if field not in fields
    ]


def text(values: Any) -> Words:
    """Values as text without outer spaces, empty where there is none; 101.0 is "101"."""
    words = [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in values]
    kept = zip(words, values.notna(), strict=True)
    return np.array([w.replace("\xa0", " ").strip() if k else "" for w, k in kept], dtype=object)


def check(
    codes: Words | None, names: Words | None, shapes: Shapes, crs: Any, where: str
) -> tuple[Shapes, list[str]]:
    """The shapes, flat and in EPSG:27700 as far as can be, and a sentence for each fault found.

    An area without a code is called by its row.
    """
    known = np.full(len(shapes), "", dtype=object) if codes is None else codes
    labels = np.array([shown(c) or f"in row {r}" for r, c in enumerate(known, 1)], dtype=object)
    shapes = shapely.force_2d(shapes)
    fit = drawn.are_drawn(shapes)
    faults = [] if codes is None else list(_faults_of_codes(codes, labels, shapes, fit, where))
    if names is not None and names is not codes:
        faults += faults_of_words("name", names, labels, where)
    moved = drawn.in_metres(shapes[fit], crs)
    faults += _faults_of_crs(shapes[fit], moved, crs, labels[fit], where)
    least = np.zeros(len(shapes))
    if moved is not None:
        inside = drawn.lie_within(moved, METRES)
        at = np.flatnonzero(fit)[inside]
        shapes[at], least[at] = moved[inside], LEAST_AREA
    return shapes, [*faults, *_faults_of_shapes(shapes, fit, least, labels, where)]


def shown(word: str) -> str:
    """A code as a sentence can bear it."""
    return "".join(c if c.isprintable() else "\ufffd" for c in word[:40]) + "…" * (len(word) > 40)


def faults_of_words(
    what: str, words: Iterable[str], labels: Iterable[str], where: str
) -> Iterator[str]:
    """Codes or names that a table, a sentence or a spreadsheet cannot bear."""
    for word, label in zip(words, labels, strict=True):
        if not word.isprintable():
            which = f"U+{next(ord(c) for c in word if not c.isprintable()):04X}"
            yield f"{where}: the {what} of area {label} has a hidden character, {which}. Retype it."
        if what == "code" and word.startswith(FORMULA):
            mend = "Give it another, for a spreadsheet would run it as a formula."
            yield f"{where}: the code of area {label} begins with {word[0]}. {mend}"
        if len(word) > LONGEST_TEXT:
            mend = f"Keep it to {LONGEST_TEXT}."
            yield f"{where}: the {what} of area {label} has {len(word)} characters. {mend}"


def _faults_of_codes(
    codes: Words, labels: Words, shapes: Shapes, fit: Flags, where: str
) -> Iterator[str]:
    yield from faults_of_words("code", codes, labels, where)
    rows: dict[str, list[int]] = {}
    alike: dict[str, set[str]] = {}
    for row, code in enumerate(codes):
        if not code:
            yield f"{where}: an area has no code (row {row + 1}). Give it one."
            continue
        rows.setdefault(code, []).append(row)
        alike.setdefault("".join(code.split()).casefold(), set()).add(f"'{shown(code)}'")
    for twins in (found for found in rows.values() if len(found) > 1):
        drawings = {shapely.normalize(shapes[t]) if fit[t] else None for t in twins}
        mend = "and one shape. Take out all but one."
        if len(drawings) > 1:
            mend = "and different shapes. Give each area its own code, or dissolve them by it."
        count = "two" if len(twins) == 2 else len(twins)
        yield f"{where}: {count} areas have the code {labels[twins[0]]} {mend}"
    for spelt in (" and ".join(sorted(found)) for found in alike.values() if len(found) > 1):
        yield f"{where}: the codes {spelt} differ only in case or spaces. Give each its own code."


def _faults_of_crs(
    shapes: Shapes, moved: Shapes | None, crs: Any, labels: Words, where: str
) -> Iterator[str]:
    """No reference system, or coordinates that do not lie in Great Britain by the one it names."""
    looks = drawn.looks_like(shapes)
    hints = [f"; its coordinates look like {BRITAIN[look][1]}" if look else "" for look in looks]
    if moved is None:
        yield (
            f"{where}: it names no known coordinate reference system (CRS)"
            f"{hints[0] if len(set(hints)) == 1 else ''}. Set it in QGIS (Layer > Set CRS), to"
            " EPSG:27700 for metres or EPSG:4326 for degrees, and save again."
        )
        return
    away = np.flatnonzero(~drawn.lie_within(moved, METRES))
    whole = len(away) == len(shapes) and len(set(looks)) == 1  # a fault of the file, told once
    unit = "degrees" if crs.is_geographic else "metres"
    for row in away[: 1 if whole else None]:
        corner = ", ".join(f"{x:,.8g}" for x in shapely.bounds(shapes[row])[:2])
        if not whole:
            spot = f"lies outside Great Britain, at {corner}{hints[row]}"
            yield f"{where}: area {labels[row]} {spot}. Draw it again, or take it out."
        elif looks[row] == "swapped" and unit == "degrees":
            yield f"{where}: latitude and longitude are swapped. Save it with longitude first."
        else:
            wrong = f"its CRS is in {unit} but {hints[row].removeprefix('; ')}"
            if looks[row] in ("", unit):
                wrong = f"it lies outside Great Britain, at {corner}"
            mend = "Set the CRS that the coordinates are in, and save again."
            yield f"{where}: {wrong}. {mend}"


def _faults_of_shapes(
    shapes: Shapes, fit: Flags, least: NDArray[np.float64], labels: Words, where: str
) -> Iterator[str]:
    polygon = fit & drawn.are_polygons(shapes)
    right = polygon & shapely.is_valid(shapes) & (shapely.area(shapes) > least)
    for row in np.flatnonzero(~right):
        shape, area = shapes[row], f"{where}: area {labels[row]}"
        ground = drawn.sound(shapes[[row]])[0].area if polygon[row] else 0.0
        if shape is None or shape.is_empty:
            yield f"{area} has no shape. Draw it or take it out."
        elif not fit[row]:
            yield f"{area} has a corner that is nowhere on Earth. Draw it again."
        elif not polygon[row]:
            yield f"{area} is a {shape.geom_type}, not a polygon. Draw it as one, or take it out."
        elif ground <= least[row]:
            yield f"{area} encloses no ground. Draw it or take it out."
        elif abs(ground - shape.area) > MENDED_SHARE * ground:
            yield (
                f"{where}: the boundary of area {labels[row]} crosses itself or its parts"
                f" ({shapely.is_valid_reason(shape)}). Mend it in QGIS (Vector > Geometry > Fix"
                " geometries) or by `evidence check --fix`, look at the result, and save again."
            )


def place_faults(polygons: gpd.GeoDataFrame, place: BaseGeometry, where: str) -> list[str]:
    """What is wrong if all areas lie outside the place: a sentence with how far, and which way."""
    shapes = polygons.geometry.to_numpy()
    if not len(shapes) or drawn.share_in(shapes, place).max() > OUTSIDE:
        return []
    if (drawn.share_in(drawn.swapped(shapes), place) > OUTSIDE).mean() > 0.5:
        return [f"{where}: its eastings and northings are swapped. Save it with eastings first."]
    far = f"all its areas lie outside the place, {drawn.way(place, shapes)} of it"
    return [f"{where}: {far}. Put this place's own file there, or mend its CRS."]


def polygon_partition_faults(
    kind_id: str, polygons: gpd.GeoDataFrame, place: BaseGeometry, where: str
) -> list[str]:
    """What keeps polygons from being a partition of the place: overlaps, and ground left out.

    Whatever is wider than a sliver (``polygons.WIDE``) is told, the biggest first. Slivers are let
    pass until together they exceed a thousandth of the place (SLIVERS); those left out may come to
    EDGE_MOVED along the place's edge as well, for a small place has much edge for its ground.
    """
    polygons = polygons.sort_values("area_code")
    codes = polygons["area_code"].to_numpy(dtype=object)
    shapes = polygons.geometry.to_numpy()
    first, second, shared = drawn.overlaps(shapes)
    lost = shapely.get_parts(place.difference(drawn.union(shapes), grid_size=drawn.GRID))
    tree, share, faults = shapely.STRtree(shapes), SLIVERS * place.area, []
    but = f"but {kind_id} is declared a partition. Give that ground to"
    more = max(share, EDGE_MOVED * place.length)
    for pieces, what, allowed in ((shared, "overlap", share), (lost, "leave out ground", more)):
        piece, parts = drawn.wide_parts(pieces)
        for at, part in zip(piece[:TOLD], parts[:TOLD], strict=True):
            ground, mend = drawn.ground(part), "one of them"
            if pieces is shared:
                wrong = f"{codes[first[at]]} and {codes[second[at]]} overlap by {ground}"
            else:
                beside = ", ".join(sorted(codes[drawn.beside(part, tree)])[:5])
                wrong = f"{ground} are in no {kind_id}"
                mend = f"its neighbour ({beside or 'none'}), or add the area that lacks"
            faults.append(f"{where}: {wrong}, {but} {mend}, or take out partition = true.")
        if len(parts) > TOLD:
            faults.append(f"{where}: its areas {what} in {len(parts) - TOLD} more places.")
        slivers = np.delete(pieces, piece)
        total = shapely.area(slivers).sum()
        if total > allowed:
            largest = drawn.ground(slivers[np.argmax(shapely.area(slivers))])
            mend = "Draw their edges from one layer, or take out partition = true."
            told = f"slivers of {total / 1e4:,.1f} ha in all, the largest {largest}"
            faults.append(f"{where}: its areas {what} in {told}. {mend}")
    return faults
