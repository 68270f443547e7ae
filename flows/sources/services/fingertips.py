"""Fingertips, the public health profiles' server (contract, section 3). It answers a wrong pair of
indicator and kind of area with a header alone and status 200."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator

from flows.sources.files import Fault, File, header
from flows.sources.web import LATER, Web

BASE = "https://fingertips.phe.org.uk/api/"
DATA = (
    "all_data/csv/by_indicator_id?indicator_ids={indicator}&child_area_type_id={areas}"
    "&parent_area_type_id={parents}"
)
METADATA = "indicator_metadata/csv/by_indicator_id?indicator_ids={indicators}"
CHANGED = "indicator_metadata/by_indicator_id?indicator_ids={indicator}"
AREA_TYPE = 6  # the column with the kind of area, in words
WORDS = {3: "msoa", 501: "district", 502: "count"}  # of the kinds that are asked for
BY_HAND = "Check the indicator and the kind of area, or download it by hand and use --inbox."
FIRST_COLUMNS = "Indicator ID,Indicator Name,Parent Code"


def downloads(
    web: Web, indicators: Iterable[str], areas: Iterable[int], parents: int, name: str
) -> Iterator[File | Fault]:
    """Each indicator for each kind of area, and what is said of all of them (their licences among
    it), unless the indicator was not uploaded anew."""
    asked = list(indicators)
    addresses = [
        (indicator, BASE + DATA.format(indicator=indicator, areas=area, parents=parents), area)
        for indicator in asked
        for area in areas
    ]
    uploaded = {indicator: _uploaded(web, indicator) for indicator in asked}
    found: list[File] = []
    for indicator, address, area in addresses:
        if not web.knows(address, uploaded[indicator]):
            try:
                found.append(_one(web, address, indicator, area, f"{name}-{indicator}-{area}.csv"))
            except Fault as why:
                yield why
    times = Counter(file.path.read_bytes() for file in found)
    for file in found:
        if times[file.path.read_bytes()] > 1:
            yield Fault(file.url, "the same came for another kind of area too", LATER)
        else:
            yield file
    said = BASE + METADATA.format(indicators=",".join(asked))
    for file in web.files([(said, f"{name}-metadata.csv")]):
        if isinstance(file, File) and not is_metadata(file):
            yield Fault(said, "it is not what is said of the indicators", LATER)
        else:
            yield file


def _one(web: Web, address: str, indicator: str, area: int, name: str) -> File:
    """The rows of one indicator for one kind of area; a Fault if they are another's, or there are
    none."""
    file = web.download(address, name)
    if not is_download(file):
        raise Fault(address, "it does not begin with the columns Indicator ID, ...", BY_HAND)
    with file.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        rows = [row for row in csv.reader(stream) if len(row) > AREA_TYPE][1:]
    given, areas = {row[0] for row in rows}, {row[AREA_TYPE].lower() for row in rows}
    if not given:
        raise Fault(address, "it has a header and no row: not given for that area", BY_HAND)
    if given != {indicator}:
        raise Fault(address, f"it holds indicator {', '.join(sorted(given))}", LATER)
    kinds = {kind for kind, word in WORDS.items() if any(word in one for one in areas)}
    if kinds and area in WORDS and area not in kinds:
        raise Fault(address, f"it holds rows of {', '.join(sorted(areas))}", LATER)
    return file


def _uploaded(web: Web, indicator: str) -> str:
    """When an indicator was last uploaded; empty if the service does not say."""
    try:
        found = web.json(BASE + CHANGED.format(indicator=indicator)).get(indicator)
        return str(found["DataChange"]["LastUploadedAt"])
    except (Fault, TypeError, KeyError):
        return ""


def is_metadata(file: File) -> bool:
    """Whether a CSV is what is said of indicators, their licences among it."""
    columns = [c.strip('" ').lower() for c in header(file).split(",")]
    return columns[:1] == ["indicator id"] and any(c.startswith("data re") for c in columns)


def is_download(file: File) -> bool:
    """Whether a CSV begins with the columns of Fingertips' data, of 26 or 27."""
    return header(file).replace('"', "").startswith(FIRST_COLUMNS)
