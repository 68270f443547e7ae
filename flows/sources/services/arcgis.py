"""ArcGIS feature services, as the ONS Open Geography Portal runs them (contract, section 5.1)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from flows.sources.files import Fault, File
from flows.sources.web import Web


def layer_rows(web: Web, layer: str) -> Iterator[dict[str, Any]]:
    """Every row of an ArcGIS layer; a point's ``x`` and ``y`` in metres of the grid beside it."""
    for feature in _features(web, layer, "json", "attributes"):
        point = feature.get("geometry") or {}
        yield feature["attributes"] | {k: point[k] for k in ("x", "y") if k in point}


def layer_file(web: Web, layer: str, path: Path) -> File:
    """An ArcGIS layer with its shapes as a GeoJSON file in metres of the grid (EPSG:27700)."""
    features = list(_features(web, layer, "geojson", "properties"))
    if not features:
        raise Fault(layer, "it has no row", "Download the layer by hand and use --inbox.")
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    whole = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return File(path, layer)


def _features(web: Web, layer: str, form: str, attributes: str) -> Iterator[dict[str, Any]]:
    """Every feature of a layer by its object ids, counted against the service's own count.

    A server may give fewer rows than asked for and say nothing: the count alone says when it
    is done. Errors come with status 200.
    """
    query = f"{layer}/query?where=1%3D1"
    expected = _answer(web, f"{query}&f=json&returnCountOnly=true").get("count", 0)
    key = _answer(web, f"{layer}?f=json").get("objectIdField") or "ObjectId"
    seen: set[Any] = set()
    while len(seen) < expected:
        page = _answer(
            web,
            f"{query}&f={form}&outFields=*&outSR=27700&orderByFields={key}"
            f"&resultOffset={len(seen)}&resultRecordCount=2000",
        ).get("features", [])
        new = [f for f in page if f[attributes].get(key) not in seen]
        if not new:
            mend = "Download it by hand and use --inbox."
            raise Fault(layer, f"it counts {expected} rows and gave {len(seen)}", mend)
        for feature in new:
            seen.add(feature[attributes].get(key))
            yield feature


def rows_file(path: Path, layer: str, rows: Iterable[dict[str, Any]]) -> File:
    """The rows of a layer written to a CSV file; a Fault if there is none."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        raise Fault(layer, "it has no row", "Download the lookup by hand and use --inbox.")
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)
    return File(path, layer)


def _answer(web: Web, url: str) -> dict[str, Any]:
    answer = web.json(url)
    if "error" in answer:
        told = answer["error"].get("message", "an error without a message")
        raise Fault(url, f"the service answered with an error: {told}", "Try again later.")
    if not isinstance(answer.get("count", 0), int):
        raise Fault(url, "the count is no number", "Try again later.")
    return answer
