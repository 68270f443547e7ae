"""The pages of which there is one each: lists, changes, gaps, quality, downloads, method."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markupsafe import Markup

from flows.figures import many, spoken
from flows.publish.datapackage import columns
from flows.publish.website import chosen
from flows.publish.website.facts import WHOLE, Facts
from flows.publish.website.localities import frame
from flows.publish.website.maps import Atlas

GLOSSARY = Path(__file__).with_name("glossary.toml")
CHANGES = 100  # rows of each theme
Page = tuple[str, str, dict[str, Any]]  # file, template, what it shows


def pages(facts: Facts, atlas: Atlas, dataset: dict[str, Any]) -> Iterator[Page]:
    """The pages of which there is one each."""
    told = Markup(json.dumps(dataset, ensure_ascii=False).replace("<", "\\u003c"))
    yield "index.html", "index.html", _home(facts, atlas) | {"dataset": told}
    yield "localities.html", "list.html", _localities(facts)
    yield "indicators.html", "list.html", _indicators(facts)
    yield "themes.html", "list.html", _themes(facts)
    yield "changes.html", "changes.html", _changes(facts)
    yield "gaps.html", "gaps.html", _gaps(facts)
    yield "quality.html", "quality.html", _quality(facts)
    yield "downloads.html", "downloads.html", _downloads(facts) | {"dataset": told}
    yield "method.html", "method.html", _method()
    yield "explore.html", "explore.html", chosen.explore(facts, atlas)
    yield "compare.html", "compare.html", chosen.compare(facts)


def _home(facts: Facts, atlas: Atlas) -> dict[str, Any]:
    drawn = next(iter(sorted(facts.below, key=lambda k: -len(facts.of_kind(k)))), WHOLE)
    news: list[str] = ["There is no earlier release that it could be compared with."]
    if facts.released.before:
        moved = Markup('<span data-count="changes">{}</span> moved since the release before.')
        news = [moved.format(many(len(facts.released.changes), "figure"))]
    outline = Markup('<path class="near" d="{}"/>')
    shapes = [outline.format(path) for path in atlas.paths.get(drawn, {}).values()]
    return {
        "title": "Home",
        "nav": "index.html",
        "kinds": facts.groups,
        "themes": [t for t in facts.released.book.themes if facts.released.of_theme(t.id)],
        "news": news,
        "drawn": facts.kinds.get(drawn, ""),
        "map": frame(facts, atlas) | {"shapes": Markup("").join(shapes)},
    }


def _localities(facts: Facts) -> dict[str, Any]:
    groups = [
        (label, [(f"locality-{one.slug}.html", one.name) for one in ones])
        for _, label, ones in facts.groups
    ]
    return {
        "title": "Localities",
        "nav": "localities.html",
        "ask": "Show only localities whose name has",
        "groups": groups,
    }


def _indicators(facts: Facts) -> dict[str, Any]:
    groups = [
        (theme.label, [(f"indicator-{i.id}.html", i.label) for i in ours])
        for theme, ours in facts.homes()
    ]
    ask = "Show only indicators whose name has"
    return {"title": "Indicators", "nav": "indicators.html", "ask": ask, "groups": groups}


def _themes(facts: Facts) -> dict[str, Any]:
    groups = []
    for theme in facts.released.book.themes:
        if facts.released.of_theme(theme.id):
            first = (f"theme-{theme.id}.html", f"{theme.label}: what stands out, the whole place")
            tables = [
                (f"theme-{theme.id}-{kind}.html", f"{theme.label}: {label.lower()}")
                for kind, label in facts.below.items()
            ]
            groups.append((theme.label, [first, *tables]))
    ask = "Show only pages whose name has"
    return {"title": "Theme partnerships", "nav": "themes.html", "ask": ask, "groups": groups}


def _changes(facts: Facts) -> dict[str, Any]:
    themes, cut = [], False
    for theme, ours in facts.homes():
        ids = {i.id for i in ours}
        rows = [r for r in facts.changes if r["indicator_id"] in ids]
        cut = cut or len(rows) > CHANGES
        if rows:
            themes.append((theme.label, rows[:CHANGES]))
    if gone := [r for r in facts.changes if r["indicator_id"] not in facts.indicators]:
        themes.append(("No longer an indicator", gone[:CHANGES]))
    return {
        "title": "What changed",
        "nav": "changes.html",
        "before": facts.released.before,
        "total": len(facts.changes),
        "there": facts.indicators,
        "themes": themes,
        "cut": cut,
    }


def _gaps(facts: Facts) -> dict[str, Any]:
    themes = []
    for theme, ours in facts.homes():
        found = [(i.label, _reasons(facts, i.id)) for i in ours if i.id in facts.gaps]
        if found:
            themes.append((theme.label, found))
    return {"title": "What is not known", "nav": "gaps.html", "themes": themes}


def _reasons(facts: Facts, indicator: str) -> list[tuple[str, str]]:
    """Each reason once, with the kinds (and localities, and periods) that it holds for."""
    found: dict[str, list[str]] = {}
    for gap in facts.gaps[indicator]:
        who = facts.kinds.get(gap["area_kind"], gap["area_kind"])
        told = [gap["area_codes"] or "", _run(gap["first_period"], gap["last_period"])]
        said = "; ".join(part for part in told if part)
        found.setdefault(gap["reason"].rstrip("."), []).append(f"{who} ({said})" if said else who)
    return [(", ".join(who), reason) for reason, who in found.items()]


def _run(first: str | None, last: str | None) -> str:
    """A run of periods."""
    if not first:
        return ""
    return spoken(first) if first == last else f"first {spoken(first)}, last {spoken(last)}"


def _quality(facts: Facts) -> dict[str, Any]:
    tables: dict[str, list[Any]] = {}
    for one in facts.released.checks:
        tables.setdefault(one["table"], []).append(one)
    return {
        "title": "Data quality",
        "nav": "quality.html",
        "remarks": facts.released.remarks,
        "broken": [one for one in facts.released.checks if one["result"] != "held"],
        "tables": list(tables.items()),
    }


def _downloads(facts: Facts) -> dict[str, Any]:
    return {
        "title": "Downloads",
        "nav": "downloads.html",
        "files": FILES.items(),
        "themes": [t for t in facts.released.book.themes if facts.released.of_theme(t.id)],
        "sources": facts.released.used,
    }


FILES = {
    "evidence.xlsx": "Officers and analysts: every theme in one workbook",
    "localities.qgz": "GIS: a QGIS project with styled layers and a map to print",
    "localities.gpkg": "GIS: the layers by themselves, styled, EPSG:27700",
    "localities.geojson": "Web maps: localities with their newest figures, in degrees",
    "localities.fgb": "Web maps: the same as FlatGeobuf",
    "localities.parquet": "Analysts: the same as GeoParquet, EPSG:27700",
    "boundaries.parquet": "Analysts: the polygons alone, as GeoParquet, EPSG:27700",
    "evidence.parquet": "Analysts: the one tidy table, every figure of every period",
    "localities.csv": "What the codes of localities mean",
    "indicators.csv": "What the identifiers of indicators mean",
    "gaps.csv": "What is not known, and why",
    "breaks.csv": "Across what no trend or change is read",
    "changes.csv": "What moved since the release before, and why",
    "peers.csv": "The similar places of each locality",
    "funnels.csv": "Control limits of the newest figures",
    "datapackage.json": "Programs: every file and column described, with licences",
}


def _method() -> dict[str, Any]:
    words = tomllib.loads(GLOSSARY.read_text("utf-8"))["word"]
    told = {"columns": columns(), "glossary": words}
    return {"title": "Method and glossary", "nav": "method.html"} | told
