"""The door of the geography room: read a place's boundaries, check them, say what lies in what.

An area comes from polygons, from a list of small areas, or from a rule on small areas. Whatever
is wrong with a boundary or a list is found in one pass and raised together
(:class:`BoundaryFaults`).
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

METRES = "EPSG:27700"
SLIVERS = 1e-3  # share of the place
MENDED_SHARE = 1e-6  # a ring may be mended if its area moves by no more than this share


class BoundaryFaults(Exception):
    """All that is wrong with boundaries and lists, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass
class Kind:
    """The areas of one kind: names by code, member small areas by code, and polygons if they are
    its own."""

    id: str
    names: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    polygons: gpd.GeoDataFrame | None = None  # columns area_code, area_name, geometry in EPSG:27700
    rule: str = ""  # how small areas were given to areas, in words
    partition: bool = False  # every part of the place lies in exactly one area


def read_polygons(path: Path, code: str, name: str, layer: str = "") -> gpd.GeoDataFrame:
    """Polygons with ``area_code``, ``area_name`` in EPSG:27700; BoundaryFaults for all that is
    wrong."""
    import geopandas as gpd

    where = path.name
    try:
        read = gpd.read_file(path, **({"layer": layer} if layer else {}))
    except Exception as why:
        mend = "Export it again as GeoPackage or GeoJSON."
        raise BoundaryFaults(
            [f"{where}: it cannot be read as a boundary file ({why}). {mend}"]
        ) from why
    if not isinstance(read, gpd.GeoDataFrame):
        raise BoundaryFaults([f"{where}: it has no shapes. Export the layer with its geometry."])
    if read.empty:
        raise BoundaryFaults([f"{where}: it has no area. Draw one, or take the file away."])
    absent = [column for column in (code, name) if column and column not in read.columns]
    if absent:
        known = ", ".join(str(c) for c in read.columns if c != read.geometry.name)
        near = {a: difflib.get_close_matches(a, list(read.columns), n=1) for a in absent}
        raise BoundaryFaults(
            [
                f"{where}: no field '{a}'. Its fields are {known}"
                f" (nearest: {near[a][0] if near[a] else 'none near'})."
                for a in absent
            ]
        )
    read = read.rename(columns={code: "area_code"})
    read["area_code"] = _text(read["area_code"])
    names = _text(read[name]) if name else read["area_code"]
    read["area_name"] = names.where(names != "", read["area_code"])
    faults = list(_faults_of_crs(read, where))
    if not faults:
        read = read.to_crs(METRES)
        faults = list(_faults_of_shapes(read, where))
    faults = [*_faults_of_codes(read["area_code"], where), *faults]
    if faults:
        raise BoundaryFaults(faults)
    if read.geometry.name != "geometry":
        read = read.rename_geometry("geometry")
    read = read[["area_code", "area_name", "geometry"]]
    read["geometry"] = read.geometry.make_valid()
    return read.sort_values("area_code").reset_index(drop=True)


def _text(values: Any) -> Any:
    """Values as text without outer spaces, empty where there is none."""
    return values.astype(object).where(values.notna(), "").astype(str).str.strip()


def _faults_of_codes(codes: Iterable[str], where: str) -> Iterable[str]:
    seen: set[str] = set()
    for code in codes:
        if not code:
            yield f"{where}: an area has no code. Give it one."
        elif code in seen:
            yield f"{where}: two areas have the code {code}. Give each area its own code."
        seen.add(code)


def _faults_of_crs(read: gpd.GeoDataFrame, where: str) -> Iterable[str]:
    """No reference system, or coordinates that cannot be of the one it names."""
    # GeoPackage writes "undefined" where it has none, and a transform from that moves nothing
    if read.crs is None or not (read.crs.is_geographic or read.crs.is_projected):
        yield (
            f"{where}: it names no known coordinate reference system (CRS). Set it in QGIS"
            " (Layer > Set CRS), to EPSG:27700 for metres or EPSG:4326 for degrees, and save again."
        )
        return
    if (read.geometry.isna() | read.geometry.is_empty).all():
        return
    west, south, east, north = read.total_bounds
    in_degrees = max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90
    if read.crs.is_geographic != in_degrees:
        named, looks = ("degrees", "metres") if read.crs.is_geographic else ("metres", "degrees")
        yield (
            f"{where}: its CRS is in {named} but its coordinates look like {looks}."
            " Set the CRS that the coordinates are in, and save again."
        )
    elif read.crs.is_geographic and 49 <= west <= 61 and -9 <= south <= 3:
        yield f"{where}: latitude and longitude are swapped. Save it with longitude first."


def _faults_of_shapes(read: gpd.GeoDataFrame, where: str) -> Iterable[str]:
    for code, shape in zip(read["area_code"], read.geometry, strict=True):
        if shape is None or shape.is_empty:
            yield f"{where}: area {code} has no shape. Draw it or take it out."
        elif shape.geom_type not in ("Polygon", "MultiPolygon"):
            yield f"{where}: area {code} is a {shape.geom_type}, not a polygon."
        elif not shape.is_valid:
            from shapely import make_valid
            from shapely.validation import explain_validity

            moved = abs(make_valid(shape).area - shape.area) / max(shape.area, 1.0)
            if moved > MENDED_SHARE or make_valid(shape).geom_type == "GeometryCollection":
                yield (
                    f"{where}: the boundary of area {code} crosses itself"
                    f" ({explain_validity(shape)}). Mend it in QGIS (Vector > Geometry > Fix"
                    " geometries), look at the result, and save again."
                )


