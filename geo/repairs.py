"""Mend a boundary file as far as a program may, and say what a person must still decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo import boundaries
from geo import polygons as drawn
from geo.boundaries import BoundaryFaults
from geo.polygons import BRITAIN, METRES

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from geo.polygons import Flags, Shapes, Words

COLLECTION = 7  # the type id of a collection of shapes
NAMED = 5  # areas in a sentence; the rest are counted


@dataclass
class Repair:
    """A layer on its way to being mended: its fields and shapes by row, and what was done."""

    where: str
    table: pd.DataFrame  # area_code and area_name among its columns
    shapes: Shapes
    done: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.done.append(f"{self.where}: {sentence}")

    def say_of(self, rows: Any, what: str) -> None:
        """Say of some areas, the first of them by code, that they are ``what``."""
        codes = [c or f"in row {row}" for row, c in enumerate(self.table["area_code"], 1)]
        some = list(np.array(codes, dtype=object)[rows])
        more = f" and {len(some) - NAMED} more" if len(some) > NAMED else ""
        which = f"area {some[0]} is" if len(some) == 1 else f"{', '.join(some[:NAMED])}{more} are"
        self.say(f"{'all its areas are' if 1 < len(some) == len(codes) else which} {what}.")


def mend(
    path: Path,
    code: str,
    name: str,
    layer: str = "",
    *,
    partition: bool = False,
    place: BaseGeometry | None = None,
    kind_id: str = "",
) -> tuple[gpd.GeoDataFrame, list[str], list[str]]:
    """A layer mended, what was done, and what a person must still decide, a sentence each.

    The layer has ``area_code``, ``area_name``, the file's own fields (those asked for under the
    names asked for) and its shapes in EPSG:27700. If nothing is left to a person,
    ``read_polygons`` finds nothing wrong with it. It has no rows if the file cannot be read.

    In a partition, ground in two areas stays with the lower code, as points on a shared edge do,
    and ground that areas enclose goes to the neighbour with the longest edge along it, if it is a
    sliver (``polygons.WIDE``). Whatever is wider is left to a person.
    """
    import geopandas as gpd

    try:
        read = boundaries.open_layer(path, layer)
    except BoundaryFaults as why:
        nothing = {"area_code": [], "area_name": []}
        return gpd.GeoDataFrame(nothing, geometry=[], crs=METRES), [], why.faults
    repair, left = _with_fields(read, code, name, path.name)
    _put_on_the_grid(repair, read.crs)
    _make_sound(repair)
    if place is not None:
        _turn(repair, place)
    _drop_twins(repair)
    if partition:
        _settle(repair)
    made = gpd.GeoDataFrame(repair.table, geometry=repair.shapes, crs=METRES)
    codes, names = (made[c].to_numpy(object) for c in ("area_code", "area_name"))
    known = None if left and not any(codes) else codes  # that the field lacks was said already
    left += boundaries.check(known, names, repair.shapes, made.crs, path.name)[1]
    if place is not None and not left:
        left += boundaries.place_faults(made, place, path.name)
    if partition and not left:
        whole = place if place is not None else _filled(drawn.union(repair.shapes))
        left += boundaries.polygon_partition_faults(kind_id or path.stem, made, whole, path.name)
    return made, repair.done, left


def write_mended(layers: Mapping[str, gpd.GeoDataFrame], out: Path) -> None:
    """A new GeoPackage with a layer for each kind that has rows; BoundaryFaults, and nothing
    written, if it would write over a file or cannot be one."""
    layers = {kind: frame for kind, frame in layers.items() if len(frame)}
    wrong = ""
    if out.suffix != ".gpkg":
        wrong = "a mended layer is a GeoPackage. Give it a name that ends in .gpkg."
    elif out.exists():
        wrong = "it is there already, and nothing is written over. Give another name."
    elif not out.parent.is_dir():
        wrong = f"there is no folder {out.parent}. Make it, or give another."
    elif not layers:
        wrong = "there is no layer to write, for no boundary file could be read."
    if wrong:
        raise BoundaryFaults([f"{out.name}: {wrong}"])
    part = out.with_suffix(".part.gpkg")
    part.unlink(missing_ok=True)
    try:
        for kind, frame in layers.items():
            taken = {str(c).casefold() for c in frame.columns}
            fid, shape = _free("fid", taken), _free("geom", taken)  # a file may have such fields
            frame.to_file(part, layer=kind, driver="GPKG", FID=fid, GEOMETRY_NAME=shape)
        part.rename(out)
    except Exception as why:
        told = f"it cannot be written ({why}). Give another place for it."
        raise BoundaryFaults([f"{out.name}: {told}"]) from why
    finally:
        part.unlink(missing_ok=True)


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free(f"{name}_", taken)


def _with_fields(
    read: gpd.GeoDataFrame, code: str, name: str, where: str
) -> tuple[Repair, list[str]]:
    """The rows with ``area_code`` and ``area_name``, and a sentence for each field that lacks."""
    import pandas as pd

    asked = [f for f in (code, name) if f]
    spelt = {c.casefold(): c for c in read.columns.drop(read.geometry.name)}
    twins = {spelt[f.casefold()]: f for f in asked if f not in read and f.casefold() in spelt}
    read = read.rename(columns=twins)
    codes, names = (
        boundaries.text(read[f]) if f in read else np.full(len(read), "", dtype=object)
        for f in (code, name)
    )
    tidied = {code: _tidy(codes), name: _tidy(names)}
    stray = (tidied[code] != codes) | (tidied[name] != names)
    table = {"area_code": tidied[code], "area_name": tidied[name]}
    table["area_name"] = np.where(table["area_name"] == "", table["area_code"], table["area_name"])
    lost = []
    for column in read.columns.drop(read.geometry.name):
        if column.casefold() in {c.casefold() for c in table}:  # GeoPackage knows no case
            lost += [column] * (column not in asked)
        else:
            table[column] = tidied.get(column, read[column])
    repair = Repair(where, pd.DataFrame(table), read.geometry.to_numpy())
    for twin, wanted in twins.items():
        repair.say(f"its field {twin} is called {wanted}, as place.toml has it.")
    if stray.any():
        repair.say_of(stray, "rid of stray spaces and hidden characters in code and name")
    if lost:
        repair.say(f"its fields {', '.join(lost)} are left out, for others have those names.")
    return repair, boundaries.missing_fields(read, asked, where)


def _tidy(words: Words) -> Words:
    kept = ("".join(c for c in w if c.isprintable() or c.isspace()) for w in words)
    return np.array([" ".join(word.split()) for word in kept], dtype=object)


def _put_on_the_grid(repair: Repair, crs: Any) -> None:
    """Turn the shapes into EPSG:27700 from the file's system, or from what they look like."""
    if shapely.has_z(repair.shapes).any():
        repair.say("its heights are left out.")
    repair.shapes = shapes = shapely.force_2d(repair.shapes)
    rows = np.flatnonzero(drawn.are_drawn(shapes))
    looks = np.array(drawn.looks_like(shapes[rows]), dtype=object)
    moved = drawn.in_metres(shapes[rows], crs)
    right = np.zeros(len(rows), bool) if moved is None else drawn.lie_within(moved, METRES)
    if moved is not None:
        there = drawn.are_drawn(moved) & (right | (looks == "") | (looks == "degrees"))
        shapes[rows[there]] = moved[there]
        if right.any() and crs.to_epsg() != 27700:
            repair.say_of(rows[right], f"turned from {crs.name} into {METRES}")
    for look in ("EPSG:4326", "swapped", METRES, "EPSG:3857"):
        found = rows[~right & (looks == look)]
        if len(found):
            turned = drawn.swapped(shapes[found]) if look == "swapped" else shapes[found]
            shapes[found] = drawn.in_metres(turned, "EPSG:4326" if look == "swapped" else look)
            repair.say_of(found, f"read as {BRITAIN[look][1]}")


