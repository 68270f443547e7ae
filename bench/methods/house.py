"""The house's own way, as a refresh goes it: each file staged to Parquet, points put into five
kinds with their 50 m, counts by point first."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import duckdb
import geopandas as gpd
import pandas as pd

import sql.raw
from flows import catalogue, requested, runners, staging, warehouse
from flows.snapshots import Snapshot, Store
from geo import points
from geo.areas import Kind
from sql import models

NEEDS = ("duckdb", "duckdb_extension_spatial", "geopandas", "pydantic")
TOLD: dict[str, float] = {}
COUNTS = """
create table counts as
select a.area_code as code, strftime(e.month, '%Y-%m') as month, e.kind as type,
    sum(e.events)::bigint as n
from core.event_counts as e
join geo.point_areas as a using (point_id)
where a.by_edge
group by all
"""
_warm = duckdb.connect()
_warm.execute("select $warm", {"warm": 1})  # imports pandas: see street_files


class Laps:
    """Seconds from lap to lap, told with the outcome."""

    def __init__(self) -> None:
        self.last = time.perf_counter()

    def lap(self, name: str) -> None:
        """What was done since the last lap."""
        now = time.perf_counter()
        TOLD[name] = round(TOLD.get(name, 0) + now - self.last, 3)
        self.last = now


def counts(street: Sequence[Path], localities: Path) -> duckdb.DuckDBPyRelation:
    """Counts by locality, month and type."""
    laps = Laps()
    book = catalogue.read("exampleshire")
    laps.lap("catalogue")
    source = book.source["police_crime"]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        snapshots = [as_kept(store, file, str(at)) for at, file in enumerate(street)]
        laps.lap("keep")
        work = partial(staging.stage_unit, source, store, Path(folder))
        runners.spread("stage", work, staging.units(snapshots), requested.THREADS)
        staged = [staging.staged_path(source, one, Path(folder)) for one in snapshots]
        laps.lap("stage")
        con = models.connect()
        laps.lap("open with spatial")
        for one in book.sources:
            files = staged if one is source else []
            models.load_stage(con, one.id, files, staging.every_column(one))
        models.load_quarantine(con, {})
        laps.lap("load staged")
    files = [{"source": source.id, "file": f.name, "position": 1} for f in street]
    models.load_rows(con, "catalogue.files", staging.FILE_COLUMNS, files)
    warehouse.load_catalogue(con, book, None, None, {})
    laps.lap("load catalogue")
    models.build(con, ["core.located_events"])
    laps.lap("located events")
    models.build(con, ["core.points"], already=models.built(con))
    laps.lap("points")
    found = con.sql("select point_id, easting, northing from core.points").fetchnumpy()
    laps.lap("fetch points")
    located = _located(found, gpd.read_file(localities))  # noqa: F841 read by name
    laps.lap("point areas")
    con.sql("from located order by all").create("geo.point_areas")
    laps.lap("load point areas")
    models.build(con, ["core.event_counts"], already=models.built(con))
    laps.lap("event counts")
    models.build(con, ["core.placement"], already=models.built(con))
    laps.lap("placement")
    con.execute(COUNTS)
    laps.lap("by locality")
    return con.table("counts")


def as_kept(store: Store, file: Path, number: str) -> Snapshot:
    """The file as if it had been pulled: its bytes are where they are, and its hash is a number."""
    kept = Snapshot(
        "police_crime", "street", file.name, number, file.stat().st_size, *[""] * 3, ".csv"
    )
    path = store.path(kept)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(file.resolve())
    return kept


def _located(found: dict, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    east, north = found["easting"], found["northing"]
    frames = []
    for name, part in areas.sort_values("code").groupby("kind"):
        layer = part.rename(columns={"code": "area_code"}).reset_index(drop=True)
        kind = Kind(name, names={c: c for c in layer["area_code"]}, polygons=layer)
        homes = pd.Series(-1, index=range(len(east))).to_numpy()
        pairs = points.point_areas(kind, kind, east, north, homes, layer)
        frames.append(
            pairs.assign(point_id=found["point_id"][pairs["point"]], area_kind=name, edition="")
        )
    return pd.concat(frames)


_ = sql.raw  # imported late by the door: not to be timed
