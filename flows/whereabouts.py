"""Where a postcode, a point or a small area lies, by the latest release and the kept files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import lineage, staging
from flows.cells import Unknown
from flows.entries import Book
from flows.snapshots import Snapshot, Store
from sql import models

if TYPE_CHECKING:
    import geopandas as gpd

Row = dict[str, Any]
REACH_M = 100.0  # what lies farther from a point does not matter to it
MOST = 0.5  # of its people: then a small area's crimes are counted there (geo.areas.Kind.bricks)
TOUCHES = 0.005  # of its ground: less is the crumbs of generalised edges

DEGREES = {"longitude": "DECIMAL(9, 6)", "latitude": "DECIMAL(9, 6)"}


@dataclass(frozen=True)
class Ground:
    """The latest release and the kept files behind it, as far as they say where things are."""

    data: Path
    release: Path
    about: Row  # its manifest
    book: Book

    def grid(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Easting and northing in metres, by the one transform that every crime goes through."""
        columns = {"x": "DECIMAL(12, 6)", "y": "DECIMAL(12, 6)", "crs": "VARCHAR"}
        row = {"x": longitude, "y": latitude, "crs": "EPSG:4326"}
        with models.connect() as con:
            models.load_rows(con, "core.located_events", columns, [row])
            models.load_rows(con, "stage.police_api", DEGREES, [])
            moved = con.sql(models.models()["core.points"]).select("easting", "northing")
            ((east, north),) = moved.fetchall()
        return east, north

    def postcode(self, code: str) -> tuple[float, float, str | None]:
        """Easting, northing, and when it ended if it did; Unknown if no file in hand has it."""
        source, store = self.book.source["postcodes"], Store(self.data / "snapshots")
        files = {
            name: staging.staged_path(source, snapshot, self.data / "staged")
            for name, snapshot in store.current("postcodes").items()
        }
        there = [str(path) for path in files.values() if path.exists()]
        if not there:
            raise Unknown(
                "No postcode file is in hand. Ask by latitude,longitude or by easting,northing, or"
                f" put into the inbox {source.inbox}, and run evidence refresh."
            )
        order = store.positions("postcodes")
        kept = [{"source": "postcodes", "file": n, "position": order[n]} for n in files]
        with models.connect() as con:
            con.execute(
                "create table stage.postcodes as"
                " select * from read_parquet($files) where postcode = $code",
                {"files": there, "code": code},
            )
            models.load_rows(con, "catalogue.files", staging.FILE_COLUMNS, kept)
            models.build(con, ["core.postcodes"])
            found = con.sql("select easting, northing, terminated from core.postcodes").fetchone()
            is_listed = con.sql("from stage.postcodes").fetchone() is not None
        if found is None:
            how = "stands without coordinates" if is_listed else "is not"
            written = f"{code[:-3]} {code[-3:]}"
            raise Unknown(f"{written} {how} in the postcode files in hand ({', '.join(files)}).")
        return found[0], found[1], found[2]

    def became(self, code: str) -> list[tuple[str, str]]:
        """The 2021 small areas that a code stands for, each with how it came to be (U, S, M or X);
        Unknown if it is in no file in hand."""
        if len(self._small_areas(where=f"area_code = '{code}'")):
            return [(code, "U")]
        found: list[tuple[str, str]] = []
        if (warehouse := self.data / "warehouse.duckdb").exists():
            with models.look_into(warehouse) as con:
                found = con.execute(
                    "select code_2021, change from core.small_area_changes"
                    " where code_2011 = $code order by all",
                    {"code": code},
                ).fetchall()
        if not found:
            raise Unknown(
                f"{code} is no small area of 2021 in the boundaries in hand, nor one of 2011 in the"
                " lookup."
            )
        return found

    def point(self, east: float, north: float) -> Row:
        """What contains a point. As the refresh counts a crime: kinds made of small areas contain
        it with its small area, others by their own boundary."""
        import numpy as np

        from geo import areas, points

        bounds = (east - REACH_M, north - REACH_M, east + REACH_M, north + REACH_M)
        e, n = np.array([east]), np.array([north])
        shapes = self._small_areas(bbox=bounds)
        home = points.locate_once(e, n, shapes.geometry.to_numpy())
        code = str(shapes["area_code"].iloc[home[0]]) if home[0] >= 0 else None
        counted = lineage.of_small_area(self.release, code) if code else []
        home = home if counted else np.full(1, -1, dtype=np.intp)
        kinds = []
        for kind, layer in self._layers(bounds):
            mine = _of_kind(counted, kind)
            codes = layer["area_code"].to_numpy(object)
            drawn = areas.Kind(polygons=layer, partition=kind["is_partition"])
            inside = set(codes[points.in_polygons(drawn, e, n, home)[1]])
            if not kind["has_own_boundary"]:
                inside = {c for c, row in mine.items() if row["weight"] > MOST}
            near = set(codes[points.near_edge(e, n, layer.geometry.to_numpy())[1]])
            names = _names(layer, mine)
            found = [
                _area(c, names[c], mine.get(c))
                | {"contains": c in inside, "is_near_edge": c in near}
                for c in sorted(inside | near | mine.keys())
            ]
            kinds.append(kind | {"areas": found})
        return _answer(east, north, code, counted, kinds)

    def small_area(self, code: str) -> Row:
        """What counts a small area's residents, and how much of its ground lies in each area that
        has a boundary of its own."""
        shape = self._small_areas(where=f"area_code = '{code}'").geometry.iloc[0]
        counted, kinds = lineage.of_small_area(self.release, code), []
        for kind, layer in self._layers(shape.bounds):
            mine, ground = _of_kind(counted, kind), {}
            if kind["has_own_boundary"]:
                share = layer.geometry.intersection(shape).area / shape.area
                ground = dict(zip(layer["area_code"], share.round(6), strict=True))
            names = _names(layer, mine)
            touched = {c for c, part in ground.items() if part > TOUCHES}
            found = [
                _area(c, names[c], mine.get(c))
                | {"contains": c in mine, "share_of_ground": ground.get(c)}
                for c in sorted(touched | mine.keys())
            ]
            kinds.append(kind | {"areas": found})
        middle = shape.representative_point()
        return _answer(middle.x, middle.y, code, counted, kinds)

    def _small_areas(self, **wanted: Any) -> gpd.GeoDataFrame:
        """The polygons of 2021 small areas that the release rests on, by code."""
        import geopandas as gpd

        kept = [
            Snapshot(**s)
            for s in self.about["snapshots"]
            if (s["source"], s["table"]) == ("ons_geography", "boundaries")
        ]
        newest = max(kept, key=lambda s: s.fetched_at)
        source = self.book.source["ons_geography"]
        path = staging.staged_path(source, newest, self.data / "staged")
        if not path.exists():
            raise Unknown(f"{newest.name} is not staged for this version. Run evidence refresh.")
        return gpd.read_file(path, **wanted).sort_values("area_code", ignore_index=True)

    def _layers(self, bounds: Sequence[float]) -> Iterator[tuple[Row, gpd.GeoDataFrame]]:
        """Each kind in each edition of the release, with its polygons that touch the bounds, by
        code."""
        import geopandas as gpd

        path = self.release / "localities.gpkg"
        layers, rules = set(gpd.list_layers(path)["name"]), lineage.rules(self.release)
        kinds = {kind.id: kind for kind in self.book.place.area_kinds}
        for used in self.about["editions"]:
            name, edition = used["area_kind"], used["edition"]
            if name not in layers:
                continue
            layer = gpd.read_file(path, layer=name, bbox=tuple(bounds))
            same = layer["edition"].isna() if edition is None else layer["edition"] == edition
            layer = layer[same].sort_values("area_code", ignore_index=True)
            yield (
                {
                    "area_kind": name,
                    "label": kinds[name].label if name in kinds else name,
                    "edition": edition,
                    "is_partition": name in kinds and kinds[name].partition,
                    "has_own_boundary": _has_own_boundary(rules.get((name, edition), set())),
                },
                layer,
            )


