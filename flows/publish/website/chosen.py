"""The two pages on which a reader chooses: Explore and Compare, each with a first choice made, so
that they say something without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from flows.publish.website import maps
from flows.publish.website.facts import WHOLE, Cell, Facts, Locality
from flows.publish.website.localities import LABELLED, frame
from flows.publish.website.maps import Atlas

BESIDE = 4


def explore(facts: Facts, atlas: Atlas) -> dict[str, Any]:
    """What ``explore.html`` shows: the first indicator that is no count, for the kind with fewest
    localities."""
    kind = min(facts.below, key=lambda k: len(facts.of_kind(k)), default=WHOLE)
    found = (facts.rows(i.id, kind) for i in facts.indicators.values() if i.method != "count")
    cells = next((rows for rows in found if any(c["value"] is not None for c in rows)), [])
    bands = maps.bands(cells)
    drawn = [_outlines(atlas, k, maps.shades(bands) if k == kind else None) for k in facts.below]
    return {
        "title": "Explore",
        "nav": "explore.html",
        "themes": list(facts.homes()),
        "kinds": facts.below,
        "first": cells[0] if cells else None,
        "bands": bands,
        "rows": [(facts.localities[kind, c["area_code"]], c) for c in cells],
        "map": frame(facts, atlas),
        "outlines": Markup("").join(drawn),
    }


def _outlines(atlas: Atlas, kind: str, shades: Mapping[str, str] | None) -> Markup:
    """A kind's outlines by code, for a script to shade; hidden where there are no shades yet."""
    path = Markup('<path class="{}" data-code="{}" d="{}"/>')
    drawn = [
        path.format((shades or {}).get(code, "n"), code, told)
        for code, told in atlas.paths.get(kind, {}).items()
    ]
    hidden = Markup(' style="display:none"') if shades is None else ""
    return Markup('<g data-kind="{}"{}>{}</g>').format(kind, hidden, Markup("").join(drawn))


def compare(facts: Facts) -> dict[str, Any]:
    """What ``compare.html`` shows: the first localities of a kind that has few."""
    few = (k for k in facts.below if len(facts.of_kind(k)) <= LABELLED)
    first = facts.of_kind(next(few, next(iter(facts.below), WHOLE)))[:BESIDE]
    return {
        "title": "Compare",
        "nav": "compare.html",
        "kinds": facts.groups,
        "chosen": first,
        "rows": _rows(facts, first),
    }


def _rows(facts: Facts, first: list[Locality]) -> list[dict[str, Any]]:
    """A row for each indicator, but for bare numbers of crimes; its period where all have one."""
    rows = []
    for entry in facts.indicators.values():
        places = [*first, *([facts.whole] if facts.whole else [])]
        cells: list[Cell | None] = [facts.row(entry.id, one) for one in places]
        told = [c for c in cells if c and c["value"] is not None]
        if not any(cells) or facts.counts_crimes(entry):
            continue
        same = len({c["period"] for c in told}) == 1
        rows.append({"entry": entry, "cells": cells, "when": told[0] if same else None})
    return rows
