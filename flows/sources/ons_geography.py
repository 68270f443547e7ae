"""Small-area boundaries and lookups of the ONS Open Geography Portal (contract, section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.sources.web import Ask, Fault, File, Reply, SetAside, Web, first_bytes, header

BOUNDARY_FILES = {".geojson", ".gpkg", ".shp", ".parquet"}
DOWNLOAD = "https://geoportal.statistics.gov.uk/api/download/v1/items/{item}/{form}?layers=0"
# Items as they stood in October 2026; ONS gives a new edition a new item.
ITEMS = {
    "lsoa21-boundaries.geojson": ("68515293204e43ca8ab56fa13ae8a547", "geojson"),
    "lsoa21-population-weighted-centroids.csv": ("32729e42d05e4e23bc7e43a36aa4ae8b", "csv"),
    "lsoa11-lsoa21-exact.csv": ("cbfe64cc03d74af982c1afec639bafd1", "csv"),
}


def fetch(web: Web, ask: Ask) -> Iterator[File]:
    """Boundaries, centroids and the 2011 to 2021 lookup."""
    for name, (item, form) in ITEMS.items():
        yield web.download(DOWNLOAD.format(item=item, form=form), name)


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """LSOA 2021 boundaries, and lookups with a column of LSOA 2021 codes."""
    if file.path.suffix in BOUNDARY_FILES:
        if file.path.suffix == ".geojson" and not first_bytes(file, "GeoJSON").lstrip()[:1] == b"{":
            raise Fault(file.name, "it is not GeoJSON", "Download the boundaries again.")
        if b"LSOA21CD" not in file.path.read_bytes()[: 1 << 20]:
            raise SetAside("not boundaries of 2021 small areas (no field LSOA21CD)")
        yield Reply("boundaries", f"lsoa21-boundaries{file.path.suffix}", file.url, file.path)
    elif file.path.suffix == ".csv":
        columns = {c.strip('" \ufeff').lower() for c in header(file).split(",")}
        if not columns & {"lsoa21cd", "lsoa21_code"}:
            raise SetAside("no column of 2021 small-area codes (LSOA21CD)")
        yield Reply("lookup", _lookup_name(columns), file.url, file.path)
    else:
        raise SetAside("not a boundary file nor a CSV lookup")


def _lookup_name(columns: set[str]) -> str:
    """One name for each kind of lookup, so that a newer edition of it replaces the older."""
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
