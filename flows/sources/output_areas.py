"""Output areas of 2021: the small area each lies in, its centroid, people, households and children
(contract, sections 5.2 and 6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flows.sources.files import Ask, Fault, File, Reply, SetAside, header, member_bytes, members
from flows.sources.services import arcgis
from flows.sources.web import Web

HIERARCHY, CENTROIDS = "oa21-hierarchy.csv", "oa21-population-weighted-centroids.csv"
LAYERS = {
    HIERARCHY: "OA_LSOA_MSOA_EW_DEC_2021_LU_v3",
    # Not in the contract: the portal's downloads bear this name. To be confirmed at the first live
    # run; ONS gives a new edition a new name (V3, V4).
    CENTROIDS: "Output_Areas_2021_PWC_V3",
}
BULK = "https://www.nomisweb.co.uk/output/census/2021/census2021-{table}.zip"
TABLES = {"ts038": "people", "ts054": "households", "ts007a": "children"}
BULK_ZIP = re.compile(r"(?i)census2021-(ts038|ts054|ts007a)[^/]*\.zip$")
OUTPUT_AREA_FILE = re.compile(r"(?i)census2021-(?P<table>ts\d{3}[a-z]?)-oa\.csv$")
WANTED = "census2021-ts038-oa.csv, census2021-ts054-oa.csv or census2021-ts007a-oa.csv"


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """Hierarchy and centroids page by page, then a zip a census table: all of England and Wales."""
    for name, service in LAYERS.items():
        layer = arcgis.resolved(web, service, "OA21CD")
        for file in arcgis.changed_file(web, layer, name):
            yield file if isinstance(file, File) else _by_hand(name, layer, file)
    yield from web.files((BULK.format(table=table), f"census2021-{table}.zip") for table in TABLES)


def _by_hand(name: str, layer: str, why: Fault) -> Fault:
    """The Fault that says how to get a layer that cannot be had."""
    title = {
        HIERARCHY: "Output Area to LSOA to MSOA lookup, December 2021, exact fit",
        CENTROIDS: "Output Areas (December 2021) EW Population Weighted Centroids",
    }[name]
    mend = (
        f"Search geoportal.statistics.gov.uk for '{title}', download it as CSV, put it into"
        " the folder output_areas of an inbox and use --inbox."
    )
    return Fault(layer, f"the layer cannot be had ({str(why).rstrip('.')})", mend)


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """A lookup or centroids by their columns; of the census, the ``-oa.csv`` files, zipped or
    not."""
    if file.suffix == ".zip":
        yield from _zipped(file)
    elif file.suffix != ".csv":
        raise SetAside("not a CSV file nor a census2021-tsNNN.zip")
    else:
        columns = {c.strip('" \ufeff').lower() for c in header(file).split(",")}
        if found := OUTPUT_AREA_FILE.search(file.name):
            yield _census(found["table"], file.url, file.path)
        else:
            table, name = _layout(columns, file.name)
            yield Reply(table, name, file.url, file.path)


def _zipped(file: File) -> Iterator[Reply]:
    wanted, asked = 0, BULK_ZIP.search(file.name)
    tables = {asked[1].lower()} if asked else set(TABLES)
    for name, archive in members(file):
        found = OUTPUT_AREA_FILE.search(name)
        if found and found["table"].lower() in tables:
            wanted += 1
            content = member_bytes(file, archive, name)
            yield _census(found["table"], f"{file.url}!{name}", content)
    if wanted:
        return
    wrong = f"the archive holds no {WANTED}"
    if asked:
        wrong = f"the archive holds no census2021-{asked[1].lower()}-oa.csv"
        raise Fault(file.name, wrong, "Download the topic table's bulk zip from Nomis again.")
    raise SetAside(wrong)


def _census(table: str, url: str, content: bytes | Path) -> Reply:
    """One name a table, so that a newer file of it replaces the older."""
    if table.lower() not in TABLES:
        raise SetAside(f"a census table that is no weight here: wanted are {WANTED}")
    return Reply(TABLES[table.lower()], f"census2021-{table.lower()}-oa.csv", url, content)


def _layout(columns: set[str], name: str) -> tuple[str, str]:
    """Which layout a file with these columns has, and the name it is kept by.

    A list made by hand (``oa_code, lsoa_code``) keeps its own name: it may stand beside the
    publisher's and beside lists of other districts.
    """
    if not columns & {"oa21cd", "oa21_code", "oa_code"}:
        raise SetAside("no column of 2021 output-area codes (OA21CD)")
    if columns & {"pcds", "pcd", "pcd7", "pcd8"}:
        raise SetAside("a list of postcodes: its rows are not one for each output area")
    if columns & {"lsoa21cd", "lsoa21_code", "lsoa_code"}:
        return "lookup", HIERARCHY if "oa21cd" in columns else name
    if {"x", "y"} <= columns:
        return "centroids", CENTROIDS
    raise SetAside("neither the small area of an output area (LSOA21CD) nor its x and y")