def _has_own_boundary(rules: set[str]) -> bool:
    """Whether a kind is drawn: its small areas fall in by rules for polygons, or not at all."""
    from geo.weights import RULES

    ours = set(RULES.values())
    return all(rule in ours or rule.startswith(RULES["area_share"]) for rule in rules)


def _of_kind(counted: list[Row], kind: Row) -> dict[str, Row]:
    """A small area's rows of the ledger in one kind and edition, by the area's code."""
    key = (kind["area_kind"], kind["edition"])
    return {r["area_code"]: r for r in counted if (r["area_kind"], r["edition"]) == key}


def _names(layer: gpd.GeoDataFrame, mine: dict[str, Row]) -> dict[str, str]:
    names = {code: row["area_name"] for code, row in mine.items()}
    return names | dict(zip(layer["area_code"], layer["area_name"], strict=True))


def _area(code: str, name: str, row: Row | None) -> Row:
    """A locality, and how the small area's residents are counted in it, None where they are not."""
    told = {"area_code": code, "area_name": name, "rule": None, "weight": None}
    return told | ({"rule": row["rule"], "weight": float(row["weight"])} if row else {})


def _answer(
    east: float, north: float, code: str | None, counted: list[Row], kinds: list[Row]
) -> Row:
    return {
        "easting": round(east, 1),
        "northing": round(north, 1),
        "small_area_code": code,
        "small_area_name": counted[0]["small_area_name"] if counted else None,
        "in_place": bool(counted),
        "kinds": kinds,
    }
