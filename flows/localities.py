"""Where everything is: points and small areas put into the localities of a refresh, by rule.

Makes the ``geo`` tables and ``catalogue.area_kinds`` that the SELECTs read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows.entries import Book
from flows.kinds import Chosen
from flows.places import Edition
from flows.snapshots import Snapshot, Store
from flows.survey import survey
from geo import areas, points, weights
from sql import models

if TYPE_CHECKING:
    import duckdb
    import geopandas as gpd
    import pandas as pd

TEXT = "VARCHAR"


@dataclass
class Placed:
    """The localities of a refresh: a layer for each kind, the small areas in its reach, and what
    could not be made, in words."""

    layers: dict[str, gpd.GeoDataFrame]
    small_areas: gpd.GeoDataFrame
    absent: list[str]


def place(
    con: duckdb.DuckDBPyConnection,
    book: Book,
    store: Store,
    files: dict[str, Snapshot],
    staged: Path,
    chosen: list[Chosen],
) -> Placed:
    """Read the kinds, locate the points, and make the ``geo`` tables and
    ``catalogue.area_kinds``."""
    import numpy as np
    import pandas as pd

    made, shapes, absent = survey(con, book, store, files, staged, chosen)
    models.build(con, ["core.points", "core.postcodes"], already=models.built(con))
    ours = shapes[shapes["in_reach"]]
    found = con.sql("select point_id, easting, northing from core.points").fetchnumpy()
    east, north = found["easting"], found["northing"]
    homes = points.locate_once(east, north, shapes.geometry.to_numpy())
    # a point outside is in no small area that counts here
    homes[(homes >= 0) & ~shapes["in_reach"].to_numpy()[homes]] = -1
    own_homes = np.where((homes >= 0) & shapes["in_place"].to_numpy()[homes], homes, -1)
    centroids = _centroids(con)
    lacking = len(set(ours["area_code"]) - centroids.keys())
    residents = _residents(con, shapes) if any(k.polygons is not None for k in made) else None
    used = {(c.kind.id, c.edition.id): c for c in chosen}
    layers: dict[str, list[gpd.GeoDataFrame]] = {}
    shares, located = [], []
    for kind in made:
        spec = used[kind.id, kind.edition].edition
        if kind.polygons is not None and kind.assign == "centroid" and lacking:
            absent.append(
                f"{kind.id}: {lacking} small areas have no population-weighted centroid in hand:"
                " they are counted in none of its areas."
            )
        # what --areas adds may reach beyond the place, the place's own kinds never do
        added = kind.id in book.added
        ground, at = (ours, homes) if added else (ours[ours["in_place"]], own_homes)
        part = weights.small_area_weights(kind, ground, centroids, kind.assign, residents)
        bricks = _bricks(kind, part)
        pairs = points.point_areas(kind, bricks, east, north, at, shapes)
        same = {"area_kind": kind.id, "edition": kind.edition}
        shares.append(part.assign(**same))
        located.append(pairs.assign(point_id=found["point_id"][pairs["point"]], **same))
        layers.setdefault(kind.id, []).append(_layer(kind, ours, spec))
    _load_areas(con, book, made, used)
    inside = homes >= 0
    at_home = pd.DataFrame(
        {
            "point_id": found["point_id"][inside],
            "code": shapes["area_code"].to_numpy(object)[homes[inside]],
        }
    )
    _load(con, pd.concat(shares), pd.concat(located), at_home)
    together = {k: pd.concat(parts, ignore_index=True) for k, parts in layers.items()}
    return Placed(together, ours[["area_code", "area_name", "geometry"]], absent)


def _centroids(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[float, float]]:
    rows = con.sql(
        "select small_area_code, centroid_easting, centroid_northing from core.small_areas"
        " where in_reach and centroid_easting is not null and centroid_northing is not null"
    ).fetchall()
    return {code: (east, north) for code, east, north in rows}


def _residents(
    con: duckdb.DuckDBPyConnection, shapes: gpd.GeoDataFrame
) -> weights.Residents | None:
    """Where people live: output areas, and live postcodes in small areas that have none located."""
    import numpy as np
    import pandas as pd

    by_area = con.sql(
        "select o.easting, o.northing, o.small_area_code, o.people, o.households, o.children"
        " from core.output_areas as o join core.small_areas as s using (small_area_code)"
        " where s.in_reach order by o.output_area_code"
    ).df()
    told = by_area["easting"].notna() & by_area["people"].notna()
    by_area = by_area[told.groupby(by_area["small_area_code"]).transform("all")]
    codes = con.sql("select easting, northing from core.postcodes where terminated is null").df()
    east, north = codes["easting"].to_numpy(float), codes["northing"].to_numpy(float)
    home = points.locate_once(east, north, shapes.geometry.to_numpy())
    codes["small_area_code"] = np.where(home >= 0, shapes["area_code"].to_numpy()[home], None)
    counted = set(by_area["small_area_code"])
    reach = set(shapes.loc[shapes["in_reach"], "area_code"]) - counted
    codes = codes[codes["small_area_code"].isin(reach)].assign(
        people=1.0, households=np.nan, children=np.nan, rule=weights.BY_POSTCODES
    )
    both = pd.concat([by_area.assign(rule=weights.RULES["population_share"]), codes])
    if both.empty:
        return None
    numbers = (both[c].to_numpy(float) for c in ("people", "households", "children"))
    east, north = both["easting"].to_numpy(float), both["northing"].to_numpy(float)
    small_area, rule = (both[c].to_numpy(object) for c in ("small_area_code", "rule"))
    return weights.Residents(east, north, small_area, *numbers, rule)


def _bricks(kind: areas.Kind, part: pd.DataFrame) -> areas.Kind:
    """The same areas as the small areas that are counted in them, if those are whole."""
    declared = part[part["assignment"] == weights.DECLARED]
    if kind.polygons is None or not declared["weight"].eq(1.0).all():
        return kind
    members: dict[str, list[areas.Part]] = {}
    for code, small_area in zip(declared["area_code"], declared["small_area_code"], strict=True):
        members.setdefault(code, []).append(areas.Part(small_area))
    return areas.Kind(kind.id, kind.edition, names=kind.names, parts=members)


def _layer(kind: areas.Kind, ours: gpd.GeoDataFrame, spec: Edition) -> gpd.GeoDataFrame:
    """The polygons of an edition, with the days it is in force."""
    days = {
        "valid_from": None if spec.valid_from == date.min else spec.valid_from.isoformat(),
        "valid_to": None if spec.valid_to == date.max else spec.valid_to.isoformat(),
    }
    return areas.shapes(kind, ours).assign(edition=kind.edition or None, **days)


def _load_areas(
    con: duckdb.DuckDBPyConnection,
    book: Book,
    made: list[areas.Kind],
    used: dict[tuple[str, str], Chosen],
) -> None:
    """``geo.areas`` and ``catalogue.area_kinds``."""
    force = {key: (c.first, c.last) for key, c in used.items()}
    texts = ("area_kind", "edition", "area_code", "area_name", "area_note")
    columns = dict.fromkeys(texts, TEXT)
    models.load_rows(
        con,
        "geo.areas",
        columns | {"in_force_from": "DATE", "in_force_to": "DATE"},
        [
            {"area_kind": k.id, "edition": k.edition, "area_code": code, "area_name": name}
            | {"area_note": k.notes.get(code)}
            | dict(zip(("in_force_from", "in_force_to"), force[k.id, k.edition], strict=True))
            for k in made
            for code, name in sorted(k.names.items())
        ],
    )
    built: dict[str, bool] = {}
    for kind in made:
        built[kind.id] = built.get(kind.id, True) and kind.polygons is None
    models.load_rows(
        con,
        "catalogue.area_kinds",
        {
            "area_kind": TEXT,
            "label": TEXT,
            "position": "INTEGER",
            "is_partition": "BOOLEAN",
            "is_built": "BOOLEAN",
            "is_exact": "BOOLEAN",  # takes points with their small areas: adds up to the row
        },
        [
            {
                "area_kind": k.id,
                "label": k.label,
                "position": i,
                "is_partition": k.partition,
                "is_built": k.id in built,
                "is_exact": built.get(k.id, False),
            }
            for i, k in enumerate(book.place.area_kinds)
        ],
    )


def _load(
    con: duckdb.DuckDBPyConnection,
    shares: pd.DataFrame,
    located: pd.DataFrame,
    at_home: pd.DataFrame,
) -> None:
    """``geo.area_weights``, ``geo.point_areas`` and ``geo.point_small_areas``."""
    con.sql(
        "select area_kind, edition, area_code, small_area_code, assignment, rule,"
        " columns('^weight')::decimal(12, 10) from shares order by all"
    ).create("geo.area_weights")
    con.sql(
        "select point_id::bigint as point_id, area_kind, edition, area_code,"
        " by_edge, near_edge, by_small_area, near_small_area from located order by all"
    ).create("geo.point_areas")
    con.sql(
        "select point_id::bigint as point_id, code::varchar as small_area_code"
        " from at_home order by all"
    ).create("geo.point_small_areas")
