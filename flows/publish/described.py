"""What each table of a release is: its columns, its keys, and what its codes refer to."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

COLUMNS = Path(__file__).with_name("columns.toml")
INVENTED = "INVENTED FIGURES about an invented county: no fact about any real place."
LICENCES = {
    "OGL-UK-3.0": {
        "name": "OGL-UK-3.0",
        "title": "Open Government Licence v3.0",
        "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    }
}
LEDGER = {
    "area_kind": "Kind of locality.",
    "edition": "Edition of its boundaries; blank where the kind has one only.",
    "area_code": "Code of the locality.",
    "area_name": "Name of the locality.",
    "counted": "What is counted: residents, crimes and incidents, or sales.",
    "small_area_code": "Code of the small area (LSOA) that it comes from; blank outside all.",
    "small_area_name": "Name of the small area.",
    "vintage": "Year of the small areas.",
    "rule": "Why it counts: exact membership, best fit by centroid, population share, area share,"
    " point in its small area, point inside its own boundary.",
    "weight": "Share of the small area's people that is counted here, from 0 to 1.",
    "weight_households": "The same for its households.",
    "weight_children": "The same for its children.",
    "amount": "People, events or sales (of all months) counted here from that small area.",
    "share_of_area": "Their share of all that are counted in the locality, from 0 to 1.",
    "is_comparable": "False if the small area changed irregularly between 2011 and 2021.",
}
# The lists of columns.toml by the table that has them; every other CSV file is a theme's.
FIELDS = {
    "gaps.csv": "gap_column",
    "breaks.csv": "break_column",
    "peers.csv": "peer_column",
    "funnels.csv": "funnel_column",
    "changes.csv": "change_column",
    "localities.csv": "locality_column",
    "indicators.csv": "indicator_column",
}
TIDY = "column"
CELL = ("indicator_id", "area_kind", "area_code", "edition", "period")
LOCALITY, INDICATOR = ("area_kind", "area_code"), ("indicator_id",)
KEYS = {
    TIDY: CELL,
    "gap_column": ("indicator_id", "area_kind", "gap", "reason", "first_period"),
    "break_column": ("indicator_id", "on_date", "reason"),
    "peer_column": ("area_kind", "area_code", "edition", "coverage", "peer"),
    "funnel_column": CELL,
    "change_column": CELL,
    "locality_column": LOCALITY,
    "indicator_column": INDICATOR,
}
# What was withdrawn names localities and indicators that are no more: changes refer to nothing.
REFERENCES = {
    TIDY: {"localities.csv": LOCALITY, "indicators.csv": INDICATOR},
    "gap_column": {"indicators.csv": INDICATOR},
    "break_column": {"indicators.csv": INDICATOR},
    "peer_column": {"localities.csv": LOCALITY},
    "funnel_column": {"localities.csv": LOCALITY, "indicators.csv": INDICATOR},
}
DESCRIPTIONS = {
    "evidence.parquet": "The one tidy table: every figure of every theme, locality and period.",
    "assignment_ledger.parquet": "Which small areas are counted in which locality, by which rule.",
    "boundaries.parquet": "The polygons of all localities, as GeoParquet in EPSG:27700.",
    "gaps.csv": "What the evidence does not say, and why: for every indicator and kind of locality"
    " there is a figure in the tidy table, or a row here, or both.",
    "breaks.csv": "Across what no trend or change is read, and why.",
    "peers.csv": "The places that each locality is set against as similar, and how alike they are.",
    "funnels.csv": "Control limits for the newest figures: as chance alone would draw them, and"
    " beside them as much wider as localities differ beyond chance.",
    "changes.csv": "Every cell that moved since the release before, and why; no row in a first"
    " release.",
    "localities.csv": "The localities that the codes of all tables refer to.",
    "indicators.csv": "The indicators that the identifiers of all tables refer to.",
    "csv-metadata.json": "CSV on the Web: the columns, types and keys of the tables beside it.",
    "evidence.xlsx": "All themes as one workbook: cover, contents, notes, a table a sheet.",
    "localities.gpkg": "Localities and figures as styled layers, GeoPackage in EPSG:27700.",
    "localities.qgz": "QGIS project of the layers in localities.gpkg, with a page to print.",
    "localities.geojson": "The localities with their newest figures, as GeoJSON (EPSG:4326).",
    "localities.fgb": "The localities with their newest figures, as FlatGeobuf.",
    "localities.parquet": "The localities with their newest figures, as GeoParquet.",
    "site/index.html": "The way into the pages for theme partnerships; opens without a server.",
    "INVENTED.txt": INVENTED,
}


def columns(table: str = TIDY) -> list[dict[str, Any]]:
    """The columns of the tidy table (or of the gaps: ``gap_column``) in order: name, type,
    description, and the constraints that hold."""
    return _lists()[table]


@cache
def _lists() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(COLUMNS.read_text("utf-8"))


def list_of(name: str) -> str:
    """The list of columns that a CSV file has."""
    return FIELDS.get(name, TIDY)


def about(name: str) -> str:
    """What a file is, in a sentence."""
    if name in DESCRIPTIONS:
        return DESCRIPTIONS[name]
    folder, _, last = name.rpartition("/")
    if last.endswith("-metadata.json"):
        return (
            f"CSV on the Web: the columns, types and key of {last.removesuffix('-metadata.json')}."
        )
    if folder == "themes":
        return "The evidence table of one theme partnership."
    if folder == "quality":
        return "What is known of the release's quality: checks, coverage, agreement, revisions."
    return f"{last.rpartition('.')[2].upper()} file of the release, made from its released tables."
