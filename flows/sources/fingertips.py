"""OHID Fingertips downloads, 26 or 27 columns (contract, section 3)."""

from __future__ import annotations

from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside
from flows.sources.services import fingertips
from flows.sources.web import Web

INDICATORS = ("91547", "20602", "92659", "90631", "92563", "93203", "10401")
DISTRICTS, COUNTIES, ENGLAND = 501, 502, 15


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """Each indicator for districts and for counties: there is nothing below that is open for
    them."""
    yield from fingertips.downloads(web, INDICATORS, (DISTRICTS, COUNTIES), ENGLAND, "fingertips")


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """Any CSV download whose first columns are Fingertips' own, or the indicators' metadata."""
    if file.suffix != ".csv":
        raise SetAside("not a CSV file")
    if fingertips.is_metadata(file):
        yield Reply("metadata", file.name, file.url, file.path)
        return
    if not fingertips.is_download(file):
        raise Fault(
            file.name,
            "it does not begin with Fingertips' columns Indicator ID, Indicator Name, Parent Code",
            "Download the indicator's data as CSV again.",
        )
    yield Reply("all_data", file.name, file.url, file.path)
