"""Local Health: Fingertips indicators for MSOAs, profile 143 (contract, section 3.5)."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes
from flows.sources.services import fingertips
from flows.sources.web import Web

# Emergency admissions for all causes, coronary heart disease, COPD and hip fracture, and life
# expectancy. What each number stands for, its name in the file must say too: see the .toml.
INDICATORS = ("93227", "93229", "93233", "93241", "93283")
MSOAS, ENGLAND = 3, 15
COMPARED = 22  # column 23: what it is called hangs on the request (contract, section 3.3)
NEWEST_2011 = "E02006934"  # English codes above it are of 2021 only
WHOLE = 6_000  # MSOAs: a file of so many is of all England


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """Each indicator for all MSOAs of England, and what is said of their licences."""
    yield from fingertips.downloads(web, INDICATORS, (MSOAS,), ENGLAND, "local-health")


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """A download with rows of MSOAs of 2021, or the indicators' metadata."""
    if file.suffix != ".csv":
        raise SetAside("not a CSV file")
    first_bytes(file, "a CSV file")
    if fingertips.is_metadata(file):
        yield Reply("metadata", file.name, file.url, file.path)
        return
    with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        rows = csv.reader(stream)
        columns = next(rows, [])
        compared = columns[COMPARED] if len(columns) > COMPARED else ""
        if not fingertips.is_download(file) or not compared.startswith("Compared to"):
            raise Fault(
                file.name,
                "it has not Fingertips' columns (Indicator ID, Indicator Name, ...; column 23"
                " 'Compared to ...')",
                "Download the indicator's data for MSOAs as CSV again.",
            )
        code, kind = columns.index("Area Code"), columns.index("Area Type")
        places = [(r[code], r[kind]) for r in rows if len(r) > max(code, kind)]
    _of_msoas(file, places)
    yield Reply("all_data", file.name, file.url, file.path)


def _of_msoas(file: File, places: list[tuple[str, str]]) -> None:
    """A wrong pair of indicator and kind of area comes as a header alone, or as other areas."""
    codes = {code for code, _ in places if code[1:3] == "02"}
    if not codes:
        kinds = sorted({kind for _, kind in places})
        told = f"it has rows of {', '.join(kinds)} only" if kinds else "it has a header and no row"
        raise Fault(
            file.name,
            f"{told}: the indicator is not given for MSOAs",
            "Ask for child_area_type_id 3, and check that the indicator is of Local Health.",
        )
    english = [c for c in codes if c.startswith("E02")]
    if len(english) >= WHOLE and max(english) <= NEWEST_2011:
        raise Fault(
            file.name,
            f"none of its {len(english)} MSOAs is one of 2021 only: they are those of 2011, whose"
            " figures cannot be told in localities of 2021",
            "Download the indicator's newest data for MSOAs.",
        )
