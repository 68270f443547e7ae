"""HM Land Registry Price Paid Data: yearly files and the monthly change file (contract, section
4.1)."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes
from flows.sources.web import Web

HOST = "https://price-paid-data.publicdata.landregistry.gov.uk/"
BULK = re.compile(r"(?i)pp-(\d{4}|complete|monthly-update(-new-version)?)\.(csv|txt)$")


def fetch(web: Web, ask: Ask) -> Iterator[File]:
    """The monthly change file, and a yearly file for each year asked for (five when none is
    named)."""
    yield web.download(HOST + "pp-monthly-update-new-version.csv")
    until = (
        ask.until
        if ask.until < "9999"
        else web.json("https://data.police.uk/api/crime-last-updated").get("date", "")
    )
    if not until[:4].isdigit():
        raise Fault("data.police.uk", "it does not say the newest month", "Name the months.")
    last = int(until[:4])
    first = int(ask.since[:4]) if ask.since > "1995" else last - 4
    for year in range(first, last + 1):
        yield web.download(f"{HOST}pp-{year}.csv")


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """A bulk file: no header, 16 quoted columns. A search report is set aside: it is not the
    register."""
    if file.suffix not in {".csv", ".txt"}:
        raise SetAside("not a CSV file")
    head = first_bytes(file, "Price Paid Data").decode("utf-8", errors="replace")
    if "unique_id" in head[:64]:
        raise SetAside(
            "a search report, not the register: it cannot say how many homes were sold in a place."
            " Download pp-YYYY.csv instead"
        )
    columns = len(next(csv.reader([head.splitlines()[0]])))
    if columns not in (15, 16):
        raise Fault(
            file.name,
            f"its first row has {columns} columns where Price Paid Data has 16",
            "Download pp-YYYY.csv from HM Land Registry again.",
        )
    if re.search(r"(?i)-part\d", file.name):
        # alone it would pass for the whole year, with half the sales
        raise SetAside("half of a year's register. Download the whole year, pp-YYYY.csv")
    if not BULK.search(file.name):
        raise SetAside(
            "not named like a bulk file (pp-2024.csv, pp-monthly-update-new-version.csv)"
        )
    name = file.name.lower()
    if "monthly-update" in name:  # each month's changes stay, so that none is undone by the next
        digest = hashlib.sha256(file.path.read_bytes()).hexdigest()[:8]
        name = f"pp-monthly-update-{digest}.csv"
    yield Reply("sales", name, file.url, file.path)
