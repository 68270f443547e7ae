"""Small-area boundaries and lookups of the ONS Open Geography Portal (contract, section 5)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from flows.sources.web import Ask, Fault, File, Reply, SetAside, Web, first_bytes, header

BOUNDARY_FILES = {".geojson", ".gpkg"}
# Names as they stood in October 2026; ONS gives a new edition a new name.
BOUNDARIES = (
    "https://geoportal.statistics.gov.uk/api/download/v1/items/68515293204e43ca8ab56fa13ae8a547"
    "/geoPackage?layers=0"
)
LAYER = (
    "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services/{service}/FeatureServer/0"
)
LOOKUPS = {
    "lsoa11-lsoa21-exact.csv": "LSOA11_LSOA21_LAD22_EW_LU_v5",
    "lsoa21-ward-authority.csv": "LSOA21_WD24_LAD24_EW_LU",
    "lsoa21-rural-urban.csv": "LSOA21_RUC21_EW_LU",
    "lsoa21-population-weighted-centroids.csv": "LSOA_PopCentroids_EW_2021_V4",
}


def fetch(web: Web, ask: Ask) -> Iterator[File]:
    """Boundaries of all 2021 small areas, and the four lookups, page by page."""
    yield web.download(BOUNDARIES, "lsoa21-boundaries.gpkg")
    for name, service in LOOKUPS.items():
        layer = LAYER.format(service=service)
        rows = list(_rows(web, layer))
        if not rows:
            raise Fault(layer, "it has no row", "Download the lookup by hand and use --inbox.")
        path = web.folder / name
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        yield File(path, layer)


def _rows(web: Web, layer: str) -> Iterator[dict[str, Any]]:
    """Every row of a layer by its object ids, counted against the service's own count.

    A server may give fewer rows than asked for and say nothing: the count alone says when it
    is done. Errors come with status 200.
    """
    query = f"{layer}/query?where=1%3D1&f=json"
    expected = _answer(web, f"{query}&returnCountOnly=true").get("count", 0)
    key = _answer(web, f"{layer}?f=json").get("objectIdField") or "ObjectId"
    seen: set[Any] = set()
    while len(seen) < expected:
        page = _answer(
            web,
            f"{query}&outFields=*&outSR=27700&orderByFields={key}"
            f"&resultOffset={len(seen)}&resultRecordCount=2000",
        ).get("features", [])
        new = [f for f in page if f["attributes"].get(key) not in seen]
        if not new:
            mend = "Download the lookup by hand and use --inbox."
            raise Fault(layer, f"it counts {expected} rows and gave {len(seen)}", mend)
        for feature in new:
            seen.add(feature["attributes"].get(key))
            point = feature.get("geometry") or {}
            yield feature["attributes"] | {k: point[k] for k in ("x", "y") if k in point}


def _answer(web: Web, url: str) -> dict[str, Any]:
    answer = web.json(url)
    if "error" in answer:
        told = answer["error"].get("message", "an error without a message")
        raise Fault(url, f"the service answered with an error: {told}", "Try again later.")
    if not isinstance(answer.get("count", 0), int):
        raise Fault(url, "the count is no number", "Try again later.")
    return answer


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """LSOA 2021 boundaries, and lookups with a column of LSOA 2021 codes."""
    if file.suffix in BOUNDARY_FILES:
        head = first_bytes(file, "a boundary file")
        if file.suffix == ".geojson" and head.lstrip()[:1] != b"{":
            raise Fault(file.name, "it is not GeoJSON", "Download the boundaries again.")
        if b"LSOA21CD" not in file.path.read_bytes()[: 1 << 20]:
            raise SetAside("not boundaries of 2021 small areas (no field LSOA21CD)")
        yield Reply("boundaries", f"lsoa21-boundaries{file.suffix}", file.url, file.path)
    elif file.suffix == ".csv":
        columns = {c.strip('" \ufeff').lower() for c in header(file).split(",")}
        if not columns & {"lsoa21cd", "lsoa21_code"}:
            raise SetAside("no column of 2021 small-area codes (LSOA21CD)")
        yield Reply("lookup", _lookup_name(columns), file.url, file.path)
    else:
        raise SetAside("not boundaries (GeoJSON or GeoPackage) nor a CSV lookup")


def _lookup_name(columns: set[str]) -> str:
    """One name for each kind of lookup, so that a newer edition of it replaces the older."""
    if "oa21cd" in columns or ("lsoa11cd" in columns and "chgind" not in columns):
        raise SetAside("a lookup of other areas: its rows are not one for each small area")
    kinds = {
        "lsoa11-lsoa21-exact.csv": "chgind",
        "lsoa21-rural-urban.csv": r"ruc21(cd|_code)",
        "lsoa21-ward-authority.csv": r"(lad\d\dcd|ltla\d\d_code)",
        "lsoa21-population-weighted-centroids.csv": "x",
    }
    for name, pattern in kinds.items():
        if any(re.fullmatch(pattern, column) for column in columns):
            return name
    raise SetAside("a lookup that nothing here uses")
