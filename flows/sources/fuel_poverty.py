"""Sub-regional fuel poverty, DESNZ's yearly workbook (contract, section 8.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes
from flows.sources.services import govuk
from flows.sources.web import Web

COLLECTION = (
    "https://www.gov.uk/api/content/government/collections/fuel-poverty-sub-regional-statistics"
)


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """The workbook of the newest page in the publisher's collection; pages are named by year."""
    documents = web.json(COLLECTION).get("links", {}).get("documents", [])
    pages = [d["api_url"] for d in documents if "sub-regional-fuel-poverty" in d["api_url"]]
    if not pages:
        raise Fault(COLLECTION, "no sub-regional page is listed", "Use --inbox with the workbook.")
    page = max(pages, key=lambda address: re.findall(r"\b20\d\d\b", address))
    workbook = govuk.only(page, govuk.attachments(web, page), r"\.xlsx$", "*.xlsx")
    yield from web.files([(workbook, workbook.rpartition("/")[2])])


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """Any of the yearly workbooks; which year it is, its own title says."""
    if file.suffix != ".xlsx":
        raise SetAside("not an Excel workbook (.xlsx)")
    if not first_bytes(file, "an Excel workbook").startswith(b"PK\x03\x04"):
        raise Fault(file.name, "it is not an Excel workbook", "Download the .xlsx file again.")
    yield Reply("small_areas", file.name, file.url, file.path)
