"""English Indices of Deprivation, File 7 of the 2025 and the 2019 edition (contract, section 7).

Two editions are two sources of figures in one: other small areas, other years of people, other
methods. Nothing is ever compared between them but by a reader who knows it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes
from flows.sources.services import govuk
from flows.sources.web import Web

PAGE = "https://www.gov.uk/api/content/government/statistics/english-indices-of-deprivation-{year}"
FILE_7 = r"(?i)File_?7[^/]*\.csv$"
PULLED = "File_7_IoD{year}.csv"  # the name it gets on its way here
NEWEST_2011 = "E01033768"  # English codes above it are of 2021 only (contract, section 12.1)
WHOLE = 30_000  # small areas: a file of so many is of all England


@dataclass(frozen=True)
class Edition:
    year: str
    vintage: str  # of its small areas
    people: str  # the year of its denominators
    table: str

    @property
    def code_column(self) -> str:
        return f"LSOA code ({self.vintage})"


EDITIONS = (
    Edition("2025", "2021", "2022", "file_7"),
    Edition("2019", "2011", "2015", "file_7_earlier"),
)


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """File 7 of each edition as its page lists it today: the address changes with every
    correction."""
    for edition in EDITIONS:
        page = PAGE.format(year=edition.year)
        try:
            found = govuk.only(page, govuk.attachments(web, page), FILE_7, "File 7")
        except Fault as why:
            yield why
            continue
        yield from web.files([(found, PULLED.format(year=edition.year))])


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """File 7 of an edition that is known, on that edition's own small areas."""
    if file.suffix != ".csv":
        raise SetAside("not a CSV file")
    first_bytes(file, "a CSV file")
    with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        rows = csv.reader(stream)
        columns = [c.strip("\ufeff ") for c in next(rows, [])]
        has_scores = "Index of Multiple Deprivation (IMD) Score" in columns
        if not has_scores and "file_7" not in file.name.lower():
            raise SetAside("not File 7 (all ranks, scores, deciles and population denominators)")
        edition = _edition(file, columns)
        asked = re.fullmatch(PULLED.format(year=r"(\d{4})"), file.name)
        if asked and asked[1] != edition.year:
            told = f"it is the edition of {edition.year}, and {asked[1]} was asked for"
            raise Fault(file.name, told, "Run the refresh again later.")
        if edition.code_column in columns:
            at = columns.index(edition.code_column)
            _on_its_own_small_areas(file, edition, [r[at] for r in rows if len(r) > at])
    yield Reply(edition.table, f"file-7-{edition.year}.csv", file.url, file.path)


def _edition(file: File, columns: list[str]) -> Edition:
    """The edition that the columns speak of, all of them."""
    people = set(re.findall(r"mid (\d{4})", " ".join(columns)))
    coded = next((e for e in EDITIONS if e.code_column in columns), EDITIONS[0])
    if people - {coded.people} or (not people and coded != EDITIONS[0]):
        told = f"of mid {' and '.join(sorted(people))}" if people else "of no year"
        known = " or ".join(f"{e.year} ({e.vintage} codes, mid {e.people})" for e in EDITIONS)
        raise Fault(
            file.name,
            f"its codes are of {coded.vintage} small areas and its people {told}, which is neither"
            f" edition: {known}",
            "Put the publisher's own File 7 in its place, as it was downloaded.",
        )
    return coded


def _on_its_own_small_areas(file: File, edition: Edition, codes: list[str]) -> None:
    """Most codes are in both sets of small areas; those that are not tell which it is."""
    english = [c for c in codes if c.startswith("E01")]
    newest = max(english, default="")
    if edition.vintage == "2011" and newest > NEWEST_2011:
        wrong, other = f"{newest} is a code of 2021", "2021"
    elif edition.vintage == "2021" and len(english) >= WHOLE and newest <= NEWEST_2011:
        wrong, other = f"none of its {len(english)} codes is one of 2021 only", "2011"
    else:
        return
    raise Fault(
        file.name,
        f"it says to be on {edition.vintage} small areas, and {wrong}: it is on those of {other},"
        f" which cannot stand in for the {edition.year} edition",
        "Put the publisher's own File 7 in its place, as it was downloaded.",
    )
