"""What a search engine or a data catalogue reads of a release: a schema.org Dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flows.publish.datapackage import MEDIA
from flows.publish.described import INVENTED, LICENCES, about
from flows.publish.released import Released

GRID, DEGREES = "EPSG:27700", "EPSG:4326"
# What every release has, in the order in which one would take it.
FILES = ("evidence.xlsx", "evidence.parquet", "localities.gpkg", "localities.geojson")
FILES += ("gaps.csv", "changes.csv", "localities.csv", "indicators.csv", "datapackage.json")
PACKAGE = "Every file of the release, column by column, for programs (Data Package)."


def dataset(released: Released, root: str = "../") -> dict[str, Any]:
    """The release as a schema.org Dataset; its files' addresses begin with ``root``: the pages of
    the site lie one folder below them."""
    book = released.book
    said = [INVENTED] * book.place.invented
    told = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": released.title,
        "description": " ".join(
            [
                *said,
                "Crime, health, housing and other public figures for the localities of"
                f" {book.place.name}, by theme partnership: each with its source, period,"
                " comparator and confidence interval, and with the reason where there is none.",
            ]
        ),
        "identifier": released.name,
        "version": released.name,
        "inLanguage": "en-GB",
        "isAccessibleForFree": True,
        "license": _one(LICENCES[n]["path"] for n in sorted({s.licence for s in released.used})),
        "creator": {"@type": "Organization", "name": f"Local partnership of {book.place.name}"},
        "creditText": " ".join([*said, *released.attributions]),
        "dateModified": released.as_of.isoformat(),
        "spatialCoverage": {
            "@type": "Place",
            "name": book.place.name,
            "identifier": book.place.code,
            "geo": {"@type": "GeoShape", "box": _box(released)},
        },
        "temporalCoverage": _span(released),
        "keywords": list(_keywords(released)),
        "measurementTechnique": "Small areas added up to localities, rates divided last",
        "variableMeasured": [
            {"@type": "PropertyValue", "name": i.label, "identifier": i.id, "unitText": i.unit}
            for i in released.indicators.values()
        ],
        "isBasedOn": [
            {
                "@type": "CreativeWork",
                "name": source.label,
                "url": source.page,
                "license": LICENCES[source.licence]["path"],
                "creator": {"@type": "Organization", "name": source.publisher},
            }
            for source in released.used
        ],
        "distribution": [_download(name, root) for name in _files(released)],
    }
    return {name: value for name, value in told.items() if value not in ("", [])}


def _one(found: Iterator[str]) -> str | list[str]:
    values = list(found)
    return values[0] if len(values) == 1 else values


def _box(released: Released) -> str:
    """The corners of all localities in degrees: south west, then north east, latitude first."""
    import geopandas as gpd
    from shapely.geometry import box

    bounds = [layer.total_bounds for layer in released.layers.values() if len(layer)]
    west, south = (min(b[i] for b in bounds) for i in (0, 1))
    east, north = (max(b[i] for b in bounds) for i in (2, 3))
    around = gpd.GeoSeries([box(west, south, east, north)], crs=GRID).to_crs(DEGREES)
    west, south, east, north = around.total_bounds
    return f"{south:.4f} {west:.4f} {north:.4f} {east:.4f}"


def _span(released: Released) -> str:
    """From the first to the last day of which there is a figure."""
    told = released.cells[released.cells["value"].notna()]
    first, last = told["period_start"].min(), told["period_end"].max()
    return "" if told.empty else f"{first:%Y-%m-%d}/{last:%Y-%m-%d}"


def _keywords(released: Released) -> Iterator[str]:
    yield from (theme.label for theme in released.book.themes)
    yield from released.kinds.values()
    yield from ("neighbourhood statistics", "local government", "England")


def _files(released: Released) -> Iterator[str]:
    themes = [t.id for t in released.book.themes if released.of_theme(t.id)]
    yield from FILES
    yield from (f"themes/{theme}.{kind}" for theme in themes for kind in ("csv", "xlsx"))


def _download(name: str, root: str) -> dict[str, str]:
    suffix = name[name.rindex(".") :]
    return {
        "@type": "DataDownload",
        "name": name,
        "description": PACKAGE if name == "datapackage.json" else about(name),
        "contentUrl": f"{root}{name}",
        "encodingFormat": MEDIA[suffix],
    }