def nearest_code(code: str, known: Iterable[str]) -> str:
    """The known code likely meant, letters read as the digits they look like; or nothing."""
    known = set(known)
    read = code[:1].upper() + code[1:].translate(str.maketrans("OoIlSsBZz", "001155822"))
    if read in known:
        return read
    return next(iter(difflib.get_close_matches(read, sorted(known), n=1, cutoff=0.8)), "")


def read_membership(
    path: Path, small_area: str, code: str, name: str, known: Mapping[str, str]
) -> Kind:
    """Areas from a list of small areas; ``known`` are the place's small areas (code to name)."""
    where = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as why:
        mend = "Save it as CSV UTF-8."
        raise BoundaryFaults([f"{where}: it is not in UTF-8 ({why}). {mend}"]) from why
    rows = csv.DictReader(text.splitlines())
    absent = [c for c in (small_area, code, name) if c not in (rows.fieldnames or [])]
    if absent:
        found = ", ".join(rows.fieldnames or []) or "none"
        raise BoundaryFaults(
            [f"{where}: no column '{a}'. Its columns are {found}." for a in absent]
        )
    kind, faults = Kind("", rule="exact membership"), []
    for row in rows:
        line = rows.line_num
        member, area = (row[small_area] or "").strip(), (row[code] or "").strip()
        title = (row[name] or "").strip() or area
        if member not in known:
            close = nearest_code(member, known)
            meant = f" Did you mean {close}?" if close else ""
            faults.append(
                f"{where}, line {line}: {member or 'a blank'} is not a small area of the"
                f" place.{meant}"
            )
        elif not area:
            faults.append(f"{where}, line {line}: {member} has no {code}. Give it one.")
        elif kind.names.setdefault(area, title) != title:
            faults.append(
                f"{where}, line {line}: two areas have the code {area}: '{kind.names[area]}' and"
                f" '{title}'. Give each area its own code."
            )
        elif member in kind.members.setdefault(area, []):
            faults.append(f"{where}, line {line}: {member} stands twice in {area}. Take one out.")
        else:
            kind.members[area].append(member)
    if not faults and not kind.members:
        faults.append(f"{where}: it lists no small area. Fill it, or take the file away.")
    if faults:
        raise BoundaryFaults(faults)
    return kind


def from_rule(
    small_areas: Iterable[Mapping[str, Any]],
    place: tuple[str, str],
    group_by: str,
    attribute: str,
    values: Iterable[str],
    name: str,
) -> Kind:
    """Areas from small areas of the place with an attribute in ``values``, by authority or all in
    one."""
    kind = Kind("", rule="exact membership")
    wanted = set(values)
    for row in small_areas:
        if attribute and row[attribute] not in wanted:
            continue
        group = place if group_by == "place" else (row["authority_code"], row["authority_name"])
        code = group[0] if not attribute else f"{group[0]}-{attribute.split('_')[0]}"
        kind.names[code] = name.format(group=group[1])
        kind.members.setdefault(code, []).append(row["small_area_code"])
    return kind


def partition_faults(kind: Kind, small_areas: Mapping[str, str], where: str) -> list[str]:
    """What keeps a kind from being a partition: small areas in two of its areas, or in none."""
    homes: dict[str, list[str]] = {}
    for code, members in kind.members.items():
        for member in members:
            homes.setdefault(member, []).append(code)
    twice = {m: codes for m, codes in homes.items() if len(codes) > 1}
    out = sorted(set(small_areas) - set(homes))
    faults = [
        f"{where}: {member} is in {' and '.join(codes)}, but {kind.id} is declared a partition."
        " Keep it in one."
        for member, codes in sorted(twice.items())
    ]
    if out:
        shown = ", ".join(out[:5]) + (", ..." if len(out) > 5 else "")
        faults.append(
            f"{where}: {len(out)} small areas are in no {kind.id} ({shown}), but it is declared a"
            " partition. Add them to the list, or take out partition = true."
        )
    return faults


def polygon_partition_faults(kind: Kind, place: BaseGeometry, where: str) -> list[str]:
    """What keeps polygons from being a partition of the place: overlaps, or ground left out.

    Generalised boundaries leave slivers, so a thousandth of the place is let pass.
    """
    if kind.polygons is None or not kind.partition:
        return []
    union = kind.polygons.geometry.union_all()
    overlap = float(kind.polygons.geometry.area.sum() - union.area) / place.area
    left_out = float(place.difference(union).area) / place.area
    faults = []
    if overlap > SLIVERS:
        faults.append(
            f"{where}: its areas overlap by {overlap:.1%} of the place, but {kind.id} is declared a"
            " partition. Mend the overlaps, or take out partition = true."
        )
    if left_out > SLIVERS:
        faults.append(
            f"{where}: its areas leave out {left_out:.1%} of the place, but {kind.id} is declared a"
            " partition. Add the areas that lack, or take out partition = true."
        )
    return faults


def shapes(kind: Kind, small_areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A polygon for each area of a kind in EPSG:27700: its own, or its small areas put together."""
    import geopandas as gpd

    if kind.polygons is not None:
        return kind.polygons
    home = [(m, code) for code, members in kind.members.items() for m in members]
    codes = dict(zip(small_areas["area_code"], small_areas.geometry, strict=True))
    frame = gpd.GeoDataFrame(
        {"area_code": [code for _, code in home]},
        geometry=[codes[member] for member, _ in home],
        crs=METRES,
    )
    joined = frame.dissolve("area_code", sort=True, method="unary").reset_index()
    joined["area_name"] = joined["area_code"].map(kind.names)
    return joined[["area_code", "area_name", "geometry"]]
