"""All boundaries of a refresh, read and checked against the ground that they lie on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flows import kinds
from flows.entries import Book
from flows.kinds import Chosen
from flows.snapshots import Snapshot, Store
from flows.staging import staged_path
from geo import areas, boundaries
from sql import models

if TYPE_CHECKING:
    import duckdb
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry


def small_area_shapes(
    book: Book, store: Store, staged: Path, in_reach: set[str]
) -> gpd.GeoDataFrame:
    """The polygons of all small areas in hand, sorted by code; BoundaryFaults if one lacks."""
    import geopandas as gpd

    kept = [s for s in store.current("ons_geography").values() if s.table == "boundaries"]
    if not kept:
        raise boundaries.BoundaryFaults(
            [
                "ons_geography: no boundaries of 2021 small areas are in hand."
                " Put the GeoJSON or GeoPackage of LSOA 2021 boundaries into the inbox."
            ]
        )
    newest = max(kept, key=lambda s: s.fetched_at)
    shapes = gpd.read_file(staged_path(book.source["ons_geography"], newest, staged))
    lacking = sorted(in_reach - set(shapes["area_code"]))
    if lacking:
        raise boundaries.BoundaryFaults(
            [
                f"{newest.url}: {len(lacking)} small areas of the place have no boundary"
                f" ({', '.join(lacking[:5])}). Download boundaries that cover the whole place."
            ]
        )
    return shapes


def clip_to_place(kind: areas.Kind, place: BaseGeometry) -> list[str]:
    """Cut polygons to the place, whose residents alone are counted; what that changed, in words.

    An area of which less than half lies in the place is left out.
    """
    if kind.polygons is None:
        return []
    cut = kind.polygons.geometry.intersection(place)
    share = cut.area / kind.polygons.geometry.area
    told, outside = [], []
    for code, kept in zip(kind.polygons["area_code"], share, strict=True):
        if 0.5 < kept < 0.99:
            kind.notes[code] = f"only the {kept:.0%} of the area that lies in the place is counted"
        if kept < 0.01:
            outside.append(kind.names[code])
        elif kept <= 0.5:
            told.append(f"{kind.names[code]}: left out, for only {kept:.0%} of it is in the place.")
        elif kept < 0.99:
            told.append(f"{kind.names[code]}: only the {kept:.0%} of it in the place is counted.")
    if outside:
        shown = ", ".join(outside[:5]) + (" and others" if len(outside) > 5 else "")
        told.append(f"areas of {kind.id} outside the place, left out: {len(outside)} ({shown}).")
    polygons = kind.polygons.assign(geometry=cut.where(share < 1.0 - 1e-9, kind.polygons.geometry))
    polygons["geometry"] = polygons.geometry.buffer(0)  # an intersection may leave lines behind
    kind.polygons = polygons[share > 0.5].reset_index(drop=True)
    kind.names = {c: n for c, n in kind.names.items() if c in set(kind.polygons["area_code"])}
    return told


def survey(
    con: duckdb.DuckDBPyConnection,
    book: Book,
    store: Store,
    files: dict[str, Snapshot],
    staged: Path,
    chosen: list[Chosen],
) -> tuple[list[areas.Kind], gpd.GeoDataFrame, list[str]]:
    """The kinds, the small areas within reach with their polygons and whether they are in the
    place, and remarks; BoundaryFaults for all that is wrong with any of them."""
    models.build(con, ["core.small_areas", "core.small_area_changes", "core.output_area_shares"])
    base = kinds.ground(con, None)
    if not base.in_place:
        raise boundaries.BoundaryFaults(
            [
                "ons_geography: no small area lies in the place's authorities. Put the lookup of"
                " LSOA 2021 to ward and authority into the inbox, or mend the codes in place.toml."
            ]
        )
    in_reach = {row["small_area_code"]: row["in_place"] for row in base.rows}
    shapes = small_area_shapes(book, store, staged, set(in_reach))
    shapes["in_reach"] = shapes["area_code"].isin(in_reach.keys())
    shapes["in_place"] = shapes["area_code"].map(in_reach).eq(True)
    base = kinds.Ground(base.rows, base.units, shapes)
    made, absent, faults = kinds.read_kinds(book, store, files, chosen, base)
    reach = shapes[shapes["in_reach"]].union_all()
    place = shapes[shapes["in_place"]].union_all()
    where = {one.key: files[one.key].url for one in chosen if one.key in files}
    for one in made:
        if one.polygons is not None:
            told = where.get(f"{one.id}@{one.edition}" if one.edition else one.id, one.id)
            faults += boundaries.place_faults(one.polygons, reach, told)
            absent += clip_to_place(one, reach if one.id in book.added else place)
            if one.partition:
                faults += boundaries.polygon_partition_faults(one.id, one.polygons, place, told)
    if faults:
        raise boundaries.BoundaryFaults(faults)
    return made, shapes, absent
