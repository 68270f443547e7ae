"""Postcodes with coordinates: NSPL or ONSPD of any edition, or Code-Point Open (contract, section
5.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from flows.sources.files import (
    Ask,
    Fault,
    File,
    Reply,
    SetAside,
    first_bytes,
    header,
    member_bytes,
    members,
)
from flows.sources.web import Web

SEARCH = (
    "https://www.arcgis.com/sharing/rest/search?q=title:%22National%20Statistics%20Postcode%20Lookup"
    "%22%20AND%20owner:ONSGeography_data&sortField=modified&sortOrder=desc&f=json&num=20"
)
ITEM = "https://www.arcgis.com/sharing/rest/content/items/{item}/data"
DIRECTORY = re.compile(r"(?i)(nspl|onspd)[^/]*\.csv$")
MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
EDITION = re.compile(
    r"(?i)(?P<product>nspl|onspd)(21)?_(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"_(?P<year>\d{4})"
)
TITLE = re.compile(
    r"(?i)postcode lookup.*\b(?P<month>january|february|march|april|may|june|july|august|september"
    r"|october|november|december) (?P<year>20\d\d)"
)
CODE_POINT_ROW = re.compile(r'^"[A-Z]{1,2}\d[^"]*",\d+,\d+,\d+,"[EWSN]')


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """The newest National Statistics Postcode Lookup: a new item each quarter, so it is searched
    for. An older one may have been touched later: its title says which is the newest."""
    listed = web.json(SEARCH).get("results") or []
    found = {edition: item for item in listed if (edition := _listed_edition(item))}
    if not found:
        raise Fault(SEARCH, "no postcode lookup is listed", "Download NSPL by hand, use --inbox.")
    yield from web.files([(ITEM.format(item=found[max(found)]["id"]), "nspl.zip")])


def _listed_edition(item: dict[str, str]) -> str:
    """The edition (YYYY-MM) of a listed item; empty if it is no lookup on 2021 areas."""
    title = item.get("title", "")
    if item.get("type") != "CSV Collection" or "2011 Census" in title:
        return ""
    named = TITLE.search(title)
    return f"{named['year']}-{_month(named['month']):02d}" if named else ""


def _month(name: str) -> int:
    return MONTHS.index(name[:3].upper()) // 3 + 1


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """A directory with a header, zipped or not, or a Code-Point Open area file without one."""
    if file.suffix == ".zip":
        found = 0
        for name, archive in members(file):
            if DIRECTORY.search(name) and "Data/" in f"/{name}" and "multi" not in name.lower():
                found += 1
                content = member_bytes(file, archive, name)
                yield _directory(PurePosixPath(name).name, f"{file.url}!{name}", content)
        if not found:
            raise Fault(file.name, "it holds no Data/NSPL_*.csv", "Download NSPL again.")
        return
    if file.suffix != ".csv":
        raise SetAside("not a CSV file")
    head = first_bytes(file, "a postcode file").decode("utf-8", errors="replace")
    if CODE_POINT_ROW.match(head):
        yield Reply("code_point", file.name, file.url, file.path)
    elif re.search(r"\bpcds\b", header(file)):
        yield _directory(file.name, file.url, file.path)
    else:
        raise SetAside("neither NSPL, ONSPD nor Code-Point Open")


def _directory(name: str, url: str, content: bytes | Path) -> Reply:
    """One name for every edition, which is read from the publisher's own: NSPL_AUG_2026_UK.csv."""
    found = EDITION.search(name)
    if not found:
        return Reply("directory", name, url, content)
    edition = f"{found['year']}-{_month(found['month']):02d}"
    return Reply("directory", f"{found['product'].lower()}.csv", url, content, edition)
