"""A theme partnership's pages: its findings and the whole place; its table for each kind."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from flows.entries import Theme
from flows.figures import plain
from flows.publish.website import maps, said
from flows.publish.website.changed import line, no_changes
from flows.publish.website.facts import WHOLE, Cell, Facts
from flows.publish.website.localities import frame, nothing, row
from flows.publish.website.maps import Atlas

FINDINGS = 8
OF_AN_INDICATOR = 1
CHANGES = 12


def theme(facts: Facts, one: Theme) -> dict[str, Any]:
    """What ``theme.html`` shows."""
    ours = facts.released.of_theme(one.id)
    ids = {i.id for i in ours}
    below = (c for c in facts.newest.values() if c["area_kind"] != WHOLE)
    cells = [c for c in below if c["indicator_id"] in ids]
    found = facts.findings(cells, FINDINGS, OF_AN_INDICATOR, "indicator_id")
    whole = facts.whole
    rows = [(i, facts.row(i.id, whole)) for i in ours] if whole else []
    moved = [r for r in facts.changes if r["indicator_id"] in ids]
    return {
        "title": one.label,
        "nav": "themes.html",
        "crumbs": [("index.html", "Home"), ("themes.html", "Themes"), ("", one.label)],
        "theme": one,
        "kinds": list(facts.below.items()),
        "findings": [said.sentence(c, facts, who=_who(facts, c)) for c in found],
        "nothing": nothing(facts, cells),
        "rows": [row(facts, i, whole, cell) for i, cell in rows if cell],
        "changes": [line(r) for r in moved[:CHANGES]],
        "no_changes": no_changes(facts.released),
        "gaps": facts.gaps_of(ids),
    }


def _who(facts: Facts, cell: Cell) -> Markup:
    one = facts.localities[cell["area_kind"], cell["area_code"]]
    return Markup('<a href="locality-{}.html">{}</a>').format(one.slug, one.name)


def table(facts: Facts, atlas: Atlas, one: Theme, kind: str) -> dict[str, Any]:
    """What ``table.html`` shows: a row for each locality of a kind, a column for each indicator
    but bare numbers of crimes, which want their rates beside them."""
    there = (i for i in facts.released.of_theme(one.id) if facts.rows(i.id, kind))
    ours = [i for i in there if not facts.counts_crimes(i)]
    first = next((i for i in ours if i.method != "count" and _told(facts, i.id, kind)), None)
    drawn = _told(facts, first.id, kind) if first else []
    bands = maps.bands(drawn)
    label = facts.kinds[kind]
    return {
        "title": f"{one.label}: {label.lower()}",
        "nav": "themes.html",
        "crumbs": [("index.html", "Home"), (f"theme-{one.id}.html", one.label), ("", label)],
        "theme": one,
        "kind": kind,
        "label": label,
        "kinds": list(facts.below.items()),
        "columns": [
            {"id": i.id, "label": i.label, "unit": i.unit, "cell": facts.rows(i.id, kind)[0]}
            for i in ours
        ],
        "rows": [(p, [facts.row(i.id, p) for i in ours]) for p in facts.of_kind(kind)],
        "whole": [facts.row(i.id, facts.whole) for i in ours] if facts.whole else [],
        "first": drawn[0] if drawn else None,
        "high": drawn[0] if drawn else None,
        "low": drawn[-1] if drawn else None,
        "bands": bands,
        "missing": bool(first) and len(drawn) < len(facts.of_kind(kind)),
        "map": frame(facts, atlas) | {"shapes": maps.outlines(atlas, kind, maps.shades(bands))},
    }


def _told(facts: Facts, indicator: str, kind: str) -> list[Cell]:
    return [c for c in facts.rows(indicator, kind) if c["value"] is not None]


def small_mark(cell: Cell) -> Markup:
    """In a table of many columns: the shape alone, its word for those who hear the page."""
    told = cell["compared_adjusted"]
    if not told or told == "similar" or cell["value"] is None or cell["comparator_value"] is None:
        return Markup("")
    shape = said.SHAPES[1 if cell["value"] > cell["comparator_value"] else -1]
    return Markup(' <span class="mark" role="img" aria-label="{0}" title="{0}">{1}</span>').format(
        f"{told} than {plain(cell['comparator'])}", shape
    )
