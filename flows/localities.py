"""Where the place's localities are: its files found and kept, its kinds read, its points located.

The hall's errand to the geography room: `geo` knows shapes and codes, this knows the catalogue
and the warehouse.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from flows.entries import AreaKind, Book
from flows.snapshots import Store
from geo import areas, weights

if TYPE_CHECKING:
    import duckdb
    import geopandas as gpd

PLACE_FILES = "place_files"  # the place's own boundary files and lists, kept like any reply
INVENTED = " (invented)"


def keep_files(book: Book, store: Store, inbox: Path | None) -> list[str]:
    """Keep the files that the place's kinds name, from the inbox or the place's folder; what is
    new."""
    new = []
    for kind in book.place.area_kinds:
        wanted = kind.membership or kind.polygons
        path = _find(wanted.file, book, inbox) if wanted else None
        if path is not None:
            name = kind.id + (".shp.zip" if path.suffix == ".shp" else path.suffix)
            content = _shapefile(path) if path.suffix == ".shp" else path
            where = f"{path.parent.name}/{path.name}"
            snapshot = store.keep(PLACE_FILES, kind.id, name, where, content, "")
            if store.accept(snapshot):
                new.append(name)
    return new


def _find(pattern: str, book: Book, inbox: Path | None) -> Path | None:
    """The one file that fits: in the inbox's folder of the place first, then in the place's own."""
    for folder in (*((inbox / book.place.id,) if inbox else ()), book.place_folder):
        found = sorted(folder.glob(pattern))
        if len(found) > 1:
            names = ", ".join(f.name for f in found)
            raise areas.BoundaryFaults(
                [
                    f"{folder.name}/{pattern}: {len(found)} files fit ({names})."
                    " Leave the one to use."
                ]
            )
        if found:
            return found[0]
    return None


def _shapefile(path: Path) -> bytes:
    """A shapefile's parts in one zip, for it is one boundary layer in four files or more."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            entry = zipfile.ZipInfo(part.name)
            bundle.writestr(entry, part.read_bytes())
    return out.getvalue()


def read_kinds(
    book: Book, store: Store, small_areas: list[dict[str, Any]]
) -> tuple[list[areas.Kind], list[str]]:
    """Every kind that can be made, and a sentence for each that cannot; BoundaryFaults for all
    faults.

    ``small_areas`` are the rows of ``core.small_areas`` that lie in the place.
    """
    kinds, absent, faults = [], [], []
    known = {row["small_area_code"]: row["small_area_name"] or "" for row in small_areas}
    kept = {s.table: s for s in store.current(PLACE_FILES).values()}
    for spec in book.place.area_kinds:
        snapshot = kept.get(spec.id)
        if spec.rule is None and snapshot is None:
            named = spec.membership or spec.polygons
            told = f" {named.where_to_put}" if named and named.where_to_put else ""
            absent.append(f"{spec.label}: no file {named.file if named else ''} in hand.{told}")
            continue
        try:
            path = store.path(snapshot) if snapshot else None
            kind = _read(spec, path, book, small_areas, known)
        except areas.BoundaryFaults as why:
            shown = f"{snapshot.url} ({spec.id})" if snapshot else spec.id
            faults += [f.replace(path.name, shown) if path else f for f in why.faults]
            continue
        kind.id = spec.id
        if book.place.invented:
            kind.names = {c: n.removesuffix(INVENTED) + INVENTED for c, n in kind.names.items()}
        if spec.partition:
            where = snapshot.url if snapshot else "place.toml"
            faults += areas.partition_faults(kind, known, where)
        kinds.append(kind)
    if faults:
        raise areas.BoundaryFaults(faults)
    return kinds, absent


def _read(
    spec: AreaKind,
    path: Path | None,
    book: Book,
    small_areas: list[dict[str, Any]],
    known: dict[str, str],
) -> areas.Kind:
    if spec.rule:
        place = (book.place.code, book.place.name)
        rule = spec.rule
        return areas.from_rule(
            small_areas, place, rule.group_by, rule.field, rule.values, rule.name
        )
    if path is None:
        raise ValueError(f"area kind {spec.id} has neither a rule nor a file")
    if spec.membership:
        m = spec.membership
        return areas.read_membership(path, m.small_area, m.code, m.name, known)
    if spec.polygons is None:
        raise ValueError(f"area kind {spec.id} has no definition")
    p = spec.polygons
    read = areas.read_polygons(path, p.code, p.name, p.layer)
    names = dict(zip(read["area_code"], read["area_name"], strict=True))
    return areas.Kind(spec.id, names=names, polygons=read)


def small_area_shapes(store: Store, in_place: set[str]) -> gpd.GeoDataFrame:
    """The polygons of all small areas in hand, sorted by code; BoundaryFaults if one of ours
    lacks."""
    kept = [s for s in store.current("ons_geography").values() if s.table == "boundaries"]
    if not kept:
        raise areas.BoundaryFaults(
            [
                "ons_geography: no boundaries of 2021 small areas are in hand."
                " Put the GeoJSON or GeoPackage of LSOA 2021 boundaries into the inbox."
            ]
        )
    try:
        shapes = areas.read_polygons(store.path(kept[-1]), "LSOA21CD", "")
    except areas.BoundaryFaults as why:
        name = store.path(kept[-1]).name
        raise areas.BoundaryFaults([f.replace(name, kept[-1].url) for f in why.faults]) from why
    lacking = sorted(in_place - set(shapes["area_code"]))
    if lacking:
        raise areas.BoundaryFaults(
            [
                f"{kept[-1].url}: {len(lacking)} small areas of the place have no boundary"
                f" ({', '.join(lacking[:5])}). Download boundaries that cover the whole place."
            ]
        )
    return shapes


def clip_to_place(kind: areas.Kind, place: Any) -> areas.Kind:
    """Only the areas with polygons of their own that share ground with the place."""
    if kind.polygons is None:
        return kind
    inside = kind.polygons.geometry.intersection(place).area > 0.5 * kind.polygons.geometry.area
    kind.polygons = kind.polygons[inside].reset_index(drop=True)
    kind.names = {c: n for c, n in kind.names.items() if c in set(kind.polygons["area_code"])}
    return kind


def locate_points(
    con: duckdb.DuckDBPyConnection, kinds: list[areas.Kind], shapes: gpd.GeoDataFrame
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(area kind, point ids, area codes) for each kind, from ``core.points``."""
    points = con.sql("select point_id, easting, northing from core.points").fetchnumpy()
    east, north = points["easting"], points["northing"]
    homes = weights.locate_once(east, north, shapes.geometry.to_numpy())
    codes = shapes["area_code"].to_numpy(dtype=object)
    for kind in kinds:
        index, area = weights.points_of_kind(kind, east, north, homes, codes)
        yield kind.id, points["point_id"][index], area
