"""Energy certificates of homes, from the service of 2026 (contract, section 9).

What is kept is an extract, not the file: the service gives all of England and Wales with addresses,
which may not be passed on. Rows of other authorities are left there, and of an address only a hash
stays, by which a home without a property number is known again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TextIO

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes, members
from flows.sources.web import Web

API = "https://api.get-energy-performance-data.communities.gov.uk"
SITE = "https://get-energy-performance-data.communities.gov.uk"
FILE = "/api/files/domestic/csv"
TOKEN = "EPC_TOKEN"
KEPT = (
    *("CERTIFICATE_NUMBER", "POSTCODE", "CURRENT_ENERGY_RATING", "LODGEMENT_DATETIME"),
    *("LOCAL_AUTHORITY", "UPRN"),
)
ADDRESS = ("ADDRESS1", "ADDRESS2", "ADDRESS3")
NOTHING = {"", "INVALID!", "NO DATA!", "N/A", "NOT RECORDED"}
A_COUNCIL = re.compile(r"\b(?:E0[6-9]|W06)\d{6}\b")
NOT_HOMES = re.compile(r"(?i)recommendation|non-domestic|display")


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """The whole file, once after each time that it was made anew (the first of a month)."""
    token = web.key(TOKEN)
    if not token:
        raise Fault(
            "epc",
            f"the service gives its file only to those who sign in, and {TOKEN} is not set",
            f"Sign in at {SITE} with GOV.UK One Login, copy your token, and set it as {TOKEN} in"
            " the environment; or download the domestic CSV file by hand and use --inbox.",
        )
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    told = web.json(f"{API}{FILE}/info", headers)
    told = told["data"] if isinstance(told.get("data"), dict) else told
    wanted = f"{API}{FILE} {','.join(sorted(ask.authorities))}"
    if not web.knows(wanted, str(told.get("lastUpdated", ""))):
        yield web.download(f"{API}{FILE}", "domestic-csv.zip", headers)


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """Of the zip with a CSV a year, or of one CSV, the place's certificates."""
    if file.suffix not in {".zip", ".csv"}:
        raise SetAside("not a zip nor a CSV file of certificates")
    read, found = 0, 0
    for name, url, stream in _tables(file):
        told = f"{file.name}!{name}" if name else file.name
        with _whole(told):
            extract, rows, kept = _extract(told, stream, ask)
        read, found = read + rows, found + kept
        if kept:
            stem = PurePosixPath(name or file.name).stem.lower()
            yield Reply("certificates", f"{stem}.csv", url, extract)
    if not found:
        raise Fault(
            file.name,
            f"none of its {read:,} certificates is of the place's authorities",
            "Download the domestic CSV file of all of England and Wales, or of your councils.",
        )


def _tables(file: File) -> Iterator[tuple[str, str, TextIO]]:
    """Each table of certificates: its name in the zip (none if it came alone), address, text."""
    if file.suffix == ".csv":
        first_bytes(file, "a CSV file")
        with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            yield "", file.url, stream
        return
    for name, archive in members(file):
        if name.lower().endswith(".csv") and not NOT_HOMES.search(name):
            with archive.open(name) as raw:
                text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
                yield name, f"{file.url}!{name}", text


@contextmanager
def _whole(name: str) -> Iterator[None]:
    """A Fault where a table cannot be read to its end."""
    try:
        yield
    except Fault:
        raise
    except Exception as why:  # zipfile's, zlib's and csv's errors have no base in common
        raise Fault(name, f"it cannot be read whole ({why})", "Download it again.") from why


def _extract(name: str, stream: TextIO, ask: Ask) -> tuple[bytes, int, int]:
    """The columns that are needed, of the place's rows and of those of no authority; how many rows
    there were, and how many were taken."""
    columns = [c.strip().upper() for c in next(csv.reader([next(stream, "")]), [])]
    lacking = [c for c in (*KEPT, *ADDRESS) if c not in columns]
    if lacking:
        raise Fault(
            name,
            f"it has no column {', '.join(lacking)}",
            "Download the domestic certificates (CSV) of the service of 2026.",
        )
    kept, address = ([columns.index(c) for c in group] for group in (KEPT, ADDRESS))
    authority, postcode = columns.index("LOCAL_AUTHORITY"), columns.index("POSTCODE")
    wanted = set(ask.authorities) | NOTHING
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*KEPT, "ADDRESS_KEY"])
    read, taken, record = 0, 0, ""
    for read, record in enumerate(_records(stream), 1):
        if (named := A_COUNCIL.findall(record)) and wanted.isdisjoint(named):
            continue  # of 25 million rows nearly all: they are not taken apart
        row = next(csv.reader([record], strict=True))
        if len(row) != len(columns):
            raise Fault(name, f"row {read} has {len(row)} cells", "It was cut short: get it again.")
        if row[authority].strip().upper() in wanted:
            taken += 1
            key = _address_key([*(row[i] for i in address), row[postcode]])
            table.writerow([*(row[i] for i in kept), key])
    if record and len(next(csv.reader([record]))) != len(columns):
        raise Fault(name, f"row {read}, its last, is not whole", "It was cut short: get it again.")
    return out.getvalue().encode(), read, taken


def _records(stream: TextIO) -> Iterator[str]:
    """Each row as text, with the line breaks that stand between its quotes."""
    held = ""
    for line in stream:
        held += line
        if held.count('"') % 2 == 0:
            if held.strip():
                yield held
            held = ""
    if held:
        yield held


def _address_key(lines: list[str]) -> str:
    """A hash of an address, however it is spaced and written; empty without one."""
    plain = [re.sub(r"[^A-Z0-9]", "", line.upper()) for line in lines]
    if not any(plain[:-1]):
        return ""
    return hashlib.sha256(" ".join(p for p in plain if p).encode()).hexdigest()[:20]