def _sound_rows(repair: Repair) -> Flags:
    """Which rows are valid polygons on the grid."""
    shapes = repair.shapes
    return drawn.are_drawn(shapes) & drawn.are_polygons(shapes) & shapely.is_valid(shapes)


def _make_sound(repair: Repair) -> None:
    """Leave out lines and points beside polygons, and redraw rings where they cross themselves."""
    shapes = repair.shapes
    here = drawn.are_drawn(shapes) & drawn.lie_within(shapes, METRES)
    mixed = np.flatnonzero(here & (shapely.get_type_id(shapes) == COLLECTION))
    mixed = [row for row in mixed if not drawn.polygons_in(shapes[row]).is_empty]
    if mixed:
        shapes[mixed] = [drawn.polygons_in(shape) for shape in shapes[mixed]]
        repair.say_of(mixed, "rid of lines and points, which are no ground")
    for row in np.flatnonzero(here & drawn.are_polygons(shapes) & ~shapely.is_valid(shapes)):
        before, after = shapes[row], drawn.sound(shapes[[row]])[0]
        if after.area > boundaries.LEAST_AREA:
            shapes[row] = after
            why, moved = shapely.is_valid_reason(before), abs(after.area - before.area)
            share = f"that moves {moved / 1e4:,.2f} of its {after.area / 1e4:,.2f} ha; look at it"
            if moved <= boundaries.MENDED_SHARE * after.area:
                share = "that moves no ground"
            repair.say_of([row], f"redrawn where it crossed itself or its parts ({why}): {share}")


