"""Nomis, the ONS's table server (contract, section 6.1). It cuts an answer at 25,000 rows without a
word, and answers a mistake with nothing at all and status 200."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from flows.sources.files import Fault, File
from flows.sources.web import Web

DATASET = "https://www.nomisweb.co.uk/api/v01/dataset/{dataset}"
PAGE = 25_000  # rows that a guest gets a call
COUNT = "RECORD_COUNT"


def tables(
    web: Web, dataset: str, wanted: Iterable[tuple[Mapping[str, str], str]]
) -> Iterator[File | Fault]:
    """Each (query, name) of a data set as a CSV file, or its Fault; nothing where Nomis says that
    the data set is as it was."""
    told = updated(web, dataset)
    found: list[File] = []
    for query, name in wanted:
        if not web.knows(_address(dataset, query), told):
            try:
                found.append(table(web, dataset, query, name))
            except Fault as why:
                yield why
    given = Counter(cell for file in found for cell in _cells(file))
    for file in found:
        if any(given[cell] > 1 for cell in _cells(file)):  # one query's answer to another
            yield Fault(file.url, "Nomis gave some of its rows for another query too", _LATER)
        else:
            yield file


def _cells(file: File) -> set[tuple[str, ...]]:
    """What the rows of a file are about, without their values."""
    with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        rows = csv.DictReader(stream)
        about = [c for c in rows.fieldnames or () if not c.startswith(("OBS_", COUNT))]
        return {tuple(row[c] or "" for c in about) for row in rows}


def updated(web: Web, dataset: str) -> str:
    """When Nomis says that a data set was last updated; empty if it does not say."""
    address = f"{DATASET.format(dataset=dataset)}.def.sdmx.json"
    try:
        return _annotation(web.json(address), "LastUpdated")
    except Fault:
        return ""  # then it is asked for, and compared byte for byte


def _annotation(node: Any, title: str) -> str:
    if isinstance(node, dict):
        if node.get("annotationtitle") == title:
            return str(node.get("annotationtext", ""))
        node = list(node.values())
    if isinstance(node, list):
        return next((found for inner in node if (found := _annotation(inner, title))), "")
    return ""


def table(web: Web, dataset: str, query: Mapping[str, str], name: str) -> File:
    """All rows of a query, page after page, in one CSV file with the columns of ``select`` and
    RECORD_COUNT; a Fault unless there are as many as Nomis itself counts."""
    columns = [*query["select"].split(","), COUNT]
    address = _address(dataset, query)
    key = web.key("NOMIS_UID")
    signed = f"{address}&uid={key}" if key else address
    path = web.folder / name
    found, total, gap = 0, None, b""
    with path.open("wb") as out:
        while total is None or found < total:
            page = web.download(f"{signed}&RecordOffset={found}", f"page-{found}-{name}")
            head, *rows = page.path.read_bytes().splitlines(keepends=True) or [b""]
            said = [c.strip() for c in next(csv.reader([head.decode("utf-8-sig", "replace")]), [])]
            if said != columns:
                told = head.decode("utf-8", "replace").strip()[:80]
                raise Fault(address, f"Nomis answered otherwise than in rows ('{told}')", _LATER)
            if not rows or not rows[0].strip():
                raise Fault(address, _short(found, total), _MEND)
            counted = _count(address, rows[0])
            if counted != (total := counted if total is None else total):
                raise Fault(address, f"Nomis counts {total} rows, then {counted}", _LATER)
            out.write(gap)
            out.writelines(rows if found else [head, *rows])
            gap = b"" if rows[-1].endswith(b"\n") else b"\n"
            found += len(rows)
    if found != total:
        raise Fault(address, _short(found, total), _MEND)
    file = File(path, address)
    if len(_cells(file)) != total:
        raise Fault(address, "Nomis gave some rows more than once", _LATER)
    if wrong := _other_dates(file, query.get("date", "")):
        raise Fault(address, wrong, _LATER)
    return file


def _other_dates(file: File, asked: str) -> str:
    """What is wrong with the dates of a table, if anything: ``latest`` is one; of those that are
    named the first may lack, where the table begins later, and there is no other."""
    with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        found = {row.get("DATE") or "" for row in csv.DictReader(stream)} - {""}
    named, given = asked.split(","), sorted(found)
    right = (
        not given
        or (asked == "latest" and len(given) == 1)
        or (asked != "latest" and any("latest" in one for one in named))
        or given == sorted(named)[-len(given) :]
    )
    return "" if right else f"asked for {asked}, Nomis gave {', '.join(given)}"


_LATER = "It may be limiting its guests: run the refresh again later."
_MEND = "Check that the areas and the period exist, or download it by hand and use --inbox."


def _address(dataset: str, query: Mapping[str, str]) -> str:
    asked = {**query, "select": f"{query['select']},{COUNT}"}
    return f"{DATASET.format(dataset=dataset)}.data.csv?{urlencode(asked, safe=',.')}"


def _count(address: str, row: bytes) -> int:
    last = next(csv.reader([row.decode("utf-8", "replace")]))[-1].partition(".")[0]
    if not last.isdigit():
        raise Fault(address, f"its {COUNT} is no number ('{last}')", _LATER)
    return int(last)


def _short(found: int, total: int | None) -> str:
    if total is None:
        return "Nomis answered with a header and no row"
    return f"Nomis counts {total} rows and gave {found}"
