"""Road collisions reported to the police, STATS19, a file a year (contract, section 11).

Only the final yearly collision files are used. The provisional half-year is not validated, the
"last 5 years" slide with each release, and casualties and vehicles count other things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside, header
from flows.sources.web import Web

# The publisher's landing page as data: which files there are. Not in the contract; to be confirmed
# at the first live run.
LISTING = "https://data.gov.uk/api/action/package_show?id=cb7ae6f0-4be6-4935-9277-47e5ce24a11f"
FILES = "https://data.dft.gov.uk/road-accidents-safety-data/"
YEAR_FILE = "dft-road-casualty-statistics-collision-{year}.csv"
YEARLY = re.compile(r"(?i)dft-road-casualty-statistics-(collision|accident)-(?P<year>\d{4})\.csv$")
YEARS = 5  # when no month is named
INDEX = {"collision_index", "accident_index"}


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """The file of each year asked for, or of the newest five, of those that are listed."""
    resources = web.json(LISTING).get("result", {}).get("resources", [])
    listed = {m["year"] for r in resources if (m := YEARLY.search(str(r.get("url", ""))))}
    if not listed:
        raise Fault(
            LISTING,
            "it lists no yearly collision file",
            f"Download {YEAR_FILE.format(year='YYYY')} by hand and use --inbox.",
        )
    years = sorted(y for y in listed if ask.since[:4] <= y <= ask.until[:4])
    wanted = years if ask.since > "0001" else years[-YEARS:]
    yield from web.files(
        (FILES + YEAR_FILE.format(year=year), YEAR_FILE.format(year=year)) for year in wanted
    )


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """A yearly collision file, in the words of any year."""
    if file.suffix != ".csv":
        raise SetAside("not a CSV file")
    found = YEARLY.search(file.name)
    columns = {c.strip('" ').lower() for c in header(file).split(",")}
    if found is None:
        raise SetAside(_not_used(file.name))
    if not columns & INDEX or columns & {"casualty_reference", "vehicle_reference"}:
        raise Fault(
            file.name,
            "it has no column collision_index or accident_index of its own",
            f"Download {YEAR_FILE.format(year=found['year'])} from data.dft.gov.uk again.",
        )
    yield Reply("collisions", YEAR_FILE.format(year=found["year"]), file.url, file.path)


def _not_used(name: str) -> str:
    one = YEAR_FILE.format(year="YYYY")
    if "provisional" in name.lower():
        return "provisional and not validated: the year's final file will come in its place"
    if re.search(r"(?i)last-5-years|1979", name):
        return f"several years in one file, which slides with each release: take {one}"
    return f"not a year's collisions ({one})"
