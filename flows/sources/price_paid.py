"""HM Land Registry Price Paid Data: yearly files and the monthly change file (contract, section
4.1)."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from flows.sources.files import Ask, Fault, File, Gone, Reply, SetAside, first_bytes
from flows.sources.web import Web

HOST = "https://price-paid-data.publicdata.landregistry.gov.uk/"
SURELY_SEVERAL = 100  # rows of a change file: by then there is more than one year among them
CHANGES = "pp-monthly-update-new-version.csv"
BULK = re.compile(r"(?i)pp-(\d{4}|complete|monthly-update(-new-version)?)\.(csv|txt)$")


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """A yearly file for each year asked for (five when none is named), and the monthly change
    file last, for it changes them."""
    today = datetime.now(UTC)
    last = min(int(ask.until[:4]), today.year)
    first = int(ask.since[:4]) if ask.since > "1995" else last - 4
    names = [*(f"pp-{year}.csv" for year in range(first, last + 1)), CHANGES]
    for file in web.files((HOST + name, name) for name in names):
        # in the first weeks of a year its file is not there yet
        if not (isinstance(file, Gone) and today.month < 4 and f"pp-{today.year}" in str(file)):
            yield file


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
    _as_named(file, head)
    name = file.name.lower()
    if "monthly-update" in name:  # each month's changes stay, so that none is undone by the next
        digest = hashlib.sha256(file.path.read_bytes()).hexdigest()[:8]
        name = f"pp-monthly-update-{digest}.csv"
    yield Reply("sales", name, file.url, file.path)


def _as_named(file: File, head: str) -> None:
    """A yearly file holds the deeds of its year alone; a change file touches any year."""
    named = re.search(r"(?i)pp-(\d{4})\.", file.name)
    years = {row[2][:4] for row in csv.reader(head.splitlines()[:-1]) if len(row) > 2}
    if named and years - {named[1]}:
        told = f"it holds deeds of {', '.join(sorted(years - {named[1]}))}"
        raise Fault(file.name, told, f"Download {file.name} from HM Land Registry again.")
    if "monthly-update" not in file.name.lower():
        return
    with file.path.open(encoding="utf-8", errors="replace", newline="") as stream:
        kinds = Counter((row[2][:4], row[-1]) for row in csv.reader(stream) if len(row) > 2)
    if len(kinds) == 1 and kinds.total() > SURELY_SEVERAL:
        told = f"it is no change file: all its deeds are of {next(iter(kinds))[0]}, and are new"
        raise Fault(file.name, told, "Download it from HM Land Registry again.")
