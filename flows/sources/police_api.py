"""The police's own API, a second way to the same crimes (contract, section 1): asked for the
polygons of single localities, so that the counts made from the archive can be reconciled.

Its dangerous answers have status 200: an unknown category gives all crimes, a month left out gives
the latest. So what comes back is held against what was asked, record by record.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes
from flows.sources.web import TooMuch, Web

API = "https://data.police.uk/api/"
MONTHS = f"{API}crimes-street-dates"
CATEGORIES = f"{API}crime-categories"
UPDATED = f"{API}crime-last-updated"
CRIMES = f"{API}crimes-street/all-crime"
ALL = "all-crime"
NEWEST = 2  # months that are reconciled in each refresh, unless months are asked for
DEEPEST = 8  # quarters of quarters: a place of 100 km is then asked for by 400 m
MARGIN = 0.001  # degrees, about 100 m: what is near an edge is placed by us, as the archive's is
CORNERS = 300
REPLY = re.compile(r"(?P<month>\d{4}-\d{2})@(?P<area>[\w.-]+@[\w.-]+)\.json$")


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """The crimes of each polygon and month that was not asked for since the last update."""
    updated = str(web.json(UPDATED).get("date", ""))
    months = [m for m in _listed(web, MONTHS, "date") if ask.wants(m)]
    slugs = _listed(web, CATEGORIES, "url")
    if ALL not in slugs:
        raise Fault(CATEGORIES, f"it no longer lists '{ALL}'", "Look at the API's page.")
    narrowed = ask.since > "0000-00" or ask.until < "9999-99"
    for month in sorted(months)[0 if narrowed else -NEWEST :]:
        for area, polygon in sorted(ask.polygons.items()):
            drawn = hashlib.sha256(json.dumps(polygon).encode()).hexdigest()[:12]
            if not web.knows(f"{CRIMES}#{month} {area} {drawn}", updated):
                try:
                    yield _asked(web, month, area, polygon, slugs)
                except Fault as why:
                    yield why


def _listed(web: Web, address: str, key: str) -> list[str]:
    found = web.answer(address)
    if not isinstance(found, list) or not all(isinstance(f, dict) and key in f for f in found):
        raise Fault(address, "the answer has another shape than expected", "Try again later.")
    return [str(f[key]) for f in found]


def _asked(web: Web, month: str, area: str, polygon: Mapping[str, Any], slugs: list[str]) -> File:
    """All crimes of a month in a polygon and a little beyond, each once, as one JSON list."""
    from shapely.geometry import shape

    found: dict[Any, dict[str, Any]] = {}
    for part in _parts(shape(polygon).buffer(MARGIN).simplify(MARGIN / 4)):
        for record in _crimes(web, part, month, slugs):
            found[record["id"]] = record  # the parts meet at their seams
    path = web.folder / f"{month}@{area}.json"
    path.write_text(json.dumps([found[i] for i in sorted(found)]), encoding="utf-8")
    return File(path, f"{CRIMES}#{month}@{area}")


def _crimes(
    web: Web, part: Any, month: str, slugs: list[str], depth: int = 0
) -> Iterator[dict[str, Any]]:
    """The crimes in one polygon without holes; where there are too many, in its quarters."""
    form = {"poly": ring(part), "date": month}
    try:
        found = web.answer(CRIMES, form=form, too_much=(503,))
    except TooMuch:
        web.json(UPDATED)  # if the whole API is down, this says so
        if depth == DEEPEST:
            told = f"too many crimes for an answer in {month}, however small the polygon"
            raise Fault(CRIMES, told, "Run the refresh again later.") from None
        for quarter in _quarters(part):
            yield from _crimes(web, quarter, month, slugs, depth + 1)
        return
    if not isinstance(found, list):
        raise Fault(CRIMES, "the answer has another shape than expected", "Try again later.")
    for record in found:
        said = (record.get("month"), record.get("category"))
        if said[0] != month or said[1] not in slugs or "id" not in record:
            told = f"asked for {month}, it gave a record of {said[0]}, '{said[1]}'"
            raise Fault(CRIMES, told, "The API may have changed: look at its page.")
        yield record


def ring(part: Any) -> str:
    """A polygon's shell as the API wants it: latitude first, without the closing corner."""
    return ":".join(f"{lat:.6f},{lng:.6f}" for lng, lat in part.exterior.coords[:-1])


def _quarters(part: Any) -> Iterator[Any]:
    from shapely.geometry import box

    west, south, east, north = part.bounds
    middle, centre = (west + east) / 2, (south + north) / 2
    for corner in (
        (west, south, middle, centre),
        (middle, south, east, centre),
        (west, centre, middle, north),
        (middle, centre, east, north),
    ):
        yield from _parts(part.intersection(box(*corner)))


def _parts(shape: Any) -> Iterator[Any]:
    """The polygons in a shape, without slivers and with few enough corners for one request."""
    for part in getattr(shape, "geoms", [shape]):
        if part.geom_type == "Polygon" and part.area > 0:
            yield part if len(part.exterior.coords) <= CORNERS else part.convex_hull


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """The crimes of one locality and month."""
    found = REPLY.search(file.name)
    if not found:
        raise SetAside("not named YYYY-MM@kind@code.json")
    first_bytes(file, "JSON")
    yield Reply("crimes", found[0], file.url, file.path)
