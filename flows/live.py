"""``evidence check --live``: what we believe of each publisher, held against what it serves.

The checklist of the contract, section 13.6. Each check asks for as little as it can: headers,
counts and first bytes, no whole file.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from flows.catalogue import SOURCES as ENTRIES
from flows.jobs import KEYS, Job
from flows.snapshots import write_whole
from flows.sources import (
    claimant_count,
    indices_of_deprivation,
    ons_geography,
    output_areas,
    police_api,
    police_crime,
    population,
    price_paid,
    stats19,
)
from flows.sources.files import Fault, Gone
from flows.sources.services import arcgis, archives, fingertips, govuk, nomis
from flows.sources.web import Web

ROWS = {  # contract, sections 5.2 and 12.1
    "LSOA11_LSOA21_LAD22_EW_LU_v5": 35_796,
    "LSOA21_WD24_LAD24_EW_LU": 35_672,
    "LSOA21_RUC21_EW_LU": 35_672,
    "LSOA_PopCentroids_EW_2021_V4": 35_672,
    "OA_LSOA_MSOA_EW_DEC_2021_LU_v3": 188_880,
    "Output_Areas_2021_PWC_V3": 188_880,
    ons_geography.BOUNDARY_LAYER: 35_672,
}
CLAIMS = {"date": "latest", "measure": "1", "gender": "0", "age": "0", "measures": "20100"}
CLAIMS |= {"select": "GEOGRAPHY_CODE,DATE,OBS_VALUE"}
NHS = "https://digital.nhs.uk/data-and-information/publications"
GOOD = "as believed"
STREET_ONLY = 36  # months of an archive


@dataclass(frozen=True)
class Finding:
    """One belief held against a publisher: ``word`` is as believed, differs, or no answer."""

    what: str
    word: str
    told: str


class Differs(Exception):
    """What is otherwise than believed, and what it means for us."""


def check(job: Job) -> Iterator[Finding]:
    """Every check, one after the other; the findings are kept in ``data/live-check.json``."""
    found = []
    job.data.mkdir(parents=True, exist_ok=True)
    with job.web("live") as web:
        if web is None:
            raise Fault("--live", "this place is invented", "Give a real one with --place.")
        for what, ask in CHECKS.items():
            found.append(_one(what, ask, web, job))
            yield found[-1]
    text = json.dumps([asdict(f) for f in found], indent=1, ensure_ascii=False)
    write_whole(job.data / "live-check.json", text + "\n")


def _one(what: str, ask: Callable[[Web, Job], str], web: Web, job: Job) -> Finding:
    try:
        return Finding(what, GOOD, ask(web, job))
    except Differs as why:
        return Finding(what, "differs", str(why))
    except Fault as why:
        return Finding(what, "no answer", str(why))
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as why:
        return Finding(what, "differs", f"another shape: {type(why).__name__}: {why}")


def _archive(web: Web, job: Job) -> str:
    with archives.opened(web, police_crime.ARCHIVE.format(name=police_crime.LATEST)) as archive:
        named = [m for m in map(police_crime.STREET.search, archive.members) if m]
        forces = Counter(m["month"] for m in named)
        write_whole(job.data / "police-members.json", json.dumps(archive.members, indent=0))
    told = f"{len(archive.members):,} members, {len(forces)} months to {max(forces)}"
    if len(forces) != STREET_ONLY:
        raise Differs(f"{told}, where {STREET_ONLY} months are expected")
    few = {month: n for month, n in sorted(forces.items()) if n < max(forces.values())}
    lacking = "; fewer forces in " + ", ".join(f"{m} ({n})" for m, n in few.items()) if few else ""
    return f"{told}, up to {max(forces.values())} forces a month; read by ranges{lacking}"


def _unknown_category(web: Web, job: Job) -> str:
    month = police_crime.newest(web)[:7]
    address = police_api.CRIMES.replace(police_api.ALL, "not-a-category")
    try:
        found = web.answer(f"{address}?lat=52.6369&lng=-1.1398&date={month}")
    except Gone:
        raise Differs("it is refused now: our guard against it is no longer needed") from None
    return f"an unknown category is answered with all {len(found):,} crimes: our guard stays"


def _fingertips(web: Web, job: Job) -> str:
    pattern = fingertips.BASE + fingertips.DATA
    head = _first_row(web, pattern.format(indicator="93283", areas=3, parents=15))
    said = fingertips.BASE + fingertips.METADATA.format(indicators="93283")
    rows = list(csv.DictReader(io.StringIO(web.peek(said, 1 << 18).decode("utf-8-sig"))))
    licence = rows[0].get("Data re-use", "")
    if len(head) != 27:
        raise Differs(f"{len(head)} columns where 27 are expected: {', '.join(head)}")
    if "non commercial" not in licence.lower():
        raise Differs(f"the licence of 93283 now reads '{licence}'")
    return f"27 columns; column 23 is '{head[22]}'; 93283 is still for non-commercial use only"


def _price_paid(web: Web, job: Job) -> str:
    row = _first_row(web, price_paid.HOST + price_paid.CHANGES)
    if len(row) != 16 or row[15] not in "ACD":
        raise Differs(f"its first row has {len(row)} columns and ends in '{row[-1]}'")
    return f"16 columns, the last of them '{row[15]}'"


def _layers(web: Web, job: Job) -> str:
    named = {service: field for service, field in ons_geography.LOOKUPS.values()}
    named |= dict.fromkeys((*output_areas.LAYERS.values(), ons_geography.BOUNDARY_LAYER), "")
    told, wrong = [], []
    for service, field in named.items():
        try:
            layer = arcgis.resolved(web, service, field)
            found = arcgis.count(web, layer)
        except Fault as why:
            if web.silent:
                raise
            wrong.append(f"{service}: {why}")
            continue
        name, expected = layer.split("/")[-3], ROWS[service]
        (told if found == expected else wrong).append(f"{name} {found:,} of {expected:,} rows")
    if wrong:
        raise Differs("; ".join(wrong))
    return "; ".join(told)


def _nomis(web: Web, job: Job) -> str:
    area = f"{job.ask().authorities[0]}TYPE151"
    people = population.QUERY | {"geography": area, "date": "latest", "c_age": "200"}
    rows = _rows(nomis.table(web, population.DATASET, people, "people.csv").path)
    claims = CLAIMS | {"geography": area}
    months = _rows(nomis.table(web, claimant_count.DATASET, claims, "claims.csv").path)
    return (
        f"RECORD_COUNT fits without a key; {population.DATASET} reaches {rows[0]['DATE_NAME']},"
        f" {claimant_count.DATASET} {months[0]['DATE']} on 2021 small areas"
    )


def _file_7(web: Web, job: Job) -> str:
    page = indices_of_deprivation.PAGE.format(year="2025")
    listed = govuk.attachments(web, page)
    return govuk.only(page, listed, indices_of_deprivation.FILE_7, "File 7")


def _energy(web: Web, job: Job) -> str:
    if not web.key("EPC_TOKEN"):
        return f"not tried: no key in the environment ({', '.join(KEYS)})"
    from flows.sources import epc

    return f"its file was made on {epc.last_updated(web)}"


def _collisions(web: Web, job: Job) -> str:
    listed = web.json(stats19.LISTING)["result"]["resources"]
    years = sorted(m["year"] for r in listed if (m := stats19.YEARLY.search(str(r.get("url")))))
    head = _first_row(web, stats19.FILES + stats19.YEAR_FILE.format(year=years[-1]))
    (table,) = tomllib.loads((ENTRIES / "stats19.toml").read_text("utf-8"))["table"]
    wanted = table["columns"] | table["optional"]
    unknown = [ours for ours, names in wanted.items() if not set(names) & set(head)]
    if unknown:
        raise Differs(f"{years[-1]} has no column for {', '.join(unknown)}: {', '.join(head)}")
    return f"years {years[0]} to {years[-1]}; every column is found in the newest"


def _nhs(web: Web, job: Job) -> str:
    return f"a plain declared name is answered ({len(web.peek(NHS)):,} bytes)"


def _first_row(web: Web, address: str) -> list[str]:
    text = web.peek(address).decode("utf-8-sig", "replace")
    if re.match(r"\s*<", text):
        raise Differs("a web page in place of data")
    return next(csv.reader(io.StringIO(text)))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


CHECKS: dict[str, Callable[[Web, Job], str]] = {
    "police archive: latest.zip, ranges, members": _archive,
    "police API: an unknown category": _unknown_category,
    "Fingertips: columns and licence": _fingertips,
    "Price Paid: the change file": _price_paid,
    "ONS portal: names and counts": _layers,
    "Nomis: counts, areas, newest year": _nomis,
    "Indices of Deprivation: File 7": _file_7,
    "Energy certificates: token and file": _energy,
    "STATS19: columns": _collisions,
    "NHS Digital: our name": _nhs,
}
