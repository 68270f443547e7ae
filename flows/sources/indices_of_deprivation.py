"""English Indices of Deprivation 2025, File 7 (contract, section 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside, header
from flows.sources.web import Web

PAGE = "https://www.gov.uk/api/content/government/statistics/english-indices-of-deprivation-2025"


def fetch(web: Web, ask: Ask) -> Iterator[File]:
    """File 7 as the publisher lists it today: its address changes with every correction."""
    attachments = web.json(PAGE).get("details", {}).get("attachments", [])
    found = [a["url"] for a in attachments if re.search(r"File_?7.*\.csv$", a.get("url", ""))]
    if len(found) != 1:
        raise Fault(
            PAGE,
            f"the page lists {len(found)} files named File 7 where one is expected",
            "Download File 7 by hand and use --inbox.",
        )
    yield web.download(found[0])


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """File 7 of the 2025 edition; the 2019 edition is refused, for the two are not comparable."""
    if file.suffix != ".csv":
        raise SetAside("not a CSV file")
    first = header(file)
    if "LSOA code (2011)" in first:
        raise Fault(
            file.name,
            "this is the 2019 edition, on 2011 small areas, which cannot stand in for 2025",
            "Put File 7 of the 2025 edition in its place.",
        )
    if (
        "Index of Multiple Deprivation (IMD) Score" not in first
        and "file_7" not in file.name.lower()
    ):
        raise SetAside("not File 7 (all ranks, scores, deciles and population denominators)")
    yield Reply("file_7", "file-7-2025.csv", file.url, file.path)
