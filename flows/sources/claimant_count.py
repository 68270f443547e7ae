"""Claimant count by small area, month by month, from Nomis (contract, section 6.3: NM_162_1)."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes, header
from flows.sources.services import nomis
from flows.sources.web import Web

DATASET = "NM_162_1"
MONTHS = 24
SELECT = "GEOGRAPHY_CODE,GEOGRAPHY_NAME,DATE,MEASURE,GENDER,AGE,OBS_VALUE,OBS_STATUS"


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """A call for each authority and calendar year that holds a month asked for, or one of the
    newest 24: months are revised every month, and a year in hand is never cut by a moving window.
    """
    newest = _newest(web, ask)
    until = min(ask.until, newest)
    since = ask.since if ask.since > "0001" else _before(newest, MONTHS - 1)
    years = range(int(since[:4]), int(until[:4]) + 1)
    wanted = [
        (_query(authority, _months(year, newest)), f"claimants-{authority}-{year}.csv")
        for authority in ask.authorities
        for year in years
    ]
    yield from nomis.tables(web, DATASET, wanted)


def _query(authority: str, date: str) -> dict[str, str]:
    """2021 small areas of an authority; without measure, gender and age Nomis gives them all."""
    of = {"geography": f"{authority}TYPE151", "date": date}
    return of | {"measure": "1", "gender": "0", "age": "0", "measures": "20100", "select": SELECT}


def _newest(web: Web, ask: Ask) -> str:
    """The newest month that is published, as YYYY-MM."""
    # other columns than a year's: no cache on the way can take the one answer for the other
    query = _query(ask.authorities[0], "latest") | {"select": "GEOGRAPHY_CODE,DATE,OBS_VALUE"}
    file = nomis.table(web, DATASET, query, "claimants-latest.csv")
    with file.path.open(encoding="utf-8-sig", newline="") as stream:
        month = next(csv.DictReader(stream))["DATE"]
    if not (len(month) == 7 and month[:4].isdigit() and month[4] == "-" and month[5:].isdigit()):
        raise Fault(file.url, f"its month is not YYYY-MM ('{month}')", "Use --inbox.")
    return month


def _before(month: str, months: int) -> str:
    """The month so many months before."""
    count = int(month[:4]) * 12 + int(month[5:]) - 1 - months
    return f"{count // 12}-{count % 12 + 1:02d}"


def _months(year: int, newest: str) -> str:
    """The months of a year up to the newest one, as Nomis takes them: a month that is not there
    yet could be answered with another."""
    return ",".join(m for n in range(1, 13) if (m := f"{year}-{n:02d}") <= newest)


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """A Nomis answer with months, whole."""
    if file.suffix != ".csv":
        raise SetAside("not a CSV file")
    first_bytes(file, "a CSV file")
    columns = [c.strip('" ') for c in header(file).split(",")]
    if "C_AGE" in columns or "C_AGE_NAME" in columns:
        raise SetAside("another table of Nomis: residents by age belong to population")
    if not {"GEOGRAPHY_CODE", "OBS_VALUE"} <= set(columns) or not {"DATE", "DATE_NAME"} & set(
        columns
    ):
        raise Fault(
            file.name,
            "it lacks a column of Nomis's claimant count (GEOGRAPHY_CODE, DATE, OBS_VALUE)",
            "Download it again without changing the columns.",
        )
    _whole(file)
    yield Reply("nomis", file.name, file.url, file.path)


def _whole(file: File) -> None:
    """Nomis cuts a long answer at 25,000 rows and says nothing: its own RECORD_COUNT tells."""
    said, found = "", 0
    with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        for row in csv.DictReader(stream):
            found += 1
            said = said or (row.get("RECORD_COUNT") or "").partition(".")[0]
    if not found:
        raise Fault(file.name, "Nomis answered without rows", "Check the query and ask again.")
    if said and said != str(found):
        raise Fault(
            file.name,
            f"Nomis counted {said} rows, the file holds {found}: it was cut short",
            "Ask for fewer areas at a time.",
        )
