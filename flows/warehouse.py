"""One refresh's warehouse: the catalogue, the staged files and the localities go in, evidence
comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import localities
from flows.entries import Book, Source, Table
from flows.snapshots import Snapshot, Store
from flows.sources.web import Fault
from sql import models

if TYPE_CHECKING:
    import duckdb
    import geopandas as gpd

UNREADABLE_SHARE = (
    0.05  # more rows than this in quarantine means that the layout changed, not a row
)
ALWAYS = date(1900, 1, 1), date(2199, 12, 1)


def every_column(source: Source) -> list[str]:
    """The columns that any layout of the source has, in a fixed order."""
    found: dict[str, None] = {}
    for table in source.tables:
        found |= dict.fromkeys([*table.columns, *table.optional, *table.names])
    return list(found)


def stager(source: Source, store: Store, staged: Path) -> Callable[[Snapshot], None]:
    """A function that stages a kept reply to Parquet once; Fault if it cannot be read."""
    layouts = {t.id: t for t in source.tables}
    engine = cache(models.connect)  # opened with the first reply that is new

    def stage(snapshot: Snapshot) -> None:
        from sql.raw import HeaderFault

        layout = layouts[snapshot.table]
        out = staged_path(source, snapshot, staged)
        if layout.format == "boundaries" or out.exists():
            return
        con, columns, path = engine(), every_column(source), store.path(snapshot)
        shape = layout.model_dump()
        try:
            kept, lost = models.stage_file(con, source.id, path, snapshot.name, shape, columns, out)
        except HeaderFault as why:
            raise Fault(
                snapshot.name,
                str(why),
                f"Put the publisher's own file in its place: {source.inbox}.",
            ) from why
        if lost > UNREADABLE_SHARE * (kept + lost) or not kept:
            _refuse(snapshot, kept, lost, out, con)

    return stage


def _refuse(
    snapshot: Snapshot, kept: int, lost: int, out: Path, con: duckdb.DuckDBPyConnection
) -> None:
    """Take back a staging that lost too much, and say what the first bad row had."""
    quarantine = out.with_suffix(".quarantine.parquet")
    wrong = "it holds no row of data"
    if lost:
        first = con.read_parquet(str(quarantine)).order("row_number").fetchone()
        told = f" (row {first[1]}: {first[2]})" if first else ""
        wrong = f"{lost} of its {kept + lost} rows cannot be read{told}"
        quarantine.unlink()
    out.unlink()
    mend = "Look at the file: its layout may have changed, or it was edited by hand."
    raise Fault(snapshot.name, wrong, mend)


def staged_path(source: Source, snapshot: Snapshot, staged: Path) -> Path:
    """Where the typed rows of a snapshot lie: named by its content, its name and how it was
    staged."""
    version = models.stage_version(source.id, repr(source.tables))
    stem = f"{snapshot.name.rpartition('.')[0]}-{snapshot.sha256[:16]}-{version}"
    return staged / source.id / f"{stem}.parquet"


def load(con: duckdb.DuckDBPyConnection, book: Book, store: Store, staged: Path) -> None:
    """Make every ``stage`` table: the current snapshots of the sources asked for, empty for the
    rest."""
    needed = {s.id for s in book.needed_sources()}
    quarantine = {}
    for source in book.sources:
        snapshots = store.current(source.id).values() if source.id in needed else []
        tables: dict[str, Table] = {t.id: t for t in source.tables}
        files = [
            staged_path(source, s, staged)
            for s in snapshots
            if tables[s.table].format != "boundaries"
        ]
        models.load_stage(con, source.id, files, every_column(source))
        quarantine[source.id] = files
    models.load_quarantine(con, quarantine)


def load_catalogue(
    con: duckdb.DuckDBPyConnection,
    book: Book,
    since: date | None,
    until: date | None,
    gaps: dict[str, str],
) -> None:
    """Make the ``catalogue`` tables. ``since``, ``until``: first days of months. ``gaps``:
    source, reason."""
    text, whole, true = "VARCHAR", "INTEGER", "BOOLEAN"

    def table(name: str, columns: dict[str, Any], rows: Iterable[dict[str, Any]]) -> None:
        models.load_rows(con, f"catalogue.{name}", columns, rows)

    table("place", {"place_code": text, "place_name": text}, [_place(book)])
    table(
        "authorities",
        {"authority_code": text, "authority_name": text},
        [{"authority_code": a.code, "authority_name": a.name} for a in book.place.authorities],
    )
    table(
        "forces",
        {"force": text, "is_home": true},
        [{"force": f, "is_home": True} for f in book.place.police_forces]
        + [{"force": f, "is_home": False} for f in book.place.neighbouring_forces],
    )
    table(
        "window",
        {"since": "DATE", "until": "DATE"},
        [{"since": since or ALWAYS[0], "until": until or ALWAYS[1]}],
    )
    table("sources", {"source": text, "label": text}, [_source(s) for s in book.sources])
    table(
        "source_gaps",
        {"source": text, "reason": text},
        [{"source": s, "reason": r} for s, r in gaps.items()],
    )
    measure = {"source": text, "measure": text, "counts": text, "priority": whole}
    table(
        "measures",
        measure | {"pattern": text, "leave_out": text, "equals": whole, "times": text},
        _measures(book),
    )
    table(
        "themes",
        {"theme_id": text, "label": text, "position": whole},
        [{"theme_id": t.id, "label": t.label, "position": i} for i, t in enumerate(book.themes)],
    )
    table("indicators", INDICATOR_COLUMNS, _indicators(book))
    kinds = [k.id for k in book.place.area_kinds]
    table(
        "indicator_area_kinds",
        {"indicator_id": text, "area_kind": text},
        [
            {"indicator_id": i.id, "area_kind": k}
            for i in book.indicators
            for k in kinds
            if k in i.area_kinds or "any" in i.area_kinds
        ],
    )


INDICATOR_COLUMNS = {
    "position": "INTEGER",
    "indicator_id": "VARCHAR",
    "label": "VARCHAR",
    "themes": ["VARCHAR"],
    "source": "VARCHAR",
    "source_rows": "VARCHAR",
    "measure": "VARCHAR",
    "method": "VARCHAR",
    "unit": "VARCHAR",
    "per": "INTEGER",
    "polarity": "VARCHAR",
    "period_rule": "VARCHAR",
    "denominator_source": "VARCHAR",
    "denominator_measure": "VARCHAR",
    "plausible_low": "DOUBLE",
    "plausible_high": "DOUBLE",
}


def _place(book: Book) -> dict[str, Any]:
    return {"place_code": book.place.code, "place_name": book.place.name}


def _source(source: Source) -> dict[str, Any]:
    return {"source": source.id, "label": source.label}


def _measures(book: Book) -> Iterable[dict[str, Any]]:
    for source in book.sources:
        for measure in source.measures:
            for priority, pattern in enumerate(measure.columns):
                yield {
                    "source": source.id,
                    "measure": measure.id,
                    "counts": measure.counts,
                    "priority": priority,
                    "pattern": pattern,
                    "leave_out": measure.leave_out,
                    "equals": measure.equals,
                    "times": measure.times,
                }


def _indicators(book: Book) -> Iterable[dict[str, Any]]:
    for position, indicator in enumerate(book.indicators):
        yield {
            "position": position,
            "indicator_id": indicator.id,
            "label": indicator.label,
            "themes": list(indicator.themes),
            "source": indicator.source,
            "source_rows": book.source[indicator.source].rows,
            "measure": indicator.measure,
            "method": indicator.method,
            "unit": indicator.unit,
            "per": 100 if indicator.method == "proportion" else indicator.per,
            "polarity": indicator.polarity,
            "period_rule": indicator.period,
            "denominator_source": indicator.denominator_source,
            "denominator_measure": indicator.denominator_measure,
            "plausible_low": indicator.plausible[0],
            "plausible_high": indicator.plausible[1],
        }


@dataclass
class Placed:
    """The localities of a refresh: a layer for each kind, and what could not be made, in words."""

    layers: dict[str, gpd.GeoDataFrame]
    absent: list[str]


def place(con: duckdb.DuckDBPyConnection, book: Book, store: Store) -> Placed:
    """Read the kinds, locate the points, and make the ``geo`` tables and
    ``catalogue.area_kinds``."""
    import pandas as pd

    from geo import areas, weights

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
    shapes = localities.small_area_shapes(store, in_place)
    kinds, absent = localities.read_kinds(book, store, rows)
    ours = shapes[shapes["area_code"].isin(in_place)]
    whole = ours.geometry.union_all()
    kinds = [localities.clip_to_place(kind, whole) for kind in kinds]
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
    points = pd.concat(
        [
            pd.DataFrame({"point_id": ids, "area_kind": kind, "area_code": codes})
            for kind, ids, codes in localities.locate_points(con, kinds, shapes)
        ]
    )
    names = [(k.id, c, n) for k in kinds for c, n in sorted(k.names.items())]
    _load_geo(con, book, names, shares, points, {k.id for k in kinds})
    return Placed(layers, absent)


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
    con.sql("select point_id::bigint as point_id, area_kind, area_code from points").create(
        "geo.point_areas"
    )
    models.load_rows(
        con,
        "catalogue.area_kinds",
        {
            "area_kind": text,
            "label": text,
            "position": "INTEGER",
            "is_partition": "BOOLEAN",
            "is_built": "BOOLEAN",
        },
        [
            {
                "area_kind": k.id,
                "label": k.label,
                "position": i,
                "is_partition": k.partition,
                "is_built": k.id in built,
            }
            for i, k in enumerate(book.place.area_kinds)
        ],
    )


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``evidence.intervals``: limits and comparison of every cell of ``evidence.cells``."""
    import numpy as np
    import pandas as pd

    from flows import statistics

    models.build(con, ["evidence.cells"], already=_there(con))
    cells = con.sql("from evidence.cells").df()
    number = {
        c: pd.to_numeric(cells[c], errors="coerce").to_numpy(float)
        for c in (
            "numerator",
            "denominator",
            "value",
            "comparator_value",
            "published_lower",
            "published_upper",
        )
    }
    lower, upper = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    method, per = cells["method"].to_numpy(), cells["per"].to_numpy(float)
    known = ~np.isnan(number["value"])

    def limits(which: np.ndarray, found: statistics.Interval) -> None:
        lower[which], upper[which] = found.lower, found.upper

    for one in (1.0, 100.0, 1_000.0, 10_000.0, 100_000.0):
        n, d = number["numerator"], number["denominator"]
        shares = known & (method == "proportion") & (per == one)
        limits(shares, statistics.proportion(n[shares], d[shares], multiplier=one))
        rates = known & (method == "rate") & (per == one)
        limits(rates, statistics.rate(n[rates], d[rates], multiplier=one))
    counts = known & (method == "count")
    ones = np.ones(int(counts.sum()))
    limits(counts, statistics.rate(number["numerator"][counts], ones, multiplier=1))
    published = method == "as_published"
    lower[published] = number["published_lower"][published]
    upper[published] = number["published_upper"][published]
    for i in np.flatnonzero(known & (method == "median")):
        found = statistics.median_interval(np.asarray(cells["amounts"].iloc[i], dtype=float))
        lower[i], upper[i] = found.lower, found.upper
    comparable = np.where(method == "count", np.nan, number["comparator_value"])
    compared = statistics.compare(
        number["value"], lower, upper, comparable, polarity=cells["polarity"].to_numpy(str)
    )
    cells["lower_ci"], cells["upper_ci"], cells["compared"] = lower, upper, compared
    con.sql(
        "select indicator_id, area_kind, area_code, period,"
        " nullif(lower_ci, 'nan'::double) as lower_ci, nullif(upper_ci, 'nan'::double) as upper_ci,"
        " nullif(compared, '') as compared from cells"
    ).create("evidence.intervals")


def finish(con: duckdb.DuckDBPyConnection) -> None:
    """Build every model that is not there yet."""
    models.build(con, already=_there(con))


def _there(con: duckdb.DuckDBPyConnection) -> list[str]:
    found = con.sql("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    return [name for (name,) in found]
