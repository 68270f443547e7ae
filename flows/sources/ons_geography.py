"""Small-area boundaries and lookups of the ONS Open Geography Portal (contract, section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes, header
from flows.sources.services import arcgis
from flows.sources.web import Web

BOUNDARY_FILES = {".geojson", ".gpkg"}
# Names as they stood in October 2026; ONS gives a new version a new name.
BOUNDARIES = (
    "https://geoportal.statistics.gov.uk/api/download/v1/items/68515293204e43ca8ab56fa13ae8a547"
    "/geoPackage?layers=0"
)
BOUNDARY_LAYER = "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5"
LAYER = arcgis.SERVICES + "{service}/FeatureServer/0"
# the name it is kept by, the service, and a field that tells it from others of that name: the
# fifth version of the first is the exact lookup, its second the best fit
LOOKUPS = {
    "lsoa11-lsoa21-exact.csv": ("LSOA11_LSOA21_LAD22_EW_LU_v5", "CHGIND"),
    "lsoa21-ward-authority.csv": ("LSOA21_WD24_LAD24_EW_LU", r"LAD\d\dCD"),
    "lsoa21-rural-urban.csv": ("LSOA21_RUC21_EW_LU", "RUC21CD"),
    "lsoa21-population-weighted-centroids.csv": ("LSOA_PopCentroids_EW_2021_V4", "LSOA21CD"),
}


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """Boundaries of all 2021 small areas, as one file or else page by page, and the lookups."""
    for whole in web.files([(BOUNDARIES, "lsoa21-boundaries.gpkg")]):
        if isinstance(whole, File):
            yield whole
        else:
            layer = arcgis.resolved(web, BOUNDARY_LAYER, "LSOA21CD")
            yield from arcgis.changed_file(web, layer, "lsoa21-boundaries.geojson", shapes=True)
    for name, (service, field) in LOOKUPS.items():
        yield from arcgis.changed_file(web, arcgis.resolved(web, service, field), name)


def layer(web: Web, service: str) -> File:
    """An official boundary layer of the portal by its service name, whole, as GeoJSON in the
    grid's metres."""
    return arcgis.layer_file(web, LAYER.format(service=service), f"{service}.geojson")


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
