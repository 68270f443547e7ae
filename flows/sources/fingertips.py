"""OHID Fingertips downloads, 26 or 27 columns (contract, section 3)."""

from __future__ import annotations

from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside, header
from flows.sources.web import Web

BASE = "https://fingertips.phe.org.uk/api/"
INDICATORS = ("91547", "20602", "92659")
DISTRICTS, COUNTIES, ENGLAND = 501, 502, 15


def fetch(web: Web, ask: Ask) -> Iterator[File]:
    """Each indicator for districts and for counties: there is nothing below that is open for
    them."""
    for indicator in INDICATORS:
        for area_type in (DISTRICTS, COUNTIES):
            yield web.download(
                f"{BASE}all_data/csv/by_indicator_id?indicator_ids={indicator}"
                f"&child_area_type_id={area_type}&parent_area_type_id={ENGLAND}",
                f"fingertips-{indicator}-{area_type}.csv",
            )


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """Any CSV download whose first columns are Fingertips' own."""
    if file.suffix != ".csv":
        raise SetAside("not a CSV file")
    if not header(file).replace('"', "").startswith("Indicator ID,Indicator Name,Parent Code"):
        raise Fault(
            file.name,
            "it does not begin with Fingertips' columns Indicator ID, Indicator Name, Parent Code",
            "Download the indicator's data as CSV again.",
        )
    yield Reply("all_data", file.name, file.url, file.path)