def _turn(repair: Repair, place: BaseGeometry) -> None:
    """Swap eastings and northings, if that brings a layer from outside the place into it."""
    rows = np.flatnonzero(_sound_rows(repair))
    inside, turned = drawn.share_in(repair.shapes[rows], place), drawn.swapped(repair.shapes[rows])
    if len(rows) and inside.max() == 0 and (drawn.share_in(turned, place) > 0).all():
        repair.shapes[rows] = turned
        repair.say("its eastings and northings are put right, for they were swapped.")


def _drop_twins(repair: Repair) -> None:
    """Leave out areas that stand there again, with the same code, name and shape."""
    seen: set[tuple[str, str, BaseGeometry]] = set()
    kept = np.ones(len(repair.shapes), bool)
    words = zip(repair.table["area_code"], repair.table["area_name"], strict=True)
    fit = drawn.are_drawn(repair.shapes)
    for row, (code, name) in enumerate(words):
        if code and fit[row]:
            key = (code, name, shapely.normalize(repair.shapes[row]))
            kept[row] = key not in seen
            seen.add(key)
    if not kept.all():
        repair.say_of(~kept, "left out where it is drawn again with the same name and shape")
    repair.table, repair.shapes = repair.table[kept].reset_index(drop=True), repair.shapes[kept]


def _settle(repair: Repair) -> None:
    """Give overlaps to the lower code and gaps to the neighbour with most edge: slivers only, and
    none while there are larger overlaps, for what those hide is not known."""
    rows = np.flatnonzero(_sound_rows(repair))
    rows = rows[np.argsort(repair.table["area_code"].to_numpy(object)[rows], kind="stable")]
    shapes = repair.shapes[rows]
    ground = drawn.union(shapes)
    shared = drawn.overlaps(shapes)[2]
    lost = shapely.get_parts(_filled(ground).difference(ground, grid_size=drawn.GRID))
    thin = np.delete(lost, drawn.wide_parts(lost)[0])
    large, shared, gaps = (_of_size(p) for p in (drawn.wide_parts(shared)[1], shared, thin))
    if len(large) or not (len(shared) or len(gaps)):
        return
    repair.shapes[rows] = shapely.coverage_clean(
        shapes, gap_width=2 * drawn.WIDE, snapping_distance=drawn.GRID, merge_strategy="min_index"
    )
    for pieces, what, heir in (
        (shared, "overlaps", "the lower code"),
        (gaps, "gaps", "the neighbour with most edge along it"),
    ):
        if len(pieces):
            largest = drawn.ground(max(pieces, key=lambda p: p.area))
            total = f"{shapely.area(pieces).sum() / 1e4:,.1f} ha in all, the largest {largest}"
            repair.say(f"{what} ({total}) are given to {heir}.")


def _of_size(pieces: Shapes) -> Shapes:
    return pieces[shapely.area(pieces) > boundaries.LEAST_AREA]


def _filled(ground: BaseGeometry) -> BaseGeometry:
    """All that lies within the outer edge of some ground."""
    return drawn.union(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(ground))))
