"""ArcGIS feature services, as the ONS Open Geography Portal runs them (contract, section 5.1).

A service may give fewer rows than asked for and say nothing, say that there are more in either of
two places, answer an error with status 200, and be renamed when a new version appears.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flows.sources.files import Fault, File
from flows.sources.web import Web

SERVICES = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services/"
SEARCH = (
    "https://www.arcgis.com/sharing/rest/search?f=json&num=100&sortField=modified&sortOrder=desc"
    "&q={words}%20AND%20owner:ONSGeography_data"
)
LARGEST_PAGE = 2000
BY_HAND = "Download it by hand and use --inbox."


def resolved(web: Web, pinned: str, field: str = "") -> str:
    """The address of the newest version of a service: of those that the portal lists under the
    name, the highest whose layer has a field like ``field``; else the pinned one."""
    stem = re.sub(r"(?i)_v\d+$", "", pinned)
    try:
        listed = web.json(SEARCH.format(words=quote(stem))).get("results", [])
    except Fault:
        listed = []  # the search is a courtesy: the pinned name may answer all the same
    named = rf"(?i).*/services/({re.escape(stem)}(?:_v(\d+))?)/FeatureServer"
    found = {
        int(match[2] or 0): match[1]
        for item in listed
        if isinstance(item, dict) and (match := re.match(named, str(item.get("url", ""))))
    }
    for version in sorted(found, reverse=True):
        layer = f"{SERVICES}{found[version]}/FeatureServer/0"
        try:
            fields = [str(f.get("name")) for f in _answer(web, f"{layer}?f=json")["fields"]]
        except (Fault, KeyError, AttributeError, TypeError):
            continue
        if any(re.fullmatch(field, name, re.IGNORECASE) for name in fields) or not field:
            return layer
    return f"{SERVICES}{pinned}/FeatureServer/0"


def count(web: Web, layer: str) -> int:
    """How many rows a layer says that it has."""
    return int(_answer(web, f"{layer}/query?where=1%3D1&f=json&returnCountOnly=true")["count"])


def changed_file(
    web: Web, layer: str, name: str, *, shapes: bool = False
) -> Iterator[File | Fault]:
    """A layer as a file, GeoJSON with its ``shapes`` or else CSV, or its Fault; nothing if the
    service says that it was not edited since it was last pulled."""
    try:
        edited = _answer(web, f"{layer}?f=json").get("editingInfo") or {}
        token = str(edited.get("dataLastEditDate") or edited.get("lastEditDate") or "")
        if not web.knows(layer, token):
            yield (layer_file if shapes else rows_file)(web, layer, name)
    except Fault as why:
        yield why


def rows_file(web: Web, layer: str, name: str) -> File:
    """Every row of a layer as a CSV file, a point's ``x`` and ``y`` in metres of the grid beside
    it; a Fault if it cannot be had whole."""
    path, writer = web.folder / name, None
    with path.open("w", newline="", encoding="utf-8") as out:
        for feature in _features(web, layer, "json", "attributes"):
            point = feature.get("geometry") or {}
            row = feature["attributes"] | {k: point[k] for k in ("x", "y") if k in point}
            if writer is None:
                writer = csv.DictWriter(out, list(row), restval="", extrasaction="ignore")
                writer.writeheader()
            writer.writerow(row)
    if writer is None:
        raise Fault(layer, "it has no row", BY_HAND)
    return File(path, layer)


def layer_file(web: Web, layer: str, name: str) -> File:
    """A layer with its shapes as a GeoJSON file in metres of the grid (EPSG:27700); a Fault if it
    cannot be had whole."""
    path = web.folder / name
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    before = json.dumps({"type": "FeatureCollection", "crs": crs})[:-1] + ', "features": [\n'
    with path.open("w", encoding="utf-8") as out:
        for feature in _features(web, layer, "geojson", "properties"):
            out.write(before + json.dumps(feature))
            before = ",\n"
        if before != ",\n":
            raise Fault(layer, "it has no row", BY_HAND)
        out.write("\n]}\n")
    return File(path, layer)


def _features(web: Web, layer: str, form: str, attributes: str) -> Iterator[dict[str, Any]]:
    """Every feature of a layer, once each, counted against the service's own count."""
    query, about = f"{layer}/query?where=1%3D1", _answer(web, f"{layer}?f=json")
    expected = count(web, layer)
    key = about.get("objectIdField") or "ObjectId"
    fields = {f.get("name") for f in about.get("fields") or ()}
    size = min(LARGEST_PAGE, int(about.get("maxRecordCount") or LARGEST_PAGE))
    seen: set[Any] = set()
    more = False
    while len(seen) < expected:
        page = _answer(
            web,
            f"{query}&f={form}&outFields=*&outSR=27700&orderByFields={key}"
            f"&resultOffset={len(seen)}&resultRecordCount={size}",
        )
        inside = page.get("properties") or {}
        more = bool(page.get("exceededTransferLimit") or inside.get("exceededTransferLimit"))
        features = page.get("features", [])
        new = {f[attributes].get(key): f for f in features if f[attributes].get(key) not in seen}
        if not new:
            raise Fault(layer, f"it counts {expected} rows and gave {len(seen)}", BY_HAND)
        if fields and any(set(f[attributes]) - fields for f in features):
            raise Fault(layer, "a page has other columns than the layer", BY_HAND)
        seen |= new.keys()
        yield from new.values()
    if len(seen) != expected or more:
        told = f"it counts {expected} rows and gives more than {len(seen) - more}"
        raise Fault(layer, told, "It may be changing just now: run the refresh again later.")


def _answer(web: Web, url: str) -> dict[str, Any]:
    answer = web.json(url)
    if "error" in answer:
        error = answer["error"]
        told = error.get("message") if isinstance(error, dict) else error
        said = f"the service answered with an error: {told or 'without a message'}"
        raise Fault(url, said, "Try again later.")
    if "returnCountOnly" in url and not isinstance(answer.get("count"), int):
        raise Fault(url, "the count is no number", "Try again later.")
    return answer
