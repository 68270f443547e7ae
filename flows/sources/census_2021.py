"""Census 2021 topic tables by small area, from Nomis's bulk files (contract, section 6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from flows.sources.files import Ask, Fault, File, Reply, SetAside, header, member_bytes, members
from flows.sources.web import Web

TABLES = ("ts011", "ts021", "ts038", "ts044", "ts052", "ts054")
BULK = "https://www.nomisweb.co.uk/output/census/2021/census2021-{table}.zip"
BULK_ZIP = re.compile(r"(?i)census2021-(?P<table>ts\d{3}[a-z]?)[^/]*\.zip$")
SMALL_AREA_FILE = re.compile(r"(?i)census2021-(?P<table>ts\d{3}[a-z]?)-lsoa\.csv$")


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """One zip a table, all of England and Wales."""
    yield from web.files((BULK.format(table=table), f"census2021-{table}.zip") for table in TABLES)


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """The ``-lsoa.csv`` member of a bulk zip, or that file unpacked by hand."""
    if SMALL_AREA_FILE.search(file.name):
        header(file)
        yield Reply("topic", file.name, file.url, file.path)
        return
    if file.suffix != ".zip":
        raise SetAside("not a census2021-tsNNN.zip nor a census2021-tsNNN-lsoa.csv file")
    found, asked = 0, BULK_ZIP.search(file.name)
    table = asked["table"].lower() if asked else ""
    for name, archive in members(file):
        inside = SMALL_AREA_FILE.search(name)
        if inside and table in ("", inside["table"].lower()):
            found += 1
            content = member_bytes(file, archive, name)
            yield Reply("topic", PurePosixPath(name).name, f"{file.url}!{name}", content)
    if not found:
        raise Fault(
            file.name,
            f"the archive holds no census2021-{table or 'tsNNN'}-lsoa.csv file",
            "Download the topic table's bulk zip from Nomis.",
        )
