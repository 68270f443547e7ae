"""Where the place's localities are: its files found and kept, its kinds read, its points located.

The hall's errand to the geography room: `geo` knows shapes and codes, this knows the catalogue
and the warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.entries import AreaKind, Book
from flows.snapshots import Snapshot, Store
from flows.staging import staged_path
from geo import areas, weights
from sql import models

if TYPE_CHECKING:
    import duckdb
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

INVENTED = " (invented)"


def read_kinds(
    book: Book, store: Store, files: dict[str, Snapshot], small_areas: list[dict[str, Any]]
) -> tuple[list[areas.Kind], list[str]]:
    """Every kind that can be made, and a sentence for each that cannot; BoundaryFaults for all
    faults.

    ``small_areas`` are the rows of ``core.small_areas`` that lie in the place.
    """
    kinds, absent, faults = [], [], []
    known = {row["small_area_code"]: row["small_area_name"] or "" for row in small_areas}
    for spec in book.place.area_kinds:
        snapshot = files.get(spec.id)
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
        kind.id, kind.partition = spec.id, spec.partition
        if book.place.invented:
            kind.names = {c: n.removesuffix(INVENTED) + INVENTED for c, n in kind.names.items()}
        if spec.partition and kind.polygons is None:
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


def small_area_shapes(
    book: Book, store: Store, staged: Path, in_place: set[str]
) -> gpd.GeoDataFrame:
    """The polygons of all small areas in hand, sorted by code; BoundaryFaults if one lacks."""
    import geopandas as gpd

    kept = [s for s in store.current("ons_geography").values() if s.table == "boundaries"]
    if not kept:
        raise areas.BoundaryFaults(
            [
                "ons_geography: no boundaries of 2021 small areas are in hand."
                " Put the GeoJSON or GeoPackage of LSOA 2021 boundaries into the inbox."
            ]
        )
    newest = max(kept, key=lambda s: s.fetched_at)
    shapes = gpd.read_file(staged_path(book.source["ons_geography"], newest, staged))
    lacking = sorted(in_place - set(shapes["area_code"]))
    if lacking:
        raise areas.BoundaryFaults(
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
    told = []
    for code, kept in zip(kind.polygons["area_code"], share, strict=True):
        if kept < 0.01:
            continue  # a neighbour's area that touches the edge
        if kept <= 0.5:
            told.append(f"{kind.names[code]}: left out, for only {kept:.0%} of it is in the place.")
        elif kept < 0.99:
            told.append(f"{kind.names[code]}: only the {kept:.0%} of it in the place is counted.")
    polygons = kind.polygons.assign(geometry=cut.where(share < 1.0 - 1e-9, kind.polygons.geometry))
    polygons["geometry"] = polygons.geometry.buffer(0)  # an intersection may leave lines behind
    kind.polygons = polygons[share > 0.5].reset_index(drop=True)
    kind.names = {c: n for c, n in kind.names.items() if c in set(kind.polygons["area_code"])}
    return told


def _located_twice(
    con: duckdb.DuckDBPyConnection,
    kinds: list[areas.Kind],
    shapes: gpd.GeoDataFrame,
    shares: list[tuple[Any, ...]],
) -> Any:
    """Which points fall in which area: by its own edge, and by the small areas counted in it.

    The two differ for polygons. Counts and medians go by the edge; a rate goes by the small
    areas, whose residents it divides by.
    """
    import pandas as pd

    points = con.sql("select point_id, easting, northing from core.points").fetchnumpy()
    east, north = points["easting"], points["northing"]
    homes = weights.locate_once(east, north, shapes.geometry.to_numpy())
    codes = shapes["area_code"].to_numpy(dtype=object)
    frames = []
    for kind in kinds:
        whole = [row for row in shares if row[0] == kind.id and row[4] == 1.0]
        best_fit = kind.polygons is not None and len(whole) == sum(r[0] == kind.id for r in shares)
        members: dict[str, list[str]] = {}
        for _, code, small_area, _, _ in whole:
            members.setdefault(code, []).append(small_area)
        by_small_area = areas.Kind(kind.id, members=members) if best_fit else kind
        pairs = []
        for by, found in (("by_edge", kind), ("by_small_area", by_small_area)):
            index, area = weights.points_of_kind(found, east, north, homes, codes)
            pairs.append(
                pd.DataFrame({"point_id": points["point_id"][index], "area_code": area, by: True})
            )
        both = pairs[0].merge(pairs[1], on=["point_id", "area_code"], how="outer")
        frames.append(both.assign(area_kind=kind.id))
    return pd.concat(frames).fillna({"by_edge": False, "by_small_area": False})


@dataclass
class Placed:
    """The localities of a refresh: a layer for each kind, and what could not be made, in words."""

    layers: dict[str, gpd.GeoDataFrame]
    absent: list[str]


def place(
    con: duckdb.DuckDBPyConnection,
    book: Book,
    store: Store,
    files: dict[str, Snapshot],
    staged: Path,
) -> Placed:
    """Read the kinds, locate the points, and make the ``geo`` tables and
    ``catalogue.area_kinds``."""
    import pandas as pd

    models.build(con, ["core.small_areas", "core.points"])
    rows = con.sql("from core.small_areas where in_place").df().to_dict("records")
    if not rows:
        raise areas.BoundaryFaults(
            [
                "ons_geography: no small area lies in the place's authorities. Put the lookup of"
                " LSOA 2021 to ward and authority into the inbox, or mend the codes in place.toml."
            ]
        )
    in_place = {row["small_area_code"] for row in rows}
    shapes = small_area_shapes(book, store, staged, in_place)
    kinds, absent = read_kinds(book, store, files, rows)
    ours = shapes[shapes["area_code"].isin(in_place)]
    whole = ours.geometry.union_all()
    absent += [told for kind in kinds for told in clip_to_place(kind, whole)]
    faults = [f for k in kinds for f in areas.polygon_partition_faults(k, whole, _told(files, k))]
    if faults:
        raise areas.BoundaryFaults(faults)
    layers = {kind.id: areas.shapes(kind, ours) for kind in kinds}
    centroids = {
        r["small_area_code"]: (r["centroid_easting"], r["centroid_northing"])
        for r in rows
        if r["centroid_easting"] == r["centroid_easting"]
    }
    specs = {k.id: k for k in book.place.area_kinds}
    shares = []
    for kind in kinds:
        spec = specs[kind.id].polygons
        assign = spec.assign if spec else ""
        found = weights.small_area_weights(kind, ours, centroids, assign)
        shares += [(kind.id, *row) for row in found]
    points = pd.DataFrame(
        _located_twice(con, kinds, shapes, shares),
        columns=["point_id", "area_kind", "area_code", "by_edge", "by_small_area"],
    )
    names = [(k.id, c, n) for k in kinds for c, n in sorted(k.names.items())]
    _load_geo(con, book, names, shares, points, {k.id for k in kinds})
    return Placed(layers, absent)


def _told(files: dict[str, Snapshot], kind: areas.Kind) -> str:
    return files[kind.id].url if kind.id in files else kind.id


def _load_geo(
    con: duckdb.DuckDBPyConnection,
    book: Book,
    names: list[tuple[str, str, str]],
    shares: list[tuple[Any, ...]],
    points: Any,
    built: set[str],
) -> None:
    text = "VARCHAR"
    models.load_rows(
        con,
        "geo.areas",
        {"area_kind": text, "area_code": text, "area_name": text},
        [{"area_kind": k, "area_code": c, "area_name": n} for k, c, n in names],
    )
    keys = ("area_kind", "area_code", "small_area_code", "rule", "weight")
    models.load_rows(
        con,
        "geo.area_weights",
        dict.fromkeys(keys[:4], text) | {"weight": "DECIMAL(12,10)"},
        [dict(zip(keys, row, strict=True)) for row in shares],
    )
    con.sql(
        "select point_id::bigint as point_id, area_kind, area_code,"
        " by_edge::boolean as by_edge, by_small_area::boolean as by_small_area"
        " from points order by all"
    ).create("geo.point_areas")
    models.load_rows(
        con,
        "catalogue.area_kinds",
        {
            "area_kind": text,
            "label": text,
            "position": "INTEGER",
            "is_partition": "BOOLEAN",
            "is_built": "BOOLEAN",
            "is_exact": "BOOLEAN",  # made of whole small areas: adds up to the row
        },
        [
            {
                "area_kind": k.id,
                "label": k.label,
                "position": i,
                "is_partition": k.partition,
                "is_built": k.id in built,
                "is_exact": k.polygons is None,
            }
            for i, k in enumerate(book.place.area_kinds)
        ],
    )
