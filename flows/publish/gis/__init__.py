"""What GIS officers open: layers that arrive named and styled, a project with a page to print, and
the same for ArcGIS, the web and analysts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.figures import MONTHS
from flows.publish.classes import Classes, classes
from flows.publish.datapackage import INVENTED, LICENCES
from flows.publish.gis import exchange, geopackage, long, project, wide
from flows.publish.gis.fields import Table, column, heading, unlike
from flows.publish.gis.layout import Page
from flows.publish.gis.styles import Look
from flows.publish.released import Released

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


def write(con: duckdb.DuckDBPyConnection, released: Released, folder: Path) -> list[str]:
    """Write all files into a folder; their paths within it. The geodatabase is a folder itself."""
    styled = _styled(released)
    tables = [table for table, _ in styled]
    every = exchange.together([t for t in tables if t.name in released.layers], "localities")
    as_of = released.as_of
    geopackage.write(styled, _said(released), as_of, folder / geopackage.FILE)
    project.write(_shown(released, styled), _page(released), as_of, folder / project.FILE)
    exchange.geodatabase(tables, as_of, folder / exchange.GEODATABASE)
    exchange.geojson(every, folder / exchange.GEOJSON)
    exchange.flatgeobuf(every, folder / exchange.FLATGEOBUF)
    exchange.parquet(con, every, folder / exchange.PARQUET)
    return [
        *(geopackage.FILE, project.FILE, exchange.GEODATABASE),
        *(exchange.GEOJSON, exchange.FLATGEOBUF, exchange.PARQUET),
    ]


def _styled(released: Released) -> list[geopackage.Styled]:
    """All layers and tables, each with its looks: the kinds, the small areas, what is beside."""
    cells = wide.newest(released)
    told, first = wide.periods(cells), headline(released, cells)
    layers = wide.layers(released, cells, told)
    made, on = _classes(released, layers), wide.editions(cells)
    editions = {kind: wide.in_force(layer) for kind, layer in released.layers.items()}
    free = _free_names(layers)
    areas = long.small_areas(released, free["small_areas"], editions)
    outlines = [Look("Small areas", areas.title, outline="0.1", named=False)]
    return [
        *((t, _looks(released, k, first, told, made, on)) for k, t in layers.items()),
        (areas, outlines),
        (long.indicators(released, free["indicators"], told, made), []),
        (long.figures(released, free["figures"]), []),
    ]


def _free_names(layers: Mapping[str, Table]) -> dict[str, str]:
    """What the tables beside the layers are called: a kind that is called so keeps its name."""
    names = ("small_areas", "indicators", "figures")
    return {name: f"{name}_table" if name in layers else name for name in names}


def _classes(released: Released, layers: Mapping[str, Table]) -> dict[tuple[str, str], Classes]:
    """The classes of each indicator's map in each layer."""
    return {
        (indicator, kind): classes(layer.columns[column(indicator)])
        for indicator in released.indicators
        for kind, layer in layers.items()
    }


def headline(released: Released, cells: pd.DataFrame) -> str:
    """The indicator that the maps show first: the first of the catalogue that most localities
    have a figure of, and no count, for a map of counts is a map of size. '' where there is none."""
    counted = cells.groupby("indicator_id")["value"].count()
    ratios = [i.id for i in released.indicators.values() if i.method != "count"]
    among = ratios or list(released.indicators)
    return max(among, key=lambda i: counted.get(i, 0), default="")


def _looks(
    released: Released,
    kind: str,
    first: str,
    told: Mapping[tuple[str, str], str],
    made: Mapping[tuple[str, str], Classes],
    on: Mapping[tuple[str, str], str],
) -> list[Look]:
    """A kind's looks: a map of each indicator, the one it arrives with first. The whole place
    arrives as an outline, for it has nothing beside it."""
    parts, today = _partitions(released), wide.in_force(released.layers[kind])
    inside = sorted(released.indicators.values(), key=lambda i: i.id != first)
    names = unlike([i.label for i in inside], [i.id for i in inside])
    looks = [
        Look(
            name,
            heading(indicator, told.get((indicator.id, kind), "")),
            column(indicator.id),
            indicator.unit,
            made[indicator.id, kind],
            on.get((indicator.id, kind), today),
            beside=kind not in parts,
        )
        for indicator, name in zip(inside, names, strict=True)
    ]
    if _is_whole(released, kind) or not looks:
        label = released.kinds.get(kind, kind)
        looks.insert(0, Look("Outline", label, named=not looks))
    return looks


def _is_whole(released: Released, kind: str) -> bool:
    return set(released.layers[kind]["area_code"]) == {released.book.place.code}


def _shown(released: Released, styled: Sequence[geopackage.Styled]) -> list[project.Shown]:
    """The project's layers: the whole place's outline on top, then the kinds with the smallest
    localities first, one of them ticked; last the small areas and the tables."""
    looks = {table.name: (table, look[0] if look else None) for table, look in styled}
    size = {k: layer.geometry.area.median() for k, layer in released.layers.items()}
    kinds = sorted(size, key=lambda k: (not _is_whole(released, k), size[k]))
    ticked = {k for k in kinds if _is_whole(released, k)} | {_first_shown(released)}
    order = [*kinds, *(name for name in looks if name not in size)]
    return [project.Shown(*looks[name], ticked=name in ticked) for name in order]


def _first_shown(released: Released) -> str:
    """The kind that the project shows: of those that cover the place the one with most
    localities, else of all."""
    parts = _partitions(released)
    sizes = {k: layer["area_code"].nunique() for k, layer in released.layers.items()}
    return max(sizes, key=lambda k: (k in parts, sizes[k]), default="")


def _partitions(released: Released) -> set[str]:
    """The kinds whose localities lie side by side and leave nothing out."""
    return {kind.id for kind in released.book.place.area_kinds if kind.partition}


def _page(released: Released) -> Page:
    import numpy as np

    bounds = np.array([layer.total_bounds for layer in released.layers.values()])
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    ground, day = (0.0, 0.0, 1.0, 1.0), released.as_of
    if len(bounds):
        west, south = bounds[:, :2].min(axis=0)
        east, north = bounds[:, 2:].max(axis=0)
        ground = (float(west), float(south), float(east), float(north))
    return Page(
        title=" ".join(released.title.split()),
        subtitle=f"Release {released.name}, as of {day.day} {MONTHS[day.month - 1]} {day.year}.",
        notice=INVENTED if released.book.place.invented else "",
        attributions=released.attributions,
        ground=ground,
    )


def _said(released: Released) -> dict[str, str]:
    """What is said of the whole file."""
    licences = sorted({source.licence for source in released.used})
    told = {
        "TITLE": released.title,
        "RELEASE": released.name,
        "DATE": released.as_of.isoformat(),
        "LICENCE": "; ".join(LICENCES.get(name, {}).get("title", name) for name in licences),
        "ATTRIBUTION": "\n".join(released.attributions),
    }
    notice = {"NOTICE": INVENTED} if released.book.place.invented else {}
    return notice | told
