"""Small-area mid-year population estimates (contract, section 6.3: NM_2014_1)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes, header
from flows.sources.services import nomis
from flows.sources.web import Web

DATASET = "NM_2014_1"
QUERY = {
    "date": "latestMINUS2,latestMINUS1,latest",
    "gender": "0",
    "c_age": "200,201,203,209,186,187,188,189,190,191",
    "measures": "20100",
    "select": "GEOGRAPHY_CODE,GEOGRAPHY_NAME,DATE_NAME,C_AGE,C_AGE_NAME,OBS_VALUE",
}


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """One authority a query, which keeps answers short."""
    yield from nomis.tables(
        web,
        DATASET,
        (
            (QUERY | {"geography": f"{authority}TYPE151"}, f"population-{authority}.csv")
            for authority in ask.authorities
        ),
    )


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """A Nomis answer, whole, or the single-year-of-age table on 2011 small areas."""
    if file.suffix != ".csv":
        raise SetAside("not a CSV file")
    first_bytes(file, "a CSV file")
    columns = [c.strip('" ') for c in header(file).split(",")]
    if "GEOGRAPHY_CODE" in columns and "OBS_VALUE" in columns:
        _whole(file)
        yield Reply("nomis", file.name, file.url, file.path)
    elif {"lsoa11_code", "total_population"} <= set(columns):
        yield Reply("single_year_of_age", file.name, file.url, file.path)
    else:
        raise Fault(
            file.name,
            "it has neither Nomis's columns (GEOGRAPHY_CODE, OBS_VALUE) nor the single-year table's"
            " (lsoa11_code, total_population)",
            "Download it again without changing the columns.",
        )


def _whole(file: File) -> None:
    """Nomis cuts a long answer at 25,000 rows and says nothing: its own RECORD_COUNT tells."""
    text = Path(file.path).read_text(encoding="utf-8-sig", errors="replace")
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows:
        raise Fault(file.name, "Nomis answered without rows", "Check the query and ask again.")
    said = rows[0].get("RECORD_COUNT")
    if said and said.partition(".")[0] != str(len(rows)):
        raise Fault(
            file.name,
            f"Nomis counted {said} rows, the file holds {len(rows)}: it was cut short",
            "Ask for fewer areas at a time.",
        )
